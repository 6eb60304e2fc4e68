"""A dataset at an address: seen through a copy that fetches what is asked for, written so that no half is seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest

from cancel_analysis.catalog.datasets import SHOP, SHOPS, stored_shops
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.dataset import addresses
from cancel_analysis.dataset.load import load_shop
from cancel_analysis.errors import SettingsError
from cancel_analysis.explore.opening import open_shops
from cancel_analysis.explore.stored_shops import StoredShops
from cancel_analysis.store.place import FOLDER
from cancel_analysis.study.ingest import ingest_shop
from tests.loaders.exports import order, write_csv


@pytest.fixture(params=["memory", pytest.param("s3", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A place in memory, and a bucket of a server that speaks as S3 does."""
    if request.param == "memory":
        yield "memory://kept/shops"
        fsspec.filesystem("memory").rm("/kept", recursive=True)
        return
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():
        monkeypatch.setenv(name, value)
    # The server keeps its buckets for as long as the process.
    bucket = f"kept-{request.node.name.strip(']').rsplit('_', 1)[-1].replace('[', '-')}-{port}"
    fsspec.filesystem("s3").mkdir(bucket)
    yield f"s3://{bucket}/shops"
    fsspec.filesystem("s3").clear_instance_cache()
    server.stop()


def machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be another machine: one with a cache of its own."""
    monkeypatch.setenv(FOLDER, str(folder / "store"))


def test_what_one_machine_adds_another_reads(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(tmp_path / "one", monkeypatch)
    dataset = addresses.make(address)
    files = [
        write_csv(tmp_path / name, [order(number) for number in numbers])
        for name, numbers in (("a.csv", range(1, 9)), ("b.csv", range(5, 13)))
    ]
    for file in files:
        ingest_shop(make_shop({"id": "one", "market": "US", "files": file.name}, tmp_path), dataset)
    machine(tmp_path / "two", monkeypatch)
    copy = addresses.local(address)
    assert copy.is_relative_to(tmp_path / "two")
    (shop,) = stored_shops(copy)
    assert not list(copy.glob(f"{SHOPS}/one/*.parquet")), "nothing is fetched before it is asked for"
    assert load_shop(shop).orders.table["order_id"].nunique() == 12
    shops = open_shops(address)
    assert isinstance(shops, StoredShops)
    assert shops.sql("SELECT count(DISTINCT order_id) FROM orders").fetchall() == [(12,)]
    assert set(shops.rates(window=30)["shop"]) == {"one"}


def test_limits_of_the_users_own_come_along_and_go(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(tmp_path / "one", monkeypatch)
    dataset = addresses.make(address)
    file = write_csv(tmp_path / "a.csv", [order(number) for number in range(1, 9)])
    limits = tmp_path / "mine.csv"
    limits.write_text("name\n", encoding="utf-8")
    shop = make_shop({"id": "one", "market": "US", "files": file.name}, tmp_path)
    ingest_shop(replace(shop, limits_file=limits), dataset)
    machine(tmp_path / "two", monkeypatch)
    (known,) = stored_shops(addresses.local(address))
    assert known.limits_file is not None
    assert known.limits_file.read_bytes() == limits.read_bytes()
    machine(tmp_path / "one", monkeypatch)
    ingest_shop(shop, addresses.make(address))
    machine(tmp_path / "two", monkeypatch)
    assert [found.limits_file for found in stored_shops(addresses.local(address))] == [None]


def test_parts_that_nobody_names_are_removed_there_too(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(tmp_path, monkeypatch)
    dataset = addresses.make(address)
    for name, numbers in (("a.csv", range(1, 9)), ("b.csv", range(5, 13))):
        file = write_csv(tmp_path / name, [order(number) for number in numbers])
        ingest_shop(make_shop({"id": "one", "market": "US", "files": file.name}, tmp_path), dataset)
    files, root = fsspec.core.url_to_fs(address)
    there = {str(path).rsplit("/", 1)[-1] for path in files.ls(f"{root}/{SHOPS}/one", detail=False)}
    here = {path.name for path in (dataset / SHOPS / "one").iterdir() if path.suffix in (".json", ".parquet")}
    assert there == here
    assert SHOP in there


def test_an_address_without_a_dataset_or_of_no_known_kind_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(tmp_path, monkeypatch)
    with pytest.raises(SettingsError, match="there is no dataset at memory://nothing"):
        addresses.local("memory://nothing")
    with pytest.raises(SettingsError, match="unheard://x cannot be reached"):
        addresses.local("unheard://x")
    assert addresses.local(tmp_path) == tmp_path


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.json"
    addresses.write_whole(path, b"{}")

    def full(*_: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="no space"):
            addresses.write_whole(path, b"[1]")
    assert json.loads(path.read_bytes()) == {}
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.json"]
