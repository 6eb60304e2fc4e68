"""What a few planted losses must cost, counted by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.catalog.shops import COSTS, make_shop
from cancel_analysis.diagnosis.costs import CHARGE_LINES, LINES, count_costs
from cancel_analysis.errors import SettingsError
from tests.frames import affected_items, order_lines, returns

AS_OF = date(2026, 11, 15)
ITEMS = [
    {"order_id": "1", "sku_id": "S1", "units": 2, "amount": 40.0, "root_cause": "stock"},
    {"order_id": "1", "sku_id": "S2", "units": 1, "amount": 10.0, "root_cause": "stock", "product_name": "Cup"},
    {"order_id": "2", "units": 1, "amount": 20.0, "root_cause": "buyer_choice", "initiator": "buyer",
     "responsibility": "buyer"},
    {"order_id": "3", "units": 1, "amount": 30.0, "root_cause": "carrier", "stage": "refund", "initiator": "system",
     "responsibility": "shipping"},
    {"order_id": "4", "units": 1, "amount": 15.0, "root_cause": "listing", "stage": "return_refund", "return_id": "R1",
     "initiator": "buyer"},
    {"order_id": "5", "units": 3, "amount": 99.0, "root_cause": "payment", "stage": "unpaid", "initiator": "system"},
]  # fmt: skip
RETURNED = {"order_id": "4", "return_id": "R1"}


def shop(**costs):
    return make_shop({"id": "shop", "market": "TH", **({"costs": costs} if costs else {})})


def counted(items=None, sent_back=None, settings=None, **options):
    lines = order_lines({"line_amount": 100.0, "created_at": "2026-11-12 10:00:00"})
    back = returns(*(sent_back or [RETURNED]))
    return count_costs(lines, affected_items(*(items or ITEMS)), back, shop=settings or shop(), as_of=AS_OF, **options)


def line(found, name):
    return found.lines.set_index("line").loc[name]


def test_each_line_is_that_counted_by_hand():
    found = counted(settings=shop(commission=0.05, label_fee=4.0, return_freight=6.0))
    amounts = found.lines.set_index("line")["amount"].to_dict()
    # 40 + 10 + 20 + 30 never came in, 15 went back; the order never paid costs nothing.
    assert amounts == {
        "lost_sales": 100.0,
        "refunds": 15.0,
        "commission": pytest.approx(5.0),
        # One order that the seller cancelled, though two of its lines.
        "label_fee": pytest.approx(4.0),
        "return_freight": 6.0,
    }
    assert found.value == 115
    assert found.charges == pytest.approx(15)
    assert found.total == pytest.approx(130)
    assert found.not_known == ()
    assert found.currency == "THB"


def test_what_is_not_known_is_left_out_of_the_sum_and_named():
    found = counted()
    assert found.not_known == ("commission", "label_fee", "return_freight")
    assert found.lines.loc[~found.lines["known"], "amount"].isna().all()
    assert found.total == found.value == 115
    assert found.by_cause[list(CHARGE_LINES)].isna().all().all()
    assert line(found, "commission")["confidence"] == "unverified"


def test_a_charge_that_nothing_bears_is_known_to_be_none():
    buyers = [ITEMS[2]]
    found = counted(buyers)
    assert found.not_known == ("commission",)
    assert line(found, "label_fee")["amount"] == 0
    assert line(found, "return_freight")["amount"] == 0


def test_costs_by_cause_and_product_add_up_to_the_lines():
    found = counted(settings=shop(commission=0.05, label_fee=4.0, return_freight=6.0))
    stock = found.by_cause.set_index("root_cause").loc["stock"]
    assert stock[["units", "orders", "lost_sales"]].tolist() == [3, 1, 50]
    assert stock["label_fee"] == pytest.approx(4)
    products = found.by_product.set_index("product")
    # Two of the three cancelled units are lamps: two thirds of the label.
    assert products.loc["Cup", "label_fee"] == pytest.approx(4 / 3)
    for table in (found.by_cause, found.by_product):
        assert table["total"].sum() == pytest.approx(found.total)
        assert table["total"].is_monotonic_decreasing


def test_return_freight_comes_from_the_files_where_they_say_it():
    items = [ITEMS[4], {**ITEMS[4], "order_id": "6", "return_id": "R2", "root_cause": "quality"}]
    back = [RETURNED, {"order_id": "6", "return_id": "R2"}]
    table = returns(*back).assign(return_freight=[7.5, float("nan")])
    lines, lost = order_lines({}), affected_items(*items)
    only_file = count_costs(lines, lost, table, shop=shop(), as_of=AS_OF)
    assert line(only_file, "return_freight")["amount"] == 7.5
    assert (only_file.parcels, only_file.parcels_known) == (2, 1)
    with_fee = count_costs(lines, lost, table, shop=shop(return_freight=3.0), as_of=AS_OF)
    assert line(with_fee, "return_freight")["amount"] == 10.5
    assert with_fee.by_cause.set_index("root_cause")["return_freight"].to_dict() == {"listing": 7.5, "quality": 3.0}


def test_goods_that_never_came_back_have_no_freight():
    refund_only = [{**RETURNED, "return_type": "refund_only"}]
    found = counted([ITEMS[4]], refund_only, settings=shop(return_freight=6.0))
    assert line(found, "return_freight")["amount"] == 0
    without_returns = count_costs(order_lines({}), affected_items(ITEMS[0]), None, shop=shop(), as_of=AS_OF)
    assert line(without_returns, "return_freight")["amount"] == 0


def test_return_freight_is_not_known_where_only_the_order_export_marks_returns():
    marked = affected_items({**ITEMS[0], "stage": "return_refund", "return_id": None})
    found = count_costs(order_lines({}), marked, None, shop=shop(return_freight=6.0), as_of=AS_OF)
    assert "return_freight" in found.not_known
    assert pd.isna(line(found, "return_freight")["amount"])
    assert found.parcels == 0


def test_without_a_word_of_returns_nothing_paid_for_them_is_not_known_and_not_0():
    lost = [item for item in ITEMS if item.get("stage") != "return_refund"]
    found = counted(lost, settings=shop(commission=0.05, label_fee=4.0, return_freight=6.0), returns_known=False)
    for name in ("refunds", "return_freight"):
        assert pd.isna(line(found, name)["amount"]), name
        assert not line(found, name)["known"], name
        assert found.by_cause[name].isna().all(), name
    # By hand: 40 + 10 + 20 + 30 never came in; what was lost by cancelling is known all the same.
    assert (found.value_known, found.value) == (True, 100.0)
    assert found.by_cause["total"].notna().all()


def test_two_lines_of_one_parcel_pay_its_freight_once():
    items = [ITEMS[4], {**ITEMS[4], "sku_id": "S2", "units": 2}]
    back = [RETURNED, {**RETURNED, "sku_id": "S2"}]
    found = counted(items, back, settings=shop(return_freight=6.0))
    assert line(found, "return_freight")["amount"] == pytest.approx(6.0)
    assert found.items["return_freight"].tolist() == pytest.approx([2.0, 4.0])


def test_another_currency_is_left_out_and_counted():
    found = counted([*ITEMS, {"order_id": "9", "units": 4, "amount": 1000.0, "currency": "USD"}])
    assert found.value == 115
    assert found.other_currency == 4
    assert counted([{"order_id": "9", "currency": "USD"}]).items.empty


def test_the_traffic_effect_is_beside_the_sums():
    found = counted(over_limit=True)
    assert (found.traffic.weekly_sales, found.traffic.share, found.traffic.over_limit) == (100.0, 0.183, True)
    assert found.traffic.amount == pytest.approx(18.3)
    assert found.traffic.confidence == "unverified"
    assert found.total == 115
    own = counted(settings=shop(traffic_loss=0.1)).traffic
    assert (own.share, own.origin) == (0.1, "setting")


def test_only_orders_of_the_period_cost():
    old = {**ITEMS[0], "order_id": "8", "order_created_at": "2026-10-01 10:00:00"}
    assert counted([*ITEMS, old]).value == 115
    assert counted([*ITEMS, old], period_days=7).value == 0


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("costs: 0.06", "must give a number"),
        ("costs: {comission: 0.06}", "'comission'"),
        ("costs: {commission: 6}", "from 0 to 1"),
        ("costs: {label_fee: -1}", "costs.label_fee"),
        ("costs: {commission: true}", "costs.commission"),
        ("costs: {label_fee: .nan}", "costs.label_fee"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_may_be(setting, told):
    import yaml

    with pytest.raises(SettingsError) as error:
        make_shop({"id": "shop", "market": "TH", **yaml.safe_load(setting)})
    assert told in str(error.value)
    assert "write it like" in str(error.value)


def test_every_setting_of_costs_is_used():
    plain = counted(over_limit=True)
    for name in COSTS:
        changed = counted(settings=shop(**{name: 0.5}), over_limit=True)
        assert (changed.total, changed.traffic.amount) != (plain.total, plain.traffic.amount)


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["unpaid", "cancellation", "refund", "return_refund"]),
            st.sampled_from(["stock", "carrier", "listing"]),
            st.sampled_from(["seller", "buyer", "system"]),
            st.integers(1, 5),
            st.floats(-20, 500),
            st.integers(1, 4),
        ),
        min_size=1,
        max_size=12,
    ),
    st.floats(0, 1),
    st.floats(0, 50),
)
def test_no_cost_is_negative_and_every_table_adds_up(rows, commission, fee):
    items = [
        {"order_id": f"O{order}", "line_no": number, "stage": stage, "root_cause": cause, "initiator": initiator,
         "units": units, "amount": amount, "return_id": f"R{order}" if stage == "return_refund" else None}
        for number, (stage, cause, initiator, units, amount, order) in enumerate(rows)
    ]  # fmt: skip
    back = [{"order_id": f"O{order}", "return_id": f"R{order}"} for order in range(1, 5)]
    found = counted(items, back, settings=shop(commission=commission, label_fee=fee, return_freight=fee))
    assert (found.items[list(LINES)] >= 0).all().all()
    assert found.lines["amount"].sum() == pytest.approx(found.total)
    assert found.by_cause["total"].sum() == pytest.approx(found.total)
    assert found.by_product["total"].sum() == pytest.approx(found.total)
    own = {
        row["order_id"] for row in items if row["initiator"] == "seller" and row["stage"] in ("cancellation", "refund")
    }
    assert line(found, "label_fee")["amount"] == pytest.approx(fee * len(own))
