"""Part 9 of the shop report: the shop against its own past, its cohort, other platforms' rules, and chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.benchmarks.cohorts import LEAST_ORDERS, LEAST_OTHERS, MOST_FALSE
from cancel_analysis.benchmarks.funnel import ROOM, control_lines
from cancel_analysis.benchmarks.platforms import MONTH
from cancel_analysis.catalog.policies import Limit, reference_lines
from cancel_analysis.catalog.rates import RATES, WINDOWS
from cancel_analysis.charts.others import funnel_picture, top_of
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, count_of, points, rate_label, rate_label_so_far
from cancel_analysis.rates.order_facts import cancellations_undated
from cancel_analysis.sections import titles
from cancel_analysis.sections.rows import rows_of
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study

# What the cells of the table of other platforms' rules are made of.
PLATFORM_FIGURES = (
    "rule", "first_day", "last_day", "days", "window_days", "limit", "comparison", "low", "high", "worst_rate",
    "days_over", "standing", "confidence",
)  # fmt: skip


def others(study: Study, language: str = "") -> Section:
    """Part 9: this week against the shop's past, its cohort, what other platforms would say, the funnel."""
    voice = speaker(study, language)
    past, under = study.own_past, study.under_other_rules
    exhibits: list[Exhibit] = [
        _summary(past, voice),
        _past_table(past, study.facts, voice),
        *_cohort(study, voice),
        _platforms_said(under, voice),
        _platform_table(under, voice),
    ]
    if study.limit_over_weeks is not None and len(study.limit_over_weeks[1]):
        exhibits += _funnel(study, *study.limit_over_weeks, voice)
    exhibits.append(_reference_table(study, voice))
    return Section("others", tuple(exhibits))


def _summary(past: pd.DataFrame, voice: Speaker) -> Prose:
    """What moved against the shop's own past."""
    text, numbers = voice.words, voice.numbers
    lines = []
    compared = int(past["p_adjusted"].notna().sum())
    said = rows_of(past, "moved", "metric", "window_days", "rate", "before_rate", "low", "high")
    for row in (row for row, beyond in zip(said, _beyond_chance(past), strict=True) if beyond):
        lines.append(
            Line(
                text(
                    f"others.moved_{row['moved']}",
                    rate=rate_label(str(row["metric"]), text),
                    days=row["window_days"],
                    value=numbers.percent(row["rate"]),
                    before=numbers.percent(row["before_rate"]),
                    low=points(row["low"], voice),
                    high=points(row["high"], voice),
                ),
                "finding",
            )
        )
    if lines:
        share = numbers.percent(MOST_FALSE, 0)
        lines.append(Line(voice.say("others.compared", compared, share=share), "note"))
    elif compared:
        # Between a handful of orders "did not move" would be a claim.
        none = text("others.moved_few") if _too_few(past)[past["p_adjusted"].notna()].all() else ""
        lines.append(Line(none or voice.say("others.moved_none", compared)))
    else:
        lines.append(Line(text("others.moved_unknown")))
    return Prose("others_summary", tuple(lines), past)


def _platforms_said(under: pd.DataFrame, voice: Speaker) -> Prose:
    """By whose rules the shop would be over a limit."""
    text, numbers = voice.words, voice.numbers
    lines: list[Line] = []
    said = rows_of(under, "rule", "platform", "numerator", "denominator", "rate", "limit", "standing")
    # Two rules of a platform that count the same over the same days are one thing to be told.
    over: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in said:
        if row["standing"] == "over":
            over.setdefault((row["platform"], row["numerator"], row["denominator"]), row)
    if over:
        named = text.parts(
            text(
                "others.over_one",
                rule=text(f"others.rule.{row['rule']}"),
                value=numbers.percent(row["rate"]),
                limit=numbers.percent(row["limit"]),
            )
            for row in over.values()
        )
        lines.append(Line(text("others.over", rules=named), "finding"))
    else:
        lines.append(Line(text("others.over_none")))
    return Prose("others_platforms_said", tuple(lines))


def _beyond_chance(past: pd.DataFrame) -> pd.Series:
    """Which changes are more than chance when all that were looked at are judged together."""
    return past["moved"].isin(("up", "down")) & (past["p_adjusted"] <= MOST_FALSE)


def _moved_labels(past: pd.DataFrame, voice: Speaker) -> list[str]:
    """What each row says, so that the table and the sentences above it say the same."""
    count = voice.numbers.count(past["p_adjusted"].notna().sum())
    return [
        voice.words(f"others.moved.{direction}_alone", count=count)
        if direction in ("up", "down") and not beyond
        else voice.words(f"others.moved.{'few' if few else direction}")
        for direction, beyond, few in zip(past["moved"], _beyond_chance(past), _too_few(past), strict=True)
    ]


