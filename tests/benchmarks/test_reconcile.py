"""A figure counted under a planted definition is found again, with the orders that make the difference."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.benchmarks.reconcile import CHOICES, reconcile
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError
from cancel_analysis.rates.order_facts import describe_orders
from tests.frames import order_lines

ON = date(2026, 11, 15)
SHOP = make_shop({"id": "shop", "market": "TH"})
METRIC = "seller_fault_cancellation_rate"


def made(days: int = 40, each: int = 12) -> pd.DataFrame:
    """Orders every two hours from midnight on; by chance unpaid, or out of stock two days later."""
    rows, generator = [], np.random.default_rng(7)
    for day in range(days):
        for number in range(each):
            index = day * each + number
            placed = pd.Timestamp(ON - timedelta(days=day)) + pd.Timedelta(hours=2 * number, minutes=5)
            gone = placed + pd.Timedelta(days=2)
            row = {"order_id": f"5{index:015d}", "created_at": str(placed), "paid_at": str(placed)}
            chance = generator.random()
            if chance < 0.14:
                row |= {"paid_at": None, "status": "unpaid"}
            elif chance < 0.25:
                row |= {
                    "status": "cancelled", "quantity_affected": 1, "cancelled_at": str(gone), "cancelled_by": "seller",
                    "cancel_reason_text": "Out of stock",
                }  # fmt: skip
            rows.append(row)
    return order_lines(*rows)


def pieces(orders: pd.DataFrame):
    items = attribute(orders, None, SHOP).items
    facts = describe_orders(orders, items, SHOP, ON)
    return facts, orders, items


def found_for(shown: str, orders: pd.DataFrame, **asked):
    return reconcile(*pieces(orders), SHOP, metric=METRIC, shown=shown, on=ON, **asked)


def counted(orders: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, paid_only: bool = True) -> tuple[int, int]:
    """By hand: orders placed from `first` to before `last`, and how many of them are cancelled before `last`."""
    placed = orders["created_at"].dt.tz_localize(None)
    window = orders[(placed >= first) & (placed < last)]
    below = window[window["paid_at"].notna()] if paid_only else window
    gone = window["cancelled_at"].dt.tz_localize(None) < last
    return int(gone.sum()), len(below)


def percent(counts: tuple[int, int]) -> str:
    return f"{100 * counts[0] / counts[1]:.2f}"


END = pd.Timestamp(ON) + pd.Timedelta(days=1)


def test_the_reports_own_definition_is_found_first():
    orders = made()
    found = found_for(percent(counted(orders, END - pd.Timedelta(days=30), END)), orders)
    assert found.agrees
    assert found.readings["differs_in"].iloc[0] == ""
    assert (found.own["numerator"], found.own["denominator_count"]) == counted(orders, END - pd.Timedelta(days=30), END)


@pytest.mark.parametrize(
    ("planted", "days", "paid_only", "end"),
    [
        ({"window": 7}, 7, True, END),
        ({"denominator": "orders_placed"}, 30, False, END),
        ({"days_back": 1}, 30, True, END - pd.Timedelta(days=1)),
        ({"window": 15, "denominator": "orders_placed"}, 15, False, END),
        # Seven hours ahead of UTC, days end at 11:00 there and at 07:00 in UTC.
        ({"clock": "platform"}, 30, True, END + pd.Timedelta(hours=11)),
    ],
)
def test_a_planted_definition_is_found(planted, days, paid_only, end):
    orders = made()
    if planted.get("clock"):
        # What is known of this night is known: the files reach further than the day.
        counts = counted(orders, end - pd.Timedelta(days=days), end, paid_only)
        assert counts != counted(orders, END - pd.Timedelta(days=days), END, paid_only)
    counts = counted(orders, end - pd.Timedelta(days=days), end, paid_only)
    found = found_for(percent(counts), orders)
    assert not found.agrees
    want = {"metric": METRIC, "window": 30, "denominator": "orders_paid", "basis": "created", "clock": "shop",
            "reading": "main", "fulfilment": "all", "days_back": 0} | planted  # fmt: skip
    same = (found.readings[list(CHOICES)].astype("str") == pd.Series(want).astype("str")).all(axis=1)
    assert same.any(), found.readings[["differs_in", "numerator", "denominator_count"]]
    row = found.readings[same].iloc[0]
    assert (row["numerator"], row["denominator_count"]) == counts
    # The orders named make the step from the report's own counts to these.
    mine = found.orders[found.orders["number"] == same.idxmax()]
    step = {"more": 1, "less": -1}
    for where, own, there in (("above", "numerator", counts[0]), ("below", "denominator_count", counts[1])):
        moved = mine[mine["where"] == where]["change"].map(step).astype("int64").sum()
        assert found.own[own] + moved == there
        assert len(mine[mine["where"] == where]) == row[where]


def test_event_dates_count_the_cancellations_of_the_days():
    orders = made()
    first = END - pd.Timedelta(days=30)
    gone = orders["cancelled_at"].dt.tz_localize(None)
    count = int(((gone >= first) & (gone < END)).sum())
    paid = orders["paid_at"].dt.tz_localize(None)
    total = int(((paid >= first) & (paid < END)).sum())
    found = found_for(percent((count, total)), orders)
    assert "basis" in ", ".join(found.readings["differs_in"]) or found.agrees


def test_what_no_definition_gives_is_said():
    found = found_for("61.7", made())
    assert found.readings.empty
    assert found.orders.empty
    assert found.tried > 500


def test_files_that_end_early_are_no_ground_for_a_fit():
    found = found_for("11.1", made(), covered_until=ON - timedelta(days=3))
    assert found.ends_early
    assert found.readings.empty
    assert found.tried == 0


def test_rounding_is_that_of_the_text():
    orders = made()
    count, total = counted(orders, END - pd.Timedelta(days=30), END)
    assert found_for(f"{100 * count / total:.0f}", orders).agrees
    assert not found_for(f"{100 * count / total + 0.1:.2f}", orders).agrees


@pytest.mark.parametrize("shown", ["", "five", "-1", "140", "5,4,3", "nan"])
def test_a_figure_that_is_no_percentage_is_refused(shown):
    with pytest.raises(SettingsError, match="percentage"):
        found_for(shown, made(days=8))


def test_a_rate_that_is_none_is_answered_with_the_nearest():
    with pytest.raises(SettingsError, match="seller_fault_cancellation_rate"):
        reconcile(*pieces(made(days=8)), SHOP, metric="seller_fault_cancelation_rate", shown="5", on=ON)


def test_without_times_of_cancellation_no_reading_counts_by_them():
    orders = made()
    dated = found_for("7", orders)
    undated = found_for(
        "7", orders.assign(cancelled_at=pd.Series(pd.NaT, index=orders.index, dtype="datetime64[us, UTC]"))
    )
    assert 0 < undated.tried < dated.tried
    assert "event" not in set(undated.readings["basis"])
