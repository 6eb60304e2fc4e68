"""One event has one date wherever the report speaks of it."""

from datetime import date, timedelta
from types import SimpleNamespace

from cancel_analysis.sections import changes, verdict, why
from cancel_analysis.sections.events import event_days, followed, start_day
from tests.studies import opened


def study_of(*series, deciding="seller_fault_cancellation_rate"):
    over_time = tuple(
        SimpleNamespace(metric=metric, changes=tuple(SimpleNamespace(day=date(2026, 11, day)) for day in days))
        for metric, days in series
    )
    judgement = SimpleNamespace(deciding=SimpleNamespace(limit=SimpleNamespace(metric=deciding)))
    return SimpleNamespace(over_time=over_time, judgement=judgement, made={})


ORDERS, FAULT = "order_cancellation_rate", "seller_fault_cancellation_rate"


def test_changes_of_two_rates_that_lie_near_are_one_event_on_the_day_of_the_deciding_one():
    study = study_of((ORDERS, [3, 28]), (FAULT, [1]))
    assert event_days(study) == {
        date(2026, 11, 1): date(2026, 11, 1), date(2026, 11, 3): date(2026, 11, 1),
        date(2026, 11, 28): date(2026, 11, 28),
    }  # fmt: skip
    assert event_days(study_of((ORDERS, [3]), (FAULT, [1]), deciding=ORDERS))[date(2026, 11, 1)] == date(2026, 11, 3)


def test_a_cause_starts_on_the_day_of_the_rate_that_it_moves_and_no_other():
    study = study_of((ORDERS, []), (FAULT, [1]))
    monday = date(2026, 11, 2)
    assert start_day(study, "stock", monday) == date(2026, 11, 1)
    assert start_day(study, "listing", monday) == monday, "returns move no cancellation rate"
    assert start_day(study, "stock", monday + timedelta(days=30)) == monday + timedelta(days=30)


def test_the_sample_tells_one_date():
    study = opened("id-toko-gadget")
    day = followed(study).changes[-1].day
    assert verdict.told_since(study)["stock"] == day
    course = next(one for one in why.why(study, "en").exhibits if one.name == "course")
    signals = next(one for one in changes.what_changed(study, "en").exhibits if one.name == "signals")
    assert f"{day.day} November {day.year}" in course.caption
    assert signals.text.count(f"since Sunday, {day.day} November {day.year}") == 2, "both rates, one event"
    card = next(one for one in verdict.verdict(study, "en").exhibits if one.name == "actions").cards[0]
    assert any(f"since {day.day} Nov {day.year}" in line for line in card.why)
