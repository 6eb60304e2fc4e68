"""The tables of a shop's results as a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cancel_analysis.exhibits.kinds import TableView
from cancel_analysis.explore.results import Result
from cancel_analysis.report.show.workbook import Cover, write_tables
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study


def write_workbook(path: Path, study: Study, verdict: Result, results: Mapping[str, Result]) -> Path:
    """Write every table of `results` as a sheet, after one that says what they are; returns the path.

    Raises ReportError when the file cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        path = path.with_name(path.name + ".xlsx")
    shop, words = study.shop, speaker(study, study.shop.language).words
    notes = [words("explore.workbook.units", currency=shop.currency, day=study.as_of.isoformat())]
    if shop.synthetic:
        notes.append(words("report.synthetic"))
    title = f"{shop.name} · {shop.market} · {study.week}"
    cover = Cover(title, tuple(verdict.text.splitlines()), tuple(notes), study.as_of)
    write_tables(path, cover, _tables(results), shop.currency, shop.language)
    return path


def _tables(results: Mapping[str, Result]) -> dict[str, TableView]:
    """Each table once, by its name, in the order of the results."""
    found: dict[str, TableView] = {}
    for result in results.values():
        for exhibit in result.exhibits:
            if isinstance(exhibit, TableView):
                found.setdefault(exhibit.name, exhibit)
    return found