def _too_few(past: pd.DataFrame) -> pd.Series:
    """Rows within noise with fewer orders on one side than a rate is told from."""
    smaller = np.fmin(past["denominator"].to_numpy(), past["before_denominator"].to_numpy())
    few: pd.Series = (past["moved"] == "noise") & (smaller < LEAST_ORDERS)
    return few


def _past_table(past: pd.DataFrame, facts: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    known = past[(past["denominator"] > 0) | (past["before_denominator"] > 0)].reset_index(drop=True)
    shown = known.assign(
        label=[
            text("chart.rate_label", rate=rate_label(metric, text), days=days)
            for metric, days in zip(known["metric"], known["window_days"], strict=True)
        ],
        counts=count_of(known, "numerator", "denominator", voice),
        counts_before=count_of(known, "before_numerator", "before_denominator", voice),
        change_label=[points(value, voice) for value in known["change"].mask(_too_few(known))],
        range=_ranges(known, voice),
        moved_label=_moved_labels(known, voice),
    )
    columns = (
        ColumnView("label", text("column.metric"), weight=2.4),
        ColumnView("counts", text("others.now"), weight=1.2, by=("numerator",)),
        ColumnView("rate", text("column.rate"), "percent", 0.8),
        ColumnView("counts_before", text("others.before"), weight=1.3, by=("before_numerator",)),
        ColumnView("before_rate", text("others.before_rate"), "percent", 0.8),
        ColumnView("change_label", text("others.change"), weight=0.9, data=("change",), data_kind="points"),
        ColumnView("range", text("column.range"), weight=1.3, data=("low", "high"), data_kind="points"),
        ColumnView("moved_label", text("others.says"), weight=1.2),
    )
    note = text("others.past_undated" if cancellations_undated(facts) else "others.past_note")
    return TableView("others_past", text("others.past_table"), shown, columns, note=note, folded=True)


def _ranges(frame: pd.DataFrame, voice: Speaker) -> list[str]:
    known = (frame["denominator"] > 0) & (frame["before_denominator"] > 0) & ~_too_few(frame)
    return [
        voice.words("others.range", low=points(low, voice), high=points(high, voice))
        if there
        else voice.numbers.percent(None)
        for low, high, there in zip(frame["low"], frame["high"], known, strict=True)
    ]


def _cohort(study: Study, voice: Speaker) -> list[Exhibit]:
    """The cohort's quartiles, or why they are not shown. Nothing of a single other shop is said."""
    text, numbers = voice.words, voice.numbers
    found = study.cohort
    if found.why:
        sentence = text(f"others.cohort_{found.why}", shops=numbers.count(found.shops), least=LEAST_OTHERS)
        return [Prose("others_cohort", (Line(sentence, "hint"),))]
    shown = found.frame.assign(
        label=[rate_label(metric, text) for metric in found.frame["metric"]],
        counts=count_of(found.frame, "numerator", "denominator", voice),
        place_label=[text(f"others.cohort_place.{place or 'none'}") for place in found.frame["place"]],
    )
    columns = (
        ColumnView("label", text("column.metric"), weight=2.2),
        ColumnView("counts", text("column.count"), weight=1.2),
        ColumnView("rate", text("others.this_shop"), "percent"),
        ColumnView("lower", text("others.lower"), "percent"),
        ColumnView("median", text("others.median"), "percent"),
        ColumnView("upper", text("others.upper"), "percent"),
        ColumnView("place_label", text("others.place"), weight=1.5),
    )
    caption = text(
        "others.cohort_table",
        shops=numbers.count(found.shops),
        market=study.shop.market,
        category=study.shop.category or "",
        days=int(found.frame["window_days"].iloc[0]),
    )
    return [TableView("others_cohort", caption, shown, columns, note=text("others.cohort_note"))]


def _platform_table(under: pd.DataFrame, voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    known = under["denominator"].fillna(0) > 0
    nothing = numbers.percent(None)
    rows: list[dict[str, Any]] = []
    counts = count_of(under, "numerator", "denominator", voice)
    for there, pair, row in zip(known, counts, rows_of(under, *PLATFORM_FIGURES), strict=True):
        days = numbers.days(row["first_day"], row["last_day"])
        limit, worst = numbers.percent(row["limit"]), row["worst_rate"]
        whole = float(row["days"]) >= float(row["window_days"])
        rows.append(
            {
                "label": text(f"others.rule.{row['rule']}"),
                "days_label": text("others.days", days=days)
                if whole
                else text("others.days_covered", days=days, covered=row["days"], window=row["window_days"]),
                "counts": pair if there else nothing,
                # By the day it happened a count can pass what lies below it; "up to all" is what a reader needs.
                "range": numbers.span(row["low"], min(float(row["high"]), 1.0)) if there else nothing,
                "limit_label": text("others.at_most" if row["comparison"] == "<=" else "others.under", limit=limit),
                "month": nothing
                if pd.isna(worst)
                else text("others.worst_none", rate=numbers.percent(worst))
                if not row["days_over"]
                else voice.say("others.worst", int(row["days_over"]), rate=numbers.percent(worst)),
                "standing_shown": row["standing"] if there else None,
                "confidence_label": text(f"confidence.{row['confidence']}"),
            }
        )
    shown = under.assign(**{name: [row[name] for row in rows] for name in rows[0]})
    columns = (
        ColumnView("label", text("others.rule_column"), weight=2.2),
        ColumnView("days_label", text("others.days_column"), weight=1.5),
        ColumnView("counts", text("column.count"), weight=1.1),
        ColumnView("rate", text("column.value"), "percent", 0.9),
        ColumnView("range", text("column.range"), weight=1.2, data=("low", "high"), data_kind="percent"),
        ColumnView("limit_label", text("column.limit"), weight=0.9),
        ColumnView("standing_shown", text("column.standing"), "verdict", 1.0),
        ColumnView("month", text("others.month", days=MONTH), weight=1.3),
        ColumnView("confidence_label", text("column.confidence"), weight=1.0),
    )
    missing = (text(f"others.missing.{rule}") for rule in dict.fromkeys(under["rule"]))
    note = text.sentences((text("others.platform_note"), *missing))
    return TableView("others_platforms", text("others.platform_table"), shown, columns, note=note)


def _funnel(study: Study, limit: Limit, weeks: pd.DataFrame, voice: Speaker) -> list[Exhibit]:
    """The shop in its funnel; nothing where it is so small that no control line is drawn at its size."""
    text, numbers = voice.words, voice.numbers
    assert limit.value is not None
    sizes = weeks["denominator"].astype("float64")
    lines = control_lines(limit.value, sizes.max() * ROOM, max(sizes.min() / ROOM, 2))
    inside = lines["drawn_high"] <= top_of(weeks["rate"], limit.value)
    if not (inside & (lines["orders"] <= sizes.max())).any():
        return []
    shown = weeks.assign(
        label=[text("others.window_to", day=numbers.day(day)) for day in weeks["date"]],
        orders=sizes,
        count=weeks["numerator"],
        limit=limit.value,
    )
    title = text(
        "others.panel",
        rate=rate_label(limit.metric, text),
        days=limit.window_days,
        limit=numbers.percent(limit.value),
    )
    standing = next(each for each in study.judgement.standings if each.limit is limit)
    caption = titles.funnel(standing, voice)
    return [funnel_picture("others_funnel", [(title, shown, lines)], caption, text, named=False)]


def _reference_table(study: Study, voice: Speaker) -> TableView:
    """Figures that are no limits: the market's and those that the platform showed to two shops."""
    text, numbers = voice.words, voice.numbers
    rows = [
        {
            "metric": row["metric"], "window_days": row["window_days"], "own": row["rate"],
            "value_low": row["value_low"], "value": row["value"], "text": text.said(row["effect"]),
            "confidence": row["confidence"], "source": row["source"],
        }
        for row in rows_of(
            study.judgement.references, "metric", "window_days", "rate", "value_low", "value", "effect", "confidence",
            "source",
        )
    ]  # fmt: skip
    own = {
        row["metric"]: row["rate"]
        for row in rows_of(study.rates, "metric", "basis", "window", "rate")
        if row["basis"] == "created" and row["window"] == max(WINDOWS)
    }
    for line in reference_lines("cohort"):
        there = line.metric in RATES
        rows.append(
            {
                "metric": line.metric,
                "window_days": 30 if there else 0,
                "own": own[line.metric] if there else None,
                "value_low": line.value if line.value_high is not None else None,
                "value": line.value_high if line.value_high is not None else line.value,
                "text": text.said(line.text),
                "confidence": line.confidence,
                "source": line.source,
            }
        )
    frame = pd.DataFrame(rows).astype({"own": "float64", "value": "float64", "value_low": "float64"})
    shown = frame.assign(
        label=[rate_label_so_far(metric, "created", text) if metric in RATES else text(f"others.metric.{metric}")
               for metric in frame["metric"]],
        value_label=[
            numbers.span(low, value) if pd.notna(low) else numbers.percent(value)
            for low, value in zip(frame["value_low"], frame["value"], strict=True)
        ],
        confidence_label=[text(f"confidence.{confidence}") for confidence in frame["confidence"]],
    )  # fmt: skip
    columns = (
        ColumnView("label", text("column.metric"), weight=1.8),
        ColumnView("own", text("others.this_shop"), "percent", 0.9),
        ColumnView("value_label", text("others.figure"), weight=1.1, data=("value_low", "value"), data_kind="percent"),
        ColumnView("text", text("others.what"), weight=3.4),
        ColumnView("confidence_label", text("column.confidence"), weight=1.0),
    )
    caption, note = text("others.reference_table"), text("others.reference_note")
    return TableView("others_references", caption, shown, columns, note=note, folded=True)
