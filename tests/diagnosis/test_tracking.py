from __future__ import annotations

from datetime import date

import pytest

from cancel_analysis.diagnosis.tracking import CHECKS, by_carrier, check_tracking, parcels
from tests.frames import affected_items, order_lines, tracking_events

AS_OF = date(2026, 11, 15)
# One parcel on its way while the file is being written: it gives the file its first and last moment.
ALWAYS = [{"tracking_id": "T0", "at": "2026-11-01 00:00:00"}, {"tracking_id": "T0", "at": "2026-11-15 20:00:00"}]


def check(events, line=None, item=None, days=30):
    """The one check of a cancelled order with these (time, step) events."""
    line = {
        "order_id": "1",
        "tracking_id": "T1",
        "created_at": "2026-11-08 10:00:00",
        "rts_at": "2026-11-09 10:00:00",
        "shipped_at": "2026-11-09 15:00:00",
        "cancelled_at": "2026-11-13 10:00:00",
        "status": "cancelled",
        "carrier": "Swift",
        **(line or {}),
    }
    item = {
        "order_id": "1",
        "stage": "refund",
        "root_cause": "carrier",
        "event_at": line["cancelled_at"],
        "carrier": "Swift",
        "order_created_at": line["created_at"],
        **(item or {}),
    }
    rows = [{"tracking_id": line["tracking_id"] or "T1", "at": at, "step": step} for at, step in events]
    return check_tracking(order_lines(line), affected_items(item), tracking_events(*ALWAYS, *rows), AS_OF, days)


LABEL = ("2026-11-09 10:05:00", "label")
PICKED = ("2026-11-09 15:00:00", "picked_up")


@pytest.mark.parametrize(
    ("expected", "events", "line", "item"),
    [
        ("moved", [LABEL, PICKED, ("2026-11-10 08:00:00", "in_transit")], {}, {}),
        ("never_moved", [LABEL], {}, {}),
        ("never_moved", [], {}, {}),
        ("label_only", [LABEL], {"shipped_at": None}, {"root_cause": "late_dispatch"}),
        # A pick-up that failed is no move.
        ("label_only", [LABEL, ("2026-11-10 10:00:00", "exception")], {"shipped_at": None}, {}),
        ("no_number", [], {"tracking_id": None}, {}),
        ("not_sent", [], {"tracking_id": None, "rts_at": None, "shipped_at": None}, {"stage": "cancellation"}),
        # Under way before the order was ready, and before it was even placed: another parcel's number.
        ("before_handover", [("2026-11-09 02:00:00", "in_transit"), PICKED], {}, {}),
        ("before_handover", [("2026-11-05 08:00:00", "label"), PICKED], {}, {}),
        # Picked up minutes before it was marked: honest shops do that.
        ("moved", [("2026-11-09 09:40:00", "picked_up")], {}, {}),
        ("delivered", [LABEL, PICKED, ("2026-11-12 10:00:00", "delivered")], {}, {}),
        # Delivered back to the seller.
        ("failed", [LABEL, PICKED, ("2026-11-11 10:00:00", "returning"), ("2026-11-14 10:00:00", "delivered")], {}, {}),
        ("failed", [LABEL, PICKED, ("2026-11-11 10:00:00", "exception")], {}, {}),
        ("collected", [LABEL, PICKED], {}, {"root_cause": "late_dispatch"}),
        ("moved", [LABEL, ("2026-11-13 12:00:00", "picked_up")], {}, {"root_cause": "late_dispatch"}),
        # Made ready after the file's last moment: its silence says nothing.
        (
            "not_covered",
            [],
            {"rts_at": "2026-11-15 21:00:00", "shipped_at": None, "cancelled_at": "2026-11-15 22:00:00"},
            {},
        ),
        ("not_covered", [], {"rts_at": "2026-10-30 10:00:00", "created_at": "2026-10-29 10:00:00"}, {}),
    ],
)
def test_each_story_of_a_parcel_has_its_check(expected, events, line, item):
    found = check(events, line, item)
    assert found["check"].tolist() == [expected]


