"""The weeks beside a figure are the windows of its own limit, counted here one by one from the orders."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.benchmarks.recent import WEEKS, recent_weeks
from cancel_analysis.catalog.rates import BY_PLATFORM
from cancel_analysis.study.one_shop import open_study
from tests.studies import SAMPLE, opened


@pytest.mark.parametrize("shop", ["id-toko-gadget", "us-harbor-home"])
def test_each_week_is_the_rate_of_the_limits_own_window(shop):
    study = opened(shop)
    standing = next(one for one in study.judgement.standings if one.limit.metric == "seller_fault_cancellation_rate")
    found = recent_weeks(study.cube, study.facts, standing.limit.metric, study.shop, study.as_of, limit=standing.limit)
    assert len(found) == WEEKS
    assert found["rate"].iloc[-1] == pytest.approx(standing.rate)
    facts = study.facts
    days = pd.to_datetime(facts["created_date"]).dt.date
    paid = pd.to_datetime(facts["paid_date"])
    for row in found.to_dict("records"):
        end = row["date"].date()
        first = end - timedelta(days=standing.limit.window_days - 1)
        by_then = ~(paid > row["date"]) if standing.limit.denominator == "orders_paid" else True
        below = facts["paid"] if standing.limit.denominator == "orders_paid" else np.ones(len(facts), dtype=bool)
        if standing.limit.fbt_out[1]:
            below = below & ~facts[BY_PLATFORM]
        inside = (days >= first) & (days <= end) & below & by_then
        if first < days.min():
            assert np.isnan(row["rate"]) or end == study.as_of
            continue
        assert row["denominator"] == inside.sum()
        gone = facts["seller_fault"] & (pd.to_datetime(facts["cancelled_date"]) <= row["date"])
        assert row["rate"] == pytest.approx((gone & inside).sum() / inside.sum())


@pytest.mark.parametrize("shop", ["id-toko-gadget", "us-harbor-home"])
def test_a_week_is_what_a_report_of_that_week_says(shop):
    study = opened(shop)
    metric = "seller_fault_cancellation_rate"
    limit = next(one.limit for one in study.judgement.standings if one.limit.metric == metric)
    found = recent_weeks(study.cube, study.facts, metric, study.shop, study.as_of, limit=limit)
    earlier = open_study(SAMPLE, shop, as_of=str(study.as_of - timedelta(days=7)))
    then = next(one for one in earlier.judgement.standings if one.limit.id == limit.id)
    assert found["rate"].iloc[-2] == pytest.approx(then.rate)
    assert (found["numerator"].iloc[-2], found["denominator"].iloc[-2]) == (then.numerator, then.denominator)


def test_without_a_limit_the_weeks_are_the_last_thirty_days_each():
    study = opened("us-harbor-home")
    found = recent_weeks(study.cube, study.facts, "order_cancellation_rate", study.shop, study.as_of)
    own = study.rates.query("metric == 'order_cancellation_rate' and basis == 'created' and window == 30").iloc[0]
    assert found["rate"].iloc[-1] == pytest.approx(own["rate"])
    assert found["date"].diff().dropna().eq(pd.Timedelta(days=7)).all()
