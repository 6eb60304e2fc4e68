"""Standing, signal and verdict on cubes whose counts are known; the shop's verdict from all of them."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import binomtest

from cancel_analysis import inference
from cancel_analysis.benchmarks import judgement as benchmarks
from cancel_analysis.benchmarks.judgement import STANDINGS, VERDICTS, judge, stand, standing_of, verdict_of
from cancel_analysis.benchmarks.of_shop import verdict_limits
from cancel_analysis.catalog.policies import Tier
from cancel_analysis.catalog.rates import MEASURES
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError
from cancel_analysis.rates.order_sums import PRODUCTS

AS_OF = date(2026, 11, 15)
ENOUGH = {"orders_due": 4000, "orders_late": 0}


def shop(market="US", **settings):
    return make_shop({"id": "shop", "market": market, **settings})


def cube(as_of=AS_OF, **counts):
    """A cube with all its counts on its last day."""
    names = [*MEASURES, *PRODUCTS]
    rows = [
        {"basis": basis, "date": pd.Timestamp(as_of), **dict.fromkeys(names, 0), **counts}
        for basis in ("created", "event")
    ]
    frame = pd.DataFrame(rows, columns=["basis", "date", *names])
    return frame.astype({"date": "datetime64[us]"})


def fault(count, total, other=None, least=None):
    both = {"seller_fault": count, "seller_fault_other": count if other is None else other}
    both["seller_fault_least"] = count if least is None else least
    return {**both, "orders_paid": total, "orders_placed": total}


def the(judgement, metric="seller_fault_cancellation_rate", force="enforced"):
    found = [one for one in judgement.standings if one.limit.metric == metric and one.gives_verdict]
    (one,) = [one for one in found if one.limit.force == force]
    return one


# The US limit is "at most 2.5 %", near from 2.0 %.
@pytest.mark.parametrize(
    ("count", "total", "standing", "signal", "verdict", "luck"),
    [
        (5, 1000, "under", "below", "ok", False),
        (15, 1000, "under", "below", "ok", False),
        (19, 1000, "under", "cannot_tell", "cannot_tell", False),
        (20, 1000, "near", "cannot_tell", "watch", False),
        (25, 1000, "near", "cannot_tell", "watch", False),  # equal to the limit is allowed by "<="
        (26, 1000, "over", "cannot_tell", "breach", True),
        (60, 1000, "over", "above", "breach", False),
        (1, 12, "over", "cannot_tell", "breach", True),  # 8.3 %: the platform counts, luck or not
        (0, 12, "under", "cannot_tell", "cannot_tell", False),
        (0, 1, "under", "cannot_tell", "cannot_tell", False),
    ],
)
def test_standing_signal_verdict(count, total, standing, signal, verdict, luck):
    judgement = judge(cube(**fault(count, total), **ENOUGH), shop(), AS_OF)
    found = the(judgement)
    assert (found.standing, found.signal, found.verdict, found.may_be_luck) == (standing, signal, verdict, luck)
    assert (found.numerator, found.denominator) == (count, total)
    assert (found.low, found.high) == pytest.approx(inference.wilson(count, total))
    assert judgement.verdict == verdict


def test_less_than_and_at_most_differ_at_the_limit():
    at_most = verdict_limits(shop(), AS_OF)[0]
    less = replace(at_most, comparison="<", tiers=(Tier(0.025, "<", "x"),))
    assert at_most.comparison == "<="
    assert standing_of(at_most, 25, 1000, 0.8)[0] == "near"
    assert standing_of(less, 25, 1000, 0.8)[0] == "over"
    assert standing_of(less, 24, 1000, 0.8)[0] == "near"
    # 0.07 × 100 is not 7 in floating point; it must be here.
    for comparison, expected in (("<=", "near"), ("<", "over")):
        seven = replace(at_most, value=0.07, tiers=(Tier(0.07, comparison, "x"),))
        assert standing_of(seven, 7, 100, 0.8)[0] == expected


@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.1, 1.0))
def test_standing_is_one_of_four_and_follows_the_rate(count, more, near_share):
    limit = verdict_limits(shop(), AS_OF)[0]
    total = count + more
    standing, tier = standing_of(limit, count, total, near_share)
    assert standing in STANDINGS
    assert (tier is not None) == (standing == "over")
    if total:
        assert (standing == "over") == (count * 1000 > total * 25)
    else:
        assert standing == "not_counted"


def test_verdict_of_every_combination():
    for signal in inference.SIGNALS:
        assert verdict_of("over", signal, "enforced") == "breach"
        assert verdict_of("over", signal, "target") == "watch"
        assert verdict_of("near", signal, "enforced") == "watch"
    assert [verdict_of("near", signal, "target") for signal in ("above", "below", "cannot_tell")] == [
        "watch", "ok", "cannot_tell",
    ]  # fmt: skip
    for standing in ("under", "not_counted"):
        assert [verdict_of(standing, signal, "enforced") for signal in ("above", "below", "cannot_tell")] == [
            "watch", "ok", "cannot_tell",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("count", "value", "words"), [(9, None, "90 %"), (12, 0.1, "90 %"), (30, 0.3, "70 %"), (64, 0.5, "50 %")]
)
def test_tiers_in_thailand(count, value, words):
    found = the(judge(cube(**fault(count, 100)), shop("TH"), AS_OF))
    assert found.limit.window_days == 7
    assert found.limit.value == 0.1
    assert (found.tier.value if found.tier else None) == value
    assert words in found.effect
    assert found.verdict == ("breach" if value else "watch")


def test_thailand_counts_all_orders_placed():
    figures = {**fault(10, 90), "orders_placed": 101}
    found = the(judge(cube(**figures), shop("TH"), AS_OF))
    assert (found.numerator, found.denominator, found.standing) == (10, 101, "near")


def test_over_a_target_is_for_watching_over_the_acted_limit_a_breach():
    clean = fault(0, 5000)
    aim = judge(cube(**clean, orders_due=1000, orders_late=60), shop(), AS_OF)
    assert (the(aim, "late_dispatch_rate", "target").standing, aim.verdict) == ("over", "watch")
    assert aim.deciding.limit.force == "target"
    act = judge(cube(**clean, orders_due=1000, orders_late=101), shop(), AS_OF)
    assert (the(act, "late_dispatch_rate").tier.value, act.verdict) == (0.1, "breach")
    indonesia = [judge(cube(**fault(count, 1000)), shop("ID"), AS_OF).verdict for count in (5, 30, 50)]
    assert indonesia == ["ok", "watch", "breach"]


def test_the_worst_limit_decides():
    judgement = judge(cube(**fault(60, 1000), **ENOUGH), shop(), AS_OF)
    assert judgement.deciding.limit.metric == "seller_fault_cancellation_rate"
    judgement = judge(cube(**fault(1, 5000), orders_due=1000, orders_late=150), shop(), AS_OF)
    assert (judgement.verdict, judgement.deciding.limit.metric) == ("breach", "late_dispatch_rate")
    # Of two that are fine the one closer to its limit is told, and a limit rather than a target.
    judgement = judge(cube(**fault(1, 5000), orders_due=4000, orders_late=80), shop(), AS_OF)
    assert (judgement.verdict, judgement.deciding.limit.id) == ("ok", "us_official_late_dispatch")


def test_a_limit_without_orders_says_nothing():
    judgement = judge(cube(**fault(1, 5000)), shop(), AS_OF)
    late = the(judgement, "late_dispatch_rate")
    assert (late.standing, late.verdict, judgement.verdict) == ("not_counted", "cannot_tell", "ok")
    nothing = judge(cube(), shop(), AS_OF)
    assert (nothing.verdict, nothing.reason) == ("cannot_tell", "no_orders")
    assert nothing.deciding is not None
    assert nothing.deciding.orders_more is None


def test_a_few_orders_are_not_hidden_by_a_fine_limit():
    judgement = judge(cube(**fault(1, 5000), orders_due=12, orders_late=0), shop(), AS_OF)
    assert (judgement.verdict, judgement.deciding.limit.metric) == ("cannot_tell", "late_dispatch_rate")


def test_a_target_calls_for_watching_and_takes_away_no_ok():
    figures = cube(**fault(1, 5000), orders_due=200, orders_late=4)
    judgement = judge(figures, shop(), AS_OF)
    assert the(judgement, "late_dispatch_rate", "target").verdict == "cannot_tell"
    assert judgement.verdict == judgement.verdict_other == "ok"
    # Where a pack has nothing but a target, it is all there is to go by.
    only = judge(cube(returned_seller_fault=1, orders_delivered=40), shop("MY", limits="return_target_sea"), AS_OF)
    assert only.verdict == "watch"
    only = judge(cube(returned_seller_fault=0, orders_delivered=40), shop("MY", limits="return_target_sea"), AS_OF)
    assert only.verdict == "cannot_tell"


def test_a_market_without_official_limits_cannot_be_judged():
    judgement = judge(cube(**fault(500, 1000)), shop("GB"), AS_OF)
    assert (judgement.verdict, judgement.reason, judgement.deciding) == ("cannot_tell", "no_limits", None)
    assert {one.limit.pack for one in judgement.standings} == {"uk_2022", "order_cancellation_uk"}
    assert not judgement.frame["gives_verdict"].any()
    assert set(judgement.frame["confidence"]) == {"third_party", "unverified"}
    chosen = judge(cube(**fault(500, 1000)), shop("GB", limits="uk_2022"), AS_OF)
    assert (chosen.verdict, chosen.reason) == ("breach", "limits")
    with pytest.raises(SettingsError, match="uk_2022"):
        judge(cube(), shop("GB", limits="official_2019"), AS_OF)


def test_limits_of_the_day_are_used():
    early = date(2025, 5, 1)
    assert judge(cube(early, **fault(50, 100)), shop("TH"), early).reason == "no_limits"


def test_minimum_of_orders():
    new = shop("US", limits="cross_border", cross_border=True)
    few = the(judge(cube(**fault(60, 499)), new, AS_OF))
    assert (few.standing, few.signal, few.verdict) == ("not_counted", "above", "watch")
    enough = the(judge(cube(**fault(60, 500)), new, AS_OF))
    assert (enough.standing, enough.verdict) == ("over", "breach")
    clean = the(judge(cube(**fault(0, 499)), new, AS_OF))
    assert (clean.standing, clean.verdict) == ("not_counted", "ok")
    small = the(judge(cube(**fault(1, 30)), new, AS_OF))
    assert (small.standing, small.verdict) == ("not_counted", "cannot_tell")


def test_two_readings():
    judgement = judge(cube(**fault(10, 1000, other=40), **ENOUGH), shop(), AS_OF)
    found = the(judgement)
    assert (found.verdict, found.verdict_other, found.verdict_depends_on_reading) == ("ok", "breach", True)
    assert found.rate_other == pytest.approx(0.04)
    assert (judgement.verdict, judgement.verdict_other) == ("ok", "breach")
    assert judgement.verdict_depends_on_reading
    same = judge(cube(**fault(10, 1000, other=11, least=9), **ENOUGH), shop(), AS_OF)
    assert not same.verdict_depends_on_reading
    # Over the limit only when the doubtful ones are the shop's.
    lower = judge(cube(**fault(40, 1000, least=10), **ENOUGH), shop(), AS_OF)
    assert (lower.verdict, lower.verdict_least, lower.verdict_other) == ("breach", "ok", "breach")
    assert lower.verdict_depends_on_reading
    assert the(lower).rate_least == pytest.approx(0.01)
    row = lower.frame.set_index("limit_id").loc["us_official_sfcr"]
    assert row[["numerator_least", "verdict_least", "verdict_depends_on_reading"]].tolist() == [10, "ok", True]


def test_orders_more_would_settle():
    found = the(judge(cube(**fault(19, 1000), **ENOUGH), shop(), AS_OF))
    total = 1000 + found.orders_more
    assert found.orders_more > 0
    assert inference.signal(0.019 * total, total, 0.025) == "below"
    assert the(judge(cube(**fault(25, 1000), **ENOUGH), shop(), AS_OF)).orders_more is None
    assert the(judge(cube(**fault(5, 1000), **ENOUGH), shop(), AS_OF)).orders_more is None


def own(tmp_path, **changes):
    """A shop with one limit of its own: 10 % of the orders placed, 30 days, by the order's date."""
    row = {
        "id": "own", "pack": "own", "markets": "US", "metric": "order_cancellation_rate", "tier": "0",
        "window_days": "30", "denominator": "orders_placed", "date_basis": "created", "comparison": "<=",
        "value": "0.1", "value_low": "", "minimum_orders": "0", "force": "enforced", "effect": "", "source": "us",
        "valid_from": "", "valid_to": "", "confidence": "official", "scope": "", "note": "",
    }  # fmt: skip
    row |= {name: str(value) for name, value in changes.items()}
    (tmp_path / "limits.csv").write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n", encoding="utf-8")
    return make_shop({"id": "shop", "market": "US", "limits": "limits.csv", "files": "limits.csv"}, tmp_path)


