"""Files are read once; what comes out of the store is what the loaders made, and nothing personal."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cancel_analysis import loaders
from cancel_analysis.catalog.shops import ShopSettings, make_shop, read_shops
from cancel_analysis.errors import CancelAnalysisError, TooManyRefusedError
from cancel_analysis.loaders import Account, ShopIntake
from cancel_analysis.loaders.parsing.account_values import account_of, account_values
from cancel_analysis.store import contents, frames, intake
from cancel_analysis.store.entries import TABLES, Store
from cancel_analysis.store.intake import load_shop
from cancel_analysis.store.keys import WITHOUT_EFFECT, figures_key, tables_key
from cancel_analysis.store.place import FOLDER
from tests.loaders.exports import PERSONAL, back, cancelled, order, write_csv, write_xlsx

SAMPLE_SHOPS = ("us-harbor-home", "id-toko-gadget", "sg-orchid-import", "vn-saigon-shoes")


def same(first: ShopIntake, second: ShopIntake) -> None:
    """Every table and account equal, to the kind of every column and empty cell."""
    for part in fields(ShopIntake):
        one, other = getattr(first, part.name), getattr(second, part.name)
        assert (one is None) == (other is None), part.name
        if one is None:
            continue
        pd.testing.assert_frame_equal(one.table, other.table, check_exact=True, check_freq=True)
        assert type(one.table.index) is type(other.table.index)
        for name in (field.name for field in fields(Account)):
            value, again = getattr(one.account, name), getattr(other.account, name)
            if isinstance(value, pd.DataFrame):
                pd.testing.assert_frame_equal(value, again, check_exact=True)
            else:
                assert value == again


def shop_of(folder: Path, count: int = 30, **given_settings: Any) -> ShopSettings:
    rows = [(cancelled if number % 5 == 0 else order)(number) for number in range(1, count)]
    files = (
        write_csv(folder / "orders.csv", rows),
        write_xlsx(folder / "returns.xlsx", [back(number) for number in range(1, 6)]),
    )
    return replace(make_shop({"id": "shop", "market": "US", **given_settings}), files=files)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the shops whose files were read, one a reading."""
    found: list[str] = []

    def read(shop: ShopSettings) -> ShopIntake:
        found.append(shop.id)
        return loaders.load_shop(shop)

    monkeypatch.setattr(intake, "read_files", read)
    return found


@pytest.mark.parametrize("name", SAMPLE_SHOPS)
def test_a_shop_comes_back_as_it_was_made(sample: Path, store: Store, reads: list[str], name: str) -> None:
    shop = next(shop for shop in read_shops(sample) if shop.id == name)
    first = load_shop(shop)
    same(load_shop(shop), first)
    assert reads == [name]
    assert store.usage().shops == 1


def test_a_shop_with_refused_rows_unknown_values_and_notes_comes_back(
    tmp_path: Path, store: Store, reads: list[str]
) -> None:
    shop = shop_of(tmp_path, refuse_limit=0.5)
    rows = [order(1), order(2, **{"Order Status": "Verschwunden"}), order(3, **{"Quantity": "viele"}), order(4)]
    rows += [order(5, **{"Created Time": "31/31/2026"}), cancelled(6, **{"Cancel Reason": "Weil es regnet"})]
    shop = replace(shop, files=(write_csv(tmp_path / "odd.csv", rows),))
    first = load_shop(shop)
    assert first.orders.account.refused
    assert len(first.orders.account.unknown_values)
    same(load_shop(shop), first)
    assert reads == ["shop"]


texts = st.text(max_size=8)
cells = st.one_of(
    st.none(), st.integers(-(2**40), 2**40), texts, st.booleans(), st.just(pd.NaT), st.just(pd.NA),
    st.floats(allow_infinity=True, allow_nan=True),
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(pd.Timestamp),
)  # fmt: skip


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(cells, max_size=6), words=st.lists(texts, max_size=3))
def test_any_account_comes_back(values: list[Any], words: list[str]) -> None:
    frame = pd.DataFrame({"value": pd.Series(values, dtype="object"), "n": range(len(values))})
    account = Account("orders", 1, 0, 0, 0, 0, 1, frame, frame.astype({"n": "float64"}), frame, tuple(words))
    values = account_values(account)
    assert account_values(account_of(values)) == values


