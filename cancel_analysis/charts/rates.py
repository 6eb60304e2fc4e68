"""Pictures of the rates: against their limits, and over time."""

from __future__ import annotations

from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import ACCENT, FAINT, INK, LABEL_WIDTH, NO_VERDICT, VERDICT_COLOURS, WIDTH, label_axis
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.number_formats import NumberFormats


def limits_picture(frame: pd.DataFrame, sentence: str, words: Words, numbers: NumberFormats) -> Picture:
    """Each limit as a row: the observed rate, its 95 % interval, the limit as an upright mark.

    `frame` holds label, rate, low, high, limit, verdict (a row a limit, in the order to be drawn; no verdict: grey).
    """
    colours = {**VERDICT_COLOURS, NO_VERDICT: "#8f98a3"}
    drawn = frame.dropna(subset=["rate"])
    data = drawn.assign(
        verdict=drawn["verdict"].fillna(NO_VERDICT),
        verdict_label=[words("chart.no_verdict" if pd.isna(key) else f"verdict.{key}") for key in drawn["verdict"]],
    )
    order = data["label"].tolist()
    y = alt.Y("label:N", sort=order, axis=label_axis(split=True))
    top = float(max(data["limit"].max() * 1.6, data["rate"].max() * 1.25, 0.01)) if len(data) else 0.05
    scale = alt.Scale(domain=[0, top], clamp=True, nice=False)
    x_axis = alt.Axis(format=".1~%", title=None, grid=True, gridColor="#eceff3", domain=False, ticks=False)
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=None,
    )
    tooltip = [
        alt.Tooltip("label:N", title=words("column.metric")),
        alt.Tooltip("rate:Q", title=words("column.value"), format=".2%"),
        alt.Tooltip("low:Q", title="95 % ↓", format=".2%"),
        alt.Tooltip("high:Q", title="95 % ↑", format=".2%"),
        alt.Tooltip("limit:Q", title=words("column.limit"), format=".2%"),
        alt.Tooltip("verdict_label:N", title=words("column.verdict")),
    ]
    base = alt.Chart(data[["label", "rate", "low", "high", "limit", "verdict", "verdict_label"]])
    span = base.mark_rule(strokeWidth=7, opacity=0.28, strokeCap="round").encode(
        y=y, x=alt.X("low:Q", scale=scale, axis=x_axis), x2="high:Q", color=colour, tooltip=tooltip
    )
    limit = base.mark_tick(thickness=2.5, size=24, color=INK).encode(
        y=y, x=alt.X("limit:Q", scale=scale), tooltip=tooltip
    )
    point = base.mark_point(filled=True, size=90, opacity=1).encode(
        y=y, x=alt.X("rate:Q", scale=scale), color=colour, tooltip=tooltip
    )
    chart = alt.layer(span, limit, point).properties(width=WIDTH - LABEL_WIDTH - 20, height={"step": 38})
    columns = ["label", "rate", "low", "high", "limit", "verdict"]
    return Picture(
        "limits", words("chart.limits_caption"), words("chart.limits_alt", sentence=sentence), chart, frame[columns]
    )


def over_time_picture(
    frame: pd.DataFrame, limits: pd.DataFrame, words: Words, numbers: NumberFormats, settled: date | None = None
) -> Picture:
    """The order cancellation rate and the seller-fault rate side by side, 7, 15 and 30 days rolling.

    `frame`: date, rate_name, label, window, rate, low, high; `limits`: rate_name, label, limit (the
    one that gives the verdict, at most one a rate). Both panels share the axis of the rate, since
    the point of the picture is how far apart the two are. The days after `settled` are shaded: some of
    their orders can still be cancelled.
    """
    labels = frame.drop_duplicates("rate_name")["label"].tolist()
    data = frame.assign(window_label=frame["window"].map(lambda days: words("chart.window", days=days)))
    panels = [
        _panel(
            data.loc[data["label"] == label, ["date", "window", "window_label", "rate", "low", "high"]],
            limits.loc[limits["label"] == label, ["limit"]],
            words,
            settled,
            labelled=number == 0,
        ).properties(width=(WIDTH - 70) / 2, height=190, title=alt.Title(label, anchor="start"))
        for number, label in enumerate(labels)
    ]
    chart = alt.hconcat(*panels, spacing=14).resolve_scale(y="shared", color="shared", strokeWidth="shared")
    newest = frame[frame["window"] == 30].dropna(subset=["rate"]).groupby("label", sort=False)["rate"].last()
    figures = [numbers.percent(newest.get(label)) for label in labels]
    note = words("chart.over_time_note")
    if settled is not None:
        note = f"{note} {words('chart.over_time_open')}"
    alternative = words(
        "chart.over_time_alt",
        days=frame["date"].nunique(),
        first=figures[0],
        second=figures[1] if len(figures) > 1 else "",
    )
    return Picture("over_time", words("chart.over_time_caption"), alternative, chart, frame, None, note)


def _panel(rows: pd.DataFrame, limit: pd.DataFrame, words: Words, settled: date | None, *, labelled: bool) -> Any:
    """One rate over time: the interval of 30 days, a line a window, the limit; `labelled`: with the axis."""
    axis = alt.Axis(format=".1~%", title=None, grid=True, gridColor="#eceff3", domain=False, ticks=False, tickCount=5)
    y_axis = axis if labelled else None
    x = alt.X(
        "date:T",
        axis=alt.Axis(format="%-d %b", title=None, grid=False, tickCount=5, labelFlush=True, domainColor=FAINT),
    )
    thick = rows.loc[rows["window"] == 30, ["date", "low", "high"]]
    band = (
        alt.Chart(thick)
        .mark_area(color=ACCENT, opacity=1, fillOpacity=0.15)
        .encode(x=x, y=alt.Y("low:Q", axis=y_axis), y2="high:Q")
    )
    layers: list[Any] = [band, _window_lines(rows, x, alt.Y("rate:Q", axis=y_axis), words)]
    if settled is not None:
        span = pd.DataFrame({"date": [pd.Timestamp(settled)], "end": [rows["date"].max()]})
        shade = alt.Chart(span).mark_rect(color=FAINT, opacity=0.35)
        layers.insert(0, shade.encode(x=x, x2="end:T"))
    if len(limit):
        rule = alt.Chart(limit).mark_rule(color=VERDICT_COLOURS["breach"], strokeDash=[5, 4], strokeWidth=1.4)
        layers.append(rule.encode(y="limit:Q"))
    return alt.layer(*layers)


def _window_lines(rows: pd.DataFrame, x: alt.X, y: alt.Y, words: Words) -> Any:
    """A line a window, the longest the strongest."""
    windows = [words("chart.window", days=days) for days in WINDOWS]
    legend = alt.Legend(orient="top", title=None, offset=4, symbolType="stroke")
    colours = alt.Scale(domain=windows, range=["#b3bfcc", "#7f95ac", ACCENT])
    widths = alt.Scale(domain=windows, range=[1, 1.4, 2.6])
    return (
        alt.Chart(rows[["date", "window_label", "rate"]])
        .mark_line()
        .encode(
            x=x,
            y=y,
            color=alt.Color("window_label:N", sort=windows, scale=colours, legend=legend),
            strokeWidth=alt.StrokeWidth("window_label:N", sort=windows, scale=widths, legend=legend),
            tooltip=[
                alt.Tooltip("date:T", title=words("chart.date"), format="%-d %b %Y"),
                alt.Tooltip("window_label:N", title=words("column.window")),
                alt.Tooltip("rate:Q", title=words("chart.rate"), format=".2%"),
            ],
        )
    )
