"""What is said of after-sale rates: the newest week that is old enough against those before, cells that agree."""

import pytest

from cancel_analysis.catalog.words import words
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.sections.after_sale import after_sale
from cancel_analysis.sections.to_come import still_to_come
from tests.rates.test_after_sale import BACK, TEN, asked, found, order
from tests.studies import opened

VOICE = Speaker(words("en"), NumberFormats("en"), "THB")


def test_cells_say_the_three_rates_and_what_is_not_old_enough():
    section = after_sale(found([*TEN, order(98, 48), order(1001, 13)], BACK), VOICE)
    table = section.exhibits[1].frame.set_index("orders")
    assert table.loc[10, ["day_7", "day_14", "day_30"]].tolist() == [
        "20.0% · 20.0% · 10.0%", "40.0% · 30.0% · 10.0%", "50.0% · 30.0% · 20.0%, 1 unanswered",
    ]  # fmt: skip
    newest = section.exhibits[1].frame.iloc[1]
    assert (newest["orders"], newest["day_7"]) == (1, "0.0% · 0.0% · 0.0%")
    assert newest["day_14"].endswith("so far, not old enough")


@pytest.mark.parametrize(("now", "then", "said"), [(10, 1, "more than chance"), (3, 3, "no more than chance")])
def test_the_newest_week_is_compared_at_the_same_age(now, then, said):
    # Forty orders a week, delivered three to seven weeks ago; `now` of the newest come back, `then` of each before.
    orders = [order(40 * week + n, 7 * week + 3) for week in range(3, 8) for n in range(40)] + [order(9999, 62)]
    back = [asked(40 * week + n, 7 * week) for week in range(3, 8) for n in range(now if week == 3 else then)]
    text = after_sale(found(orders, back), VOICE).exhibits[0].text
    assert f"({now} of 40)" in text
    assert f"and {then / 40:.1%} of the 4 weeks before it" in text
    assert said in text


def test_the_fold_of_returns_has_the_table_and_shops_without_returns_do_not():
    names = [one.name for one in still_to_come(opened("uk-linen-lane")).exhibits]
    assert {"after_sale", "after_sale_weeks"} <= set(names)
    section = after_sale(found(TEN, None), VOICE)
    assert [one.name for one in section.exhibits] == ["after_sale"]
    assert "no file says" in section.exhibits[0].text
