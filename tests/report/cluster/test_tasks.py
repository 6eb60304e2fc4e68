"""What a worker does of itself: find the shop's files, and send what it learnt or made."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest

from cancel_analysis.catalog.datasets import stored_shops
from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.dataset.addresses import local, make, origin_of_data
from cancel_analysis.dataset.load import load_shop
from cancel_analysis.errors import CALLER, COMMAND, ReportError
from cancel_analysis.report import manifest
from cancel_analysis.report.cluster.reading import ReadTask, read_there
from cancel_analysis.report.cluster.tasks import Task, absolute, make_product, on_this_machine, unpack
from cancel_analysis.report.coverage import Look, read_shop
from cancel_analysis.study.ingest import ingest_shop
from tests.loaders.exports import order, write_csv
from tests.report.test_batch import jobs


@pytest.fixture(autouse=True)
def caller_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task sets who called; that is the worker's, not the test's."""
    monkeypatch.setenv(CALLER, "")


@pytest.fixture
def shops(tmp_path: Path) -> list[ShopSettings]:
    made = []
    for name in ("one", "two", "three"):
        folder = tmp_path / name
        folder.mkdir()
        write_csv(folder / "orders.csv", [order(number) for number in range(1, 40)])
        made.append(make_shop({"id": name, "market": "US", "files": "*.csv"}, folder))
    return made


def test_a_shop_at_an_address_is_fetched_with_its_cohort_and_no_other(
    shops: list[ShopSettings], tmp_path: Path
) -> None:
    address = f"file://{tmp_path / 'kept'}"
    dataset = make(address)
    for shop in shops:
        ingest_shop(shop, dataset)
    data = local(address)
    assert origin_of_data(data) == address
    one = next(shop for shop in stored_shops(data) if shop.id == "one")
    inputs, expected = manifest.inputs(one, data), load_shop(one)
    # The worker is another machine, with nothing but the address.
    found = on_this_machine(one, data, address, ["two", "left"], tmp_path / "private")
    own = tmp_path / "private" / data.name
    assert found.files[0].is_relative_to(own)
    assert [shop.id for shop in stored_shops(own)] == ["one", "two"]
    assert manifest.inputs(found, own) == inputs, "a report that is made there is kept here"
    assert load_shop(found).orders.table.equals(expected.orders.table)
    assert origin_of_data(shops[0].files[0].parent) is None


def test_a_file_that_is_not_seen_is_named_with_what_to_do(shops: list[ShopSettings], tmp_path: Path) -> None:
    shops[0].files[0].unlink()
    with pytest.raises(ReportError, match=r"does not see .*orders\.csv; .* same path, or in a dataset at an address"):
        on_this_machine(shops[0], tmp_path, "", (), tmp_path / "private")


def test_relative_paths_are_whole_on_the_way(shops: list[ShopSettings], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shops[0].files[0].parent
    monkeypatch.chdir(folder)
    relative = make_shop({"id": "one", "market": "US", "files": "orders.csv"}, Path())
    assert absolute(relative).files == shops[0].files


def test_a_worker_reads_as_this_process_does_and_tells_an_error(shops: list[ShopSettings], tmp_path: Path) -> None:
    for shop in shops[:2]:
        look = Look(shop, in_cohort=True)
        seen = read_there(ReadTask(1, look, shop.files[0].parent))
        assert seen.error is None
        assert seen.days == read_shop(look).days
    shops[2].files[0].write_text("nothing of use\n1\n", encoding="utf-8")
    seen = read_there(ReadTask(1, Look(shops[2]), tmp_path))
    assert "orders.csv" in str(seen.error)


def test_what_is_sent_is_what_would_be_published(tmp_path: Path) -> None:
    (job,) = jobs(tmp_path, "good")
    product = make_product(Task(job, job.notebook.read_bytes(), "builtin", COMMAND))
    assert product.error == ""
    assert product.ready is not None
    assert product.ready.verdict == "breach"
    assert product.inputs == manifest.inputs(job.shop, job.data)
    assert {name.split("/")[0] for name in product.files} >= {"report.html", "report.ipynb", "report.json", "tables"}
    assert not [name for name in product.files if name.startswith(("figures", "project", "executed"))]
    assert os.environ[CALLER] == COMMAND, "messages name options, as they do where the command runs"
    unpack(product.files, tmp_path / "new")
    assert b"<html" in (tmp_path / "new" / "report.html").read_bytes()


def test_a_report_that_fails_is_told_with_its_cause(tmp_path: Path) -> None:
    (job,) = jobs(tmp_path, "bad")
    product = make_product(Task(job, job.notebook.read_bytes(), "builtin"))
    assert "ValueError: this shop has no orders" in product.error
    assert product.files == {}


@pytest.mark.parametrize("name", ["../out.html", "/etc/out.html", "tables/../../out"])
def test_no_file_is_written_beside_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="must lie in its folder"):
        unpack({name: zlib.compress(b"x")}, tmp_path / "in" / "here")
    assert not list(tmp_path.rglob("out*"))
