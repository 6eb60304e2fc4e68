import pandas as pd
import pytest

from cancel_analysis.errors import TableError
from cancel_analysis.tables import ORDER_LINES, TABLES, check, conform, empty


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_empty_table_passes_its_own_check(table):
    check(empty(table, "Asia/Bangkok"), table)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_described_and_named_once(table):
    assert len(set(table.names)) == len(table.names)
    assert all(column.about for column in table.columns)
    assert all(column.values for column in table.columns if column.kind == "category")


def test_a_missing_column_is_named():
    with pytest.raises(TableError, match="order_id"):
        check(empty(ORDER_LINES).drop(columns="order_id"), ORDER_LINES)


def test_a_naive_time_and_a_foreign_value_are_refused():
    frame = empty(ORDER_LINES)
    with pytest.raises(TableError, match="created_at"):
        check(frame.assign(created_at=pd.Series([], dtype="datetime64[us]")), ORDER_LINES)
    row = pd.DataFrame({name: [None] for name in ORDER_LINES.names})
    row = row.assign(status="lost", created_at=pd.Timestamp("2026-01-01"), quantity=1, quantity_affected=0, line_no=1)
    row = row.assign(first_line=True, is_cod=False, source_row=2, line_amount=1.0)
    for column in ORDER_LINES.columns:
        if column.kind == "text":
            row[column.name] = "x"
    with pytest.raises(TableError, match="lost"):
        check(conform(row, ORDER_LINES, "UTC"), ORDER_LINES)


def test_the_hour_that_comes_twice_is_taken_as_standard_time():
    row = pd.DataFrame({name: [None] for name in ORDER_LINES.names})
    row = row.assign(created_at=pd.Timestamp("2026-11-01 01:30"), quantity=1, quantity_affected=0, line_no=1)
    row = row.assign(first_line=True, is_cod=False, source_row=2, line_amount=1.0)
    shown = conform(row, ORDER_LINES, "America/Los_Angeles")["created_at"].iloc[0]
    assert shown.utcoffset() == pd.Timedelta(hours=-8)
