"""Why the platform shows another figure: the definitions under which a shop's files give the figure that it shows.

A rate is a count over a count, and both hang on choices that a dashboard does not print: the window, what is
below the line, which date an order counts on, whose clock ends a day, what is done with doubtful reasons and
with orders that the platform fulfils. All of them are tried; those that give the figure within its rounding
are listed, those that differ least from the report's own definition first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import numpy as np
import pandas as pd

from cancel_analysis.catalog.policies import Limit
from cancel_analysis.catalog.rates import BY_PLATFORM, MEASURES, RATES, WINDOWS, Rate
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import SettingsError, unknown
from cancel_analysis.rates.order_facts import cancellations_undated
from cancel_analysis.rates.untold import CANCEL_DAYS

# The platform's own figures turn over at this hour, UTC.
TURN_OVER_HOUR = 4
CLOCKS = ("shop", "platform", "utc")
READINGS = ("main", "least", "other")
FULFILMENTS = ("all", "not_above", "not_at_all")
# What stands below a cancellation rate's line, in one place or another.
DENOMINATORS = ("orders_placed", "orders_paid", "orders_dispatched", "orders_delivered")
# A figure that is shown today was often counted last night.
DAYS_BACK = (0, 1)
CHOICES = ("metric", "window", "denominator", "basis", "clock", "reading", "fulfilment", "days_back")
COLUMNS = [*CHOICES, "differs_in", "differences", "numerator", "denominator_count", "rate", "below", "above"]
# What people ask about: the rate that the platform regulates.
RECONCILED = "seller_fault_cancellation_rate"
# More than this nobody reads, and the more a definition differs the likelier it fits by chance.
MOST_READINGS = 12


@dataclass(frozen=True)
class Reading:
    """One way to count a rate: a value of each of `CHOICES`."""

    metric: str
    window: int
    denominator: str
    basis: str
    clock: str
    reading: str
    fulfilment: str
    days_back: int

    def differs_in(self, other: Reading) -> tuple[str, ...]:
        """The choices in which two readings differ."""
        return tuple(name for name in CHOICES if getattr(self, name) != getattr(other, name))


@dataclass(frozen=True)
class Reconciliation:
    """What the files say of a figure that the platform shows.

    `shown` is a share, meant by everything from `low` up to and without `high` (its rounding). `own` is the
    report's definition with its figure, a row of `COLUMNS`; `readings` those that give the figure, fewest
    differences first. `orders`: what makes the difference of each, a row an order and reading (`number`, from
    0): `where` is `above` or `below` the line, `change` `more` (counted there and not in the report) or `less`.
    Where the files end before the day nothing is tried; where most cancellations have no time, nothing by that.
    `tried` definitions gave `values` different figures; `by_chance` is how many of those would fit if each were as
    likely anywhere among those that were found.
    """

    metric: str
    on: date
    shown_as: str
    shown: float
    low: float
    high: float
    own: pd.Series
    readings: pd.DataFrame
    orders: pd.DataFrame
    tried: int
    values: int
    by_chance: float
    covered_until: date | None

    @property
    def agrees(self) -> bool:
        """Whether the report's own definition gives the figure."""
        return bool(len(self.readings)) and int(self.readings["differences"].iloc[0]) == 0

    @property
    def ends_early(self) -> bool:
        """Whether the files end before the day of the figure."""
        return self.covered_until is not None and self.covered_until < self.on


