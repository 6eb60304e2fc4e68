import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.errors import ReportError
from cancel_analysis.exhibits.kinds import MOST_SHEET_ROWS, ColumnView, TableView
from cancel_analysis.report.show import workbook
from cancel_analysis.report.show.workbook import MOST_NAME, Cover, sheet_names, write_tables

COVER = Cover("Toko · ID · 2026-W46", ("=1+1 is what comes first",), ("Cells hold values.",), dt.date(2026, 11, 15))
FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "plain"]


def view(caption="Products: by [items] lost?", note="Likely: where it lies."):
    frame = pd.DataFrame(
        {
            "name": FORMULAS,
            "items": [1, 2, 3, 4, 5],
            "rate": [0.05, None, 0.5, 0.25, 1.0],
            "amount": [10.5, 2.0, float("nan"), 4.0, 5.0],
            "day": [dt.date(2026, 11, day) for day in range(1, 6)],
            "verdict": ["breach", "ok", None, "watch", "cannot_tell"],
            "order": ["577123456789012345"] * 5,
        }
    )
    kinds = {
        "name": "text",
        "items": "integer",
        "rate": "percent",
        "amount": "money",
        "day": "date",
        "verdict": "verdict",
    }
    columns = tuple(ColumnView(name, name.capitalize(), kinds.get(name, "id")) for name in frame)
    return TableView("products", caption, frame, columns, note=note)


def written(path, tables, language="en"):
    write_tables(path, COVER, tables, "USD", language)
    return openpyxl.load_workbook(path)


def test_a_sheet_is_a_table_with_its_formats(tmp_path):
    book = written(tmp_path / "report.xlsx", {"products": view()})
    sheet = book["Products by items lost"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:G6")
    assert [cell.value for cell in sheet[1]] == ["Name", "Items", "Rate", "Amount", "Day", "Verdict", "Order"]
    assert [cell.number_format for cell in sheet[2]] == [
        "General",
        "#,##0",
        "0.0%",
        "#,##0.00",
        "yyyy-mm-dd",
        "General",
        "General",
    ]
    assert [cell.value for cell in sheet["C"][1:]] == [0.05, None, 0.5, 0.25, 1]
    assert sheet["E2"].value == dt.datetime(2026, 11, 1)
    assert (sheet["F2"].value, sheet["F4"].value) == ("Over a limit", None)
    assert sheet["G2"].value == "577123456789012345", "a long number is a text: Excel would round it"


def test_no_cell_can_calculate(tmp_path):
    book = written(tmp_path / "report.xlsx", {"products": view(caption="=1+1", note="@note")})
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    risky = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@"))]
    assert {cell.value for cell in risky} >= {"=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "=1+1 is what comes first"}
    # Marked as text, so that it stays one when somebody edits the cell.
    assert all(cell.quotePrefix for cell in risky if cell.value not in book.sheetnames)


def test_the_first_sheet_explains_every_other(tmp_path):
    book = written(
        tmp_path / "report.xlsx", {"products": view(), "empty": TableView("empty", "None", pd.DataFrame(), ())}
    )
    assert book.sheetnames == ["Read me", "Products by items lost"]
    told = [str(cell.value) for row in book["Read me"].iter_rows() for cell in row if cell.value]
    assert told[0] == COVER.title
    assert "Products: by [items] lost?. Likely: where it lies." in told
    assert "Cells hold values." in told


def test_a_chinese_workbook_speaks_chinese(tmp_path):
    book = written(tmp_path / "report.xlsx", {"products": view(caption="损失件数最多的商品")}, "zh")
    assert book.sheetnames == ["说明", "损失件数最多的商品"]
    assert book["损失件数最多的商品"]["F2"].value == "已超限"


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=6))
def test_any_captions_give_sheet_names_that_excel_takes(captions):
    tables = {f"t{number}": SimpleNamespace(caption=caption) for number, caption in enumerate(captions)}
    names = list(sheet_names(tables, "Read me").values())
    assert len({name.casefold() for name in names} | {"read me"}) == len(names) + 1
    for name in names:
        assert 0 < len(name) <= MOST_NAME
        assert not set("[]:*?/\\") & set(name)
        assert not name.startswith("'")
        assert not name.endswith("'")


