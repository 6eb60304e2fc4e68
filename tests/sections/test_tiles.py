"""The four tiles say the figures of the judgement and of the returns still to come, and what is not known."""

from dataclasses import replace

import pytest

from cancel_analysis.catalog.words import words
from cancel_analysis.sections import tiles as tile_module
from cancel_analysis.sections.tiles import FAULT, ORDERS, RETURNS, TOTAL, tiles
from cancel_analysis.study.one_shop import open_study
from tests.sections.test_small_shops import small
from tests.studies import SAMPLE, opened

TEXT = words("en")


def shown(study):
    return {tile.name: tile for tile in tiles(study, "en").tiles}


def test_a_shop_over_its_limit_is_told_by_word_value_and_bar():
    study = opened("id-toko-gadget")
    tile, standing = shown(study)[FAULT], study.judgement.deciding
    assert (tile.number, tile.low, tile.high) == (standing.rate, standing.low, standing.high)
    assert (tile.value, tile.status, tile.tone) == ("12.8%", "Over the 5% limit", "breach")
    assert dict(tile.limits) == {0.05: "limit 5%", 0.025: "target 2.5%"}
    assert f"{standing.numerator:.0f} of {standing.denominator:.0f} orders, 7 days to 15 Nov" in tile.detail
    assert len(tile.weeks) == 12
    assert tile.weeks[-1] == pytest.approx(standing.rate)
    points = 100 * (tile.weeks[-1] - tile.weeks[-2])
    assert tile.change == f"{'Up' if points > 0 else 'Down'} {abs(points):.1f} points in a week"


def test_a_limit_for_orientation_gives_no_colour():
    tile = shown(opened("id-toko-gadget"))[ORDERS]
    assert (tile.tone, tile.status) == ("", "Over an unofficial 5%")
    assert dict(tile.limits) == {0.05: "unofficial 5%"}


def test_returns_are_told_as_expected_in_the_end():
    study = opened("uk-linen-lane")
    weeks = study.returns_to_come.weeks
    lately = study.returns_to_come.together(weeks.index >= len(weeks) - 4)
    tile = shown(study)[RETURNS]
    assert tile.number == pytest.approx(lately.expected / lately.orders)
    assert f"{lately.seen} of {lately.orders} delivered orders back so far" in tile.detail
    assert f"{100 * lately.low_95 / lately.orders:.1f}–{100 * lately.high_95 / lately.orders:.1f}%" in tile.range


def test_what_is_not_known_says_so_and_why_and_is_never_nothing():
    tile = shown(opened("sg-orchid-import"))[RETURNS]
    assert (tile.value, tile.number, tile.detail) == ("Not known", None, TEXT("tile.why.returns_few_events"))
    other = open_study(SAMPLE / "other", "sales-report")
    for tile in shown(other).values():
        assert (tile.number is None) == (tile.value == "Not known")
        assert tile.number is not None or tile.detail
    none = shown(small("uk-linen-lane without returns", "40 orders"))[RETURNS]
    assert none.number is None


def test_a_rate_that_lacks_cancellations_is_one_at_least_and_none_is_not_known(monkeypatch):
    invoices = open_study(SAMPLE / "other", "invoices")
    bias, total = invoices.intake.orders.account.bias, shown(invoices)[TOTAL]
    assert bias.lost_cancelled > 0, "cancellations of sales that are in no file"
    assert (total.number, total.detail) == (None, TEXT("tile.why.left_out"))
    harbor = opened("us-harbor-home")
    before = shown(harbor)
    monkeypatch.setattr(tile_module, "lacks_cancellations", lambda study: True)
    after = shown(harbor)
    assert after[FAULT].value == f"≥ {before[FAULT].value}"
    assert (after[FAULT].number, after[FAULT].low, after[FAULT].range) == (before[FAULT].number, None, "")
    assert after[RETURNS] == before[RETURNS]


def test_where_nobody_is_named_the_total_rate_leads():
    study = replace(opened("uk-linen-lane"))
    study.__dict__["names_initiators"] = False
    found = shown(study)
    assert TOTAL in found
    assert ORDERS not in found
    assert found[FAULT].detail == TEXT("tile.why.no_initiators")
    own = study.rates.query("metric == 'total_cancellation_rate' and basis == 'created' and window == 30").iloc[0]
    assert found[TOTAL].number == pytest.approx(own["rate"])


def test_intervals_of_a_handful_of_orders_are_left_out():
    found = shown(small("uk-linen-lane", "3 orders"))
    assert {(tile.low, tile.range) for tile in found.values()} == {(None, "")}


def test_the_file_of_the_tiles_has_every_week():
    found = tiles(opened("us-harbor-home"), "en")
    assert found.frame["name"].tolist() == [tile.name for tile in found.tiles]
    assert found.frame["week_0_before"].iloc[0] == pytest.approx(found.tiles[0].weeks[-1])
