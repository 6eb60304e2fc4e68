"""The catalog of limits, deadlines and reference lines: whole, consistent, dated, and chosen as the settings say."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cancel_analysis.benchmarks.of_shop import advisory_limits, references, verdict_limits
from cancel_analysis.catalog import policies
from cancel_analysis.catalog.markets import OTHER, markets
from cancel_analysis.catalog.rates import BASES, MEASURES, RATES
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError

TODAY = date(2026, 11, 15)
REFERENCE = Path(__file__).resolve().parents[2] / "../shared/reference/policies.md"


def shop(market, **settings):
    return make_shop({"id": "shop", "market": market, **settings})


def one(market, metric, pack="official", on=TODAY, force="enforced"):
    found = [
        x
        for x in policies.limits(market, on, cross_border=True)
        if x.metric == metric and x.pack == pack and (pack != "official" or x.force == force)
    ]
    assert len(found) == 1
    return found[0]


def test_every_limit_is_whole_and_consistent():
    identities = [limit.id for limit in policies.all_limits()]
    assert len(identities) == len(set(identities))
    for limit in policies.all_limits():
        assert limit.market in markets(), limit.id
        assert limit.metric in RATES, limit.id
        assert limit.denominator in MEASURES, limit.id
        assert limit.date_basis in BASES, limit.id
        assert limit.confidence in policies.CONFIDENCES, limit.id
        assert limit.force in policies.FORCES, limit.id
        assert limit.window_days > 0
        assert limit.minimum_orders >= 0
        assert limit.effect, limit.id
        assert limit.source, limit.id
        assert limit.scope, limit.id
        assert limit.event in policies.EVENTS, limit.id
        assert {limit.fbt_numerator, limit.fbt_denominator} <= {"in", "out", "unknown"}
        assert set(limit.assumptions) <= set(policies.ASSUMPTIONS)
        # Every limit that holds today was looked at; an older text has no day.
        assert limit.checked is not None or limit.valid_to is not None, limit.id
        if limit.force == "reference":
            assert limit.tiers == ()
            continue
        assert limit.value == limit.tiers[0].value
        values = [tier.value for tier in limit.tiers]
        assert values == sorted(set(values)), f"{limit.id}: the steps must rise"
        assert all(0 < value < 1 for value in values), f"{limit.id}: shares, not percent"
        assert all(tier.comparison in policies.COMPARISONS for tier in limit.tiers)


def test_every_deadline_is_whole():
    for deadline in policies.all_deadlines():
        assert deadline.market == "*" or deadline.market in markets()
        assert deadline.unit in policies.DEADLINE_UNITS
        assert deadline.confidence in policies.CONFIDENCES
        assert (deadline.unit == "event") == (deadline.value is None)
        assert deadline.value is None or deadline.value > 0
        assert deadline.event in ("", *policies.EVENTS)
        assert set(deadline.assumptions) <= set(policies.ASSUMPTIONS)
        assert deadline.source


def test_cost_facts_and_reference_lines_are_whole():
    assert {fact.confidence for fact in policies.cost_facts()} == {"unverified"}
    assert [fact.value for fact in policies.cost_facts() if fact.value is not None] == [0.183]
    lines = policies.reference_lines()
    assert len({line.id for line in lines}) == len(lines)
    assert {line.kind for line in lines} == {"cohort", "cause", "platform", "setting", "score"}
    for line in lines:
        assert line.confidence in policies.CONFIDENCES
        assert line.value_high is None or line.value_high > line.value
    assert {line.platform for line in policies.reference_lines("platform")} > {"Amazon", "Shopee", "Lazada", "eBay"}


@pytest.mark.parametrize(
    ("market", "metric", "pack", "window", "comparison", "values", "confidence"),
    [
        ("US", "seller_fault_cancellation_rate", "official", 30, "<=", [0.025], "official"),
        ("TH", "seller_fault_cancellation_rate", "official", 7, "<", [0.1, 0.3, 0.5], "official"),
        ("VN", "seller_fault_cancellation_rate", "official", 7, "<", [0.1, 0.3, 0.5], "official"),
        ("ID", "seller_fault_cancellation_rate", "official", 7, "<", [0.05, 0.1, 0.3, 0.5, 0.75], "official"),
        ("ID", "late_dispatch_rate", "official", 7, "<", [0.1, 0.3, 0.5], "official"),
        ("TH", "seller_fault_return_refund_rate", "return_target_sea", 30, "<", [0.015], "third_party"),
        ("GB", "seller_fault_cancellation_rate", "uk_2022", 30, "<", [0.025], "third_party"),
        ("US", "seller_fault_cancellation_rate", "cross_border", 30, "<", [0.05], "third_party"),
        ("SG", "seller_fault_cancellation_rate", "cross_border", 30, "<=", [0.05], "third_party"),
        ("TH", "order_cancellation_rate", "order_cancellation_sea", 7, "<=", [0.05, 0.08, 0.12], "unverified"),
        ("GB", "order_cancellation_rate", "order_cancellation_uk", 30, "<=", [0.035, 0.06], "unverified"),
        ("US", "late_dispatch_rate", "official", 30, "<=", [0.1], "official"),
        ("TH", "late_dispatch_rate", "official", 7, "<", [0.1], "official"),
        ("MY", "seller_fault_return_rate", "return_target_sea", 30, "<", [0.015], "third_party"),
    ],
)
def test_limits_are_those_of_the_sources(market, metric, pack, window, comparison, values, confidence):
    limit = one(market, metric, pack)
    assert limit.window_days == window
    assert limit.comparison == comparison
    assert [tier.value for tier in limit.tiers] == values
    assert limit.confidence == confidence


@pytest.mark.parametrize(
    ("market", "metric", "window", "comparison", "value"),
    [
        ("US", "late_dispatch_rate", 30, "<=", 0.04),
        ("VN", "late_dispatch_rate", 7, "<", 0.04),
        ("ID", "seller_fault_cancellation_rate", 7, "<", 0.025),
        ("ID", "late_dispatch_rate", 7, "<", 0.04),
    ],
)
def test_targets_are_limits_of_their_own(market, metric, window, comparison, value):
    limit = one(market, metric, force="target")
    assert (limit.window_days, limit.comparison, limit.value, len(limit.tiers)) == (window, comparison, value, 1)


def test_references_are_no_limits():
    found = {limit.pack: limit for limit in references(shop("US"), TODAY)}
    assert (found["best_tenth_2024"].value_low, found["best_tenth_2024"].value) == (0.012, 0.018)
    assert found["official"].metric == "non_buyer_fault_return_rate"
    assert found["official"].window_days == 60
    assert found["official"].value is None
    assert "2.3" in found["weighted_note"].effect
    assert "weighted_note" not in policies.packs("US")


def test_only_official_limits_give_a_verdict_by_default():
    for market in set(markets()) - {OTHER}:
        assert all(x.confidence == "official" for x in verdict_limits(shop(market), TODAY))
    assert verdict_limits(shop("GB"), TODAY) == ()
    assert verdict_limits(shop("SG", cross_border=True), TODAY) == ()
    assert {x.pack for x in advisory_limits(shop("GB"), TODAY)} == {"uk_2022", "order_cancellation_uk"}


def test_another_pack_gives_the_verdict_when_the_shop_asks():
    chosen = shop("GB", limits="uk_2022")
    assert [x.pack for x in verdict_limits(chosen, TODAY)] == ["uk_2022"]
    assert {x.pack for x in advisory_limits(chosen, TODAY)} == {"order_cancellation_uk"}
    sea = shop("TH", limits="order_cancellation_sea")
    assert {x.pack for x in advisory_limits(sea, TODAY)} == {"official", "return_target_sea"}


@pytest.mark.parametrize(("market", "pack"), [("TH", "uk_2022"), ("GB", "nonsense"), ("US", "best_tenth_2024")])
def test_a_pack_of_another_market_is_refused_with_the_valid_ones(market, pack):
    with pytest.raises(SettingsError, match=re.escape(", ".join(policies.packs(market)))):
        verdict_limits(shop(market, limits=pack), TODAY)


def test_cross_border_limits_are_for_cross_border_shops():
    assert "cross_border" not in {x.pack for x in advisory_limits(shop("SG"), TODAY)}
    assert "cross_border" in {x.pack for x in advisory_limits(shop("SG", cross_border=True), TODAY)}
    assert one("US", "seller_fault_cancellation_rate", "cross_border").minimum_orders == 500


def test_limits_are_dated():
    before, after = date(2025, 5, 31), date(2025, 6, 1)
    assert verdict_limits(shop("TH"), before) == ()
    assert len(verdict_limits(shop("TH"), after)) == 3
    assert len(verdict_limits(shop("ID"), TODAY)) == 4
    limit = replace(one("US", "seller_fault_cancellation_rate"), valid_from=after, valid_to=date(2025, 6, 30))
    assert [limit.in_force(day) for day in (before, after, date(2025, 6, 30), date(2025, 7, 1))] == [
        False,
        True,
        True,
        False,
    ]


def test_tier_is_exact_at_its_value():
    us, th = one("US", "seller_fault_cancellation_rate"), one("TH", "seller_fault_cancellation_rate")
    assert us.tier_reached(25, 1000) is None
    assert us.tier_reached(26, 1000) is not None
    assert th.tier_reached(10, 100).value == 0.1
    assert th.tier_reached(29, 100).value == 0.1
    assert th.tier_reached(30, 100).value == 0.3
    assert th.tier_reached(100, 100).value == 0.5
    # 0.07 * 100 is 7.000000000000001 in floating point
    assert policies.Tier(0.07, "<", "").passed(7, 100)
    assert not policies.Tier(0.07, "<=", "").passed(7, 100)


def test_deadlines_of_a_market_come_before_those_of_all():
    hours = {m: policies.deadline(m, "request_auto_accept", TODAY) for m in ("US", "VN", "GB")}
    assert (hours["US"].value, hours["US"].unit, hours["US"].confidence) == (24, "hours", "official")
    assert (hours["VN"].value, hours["VN"].unit) == (2, "calendar_days")
    assert (hours["GB"].value, hours["GB"].confidence) == (48, "third_party")
    assert policies.deadline("VN", "return_window", TODAY).value == 15
    assert policies.deadline("VN", "return_window", TODAY, "change_of_mind").value == 6
    assert policies.deadline("BR", "return_window", TODAY) is None
    assert policies.deadline("GB", "request_auto_accept", date(2023, 1, 1)) is None


def test_nobody_is_late_on_an_unverified_deadline():
    now = [known for known in policies.dispatch_deadlines("US") if known.in_force(TODAY)]
    assert [(known.value, known.unit) for known in now] == [(2, "business_days")]
    assert policies.dispatch_deadlines("GB") == ()


@pytest.mark.parametrize(
    ("market", "on", "event", "holidays", "zone"),
    [
        ("US", date(2025, 12, 31), "ready_to_ship", "US", ""),
        ("US", date(2026, 1, 1), "in_transit", "US", "America/Los_Angeles"),
        ("ID", TODAY, "shipped", "ID", ""),
        ("TH", TODAY, "ready_to_ship", "", ""),
        ("JP", TODAY, "shipped", "", ""),
    ],
)
def test_what_meets_the_dispatch_deadline_and_which_days_count(market, on, event, holidays, zone):
    (known,) = [known for known in policies.dispatch_deadlines(market) if known.in_force(on)]
    assert (known.event, known.holidays, known.until_zone) == (event, holidays, zone)
    # The limits that are counted by it say the same.
    late = [limit for limit in policies.limits(market, on) if limit.metric == "late_dispatch_rate"]
    assert {limit.event for limit in late} <= {event}
    assert all(limit.assumptions[-1:] == known.assumptions for limit in late if known.assumptions)


def test_a_free_cancellation_can_last_until_something_happens():
    found = {market: policies.deadline(market, "buyer_free_cancel", TODAY) for market in ("ID", "US", "GB")}
    assert (found["ID"].value, found["ID"].unit, found["ID"].event) == (None, "event", "in_transit")
    assert policies.deadline("ID", "buyer_free_cancel", date(2025, 3, 25)).unit == "hours"
    assert [(found[m].value, found[m].confidence) for m in ("US", "GB")] == [(1, "official"), (1, "third_party")]


def test_an_older_text_stays_as_a_dated_row():
    before, since = (one("ID", "seller_fault_cancellation_rate", on=date(2025, 11, day)) for day in (17, 18))
    assert (before.window_days, [tier.value for tier in before.tiers]) == (30, [0.05, 0.75])
    assert (since.window_days, since.denominator, len(since.tiers)) == (7, "orders_placed", 5)
    late = [one("ID", "late_dispatch_rate", on=date(2025, 11, day)) for day in (9, 10)]
    points = [[tier.value for tier in limit.tiers if "2 violation points" in tier.effect] for limit in late]
    assert points == [[0.2, 0.3, 0.5], [0.1, 0.3, 0.5]]


@pytest.mark.parametrize(
    ("market", "count", "total", "value", "cap"),
    [
        # The official page's own example: 100 orders placed, 20 cancelled by the seller's fault, 5 automatically.
        ("ID", 20 + 5, 100, 0.1, 0.75),
        ("ID", 4, 100, None, None),
        ("ID", 5, 100, 0.05, None),
        ("ID", 30, 100, 0.3, 0.5),
        ("ID", 50, 100, 0.5, 0.25),
        ("ID", 75, 100, 0.75, 0.0),
        ("TH", 9, 100, None, None),
        ("TH", 10, 100, 0.1, 0.9),
        ("VN", 30, 100, 0.3, 0.7),
        ("TH", 99, 100, 0.5, 0.5),
    ],
)
def test_the_step_reached_names_its_consequence(market, count, total, value, cap):
    tier = one(market, "seller_fault_cancellation_rate").tier_reached(count, total)
    assert (tier and tier.value, tier and tier.cap) == (value, cap)
    if cap:
        assert f"{cap:.0%}".replace("%", " %") in tier.effect


def test_four_points_are_for_thirty_orders_cancelled_not_for_a_shop_of_thirty_orders():
    limit = one("TH", "seller_fault_cancellation_rate")

    def effect(count, total):
        return limit.tier_reached(count, total).effect_at(count)

    assert "2 violation points" in effect(29, 250)
    assert "4 violation points" in effect(30, 250)
    assert "2 violation points" in effect(12, 40), "forty orders, twelve of them cancelled"


def test_what_becomes_of_orders_that_the_platform_fulfils():
    assert one("US", "seller_fault_cancellation_rate").fbt_out == (True, True)
    assert one("US", "late_dispatch_rate").fbt_out == (True, False)
    assert one("TH", "late_dispatch_rate").fbt_out == (False, False)


def test_a_limit_without_a_look_for_a_year_is_stale():
    limit = one("ID", "seller_fault_cancellation_rate")
    assert not limit.is_stale(TODAY)
    assert not limit.is_stale(date(2027, 11, 29))
    assert limit.is_stale(date(2027, 11, 30))
    assert replace(limit, checked=None).is_stale(date(2026, 11, 19)), "in force since 2025-11-18"
    assert replace(limit, checked=None, valid_from=None).is_stale(TODAY)


@pytest.mark.reference
@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference files are not on this machine")
def test_every_number_of_the_reference_is_in_the_catalog():
    """Each percentage of the sections on limits, causes and other platforms stands in a data file."""
    text = REFERENCE.read_text(encoding="utf-8")
    sections = {int(m[1]): m[2] for m in re.finditer(r"^## (\d+)\..*?$(.*?)(?=^## |\Z)", text, re.M | re.S)}
    data = Path(policies.__file__).parent / "data"
    content = "\n".join((data / name).read_text(encoding="utf-8") for name in ("limits.csv", "reference_lines.csv"))
    known = {round(float(x), 6) for x in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", content)}
    for number in (2, 3, 8, 9):
        for found in re.findall(r"(\d+(?:\.\d+)?) ?%", sections[number]):
            value = float(found)
            assert round(value / 100, 6) in known or value in known, f"section {number}: {found} %"
