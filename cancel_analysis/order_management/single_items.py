"""Item-level cancellation: may it be done, was it done by the rules, and where was it missed.

The rules stand in ``catalog/item_rules.py``. A cancellation covers single items, a whole package of a
split order, or the whole order; each has its own conditions, and one condition that is not met outweighs
one that is not known.

Amounts are the lines' values after discounts. The platform shows the true refund before it is submitted:
tax and shipping fees stand in no line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from numbers import Integral

import numpy as np
import pandas as pd

from cancel_analysis.catalog.item_rules import RULES, find_item_rule
from cancel_analysis.catalog.reason_tables import reasons
from cancel_analysis.catalog.reasons import look_up
from cancel_analysis.errors import SettingsError

STATES = ("unpaid", "awaiting_shipment", "awaiting_collection", "collected")
REASON = "out_of_stock"
# Stock seldom stays gone or there for longer; a wider window would take yesterday's delivery for today's stock.
WINDOW_DAYS = 3
_WEIGHT = {"no": 2, "unknown": 1, "yes": 0}
_CASE = ["scope", "by", "reason", "state", "split", "day"]
_LINE = ["order_id", "sku_id", "line_no"]


@dataclass(frozen=True)
class ItemCheck:
    """Whether a cancellation is allowed (`yes`, `no`, `unknown`), by which rule and why.

    `scope` is `item`, `package` or `order`. `rule` is `fits`, `quantity`, `offered`, `by`, `reason`,
    `state` or `split_order`. `value` is what the units cost, `refund_amount` what the buyer gets back:
    nothing where nothing was paid yet; for a whole order what was paid, as far as the file says.
    """

    allowed: str
    scope: str
    rule: str
    why: str
    confidence: str
    source: str
    units: int
    value: float
    refund_amount: float
    currency: str


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


def check_item_cancellation(
    lines: pd.DataFrame,
    units: Mapping[str, int],
    reason: str,
    market: str,
    on: date | pd.Timestamp,
    by: str = "seller",
) -> ItemCheck:
    """May these units of one order be cancelled, and what goes back to the buyer?

    `lines` are the ORDER_LINES of one order, `units` how many units of which SKU, `reason` the catalog's
    name, a code or a text, `on` the moment (a day: its end, by the order's clock; of a cancellation in
    the past its own moment). SettingsError for lines of several orders, a SKU that is not in the order,
    or less than one unit.
    """
    if lines.empty or lines["order_id"].nunique() != 1:
        raise SettingsError(f"the check needs the lines of one order, not of {lines['order_id'].nunique()}")
    if not units or any(not isinstance(count, Integral) or count < 1 for count in units.values()):
        raise SettingsError(f"units must name a SKU and 1 unit or more of it, not {dict(units)!r}")
    strange = [sku for sku in units if sku not in set(lines["sku_id"])]
    if strange:
        raise SettingsError(f"SKU {strange[0]!r} is not in the order; it has {', '.join(sorted(set(lines['sku_id'])))}")
    at = _moment(on, lines)
    frame = _standing(lines, pd.Series(at, index=lines.index))
    frame["taken"] = _taken(frame, units)
    unit_value = (frame["line_amount"] / frame["quantity"]).where(frame["quantity"] > 0, 0.0)
    value = float((unit_value * frame["taken"]).sum())
    scope = str(_scopes(frame.assign(group=0)).iloc[0])
    touched = frame[frame["taken"] > 0]
    currency, asked = str(lines["currency"].iloc[0]), sum(units.values())
    left = frame.groupby("sku_id")["left"].sum()
    short = [sku for sku, count in units.items() if count > left[sku]]
    if short:
        why = f"{short[0]}: {units[short[0]]} asked for, {left[short[0]]} left in the order."
        return ItemCheck("no", scope, "quantity", why, "official", "The order itself", asked, value, 0.0, currency)
    day = at.date()
    name = reason if reason in reasons() else look_up("cancel", initiator=by, market=market, on=day, text=reason).reason
    state = STATES[int(touched["rank"].max())]
    split = bool(frame["split"].any())
    allowed, rule, why, confidence, source = _verdict(scope, by, name, state, split, market, day)
    refund = value
    if not (frame["paid_at"] < at).any() and (frame["is_cod"].all() or state == "unpaid"):
        refund = 0.0
    elif scope == "order" and (frame["left"] == frame["quantity"]).all() and frame["order_amount"].notna().any():
        refund = float(frame["order_amount"].max())
    return ItemCheck(allowed, scope, rule, why, confidence, source, asked, value, refund, currency)


def cancellation_scopes(orders: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Cancellations before collection, one row each: order_id, event_at, scope, units, amount and whose.

    Returns order_id, event_at, scope (`order`, `package`, `item`), by, reason, skus (how many), sku_ids,
    products, units, amount, currency, state, split, day. Units of one order cancelled at one moment are
    one cancellation.
    """
    lost = _cancelled_items(orders, items)
    lost["group"] = lost.groupby(["order_id", "event_at"], sort=False).ngroup()
    lines = orders[orders["order_id"].isin(lost["order_id"])]
    events = lost[["group", "order_id", "event_at"]].drop_duplicates("group")
    pairs = events.merge(lines, on="order_id")
    pairs = _standing(pairs, pairs["event_at"])
    taken = lost.groupby(["group", *_LINE])["units"].sum().rename("taken")
    pairs = pairs.join(taken, on=["group", *_LINE]).fillna({"taken": 0})
    pairs["undated"] = pairs["cancelled_at"].isna()
    # What was cancelled at no known time was there before it.
    pairs["left"] += pairs["taken"].where(pairs["undated"], 0).astype("int64")
    scope = _scopes(pairs)
    touched = pairs[pairs["taken"] > 0].groupby("group")
    rank = touched["rank"].max()
    undated = touched["undated"].any() | touched["guessed"].any()
    grouped = lost.groupby("group")
    result = grouped.agg(
        order_id=("order_id", "first"), event_at=("event_at", "first"), by=("initiator", "first"),
        reason=("reason", "first"), skus=("sku_id", "nunique"), units=("units", "sum"),
        currency=("currency", "first"),
    )  # fmt: skip
    # Nothing is known of a sum of which a part is not.
    result["amount"] = grouped["amount"].sum(skipna=False)
    # Two reasons in one cancellation: the rule asks for one only.
    result["reason"] = result["reason"].mask(grouped["reason"].nunique() > 1, "several")
    result["sku_ids"], result["products"] = _listed(lost, "sku_id"), _listed(lost, "product_name")
    result["scope"] = scope
    state = rank.map(dict(enumerate(STATES))).mask(undated, "unknown")
    result["state"] = state.reindex(result.index).fillna("unknown").astype("str")
    result["split"] = pairs.groupby("group")["split"].any().reindex(result.index, fill_value=False)
    result["day"] = result["event_at"].dt.date
    columns = ["order_id", "event_at", "scope", "by", "reason", "skus", "sku_ids", "products"]
    columns += ["units", "amount", "currency"]
    result = result.sort_values(["event_at", "order_id"], ascending=[False, True])
    return result[[*columns, "state", "split", "day"]].reset_index(drop=True)


