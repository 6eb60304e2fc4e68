"""Standing with the platform: steps counted by hand, parts of a score from files, what is typed in."""

from datetime import date

import pytest

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.benchmarks.judgement import judge
from cancel_analysis.benchmarks.scores import handling_hours, platform_standing
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates.cube import daily
from cancel_analysis.rates.order_facts import describe_orders
from tests.frames import order_lines, returns

AS_OF = date(2026, 11, 15)
ZONES = {"US": ("America/Los_Angeles", "USD"), "TH": ("Asia/Bangkok", "THB"), "ID": ("Asia/Jakarta", "IDR")}


def order(number, **given):
    return {"order_id": f"5{number:015d}", "created_at": "2026-11-12 09:00:00", "paid_at": "2026-11-12 09:05:00",
            "rts_at": "2026-11-12 15:00:00", "shipped_at": "2026-11-13 08:00:00",
            "delivered_at": "2026-11-14 12:00:00", **given}  # fmt: skip


def lost(number, **given):
    return order(
        number,
        **{
            "status": "cancelled", "cancelled_at": "2026-11-13 12:00:00", "cancelled_by": "seller", "rts_at": None,
            "cancel_reason_text": "Out of stock", "quantity_affected": 1, "shipped_at": None, "delivered_at": None,
            **given,
        },
    )  # fmt: skip


def found(market, cancelled, fine, back=(), untellable=(), **settings):
    zone, currency = ZONES[market]
    shop = make_shop({"id": "shop", "market": market, **settings})
    rows = [*(lost(n) for n in range(cancelled)), *(order(1000 + n) for n in range(fine))]
    orders = order_lines(*({**row, "currency": currency} for row in rows), zone=zone)
    asked = returns(*({**row, "currency": currency} for row in back), zone=zone) if back else None
    items = attribute(orders, asked, shop).items
    facts = describe_orders(orders, items, shop, AS_OF)
    cube = daily(facts, items, AS_OF)
    standings = judge(cube, shop, AS_OF, facts).standings
    return platform_standing(cube, facts, asked, standings, shop, AS_OF, untellable=untellable)


def steps(standing):
    return standing.steps[["from_value", "from_orders", "more", "points"]].fillna(-1).to_numpy().tolist()


def test_steps_of_indonesia_are_counted_in_the_orders_that_there_are():
    # 4 of 100: 5 % is the fifth, 10 % the tenth …; the limit on cancellations gives no points there.
    standing = found("ID", 4, 96)
    assert steps(standing) == [[0.05, 0, 1, -1], [0.1, 0, 6, -1], [0.3, 0, 26, -1], [0.5, 0, 46, -1], [0.75, 0, 71, -1]]
    assert (standing.next_step["from_value"], standing.next_step["more"]) == (0.05, 1)
    assert standing.points_now == 0


def test_in_thailand_the_thirtieth_order_is_a_step_of_its_own():
    # 12 of 100 is over 10 %: 2 points; 18 more make 30 orders and 30 %.
    standing = found("TH", 12, 88)
    assert steps(standing) == [[0.1, 0, 0, 2], [0.1, 30, 18, 4], [0.3, 0, 18, 4], [0.5, 0, 38, 4]]
    assert standing.points_now == 2
    # Of 40 orders four are 10 %; 30 of 40 are counted as one more step.
    few = found("TH", 1, 39)
    assert steps(few)[:2] == [[0.1, 0, 3, 2], [0.1, 30, 29, 4]]
    # A window of 20 orders never has 30 cancelled ones.
    assert steps(found("TH", 1, 19)) == [[0.1, 0, 1, 2], [0.3, 0, 5, 2], [0.5, 0, 9, 2]]


def test_points_that_were_typed_in_lead_to_the_next_step():
    typed = {"standing": {"read_on": "2026-11-14", "violation_points": 11}}
    (read,) = found("ID", 4, 96, **typed).scores
    assert (read.value, read.step.value, read.away) == (11, 12, 1)
    (unread,) = found("ID", 4, 96).scores
    assert (unread.value, unread.step, unread.away) == (None, None, None)


