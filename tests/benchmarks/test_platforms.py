"""Other platforms' rules: windows and counts by hand, and the sample shops counted a second way."""

from datetime import date, timedelta

import pandas as pd
import pytest
from scipy import stats

from cancel_analysis.benchmarks.platforms import RULES, rule_days, under_others
from cancel_analysis.catalog.policies import reference_lines
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates.order_facts import describe_orders
from tests.frames import affected_items, order_lines
from tests.studies import opened

AS_OF = date(2026, 11, 15)
SHOP = make_shop({"id": "shop", "market": "TH"})


def order(n, day, **more):
    paid = {"paid_at": f"{day} 10:05:00"} if more.pop("paid", True) else {"paid_at": None}
    return {"order_id": f"57000000000{n:05d}", "created_at": f"{day} 10:00:00", **paid, **more}


def lost(n, day, event=None, **more):
    known = {"order_created_at": f"{day} 10:00:00", "event_at": f"{event or day} 18:00:00"}
    return {"order_id": f"57000000000{n:05d}", **known, **more}


def cancelled(n, day, event=None, by="seller", **more):
    """An order of one unit cancelled whole, with its item."""
    event = event or day
    return (
        order(n, day, status="cancelled", cancelled_at=f"{event} 18:00:00", cancelled_by=by, quantity_affected=1),
        lost(n, day, event, initiator=by, **more),
    )


def under(orders, items, shop=SHOP, as_of=AS_OF):
    lines = order_lines(*orders)
    parts = affected_items(*items) if items else affected_items(lost(0, "2026-11-01")).head(0)
    frame = under_others(describe_orders(lines, parts, shop, as_of), lines, parts, shop, as_of)
    return frame.set_index(["rule", "window_days"])


def test_every_rule_has_its_line_and_words():
    from cancel_analysis.catalog.words import words

    lines = {line.id: line for line in reference_lines("platform")}
    for rule in RULES:
        assert {rule.line, *rule.heavier} <= set(lines)
        assert words("en")(f"others.rule.{rule.line}")
        assert f"others.missing.{rule.line}" in words("en").entries


def test_lazada_counts_items_ordered_from_35_to_8_days_before():
    orders = [
        order(1, "2026-10-10", quantity=5),  # day -36: out
        order(2, "2026-10-11", quantity=3, quantity_affected=2),  # day -35: in
        order(3, "2026-11-07", quantity=10),  # day -8: in
        order(4, "2026-11-08", quantity=7),  # day -7: out
        order(5, "2026-10-20", quantity=4, paid=False),  # never paid: out
        order(6, "2026-10-21", quantity=2, quantity_affected=2),  # cancelled at the buyer's wish
    ]
    items = [
        lost(1, "2026-10-10", units=5),
        lost(2, "2026-10-11", units=2, whole_order=False),
        lost(4, "2026-11-08", units=7),
        lost(6, "2026-10-21", units=2, initiator="buyer", responsibility="buyer"),
    ]
    row = under(orders, items).loc[("lazada_cancel", 28)]
    assert (row["first_day"], row["last_day"]) == (pd.Timestamp("2026-10-11"), pd.Timestamp("2026-11-07"))
    assert (row["numerator"], row["denominator"]) == (2, 15)
    assert row["rate"] == pytest.approx(2 / 15)
    assert row["standing"] == "under"
    assert row["low"] < 2 / 15 < row["high"]


def test_lazada_does_not_count_below_ten_items():
    orders, items = [order(1, "2026-11-01", quantity=9, quantity_affected=9)], [lost(1, "2026-11-01", units=9)]
    assert under(orders, items).loc[("lazada_cancel", 28), "standing"] == "not_counted"
    orders.append(order(2, "2026-11-02"))
    row = under(orders, items).loc[("lazada_cancel", 28)]
    assert (row["numerator"], row["denominator"], row["standing"]) == (9, 10, "over")


def test_amazon_counts_orders_that_the_seller_cancelled_among_paid_ones_of_seven_days():
    pairs = [
        cancelled(1, "2026-11-09"),  # the first of the seven days
        cancelled(2, "2026-11-08"),  # the day before them
        cancelled(3, "2026-11-12", by="buyer", responsibility="buyer"),
        cancelled(4, "2026-11-12", by="system", root_cause="late_dispatch", reason="late_shipment"),
    ]
    orders = [first for first, _ in pairs] + [order(n, "2026-11-13") for n in range(10, 47)]
    orders.append(order(50, "2026-11-13", paid=False))
    row = under(orders, [item for _, item in pairs]).loc[("amazon_cancel", 7)]
    assert (row["numerator"], row["denominator"]) == (1, 40)
    # 1 of 40 is 2.5 %, and the rule asks for less than 2.5 %.
    assert row["standing"] == "over"
    assert row["numerator_other"] == 2, "an automatic cancellation may be held to be the seller's"
    low, high = stats.binomtest(1, 40).proportion_ci(0.95, "wilson")
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_shopee_goes_by_the_day_it_happened_and_takes_returns_in():
    pairs = [
        cancelled(1, "2026-11-01", "2026-11-10"),  # ordered earlier, cancelled inside
        cancelled(2, "2026-11-08", "2026-11-08"),  # cancelled on the day before the seven
        cancelled(3, "2026-11-10", by="system", responsibility="shipping", root_cause="carrier"),
        cancelled(4, "2026-11-10", by="buyer", responsibility="buyer"),
    ]
    back = {"return_id": "4000000000000001", "stage": "return_refund", "root_cause": "quality", "reason": "defective"}
    orders = [first for first, _ in pairs] + [order(5, "2026-10-20", delivered_at="2026-10-25 10:00:00")]
    orders += [order(n, "2026-11-14") for n in range(10, 18)]
    items = [item for _, item in pairs] + [
        lost(5, "2026-10-20", "2026-11-15", initiator="buyer", whole_order=False, **back)
    ]
    row = under(orders, items).loc[("shopee_nfr", 7)]
    assert row["numerator"] == 3, "one cancelled late, one by the platform, one seller-fault return"
    assert row["denominator"] == 10, "orders placed in the seven days"
    assert row["standing"] == "over"
    low, high = stats.chi2.ppf(0.025, 6) / 2 / 10, stats.chi2.ppf(0.975, 8) / 2 / 10
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_ebay_counts_lines_and_twelve_months_only_where_the_data_reach():
    first, item = cancelled(1, "2026-09-01")
    two = [order(2, "2026-09-01", sku_id="A"), order(2, "2026-09-01", sku_id="B", first_line=False)]
    found = under([first, *two, order(3, "2026-08-16")], [item])
    assert ("ebay_defects", 365) not in found.index
    row = found.loc[("ebay_defects", 90)]
    assert row["days"] == 90
    assert (row["numerator"], row["denominator"]) == (1, 3), "the order of 16 August lies before the 90 days"
    longer = under([first, *two, order(3, "2026-04-01")], [item])
    assert longer.loc[("ebay_defects", 365), "days"] == (AS_OF - date(2026, 4, 1)).days + 1


