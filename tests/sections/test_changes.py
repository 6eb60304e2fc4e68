from dataclasses import replace
from datetime import date, timedelta

import pytest
from statsmodels.stats.proportion import proportion_confint

from cancel_analysis.catalog.calendars import special_days
from cancel_analysis.catalog.words import words
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.rates.over_time import METRICS, rates_over_time
from cancel_analysis.sections.changes import sentence, signal_lines, what_changed
from tests.diagnosis.test_changes import BEFORE, NOW, last_week, shop
from tests.rates.test_over_time import ALL, LAST, days_with
from tests.sections.test_stories import truth
from tests.studies import opened

VOICE = Speaker(words("en"), NumberFormats("en"), "USD")


def test_noise_names_no_part():
    orders, items = shop(
        (NOW, "Lamp", "out_of_stock", NOW), *[(NOW, "Lamp", None, None)] * 29, *[(BEFORE, "Lamp", None, None)] * 30
    )
    text = sentence(last_week(orders, items), VOICE)
    assert "may be chance" in text
    assert "Most of it" not in text


def test_days_are_named_as_people_do_and_weeks_that_were_named_by_their_names():
    change = last_week(*shop(*[(NOW, "Lamp", None, None)] * 40, *[(BEFORE, "Lamp", None, None)] * 40))
    sunday = replace(change, as_of=date(2026, 11, 15))
    assert sentence(sunday, VOICE).startswith("The 7 days to 15 Nov 2026 against the 7 days before: ")
    assert sentence(replace(sunday, weeks=8), VOICE).startswith(
        "The 7 days to 15 Nov 2026 against the 8 weeks before: "
    )
    wednesday = replace(change, as_of=date(2026, 11, 18))
    assert sentence(wednesday, VOICE).startswith("The 7 days to 18 Nov 2026 against the 7 days before: ")
    assert sentence(replace(sunday, against="2026-W40"), VOICE).startswith("2026-W46 against 2026-W40: ")


def test_a_handful_of_lines_is_too_few_to_compare_and_a_landslide_is_told_all_the_same():
    one = [(NOW, "Lamp", "out_of_stock", NOW), (NOW, "Lamp", None, None)]
    text = sentence(last_week(*shop(*one, *[(BEFORE, "Lamp", None, None)] * 5)), VOICE)
    assert "1 of 2 order lines lost, 0 of 5 then. Too few to compare." in text
    assert "points" not in text
    many = sentence(last_week(*shop(*one[:1] * 25, *[(BEFORE, "Lamp", None, None)] * 200)), VOICE)
    assert "100.0 points more" in many


def test_a_rise_names_the_parts_that_explain_it():
    orders, items = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 40,
        *[(NOW, "Lamp", None, None)] * 60,
        *[(BEFORE, "Lamp", None, None)] * 100,
    )
    text = sentence(last_week(orders, items), VOICE)
    assert "40.0 points more" in text
    assert "Most of it: Out of stock, +40.0 points." in text
    assert "By product: Lamp, +40.0 points." in text


def test_parts_that_are_more_than_the_whole_are_not_called_most_of_it():
    orders, items = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 60,
        *[(NOW, "Lamp", None, None)] * 140,
        *[(BEFORE, "Lamp", "pricing_error", BEFORE)] * 4,
        *[(BEFORE, "Lamp", None, None)] * 196,
    )
    text = sentence(last_week(orders, items), VOICE)
    assert "28.0 points more" in text
    assert "It comes from Out of stock, +30.0 points; all else together, −2.0 points." in text
    assert "Most of it" not in text


def test_parts_that_cancel_out_are_named_within_the_noise():
    orders, items = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 60,
        *[(NOW, "Lamp", None, None)] * 140,
        *[(BEFORE, "Lamp", "pricing_error", BEFORE)] * 60,
        *[(BEFORE, "Lamp", None, None)] * 140,
    )
    text = sentence(last_week(orders, items), VOICE)
    assert "may be chance" in text
    assert "More than chance within it: " in text
    assert "Out of stock, +30.0 points" in text


