"""Each planted story is really in the files, strong enough to be seen through chance; the rest is quiet."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.proportion import proportion_confint

from .raw import AS_OF, SHOPS, returns, truth, used


def _share(count: int, total: int) -> tuple[float, float, float]:
    low, high = proportion_confint(count, total, method="wilson")
    return count / total, low, high


def _seller_fault(shop: str, window: int) -> tuple[float, float, float]:
    told = truth(shop)["windows_at_as_of"][str(window)]
    return _share(told["seller_fault_cancelled"], told["orders"])


def test_the_healthy_shop_is_healthy_beyond_doubt() -> None:
    rate, _, high = _seller_fault("us-harbor-home", 30)
    assert truth("us-harbor-home")["windows_at_as_of"]["30"]["orders"] >= 800
    assert 0.002 < rate < 0.009
    assert high < 0.8 * 0.025
    told = truth("us-harbor-home")["windows_at_as_of"]["30"]
    assert 0.02 <= told["cancelled_before_shipping"]["User"] / told["orders"] <= 0.035
    assert told["late"] / told["shipped"] < 0.02
    assert told["failed"] / told["shipped"] < 0.025


@pytest.mark.parametrize("shop", ["us-harbor-home", "uk-linen-lane", "vn-saigon-shoes"])
def test_shops_within_their_limit(shop: str) -> None:
    for window in (7, 15, 30):
        assert _seller_fault(shop, window)[0] < 0.02
    assert _seller_fault(shop, 30)[2] < 0.025


def test_two_listings_mislead() -> None:
    focus = truth("uk-linen-lane")["focus"]
    assert len(focus["product_names"]) == 2
    table = returns("uk-linen-lane")
    table = table[
        (table["Return Reason"] == focus["return_reason"]) & table["Return Status"].isin(("Completed", "In Process"))
    ]
    inside = table["SKU ID"].isin(focus["sku_ids"])
    assert focus["return_reason"] == "Product doesn't match description"
    assert inside.sum() >= 10 * (~inside).sum()
    told = truth("uk-linen-lane")["focus_at_as_of"]["30"]
    rest = told["rest_units_delivered"] - told["rest_units_returned"]
    cells = [
        [told["units_returned"], told["units_delivered"] - told["units_returned"]],
        [told["rest_units_returned"], rest],
    ]
    assert fisher_exact(cells, alternative="greater").pvalue < 1e-6
    # Both listings, not one of them.
    by_name = table.loc[inside, "Product Name"].value_counts()
    assert by_name.min() > 0.3 * by_name.sum()


def test_dispatch_falls_behind_for_three_weeks() -> None:
    rate, low, _ = _seller_fault("th-siam-beauty", 7)
    assert rate > 0.10
    assert low > 0.10
    table = used("th-siam-beauty").drop_duplicates("Order ID")
    table = table[table["Created"] <= pd.Timestamp(AS_OF)]
    week = table["Created"].dt.isocalendar().week
    by_system = (table["Cancel By"] == "System") & table["Shipped"].isna() & (table["Paid"].notna() | table["cod"])
    shares = by_system.groupby(week).mean()
    assert truth("th-siam-beauty")["focus"]["weeks"] == ["2026-W44", "2026-W45", "2026-W46"]
    assert shares.loc[44:].min() > 0.08
    assert shares.loc[:43].max() < 0.02
    waited = table["Cancel Reason"] == "สินค้าไม่ได้จัดส่งตรงเวลา"
    assert waited[week >= 44].sum() >= 15
    assert waited[week < 44].sum() <= 2


def test_one_carrier_fails_in_one_province() -> None:
    focus = truth("vn-saigon-shoes")["focus"]
    table = used("vn-saigon-shoes").drop_duplicates("Order ID")
    table = table[table["Shipped"] <= pd.Timestamp(AS_OF)]
    failed = (table["Cancel Reason"] == "Giao kiện hàng không thành công") & (table["Cancelled"] <= pd.Timestamp(AS_OF))
    carrier, region = table["Shipping Provider Name"] == focus["carrier"], table["Province"] == focus["region"]
    inside = carrier & region
    assert 0.33 < failed[inside].mean() < 0.48
    for elsewhere in (carrier & ~region, ~carrier & region, ~carrier & ~region):
        assert failed[elsewhere].mean() < 0.06
    told = truth("vn-saigon-shoes")["focus_at_as_of"]
    assert (int(inside.sum()), int(failed[inside].sum())) == (told["91"]["shipped"], told["91"]["failed"])
    assert told["30"]["failed"] >= 25
    assert 0.6 < table["cod"].mean() < 0.9


def test_stock_of_four_skus_is_lost_for_two_weeks() -> None:
    told = truth("id-toko-gadget")
    assert len(told["focus"]["sku_ids"]) == 4
    assert told["focus"]["weeks"] == ["2026-W45", "2026-W46"]
    table = used("id-toko-gadget")
    lost = table[(table["Cancel Reason"] == "Stok habis") & (table["Cancelled"] <= pd.Timestamp(AS_OF))]
    recent = lost[lost["Created"] >= "2026-11-02"]
    with_focus = recent.groupby("Order ID")["SKU ID"].agg(lambda ids: bool(set(ids) & set(told["focus"]["sku_ids"])))
    assert with_focus.mean() > 0.9
    for sku in told["focus"]["sku_ids"]:
        assert (recent["SKU ID"] == sku).sum() >= 5
    assert lost[lost["Created"] < "2026-11-02"]["Order ID"].nunique() < 12
    assert set(recent["Cancel By"]) == {"Seller"}
    assert _seller_fault("id-toko-gadget", 7)[1] > 0.05
    assert _seller_fault("id-toko-gadget", 30)[1] > 0.025


def test_twelve_orders_say_nothing() -> None:
    table = used("sg-orchid-import")
    assert table["Order ID"].nunique() == 12
    gone = table[table["Cancelled"].notna()]
    assert len(gone) == 1
    assert gone["Created"].iloc[0] >= pd.Timestamp("2026-10-17")
    assert len(returns("sg-orchid-import")) == 1


def test_there_is_a_weekday_pattern_and_unequal_demand() -> None:
    for shop in SHOPS[:5]:
        table = used(shop).drop_duplicates("Order ID")
        by_day = table["Created"].dt.day_of_week.value_counts()
        assert by_day[6] > by_day[1]
        lines = used(shop)["SKU ID"].value_counts()
        assert 15 <= len(lines) <= 40
        assert lines.iloc[0] > 1.8 * lines.iloc[-1]
