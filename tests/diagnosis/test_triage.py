"""The check order as a whole: planted causes are found by their step, and no unit is explained twice."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.diagnosis.standouts import find_standouts, items_in
from cancel_analysis.diagnosis.triage import SETTLED_BY_CODE, TABLE, beside, diagnose
from cancel_analysis.tables import RESPONSIBILITIES, ROOT_CAUSES
from tests.frames import affected_items, order_lines, stock_log, stock_snapshots, tracking_events

AS_OF = date(2026, 11, 15)
SHOP = make_shop({"id": "shop", "market": "TH"})
INDONESIA = make_shop({"id": "shop", "market": "ID"})


def lose(number, cause="stock", units=1, line=None, **item):
    """An order line and the item lost from it."""
    order = {
        "order_id": f"5{number:015d}",
        "sku_id": "S1",
        "quantity": units,
        "status": "cancelled",
        "category": "C",
        "created_at": "2026-11-10 12:00:00",
        "paid_at": "2026-11-10 12:05:00",
        "cancelled_at": "2026-11-13 12:00:00",
        **(line or {}),
    }
    lost = {
        "order_id": order["order_id"],
        "sku_id": order["sku_id"],
        "units": units,
        "root_cause": cause,
        "category": "C",
        "reason": item.pop("reason", cause),
        "order_created_at": order["created_at"],
        "event_at": order["cancelled_at"],
        **item,
    }
    return order, lost


def frames(*pairs, extra=()):
    return affected_items(*(item for _, item in pairs)), order_lines(*(order for order, _ in pairs), *extra)


PLANTED = [
    *(lose(number, "stock", 2) for number in range(3)),  # six units, ordered in a gap
    lose(3, "stock", 1, {"created_at": "2026-11-09 12:00:00"}),  # there was stock
    *(lose(10 + number, "buyer_choice", 1, {"sku_id": "S2"}) for number in range(4)),
    lose(
        20, "late_dispatch", 3, {"sku_id": "S3", "tracking_id": "T1", "rts_at": "2026-11-10 15:00:00"}, stage="refund"
    ),
    lose(
        21,
        "carrier",
        1,
        {"sku_id": "S3", "tracking_id": "T2", "rts_at": "2026-11-10 15:00:00", "shipped_at": "2026-11-10 18:00:00"},
        stage="refund",
    ),
    lose(30, "quality", 2, {"sku_id": "S4"}),
]
LOG = stock_log(
    {"at": "2026-11-09 08:00:00", "stock": 9},
    {"at": "2026-11-10 08:00:00", "stock": 0},
    {"at": "2026-11-11 08:00:00", "stock": 0},
)
SHOWN = stock_snapshots({"at": "2026-11-09 08:00:00", "stock": 9}, {"at": "2026-11-10 08:00:00", "stock": 9})
EVENTS = tracking_events(
    {"tracking_id": "T1", "at": "2026-11-10 15:05:00", "step": "label"},
    {"tracking_id": "T2", "at": "2026-11-10 18:00:00", "step": "picked_up"},
    {"tracking_id": "T2", "at": "2026-11-12 10:00:00", "step": "exception"},
    {"tracking_id": "T9", "at": "2026-11-15 10:00:00", "step": "in_transit"},
)


def planted(shop=INDONESIA, **tables):
    items, orders = frames(*PLANTED)
    return diagnose(orders, items, shop=shop, as_of=AS_OF, period_days=30, **tables)


def test_each_planted_cause_is_explained_by_its_step():
    found = planted(stock_log=LOG, stock_snapshots=SHOWN, tracking=EVENTS)
    explained = found.table.set_index("title")["explained_units"]
    assert found.units == 17
    assert explained.to_dict() == {
        "codes": 4,
        "stock_gap": 6,
        "handover": 3,
        "on_the_way": 1,
        "listing": 0,
        "late_dispatch": 0,
    }
    # One stock unit that was there, two of a cause that no file can test.
    assert found.unexplained_units == 3
    assert found.table["unexplained_share"].iloc[-1] == pytest.approx(3 / 17)
    stock = found.find("stock_gap")
    assert stock.figures["explained_orders"] == 3
    assert stock.figures["own_had_stock"] == 1
    assert stock.evidence["sku_id"].tolist() == ["S1"]
    assert set(stock.rows.loc[stock.rows["explained"] > 0, "order_id"]) == {f"5{number:015d}" for number in range(3)}
    assert found.find("handover").figures["label_only"] == 1
    assert found.find("on_the_way").figures["failed"] == 1


def test_without_files_the_steps_say_what_they_need():
    # Of this market no dispatch deadline is known.
    missing = planted(make_shop({"id": "shop", "market": "MY"})).table.set_index("title")["missing"]
    assert missing["stock_gap"] == "stock_log+stock_snapshots"
    assert missing["handover"] == missing["on_the_way"] == "tracking"
    assert missing["late_dispatch"] == "deadline"
    assert missing["codes"] == missing["listing"] == ""
    one = planted(stock_log=LOG).table.set_index("title")["missing"]
    assert one["stock_gap"] == "stock_snapshots"
    assert planted(stock_log=LOG.iloc[:0], stock_snapshots=SHOWN).find("stock_gap").missing == "stock_log"


def test_an_item_explained_by_an_early_step_is_not_counted_again():
    # Late by its own times, and a label that was never picked up: tracking comes first.
    pairs = [
        lose(
            1,
            "late_dispatch",
            2,
            {
                "tracking_id": "T1",
                "created_at": "2026-11-09 09:00:00",
                "paid_at": "2026-11-09 09:05:00",
                "rts_at": "2026-11-12 15:00:00",
                "cancelled_at": "2026-11-14 18:00:00",
            },
            stage="refund",
        )
    ]
    items, orders = frames(*pairs)
    both = diagnose(
        orders,
        items,
        shop=SHOP,
        as_of=AS_OF,
        tracking=tracking_events(
            {"tracking_id": "T1", "at": "2026-11-10 00:00:00", "step": "label"},
            {"tracking_id": "T2", "at": "2026-11-15 00:00:00", "step": "label"},
        ),
    )
    alone = diagnose(orders, items, shop=SHOP, as_of=AS_OF)
    late = both.find("late_dispatch")
    assert (late.found_units, late.explained_units) == (2, 0)
    assert both.find("handover").explained_units == 2
    assert alone.find("late_dispatch").explained_units == 2
    assert late.figures["late"] == 1


def test_late_dispatch_is_told_by_the_week_in_which_it_was_due():
    line = {"created_at": "2026-11-09 09:00:00", "paid_at": "2026-11-09 09:05:00"}
    good = [{"order_id": f"7{n}", "status": "shipped", "rts_at": "2026-11-10 09:00:00", **line} for n in range(3)]
    bad = {"order_id": "79", "status": "shipped", "rts_at": "2026-11-13 09:00:00", **line}
    items, orders = frames(lose(1, "buyer_choice", line=line), extra=[*good, bad])
    late = diagnose(orders, items, shop=SHOP, as_of=AS_OF).find("late_dispatch")
    # The cancelled one was not ready when its time was up either.
    week = late.evidence.iloc[-1]
    assert week["week"] == pd.Timestamp("2026-11-09")
    assert (week["due"], week["late"], week["cancelled"]) == (5, 2, 1)
    assert late.figures["share"] == pytest.approx(2 / 5)


def test_both_readings_stand_beside_each_other():
    pairs = [
        lose(1, "late_dispatch", 2, responsibility="seller", responsibility_other="buyer", ambiguous=True),
        lose(2, "late_dispatch", 3, responsibility="seller", responsibility_other="seller"),
    ]
    items, orders = frames(*pairs)
    codes = diagnose(orders, items, shop=SHOP, as_of=AS_OF).find("codes").evidence
    assert codes[["units", "seller_units", "seller_units_least", "seller_units_most"]].to_numpy().tolist() == [
        [5, 5, 3, 5]
    ]


def test_doubtful_and_unknown_reasons_are_not_settled_by_the_code():
    pairs = [
        lose(1, "buyer_choice", ambiguous=True),
        lose(2, "buyer_choice", pending=True),
        lose(3, "buyer_choice", reason="unknown"),
        lose(4, "buyer_choice"),
    ]
    items, orders = frames(*pairs)
    assert diagnose(orders, items, shop=SHOP, as_of=AS_OF).find("codes").explained_units == 1


def test_the_places_of_a_cause_are_told_from_the_orders_alone():
    pairs = [
        lose(
            n,
            "carrier",
            1,
            {"carrier": "Bad", "region": "R1", "shipped_at": "2026-11-11 09:00:00"},
            stage="refund",
            carrier="Bad",
            region="R1",
        )
        for n in range(12)
    ]
    pairs += [
        lose(
            50,
            "carrier",
            1,
            {"carrier": "Good", "region": "R1", "shipped_at": "2026-11-11 09:00:00"},
            stage="refund",
            carrier="Good",
            region="R1",
        )
    ]
    extra = [
        {"order_id": f"8{n}", "carrier": carrier, "region": f"R{n % 3}", "shipped_at": "2026-11-11 09:00:00"}
        for n, carrier in enumerate(["Good"] * 200 + ["Bad"] * 20)
    ]
    items, orders = frames(*pairs, extra=extra)
    found = find_standouts(orders, items, AS_OF, 30)
    result = diagnose(orders, items, shop=SHOP, as_of=AS_OF, found=found)
    places = result.find("places_carrier")
    assert places.explained_units == 12
    assert set(places.rows["carrier"]) == {"Bad"}
    assert items_in(found[0], items).sum() == 12


def test_what_an_early_step_has_explained_whole_is_not_told_by_place_again():
    pairs = [lose(n, "stock", 1) for n in range(12)]
    extra = [{"order_id": f"8{n}", "sku_id": "S9"} for n in range(200)]
    items, orders = frames(*pairs, extra=extra)
    found = find_standouts(orders, items, AS_OF, 30)
    assert found[0].dimension == "sku"
    with_files = diagnose(orders, items, shop=SHOP, as_of=AS_OF, found=found, stock_log=LOG, stock_snapshots=SHOWN)
    assert with_files.find("stock_gap").explained_units == 12
    assert with_files.find("places_stock") is None
    assert diagnose(orders, items, shop=SHOP, as_of=AS_OF, found=found).find("places_stock").explained_units == 12


def test_nothing_lost_is_nothing_explained():
    items, orders = frames(lose(1))
    found = diagnose(
        orders, items.iloc[:0], shop=SHOP, as_of=AS_OF, stock_log=LOG, stock_snapshots=SHOWN, tracking=EVENTS
    )
    assert found.units == 0
    assert found.table["explained_share"].isna().all()
    assert list(found.table.columns) == TABLE
    unpaid = diagnose(orders, items.assign(stage="unpaid"), shop=SHOP, as_of=AS_OF)
    assert unpaid.units == 0


def test_the_figures_of_others_stand_beside_with_the_shops_own():
    found = planted(stock_log=LOG, stock_snapshots=SHOWN)
    items, _ = frames(*PLANTED)
    table = beside(found, items, 200).set_index("id")
    assert table.loc["stock_not_synchronised", "reference"] == 0.67
    # Six of the thirteen units that were cancelled before dispatch by the seller.
    seller = items.loc[(items["stage"] == "cancellation") & (items["responsibility"] == "seller"), "units"].sum()
    assert table.loc["stock_not_synchronised", "own"] == pytest.approx(6 / seller)
    assert table.loc["stock_direct_sync", "own"] == pytest.approx(7 / 200)
    assert set(table["confidence"]) == {"unverified"}
    without = beside(planted(), items, 200).set_index("id")
    assert np.isnan(without.loc["stock_not_synchronised", "own"])


@st.composite
def anything(draw):
    pairs = []
    for number in range(draw(st.integers(1, 12))):
        day, hour = draw(st.integers(1, 12)), draw(st.integers(0, 23))
        placed = pd.Timestamp(2026, 11, day, hour)
        ready = draw(st.sampled_from([None, placed + pd.Timedelta(hours=5), placed + pd.Timedelta(days=4)]))
        line = {
            "sku_id": draw(st.sampled_from(["S1", "S2", "S3"])),
            "created_at": placed,
            "paid_at": placed,
            "rts_at": ready,
            "cancelled_at": placed + pd.Timedelta(hours=draw(st.integers(1, 90))),
            "tracking_id": draw(st.sampled_from([None, "T1", "T2"])),
        }
        cause = draw(st.sampled_from(ROOT_CAUSES))
        item = {
            "stage": draw(st.sampled_from(["unpaid", "cancellation", "refund", "return_refund"])),
            "ambiguous": draw(st.booleans()),
            "responsibility": draw(st.sampled_from(RESPONSIBILITIES)),
        }
        pairs.append(lose(number, cause, draw(st.integers(1, 4)), line, **item))
    return pairs


@settings(max_examples=20)
@given(anything(), st.booleans(), st.booleans())
def test_shares_add_up_and_no_unit_is_explained_twice(pairs, with_stock, with_tracking):
    items, orders = frames(*pairs)
    tables = {"stock_log": LOG, "stock_snapshots": SHOWN} if with_stock else {}
    tables |= {"tracking": EVENTS} if with_tracking else {}
    found = diagnose(orders, items, shop=SHOP, as_of=AS_OF, **tables)
    paid = items[items["stage"] != "unpaid"]
    assert found.units == paid["units"].sum()
    titles = [one.title for one in found.steps]
    taken = found.explained[titles].sum(axis=1)
    assert (found.explained[titles] >= 0).all().all()
    assert (taken <= found.explained["units"]).all()
    assert taken.sum() + found.unexplained_units == pytest.approx(found.units)
    if found.units:
        assert found.table["explained_share"].sum() + found.table["unexplained_share"].iloc[-1] == pytest.approx(1)
        assert found.table["unexplained_share"].is_monotonic_decreasing
    assert all(one.explained_units <= one.found_units for one in found.steps)
    settled = paid.loc[paid["root_cause"].isin(SETTLED_BY_CODE) & ~paid["ambiguous"], "units"].sum()
    assert found.find("codes").explained_units == settled
