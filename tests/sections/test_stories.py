"""The planted story of each sample shop is what its report says first; the healthy one is told it is healthy.

`truth.json` holds what was planted; no report reads it.
"""

import json
from dataclasses import replace
from functools import cache

import pytest

from cancel_analysis.sections import verdict as sections
from cancel_analysis.sections.rates import rates_and_limits
from cancel_analysis.study.one_shop import open_study
from tests.studies import SAMPLE, opened

SHOPS = ("us-harbor-home", "uk-linen-lane", "th-siam-beauty", "vn-saigon-shoes", "id-toko-gadget", "sg-orchid-import")


@cache
def truth(shop):
    return json.loads((SAMPLE / shop / "truth.json").read_text(encoding="utf-8"))


def first_lines(shop):
    """The report's first page, line by line."""
    shown = sections.verdict(opened(shop)).exhibits
    lines = [line.text for one in shown if hasattr(one, "lines") for line in one.lines]
    cards = next(one for one in shown if one.name == "actions").cards
    return [*lines, *(card.action for card in cards), *(card.where for card in cards)]


@pytest.mark.parametrize("shop", SHOPS)
def test_every_report_is_of_the_last_whole_week(shop):
    study = opened(shop)
    assert study.as_of.isoformat() == truth(shop)["as_of"]


def test_the_healthy_shop_is_told_it_is_healthy():
    study = opened("us-harbor-home")
    assert study.judgement.verdict == "ok"
    assert study.standouts == ()
    assert sections.headline(study) == "Harbor Home is within its limits, and nothing stands out."
    # Two requests run out within a day; beside them nothing is to be done.
    told = first_lines("us-harbor-home")
    assert any("Answer 2 cancellation requests" in line for line in told)
    assert len([line for line in told if line.startswith("Answer")]) == 1
    assert not any("Correct" in line or "Ship" in line for line in told)


def test_the_misleading_listings_are_named_first():
    study, focus = opened("uk-linen-lane"), truth("uk-linen-lane")["focus"]
    first = study.standouts[0]
    assert (first.root_cause, first.dimension) == ("listing", "product")
    assert set(first.places["label"]) == set(focus["product_names"])
    assert "mismatched listings of 2 products" in sections.headline(study)
    assert any(all(name in line for name in focus["product_names"]) for line in first_lines("uk-linen-lane"))


def test_late_dispatch_is_told_with_the_week_it_began():
    study, focus = opened("th-siam-beauty"), truth("th-siam-beauty")["focus"]
    first = study.standouts[0]
    assert first.root_cause == "late_dispatch"
    assert first.since is not None
    assert first.since.isoformat() == focus["first_day"]
    assert sections.headline(study).startswith("Late dispatches since ")
    assert study.judgement.verdict == "breach"


def test_the_failing_carrier_is_named_with_its_region():
    study, focus = opened("vn-saigon-shoes"), truth("vn-saigon-shoes")["focus"]
    first = study.standouts[0]
    assert (first.root_cause, first.dimension) == ("carrier", "carrier_region")
    assert list(first.places["label"]) == [f"{focus['carrier']} · {focus['region']}"]
    assert focus["carrier"] in sections.headline(study)
    assert focus["region"] in sections.headline(study)


def test_the_skus_without_stock_are_named_and_when_it_began():
    study, focus = opened("id-toko-gadget"), truth("id-toko-gadget")["focus"]
    first = study.standouts[0]
    assert (first.root_cause, first.dimension) == ("stock", "sku")
    assert set(first.places["place"]) == set(focus["sku_ids"])
    assert first.since is not None
    assert first.since.isoformat() == focus["first_day"]
    assert study.judgement.verdict == "breach"


def test_twelve_orders_tell_nothing_and_the_report_says_so():
    study = opened("sg-orchid-import")
    assert study.judgement.verdict == "cannot_tell"
    assert study.standouts == ()
    assert "too few" in sections.headline(study)


@pytest.mark.parametrize("shop", SHOPS)
def test_the_rates_are_those_that_were_planted(shop):
    """Counted by the generator when it made the orders, by the package from the files."""
    study, planted = opened(shop), truth(shop)["windows_at_as_of"]["30"]
    rates = study.rates[(study.rates["basis"] == "created") & (study.rates["window"] == 30)].set_index("metric")
    assert rates.loc["order_cancellation_rate", "denominator"] == planted["orders"]
    assert rates.loc["seller_fault_cancellation_rate", "numerator"] == planted["seller_fault_cancelled"]
    both = planted["seller_fault_cancelled"] + planted["not_on_time_by_buyer"]
    assert rates.loc["seller_fault_cancellation_rate", "numerator_other"] == both
    assert rates.loc["return_rate", "denominator"] == planted["delivered"]
    assert (
        rates.loc["total_cancellation_rate", "numerator"]
        == sum(planted["cancelled_before_shipping"].values()) + planted["unpaid_cancelled"]
    )


@pytest.mark.parametrize("shop", SHOPS)
def test_every_row_of_the_files_is_accounted_for(shop):
    accounts = truth(shop)["accounts"]
    intake = opened(shop).intake
    for kind, account in (("orders", intake.orders.account), ("returns", intake.returns and intake.returns.account)):
        planted = accounts.get(kind)
        if account is None or planted is None:
            continue
        found = {name: getattr(account, name) for name in planted}
        assert found == planted


@pytest.mark.parametrize("shop", SHOPS)
def test_nothing_of_a_buyer_reaches_a_table(shop):
    study, personal = opened(shop), truth(shop)["personal"]
    frames = [study.orders, study.items, study.intake.orders.account.refusals]
    if study.returns is not None:
        frames.append(study.returns)
    for frame in frames:
        text = frame.to_csv()
        assert personal["marker"] not in text
        assert personal["mail"] not in text
        assert personal["phone"] not in text


def test_a_shop_without_any_limit_that_gives_a_verdict_has_its_report_all_the_same():
    study = opened("sg-orchid-import")
    alone = replace(study, shop=replace(study.shop, limits="official"))
    assert alone.judgement.deciding is None
    assert rates_and_limits(alone).exhibits
    assert sections.verdict(alone).exhibits


def test_the_level_of_single_days_and_the_rate_over_thirty_are_told_apart():
    from cancel_analysis.sections.voice import speaker
    from cancel_analysis.sections.why import course_picture

    study = opened("id-toko-gadget")
    drawn = course_picture(study, speaker(study, "en"))
    # The caption names the level that the change leads to, and where the line itself ends.
    last = drawn.frame["rate"].dropna().iloc[-1]
    assert drawn.caption.endswith(f"; over 30 days {100 * last:.1f}% now")
    assert "from day to day up since" in drawn.caption


def test_a_rate_that_ends_where_it_began_did_not_go_from_there_to_there(tmp_path):
    from cancel_analysis.sections.voice import speaker
    from cancel_analysis.sections.why import course_picture

    newest = SAMPLE / "us-harbor-home" / "All order-2026-11-16-09_12.csv"
    (tmp_path / newest.name).write_bytes(newest.read_bytes())
    study = open_study(tmp_path, market="US")
    drawn = course_picture(study, speaker(study, "en"))
    rates = drawn.frame["rate"].dropna()
    assert f"{rates.iloc[0]:.1%}" == f"{rates.iloc[-1]:.1%}", "the file was chosen for that"
    assert drawn.caption == f"Seller-fault cancellation rate: {rates.iloc[-1]:.1%}, as on 29 Oct 2026"
