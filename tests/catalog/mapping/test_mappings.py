"""Mappings are read whole, and what is wrong in one is told with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from cancel_analysis.catalog.mapping import mappings
from cancel_analysis.catalog.mapping.forms import NEEDED, Money
from cancel_analysis.catalog.mapping.mappings import mapping_file, read_mapping, shipped
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError

GOOD = """\
title: House
market: TH
dates: [dmy]
orders:
  columns:
    order_id: No
    sku_id: [Article, Item]
    quantity: Units
    line_amount: Sum
    created_at: Day
    status: State
  statuses:
    gone: cancelled
    '/^sent (?P<shipped_at>.*)$/': {status: shipped, substatus: in_transit}
"""


def write(folder: Path, text: str, name: str = "house.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_mapping_is_read_whole(tmp_path: Path) -> None:
    mapping = read_mapping(write(tmp_path, GOOD))
    assert (mapping.name, mapping.title, mapping.market, mapping.dates) == ("house", "House", "TH", ("dmy",))
    assert mapping.orders.columns["sku_id"] == ("Article", "Item")
    gone, sent = mapping.orders.statuses
    assert (gone.written, gone.pattern, gone.outcome, gone.line) == ("gone", None, {"status": "cancelled"}, 13)
    assert sent.pattern is not None
    assert sent.pattern.search("SENT 2026-11-02") is not None
    assert mapping.returns is None
    assert mapping.money is None


@pytest.mark.parametrize("name", ["invoices", "sales-report", "shopee-id"])
def test_shipped_mappings_are_valid_and_say_where_they_come_from(name: str) -> None:
    mapping = read_mapping(name)
    assert mapping.title
    assert mapping.about
    assert mapping.source
    assert mapping.notes


def test_every_shipped_mapping_is_tested() -> None:
    assert sorted(shipped()) == ["invoices", "orders-and-items", "sales-report", "shopee-id"]


def test_shopee_money_has_lost_zeros() -> None:
    assert read_mapping("shopee-id").money == Money(",", ".", True)


# What is changed in the good mapping, the line of the fault, its key, and a part of what is said.
FAULTS = [
    ("title: House", "titel: House", 1, "titel", "known are title, about"),
    ("market: TH", "market: XX", 2, "market", "known are US, GB"),
    ("dates: [dmy]", "dates: [d/m/y]", 3, "dates", "dmy, mdy, ymd or a form such as"),
    ("dates: [dmy]", 'dates: ["%d/%m"]', 3, "dates", "has no year"),
    ("dates: [dmy]", "timezone: Mars/Base", 3, "timezone", "write it like Asia/Bangkok"),
    ("dates: [dmy]", "currency: baht", 3, "currency", "three-letter code"),
    ("dates: [dmy]", "encoding: klingon", 3, "encoding", "one of utf-8, cp1252"),
    ("dates: [dmy]", "money: {decimal: '.', thousands: '.'}", 3, "money", "both '.'"),
    ("dates: [dmy]", "money: {decimal: ';'}", 3, "money.decimal", "must be one of"),
    ("dates: [dmy]", "money: {lost_zeros: true}", 3, "money", "needs 'thousands'"),
    ("dates: [dmy]", "market: US", 3, "market", "stands twice; it stands in line 2"),
    ("    order_id: No", "    order: No", 6, "orders.columns.order", "known are order_id, sku_id"),
    ("    order_id: No", "    order_id: []", 6, "orders.columns.order_id", "names no column"),
    ("    order_id: No", "    order_id: {a: b}", 6, "orders.columns.order_id", "a list of values"),
    ("    quantity: Units\n", "", 6, "orders.columns", "needs a column for 'quantity'"),
    ("    created_at: Day\n", "", 6, "orders.columns", "needs a column for 'created_at'"),
    ("gone: cancelled", "gone: canceled", 13, "orders.statuses.gone", "must be one of unpaid, on_hold"),
    ("gone: cancelled", "gone: {state: x}", 13, "orders.statuses.gone.state", "known are status, substatus"),
    ("gone: cancelled", "gone: completed", 5, "orders", "nothing in it makes a line cancelled"),
    ("gone: cancelled", "gone: {status: cancelled, reason: bad}", 13, "orders.statuses.gone.reason", "out_of_stock"),
    ("(?P<shipped_at>.*)", "(?P<when>.*)", 14, "orders.statuses./^sent (?P<when>.*)$/", "allowed here: created_at"),
    ("(?P<shipped_at>.*)", "(.*", 14, "orders.statuses./^sent (.*$/", "no regular expression"),
    (
        "  statuses:",
        "  stand_ins: {quantity: [Units]}\n  statuses:",
        12,
        "orders.stand_ins.quantity",
        "cannot stand in",
    ),
    ("  statuses:", "  stand_ins: {status: [x]}\n  statuses:", 12, "orders.stand_ins.status", "nothing can stand in"),
    ("  statuses:", "  key: [customer]\n  statuses:", 12, "orders.key", "must be one of order_id"),
    ("  statuses:", "  equal_lines: maybe\n  statuses:", 12, "orders.equal_lines", "genuine, duplicates"),
    ("  statuses:", "  initiators: {x: buyer}\n  statuses:", 12, "orders.initiators", "initiator_from"),
    ("  statuses:", "  reasons: {x: bored}\n  statuses:", 12, "orders.reasons.x", "must be one of out_of_stock"),
    ("  statuses:", "  description_rows: -1\n  statuses:", 12, "orders.description_rows", "from 0 to 20"),
    ("  statuses:", "  cancellation: {document: '/^C/'}\n  statuses:", 12, "orders.cancellation.document", "match_by"),
    ("  statuses:", "  cancellation: {document: C}\n  statuses:", 12, "orders.cancellation.document", "slashes"),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "told"), FAULTS, ids=[f"{f[1]!r:.60}" for f in FAULTS])
def test_a_fault_is_told_with_file_line_and_key(
    old: str, new: str, line: int, key: str, told: str, tmp_path: Path
) -> None:
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        read_mapping(write(tmp_path, GOOD.replace(old, new)))
    message = str(caught.value)
    assert message.startswith(f"house.yaml, line {line}, key {key!r}: "), message
    assert told in message


def test_a_mapping_without_status_must_say_what_a_line_is(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index("    status: State")] + "  cancellation: {quantity_zero: true}\n"
    with pytest.raises(SettingsError, match="needs 'default_status'"):
        read_mapping(write(tmp_path, text))
    assert read_mapping(write(tmp_path, text + "  default_status: completed\n")).orders.cancellation.quantity_zero


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("orders: [", "line 1"),
        ("", "is empty"),
        ("- a\n- b\n", "line 1"),
        ("title: x\n", "needs the key 'orders'"),
        ("orders:\n", "needs the key 'orders'"),
        ("a: b\n\tc: d\n", "line 2"),
    ],
)
def test_what_is_no_mapping_is_told(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"house\.yaml") as caught:
        read_mapping(write(tmp_path, text))
    assert told in str(caught.value)


def test_an_unknown_name_lists_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="invoices, orders-and-items, sales-report, shopee-id"):
        mapping_file("shopee")
    with pytest.raises(SettingsError, match=r"no mapping file 'mine\.yaml'"):
        mapping_file("mine.yaml", tmp_path)


def test_returns_need_a_way_to_their_line(tmp_path: Path) -> None:
    returns = "returns:\n  default_status: completed\n  columns: {requested_at: Day, quantity: Units}\n"
    with pytest.raises(SettingsError, match=r"line 17, key 'returns\.columns': needs 'line_id'"):
        read_mapping(write(tmp_path, GOOD + returns))


# --- the setting of a shop -------------------------------------------------------------------


def test_a_shop_takes_market_currency_and_zone_of_its_mapping(tmp_path: Path) -> None:
    shop = make_shop({"id": "a", "mapping": "shopee-id"})
    assert (shop.market, shop.currency, shop.timezone, shop.mapping) == ("ID", "IDR", "Asia/Jakarta", "shopee-id")
    other = make_shop({"id": "a", "mapping": "shopee-id", "market": "MY"})
    assert (other.market, other.currency, other.timezone) == ("MY", "MYR", "Asia/Kuala_Lumpur")
    write(tmp_path, GOOD)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.csv").write_text("No\n")
    own = make_shop({"id": "a", "mapping": "house.yaml", "timezone": "Asia/Tokyo"}, tmp_path)
    assert (own.market, own.timezone, own.mapping, own.mapping_file) == (
        "TH",
        "Asia/Tokyo",
        "house",
        (tmp_path / "house.yaml").resolve(),
    )


def test_a_shop_with_a_wrong_mapping_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("gone: cancelled", "gone: canceled"))
    with pytest.raises(SettingsError, match=r"'mapping': house\.yaml, line 13"):
        make_shop({"id": "a", "mapping": "house.yaml"}, tmp_path)
    with pytest.raises(SettingsError, match="'mapping': must be text, not the number 3; write it in quotes: '3'"):
        make_shop({"id": "a", "market": "US", "mapping": 3})
    with pytest.raises(SettingsError, match="'market' is missing"):
        make_shop({"id": "a", "mapping": "invoices"})


def test_every_key_is_described(project: Path) -> None:
    text = (project / "docs" / "files.md").read_text(encoding="utf-8")
    keys = {*mappings.KEYS, *mappings.ORDER_KEYS, *mappings.RETURN_KEYS, *mappings.CANCELLATION_KEYS}
    assert not {key for key in keys if f"`{key}`" not in text}
    assert not {name for name in shipped() if f"`{name}`" not in text}
    for needed in NEEDED.values():
        assert not {name for name in needed if f"`{name}`" not in text}
