"""What the index pages over finished reports say: the exceptions first, then every shop, the worst on top.

The first index has the newest report of each shop; every older week has a page of its own, and one walks from week
to week. All of it is made from `report.history`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cancel_analysis.exhibits.kinds import TONES
from cancel_analysis.exhibits.number_formats import NOTHING
from cancel_analysis.report import contents as facts
from cancel_analysis.report.by_week import course, is_same, rate_of
from cancel_analysis.report.history import MOST_RATES, SMALL_WEEKS, History, Line, trend_page
from cancel_analysis.report.manifest import Entry
from cancel_analysis.report.page_words import PageWords, column_of, fill, language_of, rank
from cancel_analysis.weeks import parse_week, weeks_back

_FILES = (
    ("HTML", "report.html"),
    ("PDF", "report.pdf"),
    ("Excel", "report.xlsx"),
    ("JSON", facts.FILE),
    ("CSV", "tables"),
)
_BESIDE = (("page.appendix", "appendix.pdf"), ("index.appeals", "appeals.html"), ("index.sheets", "appeals.xlsx"))


@dataclass(frozen=True)
class _Row:
    """A shop's report with what its last `SMALL_WEEKS` weeks said (None where there was no report)."""

    line: Line
    said: dict[str, Any]
    weeks: tuple[dict[str, Any] | None, ...]
    # Whether the shop was never reported before.
    is_first: bool

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
        lead=words.lead(now, newest)
        if (now := [row.said["verdict"] for row in rows if row.line.week == newest])
        else "",
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
        lead=words.lead([row.said["verdict"] for row in rows], week),
    )


def links_of(line: Line, base: str, words: PageWords, only: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """What there is of a report (or `only` some of it), each with its address as seen from a page `base` below."""
    found = [(label, name) for label, name in _FILES if name in line.files and (not only or label in only)]
    found += [(words(key), name) for key, name in _BESIDE if name in line.files and not only]
    return [{"label": label, "href": f"{base}{line.key}/{name}"} for label, name in found]


def _page(
    rows: list[_Row], words: PageWords, week: str, *, base: str, failed: list[dict[str, Any]], lead: str, **more: Any
) -> str:
    ordered = sorted(rows, key=lambda row: rank(row.said))
    columns = _columns(ordered)
    cells = [_cells(row, columns, week, base, words) for row in ordered]
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
        columns=[words.name(rate) for rate in columns.values()],
        deciding=any(row.said.get("deciding") for row in rows),
        rows=cells,
        verdicts=[verdict for verdict in TONES if any(row.said["verdict"] == verdict for row in rows)],
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
    return _Row(line, said, (*known[:-1], said), is_first=line is lines[0])


def _columns(rows: Sequence[_Row]) -> dict[str, dict[str, Any]]:
    """Column → the rate that it is headed by, of those that most shops have, in the order of the first shop.

    Two forms of one rate share a column; it is headed by the one that more shops have.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        for rate in row.said.get("rates", ()):
            found.setdefault(column_of(rate["name"]), []).append(rate)
    chosen = sorted(found, key=lambda column: -len(found[column]))[:MOST_RATES]
    heads = {}
    for column in (column for column in found if column in chosen):
        (commonest, _), *_ = Counter(rate["name"] for rate in found[column]).most_common(1)
        heads[column] = next(rate for rate in found[column] if rate["name"] == commonest)
    return heads


def _cells(row: _Row, columns: dict[str, dict[str, Any]], week: str, base: str, words: PageWords) -> SimpleNamespace:
    said = row.said
    by_column = {column_of(rate["name"]): rate for rate in said.get("rates", ())}
    links = links_of(row.line, base, words)
    is_early = row.line.week != week
    until = words.numbers.day(date.fromisoformat(said["as_of"]))
    flags = []
    if is_early:
        flags.append(words("index.ends_early", week=row.line.week, day=until))
    elif date.fromisoformat(said["as_of"]) != parse_week(row.line.week).sunday:
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
        "order": TONES.index(said["verdict"]),
        "headline": said["headline"],
        "first": words.first(said.get("first")),
        "link": links[0]["href"] if links else "",
        "links": links,
        "trend": base + trend_page(row.line.slug),
        "deciding": _deciding(said.get("deciding"), words),
        "closeness": said.get("of_limit"),
        "change": _change(row, words),
        "rates": [_rate(head["name"], by_column.get(column), row, words) for column, head in columns.items()],
        "flags": flags,
        "is_early": is_early,
        "has_boxes": has_boxes,
        "ends": words("index.ends", week=row.line.week, day=until),
    }
    return SimpleNamespace(**cells)


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


def _rate(head: str, rate: dict[str, Any] | None, row: _Row, words: PageWords) -> SimpleNamespace:
    """A rate as it stands in a cell of the column that the rate `head` heads: value, what it is made of, its window,
    its course, and what sorts it."""
    if rate is None or rate.get("value") is None:
        return SimpleNamespace(value=NOTHING, parts="", name="", course="", number=None)
    parts = words.parts(rate)
    if rate.get("window") and parts:
        parts = words("index.over_days", days=int(rate["window"]), parts=parts)
    return SimpleNamespace(
        value=words.value(rate),
        parts=parts,
        # A rate that stands in for another says so.
        name=words.other_name(rate, head),
        course=course(
            [None if week is None else rate_of(week, rate) for week in row.weeks], None, words.name(rate), words
        ),
        number=rate["value"],
    )


def _change(row: _Row, words: PageWords) -> dict[str, Any]:
    """What is other than a week ago: the verdict, its limit, and the rate that decides where it counts the same."""
    before, now = row.before, row.said
    if before is None:
        return {"text": words("index.change_new" if row.is_first else "index.change_gap"), "more": "", "number": None}
    judged = words.texts.judgement
    text = words("index.change_same")
    if before["verdict"] != now["verdict"]:
        text = words("index.change_verdict", before=judged(before["verdict"]), now=judged(now["verdict"]))
    mine, other = now.get("deciding"), before.get("deciding")
    if not mine or not other or mine.get("value") is None or other.get("value") is None:
        return {"text": text, "more": "", "number": None}
    if not is_same(mine, other):
        return {"text": text, "more": words("index.change_other"), "number": None}
    change = mine["value"] - other["value"]
    more = words.points(change)
    if other.get("limit") is not None and other["limit"] != mine.get("limit"):
        more = words.texts.listed((more, words("index.change_limit", limit=words.numbers.limit(other["limit"]))))
    return {"text": text, "more": more, "number": round(change, 6)}


def _failure(entry: Entry, history: History) -> dict[str, Any]:
    week, _, slug = entry.key.partition("/")
    has_older = any(line.week == week for line in history.shops.get(slug, ()))
    return {"name": entry.name, "week": week, "error": entry.error, "has_older": has_older}


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
