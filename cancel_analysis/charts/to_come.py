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

COLUMNS = [
    "last_day", "orders", "seen", "completeness", "rate_seen", "rate_expected", "rate_low_80", "rate_high_80",
    "rate_low_95", "rate_high_95", "whole", "share_in",
]  # fmt: skip
BAR = 20
# From here on a share that is in would be printed as the whole.
NEARLY = 0.995
_EXPECTED = channel("rate_expected:Q", axis=value_axis(tickCount=5))
# A week that nothing can be said of is grey: its height is no finding.
_SEEN_COLOUR = when("isValid(datum.rate_expected)", ACCENT, FAINT)
_RANGED = [{"filter": "!datum.whole"}]


def _weeks_axis(drawn: pd.DataFrame, words: Words) -> Spec:
    """The weeks of `drawn`, oldest first, along the bottom."""
    axis = {"title": words("to_come.axis"), "labelAngle": 0, "labelOverlap": True, "domainColor": FAINT, "ticks": False}
    return channel("week:N", sort=drawn["week"].tolist(), axis=axis)


def cohorts_picture(weeks: pd.DataFrame, words: Words, numbers: NumberFormats) -> Picture:
    """A bar a week: solid what was asked back so far, light what is expected in the end, with its ranges.

    `weeks` as `still_to_come.ToCome.weeks`, oldest first. Ranges are drawn where one can be given; above
    the bar of a week that is not whole stands the share that is in.
    """
    drawn = weeks.assign(
        week=[day.strftime(words("chart.day")) for day in weeks["last_day"]],
        whole=weeks["maturity"] >= 1,
        share_in=[
            words("to_come.share_in", share=numbers.percent(share, 0)) if share < NEARLY else ""
            for share in weeks["completeness"]
        ],
    )
    drawn["top"] = drawn[["rate_seen", "rate_expected", "rate_high_95"]].max(axis=1)
    x = _weeks_axis(drawn, words)
    tips = tooltip(
        ("week:N", words("to_come.axis")),
        ("orders:Q", words("to_come.column.orders"), ",d"),
        ("seen:Q", words("to_come.column.seen"), ",d"),
        ("completeness:Q", words("to_come.column.completeness"), ".0%"),
        ("rate_expected:Q", words("to_come.column.rate"), ".1%"),
    )
    expected = mark("bar", {"x": x, "y": _EXPECTED, "tooltip": tips}, size=BAR, color=ACCENT, opacity=0.3)
    seen = mark("bar", {"x": x, "y": channel("rate_seen:Q"), "color": _SEEN_COLOUR, "tooltip": tips}, size=BAR)
    open_weeks = drawn[~drawn["whole"]]
    ranges = [
        mark("rule", {"x": x, "y": channel(f"rate_low_{level}:Q"), "y2": {"field": f"rate_high_{level}"}}, by=_RANGED,
             color=INK, strokeWidth=width, opacity=opacity)
        for level, width, opacity in ((95, 1.4, 1), (80, 5, 0.55))
        if open_weeks[f"rate_low_{level}"].notna().any()
    ]  # fmt: skip
    above = {"x": x, "y": channel("top:Q"), "text": channel("share_in:N")}
    label = mark("text", above, by=_RANGED, dy=-8, color=MUTED)
    of = data(drawn, ["week", "top", *(name for name in COLUMNS if name != "last_day")])
    chart = fitting(layer(expected, seen, *ranges, label, of=of, width=WIDTH - 50, height=170))
    newest = weeks.iloc[-1]
    alternative = words(
        "to_come.alternative",
        weeks=len(weeks),
        seen=numbers.percent(newest["rate_seen"]),
        expected=numbers.percent(newest["rate_expected"]),
        day=numbers.day(newest["last_day"]),
    )
    frame = drawn[COLUMNS]
    return Picture(
        "returns_to_come", words("to_come.caption"), alternative, chart, frame, None, words("to_come.picture_note")
    )


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
    if drawn.loc[~drawn["whole"], "low_80"].notna().any():
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
        seen=numbers.percent(newest["rate_seen"]),
        expected=numbers.percent(newest["rate_expected"]),
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
    return Picture("returns_to_come", title or words("to_come.caption"), alternative, chart, weeks[columns])
