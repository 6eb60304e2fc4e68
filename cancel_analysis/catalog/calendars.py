"""Days that are not like others: public holidays, and the sales days that everybody knows of.

Holidays are those of the `holidays` package. Sales days stand in ``data/sales_days.csv`` with their source.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

from cancel_analysis.catalog import csv_files
from cancel_analysis.catalog.markets import market as find_market

HOLIDAY, SALE = "holiday", "sale"
EVERY_MARKET = "*"


@dataclass(frozen=True)
class SpecialDay:
    """A day out of the ordinary for a known reason; `kind` is `holiday` or `sale`."""

    day: date
    name: str
    kind: str
    source: str


@cache
def public_holidays(country: str, year: int) -> dict[date, str]:
    """The public holidays of one country and year by day; empty where the package does not know the country.

    For the United States these are the federal holidays, moved ones on the day they are kept.
    """
    if country not in holidays.list_supported_countries():
        return {}
    return {day: str(name) for day, name in holidays.country_holidays(country, years=year, language="en_US").items()}


def holidays_between(country: str, first: date, last: date) -> list[date]:
    """The public holidays from `first` to `last`, both included, in order."""
    found = (day for year in range(first.year, last.year + 1) for day in public_holidays(country, year))
    return sorted(day for day in found if first <= day <= last)


def special_days(market: str, first: date, last: date) -> dict[date, SpecialDay]:
    """What is known of the days from `first` to `last` in a market; a sales day goes before a holiday.

    A market that is no country (EU) has sales days only. SettingsError for an unknown market.
    """
    code = find_market(market).code
    found: dict[date, SpecialDay] = {}
    for year in range(first.year, last.year + 1):
        for day, name in public_holidays(code, year).items():
            found[day] = SpecialDay(day, name, HOLIDAY, "holidays package")
    for codes, special in _sales_days():
        if EVERY_MARKET in codes or code in codes:
            found[special.day] = special
    return {day: found[day] for day in sorted(found) if first <= day <= last}


@cache
def _sales_days() -> tuple[tuple[frozenset[str], SpecialDay], ...]:
    rows = []
    for row in csv_files.rows("sales_days"):
        first, last = date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"])
        codes = frozenset(row["markets"].split(";"))
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            rows.append((codes, SpecialDay(day, row["name"], SALE, row["source"])))
    return tuple(rows)
