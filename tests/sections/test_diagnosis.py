"""The diagnosis and the costs of the sample shops: what was planted is found, and everything can be shown.

`truth.json` holds what was planted, counted by the generator; no report reads it.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pandas as pd
import pytest

from cancel_analysis.catalog.shops import COSTS
from cancel_analysis.catalog.words import words
from cancel_analysis.diagnosis.causes import CAUSES
from cancel_analysis.diagnosis.stock import STATES
from cancel_analysis.diagnosis.tracking import CHECKS
from cancel_analysis.diagnosis.triage import diagnose
from cancel_analysis.exhibits.kinds import Picture, Prose, TableView
from cancel_analysis.report.show import output
from cancel_analysis.sections import costs as sections_costs
from cancel_analysis.sections import diagnosis as sections_diagnosis
from cancel_analysis.sections import verdict as sections
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study
from tests.studies import SAMPLE, opened

SHOPS = ("us-harbor-home", "uk-linen-lane", "th-siam-beauty", "vn-saigon-shoes", "id-toko-gadget", "sg-orchid-import")


@cache
def diagnosed(shop):
    return opened(shop).diagnosis


@cache
def truth(shop):
    return json.loads((SAMPLE / shop / "truth.json").read_text(encoding="utf-8"))


def prose(section):
    return "\n".join(one.text for one in section.exhibits if isinstance(one, Prose))


def test_the_stock_gaps_are_those_that_were_planted():
    found, planted = diagnosed("id-toko-gadget").find("stock_gap"), truth("id-toko-gadget")["stock_gaps"]
    gaps = found.figures["gap_table"].sort_values(["sku_id", "start"]).reset_index(drop=True)
    wanted = sorted(planted["gaps"], key=lambda one: (one["sku_id"], one["begin"]))
    assert gaps["sku_id"].tolist() == [one["sku_id"] for one in wanted]
    assert gaps["start"].tolist() == [pd.Timestamp(one["begin"]) for one in wanted]
    # A gap that is still open ends with the last day seen.
    assert gaps["end"].tolist() == [pd.Timestamp(one["end"] or "2026-11-16") for one in wanted]
    assert gaps["oversold_units"].tolist() == [one["units_oversold"] for one in wanted]
    assert gaps["cancelled_units"].tolist() == [one["units_cancelled_out_of_stock"] for one in wanted]
    assert gaps["explained_units"].tolist() == gaps["cancelled_units"].tolist()
    assert found.figures["explained_orders"] == planted["out_of_stock_explained"]
    assert set(found.evidence["sku_id"]) == {one["sku_id"] for one in planted["gaps"]}
    assert not set(found.evidence["seller_sku"]) & set(planted["healthy_seller_skus"])


def test_the_diagnosis_names_the_skus_and_the_share():
    study = opened("id-toko-gadget")
    text = prose(sections_diagnosis.diagnosis(study))
    finding = diagnosed("id-toko-gadget").find("stock_gap")
    units = finding.figures["stock_units"]
    assert (
        f"{finding.found_units:.0f} of {units:.0f} items cancelled as out of stock ({finding.found_units / units:.0%})"
        in text
    )
    assert "4 SKUs" in text


@pytest.mark.parametrize("shop", ["vn-saigon-shoes", "th-siam-beauty"])
def test_the_parcels_that_were_not_handed_over_are_those_that_were_planted(shop):
    rows, planted = diagnosed(shop).find("handover").rows, truth(shop)["tracking"]
    names = {
        "never_moved": "never_moved",
        "before_handover": "event_before_handover",
        "label_only": "label_without_pickup",
    }
    for check, key in names.items():
        of_check = rows[rows["check"] == check]
        assert sorted(of_check["order_id"].unique()) == planted[key], check
        assert sorted(of_check.loc[of_check["recent"], "order_id"].unique()) == planted["last_3_days"][key], check
    soon = rows.loc[(rows["check"] == "label_only") & ~rows["waited"], "order_id"]
    assert sorted(soon.unique()) == planted["within_a_day"]


def test_the_carrier_with_its_region_and_late_dispatch_are_told_from_the_orders_alone():
    focus = truth("vn-saigon-shoes")["focus"]
    text = prose(sections_diagnosis.diagnosis(opened("vn-saigon-shoes")))
    assert f"{focus['carrier']} to {focus['region']}" in text
    thai, late = truth("th-siam-beauty")["focus"], diagnosed("th-siam-beauty").find("late_dispatch")
    assert late.figures["since"].isoformat() == thai["first_day"]
    assert late.explained_share > 0.5
    bad = diagnosed("uk-linen-lane").find("listing").figures["names"]
    assert set(bad) == set(truth("uk-linen-lane")["focus"]["product_names"])


def test_listings_that_do_not_stand_out_on_the_first_page_are_something_to_look_at(monkeypatch):
    study = opened("uk-linen-lane")
    assert "lose more to “does not match”" in prose(sections_diagnosis.diagnosis(study))
    monkeypatch.setattr(Study, "standouts", ())
    quiet = replace(study)
    said = next(one for one in sections_diagnosis.diagnosis(quiet).exhibits if one.name == "triage_listing_said")
    assert "A reason to look, not a finding." in said.lines[0].text
    assert "though not beyond what products differ anyway" in said.lines[0].text
    assert not [line for line in said.lines if line.kind == "finding"]
    assert said.lines[-1].text.startswith("Look at these listings")


def test_days_that_the_files_do_not_cover_are_not_claimed():
    study = opened("uk-linen-lane")
    first = study.orders["created_at"].min().date()
    found = diagnose(study.orders, study.items, shop=study.shop, as_of=first + timedelta(days=19))
    assert found.find("listing").figures["days"] == 20


@pytest.mark.parametrize("shop", SHOPS)
def test_every_unit_is_explained_once_or_not_at_all(shop):
    found = diagnosed(shop)
    lost = opened(shop).period_items
    assert found.units == lost.loc[lost["stage"] != "unpaid", "units"].sum()
    titles = [one.title for one in found.steps]
    assert (found.explained[titles].sum(axis=1) <= found.explained["units"]).all()
    assert found.table["explained_share"].sum() + found.table["unexplained_share"].iloc[-1] == pytest.approx(1)


@pytest.mark.parametrize("shop", SHOPS)
def test_both_parts_can_be_shown_in_a_report(shop, tmp_path):
    study = opened(shop)
    sections = (sections_diagnosis.diagnosis(study), sections_costs.costs(study))
    exhibits = [one for section in sections for one in section.exhibits]
    output.start("report", tmp_path)
    output.show(*sections)
    personal = truth(shop)["personal"]
    for one in exhibits:
        if isinstance(one, TableView):
            assert {column.name for column in one.columns} <= set(one.frame.columns), one.name
            assert one.most_rows <= 15 or one.name == "triage_beside" or len(one.frame) <= one.most_rows
        if isinstance(one, Picture):
            assert one.chart
        frame = one.frame
        if frame is not None:
            assert personal["marker"] not in frame.to_csv()
            assert personal["mail"] not in frame.to_csv()
    assert not re.search(r"[{}]", "".join(prose(section) for section in sections))
    written = {path.stem for path in (tmp_path / "tables").glob("*.csv")}
    assert {one.name for one in exhibits if isinstance(one, TableView)} <= written


def test_a_step_without_its_file_says_what_it_needs():
    text = prose(sections_diagnosis.diagnosis(opened("uk-linen-lane")))
    assert "two files are needed" in text
    assert "tracking events are needed" in text
    assert "docs/operations.md" in text


def test_costs_say_what_is_not_known_and_count_what_is():
    study = opened("uk-linen-lane")
    text = prose(sections_costs.costs(study))
    for name in ("commission", "label_fee", "return_freight"):
        assert f"costs.{name}" in text
    told = replace(
        study, shop=replace(study.shop, costs=(("commission", 0.05), ("label_fee", 3.0), ("return_freight", 2.0)))
    )
    found = told.costs
    lost = told.period_items
    cancelled = lost[lost["stage"].isin(["cancellation", "refund"]) & lost["return_id"].isna()]
    amounts = found.lines.set_index("line")["amount"]
    assert amounts["commission"] == pytest.approx(cancelled["amount"].sum() * 0.05)
    assert amounts["label_fee"] == 3 * cancelled.loc[cancelled["initiator"] == "seller", "order_id"].nunique()
    assert found.not_known == ()
    assert "Left out of the costs" not in prose(sections_costs.costs(told))


def test_what_a_fix_is_worth_stands_under_costs_in_the_order_of_the_first_page():
    study = opened("id-toko-gadget")
    table = next(one for one in sections_costs.costs(study).exhibits if one.name == "fixes")
    assert table.frame["root_cause"].tolist() == [*study.fixes.frame["root_cause"], "everything"]
    assert table.frame["root_cause"].iloc[0] == "stock"
    first = table.frame.iloc[0]
    assert (first["verdict"], study.judgement.verdict) == ("ok", "breach")
    # Lines and orders of the planted cause are counted in two places; the rate is the limit's own.
    cancelled = study.facts[study.facts["seller_fault"]]
    assert first["counted"] <= len(cancelled)
    assert first["numerator"] + first["counted"] == study.judgement.deciding.numerator
    assert "unchanged" in set(table.frame["rate_label"])
    actions = next(one for one in sections.verdict(study).exhibits if one.name == "actions")
    assert actions.cards[0].worth[0].startswith("Up to Rp")
    assert "upper ends" in table.note


def test_what_is_told_first_is_what_is_worth_most_to_repair():
    study = replace(opened("id-toko-gadget"))
    other = replace(study.standouts[0], root_cause="address", excess=999.0)
    study.__dict__["standouts"] = (other, *study.standouts)
    assert study.ranked_standouts[0].root_cause == "stock"
    page = {one.name: one for one in sections.verdict(study).exhibits}
    told = page["verdict"].lines[0].text
    assert told.startswith("Out-of-stock cancellations of 4 SKUs")
    assert told == sections.headline(study)
    first, second = page["actions"].cards[:2]
    assert first.action == speaker(study).words("card.stock.do")
    assert second.action == speaker(study).words("card.address.do")


def test_figures_of_others_carry_their_confidence():
    section = sections_diagnosis.diagnosis(opened("us-harbor-home"))
    table = next(one for one in section.exhibits if one.name == "triage_beside")
    assert set(table.frame["confidence_label"]) == {"unverified"}
    assert "not findings about this shop" in table.note


def test_a_report_of_one_product_explains_that_product():
    study = replace(opened("id-toko-gadget"), product="TWS Earbuds NanoPods 3")
    found = study.diagnosis
    assert 0 < found.units < diagnosed("id-toko-gadget").units
    assert set(found.find("stock_gap").rows["sku_id"]) <= set(study.period_items["sku_id"])
    assert found.find("stock_gap").explained_units == 32


def test_every_word_that_a_finding_can_ask_for_is_there():
    text = words("en")
    keys = [f"triage.state.{one}" for one in STATES] + [f"triage.check.{one}" for one in CHECKS]
    titles = ["codes", "stock_gap", "handover", "on_the_way", "listing", "late_dispatch"]
    titles += [f"places_{cause}" for cause in CAUSES if cause != "late_dispatch"]
    keys += [f"triage.title.{one}" for one in titles]
    keys += [f"cost.line.{one}" for one in COSTS if one != "traffic_loss"]
    for needs in ("stock_log", "stock_snapshots", "stock_log+stock_snapshots", "tracking", "deadline"):
        keys += [f"triage.missing.{needs}", f"triage.needs.{needs}"]
    for key in keys:
        assert text(key)
