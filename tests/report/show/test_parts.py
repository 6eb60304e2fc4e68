"""What a report's notebook calls, beyond what each part shows."""

from __future__ import annotations

import json

from IPython.utils.capture import capture_output

from cancel_analysis.catalog.shops import read_shop_list
from cancel_analysis.pages import portfolio
from cancel_analysis.report.show.parts import ShopReport
from cancel_analysis.store.place import FOLDER
from cancel_analysis.study.cut import covered
from cancel_analysis.study.kept import portfolio_name, read_kept
from cancel_analysis.study.many_shops import kept_of

SHOP = "sg-orchid-import"


def finished(sample, work, **given):
    with capture_output():
        report = ShopReport(SHOP, data=str(sample), mode="report", work=str(work), **given)
        report.verdict()
        report.finish()
    return report.study


def test_a_report_keeps_what_the_portfolio_of_its_week_would_open_the_shop_for(sample, tmp_path, monkeypatch):
    shop = read_shop_list(sample).one(SHOP)
    monkeypatch.setenv(FOLDER, str(tmp_path / "store"))
    study = finished(sample, tmp_path)
    name = portfolio_name(study.as_of, study.period_days, "en")
    kept = read_kept(shop, name)
    assert kept
    monkeypatch.setenv(FOLDER, "off")

    def make(opened):
        return portfolio.keep_shop(opened, "en", study.as_of)

    # As notes keep it: a tuple is a list there.
    fresh = kept_of(shop, name, study.as_of, make, study.period_days, covered=True)
    assert kept == json.loads(json.dumps(fresh))


def test_a_report_of_a_part_or_of_another_day_keeps_nothing(sample, tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr("cancel_analysis.report.show.parts.keep_of_report", lambda *said: kept.append(said))
    study = finished(sample, tmp_path / "whole")
    assert len(kept) == 1
    finished(sample, tmp_path / "part", product=study.orders["sku_id"].iloc[0])
    finished(sample, tmp_path / "earlier", as_of="2026-11-13")
    assert len(kept) == 1


def test_a_report_keeps_its_lines_once_and_the_lab_all_of_them(sample, tmp_path):
    kept = finished(sample, tmp_path).intake.orders
    every = ShopReport(SHOP, data=str(sample), mode="lab").study.intake.orders
    assert list(kept.table.columns) == ["created_at"]
    assert "order_id" in every.table
    # What is asked of them later is the same.
    assert covered(kept) == covered(every)
