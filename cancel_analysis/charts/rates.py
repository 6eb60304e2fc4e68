"""Pictures of the rates: against their limits, and over time."""

from __future__ import annotations

from datetime import date

import pandas as pd

from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import (
    ACCENT,
    FAINT,
    INK,
    LABEL_WIDTH,
    NO_VERDICT,
    SPLIT_LABELS,
    VERDICT_COLOURS,
    WIDTH,
    panel_title,
    value_axis,
)
from cancel_analysis.charts.vega_lite import Spec, channel, data, layer, mark, tooltip
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.number_formats import NumberFormats

_COLOURS = {**VERDICT_COLOURS, NO_VERDICT: "#8f98a3"}
_VERDICT_COLOUR = channel("verdict:N", scale={"domain": list(_COLOURS), "range": list(_COLOURS.values())}, legend=None)
_DATES = channel(
    "date:T",
    axis={"format": "%-d %b", "title": None, "grid": False, "tickCount": 5, "labelFlush": True, "domainColor": FAINT},
)
_RATES = value_axis(grid=True, tickCount=5)


def limits_picture(frame: pd.DataFrame, sentence: str, words: Words, numbers: NumberFormats) -> Picture:
    """Each limit as a row: the observed rate, its 95 % interval, the limit as an upright mark.

    `frame` holds label, rate, low, high, limit, verdict (a row a limit, in the order to be drawn; no verdict: grey).
    """
    drawn = frame.dropna(subset=["rate"])
    rows = drawn.assign(
        verdict=drawn["verdict"].fillna(NO_VERDICT),
        verdict_label=[words("chart.no_verdict" if pd.isna(key) else f"verdict.{key}") for key in drawn["verdict"]],
    )
    y = channel("label:N", sort=rows["label"].tolist(), axis=SPLIT_LABELS)
    top = float(max(rows["limit"].max() * 1.6, rows["rate"].max() * 1.25, 0.01)) if len(rows) else 0.05
    scale = {"domain": [0, top], "clamp": True, "nice": False}
    tips = tooltip(
        ("label:N", words("column.metric")),
        ("rate:Q", words("column.value"), ".2%"),
        ("low:Q", "95 % ↓", ".2%"),
        ("high:Q", "95 % ↑", ".2%"),
        ("limit:Q", words("column.limit"), ".2%"),
        ("verdict_label:N", words("column.verdict")),
    )
    shown = {"y": y, "tooltip": tips}
    low = channel("low:Q", scale=scale, axis=value_axis(grid=True))
    span = mark("rule", {**shown, "x": low, "x2": {"field": "high"}, "color": _VERDICT_COLOUR},
                strokeWidth=7, opacity=0.28, strokeCap="round")  # fmt: skip
    limit = mark("tick", {**shown, "x": channel("limit:Q", scale=scale)}, thickness=2.5, size=24, color=INK)
    point = mark("point", {**shown, "x": channel("rate:Q", scale=scale), "color": _VERDICT_COLOUR},
                 filled=True, size=90, opacity=1)  # fmt: skip
    of = data(rows, ["label", "rate", "low", "high", "limit", "verdict", "verdict_label"])
    chart = layer(span, limit, point, of=of, width=WIDTH - LABEL_WIDTH - 20, height={"step": 38})
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
    drawn = frame.assign(window_label=frame["window"].map(lambda days: words("chart.window", days=days)))
    panels = [
        _panel(
            label,
            drawn[drawn["label"] == label],
            limits.loc[limits["label"] == label, ["limit"]],
            words,
            settled,
            labelled=number == 0,
        )
        for number, label in enumerate(labels)
    ]
    shared = {"y": "shared", "color": "shared", "strokeWidth": "shared"}
    chart: Spec = {"hconcat": panels, "spacing": 14, "resolve": {"scale": shared}}
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


def _panel(
    title: str, rows: pd.DataFrame, limit: pd.DataFrame, words: Words, settled: date | None, *, labelled: bool
) -> Spec:
    """One rate over time: the interval of 30 days, a line a window, the limit; `labelled`: with the axis."""
    y_axis = _RATES if labelled else None
    thick = rows.loc[rows["window"] == 30, ["date", "low", "high"]]
    band = mark("area", {"x": _DATES, "y": channel("low:Q", axis=y_axis), "y2": {"field": "high"}}, of=data(thick),
                color=ACCENT, opacity=1, fillOpacity=0.15)  # fmt: skip
    layers = [band, _window_lines(rows, channel("rate:Q", axis=y_axis), words)]
    if settled is not None:
        span = pd.DataFrame({"date": [pd.Timestamp(settled)], "end": [rows["date"].max()]})
        layers.insert(0, mark("rect", {"x": _DATES, "x2": {"field": "end"}}, of=data(span), color=FAINT, opacity=0.35))
    if len(limit):
        layers.append(mark("rule", {"y": channel("limit:Q")}, of=data(limit), color=VERDICT_COLOURS["breach"],
                           strokeDash=[5, 4], strokeWidth=1.4))  # fmt: skip
    return layer(*layers, width=(WIDTH - 70) / 2, height=190, title=panel_title(title))


def _window_lines(rows: pd.DataFrame, y: Spec, words: Words) -> Spec:
    """A line a window, the longest the strongest."""
    windows = [words("chart.window", days=days) for days in WINDOWS]
    legend = {"orient": "top", "title": None, "offset": 4, "symbolType": "stroke"}
    colours = {"domain": windows, "range": ["#b3bfcc", "#7f95ac", ACCENT]}
    widths = {"domain": windows, "range": [1, 1.4, 2.6]}
    encoding = {
        "x": _DATES,
        "y": y,
        "color": channel("window_label:N", sort=windows, scale=colours, legend=legend),
        "strokeWidth": channel("window_label:N", sort=windows, scale=widths, legend=legend),
        "tooltip": tooltip(
            ("date:T", words("chart.date"), "%-d %b %Y"),
            ("window_label:N", words("column.window")),
            ("rate:Q", words("chart.rate"), ".2%"),
        ),
    }
    return mark("line", encoding, of=data(rows, ["date", "window_label", "rate"]))
