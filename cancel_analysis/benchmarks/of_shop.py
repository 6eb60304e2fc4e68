"""The limits that hold for one shop: those that give its verdict, those beside it, references."""

from __future__ import annotations

from datetime import date

from cancel_analysis.catalog.own_limits import COMPARISONS as COMPARISONS
from cancel_analysis.catalog.own_limits import CONFIDENCES as CONFIDENCES
from cancel_analysis.catalog.own_limits import FORCES as FORCES
from cancel_analysis.catalog.policies import OFFICIAL, Limit, limits, own_limits, packs
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import SettingsError


def verdict_limits(shop: ShopSettings, on: date) -> tuple[Limit, ...]:
    """The limits that give the shop's verdict on that day; empty when its market has none.

    Raises SettingsError, naming the valid packs, when the shop's `limits` is no pack of its market.
    """
    if shop.limits_file is not None:
        own = [limit for limit in own_limits(shop.limits_file) if limit.market == shop.market and limit.in_force(on)]
        return tuple(limit for limit in own if limit.force != "reference")
    if shop.mapping is not None and shop.limits == OFFICIAL:
        # The official limits are TikTok Shop's; another platform's shop is judged by what it chooses.
        return ()
    valid = packs(shop.market)
    if shop.limits not in valid:
        raise SettingsError(
            f"shop {shop.id!r}: 'limits' is {shop.limits!r}; "
            f"for market {shop.market} it must be one of {', '.join(valid)}, or a .csv file of your own"
        )
    return tuple(
        limit
        for limit in limits(shop.market, on, cross_border=True)
        if limit.pack == shop.limits and limit.force != "reference"
    )


def advisory_limits(shop: ShopSettings, on: date) -> tuple[Limit, ...]:
    """The shop's other limits, shown with their confidence and without a say in the verdict."""
    if shop.mapping is not None:
        return ()
    return tuple(
        limit
        for limit in limits(shop.market, on, cross_border=shop.cross_border)
        if limit.pack != shop.limits and limit.force != "reference"
    )


def references(shop: ShopSettings, on: date) -> tuple[Limit, ...]:
    """Figures of the shop's market that are no limits: a best tenth, a metric without a value."""
    found = [limit for limit in limits(shop.market, on) if limit.force == "reference"]
    if shop.limits_file is not None:
        own = [limit for limit in own_limits(shop.limits_file) if limit.market == shop.market and limit.in_force(on)]
        found += [limit for limit in own if limit.force == "reference"]
    return tuple(found)
