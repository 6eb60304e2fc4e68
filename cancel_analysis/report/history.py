"""What every week's report said, a line a report: `history.jsonl`, from which the index and the trend pages are made.

A line is made from a report's own `report.json` and made again when that file was replaced, so a week that was reported
twice counts as it was reported last. The line of a report whose folder was cleared away stays: what was said is known.
Shops' data are never loaded for it, and nothing heavy is: only lines that are asked for are read as JSON.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from cancel_analysis.errors import ReportError
from cancel_analysis.report import contents
from cancel_analysis.report.publish import write_whole

FILE = "history.jsonl"
# Where the trend pages of shops lie below the output folder.
TRENDS = "history"
_WEEK = re.compile(r"\d{4}-W\d{2}")
WEEK_LETTERS = len("2026-W46")
# What is linked of a report's folder, in this order.
SHOWN = (
    "report.html", "report.pdf", "appendix.pdf", "report.xlsx", contents.FILE, "tables", "appeals.html", "appeals.xlsx",
)  # fmt: skip
# Rates that are followed where a report says no other: two of cancelled orders, late dispatch, returns in the end.
MAIN_RATES = ("seller_fault_cancellation_rate", "order_cancellation_rate", "late_dispatch_rate", "return_rate")
MOST_RATES = 4
# Weeks of the small lines: a quarter, as in a report's tiles.
SMALL_WEEKS = 12
# In the place of a rate that cannot be told (files that do not say who cancelled).
_INSTEAD = {"order_cancellation_rate": "total_cancellation_rate"}
_RETURNS = "return_rate"
_RATE = ("name", "label", "value", "low", "high", "numerator", "denominator", "window")
_ACTION = ("id", "root_cause", "label", "orders", "at_risk")
_OUTCOME = ("ids", "done", "state", "before_rate", "after_rate")
# The clocks of disks tick every few milliseconds, the coarsest every two seconds.
_TICK = 2_000_000_000
# As the files of another version say it, should one come to say something else.
_FORM = 2


@dataclass(frozen=True)
class Line:
    """One report: its place below the output folder (`week/shop`), which file it was made of, what that said."""

    key: str
    state: str
    verdict: str
    # The names of `SHOWN` that lie in its folder, a space between; none where it was cleared away.
    shown: str
    text: str

    @property
    def week(self) -> str:
        return self.key[:WEEK_LETTERS]

    @property
    def slug(self) -> str:
        """The folder of the shop, the same in every week."""
        return self.key[WEEK_LETTERS + 1 :]

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(self.shown.split())

    @cached_property
    def said(self) -> dict[str, Any]:
        """What the report said (`condensed`), kept for whoever asks again."""
        return self.read()

    def read(self) -> dict[str, Any]:
        """The same, read anew and not kept: all of a thousand shops' years would fill a machine."""
        if "said" in self.__dict__:
            return self.said
        found: dict[str, Any] = json.loads(self.text)
        return found

    def forget(self) -> None:
        """Let go of what was kept."""
        self.__dict__.pop("said", None)

    @property
    def is_page(self) -> bool:
        """Whether it is a page over all shops, which is no report of a shop."""
        return not self.verdict


@dataclass(frozen=True)
class History:
    """All lines by key, in the order of weeks and shops, and the folders whose `report.json` cannot be read."""

    lines: dict[str, Line]
    # Key → why its `report.json` cannot be read.
    broken: dict[str, str] = field(default_factory=dict)

    def of(self, slugs: Iterable[str] | None) -> History:
        """Only the lines of some shops (all of them without any)."""
        if slugs is None:
            return self
        known = set(slugs)
        return History(
            {key: line for key, line in self.lines.items() if line.slug in known},
            {key: cause for key, cause in self.broken.items() if key[WEEK_LETTERS + 1 :] in known},
        )

    @cached_property
    def weeks(self) -> tuple[str, ...]:
        """The weeks of which there is a report, the oldest first."""
        return tuple(self.by_week)

    @cached_property
    def by_week(self) -> dict[str, tuple[Line, ...]]:
        """Week → its lines, the oldest week first."""
        return _grouped((line.week, line) for line in self.lines.values())

    @cached_property
    def shops(self) -> dict[str, tuple[Line, ...]]:
        """Folder → the lines of a shop, the oldest week first."""
        return _grouped((line.slug, line) for line in self.lines.values())


def trend_page(folder: str) -> str:
    """Where the trend page of a shop lies below the output folder, by the name of its folder in a week."""
    return f"{TRENDS}/{folder}.html"


