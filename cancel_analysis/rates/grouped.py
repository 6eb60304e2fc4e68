"""The rates by product, carrier, reason, week and so on: who and when, in one tidy frame.

An order is taken apart by what its lines are grouped by: two lines of one product are one order with
that product, which counts as cancelled when all of its units of that product were. Groups of lines
therefore need not add up to the shop (an order with two products is in two of them); groups of days and
reasons do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import pandas as pd

from cancel_analysis.catalog.rates import FBT, FIRST_RATES, RATES, find_rate
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import SettingsError, unknown
from cancel_analysis.rates.breakdown import named_ids, with_products, within
from cancel_analysis.rates.cube import created_sums, window_figures
from cancel_analysis.rates.groups import LINE_KEYS
from cancel_analysis.rates.order_facts import describe_orders

NOT_KNOWN = "not known"
# What the rates can be grouped by, and the columns of order lines or affected items that say it.
BY_LINE = {
    "product": "product_key",
    "sku": "sku_id",
    "category": "category",
    "carrier": "carrier",
    "region": "region",
}
BY_ITEM = {"reason": "reason", "root_cause": "root_cause", "responsibility": "responsibility", "stage": "stage"}
BY_TIME = {"day": "D", "week": "W", "month": "M"}
DIMENSIONS = (*BY_LINE, *BY_ITEM, *BY_TIME)
FREQUENCIES = {"D": "day", "W": "week", "M": "month"}
# Rates whose numerator is no affected item: an order sent late has no reason.
WITHOUT_REASON = ("late_dispatch_rate",)
# What numerators are made of: grouped by reason, these are the reason's own, and all else is the whole's.
NUMERATORS = {name for rate in RATES.values() for name in (rate.numerator, rate.numerator_least, rate.numerator_other)}
NUMERATORS |= {"cancelled_by_seller", "cancelled_by_buyer", "cancelled_by_unknown"}
NUMERATORS |= {name + FBT for name in NUMERATORS}
NUMERATORS |= {
    f"{rate.numerator}__{other}"
    for rate in RATES.values()
    if rate.kind == "ratio"
    for other in (rate.numerator, rate.denominator)
}
COLUMNS = [
    "metric", "label", "unit", "window", "numerator", "denominator", "rate", "low", "high", "numerator_least",
    "rate_least", "numerator_other", "rate_other",
]  # fmt: skip
# The day of group 0, where groups are counted as days.
FIRST_DAY = pd.Timestamp("2000-01-01")


def dimensions_of(by: str | Sequence[str] | None, freq: str | None = None) -> tuple[str, ...]:
    """The names of `DIMENSIONS` that `by` and `freq` (D, W or M) ask for; SettingsError with the nearest name."""
    names = [by] if isinstance(by, str) else list(by or ())
    for name in names:
        if name not in DIMENSIONS:
            raise SettingsError(unknown("dimension", str(name), DIMENSIONS))
    if freq is not None:
        if freq not in FREQUENCIES:
            raise SettingsError(unknown("frequency", str(freq), FREQUENCIES) + " (day, week, month)")
        names.append(FREQUENCIES[freq])
    if sum(name in BY_TIME for name in names) > 1:
        raise SettingsError(f"rates can be grouped by one of {', '.join(BY_TIME)} at a time, not {', '.join(names)}")
    return tuple(dict.fromkeys(names))


def rates_by(
    orders: pd.DataFrame,
    items: pd.DataFrame,
    shop: ShopSettings,
    as_of: date,
    by: Sequence[str],
    days: int | None = None,
    rates: Sequence[str] = tuple(RATES),
    kept: Mapping[str, Collection[str]] | None = None,
) -> pd.DataFrame:
    """Each of `rates` in each group of `by` (`DIMENSIONS`), of the orders placed in the last `days` days.

    `orders` are ORDER_LINES and `items` AFFECTED_ITEMS up to the end of `as_of`; without `days`, all of
    them. Columns: those of `by` as text (weeks as 2026-W46, days as 2026-11-15), with `sku_ids` beside a
    product, then `COLUMNS`; window is empty without `days`. The first two rates come first, and of each
    rate the groups with the largest numerator; groups of time stand in their order. A rate without a
    denominator is NaN. Grouped by reason (or root cause, responsibility, stage) the denominator is that of
    the whole, an order counts under the reason that took most of its units in a stage, and rates that are
    not made of affected items (`WITHOUT_REASON`) are left out.

    `kept` counts affected items of some values only (names of `BY_ITEM`: values), by the same rule: numerators
    are of these, denominators of the whole, and rates `WITHOUT_REASON` are empty.
    """
    for name in rates:
        find_rate(name)
    kept = kept or {}
    by_item = [name for name in by if name in BY_ITEM]
    by_line = [name for name in by if name not in BY_ITEM]
    if days is not None:
        orders = within(orders, "created_at", as_of, days)
    lines, groups = _coded(_labelled(orders, by_line), by_line)
    lost = items.merge(lines[[*LINE_KEYS, "group"]], on=LINE_KEYS)
    sums = _sums(lines, lost, shop, as_of)
    if kept:
        lost = _only(lost, [*kept, *by_item], kept)
    if by_item or kept:
        sums, groups = _by_item(sums, groups, lines, lost, by_item, shop, as_of)
    if sums.empty:
        return pd.DataFrame(columns=[*groups.columns, *COLUMNS])
    names = [name for name in RATES if name in rates and not (by_item and name in WITHOUT_REASON)]
    found = _figures(sums, groups, names, shop, days)
    if kept:
        figures = [name for name in COLUMNS if name not in ("metric", "label", "unit", "window")]
        found[figures] = found[figures].astype("float64").mask(found["metric"].isin(WITHOUT_REASON))
    return _arranged(found, by)


def _labelled(orders: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The order lines with a column `by_…` for each dimension: what they are grouped by."""
    lines = with_products(orders)
    placed = lines["created_at"].dt.tz_localize(None)
    for name in by:
        if name == "week":
            iso = placed.dt.isocalendar()
            values = iso["year"].astype("str") + "-W" + iso["week"].astype("str").str.zfill(2)
        elif name in BY_TIME:
            values = placed.dt.to_period(BY_TIME[name]).astype("str")
        else:
            values = lines[BY_LINE[name]].astype("object").fillna(NOT_KNOWN).astype("str")
        lines[f"by_{name}"] = values
    return lines


