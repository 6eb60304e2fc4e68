"""Why: what stands out against the rest of the shop, and the course of the rate that decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd

from cancel_analysis.benchmarks.judgement import VERDICTS
from cancel_analysis.charts.rates import one_panel, over_time_picture
from cancel_analysis.charts.standouts import places_picture, weeks_picture
from cancel_analysis.charts.style import DRAWN_WEEKS
from cancel_analysis.diagnosis.causes import weekly
from cancel_analysis.diagnosis.standouts import Standout
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Picture, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, rate_label
from cancel_analysis.inference import wilson
from cancel_analysis.rates import breakdown
from cancel_analysis.rates.cube import rolling
from cancel_analysis.sections import headlines, sentences
from cancel_analysis.sections.events import event_days, followed, newest_change
from cancel_analysis.sections.verdict import told_since
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study

# Pictures of what stands out: a third would push the course of the rate off the screen.
MOST_PICTURES = 2
# A line over time of fewer orders is a line of single orders.
LEAST_ORDERS_OF_A_LINE = 100
WINDOW = 30


def why(study: Study, language: str = "") -> Section:
    """What stands out, its places against the rest, the course of the rate, and what was checked and is quiet."""
    voice = speaker(study, language)
    found, since = study.ranked_standouts, told_since(study)
    orders = int(study.period_orders["first_line"].sum())
    exhibits: list[Exhibit] = []
    if found or orders >= headlines.FEW_ORDERS:
        exhibits.append(sentences.findings_prose(found, voice, since))
    exhibits += [_standout_picture(study, standout, voice) for standout in found[:MOST_PICTURES]]
    if (course := course_picture(study, voice)) is not None:
        exhibits.append(course)
    # Of a handful of orders nothing is quiet: there was nothing to hear.
    if exhibits and (quiet := quiet_line(study, voice)) is not None:
        exhibits.append(quiet)
    return Section("why", tuple(exhibits))


def standout_tables(study: Study, language: str = "") -> list[TableView]:
    """The articles of each cause that stands out, as tables for the evidence."""
    voice = speaker(study, language)
    found = [standout for standout in study.ranked_standouts if standout.dimension in ("product", "sku")]
    return [_standout_table(standout, voice) for standout in found]


def quiet_line(study: Study, voice: Speaker) -> Prose | None:
    """What was looked at and shows nothing, in one line; None where there is no such thing."""
    quiet = [finding.title for finding in study.diagnosis.steps if not finding.missing and not finding.found_units]
    names = [voice.words.get(f"triage.quiet.{title}", "") for title in quiet if study.diagnosis.units]
    names = list(dict.fromkeys(name for name in names if name))
    if not names:
        return None
    return Prose("quiet", (Line(voice.words("triage.quiet_line", names=voice.words.listed(names)), "note"),))


def course_picture(study: Study, voice: Speaker) -> Picture | None:
    """The rate that decides over 30 days, its limit, and since when it is another one; None of too few orders."""
    series = followed(study)
    text, numbers = voice.words, voice.numbers
    frame = rolling(study.daily_sums, series.metric, WINDOW)
    first = study.as_of - timedelta(days=7 * DRAWN_WEEKS - 1)
    whole = frame["days"] == WINDOW
    frame, whole = frame[whole.cummax()], whole[whole.cummax()]
    frame = frame[frame["date"] >= pd.Timestamp(first)]
    # Windows that no file fills, or of a few orders, say nothing; their range would be all the picture shows.
    few = (frame["denominator"] < LEAST_ORDERS_OF_A_LINE) | ~whole.reindex(frame.index)
    frame = frame.assign(**{name: frame[name].mask(few) for name in ("rate", "low", "high")})
    if series.metric in study.untellable_rates or frame["rate"].count() < 2:
        return None
    if float(frame["denominator"].iloc[-1]) < LEAST_ORDERS_OF_A_LINE:
        return None
    label = rate_label(series.metric, text)
    drawn = frame.assign(metric=series.metric, label=label)
    drawn = drawn[["date", "metric", "label", "window", "rate", "low", "high"]].reset_index(drop=True)
    settled = study.cancellations_to_come.settled_until
    still_open = bool(study.cancellations_to_come.weeks["still_open"].any())
    picture = over_time_picture(
        drawn, limits_of_lines(study, (series.metric,), voice), text, numbers, settled if still_open else None
    )
    change = newest_change(study)
    ends = drawn["rate"].dropna()
    if change is not None and change.day >= first:
        day = event_days(study)[change.day]
        caption = text(
            f"chart.course_{'up' if change.after > change.before else 'down'}",
            rate=label,
            day=numbers.weekday(day),
            before=numbers.percent(change.before),
            after=numbers.percent(change.after),
            span=numbers.span(change.low, change.high),
        )
        # The level of single days is not what the line ends at: each of its points is of many days.
        caption = text("chart.course_now", course=caption, days=WINDOW, last=numbers.percent(ends.iloc[-1]))
    else:
        told = drawn.dropna(subset="rate")
        start = told["date"].iloc[0].date()
        said = {
            "rate": label,
            "first": numbers.percent(ends.iloc[0]),
            "last": numbers.percent(ends.iloc[-1]),
        }
        # Files that begin later than the picture, or after a hole, show less than its three months.
        key = "course" if start == first else "course_since"
        if said["first"] == said["last"]:
            key = "course_same"
        caption = text(f"chart.{key}", **said, day=numbers.day(start))
    alternative = text("chart.course_alt", caption=caption, weeks=DRAWN_WEEKS)
    note = text("chart.course_note")
    assert picture is not None  # without `orders` it is always drawn
    chart = one_panel(picture.chart)
    return replace(picture, name="course", caption=caption, alternative=alternative, note=note, chart=chart)


def limits_of_lines(study: Study, metrics: tuple[str, ...], voice: Speaker) -> pd.DataFrame:
    """Of several limits of a rate the one that decides, to be drawn as a line; a target decides nothing."""
    limits: dict[str, tuple[float, float]] = {}
    for standing in study.judgement.standings:
        metric, limit = standing.limit.metric, standing.limit.value
        if standing.gives_verdict and limit is not None and metric in metrics:
            rank = VERDICTS.index(standing.verdict) + 0.5 * (standing.limit.force != "enforced")
            limits[metric] = min(limits.get(metric, (rank, limit)), (rank, limit), key=lambda ranked: ranked[0])
    drawn = sorted(limits, key=lambda metric: limits[metric][0])
    return pd.DataFrame(
        {
            "metric": drawn,
            "label": [rate_label(metric, voice.words) for metric in drawn],
            "limit": [limits[metric][1] for metric in drawn],
        }
    )


def _standout_table(standout: Standout, voice: Speaker) -> TableView:
    text = voice.words
    columns = (
        ColumnView("label", text("column.place"), weight=3),
        ColumnView("sku", text("column.sku_ids"), "id", 2.0),
        ColumnView("orders", text("column.orders_lost"), "integer", 0.9),
        ColumnView("at_risk", text("column.at_risk"), "integer", 0.8),
        ColumnView("rate", text("column.rate"), "percent", 0.8),
        ColumnView("rest_rate", text("column.rest_rate"), "percent", 0.9),
    )
    caption = text("table.places", cause=text(f"cause.{standout.root_cause}"))
    frame = standout.places.assign(sku=standout.places["sku_ids"].map(breakdown.first_id))
    return TableView(f"standout_{standout.root_cause}_places", caption, frame, columns, most_rows=12)


def _standout_picture(study: Study, standout: Standout, voice: Speaker) -> Picture:
    text, numbers = voice.words, voice.numbers
    cause, name = text(f"cause.{standout.root_cause}"), f"standout_{standout.root_cause}"
    if standout.dimension == "weeks":
        assert standout.since is not None
        frame = weekly(study.orders, study.items, standout.root_cause, study.as_of).tail(DRAWN_WEEKS)
        frame = frame.assign(risen=frame["monday"] >= pd.Timestamp(standout.since))
        sentence = {
            "rate": numbers.percent(standout.rate),
            "since": numbers.day(told_since(study).get(standout.root_cause, standout.since)),
            "before": numbers.percent(standout.rest_rate),
        }
        picture = weeks_picture(frame, name, cause, sentence, text)
        return replace(picture, caption=text("chart.weeks_finding", cause=cause, **sentence))
    places = standout.places[["label", "orders", "at_risk", "rate"]].assign(rest=False)
    rest = pd.DataFrame(
        {
            "label": [text("chart.rest")],
            "orders": [standout.rest_orders],
            "at_risk": [standout.rest_at_risk],
            "rate": [standout.rest_rate],
            "rest": [True],
        }
    )
    frame = pd.concat([places, rest], ignore_index=True)
    frame["low"], frame["high"] = wilson(frame["orders"].to_numpy(), frame["at_risk"].to_numpy())
    picture = places_picture(frame, name, cause, sentences.names_of(standout.places, text), text, numbers)
    caption = text(
        "chart.places_finding",
        cause=cause,
        rate=numbers.percent(standout.rate),
        rest=numbers.percent(standout.rest_rate),
    )
    return replace(picture, caption=caption, note=text("chart.places_note"))
