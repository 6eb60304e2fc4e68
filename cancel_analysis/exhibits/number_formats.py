"""Numbers, money and dates for people, by the report's language (Babel's locale data)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from babel.dates import format_date
from babel.numbers import (
    format_compact_currency,
    format_currency,
    format_decimal,
    format_percent,
)

NOTHING = "–"
# From here on an amount that is only about right is shorter with a letter: `IDR1.9M`, but `THB9,700`.
COMPACT_FROM = 100_000


@dataclass(frozen=True)
class NumberFormats:
    """Formatters of one language; every method returns `NOTHING` for a missing value."""

    language: str = "en"

    def count(self, value: Any) -> str:
        return NOTHING if _missing(value) else format_decimal(round(float(value)), "#,##0", locale=self.language)

    def decimal(self, value: Any, digits: int = 1) -> str:
        if _missing(value):
            return NOTHING
        return format_decimal(float(value), "#,##0." + "0" * digits if digits else "#,##0", locale=self.language)

    def percent(self, value: Any, digits: int = 1) -> str:
        """A fraction as percent; a share that is there but rounds to nothing shows as `<0.1 %`."""
        if _missing(value):
            return NOTHING
        number = float(value)
        smallest = 10 ** -(digits + 2)
        pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
        if 0 < number < smallest / 2:
            return "<" + format_percent(smallest, pattern, locale=self.language)
        return format_percent(number, pattern, locale=self.language)

    def percent_apart(self, value: Any, other: Any) -> str:
        """A fraction as percent, with a digit more (two at most) where it would else show as `other` does."""
        if _missing(value) or _missing(other) or float(value) == float(other):
            return self.percent(value)
        return next(
            (
                self.percent(value, digits)
                for digits in (1, 2)
                if self.percent(value, digits) != self.percent(other, digits)
            ),
            self.percent(value, 3),
        )

    def span(self, low: Any, high: Any, digits: int = 1) -> str:
        """An interval of two fractions: `1.2%–3.4%`."""
        if _missing(low) or _missing(high):
            return NOTHING
        return f"{self.percent(low, digits)}–{self.percent(high, digits)}"

    def money(self, value: Any, currency: str) -> str:
        """An amount with its currency, whole units once it is large enough that cents say nothing."""
        if _missing(value):
            return NOTHING
        number = float(value)
        text: str
        if abs(number) >= 1000:
            text = format_currency(
                round(number), currency, locale=self.language, currency_digits=False, format="¤#,##0"
            )
        else:
            text = format_currency(number, currency, locale=self.language)
        return text

    def about(self, value: Any, currency: str) -> str:
        """An amount to two digits, as an end of a range is known at best: `£240`, `IDR1.9M`."""
        if _missing(value):
            return NOTHING
        rounded = float(f"{float(value):.2g}")
        if 1000 <= abs(rounded) < COMPACT_FROM:
            return self.money(rounded, currency)
        return str(format_compact_currency(rounded, currency, locale=self.language, fraction_digits=1))

    def day(self, value: Any) -> str:
        """A calendar day; English prints the day first, as no reader takes that for a month."""
        if _missing(value):
            return NOTHING
        return str(format_date(_date(value), "medium", locale="en_GB" if self.language == "en" else self.language))

    def weekday(self, value: Any) -> str:
        """A calendar day with its weekday: `Tuesday 3 November 2026`."""
        if _missing(value):
            return NOTHING
        return str(format_date(_date(value), "full", locale="en_GB" if self.language == "en" else self.language))

    def days(self, first: Any, last: Any) -> str:
        return f"{self.day(first)} – {self.day(last)}"

    def cell(self, value: Any, kind: str, currency: str = "") -> str:
        """The text of one table cell of a `ColumnView` kind."""
        if kind == "integer":
            return self.count(value)
        if kind == "decimal":
            return self.decimal(value)
        if kind == "percent":
            return self.percent(value)
        if kind == "money":
            return self.money(value, currency)
        if kind == "date":
            return self.day(value)
        return NOTHING if _missing(value) else str(value)


def _missing(value: Any) -> bool:
    return bool(pd.isna(value))


def _date(value: Any) -> date:
    day: date = value.date() if hasattr(value, "date") else value
    return day
