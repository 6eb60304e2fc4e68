import datetime as dt

import pandas as pd
import pytest

from cancel_analysis.exhibits.number_formats import NOTHING, NumberFormats


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0234, "2.3%"), (0.0, "0.0%"), (1.0, "100.0%"), (0.00001, "<0.1%"), (float("nan"), NOTHING), (None, NOTHING)],
)
def test_percent(value, text):
    assert NumberFormats("en").percent(value) == text


def test_missing_values_of_every_kind_show_as_nothing():
    numbers = NumberFormats("en")
    for missing in (None, float("nan"), pd.NA, pd.NaT):
        for kind in ("text", "id", "integer", "decimal", "percent", "money", "date", "verdict"):
            assert numbers.cell(missing, kind, "USD") == NOTHING


def test_money_drops_cents_only_where_they_say_nothing():
    numbers = NumberFormats("en")
    assert numbers.money(12.5, "USD") == "$12.50"
    assert numbers.money(12345.6, "USD") == "$12,346"
    assert (
        NumberFormats("id").money(38824, "IDR") == "Rp\xa038.824"
        or NumberFormats("id").money(38824, "IDR") == "Rp38.824"
    )


def test_an_end_of_a_range_has_two_digits():
    numbers = NumberFormats("en")
    assert [numbers.about(one, "GBP") for one in (240.4, 1943879, 12.34, None)] == ["£240", "£1.9M", "£12", "–"]
    assert numbers.about(9684.2, "THB") == "THB9,700"
    assert NumberFormats("de").about(1943879, "EUR") == "1,9\xa0Mio.\xa0€"


def test_dates_cannot_be_misread():
    assert NumberFormats("en").day(dt.date(2026, 11, 5)) == "5 Nov 2026"
    assert NumberFormats("en").day(pd.Timestamp("2026-11-05 23:00", tz="Asia/Bangkok")) == "5 Nov 2026"


def test_a_percentage_beside_another_has_the_digits_that_tell_them_apart():
    apart = NumberFormats("en").percent_apart
    assert [apart(10 / 655, 0.015), apart(0.0149, 0.015), apart(0.015, 0.015)] == ["1.53%", "1.49%", "1.5%"]
    assert [apart(0.02, 0.015), apart(0.015004, 0.015), apart(None, 0.015)] == ["2.0%", "1.500%", NOTHING]
