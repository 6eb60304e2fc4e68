"""Step 2 of a diagnosis: what the seller's own system had against what the platform showed, by time.

The two records are laid on one line of time per SKU, together with the orders, which take from both
between two statements. A gap is a stretch in which the platform went on selling what the seller did
not have: his own stock was used up, the platform still showed some. It explains the out-of-stock
cancellations of orders placed inside it, and no more units than were ordered beyond the true stock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.rates.groups import (
    LINE_KEYS,
    Groups,
    array_of,
    codes_of,
    find_rows,
    lines_of,
    local,
    missing,
    pair_rows,
    texts,
)
from cancel_analysis.rates.lines import in_days, local_days

# A snapshot speaks until the next one, at most this long: one a day that comes late still covers its day.
SNAPSHOT_HOURS = 36
# The own log is written when stock changes, so a statement holds until the next; the log as a whole
# says nothing of what came this long after its last line.
LOG_HOURS = 36
ORDER, OWN, SHOWN = 0, 1, 2
# gap: ordered beyond the true stock · own_had_stock: the seller's own system says there was enough ·
# no_record: one of the two records does not speak of that SKU at that time.
STATES = ("gap", "own_had_stock", "no_record")
GAP_COLUMNS = [
    "sku_id",
    "gap",
    "start",
    "end",
    "hours",
    "most_shown",
    "ordered_units",
    "oversold_units",
    "cancelled_units",
    "cancelled_orders",
    "explained_units",
    "explained_orders",
]


@dataclass(frozen=True)
class StockMatch:
    """What the two stock records say about one period.

    `items`: one row an out-of-stock cancellation, by the index of the items handed in: order_id,
    sku_id, line_no, ordered_at, units, own, shown (just before the order), gap, state (`STATES`),
    explained (units). `gaps`: one row a gap (`GAP_COLUMNS`; the hours it lasted, the most that the
    platform showed in it, units ordered in it, those beyond the true stock, cancelled, explained).
    `skus`: one row a SKU with a gap. `sending`: how the own system told the platform (statements,
    never_sent, minutes_to_send). Times are the shop's wall clock.
    """

    items: pd.DataFrame
    gaps: pd.DataFrame
    skus: pd.DataFrame
    sending: dict[str, float]


def match_stock(
    orders: pd.DataFrame,
    items: pd.DataFrame,
    stock_log: pd.DataFrame,
    stock_snapshots: pd.DataFrame,
    as_of: date,
    days: int,
) -> StockMatch:
    """Lay STOCK_LOG, STOCK_SNAPSHOTS and orders on one line of time and find the gaps of the last `days` days.

    `items` (AFFECTED_ITEMS) are those whose cancellations are to be explained; `orders` (ORDER_LINES)
    are all there are up to `as_of`, since every order takes stock, whatever became of it. Units that a
    cancellation gives back are not put back: the next statement has them. Raises nothing; a SKU
    without both records has no gap and its cancellations the state `no_record`.
    """
    zone = orders["created_at"].dt.tz
    first, end = _midnight(as_of - timedelta(days=days - 1), zone), _midnight(as_of + timedelta(days=1), zone)
    line = _timeline(orders, by_sku(stock_log, orders), by_sku(stock_snapshots, orders), end)
    lost, gap = _lost(items, orders, line, zone)
    gaps = _gaps(line, first, gap, lost)
    # Counted within each SKU: a number that runs over all of them would mean nothing to a reader.
    number = dict(zip(gaps["number"].tolist(), gaps["gap"].tolist(), strict=True))
    lost["gap"] = pd.array([number.get(one, pd.NA) for one in gap.tolist()], dtype="Int64")
    gaps = gaps.assign(start=_local(gaps["start"], zone), end=_local(gaps["end"], zone))[GAP_COLUMNS]
    own_log = stock_log[in_days(local_days(stock_log["at"]), as_of, days)]
    return StockMatch(lost, gaps, _skus(gaps, own_log, orders), sending_of(own_log))


def sending_of(stock_log: pd.DataFrame) -> dict[str, float]:
    """How many statements there are, how many never reached the platform, the median minutes until they did."""
    sent = array_of(stock_log["sent_at"])
    reached = ~np.isnat(sent)
    wait = (sent - array_of(stock_log["at"]))[reached].astype("timedelta64[us]").astype(np.float64) / 1e6 / 60
    return {
        "statements": float(len(stock_log)),
        "never_sent": float((~reached).sum()),
        "minutes_to_send": float(np.median(wait)) if len(wait) else float("nan"),
    }


def by_sku(statements: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """The statements with the platform's SKU; one that names only the seller's article counts for each of its SKUs."""
    skus = array_of(statements["sku_id"])
    nameless = missing(skus)
    if not nameless.any():
        return statements
    own, articles = array_of(orders["sku_id"]), array_of(orders["seller_sku"])
    pairs = Groups.of(own, articles, unsorted=True).first
    number, _ = codes_of(np.concatenate([articles[pairs], array_of(statements["seller_sku"])]))
    wanted = np.where(nameless, number[len(pairs) :], -1)
    # An article without a number is nobody's: -1 is no number.
    other, pair = pair_rows(np.where(wanted < 0, -2, wanted), number[: len(pairs)])
    rows = np.concatenate([np.flatnonzero(~nameless), other])
    named = np.concatenate([skus[~nameless], own[pairs][pair]])
    return statements.iloc[rows].assign(sku_id=texts(named)).reset_index(drop=True)


def _midnight(day: date, zone: tzinfo | None) -> np.datetime64:
    return pd.Timestamp(day).tz_localize(zone).tz_convert("UTC").tz_localize(None).to_datetime64()


def _local(times: pd.Series, zone: tzinfo | None) -> pd.DatetimeIndex:
    """UTC without its zone, on which three sources meet that no change of clocks bends → the shop's wall clock."""
    return local(array_of(times), zone).tz_localize(None)


