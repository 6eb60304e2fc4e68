"""A folder, files, a settings file or the sample: each opens, or says what is wrong and what is nearest."""

import re
import shutil

import pytest

import cancel_analysis as ca
from cancel_analysis.explore import opening
from tests.conftest import PROJECT

SAMPLE = PROJECT / "data" / "sample"
LINEN = SAMPLE / "uk-linen-lane"


def test_a_folder_with_its_market_one_file_and_several_give_the_same_orders():
    folder = ca.open_shop(LINEN, market="GB")
    files = ca.open_shop([path for path in sorted(LINEN.iterdir()) if path.suffix == ".csv"], market="GB")
    named = ca.open_shop(SAMPLE, "uk-linen-lane")
    assert len(folder.orders) == len(named.orders) == len(files.orders)
    assert folder.name == "uk-linen-lane"
    assert named.name == "Linen Lane"


def test_a_settings_file_and_its_folder_are_one_and_name_the_market_of_a_file():
    assert ca.open_shop(SAMPLE / "shops.yaml", "uk-linen-lane").id == "uk-linen-lane"
    # A file that stands in a settings file's folder needs no market: the settings name it.
    orders = next(path for path in sorted(LINEN.iterdir()) if "rder" in path.name)
    assert ca.open_shop(orders).id == "uk-linen-lane"


def test_other_platforms_files_open_by_mapping():
    shop = ca.open_shop(SAMPLE / "other" / "shopee-id", mapping="shopee-id")
    assert shop.market == "ID"
    assert len(shop.orders) > 0


def test_what_another_market_does_not_say_is_given():
    file = SAMPLE / "other" / "sales-report" / "sales.csv"
    place = {"currency": "USD", "timezone": "America/New_York"}
    for data in (file, file.parent, [file]):
        shop = ca.open_shop(data, market="other", mapping="sales-report", **place)
        assert (shop.market, shop.currency, shop.study.shop.timezone) == ("OTHER", "USD", "America/New_York")
        assert len(shop.orders) > 0


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: ca.open_shop("data/smaple"), "no folder data/smaple; did you mean data/sample?"),
        (lambda: ca.open_shop("data/smaple/uk-linen-lane"), "did you mean data/sample/uk-linen-lane?"),
        (lambda: ca.open_shop(SAMPLE), "name one"),
        (lambda: ca.open_shop(SAMPLE, "uk-linen-lne"), "did you mean 'uk-linen-lane'?"),
        (lambda: ca.open_shop(LINEN), "market='US'"),
        (lambda: ca.open_shop(LINEN, market="UK1"), "UK1"),
        (lambda: ca.open_shop(SAMPLE, market="GB"), "names the markets"),
        (lambda: ca.open_shop([]), "no file was named"),
        (lambda: ca.open_shop(LINEN, market="other"), "open_shop, 'currency': is needed"),
        (lambda: ca.open_shop(LINEN, market="IND"), "did you mean ID (Indonesia) or IN (India)?"),
        (lambda: ca.open_shop(LINEN, market="thai"), "did you mean TH (Thailand)?"),
        (lambda: ca.open_shop(LINEN, market="GB", date_order="dym"), "date_order must be one of"),
        (lambda: ca.open_shop(SAMPLE, "uk-linen-lane", currency="EUR"), "currency is for files without one"),
        (lambda: ca.open_shop(SAMPLE, "uk-linen-lane", language="xx"), "no report language 'xx'"),
        (lambda: ca.open_shop(SAMPLE, "uk-linen-lane", week="2026-46"), "is no week"),
        (lambda: ca.open_shop(SAMPLE, "uk-linen-lane", period_days=0), "period_days"),
        (lambda: ca.open_shops("data/smaple"), "did you mean data/sample?"),
    ],
)
def test_a_slip_is_answered_with_what_is_nearest(call, told, monkeypatch):
    monkeypatch.chdir(PROJECT)
    with pytest.raises(ca.SettingsError, match=re.escape(told)):
        call()


def test_several_shops_stand_side_by_side_and_a_broken_one_is_named(tmp_path):
    folder = tmp_path / "data"
    for name in ("uk-linen-lane", "sg-orchid-import"):
        shutil.copytree(SAMPLE / name, folder / name)
    (folder / "bad").mkdir()
    (folder / "bad" / "orders.csv").write_text("not,an,export\n1,2,3\n", encoding="utf-8")
    (folder / "shops.yaml").write_text(
        "shops:\n  - {id: uk-linen-lane, market: GB}\n  - {id: bad, market: US}\n"
        "  - {id: sg-orchid-import, market: SG}\n",
        encoding="utf-8",
    )
    shops = ca.open_shops(folder)
    assert list(shops) == ["uk-linen-lane", "sg-orchid-import"]
    assert list(shops.failures) == ["bad"]
    frame = shops.rates(window=30)
    assert set(frame["shop"]) == {"uk-linen-lane", "sg-orchid-import"}
    assert "bad" in shops._repr_html_()
    assert "uk-linen-lane" in repr(shops)
    assert {"uk-linen-lane", "sg-orchid-import"} <= set(shops.portfolio.frame["shop"])
    with pytest.raises(ca.SettingsError, match="did you mean 'uk-linen-lane'"):
        shops["uk-linen"]


def test_without_the_checkouts_sample_one_is_made_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_CHECKOUT", tmp_path / "nowhere")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = []
    monkeypatch.setattr(
        "cancel_analysis.sample.make_sample",
        lambda folder: made.append(folder) or (folder / "shops.yaml").write_text(""),
    )
    folder = opening.sample_folder()
    assert folder == opening.sample_folder()
    assert made == [folder]
    assert folder.is_relative_to(tmp_path)
