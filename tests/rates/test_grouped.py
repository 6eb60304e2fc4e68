"""Rates in groups, held against counts by hand and against plain pandas on the sample."""

from datetime import date

import pandas as pd
import pytest
from scipy.stats import binomtest

from cancel_analysis.catalog.rates import RATES
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError
from cancel_analysis.rates.grouped import NOT_KNOWN, dimensions_of, rates_by
from tests.frames import affected_items, order_lines
from tests.studies import opened

SHOP = make_shop({"id": "shop", "market": "TH"})
AS_OF = date(2026, 11, 15)


def line(order, product="Lamp", sku="S1", created="2026-11-02 10:00:00", **more):
    return {"order_id": order, "product_name": product, "sku_id": sku, "created_at": created, **more}


def gone(order, product="Lamp", sku="S1", **more):
    return {
        "order_id": order, "product_name": product, "sku_id": sku, "order_created_at": "2026-11-02 10:00:00", **more,
    }  # fmt: skip


def sample(shop="id-toko-gadget"):
    return opened(shop)


def test_an_order_with_two_products_counts_for_each_and_is_cancelled_where_its_units_were():
    orders = order_lines(line("A"), line("A", "Cup", "S2", first_line=False), line("B"))
    items = affected_items(gone("A", whole_order=False))
    found = rates_by(orders, items, SHOP, AS_OF, ["product"], 30, ["order_cancellation_rate"])
    counts = {row.product: (row.numerator, row.denominator) for row in found.itertuples()}
    assert counts == {"Lamp": (1, 2), "Cup": (0, 1)}


def test_the_interval_is_wilsons():
    orders = order_lines(*(line(f"O{number}") for number in range(20)))
    items = affected_items(*(gone(f"O{number}") for number in range(3)))
    found = rates_by(orders, items, SHOP, AS_OF, ["sku"], None, ["order_cancellation_rate"]).iloc[0]
    published = binomtest(3, 20).proportion_ci(method="wilson")
    assert (found["low"], found["high"]) == pytest.approx((published.low, published.high))


def test_an_order_lost_to_two_reasons_counts_under_the_one_that_took_most_units():
    orders = order_lines(line("A", quantity=3), line("A", "Cup", "S2", first_line=False))
    items = affected_items(gone("A", units=3, reason="out_of_stock"), gone("A", "Cup", "S2", reason="pricing_error"))
    found = rates_by(orders, items, SHOP, AS_OF, ["reason"], 30, ["order_cancellation_rate"])
    assert found[["reason", "numerator", "denominator"]].to_numpy().tolist() == [["out_of_stock", 1, 1]]


def test_what_a_file_does_not_say_is_called_so():
    orders = order_lines(line("A", category=None), line("B", category="Home"))
    found = rates_by(orders, affected_items({}).iloc[:0], SHOP, AS_OF, ["category"], 30, ["order_cancellation_rate"])
    assert set(found["category"]) == {NOT_KNOWN, "Home"}


def test_a_rate_without_a_denominator_is_not_known_in_that_group_only():
    orders = order_lines(line("A", delivered_at="2026-11-05 10:00:00"), line("B", "Cup", "S2", status="to_ship"))
    found = rates_by(orders, affected_items({}).iloc[:0], SHOP, AS_OF, ["product"], 30, ["return_rate"])
    rate = found.set_index("product")["rate"]
    assert rate["Lamp"] == 0
    assert pd.isna(rate["Cup"])


def test_nothing_at_all_gives_an_empty_frame_with_its_columns():
    nothing = order_lines(line("A")).iloc[:0]
    found = rates_by(nothing, affected_items({}).iloc[:0], SHOP, AS_OF, ["product"], 30)
    assert found.empty
    assert {"product", "metric", "rate", "low", "high"} <= set(found.columns)


