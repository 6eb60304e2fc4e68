from datetime import date

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates import breakdown
from cancel_analysis.rates.grouped import rates_by
from tests.frames import affected_items, order_lines

ITEMS = affected_items(
    {"units": 3, "amount": 30.0},
    {
        "units": 1,
        "responsibility": "buyer",
        "reason": "no_longer_needed",
        "root_cause": "buyer_choice",
        "product_name": "Cup",
        "sku_id": "S2",
    },
    {"units": 2, "stage": "refund", "failed_delivery": True, "responsibility": "shipping", "reason": "delivery_failed"},
    {
        "units": 1,
        "stage": "refund",
        "refused": True,
        "failed_delivery": True,
        "responsibility": "buyer",
        "reason": "package_refused",
    },
    {"units": 4, "stage": "unpaid", "responsibility": "buyer", "reason": "buyer_unpaid"},
    {
        "units": 1,
        "responsibility": "seller",
        "responsibility_other": "buyer",
        "ambiguous": True,
        "reason": "not_shipped_on_time",
    },
)


def test_stages_always_lists_all_four_and_keeps_unpaid_outside_the_shares():
    frame = breakdown.stages(ITEMS, units_ordered=100).set_index("stage")
    assert frame["items"].to_dict() == {"unpaid": 4, "cancellation": 5, "refund": 3, "return_refund": 0}
    assert pd.isna(frame.loc["unpaid", "share"])
    assert frame.loc["cancellation", "share"] == pytest.approx(5 / 8)
    assert frame["share"].sum() == pytest.approx(1)
    assert frame.loc["unpaid", "share_of_ordered"] == pytest.approx(0.04)


def test_refund_kinds_counts_a_refused_parcel_once():
    frame = breakdown.refund_kinds(ITEMS).set_index("kind")
    assert frame["items"].to_dict() == {"failed_delivery": 2, "refused": 1, "other": 0}


def test_every_share_that_can_be_read_otherwise_is_a_range():
    """Ten units: three kinds of doubt, counted by hand."""
    items = affected_items(
        {"units": 3},
        {"units": 1, "responsibility_other": "buyer", "ambiguous": True},
        {"units": 2, "responsibility": "buyer", "reason": "no_longer_needed"},
        {"units": 1, "responsibility": "buyer", "responsibility_other": "seller", "ambiguous": True},
        {"units": 1, "responsibility": "unknown", "responsibility_other": "seller", "pending": True},
        {"units": 2, "responsibility": "unknown", "reason": "unknown"},
    )
    frame = breakdown.responsibility_by_stage(items).set_index("responsibility")
    # Certain are three; his own doubtful one, the buyer's, the carrier's open case and two unknown ones can be too.
    assert frame.loc["seller", ["items", "items_least", "items_most"]].tolist() == [4, 3, 8]
    assert frame.loc["seller", ["share_least", "share", "share_most"]].tolist() == pytest.approx([0.3, 0.4, 0.8])
    assert frame.loc["buyer", ["items", "items_least", "items_most"]].tolist() == [3, 2, 7]
    assert frame.loc["unknown", ["items", "items_least", "items_most"]].tolist() == [3, 0, 3]
    assert frame["items"].sum() == 10
    assert set(frame.index) == {"seller", "buyer", "unknown"}


def test_without_doubt_a_share_is_one_figure():
    frame = breakdown.responsibility_by_stage(ITEMS[~ITEMS["ambiguous"]])
    assert (frame["items_least"] == frame["items"]).all()
    assert (frame["items_most"] == frame["items"]).all()
    assert frame["items"].sum() == 11
    seller = (
        breakdown.responsibility_by_stage(ITEMS).set_index(["stage", "responsibility"]).loc[("cancellation", "seller")]
    )
    assert seller[["items", "items_least", "items_most"]].tolist() == [4, 3, 4]


def test_reasons_come_by_stage_most_first():
    frame = breakdown.reasons_by_stage(ITEMS)
    assert list(frame["stage"].drop_duplicates()) == ["unpaid", "cancellation", "refund"]
    assert frame[frame["stage"] == "cancellation"]["reason"].iloc[0] == "out_of_stock"


