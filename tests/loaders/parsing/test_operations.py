"""Stock log, stock snapshots and tracking events: every name of a column, and which of them a file is."""

from __future__ import annotations

import pytest

from cancel_analysis.catalog.values import operation_headers
from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders.parsing.columns import match
from cancel_analysis.loaders.parsing.operations import KINDS, recognise

LOG = ["Time", "SKU ID", "Seller SKU", "Stock", "Sent", "Result"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_listed_name_of_a_column_is_understood(kind: str) -> None:
    named = operation_headers(kind)
    assert set(named) == set(KINDS[kind].kinds)
    for column, names in named.items():
        for name in names:
            found = match(["Something", f" {name.upper()}\t"], KINDS[kind].layout)
            assert found.positions == {column: 1}, name


@pytest.mark.parametrize(
    ("header", "name", "kind"),
    [
        (LOG, "x.csv", "stock_log"),
        (["Time", "SKU ID", "Seller SKU", "Available"], "stock_snapshots.csv", "stock_snapshots"),
        (["Time", "SKU ID", "Seller SKU", "Stock"], "stock_log.csv", "stock_log"),
        (["Time", "SKU", "ERP stock"], "x.csv", "stock_log"),
        (["Time", "SKU", "Platform stock"], "x.csv", "stock_snapshots"),
        (["Tracking ID", "Order ID", "Carrier", "Time", "Event", "Location"], "x.csv", "tracking"),
        (["Order ID", "Status", "Time"], "x.csv", None),
        (["Date", "Visits"], "x.csv", None),
    ],
)
def test_recognition(header: list[str], name: str, kind: str | None) -> None:
    found = recognise(header, name)
    assert (found and found.name) == kind


def test_two_stock_files_of_one_form_are_told_apart_by_name() -> None:
    with pytest.raises(WrongFileError, match=r"ERP stock"):
        recognise(["Time", "SKU", "Stock"], "file.csv")
    assert recognise(["Time", "SKU", "Stock"], "platform-1.csv") is KINDS["stock_snapshots"]
    assert recognise(["Time", "SKU", "Stock"], "erp_export.csv") is KINDS["stock_log"]
