"""Cancellations a day over all shops: counted by hand, beside what is usual, and only where it is known."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.pages.brief import shop_brief
from cancel_analysis.pages.brief_days import DRAWN_DAYS, USUAL_DAYS, days_of, days_together, usual_of
from cancel_analysis.pages.brief_figures import RATES
from tests.pages.test_brief import DAY, YESTERDAY, order, study_of


def days(first, counts, placed=10, fault=0.0):
    """A shop's days from `first`, so many cancelled on each."""
    dates = pd.date_range(first, periods=len(counts))
    return pd.DataFrame({"date": dates, "cancelled": counts, "placed": placed, "fault": fault, "paid": placed})


def test_a_day_counts_what_was_cancelled_and_placed_on_it():
    found = days_of(study_of(*YESTERDAY), DAY).set_index("date")
    assert found.index.tolist() == list(pd.date_range("2026-11-10", "2026-11-15")), "since the first order"
    last = found.loc["2026-11-15"]
    assert last[["cancelled", "placed", "fault", "paid"]].tolist() == [3, 7, 2, 6]
    assert found.loc["2026-11-14", ["cancelled", "placed"]].tolist() == [1, 1]
    assert found.loc["2026-11-12", ["cancelled", "placed"]].tolist() == [0, 0]


def test_the_usual_of_the_last_day_is_that_of_the_table():
    rows = [order(n, f"2026-11-{n % 14 + 1:02d} 09:00:00", f"2026-11-{n % 14 + 1:02d} 12:00:00") for n in range(3)]
    rows += [order(n, f"2026-11-{n % 14 + 1:02d} 09:00:00") for n in range(10, 60)]
    study = study_of(*rows, *YESTERDAY)
    figure = shop_brief(study, DAY).figure(RATES[0])
    last = usual_of(days_of(study, DAY)).iloc[-1]
    assert last["usual_cancelled"] == pytest.approx(figure["usual"] * figure["denominator"])


def test_shops_add_up_and_one_that_is_not_known_on_each_day_is_left_out():
    begins = DAY - timedelta(days=DRAWN_DAYS + USUAL_DAYS - 1)
    long = days(begins, [1] * (DRAWN_DAYS + USUAL_DAYS))
    other = days(begins, [2] * (DRAWN_DAYS + USUAL_DAYS), fault=np.nan)
    young = days(DAY - timedelta(days=9), [5] * 10)
    found = days_together([("Long", long), ("Other", other), ("Young", young)], DAY)
    assert (found.shops, found.out, found.nameless) == (2, ("Young",), ("Other",))
    assert len(found.frame) == DRAWN_DAYS
    assert found.frame["date"].iloc[-1].date() == DAY
    assert found.frame["cancelled"].eq(3).all()
    # 1 and 2 of 10 orders on each day before, and 10 orders of the day.
    assert found.frame["usual_cancelled"].to_numpy() == pytest.approx(3.0)
    assert found.frame["fault"].eq(0).all(), "of the shop that names who cancelled"


def test_where_nobody_is_named_the_sellers_fault_is_not_known():
    begins = DAY - timedelta(days=DRAWN_DAYS + USUAL_DAYS - 1)
    only = days(begins, [2] * (DRAWN_DAYS + USUAL_DAYS), fault=np.nan)
    found = days_together([("Only", only)], DAY)
    assert found.frame["cancelled"].eq(2).all()
    assert found.frame[["fault", "usual_fault"]].isna().all(axis=None)


def test_without_shops_nothing_is_drawn():
    assert days_together([], date(2026, 11, 15)).shops == 0
