from datetime import date

from cancel_analysis.catalog.words import words
from cancel_analysis.changes import change
from cancel_analysis.findings import Speaker
from cancel_analysis.formats import Formats
from cancel_analysis.sections_changes import sentence, what_changed
from tests.test_changes import AS_OF, BEFORE, NOW, shop
from tests.test_stories import opened

VOICE = Speaker(words("en"), Formats("en"), "USD")


def test_noise_names_no_part():
    items, orders = shop(
        (NOW, "Lamp", "out_of_stock", NOW), (NOW, "Lamp", None, None), *[(BEFORE, "Lamp", None, None)] * 5
    )
    text = sentence(change(items, orders, AS_OF), VOICE)
    assert "small enough to be chance" in text
    assert "Most of it" not in text


def test_a_rise_names_the_parts_that_explain_it():
    items, orders = shop(
        *[(NOW, "Lamp", "out_of_stock", NOW)] * 40,
        *[(NOW, "Lamp", None, None)] * 60,
        *[(BEFORE, "Lamp", None, None)] * 100,
    )
    text = sentence(change(items, orders, AS_OF), VOICE)
    assert "40.0 points more" in text
    assert "Out of stock, +40.0 points" in text


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
