"""The page of appeals beside a report and by itself: one renderer, nothing personal, links that lead somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest

from cancel_analysis.catalog.shops import read_shop_list
from cancel_analysis.errors import ReportError
from cancel_analysis.exhibits.kinds import Picture, Section
from cancel_analysis.report import batch, remedies, render
from cancel_analysis.report.plan import plan
from cancel_analysis.sections.remedies import on_page, whole
from tests.report.test_index import report as finished
from tests.studies import SAMPLE, opened


def sheets(path: Path) -> dict[str, int]:
    """Name → rows below the header of each sheet but the first."""
    return {sheet.title: sheet.max_row - 1 for sheet in openpyxl.load_workbook(path).worksheets[1:]}


def test_a_page_by_itself_is_whole_small_and_links_to_nothing_that_is_not_there(tmp_path: Path) -> None:
    study = opened("th-siam-beauty")
    parts = on_page(study, whole(study), sheets="appeals-th.xlsx")
    page = remedies.make(study, tmp_path / "appeals-th.html", "appeals", parts, renderer="builtin")
    text = page.read_text(encoding="utf-8")
    assert len(text) < 100_000, "no script that draws charts"
    assert '<meta name="report" content="report:th-siam-beauty:2026-W46">' in text
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", text) == ["Appeals", "Standing with the platform"]
    links = set(re.findall(r'href="([^"#]+)"', text))
    assert links == {"appeals-th.xlsx"}
    assert text.count("<tr>") == 1 + 8 + 1 + 1 + 1 + 3
    assert "Siam Beauty" in text
    assert list(tmp_path.iterdir()) == [page], "nothing is left beside it"


def test_what_is_left_to_be_set_is_set_beside_the_report(tmp_path: Path) -> None:
    study = opened("id-toko-gadget")
    linked = remedies.write(study, tmp_path)
    assert linked == {"file": "appeals.html", "label": "Appeals and standing"}
    assert sheets(tmp_path / "appeals.xlsx")["Cancellations that count…"] == 29
    (page,) = render.render_beside(tmp_path, "builtin")
    text = page.read_text(encoding="utf-8")
    assert page.name == "appeals.html"
    assert set(re.findall(r'href="([^"#]+)"', text)) == {"report.html", "../../index.html", "appeals.xlsx"}


def test_a_picture_has_no_place_on_such_a_page(tmp_path: Path) -> None:
    study = opened("id-toko-gadget")
    picture = Picture("p", "caption", "alternative", {}, study.judgement.frame)
    with pytest.raises(ReportError, match="prose and tables, not a Picture"):
        remedies.leave(study, tmp_path, "x.html", "appeals", {"A": Section("a", (picture,))}, "en")


def test_a_report_makes_it_where_it_matters_and_links_it(tmp_path: Path) -> None:
    shops = [shop for shop in read_shop_list(SAMPLE).shops if shop.id in ("th-siam-beauty", "sg-orchid-import")]
    result = batch.run(plan(shops, SAMPLE, "2026-W46", formats=("html",)), tmp_path, 2, renderer="builtin")
    assert not result.failed, [one.error for one in result.failed]
    over, quiet = (tmp_path / "2026-W46" / name for name in ("th-siam-beauty", "sg-orchid-import"))
    assert {"appeals.html", "appeals.xlsx"} <= {path.name for path in over.iterdir()}
    page = (over / "report.html").read_text(encoding="utf-8")
    assert page.count('<a href="appeals.html">Appeals and standing</a>') == 2, "in the bar, and after the line"
    contents = json.loads((over / "report.json").read_text(encoding="utf-8"))
    assert contents["beside"] == [{"file": "appeals.html", "label": "Appeals and standing"}]
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert '<a href="2026-W46/th-siam-beauty/appeals.html"' in index
    assert not (quiet / "appeals.html").exists()
    assert "appeals.html" not in (quiet / "report.html").read_text(encoding="utf-8")
    # No order line and nothing of a buyer: the columns that the sheets have, and no other.
    book = openpyxl.load_workbook(over / "appeals.xlsx")
    header = [cell.value for cell in book["Cancellations that count…"][1]]
    assert header == [
        "Order", "Cancelled", "Reason", "Ground", "From the files", "What the files show", "What is missing",
        "Counts until",
    ]  # fmt: skip


def test_the_index_lists_the_page_where_it_is(tmp_path: Path) -> None:
    from cancel_analysis.report import index

    for name in ("a", "b"):
        finished(tmp_path, "2026-W46", name, "ok")
    before = index.write(tmp_path).read_text(encoding="utf-8")
    assert "appeals.html" not in before
    (tmp_path / "2026-W46" / "b" / "appeals.html").write_text("x", encoding="utf-8")
    after = index.write(tmp_path).read_text(encoding="utf-8")
    assert after.count("appeals.html") == 1
    assert 'href="2026-W46/b/appeals.html" aria-label="Shop b: Appeals and standing"' in after
