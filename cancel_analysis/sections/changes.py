"""Part 4 of the shop report: what changed since last week, and why; signals over time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from cancel_analysis.charts.changes import control_picture, waterfall_picture
from cancel_analysis.diagnosis.changes import DIGITS, Change
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Picture, Prose, Section, TableView
from cancel_analysis.exhibits.number_formats import NOTHING
from cancel_analysis.exhibits.speaker import Speaker, event_label, rate_label, reason_label
from cancel_analysis.exhibits.speaker import points as signed_points
from cancel_analysis.rates.order_facts import cancellations_undated
from cancel_analysis.rates.over_time import OverTime
from cancel_analysis.sections import titles
from cancel_analysis.sections.events import event_days
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.once import once_a_language
from cancel_analysis.study.one_shop import Study
from cancel_analysis.weeks import week_of

# Reasons drawn one by one; the small rest is one bar, so that the bars still add up.
MOST_PARTS = 8
MOST_ROWS = 8
# With fewer order lines on one side nothing but a landslide shows: "no change" would be a claim.
FEW_LINES = 30
# A range of more days than that says only that the day is not sure.
MOST_RANGE = 14
# Red points named one by one; of more, how many.
MOST_DAYS = 3
_OF_ALARMS = ("date", "event", "rate", "count", "total", "centre")


@once_a_language
def what_changed(study: Study, language: str = "") -> Section:
    """Against last week and the eight weeks before: the change, its interval, the parts that explain it."""
    voice = speaker(study, language)
    text = voice.words
    found = study.changes
    if not found:
        nothing = Prose("changes", (Line(text("change.none"), "note"),))
        return Section("changes", (nothing, *_signals(study, voice)))
    dated = not cancellations_undated(study.facts)
    return Section("changes", (*comparison(found, voice, dated=dated), *_signals(study, voice)))


def comparison(found: tuple[Change, ...], voice: Speaker, *, drawn: bool = False, dated: bool = True) -> list[Exhibit]:
    """Changes in sentences; picture and tables of the first that is more than chance, with `drawn` of the first.

    `dated` says whether the files tell when what was cancelled was, so that a week can be seen at its own end.
    """
    lines = [Line(sentence(change, voice), "finding" if change.told else "plain") for change in found]
    lines.append(Line(voice.words("change.compared" if dated else "change.compared_undated"), "note"))
    exhibits: list[Exhibit] = [Prose("changes", tuple(lines), _table(found))]
    # A picture of noise would be read as a story.
    told = next((change for change in found if change.told or drawn), None)
    if told is not None:
        exhibits += [_picture(told, voice), _parts_table(told, voice), _products_table(told, voice)]
    return exhibits


def _signals(study: Study, voice: Speaker) -> list[Exhibit]:
    """Days out of the ordinary and lasting changes of the two rates; the picture where there are days enough."""
    told = event_days(study)
    found = tuple(series for series in study.over_time if series.metric not in study.untellable_rates)
    if not found:
        return [Prose("signals", (Line(voice.words("decided.nameless"), "note"),))]
    lines = [line for series in found for line in signal_lines(series, voice, told)]
    changed = pd.DataFrame([{"metric": series.metric, **vars(change)} for series in found for change in series.changes])
    exhibits: list[Exhibit] = [Prose("signals", tuple(lines), changed)]
    if any(series.can_say for series in found):
        exhibits.append(_control_chart(found, [line.text for line in lines], voice, told))
    return exhibits


def signal_lines(series: OverTime, voice: Speaker, told: Mapping[date, date] | None = None) -> list[Line]:
    """What the days say of one rate: its lasting changes, the days out of the ordinary, or that there are none.

    `told` has the day that the report says for each change (`events.event_days`), the same for one event."""
    text, numbers = voice.words, voice.numbers
    rate = rate_label(series.metric, text)
    if not series.can_say:
        return [Line(text("signals.cannot_say", rate=rate), "note")]
    lines = []
    for each in series.changes:
        sure = (each.last - each.first).days <= MOST_RANGE
        key = "since_about" if not sure else "since_between" if each.first < each.last else "since"
        day = (told or {}).get(each.day, each.day)
        if day != each.day:
            # The day is that of another rate's change; the range around it is not this one's.
            key = "since"
        said = text(
            f"signals.{key}",
            rate=rate,
            day=numbers.weekday(day),
            first=numbers.day(each.first),
            last=numbers.day(each.last),
            before=numbers.percent(each.before),
            after=numbers.percent(each.after),
            span=numbers.span(each.low, each.high),
        )
        lines.append(Line(said, "finding"))
    if len(series.told_alarms):
        newest = series.told_alarms.head(MOST_DAYS)
        named = text.listed(
            _named_day(day, event, voice) for day, event in zip(newest["date"], newest["event"], strict=True)
        )
        more = len(series.told_alarms) - MOST_DAYS
        named = text("headline.more", names=named, count=more) if more > 0 else named
        lines.append(Line(text("signals.told", rate=rate, days=named)))
    alarms = list(zip(*(series.alarms[name] for name in _OF_ALARMS), strict=True))
    for key, tone in (("alarm", "finding"), ("alarm_special", "plain")):
        days = [_alarm_day(alarm, voice) for alarm in alarms if (alarm[1] != "") == (key == "alarm_special")]
        if days:
            lines.append(Line(text(f"signals.{key}", rate=rate, days=text.parts(days)), tone))
    if not lines:
        first, last = (numbers.day(day) for day in series.watched)
        weeks = len(series.days) // 7
        lines.append(Line(text("signals.quiet", rate=rate, first=first, last=last, weeks=weeks)))
    return lines


def _alarm_day(alarm: tuple[Any, ...], voice: Speaker) -> str:
    """A day out of the ordinary, with the values of `_OF_ALARMS`."""
    numbers, (day, event, rate, count, total, centre) = voice.numbers, alarm
    return voice.words(
        "signals.alarm_day",
        day=_named_day(day, event, voice),
        value=numbers.percent(rate),
        count=numbers.count(count),
        total=numbers.count(total),
        usual=numbers.percent(centre),
    )


def _named_day(day: object, event: str, voice: Speaker) -> str:
    """A day, with the holiday or sales day that it was."""
    shown = voice.numbers.day(day)
    return voice.words("signals.special_day", day=shown, event=event_label(event, voice.words)) if event else shown


def _control_chart(
    found: tuple[OverTime, ...], sentences: list[str], voice: Speaker, told: Mapping[date, date]
) -> Picture:
    text, numbers = voice.words, voice.numbers
    shown = [series for series in found if series.can_say]
    columns = ["label", "date", "count", "total", "rate", "level", "low", "high", "alarm", "event"]
    days = pd.concat([series.days.assign(label=rate_label(series.metric, text))[columns] for series in shown])
    changed = [
        {
            "label": rate_label(series.metric, text),
            "date": pd.Timestamp(told[change.day]),
            "text": text("signals.change", before=numbers.percent(change.before), after=numbers.percent(change.after)),
        }
        for series in shown
        for change in series.changes
    ]
    changes_frame = pd.DataFrame(changed, columns=["label", "date", "text"])
    ages = [voice.say("signals.days", series.age) for series in found]
    return control_picture(
        days.reset_index(drop=True),
        changes_frame,
        text("signals.alternative", sentences=text.sentences(sentences)),
        _control_note(shown, ages, voice),
        text,
        title=titles.signals(found, voice),
    )


def _control_note(shown: list[OverTime], ages: list[str], voice: Speaker) -> str:
    note = voice.words("signals.note", first=ages[0], second=ages[1])
    # A level of a few days is too young for a band of its own.
    held_against_old = any(series.days["told"].any() for series in shown)
    return voice.words.sentences((note, voice.words("signals.note_change"))) if held_against_old else note


def sentence(change: Change, voice: Speaker) -> str:
    """The change against one span of weeks in words; parts are named only where they are more than noise."""
    text, numbers = voice.words, voice.numbers
    if not change.told and min(change.ordered, change.ordered_before) < FEW_LINES:
        counts = ("lines", "ordered", "lines_before", "ordered_before")
        told = {name: numbers.count(getattr(change, name)) for name in counts}
        return text("change.few", now=_now(change, voice), before=_before(change, voice), **told)
    key = "noise" if change.within_noise else "up" if change.change > 0 else "down"
    first = text(
        f"change.{key}",
        now=_now(change, voice),
        before=_before(change, voice),
        rate=numbers.percent(change.rate),
        rate_before=numbers.percent(change.rate_before),
        change=_points(change.shown if change.within_noise else abs(change.shown), voice, signed=change.within_noise),
        low=_points(change.low, voice),
        high=_points(change.high, voice),
    )
    said = [first]
    reasons, products = _parts(change, voice), _products(change, voice)
    if reasons:
        rest = round(change.shown - float(change.main_parts()["shown"].sum()), DIGITS)
        # Parts that are more than the whole are not "most" of it: the others took some back.
        beyond = not change.within_noise and rest * change.change < 0
        key = "parts_noise" if change.within_noise else "parts_beyond" if beyond else "parts"
        said.append(text(f"change.{key}", parts=reasons, rest=_points(rest, voice)))
    if change.spread:
        said.append(text("change.products_spread"))
    elif products:
        said.append(text("change.products_noise" if change.within_noise else "change.products", parts=products))
    return text.sentences(said)


def _before(change: Change, voice: Speaker) -> str:
    if change.against:
        return change.against
    return voice.words("change.days_before" if change.weeks == 1 else "change.weeks_before", weeks=change.weeks)


def _now(change: Change, voice: Speaker, *, starts: bool = True) -> str:
    """The days that are compared; a week that is compared with a named one is named, too."""
    if change.against:
        return str(week_of(change.as_of))
    said = voice.words("change.days", day=voice.numbers.day(change.as_of))
    return _capital(said) if starts else said


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def _parts(change: Change, voice: Speaker) -> str:
    parts = change.main_parts()
    # A reason of several stages stands in several parts.
    stages = Counter(reason for reason, _ in set(zip(change.parts["reason"], change.parts["stage"], strict=True)))
    return voice.words.parts(
        voice.words(
            # The same reason before and after dispatch is two parts.
            "change.part_stage" if stages[reason] > 1 else "change.part",
            reason=reason_label(str(reason), voice.words),
            stage=voice.words(f"stage_said.{stage}"),
            contribution=_points(shown, voice),
        )
        for reason, stage, shown in zip(parts["reason"], parts["stage"], parts["shown"], strict=True)
    )


def _products(change: Change, voice: Speaker) -> str:
    return voice.words.parts(
        voice.words(f"change.product_{by}", product=product, contribution=_points(shown, voice))
        for product, by, shown in change.main_products().itertuples(index=False, name=None)
    )


def _points(value: float, voice: Speaker, *, signed: bool = True) -> str:
    """A difference of two fractions in percentage points, with its sign."""
    if not math.isfinite(value):
        return NOTHING
    return signed_points(value, voice) if signed else voice.numbers.decimal(abs(round(value * 100, 1)))


def _table(found: tuple[Change, ...]) -> pd.DataFrame:
    names = (
        "weeks",
        "lines",
        "ordered",
        "rate",
        "lines_before",
        "ordered_before",
        "rate_before",
        "change",
        "low",
        "high",
    )
    return pd.DataFrame([{name: getattr(change, name) for name in names} for change in found])


def _picture(change: Change, voice: Speaker) -> Picture:
    text = voice.words
    by_reason = change.parts.groupby("reason", sort=False)["shown"].sum().sort_values(key=abs, ascending=False)
    labels = [reason_label(str(reason), text) for reason in by_reason.index[:MOST_PARTS]]
    points = list(by_reason.iloc[:MOST_PARTS] * 100)
    if len(by_reason) > MOST_PARTS:
        labels.append(text("change.other"))
        points.append(by_reason.iloc[MOST_PARTS:].sum() * 100)
    before = _before(change, voice)
    return waterfall_picture(
        pd.DataFrame({"label": labels, "points": points}),
        change.rate_before * 100,
        "changes_reasons",
        text("change.caption", now=_now(change, voice), before=before),
        text(
            "change.alternative",
            now=_now(change, voice, starts=False),
            before=before,
            parts=_parts(change, voice) or text("change.spread"),
        ),
        voice,
        # A name with its date would be cut on a phone.
        ends=(_capital(before), _now(change, voice) if change.against else text("change.last_days")),
        title=titles.change(change, before, voice),
    )


def _parts_table(change: Change, voice: Speaker) -> TableView:
    text = voice.words
    frame = change.parts.assign(
        stage_label=[text(f"stage.{stage}") for stage in change.parts["stage"]],
        reason_label=[reason_label(str(reason), text) for reason in change.parts["reason"]],
        responsibility_label=[text(f"responsibility.{who}") for who in change.parts["responsibility"]],
        points=[_points(value, voice) for value in change.parts["shown"]],
    )
    columns = (
        ColumnView("stage_label", text("column.stage"), weight=1.7),
        ColumnView("reason_label", text("change.reason"), weight=2.2),
        ColumnView("responsibility_label", text("column.responsibility"), weight=1.1),
        ColumnView("lines", _now(change, voice), "integer", 0.8),
        ColumnView("lines_before", _capital(_before(change, voice)), "integer", 0.8),
        ColumnView("points", text("change.contribution"), weight=0.8, data=("shown",), data_kind="points"),
    )
    caption = text("change.parts_table", now=_now(change, voice, starts=False), before=_before(change, voice))
    note = _sum_note(change, frame, voice)
    return TableView("changes_parts", caption, frame, columns, note=note, most_rows=MOST_ROWS)


def _products_table(change: Change, voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    counts = {
        name: [
            text("change.counts", lines=numbers.count(lines), ordered=numbers.count(ordered))
            for lines, ordered in zip(change.products[f"lines{of}"], change.products[f"ordered{of}"], strict=True)
        ]
        for name, of in (("now", ""), ("then", "_before"))
    }
    shown = {"points": "shown", "by_rate": "rate_shown", "by_mix": "mix_shown"}
    points = {name: [_points(value, voice) for value in change.products[column]] for name, column in shown.items()}
    frame = change.products.assign(**counts, **points)
    columns = (
        ColumnView("product", text("column.product"), weight=2.6),
        ColumnView("now", _now(change, voice), weight=1.0, by=("lines",)),
        ColumnView("then", _capital(_before(change, voice)), weight=1.0, by=("lines_before",)),
        ColumnView("by_rate", text("change.rate_effect"), weight=1.0, data=("rate_shown",), data_kind="points"),
        ColumnView("by_mix", text("change.mix_effect"), weight=1.2, data=("mix_shown",), data_kind="points"),
        ColumnView("points", text("change.contribution"), weight=0.8, data=("shown",), data_kind="points"),
    )
    caption = text("change.products_table", now=_now(change, voice, starts=False), before=_before(change, voice))
    note = _sum_note(change, frame, voice)
    return TableView("changes_products", caption, frame, columns, note=note, most_rows=MOST_ROWS)


def _sum_note(change: Change, frame: pd.DataFrame, voice: Speaker) -> str:
    """What the rows that are not shown add, so that the column can be added up."""
    total = _points(change.shown, voice)
    if len(frame) <= MOST_ROWS:
        return voice.words("change.sum", total=total)
    rest = frame["shown"].iloc[MOST_ROWS:]
    return voice.words("change.sum_rest", rest=_points(rest.sum(), voice), total=total)
