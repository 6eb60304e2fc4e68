"""What cancellations and returns cost in a period: value lost, and the charges that come on top.

Value and charges are different things and stand in columns of their own: value lost is money that
did not come in, not profit lost. Rates that only the shop knows come from its setting `costs`; what is
not known is left out of every sum and named. Only the shop's own currency is added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.catalog.policies import CostFact, cost_facts
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.rates.breakdown import LEAST_VALUED, products_of
from cancel_analysis.rates.groups import Groups, array_of, find_rows, missing, texts
from cancel_analysis.rates.lines import in_days, local_days

# The affected items that cost something, a column a name; their costs are added to them.
Costed = dict[str, NDArray[Any]]
_TEXTS = ("order_id", "sku_id", "return_id", "root_cause", "stage", "initiator")
_OF_ITEMS = (*_TEXTS, "line_no", "units", "amount")

VALUE_LINES = ("lost_sales", "refunds")
# Lines that rest on a word of returns.
OF_RETURNS = ("refunds", "return_freight")
CHARGE_LINES = ("commission", "label_fee", "return_freight")
LINES = (*VALUE_LINES, *CHARGE_LINES)
# The catalog's fact behind each setting of a shop.
FACTS = {
    "commission": "commission_on_cancelled",
    "label_fee": "seller_cancel_label_fee",
    "traffic_loss": "over_limit_weekly_sales_loss",
}
# Where a line's rate or amount comes from.
FROM_FILES, FROM_SETTING, FROM_CATALOG = "files", "setting", "catalog"
LINE_COLUMNS = ["line", "amount", "known", "base", "rate", "unit", "origin", "confidence", "source", "setting"]


@dataclass(frozen=True)
class Traffic:
    """What a source says that being over a limit costs; never part of a sum.

    `share` of the week's sales, `weekly_sales` the shop's own last seven days (money), `amount` their
    product, `over_limit` whether the shop is over a limit now.
    """

    share: float
    weekly_sales: float
    amount: float
    over_limit: bool
    origin: str
    confidence: str
    source: str


@dataclass(frozen=True)
class Costs:
    """The costs of one period in one currency.

    `lines`: one row a line of `LINES` (`LINE_COLUMNS`; amount NaN when not known). `by_cause` and
    `by_product`: units, orders, one column a line, total of the known lines. `items`: one row an affected item with its
    costs. `not_known` names the settings that would complete the sums; `other_currency` units are left
    out of everything. Without a word of returns (`returns_known`) what was paid for them is not known either; the value
    is then that of lost sales alone.
    """

    lines: pd.DataFrame
    by_cause: pd.DataFrame
    by_product: pd.DataFrame
    items: pd.DataFrame
    currency: str
    not_known: tuple[str, ...]
    other_currency: int
    parcels: int
    parcels_known: int
    traffic: Traffic
    returns_known: bool = True

    @property
    def value_known(self) -> bool:
        """Whether the files say what the lost items cost."""
        return not _value_lines(self.returns_known) & set(self.not_known)

    @property
    def value(self) -> float:
        """Sales that did not come in or were paid back; NaN where the files do not say them."""
        return float(self.items[list(VALUE_LINES)].sum().sum()) if self.value_known else float("nan")

    @property
    def charges(self) -> float:
        """The known charges on top."""
        return float(self.items[list(CHARGE_LINES)].sum().sum())

    @property
    def total(self) -> float:
        return self.value + self.charges


def count_costs(
    orders: pd.DataFrame,
    items: pd.DataFrame,
    returns: pd.DataFrame | None,
    *,
    shop: ShopSettings,
    as_of: date,
    period_days: int = 30,
    over_limit: bool = False,
    returns_known: bool = True,
) -> Costs:
    """The costs of the items lost from orders placed in the last `period_days` days.

    `items`, `orders`, `returns` are canonical and hold what was known at the end of `as_of`. Orders never
    paid cost nothing here. The refund of a cancelled order is the same money as its lost sale and is not
    counted again; refunds are those of returns. A column `return_freight` of `returns` is used where it
    is there. `returns_known` says whether any file speaks of returns: where none does, refunds and freight are not 0.
    """
    placed = in_days(local_days(items["order_created_at"]), as_of, period_days)
    lost = (array_of(items["stage"]) != "unpaid") & placed
    own = array_of(items["currency"]) == shop.currency
    left_out, rows = int(array_of(items["units"])[lost & ~own].sum()), np.flatnonzero(lost & own)
    costed = {name: array_of(items[name])[rows] for name in _OF_ITEMS}
    settings = dict(shop.costs)
    facts = {fact.id: fact for fact in cost_facts()}
    # A line's value below zero is a discount put on it by the file; it is no gain from losing the line.
    amount = np.maximum(np.nan_to_num(costed["amount"]), 0.0)
    cancelled = np.isin(costed["stage"], ("cancellation", "refund")) & missing(costed["return_id"])
    costed |= {"lost_sales": np.where(cancelled, amount, 0.0), "refunds": np.where(cancelled, 0.0, amount)}
    lines = [_value("lost_sales", costed, cancelled), _value("refunds", costed, ~cancelled)]

    costed["commission"], line = _commission(costed, settings, facts)
    lines.append(line)
    costed["label_fee"], line = _label_fee(costed, cancelled, settings, facts)
    lines.append(line)
    costed["return_freight"], line, parcels, known = _freight(costed, returns, settings, shop.currency)
    lines.append(line)
    table = pd.DataFrame(lines, columns=LINE_COLUMNS)
    if not returns_known:
        of_returns = table["line"].isin(OF_RETURNS)
        table = table.assign(
            amount=table["amount"].mask(of_returns),
            known=table["known"].astype("bool") & ~of_returns,
            setting=table["setting"].mask(of_returns, table["line"]),
        )
    unknown = tuple(table.loc[~table["known"], "setting"])
    costed["total"] = np.column_stack([costed[name] for name in LINES]).sum(axis=1)
    kept = ("order_id", "sku_id", "line_no", "return_id", "root_cause", "units", *LINES, "total")
    valued = not _value_lines(returns_known) & set(unknown)
    return Costs(
        table,
        _grouped(costed, "root_cause", unknown, valued),
        _by_product(costed, products_of(items, rows), unknown, valued),
        pd.DataFrame({name: texts(costed[name]) if name in _TEXTS else costed[name] for name in kept}),
        shop.currency,
        unknown,
        left_out,
        parcels,
        known,
        _traffic(orders, shop, as_of, settings, facts[FACTS["traffic_loss"]], over_limit),
        returns_known,
    )


def _value_lines(returns_known: bool) -> set[str]:
    """The lines of which the value of what was lost is the sum."""
    return set(VALUE_LINES) - (set() if returns_known else set(OF_RETURNS))


def _value(name: str, costed: Costed, mine: NDArray[np.bool_]) -> dict[str, Any]:
    base = float(costed[name].sum())
    told = ~np.isnan(costed["amount"][mine])
    known = not len(told) or told.mean() >= LEAST_VALUED
    return _line(name, base if known else None, base, None, "money", FROM_FILES, None, name)


def _line(
    name: str,
    amount: float | None,
    base: float,
    rate: float | None,
    unit: str,
    origin: str,
    fact: CostFact | None = None,
    setting: str = "",
) -> dict[str, Any]:
    return {
        "line": name,
        "amount": float("nan") if amount is None else amount,
        "known": amount is not None,
        "base": base,
        "rate": float("nan") if rate is None else rate,
        "unit": unit,
        "origin": origin,
        "confidence": fact.confidence if fact else "",
        "source": fact.source if fact else "",
        "setting": setting,
    }


def _rate(name: str, settings: dict[str, float], fact: CostFact | None) -> tuple[float | None, str]:
    """A rate and where it is from: the shop's setting goes before the catalog's value."""
    if name in settings:
        return settings[name], FROM_SETTING
    return (fact.value if fact else None), FROM_CATALOG


def _commission(
    costed: Costed, settings: dict[str, float], facts: dict[str, CostFact]
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Commission on the value of cancelled units, if it is charged as the source says."""
    fact = facts[FACTS["commission"]]
    rate, origin = _rate("commission", settings, fact)
    base = float(costed["lost_sales"].sum())
    amounts = costed["lost_sales"] * (rate or 0.0)
    lost = costed["amount"][missing(costed["return_id"])]
    told = not len(lost) or (~np.isnan(lost)).mean() >= LEAST_VALUED
    amount = float(amounts.sum()) if told and (rate is not None or base == 0) else None
    return amounts, _line("commission", amount, base, rate, fact.unit, origin, fact, "commission")