def test_a_label_of_a_few_hours_has_not_waited():
    soon = {"shipped_at": None, "cancelled_at": "2026-11-09 18:00:00"}
    assert check([LABEL], soon)["waited"].tolist() == [False]
    assert check([LABEL], {"shipped_at": None})["waited"].tolist() == [True]


def test_only_orders_cancelled_in_the_window_are_looked_at():
    assert len(check([LABEL], days=3)) == 1
    assert check([LABEL], {"cancelled_at": "2026-11-12 23:59:00"}, days=3).empty


def test_returns_unpaid_and_living_orders_are_not_looked_at():
    assert check([LABEL], item={"stage": "return_refund", "return_id": "R1"}).empty
    assert check([LABEL], item={"stage": "unpaid"}).empty
    assert check([LABEL], {"status": "shipped"}).empty


def test_the_number_may_stand_in_the_tracking_file_only():
    line = {
        "order_id": "1",
        "tracking_id": None,
        "status": "cancelled",
        "rts_at": "2026-11-09 10:00:00",
        "shipped_at": "2026-11-09 15:00:00",
        "created_at": "2026-11-08 10:00:00",
    }
    item = {"order_id": "1", "stage": "refund", "event_at": "2026-11-13 10:00:00", "root_cause": "carrier"}
    events = tracking_events(*ALWAYS, {"tracking_id": "T7", "order_id": "1", "at": LABEL[0], "step": "label"})
    found = check_tracking(order_lines(line), affected_items(item), events, AS_OF, 30)
    assert found[["tracking_id", "check"]].to_numpy().tolist() == [["T7", "never_moved"]]


def test_events_after_the_last_day_are_not_seen():
    late = [LABEL, ("2026-11-16 10:00:00", "picked_up")]
    assert check(late)["check"].tolist() == ["never_moved"]


def test_carriers_are_counted_by_order():
    lines, items = [], []
    for number, (carrier, shipped) in enumerate([("A", True), ("A", True), ("A", False), ("B", True)]):
        name = f"O{number}"
        lines.append(
            {
                "order_id": name,
                "tracking_id": f"T{number + 1}",
                "status": "cancelled",
                "carrier": carrier,
                "rts_at": "2026-11-09 10:00:00",
                "shipped_at": "2026-11-09 15:00:00" if shipped else None,
                "created_at": "2026-11-08 10:00:00",
            }
        )
        items.append({"order_id": name, "stage": "refund", "carrier": carrier, "event_at": "2026-11-13 10:00:00"})
    # The second line of the first order: still one order.
    lines.append({**lines[0], "sku_id": "S2", "first_line": False})
    items.append({**items[0], "sku_id": "S2"})
    events = [*ALWAYS, {"tracking_id": "T4", "at": PICKED[0], "step": "picked_up"}]
    table = by_carrier(check_tracking(order_lines(*lines), affected_items(*items), tracking_events(*events), AS_OF, 30))
    row = table.set_index("carrier")
    assert row.loc["A", ["orders", "found_orders", "never_moved", "label_only"]].tolist() == [3, 3, 2, 1]
    assert row.loc["B", ["orders", "found_orders"]].tolist() == [1, 0]
    assert (table[list(CHECKS)].sum(axis=1) >= table["found_orders"]).all()


def test_no_events_and_no_items_give_empty_frames():
    nothing = affected_items({}).iloc[:0]
    found = check_tracking(order_lines({}), nothing, tracking_events(*ALWAYS), AS_OF, 3)
    assert found.empty
    assert by_carrier(found).empty
    none = tracking_events(*ALWAYS).iloc[:0]
    assert check_tracking(order_lines({}), nothing, none, AS_OF, 3).empty
    assert parcels(none).empty


def test_without_a_time_of_cancellation_nothing_is_said_of_what_came_before_it():
    # The order's own time stands in; the parcel was collected after it, as every parcel is.
    undated = {"cancelled_at": None}
    found = check([LABEL, PICKED], undated, {"root_cause": "late_dispatch", "event_at": "2026-11-08 10:00:00"})
    assert found["check"].tolist() == ["moved"]
    assert found["cancelled_at"].isna().all()
    label = check([LABEL], {**undated, "shipped_at": None}, {"event_at": "2026-11-08 10:00:00"})
    assert (label["check"].tolist(), label["waited"].tolist()) == (["label_only"], [False])
