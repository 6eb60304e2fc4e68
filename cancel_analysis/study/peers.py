"""What reports must know of other shops, and of a shop before it is reported: small facts, kept as notes.

The days that a shop's files cover say which week is the latest. A shop's rates of 30 days are what a
cohort compares. Both are made once, by whoever has the shop's tables, kept in the store, and looked up
here without loading a table (or pandas). A batch looks them up once and hands them to each report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cancel_analysis.catalog.datasets import stored_days
from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.store.entries import open_store
from cancel_analysis.store.keys import figures_key
from cancel_analysis.weeks import Covered

# Rates of one shop as `benchmarks.cohorts.compared_rates` makes them, without the quotient: metric, window_days,
# numerator, denominator.
Rates = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class Peer:
    """What a cohort needs of one shop at the end of one day; without `rates` when its files cannot be used."""

    shop: str
    as_of: date
    rates: Rates


_handed: dict[tuple[str, date], Rates] = {}


_others: dict[str, tuple[str, ...]] = {}


def hand_in_others(shop: str, others: Iterable[str]) -> None:
    """Let this process know which shops (ids) are all that a shop can be compared with."""
    _others[shop] = tuple(others)


def known_others(shop: str) -> tuple[str, ...] | None:
    """The shops that a shop can be compared with, as they were handed in; None where they must be looked for."""
    return _others.get(shop)


def hand_in(peers: Iterable[Peer]) -> None:
    """Let this process take these figures as they are, and read no file for them."""
    _handed.update({(peer.shop, peer.as_of): peer.rates for peer in peers})


def known_days(shop: ShopSettings) -> Covered | None:
    """The days that the shop's files cover, where its dataset or a note says it of files as they are now."""
    found = stored_days(shop) or _read(shop, "covered")
    try:
        return None if found is None else Covered(*map(date.fromisoformat, found))
    except (TypeError, ValueError):
        return None


def note_days(shop: ShopSettings, days: Covered) -> None:
    """Keep the days that the shop's files cover."""
    _write(shop, "covered", [days.first.isoformat(), days.last.isoformat()])


def known_rates(shop: ShopSettings, as_of: date) -> Rates | None:
    """The shop's rates as a cohort compares them, handed in or noted; None where they must be made."""
    handed = _handed.get((shop.id, as_of))
    if handed is not None:
        return handed
    found = _read(shop, f"rates-{as_of}")
    try:
        return None if found is None else tuple((str(row[0]), *(int(part) for part in row[1:])) for row in found)  # type: ignore[misc]
    except (TypeError, ValueError, LookupError):
        return None


def note_rates(shop: ShopSettings, as_of: date, rates: Rates) -> None:
    """Keep the shop's rates as a cohort compares them; none at all when its files cannot be used at that day."""
    _write(shop, f"rates-{as_of}", rates)


def _read(shop: ShopSettings, name: str) -> Any:
    store = open_store()
    if store is None:
        return None
    try:
        return store.read_note(f"{figures_key(shop)}-{name}")
    except OSError:
        # A file cannot be read: whoever loads the shop says so.
        return None


def _write(shop: ShopSettings, name: str, value: Any) -> None:
    store = open_store()
    if store is not None:
        try:
            store.write_note(f"{figures_key(shop)}-{name}", value)
        except OSError:
            return
