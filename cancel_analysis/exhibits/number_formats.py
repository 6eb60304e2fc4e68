"""Numbers, money and dates for people, by the report's language (Babel's locale data)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_compact_decimal, format_decimal, format_percent

from cancel_analysis.catalog.markets import decimals_of

_SPACED_PERCENT = re.compile(r"(\d)[ \u00a0]%")
NOTHING = "–"
# From here on an amount that is only about right is shorter with a letter: `Rp 1.9M`, but `฿9,700`.
COMPACT_FROM = 100_000
# A rounded percentage is looked up by its digits: a number of this size has room for them in a float, and one that
# is nearer than this to the middle of two of them is left to Babel.
_MOST_SCALED, _HALF_WAY = 1e9, 1e-6
# How a currency is written where it is used; a sign of letters stands apart from its number. Others keep their code.
SIGNS = {
    "IDR": "Rp\u00a0", "THB": "฿", "VND": "₫", "GBP": "£", "USD": "$", "SGD": "S$", "MYR": "RM\u00a0", "PHP": "₱",
    "EUR": "€", "JPY": "¥", "BRL": "R$\u00a0", "MXN": "MX$", "INR": "₹", "CNY": "CN¥",
}  # fmt: skip


@dataclass(frozen=True)
class NumberFormats:
    """Formatters of one language; every method returns `NOTHING` for a missing value."""

    language: str = "en"

    def count(self, value: Any) -> str:
        return NOTHING if missing(value) else _decimal(round(float(value)), "#,##0", self.language)

    def decimal(self, value: Any, digits: int = 1) -> str:
        if missing(value):
            return NOTHING
        return _decimal(float(value), "#,##0." + "0" * digits if digits else "#,##0", self.language)

    def percent(self, value: Any, digits: int = 1) -> str:
        """A fraction as percent; a share that is there but rounds to nothing shows as `<0.1 %`."""
        if missing(value):
            return NOTHING
        number = float(value)
        smallest = 10 ** -(digits + 2)
        if 0 < number < smallest / 2:
            return "<" + _percent(smallest, digits, self.language)
        return _percent(number, digits, self.language)

    def limit(self, value: Any) -> str:
        """A limit as people say it: `5%`, `2.5%`."""
        whole = not missing(value) and round(100 * float(value), 6) == round(100 * float(value))
        return self.percent(value, 0 if whole else 1)

    def percent_apart(self, value: Any, other: Any) -> str:
        """A fraction as percent, with a digit more (two at most) where it would else show as `other` does."""
        if missing(value) or missing(other) or float(value) == float(other):
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
        """An interval of two fractions: `1.2–3.4%`."""
        if missing(low) or missing(high):
            return NOTHING
        first, last = self.percent(low, digits), self.percent(high, digits)
        if first == last:
            return first
        # The sign once: it belongs to both.
        return (
            f"{first.rstrip('%').rstrip()}–{last}" if first.endswith("%") and last.endswith("%") else f"{first}–{last}"
        )

    def money(self, value: Any, currency: str) -> str:
        """An amount with its currency, whole units once it is large enough that cents say nothing."""
        if missing(value):
            return NOTHING
        number = float(value)
        if abs(number) >= 1000:
            return self._signed(_decimal(round(abs(number)), "#,##0", self.language), number, currency)
        decimals = decimals_of(currency)
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        return self._signed(_decimal(abs(number), pattern, self.language), number, currency)

    def about(self, value: Any, currency: str) -> str:
        """An amount to two digits, as an end of a range is known at best: `£240`, `Rp 1.9M`."""
        if missing(value):
            return NOTHING
        return self._signed(self._short(float(value)), float(value), currency)

    def about_span(self, low: Any, high: Any, currency: str) -> str:
        """A range of two amounts, sign and letter once: `£240–610`, `Rp 1.2–3.1M`."""
        if missing(low) or missing(high):
            return NOTHING
        return self._signed(self.short_span(low, high), 1, currency)

    def short_span(self, low: Any, high: Any) -> str:
        """The same without the currency, beside an amount that has it: `240–610`, `1.2–3.1M`."""
        first, last = self._short(float(low)), self._short(float(high))
        if first == last:
            return last
        letter = last.lstrip("0123456789.,\u00a0 ")
        if letter and first.endswith(letter):
            first = first.removesuffix(letter).rstrip()
        return f"{first}–{last}"

    def _short(self, value: float) -> str:
        """The size of an amount to two digits, with a letter for thousands and more once it is long."""
        rounded = abs(float(f"{value:.2g}"))
        if rounded < COMPACT_FROM:
            return _decimal(rounded, "#,##0" if rounded >= 1 or not rounded else "#,##0.00", self.language)
        return str(format_compact_decimal(rounded, locale=self.language, fraction_digits=1))

    def _signed(self, size: str, value: float, currency: str) -> str:
        minus = "-" if value < 0 else ""
        sign = SIGNS.get(currency, f"{currency}\u00a0")
        # Some languages put the sign behind the number, whatever the currency.
        behind = Locale.parse(self.language).currency_formats["standard"].pattern.rstrip().endswith("¤")
        return f"{minus}{size}\u00a0{sign.strip()}" if behind else f"{minus}{sign}{size}"

    def day(self, value: Any) -> str:
        """A calendar day; English prints the day first, as no reader takes that for a month."""
        if missing(value):
            return NOTHING
        return str(format_date(_date(value), "medium", locale="en_GB" if self.language == "en" else self.language))

    def short_day(self, value: Any) -> str:
        """A calendar day without its year, where the page has said which: `15 Nov`."""
        if missing(value):
            return NOTHING
        locale = "en_GB" if self.language == "en" else self.language
        return str(format_skeleton("MMMd", _date(value), locale=locale))

    def weekday(self, value: Any) -> str:
        """A calendar day with its weekday: `Tuesday 3 November 2026`."""
        if missing(value):
            return NOTHING
        return str(format_date(_date(value), "full", locale="en_GB" if self.language == "en" else self.language))

    def moment(self, value: Any) -> str:
        """A day with its time, by the clock that the value is of: `14 Nov 2026, 05:11`."""
        if missing(value):
            return NOTHING
        pattern = str(Locale.parse("en_GB" if self.language == "en" else self.language).datetime_formats["medium"])
        return pattern.format(f"{value:%H:%M}", self.day(value)).replace("'", "")

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
        return NOTHING if missing(value) else str(value)


def _decimal(value: float, pattern: str, language: str) -> str:
    # Zero has two signs and one hash.
    return _known_decimal(value, pattern, language) if value else str(format_decimal(value, pattern, locale=language))


@lru_cache(maxsize=4096)
def _known_decimal(value: float, pattern: str, language: str) -> str:
    return str(format_decimal(value, pattern, locale=language))


def _percent(value: float, digits: int, language: str) -> str:
    scaled = value * 10 ** (digits + 2)
    nearest = round(scaled) if abs(scaled) < _MOST_SCALED else 0
    # Half way between two texts Babel decides, by the number as it is written.
    if abs(abs(scaled - nearest) - 0.5) < _HALF_WAY or abs(scaled) >= _MOST_SCALED:
        return str(format_percent(value, _percent_pattern(digits), locale=language))
    # Zero has two signs, and one number for both.
    return _known_percent(nearest, math.copysign(1, value) < 0, digits, language)


@lru_cache(maxsize=4096)
def _known_percent(nearest: int, negative: bool, digits: int, language: str) -> str:
    value = Decimal(abs(nearest)).scaleb(-digits - 2)
    return str(format_percent(value.copy_negate() if negative else value, _percent_pattern(digits), locale=language))


def _percent_pattern(digits: int) -> str:
    return "#,##0." + "0" * digits + "%" if digits else "#,##0%"


def missing(value: Any) -> bool:
    """Whether nothing is known: None, or what is not itself (NaN, NaT). pandas' NA does not even know that."""
    try:
        return value is None or bool(value != value)
    except TypeError:
        return True


def _date(value: Any) -> date:
    day: date = value.date() if hasattr(value, "date") else value
    return day


def one_percent_style(text: str) -> str:
    """A text of a catalog with its percentages written as the report writes them: `75%`, not `75 %`."""
    return _SPACED_PERCENT.sub(r"\1%", text)