def _grouped(pairs: Iterable[tuple[str, Line]]) -> dict[str, tuple[Line, ...]]:
    found: dict[str, list[Line]] = {}
    for name, line in pairs:
        found.setdefault(name, []).append(line)
    return {name: tuple(lines) for name, lines in found.items()}


def read_history(out: Path) -> History:
    """The lines of every report that was ever made in `out`, brought up to date and kept there (`history.jsonl`).

    A week's folders are looked at where one was put there or taken away since, a `report.json` is read where it is new
    or was replaced. Pages over all shops have no line in the result.
    """
    kept, known_weeks = _kept(out)
    fresh, weeks = dict(kept), dict[str, int]()
    broken: dict[str, str] = {}
    for week in _weeks(out):
        changed = (out / week).stat().st_mtime_ns
        # What was changed just now may be changed again within one tick of the disk's clock.
        weeks[week] = changed if time.time_ns() - changed > _TICK else 0
        if known_weeks.get(week) != changed:
            found, wrong = _read_week(out / week, kept)
            gone = {key: line for key, line in kept.items() if line.week == week and key not in found}
            fresh |= found | {key: replace(line, shown="") for key, line in gone.items()}
            broken |= wrong
            if wrong:
                # Looked at anew each time, so that it is told each time.
                weeks[week] = 0
    for week in {line.week for line in kept.values()} - set(weeks):
        fresh |= {key: replace(line, shown="") for key, line in kept.items() if line.week == week}
    fresh = dict(sorted(fresh.items()))
    if fresh != kept or weeks != known_weeks:
        _write(out, fresh.values(), weeks)
    told = {key: line for key, line in fresh.items() if not line.is_page and key not in broken}
    return History(told, broken)


def _weeks(out: Path) -> list[str]:
    with os.scandir(out) as places:
        return sorted(place.name for place in places if _is_week(place.name) and place.is_dir())


def _read_week(week: Path, kept: dict[str, Line]) -> tuple[dict[str, Line], dict[str, str]]:
    """The lines of a week's folders as they lie there, and those that cannot be read with the reason."""
    found: dict[str, Line] = {}
    broken: dict[str, str] = {}
    with os.scandir(week) as places:
        names = sorted(place.name for place in places if place.is_dir())
    for name in names:
        key = f"{week.name}/{name}"
        shown, state = _look(week / name)
        line = kept.get(key)
        if line is not None and line.state == state:
            found[key] = replace(line, shown=shown)
            continue
        try:
            said = condensed(contents.read(week / name))
        except ReportError as error:
            broken[key] = str(error)
            continue
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        found[key] = Line(key, state, said.get("verdict", ""), shown, text)
    return found, broken


def _is_week(name: str) -> bool:
    """Whether a folder is called as a week of the calendar is; nobody's report lies in 2026-W60."""
    if not _WEEK.fullmatch(name):
        return False
    try:
        date.fromisocalendar(int(name[:4]), int(name[6:]), 1)
    except ValueError:
        return False
    return True


