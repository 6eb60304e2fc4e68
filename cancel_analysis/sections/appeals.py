"""Appeals for people: what can be appealed, on what ground, what to attach, and what it would change."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.catalog.appeals import MOST_APPEALS, grounds
from cancel_analysis.exhibits.kinds import ColumnView, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, reason_label
from cancel_analysis.order_management.appeals import Appeals


def appeals(found: Appeals | None, market: str, voice: Speaker) -> Section:
    """The file of appeals of one limit; without a limit on seller-fault cancellations, a line that says so."""
    if found is None:
        return Section("appeals", (Prose("appeals", (Line(voice.words("appeals.no_limit")),)),))
    prose = Prose("appeals", tuple(_lines(found, market, voice)), found.frame)
    if found.frame.empty:
        return Section("appeals", (prose,))
    return Section("appeals", (prose, _table(found, voice), _checklist(found, market, voice)))


def _lines(found: Appeals, market: str, voice: Speaker) -> list[Line]:
    text, numbers, standing = voice.words, voice.numbers, found.standing
    now = text(
        "appeals.now",
        count=numbers.count(standing.numerator),
        total=numbers.count(standing.denominator),
        rate=numbers.percent(standing.rate),
        days=standing.limit.window_days,
        limit=numbers.percent(standing.limit.value),
    )
    lines = [Line(now)]
    if standing.nameless:
        lines.append(Line(text("decided.nameless"), "warning"))
    if found.frame.empty:
        return lines if standing.nameless else [*lines, Line(text("appeals.none"))]
    if found.supported:
        said = voice.say(
            "appeals.supported",
            found.supported,
            rate=numbers.percent(found.rate),
            standing=text(f"appeals.after_{found.standing_after}"),
        )
        lines.append(Line(said, "finding"))
    if found.frame["file_first"].any():
        lines.append(Line(voice.say("appeals.file_first", int(found.frame["file_first"].sum())), "action"))
    if found.possible:
        lines.append(Line(voice.say("appeals.possible", found.possible)))
    without = int((~found.frame["how_likely"].isin(("supported", "possible"))).sum())
    if without:
        lines.append(Line(voice.say("appeals.without", without)))
    lines.append(Line(text("appeals.rules" if market == "ID" else "appeals.rules_open", most=MOST_APPEALS), "note"))
    return lines


def _table(found: Appeals, voice: Speaker) -> TableView:
    text = voice.words
    frame = found.frame.assign(
        reason_label=[reason_label(reason, text) for reason in found.frame["reason"]],
        ground_label=[
            text(f"appeals.ground.{name}" if name else "appeals.no_ground") for name in found.frame["ground"]
        ],
        how_label=[text(f"appeals.how.{name}") if name else "" for name in found.frame["how_likely"]],
        shown_label=[_shown(row, voice) for _, row in found.frame.iterrows()],
        missing_label=[text(f"appeals.missing.{name}") if name else "" for name in found.frame["missing"]],
    )
    columns = (
        ColumnView("order_id", text("appeals.column.order"), "id", 2),
        ColumnView("cancelled_at", text("appeals.column.cancelled"), "date", 1.2),
        ColumnView("reason_label", text("appeals.column.reason"), weight=1.6),
        ColumnView("ground_label", text("appeals.column.ground"), weight=1.8),
        ColumnView("how_label", text("appeals.column.how"), weight=1.2),
        ColumnView("shown_label", text("appeals.column.shown"), weight=2.6),
        ColumnView("missing_label", text("appeals.column.missing"), weight=2),
        ColumnView("leaves_on", text("appeals.column.leaves"), "date", 1.2),
    )
    return TableView("appeals_orders", text("appeals.table"), frame, columns, voice.currency, most_rows=60)


def _shown(row: pd.Series, voice: Speaker) -> str:
    """What in the files speaks for the ground, or against it, with the times that say so."""
    if not row["shown_by"]:
        return voice.words("appeals.nothing_shown")
    times = {name: _moment(row[f"{name}_at"], voice) for name in ("ready", "due", "handed_over", "asked", "cancelled")}
    return voice.words(f"appeals.shown.{row['shown_by']}", **times)


def _moment(value: object, voice: Speaker) -> str:
    if not isinstance(value, pd.Timestamp) or pd.isna(value):
        return voice.words("appeals.time_unknown")
    return voice.numbers.moment(value)


def _checklist(found: Appeals, market: str, voice: Speaker) -> TableView:
    """What the platform asks for, by ground; only grounds that the rows bring up."""
    text = voice.words
    used = [ground for name, ground in grounds(market).items() if name in set(found.frame["ground"])]
    frame = pd.DataFrame(
        {
            "ground_label": [text(f"appeals.ground.{ground.name}") for ground in used],
            "attach": [text(f"appeals.evidence.{ground.name}") for ground in used],
            "sure": [text(f"confidence.{ground.confidence}") for ground in used],
            "source": [text.said(ground.source) for ground in used],
        },
        columns=["ground_label", "attach", "sure", "source"],
    )
    columns = (
        ColumnView("ground_label", text("appeals.column.ground"), weight=1.5),
        ColumnView("attach", text("appeals.column.attach"), weight=4),
        ColumnView("sure", text("appeals.column.sure")),
    )
    caption = text("appeals.table_evidence")
    return TableView("appeals_evidence", caption, frame, columns, empty=text("appeals.no_evidence"))