def reconcile(
    facts: pd.DataFrame,
    orders: pd.DataFrame,
    items: pd.DataFrame,
    shop: ShopSettings,
    *,
    metric: str,
    shown: str | float,
    on: date,
    window: int | None = None,
    covered_until: date | None = None,
    limits: Sequence[Limit] = (),
) -> Reconciliation:
    """Find the definitions that give `shown`, a percentage as the platform prints it ("5.4", "5.40 %", 5.4).

    `facts` are order facts, `orders` ORDER_LINES and `items` AFFECTED_ITEMS that reach to `on` or further;
    `metric` is a rate of whole orders that the platform shows. `window` is the days that the dashboard names,
    where it does. The report's own definition is that of the first of `limits` on this metric, where there is one.
    Raises SettingsError for another metric, and for a figure that is no percentage.
    """
    rates = {name: rate for name, rate in RATES.items() if rate.kind == "share" and rate.unit == "order"}
    if metric not in rates:
        raise SettingsError(unknown("rate of whole orders", metric, rates))
    low, high, share = _meant(shown)
    counts = _Counts(facts, orders, items, shop, on)
    standard = _standard(rates[metric], window, next((one for one in limits if one.metric == metric), None))
    found: list[tuple[Reading, int, int]] = []
    seen: set[tuple[int, int]] = set()
    fractions: set[float] = set()
    tried = 0
    # Files that end before the day give figures of less than a window, which would fit or not by chance.
    early = covered_until is not None and covered_until < on
    # Where the order's day stands in for that of its cancellation, counting by the latter cannot be tried.
    dateless = MEASURES[rates[metric].numerator].event in CANCEL_DAYS and cancellations_undated(facts)
    for reading in () if early else _readings(rates, standard, window):
        if dateless and reading.basis == "event":
            continue
        above, below = counts.both(reading)
        count, total = int(above.sum()), int(below.sum())
        tried += 1
        if not total:
            continue
        fractions.add(count / total)
        if low <= count / total < high:
            found.append((reading, count, total))
    found.sort(key=lambda one: (len(one[0].differs_in(standard)), _rank(one[0].differs_in(standard))))
    kept = []
    for reading, count, total in found:
        # The same two counts again, with one choice more, say nothing new.
        if (count, total) not in seen:
            seen.add((count, total))
            kept.append((reading, count, total))
    kept = kept[:MOST_READINGS]
    rows = [_row(reading, standard, count, total, counts) for reading, count, total in kept]
    own_above, own_below = counts.both(standard)
    own = pd.Series(_row(standard, standard, int(own_above.sum()), int(own_below.sum()), counts))
    reach = max(fractions, default=0.0) - min(fractions, default=0.0)
    return Reconciliation(
        metric=metric,
        on=on,
        shown_as=f"{str(shown).strip().removesuffix('%').strip()} %",
        shown=share,
        low=low,
        high=high,
        own=own,
        readings=pd.DataFrame(rows, columns=COLUMNS),
        orders=_orders([reading for reading, _, _ in kept], standard, counts),
        tried=tried,
        values=len(fractions),
        by_chance=len(fractions) * min((high - low) / reach, 1.0) if reach else float(len(fractions)),
        covered_until=covered_until,
    )


def _meant(shown: str | float) -> tuple[float, float, float]:
    """The shares that a printed percentage can stand for (from, up to and without), and the share itself."""
    text = str(shown).strip().removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,3}(\.\d{1,6})?", text) or float(text) > 100:
        raise SettingsError(f"the figure shown must be a percentage such as 5.4, not {str(shown)[:40]!r}")
    decimals = len(text.partition(".")[2])
    half = 0.5 * 10**-decimals
    value = float(text)
    # A hair more, as 0.0545 is not exactly that in binary.
    return (value - half) / 100 - 1e-12, (value + half) / 100 + 1e-12, value / 100


def _standard(rate: Rate, window: int | None, limit: Limit | None) -> Reading:
    if limit is None:
        return Reading(rate.name, window or max(WINDOWS), rate.denominator, "created", "shop", "main", "all", 0)
    above, below = limit.fbt_out
    fulfilment = "not_at_all" if below else "not_above" if above else "all"
    return Reading(
        rate.name, window or limit.window_days, limit.denominator or rate.denominator, limit.date_basis, "shop",
        "main", fulfilment, 0,
    )  # fmt: skip


def _readings(rates: dict[str, Rate], standard: Reading, window: int | None) -> Iterator[Reading]:
    """Every definition that is tried; other metrics only as they are defined, with other windows."""
    windows = [window] if window else list(dict.fromkeys((standard.window, *WINDOWS)))
    metric, rate = standard.metric, rates[standard.metric]
    below = tuple(dict.fromkeys((standard.denominator, rate.denominator, *DENOMINATORS)))
    readings = [
        name
        for name, measure in zip(READINGS, (rate.numerator, rate.numerator_least, rate.numerator_other), strict=True)
        if measure
    ]
    for choice in product(windows, below, ("created", "event"), CLOCKS, readings, FULFILMENTS, DAYS_BACK):
        yield Reading(metric, *choice)
    for other in rates:
        if other != metric and MEASURES[rates[other].numerator].event == MEASURES[rate.numerator].event:
            for days, clock, back in product(windows, CLOCKS, DAYS_BACK):
                yield Reading(other, days, rates[other].denominator, "created", clock, "main", "all", back)


