"""The page of appeals and standing with its workbook: beside a report where it matters, or by itself.

The page is set by the report's own renderer and templates. In a report its figures are made by the process that has
the shop open already, so nothing is read or counted twice; without pictures it costs one short run of the renderer.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.words import words
from cancel_analysis.errors import ReportError
from cancel_analysis.exhibits.kinds import Prose, Section, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.publish import BESIDE
from cancel_analysis.report.show import blocks
from cancel_analysis.report.show.workbook import write_workbook
from cancel_analysis.sections.remedies import PAGE, SHEETS, on_page, whole
from cancel_analysis.study.one_shop import Study


def write(study: Study, folder: Path, language: str = "") -> dict[str, str]:
    """Write the page to be set and its workbook into `folder`; what is linked (file, and its label) is returned."""
    chosen = language or study.shop.language
    parts = whole(study, chosen)
    leave(study, folder, PAGE, "appeals", on_page(study, parts, chosen), chosen)
    write_workbook(folder / SHEETS, study, said_of(parts), parts)
    return {"file": PAGE, "label": words(chosen)("remedies.title")}


def said_of(parts: Mapping[str, Section]) -> str:
    """The sentences of all parts, for the workbook's first sheet."""
    return "\n".join(each.text for part in parts.values() for each in part.exhibits if isinstance(each, Prose))


def leave(
    study: Study,
    folder: Path,
    page: str,
    kind: str,
    parts: Mapping[str, Section],
    language: str,
    *,
    alone: bool = False,
) -> None:
    """Leave a page of prose and tables to be set (`render.one_report.beside`): as JSON, for what reads and writes
    notebooks is no matter of the process that counts.

    `alone`: it lies beside no report, and links to none. Raises ReportError for a picture: these pages have none.
    """
    numbers, texts, text = NumberFormats(language), blocks.Texts(language), words(language)
    shown = {
        heading: [block for each in part.exhibits if (block := _block(each, numbers, texts))]
        for heading, part in parts.items()
    }
    shop = study.shop
    head: dict[str, Any] = {
        "shop": {"id": shop.id, "name": shop.name, "market": shop.market, "synthetic": shop.synthetic},
        "week": str(study.week),
        "as_of": study.as_of.isoformat(),
        "language": language,
        "verdict": study.judgement.verdict,
        "page": {
            "kind": kind,
            "period": text(f"remedies.period_{kind}", week=str(study.week)),
            "beside": not alone,
            "alone": alone,
        },
        "parts": shown,
    }
    place = folder / BESIDE
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{Path(page).stem}.json").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")


def make(study: Study, target: Path, kind: str, parts: Mapping[str, Section], *, renderer: str = "auto") -> Path:
    """Set a page by itself and put it at `target` (.html); returns it. Raises this package's errors."""
    from cancel_analysis.report import render

    with tempfile.TemporaryDirectory(prefix="cancel-analysis-") as private:
        leave(study, Path(private), target.name, kind, parts, study.shop.language, alone=True)
        (made,) = render.render_beside(Path(private), renderer, study.shop.brand_file)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(made.read_bytes())
        except OSError as error:
            raise ReportError(f"{target} cannot be written: {error.strerror or error}") from error
    return target


def _block(exhibit: Any, numbers: NumberFormats, texts: blocks.Texts) -> str:
    if isinstance(exhibit, Prose):
        return blocks.prose(exhibit)
    if isinstance(exhibit, TableView):
        return blocks.table(exhibit, numbers, texts)
    raise ReportError(f"a page beside the report holds prose and tables, not a {type(exhibit).__name__}")