def _label_fee(
    costed: Costed, cancelled: NDArray[np.bool_], settings: dict[str, float], facts: dict[str, CostFact]
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """One label for each order that the seller cancelled, spread over the units he cancelled of it."""
    fact = facts[FACTS["label_fee"]]
    rate, origin = _rate("label_fee", settings, fact)
    own = cancelled & (costed["initiator"] == "seller")
    units, order = np.where(own, costed["units"], 0), Groups.of(costed["order_id"])
    share = _part(units.astype(np.float64), order.sum(units)[order.number])
    orders = int(order.any(own).sum())
    amount = float((share * (rate or 0.0)).sum()) if rate is not None or orders == 0 else None
    return share * (rate or 0.0), _line("label_fee", amount, orders, rate, fact.unit, origin, fact, "label_fee")


def _part(part: NDArray[np.float64], whole: NDArray[Any]) -> NDArray[np.float64]:
    """part / whole; 0 where the whole is nothing."""
    share = np.zeros(len(part))
    np.divide(part, whole, out=share, where=whole > 0)
    return share


def _freight(
    costed: Costed, returns: pd.DataFrame | None, settings: dict[str, float], currency: str
) -> tuple[NDArray[np.float64], dict[str, Any], int, int]:
    """The way back of returned goods: from the files where they say, else the shop's fee a parcel.

    Also returns how many parcels came back and of how many the files say the freight.
    """
    nothing = np.zeros(len(costed["units"]))
    returned = costed["stage"] == "return_refund"
    if returns is None and returned.any():
        # The order export marks what came back; how many parcels that were, and who paid them, it does not say.
        orders = len(set(costed["order_id"][returned]))
        return nothing, _line("return_freight", None, orders, None, "money_per_order", "", None, "return_freight"), 0, 0
    sent_back = ~missing(costed["return_id"]) & returned
    if returns is None or not sent_back.any():
        return nothing, _line("return_freight", 0.0, 0, None, "money_per_order", FROM_FILES), 0, 0
    keys = ("return_id", "order_id", "sku_id")
    rows = np.flatnonzero(
        (array_of(returns["currency"]) == currency) & (array_of(returns["return_type"]) != "refund_only")
    )
    stated = [array_of(returns[name])[rows] for name in keys]
    # The same request may stand in the files twice; the larger of two statements is the later one.
    requests = Groups.of(*stated)
    said = array_of(returns["return_freight"])[rows] if "return_freight" in returns else np.full(len(rows), np.nan)
    number = find_rows([costed[name] for name in keys], [column[requests.first] for column in stated])
    came = number >= 0
    freight = np.where(came, np.append(requests.most(said), np.nan)[number], np.nan)
    units = np.where(sent_back & came, costed["units"], 0)
    parcel, row = Groups.of(costed["return_id"]), Groups.of(*(costed[name] for name in keys))
    has_file = (parcel.number >= 0) & parcel.any(~np.isnan(freight))[parcel.number]
    fee = settings.get("return_freight")
    from_file = _part(np.maximum(np.nan_to_num(freight), 0.0) * units, row.sum(units)[row.number])
    from_fee = _part((fee or 0.0) * units, parcel.sum(units)[parcel.number])
    amounts = np.where(row.number >= 0, np.where(has_file, from_file, from_fee), 0.0)
    parcels, known = (len(set(costed["return_id"][mask])) for mask in (units > 0, (units > 0) & has_file))
    amount = float(amounts.sum()) if fee is not None or known or not parcels else None
    origin = FROM_FILES if known == parcels or fee is None else FROM_SETTING
    line = _line("return_freight", amount, parcels, fee, "money_per_order", origin, None, "return_freight")
    return amounts, line, parcels, known


def _by_product(
    costed: Costed, products: tuple[pd.Series, pd.Series], unknown: tuple[str, ...], valued: bool
) -> pd.DataFrame:
    keys, names = map(array_of, products)
    groups = Groups.of(keys)
    named = {"product": texts(groups.first_of(names)), "sku_ids": groups.named(costed["sku_id"])}
    return _grouped({**costed, "product_key": keys}, "product_key", unknown, valued, named)


def _grouped(
    costed: Costed, key: str, unknown: tuple[str, ...], valued: bool, named: dict[str, Any] | None = None
) -> pd.DataFrame:
    """Units, orders and costs by `key`, the dearest first; a line that is not known is empty, not 0."""
    groups = Groups.of(costed[key])
    sums = groups.sums(np.column_stack([costed[name] for name in (*LINES, "total")]))
    absent = {name for name in LINES if name in unknown} | (set() if valued else {"total"})
    table = pd.DataFrame(
        {
            key: texts(costed[key][groups.first]),
            **(named or {}),
            "units": groups.sum(costed["units"]),
            "orders": groups.different(costed["order_id"]),
            **{
                name: float("nan") if name in absent else sums[:, place] for place, name in enumerate((*LINES, "total"))
            },
        }
    )
    return table.sort_values(["total", key], ascending=[False, True], ignore_index=True)


def _traffic(
    orders: pd.DataFrame, shop: ShopSettings, as_of: date, settings: dict[str, float], fact: CostFact, over_limit: bool
) -> Traffic:
    share, origin = _rate("traffic_loss", settings, fact)
    paid = (~np.isnat(array_of(orders["paid_at"])) | array_of(orders["is_cod"])) & (
        array_of(orders["currency"]) == shop.currency
    )
    week = orders["line_amount"].to_numpy()[paid & in_days(local_days(orders["created_at"]), as_of, 7)]
    # Of sales of which no value is known nothing is known.
    sales = float("nan") if len(week) and np.isnan(week).all() else float(np.nansum(np.maximum(week, 0.0)))
    value = share or 0.0
    return Traffic(value, sales, value * sales, over_limit, origin, fact.confidence, fact.source)
