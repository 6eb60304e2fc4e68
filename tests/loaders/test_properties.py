"""What must hold for any file: the same values come back, the account adds up, nothing but our own errors."""

from __future__ import annotations

import contextlib
import csv
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cancel_analysis import tables
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import InputError
from cancel_analysis.loaders import Intake, load_orders, load_returns
from tests.loaders.exports import ORDER_HEADER, PERSONAL, Row, order, write_csv, write_xlsx

DATE_FORMS = (
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%Y-%m-%d %H:%M:%S",
    "%d-%m-%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
)
# Market, and how its exports write an amount of so many of its smallest units.
MONEY_FORMS = {
    "plain": ("US", lambda n: f"{n / 100:.2f}"),
    "prefixed": ("MY", lambda n: f"MYR {n / 100:.2f}"),
    "grouped": ("TH", lambda n: f"฿{n / 100:,.2f}"),
    "comma": ("BR", lambda n: "R$ " + f"{n / 100:,.2f}".translate(str.maketrans(",.", ".,"))),
    "rupiah": ("ID", lambda n: "Rp" + f"{n:,}".replace(",", ".")),
    "dong": ("VN", lambda n: f"{n:,}".replace(",", ".") + "₫"),
}
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=12).filter(
    lambda text: text == text.strip() and "\x00" not in text
)
EVENTS = ["Created Time", "Paid Time", "RTS Time", "Shipped Time", "Delivered Time"]

# A line: ids, quantity, money, how long after creation each event came, free text.
LINE = st.fixed_dictionaries(
    {
        "order": st.integers(10**9, 10**18 - 1),
        "sku": st.integers(1, 10**19),
        "quantity": st.integers(0, 10**6),
        "cents": st.integers(0, 10**10),
        "created": st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
        "steps": st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=4, max_size=4),
        "name": TEXT,
    }
)


def moments(line: dict) -> list[datetime | None]:
    found: list[datetime | None] = [line["created"].replace(microsecond=0)]
    last = found[0]
    for step in line["steps"]:
        last = last if step is None or last is None else last + timedelta(seconds=step)
        found.append(None if step is None else last)
    return found


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(LINE, min_size=1, max_size=8),
    st.sampled_from(DATE_FORMS),
    st.sampled_from(sorted(MONEY_FORMS)),
    st.sampled_from(["csv", "semicolon", "bare", "xlsx", "scattered"]),
)
def test_values_come_back(lines: list[dict], form: str, money: str, kind: str) -> None:
    market, write = MONEY_FORMS[money]
    rows = []
    for line in lines:
        texts = ["" if moment is None else moment.strftime(form) for moment in moments(line)]
        rows.append(
            order(1)
            | dict(zip(EVENTS, texts, strict=True))
            | {
                "Order ID": f"{line['order']:010d}",
                "SKU ID": str(line["sku"]),
                "Quantity": str(line["quantity"]),
                "Product Name": line["name"],
                "SKU Unit Original Price": write(line["cents"]),
                "SKU Subtotal After Discount": write(line["cents"]),
                "Order Amount": write(line["cents"]),
            }
        )
    wish = {"%d": "dmy", "%m": "mdy"}.get(form[:2], "ymd")
    shop = make_shop({"id": "s", "market": market, "timezone": "UTC", "date_order": wish, "refuse_limit": 0})
    with tempfile.TemporaryDirectory() as folder:
        table = load_orders(write_as(Path(folder), rows, kind), shop).table
    assert table["order_id"].tolist() == [f"{line['order']:010d}" for line in lines]
    assert table["sku_id"].tolist() == [str(line["sku"]) for line in lines]
    assert table["quantity"].tolist() == [line["quantity"] for line in lines]
    assert table["line_amount"].tolist() == [line["cents"] / (1 if market in ("ID", "VN") else 100) for line in lines]
    assert table["product_name"].fillna("").tolist() == [line["name"] for line in lines]
    for position, name in enumerate(("created_at", "paid_at", "rts_at", "shipped_at", "delivered_at")):
        expected = pd.Series([moments(line)[position] for line in lines], dtype="datetime64[us]").dt.tz_localize("UTC")
        pd.testing.assert_series_equal(table[name], expected, check_names=False)


def write_as(folder: Path, rows: list[Row], kind: str) -> Path:
    if kind in ("xlsx", "scattered"):
        return write_xlsx(folder / "a.xlsx", rows, form="whole" if kind == "xlsx" else "scattered")
    options = {"csv": {}, "semicolon": {"delimiter": ";"}, "bare": {"tabs": False, "encoding": "utf-8"}}[kind]
    return write_csv(folder / "a.csv", rows, **options)


