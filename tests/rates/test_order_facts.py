"""The facts of orders against one SQL query over the same tables: any tables, consistent or not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from cancel_analysis import tables
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.tables import AFFECTED_ITEMS, ORDER_LINES, TRACKING_EVENTS, check, empty
from tests.frames import affected_items, order_lines
from tests.rates.order_facts_in_sql import in_sql

US = make_shop({"id": "shop", "market": "US"})
UK = make_shop({"id": "shop", "market": "GB"})
TH = make_shop({"id": "shop", "market": "TH"})
LAST = date(2026, 11, 15)


def any_tables(seed: int, zone: str, currency: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Order lines and affected items of which nothing need fit anything: times in any order, blanks wherever a table
    may have one, more units lost than ordered, items of orders that are not there."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-09-20", tz=zone)

    def perhaps(value: Any, share: float = 0.6) -> Any:
        return value if rng.random() < share else None

    def moment() -> pd.Timestamp:
        # Few hours, so that times are often equal.
        return start + pd.Timedelta(hours=int(rng.integers(0, 24 * 70)) // 5 * 5)

    def one_of(values: tuple[str, ...]) -> str:
        return str(rng.choice(values))

    lines, items = [], []
    for number in range(300):
        created = perhaps(moment(), 0.95)
        for sku in range(int(rng.integers(1, 4))):
            keys = {"order_id": f"O{number:03d}", "sku_id": f"S{sku}", "line_no": 1}
            times = {name: perhaps(moment()) for name in ("paid_at", "rts_at", "shipped_at", "delivered_at")}
            money = {"line_amount": perhaps(float(rng.integers(0, 900)) / 8), "currency": one_of((currency, "EUR"))}
            states = {"status": one_of(tables.STATUSES), "substatus": perhaps(one_of(tables.SUBSTATUSES), 0.3)}
            more = {"is_cod": bool(rng.random() < 0.2), "cancelled_at": perhaps(moment(), 0.3)}
            more |= {"fulfillment_type": perhaps(one_of(("Fulfillment by seller", "Fulfillment by TikTok")))}
            more |= {"quantity": int(rng.integers(0, 4)), "created_at": created, "tracking_id": f"T{number}"}
            lines.append(keys | times | money | states | more)
    for _ in range(400):
        lost: dict[str, Any] = {
            "order_id": f"O{int(rng.integers(0, 320)):03d}",
            "sku_id": f"S{int(rng.integers(0, 4))}",
        }
        lost |= {"line_no": 1, "return_id": perhaps("R1", 0.3), "units": int(rng.integers(0, 4))}
        lost |= {"amount": perhaps(float(rng.integers(0, 900)) / 8), "currency": one_of((currency, "EUR"))}
        lost |= {name: bool(rng.random() < 0.3) for name in ("failed_delivery", "refused", "in_transit", "whole_order")}
        lost |= {name: bool(rng.random() < 0.3) for name in ("ambiguous", "pending")}
        lost |= {"stage": one_of(tables.STAGES), "initiator": one_of(tables.INITIATORS)}
        lost |= {"root_cause": one_of(("late_dispatch", "stock", "other"))}
        lost |= {name: one_of(tables.RESPONSIBILITIES) for name in ("responsibility", "responsibility_other")}
        lost |= {"reason": one_of(("unknown", "package_lost", "out_of_stock")), "event_at": perhaps(moment(), 0.9)}
        items.append(lost | {"order_created_at": start})
    return order_lines(*lines, zone=zone), affected_items(*items, zone=zone)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shop", [US, UK, TH], ids=lambda shop: shop.market)
def test_facts_are_those_of_the_query(seed: int, shop: Any) -> None:
    orders, items = any_tables(seed, shop.timezone, shop.currency)
    check(orders, ORDER_LINES)
    check(items, AFFECTED_ITEMS)
    for days in (0, 9, 40, 100):
        as_of = LAST - timedelta(days=days)
        expected = in_sql(orders, items, shop, as_of)
        assert (len(expected) > 50) == (days < 100)
        found = describe_orders(orders, items, shop, as_of)
        assert_frame_equal(found, expected, check_exact=True, check_like=True)


def test_the_carrier_s_scan_counts() -> None:
    orders, items = any_tables(7, US.timezone, US.currency)
    at = [pd.Timestamp("2026-10-20 08:00", tz=US.timezone) + pd.Timedelta(hours=7 * number) for number in range(60)]
    events = {"shop_id": "shop", "tracking_id": [f"T{5 * number}" for number in range(60)], "at": at}
    frame = pd.DataFrame(events).assign(step="in_transit", source_file="tracking.csv", source_row=range(2, 62))
    tracking = tables.conform(frame, TRACKING_EVENTS, US.timezone)
    found = describe_orders(orders, items, US, LAST, tracking)
    assert_frame_equal(found, in_sql(orders, items, US, LAST, tracking), check_exact=True, check_like=True)
    without = describe_orders(orders, items, US, LAST)
    assert (found["late_dispatch"] != without["late_dispatch"]).any()


def test_without_orders_or_losses_there_are_columns_and_no_rows() -> None:
    orders, _ = any_tables(0, US.timezone, US.currency)
    nothing = empty(ORDER_LINES, US.timezone), empty(AFFECTED_ITEMS, US.timezone)
    assert_frame_equal(
        describe_orders(*nothing, US, LAST), in_sql(*nothing, US, LAST), check_like=True, check_index_type=False
    )
    found = describe_orders(orders, nothing[1], US, LAST)
    assert_frame_equal(found, in_sql(orders, nothing[1], US, LAST), check_exact=True, check_like=True)
    assert not found["lost_by_cancelling"].any()
