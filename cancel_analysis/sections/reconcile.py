"""Why the platform shows another figure, for people: what fits, what differs, what to look at when nothing fits."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.benchmarks.reconcile import TURN_OVER_HOUR, Reconciliation
from cancel_analysis.exhibits.kinds import ColumnView, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, rate_label


def reconciliation(found: Reconciliation, voice: Speaker) -> Section:
    """The figure that is shown beside the report's own, and the definitions that give it."""
    frame = _labelled(found, voice)
    exhibits: list[Prose | TableView] = [Prose("reconcile", tuple(_lines(found, voice)), found.readings)]
    if len(frame):
        text = voice.words
        columns = (
            ColumnView("definition", text("reconcile.column.definition"), weight=4),
            ColumnView("count", text("reconcile.column.count")),
            ColumnView("rate", text("reconcile.column.rate"), "percent"),
            ColumnView("above", text("reconcile.column.above"), "integer"),
            ColumnView("below", text("reconcile.column.below"), "integer"),
        )
        exhibits.append(TableView("reconcile_readings", text("reconcile.table"), frame, columns))
    if len(found.orders):
        exhibits.append(_orders_table(found, voice))
    return Section("reconcile", tuple(exhibits))


def _lines(found: Reconciliation, voice: Speaker) -> list[Line]:
    text, numbers = voice.words, voice.numbers
    if found.covered_until is not None and found.ends_early:
        day, last = numbers.day(found.on), numbers.day(found.covered_until)
        return [Line(text("reconcile.ends_early", last=last, day=day), "warning")]
    shown = found.shown_as
    own = text(
        "reconcile.own",
        rate=rate_label(found.metric, text),
        value=numbers.percent(found.own["rate"]),
        count=numbers.count(found.own["numerator"]),
        total=numbers.count(found.own["denominator_count"]),
        days=found.own["window"],
        day=numbers.day(found.on),
    )
    lines = [Line(own)]
    if found.agrees:
        lines.append(Line(text("reconcile.agrees", shown=shown), "finding"))
    elif len(found.readings):
        best = _definition(found.readings.iloc[0], found, voice)
        lines.append(Line(text("reconcile.fits", shown=shown, definition=best), "finding"))
        if len(found.readings) > 1:
            lines.append(Line(voice.say("reconcile.others", len(found.readings) - 1)))
    else:
        lines.append(Line(text("reconcile.none", shown=shown, tried=numbers.count(found.tried)), "finding"))
    if found.readings.empty:
        lines.append(Line(text("reconcile.likely")))
    if len(found.readings) and not found.agrees and found.by_chance >= 1:
        lines.append(Line(text("reconcile.by_chance", count=numbers.count(round(found.by_chance))), "warning"))
    return lines


def _labelled(found: Reconciliation, voice: Speaker) -> pd.DataFrame:
    numbers = voice.numbers
    return found.readings.assign(
        definition=[_definition(row, found, voice) for _, row in found.readings.iterrows()],
        count=[
            voice.words("table.count_of", count=numbers.count(count), total=numbers.count(total))
            for count, total in zip(found.readings["numerator"], found.readings["denominator_count"], strict=True)
        ],
    )


def _definition(row: pd.Series, found: Reconciliation, voice: Speaker) -> str:
    """In what a definition differs from the report's own."""
    text = voice.words
    if not row["differs_in"]:
        return text("reconcile.same")
    said = []
    for name in str(row["differs_in"]).split(", "):
        if name == "metric":
            said.append(text("reconcile.differs.metric", rate=rate_label(row["metric"], text)))
        elif name == "window":
            said.append(text("reconcile.differs.window", days=row["window"]))
        else:
            said.append(text(f"reconcile.differs.{name}_{row[name]}", hour=f"{TURN_OVER_HOUR:02}:00"))
    return text.parts(said)


def _orders_table(found: Reconciliation, voice: Speaker) -> TableView:
    text = voice.words
    first = found.orders[found.orders["number"] == 0]
    frame = first.assign(
        change_label=[
            text(f"reconcile.change.{where}_{change}")
            for where, change in zip(first["where"], first["change"], strict=True)
        ]
    ).reset_index(drop=True)
    columns = (
        ColumnView("order_id", text("reconcile.column.order"), "id", 2),
        ColumnView("change_label", text("reconcile.column.change"), weight=3),
    )
    return TableView("reconcile_orders", text("reconcile.table_orders"), frame, columns, most_rows=20, folded=True)