# --- what counts, and what does not ---------------------------------------------------------------


def test_other_contents_are_read_and_the_old_ones_are_known_again(
    tmp_path: Path, store: Store, reads: list[str]
) -> None:
    shop = shop_of(tmp_path)
    before = shop.files[0].read_bytes()
    load_shop(shop)
    write_csv(shop.files[0], [order(number) for number in range(1, 9)])
    assert len(load_shop(shop).orders.table) == 8
    shop.files[0].write_bytes(before)
    assert len(load_shop(shop).orders.table) == 29
    assert reads == ["shop"] * 2


def test_other_contents_of_the_same_size_and_date_are_read(
    tmp_path: Path, store: Store, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "SETTLED_SECONDS", -1.0)
    shop = shop_of(tmp_path)
    load_shop(shop)
    path = shop.files[0]
    state = path.stat()
    path.write_bytes(path.read_bytes().replace(b"Table lamp", b"Paper lamp"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert path.stat().st_size == state.st_size
    assert set(load_shop(shop).orders.table["product_name"]) == {"Paper lamp"}
    assert reads == ["shop"] * 2


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"market": "GB"}, True),
        ({"currency": "EUR"}, True),
        ({"timezone": "Asia/Tokyo"}, True),
        ({"date_order": "mdy"}, True),
        ({"refuse_limit": 0.2}, True),
        ({"id": "another"}, True),
        ({"decimals": 0}, True),
        ({"name": "Another name"}, False),
        ({"language": "de"}, False),
        ({"alerts": ((7, 0.05),)}, False),
        ({"limits": "other"}, False),
    ],
)
def test_settings_that_count_for_files_are_part_of_the_key(
    tmp_path: Path, store: Store, change: dict[str, Any], again: bool
) -> None:
    shop = shop_of(tmp_path)
    changed = replace(shop, **change)
    assert (tables_key(shop) != tables_key(changed)) == again
    assert figures_key(shop) != figures_key(changed), "for figures every setting may count"


def test_the_loaders_ask_for_no_setting_that_is_left_out_of_the_key(
    sample: Path, tmp_path: Path, project: Path
) -> None:
    asked: set[str] = set()

    class Watched(ShopSettings):
        def __getattribute__(self, name: str) -> Any:
            asked.add(name)
            return super().__getattribute__(name)

    def watched(shop: ShopSettings) -> ShopSettings:
        return Watched(**{field.name: getattr(shop, field.name) for field in fields(ShopSettings)})

    for shop in (*read_shops(sample), shop_of(tmp_path)):
        given_shop = watched(shop)
        asked.clear()
        loaders.load_shop(given_shop)
        assert "files" in asked, "the watch works"
        assert not asked & WITHOUT_EFFECT


def test_a_changed_mapping_and_another_name_of_a_file_count(tmp_path: Path, store: Store) -> None:
    shop = shop_of(tmp_path)
    mapping = tmp_path / "own.yaml"
    mapping.write_text("name: one\n")
    mapped = replace(shop, mapping="own.yaml", mapping_file=mapping)
    first = tables_key(mapped)
    mapping.write_text("name: two\n")
    assert tables_key(mapped) != first
    moved = shop.files[0].rename(tmp_path / "renamed.csv")
    assert tables_key(replace(shop, files=(moved, shop.files[1]))) != tables_key(
        replace(shop, files=(moved.rename(tmp_path / "orders.csv"), shop.files[1]))
    )


def test_the_same_files_elsewhere_are_the_same_shop(tmp_path: Path, store: Store, reads: list[str]) -> None:
    for parent in ("one", "two"):
        folder = tmp_path / parent / "shop"
        folder.mkdir(parents=True)
        load_shop(replace(shop_of(folder), files=(folder / "orders.csv",)))
    assert reads == ["shop"]


