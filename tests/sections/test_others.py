"""What part 9 says of the shop's own past agrees with its table, and with how much was looked at."""

import pandas as pd
import pytest

from cancel_analysis.benchmarks.cohorts import own_past
from cancel_analysis.catalog.words import words
from cancel_analysis.exhibits.kinds import TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.sections import others as sections_others
from tests.sections.test_small_shops import small
from tests.studies import opened

VOICE = Speaker(words("en"), NumberFormats("en"), "USD")
SHOPS = ("us-harbor-home", "uk-linen-lane", "th-siam-beauty", "vn-saigon-shoes", "id-toko-gadget", "sg-orchid-import")


def past_of(*rows):
    """Rows of `own_past`: window, moved, adjusted p."""
    past = own_past(opened("us-harbor-home").facts, opened("us-harbor-home").as_of).iloc[: len(rows)]
    return past.assign(
        window_days=[row[0] for row in rows], moved=[row[1] for row in rows], p_adjusted=[row[2] for row in rows]
    )


def said(past):
    return sections_others._summary(past, VOICE).text


def test_a_rise_of_30_days_is_told_with_its_days():
    text = said(past_of((7, "noise", 0.6), (30, "up", 0.01)))
    assert "in the last 30 days" in text
    assert "That is more than chance" in text
    assert "2 comparisons were judged together" in text
    assert "no rate moved" not in text


def test_a_rise_that_several_looks_explain_is_told_as_none_and_the_table_says_so_too():
    past = past_of((7, "up", 0.2), (30, "noise", 0.6))
    assert "no rate moved by more than chance (2 compared)" in said(past)
    assert sections_others._moved_labels(past, VOICE) == ["up, may be chance among 2", "within noise"]


@pytest.mark.parametrize("shop", SHOPS)
def test_as_many_rates_are_told_as_the_table_calls_moved(shop):
    section = sections_others.others(opened(shop), "en")
    (table,) = [one for one in section.exhibits if isinstance(one, TableView) and one.name == "others_past"]
    assert (
        section.exhibits[0].text.count("is more than chance") == table.frame["moved_label"].isin(("up", "down")).sum()
    )


def test_a_handful_of_orders_is_too_few_to_compare():
    past = past_of((7, "noise", 0.6), (30, "noise", 0.6)).assign(denominator=29, before_denominator=500)
    assert "Too few orders to compare" in said(past)
    assert set(sections_others._moved_labels(past, VOICE)) == {"too few to compare"}
    dated = pd.DataFrame({"lost_by_cancelling": [True, True], "cancel_undated": [True, False]})
    table = sections_others._past_table(past, dated, VOICE).frame
    assert set(table["change_label"]) == set(table["range"]) == {"–"}
    note = sections_others._past_table(past, dated.assign(cancel_undated=True), VOICE).note
    assert "do not say when orders were cancelled" in note
    enough = past.assign(denominator=[29, 30])
    assert sections_others._moved_labels(enough, VOICE) == ["too few to compare", "within noise"]
    assert "no rate moved" in said(enough)


@pytest.mark.parametrize(("study", "drawn"), [(("uk-linen-lane", "40 orders"), False), ("uk-linen-lane", True)])
def test_a_funnel_is_drawn_where_a_control_line_reaches_the_shops_size(study, drawn):
    one = opened(study) if isinstance(study, str) else small(*study)
    assert ("others_funnel" in [each.name for each in sections_others.others(one).exhibits]) == drawn
