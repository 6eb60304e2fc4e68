"""A cube as arrays holds what its frame holds; windows sum what a plain slice sums, also past both ends."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from cancel_analysis.catalog.rates import MEASURES
from cancel_analysis.rates.sums import DailySums, WindowSums


def cube(days: int = 12) -> pd.DataFrame:
    generator = np.random.default_rng(3)
    dates = pd.date_range("2026-11-01", periods=days, unit="us")
    parts = [
        pd.DataFrame({"basis": basis, "date": dates, **{name: generator.integers(0, 9, days) for name in MEASURES}})
        for basis in ("created", "event")
    ]
    return pd.concat(parts, ignore_index=True)


def test_arrays_hold_what_the_frame_holds():
    frame = cube()
    sums = DailySums.of(frame)
    for basis in ("created", "event"):
        for name in MEASURES:
            assert sums(name, basis).tolist() == frame.loc[frame["basis"] == basis, name].tolist()
    assert DailySums.of(sums) is sums
    assert "no_such" not in sums


def test_windows_sum_their_days_and_no_others():
    frame = cube()
    ends = np.array(["2026-10-30", "2026-11-03", "2026-11-12", "2026-11-20"], dtype="datetime64[us]")
    found = WindowSums(DailySums.of(frame), "created", 7, ends)
    own = frame[frame["basis"] == "created"].set_index("date")["orders_paid"]
    expected = [own.loc[pd.Timestamp(end) - pd.Timedelta(days=6) : pd.Timestamp(end)].sum() for end in ends]
    assert found("orders_paid").tolist() == expected
    assert found.days.tolist() == [0, 3, 7, 0]


def test_what_is_taken_off_is_gone_from_its_day_alone():
    sums = DailySums.of(cube())
    days = np.array([date(2026, 11, 2), date(2026, 11, 2), date(2026, 12, 24), None], dtype="datetime64[us]")
    less = sums.less("created", "orders_paid", days, np.array([1, 2, 5, 7]))
    gone = sums("orders_paid") - less("orders_paid")
    assert gone.tolist() == [0, 3, *[0] * 10]
    assert less("orders_placed").tolist() == sums("orders_placed").tolist()
