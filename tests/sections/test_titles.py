"""The title of a picture is its finding, as far as there is one."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from cancel_analysis.sections import titles
from tests.sections.test_sentences import VOICE, standing


def lost(*rows: tuple[str, str, int], orders: int = 100, stage: str = "cancellation") -> pd.DataFrame:
    """Items lost, an item a row; each of its own order, or of so many `orders` at most."""
    items = [(party, reason) for party, reason, count in rows for _ in range(count)]
    frame = pd.DataFrame(items, columns=["responsibility", "reason"])
    return frame.assign(stage=stage, units=1, order_id=[f"A{number % orders}" for number in range(len(items))])


def test_who_loses_most_is_named_with_the_reason_that_leads() -> None:
    found = titles.lost_items(
        lost(("seller", "out_of_stock", 7), ("buyer", "no_longer_needed", 8), ("seller", "late", 5)), VOICE
    )
    assert found.startswith("Seller: 12 of 20 items lost, most often “Out of stock” (7)")


def test_one_order_that_makes_most_of_it_is_no_finding_about_the_shop() -> None:
    rows = ("seller", "out_of_stock", 30)
    assert titles.lost_items(lost(rows, orders=2), VOICE) != ""
    assert titles.lost_items(lost(rows, orders=1), VOICE) == ""
    assert titles.lost_items(lost(rows, stage="unpaid"), VOICE) == "", "what was never paid is not lost"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("unknown", "unknown", 12)], "The files do not say who is responsible for any of the 12 items lost"),
        (
            [("unknown", "unknown", 12), ("buyer", "no_longer_needed", 3)],
            "Of 15 items lost, the files do not say for 12 who is responsible",
        ),
        # Two that lose as many, and a handful: nobody leads.
        ([("seller", "out_of_stock", 8), ("buyer", "no_longer_needed", 8)], ""),
        ([("seller", "out_of_stock", 9)], ""),
        ([], ""),
    ],
)
def test_no_party_leads_that_the_files_do_not_show_leading(rows: list[tuple[str, str, int]], said: str) -> None:
    assert titles.lost_items(lost(*rows), VOICE) == said


def change(shown: float, *parts: tuple[str, float], noise: bool = False) -> SimpleNamespace:
    frame = pd.DataFrame(parts, columns=["reason", "shown"])
    return SimpleNamespace(shown=shown, within_noise=noise, parts=frame)


def test_a_change_is_told_by_the_part_that_moves_it_its_own_way() -> None:
    risen = change(0.05, ("out_of_stock", 0.04), ("no_longer_needed", -0.06), ("out_of_stock", 0.03))
    assert titles.change(risen, "the 7 days before", VOICE) == (
        "5.0 points more lost than in the 7 days before: Out of stock +7.0"
    )
    fallen = change(-0.02, ("out_of_stock", 0.04), ("no_longer_needed", -0.06))
    assert titles.change(fallen, "2026-W40", VOICE) == "2.0 points less lost than in 2026-W40: No longer needed −6.0"
    assert titles.change(change(0.05, ("out_of_stock", 0.05), noise=True), "x", VOICE) == ""


def limits(*rows: dict[str, object]) -> pd.DataFrame:
    usual = {
        "metric": "seller_fault_cancellation_rate", "standing": "under", "force": "enforced", "gives_verdict": True,
        "denominator": 100, "rate": 0.01, "limit": 0.05, "so_far": False, "nameless": False,
    }  # fmt: skip
    return pd.DataFrame([{**usual, **row} for row in rows])


LATE = {"metric": "late_dispatch_rate", "rate": 0.02, "limit": 0.04}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{}, LATE], "None is over its limit. Closest: Late dispatch rate 2.0%, limit 4%"),
        ([{}, {**LATE, "standing": "over"}], "Over a limit: Late dispatch rate"),
        ([{}, {**LATE, "standing": "over", "force": "target"}], "Over a target: Late dispatch rate"),
        # What decides nothing is no limit that is passed.
        (
            [{}, {**LATE, "standing": "over", "gives_verdict": False}],
            "Within the limits that count; over an unofficial one: Late dispatch rate",
        ),
        # What is known at least, or so far, is not called the closest.
        (
            [{}, {**LATE, "nameless": True}],
            "Closest to its limit of the rates that are known: Seller-fault cancellation rate 1.0%, limit 5%",
        ),
        ([{"rate": 0.0}], ""),
        ([{"nameless": True}], ""),
    ],
)
def test_limits_are_told_by_what_is_over_else_by_what_comes_closest(rows: list[dict[str, object]], said: str) -> None:
    assert titles.limits(limits(*rows), VOICE) == said


def test_a_week_of_returns_says_what_came_and_what_is_to_come() -> None:
    weeks = pd.DataFrame({"last_day": [pd.Timestamp("2026-11-15")], "orders": [104], "seen": [6], "expected": [9.6]})
    day = "Delivered in the week to 15 Nov 2026: 6 asked back"
    assert titles.returns(weeks, VOICE) == f"{day} so far, about 10 in the end"
    assert titles.returns(weeks.assign(expected=6.2), VOICE) == f"{day}, hardly any more to come"
    assert titles.returns(weeks.assign(expected=float("nan")), VOICE) == ""


def series(*changes: SimpleNamespace, days: tuple[str, ...] = ()) -> SimpleNamespace:
    alarms = pd.DataFrame({"date": pd.to_datetime(list(days))})
    return SimpleNamespace(metric="order_cancellation_rate", can_say=True, changes=changes, alarms=alarms)


def test_days_are_told_by_the_newest_lasting_change_else_by_how_many_stand_out() -> None:
    def level(day: date, after: float) -> SimpleNamespace:
        return SimpleNamespace(day=day, before=0.01, after=after)

    told = titles.signals([series(level(date(2026, 10, 1), 0.02)), series(level(date(2026, 11, 1), 0.1))], VOICE)
    assert told == "Order cancellation rate: a lasting change, from 1.0% to 10.0%"
    assert titles.signals([series(days=("2026-11-01",)), series(days=("2026-11-01", "2026-11-03"))], VOICE) == (
        "2 days are out of the ordinary"
    )
    assert titles.signals([series(days=("2026-11-01",))], VOICE) == "One day is out of the ordinary"
    assert titles.signals([series()], VOICE) == "No day is out of the ordinary"


def test_one_cause_alone_does_not_cost_most() -> None:
    totals = pd.DataFrame({"cause": ["Out of stock", "Carrier"], "total": [760.4, 120.0], "text": ["", ""]})
    assert titles.costs(totals, 1925.3, "USD", VOICE) == "Out of stock costs most: $760 of $1,900"
    assert titles.costs(totals.head(1), 760.4, "USD", VOICE) == ""


def test_checks_are_told_by_what_explains_most() -> None:
    drawn = pd.DataFrame(
        {
            "label": ["1 · Reason", "2 · Stock", "Unexplained"],
            "units": [5, 12, 40],
            "share": [5 / 57, 12 / 57, 40 / 57],
            "explained": [True, True, False],
        }
    )
    assert titles.checks(drawn, VOICE) == "2 · Stock: explains most, 12 items (21%)"
    assert titles.checks(drawn[~drawn["explained"]], VOICE) == "None of the checks explains any of the items"
    assert titles.checks(drawn.head(1), VOICE) == ""


@pytest.mark.parametrize(
    ("signal", "said"),
    [("above", "more than chance makes"), ("below", "clearly below"), ("cannot_tell", "as chance may have it")],
)
def test_the_funnel_is_told_by_the_signal(signal: str, said: str) -> None:
    assert said in titles.funnel(standing(signal=signal), VOICE)
