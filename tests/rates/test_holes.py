from datetime import date

import numpy as np
import pandas as pd

from cancel_analysis.rates.cube import rolling
from cancel_analysis.rates.holes import find_holes


def days(*spans, step=1):
    """Days of orders in spans of (first, last), each `step` days."""
    return pd.Series(np.concatenate([np.arange(a, b, step, dtype="datetime64[D]") for a, b in spans]))


def test_months_between_files_are_a_hole_and_a_quiet_week_is_none():
    placed = days(("2024-04-01", "2024-05-01"), ("2025-08-01", "2025-08-10"), ("2025-08-18", "2025-09-01"))
    assert find_holes(placed) == ((date(2024, 5, 1), date(2025, 7, 31)),)
    assert find_holes(placed.dt.tz_localize("Asia/Jakarta")) == find_holes(placed)


def test_a_shop_with_few_orders_has_its_own_pauses():
    assert find_holes(days(("2024-01-01", "2025-01-01"), step=16)) == ()
    assert find_holes(days(("2024-01-01", "2024-01-02"))) == ()


def test_a_window_across_a_hole_is_not_filled():
    placed = days(("2026-01-01", "2026-02-01"), ("2026-04-01", "2026-05-01"))
    dates = pd.date_range("2026-01-01", "2026-04-30")
    orders = dates.isin(placed).astype(int) * 10
    cube = pd.DataFrame(
        {"basis": np.repeat(["created", "event"], len(dates)), "date": np.tile(dates, 2).astype("datetime64[us]")}
    )
    cube["orders_placed"] = np.tile(orders, 2)
    for name in ("orders_cancelled", "orders_cancelled_by_buyer_or_seller"):
        cube[name] = 0
    found = rolling(cube, "total_cancellation_rate", 30).set_index("date")["days"]
    # By hand: 31 days of January, none of February and March, 30 of April.
    assert found["2026-01-31"] == 30
    assert found["2026-02-10"] == 20
    assert found["2026-03-20"] == 0
    assert found["2026-04-10"] == 10
    assert found["2026-04-30"] == 30
