"""What a fix is worth on a shop counted by hand; its verdicts against a shop that never had the cause."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cancel_analysis.benchmarks.judgement import judge
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.diagnosis.costs import count_costs
from cancel_analysis.diagnosis.fixes import (
    LOST_DAYS,
    LOST_FLAGS,
    LOST_SUMS,
    cause_of_orders,
    lighter,
    value_fixes,
    without,
)
from cancel_analysis.rates.cube import daily
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.rates.sums import DailySums
from tests.frames import affected_items, order_lines

AS_OF = date(2026, 11, 15)
ZONE = "America/New_York"
US = make_shop({"id": "shop", "market": "US"})
STOCK = {"reason": "out_of_stock", "root_cause": "stock", "initiator": "seller", "responsibility": "seller"}
LATE = {"reason": "not_shipped", "root_cause": "late_dispatch", "initiator": "system", "responsibility": "seller"}
MIND = {"reason": "no_need", "root_cause": "buyer_choice", "initiator": "buyer", "responsibility": "buyer"}
CARRIER = {"root_cause": "carrier", "initiator": "system", "responsibility": "shipping", "stage": "refund",
           "failed_delivery": True}  # fmt: skip


def lived(number, loss=None, day="2026-11-04", amount=10.0):
    """An order of `day` that was sent the next day, or lost as `loss` says."""
    line = {"order_id": f"O{number}", "currency": "USD", "line_amount": amount, "created_at": f"{day} 10:00:00"}
    line |= {"paid_at": f"{day} 10:05:00"}
    sent = {"rts_at": f"{day} 18:00:00", "shipped_at": f"{day} 20:00:00"}
    if loss is None or loss.get("stage") == "refund":
        line |= sent
    item = None
    if loss is not None:
        item = {"order_id": f"O{number}", "currency": "USD", "amount": amount, "order_created_at": f"{day} 10:00:00"}
        item |= {"event_at": f"{day} 23:00:00", **loss}
    return line, item


def shop_of(*losses, fine=1000):
    """Order lines and items: each loss an order, and `fine` orders without any."""
    pairs = [lived(number, loss, amount=10.0 + number) for number, loss in enumerate(losses)]
    pairs += [lived(number) for number in range(len(losses), len(losses) + fine)]
    lines = order_lines(*(line for line, _ in pairs), zone=ZONE)
    return lines, affected_items(*(item for _, item in pairs if item), zone=ZONE)


def worth(lines, items, **options):
    facts = describe_orders(lines, items, US, AS_OF)
    costs = count_costs(lines, items, None, shop=US, as_of=AS_OF)
    cube = daily(facts, items, AS_OF)
    judgement = judge(cube, US, AS_OF, facts)
    return value_fixes(items, facts, cube, costs, judgement, shop=US, as_of=AS_OF, period_days=30, **options)


LOSSES = [STOCK] * 30 + [LATE] * 5 + [CARRIER] * 8 + [MIND] * 12


def test_rates_orders_and_money_without_a_cause_by_hand():
    found = worth(*shop_of(*LOSSES))
    assert (found.deciding.numerator, found.deciding.denominator) == (35, 1055)
    assert found.verdict == "breach"
    stock = found.of("stock")
    # 30 of the 35 go, all 1,055 orders stay.
    assert stock[["orders", "counted", "numerator", "denominator"]].tolist() == [30, 30, 5, 1055]
    assert stock["rate"] == pytest.approx(5 / 1055)
    assert stock[["standing", "signal", "verdict"]].tolist() == ["under", "below", "ok"]
    low, high = stats.chi2.ppf(0.025, 60) / 2, stats.chi2.ppf(0.975, 62) / 2
    assert stock[["orders_low", "orders_high"]].tolist() == pytest.approx([low, high])
    amounts = 10.0 + np.arange(30)
    # All orders are of 4 November, twelve days up to the 15th.
    assert stock["money_week"] == pytest.approx(amounts.sum() * 7 / 12)
    assert stock["money_week_low"] < stock["money_week"] < stock["money_week_high"]
    late = found.of("late_dispatch")
    assert late[["orders", "counted", "numerator", "standing", "verdict"]].tolist() == [5, 5, 30, "over", "breach"]
    carrier = found.of("carrier")
    assert carrier[["orders", "counted", "numerator", "verdict"]].tolist() == [8, 0, 35, "breach"]


def test_the_parts_and_everything_agree():
    found = worth(*shop_of(*LOSSES))
    fixable = found.frame[found.frame["fixable"]]
    for name in ("orders", "counted", "money_week"):
        assert fixable[name].sum() == pytest.approx(found.everything[name])
    assert found.frame["orders"].sum() == len(LOSSES)
    assert found.everything["numerator"] == 0
    assert not found.of("buyer_choice")["fixable"]


def test_ranked_by_the_verdict_they_bring_then_by_money():
    found = worth(*shop_of(*LOSSES))
    # Only stock brings the shop back; the carrier's eight orders are worth more than the five late ones.
    assert found.frame["root_cause"].tolist() == ["stock", "carrier", "late_dispatch", "buyer_choice"]


def test_the_verdict_is_that_of_a_shop_that_never_had_the_cause():
    """The same shop with its out-of-stock orders sent like all others, judged from its own files."""
    lines, items = shop_of(*LOSSES)
    told = worth(lines, items)
    cured_lines, cured_items = shop_of(*[None if one is STOCK else one for one in LOSSES])
    facts = describe_orders(cured_lines, cured_items, US, AS_OF)
    real = judge(daily(facts, cured_items, AS_OF), US, AS_OF, facts)
    assert told.of("stock")["verdict"] == real.verdict
    same = next(one for one in real.standings if one.limit.id == told.deciding.limit.id)
    names = ["numerator", "denominator", "rate", "low", "high", "standing", "signal"]
    assert told.of("stock")[names].tolist() == [getattr(same, name) for name in names]


def test_an_order_lost_to_two_causes_belongs_to_the_last():
    lines, items = shop_of(STOCK, LATE, fine=100)
    second = items.iloc[[0]].assign(root_cause="price", reason="pricing_error", line_no=2)
    later = second.assign(event_at=second["event_at"] + pd.Timedelta(hours=1))
    both = pd.concat([items, later], ignore_index=True)
    assert cause_of_orders(both).to_dict() == {"O0": "price", "O1": "late_dispatch"}
    found = worth(lines, both)
    assert found.frame.set_index("root_cause")["orders"].to_dict() == {"price": 1, "late_dispatch": 1}
    assert found.frame["counted"].sum() == found.deciding.numerator


def columns_of(facts):
    return {name: facts[name].to_numpy() for name in facts}


def test_without_a_cause_an_order_is_as_if_nothing_had_happened():
    lines, items = shop_of(*LOSSES, fine=5)
    facts = describe_orders(lines, items, US, AS_OF)
    fixed = cause_of_orders(items).index
    clean = pd.DataFrame(without(columns_of(facts), facts["order_id"].isin(fixed).to_numpy()))
    assert not clean[list(LOST_FLAGS)].to_numpy().any()
    assert (clean[list(LOST_SUMS)] == 0).all().all()
    assert clean[list(LOST_DAYS)].isna().all().all()
    kept = [name for name in facts if name not in {*LOST_FLAGS, *LOST_SUMS, *LOST_DAYS}]
    pd.testing.assert_frame_equal(clean[kept], facts[kept])
    # Every flag of the facts is a loss, or one that stays.
    stays = {"other_currency", "cod", "paid", "unpaid", "dispatch_due", "dispatched", "shipped", "delivered",
             "delivery_ended", "late_dispatch", "by_platform", "should_have_arrived", "arrival_unknown"}  # fmt: skip
    assert {name for name in facts if facts[name].dtype == bool} == stays | set(LOST_FLAGS)


def test_taking_off_what_is_gone_is_counting_anew():
    lines, items = shop_of(*LOSSES)
    facts = describe_orders(lines, items, US, AS_OF)
    sums = DailySums.of(daily(facts, items, AS_OF))
    owner = cause_of_orders(items)
    for cause in ("stock", "late_dispatch", "carrier"):
        fixed = owner[owner == cause].index
        columns = columns_of(facts)
        gone = facts["order_id"].isin(fixed).to_numpy()
        changed = without(columns, gone, never_late=cause == "late_dispatch")
        anew = daily(pd.DataFrame(changed), items[~items["order_id"].isin(fixed)], AS_OF)
        names = ["seller_fault", "seller_fault_other", "orders_late", "cancelled_by_seller", "deliveries_failed"]
        taken_off = lighter(sums, columns, changed, names)
        for basis in ("created", "event"):
            expected = anew[anew["basis"] == basis]
            for name in (*names, "orders_paid"):
                np.testing.assert_array_equal(taken_off(name, basis), expected[name], err_msg=f"{basis} {name}")
    assert lighter(sums, columns, columns, names) is sums


def test_without_late_dispatch_nobody_is_late():
    waiting = {"rts_at": None, "shipped_at": None, "delivered_at": None, "status": "to_ship"}
    late = [{**lived(number)[0], **waiting, "created_at": "2026-11-02 10:00:00"} for number in range(40)]
    fine = [lived(number)[0] for number in range(40, 200)]
    items = affected_items(lived(300, LATE)[1], zone=ZONE)
    lines = order_lines(*late, *fine, lived(300, LATE)[0], zone=ZONE)
    found = worth(lines, items)
    assert found.deciding.limit.metric == "late_dispatch_rate"
    row = found.of("late_dispatch")
    assert (row["orders"], row["numerator"], row["counted"]) == (1, 0, found.deciding.numerator)


def test_a_late_order_stays_late_whatever_it_was_returned_for():
    quality = {"root_cause": "quality", "initiator": "buyer", "responsibility": "seller", "stage": "refund",
               "event_at": "2026-11-14 10:00:00"}  # fmt: skip
    lines, items = [], []
    for number in range(60):
        late = {"rts_at": "2026-11-10 18:00:00", "shipped_at": "2026-11-10 20:00:00"} if number < 50 else {}
        line, item = lived(number, quality if number < 20 else None, day="2026-11-02")
        lines.append(line | late)
        items += [item] if item else []
    found = worth(
        order_lines(*lines, *(lived(number)[0] for number in range(60, 200)), zone=ZONE),
        affected_items(*items, zone=ZONE),
    )
    assert (found.deciding.limit.metric, found.deciding.numerator) == ("late_dispatch_rate", 50)
    row = found.of("quality")
    assert (row["orders"], row["counted"], row["numerator"]) == (20, 0, 50)


def test_money_a_week_is_of_the_days_that_the_files_cover():
    pairs = [lived(number, STOCK if number < 4 else None, day="2026-11-09") for number in range(50)]
    lines = order_lines(*(line for line, _ in pairs), zone=ZONE)
    items = affected_items(*(item for _, item in pairs if item), zone=ZONE)
    # From Monday 9 to Sunday 15 November: seven of the thirty days, so a week is all there is.
    found = worth(lines, items)
    assert found.days == 7
    assert found.of("stock")["money_week"] == pytest.approx(40.0)
    # An order long before: the days between had none, but they are covered.
    old = order_lines(lived(99, day="2026-09-01")[0], zone=ZONE)
    longer = worth(pd.concat([old, lines], ignore_index=True), items)
    assert longer.days == 30
    assert longer.of("stock")["money_week"] == pytest.approx(40.0 * 7 / 30)


def test_the_largest_cause_is_certain_only_beyond_chance():
    sure = worth(*shop_of(*LOSSES, *[STOCK] * 20))
    assert (sure.deciding.signal, sure.certain) == ("above", "stock")
    close = [STOCK] * 24 + [LATE] * 20
    assert worth(*shop_of(*close)).certain == ""
    # A shop that may be over its limit by luck is told no cause at all.
    lucky = worth(*shop_of(*[STOCK] * 27, fine=973))
    assert (lucky.deciding.standing, lucky.deciding.signal, lucky.certain) == ("over", "cannot_tell", "")


def test_a_shop_without_losses_or_limits():
    none = worth(*shop_of(fine=200))
    assert none.frame.empty
    assert none.everything["orders"] == 0
    assert none.of("stock") is None
    british = make_shop({"id": "shop", "market": "GB"})
    lines, items = shop_of(*LOSSES)
    facts = describe_orders(lines, items, british, AS_OF)
    costs = count_costs(lines, items, None, shop=british, as_of=AS_OF)
    cube = daily(facts, items, AS_OF)
    judgement = judge(cube, british, AS_OF, facts)
    found = value_fixes(items, facts, cube, costs, judgement, shop=british, as_of=AS_OF, period_days=30)
    assert (found.deciding, found.certain) == (None, "")
    assert found.of("stock")["orders"] == 30
    # Money of another currency than the shop's is not counted.
    assert found.of("stock")["money_week"] == 0


def test_of_less_than_a_week_of_days_no_money_a_week_is_said():
    pairs = [lived(number, STOCK if number < 3 else None, day="2026-11-14") for number in range(50)]
    lines = order_lines(*(line for line, _ in pairs), zone=ZONE)
    items = affected_items(*(item for _, item in pairs if item), zone=ZONE)
    stock = worth(lines, items).of("stock")
    assert stock["orders"] == 3
    assert stock[["money_week", "money_week_low", "money_week_high"]].isna().all()
