"""The trend page of one shop: what its reports said week by week, and what became of what was advised.

Made from `report.history` alone. The rates after an advice are the shop's own as later reports say them: nothing here
claims that the advice was followed, or that it helped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from cancel_analysis.catalog.words import words as words_of
from cancel_analysis.charts.history import LimitLine, Point, rate_by_week, strip
from cancel_analysis.exhibits.kinds import TONES
from cancel_analysis.exhibits.number_formats import NOTHING
from cancel_analysis.report.by_week import by_calendar, in_a_row, is_same, limited, rate_of, strip_label
from cancel_analysis.report.history import Line
from cancel_analysis.report.index_page import links_of
from cancel_analysis.report.page_words import PageWords, column_of, fill, language_of
from cancel_analysis.weeks import calendar, week_after

# Two years of weeks can be told apart in a picture; all weeks stand in the table.
MOST_WEEKS = 104
# A rate is looked at again when four whole weeks have gone by, as the outcomes of actions are.
LATER = 4
MOST_ADVICE = 40


@dataclass(frozen=True)
class _Week:
    """One week of a shop, as its report said it."""

    line: Line
    said: dict[str, Any]

    @property
    def week(self) -> str:
        return self.line.week


def one_shop(lines: Sequence[Line], newest: str, stamp: str) -> str:
    """The trend page of one shop, `history/SHOP.html`; `newest` is the newest week that any shop was reported for."""
    weeks = [_Week(line, line.read()) for line in lines]
    words = PageWords(language_of([weeks[-1].said]))
    drawn = calendar(weeks[0].week, weeks[-1].week)[-MOST_WEEKS:]
    last, shop = weeks[-1], weeks[-1].said["shop"]
    verdicts = by_calendar(lines, drawn)
    return fill(
        "shop_history.html.jinja",
        language=words.language,
        texts=words.texts,
        stamp=stamp,
        shop=shop,
        tag=words.tag(last.said["verdict"]),
        lead=_lead(weeks, words),
        run=_run(verdicts, words),
        strip=Markup(strip(verdicts, strip_label(verdicts, drawn, words))),
        legend=[words.tag(verdict) for verdict in TONES],
        links=links_of(last.line, "../", words, ("HTML", "PDF", "Excel")),
        last_week=last.week,
        is_early=last.week != newest,
        ends=words("index.ends_early", week=last.week, day=words.numbers.day(date.fromisoformat(last.said["as_of"]))),
        plots=[_limit_plot(deciding, weeks, drawn, words) for deciding in _followed(weeks)],
        others=[_rate_plot(rate, weeks, drawn, words) for rate in last.said.get("rates", ())],
        columns=[words.name(rate) for rate in last.said.get("rates", ())],
        rows=_rows(weeks, words),
        advice=_advice(weeks, words),
    )


def _lead(weeks: Sequence[_Week], words: PageWords) -> str:
    counts = words.counts((week.said["verdict"] for week in weeks), "history.counts")
    return words.say("history.lead", len(weeks), first=weeks[0].week, last=weeks[-1].week, counts=counts)


def _run(verdicts: Sequence[str | None], words: PageWords) -> str:
    newest = verdicts[-1]
    return "" if newest is None else words.say("history.run", in_a_row(verdicts), verdict=words.texts.judgement(newest))


# --- pictures ---------------------------------------------------------------------------------


def _followed(weeks: Sequence[_Week]) -> list[dict[str, Any]]:
    """The limited rates that get a picture: what decides in the newest week, then what decided in others."""
    found: list[dict[str, Any]] = []
    for week in reversed(weeks):
        deciding = week.said.get("deciding")
        if deciding and deciding.get("value") is not None and not any(is_same(deciding, known) for known in found):
            found.append(deciding)
    return found


def _limit_plot(
    deciding: dict[str, Any], weeks: Sequence[_Week], drawn: Sequence[str], words: PageWords
) -> dict[str, Any]:
    """The rate that decides, by week, with its limit (and target) and its interval."""
    place = {week: number for number, week in enumerate(drawn)}
    figures = [(week, limited(week.said, deciding)) for week in weeks if week.week in place]
    known = [(week, figure) for week, figure in figures if figure is not None]
    points = []
    for week, figure in known:
        span = words.span(figure)
        said = {"week": week.week, "value": words.value(figure), "parts": words.parts(figure)}
        verdict = str(figure.get("verdict") or week.said["verdict"])
        judged = words.texts.judgement(verdict)
        if span:
            text = words("history.point_span", **said, span=span, verdict=judged)
        else:
            text = words("history.point", **said, verdict=judged)
        points.append(Point(place[week.week], figure["value"], figure.get("low"), figure.get("high"), verdict, text))
    name, days = words.name(deciding), int(deciding.get("window") or 0)
    return {
        "title": words("history.counted", rate=name, days=days) if days else name,
        "said": _now_said(known[-1][0].week, known[-1][1], words),
        "svg": _drawn(points, _limit_lines(deciding, weeks, place, words), drawn, name, words),
    }


def _limit_lines(
    deciding: dict[str, Any], weeks: Sequence[_Week], place: dict[str, int], words: PageWords
) -> list[LimitLine]:
    """Where each limit of the rate held: a line a run of weeks whose reports know it."""
    held: dict[tuple[float, str], list[int]] = {}
    for week in weeks:
        if week.week not in place:
            continue
        limits = [limit for limit in week.said.get("limits", ()) if is_same(limit, deciding)]
        own = week.said.get("deciding")
        if not limits and own and is_same(own, deciding) and own.get("limit") is not None:
            limits = [{**own, "force": "enforced"}]
        for limit in limits:
            held.setdefault((limit["limit"], limit["force"]), []).append(place[week.week])
    # A gap between reports does not end a limit that is the same on both sides; a report without it does.
    turn = {place[week.week]: number for number, week in enumerate(week for week in weeks if week.week in place)}
    lines = []
    for (value, force), at in held.items():
        kind = "target" if force == "target" else "enforced"
        said = words(f"tile.limit.{kind}", limit=words.numbers.limit(value))
        first = at[0]
        for here, following in zip(at, [*at[1:], None], strict=True):
            if following is None or turn[following] != turn[here] + 1:
                lines.append(LimitLine(first, here, value, force == "target", said))
                first = here if following is None else following
    return lines


def _rate_plot(rate: dict[str, Any], weeks: Sequence[_Week], drawn: Sequence[str], words: PageWords) -> dict[str, Any]:
    """One of the other rates by week, without a limit."""
    place = {week: number for number, week in enumerate(drawn)}
    points, newest = [], None
    for week in weeks:
        figure = rate_of(week.said, rate)
        if week.week not in place or figure is None:
            continue
        points.append(Point(place[week.week], figure["value"], figure.get("low"), figure.get("high")))
        newest = week.week, figure
    name = words.name(rate)
    days = rate.get("window")
    return {
        "title": words("history.plain", rate=name, days=int(days)) if days else name,
        "said": "" if newest is None else _now_said(*newest, words),
        "svg": _drawn(points, (), drawn, name, words),
    }


def _drawn(
    points: Sequence[Point], limits: Sequence[LimitLine], drawn: Sequence[str], name: str, words: PageWords
) -> Markup:
    if not points:
        return Markup("")
    values = [point.value for point in points]
    low, high, now = (words.numbers.percent(value) for value in (min(values), max(values), values[-1]))
    label = words("history.plot", rate=name, first=drawn[0], last=drawn[-1], low=low, high=high, now=now)
    return Markup(rate_by_week(points, limits, drawn, words.numbers.limit, label))


def _now_said(week: str, figure: dict[str, Any], words: PageWords) -> str:
    value, parts, span = words.value(figure), words.parts(figure), words.span(figure)
    if not parts:
        return words("history.now_alone", value=value, week=week)
    if not span:
        return words("history.now", value=value, parts=parts, week=week)
    return words("history.now_span", value=value, parts=parts, week=week, span=span)


# --- the tables of one shop -------------------------------------------------------------------


def _rows(weeks: Sequence[_Week], words: PageWords) -> list[dict[str, Any]]:
    """A row a week that was reported and one a stretch that was not, the newest first."""
    names = [rate["name"] for rate in weeks[-1].said.get("rates", ())]
    rows: list[dict[str, Any]] = []
    for number in range(len(weeks) - 1, -1, -1):
        rows.append(_week_row(weeks[number], names, words))
        if number:
            missing = calendar(weeks[number - 1].week, weeks[number].week)[1:-1]
            if missing:
                rows.append({"gap": words.say("history.gap", len(missing), first=missing[0], last=missing[-1])})
    return rows


def _week_row(week: _Week, names: Sequence[str], words: PageWords) -> dict[str, Any]:
    said, deciding = week.said, week.said.get("deciding") or {}
    by_column = {column_of(rate["name"]): rate for rate in said.get("rates", ())}
    first, limit = said.get("first"), deciding.get("limit")
    return {
        "gap": "",
        "week": week.week,
        "link": f"../{week.line.key}/report.html" if "report.html" in week.line.files else "",
        "cleared": "" if week.line.files else words("history.cleared"),
        "tag": words.tag(said["verdict"]),
        "headline": said["headline"],
        "first": first["do"] if first else "",
        "rate": words.name(deciding) if deciding else "",
        "value": words.value(deciding),
        "limit": NOTHING if limit is None else words.numbers.limit(limit),
        "span": words.span(deciding) or NOTHING,
        "rates": [
            {"value": words.value(rate), "name": words.other_name(rate, name)}
            for name in names
            for rate in (by_column.get(column_of(name)),)
        ],
    }


def _advice(weeks: Sequence[_Week], words: PageWords) -> dict[str, Any]:
    """A row an action that was ever advised, by its id, which is the same in every week; the newest advice first."""
    told: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for number, week in enumerate(weeks):
        for action in week.said.get("actions", ()):
            told.setdefault(action["id"], []).append((number, action))
    ordered = sorted(told, key=lambda name: (-told[name][-1][0], told[name][0][0], name))
    outcomes = _outcomes(weeks)
    rows = [_advice_row(name, told[name], weeks, outcomes, words) for name in ordered[:MOST_ADVICE]]
    left = len(ordered) - len(rows)
    return {
        "rows": rows,
        "more": words.say("history.more", left) if left else "",
        "later": words("history.later", weeks=LATER),
    }


def _advice_row(
    name: str,
    told: Sequence[tuple[int, dict[str, Any]]],
    weeks: Sequence[_Week],
    outcomes: dict[str, dict[str, Any]],
    words: PageWords,
) -> dict[str, Any]:
    (first, action), (last, _) = told[0], told[-1]
    deciding = weeks[first].said.get("deciding") or {}
    cause = words_of(words.language).get(f"root_cause.{action['root_cause']}", str(action["root_cause"]))
    place = str(action.get("label") or "")
    again = week_after(weeks[first].week, LATER)
    later = next((week for week in weeks[first:] if week.week == again), None)
    outcome = outcomes.get(name)
    return {
        "what": words("history.at", cause=cause, place=place) if place else words("history.whole", cause=cause),
        "id": name,
        "first": weeks[first].week,
        "last": weeks[last].week,
        "times": words.numbers.count(len(told)),
        "place": words.parts({"numerator": action.get("orders"), "denominator": action.get("at_risk")}) or NOTHING,
        "rate": words.name(deciding) if deciding else "",
        "then": words.value(deciding or None),
        "later": words.value(limited(later.said, deciding) if later and deciding else None),
        "newest": words.value(limited(weeks[-1].said, deciding) if deciding and first + 1 < len(weeks) else None),
        "state": words("history.still" if last + 1 == len(weeks) else "history.not_any_more"),
        "done": _outcome_said(outcome, words) if outcome else "",
    }


def _outcomes(weeks: Sequence[_Week]) -> dict[str, dict[str, Any]]:
    """Id → what the newest report says of an action that was done."""
    found: dict[str, dict[str, Any]] = {}
    for week in weeks:
        for outcome in week.said.get("outcomes", ()):
            for name in str(outcome["ids"]).split(", "):
                found[name] = outcome
    return found


def _outcome_said(outcome: dict[str, Any], words: PageWords) -> str:
    state = words_of(words.language).get(f"outcome.word.{outcome['state']}", str(outcome["state"]))
    when = words.numbers.day(date.fromisoformat(str(outcome["done"])[:10]))
    said = words("history.done_on", day=when, state=state)
    before, after = outcome.get("before_rate"), outcome.get("after_rate")
    if before is None or after is None:
        return said
    percent = words.numbers.percent
    return f"{said} ({percent(before)} → {percent(after)})"
