"""What every week's report said, a line a report: `history.jsonl`, from which the index and the trend pages are made.

A line is made from a report's own `report.json` and made again when that file was replaced, so a week that was reported
twice counts as it was reported last. The line of a report whose folder was cleared away stays: what was said is known.
Shops' data are never loaded for it, and nothing heavy is: only lines that are asked for are read as JSON.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from cancel_analysis.errors import ReportError
from cancel_analysis.report import contents

FILE = "history.jsonl"
_WEEK = re.compile(r"\d{4}-W\d{2}")
# What is linked of a report's folder, in this order.
SHOWN = ("report.html", "report.pdf", "report.xlsx", contents.FILE, "tables", "appeals.html", "appeals.xlsx")
# Rates that are followed where a report says no other: two of cancelled orders, late dispatch, returns in the end.
MAIN_RATES = ("seller_fault_cancellation_rate", "order_cancellation_rate", "late_dispatch_rate", "return_rate")
MOST_RATES = 4
# In the place of a rate that cannot be told (files that do not say who cancelled).
_INSTEAD = {"order_cancellation_rate": "total_cancellation_rate"}
_RETURNS = "return_rate"
_RATE = ("name", "label", "value", "low", "high", "numerator", "denominator", "window")
_ACTION = ("id", "root_cause", "label", "orders", "at_risk")
_OUTCOME = ("ids", "done", "state", "before_rate", "after_rate")
# As the files of another version say it, should one come to say something else.
_FORM = 1


@dataclass(frozen=True)
class Line:
    """One report: its place below the output folder (`week/shop`), which file it was made of, what that said."""

    key: str
    state: str
    text: str
    # The names of `SHOWN` that lie in its folder; none where it was cleared away.
    files: tuple[str, ...] = ()

    @property
    def week(self) -> str:
        return self.key.partition("/")[0]

    @property
    def slug(self) -> str:
        """The folder of the shop, the same in every week."""
        return self.key.partition("/")[2]

    @property
    def said(self) -> dict[str, Any]:
        """What the report said (`condensed`), read anew each time: all of a thousand shops' years would fill a machine."""
        found: dict[str, Any] = json.loads(self.text)
        return found

    def is_page(self) -> bool:
        """Whether it is a page over all shops, which is no report of a shop."""
        return self.text == "{}"


@dataclass(frozen=True)
class History:
    """All lines by key, weeks in order, and the folders whose `report.json` cannot be read, with the reason."""

    lines: dict[str, Line]
    broken: dict[str, str] = field(default_factory=dict)

    def of(self, slugs: Iterable[str] | None) -> History:
        """Only the lines of some shops (all of them without any)."""
        if slugs is None:
            return self
        known = set(slugs)
        return History({key: line for key, line in self.lines.items() if line.slug in known}, self.broken)

    @cached_property
    def weeks(self) -> tuple[str, ...]:
        """The weeks of which there is a report, the oldest first."""
        return tuple(sorted({line.week for line in self.lines.values()}))

    @cached_property
    def shops(self) -> dict[str, tuple[Line, ...]]:
        """Folder → the lines of a shop, the oldest week first."""
        found: dict[str, list[Line]] = {}
        for key in sorted(self.lines):
            found.setdefault(self.lines[key].slug, []).append(self.lines[key])
        return {slug: tuple(lines) for slug, lines in found.items()}

    def in_week(self, week: str) -> tuple[Line, ...]:
        return self._by_week.get(week, ())

    @cached_property
    def _by_week(self) -> dict[str, tuple[Line, ...]]:
        found: dict[str, list[Line]] = {}
        for line in self.lines.values():
            found.setdefault(line.week, []).append(line)
        return {week: tuple(lines) for week, lines in found.items()}


