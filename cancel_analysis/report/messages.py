"""Short texts for a chat or a mail, from what lies finished in the output folder: a brief, a week, one shop's report.

No shop's data are loaded. A text is a title and lines; a line may begin with a name that is set bold where a form can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.shop_settings import slug
from cancel_analysis.errors import ReportError, SettingsError, unknown
from cancel_analysis.report import contents
from cancel_analysis.report.history import History, Line, read_history
from cancel_analysis.weeks import LATEST, parse_day, parse_week

# Shops that are named one by one where nothing is to be done.
MOST_QUIET = 8
# "Toko Gadget (ID): …", as the brief's lines begin in every language.
_NAMED = re.compile(r"(?P<name>.{1,60}? \([A-Z]{2}\))(?P<rest>[:：].*)", re.DOTALL)


@dataclass(frozen=True)
class TextLine:
    """One line: a name, which may be empty, and what follows it."""

    name: str
    text: str


@dataclass(frozen=True)
class Message:
    """A title, lines in order of weight, and how a line is called that stands for those that were left out."""

    title: str
    lines: tuple[TextLine, ...]
    language: str


def brief_message(out: Path, day: str = LATEST) -> Message:
    """The text of a morning brief that lies in `out`: of `day`, or the newest. ReportError where there is none."""
    if day != LATEST:
        day = parse_day(day).isoformat()
    found = sorted(folder for folder in out.glob("brief/*") if (folder / contents.FILE).is_file())
    chosen = [folder for folder in found if day in (LATEST, folder.name)]
    if not chosen:
        wanted = "there is no morning brief" if day == LATEST else f"there is no morning brief of {day}"
        there = f"; there are {', '.join(folder.name for folder in found[-5:])}" if found else ""
        raise ReportError(f"{wanted} in {out}{there}; make one with: cancel-analysis brief --out {out}")
    report = contents.read(chosen[-1])
    title, *rest = str(report.get("text") or report["headline"]).split("\n")
    lines = []
    for text in rest:
        named = _NAMED.fullmatch(text)
        if text.strip():
            lines.append(TextLine(named["name"], named["rest"]) if named else TextLine("", text))
    return Message(title, tuple(lines), report["language"])


def week_message(out: Path, week: str = LATEST) -> Message:
    """A line a shop of a week that has something to look at, the worst first, and the others by name.

    Of `week`, or the newest. ReportError where nothing was reported for it.
    """
    from cancel_analysis.report.index_page import language_of, rank
    from cancel_analysis.report.page_words import PageWords

    history = read_history(out)
    chosen = _week(history, week, out)
    said = sorted((line.read() for line in history.by_week[chosen]), key=rank)
    words = PageWords(language_of(said))
    counts = words.counts((report["verdict"] for report in said), "index.count")
    key = "index.lead_one" if len(said) == 1 else "index.lead"
    title = words(key, shops=words.numbers.count(len(said)), week=chosen, counts=counts)
    loud = [report for report in said if report["verdict"] in ("breach", "watch")]
    lines = [TextLine(_name(report), words("send.line", said=_said(report, words))) for report in loud]
    for verdict in ("cannot_tell", "ok"):
        names = [_name(report) for report in said if report["verdict"] == verdict]
        if names:
            lines.append(TextLine(words.texts.judgement(verdict), words("send.line", said=_listed(names, words))))
    return Message(title, tuple(lines), words.language)


def shop_message(out: Path, shop: str, week: str = LATEST) -> Message:
    """One shop's report in a paragraph: verdict, headline, findings, what to do first."""
    from cancel_analysis.report.page_words import PageWords

    history = read_history(out)
    lines = history.shops.get(slug(shop))
    if not lines:
        raise SettingsError(unknown("report of a shop", shop, history.shops))
    if week == LATEST:
        chosen = lines[-1]
    else:
        found = [line for line in lines if line.week == str(parse_week(week))]
        if not found:
            raise ReportError(f"{shop} has no report of {week}; there are {_last(line.week for line in lines)}")
        chosen = found[0]
    said = chosen.read()
    words = PageWords(said["language"])
    title = words("send.shop", shop=_name(said), week=chosen.week, verdict=words.texts.judgement(said["verdict"]))
    texts = [said["headline"], *_findings(out, chosen)]
    first = said.get("first")
    if first:
        texts.append(
            words("index.do_where", action=first["do"], where=first["where"])
            if first["where"]
            else words("index.do", action=first["do"])
        )
    return Message(title, tuple(TextLine("", str(text)) for text in dict.fromkeys(texts)), words.language)


def _findings(out: Path, line: Line) -> list[str]:
    """The report's first sentences but the verdict's word, which the title has; none of a folder that is gone."""
    if contents.FILE not in line.files:
        return []
    found: list[str] = contents.read(out / line.key)["findings"]
    return found[1:3]


def _week(history: History, week: str, out: Path) -> str:
    if not history.weeks:
        raise ReportError(f"no report lies in {out}; make some with: cancel-analysis report --out {out}")
    if week == LATEST:
        return history.weeks[-1]
    wanted = str(parse_week(week))
    if wanted not in history.weeks:
        raise ReportError(f"there is no report of {wanted} in {out}; there are {_last(history.weeks)}")
    return wanted


def _last(weeks: Iterable[str]) -> str:
    return ", ".join(list(weeks)[-5:])


def _name(report: dict[str, Any]) -> str:
    return f"{report['shop']['name']} ({report['shop']['market']})"


def _said(report: dict[str, Any], words: Any) -> str:
    first = report.get("first")
    return str(words.texts.sentences((report["headline"], words("index.do", action=first["do"]) if first else "")))


def _listed(names: list[str], words: Any) -> str:
    left = len(names) - MOST_QUIET
    listed = words.texts.listed(names[:MOST_QUIET])
    return str(words("headline.more", names=listed, count=words.numbers.count(left)) if left > 0 else listed)
