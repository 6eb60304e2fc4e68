"""What the times in the files say for an appeal, order by order, and what accepted appeals would change."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.benchmarks.judgement import judge
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.order_management.appeals import METRIC, find_appeals
from cancel_analysis.rates.cube import daily
from cancel_analysis.rates.order_facts import describe_orders
from tests.frames import cancel_requests, order_lines, tracking_events

AS_OF = date(2026, 11, 15)
SHOP = make_shop({"id": "shop", "market": "TH"})
TIMEOUT = "Automatically cancelled due to collection time out"


def order(number: int, **given):
    return {
        "order_id": f"5{number:015d}", "created_at": "2026-11-10 09:00:00", "paid_at": "2026-11-10 09:05:00",
        "rts_at": "2026-11-10 15:00:00", "shipped_at": "2026-11-10 18:00:00", "delivered_at": "2026-11-12 12:00:00",
        **given,
    }  # fmt: skip


def gone(number: int, reason: str = TIMEOUT, by: str = "system", **given):
    return order(
        number,
        **{
            "status": "cancelled", "cancelled_at": "2026-11-13 12:00:00", "cancelled_by": by, "rts_at": None,
            "cancel_reason_text": reason, "quantity_affected": 1, "shipped_at": None, "delivered_at": None,
            **given,
        },
    )  # fmt: skip


def found_for(*lost, fine: int = 60, requests=None, tracking=None):
    orders = order_lines(*lost, *(order(100 + number) for number in range(fine)))
    items = attribute(orders, None, SHOP).items
    facts = describe_orders(orders, items, SHOP, AS_OF, tracking)
    judged = judge(daily(facts, items, AS_OF), SHOP, AS_OF, facts)
    standing = next(one for one in judged.standings if one.limit.metric == METRIC and one.gives_verdict)
    return find_appeals(facts, orders, items, standing, SHOP, AS_OF, requests=requests, tracking=tracking)


def ground_of(found, number: int):
    row = found.frame.set_index("order_id").loc[f"5{number:015d}"]
    return row["ground"], row["how_likely"], row["shown_by"]


def test_every_counted_cancellation_has_a_row_and_no_other():
    found = found_for(gone(1), gone(2, "Out of stock", "seller"), order(3))
    assert sorted(found.frame["order_id"]) == [f"5{number:015d}" for number in (1, 2)]
    assert found.standing.numerator == 2


def test_a_scan_before_the_cancellation_supports_and_one_after_contradicts():
    scans = tracking_events(
        {"tracking_id": "T1", "at": "2026-11-12 08:00:00", "step": "picked_up"},
        {"tracking_id": "T2", "at": "2026-11-13 18:00:00", "step": "picked_up"},
    )
    lost = [gone(1, tracking_id="T1", rts_at="2026-11-11 09:00:00"), gone(2, tracking_id="T2")]
    found = found_for(*lost, tracking=scans)
    assert ground_of(found, 1) == ("handed_over", "supported", "scanned_before")
    assert ground_of(found, 2) == ("handed_over", "contradicted", "scanned_after")


def test_ready_in_time_leaves_it_open_and_ready_late_speaks_against():
    # Ordered on a Tuesday: two working days run out at the end of Thursday, 12 November.
    lost = [
        gone(1, rts_at="2026-11-12 20:00:00"),
        gone(2, rts_at="2026-11-13 08:00:00"),
        gone(3),
    ]
    found = found_for(*lost)
    assert ground_of(found, 1) == ("carrier_failed", "possible", "ready_in_time")
    assert ground_of(found, 2) == ("carrier_failed", "contradicted", "ready_late")
    assert ground_of(found, 3) == ("carrier_failed", "contradicted", "never_ready")


def test_files_without_the_time_of_being_ready_contradict_nobody():
    orders = [gone(1), *(order(100 + number, rts_at=None) for number in range(60))]
    found = found_for(*orders, fine=0)
    assert ground_of(found, 1) == ("carrier_failed", "possible", "ready_unknown")


def test_a_buyer_who_asked_before_supports_and_one_who_asked_later_does_not():
    asked = cancel_requests(
        {"request_id": "R1", "order_id": f"5{1:015d}", "initiator": "buyer", "created_at": "2026-11-12 10:00:00"},
        {"request_id": "R2", "order_id": f"5{2:015d}", "initiator": "buyer", "created_at": "2026-11-14 10:00:00"},
    )
    found = found_for(gone(1, "Out of stock", "seller"), gone(2, "Out of stock", "seller"), requests=asked)
    assert ground_of(found, 1) == ("buyer_asked", "supported", "asked_before")
    assert ground_of(found, 2) == ("", "", "")


def test_out_of_stock_has_no_ground():
    assert ground_of(found_for(gone(1, "Out of stock", "seller")), 1) == ("", "", "")


def test_accepted_appeals_are_taken_off_and_those_that_bring_it_back_come_first():
    scans = [{"tracking_id": f"T{number}", "at": "2026-11-12 08:00:00", "step": "picked_up"} for number in range(12)]
    lost = [gone(number, tracking_id=f"T{number}") for number in range(12)]
    found = found_for(*lost, gone(20, "Out of stock", "seller"), fine=87, tracking=tracking_events(*scans))
    # 13 of 100 at a limit that 10 of 100 reach.
    assert (found.standing.numerator, found.standing.denominator, found.standing.standing) == (13, 100, "over")
    assert (found.supported, found.numerator, found.rate) == (12, 1, pytest.approx(0.01))
    assert found.standing_after == "under"
    assert found.frame["file_first"].sum() == 4
    assert found.frame["file_first"].iloc[:4].all()
    assert found.frame["how_likely"].iloc[:12].eq("supported").all()


def test_it_says_until_when_a_cancellation_counts():
    found = found_for(gone(1))
    days = found.standing.limit.window_days
    assert found.frame["leaves_on"].iloc[0] == pd.Timestamp("2026-11-10") + pd.Timedelta(days=days)


def test_no_buyer_and_no_product_is_in_it():
    assert not {"buyer", "product_name", "sku_id", "tracking_id", "region"} & set(found_for(gone(1)).frame.columns)


def test_without_a_time_of_cancellation_no_scan_and_no_request_comes_before_it():
    # The order's own time stands in for it: every scan is after that, and a request never before.
    scans = tracking_events({"tracking_id": "T1", "at": "2026-11-12 08:00:00", "step": "picked_up"})
    lost = gone(1, tracking_id="T1", rts_at="2026-11-11 09:00:00", cancelled_at=None)
    found = found_for(lost, tracking=scans)
    assert found.frame["cancelled_at"].isna().all()
    assert ground_of(found, 1)[1] == "possible"
