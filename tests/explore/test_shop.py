"""An analyst's lines work as they are typed, and show what the report shows."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import altair as alt
import openpyxl
import pandas as pd
import pytest

import cancel_analysis as ca
from cancel_analysis.sections import rates as rates_section
from tests import hostile
from tests.conftest import PROJECT

RESULTS = (
    "verdict", "limits", "standouts", "stages", "changes", "statuses", "requests", "diagnosis", "returns_to_come",
    "cancellations_to_come", "costs", "fixes", "others", "method", "appeals", "standing", "products_at_risk",
    "reason_against_stock", "after_sale_rates", "actions", "outcomes",
)  # fmt: skip


@cache
def shop(name="id-toko-gadget"):
    return ca.sample_shop(name)


def test_the_card_tells_who_when_verdict_rates_and_rows():
    text = repr(shop())
    assert "Toko Gadget · ID · week 2026-W46" in text
    assert re.search(r"5,585 rows in 5 files, 5,381 used, 0 refused", text)
    assert "Seller-fault cancellation rate" in text
    assert len(text.splitlines()) < 25
    page = shop()._repr_html_()
    assert "<table>" in page
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_has_frame_text_and_shows_itself(name):
    result = getattr(shop(), name)
    assert isinstance(result, ca.Result)
    assert isinstance(result.frame, pd.DataFrame)
    assert isinstance(result.text, str)
    assert len(repr(result).splitlines()) <= 26
    page = result._repr_html_()
    assert "<script" not in page
    assert "href=" not in page, "rows stand in frames, no file lies beside a cell"
    assert "</script><script>alert" not in page
    assert getattr(shop(), name) is result, "computed once"


@pytest.mark.parametrize("name", ["limits", "changes", "stages", "costs", "returns_to_come", "diagnosis", "others"])
def test_a_picture_is_an_altair_chart(name):
    result = getattr(shop(), name)
    chart = result.plot()
    assert isinstance(chart, alt.TopLevelMixin)
    json.dumps(chart.to_dict(), allow_nan=False)
    for picture in result.pictures:
        result.plot(picture)


def test_a_result_without_a_picture_says_so_and_a_wrong_name_gets_the_nearest():
    with pytest.raises(ca.SettingsError, match="has no picture"):
        shop().method.plot()
    with pytest.raises(ca.SettingsError, match="did you mean 'limits'"):
        shop().limits.plot("limit")


def test_figures_are_those_of_the_report():
    section = rates_section.rates_and_limits(shop().study, "en")
    shown = {exhibit.name: exhibit.frame for exhibit in section.exhibits}
    pd.testing.assert_frame_equal(shop().limits.tables["limits_table"], shown["limits_table"])
    wide = shown["rates_table"].set_index("metric")
    tidy = shop().rates().frame
    for days in (7, 15, 30):
        own = tidy[tidy["window"] == days].set_index("metric")["rate"]
        pd.testing.assert_series_equal(own.loc[wide.index], wide[f"days{days}"], check_names=False)


def test_a_result_can_do_what_its_frame_can():
    found = shop().rates(by="product", window=30)
    assert len(found.head(10)) == 10
    assert set(found["metric"]) == set(found.frame["metric"])
    assert len(found.query("rate > 0.2")) < len(found)
    with pytest.raises(AttributeError):
        found.no_such_thing  # noqa: B018


def test_one_rate_over_time_by_carrier_is_drawn():
    rate = shop().rate("seller_fault_cancellation_rate", by="carrier", freq="W")
    assert set(rate.frame["metric"]) == {"seller_fault_cancellation_rate"}
    drawn = rate.plot().to_dict()
    assert drawn["layer"][1]["mark"]["type"] == "line"
    assert "not known" in rate.text


def test_one_rate_alone_is_a_row_a_day():
    rate = shop().rate("order_cancellation_rate", window=7)
    assert rate.frame["date"].is_monotonic_increasing
    last = rate.frame.iloc[-1]
    own = shop().rates().frame.query("metric == 'order_cancellation_rate' and window == 7").iloc[0]
    assert (last["numerator"], last["denominator"]) == (own["numerator"], own["denominator"])


def test_a_part_holds_what_meets_every_condition():
    part = shop().where(reason="out_of_stock", category="Audio", since="2026-11-02")
    assert set(part.items["reason"]) == {"out_of_stock"}
    assert set(part.items["category"]) == {"Audio"}
    assert part.lines["created_at"].min() >= pd.Timestamp("2026-11-02", tz="Asia/Jakarta")
    assert set(part.orders["order_id"]) == set(part.items["order_id"])
    assert part.orders["order_id"].is_unique
    rates = part.rates(by="sku", window=30).frame
    whole = shop().rates(by=["sku"], window=30).frame
    mine = rates[rates["metric"] == "order_cancellation_rate"].set_index("sku")["numerator"].sum()
    assert 0 < mine < whole[whole["metric"] == "order_cancellation_rate"]["numerator"].sum()


def test_a_part_of_several_values_and_of_none():
    both = shop().where(stage=["refund", "return_refund"])
    assert set(both.items["stage"]) == {"refund", "return_refund"}
    assert len(shop().where(stage="refund", until="2020-01-01").lines) == 0


def test_two_weeks_are_compared_as_the_report_compares_them():
    change = shop().compare("2026-W45", "2026-W46")
    told = shop().changes.frame.query("weeks == 1").iloc[0]
    found = change.frame.iloc[0]
    for column in ("lines", "ordered", "rate", "lines_before", "ordered_before", "rate_before", "change"):
        assert found[column] == pytest.approx(told[column])
    assert "2026-W46 against 2026-W45: " in change.text
    change.plot()


def test_another_week_of_the_same_files_is_what_opening_it_there_gives():
    before = shop().at("2026-W44")
    assert before.week == "2026-W44"
    fresh = ca.sample_shop("id-toko-gadget", week="2026-W44")
    pd.testing.assert_frame_equal(before.rates().frame, fresh.rates().frame)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: shop().rates(by="prodct"), "did you mean 'product'"),
        (lambda: shop().rate("seller_fault_rate"), "did you mean 'seller_fault_"),
        (lambda: shop().where(reason="out_of_stok"), "did you mean 'out_of_stock'"),
        (lambda: shop().where(reson="out_of_stock"), "did you mean 'reason'"),
        (lambda: shop().where(product="Power Bank"), "did you mean 'Power Bank 10.000 mAh Slim'"),
        (lambda: shop().where(since="2026-13-01"), "is no day"),
        (lambda: shop().compare("2026-W46", "2026-W44"), "from the earlier to the later"),
        (lambda: shop().compare("2026-W44", "2026-W47"), "ends after 2026-11-15"),
        (lambda: shop().compare("2020-W01", "2026-W46"), "no order of 2020-W01"),
        (lambda: shop().at("2026-W60"), "is no week"),
        (lambda: shop().rates(window=0), "whole number of days"),
        (lambda: ca.sample_shop("toko"), "did you mean 'id-toko-gadget'"),
    ],
)
def test_a_slip_is_answered_in_one_line(wrong, told):
    with pytest.raises(ca.SettingsError, match=re.escape(told)) as error:
        wrong()
    assert error.value._render_traceback_() == [f"SettingsError: {error.value}"]


def test_rates_that_no_file_can_tell_are_not_known():
    files = sorted((PROJECT / "data/sample/uk-linen-lane").glob("*rder*"))
    alone = ca.open_shop([str(path) for path in files if "eturn" not in path.name], market="GB")
    silent = alone.study.silent_rates
    assert silent, "without the return export some rates cannot be told"
    grouped = alone.rates(by="category").frame
    assert grouped.loc[grouped["metric"].isin(silent), "rate"].isna().all()
    assert grouped.loc[grouped["metric"].isin(silent), "numerator"].isna().all()


def test_the_workbook_is_formatted_explained_and_cannot_calculate(tmp_path):
    path = shop().to_excel(tmp_path / "toko")
    assert path.name == "toko.xlsx"
    book = openpyxl.load_workbook(path)
    first = book.worksheets[0]
    told = {str(cell.value) for row in first.iter_rows() for cell in row if cell.value}
    assert set(book.sheetnames[1:]) <= told, "the first sheet names every other"
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    limits = book["Limits, one by one"]
    assert limits.freeze_panes == "B2"
    rates = book["Rates"]
    heads = [cell.value for cell in rates[1]]
    column = heads.index("Observed") + 1
    assert rates.cell(2, column).number_format == "0.0%"
    frame = shop().rates().frame
    assert rates.cell(2, column).value == pytest.approx(frame["rate"].iloc[0])


def test_products_named_like_formulas_stay_texts(tmp_path):
    found = ca.open_shop(hostile.write(PROJECT / "data" / "sample", tmp_path), hostile.SHOP)
    path = found.to_excel(tmp_path / "named.xlsx")
    cells = [
        cell for sheet in openpyxl.load_workbook(path).worksheets for row in sheet.iter_rows() for cell in row
        if str(cell.value).startswith("=1+1")
    ]  # fmt: skip
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_workbook_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "toko.xlsx").mkdir()
    with pytest.raises(ca.ReportError, match=r"cannot be written"):
        shop().to_excel(tmp_path / "toko.xlsx")


def test_charts_show_without_a_network():
    alt.renderers.enable("default")
    chart = shop().limits.plot()
    bundle = alt.renderers.get()(chart.to_dict())
    shown = bundle["text/html"]
    assert "data:image/svg+xml;base64," in shown
    assert not re.search(r"""(src|href)=["']https?:""", shown)
    assert "</script><script>alert" not in shown


