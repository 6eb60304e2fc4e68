"""Pictures of the rates: against their limits, and over time."""

from __future__ import annotations

from datetime import date

import pandas as pd

from cancel_analysis.benchmarks.judgement import VERDICTS
from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import (
    ACCENT,
    FAINT,
    INK,
    LABEL_WIDTH,
    MUTED,
    NO_VERDICT,
    PALE,
    SPLIT_LABELS,
    VERDICT_COLOURS,
    WIDTH,
    day_channel,
    fitting,
    panel_title,
    panels,
    rows_height,
    value_axis,
)
from cancel_analysis.charts.vega_lite import Spec, channel, data, layer, mark, records, tooltip
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.number_formats import NumberFormats

# One order in fewer moves a rate by more than most limits are.
LEAST_ORDERS = 30
# Room for a text above and one below the line of a limit.
LIMIT_ROW = 46
_COLOURS = {**VERDICT_COLOURS, NO_VERDICT: "#8f98a3"}
_GRAVEST_FIRST = (*VERDICTS, NO_VERDICT)
_OF_LIMITS = ("label", "window_days", "rate", "low", "high", "limit", "force", "verdict")
_VERDICT_COLOUR = channel("verdict:N", scale={"domain": list(_COLOURS), "range": list(_COLOURS.values())}, legend=None)
TICKS = 5
_RATES = value_axis(grid=True, tickCount=5)


def limits_picture(
    frame: pd.DataFrame, sentence: str, words: Words, numbers: NumberFormats, *, title: str = ""
) -> Picture:
    """A rate as one row: its observed value as a dot, the 95 % interval, an upright line for each of its limits.

    `frame` holds label (the rate; what follows a line break is left out), metric, date_basis, window_days, rate, low,
    high, limit, force, verdict, a row a limit, in the order to be drawn. A dot has the colour of the graver verdict,
    grey without one. A target's text stands above its line, a limit's below, so that two near ones do not touch.
    """
    drawn, rows = _limit_rows(frame, words, numbers)
    y = channel("label:N", sort=[row["label"] for row in rows], axis=SPLIT_LABELS)
    highest = [value for row in drawn for value in (row["limit"], row["rate"]) if value is not None]
    top = max(max(highest) * 1.25, 0.01) if highest else 0.05
    scale = {"domain": [0, top], "clamp": True, "nice": False}
    tips = tooltip(
        ("name:N", words("column.metric")),
        ("window:N", words("column.window")),
        ("rate:Q", words("column.value"), ".2%"),
        ("low:Q", "95 % ↓", ".2%"),
        ("high:Q", "95 % ↑", ".2%"),
        ("verdict_label:N", words("column.verdict")),
    )
    place = {"y": y, "tooltip": tips}
    low = channel("low:Q", scale=scale, axis=value_axis(grid=True))
    span = mark("rule", {**place, "x": low, "x2": {"field": "high"}, "color": _VERDICT_COLOUR},
                strokeWidth=7, opacity=0.28, strokeCap="round")  # fmt: skip
    point = mark("point", {**place, "x": channel("rate:Q", scale=scale), "color": _VERDICT_COLOUR},
                 filled=True, size=90, opacity=1)  # fmt: skip
    at = {"y": y, "x": channel("limit:Q", scale=scale)}
    aim, enforced = ([{"filter": f"datum.force {sign} 'enforced'"}] for sign in ("!=", "=="))
    said = {**at, "text": channel("limit_label:N")}
    tick = {**at, "tooltip": tooltip(("limit_label:N", words("column.limit")))}
    limits = layer(
        mark("tick", tick, thickness=2.5, size=20, color=INK, opacity=1),
        mark("text", said, by=aim, dy=-16, color=MUTED, fontSize=10.5),
        mark("text", said, by=enforced, dy=17, color=INK, fontSize=10.5),
        of=data(drawn, ["label", "limit", "limit_label", "force"]),
    )
    of = data(rows, ["label", "name", "window", "rate", "low", "high", "verdict", "verdict_label"])
    chart = fitting(
        layer(span, limits, point, of=of, width=WIDTH - LABEL_WIDTH - 20, height=rows_height(len(rows), LIMIT_ROW))
    )
    columns = ["label", "rate", "low", "high", "limit", "verdict"]
    alternative = words("chart.limits_alt", sentence=sentence)
    return Picture("limits", title or words("chart.limits_caption"), alternative, chart, frame[columns])


def _limit_rows(frame: pd.DataFrame, words: Words, numbers: NumberFormats) -> tuple[list[Spec], list[Spec]]:
    """A row a limit with its text, and a row a rate with the graver of its verdicts; both by the same label."""
    known = [row for row in records(frame, _OF_LIMITS) if row["rate"] is not None]
    counted: dict[tuple[str, str], set[float]] = {}
    for row in known:
        row["name"] = row["label"].partition("\n")[0]
        row["window"] = words("chart.window", days=row["window_days"])
        row["limit_label"] = words(
            "chart.limit_of", limit=numbers.percent(row["limit"]), force=words(f"force.{row['force']}")
        )
        row["verdict"] = row["verdict"] or NO_VERDICT
        counted.setdefault((row["name"], row["window"]), set()).add(row["rate"])
    limits: dict[tuple[str, float, str], Spec] = {}
    rates: dict[str, Spec] = {}
    for row in known:
        row["label"] = f"{row['name']}\n{row['window']}"
        # Two limits may count the same rate in two ways: then these are two dots.
        if len(counted[row["name"], row["window"]]) > 1:
            row["label"] = words.listed((row["label"], row["limit_label"]))
        limits.setdefault((row["label"], row["limit"], row["force"]), row)
        first = rates.setdefault(row["label"], row)
        if _GRAVEST_FIRST.index(row["verdict"]) < _GRAVEST_FIRST.index(first["verdict"]):
            rates[row["label"]] = row
    said = {verdict: words(f"verdict.{verdict}") for verdict in VERDICTS} | {NO_VERDICT: words("chart.no_verdict")}
    return list(limits.values()), [{**row, "verdict_label": said[row["verdict"]]} for row in rates.values()]


