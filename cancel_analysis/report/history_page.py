"""The trends of all shops on one page: how many stood where in each week, and each shop's verdicts and deciding rate.

Made from `report.history` alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from cancel_analysis.charts.history import STRIP_STEP, shops_by_week, strip
from cancel_analysis.exhibits.kinds import TONES
from cancel_analysis.exhibits.number_formats import NOTHING
from cancel_analysis.report.by_week import by_calendar, course, in_a_row, limited, strip_label
from cancel_analysis.report.history import SMALL_WEEKS, History, Line, trend_page
from cancel_analysis.report.page_words import PageWords, fill, language_of, rank
from cancel_analysis.weeks import calendar, weeks_back

# A year of each shop in a line.
STRIP_WEEKS = 52


def all_shops(history: History, stamp: str) -> str:
    """The trends of all shops on one page, `history.html`: verdicts by week, the rate that decides."""
    drawn = calendar(history.weeks[0], history.weeks[-1])[-STRIP_WEEKS:]
    counts = {week: Counter(line.verdict for line in history.by_week.get(week, ())) for week in drawn}
    rows = list(history.shops.values())
    words = PageWords(language_of(lines[-1].said for lines in rows))
    shown = sorted(rows, key=lambda lines: rank(lines[-1].said))
    newest = counts[drawn[-1]]
    return fill(
        "history.html.jinja",
        language=words.language,
        texts=words.texts,
        stamp=stamp,
        lead=words.say(
            "history.lead_all",
            len(history.weeks),
            shops=words.say("history.shops", len(rows)),
            first=history.weeks[0],
            last=history.weeks[-1],
        ),
        picture=Markup(_counts_picture([counts[week] for week in drawn], drawn, newest, words)),
        legend=[words.tag(verdict) for verdict in TONES],
        rows=[_shop_row(lines, drawn, history.weeks[-1], words) for lines in shown],
        counted_weeks=len(drawn),
        strip_width=len(drawn) * STRIP_STEP,
        strip_head=words("history.strip_head", first=drawn[0], last=drawn[-1]),
        verdicts=[verdict for verdict in TONES if any(lines[-1].verdict == verdict for lines in rows)],
        markets=sorted({lines[-1].said["shop"]["market"] for lines in rows}),
    )


def _counts_picture(
    counts: Sequence[Counter[str]], drawn: Sequence[str], newest: Counter[str], words: PageWords
) -> str:
    said = words.counts(newest.elements(), "index.count")
    label = words("history.all_counts_said", first=drawn[0], last=drawn[-1], counts=said)
    names = {verdict: words.texts.judgement(verdict) for verdict in TONES}
    return shops_by_week([dict(count) for count in counts], drawn, names, words.numbers.count, label)


def _shop_row(lines: Sequence[Line], drawn: Sequence[str], newest: str, words: PageWords) -> dict[str, Any]:
    last = lines[-1]
    said = last.said
    verdicts = by_calendar(lines, drawn)
    deciding = said.get("deciding")
    known = [verdict for verdict in verdicts if verdict is not None]
    # How long the newest verdict stands is counted to the shop's own newest week.
    own = verdicts[: drawn.index(last.week) + 1] if last.week in drawn else []
    row = in_a_row(own) if own else 0
    over = sum(verdict == "breach" for verdict in known)
    limit = None if not deciding else deciding.get("limit")
    return {
        "name": said["shop"]["name"],
        "market": said["shop"]["market"],
        "verdict": said["verdict"],
        "order": TONES.index(said["verdict"]),
        "tag": words.tag(said["verdict"]),
        "link": trend_page(last.slug),
        "strip": Markup(strip(verdicts, strip_label(verdicts, drawn, words))),
        "row": row,
        "row_said": words.say("history.weeks_count", row) if row else NOTHING,
        "over": over,
        "over_said": words("history.over_of", over=words.numbers.count(over), count=words.numbers.count(len(known))),
        "value": words.value(deciding),
        "number": None if not deciding else deciding.get("value"),
        "rate": "" if not deciding else words.name(deciding),
        "limit": "" if limit is None else words("index.of_limit", limit=words.numbers.limit(limit)),
        "span": "" if not deciding else words.span(deciding),
        "course": _limit_course(lines, deciding, words) if deciding else Markup(""),
        "early": ""
        if last.week == newest
        else words("index.ends_early", week=last.week, day=words.numbers.day(date.fromisoformat(said["as_of"]))),
    }


def _limit_course(lines: Sequence[Line], deciding: dict[str, Any], words: PageWords) -> Markup:
    by_week = {line.week: line for line in lines}
    shown = [by_week.get(week) for week in weeks_back(lines[-1].week, SMALL_WEEKS)]
    figures = [None if line is None else limited(line.said, deciding) for line in shown]
    return course(figures, deciding.get("limit"), words.name(deciding), words)
