"""Weekly cohorts: what has come back, what is still expected, and how sure that is.

Small frames in, only the columns that are drawn, an `exhibits.kinds.Picture` out.
"""

from __future__ import annotations

import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import ACCENT, FAINT, INK, MUTED, WIDTH, fitting, value_axis
from cancel_analysis.charts.vega_lite import Spec, channel, data, layer, mark, tooltip, when
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.number_formats import NumberFormats

PICTURE = "returns_to_come"
BAR = 20
_RANGED = [{"filter": "!datum.whole"}]


def _weeks_axis(drawn: pd.DataFrame, words: Words) -> Spec:
    """The weeks of `drawn`, oldest first, along the bottom."""
    axis = {"title": words("to_come.axis"), "labelAngle": 0, "labelOverlap": True, "domainColor": FAINT, "ticks": False}
    return channel("week:N", sort=drawn["week"].tolist(), axis=axis)


def to_come_picture(weeks: pd.DataFrame, words: Words, numbers: NumberFormats, *, title: str = "") -> Picture:
    """A bar a week in orders: solid those asked back so far, light those still to come, with the 80 % range.

    `weeks` as `still_to_come.ToCome.weeks`, oldest first. Above a week that is not whole stands how many are still to
    come; one that nothing can be said of is grey. `title` is the finding; without one the caption says what is drawn.
    """
    more = (weeks["expected"] - weeks["seen"]).clip(lower=0)
    drawn = pd.DataFrame(
        {
            "week": [day.strftime(words("chart.day")) for day in weeks["last_day"]],
            "orders": weeks["orders"],
            "seen": weeks["seen"],
            "expected": weeks["expected"],
            "low_80": weeks["low_80"],
            "high_80": weeks["high_80"],
            "whole": weeks["maturity"] >= 1,
            "top": weeks[["seen", "expected", "high_80"]].max(axis=1),
            "said": [f"+{numbers.count(count)}" if count >= 0.5 else "" for count in more.fillna(0)],
        }
    )
    x = _weeks_axis(drawn, words)
    tips = tooltip(
        ("week:N", words("to_come.axis")),
        ("orders:Q", words("to_come.column.orders"), ",d"),
        ("seen:Q", words("to_come.column.seen"), ",d"),
        ("expected:Q", words("to_come.column.rate"), ",.0f"),
    )
    y = channel("expected:Q", axis=value_axis(",d", tickCount=5, tickMinStep=1))
    colour = when("isValid(datum.expected)", ACCENT, FAINT)
    layers = [
        mark("bar", {"x": x, "y": y, "tooltip": tips}, size=BAR, color=ACCENT, opacity=0.3),
        mark("bar", {"x": x, "y": channel("seen:Q"), "color": colour, "tooltip": tips}, size=BAR),
    ]
    note = [words("to_come.orders_note")]
    if drawn.loc[~drawn["whole"], "low_80"].notna().any():
        note.append(words("to_come.orders_note_range"))
        ends = {"x": x, "y": channel("low_80:Q"), "y2": {"field": "high_80"}}
        layers.append(mark("rule", ends, by=_RANGED, color=INK, strokeWidth=1.4))
    above = {"x": x, "y": channel("top:Q"), "text": channel("said:N")}
    layers.append(mark("text", above, by=_RANGED, dy=-8, color=MUTED))
    of = data(drawn)
    chart = fitting(layer(*layers, of=of, width=WIDTH - 50, height=170))
    newest = weeks.iloc[-1]
    alternative = words(
        "to_come.alternative",
        weeks=len(weeks),
        seen=numbers.count(newest["seen"]),
        expected=numbers.count(newest["expected"]),
        day=numbers.day(newest["last_day"]),
    )
    columns = [
        "last_day",
        "orders",
        "seen",
        "still_open",
        "completeness",
        "expected",
        "low_80",
        "high_80",
        "low_95",
        "high_95",
    ]
    caption = title or words("to_come.caption")
    return Picture(PICTURE, caption, alternative, chart, weeks[columns], None, words.sentences(note))
