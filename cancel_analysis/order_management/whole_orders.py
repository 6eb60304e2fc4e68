"""Orders cancelled whole as out of stock: what of them could have been kept, had single items been cancelled.

Amounts are the lines' values after discounts, as in `single_items`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.errors import SettingsError
from cancel_analysis.order_management.single_items import cancellation_scopes, cancelled_items, judged
from cancel_analysis.rates.groups import Groups, are_among, array_of, codes_of, find_rows, local, texts

Column = NDArray[Any]

REASON = "out_of_stock"
# Stock seldom stays gone or there for longer; a wider window would take yesterday's delivery for today's stock.
WINDOW_DAYS = 3


@dataclass(frozen=True)
class Missed:
    """Whole-order out-of-stock cancellations by the seller that could have been item-level.

    `orders`: a row an order of two or more units: allowed, rule, units, amount, units_low … amount_high
    (what could have been kept; 0 where the rules forbid it). `lines`: the evidence, a row an order and
    SKU. `totals`: allowed, currency, orders, units, units_low, units_high, amount_low, amount_high.
    `cancelled_in_full` counts all such cancellations, `single_unit` those that had nothing to keep.
    """

    orders: pd.DataFrame
    lines: pd.DataFrame
    totals: pd.DataFrame
    cancelled_in_full: int
    single_unit: int
    window_days: int


def missed_item_cancellations(
    orders: pd.DataFrame,
    items: pd.DataFrame,
    market: str,
    window_days: int = WINDOW_DAYS,
    stock_log: pd.DataFrame | None = None,
    among: pd.Series | None = None,
    scopes: pd.DataFrame | None = None,
) -> Missed:
    """Which orders, cancelled in full by the seller as out of stock, could have lost single items instead.

    All lines of such an order carry the same reason, so it does not say which was out of stock. It says
    that one unit at least was; more is told by evidence within `window_days`: a SKU is `out` when it was
    cancelled alone as out of stock elsewhere, `in` when units of it were made ready to ship after the
    cancellation, and the seller's own stock log (STOCK_LOG), where given, outweighs both; else `open`.
    The low end keeps what was `in` only; the high end loses one unit of each SKU that was `out`, or the
    cheapest one where none was. Evidence that every SKU of an order was `in` contradicts the reason and
    is set aside. With `among` (order ids) only these orders are judged; all others still give evidence. `scopes`:
    what `cancellation_scopes` says of the same tables, where it is known already.
    """
    if window_days < 1:
        raise SettingsError(f"window_days must be 1 or more, not {window_days!r}")
    found = cancellation_scopes(orders, items) if scopes is None else scopes
    stock = found[((found["by"] == "seller") & (found["reason"] == REASON)).to_numpy(dtype=bool)]
    whole = stock[(stock["scope"] == "order").to_numpy(dtype=bool)]
    if among is not None:
        whole = whole[are_among(whole["order_id"], among)]
    several = whole[whole["units"] > 1].reset_index(drop=True)
    lines = _lines(orders, items, several)
    order = Groups.of(lines["order_id"])
    lines = _with_evidence(lines, order, stock, orders, stock_log, window_days)
    result = judged(several.assign(scope="item"), market).drop(columns=["scope", "by", "reason", "day"])
    result = _with_range(result, lines, order)
    alike = Groups.of(result["allowed"], result["currency"])
    counted = ("units", "units_low", "units_high")
    amounts = alike.sums(result[["amount_low", "amount_high"]].to_numpy(dtype=np.float64), known=True)
    totals = pd.DataFrame(
        {
            **{name: texts(array_of(result[name])[alike.first]) for name in ("allowed", "currency")},
            "orders": alike.size(),
            **{name: alike.sum(result[name]) for name in counted},
            "amount_low": amounts[:, 0],
            "amount_high": amounts[:, 1],
        }
    )
    return Missed(result, lines, totals, len(whole), len(whole) - len(several), window_days)


def _lines(orders: pd.DataFrame, items: pd.DataFrame, several: pd.DataFrame) -> pd.DataFrame:
    """A row an order and SKU of the cancellations `several`, with its units and what one of them was worth."""
    rows, _ = cancelled_items(orders, items)
    asked, whole = ((array_of(frame["order_id"]), _moments(frame)) for frame in (items, several))
    rows = rows[find_rows([column[rows] for column in asked], whole) >= 0]
    columns = ("order_id", "sku_id", "product_name", "event_at", "units", "amount", "currency")
    lost = {name: array_of(items[name])[rows] for name in columns}
    skus = Groups.of(lost["order_id"], lost["sku_id"], unsorted=True)
    return pd.DataFrame(
        {
            "order_id": texts(lost["order_id"][skus.first]),
            "sku_id": texts(lost["sku_id"][skus.first]),
            "product_name": texts(skus.first_of(lost["product_name"])),
            "event_at": local(skus.most(lost["event_at"]), items["event_at"].dt.tz),
            "units": skus.sum(lost["units"]),
            "amount": skus.sums(lost["amount"][:, None], known=True)[:, 0],
            "unit_value": skus.least(lost["amount"] / lost["units"]),
            "currency": texts(skus.first_of(lost["currency"])),
        }
    )


def _moments(frame: pd.DataFrame) -> NDArray[np.int64]:
    """When each cancellation was, as numbers: one without a time is like another."""
    return array_of(frame["event_at"]).astype("datetime64[us]").view(np.int64)


def _with_evidence(
    lines: pd.DataFrame,
    order: Groups,
    stock: pd.DataFrame,
    orders: pd.DataFrame,
    stock_log: pd.DataFrame | None,
    window_days: int,
) -> pd.DataFrame:
    """Each order's SKUs with what is known of their stock at the moment of cancellation; `order` groups them."""
    window = np.timedelta64(window_days, "D")
    skus = order.size()[order.number]
    # A cancellation of one SKU alone says which was out of stock; one of several does not.
    alone = stock[stock["skus"].to_numpy() == 1]
    ready = array_of(orders["rts_at"])
    ready = np.where(np.isnat(ready), array_of(orders["shipped_at"]), ready)
    sent = np.flatnonzero(~np.isnat(ready))
    sku, at = array_of(lines["sku_id"]), array_of(lines["event_at"])
    out = _count(sku, at - window, at + window, array_of(alone["sku_ids"]), array_of(alone["event_at"])) - (skus == 1)
    there = _count(sku, at, at + window, array_of(orders["sku_id"])[sent], ready[sent])
    said = _stock_at(lines, stock_log, pd.Timedelta(days=window_days))
    cases = {
        # The only SKU of an order is the one that was out of stock.
        "out": (skus == 1) | ((said <= 0) & ~(said >= lines["units"].to_numpy())),
        "in": said >= lines["units"].to_numpy(),
        "told out": (out > 0) & (there <= 0),
        "told in": (there > 0) & (out <= 0),
    }
    evidence = np.select(list(cases.values()), ["out", "in", "out", "in"], "open")
    contradicted = ~order.any(evidence != "in")[order.number]
    return lines.assign(
        skus=skus,
        cancelled_alone=out,
        made_ready=there,
        stock=said,
        evidence=texts(np.where(contradicted, "open", evidence)),
    )


