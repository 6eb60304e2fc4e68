"""The shop's standing with the platform, for people: scores as they were read, parts that files tell, the next step."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from cancel_analysis.benchmarks.scores import PlatformStanding, ScoreRead
from cancel_analysis.catalog.rates import so_far
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.sections.sentences import effect_sentence
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study


def platform_standing(study: Study, language: str = "") -> Section:
    """The scores of the shop's market with what is known of them, and the steps of its limits."""
    voice, found = speaker(study, language), study.platform_standing
    exhibits: list[Exhibit] = [Prose("standing", tuple(_lines(found, voice)), found.steps)]
    if len(found.steps):
        exhibits.append(_steps_table(found, voice))
    if len(found.measures):
        exhibits.append(_measures_table(found, voice))
    return Section("standing", tuple(exhibits))


def _lines(found: PlatformStanding, voice: Speaker) -> Iterator[Line]:
    text, numbers = voice.words, voice.numbers
    if not found.scores and found.steps.empty:
        yield Line(text("standing_page.none"))
        return
    if len(found.steps):
        yield from _next_step(found, voice)
    if found.points_now:
        yield Line(voice.say("standing_page.points_now", found.points_now))
    for each in found.scores:
        name = text(f"standing_page.score.{each.score.name}")
        if each.value is None:
            said = [text("standing_page.not_typed", score=name)]
        else:
            assert found.read_on is not None  # no figure is typed in without its day
            day = numbers.day(found.read_on)
            said = [text("standing_page.typed", score=name, value=_figure(each.value, voice), day=day)]
            said += _steps_of(each, voice)
        if each.delivered is not None:
            said.append(
                text(
                    "standing_page.counts_from",
                    least=numbers.count(each.score.least_delivered),
                    days=each.score.least_days,
                    count=numbers.count(each.delivered),
                )
            )
        yield Line(text.sentences(said))
    if len(found.measures):
        yield Line(text("standing_page.never_made_up"), "note")
    if any(each.value is None for each in found.scores) or (found.measures["known"] == "missing").any():
        yield Line(text("standing_page.type_in"), "hint")


def _next_step(found: PlatformStanding, voice: Speaker) -> Iterator[Line]:
    """Where the rate is now, and the step that the fewest more cancellations lead to."""
    text, numbers, step = voice.words, voice.numbers, found.next_step
    of = found.steps.iloc[0] if step is None else step
    reached = found.steps[(found.steps["more"] == 0) & (found.steps["limit_id"] == of["limit_id"])]
    now = {
        "count": numbers.count(of["numerator"]), "total": numbers.count(of["denominator"]),
        "days": of["window_days"], "rate": numbers.percent(of["rate"]),
    }  # fmt: skip
    if len(reached):
        effect = effect_sentence(reached.iloc[-1]["effect"], text)
        yield Line(text("standing_page.reached", **now, effect=effect), "finding")
    else:
        yield Line(text("standing_page.now", **now))
    if found.nameless:
        yield Line(text("standing_page.nameless"), "warning")
    if step is None:
        return
    key = "standing_page.next_orders" if step["from_orders"] else "standing_page.next"
    more = int(step["more"])
    values = {
        "orders": numbers.count(step["from_orders"]), "value": numbers.limit(step["from_value"]),
        "more": numbers.count(more), "effect": effect_sentence(step["effect"], text),
    }  # fmt: skip
    said = [voice.say(key, more, **values), *_points_after(found, step, voice)]
    yield Line(text.sentences(said), "finding")


def _points_after(found: PlatformStanding, step: pd.Series, voice: Speaker) -> list[str]:
    """What the points of the next step would make of those typed in; nothing where either is not known.

    Where points for the rate of now may be in the account already, the sum would count them twice.
    """
    typed = next((each for each in found.scores if each.score.name == "violation_points"), None)
    if typed is None or typed.value is None or pd.isna(step["points"]) or found.points_now or typed.step is None:
        return []
    total = typed.value + float(step["points"])
    key = "standing_page.points_reach" if total >= typed.step.value else "standing_page.points_short"
    return [voice.words(key, sum=_figure(total, voice), step=_figure(typed.step.value, voice))]


