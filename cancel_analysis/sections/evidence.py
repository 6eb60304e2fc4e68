"""The evidence of the diagnosis as tables: orders and SKUs by id, nothing of a buyer.

A page shows the first rows; all of them stand in the CSV file of the same name.
"""

from __future__ import annotations

import pandas as pd

from cancel_analysis.diagnosis.tracking import HANDOVER_CHECKS, ON_WAY_CHECKS
from cancel_analysis.diagnosis.triage import TriageFinding
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, TableView
from cancel_analysis.exhibits.speaker import Speaker, reason_label
from cancel_analysis.rates.breakdown import first_id

# A reader checks a handful of orders by hand; all of them stand in the CSV file beside the report.
MOST_ROWS = 8
MOST_LISTINGS = 10
CLOCK = "%Y-%m-%d %H:%M"


def evidence(finding: TriageFinding, voice: Speaker) -> list[Exhibit]:
    """The tables of one finding: a summary and the items behind it; empty ones are left out."""
    makers = {
        "codes": _codes_tables,
        "stock_gap": _stock_tables,
        "handover": _tracking_tables,
        "on_the_way": _tracking_tables,
        "listing": _listing_tables,
        "late_dispatch": _late_tables,
    }
    tables = makers.get(finding.title, _places_tables)(finding, voice)
    return [table for table in tables if len(table.frame)]


def _codes_tables(finding: TriageFinding, voice: Speaker) -> list[TableView]:
    text = voice.words
    frame = finding.evidence
    count = voice.numbers.count
    frame = frame.assign(
        cause_label=[text(f"root_cause.{root_cause}") for root_cause in frame["root_cause"]],
        seller_range=[
            f"{count(least)}–{count(most)}" if least != most else ""
            for least, most in zip(frame["seller_units_least"], frame["seller_units_most"], strict=True)
        ],
    )
    columns = (
        ColumnView("cause_label", text("column.root_cause"), weight=2.0),
        ColumnView("units", text("column.items"), "integer", 0.8),
        ColumnView("orders", text("column.orders"), "integer", 0.8),
        ColumnView("share", text("column.share"), "percent", 0.8),
        ColumnView("seller_units", text("triage.column.seller"), "integer", 0.9),
        ColumnView(
            "seller_range", text("column.readings"), weight=1.2, data=("seller_units_least", "seller_units_most")
        ),
        ColumnView("settled", text("triage.column.settled"), "integer", 0.9),
    )
    return [
        TableView("triage_codes", text("triage.table.codes"), frame, columns, note=text("triage.note.readings"))
    ]  # fmt: skip


def _stock_tables(finding: TriageFinding, voice: Speaker) -> list[TableView]:
    text = voice.words
    skus = finding.evidence.assign(label=_labels(finding.evidence))
    columns = (
        ColumnView("sku_id", text("triage.column.sku"), "id", 1.9),
        ColumnView("label", text("column.product"), weight=2.2),
        ColumnView("gaps", text("triage.column.gaps"), "integer", 0.6),
        ColumnView("hours", text("triage.column.hours"), "integer", 0.7),
        ColumnView("never_sent", text("triage.column.never_sent"), "integer", 1.0),
        ColumnView("oversold_units", text("triage.column.oversold"), "integer", 0.9),
        ColumnView("cancelled_units", text("triage.column.cancelled"), "integer", 0.9),
        ColumnView("explained_units", text("triage.column.explained"), "integer", 0.9),
    )
    gaps = finding.figures["gap_table"].sort_values(["explained_units", "hours"], ascending=False)
    gaps = gaps.assign(from_text=clock_text(gaps["start"]), to_text=clock_text(gaps["end"]))
    gap_columns = (
        ColumnView("sku_id", text("triage.column.sku"), "id", 1.9),
        ColumnView("from_text", text("triage.column.from"), weight=1.3),
        ColumnView("to_text", text("triage.column.to"), weight=1.3),
        ColumnView("hours", text("triage.column.hours"), "integer", 0.7),
        ColumnView("most_shown", text("triage.column.shown"), "integer", 0.7),
        ColumnView("oversold_units", text("triage.column.oversold"), "integer", 0.9),
        ColumnView("cancelled_units", text("triage.column.cancelled"), "integer", 0.9),
        ColumnView("explained_units", text("triage.column.explained"), "integer", 0.9),
        ColumnView("explained_orders", text("column.orders"), "integer", 0.8),
    )
    rows = finding.rows.assign(
        ordered_text=clock_text(finding.rows["ordered_at"]),
        state_label=[text(f"triage.state.{state}") for state in finding.rows["state"]],
    )
    row_columns = (
        ColumnView("order_id", text("triage.column.order"), "id", 1.8),
        ColumnView("sku_id", text("triage.column.sku"), "id", 1.8),
        ColumnView("ordered_text", text("triage.column.ordered_at"), weight=1.3),
        ColumnView("units", text("column.items"), "integer", 0.6),
        ColumnView("own", text("triage.column.own"), "integer", 0.8),
        ColumnView("shown", text("triage.column.shown"), "integer", 0.8),
        ColumnView("state_label", text("triage.column.state"), weight=1.5),
        ColumnView("explained", text("triage.column.explained"), "integer", 0.9),
    )
    return [
        TableView(
            "triage_stock", text("triage.table.stock"), skus, columns, note=text("triage.note.gap"), most_rows=MOST_ROWS
        ),
        TableView("triage_stock_gaps", text("triage.table.gaps"), gaps, gap_columns, most_rows=MOST_ROWS, folded=True),
        TableView(
            "triage_stock_orders",
            text("triage.table.stock_orders"),
            rows,
            row_columns,
            note=text("triage.note.gap_orders"),
            most_rows=MOST_ROWS,
            folded=True,
        ),
    ]