def judged(cancellations: pd.DataFrame, market: str) -> pd.DataFrame:
    """`cancellation_scopes` held against the rules: the frame with allowed, rule, why, confidence, source."""
    cases = cancellations[_CASE].drop_duplicates()
    answers = [
        _verdict(scope, by, reason, state, split, market, day)
        for scope, by, reason, state, split, day in cases.to_numpy(dtype=object).tolist()
    ]
    names = ["allowed", "rule", "why", "confidence", "source"]
    found = cases.reset_index(drop=True).join(pd.DataFrame(answers, columns=names, dtype="str"))
    return cancellations.merge(found, on=_CASE, how="left", validate="many_to_one")


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
    lost = _cancelled_items(orders, items)
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


def _verdict(
    scope: str, by: str, reason: str, state: str, split: bool, market: str, on: date
) -> tuple[str, str, str, str, str]:
    """allowed, rule, why, confidence, source: of all conditions the one that weighs most."""
    values = {"offered": "", "by": by, "reason": reason, "state": state}
    met = [rule for name in RULES if (rule := find_item_rule(name, scope, values[name], market, on)) is not None]
    worst = max(met, key=lambda rule: _WEIGHT[rule.answer])
    if worst.answer == "yes":
        return "yes", "fits", met[-1].about, worst.confidence, worst.source
    name = worst.rule
    if split and scope == "item" and name == "state" and state == "awaiting_collection":
        name = "split_order"
    return worst.answer, name, worst.about, worst.confidence, worst.source


