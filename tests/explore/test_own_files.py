from __future__ import annotations

from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import read_shops
from cancel_analysis.errors import SettingsError
from cancel_analysis.explore.own_files import expand, own_folder, own_shop, shop_of, write_settings


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "my exports"
    folder.mkdir()
    for name in ("All order-2026[1].csv", "returns.xlsx", "notes.txt", "~$returns.xlsx", ".hidden.csv"):
        (folder / name).write_text("x")
    return folder


def test_a_folder_stands_for_the_exports_in_it(exports: Path) -> None:
    names = [path.name for path in expand([exports, exports / "returns.xlsx"])]
    assert names == ["All order-2026[1].csv", "returns.xlsx"]


def test_a_tilde_is_the_home_folder(exports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(exports))
    assert expand([Path("~/returns.xlsx")]) == [exports / "returns.xlsx"]


def test_what_is_not_there_is_named(exports: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.csv does not exist"):
        expand([exports / "nothing.csv"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match=r"no \.csv, \.xlsx, \.json"):
        expand([tmp_path / "empty"])


def test_a_shop_of_the_command_line_is_written_down_and_read_again(exports: Path, tmp_path: Path) -> None:
    shop = own_shop(expand([exports]), "UK", "Linen & Lace", "dmy")
    assert (shop.id, shop.name, shop.market, shop.date_order) == ("linen-lace", "Linen & Lace", "GB", "dmy")
    settings = write_settings(shop, tmp_path / "settings")
    assert read_shops(settings) == [shop]
    assert str(exports.parent) not in settings.read_text(encoding="utf-8"), "the folder may be handed on"


def test_a_folder_without_settings_is_one_shop(exports: Path) -> None:
    shop = own_folder(exports, "TH")
    assert (shop.id, shop.market, shop.currency) == ("my-exports", "TH", "THB")
    assert [path.name for path in shop.files] == ["All order-2026[1].csv", "returns.xlsx"]


def test_a_market_beside_a_settings_file_is_refused(exports: Path) -> None:
    (exports / "shops.yaml").write_text("shops: []")
    with pytest.raises(SettingsError, match="names the markets already"):
        own_folder(exports, "TH")


def test_files_find_their_shop_in_the_settings_above_them(exports: Path) -> None:
    text = """shops:
      - {id: one, market: US, files: 'my exports/All*.csv'}
      - {id: two, market: TH, files: 'my exports/*.xlsx'}
    """
    (exports.parent / "shops.yaml").write_text(text)
    shop = shop_of([exports / "returns.xlsx"], date_order="mdy")
    assert (shop.id, shop.date_order, shop.files) == ("two", "mdy", (exports / "returns.xlsx",))
    assert shop_of([exports / "returns.xlsx"], name="one").id == "one"
    with pytest.raises(SettingsError, match="name one, name='one'; there are one, two"):
        shop_of(expand([exports]))
    with pytest.raises(SettingsError, match=r"no shop 'twoo'; did you mean 'two'\? there are one, two"):
        shop_of([exports / "returns.xlsx"], name="twoo")


def test_a_wrong_shop_beside_it_is_no_matter_of_a_file(exports: Path) -> None:
    text = """shops:
      - {id: one, market: XX, files: 'my exports/All*.csv'}
      - {id: two, market: TH, files: 'my exports/*.xlsx'}
    """
    (exports.parent / "shops.yaml").write_text(text)
    assert shop_of([exports / "returns.xlsx"]).id == "two"
    (order,) = expand([exports / "All order-2026[1].csv"])
    with pytest.raises(
        SettingsError, match=r"the settings of 'one' are wrong: shops.yaml, line 2 \(shop 1, 'market'\)"
    ):
        shop_of([order])
    with pytest.raises(SettingsError, match=r"^shops.yaml, line 2 \(shop 1, 'market'\): unknown market 'XX'"):
        shop_of([order], name="one")


def test_without_settings_the_market_must_be_named(exports: Path) -> None:
    with pytest.raises(SettingsError, match="market='US'"):
        shop_of(expand([exports]))
    assert shop_of(expand([exports]), market="id").currency == "IDR"


def test_an_unknown_order_of_dates_is_refused(exports: Path) -> None:
    with pytest.raises(SettingsError, match="dmy, mdy, ymd"):
        shop_of(expand([exports]), market="US", date_order="american")
