from dataclasses import replace
from types import SimpleNamespace

from cancel_analysis.benchmarks.funnel import funnel_limit
from cancel_analysis.catalog.words import words
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.sections.rates import rates_and_limits
from cancel_analysis.sections.to_come import cancellations_sentence, returns_sentence, still_to_come
from cancel_analysis.study.one_shop import open_study
from tests.rates.test_still_to_come import found_in, raw
from tests.studies import SAMPLE, opened

VOICE = Speaker(words("en"), NumberFormats("en"), "IDR")


def test_the_sentence_says_one_number_and_its_range():
    found = found_in(*raw(1)[:2])
    lately = found.open_weeks
    text = returns_sentence(found, VOICE)
    assert f"Of {lately.orders} orders delivered from" in text
    assert f"{lately.seen} have been asked back. Expect about {round(lately.expected)} in the end" in text
    assert f"({lately.low_95:.0f} to {lately.high_95:.0f})" in text


def test_a_shop_that_cannot_say_gets_one_line_and_no_picture():
    section = still_to_come(opened("sg-orchid-import"), "en")
    assert section.exhibits[0].text == VOICE.words("to_come.returns_few_events")
    assert not any(hasattr(one, "chart") for one in section.exhibits)
    other = open_study(SAMPLE / "other", "sales-report")
    assert "no file says" in still_to_come(other, "en").exhibits[0].text


def test_the_part_has_a_sentence_a_picture_and_a_table_that_agree():
    study = opened("uk-linen-lane")
    said, picture, table, *_ = still_to_come(study, "en").exhibits
    assert [one.name for one in (said, picture, table)] == ["returns_said", "returns_to_come", "returns_to_come_weeks"]
    assert "30 days after delivery" in said.text
    newest = table.frame.iloc[0]
    assert f"{newest['expected']:.0f} expected in the end" in picture.alternative
    assert f"{newest['seen']:.0f} asked back so far" in picture.caption
    assert newest["last_day"].date() == study.as_of
    whole = table.frame[table.frame["maturity"] == 1]
    assert set(whole["range"]) == {"all in"}
    young = table.frame[~table.frame["mature"].astype(bool)]
    assert not set(young["range"]) & {"all in", "nearly all in"}


def test_orders_that_wait_to_be_sent():
    found = opened("th-siam-beauty").cancellations_to_come
    lately = found.open_weeks
    text = cancellations_sentence(found, VOICE)
    assert text.startswith(f"Of {lately.still_open} paid orders to be sent, about")
    assert f"({lately.low_95 - lately.seen:.0f} to {lately.high_95 - lately.seen:.0f})" in text
    assert cancellations_sentence(found_in(*raw(1)[:2]), VOICE) == ""


def test_rates_of_returns_are_marked_and_what_is_expected_stands_below():
    study = opened("uk-linen-lane")
    section = rates_and_limits(study, "en")
    table = next(one for one in section.exhibits if one.name == "rates_table")
    rows = table.frame.set_index("metric")
    assert rows.loc["return_rate", "label"].endswith(", so far")
    assert set(rows.loc[rows["so_far"], "range"]) == {"still growing"}
    assert rows.index[rows["so_far"]].str.contains("return").all()
    assert not rows.loc["order_cancellation_rate", "so_far"]
    weeks = study.returns_to_come.weeks.tail(4)
    lately = study.returns_to_come.together(study.returns_to_come.weeks.index >= len(study.returns_to_come.weeks) - 4)
    assert lately.orders == weeks["orders"].sum()
    assert f"{weeks['seen'].sum() / weeks['orders'].sum():.1%} have been asked back" in table.note
    assert f"({lately.low_95 / lately.orders:.1%} to {lately.high_95 / lately.orders:.1%})" in table.note
    few = next(one for one in rates_and_limits(opened("sg-orchid-import")).exhibits if one.name == "rates_table")
    assert few.note.startswith(VOICE.words("note.maturity"))
    assert "expect " not in few.note


def test_days_whose_orders_can_still_be_cancelled_are_shaded():
    def note(shop):
        exhibits = rates_and_limits(opened(shop), "en").exhibits
        return next(one for one in exhibits if one.name == "over_time").note

    assert VOICE.words("chart.over_time_open") in note("th-siam-beauty")
    study = opened("uk-linen-lane")
    none_open = study.orders.assign(status=study.orders["status"].replace("to_ship", "shipped"))
    closed = replace(study, orders=none_open)
    exhibits = rates_and_limits(closed, "en").exhibits
    assert VOICE.words("chart.over_time_open") not in next(one for one in exhibits if one.name == "over_time").note


def test_no_funnel_about_a_limit_on_returns_still_to_come():
    deciding = SimpleNamespace(limit=SimpleNamespace(metric="seller_fault_return_rate", date_basis="created"))
    deciding.nameless = False
    judgement = SimpleNamespace(standings=(), deciding=deciding)
    assert funnel_limit(judgement) is None
    deciding.limit.date_basis = "event"
    assert funnel_limit(judgement) is deciding.limit