@pytest.mark.slow
def test_the_report_of_a_shop_of_files_is_made_where_it_is_wanted(tmp_path: Path):
    files = sorted((PROJECT / "data/sample/uk-linen-lane").glob("*.csv"))
    made = ca.open_shop(files, market="GB", name="My linen").report(tmp_path / "out", formats=["html"], appendix=True)
    assert made.html is not None
    assert made.pdf is None
    assert "My linen" in made.html.read_text(encoding="utf-8")
    assert made.index.is_file()
    assert made.appendix is not None
    assert made.appendix.read_bytes().startswith(b"%PDF")
    assert f"{made.html}\n{made.appendix}" in repr(made)


def test_the_import_loads_nothing_heavy():
    code = (
        "import sys, cancel_analysis as ca; dir(ca); heavy = {'pandas', 'altair', 'duckdb', 'scipy', 'IPython'}; "
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_public_names_are_these():
    assert ca.__all__ == [
        "SAMPLE_SHOPS", "CancelAnalysisError", "InputError", "Part", "Rates", "ReportError", "Result", "SettingsError",
        "Shop", "ShopReport", "Shops", "StoredShops", "__version__", "open_shop", "open_shops", "sample_shop",
    ]  # fmt: skip
    assert set(dir(ca)) == set(ca.__all__)
    for name in ca.__all__:
        value = getattr(ca, name)
        if callable(value):
            assert value.__doc__, f"{name} has no docstring"
    with pytest.raises(AttributeError, match="open_shop"):
        ca.opn_shop  # noqa: B018


def test_public_methods_are_documented():
    for kind in (ca.Shop, ca.Shops, ca.StoredShops, ca.Part, ca.Result, ca.Rates, ca.ShopReport):
        bare = [name for name, value in vars(kind).items() if not name.startswith("_") and not _documented(kind, name)]
        assert not bare, f"{kind.__name__}: {bare} have no docstring"


def _documented(kind, name):
    value = vars(kind)[name]
    fields = getattr(kind, "__dataclass_fields__", {})
    return name in fields or bool(getattr(value, "__doc__", ""))


def test_a_picture_by_carrier_leaves_out_what_was_never_sent():
    found = ca.sample_shop("id-toko-gadget").rate("seller_fault_cancellation_rate", by="carrier", freq="W")
    assert "not known" in set(found["carrier"])
    spec = found.plot().to_dict()
    assert "no carrier" in spec["title"]["subtitle"]
    (rows,) = spec["datasets"].values() if "datasets" in spec else [spec["data"]["values"]]
    drawn = {row["group"] for row in rows}
    assert drawn
    assert drawn <= set(found["carrier"]) - {"not known"}
    # With nothing else to draw, it is drawn.
    alone = found.query("carrier == 'not known'").plot().to_dict()
    assert isinstance(alone["title"], str)


def test_a_result_without_a_picture_says_so():
    shop = ca.sample_shop("id-toko-gadget")
    for result in (shop.products_at_risk, shop.method):
        assert result.pictures == ()
        with pytest.raises(ca.SettingsError, match=r"has no picture; its figures stand in \.frame"):
            result.plot()


def test_a_limit_that_decides_nothing_has_no_verdict_in_the_frame_either():
    limits = ca.sample_shop("id-toko-gadget").limits
    decides = limits["gives_verdict"].astype("bool")
    assert decides.any()
    assert not decides.all()
    assert limits.frame.loc[decides, "verdict"].notna().all()
    assert limits.frame.loc[~decides, "verdict"].isna().all()


def test_what_stands_out_is_a_row_a_place_with_its_sentence_and_picture():
    found = shop().standouts
    places = pd.concat([standout.places for standout in shop().study.standouts], ignore_index=True)
    assert set(found.frame["place"]) == set(places["place"])
    assert len(found.frame) >= 4
    assert "Power Bank" in found.text
    assert found.pictures
    assert found.plot().to_dict()


@pytest.mark.parametrize(
    "conditions", [{"reason": "out_of_stock"}, {"responsibility": "seller"}, {"root_cause": "buyer_choice"}]
)
def test_a_part_by_what_happened_is_a_share_of_the_whole(conditions):
    part = shop().where(**conditions)
    mine, whole = part.rates(window=30).frame.set_index("metric"), shop().rates(window=30).frame.set_index("metric")
    told = mine.index != "late_dispatch_rate"
    assert list(mine.index) == list(whole.index)
    assert (mine.loc[told, "denominator"] == whole.loc[told, "denominator"]).all()
    assert (mine.loc[told, "numerator"] <= whole.loc[told, "numerator"]).all()
    # An order that was sent late has no reason.
    assert mine.loc["late_dispatch_rate", ["numerator", "denominator", "rate"]].isna().all()
    ((name, value),) = conditions.items()
    grouped = shop().rates(by=name, window=30).frame
    grouped = grouped[grouped[name] == value].set_index("metric")["numerator"]
    assert mine.loc[grouped.index, "numerator"].to_dict() == grouped.to_dict()
    # The card counts the lines that it happened to, none of other orders.
    lines = part.items[["order_id", "sku_id", "line_no"]].drop_duplicates()
    assert (len(part.lines), set(part.lines["order_id"])) == (len(lines), set(part.items["order_id"]))
    assert f"{len(lines):,} order lines" in repr(part)
