"""Instants and midnights agree with the shop's own clock, also where it is set forward or back."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.rates.moments import instants, midnight, zone_of

# Los Angeles changes at two in the night, Cairo at midnight itself: it skips one in April.
ZONES = ("America/Los_Angeles", "Africa/Cairo", "Asia/Jakarta")


@pytest.mark.parametrize("zone", ZONES)
def test_days_between_midnights_are_the_clocks_days(zone):
    times = pd.Series(pd.date_range("2026-01-01", "2027-01-01", freq="17min", tz="UTC").tz_convert(zone))
    own = times.dt.tz_localize(None).dt.date.to_numpy()
    for day in (date(2026, 3, 8), date(2026, 4, 24), date(2026, 10, 30), date(2026, 11, 1), date(2026, 6, 1)):
        begun = instants(times) >= midnight(day, zone)
        over = instants(times) >= midnight(day + timedelta(days=1), zone_of(times))
        assert (begun & ~over).tolist() == (own == day).tolist()


def test_times_without_a_zone_stay_as_they_are_and_nothing_is_no_instant():
    times = pd.Series(pd.to_datetime(["2026-11-01", None]))
    assert zone_of(times) is None
    assert instants(times)[0] == midnight(date(2026, 11, 1), None)
    assert np.isnat(instants(times)[1])
