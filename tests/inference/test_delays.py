"""The delay curve against another implementation; completion against shops whose end is known."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from calibration.delays import DAYS, HORIZON, shop
from cancel_analysis import inference

AGES = np.arange(HORIZON + 1)


def seen_of(full):
    return full * (np.arange(len(full))[:, None] + AGES < len(full))


def test_the_curve_is_the_reverse_time_product_limit_estimate():
    generator = np.random.default_rng(1)
    start = generator.integers(0, 60, 3000)
    delay = generator.integers(0, 10, 3000) + generator.integers(0, 6, 3000)
    kept = start + delay < 60
    start, delay = start[kept], delay[kept]
    found = inference.estimate_delays(inference.triangle(start, delay, 60, 14))
    # Seen backwards, right truncation is left truncation: entry at the largest delay that could be seen.
    backwards = SurvfuncRight(14 - delay + 1.0, np.ones(len(delay)), entry=14 - np.minimum(59 - start, 14) + 0.5)
    survival = pd.Series(backwards.surv_prob, index=backwards.surv_times)
    for age in range(14):
        assert found.share[age] == pytest.approx(survival[14 - age], abs=1e-9)
    assert found.share[14] == 1.0


def test_the_plain_share_of_recent_orders_would_mislead():
    total, full = shop(5000, "steady", np.random.default_rng(2))
    seen = seen_of(full)
    found = inference.estimate_delays(seen)
    truth = np.cumsum(full.sum(axis=0)) / full.sum()
    naive = np.cumsum(seen.sum(axis=0)) / seen.sum()
    assert np.abs(found.share - truth).max() < 0.02 < np.abs(naive - truth).max()
    done = inference.complete(total, seen)
    final = full.sum(axis=1).reshape(-1, 7).sum(axis=1)
    assert done.can_say
    newest = done.weeks.iloc[-1]
    assert newest["seen"] < 0.3 * final[-1]
    assert newest["low_95"] <= final[-1] <= newest["high_95"]
    assert list(done.weeks["mature"]) == sorted(done.weeks["mature"], reverse=True)
    assert np.all(np.diff(done.weeks["completeness"]) <= 0.01)


def test_what_is_over_is_certain():
    total, full = shop(1000, "steady", np.random.default_rng(3))
    weeks = inference.complete(total, seen_of(full)).weeks
    over = weeks["last_day"] <= DAYS - 1 - HORIZON
    assert over.any()
    for column in ("expected", "low_80", "high_80", "low_95", "high_95"):
        assert (weeks.loc[over, column] == weeks.loc[over, "seen"]).all()


def test_a_drift_of_delays_is_followed():
    generator = np.random.default_rng(12)
    total, full = shop(20_000, "drifting", generator)
    found = inference.complete(total, seen_of(full))
    middle = (full[:14] @ AGES).sum() / full[:14].sum(), (full[-28:-14] @ AGES).sum() / full[-28:-14].sum()
    change = found.stretch[-4:].mean() - found.stretch[:2].mean()
    assert np.sign(change) == np.sign(middle[1] - middle[0])
    assert abs(change) > 0.1


def test_too_little_is_said_to_be_too_little():
    total, full = shop(20, "steady", np.random.default_rng(4))
    few = inference.complete(np.minimum(total, 1), np.minimum(seen_of(full), 0))
    assert (few.can_say, few.reason) == (False, "few_events")
    assert few.weeks["low_80"].isna().all()
    total, full = shop(1000, "steady", np.random.default_rng(4))
    short = inference.complete(total[-40:], seen_of(full[-40:]))
    assert (short.can_say, short.reason) == (False, "short_history")
    assert not short.weeks["mature"].any()


def test_orders_no_longer_open_bring_no_more():
    total, full = shop(1000, "steady", np.random.default_rng(5))
    seen = seen_of(full)
    closed = inference.complete(total, seen, still_open=np.zeros(len(total)))
    assert (closed.weeks["expected"] == closed.weeks["seen"]).all()
    free = total - seen.sum(axis=1)
    same = inference.complete(total, seen, still_open=free).weeks["expected"]
    assert same.to_numpy() == pytest.approx(inference.complete(total, seen).weeks["expected"].to_numpy(), rel=0.02)


def test_whole_intervals_hold_what_they_say_or_are_not_said():
    values = np.repeat(np.arange(10), 100)
    low, high = inference.whole_interval(values, 0.8)
    assert high - low == 7
    assert all(np.isnan(inference.whole_interval(np.repeat([0, 1], [900, 100]), 0.8)))
    assert inference.whole_interval([3, 3, 3], 0.8) == (3.0, 3.0)


def test_only_what_can_be_is_taken():
    counts = np.zeros((70, 46))
    counts[69, 1] = 1
    with pytest.raises(ValueError, match="after the last day"):
        inference.estimate_delays(counts)
    with pytest.raises(ValueError, match="larger"):
        inference.complete(np.zeros(70), np.eye(70, 46) * (np.arange(46) < 30))
    with pytest.raises(ValueError, match="one total"):
        inference.complete(np.zeros(3), np.zeros((70, 46)))
    made = inference.triangle([0, 1, 1, 5, 2], [2, 0, np.nan, 9, 3], 5, 4)
    assert made.sum() == 2
    assert made[0, 2] == made[1, 0] == 1
