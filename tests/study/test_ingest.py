"""What is added to a dataset in pieces is what loading all files gives, and reports of it are the same."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

import cancel_analysis as ca
from cancel_analysis.catalog.datasets import SHOP, SHOPS, stored_shops
from cancel_analysis.catalog.shops import ShopSettings, make_shop, read_shops
from cancel_analysis.dataset import stored_shop
from cancel_analysis.dataset.addresses import make
from cancel_analysis.dataset.load import load_shop
from cancel_analysis.dataset.stored_shop import StoredShop
from cancel_analysis.errors import CancelAnalysisWarning, InputError, SettingsError
from cancel_analysis.loaders import ShopIntake
from cancel_analysis.loaders import load_shop as read_files
from cancel_analysis.study import peers
from cancel_analysis.study.ingest import ingest_shop
from cancel_analysis.study.one_shop import open_study, study_shop
from tests.loaders.exports import PERSONAL, back, cancelled, order, write_csv

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def shop_of(folder: Path, *files: Path) -> ShopSettings:
    shop = make_shop({"id": "one", "market": "US", "files": [file.name for file in files]}, folder)
    assert len(shop.files) == len(files)
    return shop


def stored(dataset: Path) -> ShopSettings:
    (shop,) = stored_shops(dataset)
    return shop


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows in an order of their own, without where they came from, and which of an order's lines is its first."""
    if "first_line" in frame and "line_no" in frame:
        assert (frame.groupby("order_id")["first_line"].sum() == 1).all()
    kept = frame.drop(columns=["source_file", "source_row", "first_line"], errors="ignore")
    return kept.sort_values(list(kept.columns[:8]), kind="stable").reset_index(drop=True)


def assert_same(first: ShopIntake, second: ShopIntake) -> None:
    for name in stored_shop.TABLES:
        one, other = getattr(first, name), getattr(second, name)
        assert (one is None) == (other is None), name
        if one is not None:
            pd.testing.assert_frame_equal(plain(one.table), plain(other.table))
            assert one.account.used == other.account.used


@pytest.mark.parametrize("name", ["us-harbor-home", "id-toko-gadget", "uk-linen-lane"])
def test_a_sample_shop_of_a_dataset_is_that_of_its_files(name: str, tmp_path: Path) -> None:
    shop = next(shop for shop in read_shops(SAMPLE) if shop.id == name)
    dataset = make(tmp_path / "set")
    for file in shop.files:
        ingest_shop(replace(shop, files=(file,)), dataset)
    kept = stored(dataset)
    assert (kept.name, kept.market, kept.costs, kept.alerts) == (shop.name, shop.market, shop.costs, shop.alerts)
    whole, pieces = read_files(shop), load_shop(kept)
    assert_same(whole, pieces)
    first, second = study_shop(shop, whole), study_shop(kept, pieces)
    assert first.as_of == second.as_of
    pd.testing.assert_frame_equal(first.rates, second.rates)
    found = StoredShop.at(kept.files[0].parent)
    rates = pd.read_parquet(kept.files[0].parent / found.figures["rates"]).drop(columns="shop_id")
    pd.testing.assert_frame_equal(rates, first.rates, check_dtype=False)


@settings(
    max_examples=5, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=6, unique=True), min_size=1, max_size=4))
