"""Damaged records of a CSV are told one by one, and nothing of a person comes out with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import CancelAnalysisError, UnreadableFileError
from cancel_analysis.loaders import load_orders
from cancel_analysis.loaders.parsing.records import LONGEST_CELL, OPEN_QUOTE, read_records
from tests.loaders.exports import cancelled, csv_text, order

CANARIES = ("Maria Kanarienvogel", "+1 202 555 0143", "2025550143", "17 Canary Row")
LAST = 10_050
# The first rows, both sides of the edge of DuckDB's first vector, one far behind it, and the end.
DAMAGED = (1, 2_047, 2_048, 2_049, 10_000, LAST)
SHOP = make_shop({"id": "s", "market": "US"})


def person(number: int) -> dict[str, str]:
    changes = {
        "Recipient": CANARIES[0], "Phone #": CANARIES[1], "Detail Address": CANARIES[3], "Buyer Username": CANARIES[2],
        "Buyer Message": CANARIES[0], "Seller Note": CANARIES[3],
    }  # fmt: skip
    return (cancelled if number % 9 == 0 else order)(number, **changes)


@cache
def whole_lines() -> tuple[str, ...]:
    return tuple(line for line in csv_text(person(n) for n in range(1, LAST + 1)).split("\r\n") if line)


def extra_cell(line: str) -> str:
    return line + f',"{CANARIES[0]}"'


def extra_cell_in_the_middle(line: str) -> str:
    # The last cell is empty, so that the row only looks as long as it should.
    return line.replace('"Lamps"', f'"{CANARIES[1]}","Lamps"').replace(f'"{CANARIES[3]}"\0', '""')


def open_quote(line: str) -> str:
    return line.replace('"Table lamp"', '"Table lamp""')


def quote_in_a_cell(line: str) -> str:
    return line.replace('"Table lamp"', f'"Table "lamp", for {CANARIES[0]}')


def lost_cell(line: str) -> str:
    return line.replace('"Table lamp",', "")


def huge_cell(line: str) -> str:
    return line.replace('"Table lamp"', '"' + CANARIES[0] * (LONGEST_CELL // 10) + '"')


def bad_bytes(line: str) -> str:
    return line.replace('"Table lamp"', '"Table \udce9 lamp"')


def said(frame: pd.DataFrame) -> str:
    """All that stands in a frame, each value of a column once; moments, which nobody is called, are left out."""
    told = frame.select_dtypes(exclude=["datetime", "datetimetz"])
    return "\n".join(str(value) for name in told for value in (name, *told[name].unique()))


DAMAGES = [extra_cell, extra_cell_in_the_middle, open_quote, quote_in_a_cell, lost_cell, huge_cell, bad_bytes]


@pytest.mark.parametrize(
    ("damage", "newline"), [*((damage, "\r\n") for damage in DAMAGES), (extra_cell, ""), (open_quote, "")]
)
def test_each_damaged_row_is_refused_by_its_number(
    tmp_path: Path, damage: Callable[[str], str], newline: str, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = list(whole_lines())
    for number in DAMAGED:
        lines[number] = damage(lines[number])
    path = tmp_path / "a.csv"
    path.write_bytes(("\r\n".join(lines) + newline).encode("utf-8", "surrogateescape"))
    if not newline and damage is open_quote:
        # Without an end of line, such a last row is that of a file that was cut off.
        with pytest.raises(UnreadableFileError, match=rf"ends in the middle of row {LAST + 1}") as caught:
            load_orders(path, SHOP)
        assert not [canary for canary in CANARIES if canary in str(caught.value)]
        return
    intake = load_orders(path, SHOP)
    account = intake.account
    assert (account.rows, account.used, account.refused) == (LAST, LAST - len(DAMAGED), len(DAMAGED))
    assert account.refusals["row"].tolist() == [number + 1 for number in DAMAGED]
    kept = set(range(1, LAST + 1)) - set(DAMAGED)
    assert intake.table["source_row"].tolist() == [number + 1 for number in sorted(kept)]
    told = "".join(map(said, (account.refusals, account.files, account.unknown_values, intake.table)))
    told += "".join(account.notes) + "".join(capfd.readouterr())
    assert not [canary for canary in CANARIES if canary in told]


def test_too_many_damaged_rows_are_an_error_that_names_no_cell(tmp_path: Path) -> None:
    lines = list(whole_lines()[:3_001])
    for number in range(2_500, 3_000):
        lines[number] = quote_in_a_cell(lines[number])
    (tmp_path / "a.csv").write_text("\r\n".join(lines), encoding="utf-8", newline="")
    with pytest.raises(CancelAnalysisError, match=r"500 of 3,000 orders rows had to be refused") as caught:
        load_orders(tmp_path / "a.csv", SHOP)
    assert not [canary for canary in CANARIES if canary in str(caught.value)]


def test_a_cell_too_many_is_no_empty_last_cell(tmp_path: Path) -> None:
    """A comma within a message moves an address to where the way of paying belongs; the last cell is empty."""
    rows = [order(n, **{"Seller Note": ""}) for n in (1, 2, 3)]
    lines = csv_text(rows).split("\r\n")
    lines[2] = lines[2].replace('"Ohio"', f'"Ohio","{CANARIES[3]}"').removesuffix(',""') + ',""'
    (tmp_path / "a.csv").write_text("\r\n".join(lines), encoding="utf-8", newline="")
    intake = load_orders(tmp_path / "a.csv", make_shop({"id": "s", "market": "US", "refuse_limit": 0.5}))
    assert intake.account.refusals["row"].tolist() == [3]
    assert CANARIES[3] not in intake.table.to_csv()


def test_empty_cells_that_every_row_ends_with_are_no_fault(tmp_path: Path) -> None:
    header, *lines = [line for line in csv_text(order(n) for n in range(1, 6)).split("\r\n") if line]
    (tmp_path / "a.csv").write_text("\r\n".join([header, *[line + ",," for line in lines]]), newline="")
    assert load_orders(tmp_path / "a.csv", SHOP).account.used == 5


def cells_of(text: str, width: int) -> list[tuple[list[str] | None, str]]:
    return [(record.cells, record.fault) for record in read_records(io.StringIO(text, newline=""), ",", width)]


FIVE = "a,b,c,d,e\n"


def test_what_lies_between_an_open_quote_and_the_next_is_read() -> None:
    text = FIVE + '1,1,"one,1,1\n2,2,two,2,2\n3,3,"three,3,3\n4,4,four,"4,\n4",4\n'
    assert cells_of(text, 5) == [
        (list("abcde"), ""), (None, OPEN_QUOTE), (["2", "2", "two", "2", "2"], ""), (None, OPEN_QUOTE),
        (["4", "4", "four", "4,\n4", "4"], ""),
    ], "the two quotes make one record of five cells, were they taken for a pair"  # fmt: skip


def test_lines_of_one_cell_are_one_fault() -> None:
    assert cells_of(FIVE + '1,1,"x\ny\nz",1,1,1\n2,2,2,2,2\n', 5) == [
        (list("abcde"), ""), (None, "6 cells where the header has 5"), (["2"] * 5, ""),
    ]  # fmt: skip


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x1e\x00"), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=12))
def test_whole_records_are_read_as_they_were_written(rows: list[list[str]]) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)
    assert [record.cells for record in read_records(io.StringIO(stream.getvalue(), newline=""), ",", 3)] == rows


@settings(max_examples=60, deadline=None)
@given(st.text('a,"\n\r', max_size=60))
def test_any_text_comes_to_an_end(text: str) -> None:
    records = list(read_records(io.StringIO(text, newline=""), ",", 3))
    assert len(records) <= text.count("\n") + text.count("\r") + 1
    assert all((record.cells is None) == bool(record.fault) for record in records)
