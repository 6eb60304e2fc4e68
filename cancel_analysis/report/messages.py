"""Short texts for a chat or a mail, from what lies finished in the output folder: a brief, a week, one shop's report.

No shop's data are loaded. A text is a title and lines; a line may begin with a name that is set bold where a form can.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.shop_settings import slug
from cancel_analysis.errors import ReportError, SettingsError, unknown
from cancel_analysis.exhibits.kinds import TextLine
from cancel_analysis.report import contents, manifest
from cancel_analysis.report.history import History, Line, read_history
from cancel_analysis.report.page_words import PageWords, language_of, rank
from cancel_analysis.weeks import LATEST, parse_day, parse_week

# Shops that are named one by one where nothing is to be done.
MOST_QUIET = 8


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
    if "text_lines" not in report:
        raise ReportError(f"the morning brief of {chosen[-1].name} was made by an earlier version; make it again")
    title, *lines = (TextLine(line["name"], line["text"]) for line in report["text_lines"])
    return Message(title.text, tuple(line for line in lines if line.name or line.text), report["language"])


def week_message(out: Path, week: str = LATEST) -> Message:
    """Which reports were not made, a line a shop that has something to look at, the worst first, the others by name.

    Of `week`, or the newest. ReportError where nothing was reported for it.
    """
    history = _history(out)
    chosen = _week(history, week, out)
    said = sorted((line.read() for line in history.by_week[chosen]), key=rank)
    words = PageWords(language_of(said))
    title = words.lead([report["verdict"] for report in said], chosen)
    loud = [report for report in said if report["verdict"] in ("breach", "watch")]
    failed = _failed(out, chosen, history)
    lines = [TextLine(words("index.failed"), words("send.line", said=_listed(failed, words)))] if failed else []
    lines += [TextLine(_name(report), words("send.line", said=_said(report, words))) for report in loud]
    for verdict in ("cannot_tell", "ok"):
        names = [_name(report) for report in said if report["verdict"] == verdict]
        if names:
            lines.append(TextLine(words.texts.judgement(verdict), words("send.line", said=_listed(names, words))))
    return Message(title, tuple(lines), words.language)


def shop_message(out: Path, shop: str, week: str = LATEST) -> Message:
    """One shop's report in a paragraph: verdict, headline, findings, what to do first."""
    history = _history(out)
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
    texts = [said["headline"], *_findings(out, chosen), words.first(said.get("first"))]
    return Message(title, tuple(TextLine("", text) for text in dict.fromkeys(texts) if text), words.language)


def _findings(out: Path, line: Line) -> list[str]:
    """The report's first sentences but the verdict's word, which the title has; none of a folder that is gone."""
    if contents.FILE not in line.files:
        return []
    found: list[str] = contents.read(out / line.key)["findings"]
    return found[1:3]


def _history(out: Path) -> History:
    """What the reports in `out` said; ReportError where there is none."""
    history = read_history(out) if out.is_dir() else History({})
    if not history.weeks:
        raise ReportError(f"no report lies in {out}; make some with: cancel-analysis report --out {out}")
    return history


def _week(history: History, week: str, out: Path) -> str:
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


def _said(report: dict[str, Any], words: PageWords) -> str:
    return words.texts.sentences((report["headline"], words.first(report.get("first"))))


def _failed(out: Path, week: str, history: History) -> list[str]:
    """The shops whose report of a week could not be made or cannot be read."""
    made = [entry for entry in manifest.read(out).values() if entry.status == manifest.FAILED]
    keys = {entry.key: entry.name for entry in made} | {key: key.partition("/")[2] for key in history.broken}
    return sorted(name for key, name in keys.items() if key.partition("/")[0] == week)


def _listed(names: list[str], words: PageWords) -> str:
    left = len(names) - MOST_QUIET
    listed = words.texts.listed(names[:MOST_QUIET])
    return words("headline.more", names=listed, count=words.numbers.count(left)) if left > 0 else listed
