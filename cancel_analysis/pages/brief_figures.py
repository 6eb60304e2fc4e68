"""One shop's yesterday in figures: both rates by the shop's clock and by the platform's, and the commonest reasons."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.inference import poisson
from cancel_analysis.pages.brief_days import USUAL_DAYS
from cancel_analysis.rates.order_facts import cancellations_undated, describe_orders
from cancel_analysis.study.one_shop import Study

# The platform's day begins at 04:00 UTC: midnight of a clock four hours behind.
PLATFORM_ZONE = "Etc/GMT+4"
RATES = ("order_cancellation_rate", "seller_fault_cancellation_rate")
TOP_REASONS = 3
FIGURES = ("numerator", "denominator", "rate", "low", "high", "usual")
FIGURE_COLUMNS = ["clock", "metric", "starts", "ends", *FIGURES]
REASON_COLUMNS = ["reason", "orders", "share"]


def figures(study: Study, day: date) -> pd.DataFrame:
    """Yesterday's two rates by the shop's clock and by the platform's; columns `FIGURE_COLUMNS`.

    Where the files do not say who cancelled, the first is of what anybody cancelled and the second is empty. Where
    they do not say when, only the orders placed (and paid) are known.
    """
    undated = cancellations_undated(study.facts)
    starts, ends = platform_day(study.shop, day)
    shifted = describe_orders(_on_clock(study.orders), _on_clock(study.items), study.shop, starts.date())
    zone = study.shop.timezone
    mine = (pd.Timestamp(day).tz_localize(zone), pd.Timestamp(day + timedelta(days=1)).tz_localize(zone))
    clocks = (
        ("shop", study.facts, day, mine),
        ("platform", shifted, starts.date(), (starts.tz_convert(zone), ends.tz_convert(zone))),
    )
    rows = []
    for clock, facts, its_day, (first, last) in clocks:
        for metric in RATES:
            anybody = not study.names_initiators
            count, total = counted(facts, metric, its_day, anybody=anybody)
            low, high = poisson(count, total)
            earlier, placed = counted(facts, metric, its_day - timedelta(days=1), USUAL_DAYS, anybody=anybody)
            if anybody and metric != RATES[0]:
                blank = dict.fromkeys(FIGURES, np.nan)
                rows.append({"clock": clock, "metric": metric, "starts": first, "ends": last, **blank})
                continue
            if undated:
                blank = {**dict.fromkeys(FIGURES, np.nan), "denominator": total}
                rows.append({"clock": clock, "metric": metric, "starts": first, "ends": last, **blank})
                continue
            rows.append(
                {
                    "clock": clock,
                    "metric": metric,
                    "starts": first,
                    "ends": last,
                    "numerator": count,
                    "denominator": total,
                    "rate": count / total if total else np.nan,
                    "low": low if total else np.nan,
                    "high": high if total else np.nan,
                    "usual": earlier / placed if placed else np.nan,
                }
            )
    return pd.DataFrame(rows, columns=FIGURE_COLUMNS)


def counted(facts: pd.DataFrame, metric: str, day: date, days: int = 1, *, anybody: bool = False) -> tuple[int, int]:
    """Orders cancelled in the `days` days to `day`, and orders placed in them (paid, for the seller's fault).

    `anybody` counts all cancelled orders, whoever cancelled them.
    """
    first, last = pd.Timestamp(day - timedelta(days=days - 1)), pd.Timestamp(day)
    if metric == RATES[0]:
        named = facts["cancelled_by_buyer"] | facts["cancelled_by_seller"]
        flag, placed = facts["cancelled"] if anybody else named, facts["created_date"]
    else:
        flag, placed = facts["seller_fault"], facts["paid_date"]
    return int((flag & facts["cancelled_date"].between(first, last)).sum()), int(placed.between(first, last).sum())


def platform_day(shop: ShopSettings, day: date) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Start and end, in the platform's zone, of its last day that had ended when the shop's `day` ended."""
    over = pd.Timestamp(day + timedelta(days=1)).tz_localize(shop.timezone).tz_convert(PLATFORM_ZONE)
    end = over.normalize()
    return end - pd.Timedelta(days=1), end


def _on_clock(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every time on the platform's clock."""
    times = [name for name, kind in frame.dtypes.items() if isinstance(kind, pd.DatetimeTZDtype)]
    return frame.assign(**{str(name): frame[name].dt.tz_convert(PLATFORM_ZONE) for name in times})


def top_reasons(facts: pd.DataFrame, items: pd.DataFrame, day: date, most: int = TOP_REASONS) -> pd.DataFrame:
    """The commonest reasons of the orders cancelled on `day` before they were shipped: reason, orders, share; empty
    where the files do not say when orders were cancelled.

    Automatic cancellations are in, but not those of orders that were never paid. An order with several
    reasons counts for that of most of its units.
    """
    gone = facts["cancelled"] & (facts["paid"] | facts["cancelled_by_buyer"] | facts["cancelled_by_seller"])
    dated = not cancellations_undated(facts)
    orders = facts.loc[gone & dated & (facts["cancelled_date"] == pd.Timestamp(day)), "order_id"]
    lost = items[items["order_id"].isin(orders) & items["return_id"].isna()]
    units = lost.groupby(["order_id", "reason"])["units"].sum().reset_index()
    first = units.sort_values(["order_id", "units", "reason"], ascending=[True, False, True])
    counts = first.drop_duplicates("order_id")["reason"].value_counts()
    frame = counts.rename_axis("reason").rename("orders").reset_index()
    frame = frame.sort_values(["orders", "reason"], ascending=[False, True])
    total = max(len(orders), 1)
    return frame.assign(share=frame["orders"] / total).head(most)[REASON_COLUMNS].reset_index(drop=True)
