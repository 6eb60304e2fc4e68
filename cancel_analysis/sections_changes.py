"""Part 4 of the shop report: what changed since last week, and why."""

from __future__ import annotations

import math

import pandas as pd

from cancel_analysis import charts
from cancel_analysis.changes import Change, changes
from cancel_analysis.exhibits import ColumnView, Exhibit, Line, Picture, Prose, Section, TableView
from cancel_analysis.findings import Speaker
from cancel_analysis.formats import NOTHING
from cancel_analysis.sections import speaker
from cancel_analysis.study import Study

# Reasons drawn one by one; the small rest is one bar, so that the bars still add up.
MOST_PARTS = 8
MOST_ROWS = 8


def what_changed(study: Study, language: str = "") -> Section:
    """Against last week and the eight weeks before: the change, its interval, the parts that explain it."""
    voice = speaker(study, language)
    text = voice.words
    found = changes(study.items, study.orders, study.as_of)
    if not found:
        return Section("changes", (Prose("changes", (Line(text("change.none"), "note"),)),))
    lines = [Line(sentence(one, voice), "plain" if one.within_noise else "finding") for one in found]
    lines.append(Line(text("change.compared"), "note"))
    exhibits: list[Exhibit] = [Prose("changes", tuple(lines), _table(found))]
    # A picture of noise would be read as a story.
    told = next((one for one in found if not one.within_noise), None)
    if told is not None:
        exhibits += [_picture(told, voice), _parts_table(told, voice), _products_table(told, voice)]
    return Section("changes", tuple(exhibits))


def sentence(one: Change, voice: Speaker) -> str:
    """The change against one span of weeks in words; parts are named only when it is more than noise."""
    text, formats = voice.words, voice.formats
    key = "noise" if one.within_noise else "up" if one.change > 0 else "down"
    size = one.change if one.within_noise else abs(one.change)
    first = text(
        f"change.{key}",
        before=_before(one, voice),
        rate=formats.percent(one.rate),
        rate_before=formats.percent(one.rate_before),
        change=_points(size, voice, signed=one.within_noise),
        low=_points(one.low, voice),
        high=_points(one.high, voice),
    )
    parts = [] if one.within_noise else [_part(row, voice) for _, row in one.main_parts().iterrows()]
    return f"{first} {text('change.parts', parts='; '.join(parts))}" if parts else first


def _before(one: Change, voice: Speaker) -> str:
    return voice.words("change.week") if one.weeks == 1 else voice.words("change.weeks", weeks=one.weeks)


def _part(row: pd.Series, voice: Speaker) -> str:
    reason = charts.reason_label(str(row["reason"]), voice.words)
    return voice.words("change.part", reason=reason, contribution=_points(row["contribution"], voice))


def _points(value: float, voice: Speaker, *, signed: bool = True) -> str:
    """A difference of two fractions in percentage points, with its sign."""
    if not math.isfinite(value):
        return NOTHING
    digits = voice.formats.decimal(abs(value) * 100)
    return f"{'+' if value >= 0 else '−'}{digits}" if signed else digits


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
    return pd.DataFrame([{name: getattr(one, name) for name in names} for one in found])


def _picture(one: Change, voice: Speaker) -> Picture:
    text = voice.words
    by_reason = one.parts.groupby("reason", sort=False)["contribution"].sum()
    by_reason = by_reason.sort_values(key=abs, ascending=False)
    frame = pd.DataFrame(
        {
            "label": [charts.reason_label(str(reason), text) for reason in by_reason.index[:MOST_PARTS]],
            "points": by_reason.to_numpy()[:MOST_PARTS] * 100,
        }
    )
    rest = by_reason.iloc[MOST_PARTS:].sum() * 100
    if len(by_reason) > MOST_PARTS:
        frame = pd.concat([frame, pd.DataFrame({"label": [text("change.other")], "points": [rest]})], ignore_index=True)
    before = _before(one, voice)
    parts = "; ".join(_part(row, voice) for _, row in one.main_parts().iterrows())
    return charts.contributions_picture(
        frame,
        "changes_reasons",
        text("change.caption", before=before),
        text("change.alternative", before=before, parts=parts),
        text,
    )


def _parts_table(one: Change, voice: Speaker) -> TableView:
    text = voice.words
    frame = one.parts.assign(
        stage_label=[text(f"stage.{stage}") for stage in one.parts["stage"]],
        reason_label=[charts.reason_label(str(reason), text) for reason in one.parts["reason"]],
        responsibility_label=[text(f"responsibility.{who}") for who in one.parts["responsibility"]],
        points=[_points(value, voice) for value in one.parts["contribution"]],
    )
    columns = (
        ColumnView("stage_label", text("column.stage"), weight=1.7),
        ColumnView("reason_label", text("change.reason"), weight=2.2),
        ColumnView("responsibility_label", text("column.responsibility"), weight=1.1),
        ColumnView("lines", text("change.now"), "integer", 0.8),
        ColumnView("lines_before", text("change.then"), "integer", 0.8),
        ColumnView("points", text("change.contribution"), weight=0.8),
    )
    caption = text("change.parts_table", before=_before(one, voice))
    return TableView("changes_parts", caption, frame, columns, most_rows=MOST_ROWS)


def _products_table(one: Change, voice: Speaker) -> TableView:
    text, formats = voice.words, voice.formats
    frame = one.products.assign(
        now=[
            text("change.counts", lines=formats.count(lines), ordered=formats.count(ordered))
            for lines, ordered in zip(one.products["lines"], one.products["ordered"], strict=True)
        ],
        then=[
            text("change.counts", lines=formats.count(lines), ordered=formats.count(ordered))
            for lines, ordered in zip(one.products["lines_before"], one.products["ordered_before"], strict=True)
        ],
        points=[_points(value, voice) for value in one.products["contribution"]],
        by_rate=[_points(value, voice) for value in one.products["rate_effect"]],
        by_mix=[_points(value, voice) for value in one.products["mix_effect"]],
    )
    columns = (
        ColumnView("product", text("column.product"), weight=2.6),
        ColumnView("now", text("change.now"), weight=1.0),
        ColumnView("then", text("change.then"), weight=1.0),
        ColumnView("by_rate", text("change.rate_effect"), weight=1.0),
        ColumnView("by_mix", text("change.mix_effect"), weight=1.2),
        ColumnView("points", text("change.contribution"), weight=0.8),
    )
    caption = text("change.products_table", before=_before(one, voice))
    return TableView("changes_products", caption, frame, columns, most_rows=MOST_ROWS)