def test_products_have_their_ids_shares_and_rates():
    orders = order_lines(
        {"quantity": 10}, {"quantity": 5, "sku_id": "S2", "product_name": "Cup"}, {"quantity": 2, "sku_id": "S9"}
    )
    frame = breakdown.products_by_reason(orders, ITEMS)
    lamp = frame[(frame["reason"] == "out_of_stock")].iloc[0]
    assert (lamp["product"], lamp["items"], lamp["share"], lamp["units_ordered"]) == ("Lamp", 3, 1.0, 12)
    assert lamp["rate"] == pytest.approx(3 / 12)
    totals = breakdown.product_totals(orders, ITEMS).set_index("product")
    assert totals["items"].to_dict() == {"Lamp": 7, "Cup": 1}
    assert totals.loc["Lamp", "top_reason"] == "out_of_stock"


def test_one_of_one_does_not_lead_and_the_likely_rate_lies_between_its_own_and_all():
    sold = {"Rare": (1, 1), "Bad": (20, 1), "Large": (400, 12), **{f"P{n}": (100, n % 4) for n in range(20)}}
    each = [
        ({"order_id": f"{name} {unit}", "sku_id": name, "product_name": name}, unit < lost)
        for name, (units, lost) in sold.items()
        for unit in range(units)
    ]
    orders = order_lines(*(line for line, _ in each))
    items = affected_items(*(line for line, gone in each if gone))
    totals = breakdown.product_totals(orders, items).set_index("product")
    every = sum(lost for _, lost in sold.values()) / sum(units for units, _ in sold.values())
    assert totals.index[0] == "Large"
    assert totals.loc["Rare", "rate"] == 1.0
    for name in ("Rare", "Bad", "Large"):
        assert every < totals.loc[name, "likely_rate"] < totals.loc[name, "rate"]
        assert totals.loc[name, "likely_low"] < totals.loc[name, "rate"] <= totals.loc[name, "likely_high"]
    # One of one says less than twelve of four hundred.
    assert totals.loc["Rare", "likely_rate"] < 0.1
    ones = totals[totals["items"] == 1]["likely_rate"]
    assert list(ones) == sorted(ones, reverse=True)


def test_many_skus_of_a_product_are_shortened():
    items = affected_items(*({"sku_id": f"S{n}"} for n in range(6)))
    assert breakdown.product_totals(order_lines({}), items)["sku_ids"].iloc[0] == "S0, S1, S2 +3"


def test_the_linked_cube_keeps_every_item_however_many_products():
    items = affected_items(*({"product_name": f"P{n:03d}", "sku_id": f"S{n}", "units": n + 1} for n in range(120)))
    cube = breakdown.linked(items, date(2026, 11, 15), most_products=40)
    assert cube["items"].sum() == items["units"].sum() == sum(range(1, 121))
    assert cube["product"].nunique() == 41


def test_a_period_is_counted_in_the_shops_own_days():
    orders = order_lines(
        {"created_at": "2026-11-01 23:59:59"},
        {"created_at": "2026-11-02 00:00:00"},
        {"created_at": "2026-11-08 23:59:59"},
    )
    assert len(breakdown.within(orders, "created_at", date(2026, 11, 8), 7)) == 2


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Sao_Paulo", date(2016, 10, 16)),  # begins at 1:00
        ("America/Havana", date(2018, 11, 4)),  # midnight comes twice
        ("Asia/Beirut", date(2024, 3, 31)),
        ("Asia/Jakarta", date(2024, 3, 31)),
    ],
)
def test_a_day_is_that_of_the_clock_also_where_midnight_is_skipped_or_comes_twice(zone, day):
    times = pd.date_range(day - pd.Timedelta(days=2), periods=500, freq="15min", tz="UTC").tz_convert(zone)
    inside = breakdown.within(pd.DataFrame({"at": times}), "at", day, 1)
    assert inside["at"].tolist() == [time for time in times if time.date() == day]