def _steps_of(each: ScoreRead, voice: Speaker) -> list[str]:
    text = voice.words
    if not each.score.steps:
        return [text("standing_page.step_none")]
    if each.step is None or each.away is None:
        return []
    step = _figure(each.step.value, voice)
    effect = text.get(f"standing_page.effect.{each.step.id}", "")
    if effect:
        return [text("standing_page.step_below", step=step, effect=effect)]
    return [text("standing_page.step_above", step=step, away=_figure(each.away, voice))]


def _figure(value: float, voice: Speaker) -> str:
    """A score or a number of points: whole where it is."""
    return voice.numbers.count(value) if float(value).is_integer() else voice.numbers.decimal(value)


def _steps_table(found: PlatformStanding, voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    steps = found.steps
    frame = steps.assign(
        step_label=[
            text(
                "standing_page.at_orders" if orders else "standing_page.at_rate",
                value=numbers.limit(value),
                orders=numbers.count(orders),
            )
            for value, orders in zip(steps["from_value"], steps["from_orders"], strict=True)
        ],
        more_label=[
            voice.say("standing_page.more", int(more)) if more else text("standing_page.at_now")
            for more in steps["more"]
        ],
        points_label=[
            text("standing_page.points_unknown") if math.isnan(points) else numbers.count(points)
            for points in steps["points"]
        ],
    )
    frame["effect"] = [text.said(effect) for effect in frame["effect"]]
    # On a phone the effect needs the room of columns that would say the same in each row.
    points = ColumnView("points_label", text("standing_page.column.points"), by=("points",))
    columns = (
        ColumnView("step_label", text("standing_page.column.step"), weight=1.2, by=("from_value",)),
        ColumnView("more_label", text("standing_page.column.more"), weight=1.4, by=("more",)),
        *((points,) if steps["points"].notna().any() else ()),
        ColumnView("effect", text("standing_page.column.effect"), weight=4),
    )
    sure = text.listed(text(f"confidence.{confidence}") for confidence in dict.fromkeys(steps["confidence"]))
    note = text("standing_page.sure", sure=sure)
    return TableView("standing_steps", text("standing_page.steps"), frame, columns, note=note)


def _known(row: pd.Series) -> str:
    """Where a measure's figure is from, told apart where its returns are still to come."""
    if row["known"] != "files":
        return str(row["known"])
    return "so_far" if row["rate"] and so_far(row["rate"]) else "files"


def _measures_table(found: PlatformStanding, voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    rows = found.measures

    def value_of(row: pd.Series) -> str:
        if pd.isna(row["value"]):
            return numbers.percent(None)
        if row["unit"] == "hours":
            return text("standing_page.hours", hours=numbers.decimal(row["value"], 0))
        return numbers.percent(row["value"])

    def count_of(row: pd.Series) -> str:
        if pd.isna(row["denominator"]):
            return ""
        counts = {"count": numbers.count(row["numerator"]), "total": numbers.count(row["denominator"])}
        return text("table.count_of", **counts)

    frame = rows.assign(
        measure_label=[text(f"standing_page.measure.{name}") for name in rows["measure"]],
        window_label=[
            "" if pd.isna(days) else text("standing_page.days", days=int(days)) for days in rows["window_days"]
        ],
        value_label=[value_of(row) for _, row in rows.iterrows()],
        count_label=[count_of(row) for _, row in rows.iterrows()],
        known_label=[text(f"standing_page.known.{_known(row)}") for _, row in rows.iterrows()],
        sure=[text(f"confidence.{confidence}") for confidence in rows["confidence"]],
    )
    columns = (
        ColumnView("measure_label", text("standing_page.column.measure"), weight=2.4),
        ColumnView("window_label", text("standing_page.column.window")),
        ColumnView("value_label", text("standing_page.column.value"), "figure", by=("unit", "value")),
        ColumnView("count_label", text("standing_page.column.count"), "figure", 1.2, by=("numerator",)),
        ColumnView("known_label", text("standing_page.column.known"), weight=2),
        ColumnView("sure", text("standing_page.column.sure"), weight=1.2),
    )
    return TableView("standing_measures", text("standing_page.measures"), frame, columns)