def _count(skus: Column, since: Column, until: Column, in_skus: Column, times: Column) -> NDArray[np.int64]:
    """How many of `times` of the same SKU lie in (since, until], row by row; sorted once, found by halving."""
    codes, names = codes_of(np.concatenate([skus, in_skus]))
    span = 1 << 40  # seconds: far beyond any date, so that SKUs never mix

    def keys(code: NDArray[np.int64], when: Column) -> NDArray[np.int64]:
        return code * span + when.astype("datetime64[s]").astype(np.int64)

    assert len(names) < 1 << 22
    mine, theirs = codes[: len(skus)], np.sort(keys(codes[len(skus) :], times))
    upto, before = (np.searchsorted(theirs, keys(mine, when), side="right") for when in (until, since))
    return upto - before


def _stock_at(lines: pd.DataFrame, stock_log: pd.DataFrame | None, window: pd.Timedelta) -> NDArray[np.float64]:
    """What the seller's own system said last, at most `window` before the cancellation; empty where it did not."""
    if stock_log is None or stock_log.empty or lines.empty:
        return np.full(len(lines), np.nan)
    said = stock_log.loc[stock_log["sku_id"].notna(), ["sku_id", "at", "stock"]].sort_values("at")
    asked = lines[["sku_id", "event_at"]].reset_index().sort_values("event_at")
    found = pd.merge_asof(asked, said, left_on="event_at", right_on="at", by="sku_id", tolerance=window)
    stock = np.full(len(lines), np.nan)
    stock[found["index"].to_numpy()] = found["stock"].to_numpy()
    return stock


def _with_range(result: pd.DataFrame, lines: pd.DataFrame, order: Groups) -> pd.DataFrame:
    """What could have been kept of each order: at least what was in stock, at most all but one unit."""
    evidence, units, value = (array_of(lines[name]) for name in ("evidence", "units", "unit_value"))
    there, out = evidence == "in", evidence == "out"
    own = find_rows([result["order_id"]], [array_of(lines["order_id"])[order.first]])
    amounts = order.sums(np.where(there, lines["amount"].to_numpy(), 0.0)[:, None], known=True)[own, 0]
    value_out = order.sum(np.where(out, value, 0.0))[own]
    skus_out = order.sum(out)[own]
    cheapest = order.least(np.where(there, np.nan, value))[own]
    allowed = array_of(result["allowed"]) != "no"
    kept = result["amount"].to_numpy() - np.where(skus_out > 0, value_out, cheapest)
    return result.assign(
        evidence=order.any(evidence != "open")[own],
        units_low=np.where(allowed, order.sum(np.where(there, units, 0))[own], 0),
        units_high=np.where(allowed, result["units"].to_numpy() - np.maximum(skus_out, 1), 0),
        amount_low=np.where(allowed, amounts, 0.0),
        amount_high=np.where(allowed, kept, 0.0),
    )
