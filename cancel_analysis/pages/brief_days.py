"""Cancellations a day: of one shop, and of all shops together beside what is usual for their orders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.inference import poisson
from cancel_analysis.rates.order_facts import cancellations_undated
from cancel_analysis.study.one_shop import Study

# Four weeks are drawn, and the usual of the first of them is that of the four before.
DRAWN_DAYS = 28
USUAL_DAYS = 28
DAY_COLUMNS = ["date", "cancelled", "placed", "fault", "paid"]
# What is cancelled on a day, and the orders that it is a share of.
PAIRS = (("cancelled", "placed"), ("fault", "paid"))


@dataclass(frozen=True)
class DayTotal:
    """Orders cancelled on one day over several shops, beside the orders placed (or paid) on it.

    `rate` is the one by the other, `low` and `high` its exact Poisson interval, `usual` what the shops' own usual rates
    make of the day's orders, as a rate; NaN where not known. `out` names the shops that are left out.
    """

    count: float
    total: float
    rate: float
    low: float
    high: float
    usual: float
    out: tuple[str, ...]

    @property
    def state(self) -> str:
        """`more` or `fewer` than usual beyond chance, the `same`, or `unknown`."""
        if np.isnan(self.usual):
            return "unknown"
        return "more" if self.usual < self.low else "fewer" if self.usual > self.high else "same"

    @property
    def is_share(self) -> bool:
        """Whether the rate can be told: what was cancelled on a day is no part of what was ordered on it."""
        return self.total > 0 and self.count <= self.total


@dataclass(frozen=True)
class DaysTogether:
    """The last four weeks over all shops that are known on each of their days.

    `frame`: date, then for cancelled and fault the orders and `usual_cancelled`, `usual_fault`: what each shop's rate
    of the 28 days before would have made of that day's orders, added up. `out` names the shops that are left out, as
    what is usual is not known on one of the days: their files begin later, or nothing was ordered in the 28 days
    before. Of those of `nameless` only `cancelled` is known.
    """

    frame: pd.DataFrame
    shops: int
    out: tuple[str, ...]
    nameless: tuple[str, ...]


def days_of(study: Study, day: date) -> pd.DataFrame:
    """Orders cancelled on each of the last eight weeks' days that the shop's files cover whole, and orders placed.

    Columns `DAY_COLUMNS`: `cancelled` by buyer or seller (by anybody, where the files do not say who) and `placed`;
    `fault` the seller's (NaN where nobody is named) and `paid`. What was cancelled is NaN where no file says when.
    """
    facts = study.facts
    anybody, undated = not study.names_initiators, cancellations_undated(study.facts)
    gone = facts["cancelled"] if anybody else facts["cancelled_by_buyer"] | facts["cancelled_by_seller"]
    first = day - timedelta(days=DRAWN_DAYS + USUAL_DAYS - 1)
    days = np.arange(np.datetime64(first), np.datetime64(day) + 1)

    def count(flag: pd.Series | None, on: str) -> np.ndarray:
        column = facts[on] if flag is None else facts.loc[flag, on]
        offset = (column.to_numpy().astype("datetime64[D]") - days[0]).astype("int64")
        inside = offset[(offset >= 0) & (offset < len(days))]
        return np.bincount(inside, minlength=len(days))

    frame = pd.DataFrame(
        {
            "date": days.astype("datetime64[s]"),
            "cancelled": np.nan if undated else count(gone, "cancelled_date").astype("float64"),
            "placed": count(None, "created_date"),
            "fault": np.nan if anybody or undated else count(facts["seller_fault"], "cancelled_date").astype("float64"),
            "paid": count(None, "paid_date"),
        },
        columns=DAY_COLUMNS,
    )
    begins = max(facts["created_date"].min(), study.whole_since) if len(facts) else pd.Timestamp.max
    known: pd.DataFrame = frame[frame["date"] >= begins].reset_index(drop=True)
    return known


def usual_of(days: pd.DataFrame) -> pd.DataFrame:
    """`days` (as `days_of`) with `usual_cancelled` and `usual_fault`: the rate of the 28 days before × the day's
    orders; NaN where nothing was ordered in them."""
    found = days.copy()
    for above, below in PAIRS:
        before = days[[above, below]].shift(1).rolling(USUAL_DAYS, min_periods=1).sum()
        rate = before[above] / before[below].where(before[below] > 0)
        found[f"usual_{above}"] = rate * days[below]
    return found


def days_together(shops: Iterable[tuple[str, pd.DataFrame]], day: date) -> DaysTogether:
    """The last four weeks over all `shops` (name, `days_of`); a shop that is not known on each of them is left out."""
    wanted = pd.date_range(end=pd.Timestamp(day), periods=DRAWN_DAYS)
    parts, out, nameless = [], [], []
    for name, days in shops:
        drawn = usual_of(days).set_index("date").reindex(wanted)
        if drawn["usual_cancelled"].isna().any():
            out.append(name)
            continue
        if drawn["fault"].isna().all():
            nameless.append(name)
        parts.append(drawn)
    total = pd.DataFrame(index=wanted)
    # A sum is known where each of its parts is.
    for name in ("cancelled", "usual_cancelled"):
        total[name] = sum((part[name].astype("float64") for part in parts), pd.Series(0.0, index=wanted))
    naming = [part for part in parts if part["fault"].notna().any()]
    for name in ("fault", "usual_fault"):
        total[name] = sum((part[name] for part in naming), pd.Series(0.0 if naming else np.nan, index=wanted))
    return DaysTogether(total.rename_axis("date").reset_index(), len(parts), tuple(out), tuple(nameless))


def day_total(figures: Iterable[tuple[str, pd.Series]]) -> DayTotal | None:
    """A day over all shops: (name, numerator, denominator and usual of one) a shop; None where none is known.

    A shop of which the count is not known is left out; one of which the usual is not, where another's is.
    """
    rows = list(figures)
    told = [(name, row) for name, row in rows if not np.isnan(row["numerator"])]
    if not told:
        return None
    told = [(name, row) for name, row in told if not np.isnan(row["usual"])] or told
    kept = {name for name, _ in told}
    count, total = (sum(float(row[name]) for _, row in told) for name in ("numerator", "denominator"))
    expected = sum(float(row["usual"] * row["denominator"]) for _, row in told)
    low, high = poisson(count, total) if total else (np.nan, np.nan)
    return DayTotal(
        count=count,
        total=total,
        rate=count / total if total else np.nan,
        low=low,
        high=high,
        usual=expected / total if total else np.nan,
        out=tuple(name for name, _ in rows if name not in kept),
    )
