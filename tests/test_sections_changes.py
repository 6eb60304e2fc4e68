from datetime import date

from cancel_analysis.catalog.words import words
from cancel_analysis.findings import Speaker
from cancel_analysis.formats import Formats
from cancel_analysis.sections_changes import sentence, what_changed
from tests.test_changes import BEFORE, NOW, last_week, shop
from tests.test_stories import opened

VOICE = Speaker(words("en"), Formats("en"), "USD")


def test_noise_names_no_part():
    items, orders = shop(
        (NOW, "Lamp", "out_of_stock", NOW), (NOW, "Lamp", None, None), *[(BEFORE, "Lamp", None, None)] * 5
    )
    text = sentence(last_week(items, orders), VOICE)
    assert "small enough to be chance" in text
    assert "Most of it" not in text


def test_a_rise_names_the_parts_that_explain_it():
    items, orders = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 40,
        *[(NOW, "Lamp", None, None)] * 60,
        *[(BEFORE, "Lamp", None, None)] * 100,
    )
    text = sentence(last_week(items, orders), VOICE)
    assert "40.0 points more" in text
    assert "Most of it: Out of stock, +40.0 points." in text
    assert "By product: Lamp, +40.0 points." in text


def test_parts_that_cancel_out_are_named_within_the_noise():
    items, orders = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 60,
        *[(NOW, "Lamp", None, None)] * 140,
        *[(BEFORE, "Lamp", "pricing_error", BEFORE)] * 60,
        *[(BEFORE, "Lamp", None, None)] * 140,
    )
    text = sentence(last_week(items, orders), VOICE)
    assert "small enough to be chance" in text
    assert "More than chance within it: " in text
    assert "Out of stock, +30.0 points" in text


def test_the_shop_whose_stock_broke_is_told_what_changed():
    section = what_changed(opened("id-toko-gadget"), "en")
    assert "Out of stock" in section.exhibits[0].text
    assert [one.name for one in section.exhibits] == ["changes", "changes_reasons", "changes_parts", "changes_products"]


def test_the_steady_shop_is_told_no_story():
    study = opened("us-harbor-home")
    assert study.as_of == date(2026, 11, 15)
    section = what_changed(study, "en")
    assert len(section.exhibits) == 1
    assert "chance" in section.exhibits[0].text
