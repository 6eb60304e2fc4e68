"""Products at risk for people: which would be taken down, and how near the others are to it."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.benchmarks.judgement import Standing
from cancel_analysis.exhibits.kinds import ColumnView, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker


def at_risk(found: tuple[Standing, pd.DataFrame] | None, voice: Speaker) -> Section:
    """The product rule of the market's limit; a line that says so where the market has none."""
    text, numbers = voice.words, voice.numbers
    if found is None:
        return Section("products_at_risk", (Prose("products_at_risk", (Line(text("at_risk.no_rule")),)),))
    standing, frame = found
    limit = standing.limit
    rule = text(
        "at_risk.rule",
        shop=numbers.percent(limit.value),
        product=numbers.percent(limit.product_value),
        days=limit.window_days,
        rate=numbers.percent(standing.rate),
    )
    lines = [Line(rule)]
    over = int((frame["crosses_at"] == 0).sum())
    if standing.standing == "over" and over:
        lines.append(Line(voice.say("at_risk.taken_down", over), "finding"))
    elif over:
        lines.append(Line(voice.say("at_risk.over", over), "finding"))
    elif standing.nameless:
        lines.append(Line(text("decided.nameless"), "warning"))
    else:
        lines.append(Line(text("at_risk.none_over")))
    prose = Prose("products_at_risk", tuple(lines), frame)
    if frame.empty:
        return Section("products_at_risk", (prose,))
    shown = frame.assign(
        away=[
            text("at_risk.now") if more == 0 else voice.say("at_risk.away", int(more)) for more in frame["crosses_at"]
        ]
    )
    columns = (
        ColumnView("product", text("at_risk.column.product"), weight=4),
        ColumnView("numerator", text("at_risk.column.cancelled"), "integer"),
        ColumnView("denominator", text("at_risk.column.orders"), "integer"),
        ColumnView("rate", text("at_risk.column.rate"), "percent"),
        ColumnView("away", text("at_risk.column.away"), weight=2, by=("crosses_at",)),
    )
    return Section(
        "products_at_risk", (prose, TableView("products_at_risk_table", text("at_risk.table"), shown, columns))
    )
