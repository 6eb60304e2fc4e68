"""Pictures of the pages over all shops: cancellations a day, rates as shares of their limits, causes across shops.

Small frames in, only the columns that are drawn, an `exhibits.kinds.Picture` out.
"""

from __future__ import annotations

import pandas as pd

from cancel_analysis.charts.stages import shortened
from cancel_analysis.charts.style import (
    ACCENT,
    INK,
    LABEL_WIDTH,
    LABELS,
    MUTED,
    PALE,
    RESPONSIBILITY_COLOURS,
    VERDICT_COLOURS,
    WIDTH,
    day_channel,
    fitting,
    panel_title,
    panels,
    room_for,
    rows_height,
    value_axis,
)
from cancel_analysis.charts.vega_lite import Spec, channel, data, layer, mark, tooltip, when
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.speaker import Speaker

# More rows are no picture; all stand in the file.
MOST_ROWS = 12
# A rate of many times its limit would leave no room for the others: the axis ends here, and the value is written.
MOST_TIMES = 3.0
_VERDICT_COLOUR = channel(
    "verdict:N", scale={"domain": list(VERDICT_COLOURS), "range": list(VERDICT_COLOURS.values())}, legend=None
)


def days_picture(frame: pd.DataFrame, note: str, voice: Speaker) -> Picture:
    """Cancelled orders a day over all shops, the last day marked, beside what is usual for each day's orders.

    `frame` as `pages.brief_days.DaysTogether.frame`. The second panel, the seller's fault, is drawn where it is known.
    """
    words, numbers = voice.words, voice.numbers
    parts = [("cancelled", words("brief.panel_all"))]
    if frame["fault"].notna().any():
        parts.append(("fault", words("brief.panel_fault")))
    views = [_days_panel(frame, name, title, voice, len(parts)) for name, title in parts]
    chart = panels(views, columns=len(parts), gap=24) if len(views) > 1 else fitting(views[0])
    last, usual = frame["cancelled"].iloc[-1], frame["usual_cancelled"].iloc[-1]
    said = {"usual": numbers.decimal(usual), "days": len(frame)}
    title, alternative = (voice.say(key, int(last), **said) for key in ("brief.days", "brief.days_alt"))
    return Picture("brief_days", title, alternative, chart, frame, None, note)


def _days_panel(frame: pd.DataFrame, name: str, title: str, voice: Speaker, count: int) -> Spec:
    words = voice.words
    rows = frame[["date"]].assign(count=frame[name], usual=frame[f"usual_{name}"])
    rows["last"] = rows["date"] == rows["date"].max()
    rows["label"] = [
        voice.numbers.count(value) if last else "" for value, last in zip(rows["count"], rows["last"], strict=True)
    ]
    x = {**day_channel(words, 5), "timeUnit": "yearmonthdate", "bandPosition": 0.5}
    tips = tooltip(
        ("date:T", words("chart.date"), words("chart.day_and_weekday")),
        ("count:Q", words("brief.cancelled_day"), ",.0f"),
        ("usual:Q", words("brief.usual"), ",.1f"),
    )
    y = channel("count:Q", axis=value_axis("d", grid=True, tickCount=3, tickMinStep=1))
    gap = (WIDTH - 24 * (count - 1)) / count
    bars = mark(
        "bar", {"x": x, "y": y, "color": when("datum.last", ACCENT, PALE), "tooltip": tips}, width={"band": 0.7}
    )
    usual = mark("line", {"x": x, "y": channel("usual:Q")}, color=INK, strokeWidth=1.3, strokeDash=[4, 3])
    text = mark("text", {"x": x, "y": y, "text": channel("label:N")}, dy=-7, color=INK, fontWeight="bold")
    of = data(rows, ["date", "count", "usual", "last", "label"])
    return layer(bars, usual, text, of=of, width=gap - 36, height=96, title=panel_title(title))