def measures(standing):
    return standing.measures.set_index("measure")


def test_of_the_us_score_two_measures_and_a_part_come_from_files():
    back = [
        {"return_id": "R1", "order_id": f"5{1000:015d}", "requested_at": "2026-11-14 13:00:00", "refunded_at": None,
         "reason_text": "No longer needed", "status": "in_process"},
        {"return_id": "R2", "order_id": f"5{1001:015d}", "requested_at": "2026-11-14 13:00:00",
         "refunded_at": "2026-11-15 19:00:00", "reason_text": "Poor quality"},
    ]  # fmt: skip
    rows = measures(found("US", 2, 98, back))
    assert rows["known"].to_dict() == {
        "seller_fault_cancellations": "files", "non_buyer_fault_returns": "files", "after_sales_handling": "part",
        "negative_reviews": "missing", "on_time_delivery": "missing", "chat_dissatisfaction": "missing",
    }  # fmt: skip
    assert rows.loc["seller_fault_cancellations", ["numerator", "denominator"]].tolist() == [2, 100]
    # Of 98 delivered orders one came back that is not the buyer's.
    assert rows.loc["non_buyer_fault_returns", ["numerator", "denominator"]].tolist() == [1, 98]
    assert rows.loc["after_sales_handling", ["value", "numerator", "denominator"]].tolist() == [30, 1, 2]


def test_files_without_returns_and_without_initiators_say_nothing_of_them():
    rows = measures(found("US", 2, 98, untellable=("non_buyer_fault_return_rate", "seller_fault_cancellation_rate")))
    assert set(rows["known"]) == {"missing"}
    assert rows["value"].isna().all()


def test_what_is_typed_in_is_shown_as_that_and_no_score_is_made_of_it():
    typed = {"read_on": "2026-11-14", "on_time_delivery_rate": 0.95, "shop_performance_score": 4.1}
    standing = found("US", 0, 40, standing=typed)
    rows = measures(standing)
    assert (rows.loc["on_time_delivery", "known"], rows.loc["on_time_delivery", "value"]) == ("typed", 0.95)
    assert standing.read_on == date(2026, 11, 14)
    score, health = standing.scores
    assert (score.value, score.delivered, score.step) == (4.1, 40, None)
    assert health.value is None


def test_hours_are_the_median_of_whole_requests():
    rows = returns(
        # Two lines of one request: refunded with the last, after 10 hours.
        {"return_id": "A", "order_id": "1", "requested_at": "2026-11-01 10:00", "refunded_at": "2026-11-01 12:00"},
        {"return_id": "A", "order_id": "1", "sku_id": "S2", "requested_at": "2026-11-01 10:00",
         "refunded_at": "2026-11-01 20:00"},
        {"return_id": "B", "order_id": "2", "requested_at": "2026-11-02 10:00", "refunded_at": "2026-11-04 10:00"},
        # One line still waits, so the request does; the last is older than the window.
        {"return_id": "C", "order_id": "3", "requested_at": "2026-11-03 10:00", "refunded_at": "2026-11-03 11:00"},
        {"return_id": "C", "order_id": "3", "sku_id": "S2", "requested_at": "2026-11-03 10:00", "refunded_at": None},
        {"return_id": "D", "order_id": "4", "requested_at": "2026-10-01 10:00", "refunded_at": "2026-10-01 11:00"},
    )  # fmt: skip
    hours, refunded, asked = handling_hours(rows, AS_OF)
    assert (hours, refunded, asked) == (pytest.approx(29), 2, 3)


def test_another_platforms_shop_has_none_of_these_scores():
    shop = make_shop({"id": "shop", "mapping": "shopee-id"})
    orders = order_lines(order(1), zone="Asia/Jakarta")
    items = attribute(orders, None, shop).items
    facts = describe_orders(orders, items, shop, AS_OF)
    standing = platform_standing(daily(facts, items, AS_OF), facts, None, (), shop, AS_OF)
    assert standing.scores == ()
    assert standing.steps.empty
    assert standing.next_step is None
