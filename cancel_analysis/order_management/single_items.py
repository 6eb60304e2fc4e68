"""Item-level cancellation: may it be done, and was it done by the rules.

The rules stand in ``catalog/item_rules.py``. A cancellation covers single items, a whole package of a
split order, or the whole order; each has its own conditions, and one condition that is not met outweighs
one that is not known.

Amounts are the lines' values after discounts. The platform shows the true refund before it is submitted:
tax and shipping fees stand in no line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.catalog.item_rules import RULES, find_item_rule
from cancel_analysis.catalog.reason_tables import reasons
from cancel_analysis.catalog.reasons import look_up
from cancel_analysis.errors import SettingsError
from cancel_analysis.rates.groups import Groups, array_of, codes_of, lines_of, missing, pair_rows, texts

STATES = ("unpaid", "awaiting_shipment", "awaiting_collection", "collected")
_WEIGHT = {"no": 2, "unknown": 1, "yes": 0}
_CASE = ["scope", "by", "reason", "state", "split", "day"]
_OF_ITEMS = ("order_id", "event_at", "sku_id", "product_name", "units", "amount", "currency", "initiator", "reason")
_OF_LINES = (
    "quantity", "quantity_affected", "status", "substatus", "after_sale", "is_cod", "package_id", "cancelled_at",
    "paid_at", "rts_at", "shipped_at",
)  # fmt: skip


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
    rows, moments = np.arange(len(lines)), np.full(len(lines), np.datetime64(at.tz_convert("UTC").tz_localize(None)))
    alone = Groups.of(np.zeros(len(lines), dtype=np.int64))
    standing = _standing(lines, rows, moments, alone)
    taken = _taken(lines, standing, units)
    quantity, amounts = lines["quantity"].to_numpy(), lines["line_amount"].to_numpy()
    unit_value = np.divide(amounts, quantity, out=np.zeros(len(lines)), where=quantity > 0)
    value = float(np.nansum(unit_value * taken))
    scope = str(_scopes(standing, taken, alone)[0])
    currency, asked = str(lines["currency"].iloc[0]), sum(units.values())
    skus = lines["sku_id"].to_numpy()
    left = {sku: int(standing.left[skus == sku].sum()) for sku in units}
    short = [sku for sku, count in units.items() if count > left[sku]]
    if short:
        why = f"{short[0]}: {units[short[0]]} asked for, {left[short[0]]} left in the order."
        return ItemCheck("no", scope, "quantity", why, "official", "The order itself", asked, value, 0.0, currency)
    day = at.date()
    name = reason if reason in reasons() else look_up("cancel", initiator=by, market=market, on=day, text=reason).reason
    state = STATES[int(standing.rank[taken > 0].max())]
    split = bool(standing.split.any())
    allowed, rule, why, confidence, source = _verdict(scope, by, name, state, split, market, day)
    refund = value
    if not (lines["paid_at"] < at).any() and (lines["is_cod"].all() or state == "unpaid"):
        refund = 0.0
    elif scope == "order" and (standing.left == quantity).all() and lines["order_amount"].notna().any():
        refund = float(lines["order_amount"].max())
    return ItemCheck(allowed, scope, rule, why, confidence, source, asked, value, refund, currency)


def cancellation_scopes(orders: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Cancellations before collection, one row each: order_id, event_at, scope, units, amount and whose.

    Returns order_id, event_at, scope (`order`, `package`, `item`), by, reason, skus (how many), sku_ids,
    products, units, amount, currency, state, split, day. Units of one order cancelled at one moment are
    one cancellation.
    """
    rows, line = cancelled_items(orders, items)
    lost = {name: array_of(items[name])[rows] for name in _OF_ITEMS}
    of_item = Groups.of(lost["order_id"], lost["event_at"].view(np.int64), unsorted=True)
    order, _ = codes_of(orders["order_id"])
    # Each cancellation with every line of its order.
    group, lines = pair_rows(order[line[of_item.first]], order)
    groups = Groups(group, len(of_item))
    standing = _standing(orders, lines, lost["event_at"][of_item.first][group], groups)
    place = np.searchsorted(group * len(orders) + lines, of_item.number * len(orders) + line)
    taken = np.bincount(place, lost["units"], minlength=len(group)).astype(np.int64)
    undated = np.isnat(array_of(orders["cancelled_at"])[lines])
    # What was cancelled at no known time was there before it.
    standing = replace(standing, left=standing.left + np.where(undated, taken, 0))
    rank = np.full(len(of_item), -1)
    np.maximum.at(rank, group[taken > 0], standing.rank[taken > 0])
    untold = groups.any((taken > 0) & (undated | standing.guessed)) | (rank < 0)
    # Two reasons in one cancellation: the rule asks for one only.
    several = of_item.different(lost["reason"]) > 1
    result = pd.DataFrame(
        {
            "order_id": texts(of_item.first_of(lost["order_id"])),
            "event_at": items["event_at"].array.take(rows[of_item.first]),
            "scope": texts(_scopes(standing, taken, groups)),
            "by": texts(of_item.first_of(lost["initiator"])),
            "reason": texts(np.where(several, "several", of_item.first_of(lost["reason"]))),
            "skus": of_item.different(lost["sku_id"]),
            "sku_ids": _listed(of_item, lost["sku_id"]),
            "products": _listed(of_item, lost["product_name"]),
            "units": of_item.sum(lost["units"]),
            # Nothing is known of a sum of which a part is not.
            "amount": of_item.sums(lost["amount"][:, None], known=True)[:, 0],
            "currency": texts(of_item.first_of(lost["currency"])),
            "state": texts(np.where(untold, "unknown", np.array(STATES, dtype=object)[rank])),
            "split": groups.any(standing.split),
        }
    )
    result["day"] = result["event_at"].dt.date
    return result.sort_values(["event_at", "order_id"], ascending=[False, True], ignore_index=True)


