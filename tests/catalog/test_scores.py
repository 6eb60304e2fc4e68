"""What is known of the platform's scores: held against the limits, the words, and each other."""

from datetime import date

import pytest

from cancel_analysis.catalog.markets import markets
from cancel_analysis.catalog.policies import limits
from cancel_analysis.catalog.rates import find_rate
from cancel_analysis.catalog.scores import TYPED, points_rules, scores
from cancel_analysis.catalog.words import words

ON = date(2026, 11, 29)
EVERY = [score for market in markets() for score in scores(market)]


def test_the_us_score_has_six_measures_of_which_exports_tell_two_and_a_part_of_a_third():
    score = scores("US")[0]
    assert score.name == "shop_performance_score"
    assert (score.least_delivered, score.least_days) == (30, 90)
    assert sorted(measure.knows for measure in score.measures) == ["no", "no", "no", "part", "whole", "whole"]
    assert all(find_rate(measure.rate).name == measure.rate for measure in score.measures if measure.knows == "whole")


def test_what_no_export_tells_can_be_typed_in():
    for score in EVERY:
        assert score.name in TYPED
        assert all(measure.typed in TYPED for measure in score.measures if measure.knows != "whole")


def test_steps_are_nearest_from_the_side_that_gets_worse():
    health = next(score for score in scores("US") if score.name == "account_health_rating")
    assert [step.value for step in health.steps] == [150, 100, 50, 0]
    assert health.next_step(200).value == 150
    assert health.next_step(150).value == 100, "at a step it is reached"
    assert health.next_step(0) is None
    (points,) = scores("ID")
    assert [points.next_step(value).value for value in (0, 11, 12, 40)] == [12, 12, 24, 48]
    assert points.next_step(48) is None
    assert scores("TH")[0].steps == (), "no source names them"
    assert scores("GB") == ()


@pytest.mark.parametrize("market", ["TH", "VN", "ID"])
def test_points_begin_where_a_step_of_the_limit_does(market):
    rules = points_rules(market, ON)
    assert rules
    for rule in rules:
        of_metric = [one for one in limits(market, ON) if one.metric == rule.metric and one.force == "enforced"]
        tiers = [tier for limit in of_metric if limit.pack == "official" for tier in limit.tiers]
        at = next(tier for tier in tiers if tier.value == rule.from_value)
        assert f"{rule.points} violation points" in at.effect
        assert rule.many_from == at.many_from
        if rule.many_from:
            assert f"{rule.points_many} violation points" in at.effect_many


def test_thirty_orders_cost_more_and_rules_have_their_day():
    (rule,) = [rule for rule in points_rules("TH", ON) if rule.many_from]
    assert (rule.at(29), rule.at(30)) == (2, 4)
    assert points_rules("ID", date(2025, 11, 9)) == ()
    assert points_rules("US", ON) == ()


def test_every_score_and_measure_has_a_word():
    text = words("en")
    for score in EVERY:
        assert text(f"standing_page.score.{score.name}")
        assert all(text(f"standing_page.measure.{measure.name}") for measure in score.measures)
        if score.effect_known:
            assert all(text(f"standing_page.effect.{step.id}") for step in score.steps)
