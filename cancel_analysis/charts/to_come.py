"""Weekly cohorts: what has come back, what is still expected, and how sure that is.

Small frames in, only the columns that are drawn, an `exhibits.kinds.Picture` out.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import ACCENT, FAINT, INK, MUTED, WIDTH
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.number_formats import NumberFormats

COLUMNS = [
    "last_day", "orders", "seen", "completeness", "rate_seen", "rate_expected", "rate_low_80", "rate_high_80",
    "rate_low_95", "rate_high_95", "whole", "share_in",
]  # fmt: skip
BAR = 20
# From here on a share that is in would be printed as the whole.
NEARLY = 0.995


def cohorts_picture(weeks: pd.DataFrame, words: Words, numbers: NumberFormats) -> Picture:
    """A bar a week: solid what was asked back so far, light what is expected in the end, with its ranges.

    `weeks` as `still_to_come.ToCome.weeks`, oldest first. Ranges are drawn where one can be given; above
    the bar of a week that is not whole stands the share that is in.
    """
    data = weeks.assign(
        week=[f"{day:%-d %b}" for day in weeks["last_day"]],
        whole=weeks["maturity"] >= 1,
        share_in=[
            words("to_come.share_in", share=numbers.percent(share, 0)) if share < NEARLY else ""
            for share in weeks["completeness"]
        ],
    )
    data["top"] = data[["rate_seen", "rate_expected", "rate_high_95"]].max(axis=1)
    axis = alt.Axis(title=words("to_come.axis"), labelAngle=0, domainColor=FAINT, ticks=False)
    x = alt.X("week:N", sort=data["week"].tolist(), axis=axis)
    y_axis = alt.Axis(format=".1~%", title=None, gridColor="#eceff3", domain=False, ticks=False, tickCount=5)
    tooltip = [
        alt.Tooltip("week:N", title=words("to_come.axis")),
        alt.Tooltip("orders:Q", title=words("to_come.column.orders"), format=",d"),
        alt.Tooltip("seen:Q", title=words("to_come.column.seen"), format=",d"),
        alt.Tooltip("completeness:Q", title=words("to_come.column.completeness"), format=".0%"),
        alt.Tooltip("rate_expected:Q", title=words("to_come.column.rate"), format=".1%"),
    ]
    base = alt.Chart(data[["week", "top", *(name for name in COLUMNS if name != "last_day")]])
    expected = base.mark_bar(size=BAR, color=ACCENT, opacity=0.3).encode(
        x=x, y=alt.Y("rate_expected:Q", axis=y_axis), tooltip=tooltip
    )
    seen = base.mark_bar(size=BAR).encode(
        x=x,
        y="rate_seen:Q",
        # A week that nothing can be said of is grey: its height is no finding.
        color=alt.condition("isValid(datum.rate_expected)", alt.value(ACCENT), alt.value(FAINT)),
        tooltip=tooltip,
    )
    ranged = base.transform_filter("!datum.whole")
    outer = ranged.mark_rule(strokeWidth=1.4, color=INK).encode(x=x, y="rate_low_95:Q", y2="rate_high_95:Q")
    inner = ranged.mark_rule(strokeWidth=5, color=INK, opacity=0.55).encode(x=x, y="rate_low_80:Q", y2="rate_high_80:Q")
    label = ranged.mark_text(dy=-8, color=MUTED).encode(x=x, y="top:Q", text="share_in:N")
    chart = alt.layer(expected, seen, outer, inner, label).properties(width=WIDTH - 50, height=170)
    newest = weeks.iloc[-1]
    alternative = words(
        "to_come.alternative",
        weeks=len(weeks),
        seen=numbers.percent(newest["rate_seen"]),
        expected=numbers.percent(newest["rate_expected"]),
        day=numbers.day(newest["last_day"]),
    )
    frame = data[COLUMNS]
    return Picture(
        "returns_to_come", words("to_come.caption"), alternative, chart, frame, None, words("to_come.picture_note")
    )