def test_a_workbook_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "report.xlsx").mkdir()
    with pytest.raises(ReportError, match="cannot be written"):
        write_tables(tmp_path / "report.xlsx", COVER, {"products": view()}, "USD", "en")


def test_words_for_values_become_columns_of_numbers(tmp_path):
    frame = pd.DataFrame(
        {
            "range": ["1.2–3.4%", "still growing", "–"],
            "low": [0.012345, 0.2, float("nan")],
            "high": [0.034, 0.4, float("nan")],
            "lost": ["121 (100–145)", "7 (3–14)", "=2"],
            "lost_value": [121.0, 7.0, 2.0],
            "lost_low": [100, 3, 1],
            "lost_high": [145, 14, 4],
            "change": ["+9.4", "−0.6", "–"],
            "points": [0.094, -0.006, None],
            "until": ["16 Nov, 05:14", "17 Nov, 00:00", "–"],
            "deadline": pd.to_datetime(["2026-11-16 05:14", "2026-11-17 00:00", None]).tz_localize("Asia/Bangkok"),
            "count": ["12", "$3,276.60", "–"],
            "counted": [12.0, 3276.6, None],
            "unit": ["orders", "USD", "units"],
        }
    )
    columns = (
        ColumnView("range", "Range", data=("low", "high"), data_kind="percent"),
        ColumnView("lost", "Lost", data=("lost_value", "lost_low", "lost_high")),
        ColumnView("change", "Change", data=("points",), data_kind="points"),
        ColumnView("until", "Until", data=("deadline",), data_kind="date"),
        ColumnView("count", "Count", "figure", data=("counted",), unit="unit"),
    )
    sheet = written(tmp_path / "report.xlsx", {"t": TableView("t", "Words", frame, columns, "USD")})["Words"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [
        "Range, from", "Range, to", "Lost", "Lost, from", "Lost, to", "Change", "Until", "Count", "Unit",
    ]  # fmt: skip
    assert rows[1] == [0.012345, 0.034, 121, 100, 145, 9.4, dt.datetime(2026, 11, 16, 5, 14), 12, "orders"]
    assert rows[2] == ["still growing", None, 7, 3, 14, -0.6, dt.datetime(2026, 11, 17), 3276.6, "USD"]
    assert rows[3] == [None, None, 2, 1, 4, None, None, None, "units"]
    assert [cell.number_format for cell in sheet[2]] == [
        "0.0%", "0.0%", "#,##0", "#,##0", "#,##0", "+0.0;-0.0;0.0", "yyyy-mm-dd hh:mm", "#,##0", "General",
    ]  # fmt: skip
    assert sheet["H3"].number_format == "#,##0.00", "an amount looks like one"
    assert sheet.auto_filter.ref == "A1:I4"


@pytest.mark.parametrize(("language", "said"), [("en", "The sheet has the first 3 of 5 rows."), ("zh", "前3行")])
def test_a_sheet_of_too_many_rows_has_the_first_and_says_so(tmp_path, monkeypatch, language, said):
    monkeypatch.setattr(workbook, "MOST_SHEET_ROWS", 3)
    book = written(tmp_path / "report.xlsx", {"products": view()}, language)
    first, sheet = book.worksheets
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == FORMULAS[:3]
    assert sheet.auto_filter.ref == "A1:G4"
    assert said in " ".join(str(cell.value) for row in first for cell in row)


def test_a_table_that_no_sheet_holds_points_to_the_file_that_does():
    assert view().of_workbook("report.xlsx").whole_in == "report.xlsx"
    long = replace(view(), frame=pd.DataFrame({"name": range(MOST_SHEET_ROWS + 1)}))
    assert long.of_workbook("report.xlsx").whole_in == "", "all rows are in tables/NAME.csv"


def test_no_sheet_has_more_rows_than_a_workbook_may_have():
    assert MOST_SHEET_ROWS < 2**20
