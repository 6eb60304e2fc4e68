from cancel_analysis.catalog.words import words
from cancel_analysis.findings import Speaker
from cancel_analysis.formats import Formats
from cancel_analysis.sections_to_come import cancellations_sentence, returns_sentence, still_to_come
from cancel_analysis.study import open_study
from tests.test_still_to_come import found_in, raw
from tests.test_stories import SAMPLE, opened

VOICE = Speaker(words("en"), Formats("en"), "IDR")


def test_the_sentence_says_one_number_and_its_range():
    found = found_in(*raw(1)[:2])
    lately = found.open_weeks
    text = returns_sentence(found, VOICE)
    assert f"Of the {lately.orders} orders delivered from" in text
    assert f"{lately.seen} have been asked back; about {round(lately.expected)} are" in text
    assert f"({lately.low_95:.0f} to {lately.high_95:.0f})" in text


def test_a_shop_that_cannot_say_gets_one_line_and_no_picture():
    section = still_to_come(opened("sg-orchid-import"), "en")
    assert section.exhibits[0].text == VOICE.words("to_come.returns_few_events")
    assert not any(hasattr(one, "chart") for one in section.exhibits)
    other = open_study(SAMPLE / "other", "sales-report")
    assert "no file says" in still_to_come(other, "en").exhibits[0].text


def test_the_part_has_a_sentence_a_picture_and_a_table_that_agree():
    study = opened("uk-linen-lane")
    said, picture, table, _ = still_to_come(study, "en").exhibits
    assert [one.name for one in (said, picture, table)] == ["returns_said", "returns_to_come", "returns_to_come_weeks"]
    assert "30 days after delivery" in said.text
    newest = table.frame.iloc[0]
    assert f"{newest['rate_expected']:.1%}" in picture.alternative
    assert newest["last_day"].date() == study.as_of
    whole = table.frame[table.frame["maturity"] == 1]
    assert set(whole["range"]) == {"all in"}
    young = table.frame[~table.frame["mature"].astype(bool)]
    assert not set(young["range"]) & {"all in", "nearly all in"}
    # Of weeks that nothing more comes to, no share is written.
    assert picture.frame.loc[picture.frame["whole"], "share_in"].eq("").all()


def test_orders_that_wait_to_be_sent():
    found = opened("th-siam-beauty").cancellations_to_come
    lately = found.open_weeks
    text = cancellations_sentence(found, VOICE)
    assert text.startswith(f"Of the {lately.still_open} paid orders that wait to be sent, about")
    assert f"({lately.low_95 - lately.seen:.0f} to {lately.high_95 - lately.seen:.0f})" in text
    assert cancellations_sentence(found_in(*raw(1)[:2]), VOICE) == ""