def test_the_shop_whose_stock_broke_is_told_what_changed():
    section = what_changed(opened("id-toko-gadget"), "en")
    assert "Out of stock" in section.exhibits[0].text
    names = ["changes", "changes_reasons", "changes_parts", "changes_products", "signals", "control_chart"]
    assert [one.name for one in section.exhibits] == names


def test_the_steady_shop_is_told_no_story():
    study = opened("us-harbor-home")
    assert study.as_of == date(2026, 11, 15)
    section = what_changed(study, "en")
    assert [one.name for one in section.exhibits] == ["changes", "signals", "control_chart"]
    assert "chance" in section.exhibits[0].text


def test_the_day_since_which_a_rate_is_another_one_is_told_with_its_picture():
    section = what_changed(opened("id-toko-gadget"), "en")
    prose, picture = section.exhibits[-2:]
    assert (prose.name, picture.name) == ("signals", "control_chart")
    study = opened("id-toko-gadget")
    found = rates_over_time(study.facts, METRICS[1], study.as_of)
    since = found.days[found.days["date"].dt.date >= found.changes[-1].day]
    low, high = proportion_confint(since["count"].sum(), since["total"].sum(), method="wilson")
    said = (
        f"Seller-fault cancellation rate: 11.9% since Sunday, 1 November 2026 "
        f"({100 * low:.1f}–{100 * high:.1f}%, allowing for chance)"
    )
    assert said in prose.text
    # Red points that only show the change are named, and the note says whose band it is.
    assert "beyond what was ordinary before that change on 3 Nov 2026" in prose.text
    assert "still belongs to the level before it" in picture.note
    assert prose.text.splitlines()[0] in picture.alternative
    assert set(picture.frame["label"]) == {"Order cancellation rate", "Seller-fault cancellation rate"}
    # The red points are those beyond the limits drawn.
    newest = picture.frame[picture.frame["alarm"] != ""]
    assert len(newest)
    assert (newest["rate"] > newest["high"]).all()


@pytest.mark.parametrize("shop", ["id-toko-gadget", "th-siam-beauty"])
def test_the_day_on_which_the_planted_story_began_is_in_the_range_told(shop):
    study = opened(shop)
    (change,) = rates_over_time(study.facts, METRICS[1], study.as_of).changes
    # An order placed a few days before can still be caught in it.
    begun = date.fromisoformat(truth(shop)["focus"]["first_day"])
    assert change.first - timedelta(days=3) <= begun <= change.last + timedelta(days=3)


def test_a_quiet_shop_is_told_so_and_a_small_one_that_nothing_can_be_said():
    quiet = what_changed(opened("us-harbor-home"), "en").exhibits[-2].text
    assert quiet.count("its level held for 12 weeks") == 2
    small = what_changed(opened("sg-orchid-import"), "en").exhibits[-1]
    assert small.name == "signals"
    assert small.text.count("too few days to say") == 2


def test_alarms_are_named_with_their_counts():
    lines = signal_lines(rates_over_time(days_with([1, 2] * 30 + [1, 9, 2, 1, 2, 1, 2, 1]), ALL, LAST), VOICE)
    assert [line.kind for line in lines] == ["finding"]
    assert "9 Nov 2026 22.5% (9 of 40; usual " in lines[0].text


def test_a_sales_day_is_never_called_out_of_the_ordinary_without_its_name():
    special = special_days("TH", LAST - timedelta(days=60), LAST)
    one_of_each = days_with([1, 2] * 30 + [9, 2, 1, 9, 1, 2, 1, 2])
    lines = signal_lines(rates_over_time(one_of_each, ALL, LAST, special), VOICE)
    text = " ".join(line.text for line in lines)
    assert "11 Nov 2026 (11.11)" in text
    assert "11 Nov 2026 22.5%" not in text
    alone = days_with([1, 2] * 30 + [1, 2, 1, 9, 1, 2, 1, 2])
    (line,) = signal_lines(rates_over_time(alone, ALL, LAST, special), VOICE)
    assert (line.kind, "not like others, 11 Nov 2026 (11.11) 22.5% (9 of 40" in line.text) == ("plain", True)
    (line,) = signal_lines(rates_over_time(alone, ALL, LAST), VOICE)
    assert (line.kind, "out of the ordinary on 11 Nov 2026 22.5%" in line.text) == ("finding", True)