def _tracking_tables(finding: TriageFinding, voice: Speaker) -> list[TableView]:
    text, title = voice.words, finding.title
    checks = HANDOVER_CHECKS if title == "handover" else ON_WAY_CHECKS
    carriers = finding.evidence
    carriers = carriers.assign(carrier=carriers["carrier"].replace("", text("responsibility.unknown")))
    columns = (
        ColumnView("carrier", text("triage.column.carrier"), weight=1.8),
        ColumnView("orders", text("column.orders"), "integer", 0.8),
        *(ColumnView(check, text(f"triage.check.{check}"), "integer", 1.0) for check in checks),
    )
    frame = finding.rows
    rows = frame.assign(
        check_label=[text(f"triage.check.{check}") for check in frame["check"]],
        ready_text=clock_text(frame["ready_at"]),
        cancelled_text=clock_text(frame["cancelled_at"]),
        event_text=[
            text("triage.step_at", step=text(f"triage.step.{step}"), time=when) if isinstance(step, str) else ""
            for step, when in zip(frame["last_step"], clock_text(frame["last_event"]), strict=True)
        ],
    )
    row_columns = (
        ColumnView("order_id", text("triage.column.order"), "id", 1.8),
        ColumnView("sku_id", text("triage.column.sku"), "id", 1.8),
        ColumnView("carrier", text("triage.column.carrier"), weight=1.2),
        ColumnView("tracking_id", text("triage.column.tracking"), "id", 1.5),
        ColumnView("ready_text", text("triage.column.ready"), weight=1.2),
        ColumnView("cancelled_text", text("triage.column.cancelled_at"), weight=1.2),
        ColumnView("event_text", text("triage.column.last_event"), weight=1.6),
        ColumnView("check_label", text("triage.column.state"), weight=1.3),
    )
    return [
        TableView(f"triage_{title}", text(f"triage.table.{title}"), carriers, columns, most_rows=MOST_ROWS),
        TableView(
            f"triage_{title}_orders",
            text(f"triage.table.{title}_orders"),
            rows,
            row_columns,
            most_rows=MOST_ROWS,
            folded=True,
        ),
    ]


def _listing_tables(finding: TriageFinding, voice: Speaker) -> list[TableView]:
    text, numbers = voice.words, voice.numbers
    frame = finding.evidence

    def counts(lost: str, of: str) -> list[str]:
        pairs = list(zip(frame[lost].tolist(), frame[of].tolist(), strict=True))
        # Of many listings most have sold once, and lost nothing: the same few pairs again and again.
        said = {
            (part, whole): text("table.count_of", count=numbers.count(part), total=numbers.count(whole))
            for part, whole in set(pairs)
        }
        return [said[pair] for pair in pairs]

    shown = frame.assign(
        label=_labels(frame),
        sku=frame["sku_ids"].map(first_id),
        level_label=[text(f"triage.level.{level}") for level in frame["level"]],
        counts=counts("orders", "at_risk"),
        rest_counts=counts("rest_orders", "rest_at_risk"),
        against_label=[
            category if against == "category" and category else text(f"triage.against.{against}")
            for against, category in zip(frame["against"], frame["category"], strict=True)
        ],
    )
    columns = (
        ColumnView("label", text("column.product"), weight=2.4),
        ColumnView("sku", text("triage.column.sku"), "id", 1.9),
        ColumnView("level_label", text("triage.column.level"), weight=0.9),
        ColumnView("counts", text("column.orders_lost"), weight=1.1, by=("orders",)),
        ColumnView("rate", text("column.rate"), "percent", 0.7),
        ColumnView("against_label", text("triage.column.category"), weight=1.3),
        ColumnView("rest_counts", text("triage.column.rest"), weight=1.1, by=("rest_orders",)),
        ColumnView("rest_rate", text("column.rest_rate"), "percent", 0.9),
    )
    # What has lost no order at all is a row of the CSV file, not of the page.
    most = max(1, min(int((frame["orders"] > 0).sum()), MOST_LISTINGS))
    note = text("triage.note.listing")
    return [TableView("triage_listing", text("triage.table.listing"), shown, columns, note=note, most_rows=most)]


