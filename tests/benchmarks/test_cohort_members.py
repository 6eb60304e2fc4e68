"""Which shops are compared with one, of one shop or of many at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.benchmarks.cohort_members import MOST_OTHERS, Cohorts, cohort_of
from cancel_analysis.catalog.shop_settings import ShopSettings

KINDS = st.tuples(st.sampled_from(["US", "TH"]), st.sampled_from([None, "", "home", "Home", "beauty"]))


@given(st.lists(KINDS, max_size=60))
def test_cohorts_of_many_are_those_of_each(kinds: list[tuple[str, str | None]]) -> None:
    shops = [
        ShopSettings(f"shop-{number}", market, f"Shop {number}", "USD", "UTC", category=category)
        for number, (market, category) in enumerate(kinds)
    ]
    cohorts = Cohorts(shops)
    for shop in shops:
        found = cohorts.of(shop)
        assert found == cohort_of(shop, shops)
        assert len(found) <= MOST_OTHERS
        assert shop not in found