@dataclass(frozen=True)
class _Timeline:
    """A row an order line, statement or snapshot, by SKU and time (UTC, datetime64), with both stocks around it.

    `row` is the row of the order line (-1 of a statement), `until` when the next thing is known. `known`: both
    records speak of this moment; `empty`: nothing left though the platform showed some; `oversold` the units that
    the order took beyond the true stock. `gap` is the number of the gap that it lies in, -1 outside.
    """

    sku: NDArray[Any]
    at: NDArray[Any]
    kind: NDArray[np.int64]
    row: NDArray[np.int64]
    units: NDArray[np.float64]
    shown: NDArray[np.float64]
    own_before: NDArray[np.float64]
    shown_before: NDArray[np.float64]
    known: NDArray[np.bool_]
    until: NDArray[Any]
    empty: NDArray[np.bool_]
    oversold: NDArray[np.float64]
    gap: NDArray[np.int64]


def _timeline(orders: pd.DataFrame, log: pd.DataFrame, snapshots: pd.DataFrame, end: np.datetime64) -> _Timeline:
    """Orders, statements and snapshots of the SKUs that both records name, up to `end`.

    An order at the very moment of a statement comes before it: the statement knows it.
    """
    sources = ((orders, "created_at", "quantity"), (log, "at", "stock"), (snapshots, "at", "stock"))
    sku = np.concatenate([array_of(frame["sku_id"]) for frame, _, _ in sources])
    at = np.concatenate([array_of(frame[time]).astype("datetime64[us]") for frame, time, _ in sources])
    value = np.concatenate([frame[name].to_numpy(dtype=np.float64) for frame, _, name in sources])
    kind = np.repeat([ORDER, OWN, SHOWN], [len(frame) for frame, _, _ in sources])
    skus = Groups.of(sku)
    both = skus.any(kind == OWN) & skus.any(kind == SHOWN)
    rows = np.flatnonzero(both[skus.number] & (skus.number >= 0) & (at < end))
    rows = rows[np.lexsort((kind[rows], at[rows], skus.number[rows]))]
    own_sku, at, kind, value = skus.number[rows], at[rows], kind[rows], value[rows]
    units = np.where(kind == ORDER, np.maximum(np.nan_to_num(value), 0.0), 0.0)
    begins = np.searchsorted(own_sku, own_sku)
    taken = np.cumsum(units)
    taken = taken - (taken - units)[begins]
    told, of_own = _last(kind == OWN, begins)
    seen, of_shown = _last(kind == SHOWN, begins)
    # Between two statements the orders are what is known to have happened to the stock.
    own = np.where(told, value[of_own] - (taken - taken[of_own]), np.nan)
    shown = np.where(seen, np.maximum(value[of_shown] - (taken - taken[of_shown]), 0.0), np.nan)
    before = np.where(seen, np.maximum(value[of_shown] - (taken - units - taken[of_shown]), 0.0), np.nan)
    latest = min(np.append(array_of(log["at"]), np.datetime64(0, "us")).max() + np.timedelta64(LOG_HOURS, "h"), end)
    spoken = np.where(seen, at[of_shown] + np.timedelta64(SNAPSHOT_HOURS, "h"), latest)
    limit = np.minimum(spoken, latest)
    known = told & seen & (at <= limit)
    following = np.append(at[1:], end)
    following[np.flatnonzero(np.diff(own_sku))] = end
    until = np.minimum(following, limit)
    # That the order was taken proves that the platform showed so many, whatever the last snapshot says.
    beyond = np.clip(units - np.maximum(own + units, 0.0), 0.0, units)
    empty = known & (own <= 0) & (shown > 0) & (until > at)
    oversold = np.where((kind == ORDER) & known, beyond, 0.0)
    return _Timeline(
        sku=sku[rows],
        at=at,
        kind=kind,
        row=np.where(kind == ORDER, rows, -1),
        units=units,
        shown=shown,
        own_before=own + units,
        shown_before=before,
        known=known,
        until=until,
        empty=empty,
        oversold=oversold,
        gap=_numbered(own_sku, at, until, kind, empty, oversold > 0),
    )


