"""ISO weeks, the unit of a report: `2026-W46` is Monday to Sunday in the shop's own days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from cancel_analysis.errors import SettingsError

# Days that breakdowns cover.
DEFAULT_PERIOD = 30
# A year covers every comparison that a season asks for; more is a slip of the pen.
MOST_DAYS = 366
LATEST = "latest"


@dataclass(frozen=True, order=True)
class Week:
    """One ISO week; `str()` gives `2026-W46`."""

    year: int
    number: int

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"


@dataclass(frozen=True)
class Covered:
    """The first and the last day of which a shop's order files say anything."""

    first: date
    last: date

    @property
    def latest(self) -> date:
        """The end of the last whole week with orders; of files of less than a whole week, their last day."""
        sunday = last_whole_week(self.last).sunday
        return sunday if sunday >= self.first else self.last


def parse_week(text: str) -> Week:
    """The week written as `2026-W46` (or `2026W46`); SettingsError says how to write it."""
    match = re.fullmatch(r"(\d{4})-?[Ww](\d{1,2})", text.strip())
    if match:
        week = Week(int(match[1]), int(match[2]))
        try:
            week.monday  # noqa: B018 - a year has 52 or 53 weeks; the calendar decides
        except ValueError:
            pass
        else:
            return week
    raise SettingsError(f"{text!r} is no week; write it like 2026-W46 (ISO week, Monday to Sunday), or {LATEST!r}")


def parse_day(text: str) -> date:
    """The day written as `2026-11-15`; SettingsError says how to write it."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise SettingsError(f"{text!r} is no day; write it like 2026-11-15, or {LATEST!r}") from error


def week_of(day: date) -> Week:
    """The week that `day` lies in."""
    year, number, _ = day.isocalendar()
    return Week(year, number)


def calendar(first: str, last: str) -> tuple[str, ...]:
    """Every week from one to another, whether something is known of it or not."""
    monday, end, found = parse_week(first).monday, parse_week(last).monday, []
    while monday <= end:
        found.append(str(week_of(monday)))
        monday += timedelta(days=7)
    return tuple(found)


def weeks_back(last: str, count: int) -> tuple[str, ...]:
    """The `count` weeks that end with `last`, the oldest first."""
    return tuple(week_after(last, -back) for back in range(count - 1, -1, -1))


def week_after(week: str, count: int) -> str:
    """The week that begins `count` weeks later, or earlier where it is negative."""
    return str(week_of(parse_week(week).monday + timedelta(days=7 * count)))


def last_whole_week(covered_until: date) -> Week:
    """The newest week that has ended by the end of `covered_until`."""
    week = week_of(covered_until)
    return week if week.sunday <= covered_until else week_of(week.monday - timedelta(days=1))
