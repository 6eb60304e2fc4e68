"""Item-level cancellation: may it be done, and was it done by the rules.

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
    lost = cancelled_items(orders, items)
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


def cancelled_items(orders: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
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