def condensed(report: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a checked `report.json`; nothing of a page over all shops. Empty things are left out.

    `shop` (id, name, market), `week`, `as_of`, `language`, `verdict`, `headline`, `of_limit`, `rates` (four at most),
    `limits` (those that give a verdict, with the shop's figure in their window), `deciding` (as in the report, with its
    interval), `actions`, `outcomes`, `first` (what to do first, and where), `lacking` (what a PDF could not print).
    """
    if "page" in report:
        return {}
    shop = {key: report["shop"][key] for key in ("id", "name", "market")}
    head = {key: report.get(key) for key in ("week", "as_of", "language", "verdict", "headline", "of_limit")}
    limits = [_limit(limit) for limit in report.get("limits") or () if _gives_verdict(limit)]
    found = {
        "shop": shop,
        **head,
        "rates": main_rates(report),
        "limits": limits,
        "deciding": _deciding(report, limits),
        "actions": [_only(action, _ACTION) for action in report.get("actions") or ()],
        "outcomes": [_only(outcome, _OUTCOME) for outcome in report.get("outcomes") or ()],
        "first": _first(report),
        "lacking": list(report.get("lacking") or ()),
    }
    return {key: _short(value) for key, value in found.items() if value not in (None, [], {})}


def main_rates(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The rates that are followed from week to week, four at most: what the report calls key rates, then `MAIN_RATES`.

    Returns are those expected in the end, where the report says them: of a young week few are back yet.
    """
    by_name: dict[str, dict[str, Any]] = {}
    for rate in report["rates"]:
        by_name.setdefault(rate["name"], rate)
    keys = [rate["name"] for rate in by_name.values() if rate.get("key")]
    named = [name for name in MAIN_RATES if name in by_name]
    chosen = [name for name in named if name in keys] + [name for name in keys if name not in named]
    chosen += [name for name in named if name not in chosen]
    if not chosen:
        chosen = list(by_name)
    rates = []
    for name in chosen[:MOST_RATES]:
        rate = by_name[name]
        other = by_name.get(_INSTEAD.get(name, ""))
        if rate["value"] is None and other is not None and other["value"] is not None:
            rate = other
        rates.append(_returns(report) or _only(rate, _RATE) if name == _RETURNS else _only(rate, _RATE))
    return rates


def _returns(report: dict[str, Any]) -> dict[str, Any] | None:
    """The returns expected in the end, from the first screen's tile; None where the report has no such tile."""
    for exhibit in report["exhibits"]:
        for tile in exhibit.get("tiles", ()) if isinstance(exhibit, dict) else ():
            if tile.get("name") == _RETURNS:
                said = {"name": "returns_in_the_end", "value": tile.get("number")}
                return said | _only(tile, ("low", "high"))
    return None


def _gives_verdict(limit: dict[str, Any]) -> bool:
    return bool(limit.get("gives_verdict")) and limit.get("limit") is not None and limit.get("rate") is not None


def _limit(limit: dict[str, Any]) -> dict[str, Any]:
    found = {
        "name": limit["metric"],
        "window": limit["window_days"],
        # What the figure counts beside its name: by which date orders are taken, of which orders it is a part, and
        # whether it is only what is known at least, as the files hardly say who cancelled.
        "basis": limit.get("date_basis"),
        "of": limit.get("denominator_of"),
        "nameless": limit.get("nameless") or None,
        "limit": limit["limit"],
        "force": limit["force"],
        "value": limit["rate"],
        "verdict": limit["verdict"],
    }
    return found | _only(limit, ("low", "high", "numerator", "denominator"))


def _deciding(report: dict[str, Any], limits: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The figure that decides, with its interval and what it counts as its limit's row has them."""
    deciding: dict[str, Any] | None = report.get("deciding")
    if not deciding:
        return None
    same = ("name", "window", "limit")
    row = next((limit for limit in limits if all(limit.get(key) == deciding.get(key) for key in same)), {})
    return {**_only(deciding, (*_RATE, "limit")), **_only(row, ("low", "high", "verdict", "basis", "of", "nameless"))}


def _first(report: dict[str, Any]) -> dict[str, str] | None:
    """What the report's first card says to do, and where."""
    for exhibit in report["exhibits"]:
        for card in exhibit.get("cards", ()) if isinstance(exhibit, dict) else ():
            return {"do": str(card["action"]), "where": str(card.get("where") or "")}
    return None


def _only(values: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name) is not None}


def _short(value: Any) -> Any:
    """Fractions to seven digits, which no reader can tell from all of them."""
    if isinstance(value, dict):
        return {key: _short(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_short(part) for part in value]
    return round(value, 7) if isinstance(value, float) else value


def _look(folder: Path) -> tuple[str, str]:
    """Which of `SHOWN` lie in a report's folder, and what tells its `report.json` from the one before."""
    with os.scandir(folder) as places:
        found = {place.name: place for place in places if place.name in SHOWN}
    state = ""
    if contents.FILE in found:
        stat = found[contents.FILE].stat()
        state = f"{_FORM}-{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ino}"
    return " ".join(name for name in SHOWN if name in found), state


def _kept(out: Path) -> tuple[dict[str, Line], dict[str, int]]:
    """Key → its line, and week → when its folder was changed last, as the file has them.

    A line that cannot be read (a disk that was full) is passed over, and made again if it can be.
    """
    try:
        head, *rows = (out / FILE).read_text(encoding="utf-8").split("\n")
        weeks = json.loads(head)["weeks"]
    except (FileNotFoundError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError):
        return {}, {}
    found = {}
    for row in rows:
        # ["2026-W46/shop", "state", "verdict", "files", {…}]; nothing before the brace holds a quotation mark.
        parts = row.split('"', 8)
        if len(parts) == 9 and parts[8].startswith(", {") and parts[8].endswith("}]"):
            found[parts[1]] = Line(parts[1], parts[3], parts[5], parts[7], parts[8][2:-1])
        elif row:
            weeks = {}
    return found, weeks


def _write(out: Path, lines: Iterable[Line], weeks: dict[str, int]) -> None:
    rows = [f'["{line.key}", "{line.state}", "{line.verdict}", "{line.shown}", {line.text}]' for line in lines]
    write_whole(out / FILE, "\n".join([json.dumps({"weeks": weeks}), *rows, ""]))