def _coded(lines: pd.DataFrame, by: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lines with `group`, the number of the group that each is in, and the groups by that number."""
    keys = [f"by_{name}" for name in by]
    if not keys:
        return lines.assign(group=0), pd.DataFrame(index=range(1 if len(lines) else 0))
    lines = lines.assign(group=lines.groupby(keys, sort=True).ngroup())
    groups = lines.groupby("group").first()[keys].set_axis(list(by), axis=1)
    if "product" in by:
        skus = named_ids(lines, ["group"])
        groups = groups.assign(product=lines.groupby("group")["product"].first(), sku_ids=skus)
    if "sku" in by:
        first = lines.groupby("group")[["product", "variation"]].first()
        groups = groups.assign(**{name: first[name] for name in first.columns if name not in groups.columns})
    return lines, groups


def _sums(lines: pd.DataFrame, items: pd.DataFrame, shop: ShopSettings, as_of: date) -> pd.DataFrame:
    """A row a group, a column a measure: the lines of one order in one group are an order of their own.

    The sums are those of the daily cube, with the group's number in place of the day.
    """
    own = [frame.assign(order_id=_apart(frame)) for frame in (lines, items)]
    facts = describe_orders(own[0], own[1], shop, as_of)
    numbers = facts["order_id"].str.split("|", n=1).str[0].astype("int64")
    found = created_sums(facts.assign(created_date=FIRST_DAY + pd.to_timedelta(numbers, unit="D")))
    found.index = pd.Index((pd.to_datetime(found["date"]) - FIRST_DAY).dt.days, name="group")
    return found.drop(columns="date").sort_index()


def _apart(frame: pd.DataFrame) -> pd.Series:
    return frame["group"].astype("str") + "|" + frame["order_id"]


def _by_item(
    whole: pd.DataFrame,
    groups: pd.DataFrame,
    lines: pd.DataFrame,
    lost: pd.DataFrame,
    by: Sequence[str],
    shop: ShopSettings,
    as_of: date,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sums taken apart by what the affected items say: numerators by it, denominators of the whole group."""
    keys = [BY_ITEM[name] for name in by]
    lost = _main(lost, keys)
    if not keys:
        return _none_else(whole, lines, lost, shop, as_of), groups
    if lost.empty:
        return whole.iloc[:0], groups.iloc[:0].assign(**{name: pd.Series(dtype="str") for name in by})
    number = lost.groupby(["group", *keys], sort=True).ngroup()
    lost = lost.assign(part=number)
    names = lost.groupby("part")[["group", *keys]].first()
    orders = lost[["group", "order_id", "part"]].drop_duplicates()
    of_part = lines.merge(orders, on=["group", "order_id"])
    found = _sums(of_part.assign(group=of_part["part"]), lost.assign(group=lost["part"]), shop, as_of)
    for column in found.columns.difference(list(NUMERATORS)):
        found[column] = whole[column].reindex(names["group"]).to_numpy()
    labels = groups.reindex(names["group"]).set_axis(names.index)
    return found, labels.assign(**{name: names[key] for name, key in zip(by, keys, strict=True)})


def _none_else(
    whole: pd.DataFrame, lines: pd.DataFrame, lost: pd.DataFrame, shop: ShopSettings, as_of: date
) -> pd.DataFrame:
    """The sums of all groups with the numerators of the items `lost` alone; groups without one count none."""
    orders = lost[["group", "order_id"]].drop_duplicates()
    found = whole.copy()
    own = [name for name in found.columns if name in NUMERATORS]
    counted = _sums(lines.merge(orders, on=["group", "order_id"]), lost, shop, as_of) if len(lost) else whole.iloc[:0]
    found[own] = counted[own].reindex(found.index).fillna(0).astype(found[own].dtypes.to_dict())
    return found


def _only(lost: pd.DataFrame, names: Sequence[str], kept: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """The items of the values `kept`, where an order counts under one combination of `names` as in `_main`."""
    chosen = _main(lost, [BY_ITEM[name] for name in dict.fromkeys(names)])
    for name, values in kept.items():
        chosen = chosen[chosen[BY_ITEM[name]].isin(list(values))]
    return chosen


def _main(lost: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The items with what took most units of their order in their stage, so that an order is counted under one."""
    where, others = ["group", "order_id", "stage"], [key for key in keys if key != "stage"]
    if not others:
        return lost
    units = lost.groupby([*where, *others], sort=True)["units"].sum().reset_index()
    first = units.sort_values("units", ascending=False, kind="stable").drop_duplicates(where)
    return lost.drop(columns=others).merge(first[[*where, *others]], on=where)


def _figures(
    sums: pd.DataFrame, groups: pd.DataFrame, rates: Sequence[str], shop: ShopSettings, days: int | None
) -> pd.DataFrame:
    # Windows of one day on a calendar of groups: the intervals are made where those of all rates are.
    calendar = sums.assign(basis="created", date=FIRST_DAY + pd.to_timedelta(range(len(sums)), unit="D"))
    heads = groups.reindex(sums.index).reset_index(drop=True)
    tables = []
    for name in rates:
        figures = window_figures(calendar, name, 1, calendar["date"], shop=shop)
        rate = RATES[name]
        figures = figures.assign(metric=name, label=rate.label, unit=rate.unit, window=days)[COLUMNS]
        tables.append(pd.concat([heads, figures], axis=1))
    return pd.concat(tables, ignore_index=True)


def _arranged(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """First the two rates that people mix up, then the others; of each the largest numerators, times in order."""
    order = {name: number for number, name in enumerate(dict.fromkeys([*FIRST_RATES, *RATES]))}
    times = [name for name in by if name in BY_TIME]
    frame = frame.assign(rank=frame["metric"].map(order), size=-frame["numerator"])
    # With times, groups stay together: the largest over all times first.
    others = [name for name in by if name not in BY_TIME]
    if times and others:
        frame["size"] = frame.groupby(["metric", *others], sort=False)["size"].transform("sum")
    keys = ["rank", *(["size", *others] if others else []), *times]
    return frame.sort_values(keys, kind="stable").drop(columns=["rank", "size"]).reset_index(drop=True)