def test_nothing_lost_gives_empty_frames_and_no_share():
    none = ITEMS.iloc[:0]
    assert breakdown.stages(none, 10)["share"].isna().all()
    for frame in (
        breakdown.responsibility_by_stage(none),
        breakdown.reasons_by_stage(none),
        breakdown.linked(none, date(2026, 11, 15)),
        breakdown.products_by_reason(order_lines({}), none),
        breakdown.product_totals(order_lines({}), none),
    ):
        assert frame.empty


def test_the_linked_cube_knows_the_shortest_period_an_order_belongs_to():
    items = affected_items(
        {"order_created_at": "2026-11-15 23:00:00"},
        {"order_created_at": "2026-11-09 00:00:00"},
        {"order_created_at": "2026-11-08 23:59:00"},
        {"order_created_at": "2026-10-31 00:00:00"},
        {"order_created_at": "2026-08-01 00:00:00"},
    )
    cube = breakdown.linked(items, date(2026, 11, 15))
    assert cube.groupby("days")["items"].sum().to_dict() == {7: 2, 15: 1, 30: 2}


def test_unknown_reasons_are_counted_in_the_items_given():
    items = affected_items(
        *({"order_id": f"O{number}", "reason": "unknown", "reason_text": "Strike"} for number in range(3)),
        {"order_id": "O3", "reason": "unknown", "reason_text": "my door is broken", "units": 2},
        {"order_id": "O4", "reason": "unknown", "reason_text": None},
        {},
    )
    # What one order alone says can be what a buyer typed.
    assert breakdown.unknown_reasons(items).to_dict("records") == [
        {"stage": "cancellation", "text": "Strike", "items": 3},
        {"stage": "cancellation", "text": "text not shown", "items": 2},
        {"stage": "cancellation", "text": "", "items": 1},
    ]


def test_items_without_any_reason_are_told_from_those_with_an_unknown_one():
    items = affected_items(
        {"order_id": "O1", "reason": "unknown", "reason_text": "Strike"},
        {"order_id": "O2", "reason": "unknown", "reason_text": " ", "units": 2},
        {"order_id": "O3", "reason": "unknown", "reason_text": None},
        {"order_id": "O4", "reason": "unknown", "reason_text": None, "stage": "unpaid"},
        {"reason_text": None},
    )
    assert breakdown.reasonless(items) == 3


def test_items_of_one_order_are_one_case_as_in_the_rates_in_groups():
    """Of 100 orders one of 180 units is lost whole: 180 of 279 units, and nobody knows the rate to a few points."""
    each = [
        {"order_id": f"{number}", "sku_id": "S1", "product_name": "Box", "quantity": 180 if number == 0 else 1}
        for number in range(100)
    ]
    orders = order_lines(*each)
    items = affected_items(
        {**{k: v for k, v in each[0].items() if k != "quantity"}, "units": 180, "reason": "not_paid"}
    )
    box = breakdown.product_totals(orders, items).iloc[0]
    assert (box["items"], box["units_ordered"], box["largest_order_items"], box["orders_lost"]) == (180, 279, 180, 1)
    grouped = rates_by(orders, items, make_shop({"id": "shop", "market": "TH"}), date(2026, 11, 15), ["product"], 30)
    other = grouped[grouped["metric"] == "cancelled_item_rate"].iloc[0]
    assert (box["likely_low"], box["likely_high"]) == pytest.approx((other["low"], other["high"]))
    assert box["likely_high"] - box["likely_low"] > 0.5


def test_days_in_a_hole_between_files_are_not_covered():
    spans = (("2026-01-01", "2026-02-01"), ("2026-04-01", "2026-04-21"))
    created = pd.Series(np.concatenate([np.arange(*span, dtype="datetime64[D]") for span in spans]))
    # By hand: 20 days of April, none of February and March, 31 of January.
    assert breakdown.days_covered(created, date(2026, 4, 20), 30) == 20
    assert breakdown.days_covered(created, date(2026, 4, 20), 100) == 20 + 21
    assert breakdown.days_covered(created, date(2026, 4, 20), 365) == 51
    assert breakdown.days_covered(created, date(2026, 2, 10), 20) == 10
    assert breakdown.days_covered(created.head(0), date(2026, 2, 10), 20) == 20