def _moment(on: date | pd.Timestamp, lines: pd.DataFrame) -> pd.Timestamp:
    at = pd.Timestamp(on) if isinstance(on, datetime) else pd.Timestamp(on + timedelta(days=1))
    zone = lines["created_at"].dt.tz
    return at.tz_localize(zone) if at.tzinfo is None else at.tz_convert(zone)


def _standing(lines: pd.DataFrame, at: pd.Series) -> pd.DataFrame:
    """The lines with what was left of them just before `at`, and how far their package had come.

    Adds left (units), rank (place in `STATES`), box (the package), split (another package is there) and
    guessed (only the status says how far it has come by now, no time says how far it was).
    """
    frame = lines.copy()
    before = frame["cancelled_at"] < at
    gone = frame["quantity"].where(frame["status"] == "cancelled", frame["quantity_affected"])
    # A part that was cancelled and has no time was cancelled before any moment that one asks about.
    was = before | (frame["cancelled_at"].isna() & (frame["after_sale"] == "cancel"))
    frame["left"] = (frame["quantity"] - gone.where(was, 0)).clip(lower=0).astype("int64")
    rank = pd.Series(1, index=frame.index)
    unpaid = ~frame["is_cod"] & ~(frame["paid_at"] < at)
    rank = rank.mask(unpaid, 0)
    timeless = frame["rts_at"].isna() & frame["shipped_at"].isna()
    ready = timeless & (frame["substatus"] == "awaiting_collection")
    sent = timeless & frame["status"].isin(("shipped", "completed"))
    frame["guessed"] = ready | sent
    rank = rank.mask(ready | (frame["rts_at"] < at), 2)
    frame["rank"] = rank.mask(sent | (frame["shipped_at"] < at), 3).astype("int64")
    alone = frame["order_id"] + " line " + pd.Series(np.arange(len(frame)).astype("str"), index=frame.index)
    frame["box"] = (frame["order_id"] + " " + frame["package_id"]).fillna(alone)
    keys = ["group", "box"] if "group" in frame.columns else ["box"]
    owner = "group" if "group" in frame.columns else "order_id"
    frame["rank"] = frame.groupby(keys)["rank"].transform("max")
    packed = frame["package_id"].where(frame["left"] > 0)
    frame["split"] = packed.groupby(frame[owner]).transform("nunique") > 1
    return frame


def _taken(frame: pd.DataFrame, units: Mapping[str, int]) -> pd.Series:
    """How many units of each line are meant: lines that are least far along first."""
    ordered = frame.sort_values(["rank", "line_no"], kind="stable")
    before = ordered.groupby("sku_id")["left"].cumsum() - ordered["left"]
    asked = ordered["sku_id"].map(units).fillna(0) - before
    taken: pd.Series = asked.clip(lower=0).clip(upper=ordered["left"]).astype("int64").reindex(frame.index)
    return taken


def _scopes(frame: pd.DataFrame) -> pd.Series:
    """Per group: does it take all that is left of the order, of its packages, or single items."""
    untouched = frame["left"] - frame["taken"]
    by_group = frame["group"]
    whole = untouched.groupby(by_group).sum() <= 0
    in_box = frame["taken"].groupby([by_group, frame["box"]]).transform("sum") > 0
    left_in_touched = untouched.where(in_box, 0).groupby(by_group).sum()
    unpacked = (frame["package_id"].isna() & (frame["taken"] > 0)).groupby(by_group).any()
    scope = pd.Series("item", index=whole.index)
    return scope.mask((left_in_touched <= 0) & ~unpacked, "package").mask(whole, "order")


def _cancelled_items(orders: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """The affected items that a cancellation before collection made; failed deliveries and returns are none."""
    kept = items[items["return_id"].isna() & (items["stage"] != "return_refund")]
    kept = kept[~kept["failed_delivery"] & ~kept["refused"]]
    marks = orders[[*_LINE, "status", "after_sale"]]
    kept = kept.merge(marks, on=_LINE, how="inner")
    return kept[(kept["status"] == "cancelled") | (kept["after_sale"] == "cancel")].reset_index(drop=True)


def _listed(lost: pd.DataFrame, column: str) -> pd.Series:
    """Per group its different values in order, as one text."""
    pairs = lost[["group", column]].dropna().drop_duplicates()
    names: dict[int, str] = {}
    for group, name in zip(pairs["group"], pairs[column], strict=True):
        names[group] = f"{names[group]}, {name}" if group in names else str(name)
    return pd.Series(names, dtype="str")


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
