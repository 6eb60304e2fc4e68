"""One shop's figures from week to week: which figure of another report is the same one, and how its course is drawn.

Two figures are compared only where they count the same: the same rate over the same days, its orders taken by the same
date, divided by the same orders, with the same knowledge of who cancelled. What its limit is does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from cancel_analysis.charts.history import small_line
from cancel_analysis.report.history import Line
from cancel_analysis.report.page_words import PageWords

# What a figure counts, as `history.condensed` keeps it.
_COUNTS = ("name", "window", "basis", "of", "nameless")


def is_same(figure: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two figures count the same and may be compared."""
    return all(figure.get(key) == other.get(key) for key in _COUNTS)


def limited(said: dict[str, Any], deciding: dict[str, Any]) -> dict[str, Any] | None:
    """The figure of a report that is the same as `deciding`, whatever its limit: first that which decides there."""
    own = said.get("deciding")
    found = [own] if own else []
    found += sorted(said.get("limits", ()), key=lambda limit: limit["force"] != "enforced")
    return _known(found, deciding)


def rate_of(said: dict[str, Any], rate: dict[str, Any]) -> dict[str, Any] | None:
    """The figure of a report that is the same as one of another report's rates."""
    return _known(said.get("rates", ()), rate)


def _known(figures: Iterable[dict[str, Any]], figure: dict[str, Any]) -> dict[str, Any] | None:
    return next((each for each in figures if is_same(each, figure) and each.get("value") is not None), None)


def course(figures: Sequence[dict[str, Any] | None], limit: float | None, name: str, words: PageWords) -> Markup:
    """A small line of a figure over weeks, oldest first; nothing where fewer than two are known."""
    values = [None if figure is None else figure["value"] for figure in figures]
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    first, last = (words.numbers.percent(value) for value in (known[0], known[-1]))
    label = words("index.spark", rate=name, weeks=len(values), first=first, last=last)
    return Markup(small_line(values, limit, label))


def by_calendar(lines: Iterable[Line], drawn: Sequence[str]) -> list[str | None]:
    """The verdict of each week; None where there is no report."""
    known = {line.week: line.verdict for line in lines}
    return [known.get(week) for week in drawn]


def strip_label(verdicts: Sequence[str | None], drawn: Sequence[str], words: PageWords) -> str:
    """What a strip of verdicts says to who cannot see it."""
    said = [words.counts((verdict for verdict in verdicts if verdict), "history.counts")]
    gaps = sum(verdict is None for verdict in verdicts)
    if gaps:
        said.append(words("history.strip_gap", count=words.numbers.count(gaps)))
    return words(
        "history.strip", first=drawn[0], last=drawn[-1], counts=words.texts.listed(each for each in said if each)
    )


def in_a_row(verdicts: Sequence[str | None]) -> int:
    """How many weeks the newest verdict has stood, without a gap; `verdicts` by calendar week, oldest first."""
    count = 0
    for verdict in reversed(verdicts):
        if verdict is None or verdict != verdicts[-1]:
            break
        count += 1
    return count
