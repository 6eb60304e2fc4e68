"""Workbooks that would take all memory are refused before they are opened."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import UnreadableFileError
from cancel_analysis.loaders import identify, load_orders
from cancel_analysis.loaders.parsing.workbooks import check_workbook
from tests.loaders.exports import order, write_xlsx


def add_cell(path: Path, place: str, padding: int = 0) -> Path:
    """The workbook with one more cell, behind so many blanks."""
    row = "".join(filter(str.isdigit, place))
    cell = f'{" " * padding}<row r="{row}"><c r="{place}"><v>1</v></c></row></sheetData>'.encode()
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content.replace(b"</sheetData>", cell))
    return path


@pytest.mark.parametrize("place", ["XFD1048576", "AAA1048576", "XFD99999", "CV1048576"])
def test_a_cell_far_outside(tmp_path: Path, place: str) -> None:
    path = add_cell(write_xlsx(tmp_path / "a.xlsx", [order()]), place)
    with pytest.raises(UnreadableFileError, match=r"far outside the table[\s\S]*Delete what stands outside"):
        identify(path)


@pytest.mark.parametrize("padding", range(4190000, 4194304 - 300, 1000))
def test_a_reference_across_two_blocks(tmp_path: Path, padding: int) -> None:
    path = add_cell(write_xlsx(tmp_path / "a.xlsx", [order()]), "XFD1048576", padding)
    with pytest.raises(UnreadableFileError, match="far outside"):
        check_workbook(path, "a.xlsx", "")


@pytest.mark.parametrize("place", ["BZ3", "AZ5000"])
def test_a_cell_beside_the_table_does_no_harm(tmp_path: Path, place: str) -> None:
    path = add_cell(write_xlsx(tmp_path / "a.xlsx", [order()]), place)
    account = load_orders(path, make_shop({"id": "s", "market": "US", "refuse_limit": 1})).account
    assert account.used == 1


def test_more_bytes_than_any_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cancel_analysis.loaders.parsing.workbooks.MOST_BYTES", 100)
    with pytest.raises(UnreadableFileError, match="too large"):
        identify(write_xlsx(tmp_path / "a.xlsx", [order()]))