def _last(marked: NDArray[np.bool_], begins: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Of each row whether one up to it is marked, of the rows from `begins` on, and the last one that is."""
    last = np.maximum.accumulate(np.where(marked, np.arange(len(marked)), -1)) if len(marked) else begins
    return last >= begins, np.maximum(last, 0)


def _numbered(
    sku: NDArray[np.int64],
    at: NDArray[Any],
    until: NDArray[Any],
    kind: NDArray[np.int64],
    empty: NDArray[np.bool_],
    oversold: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """The number of the gap that each row of the line of time lies in, -1 outside.

    A gap counts when a snapshot was taken in it or an order was: that the last snapshot before it
    showed stock is no evidence, as the platform may have been told in between.
    """
    gap = np.full(len(sku), -1, dtype=np.int64)
    # Two statements of one moment are one: what stood between them lasted no time.
    rows = np.flatnonzero((until > at) | oversold)
    is_open = (empty | oversold)[rows]
    goes_on = is_open.copy()
    goes_on[:1] = False
    goes_on[1:] &= is_open[:-1] & (np.diff(sku[rows]) == 0) & (until[rows[:-1]] >= at[rows[1:]])
    number = np.cumsum(is_open & ~goes_on)
    evidence = ((empty & (kind == SHOWN)) | oversold)[rows] & is_open
    seen = is_open & np.isin(number, number[evidence])
    gap[rows[seen]] = number[seen]
    return gap


def _lost(
    items: pd.DataFrame, orders: pd.DataFrame, line: _Timeline, zone: tzinfo | None
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The cancellations with the stock on both sides just before their order, and what a gap explains of them.

    Also returns the number of that gap, -1 where none explains anything.
    """
    place = np.full(len(orders) + 1, -1)
    placed = np.flatnonzero(line.kind == ORDER)
    place[line.row[placed]] = placed
    at = place[lines_of(items, np.arange(len(items)), orders)]
    known = (at >= 0) & np.append(line.known, False)[at]
    oversold = np.where(at >= 0, np.append(line.oversold, 0.0)[at], 0.0)
    in_gap = known & (oversold > 0)
    units = items["units"].to_numpy()
    # Two cancellations of one line share what it was oversold.
    same = Groups.of(*(items[name] for name in LINE_KEYS)).number
    order = np.argsort(same, kind="stable")
    before = np.empty(len(items), dtype=np.int64)
    before[order] = np.cumsum(units[order]) - units[order]
    before -= before[order][np.searchsorted(same[order], same)]
    explained = np.clip(oversold - before, 0.0, units)
    lost = pd.DataFrame(
        {
            **{name: items[name].array for name in LINE_KEYS},
            "units": units,
            "ordered_at": local(array_of(items["order_created_at"]), zone).tz_localize(None),
            "gap": 0,
            "own": np.where(known, np.append(line.own_before, np.nan)[at], np.nan),
            "shown": np.where(known, np.append(line.shown_before, np.nan)[at], np.nan),
            "state": texts(np.select([in_gap, known], ["gap", "own_had_stock"], "no_record")),
            "explained": np.where(in_gap, explained, 0.0),
        },
        index=items.index.rename("item"),
    )
    return lost, np.where(in_gap, np.append(line.gap, -1)[at], -1)


def _gaps(line: _Timeline, first: np.datetime64, gap: NDArray[np.int64], lost: pd.DataFrame) -> pd.DataFrame:
    """Each gap that reaches into the period: its length there, the units ordered in it since `first`, and lost in it.

    `gap` is the number of the gap of each of the `lost`; that of each row here is `number`, `gap` its place in its SKU.
    """
    rows = np.flatnonzero((line.gap >= 0) & (line.until > first))
    at, until, empty = line.at[rows], line.until[rows], line.empty[rows]
    start = np.maximum(at, first)
    hours = np.maximum((until - start).astype("timedelta64[us]").astype(np.float64) / 1e6 / 3600, 0.0)
    placed = (line.kind[rows] == ORDER) & (at >= first) & (line.oversold[rows] > 0)
    gaps = Groups.of(line.gap[rows])
    inside = np.column_stack(
        [
            np.where(empty, hours, 0.0),
            np.where(placed, line.units[rows], 0.0),
            np.where(placed, line.oversold[rows], 0.0),
        ]
    )
    sums = gaps.sums(inside)
    number, sku = line.gap[rows][gaps.first], line.sku[rows][gaps.first]
    cancelled = Groups(find_rows([gap], [number]), len(number))
    explained = lost["explained"].to_numpy()
    some = explained > 0
    frame = pd.DataFrame(
        {
            "number": number,
            "sku_id": texts(sku),
            "start": gaps.least(start),
            "end": gaps.most(np.where(empty, until, at)),
            "hours": sums[:, 0],
            "most_shown": gaps.most(np.where(empty, line.shown[rows], np.nan)),
            "ordered_units": sums[:, 1],
            "oversold_units": sums[:, 2],
            "cancelled_units": cancelled.sum(lost["units"]).astype(np.float64),
            "cancelled_orders": cancelled.different(lost["order_id"]).astype(np.float64),
            "explained_units": cancelled.of_rows(some).sum(explained[some]),
            "explained_orders": cancelled.of_rows(some).different(lost["order_id"][some]).astype(np.float64),
        }
    ).sort_values(["sku_id", "start"], ignore_index=True)
    return frame.assign(gap=frame.groupby("sku_id").cumcount() + 1)


def _skus(gaps: pd.DataFrame, log: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """One row a SKU with a gap, the most cancellations explained first."""
    skus = Groups.of(gaps["sku_id"])
    named = array_of(gaps["sku_id"])[skus.first]
    counts = GAP_COLUMNS[GAP_COLUMNS.index("ordered_units") :]
    sums = skus.sums(gaps[["hours", *counts]].to_numpy(dtype=np.float64))
    # Of each SKU the newest line, which has its names as they are now; none where it was never ordered.
    backwards = find_rows([named], [array_of(orders["sku_id"])[::-1]])
    newest = np.where(backwards < 0, len(orders), len(orders) - 1 - backwards)
    names = {name: np.append(array_of(orders[name]), np.nan) for name in ("seller_sku", "product_name", "variation")}
    unsent = by_sku(log[log["sent_at"].isna().to_numpy()], orders)
    never_sent = Groups(find_rows([unsent["sku_id"]], [named]), len(named)).size()
    hours = gaps["hours"].to_numpy()
    frame = pd.DataFrame(
        {
            "sku_id": texts(named),
            **{name: texts(column[newest]) for name, column in names.items()},
            **{name: sums[:, place + 1] for place, name in enumerate(counts)},
            "gaps": skus.size(),
            "hours": sums[:, 0],
            "longest_hours": skus.most(hours),
            "start": skus.least(gaps["start"]),
            "end": skus.most(gaps["end"]),
            "most_shown": skus.most(gaps["most_shown"]),
            "never_sent": never_sent,
        }
    )
    order = ["explained_units", "oversold_units", "hours", "sku_id"]
    return frame.sort_values(order, ascending=[False, False, False, True], ignore_index=True)
