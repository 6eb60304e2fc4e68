"""Which shops are compared with one: other shops of its market and category, however that is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.benchmarks.cohort_members import MOST_OTHERS, Cohorts
from cancel_analysis.catalog.shop_settings import ShopSettings

KINDS = st.tuples(st.sampled_from(["US", "TH"]), st.sampled_from([None, "", "home", "Home", "beauty"]))


@given(st.lists(KINDS, max_size=60))
def test_a_cohort_are_the_first_others_of_the_same_market_and_category(kinds: list[tuple[str, str | None]]) -> None:
    shops = [
        ShopSettings(f"shop-{number}", market, f"Shop {number}", "USD", "UTC", category=category)
        for number, (market, category) in enumerate(kinds)
    ]
    cohorts = Cohorts(shops)
    for shop in shops:
        alike = [
            other
            for other in shops
            if shop.category
            and other is not shop
            and other.market == shop.market
            and (other.category or "").lower() == shop.category.lower()
        ]
        assert list(cohorts.of(shop)) == alike[:MOST_OTHERS]