def judged(cancellations: pd.DataFrame, market: str) -> pd.DataFrame:
    """`cancellation_scopes` held against the rules: the frame with allowed, rule, why, confidence, source."""
    cases = list(zip(*(cancellations[name].tolist() for name in _CASE), strict=True))
    answers = {
        (scope, by, reason, state, split, day): _verdict(scope, by, reason, state, split, market, day)
        for scope, by, reason, state, split, day in dict.fromkeys(cases)
    }
    names = ["allowed", "rule", "why", "confidence", "source"]
    found = {name: texts(answers[case][place] for case in cases) for place, name in enumerate(names)}
    return cancellations.reset_index(drop=True).assign(**found)


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


@dataclass(frozen=True)
class _Standing:
    """Order lines (rows,) just before a moment each: what was left of them and how far their package had come.

    `left` units, `rank` the place in `STATES`, `box` the number of the package, `packed` whether its number is known,
    `split` whether another package of the order is there, `guessed` whether only the status says how far it has come
    by now and no time says how far it was.
    """

    left: NDArray[np.int64]
    rank: NDArray[np.int64]
    box: NDArray[np.int64]
    packed: NDArray[np.bool_]
    split: NDArray[np.bool_]
    guessed: NDArray[np.bool_]


def _standing(orders: pd.DataFrame, lines: NDArray[np.int64], at: NDArray[Any], groups: Groups) -> _Standing:
    """How the `lines` (rows of `orders`) stood just before `at` (datetime64 of UTC); packages are those of a group."""
    line = {name: array_of(orders[name])[lines] for name in _OF_LINES}
    cancelled_at, status = line["cancelled_at"], line["status"]
    gone = np.where(status == "cancelled", line["quantity"], line["quantity_affected"])
    # A part that was cancelled and has no time was cancelled before any moment that one asks about.
    was = (cancelled_at < at) | (np.isnat(cancelled_at) & (line["after_sale"] == "cancel"))
    left = np.maximum(line["quantity"] - np.where(was, gone, 0), 0).astype(np.int64)
    timeless = np.isnat(line["rts_at"]) & np.isnat(line["shipped_at"])
    ready = timeless & (line["substatus"] == "awaiting_collection")
    sent = timeless & np.isin(status, ("shipped", "completed"))
    rank = np.where(~line["is_cod"] & ~(line["paid_at"] < at), 0, 1)
    rank[ready | (line["rts_at"] < at)] = 2
    rank[sent | (line["shipped_at"] < at)] = 3
    package, packages = codes_of(line["package_id"])
    packed = package >= 0
    boxes = Groups.of(groups.number, np.where(packed, package, len(packages) + np.arange(len(lines))))
    furthest = np.zeros(len(boxes), dtype=np.int64)
    np.maximum.at(furthest, boxes.number, rank)
    there = Groups.of(groups.number[packed & (left > 0)], package[packed & (left > 0)])
    several = np.bincount(groups.number[packed & (left > 0)][there.first], minlength=len(groups)) > 1
    return _Standing(left, furthest[boxes.number], boxes.number, packed, several[groups.number], ready | sent)


def _taken(lines: pd.DataFrame, standing: _Standing, units: Mapping[str, int]) -> NDArray[np.int64]:
    """How many units of each line are meant: lines that are least far along first."""
    asked, taken = dict(units), np.zeros(len(lines), dtype=np.int64)
    skus = lines["sku_id"].tolist()
    for row in np.lexsort((lines["line_no"].to_numpy(), standing.rank)).tolist():
        taken[row] = min(asked.get(skus[row], 0), int(standing.left[row]))
        asked[skus[row]] = asked.get(skus[row], 0) - int(taken[row])
    return taken


def _scopes(standing: _Standing, taken: NDArray[np.int64], groups: Groups) -> NDArray[Any]:
    """Per group: does it take all that is left of the order, of its packages, or single items."""
    untouched = standing.left - taken
    in_box = np.bincount(standing.box, taken)[standing.box] > 0 if len(taken) else np.zeros(0, dtype=bool)
    packages = (groups.sum(np.where(in_box, untouched, 0)) <= 0) & ~groups.any(~standing.packed & (taken > 0))
    return np.where(groups.sum(untouched) <= 0, "order", np.where(packages, "package", "item"))


def cancelled_items(orders: pd.DataFrame, items: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of the affected items that a cancellation before collection made, and the row of each one's order line.

    Failed deliveries and returns are none.
    """
    kept = missing(array_of(items["return_id"])) & (array_of(items["stage"]) != "return_refund")
    kept &= ~(array_of(items["failed_delivery"]) | array_of(items["refused"]))
    rows = np.flatnonzero(kept)
    lines = lines_of(items, rows, orders)
    cancelled = (array_of(orders["status"]) == "cancelled") | (array_of(orders["after_sale"]) == "cancel")
    own = lines >= 0
    own[own] = cancelled[lines[own]]
    return rows[own], lines[own]


def _listed(groups: Groups, values: NDArray[Any]) -> Any:
    """Per group its different values in order, as one text; empty where none is known."""
    return texts(", ".join(map(str, different)) or np.nan for different in groups.listed(values))
