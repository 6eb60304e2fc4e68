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

from cancel_analysis.diagnosis.stock import LOG_HOURS, by_sku
from cancel_analysis.inference import wilson
from cancel_analysis.rates.groups import LINE_KEYS, Groups, array_of, lines_of, local, missing, texts
from cancel_analysis.rates.lines import in_days, local_days

Numbers = NDArray[Any]
_NEVER = np.datetime64("NaT", "us")
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
    cancelled = (array_of(items["reason"]) == REASON) & (array_of(items["stage"]) == "cancellation")
    cancelled &= missing(array_of(items["return_id"])) & in_days(local_days(items["order_created_at"]), as_of, days)
    rows = np.flatnonzero(cancelled)
    line = lines_of(items, rows, orders)
    # The order's own time, which stands in for one that the file lacks, says nothing of the stock at cancellation.
    stated_at = np.append(array_of(orders["cancelled_at"]), _NEVER)[line]
    cancelled_at = np.where(np.isnat(stated_at), _NEVER, array_of(items["event_at"])[rows])
    ordered_at = array_of(items["order_created_at"])[rows]
    ordered = np.where(line < 0, np.nan, np.append(array_of(orders["quantity"]), 0)[line])
    units, skus = array_of(items["units"])[rows], array_of(items["sku_id"])[rows]
    own = np.full((len(rows), 2), np.nan)
    since = np.zeros(len(rows), dtype=bool)
    absent = stock_log is None or stock_log.empty
    if stock_log is not None and not absent:
        taking = orders[orders["sku_id"].isin(set(skus)).to_numpy()]
        log = by_sku(stock_log, taking)
        stated = _by_sku(log, "at", log["stock"].to_numpy(), set(skus))
        taken = _by_sku(taking, "created_at", np.maximum(taking["quantity"].to_numpy(), 0), set(skus))
        ends = array_of(stock_log["at"]).max() + np.timedelta64(LOG_HOURS, "h")
        at = np.where(np.isnat(cancelled_at), ordered_at, cancelled_at)
        moments = np.column_stack([ordered_at, cancelled_at]).astype("datetime64[us]").view(np.int64)
        for place in np.flatnonzero(at <= ends).tolist():
            if (sku := skus[place]) in stated:
                (own[place, 0], first), (own[place, 1], last) = (
                    _stock_at(moment, *stated[sku], *taken[sku]) for moment in moments[place]
                )
                since[place] = last > first
    # Without a statement in between the order's own units are among those taken off since: they are still there.
    still = ~since | (own[:, 1] >= units)
    cases = np.isnan(own[:, 0]), ~(own[:, 0] >= ordered), np.isnat(cancelled_at), still
    state = np.select(cases, ["no_record", "none", "no_record", "had"], "gone").astype(object)
    columns = {
        **{name: items[name].array.take(rows) for name in LINE_KEYS},
        "ordered_at": items["order_created_at"].array.take(rows),
        "cancelled_at": local(cancelled_at, items["event_at"].dt.tz),
        "ordered_units": ordered if (line < 0).any() else ordered.astype(np.int64),
        "units": units,
        "own_at_order": own[:, 0],
        "own_at_cancellation": own[:, 1],
    }
    return _counted(columns, state, Groups.of(array_of(items["order_id"])[rows]), "stock_log" if absent else "")


def _by_sku(frame: pd.DataFrame, time: str, values: Numbers, wanted: set[str]) -> dict[str, tuple[Numbers, Numbers]]:
    """SKU → the moments of its rows in their order (microseconds of UTC), and their values; of the `wanted` SKUs."""
    at = array_of(frame[time]).astype("datetime64[us]").view(np.int64)
    skus = Groups.of(frame["sku_id"])
    order = np.lexsort((at, skus.number))
    begin, end = (np.searchsorted(skus.number[order], np.arange(len(skus)), side=side) for side in ("left", "right"))
    named = array_of(frame["sku_id"])[skus.first].tolist()
    rows = {sku: order[begin[place] : end[place]] for place, sku in enumerate(named) if sku in wanted}
    return {sku: (at[own], values[own].astype(np.float64)) for sku, own in rows.items()}


def _stock_at(moment: np.int64, stated: Numbers, stock: Numbers, ordered: Numbers, units: Numbers) -> tuple[float, int]:
    """The own stock just before `moment`, and the number of the statement that it rests on; NaN, -1 before any."""
    number = int(np.searchsorted(stated, moment, side="left")) - 1
    if number < 0:
        return float("nan"), -1
    begun = np.searchsorted(ordered, stated[number], side="right")
    ended = np.searchsorted(ordered, moment, side="left")
    return float(stock[number] - units[begun:ended].sum()), number


def _counted(columns: dict[str, Any], state: Numbers, order: Groups, missing: str) -> ReasonAgainstStock:
    """The items (`columns`) with their `state` and that of their order, and the orders counted by it."""
    rank = np.array([STATES.index(name) for name in state.tolist()], dtype=np.int64)
    of_order = order.most(rank)
    had, gone, no_record, none = (int((of_order == place).sum()) for place in range(len(STATES)))
    known = had + gone + none
    low, high = wilson(had, known) if known else (float("nan"), float("nan"))
    ranks = of_order[order.number]
    told = {"state": texts(state), "order_state": texts(STATES[place] for place in ranks.tolist())}
    rows = pd.DataFrame({**columns, **told, "rank": ranks})
    rows = rows.sort_values(["rank", "cancelled_at", "order_id", "line_no"], kind="stable", ignore_index=True)
    share = had / known if known else float("nan")
    return ReasonAgainstStock(rows[COLUMNS], had, gone, none, no_record, share, low, high, missing)
