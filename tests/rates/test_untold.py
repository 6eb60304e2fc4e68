"""What the files cannot tell is told apart from what is not there."""

from __future__ import annotations

from datetime import date

import pytest

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates.cube import daily
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.rates.untold import unnamed
from tests.frames import affected_items, order_lines

LAST = date(2026, 11, 15)


@pytest.mark.parametrize(("by", "named"), [("unknown", False), ("seller", True)])
def test_parts_of_orders_that_nobody_is_named_for_leave_a_rate_unknown(by: str, named: bool) -> None:
    # No order is cancelled whole; of four a part is.
    lines = [
        {"order_id": str(number), "sku_id": sku, "paid_at": "2026-11-10 09:05:00", "created_at": "2026-11-10 09:00:00"}
        for number in range(60)
        for sku in ("S1", "S2")
    ]
    items = [
        {"order_id": str(number), "sku_id": "S1", "initiator": by, "whole_order": False,
         "order_created_at": "2026-11-10 09:00:00", "event_at": "2026-11-11 09:00:00"}
        for number in range(4)
    ]  # fmt: skip
    facts = describe_orders(order_lines(*lines), affected_items(*items), make_shop({"id": "a", "market": "TH"}), LAST)
    assert facts["partly_cancelled"].sum() == 4
    assert facts["cancelled"].sum() == 0
    assert unnamed(daily(facts, affected_items(*items), LAST)) is not named
