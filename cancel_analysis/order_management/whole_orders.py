"""Orders cancelled whole as out of stock: what of them could have been kept, had single items been cancelled.

Amounts are the lines' values after discounts, as in `single_items`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cancel_analysis.errors import SettingsError
from cancel_analysis.order_management.single_items import cancellation_scopes, cancelled_items, judged

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
    stock = found[(found["by"] == "seller") & (found["reason"] == REASON)]
    whole = stock[stock["scope"] == "order"]
    if among is not None:
        whole = whole[whole["order_id"].isin(among)]
    several = whole[whole["units"] > 1].reset_index(drop=True)
    lost = cancelled_items(orders, items)
    lines = lost.merge(several[["order_id", "event_at"]], on=["order_id", "event_at"])
    lines["unit_value"] = lines["amount"] / lines["units"]
    grouped = lines.groupby(["order_id", "sku_id"], sort=False)
    lines = grouped.agg(
        product_name=("product_name", "first"), event_at=("event_at", "max"), units=("units", "sum"),
        amount=("amount", "first"), unit_value=("unit_value", "min"), currency=("currency", "first"),
    ).assign(amount=grouped["amount"].sum(skipna=False)).reset_index()  # fmt: skip
    lines = _with_evidence(lines, lost, stock, orders, stock_log, window_days)
    result = judged(several.assign(scope="item"), market).drop(columns=["scope", "by", "reason", "day"])
    result = _with_range(result, lines)
    alike = result.groupby(["allowed", "currency"])
    totals = alike.agg(
        orders=("order_id", "size"), units=("units", "sum"), units_low=("units_low", "sum"),
        units_high=("units_high", "sum"),
    )  # fmt: skip
    amounts = {name: alike[name].sum(skipna=False) for name in ("amount_low", "amount_high")}
    totals = totals.assign(**amounts).reset_index()
    return Missed(result, lines, totals, len(whole), len(whole) - len(several), window_days)


def _with_evidence(
    lines: pd.DataFrame,
    lost: pd.DataFrame,
    stock: pd.DataFrame,
    orders: pd.DataFrame,
    stock_log: pd.DataFrame | None,
    window_days: int,
) -> pd.DataFrame:
    """Each order's SKUs with what is known of their stock at the moment of cancellation."""
    window = pd.Timedelta(days=window_days)
    lines["skus"] = lines.groupby("order_id")["sku_id"].transform("size")
    # A cancellation of one SKU alone says which was out of stock; one of several does not.
    alone = stock[stock["skus"] == 1]
    shortages = lost.merge(alone[["order_id", "event_at"]].drop_duplicates(), on=["order_id", "event_at"])
    shortages = shortages.drop_duplicates(["order_id", "event_at"])
    ready = orders["rts_at"].fillna(orders["shipped_at"])
    sent = orders.assign(ready=ready)[ready.notna()]
    at = lines["event_at"]
    lines["cancelled_alone"] = _count(
        lines["sku_id"], at - window, at + window, shortages["sku_id"], shortages["event_at"]
    )
    lines["cancelled_alone"] -= (lines["skus"] == 1).astype("int64")
    lines["made_ready"] = _count(lines["sku_id"], at, at + window, sent["sku_id"], sent["ready"])
    lines["stock"] = _stock_at(lines, stock_log, window)
    out, there = lines["cancelled_alone"] > 0, lines["made_ready"] > 0
    evidence = pd.Series("open", index=lines.index).mask(out & ~there, "out").mask(there & ~out, "in")
    evidence = evidence.mask(lines["stock"] <= 0, "out").mask(lines["stock"] >= lines["units"], "in")
    # The only SKU of an order is the one that was out of stock.
    evidence = evidence.mask(lines["skus"] == 1, "out")
    contradicted = (evidence == "in").groupby(lines["order_id"]).transform("all")
    lines["evidence"] = evidence.mask(contradicted, "open").astype("str")
    return lines


def _count(skus: pd.Series, since: pd.Series, until: pd.Series, in_skus: pd.Series, times: pd.Series) -> np.ndarray:
    """How many of `times` of the same SKU lie in (since, until], row by row; sorted once, found by halving."""
    codes, names = pd.factorize(pd.concat([skus, in_skus], ignore_index=True))
    span = 1 << 40  # seconds: far beyond any date, so that SKUs never mix

    def keys(code: np.ndarray, when: pd.Series) -> np.ndarray:
        seconds = when.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[s]").astype("int64")
        key: np.ndarray = code.astype("int64") * span + seconds.to_numpy()
        return key

    assert len(names) < 1 << 22
    mine, theirs = codes[: len(skus)], np.sort(keys(codes[len(skus) :], times))
    upto, before = (np.searchsorted(theirs, keys(mine, when), side="right") for when in (until, since))
    return np.asarray(upto - before)


def _stock_at(lines: pd.DataFrame, stock_log: pd.DataFrame | None, window: pd.Timedelta) -> pd.Series:
    """What the seller's own system said last, at most `window` before the cancellation; empty where it did not."""
    if stock_log is None or stock_log.empty or lines.empty:
        return pd.Series(float("nan"), index=lines.index)
    said = stock_log.loc[stock_log["sku_id"].notna(), ["sku_id", "at", "stock"]].sort_values("at")
    asked = lines[["sku_id", "event_at"]].reset_index().sort_values("event_at")
    found = pd.merge_asof(asked, said, left_on="event_at", right_on="at", by="sku_id", tolerance=window)
    return found.set_index("index")["stock"].astype("float64").reindex(lines.index)


def _with_range(result: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """What could have been kept of each order: at least what was in stock, at most all but one unit."""
    there, out = lines["evidence"] == "in", lines["evidence"] == "out"
    order = lines["order_id"]
    summed = pd.DataFrame(
        {
            "units_in": lines["units"].where(there, 0).groupby(order).sum(),
            "amount_in": lines["amount"].where(there, 0.0).groupby(order).sum(skipna=False),
            "skus_out": out.groupby(order).sum(),
            "value_out": lines["unit_value"].where(out, 0.0).groupby(order).sum(),
            "cheapest": lines["unit_value"].where(~there).groupby(order).min(),
            "evidence": (lines["evidence"] != "open").groupby(order).any(),
        }
    )
    joined = result.join(summed, on="order_id")
    allowed = joined["allowed"] != "no"
    known = joined["skus_out"] > 0
    joined["units_low"] = joined["units_in"].where(allowed, 0)
    joined["units_high"] = (joined["units"] - joined["skus_out"].clip(lower=1)).where(allowed, 0)
    joined["amount_low"] = joined["amount_in"].where(allowed, 0.0)
    joined["amount_high"] = (joined["amount"] - joined["value_out"].where(known, joined["cheapest"])).where(
        allowed, 0.0
    )
    return joined.drop(columns=["units_in", "amount_in", "skus_out", "value_out", "cheapest"])