def test_the_range_shown_agrees_with_the_signal():
    # Wilson's interval of 9 of 180 lies above 2.5 %, the exact test does not say so much.
    assert inference.wilson(9, 180)[0] > 0.025
    found = the(judge(cube(**fault(9, 180), **ENOUGH), shop(), AS_OF))
    assert binomtest(9, 180, 0.025, alternative="greater").pvalue > 0.025
    assert (found.signal, found.may_be_luck) == ("cannot_tell", True)
    exact = binomtest(9, 180).proportion_ci(0.95, "exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert found.low < 0.025 < found.high


def test_signals_of_weighted_counts_and_of_counts_by_event_date(tmp_path):
    weighted = own(tmp_path, metric="weighted_cancellation_rate")
    # 10 × 2.3 + 10 = 33 of 180, Fay and Feuer's gamma interval: above 10 %; of 220 it is not.
    figures = {"cancelled_by_seller": 10, "cancelled_by_buyer": 10, "cancelled_by_buyer_or_seller": 20}
    found = [judge(cube(**figures, orders_placed=total), weighted, AS_OF).deciding for total in (180, 220)]
    assert [one.signal for one in found] == ["above", "cannot_tell"]
    squares = 10 * 2.3**2 + 10
    # Undecided, it takes more orders: about as many as a plain count of so many times 2.3² + 1 over 2.3 + 1 takes.
    weight = (2.3**2 + 1) / 3.3
    needed = inference.orders_to_settle(33 / 220 / weight, 0.1 / weight)
    assert found[1].orders_more == needed - 220
    assert stats.gamma.ppf(0.025, 33**2 / squares, scale=squares / 33) / 180 > 0.1
    event = own(tmp_path, date_basis="event")
    counts = {"cancelled_by_buyer_or_seller": 27, "cancelled_by_buyer_or_seller_other": 27}
    found = judge(cube(**counts, orders_placed=180), event, AS_OF).deciding
    p = binomtest(27, 207, 0.1 / 1.1, alternative="greater").pvalue
    assert p > 0.025
    assert found.signal == "cannot_tell"
    # Among those orders the same count would say more.
    assert judge(cube(**counts, orders_placed=180), own(tmp_path), AS_OF).deciding.signal == "above"


def test_below_is_not_said_while_returns_are_still_to_come(tmp_path):
    limit = {"metric": "seller_fault_return_rate", "denominator": "orders_delivered"}

    def found(count, basis="created"):
        figures = {"returned_seller_fault": count, "returned_seller_fault_other": count, "orders_delivered": 1000}
        return judge(cube(**figures), own(tmp_path, **limit, date_basis=basis), AS_OF).deciding

    few = found(10)
    assert (few.standing, few.signal, few.verdict, few.orders_more) == ("under", "cannot_tell", "cannot_tell", None)
    # What is above stays above: returns can only be added.
    assert (found(200).standing, found(200).signal) == ("over", "above")
    # By the day it happened nothing is still to come.
    assert (found(10, "event").signal, found(10, "event").verdict) == ("below", "ok")


def test_near_share_is_a_setting():
    figures = cube(**fault(13, 1000), **ENOUGH)
    assert the(judge(figures, shop(near_share=0.5), AS_OF)).standing == "near"
    assert the(judge(figures, shop(), AS_OF)).standing == "under"


def test_the_frame_has_a_row_a_standing():
    judgement = judge(cube(**fault(30, 1000), **ENOUGH), shop(cross_border=True), AS_OF)
    frame = judgement.frame
    assert len(frame) == len(judgement.standings) == 4
    row = frame.set_index("limit_id").loc["us_official_sfcr"]
    assert row[["numerator", "denominator", "standing", "verdict"]].to_list() == [30, 1000, "over", "breach"]
    assert row["tier_value"] == row["limit"] == 0.025
    assert frame["standing"].isin(STANDINGS).all()
    assert frame["verdict"].isin(VERDICTS).all()
    assert judge(cube(), shop("JP"), AS_OF).frame.columns.to_list() == frame.columns.to_list()


def test_references_stand_beside_the_shops_own_figure():
    figures = cube(**fault(0, 1000), cancelled_by_buyer_or_seller=30, returned_non_buyer_fault=2, orders_delivered=100)
    found = judge(figures, shop(), AS_OF).references.set_index("metric")
    assert found.loc["order_cancellation_rate", ["rate", "value_low", "value"]].to_list() == [0.03, 0.012, 0.018]
    assert found.loc["non_buyer_fault_return_rate", "rate"] == 0.02
    assert pd.isna(found.loc["non_buyer_fault_return_rate", "value"])


def test_an_old_limit_reads_only_its_own_window():
    limit = verdict_limits(shop("TH"), AS_OF)[0]
    early = cube(date(2026, 11, 8), **fault(50, 100))  # eight days before: outside seven
    late = cube(date(2026, 11, 9), **fault(50, 100))
    assert stand(early, limit, shop("TH"), AS_OF, gives_verdict=True).standing == "not_counted"
    assert stand(late, limit, shop("TH"), AS_OF, gives_verdict=True).standing == "over"


def test_every_reason_has_words():
    assert set(benchmarks.REASONS) == {"limits", "no_limits", "no_orders"}
