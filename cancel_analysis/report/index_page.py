"""What the index page over all finished reports says: the worst first, failures with their cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cancel_analysis.catalog.words import BASE, languages
from cancel_analysis.errors import ReportError
from cancel_analysis.exhibits.number_formats import NOTHING, NumberFormats
from cancel_analysis.report import contents as facts
from cancel_analysis.report import manifest, templates_folder
from cancel_analysis.report.index import report_folders
from cancel_analysis.report.manifest import Entry
from cancel_analysis.report.show.blocks import Texts

# The worst first; a shop of which nothing can be told yet deserves a look before one that is well.
ORDER = ("breach", "watch", "cannot_tell", "ok")
MOST_RATES = 3
_FILES = (
    ("HTML", "report.html"),
    ("PDF", "report.pdf"),
    ("Excel", "report.xlsx"),
    ("JSON", facts.FILE),
    ("CSV", "tables"),
)
_BESIDE = (("index.appeals", "appeals.html"), ("index.sheets", "appeals.xlsx"))


@dataclass(frozen=True)
class _Row:
    folder: Path
    report: dict[str, Any]


def page(out: Path, shops: Iterable[str] | None, stamp: str) -> str:
    """The page over the reports in `out`; only of `shops` (ids) when they are given. `stamp` is kept in it.

    A folder whose `report.json` cannot be read is listed among the failures.
    """
    known = None if shops is None else set(shops)
    rows, broken = _reports(out, known)
    failed = [
        _failure(entry, rows)
        for entry in manifest.read(out).values()
        if entry.status == manifest.FAILED and (known is None or entry.shop in known)
    ]
    language = _language(rows)
    texts, formats = Texts(language), NumberFormats(language)
    weeks = [
        _week(week, _of(week, rows), out, formats, texts) for week in sorted({_week_of(r) for r in rows}, reverse=True)
    ]
    latest = _of(weeks[0]["week"], rows) if weeks else []
    return (
        _environment()
        .get_template("index.html.jinja")
        .render(
            language=language,
            texts=texts,
            stamp=stamp,
            css=Markup((templates_folder() / "report.css").read_text(encoding="utf-8")),
            weeks=weeks,
            failed=sorted([*failed, *broken], key=lambda failure: (failure["week"], failure["name"]), reverse=True),
            lead=_lead(latest, texts),
            pages=_pages(out, weeks[0]["week"] if weeks else "", texts),
            today=formats.day(date.today()),
        )
    )


def _pages(out: Path, week: str, texts: Texts) -> list[dict[str, str]]:
    """The pages over all shops: the portfolio of the newest week and the newest morning brief, where they are."""
    portfolio = out / week / "portfolio" / "portfolio.html"
    found = [("index.portfolio", portfolio)] if week and portfolio.is_file() else []
    briefs = sorted(out.glob("brief/*/brief.html"))
    found += [("index.brief", path) for path in briefs[-1:]]
    return [
        {"label": texts(key, name=path.parent.name), "href": path.relative_to(out).as_posix()} for key, path in found
    ]


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _reports(out: Path, known: set[str] | None) -> tuple[list[_Row], list[dict[str, Any]]]:
    rows, broken = [], []
    for folder in report_folders(out):
        try:
            report = facts.read(folder)
        except ReportError as error:
            broken.append({"name": folder.name, "week": folder.parent.name, "error": str(error), "has_older": False})
            continue
        if "page" not in report and (known is None or report["shop"]["id"] in known):
            rows.append(_Row(folder, report))
    return rows, broken


def _week_of(row: _Row) -> str:
    return row.folder.parent.name


def _of(week: str, rows: list[_Row]) -> list[_Row]:
    return [row for row in rows if _week_of(row) == week]


def _week(week: str, rows: list[_Row], out: Path, formats: NumberFormats, texts: Texts) -> dict[str, Any]:
    """One week's table: the figure that decided, and the rates that its reports call key rates, in their order."""
    names: dict[str, str] = {}
    for row in rows:
        for rate in _key_rates(row.report):
            names.setdefault(rate["name"], rate["label"])
    chosen = list(names)[:MOST_RATES]
    ordered = sorted(rows, key=_rank)
    return {
        "week": week,
        "deciding": any(row.report.get("deciding") for row in rows),
        "rates": [names[name] for name in chosen],
        "rows": [_cells(row, chosen, out, formats, texts) for row in ordered],
    }


def _rank(row: _Row) -> tuple[int, float, str]:
    """The order of the portfolio: verdict, how far the deciding rate lies beyond its limit, name."""
    of_limit = row.report.get("of_limit")
    closeness = -1.0 if of_limit is None else float(of_limit)
    return ORDER.index(row.report["verdict"]), -closeness, row.report["shop"]["name"].lower()


def _key_rates(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The rates marked `key`; the first few when none is."""
    marked = [rate for rate in report["rates"] if rate.get("key")]
    return marked or report["rates"][:MOST_RATES]


def _cells(row: _Row, names: list[str], out: Path, formats: NumberFormats, texts: Texts) -> dict[str, Any]:
    report = row.report
    by_name: dict[str, dict[str, Any]] = {}
    for rate in _key_rates(report):
        by_name.setdefault(rate["name"], rate)
    place = row.folder.relative_to(out).as_posix()
    files = [(label, name) for label, name in _FILES if (row.folder / name).exists()]
    files += [(texts(key), name) for key, name in _BESIDE if (row.folder / name).exists()]
    links = [{"label": label, "href": f"{place}/{name}"} for label, name in files]
    return {
        "name": report["shop"]["name"],
        "market": report["shop"]["market"],
        "verdict": report["verdict"],
        "headline": report["headline"],
        "link": links[0]["href"],
        "links": links,
        "deciding": _rate(report.get("deciding"), formats, texts, "index.deciding_of"),
        "rates": [_rate(by_name.get(name), formats, texts, "index.over_days") for name in names],
    }


def _rate(rate: dict[str, Any] | None, formats: NumberFormats, texts: Texts, key: str) -> dict[str, str]:
    """A rate as it stands in a cell, with what it is made of and its window (the text `key`), where that is known."""
    if rate is None or rate["value"] is None:
        return {"value": NOTHING, "parts": ""}
    parts = f"{formats.count(rate['numerator'])} / {formats.count(rate['denominator'])}"
    if rate.get("window"):
        parts = texts(key, rate=rate["label"], days=int(rate["window"]), parts=parts)
    return {"value": formats.percent(rate["value"]), "parts": parts}


def _failure(entry: Entry, rows: list[_Row]) -> dict[str, Any]:
    week = entry.key.partition("/")[0]
    has_older = any(row.report["shop"]["id"] == entry.shop and _week_of(row) == week for row in rows)
    return {"name": entry.name, "week": week, "error": entry.error, "has_older": has_older}


def _lead(rows: list[_Row], texts: Texts) -> str:
    if not rows:
        return ""
    counts = Counter(row.report["verdict"] for row in rows)
    parts = [texts("index.count", count=counts[v], verdict=texts.judgement(v)) for v in ORDER if counts[v]]
    key = "index.lead_one" if len(rows) == 1 else "index.lead"
    return texts(key, shops=len(rows), week=_week_of(rows[0]), counts=texts.listed(parts))


def _language(rows: list[_Row]) -> str:
    """The reports' language when they share one that there is, else the base."""
    spoken = {row.report["language"] for row in rows}
    return spoken.pop() if len(spoken) == 1 and spoken <= set(languages()) else BASE
