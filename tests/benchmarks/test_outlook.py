"""The outlook of limits on cubes made by hand, and the age of cancellations from hand-made facts."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from cancel_analysis import inference
from cancel_analysis.benchmarks import judgement as benchmarks
from cancel_analysis.benchmarks.judgement import judge, stand, verdict_of
from cancel_analysis.benchmarks.of_shop import verdict_limits
from cancel_analysis.benchmarks.outlook import completeness, outlook_of
from cancel_analysis.catalog.rates import MEASURES
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates.order_sums import PRODUCTS

AS_OF = date(2026, 11, 15)
US = make_shop({"id": "shop", "market": "US"})
LIMIT = verdict_limits(US, AS_OF)[0]  # at most 2.5 % of the orders paid, 30 days


def cube(fault, paid, other=None):
    """Counts a day, the last one on AS_OF."""
    days = pd.date_range(end=pd.Timestamp(AS_OF), periods=len(paid), unit="us")
    frame = pd.DataFrame(0, index=range(len(paid)), columns=[*MEASURES, *PRODUCTS])
    frame = frame.assign(
        basis="created", date=days, seller_fault=fault, orders_paid=paid, orders_placed=paid,
        seller_fault_least=fault, seller_fault_other=fault if other is None else other,
    )  # fmt: skip
    return pd.concat([frame, frame.assign(basis="event")], ignore_index=True)


def facts(*orders):
    """(order day, day of the cancellation or None) each, as days before AS_OF."""
    last = pd.Timestamp(AS_OF)
    return pd.DataFrame(
        {
            "created_date": [last - pd.Timedelta(days=placed) for placed, _ in orders],
            "cancelled_date": [
                pd.NaT if gone is None else last - pd.Timedelta(days=placed - gone) for placed, gone in orders
            ],
            "seller_fault": [gone is not None for _, gone in orders],
            "seller_fault_least": [gone is not None for _, gone in orders],
            "seller_fault_other": [gone is not None for _, gone in orders],
        }
    )


NO_FACTS = facts((30, None))


def test_counts_days_and_dates_by_hand():
    # 20 orders a day for 90 days, two lost on each of seven days three weeks ago, one five days ago.
    fault = [0] * 90
    fault[60:67], fault[84] = [2] * 7, 1
    found = outlook_of(cube(fault, [20] * 90), NO_FACTS, LIMIT, AS_OF)
    # 15 of 600 is 2.5 %: not over "at most 2.5 %", the next one is.
    assert (found.crosses_at, found.fewer, found.back_on) == (1, 0, None)
    assert (found.leaving, found.leaving_total) == (14, 140)
    fault[85] = 3
    found = outlook_of(cube(fault, [20] * 90), NO_FACTS, LIMIT, AS_OF)
    assert (found.crosses_at, found.fewer) == (None, 3)
    # Two leave a day: 18, 16, 14 of 600.
    assert found.back_on == date(2026, 11, 17)


def test_less_than_crosses_one_earlier():
    fault = [0] * 90
    fault[70] = 14
    strict = replace(LIMIT, comparison="<", tiers=(replace(LIMIT.tiers[0], comparison="<"),))
    assert outlook_of(cube(fault, [20] * 90), None, LIMIT, AS_OF).crosses_at == 2
    assert outlook_of(cube(fault, [20] * 90), None, strict, AS_OF).crosses_at == 1


def test_age_of_cancellations_from_full_cohorts():
    # Twelve orders of five weeks ago: 6 gone on the day, 3 a day later, 3 after four days; young ones say nothing.
    old = [(35, 0)] * 6 + [(36, 1)] * 3 + [(37, 4)] * 3 + [(35, None)] * 20
    share = completeness(facts(*old, *[(2, 0)] * 50), "seller_fault", AS_OF)
    assert share[:5] == pytest.approx([0.5, 0.75, 0.75, 0.75, 1.0])
    assert share[-1] == 1.0
    assert completeness(facts(*old[:9]), "seller_fault", AS_OF) is None


def test_cancellations_still_to_come_count():
    paid = np.full(90, 100)
    fault = np.tile([2, 3, 2, 3, 3], 18)
    # Three days of a sale, of whose cancellations nothing is in yet.
    paid[-3:], fault[-3:] = 500, 0
    slow = facts(*[(40, 3)] * 60)
    at_once = facts(*[(40, 0)] * 60)
    chances = [outlook_of(cube(fault, paid), one, LIMIT, AS_OF).chance for one in (slow, at_once)]
    assert chances[0] > chances[1] + 0.1
    expected = inference.look_ahead(fault[-84:], paid[-84:], 30, 0.025, completeness=[0, 0, 0, 1]).chance
    assert chances[0] == expected


def test_a_limit_likely_to_be_crossed_is_for_watching():
    # The last 20 days run at 3.5 %: 2.3 % so far, and the clean days of a month ago leave the window.
    paid = [100] * 90
    fault = [3] * 60 + [0] * 10 + [3, 4] * 10
    shown = cube(fault, paid)
    found = stand(shown, LIMIT, replace(US, near_share=1.0), AS_OF, gives_verdict=True, facts=NO_FACTS)
    assert found.rate == pytest.approx(0.0233, abs=1e-4)
    assert (found.standing, found.signal, found.outlook.likely()) == ("under", "cannot_tell", True)
    blind = stand(shown, LIMIT, replace(US, near_share=1.0), AS_OF, gives_verdict=True)
    assert blind.outlook.chance is None
    assert blind.verdict == "cannot_tell"
    assert found.verdict == "watch"


def test_what_is_likely_and_the_verdict():
    for standing in ("under", "not_counted"):
        for signal in inference.SIGNALS:
            assert verdict_of(standing, signal, "enforced", likely=True) == "watch"
    assert verdict_of("under", "below", "target", likely=True) == "ok"
    assert verdict_of("over", "below", "enforced", likely=True) == "breach"


def test_each_reading_has_its_own_chance():
    paid = np.full(90, 100)
    main = np.tile([1, 0, 1, 0, 0], 18)
    found = outlook_of(cube(main, paid, other=main + np.tile([3, 3, 2, 3, 3], 18)), NO_FACTS, LIMIT, AS_OF)
    assert found.chance < 0.01
    assert found.chance_other > 0.9


def test_only_orders_among_orders_by_order_date_have_an_outlook():
    shown = cube([1] * 90, [100] * 90)
    assert outlook_of(shown, NO_FACTS, replace(LIMIT, date_basis="event"), AS_OF) is None
    assert outlook_of(shown, NO_FACTS, replace(LIMIT, metric="weighted_cancellation_rate"), AS_OF) is None
    # What is due or delivered grows for days after the order: room is counted, no chance is given.
    late = replace(LIMIT, metric="late_dispatch_rate", denominator="orders_due", value=0.1)
    found = outlook_of(shown.assign(orders_due=100, orders_late=20), NO_FACTS, late, AS_OF)
    assert (found.crosses_at, found.fewer, found.back_on, found.chance) == (None, 300, None, None)


def test_the_frame_carries_the_outlook():
    fault = [0] * 60 + [1] * 30
    judgement = judge(cube(fault, [20] * 90), US, AS_OF, NO_FACTS)
    row = judgement.frame.set_index("limit_id").loc["us_official_sfcr"]
    assert row["fewer"] == 15
    assert row["back_on"] == pd.Timestamp(AS_OF) + pd.Timedelta(days=15)
    assert set(benchmarks.OUTLOOK_COLUMNS) < set(judgement.frame.columns)
