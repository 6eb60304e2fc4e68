"""Which shops are compared with one: those of its market and category, found from settings alone."""

from __future__ import annotations

from collections.abc import Sequence

from cancel_analysis.catalog.shop_settings import ShopSettings

# A cohort figure of fewer others would tell too much about one of them (design, section 8).
LEAST_OTHERS = 5
# Quartiles of this many say enough, and what is to be read for one shop's report stays small.
MOST_OTHERS = 15


class Cohorts:
    """The cohorts of shops, those of the same market and category; each shop is looked at once for all of them."""

    def __init__(self, shops: Sequence[ShopSettings]) -> None:
        self._members: dict[tuple[str, str], list[ShopSettings]] = {}
        for shop in shops:
            self._members.setdefault(_group(shop), []).append(shop)

    def of(self, shop: ShopSettings) -> tuple[ShopSettings, ...]:
        """Those that `shop` is compared with, `MOST_OTHERS` at most, in their order; none when it has no category."""
        if not shop.category:
            return ()
        # One more than are wanted: the shop itself is among them.
        first = self._members.get(_group(shop), [])[: MOST_OTHERS + 1]
        return tuple(other for other in first if other.id != shop.id)[:MOST_OTHERS]


def _group(shop: ShopSettings) -> tuple[str, str]:
    return shop.market, (shop.category or "").casefold()
