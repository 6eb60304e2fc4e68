"""Until when a shop's files speak is asked in a process of its own, so that one shop stops no plan."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import CancelAnalysisError
from cancel_analysis.loaders import load_shop
from cancel_analysis.report import coverage, plan
from cancel_analysis.report.coverage import Look
from cancel_analysis.steps import collected
from cancel_analysis.study.cut import covered
from tests.loaders.exports import order, write_csv, write_xlsx
from tests.loaders.parsing.test_workbooks import add_cells, limited, one_cell


def shop(name: str, *files: Path) -> ShopSettings:
    return ShopSettings(name, "US", f"Shop {name}", "USD", "America/New_York", files=files)


@limited
def test_files_that_bring_a_process_down_stop_no_other_shop(tmp_path: Path) -> None:
    good = shop("good", write_csv(tmp_path / "good.csv", [order(number) for number in range(1, 9)]))
    far = shop("far", add_cells(write_xlsx(tmp_path / "far.xlsx", [order()]), one_cell("XFD1048576")))
    deep = tmp_path / "deep.json"
    deep.write_text(json.dumps([]).replace("[]", "[" * 50_000 + "]" * 50_000), encoding="utf-8")
    jobs = plan.plan([far, good, shop("deep", deep), shop("none")], tmp_path)
    (alone,) = plan.plan([good], tmp_path)
    assert {job.as_of for job in jobs} == {alone.as_of}
    assert [job.shop.id for job in jobs] == ["far", "good", "deep", "none"]
    assert [bool(job.fault) for job in jobs] == [True, False, True, True]


def test_what_is_asked_is_the_last_day_of_the_files(tmp_path: Path) -> None:
    good = shop("good", write_csv(tmp_path / "good.csv", [order(number) for number in range(1, 9)]))
    (seen,) = coverage.look_at([Look(good)], 1)
    assert seen.error is None
    assert seen.days is not None
    assert seen.days == covered(load_shop(good).orders)


def test_a_death_is_an_error_of_that_shop_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(coverage, "read_shop", int)
    (seen,) = coverage.look_at([Look(shop("none"))], 1)
    assert isinstance(seen.error, CancelAnalysisError)
    assert "TypeError" in str(seen.error)
    assert not list(tmp_path.iterdir())


def test_answers_stand_in_the_order_of_what_was_asked_and_are_told_as_they_come(tmp_path: Path) -> None:
    days = {"late": 30, "early": 9, "middle": 20}
    shops = [
        shop(name, write_csv(tmp_path / f"{name}.csv", [order(number) for number in range(1, last)]))
        for name, last in days.items()
    ]
    told: list[tuple[str, int, int]] = []
    with collected(lambda *what: told.append(what)):
        seen = coverage.look_at([Look(one) for one in shops], 3)
    assert [one.asked.shop.id for one in seen] == list(days)
    assert [one.days for one in seen] == [covered(load_shop(one).orders) for one in shops]
    assert told == [("files", done, 3) for done in range(4)]
