"""The first and the last day on which the parcels of each delivered order came."""

from datetime import date

from cancel_analysis.rates.deliveries import deliveries
from tests.frames import affected_items, order_lines
from tests.rates.test_cube import facts_of


def test_an_order_in_two_parcels_has_a_first_and_a_last_day():
    sent = {"status": "completed", "created_at": "2026-11-01 10:00", "paid_at": "2026-11-01 10:00"}
    sent |= {"rts_at": "2026-11-01 12:00", "shipped_at": "2026-11-02 10:00"}
    orders = order_lines(
        {**sent, "order_id": "A", "line_no": 1, "delivered_at": "2026-11-05 23:59"},
        {**sent, "order_id": "A", "line_no": 2, "delivered_at": "2026-11-07 00:00"},
        {**sent, "order_id": "B", "delivered_at": "2026-11-06 08:00"},
        {**sent, "order_id": "C", "status": "shipped"},
    )
    found = deliveries(orders, facts_of(orders, affected_items({"order_id": "none"})))
    days = dict(zip(found.ids, zip(found.first.tolist(), found.last.tolist(), strict=True), strict=True))
    assert days == {
        "A": (date(2026, 11, 5), date(2026, 11, 7)),
        "B": (date(2026, 11, 6), date(2026, 11, 6)),
    }
    assert found.places(orders["order_id"]).tolist()[-1] == -1
