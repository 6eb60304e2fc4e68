"""Shops whose files do not say who cancelled: nothing says 0 % of what is not known."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from cancel_analysis.benchmarks.judgement import judge
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.exhibits.kinds import Fold, Picture, Prose, Tiles
from cancel_analysis.explore.card import card_text
from cancel_analysis.explore.shop import Shop
from cancel_analysis.loaders import load_shop
from cancel_analysis.pages import portfolio_sections
from cancel_analysis.pages.brief import brief_of, shop_brief
from cancel_analysis.pages.brief_sections import evidence, first_screen, shop_lines
from cancel_analysis.pages.brief_text import message, written
from cancel_analysis.pages.portfolio import portfolio_of
from cancel_analysis.pages.portfolio_tables import shops_table
from cancel_analysis.pages.shop_rows import page_speaker
from cancel_analysis.sections import sentences, verdict
from cancel_analysis.sections.changes import what_changed
from cancel_analysis.sections.others import others
from cancel_analysis.sections.rates import rates_and_limits
from cancel_analysis.study.one_shop import Study, study_shop

MAPPING = """
title: house
market: ID
dates: [ymd]
orders:
  columns: {order_id: nomor, status: keadaan, created_at: dibuat, cancelled_at: dibatalkan}
  stand_ins: {quantity: [1]}
  statuses: {selesai: completed, batal: cancelled}
