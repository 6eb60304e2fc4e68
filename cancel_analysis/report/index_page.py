"""What the index pages over finished reports say: the exceptions first, then every shop, the worst on top.

The first index has the newest report of each shop; every older week has a page of its own, and one walks from week
to week. All of it is made from `report.history`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from cancel_analysis.catalog.words import BASE, languages
from cancel_analysis.charts.history import small_line
from cancel_analysis.exhibits.number_formats import NOTHING
from cancel_analysis.report import contents as facts
from cancel_analysis.report.history import MOST_RATES, History, Line
from cancel_analysis.report.index import SMALL_WEEKS
from cancel_analysis.report.manifest import Entry
from cancel_analysis.report.page_words import ORDER, PageWords, column_of, day, fill, weeks_back
from cancel_analysis.weeks import parse_week

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
    """A shop's report with what its last `SMALL_WEEKS` weeks said (None where there was no report)."""

    line: Line
    said: dict[str, Any]
    weeks: tuple[dict[str, Any] | None, ...]

    @property
    def before(self) -> dict[str, Any] | None:
        return self.weeks[-2]


def newest_page(out: Path, history: History, failed: Sequence[Entry], stamp: str) -> str:
    """The index: the newest report of each shop of `history`, and what could not be made. `stamp` is kept in it."""
    rows = [_row(lines[-1], lines) for lines in history.shops.values()]
    words = PageWords(language_of(row.said for row in rows))
    newest = history.weeks[-1] if history.weeks else ""
    failures = [_failure(entry, history) for entry in failed] + [
        {"name": key.partition("/")[2], "week": key.partition("/")[0], "error": error, "has_older": False}
        for key, error in history.broken.items()
    ]
    weeks = [{"week": week, "href": "" if week == newest else f"{week}/index.html"} for week in reversed(history.weeks)]
    return _page(
        rows,
        words,
        newest,
        base="",
        stamp=stamp,
        failed=sorted(failures, key=lambda failure: (failure["week"], failure["name"]), reverse=True),
        pages=_pages(out, newest, bool(rows), words),
        weeks=weeks,
        before=f"{history.weeks[-2]}/index.html" if len(history.weeks) > 1 else "",
        after="",
        lead=_lead([row for row in rows if row.line.week == newest], newest, words),
    )


def week_page(out: Path, history: History, week: str, stamp: str) -> str:
    """The index of one older week, `week/index.html`; it leads to the weeks before and after it."""
    shops = history.shops
    rows = [_row(line, shops[line.slug]) for line in history.by_week[week]]
    words = PageWords(language_of(row.said for row in rows))
    at = history.weeks.index(week)
    after = "index.html" if at + 2 == len(history.weeks) else f"{history.weeks[at + 1]}/index.html"
    return _page(
        rows,
        words,
        week,
        base="../",
        stamp=stamp,
        failed=[],
        pages=_pages(out, week, True, words, "../"),
        weeks=[],
        before=f"../{history.weeks[at - 1]}/index.html" if at else "",
        after=f"../{after}",
        lead=_lead(rows, week, words),
    )


def language_of(said: Iterable[dict[str, Any]]) -> str:
    """The reports' language when they share one that there is, else the base."""
    spoken = {report["language"] for report in said}
    return spoken.pop() if len(spoken) == 1 and spoken <= set(languages()) else BASE


