import datetime as dt

import pandas as pd
import pytest
from babel.numbers import format_percent
from hypothesis import example, given
from hypothesis import strategies as st

from cancel_analysis.exhibits.number_formats import NOTHING, NumberFormats, one_percent_style


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
    assert [numbers.about(9684.2, "THB"), numbers.about(1_890_000, "IDR")] == ["฿9,700", "Rp\xa01.9M"]
    assert numbers.about(6.7, "SGD") == "S$7"
    assert NumberFormats("de").about(1943879, "EUR") == "1,9\xa0Mio.\xa0€"


def test_dates_cannot_be_misread():
    assert NumberFormats("en").day(dt.date(2026, 11, 5)) == "5 Nov 2026"
    assert NumberFormats("en").day(pd.Timestamp("2026-11-05 23:00", tz="Asia/Bangkok")) == "5 Nov 2026"


def test_a_percentage_beside_another_has_the_digits_that_tell_them_apart():
    apart = NumberFormats("en").percent_apart
    assert [apart(10 / 655, 0.015), apart(0.0149, 0.015), apart(0.015, 0.015)] == ["1.53%", "1.49%", "1.5%"]
    assert [apart(0.02, 0.015), apart(0.015004, 0.015), apart(None, 0.015)] == ["2.0%", "1.500%", NOTHING]


def test_a_range_has_its_sign_once():
    numbers = NumberFormats("en")
    assert [numbers.span(0.0512, 0.082), numbers.span(0.00001, 0.05), numbers.span(0.05, 0.05)] == [
        "5.1–8.2%", "<0.1–5.0%", "5.0%",
    ]  # fmt: skip
    assert numbers.about_span(1_230_000, 3_100_000, "IDR") == "Rp\xa01.2–3.1M"
    assert numbers.about_span(600, 130_000, "THB") == "฿600–130K", "a letter that only one of them has stays"
    assert numbers.short_span(240.4, 610) == "240–610"
    assert [numbers.limit(0.05), numbers.limit(0.025), numbers.limit(None)] == ["5%", "2.5%", NOTHING]
    assert one_percent_style("held to 75 % of it, 10 % or more") == "held to 75% of it, 10% or more"


def test_a_currency_is_written_as_its_market_does():
    numbers = NumberFormats("en")
    amounts = ((500, "VND"), (3, "CHF"), (0, "IDR"), (-5.5, "GBP"))
    assert [numbers.money(*amount) for amount in amounts] == ["₫500", "CHF\xa03.00", "Rp\xa00", "-£5.50"]


@given(st.floats(-10, 10) | st.integers(0, 4000).map(lambda part: part / 4000), st.sampled_from((0, 1, 2)))
@example(0.005, 0)
@example(-0.0, 1)
def test_a_percentage_is_rounded_once_as_babel_rounds_it(value: float, digits: int) -> None:
    pattern = f"#,##0.{'0' * digits}%" if digits else "#,##0%"
    for language in ("en", "id", "zh"):
        shown = NumberFormats(language).percent(value, digits)
        assert shown.startswith("<") or shown == format_percent(value, pattern, locale=language)
