"""`appendix.pdf`: the folds of a report on paper, on eight pages, beside a report that is as it was."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from cancel_analysis.errors import ReportError
from cancel_analysis.report import batch, manifest, render
from cancel_analysis.report import contents as facts
from cancel_analysis.report.cluster.tasks import Task, absolute, make_product
from cancel_analysis.report.jobs import Job
from cancel_analysis.report.notebook import prepare
from cancel_analysis.report.notebook.workers import Workers
from cancel_analysis.report.render import marks, one_report
from cancel_analysis.report.show import paper
from tests.report import samples
from tests.report.render.test_quarto import stand_in
from tests.report.render.test_render import text_of

FOLDS = """from cancel_analysis.exhibits.kinds import Fold
many = pd.DataFrame({"name": [f"Row {i} {HOSTILE[i % len(HOSTILE)]}" for i in range(ROWS)], "items": range(ROWS)})
label = (ColumnView("name", "Name of a row", weight=4), ColumnView("items", "Items", "integer"))
output.show(*[
    Fold(f"fold_{n}", f"Evidence {n}", (
        Prose(f"said_{n}", (Line(f"What table {n} says", "finding"),)),
        TableView(f"many_{n}", f"Rows of {n}", many, label),
        Picture(f"bars_{n}", f"Bars of {n}", "Bars again", reasons, small, note="A note", on_paper=False),
    )) for n in range(FOLDS)
])"""
Made = Callable[..., Path]


def job(folder: Path, *, rows: int = 90, folds: int = 2, **settings: object) -> Job:
    path = folder / "sample.ipynb"
    if not path.exists():
        extra = FOLDS.replace("FOLDS", str(folds)).replace("ROWS", str(rows)) if folds else ""
        notebook = samples.notebook(extra=extra)
        for cell in notebook.cells:
            # The shipped notebook's headings of evidence stand on the page alone.
            if cell.id == "head-stages":
                cell.metadata["tags"] = [prepare.PAGE_ONLY]
        nbformat.write(notebook, path)
    return samples.job(folder, **{"appendix": True, **settings})


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("appendix")
    work = folder / "work"
    work.mkdir()
    Workers().execute(job(folder), work)
    return work


@pytest.fixture(scope="module")
def made(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = Path(shutil.copytree(executed, tmp_path_factory.mktemp("made") / "work"))
    rendered = render.render(work, renderer="builtin", appendix=True)
    assert "appendix.pdf" in rendered.beside
    return work


def test_it_has_the_folds_under_their_part_and_is_tagged_as_the_report_is(made: Path) -> None:
    content = (made / "appendix.pdf").read_bytes()
    assert b"pdfuaid:part" in content
    assert b"report:us-shop:2026-W46" in content
    assert marks.count_pages(made / "appendix.pdf") <= one_report.MOST_PAGES
    text = re.sub(r"\s+", " ", text_of(made / "appendix.pdf"))
    assert "Evidence and appendix" in text
    assert text.index("Stages and reasons") < text.index("Evidence 0") < text.index("What table 0 says")
    assert "Evidence 1" in text
    assert "Row 3" in text
    assert "more rows are in report.xlsx" in text
    assert "Read this first" not in text, "the report's own words stand in the report"
    assert "#panic(1) $x$ @y *z* _a_ <b>" in text, "names print as they are"


def test_the_page_links_to_it_and_the_reports_own_pdf_is_as_short_as_before(
    made: Path, executed: Path, tmp_path: Path
) -> None:
    page = (made / "report.html").read_text(encoding="utf-8")
    assert '<a href="appendix.pdf">Evidence (PDF)</a>' in page
    text = text_of(made / "report.pdf")
    assert "What table 0 says" not in text
    assert "The evidence is in appendix.pdf" in re.sub(r"\s+", " ", text)
    work = Path(shutil.copytree(executed, tmp_path / "work"))
    assert render.render(work, renderer="builtin").beside == ()
    assert not (work / "appendix.pdf").exists()
    assert "appendix.pdf" not in (work / "report.html").read_text(encoding="utf-8")
    assert marks.count_pages(work / "report.pdf") == marks.count_pages(made / "report.pdf")


def test_the_more_there_is_the_fewer_rows_a_table_has(tmp_path: Path) -> None:
    rows = {}
    for folds in (3, 14):
        folder = tmp_path / str(folds)
        work = folder / "work"
        work.mkdir(parents=True)
        Workers().execute(job(folder, folds=folds), work)
        render.render(work, ("pdf",), renderer="builtin", appendix=True)
        assert marks.count_pages(work / "appendix.pdf") <= one_report.MOST_PAGES
        rows[folds] = len(set(re.findall(r"Row (\d+) ", text_of(work / "appendix.pdf"))))
    assert rows[3] == max(paper.MOST_ROWS)
    assert min(paper.MOST_ROWS) <= rows[14] < rows[3]


def test_only_a_report_that_is_asked_for_it_keeps_what_it_needs(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    Workers().execute(job(tmp_path, appendix=False), work)
    assert not (work / paper.FILE).exists()


def test_a_notebook_without_folds_has_none_to_print(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    Workers().execute(job(tmp_path, folds=0), work)
    with pytest.raises(ReportError, match=r"shows no folds .* run it without --appendix"):
        render.render(work, ("html",), renderer="builtin", appendix=True)


def test_quarto_sets_it_with_the_same_templates(
    executed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Path(shutil.copytree(executed, tmp_path / "work"))
    calls = stand_in(tmp_path, monkeypatch)
    render.render(work, ("html",), renderer="quarto", appendix=True)
    seen = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
    assert seen[0]["arguments"][3] == "html"
    assert {call["arguments"][3] for call in seen[1:]} == {"typst"}
    assert all("figures/bars_0.svg" in call["files"] for call in seen)
    assert (work / "appendix.pdf").is_file()
    assert not (work / "report.pdf").exists()
    assert facts.read(work)["renderer"] == "Quarto 1.7.34"


def test_a_report_without_it_is_made_anew_when_it_is_asked_for_and_kept_after_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "code", lambda notebook: "code")
    out, asked = tmp_path / "out", job(tmp_path, formats=("html",))
    plain = replace(asked, appendix=False)

    def run(one: Job) -> str:
        (outcome,) = batch.run([one], out, 1, renderer="builtin").outcomes
        return outcome.status

    place = out / asked.key
    assert [run(plain), run(plain)] == ["made", "kept"]
    assert not (place / "appendix.pdf").exists()
    assert [run(asked), run(asked)] == ["made", "kept"]
    assert (place / "appendix.pdf").is_file()
    assert "appendix.pdf" in (out / "index.html").read_text(encoding="utf-8")
    (place / "appendix.pdf").unlink()
    assert run(asked) == "made"
    assert run(plain) == "made"
    assert not (place / "appendix.pdf").exists(), "what is not asked for does not stay behind"


def test_a_worker_of_a_cluster_sends_it_with_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANCEL_ANALYSIS_CALLER", "")
    one = job(tmp_path, formats=("html",))
    task = Task(replace(one, shop=absolute(one.shop)), one.notebook.read_bytes(), "builtin")
    product = make_product(task)
    assert product.error == ""
    assert {"report.html", "appendix.pdf"} <= set(product.files)