def links_of(line: Line, base: str, words: PageWords, only: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """What there is of a report (or `only` some of it), each with its address as seen from a page `base` below."""
    found = [(label, name) for label, name in _FILES if name in line.files and (not only or label in only)]
    found += [(words(key), name) for key, name in _BESIDE if name in line.files and not only]
    return [{"label": label, "href": f"{base}{line.key}/{name}"} for label, name in found]


def rank(said: dict[str, Any]) -> tuple[int, float, str]:
    """The order of the portfolio: verdict, how far the deciding rate lies beyond its limit, name."""
    of_limit = said.get("of_limit")
    closeness = -1.0 if of_limit is None else float(of_limit)
    return ORDER.index(said["verdict"]), -closeness, said["shop"]["name"].lower()


def _page(
    rows: list[_Row], words: PageWords, week: str, *, base: str, failed: list[dict[str, Any]], lead: str, **more: Any
) -> str:
    ordered = sorted(rows, key=lambda row: rank(row.said))
    columns = _columns(ordered)
    cells = [_cells(row, list(columns), week, base, words) for row in ordered]
    early = [row for row in cells if row.is_early]
    boxes = [row for row in cells if row.has_boxes]
    notices = []
    if early:
        notices.append({"text": words.say("index.early", len(early), week=week), "shops": early, "key": "ends"})
    if boxes:
        notices.append({"text": words.say("index.boxes", len(boxes)), "shops": boxes, "key": ""})
    return fill(
        "index.html.jinja",
        language=words.language,
        texts=words.texts,
        week=week,
        base=base,
        failed=failed,
        notices=notices,
        lead=lead,
        columns=list(columns.values()),
        deciding=any(row.said.get("deciding") for row in rows),
        rows=cells,
        verdicts=[verdict for verdict in ORDER if any(row.said["verdict"] == verdict for row in rows)],
        markets=sorted({row.said["shop"]["market"] for row in rows}),
        has_history=bool(rows),
        today=words.numbers.day(date.today()),
        **more,
    )


def _row(line: Line, lines: Sequence[Line]) -> _Row:
    by_week = {other.week: other for other in lines}
    weeks = weeks_back(line.week, SMALL_WEEKS)
    known = [by_week[week].said if week in by_week and week != line.week else None for week in weeks]
    said = line.said
    return _Row(line, said, (*known[:-1], said))


def _columns(rows: Sequence[_Row]) -> dict[str, str]:
    """Name → heading of the rates' columns, those that most shops have in front; one is no column of two names."""
    found: Counter[str] = Counter()
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        for rate in row.said.get("rates", ()):
            name = column_of(rate["name"])
            found[name] += 1
            if name not in first or rate["name"] == name:
                first.setdefault(name, rate)
    chosen = [name for name, _ in found.most_common(MOST_RATES)]
    ordered = [name for name in first if name in chosen]
    words = PageWords(language_of(row.said for row in rows))
    return {name: words.name(first[name]) for name in ordered}


def _cells(row: _Row, columns: list[str], week: str, base: str, words: PageWords) -> SimpleNamespace:
    said = row.said
    by_column = {column_of(rate["name"]): rate for rate in said.get("rates", ())}
    links = links_of(row.line, base, words)
    is_early = row.line.week != week
    until = words.numbers.day(day(said["as_of"]))
    flags = []
    if is_early:
        flags.append(words("index.ends_early", week=row.line.week, day=until))
    elif day(said["as_of"]) != parse_week(row.line.week).sunday:
        flags.append(words("index.part", day=until))
    has_boxes = bool(said.get("lacking")) and "report.pdf" in row.line.files
    if has_boxes:
        flags.append(words("index.has_boxes"))
    # Attributes are what a template finds first: a page asks for them a hundred thousand times.
    cells = {
        "name": said["shop"]["name"],
        "market": said["shop"]["market"],
        "verdict": said["verdict"],
        "tag": words.tag(said["verdict"]),
        "order": ORDER.index(said["verdict"]),
        "headline": said["headline"],
        "first": _first(said.get("first"), words),
        "link": links[0]["href"] if links else "",
        "links": links,
        "trend": f"{base}history/{row.line.slug}.html",
        "deciding": _deciding(said.get("deciding"), words),
        "closeness": said.get("of_limit"),
        "change": _change(row, words),
        "rates": [_rate(name, by_column.get(name), row, words) for name in columns],
        "flags": flags,
        "is_early": is_early,
        "has_boxes": has_boxes,
        "ends": words("index.ends", week=row.line.week, day=until),
    }
    return SimpleNamespace(**cells)


def _first(first: dict[str, str] | None, words: PageWords) -> str:
    if first is None:
        return ""
    if not first["where"]:
        return words("index.do", action=first["do"])
    return words("index.do_where", action=first["do"], where=first["where"])


def _deciding(rate: dict[str, Any] | None, words: PageWords) -> dict[str, str]:
    if rate is None or rate.get("value") is None:
        return {"value": NOTHING, "limit": "", "parts": ""}
    limit = rate.get("limit")
    return {
        "value": words.value(rate),
        "limit": "" if limit is None else words("index.of_limit", limit=words.numbers.limit(limit)),
        "parts": words("index.deciding_of", rate=words.name(rate), days=int(rate["window"]), parts=words.parts(rate))
        if rate.get("window")
        else words.parts(rate),
    }


def _rate(column: str, rate: dict[str, Any] | None, row: _Row, words: PageWords) -> SimpleNamespace:
    """A rate as it stands in a cell: value, what it is made of with its window, its course, and what sorts it."""
    if rate is None or rate.get("value") is None:
        return SimpleNamespace(value=NOTHING, parts="", name="", course="", number=None)
    parts = words.parts(rate)
    if rate.get("window") and parts:
        parts = words("index.over_days", days=int(rate["window"]), parts=parts)
    return SimpleNamespace(
        value=words.value(rate),
        parts=parts,
        # A rate that stands in for another says so.
        name="" if rate["name"] in (column, "returns_in_the_end") else words.name(rate),
        course=_course(rate, row, words),
        number=rate["value"],
    )


def _course(rate: dict[str, Any], row: _Row, words: PageWords) -> Markup:
    values = [None if week is None else _value_in(week, rate) for week in row.weeks]
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    first, last = (words.numbers.percent(value) for value in (known[0], known[-1]))
    label = words("index.spark", rate=words.name(rate), weeks=len(values), first=first, last=last)
    return Markup(small_line(values, None, label))


def _value_in(week: dict[str, Any], rate: dict[str, Any]) -> float | None:
    """The same rate over the same days in another week's report."""
    same = [r for r in week.get("rates", ()) if (r["name"], r.get("window")) == (rate["name"], rate.get("window"))]
    value: float | None = same[0].get("value") if same else None
    return value


def _change(row: _Row, words: PageWords) -> dict[str, Any]:
    """What is other than a week ago: the verdict, and the rate that decides by the same limit."""
    before, now = row.before, row.said
    if before is None:
        is_new = all(week is None for week in row.weeks[:-1])
        return {"text": words("index.change_new" if is_new else "index.change_gap"), "more": "", "number": None}
    judged = words.texts.judgement
    text = words("index.change_same")
    if before["verdict"] != now["verdict"]:
        text = words("index.change_verdict", before=judged(before["verdict"]), now=judged(now["verdict"]))
    mine, other = now.get("deciding"), before.get("deciding")
    if not mine or not other or mine.get("value") is None or other.get("value") is None:
        return {"text": text, "more": "", "number": None}
    if any(mine.get(key) != other.get(key) for key in ("name", "window")):
        return {"text": text, "more": words("index.change_other"), "number": None}
    change = mine["value"] - other["value"]
    return {"text": text, "more": words.points(change), "number": round(change, 6)}


def _failure(entry: Entry, history: History) -> dict[str, Any]:
    week, _, slug = entry.key.partition("/")
    has_older = any(line.week == week for line in history.shops.get(slug, ()))
    return {"name": entry.name, "week": week, "error": entry.error, "has_older": has_older}


def _lead(rows: Sequence[_Row], week: str, words: PageWords) -> str:
    if not rows:
        return ""
    counts = words.counts((row.said["verdict"] for row in rows), "index.count")
    key = "index.lead_one" if len(rows) == 1 else "index.lead"
    return words(key, shops=words.numbers.count(len(rows)), week=week, counts=counts)


def _pages(out: Path, week: str, has_history: bool, words: PageWords, base: str = "") -> list[dict[str, str]]:
    """The pages over all shops: the portfolio of the week, the history, the newest morning brief, where they are."""
    portfolio = out / week / "portfolio" / "portfolio.html"
    found = [("index.portfolio", portfolio)] if week and portfolio.is_file() else []
    if not base:
        found += [("index.brief", path) for path in sorted(out.glob("brief/*/brief.html"))[-1:]]
    pages = [
        {"label": words(key, name=path.parent.name), "href": base + path.relative_to(out).as_posix()}
        for key, path in found
    ]
    history = [{"label": words("index.history"), "href": f"{base}history.html"}] if has_history else []
    newest = [{"label": words("index.newest"), "href": f"{base}index.html"}] if base else []
    return [*newest, *pages, *history]
