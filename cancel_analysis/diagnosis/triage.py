"""The check order of a diagnosis: reason codes, stock by time, tracking, listings, and what the orders alone tell.

Every step explains units of the period's lost items that no step before it has explained, so the
shares add up and what is left is really left. The reason code explains only what no later step can
test (a change of mind, a payment); the code "out of stock" is a claim until the stock records bear
it out. Reference figures of others stand beside (`beside`), never as findings of the shop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.catalog.policies import reference_lines
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.diagnosis.causes import days_of
from cancel_analysis.diagnosis.listing import compare_listings, located
from cancel_analysis.diagnosis.standouts import Standout, items_in
from cancel_analysis.diagnosis.stock import StockMatch, match_stock
from cancel_analysis.diagnosis.tracking import (
    CERTAIN_CHECKS,
    HANDOVER_CHECKS,
    ON_WAY_CHECKS,
    by_carrier,
    check_tracking,
)
from cancel_analysis.rates.breakdown import days_covered, readings, within
from cancel_analysis.rates.groups import Groups, array_of, texts
from cancel_analysis.rates.lines import in_days, local_days
from cancel_analysis.rates.order_facts import describe_orders

STEPS = ("codes", "stock", "tracking", "listing", "orders")
# Causes that a reason code settles: nothing in any file could say more about them.
SETTLED_BY_CODE = ("buyer_choice", "payment", "address", "price", "risk_control")
# How far back the list of cancelled parcels goes; the shares count the whole period.
TRACKING_DAYS = 3


@dataclass(frozen=True)
class TriageFinding:
    """What one check found.

    `title` is the key of its words (`triage.title.<title>`); `evidence` a small table, `rows` the
    items behind it with order and SKU ids. `found_units` are all units that the check fits,
    `explained_units` those of them that no earlier check explained; shares are of all units lost
    after payment in the period, `unexplained_share` what is left after this check (NaN when nothing
    was lost). `missing` is the key of what the check would need ("" when it could be made).
    """

    step: str
    root_cause: str
    title: str
    evidence: pd.DataFrame
    found_units: float
    explained_units: float
    explained_share: float
    unexplained_share: float
    missing: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Triage:
    """All findings in the order of checking, as a table too (`TABLE`), and the units they are about.

    `explained` has one row an item of the period (its keys, units, and the units explained by each
    finding, a column a title): what is counted where can be looked up.
    """

    steps: tuple[TriageFinding, ...]
    table: pd.DataFrame
    explained: pd.DataFrame
    units: float
    days: int

    @property
    def unexplained_units(self) -> float:
        return self.units - sum(step.explained_units for step in self.steps)

    def find(self, title: str) -> TriageFinding | None:
        return next((step for step in self.steps if step.title == title), None)


TABLE = [
    "step",
    "title",
    "root_cause",
    "found_units",
    "explained_units",
    "explained_share",
    "unexplained_share",
    "missing",
]


@dataclass(frozen=True)
class _Claim:
    """What a check says it explains: units an item (by the items' index), and what it shows."""

    step: str
    root_cause: str
    title: str
    units: pd.Series
    evidence: pd.DataFrame
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    missing: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    # What only sums up: told for what is still unexplained, and not at all when nothing is.
    rest_only: bool = False


def diagnose(
    orders: pd.DataFrame,
    items: pd.DataFrame,
    *,
    shop: ShopSettings,
    as_of: date,
    period_days: int = 30,
    tracking_days: int = TRACKING_DAYS,
    stock_log: pd.DataFrame | None = None,
    stock_snapshots: pd.DataFrame | None = None,
    tracking: pd.DataFrame | None = None,
    found: Iterable[Standout] = (),
    facts: pd.DataFrame | None = None,
    only: pd.DataFrame | None = None,
) -> Triage:
    """Every check in order, over the items of orders placed in the last `period_days` days.

    `items`, `orders` and the operations tables are canonical and hold what was known at the end of
    `as_of`; `found` are the shop's standouts of the same period and `facts` its order facts (made
    here when not given). `only` are the items to be explained where they are not all of the period (one
    category, one product); what they are held against stays the whole shop. Items of orders never
    paid are outside. Parcels cancelled in the last `tracking_days` days are marked `recent`.
    """
    chosen = items if only is None else only
    placed = in_days(local_days(chosen["order_created_at"]), as_of, period_days)
    lost = chosen[(array_of(chosen["stage"]) != "unpaid") & placed].reset_index(drop=True)
    if facts is None:
        facts = describe_orders(orders, items, shop, as_of, tracking)
    claims = [
        _codes(lost),
        _stock(lost, orders, stock_log, stock_snapshots, as_of, period_days),
        *_tracking(lost, orders, tracking, as_of, period_days, tracking_days),
        _listing(lost, orders, items, as_of, period_days, found),
        _late(lost, facts, as_of, period_days, found),
        *_places(lost, found),
    ]
    return _settle(lost, claims, period_days)


def beside(result: Triage, items: pd.DataFrame, units_ordered: int) -> pd.DataFrame:
    """The catalog's figures about where causes usually lie, and this shop's own figure where one compares.

    `items` are the affected items of the period, `units_ordered` its units. Returns id, text, unit,
    comparison, reference, own (NaN where the shop has no such figure), confidence, source. The reference is
    someone else's figure, never a finding about the shop.
    """
    units, order = array_of(items["units"]), array_of(items["order_id"])
    cancelled = array_of(items["stage"]) == "cancellation"
    by_seller = cancelled & (array_of(items["responsibility"]) == "seller")
    sellers = float(units[by_seller].sum())
    stock = result.find("stock_gap")
    gap = float("nan")
    if stock is not None and not stock.missing:
        rows = stock.rows
        own_orders = rows["order_id"].isin(set(order[by_seller]))
        gap = float(rows.loc[own_orders & (rows["stage"] == "cancellation"), "explained"].sum())
    cause = array_of(items["root_cause"])
    by_cause = {name: float(units[cancelled & (cause == name)].sum()) for name in ("stock", "late_dispatch")}
    own = {
        "stock_not_synchronised": _ratio(gap, sellers),
        "stock_direct_sync": _ratio(by_cause["stock"], units_ordered),
        "late_shipment": _ratio(by_cause["late_dispatch"], float(units[cancelled].sum())),
    }
    lines = reference_lines("cause")
    return pd.DataFrame(
        {
            "id": [line.id for line in lines],
            "text": [line.text for line in lines],
            "unit": [line.unit for line in lines],
            "comparison": [line.comparison for line in lines],
            "reference": [line.value for line in lines],
            "own": [own.get(line.id, float("nan")) for line in lines],
            "confidence": [line.confidence for line in lines],
            "source": [line.source for line in lines],
        }
    )


def _settle(lost: pd.DataFrame, claims: list[_Claim], days: int) -> Triage:
    """Give each check what is left of what it claims, in order, and write the table."""
    units = lost["units"].to_numpy(dtype=np.float64)
    total, left = float(units.sum()), units
    explained = lost[["order_id", "sku_id", "line_no", "return_id", "root_cause", "units"]].copy()
    steps = []
    for claim in claims:
        wanted = np.zeros(len(lost))
        wanted[claim.units.index.to_numpy()] = np.maximum(np.nan_to_num(claim.units.to_numpy(dtype=np.float64)), 0)
        taken = np.minimum(wanted, left)
        if claim.rest_only and not taken.any():
            continue
        left = left - taken
        explained[claim.title] = taken
        rows = claim.rows[claim.rows.index.isin(np.flatnonzero(taken > 0))] if claim.rest_only else claim.rows
        steps.append(
            TriageFinding(
                claim.step,
                claim.root_cause,
                claim.title,
                claim.evidence,
                float(wanted.sum()),
                float(taken.sum()),
                _ratio(float(taken.sum()), total),
                _ratio(float(left.sum()), total),
                claim.missing,
                claim.figures,
                rows,
            )
        )
    table = pd.DataFrame([{name: getattr(step, name) for name in TABLE} for step in steps], columns=TABLE)
    return Triage(tuple(steps), table, explained, total, days)


def _codes(lost: pd.DataFrame) -> _Claim:
    """Shares by root cause under all readings; explained is what the code alone settles."""
    reason, cause, units = (array_of(lost[name]) for name in ("reason", "root_cause", "units"))
    known = (reason != "unknown") & ~array_of(lost["ambiguous"]) & ~array_of(lost["pending"])
    settled = np.where(known & np.isin(cause, SETTLED_BY_CODE), units, 0).astype(np.float64)
    least, most = (mask.to_numpy(dtype=bool) for mask in readings(lost, "seller"))
    causes = Groups.of(cause)
    sums = causes.sum(units)
    table = pd.DataFrame(
        {
            "root_cause": texts(cause[causes.first]),
            "units": sums,
            "orders": causes.different(lost["order_id"]),
            "seller_units": causes.sum(np.where(array_of(lost["responsibility"]) == "seller", units, 0)),
            "seller_units_least": causes.sum(np.where(least, units, 0)),
            "seller_units_most": causes.sum(np.where(most, units, 0)),
            "settled": causes.sum(settled),
            "share": sums / max(sums.sum(), 1),
        }
    ).sort_values(["units", "root_cause"], ascending=[False, True], ignore_index=True)
    figures = {"causes": len(table), "unknown_units": float(units[reason == "unknown"].sum())}
    rows = lost.loc[settled > 0, ["order_id", "sku_id", "line_no", "reason", "root_cause", "units"]]
    return _Claim("codes", "", "codes", pd.Series(settled, index=lost.index), table, rows, figures=figures)


def _stock(
    lost: pd.DataFrame,
    orders: pd.DataFrame,
    log: pd.DataFrame | None,
    snapshots: pd.DataFrame | None,
    as_of: date,
    days: int,
) -> _Claim:
    out = lost[(lost["root_cause"] == "stock") & (lost["stage"] != "return_refund") & lost["return_id"].isna()]
    records = {"stock_log": log, "stock_snapshots": snapshots}
    absent = [name for name, frame in records.items() if frame is None or frame.empty]
    figures: dict[str, Any] = {"stock_units": float(out["units"].sum()), "stock_orders": out["order_id"].nunique()}
    if log is None or snapshots is None or absent:
        nothing = pd.Series(0.0, index=lost.index)
        return _Claim("stock", "stock", "stock_gap", nothing, pd.DataFrame(), missing="+".join(absent), figures=figures)
    match: StockMatch = match_stock(orders, out, log, snapshots, as_of, days)
    by_state = match.items.groupby("state")["units"].sum()
    figures |= {
        "skus": int((match.skus["explained_units"] > 0).sum()),
        "gaps": len(match.gaps),
        "hours": float(match.gaps["hours"].sum()),
        "oversold_units": float(match.gaps["oversold_units"].sum()),
        "explained_orders": match.items.loc[match.items["explained"] > 0, "order_id"].nunique(),
        "own_had_stock": float(by_state.get("own_had_stock", 0)),
        "no_record": float(by_state.get("no_record", 0)),
        **match.sending,
    }
    rows = match.items.join(lost["stage"]).sort_values(["explained", "ordered_at"], ascending=False)
    figures["gap_table"] = match.gaps
    return _Claim("stock", "stock", "stock_gap", match.items["explained"], match.skus, rows, figures=figures)


def _tracking(
    lost: pd.DataFrame, orders: pd.DataFrame, events: pd.DataFrame | None, as_of: date, days: int, recent_days: int
) -> Iterator[_Claim]:
    kinds = (("handover", "late_dispatch", HANDOVER_CHECKS), ("on_the_way", "carrier", ON_WAY_CHECKS))
    if events is None or events.empty:
        nothing = pd.Series(0.0, index=lost.index)
        for title, cause, _ in kinds:
            yield _Claim("tracking", cause, title, nothing, pd.DataFrame(), missing="tracking")
        return
    # Cancelled within as many days as the orders go back: all of them.
    checked = check_tracking(orders, lost, events, as_of, days)
    recent = within(lost.loc[checked.index], "event_at", as_of, recent_days).index
    checked = checked.assign(recent=checked.index.isin(recent))
    carriers = by_carrier(checked)
    for title, cause, checks in kinds:
        rows = checked[checked["check"].isin(checks)]
        counts = rows.groupby("check")["order_id"].nunique()
        figures = {
            "looked_orders": checked["order_id"].nunique(),
            "orders": rows["order_id"].nunique(),
            "recent_looked": checked.loc[checked["recent"], "order_id"].nunique(),
            "recent_orders": rows.loc[rows["recent"], "order_id"].nunique(),
            "recent_days": recent_days,
            "not_covered": checked.loc[checked["check"] == "not_covered", "order_id"].nunique(),
            **{check: int(counts.get(check, 0)) for check in checks},
        }
        shown = carriers[["carrier", "orders", *checks]]
        shown = shown[shown[list(checks)].sum(axis=1) > 0].reset_index(drop=True)
        units = rows["units"].where(rows["waited"] | rows["check"].isin(CERTAIN_CHECKS), 0)
        yield _Claim("tracking", cause, title, units, shown, rows, figures=figures)


def _listing(
    lost: pd.DataFrame, orders: pd.DataFrame, items: pd.DataFrame, as_of: date, days: int, found: Iterable[Standout]
) -> _Claim:
    """Listings against their category; `beyond` says whether listings stand out of the shop's own spread too."""
    looked = days_of("listing", days)
    table = compare_listings(orders, items, as_of, looked)
    inside = located(lost, table)
    bad = table["stands_out"].to_numpy(dtype=bool)
    of_products = bad & (array_of(table["level"]) == "product")
    product = array_of(table["product"])
    figures = {
        "days": days_covered(orders["created_at"], as_of, looked),
        "beyond": any(standout.root_cause == "listing" and standout.dimension != "weeks" for standout in found),
        "mismatch_units": _units_of(lost, "listing"),
        "products": int(of_products.sum()),
        "variations": int((bad & ~of_products).sum()),
        "orders": int(table["orders"].to_numpy()[of_products].sum()),
        "names": product[of_products].tolist() or list(dict.fromkeys(product[bad].tolist())),
        "tests": int(table["p"].notna().sum()),
    }
    columns = ["order_id", "sku_id", "line_no", "reason", "product_name", "variation", "units"]
    units = _units_where(lost, inside.to_numpy())
    return _Claim("listing", "listing", "listing", units, table, lost.loc[inside, columns], figures=figures)


def _late(lost: pd.DataFrame, facts: pd.DataFrame, as_of: date, days: int, found: Iterable[Standout]) -> _Claim:
    """Dispatch after the market's deadline, by the orders' own times; evidence by the week in which it was due."""
    due_on = facts["due_date"].to_numpy().astype("datetime64[D]")
    is_late, is_due = facts["late_dispatch"].to_numpy(dtype=bool), facts["dispatch_due"].to_numpy(dtype=bool)
    due = np.flatnonzero(is_due & in_days(due_on, as_of, days))
    late_orders = set(array_of(facts["order_id"])[is_late])
    late_lost = [order in late_orders for order in lost["order_id"].tolist()]
    inside = (array_of(lost["root_cause"]) == "late_dispatch") & np.array(late_lost, dtype=bool)
    # The first day of the week, counted back from the last day.
    ago = (np.datetime64(as_of) - due_on[due]).astype(np.int64)
    weeks = np.datetime64(as_of) - (ago // 7 * 7 + 6)
    by_week = Groups.of(weeks)
    late, cancelled = is_late[due], facts["cancelled"].to_numpy(dtype=bool)[due]
    counts = {"due": by_week.size(), "late": by_week.sum(late), "cancelled": by_week.sum(late & cancelled)}
    mondays = weeks[by_week.first].astype("datetime64[us]")
    table = pd.DataFrame({"week": mondays, **counts, "share": counts["late"] / counts["due"]})
    rise = next(
        (standout for standout in found if standout.root_cause == "late_dispatch" and standout.since is not None), None
    )
    figures = {
        "due": len(due),
        "late": int(late.sum()),
        "share": _ratio(float(late.sum()), float(len(due))),
        "claimed_units": _units_of(lost, "late_dispatch"),
        "since": rise.since if rise is not None else None,
    }
    missing = "" if is_due.any() or not len(facts) else "deadline"
    rows = lost.loc[inside, ["order_id", "sku_id", "line_no", "reason", "initiator", "units", "event_at"]]
    units = _units_where(lost, inside)
    return _Claim("orders", "late_dispatch", "late_dispatch", units, table, rows, missing, figures)


def _places(lost: pd.DataFrame, found: Iterable[Standout]) -> Iterator[_Claim]:
    """Where a cause gathers (`diagnosis.standouts`): the items lost there that are left; one finding a cause."""
    for standout in found:
        # Late dispatch is no property of a place, and its times were looked at already.
        if standout.dimension == "weeks" or standout.root_cause == "late_dispatch":
            continue
        inside = items_in(standout, lost)
        units = _units_where(lost, inside.to_numpy())
        figures = {"standout": standout, "excess": standout.excess, "orders": standout.orders, "days": standout.days}
        rows = lost.loc[inside, ["order_id", "sku_id", "line_no", "reason", "carrier", "region", "units"]]
        yield _Claim(
            "orders",
            standout.root_cause,
            f"places_{standout.root_cause}",
            units,
            standout.places,
            rows,
            "",
            figures,
            True,
        )


def _units_of(lost: pd.DataFrame, cause: str) -> float:
    return float(lost["units"].to_numpy()[array_of(lost["root_cause"]) == cause].sum())


def _units_where(lost: pd.DataFrame, inside: NDArray[np.bool_]) -> pd.Series:
    """The units of the items inside; 0 of all others."""
    return pd.Series(np.where(inside, lost["units"].to_numpy(), 0).astype(np.float64), index=lost.index)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