CELL = st.one_of(
    st.just(""),
    st.just("\t"),
    TEXT,
    st.sampled_from(["5.77E+17", "576000000000000001", "13/08/2026 10:00:00", "08/13/2026 10:00:00", "Rp38.824", "1.5",
                     "-3", "Canceled", "Order ID", "=1+1", "NaN", "null", "1e308", "٣", "99/99/9999 99:99:99"]),
)  # fmt: skip
NEEDED = [name for name in ORDER_HEADER if order(1)[name] != PERSONAL]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from(NEEDED), CELL, max_size=4), min_size=1, max_size=12), st.booleans())
def test_garbage_in_cells_is_accounted_for(changes: list[dict[str, str]], tabs: bool) -> None:
    rows = [order(number) | change for number, change in enumerate(changes, start=1)]
    shop = make_shop({"id": "s", "market": "US", "refuse_limit": 1, "date_order": "dmy"})
    with tempfile.TemporaryDirectory() as folder:
        intake = load_orders(write_csv(Path(folder) / "a.csv", rows, tabs=tabs), shop)
    check_account(intake, rows=len(rows))


def check_account(intake: Intake, rows: int | None = None) -> None:
    account = intake.account
    parts = (account.description, account.samples, account.superseded, account.refused, account.used)
    assert account.rows == sum(parts)
    assert rows is None or account.rows == rows
    assert (account.used, account.refused) == (len(intake.table), len(account.refusals))
    assert account.files["rows"].sum() == account.rows
    assert account.files["used"].sum() == account.used
    table = tables.ORDER_LINES if account.kind == "orders" else tables.RETURNS
    tables.check(intake.table, table)
    places = list(zip(intake.table["source_file"], intake.table["source_row"], strict=True))
    refused = list(zip(account.refusals["file"], account.refusals["row"], strict=True))
    assert len(set(places + refused)) == len(places) + len(refused)
    if account.kind == "orders":
        assert intake.table["first_line"].sum() == intake.table["order_id"].nunique()
        assert not intake.table.duplicated(["order_id", "sku_id", "line_no"]).any()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_bytes_raise_nothing_but_our_own_errors(data: st.DataObject) -> None:
    rows = [order(number) for number in range(1, 6)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kind = data.draw(st.sampled_from(["csv", "semicolon", "bare", "xlsx"]))
        path = write_as(folder, rows, kind)
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, max(len(content) - 1, 0)))
            what = data.draw(st.sampled_from(["flip", "cut", "insert", "drop"]))
            if what == "flip" and content:
                content[place] = data.draw(st.integers(0, 255))
            elif what == "cut":
                del content[place + 1 :]
            elif what == "insert":
                content[place:place] = data.draw(st.sampled_from([b'"', b"\r\n", b",", b"\x00", b"\xff\xfe", b"\t"]))
            else:
                del content[place : place + data.draw(st.integers(1, 40))]
        path.write_bytes(bytes(content))
        for load in (load_orders, load_returns):
            with contextlib.suppress(InputError):
                intake = load(path, make_shop({"id": "s", "market": "US", "refuse_limit": 1}))
                check_account(intake)
                if intake.account.files.loc[0, "format"] == "csv":
                    filled, records = count_records(path, ";" if kind == "semicolon" else ",")
                    # A damaged record without a letter in it may be refused, or be no row.
                    assert filled <= intake.account.rows <= records


def count_records(path: Path, delimiter: str) -> tuple[int, int]:
    """Records below the header with anything in them, and all of them, as Python's own reader cuts them."""
    encoding = "utf-16" if path.read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as stream:
        records = [record for record in csv.reader(stream, delimiter=delimiter) if record][1:]
    return sum(any(cell.strip() for cell in record) for record in records), len(records)


@pytest.mark.parametrize("rows", [1, 2, 2047, 2048, 2049, 70_000])
def test_rows_keep_their_numbers_whatever_their_number(tmp_path: Path, rows: int) -> None:
    """Batches and threads must not mix up rows; quoted line ends must not count as rows."""
    lines = [
        order(number, product_name=f"lamp\n{number}" if number % 7 == 0 else "lamp") for number in range(1, rows + 1)
    ]
    table = load_orders(write_csv(tmp_path / "a.csv", lines), make_shop({"id": "s", "market": "US"})).table
    assert table["source_row"].tolist() == list(range(2, rows + 2))
    assert table["order_id"].tolist() == [str(576000000000000000 + number) for number in range(1, rows + 1)]