@pytest.mark.parametrize("shop", ["id-toko-gadget", "us-harbor-home"])
@pytest.mark.parametrize("by", [[], ["day"], ["week"], ["reason"]])
def test_days_and_reasons_add_up_to_the_shops_own_rates(shop, by):
    study = sample(shop)
    found = rates_by(study.orders, study.items, study.shop, study.as_of, by, 30)
    own = study.rates[(study.rates["basis"] == "created") & (study.rates["window"] == 30)].set_index("metric")
    summed = found.groupby("metric")["numerator"].sum()
    pd.testing.assert_series_equal(summed, own.loc[summed.index, "numerator"], check_dtype=False, atol=1e-6)
    if by != ["reason"]:
        pd.testing.assert_series_equal(
            found.groupby("metric")["denominator"].sum(), own["denominator"].sort_index(), check_dtype=False, atol=1e-6
        )


def test_cancellations_by_product_equal_a_plain_count():
    study = sample()
    found = rates_by(study.orders, study.items, study.shop, study.as_of, ["product"], 30, ["order_cancellation_rate"])
    since = pd.Timestamp("2026-10-17", tz=study.shop.timezone)
    orders = study.orders[study.orders["created_at"] >= since]
    placed = orders.groupby("product_name")["order_id"].nunique()
    # Of each order and product: all units ordered, and those that buyer or seller cancelled before they were shipped.
    ordered = orders.groupby(["product_name", "order_id"])["quantity"].sum()
    sent = study.orders.loc[study.orders["shipped_at"].notna(), "order_id"]
    before = study.items[(study.items["stage"] != "return_refund") & ~study.items["order_id"].isin(sent)]
    lost = before[before["initiator"].isin(["buyer", "seller"])].groupby(["product_name", "order_id"])
    units, marked = lost["units"].sum().reindex(ordered.index), lost["whole_order"].any().reindex(ordered.index)
    # Some files count the units of an order cancelled in full too low; they say that it was the whole order.
    whole = ((units.fillna(0) >= ordered) | marked.eq(True)).groupby("product_name").sum()
    counts = found.set_index("product")
    assert counts["denominator"].to_dict() == placed.to_dict()
    assert counts["numerator"].to_dict() == whole.to_dict()


def test_groups_of_time_stand_in_their_order_and_the_largest_group_first():
    found = rates_by(
        sample().orders, sample().items, sample().shop, AS_OF, ["category", "week"], None, ["order_cancellation_rate"]
    )
    totals = found.groupby("category", sort=False)["numerator"].sum()
    assert list(totals) == sorted(totals, reverse=True)
    for _, weeks in found.groupby("category"):
        assert list(weeks["week"]) == sorted(weeks["week"])


@pytest.mark.parametrize(
    ("by", "freq", "told"),
    [
        ("prodct", None, "did you mean 'product'"),
        (None, "weekly", "no frequency 'weekly'"),
        ("week", "D", "one of day, week, month at a time"),
        (["carrier", "regin"], None, "did you mean 'region'"),
    ],
)
def test_a_misspelt_dimension_is_answered_with_the_nearest(by, freq, told):
    with pytest.raises(SettingsError, match=told):
        dimensions_of(by, freq)


def test_late_dispatch_has_no_reason():
    study = sample("us-harbor-home")
    found = rates_by(study.orders, study.items, study.shop, study.as_of, ["reason"], 30)
    assert set(RATES) - set(found["metric"]) == {"late_dispatch_rate"}


def test_kept_reasons_are_counted_of_the_whole_and_groups_without_them_count_none():
    """Of four orders one is lost to stock, one to a price, and one is late; by hand 1 of 4, in W45 0 of 1."""
    orders = order_lines(
        line("A"), line("B"), line("C"), line("D", "Cup", "S2", created="2026-11-03 10:00:00"),
    )  # fmt: skip
    items = affected_items(gone("A", reason="out_of_stock"), gone("B", reason="pricing_error"))
    rates = ["order_cancellation_rate", "late_dispatch_rate"]
    found = rates_by(orders, items, SHOP, AS_OF, ["product"], 30, rates, {"reason": ["out_of_stock"]})
    cancelled = found[found["metric"] == "order_cancellation_rate"].set_index("product")
    assert cancelled[["numerator", "denominator"]].to_numpy().tolist() == [[1, 3], [0, 1]]
    late = found[found["metric"] == "late_dispatch_rate"]
    assert late[["numerator", "denominator", "rate"]].isna().all(axis=None)