def read_history(out: Path) -> History:
    """The lines of every report that was ever made in `out`, brought up to date and kept there (`history.jsonl`).

    A `report.json` is read only where it is new or was replaced. Pages over all shops have no line in the result.
    """
    kept = _kept(out)
    lines = {key: line for key, line in kept.items() if not line.is_page()}
    fresh, broken, there = dict(kept), {}, {}
    for folder in report_folders(out):
        key = f"{folder.parent.name}/{folder.name}"
        names, state = _look(folder)
        line = kept.get(key)
        if line is None or line.state != state:
            try:
                text = _as_text(contents.read(folder))
            except ReportError as error:
                broken[key] = str(error)
                lines.pop(key, None)
                continue
            line = fresh[key] = Line(key, state, text)
        if not line.is_page():
            there[key] = Line(key, line.state, line.text, names)
    if fresh != kept:
        _write(out, fresh.values())
    return History(lines | there, broken)


def report_folders(out: Path) -> list[Path]:
    """The folders of finished reports and pages of weeks, by week and name."""
    with os.scandir(out) as places:
        weeks = sorted(place.name for place in places if _is_week(place.name) and place.is_dir())
    found = []
    for week in weeks:
        with os.scandir(out / week) as places:
            names = sorted(place.name for place in places if place.is_dir())
        found += [out / week / name for name in names]
    return found


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
                return {
                    "name": "returns_in_the_end",
                    "label": tile["label"],
                    "value": tile["number"],
                    "low": tile["low"],
                    "high": tile["high"],
                }
    return None


def _gives_verdict(limit: dict[str, Any]) -> bool:
    return bool(limit.get("gives_verdict")) and limit.get("limit") is not None and limit.get("rate") is not None


def _limit(limit: dict[str, Any]) -> dict[str, Any]:
    found = {
        "name": limit["metric"],
        "window": limit["window_days"],
        "limit": limit["limit"],
        "force": limit["force"],
        "value": limit["rate"],
        "verdict": limit["verdict"],
    }
    return found | _only(limit, ("low", "high", "numerator", "denominator"))


def _deciding(report: dict[str, Any], limits: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The figure that decides, with the interval that its limit's row has."""
    deciding: dict[str, Any] | None = report.get("deciding")
    if not deciding:
        return None
    same = ("name", "window", "limit")
    row = next((limit for limit in limits if all(limit.get(key) == deciding.get(key) for key in same)), {})
    return {**deciding, **_only(row, ("low", "high"))}


def _first(report: dict[str, Any]) -> dict[str, str] | None:
    """What the report's first card says to do, and where."""
    for exhibit in report["exhibits"]:
        for card in exhibit.get("cards", ()) if isinstance(exhibit, dict) else ():
            return {"do": str(card["action"]), "where": str(card.get("where") or "")}
    return None


def _only(values: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name) is not None}


def _short(value: Any) -> Any:
    """Fractions to nine digits, which no reader can tell from all of them."""
    if isinstance(value, dict):
        return {key: _short(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_short(part) for part in value]
    return round(value, 9) if isinstance(value, float) else value


def _as_text(report: dict[str, Any]) -> str:
    return json.dumps(condensed(report), ensure_ascii=False, separators=(",", ":"))


def _look(folder: Path) -> tuple[tuple[str, ...], str]:
    """Which of `SHOWN` lie in a report's folder, and what tells its `report.json` from the one before."""
    with os.scandir(folder) as places:
        found = {place.name: place for place in places if place.name in SHOWN}
    state = ""
    if contents.FILE in found:
        stat = found[contents.FILE].stat()
        state = f"{_FORM}-{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ino}"
    return tuple(name for name in SHOWN if name in found), state


def _kept(out: Path) -> dict[str, Line]:
    """Key → its line; one that cannot be read (a run that was cut off) is passed over, and made again if it can be."""
    try:
        text = (out / FILE).read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return {}
    found = {}
    for line in text.split("\n"):
        # ["2026-W46/shop", "state", {…}]; no name of a folder and no state holds a quotation mark.
        parts = line.split('"', 4)
        if len(parts) == 5 and parts[4].startswith(", {") and parts[4].endswith("}]"):
            found[parts[1]] = Line(parts[1], parts[3], parts[4][2:-1])
    return found


def _write(out: Path, lines: Iterable[Line]) -> None:
    text = "".join(f'["{line.key}", "{line.state}", {line.text}]\n' for line in sorted(lines, key=lambda one: one.key))
    temporary = out / f".{FILE}.{os.getpid()}"
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(out / FILE)
