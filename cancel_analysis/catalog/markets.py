"""The markets of TikTok Shop: currency, default time zone, decimals of money."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from babel.numbers import get_currency_precision

from cancel_analysis.catalog import csv_files
from cancel_analysis.errors import SettingsError, nearest, shorten

# What people write for a market when they do not use the platform's own letters.
ALSO_KNOWN_AS = {"UK": "GB"}
# For everybody else: what a market settles (currency, time zone) has to be said, and no rule of a platform holds.
OTHER = "OTHER"


@dataclass(frozen=True)
class Market:
    """One market; `timezone` is the default where a market has several. `OTHER` has no currency and no time zone."""

    code: str
    name: str
    currency: str
    timezone: str
    decimals: int


@cache
def markets() -> dict[str, Market]:
    """All markets by code."""
    return {
        row["market"]: Market(row["market"], row["name"], row["currency"], row["timezone"], int(row["decimals"]))
        for row in csv_files.rows("markets")
    }


def decimals_of(currency: str) -> int:
    """How many decimals amounts in `currency` have: as in its market, else as the locale data of Unicode say."""
    for one in markets().values():
        if one.currency == currency:
            return one.decimals
    return 0 if get_currency_precision(currency) == 0 else 2


def market(code: str) -> Market:
    """The market called `code` (any case, UK as well as GB); SettingsError with the valid codes."""
    wanted = ALSO_KNOWN_AS.get(code.upper(), code.upper())
    if wanted not in markets():
        near = [f"{one.code} ({one.name})" for one in _like(code)]
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise SettingsError(f"unknown market {shorten(code)}; known are {', '.join(markets())}{meant}")
    return markets()[wanted]


def _like(code: str) -> list[Market]:
    """The markets that may be meant: by a code or a name that is like it, and all whose names begin with it.

    India is IND elsewhere and Indonesia IDN: letters alone would take one for the other.
    """
    wanted = code.strip().casefold()
    names = {one.name: one.code for one in markets().values()}
    by_name = nearest(code, names)
    found = {nearest(code, markets()), names.get(by_name) if by_name else None}
    if len(wanted) > 1:
        found |= {one for name, one in names.items() if name.casefold().startswith(wanted)}
    return [one for one in markets().values() if one.code in found]
