"""A shop of another platform, without limits: nothing speaks of limits, files and rules that it cannot have."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta

import pytest

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.catalog.words import words
from cancel_analysis.exhibits.kinds import Prose, Section, TableView
from cancel_analysis.loaders import load_shop
from cancel_analysis.sections.costs import costs
from cancel_analysis.sections.diagnosis import diagnosis
from cancel_analysis.sections.method import method
from cancel_analysis.sections.order_management import orders_by_status, requests
from cancel_analysis.sections.rates import rates_and_limits
from cancel_analysis.sections.verdict import headline, verdict
from cancel_analysis.study.one_shop import Study, study_shop

MAPPING = """
title: house
dates: [ymd]
orders:
  columns: {order_id: no, sku_id: sku, status: state, created_at: placed, line_amount: amount, cancelled_by: who}
  stand_ins: {quantity: [1], paid_at: [created_at]}
  statuses: {done: completed, void: cancelled}
"""
ORDERS = 20 * 60
DAY = date(2025, 11, 29)


@pytest.fixture(scope="module", params=["en", "zh"])
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("house")
    (folder / "house.yaml").write_text(MAPPING, encoding="utf-8")
    with (folder / "orders.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["no", "sku", "state", "placed", "amount", "who"])
        for number in range(ORDERS):
            moment = datetime(2025, 10, 1) + timedelta(minutes=72 * number)
            state, who = ("void", "seller") if number % 8 == 0 else ("done", "")
            writer.writerow([f"A{number:05d}", f"S{number % 7}", state, f"{moment:%Y-%m-%d %H:%M}", "5", who])
            if number % 8 == 1:
                # Of some orders one of two lines is cancelled.
                writer.writerow([f"A{number:05d}", "S8", "void", f"{moment:%Y-%m-%d %H:%M}", "5", "seller"])
    settings = {"id": "house", "market": "other", "currency": "INR", "timezone": "Asia/Kolkata", "files": "*.csv"}
    shop = make_shop({**settings, "mapping": "house.yaml", "language": request.param}, folder)
    return study_shop(shop, load_shop(shop), as_of=DAY)


def lines_of(section: Section) -> list[str]:
    return [line.text for exhibit in section.exhibits if isinstance(exhibit, Prose) for line in exhibit.lines]


def every_line(study: Study) -> list[str]:
    parts = (verdict, rates_and_limits, diagnosis, orders_by_status, requests, costs, method)
    return [line for part in parts for line in lines_of(part(study))]


def test_the_headline_tells_what_is_known(study: Study) -> None:
    said = headline(study)
    month = [number for number in range(ORDERS) if number >= 20 * 30]
    lost = sum(number % 8 in (0, 1) for number in month)
    assert f"{lost:,}" in said
    assert f"{len(month):,}" in said
    assert "%" not in said, "that none has a reason is said in words"
    assert "no reason for any" in said or "没有一件写明原因" in said
    assert "tands out" not in said
    assert "突出" not in said


def test_hints_are_of_what_such_a_shop_can_give(study: Study) -> None:
    said = every_line(study)
    text = " ".join(said)
    for foreign in ("Partner API", "Seller Center", "return export", "退货导出"):
        assert foreign not in text
    hint = words(study.shop.language)("note.no_returns_mapped")
    # In the verdict's caveats and beside the files, in the same words: the terminal tells it once.
    assert said.count(hint) == 2


def test_no_sentence_speaks_of_a_limit_that_there_is_not(study: Study) -> None:
    text = " ".join(lines_of(rates_and_limits(study)) + lines_of(costs(study)))
    for told in ("A limit belongs", "over their limit", "over a limit", "上限"):
        assert told not in text
    notes = [getattr(exhibit, "note", "") for exhibit in rates_and_limits(study).exhibits]
    assert not [note for note in notes if "Dashed" in note or "虚线" in note]
    assert not [exhibit for exhibit in costs(study).exhibits if exhibit.name == "cost_traffic"]


def test_what_was_paid_for_returns_is_not_known(study: Study) -> None:
    (table,) = [one for one in costs(study).exhibits if isinstance(one, TableView) and one.name == "cost_lines"]
    amounts = table.frame.set_index("line")["amount"]
    assert amounts[["refunds", "return_freight"]].isna().all()
    assert amounts["lost_sales"] > 0


def test_nothing_is_held_against_the_rules_of_tiktok_shop(study: Study) -> None:
    names = {exhibit.name for exhibit in orders_by_status(study).exhibits}
    assert "partial_scopes" in names
    assert not names & {"partial_checks", "partial_missed"}
