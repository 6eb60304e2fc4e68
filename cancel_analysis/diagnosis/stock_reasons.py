"""The reason "out of stock" against the seller's own stock: how many orders so cancelled had stock at that time.

A wrong reason costs an appeal, and an error of price that nobody wants to own looks like this. Only the seller's own
log speaks here: what the platform showed is no proof that a shelf was full. An order had stock when there was enough
for it when it was placed *and* when it was cancelled; what was there first and gone later was sold elsewhere, lost
or miscounted, and is told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.diagnosis.stock import LINE_KEYS, LOG_HOURS, by_sku
from cancel_analysis.inference import wilson
from cancel_analysis.rates.breakdown import within

Numbers = NDArray[Any]
REASON = "out_of_stock"
# had: enough at both moments · gone: enough when it was ordered, none left when it was cancelled · no_record: the log
# does not speak of that SKU at that time · none: too few when it was ordered. Of an order's lines the last of these
# decides: one line that was out of stock is reason enough to cancel all.
STATES = ("had", "gone", "no_record", "none")
# The log lags behind the shelf, so a few contradictions are no finding: at least so many orders, and so large a
# share at the low end of its interval. Both are our own choice; no source names any.
LEAST_HAD, LEAST_SHARE = 5, 0.2
COLUMNS = [
    "order_id", "sku_id", "line_no", "ordered_at", "cancelled_at", "ordered_units", "units", "own_at_order",
    "own_at_cancellation", "state", "order_state",
]  # fmt: skip


@dataclass(frozen=True)
class ReasonAgainstStock:
    """Orders cancelled as out of stock, by what the seller's own log says.

    `items`: a row an item (`COLUMNS`; times zone-aware, stocks NaN where the log does not speak), orders with stock
    first; `state` is the line's, `order_state` that of its order. Counts are of orders, as the lines of one are
    cancelled together. `share` is `had` of the `known` ones, with a 95 % interval; NaN where none is known.
    `missing` is `stock_log` where the shop has no such file.
    """

    items: pd.DataFrame
    had: int
    gone: int
    none: int
    no_record: int
    share: float
    low: float
    high: float
    missing: str = ""

    @property
    def known(self) -> int:
        return self.had + self.gone + self.none

    @property
    def material(self) -> bool:
        """Whether so many had stock that it is a finding."""
        return self.had >= LEAST_HAD and self.low >= LEAST_SHARE


def reason_against_stock(
    orders: pd.DataFrame, items: pd.DataFrame, stock_log: pd.DataFrame | None, as_of: date, days: int
) -> ReasonAgainstStock:
    """Hold the reason of the period's out-of-stock cancellations against STOCK_LOG.

    `items` (AFFECTED_ITEMS) of orders placed in the last `days` days are looked at; `orders` (ORDER_LINES) are all up
    to `as_of`, as each takes its units from the stock until the next statement, whatever became of it. A statement
    at the very moment of an order knows of it. Raises nothing.
    """
    lost = within(items, "order_created_at", as_of, days)
    lost = lost[(lost["reason"] == REASON) & (lost["stage"] == "cancellation") & lost["return_id"].isna()]
    lost = lost[[*LINE_KEYS, "order_created_at", "event_at", "units"]]
    lost = lost.rename(columns={"order_created_at": "ordered_at", "event_at": "cancelled_at"})
    ordered = orders[[*LINE_KEYS, "quantity", "cancelled_at"]].drop_duplicates(LINE_KEYS)
    ordered = ordered.rename(columns={"quantity": "ordered_units", "cancelled_at": "stated_at"})
    lost = lost.merge(ordered, on=LINE_KEYS, how="left")
    # The order's own time, which stands in for one that the file lacks, says nothing of the stock at cancellation.
    lost["cancelled_at"] = lost["cancelled_at"].where(lost["stated_at"].notna())
    if stock_log is None or stock_log.empty:
        return _counted(lost.assign(own_at_order=np.nan, own_at_cancellation=np.nan, state="no_record"), "stock_log")
    skus = lost["sku_id"].unique()
    taking = orders[orders["sku_id"].isin(skus)]
    log = by_sku(stock_log, taking)
    stated = _by_sku(log[log["sku_id"].isin(skus)], "at", "stock")
    taken = _by_sku(taking.assign(units=taking["quantity"].clip(lower=0)), "created_at", "units")
    ends = stock_log["at"].max() + pd.Timedelta(hours=LOG_HOURS)
    moments = np.column_stack([_number(lost["ordered_at"]), _number(lost["cancelled_at"])])
    covered = (lost["cancelled_at"].fillna(lost["ordered_at"]) <= ends) & lost["sku_id"].isin(list(stated))
    own = np.full((len(lost), 2), np.nan)
    since = np.zeros(len(lost), dtype=bool)
    named = lost["sku_id"].tolist()
    for place in np.flatnonzero(covered.to_numpy()).tolist():
        sku = named[place]
        (own[place, 0], first), (own[place, 1], last) = (
            _stock_at(moment, *stated[sku], *taken[sku]) for moment in moments[place]
        )
        since[place] = last > first
    lost = lost.assign(own_at_order=own[:, 0], own_at_cancellation=own[:, 1])
    enough = lost["own_at_order"] >= lost["ordered_units"]
    # Without a statement in between the order's own units are among those taken off since: they are still there.
    still = ~since | (lost["own_at_cancellation"] >= lost["units"])
    cases = lost["own_at_order"].isna(), ~enough, lost["cancelled_at"].isna(), still
    state = np.select(cases, ["no_record", "none", "no_record", "had"], "gone")
    return _counted(lost.assign(state=state))


def _number(times: pd.Series) -> Numbers:
    """Moments as microseconds of UTC."""
    clock = times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    return np.asarray(clock.astype("datetime64[us]").astype("int64"))


def _by_sku(frame: pd.DataFrame, time: str, value: str) -> dict[str, tuple[Numbers, Numbers]]:
    """SKU → the moments of its rows in their order, and their values."""
    frame = frame.sort_values(time, kind="stable")
    skus, at, values = frame["sku_id"].to_numpy(), _number(frame[time]), frame[value].to_numpy(dtype="float64")
    return {sku: (at[skus == sku], values[skus == sku]) for sku in frame["sku_id"].unique()}


def _stock_at(moment: np.int64, stated: Numbers, stock: Numbers, ordered: Numbers, units: Numbers) -> tuple[float, int]:
    """The own stock just before `moment`, and the number of the statement that it rests on; NaN, -1 before any."""
    number = int(np.searchsorted(stated, moment, side="left")) - 1
    if number < 0:
        return float("nan"), -1
    begun = np.searchsorted(ordered, stated[number], side="right")
    ended = np.searchsorted(ordered, moment, side="left")
    return float(stock[number] - units[begun:ended].sum()), number


def _counted(lost: pd.DataFrame, missing: str = "") -> ReasonAgainstStock:
    rank = lost["state"].map({state: place for place, state in enumerate(STATES)})
    of_order = rank.groupby(lost["order_id"]).transform("max")
    lost = lost.assign(rank=of_order, order_state=of_order.map(dict(enumerate(STATES))))
    orders = lost.drop_duplicates("order_id")["order_state"].value_counts()
    had, gone, no_record, none = (int(orders.get(state, 0)) for state in STATES)
    known = had + gone + none
    low, high = wilson(had, known) if known else (float("nan"), float("nan"))
    rows = lost.sort_values(["rank", "cancelled_at", "order_id", "line_no"], kind="stable")
    share = had / known if known else float("nan")
    return ReasonAgainstStock(
        rows[COLUMNS].reset_index(drop=True), had, gone, none, no_record, share, low, high, missing
    )
