"""What is said of the reason against stock: a finding where it is material, a hint where there is no log."""

from datetime import date

from cancel_analysis.catalog.words import words
from cancel_analysis.diagnosis.stock_reasons import reason_against_stock
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.sections.diagnosis import diagnosis
from cancel_analysis.sections.folds import evidence
from cancel_analysis.sections.stock_reasons import stock_reasons
from tests.diagnosis.test_stock import lost, moment, order
from tests.frames import affected_items, order_lines, stock_log
from tests.studies import opened

VOICE = Speaker(words("en"), NumberFormats("en"), "IDR")


def said(had, none, log=True):
    statements = [{"at": moment(8), "stock": 999}, {"at": moment(8), "stock": 0, "sku_id": "S2"},
                  {"at": moment(23, 12), "stock": 999}]  # fmt: skip
    numbered = [(n, "S1" if n < had else "S2") for n in range(had + none)]
    gone = [lost(n, 9 + n / 60, sku=sku) for n, sku in numbered]
    placed = [order(n, 9 + n / 60, sku=sku) for n, sku in numbered]
    orders = order_lines(*({**line, "cancelled_at": item["event_at"]} for line, item in zip(placed, gone, strict=True)))
    items = affected_items(*gone)
    found = reason_against_stock(orders, items, stock_log(*statements) if log else None, date(2026, 11, 15), 30)
    return stock_reasons(found, VOICE)


def kinds(section):
    return [line.kind for line in section.exhibits[0].lines]


def test_a_material_share_is_a_finding_with_its_own_advice():
    section = said(24, 1)
    text = section.exhibits[0].text
    assert "Of 25 orders cancelled as out of stock, 24 (96%, 80–99%) had stock" in text
    assert kinds(section) == ["finding", "action"]
    assert "Choose the true reason from now on" in text
    assert section.exhibits[1].frame["state"].tolist() == ["had"] * 24 + ["none"]


def test_a_few_contradictions_are_told_and_are_no_finding():
    section = said(2, 30)
    assert kinds(section) == ["plain", "note"]
    assert "no finding" in section.exhibits[0].text


def test_without_a_stock_log_there_is_a_hint_and_no_table():
    section = said(5, 5, log=False)
    assert kinds(section) == ["hint"]
    assert len(section.exhibits) == 1
    # The check of stock by time asks for the same file already.
    assert "stock_reasons" not in [one.name for one in diagnosis(opened("us-harbor-home")).exhibits]


def test_it_stands_beside_the_stock_gaps_in_the_evidence():
    names = [one.name for one in diagnosis(opened("id-toko-gadget")).exhibits]
    assert names.index("stock_reasons") == names.index("triage_stock_orders") + 1
    folds = {fold.name: [one.name for one in fold.exhibits] for fold in evidence(opened("id-toko-gadget")).exhibits}
    assert {"stock_reasons", "stock_reasons_orders"} <= set(folds["fold_checks"])
    # The planted cause is stock that was not there: hardly any order had some.
    found = opened("id-toko-gadget").reason_against_stock
    assert found.known > 50
    assert not found.material
