from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.errors import SettingsError
from cancel_analysis.weeks import calendar, last_whole_week, parse_week, week_after, week_of, weeks_back


def test_a_week_runs_from_monday_to_sunday():
    week = parse_week("2026-W46")
    assert (week.monday, week.sunday) == (date(2026, 11, 9), date(2026, 11, 15))
    assert str(week) == "2026-W46"


@pytest.mark.parametrize("text", ["2026-46", "W46", "2026-W00", "2025-W53", "last", ""])
def test_what_is_no_week_is_refused_with_advice(text):
    with pytest.raises(SettingsError, match="2026-W46"):
        parse_week(text)


def test_a_long_year_has_53_weeks():
    assert parse_week("2026-W53").sunday == date(2027, 1, 3)


@given(st.dates(date(2000, 1, 3), date(2100, 1, 1)))
def test_the_last_whole_week_has_ended_and_the_next_has_not(day):
    week = last_whole_week(day)
    assert week.sunday <= day < date.fromordinal(week.sunday.toordinal() + 7)
    assert parse_week(str(week_of(day))).monday <= day


def test_weeks_of_the_calendar_go_over_the_year() -> None:
    assert calendar("2026-W52", "2027-W02") == ("2026-W52", "2026-W53", "2027-W01", "2027-W02")
    assert weeks_back("2027-W01", 3) == ("2026-W52", "2026-W53", "2027-W01")
    assert week_after("2027-W01", -1) == "2026-W53"
