"""Public holidays and known sales days: by market, and dated."""

from datetime import date

import pytest

from cancel_analysis.catalog.calendars import holidays_between, public_holidays, special_days
from cancel_analysis.catalog.markets import markets
from cancel_analysis.errors import SettingsError


def test_holidays_are_the_countrys():
    assert public_holidays("ID", 2026)[date(2026, 8, 17)] == "Independence Day"
    assert date(2026, 8, 17) not in public_holidays("US", 2026)
    # The fourth of July is a Saturday and kept on the Friday before.
    july = holidays_between("US", date(2026, 7, 1), date(2026, 7, 31))
    assert july == [date(2026, 7, 3), date(2026, 7, 4)]
    assert holidays_between("US", date(2026, 12, 25), date(2027, 1, 1)) == [date(2026, 12, 25), date(2027, 1, 1)]


def test_a_market_that_is_no_country_has_sales_days_only():
    assert public_holidays("EU", 2026) == {}
    found = special_days("EU", date(2026, 11, 1), date(2026, 12, 31))
    assert {day.kind for day in found.values()} == {"sale"}


def test_every_market_has_special_days():
    for code in markets():
        assert special_days(code, date(2026, 1, 1), date(2026, 12, 31)), code
    with pytest.raises(SettingsError, match="XX"):
        special_days("XX", date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("market", "day", "name"),
    [
        ("TH", date(2026, 11, 11), "11.11"),
        # Veterans Day: the sales day goes before.
        ("US", date(2026, 11, 11), "11.11"),
        ("ID", date(2026, 12, 12), "12.12"),
        ("US", date(2025, 11, 28), "Black Friday"),
        ("GB", date(2026, 11, 27), "Black Friday"),
        ("US", date(2026, 11, 30), "Cyber Monday"),
        ("TH", date(2026, 11, 27), None),
        ("US", date(2026, 12, 12), None),
    ],
)
def test_sales_days(market, day, name):
    found = special_days(market, day, day)
    assert (found[day].name if day in found else None) == name
    assert all(special.source for special in found.values())