def over_time_picture(
    frame: pd.DataFrame,
    limits: pd.DataFrame,
    words: Words,
    numbers: NumberFormats,
    settled: date | None = None,
    *,
    orders: int | None = None,
    title: str = "",
) -> Picture | None:
    """The order cancellation rate and the seller-fault rate side by side, 7, 15 and 30 days rolling.

    `frame`: date, metric, label, window, rate, low, high; `limits`: metric, label, limit (the
    one that gives the verdict, at most one a rate). Both panels share the axis of the rate, since
    the point of the picture is how far apart the two are. The days after `settled` are shaded: some of
    their orders can still be cancelled. `title` is the finding, if there is one. None where `orders`, the most
    of any window drawn, are fewer than `LEAST_ORDERS`.
    """
    if orders is not None and orders < LEAST_ORDERS:
        return None
    labels = frame.drop_duplicates("metric")["label"].tolist()
    days = records(frame, ["label", "date", "window", "rate", "low", "high"])
    names = {window: words("chart.window", days=window) for window in WINDOWS}
    of_limits = records(limits, ["label", "limit"])
    views = [
        _panel(
            label,
            [{**row, "window_label": names[row["window"]]} for row in days if row["label"] == label],
            [row for row in of_limits if row["label"] == label],
            words,
            settled,
        )
        for label in labels
    ]
    chart = panels(views, columns=2, shared=("y", "color", "strokeWidth"), gap=14)
    newest = {row["label"]: row["rate"] for row in days if row["window"] == 30 and row["rate"] is not None}
    figures = [numbers.percent(newest.get(label)) for label in labels]
    note = words("chart.over_time_note" if len(limits) else "chart.over_time_note_no_limit")
    if settled is not None:
        note = words.sentences((note, words("chart.over_time_open")))
    alternative = words(
        "chart.over_time_alt",
        days=len({row["date"] for row in days}),
        first=figures[0],
        second=figures[1] if len(figures) > 1 else "",
    )
    return Picture("over_time", title or words("chart.over_time_caption"), alternative, chart, frame, None, note)


def one_panel(chart: Spec) -> Spec:
    """The only panel of the picture over time, as wide as the column; one line needs no legend and no second title."""
    panel = {key: value for key, value in chart["concat"][0].items() if key != "title"}
    layers = []
    for drawn in panel["layer"]:
        encoding = dict(drawn.get("encoding", {}))
        for name in ("color", "strokeWidth"):
            if "legend" in encoding.get(name, {}):
                encoding[name] = {**encoding[name], "legend": None}
        layers.append({**drawn, "encoding": encoding})
    return fitting({**panel, "layer": layers, "width": WIDTH - 50, "height": 170})


def _panel(title: str, rows: list[Spec], limit: list[Spec], words: Words, settled: date | None) -> Spec:
    """One rate over time: the interval of 30 days, a line a window, the limit."""
    thick = data((row for row in rows if row["window"] == 30), ["date", "low", "high"])
    x = day_channel(words, TICKS)
    band = mark("area", {"x": x, "y": channel("low:Q", axis=_RATES), "y2": {"field": "high"}}, of=thick,
                color=ACCENT, opacity=1, fillOpacity=0.15)  # fmt: skip
    layers = [band, _window_lines(rows, channel("rate:Q", axis=_RATES), words)]
    if settled is not None:
        span = data([{"date": f"{settled:%Y-%m-%d}T00:00:00", "end": max(row["date"] for row in rows)}])
        layers.insert(0, mark("rect", {"x": x, "x2": {"field": "end"}}, of=span, color=FAINT, opacity=0.35))
    if limit:
        look: Spec = {"color": VERDICT_COLOURS["breach"], "strokeDash": [5, 4], "strokeWidth": 1.4}
        layers.append(mark("rule", {"y": channel("limit:Q")}, of=data(limit, ["limit"]), **look))
    return layer(*layers, width=(WIDTH - 104) / 2, height=190, title=panel_title(title))


def _window_lines(rows: list[Spec], y: Spec, words: Words) -> Spec:
    """A line a window, the longest the strongest."""
    windows = [words("chart.window", days=days) for days in WINDOWS]
    legend = {"orient": "top", "title": None, "offset": 4, "symbolType": "stroke"}
    colours = {"domain": windows, "range": [PALE, "#7f95ac", ACCENT]}
    widths = {"domain": windows, "range": [1, 1.4, 2.6]}
    encoding = {
        "x": day_channel(words, TICKS),
        "y": y,
        "color": channel("window_label:N", sort=windows, scale=colours, legend=legend),
        "strokeWidth": channel("window_label:N", sort=windows, scale=widths, legend=legend),
        "tooltip": tooltip(
            ("date:T", words("chart.date"), words("chart.day_and_year")),
            ("window_label:N", words("column.window")),
            ("rate:Q", words("chart.rate"), ".2%"),
        ),
    }
    return mark("line", encoding, of=data(rows, ["date", "window_label", "rate"]))