def test_what_no_export_shows_has_no_figure():
    row = under([order(1, "2026-11-10")], []).loc[("amazon_defect", 60)]
    assert pd.isna(row["rate"])
    assert pd.isna(row["standing"])
    assert row["limit"] == 0.01


def test_only_unpaid_orders_leave_nothing_to_count():
    found = under([order(1, "2026-11-10", paid=False)], [])
    assert set(found["standing"].dropna()) == {"not_counted"}


@pytest.mark.parametrize("placed", [0, 1])
def test_more_cancelled_than_ordered_in_a_window_is_no_crash(placed):
    """A shop that pauses: three orders of October cancelled in a week in which one or none is placed."""
    pairs = [cancelled(n, "2026-10-20", "2026-11-12") for n in range(3)]
    orders = [first for first, _ in pairs] + [order(10 + n, "2026-11-13") for n in range(placed)]
    row = under(orders, [item for _, item in pairs]).loc[("shopee_nfr", 7)]
    assert (row["numerator"], row["denominator"]) == (3, placed)
    if placed:
        assert (row["rate"], row["standing"]) == (3, "over")
        low, high = stats.chi2.ppf(0.025, 6) / 2, stats.chi2.ppf(0.975, 8) / 2
        assert low <= row["rate"] <= high
        assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))
    else:
        assert pd.isna(row["rate"])
        assert row["standing"] == "not_counted"


def test_the_worst_window_of_the_month_is_found():
    pairs = [cancelled(n, "2026-10-25") for n in range(1, 4)]
    orders = [first for first, _ in pairs]
    orders += [order(100 + n, str(date(2026, 10, 1) + timedelta(days=n // 2))) for n in range(90)]
    row = under(orders, [item for _, item in pairs]).loc[("amazon_cancel", 7)]
    assert row["numerator"] == 0
    assert row["worst_rate"] == pytest.approx(3 / 17)
    assert row["days_over"] == 7, "the seven windows that hold the 25th"


@pytest.mark.parametrize("shop", ["us-harbor-home", "id-toko-gadget", "th-siam-beauty"])
def test_the_sample_counted_a_second_way(shop):
    """Lazada's and eBay's figures again from order lines and items, in plain loops."""
    study = opened(shop)
    start, end = date(2026, 10, 11), date(2026, 11, 7)
    paid = {
        row.order_id
        for row in study.orders.itertuples()
        if row.is_cod or pd.notna(row.paid_at) or pd.notna(row.rts_at) or pd.notna(row.shipped_at)
    } - set(study.items.loc[study.items["stage"] == "unpaid", "order_id"])  # fmt: skip
    ordered = sum(
        row.quantity
        for row in study.orders.itertuples()
        if row.order_id in paid and start <= row.created_at.date() <= end
    )
    gone = lines_gone = 0
    for row in study.items.itertuples():
        mine = row.responsibility == "seller" and row.initiator != "buyer" and row.stage in ("cancellation", "refund")
        if mine and pd.isna(row.return_id) and not row.failed_delivery and not row.refused and row.order_id in paid:
            gone += row.units if start <= row.order_created_at.date() <= end else 0
            lines_gone += row.order_created_at.date() > AS_OF - timedelta(days=90)
    found = under_others(study.facts, study.orders, study.items, study.shop, study.as_of).set_index(
        ["rule", "window_days"]
    )
    assert tuple(found.loc[("lazada_cancel", 28), ["numerator", "denominator"]]) == (gone, ordered)
    assert found.loc[("ebay_defects", 90), "numerator"] == lines_gone


def test_days_add_up_to_the_shop():
    study = opened("us-harbor-home")
    days = rule_days(study.facts, study.orders, study.items, study.as_of)
    assert days["orders"].sum() == study.facts["paid"].sum()
    assert days["units"].sum() == study.facts.loc[study.facts["paid"], "units"].sum()
    assert days["by_seller"].sum() == (study.facts["paid"] & study.facts["cancelled_by_seller"]).sum()
    assert days["late"].sum() == study.facts["late_dispatch"].sum()
