"""The files beside the exports agree with the orders, and `truth.json` with both: counted here from the raw files."""

from __future__ import annotations

import csv
import json
from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from .raw import AS_OF, SAMPLE, SHOPS, truth, used
from .raw import orders as all_orders

ID, TH, VN, US, SG = "id-toko-gadget", "th-siam-beauty", "vn-saigon-shoes", "us-harbor-home", "sg-orchid-import"
ZONES = {TH: "Asia/Bangkok", US: "America/Los_Angeles", SG: "Asia/Singapore"}
FORM = "%d/%m/%Y %H:%M:%S"
DAY = timedelta(days=1)


def rows(shop: str, name: str) -> list[dict[str, str]]:
    with (SAMPLE / shop / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def when(text: str) -> datetime:
    return datetime.strptime(text, FORM)


def spoken(shop: str, name: str, kind: str) -> list[dict[str, Any]]:
    answer = json.loads((SAMPLE / shop / name).read_text(encoding="utf-8"))
    assert (answer["code"], answer["message"]) == (0, "Success")
    return answer["data"][kind]


def local(shop: str, seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, ZoneInfo(ZONES[shop])).replace(tzinfo=None)


def newest(objects: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    return {one[key]: one for one in sorted(objects, key=lambda one: one["update_time"])}


# --- stock -----------------------------------------------------------------------------------


def found_gaps() -> list[tuple[str, datetime, datetime | None]]:
    """Stretches in which the log says nothing is left and the last snapshot shows more, by seller SKU."""
    shown: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row in rows(ID, "stock_snapshots.csv"):
        shown[row["Seller SKU"]].append((when(row["Time"]), int(row["Available"])))
    gaps: list[tuple[str, datetime, datetime | None]] = []
    begun: dict[str, datetime] = {}
    for row in rows(ID, "stock_log.csv"):
        sku, at, stock = row["Seller SKU"], when(row["Time"]), int(row["Stock"])
        views = shown[sku]
        # What the platform shows next is what it showed meanwhile, unless it had been told.
        place = bisect_right(views, (at, 1 << 30))
        later = views[place][1] if place < len(views) else views[-1][1]
        if stock <= 0 and later > 0:
            begun.setdefault(sku, at)
        elif stock > 0 and sku in begun:
            gaps.append((sku, begun.pop(sku), at))
    return sorted([*gaps, *((sku, at, None) for sku, at in begun.items())], key=lambda gap: gap[:2])


def test_the_gaps_are_those_that_were_planted() -> None:
    told = [
        (gap["seller_sku"], datetime.fromisoformat(gap["begin"]), gap["end"] and datetime.fromisoformat(gap["end"]))
        for gap in truth(ID)["stock_gaps"]["gaps"]
    ]
    assert found_gaps() == sorted(told, key=lambda gap: gap[:2])
    assert {gap[0] for gap in told} == set(truth(ID)["focus"]["seller_skus"])
    assert sum(gap[2] is None for gap in told) == 1


def test_out_of_stock_cancellations_fall_into_the_gaps() -> None:
    table = used(ID)
    gone = table[(table["Cancel Reason"] == "Stok habis") & (table["Cancelled"] <= pd.Timestamp(AS_OF))]
    told = truth(ID)["stock_gaps"]
    inside: set[str] = set()
    for gap in told["gaps"]:
        end = gap["end"] or "2027-01-01"
        there = (
            (table["Seller SKU"] == gap["seller_sku"]) & (table["Created"] >= gap["begin"]) & (table["Created"] < end)
        )
        assert int(table.loc[there, "Quantity"].sum()) == gap["units_oversold"]
        lost = gone[there.reindex(gone.index)]
        assert (int(lost["Quantity"].sum()), lost["Order ID"].nunique()) == (
            gap["units_cancelled_out_of_stock"],
            gap["orders_cancelled_out_of_stock"],
        )
        inside |= set(lost["Order ID"])
    recent = gone[gone["Created"] >= told["since"]]
    focus = recent[recent["Seller SKU"].isin({sku["seller_sku"] for sku in told["skus"]})]
    assert recent["Order ID"].nunique() == told["out_of_stock_since"]
    assert focus["Order ID"].nunique() == told["out_of_stock_of_the_skus"]
    assert len(inside) == told["out_of_stock_explained"]
    assert 0.8 <= len(inside) / focus["Order ID"].nunique() <= 0.95


def test_the_platform_is_told_late_or_never_only_around_the_gaps() -> None:
    gaps = found_gaps()
    never = Counter[str]()
    for row in rows(ID, "stock_log.csv"):
        at = when(row["Time"])
        near = any(
            row["Seller SKU"] == sku and begin - timedelta(hours=12) <= at and (end is None or at < end)
            for sku, begin, end in gaps
        )
        late = row["Sent"] == "" or when(row["Sent"]) - at > timedelta(minutes=5)
        assert not late or near, row
        if row["Sent"] == "":
            never[row["Result"]] += 1
    assert set(never) == {"timeout", ""}
    assert never["timeout"] > 100


def test_healthy_skus_and_one_without_the_platforms_number() -> None:
    log, shown = rows(ID, "stock_log.csv"), rows(ID, "stock_snapshots.csv")
    told = truth(ID)["stock_gaps"]
    skus = {row["Seller SKU"] for row in log}
    assert skus == {row["Seller SKU"] for row in shown}
    assert skus == {sku["seller_sku"] for sku in told["skus"]} | set(told["healthy_seller_skus"])
    assert {row["Seller SKU"] for row in log if not row["SKU ID"]} == {"TG-SPK-01"}
    out = told["sold_out_but_told"]
    assert any(row["Seller SKU"] == out and row["Available"] == "0" for row in shown)
    # Nobody could order what was shown as sold out.
    empty = [when(row["Time"]) for row in shown if row["Seller SKU"] == out and row["Available"] == "0"]
    orders = used(ID)
    orders = orders[orders["Seller SKU"] == out]
    assert not orders["Created"].between(empty[0], empty[-1]).any()


# --- tracking --------------------------------------------------------------------------------

MOVES = {
    "Picked up",
    "In transit",
    "Out for delivery",
    "Đã lấy hàng",
    "Đang trung chuyển",
    "Đang giao hàng",
    "รับพัสดุแล้ว",
}


@pytest.mark.parametrize("shop", [VN, TH])
def test_oddities_of_cancelled_orders(shop: str) -> None:
    told = truth(shop)["tracking"]
    events: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for row in rows(shop, "tracking_events.csv"):
        events[row["Order ID"]].append((when(row["Time"]), row["Event"]))
    orders = used(shop).drop_duplicates("Order ID")
    gone = orders[orders["Cancelled"].notna() & (orders["Cancelled"] <= pd.Timestamp(AS_OF))]
    gone = gone[gone["RTS"] >= told["since_ready"]]
    found: dict[str, set[str]] = defaultdict(set)
    for order, created, shipped in zip(gone["Order ID"], gone["Created"], gone["Shipped"], strict=True):
        seen = events.get(order, [])
        moved = [at for at, text in seen if text in MOVES]
        if not moved:
            found["label_without_pickup" if pd.isna(shipped) else "never_moved"].add(order)
            if not seen:
                found["unknown_numbers"].add(order)
        elif min(moved) < created:
            found["event_before_handover"].add(order)
    for kind in ("never_moved", "event_before_handover", "label_without_pickup", "unknown_numbers"):
        assert sorted(found[kind]) == told[kind], kind
    assert (sum(map(len, events.values())), len(events)) == (told["events"], told["parcels"])


def test_oddities_were_planted_in_vietnam_also_in_the_last_days() -> None:
    told = truth(VN)["tracking"]
    assert [len(told[kind]) for kind in ("never_moved", "event_before_handover", "unknown_numbers")] == [9, 4, 5]
    assert all(told["last_3_days"][kind] for kind in ("never_moved", "event_before_handover"))
    # The planted carrier fails honestly: its parcels moved.
    bad = used(VN)[lambda table: table["Shipping Provider Name"] == truth(VN)["focus"]["carrier"]]
    bad = bad[bad["Province"] == truth(VN)["focus"]["region"]]
    assert not set(bad["Order ID"]) & set(told["never_moved"])


def test_late_dispatch_leaves_labels_without_pickup() -> None:
    told = truth(TH)["tracking"]
    late = used(TH)[lambda table: table["Cancel By"] == "System"]
    assert len(told["label_without_pickup"]) >= 15
    assert len(set(told["label_without_pickup"]) & set(late["Order ID"])) >= 15


@pytest.mark.parametrize("shop", [VN, TH])
def test_parcels_carry_the_numbers_of_the_orders(shop: str) -> None:
    # Free samples are parcels too.
    table = all_orders(shop)
    orders = table[table["left_out"] != "superseded"].drop_duplicates("Order ID").set_index("Order ID")
    texts = set()
    for row in rows(shop, "tracking_events.csv"):
        assert orders.loc[row["Order ID"], "Tracking ID"] == row["Tracking ID"]
        assert orders.loc[row["Order ID"], "Shipping Provider Name"] == row["Carrier"]
        assert "BUYERDATA" not in row["Location"]
        texts.add(row["Event"])
    assert any(text.isascii() for text in texts)
    assert any(not text.isascii() for text in texts)


# --- requests --------------------------------------------------------------------------------


@pytest.mark.parametrize("shop", [TH, US])
def test_the_request_queue_at_the_end_of_the_week(shop: str) -> None:
    told = truth(shop)["requests"]
    objects = spoken(shop, "cancellations-2026-11-16.json", "cancellations")
    orders = used(shop).drop_duplicates("Order ID").set_index("Order ID")
    views, apart, free, closed = Counter[str](), Counter[str](), 0, Counter[str]()
    soon, later, after = set(), set(), 0
    for key, one in newest(objects, "cancel_id").items():
        asked, changed = local(shop, one["create_time"]), local(shop, one["update_time"])
        if asked > AS_OF:
            after += 1
            continue
        created = orders.loc[one["order_id"], "Created"]
        if one["cancel_type"] == "CANCEL":
            if one["role"] == "BUYER":
                assert asked - created <= timedelta(hours=1)
                free += 1
            else:
                apart[one["role"]] += 1
            continue
        assert one["role"] == "BUYER"
        assert asked - created > timedelta(hours=1)
        views["all"] += 1
        if one["cancel_status"].endswith("PENDING") or changed > AS_OF:
            views["to_proceed"] += 1
            actions = one.get("seller_next_action_response") or [{"deadline": one["create_time"] + 86400}]
            deadline = local(shop, actions[0]["deadline"])
            (soon if deadline <= AS_OF + DAY + timedelta(seconds=1) else later).add(key)
        elif one["cancel_status"].endswith("COMPLETE"):
            views["completed"] += 1
            closed["timed_out" if changed >= asked + DAY else "accepted"] += 1
        else:
            views["closed"] += 1
            closed["rejected" if "reject_reason" in one else "withdrawn"] += 1
    assert {view: views[view] for view in ("all", "to_proceed", "completed", "closed")} == {
        view: told[view] for view in ("all", "to_proceed", "completed", "closed")
    }
    assert {name: closed[name] for name in ("accepted", "timed_out", "rejected", "withdrawn")} == {
        name: told[name] for name in ("accepted", "timed_out", "rejected", "withdrawn")
    }
    assert (free, dict(sorted(apart.items())), after) == (told["free"], told["at_once"], told["asked_after_as_of"])
    assert (sorted(soon), sorted(later)) == (told["due_within_24h"], told["due_later"])
    assert soon
    assert later


@pytest.mark.parametrize("shop", [TH, US])
def test_requests_agree_with_the_orders(shop: str) -> None:
    orders = used(shop)
    lines = orders.groupby("Order ID")
    objects = spoken(shop, "cancellations-2026-11-16.json", "cancellations")
    current = newest(objects, "cancel_id")
    assert len(current) < len(objects)
    account = truth(shop)["accounts"]["requests"]
    skus = [len({item["sku_id"] for item in one["cancel_line_items"]}) for one in objects]
    assert (account["rows"], account["refused"]) == (sum(skus), 0)
    used_skus = [len({item["sku_id"] for item in one["cancel_line_items"]}) for one in current.values()]
    assert account["used"] == sum(used_skus)
    partial = 0
    for one in current.values():
        mine = lines.get_group(one["order_id"])
        units = Counter(item["sku_id"] for item in one["cancel_line_items"])
        whole = mine.groupby("SKU ID")["Quantity"].sum().to_dict()
        if one["cancel_status"].endswith("COMPLETE"):
            cancelled = mine["Cancelled"].dropna()
            assert (cancelled == local(shop, one["update_time"])).all()
            assert set(mine["Cancel By"]) - {""} == {
                {"BUYER": "User", "SELLER": "Seller", "SYSTEM": "System"}[one["role"]]
            }
            assert one["cancel_reason_text"] in set(mine["Cancel Reason"])
        else:
            assert mine["Cancelled"].isna().all()
        partial += dict(units) != whole
        assert all(units[sku] <= whole[sku] for sku in units)
    assert partial == truth(shop)["requests"]["item_level"]
    assert (partial > 0) == (shop == US)


def test_reason_codes_are_those_of_the_catalog() -> None:
    from cancel_analysis import catalog

    with (Path(catalog.__file__).parent / "data" / "codes.csv").open(encoding="utf-8", newline="") as stream:
        known = {row["code"] for row in csv.DictReader(stream)}
    found = {
        one["cancel_reason"]
        for shop in (TH, US)
        for one in spoken(shop, "cancellations-2026-11-16.json", "cancellations")
    }
    found |= {one["return_reason"] for one in spoken(SG, "returns-2026-11-16.json", "return_orders")}
    assert found - {""} <= known
    assert len(found) > 8


# --- orders and returns of the API -------------------------------------------------------------


def test_api_orders_say_what_the_export_says() -> None:
    export = used(SG).set_index("Order ID")
    objects = spoken(SG, "orders-2026-11-16.json", "orders")
    current = newest(objects, "id")
    assert set(current) == set(export.index)
    assert len(objects) > len(current)
    exported = datetime.fromisoformat(truth(SG)["files"][0]["exported"])
    newer = 0
    for key, one in current.items():
        row = export.loc[key]
        for field, column in (
            ("create_time", "Created"), ("paid_time", "Paid"), ("rts_time", "RTS"), ("collection_time", "Shipped"),
            ("delivery_time", "Delivered"), ("cancel_time", "Cancelled"),
        ):  # fmt: skip
            stamp = local(SG, one[field]) if field in one else None
            if stamp is not None and stamp <= exported:
                assert row[column] == stamp
            else:
                assert pd.isna(row[column])
        assert f"SGD {one['payment']['total_amount']}" == row["Order Amount"]
        assert [item["sku_id"] for item in one["line_items"]] == [row["SKU ID"]] * int(row["Quantity"])
        paid = sum(float(item["sale_price"]) for item in one["line_items"])
        assert f"SGD {paid:.2f}" == row["SKU Subtotal After Discount"]
        assert one["recommended_shipping_time"] > 10**12 > one["create_time"]
        newer += local(SG, one["update_time"]) > exported
        # Nothing but what the platform calls cancelled is cancelled, and by whom the export says.
        assert (one["status"] == "CANCELLED") == (row["Order Status"] == "已取消")
    assert newer >= 1


def test_api_orders_hold_a_buyers_data_under_the_mark() -> None:
    for one in spoken(SG, "orders-2026-11-16.json", "orders"):
        address = one["recipient_address"]
        assert all("BUYERDATA" in address[key] for key in ("name", "phone_number", "postal_code", "full_address"))
        assert one["buyer_email"].startswith("BUYERDATA")
        assert one["buyer_email"].endswith("@example.com")


def test_the_dispute_has_deadlines_arbitration_and_freight() -> None:
    first, now = spoken(SG, "returns-2026-11-16.json", "return_orders")
    assert first["return_id"] == now["return_id"]
    assert first["update_time"] < now["update_time"]
    assert first["return_status"].endswith("PENDING")
    assert (now["return_status"], now["arbitration_status"]) == ("BUYER_SHIPPED_ITEM", "IN_PROGRESS")
    assert now["shipping_fee_amount"][0]["seller_paid_return_shipping_fee"] == "3.20"
    assert local(SG, now["seller_next_action_response"][0]["deadline"]) > AS_OF
    assert truth(SG)["at_export"]["return_requests"] == {"in_process": 1}


@pytest.mark.parametrize("shop", SHOPS)
def test_every_file_beside_the_exports_is_told_of(shop: str) -> None:
    files = {file["name"]: file for file in truth(shop)["files"]}
    folder = {path.name for path in (SAMPLE / shop).iterdir()}
    assert folder == {*files, "truth.json"}
    for name, file in files.items():
        if name.endswith(".csv") and file["kind"] in ("stock_log", "stock_snapshots", "tracking"):
            assert file["rows"] == file["used"] == len(rows(shop, name))