def _late_tables(finding: TriageFinding, voice: Speaker) -> list[TableView]:
    text = voice.words
    columns = (
        ColumnView("week", text("triage.column.week"), "date", 1.4),
        ColumnView("due", text("triage.column.due"), "integer"),
        ColumnView("late", text("triage.column.late"), "integer"),
        ColumnView("share", text("column.share"), "percent"),
        ColumnView("cancelled", text("triage.column.late_cancelled"), "integer", 1.3),
    )
    rows = _with_reasons(finding.rows, voice)
    rows = rows.assign(when=clock_text(rows["event_at"])).sort_values("event_at", ascending=False)
    row_columns = (
        ColumnView("order_id", text("triage.column.order"), "id", 1.8),
        ColumnView("sku_id", text("triage.column.sku"), "id", 1.8),
        ColumnView("reason_label", text("column.reason"), weight=2.0),
        ColumnView("when", text("triage.column.cancelled_at"), weight=1.3),
        ColumnView("units", text("column.items"), "integer", 0.7),
    )
    name = "triage_late_dispatch"
    return [
        TableView(name, text("triage.table.late_dispatch"), finding.evidence, columns),
        TableView(
            f"{name}_orders", text("triage.table.late_dispatch_orders"), rows, row_columns,
            most_rows=MOST_ROWS, folded=True,
        ),
    ]  # fmt: skip


def _places_tables(finding: TriageFinding, voice: Speaker) -> list[TableView]:
    text = voice.words
    cause = text(f"cause.{finding.root_cause}")
    places = finding.evidence.assign(sku=finding.evidence["sku_ids"].map(first_id))
    columns = (
        ColumnView("label", text("column.place"), weight=3.0),
        ColumnView("sku", text("column.sku_ids"), "id", 2.0),
        ColumnView("orders", text("column.orders_lost"), "integer", 0.9),
        ColumnView("at_risk", text("column.at_risk"), "integer", 0.8),
        ColumnView("rate", text("column.rate"), "percent", 0.8),
        ColumnView("rest_rate", text("column.rest_rate"), "percent", 0.9),
    )
    rows = _with_reasons(finding.rows, voice)
    row_columns = (
        ColumnView("order_id", text("triage.column.order"), "id", 1.8),
        ColumnView("sku_id", text("triage.column.sku"), "id", 1.8),
        ColumnView("reason_label", text("column.reason"), weight=1.8),
        ColumnView("carrier", text("triage.column.carrier"), weight=1.3),
        ColumnView("region", text("column.place"), weight=1.3),
        ColumnView("units", text("column.items"), "integer", 0.7),
    )
    name = f"triage_{finding.title}"
    return [
        TableView(name, text("triage.table.places", cause=cause), places, columns, most_rows=MOST_ROWS),
        TableView(
            f"{name}_orders",
            text("triage.table.places_orders", cause=cause),
            rows,
            row_columns,
            most_rows=MOST_ROWS,
            folded=True,
        ),
    ]


def _labels(frame: pd.DataFrame) -> list[str]:
    pairs = zip(frame["product_name"] if "product_name" in frame else frame["product"], frame["variation"], strict=True)
    return [
        " ".join(str(name).split()) + (f" ({variation})" if isinstance(variation, str) and variation else "")
        for name, variation in pairs
    ]


def _with_reasons(rows: pd.DataFrame, voice: Speaker) -> pd.DataFrame:
    return rows.assign(reason_label=[reason_label(reason, voice.words) for reason in rows["reason"]])


def clock_text(times: pd.Series) -> pd.Series:
    """Moments as text, by the shop's clock; nothing for a moment that has not come."""
    text: pd.Series = times.dt.strftime(CLOCK).astype("str").fillna("")
    return text
