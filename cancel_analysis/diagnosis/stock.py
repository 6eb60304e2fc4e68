"""Step 2 of a diagnosis: what the seller's own system had against what the platform showed, by time.

The two records are laid on one line of time per SKU, together with the orders, which take from both
between two statements. A gap is a stretch in which the platform went on selling what the seller did
not have: his own stock was used up, the platform still showed some. It explains the out-of-stock
cancellations of orders placed inside it, and no more units than were ordered beyond the true stock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

import numpy as np
import pandas as pd

from cancel_analysis.rates.breakdown import within

# A snapshot speaks until the next one, at most this long: one a day that comes late still covers its day.
SNAPSHOT_HOURS = 36
# The own log is written when stock changes, so a statement holds until the next; the log as a whole
# says nothing of what came this long after its last line.
LOG_HOURS = 36
ORDER, OWN, SHOWN = 0, 1, 2
LINE_KEYS = ["order_id", "sku_id", "line_no"]
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
    line = _timeline(orders, stock_log, stock_snapshots, end)
    gaps = _gaps(line, first)
    lost = _lost(items, line)
    gaps = _with_losses(gaps, lost)
    # Counted within each SKU: a number that runs over all of them would mean nothing to a reader.
    number = gaps.groupby("sku_id").cumcount() + 1
    lost = lost.assign(
        gap=lost["gap"].map(dict(zip(gaps["gap"], number, strict=True))).astype("Int64"),
        ordered_at=_local(lost["ordered_at"], zone),
    )
    gaps = gaps.assign(gap=number, start=_local(gaps["start"], zone), end=_local(gaps["end"], zone))[GAP_COLUMNS]
    own_log = within(stock_log, "at", as_of, days)
    return StockMatch(lost, gaps, _skus(gaps, own_log, orders), sending_of(own_log))


def sending_of(stock_log: pd.DataFrame) -> dict[str, float]:
    """How many statements there are, how many never reached the platform, the median minutes until they did."""
    wait = (stock_log["sent_at"] - stock_log["at"]).dt.total_seconds() / 60
    return {
        "statements": float(len(stock_log)),
        "never_sent": float(stock_log["sent_at"].isna().sum()),
        "minutes_to_send": float(wait.median()) if wait.notna().any() else float("nan"),
    }


def by_sku(statements: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """The statements with the platform's SKU; one that names only the seller's article counts for each of its SKUs."""
    named = statements[statements["sku_id"].notna()]
    articles = orders[["sku_id", "seller_sku"]].dropna().drop_duplicates()
    other = statements[statements["sku_id"].isna()].drop(columns="sku_id").merge(articles, on="seller_sku")
    return pd.concat([named, other[named.columns]], ignore_index=True) if len(other) else named


def _clock(times: pd.Series) -> pd.Series:
    """UTC without its zone, microseconds: three sources meet on one axis that no change of clocks bends."""
    clock: pd.Series = times.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]")
    return clock


def _midnight(day: date, zone: tzinfo | None) -> pd.Timestamp:
    return pd.Timestamp(day).tz_localize(zone).tz_convert("UTC").tz_localize(None)


def _local(times: pd.Series, zone: tzinfo | None) -> pd.Series:
    local: pd.Series = times.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    return local


def _timeline(orders: pd.DataFrame, log: pd.DataFrame, snapshots: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """One row an order line, statement or snapshot, by SKU and time, with both stocks before and after it.

    An order at the very moment of a statement comes before it: the statement knows it.
    """
    log, snapshots = by_sku(log, orders), by_sku(snapshots, orders)
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "sku_id": orders["sku_id"],
                    "at": _clock(orders["created_at"]),
                    "kind": ORDER,
                    "units": orders["quantity"].clip(lower=0),
                    "order_id": orders["order_id"],
                    "line_no": orders["line_no"],
                }
            ),
            pd.DataFrame({"sku_id": log["sku_id"], "at": _clock(log["at"]), "kind": OWN, "stock": log["stock"]}),
            pd.DataFrame(
                {
                    "sku_id": snapshots["sku_id"],
                    "at": _clock(snapshots["at"]),
                    "kind": SHOWN,
                    "stock": snapshots["stock"],
                }
            ),
        ],
        ignore_index=True,
    )
    known = set(log["sku_id"]) & set(snapshots["sku_id"])
    rows = rows[rows["sku_id"].isin(known) & (rows["at"] < end)]
    rows = rows.sort_values(["sku_id", "at", "kind"], kind="stable", ignore_index=True)
    rows["units"] = rows["units"].fillna(0)
    sku = rows["sku_id"]
    taken = rows.groupby(sku)["units"].cumsum()

    def last(kind: int, values: pd.Series) -> pd.Series:
        return values.where(rows["kind"] == kind).groupby(sku).ffill()

    # Between two statements the orders are what is known to have happened to the stock.
    rows["own"] = last(OWN, rows["stock"]) - (taken - last(OWN, taken))
    rows["shown"] = (last(SHOWN, rows["stock"]) - (taken - last(SHOWN, taken))).clip(lower=0)
    rows["own_before"] = rows["own"] + rows["units"]
    rows["shown_before"] = (last(SHOWN, rows["stock"]) - (taken - rows["units"] - last(SHOWN, taken))).clip(lower=0)
    spoken = last(SHOWN, rows["at"]) + pd.Timedelta(hours=SNAPSHOT_HOURS)
    log_end = _clock(log["at"]).max() + pd.Timedelta(hours=LOG_HOURS)
    limit = spoken.where(spoken < min(log_end, end), min(log_end, end))
    rows["known"] = rows["own"].notna() & rows["shown"].notna() & (rows["at"] <= limit)
    following = rows.groupby(sku)["at"].shift(-1).fillna(end)
    rows["until"] = following.where(following < limit, limit)
    rows["empty"] = rows["known"] & (rows["own"] <= 0) & (rows["shown"] > 0) & (rows["until"] > rows["at"])
    # That the order was taken proves that the platform showed so many, whatever the last snapshot says.
    beyond = rows["units"] - rows["own_before"].clip(lower=0)
    is_order = (rows["kind"] == ORDER) & rows["known"]
    rows["oversold"] = beyond.clip(lower=0, upper=rows["units"]).where(is_order, 0.0)
    return _numbered(rows)


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """The line of time with the number of the gap that each row lies in (empty outside).

    A gap counts when a snapshot was taken in it or an order was: that the last snapshot before it
    showed stock is no evidence, as the platform may have been told in between.
    """
    # Two statements of one moment are one: what stood between them lasted no time.
    told = rows[(rows["until"] > rows["at"]) | (rows["oversold"] > 0)]
    is_open = told["empty"] | (told["oversold"] > 0)
    held = told.groupby("sku_id")["until"].shift(1) >= told["at"]
    goes_on = is_open & is_open.groupby(told["sku_id"]).shift(1, fill_value=False) & held
    number = (is_open & ~goes_on).cumsum().where(is_open)
    evidence = (told["empty"] & (told["kind"] == SHOWN)) | (told["oversold"] > 0)
    seen = evidence.groupby(number).transform("any").eq(True)
    return rows.assign(gap=number.where(seen).reindex(rows.index).astype("Int64"))


def _gaps(line: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    """Each gap that reaches into the period: its length there, and the units ordered in it since `first`."""
    inside = line[line["gap"].notna() & (line["until"] > first)]
    start = inside["at"].where(inside["at"] > first, first)
    hours = ((inside["until"] - start).dt.total_seconds() / 3600).clip(lower=0)
    placed = (inside["kind"] == ORDER) & (inside["at"] >= first) & (inside["oversold"] > 0)
    inside = inside.assign(
        hours=hours.where(inside["empty"], 0.0),
        end=inside["until"].where(inside["empty"], inside["at"]),
        start=start,
        most=inside["shown"].where(inside["empty"]),
        in_gap=inside["units"].where(placed, 0.0),
        beyond=inside["oversold"].where(placed, 0.0),
    )
    gaps = inside.groupby(["sku_id", "gap"]).agg(
        start=("start", "min"),
        end=("end", "max"),
        hours=("hours", "sum"),
        most_shown=("most", "max"),
        ordered_units=("in_gap", "sum"),
        oversold_units=("beyond", "sum"),
    )
    return gaps.reset_index()


def _lost(items: pd.DataFrame, line: pd.DataFrame) -> pd.DataFrame:
    """The cancellations with the stock on both sides just before their order, and what a gap explains of them."""
    columns = [*LINE_KEYS, "known", "own_before", "shown_before", "oversold", "gap"]
    placed = line.loc[line["kind"] == ORDER, columns].drop_duplicates(LINE_KEYS)
    lost = items[[*LINE_KEYS, "units", "order_created_at"]].rename(columns={"order_created_at": "ordered_at"})
    lost = lost.reset_index(names="item").merge(placed, on=LINE_KEYS, how="left").set_index("item")
    known, oversold = lost["known"].eq(True), lost["oversold"].fillna(0.0)
    in_gap = known & (oversold > 0)
    # Two cancellations of one line share what it was oversold.
    before = lost.groupby(LINE_KEYS)["units"].cumsum() - lost["units"]
    return lost.assign(
        ordered_at=_clock(lost["ordered_at"]),
        own=lost["own_before"].where(known),
        shown=lost["shown_before"].where(known),
        gap=lost["gap"].where(in_gap),
        state=np.select([in_gap, known], ["gap", "own_had_stock"], "no_record"),
        explained=(oversold - before).clip(lower=0, upper=lost["units"]).where(in_gap, 0.0),
    ).drop(columns=["known", "own_before", "shown_before", "oversold"])


def _with_losses(gaps: pd.DataFrame, lost: pd.DataFrame) -> pd.DataFrame:
    in_gap = lost[lost["gap"].notna()]
    explained = in_gap[in_gap["explained"] > 0]
    counts = pd.DataFrame(
        {
            "cancelled_units": in_gap.groupby("gap")["units"].sum(),
            "cancelled_orders": in_gap.groupby("gap")["order_id"].nunique(),
            "explained_units": explained.groupby("gap")["explained"].sum(),
            "explained_orders": explained.groupby("gap")["order_id"].nunique(),
        }
    )
    result = gaps.join(counts, on="gap")
    result[counts.columns] = result[counts.columns].fillna(0).astype("float64")
    return result.sort_values(["sku_id", "start"], ignore_index=True)


def _skus(gaps: pd.DataFrame, log: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """One row a SKU with a gap, the most cancellations explained first."""
    skus = gaps.groupby("sku_id").agg(
        gaps=("gap", "size"),
        hours=("hours", "sum"),
        longest_hours=("hours", "max"),
        start=("start", "min"),
        end=("end", "max"),
        most_shown=("most_shown", "max"),
        ordered_units=("ordered_units", "sum"),
        oversold_units=("oversold_units", "sum"),
        cancelled_units=("cancelled_units", "sum"),
        cancelled_orders=("cancelled_orders", "sum"),
        explained_units=("explained_units", "sum"),
        explained_orders=("explained_orders", "sum"),
    )
    newest = orders.drop_duplicates("sku_id", keep="last").set_index("sku_id")
    names = newest[["seller_sku", "product_name", "variation"]]
    unsent = by_sku(log[log["sent_at"].isna()], orders).groupby("sku_id").size()
    skus = skus.join(names).assign(never_sent=unsent.reindex(skus.index).fillna(0).astype("int64"))
    skus = skus.reset_index().sort_values(
        ["explained_units", "oversold_units", "hours", "sku_id"], ascending=[False, False, False, True]
    )
    names_of = ["sku_id", "seller_sku", "product_name", "variation"]
    counts = GAP_COLUMNS[GAP_COLUMNS.index("ordered_units") :]
    span = ["gaps", "hours", "longest_hours", "start", "end", "most_shown", "never_sent"]
    return skus[[*names_of, *counts, *span]].reset_index(drop=True)