# --- nothing of it is needed ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["orders.parquet", "accounts.json", "whole.json"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, store: Store, reads: list[str], name: str) -> None:
    shop = shop_of(tmp_path)
    first = load_shop(shop)
    (entry,) = (store.folder / TABLES).iterdir()
    data = (entry / name).read_bytes()
    (entry / name).write_bytes(data[: len(data) // 2])
    same(load_shop(shop), first)
    same(load_shop(shop), first)
    assert reads == ["shop"] * 2


def test_an_entry_that_no_library_can_read_is_made_again(tmp_path: Path, store: Store, reads: list[str]) -> None:
    shop = shop_of(tmp_path)
    first = load_shop(shop)
    store.forget(tables_key(shop))
    store.write_files(tables_key(shop), lambda folder: (folder / "accounts.json").write_text('{"orders": {}}') and None)
    same(load_shop(shop), first)
    same(load_shop(shop), first)
    assert reads == ["shop"] * 2


@pytest.mark.parametrize("place", ["off", "file/below", "/proc/none"])
def test_without_a_store_everything_is_read_from_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: list[str], place: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(FOLDER, place if place == "off" or place.startswith("/") else str(tmp_path / place))
    shop = shop_of(tmp_path)
    same(load_shop(shop), load_shop(shop))
    assert reads == ["shop"] * 2


def test_a_full_disk_is_no_error(
    tmp_path: Path, store: Store, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    shop = shop_of(tmp_path)
    same(load_shop(shop), load_shop(shop))
    assert reads == ["shop"] * 2
    assert store.usage().shops == 0


def test_errors_are_those_of_the_loaders_every_time(tmp_path: Path, store: Store, reads: list[str]) -> None:
    rows = [order(number, **{"Quantity": "viele"}) for number in range(1, 9)]
    shop = replace(shop_of(tmp_path), files=(write_csv(tmp_path / "bad.csv", rows),))
    for _ in range(2):
        with pytest.raises(TooManyRefusedError):
            load_shop(shop)
    missing = replace(shop, files=(tmp_path / "none.csv",))
    with pytest.raises(CancelAnalysisError):
        load_shop(missing)
    assert store.usage().shops == 0
    assert len(reads) == 3


def test_files_that_change_while_they_are_read_are_not_kept(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_of(tmp_path)

    def read(given_shop: ShopSettings) -> ShopIntake:
        found = loaders.load_shop(given_shop)
        write_csv(shop.files[0], [order(number) for number in range(1, 4)])
        return found

    monkeypatch.setattr(intake, "read_files", read)
    assert len(load_shop(shop).orders.table) == 29
    assert store.usage().shops == 0


# --- nothing personal -----------------------------------------------------------------------------


def test_nothing_personal_reaches_the_store(tmp_path: Path, store: Store) -> None:
    canaries = ("Maria Kanarienvogel", "+1 202 555 0143", "17 Canary Row")
    person = {"Recipient": canaries[0], "Phone #": canaries[1], "Detail Address": canaries[2]}
    rows = [(cancelled if number % 4 == 0 else order)(number, **person) for number in range(1, 40)]
    rows += [order(50, **person, **{"Quantity": "viele"}), order(51, **person, **{"Order Status": "Neu"})]
    files = (write_csv(tmp_path / "orders.csv", rows), write_csv(tmp_path / "returns.csv", [back(3), back(4)]))
    load_shop(replace(shop_of(tmp_path, refuse_limit=0.5), files=files))
    (entry,) = (store.folder / TABLES).iterdir()
    told = []
    for path in entry.iterdir():
        if path.suffix == ".parquet":
            table = frames.PARTS[path.stem]
            frame = pd.read_parquet(path)
            assert list(frame.columns) == list(table.names)
            told.append(frame.to_csv())
        else:
            told.append(path.read_text(encoding="utf-8"))
    everything = "".join(told)
    assert "Table lamp" in everything
    assert not [canary for canary in (*canaries, PERSONAL) if canary in everything]


def test_a_table_with_another_column_is_not_kept(tmp_path: Path, store: Store) -> None:
    found = loaders.load_shop(shop_of(tmp_path))
    odd = replace(found, orders=replace(found.orders, table=found.orders.table.assign(buyer="Maria Kanarienvogel")))
    assert not store.write_files("odd", lambda folder: frames.write(odd, folder))
    assert store.read_files("odd") is None