def _rank(differences: tuple[str, ...]) -> tuple[int, ...]:
    """Of as many differences, the likelier ones first: a day's end before a window, a window before another rate."""
    likely = ("days_back", "clock", "reading", "fulfilment", "denominator", "basis", "window", "metric")
    return tuple(sorted(likely.index(name) for name in differences))


class _Counts:
    """Which orders a reading counts above and below its line."""

    def __init__(
        self, facts: pd.DataFrame, orders: pd.DataFrame, items: pd.DataFrame, shop: ShopSettings, on: date
    ) -> None:
        self.facts, self.on, self.shop = facts, on, shop
        self.order_ids = facts["order_id"].to_numpy()
        created = orders.groupby("order_id")["created_at"].min().reindex(facts["order_id"])
        lost = items.groupby("order_id")["event_at"].max().reindex(facts["order_id"])
        self.moments = {"created_date": created, "cancelled_date": lost}
        self.days: dict[tuple[str, str], np.ndarray] = {}

    def both(self, reading: Reading) -> tuple[np.ndarray, np.ndarray]:
        """Bool (orders,): counted above the line, and below it."""
        rate = RATES[reading.metric]
        name = {"main": rate.numerator, "least": rate.numerator_least, "other": rate.numerator_other}[reading.reading]
        last = np.datetime64(self.on - timedelta(days=reading.days_back))
        first = last - (reading.window - 1)
        above_event, below_event = MEASURES[name].event, MEASURES[reading.denominator].event
        created = self._days("created_date", reading.clock)
        happened, reached = self._days(above_event, reading.clock), self._days(below_event, reading.clock)
        if reading.basis == "created":
            placed = (created >= first) & (created <= last)
            # What happened after the day was not known on it.
            above, below = placed & (happened <= last), placed & ((reached <= last) | np.isnat(reached))
        else:
            above = (happened >= first) & (happened <= last)
            below = (reached >= first) & (reached <= last)
        above = above & (MEASURES[name].counted(self.facts) > 0)
        below = below & (MEASURES[reading.denominator].counted(self.facts) > 0)
        own = ~self.facts[BY_PLATFORM].to_numpy()
        if reading.fulfilment != "all":
            above = above & own
        return above, (below & own if reading.fulfilment == "not_at_all" else below)

    def _days(self, event: str, clock: str) -> np.ndarray:
        """The day of an event of each order by a clock; events of which only the shop's day is known keep it."""
        if (event, clock) not in self.days:
            moments = self.moments.get(event)
            if clock == "shop" or moments is None:
                days = self.facts[event].to_numpy().astype("datetime64[D]")
            else:
                utc = moments.dt.tz_convert("UTC").dt.tz_localize(None)
                turned = utc - pd.Timedelta(hours=TURN_OVER_HOUR if clock == "platform" else 0)
                days = turned.to_numpy().astype("datetime64[D]")
                happened = self.facts[event].notna().to_numpy()
                days = np.where(happened, days, np.datetime64("NaT"))
            self.days[event, clock] = days
        return self.days[event, clock]


def _row(reading: Reading, standard: Reading, count: int, total: int, counts: _Counts) -> dict[str, object]:
    differs = reading.differs_in(standard)
    above, below = counts.both(reading)
    own_above, own_below = counts.both(standard)
    return {
        **{name: getattr(reading, name) for name in CHOICES},
        "differs_in": ", ".join(differs),
        "differences": len(differs),
        "numerator": count,
        "denominator_count": total,
        "rate": count / total if total else np.nan,
        "above": int((above != own_above).sum()),
        "below": int((below != own_below).sum()),
    }


def _orders(readings: list[Reading], standard: Reading, counts: _Counts) -> pd.DataFrame:
    """The orders that make the difference of each reading from the report's own."""
    own = dict(zip(("above", "below"), counts.both(standard), strict=True))
    frames = []
    for number, reading in enumerate(readings):
        for where, counted in zip(("above", "below"), counts.both(reading), strict=True):
            for change, chosen in (("more", counted & ~own[where]), ("less", own[where] & ~counted)):
                ids = counts.order_ids[chosen]
                frames.append(pd.DataFrame({"number": number, "order_id": ids, "where": where, "change": change}))
    columns = ["number", "order_id", "where", "change"]
    found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return found.astype({"number": "int64", "order_id": "str", "where": "str", "change": "str"})
