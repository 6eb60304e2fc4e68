"""What a seller reads of the standing: the next step, what is missing, never a score made up."""

from dataclasses import replace

import pytest

from cancel_analysis.sections.scores import platform_standing
from tests.sections.test_stories import SHOPS
from tests.studies import opened


def said(shop, **settings):
    study = opened(shop)
    if settings:
        study = replace(study, shop=replace(study.shop, standing=tuple(sorted(settings.items()))))
    return platform_standing(study)


def text(section):
    return section.exhibits[0].text


@pytest.mark.parametrize("shop", SHOPS)
def test_every_market_says_what_the_next_step_is(shop):
    section = said(shop)
    assert "The next step is" in text(section)
    assert "nan" not in text(section).lower()
    steps = section.exhibits[1].frame
    assert steps["more"].is_monotonic_increasing


def test_next_step_of_the_shop_over_its_limit():
    # 29 of 227 orders in seven days: 30 % of them are 68.1, so the 69th, 40 more.
    lines = text(said("id-toko-gadget"))
    assert "29 of 227 orders of the last 7 days, 12.8%" in lines
    assert "The next step is 30%: 40 more of these orders" in lines
    assert "no export tells it; Seller Center shows it" in lines


def test_the_us_shop_has_two_measures_and_a_part_and_three_are_named_as_missing():
    table = next(one for one in said("us-harbor-home").exhibits if one.name == "standing_measures")
    assert table.frame["known"].value_counts().to_dict() == {"missing": 3, "files": 2, "part": 1}
    assert "never worked out here" in text(said("us-harbor-home"))


def test_what_was_typed_in_is_said_with_its_day_and_its_next_step():
    lines = text(said("us-harbor-home", read_on="2026-11-14", account_health_rating=160.0, shop_performance_score=4.2))
    assert "Account Health Rating (0 to 1,000): 160, as you read it on 14 Nov 2026." in lines
    assert "Its next step is 150: no listing for 7 days." in lines
    assert "Shop Performance Score (0 to 5): 4.2, as you read it on 14 Nov 2026. No source says" in lines


def test_points_of_the_next_step_are_added_only_where_none_may_be_counted_twice():
    quiet = text(said("vn-saigon-shoes", read_on="2026-11-14", violation_points=11.0))
    assert "Violation points: 11" in quiet
    assert "No source says which steps it has" in quiet
    over = text(said("th-siam-beauty", read_on="2026-11-14", violation_points=11.0))
    assert "the account may show them already" in over
    assert "With its points" not in over