def test_any_pieces_give_what_the_whole_gives(
    pieces: list[list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    files = []
    for week, numbers in enumerate(pieces):
        # The later export has the later statement of the same order.
        rows = [cancelled(number) if (number + week) % 3 == 0 else order(number) for number in numbers]
        files.append(write_csv(folder / f"All order-2026-11-{10 + week}-09_00.csv", rows))
    # A file of equal content is the same file, whatever it is called.
    assume(len({file.read_bytes() for file in files}) == len(files))
    dataset = make(folder / "set")
    for file in files:
        ingest_shop(shop_of(folder, file), dataset)
    shop = shop_of(folder, *files)
    whole, together = read_files(shop), load_shop(stored(dataset))
    assert_same(whole, together)
    account = together.orders.account
    assert account.rows == account.description + account.samples + account.superseded + account.refused + account.used
    assert account.rows == whole.orders.account.rows


def test_a_file_twice_changes_nothing_and_a_file_of_the_same_name_is_told_apart(tmp_path: Path) -> None:
    dataset = make(tmp_path / "set")
    file = write_csv(tmp_path / "all.csv", [order(number) for number in range(1, 9)])
    assert ingest_shop(shop_of(tmp_path, file), dataset).new_files == 1
    before = (dataset / SHOPS / "one" / SHOP).read_bytes()
    again = ingest_shop(shop_of(tmp_path, file), dataset)
    assert (again.new_files, again.known_files, again.lines) == (0, 1, 0)
    assert (dataset / SHOPS / "one" / SHOP).read_bytes() == before
    write_csv(file, [order(number) for number in range(5, 13)])
    assert ingest_shop(shop_of(tmp_path, file), dataset).new_files == 1
    found = load_shop(stored(dataset)).orders
    assert found.table["order_id"].nunique() == 12
    assert list(found.account.files["file"]) == ["all.csv", "all.csv (2)"]
    assert list(found.account.files["superseded"]) == [4, 0]


def test_returns_alone_can_be_added_later(tmp_path: Path) -> None:
    dataset = make(tmp_path / "set")
    ingest_shop(shop_of(tmp_path, write_csv(tmp_path / "all.csv", [order(n) for n in range(1, 9)])), dataset)
    ingest_shop(shop_of(tmp_path, write_csv(tmp_path / "returns.csv", [back(3)])), dataset)
    intake = load_shop(stored(dataset))
    assert intake.returns is not None
    assert len(intake.returns.table) == 1
    assert len(intake.orders.table) == 8


def test_an_error_leaves_the_shop_as_it_was(tmp_path: Path) -> None:
    dataset = make(tmp_path / "set")
    ingest_shop(shop_of(tmp_path, write_csv(tmp_path / "all.csv", [order(n) for n in range(1, 9)])), dataset)
    before = (dataset / SHOPS / "one" / SHOP).read_bytes()
    (tmp_path / "bad.csv").write_text("what,is,this\n1,2,3\n", encoding="utf-8")
    with pytest.raises(InputError):
        ingest_shop(shop_of(tmp_path, tmp_path / "bad.csv"), dataset)
    with pytest.raises(SettingsError, match="currency of shop 'one' is 'GBP'"):
        ingest_shop(replace(shop_of(tmp_path, tmp_path / "all.csv"), currency="GBP"), dataset)
    assert (dataset / SHOPS / "one" / SHOP).read_bytes() == before


def test_what_was_cut_off_is_not_seen_and_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make(tmp_path / "set")
    first = write_csv(tmp_path / "a.csv", [order(n) for n in range(1, 9)])
    second = write_csv(tmp_path / "b.csv", [order(n) for n in range(9, 13)])
    ingest_shop(shop_of(tmp_path, first), dataset)
    folder = dataset / SHOPS / "one"
    named = StoredShop.at(folder).names

    def cut_off(shop: StoredShop, folder: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(StoredShop, "write", cut_off)
        with pytest.raises(KeyboardInterrupt):
            ingest_shop(shop_of(tmp_path, second), dataset)
    assert StoredShop.at(folder).names == named
    assert len(load_shop(stored(dataset)).orders.table) == 8
    assert len(list(folder.glob("*.parquet"))) > sum(name.endswith(".parquet") for name in named)
    ingest_shop(shop_of(tmp_path, second), dataset)
    assert len(load_shop(stored(dataset)).orders.table) == 12
    assert {path.name for path in folder.glob("*.parquet")} <= StoredShop.at(folder).names


def test_settings_follow_without_a_file_being_read(tmp_path: Path) -> None:
    dataset = make(tmp_path / "set")
    shop = shop_of(tmp_path, write_csv(tmp_path / "all.csv", [order(n) for n in range(1, 9)]))
    ingest_shop(shop, dataset)
    assert ingest_shop(replace(shop, name="Another name", near_share=0.7), dataset).new_files == 0
    assert (stored(dataset).name, stored(dataset).near_share) == ("Another name", 0.7)


def test_a_damaged_part_is_named_and_nothing_personal_is_kept(tmp_path: Path) -> None:
    dataset = make(tmp_path / "set")
    ingest_shop(shop_of(tmp_path, write_csv(tmp_path / "all.csv", [order(n) for n in range(1, 9)])), dataset)
    folder = dataset / SHOPS / "one"
    kept = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert PERSONAL.encode() not in kept
    columns = {name for path in folder.glob("*.parquet") for name in pd.read_parquet(path).columns}
    assert not {"buyer", "recipient", "phone", "address"} & columns
    name = StoredShop.at(folder).parts["orders"].popitem()[1]
    (folder / name).write_bytes(b"no parquet")
    with pytest.raises(InputError, match=r"orders-.* is missing or damaged"):
        load_shop(stored(dataset))


def test_a_folder_of_other_things_is_not_made_a_dataset(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SettingsError, match="no dataset and not empty"):
        make(tmp_path)
    shutil.rmtree(tmp_path)
    assert json.loads((make(tmp_path) / "dataset.json").read_text())["format"] == 1
    (tmp_path / "dataset.json").write_text('{"format": 99}')
    with pytest.raises(SettingsError, match="format 99"):
        stored_shops(tmp_path)
    assert os.fspath(make(tmp_path)) == os.fspath(tmp_path)


def test_what_was_done_is_kept_beside_the_shop_and_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    exports = write_csv(tmp_path / "files" / "orders.csv", [order(1)])
    done = exports.parent / "actions.yaml"
    done.write_text("actions:\n  - id: stock-1a2b3c4d\n    done: 2026-11-03\n", encoding="utf-8")
    dataset = make(tmp_path / "data")
    ingest_shop(shop_of(exports.parent, exports), dataset)
    kept = stored(dataset).actions_file
    assert kept is not None
    assert kept.is_relative_to(dataset)
    assert kept.read_bytes() == done.read_bytes()
    assert str(done.parent) not in (kept.parent / SHOP).read_text(encoding="utf-8")
    done.unlink()
    ingest_shop(shop_of(exports.parent, exports), dataset)
    assert stored(dataset).actions_file is None


def test_figures_of_another_program_are_made_anew(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "orders.csv", [order(number) for number in range(1, 30)])
    dataset = make(tmp_path / "set")
    ingest_shop(shop_of(tmp_path, file), dataset)
    folder = stored(dataset).files[0].parent
    before = StoredShop.at(folder)
    assert before.covered[1] >= before.as_of
    rates = ca.open_shops(dataset).rates()
    replace(before, as_of="", covered=(), figures={}, made_by="another").write(folder)
    with pytest.warns(CancelAnalysisWarning, match="1 stored shops are those of another version"):
        pd.testing.assert_frame_equal(ca.open_shops(dataset).rates(), rates, check_dtype=False)
    assert StoredShop.at(folder).made_by == "another", "who reads a dataset changes nothing of it"
    ingest_shop(shop_of(tmp_path, file), dataset)
    assert StoredShop.at(folder) == before


def test_one_shop_of_many_is_opened_without_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_others", {})
    dataset = make(tmp_path / "set")
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        write_csv(tmp_path / name / "orders.csv", [order(number) for number in range(1, 30)])
        entry = {"id": name, "market": "US", "category": "home", "files": "*.csv"}
        ingest_shop(make_shop(entry, tmp_path / name), dataset)
    (dataset / SHOPS / "three" / SHOP).write_text("damaged", encoding="utf-8")
    with pytest.raises(SettingsError, match="three"):
        open_study(dataset, "one")
    peers.hand_in_others("one", ["two"])
    study = open_study(dataset, "one")
    assert study.shop.id == "one"
    assert [shop.id for shop in study.peers] == ["one", "two"]
