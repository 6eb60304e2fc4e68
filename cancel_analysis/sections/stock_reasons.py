"""The reason "out of stock" against the seller's own stock, for people; a finding only where it is material."""

from __future__ import annotations

from collections.abc import Iterator

from cancel_analysis.diagnosis.stock_reasons import ReasonAgainstStock
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.sections.evidence import MOST_ROWS, clock_text


def stock_reasons(found: ReasonAgainstStock, voice: Speaker) -> Section:
    """How many had stock, with its interval, what to do about it, and the orders."""
    if found.items.empty:
        return Section("reason_against_stock", (Prose("stock_reasons", (Line(voice.words("stock_reason.nothing")),)),))
    exhibits: list[Exhibit] = [Prose("stock_reasons", tuple(_lines(found, voice)), found.items)]
    if found.known:
        exhibits.append(_table(found, voice))
    return Section("reason_against_stock", tuple(exhibits))


def _lines(found: ReasonAgainstStock, voice: Speaker) -> Iterator[Line]:
    text, numbers = voice.words, voice.numbers
    title = text("stock_reason.title")
    if not found.known:
        kind, key = ("hint", "missing") if found.missing else ("plain", "unknown")
        yield Line(text("triage.headed", title=title, said=text(f"stock_reason.{key}")), kind)
        return
    had = text(
        "stock_reason.had",
        known=numbers.count(found.known),
        had=numbers.count(found.had),
        share=numbers.percent(found.share, 0),
        span=numbers.span(found.low, found.high, 0),
    )
    yield Line(text("triage.headed", title=title, said=had), "finding" if found.material else "plain")
    if found.gone:
        yield Line(voice.say("stock_reason.gone", found.gone))
    if found.no_record:
        yield Line(voice.say("stock_reason.no_record", found.no_record), "note")
    if found.material:
        yield Line(text("stock_reason.action"), "action")
    elif found.had:
        yield Line(text("stock_reason.so_few"), "note")


def _table(found: ReasonAgainstStock, voice: Speaker) -> TableView:
    text, items = voice.words, found.items
    frame = items.assign(
        cancelled_text=clock_text(items["cancelled_at"]),
        ordered_text=clock_text(items["ordered_at"]),
        order_label=[text(f"stock_reason.state.{state}") for state in items["order_state"]],
        state_label=[text(f"stock_reason.state.{state}") for state in items["state"]],
    )
    columns = (
        ColumnView("order_id", text("triage.column.order"), "id", 1.8),
        ColumnView("sku_id", text("triage.column.sku"), "id", 1.8),
        ColumnView("ordered_text", text("stock_reason.column.ordered"), weight=1.3),
        ColumnView("cancelled_text", text("stock_reason.column.cancelled"), weight=1.3),
        ColumnView("ordered_units", text("stock_reason.column.units"), "integer", 0.7),
        ColumnView("own_at_order", text("stock_reason.column.at_order"), "integer"),
        ColumnView("own_at_cancellation", text("stock_reason.column.at_cancellation"), "integer"),
        ColumnView("state_label", text("stock_reason.column.state"), weight=1.5),
        ColumnView("order_label", text("stock_reason.column.order_state"), weight=1.5),
    )
    return TableView(
        "stock_reasons_orders", text("stock_reason.table"), frame, columns, most_rows=MOST_ROWS, folded=True
    )