"""
# Every eighth order is cancelled; 20 orders a day.
DAY = date(2025, 11, 30)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("house")
    (folder / "house.yaml").write_text(MAPPING, encoding="utf-8")
    with (folder / "orders.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["nomor", "keadaan", "dibuat", "dibatalkan"])
        for number in range(20 * 61):
            moment = datetime(2025, 10, 1) + timedelta(minutes=72 * number)
            gone, at = number % 8 == 0, f"{moment:%Y-%m-%d %H:%M}"
            writer.writerow([f"A{number:05d}", "batal" if gone else "selesai", at, at if gone else ""])
    shop = make_shop({"id": "house", "market": "ID", "mapping": "house.yaml", "files": "*.csv"}, folder)
    return study_shop(shop, load_shop(shop), as_of=DAY)


def test_the_brief_tells_what_anybody_cancelled(study: Study) -> None:
    brief = shop_brief(study, DAY)
    figure = brief.figure("order_cancellation_rate")
    gone = sum(number % 8 == 0 for number in range(20 * 60, 20 * 61))
    assert (figure["numerator"], figure["denominator"]) == (gone, 20)
    assert brief.figure("seller_fault_cancellation_rate")[["numerator", "denominator", "rate", "usual"]].isna().all()
    text = written(message(brief_of([study], DAY), page_speaker("en")))
    assert f"{gone} cancelled by anybody, 20 placed (" in text
    assert "0.0%" not in text
    assert "buyer or seller cancelled" not in text


def test_the_brief_names_the_shop(study: Study) -> None:
    brief = brief_of([study], DAY)
    folds = [fold for fold in evidence(brief).exhibits if isinstance(fold, Fold)]
    table = next(each for fold in folds for each in fold.exhibits if each.name == "brief_shops")
    assert "do not say who cancelled" in table.note
    assert table.frame["fault_counts"].iloc[0] == "–"
    (lines,) = shop_lines(brief).exhibits
    assert "cancelled by anybody" in lines.rows[0].said
    tiles = {tile.name: tile for each in first_screen(brief).exhibits if isinstance(each, Tiles) for tile in each.tiles}
    assert tiles["seller_fault_cancellation_rate"].number is None


def test_the_portfolio_does_not_compare_what_is_not_known(study: Study) -> None:
    portfolio = portfolio_of([study], DAY, 30)
    assert portfolio.movers.empty


def test_the_rates_table_says_that_it_cannot_tell(study: Study) -> None:
    table = next(e for e in rates_and_limits(study).exhibits if e.name == "rates_table")
    rows = table.frame.set_index("metric")
    for name in ("order_cancellation_rate", "seller_fault_cancellation_rate"):
        assert rows.loc[name, ["days30", "numerator", "denominator"]].isna().all()
        assert rows.loc[name, "range"] == "cannot tell"
    assert rows.loc["total_cancellation_rate", "numerator"] > 0
    assert "do not say who cancelled" in table.note


def test_the_card_says_that_it_is_not_known(study: Study) -> None:
    text = card_text(study, Shop(study).rates())
    assert "Order cancellation rate" in text
    assert "not known (the files do not say who cancelled)" in text
    assert pd.isna(Shop(study).rates().frame.set_index("metric").loc["order_cancellation_rate", "rate"]).all()


def test_return_rates_without_a_return_export_are_at_least(study: Study) -> None:
    marked = study.intake.orders.table.copy()
    done = marked.index[marked["status"] == "completed"][::20]
    marked.loc[done, "after_sale"] = "return_refund"
    marked.loc[done, "quantity_affected"] = 1
    intake = replace(study.intake, orders=replace(study.intake.orders, table=marked))
    returned = study_shop(study.shop, intake, as_of=DAY)
    table = next(e for e in rates_and_limits(returned).exhibits if e.name == "rates_table")
    assert "Return figures are at least" in table.note
    card = card_text(returned, Shop(returned).rates())
    assert "at least" in card


def test_no_limit_is_met_by_what_nobody_is_named_for(study: Study) -> None:
    held = make_shop({"id": "shop", "market": "ID"})
    of_fault = [
        standing
        for standing in judge(study.cube, held, DAY, study.facts).standings
        if standing.limit.metric == "seller_fault_cancellation_rate"
    ]
    assert of_fault
    for standing in of_fault:
        assert standing.nameless
        # None is known to be the seller's, which is no proof that none is.
        assert standing.numerator == 0
        assert standing.signal == "cannot_tell"
        assert standing.verdict != "ok"
        assert standing.outlook is None, "what is left to a limit is not known of what is known at least"


def test_the_headline_does_not_blame_the_number_of_orders(study: Study) -> None:
    judged = study_shop(make_shop({"id": "shop", "name": "House", "market": "ID"}), study.intake, as_of=DAY)
    said = verdict.headline(judged, "en")
    assert said == "The files hardly say who cancelled, so whether House is within TikTok's 5% limit is not sure."


def test_what_is_known_at_least_is_said_and_where_the_rest_is_to_be_had(study: Study) -> None:
    judged = study_shop(make_shop({"id": "shop", "name": "House", "market": "ID"}), study.intake, as_of=DAY)
    said = sentences.lead_lines(judged.judgement, page_speaker("en"))
    assert "0 of 140 orders are known to count; there may be more." in said
    assert [card.action for card in verdict.cards(judged).cards] == ["Look up this rate in Seller Center"]


def test_no_picture_draws_what_is_known_at_least(study: Study) -> None:
    judged = study_shop(make_shop({"id": "shop", "name": "House", "market": "ID"}), study.intake, as_of=DAY)
    found = {each.name: each for part in (rates_and_limits, others, what_changed) for each in part(judged).exhibits}
    assert isinstance(found["over_time"], Prose)
    assert "hardly say who cancelled" in found["over_time"].text
    assert "hardly say who cancelled" in found["signals"].text
    assert {"control_chart", "others_funnel", "limits"}.isdisjoint(found), "each would draw 0 %"


def test_a_portfolio_shows_no_rate_of_such_a_shop(study: Study) -> None:
    """Two shops with named cancellations are drawn; the third is named as left out, and its rate is not known."""
    judged = study_shop(make_shop({"id": "shop", "name": "House", "market": "ID"}), study.intake, as_of=DAY)
    portfolio = portfolio_of([judged], DAY, 30)
    (row,) = portfolio.shops.to_dict("records")
    assert row["nameless"] is True
    table = shops_table(portfolio, page_speaker("en"))
    assert table.frame["rate"].isna().all()
    assert table.frame[["figure", "range"]].eq("–").all(axis=None)
    others = [{**row, "shop": name, "name": name, "nameless": None, "rate": 0.02} for name in ("One", "Two")]
    both = replace(portfolio, shops=pd.DataFrame([row, *others]))
    (picture,) = (each for each in portfolio_sections.first_screen(both).exhibits if isinstance(each, Picture))
    assert sorted(picture.frame["name"]) == ["One", "Two"]
    assert portfolio.funnel.empty, "what is known at least is no point beside others"
    assert picture.note.endswith("Left out, as the files hardly say who cancelled: House.")


def test_a_limit_that_is_passed_without_those_is_passed(study: Study) -> None:
    """Named ones alone are over the limit: the others could only add to it."""
    held = make_shop({"id": "shop", "market": "ID"})
    cube = study.cube.copy()
    last = cube.index[(cube["basis"] == "created") & (cube["date"] == pd.Timestamp(DAY))]
    cube.loc[last, ["seller_fault", "seller_fault_least", "seller_fault_other"]] = 100
    cube.loc[last, ["orders_placed", "orders_paid"]] = 200
    standing = next(one for one in judge(cube, held, DAY).standings if one.limit.id == "id_official_sfcr")
    assert standing.nameless
    assert (standing.standing, standing.verdict) == ("over", "breach")