def against_limits_picture(shops: pd.DataFrame, title: str, note: str, voice: Speaker) -> Picture:
    """Shops' deciding rates as shares of their limits: now as a dot with its interval, a week ago as a ring.

    `shops`, in the order to be drawn: name, label (rate and limit in words), times (rate / limit), low, high, before
    (the same a week ago, NaN where not known), verdict, value (in words). At most `MOST_ROWS` are drawn.
    """
    words, numbers = voice.words, voice.numbers
    drawn = shops.head(MOST_ROWS).copy()
    drawn["row"] = [shortened(name, 34) for name in drawn["name"]]
    # Two shops of one name are two rows.
    again = drawn.groupby("row").cumcount()
    drawn["row"] = [
        f"{name} ({number + 1})" if number else name for name, number in zip(drawn["row"], again, strict=True)
    ]
    for column in ("times", "low", "high", "before"):
        drawn[f"{column}_drawn"] = drawn[column].clip(upper=MOST_TIMES)
    # Where both ends lie past the axis there is no way to draw between them.
    drawn.loc[(drawn["before"] > MOST_TIMES) & (drawn["times"] > MOST_TIMES), "before_drawn"] = float("nan")
    top = max(min(MOST_TIMES, max(float(drawn["times"].max()), float(drawn["high"].max())) * 1.08), 1.25)
    scale = {"domain": [0, top], "nice": False, "clamp": True}
    axis = value_axis(".0~%", grid=True, tickCount=5)
    y = channel("row:N", sort=drawn["row"].tolist(), axis=LABELS)
    tips = tooltip(
        ("name:N", words("others.shop")),
        ("label:N", words("shops.rate")),
        ("value:N", words("column.value")),
        ("times:Q", words("shops.of_limit"), ".0%"),
        ("before:Q", words("shops.before"), ".0%"),
    )
    at = {"y": y, "tooltip": tips, "color": _VERDICT_COLOUR}
    low = channel("low_drawn:Q", scale=scale, axis=axis)
    span = mark("rule", {**at, "x": low, "x2": {"field": "high_drawn"}}, strokeWidth=7, opacity=0.22, strokeCap="round")
    before = channel("before_drawn:Q", scale=scale)
    way = mark("rule", {**at, "x": before, "x2": {"field": "times_drawn"}}, strokeWidth=1.5)
    ring = mark("point", {**at, "x": before}, filled=False, fill="white", size=55, strokeWidth=1.6, opacity=1)
    # What lies past the end of the axis points there.
    shape = when(f"datum.times > {MOST_TIMES}", "triangle-right", "circle")
    now = {**at, "x": channel("times_drawn:Q", scale=scale), "shape": shape}
    dot = mark("point", now, filled=True, size=95, opacity=1)
    at_limit = {"x": channel("limit:Q", scale=scale)}
    limit = mark("rule", at_limit, of={"values": [{"limit": 1.0}]}, color=INK, strokeWidth=2)
    at_end = {"y": y, "x": {"value": "width"}, "text": channel("value:N")}
    text = mark("text", at_end, align="left", dx=8, color=MUTED)
    columns = [
        "row", "name", "label", "value", "verdict", "times", "before", "times_drawn", "low_drawn", "high_drawn",
        "before_drawn",
    ]  # fmt: skip
    room = room_for(drawn["value"])
    chart = fitting(
        layer(
            span, limit, way, ring, dot, text, of=data(drawn, columns), width=WIDTH - LABEL_WIDTH - room,
            height=rows_height(len(drawn), 23),
        )
    )  # fmt: skip
    left = len(shops) - len(drawn)
    if left:
        note = words.sentences((note, voice.say("shops.not_drawn", left)))
    alternative = words("shops.against_alt", count=numbers.count(len(drawn)), title=title)
    return Picture("against_limits", title, alternative, chart, shops, None, note)


def causes_picture(causes: pd.DataFrame, title: str, note: str, voice: Speaker) -> Picture:
    """Items lost to each root cause over all shops; dark, the part of those shops in which the cause stands out.

    `causes`, most items first: label, items, out_items, said (the text at the bar's end).
    """
    words = voice.words
    parts = {"out": words("portfolio.in_out"), "rest": words("portfolio.in_rest")}
    rows = [
        {"label": row["label"], "part": parts[part], "items": items, "all": row["items"], "first": part == "out"}
        for row in causes.to_dict("records")
        for part, items in (("out", row["out_items"]), ("rest", row["items"] - row["out_items"]))
        if items
    ]
    y = channel("label:N", sort=causes["label"].tolist(), axis=LABELS)
    colours = {"domain": list(parts.values()), "range": [RESPONSIBILITY_COLOURS["seller"], PALE]}
    legend = {"orient": "top", "title": None, "offset": 4}
    x = channel("items:Q", axis=value_axis("d", grid=True, tickCount=4, tickMinStep=1), stack="zero")
    encoding = {
        "y": y,
        "x": x,
        "color": channel("part:N", scale=colours, legend=legend),
        "order": channel("first:N", sort="descending"),
        "tooltip": tooltip(("label:N", words("column.root_cause")), ("part:N", words("portfolio.where")),
                           ("items:Q", words("column.items"), ",d")),
    }  # fmt: skip
    bars = mark("bar", encoding, of=data(rows), height={"band": 0.62})
    ends = {"y": y, "x": channel("items:Q"), "text": channel("said:N")}
    text = mark("text", ends, of=data(causes, ["label", "items", "said"]), align="left", dx=6, color=MUTED)
    room = room_for(causes["said"])
    size: Spec = {"width": WIDTH - LABEL_WIDTH - room, "height": rows_height(len(causes), 22)}
    alternative = words("portfolio.causes_alt", title=title)
    return Picture("causes_picture", title, alternative, fitting(layer(bars, text, **size)), causes, None, note)
