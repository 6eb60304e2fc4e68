"""Order management as parts of a report: orders by status, requests that wait.

A study in, exhibits out. Figures come from `order_management.orders` and `order_management.requests`,
sentences from the catalog's words.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from cancel_analysis.catalog.reasons import find
from cancel_analysis.catalog.shown_words import shown_wordings
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.order_management.orders import OrderCounts
from cancel_analysis.order_management.request_rows import FILE, SOON_HOURS
from cancel_analysis.order_management.requests import TOLERANCE_HOURS, RequestQueue
from cancel_analysis.sections.single_items import single_items
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.once import once_a_language
from cancel_analysis.study.one_shop import Study

MOST_GROUPS = 15


def orders_by_status(study: Study, language: str = "") -> Section:
    """Orders by status with the cancellation rate from them; orders cancelled in full and single items cancelled."""
    voice = speaker(study, language)
    counts = study.order_counts
    exhibits: list[Exhibit] = [_status_prose(study, counts, voice)]
    if counts.orders:
        exhibits += [_states_table(counts, voice), _status_rates_table(counts, voice)]
        if counts.groups is not None and len(counts.groups) > 1:
            exhibits.append(_groups_table(counts.groups, study.groups_orders_by, voice))
        exhibits += single_items(study, voice)
    return Section("order_desk", tuple(exhibits))


@once_a_language
def requests(study: Study, language: str = "") -> Section:
    """Part 5: what waits for an answer and until when, and how earlier requests ended."""
    voice = speaker(study, language)
    queue = study.request_queue
    exhibits: list[Exhibit] = [_request_prose(queue, voice, mapped=study.shop.mapping is not None)]
    if past := _past_lines(queue, voice):
        exhibits.append(Prose("request_past", tuple(past), queue.answers))
    shown = queue.views
    if not queue.has_requests:
        shown = shown[shown["kind"] == "return"]
    if not queue.has_returns:
        shown = shown[shown["kind"] == "cancellation"]
    if len(shown):
        exhibits.append(_views_table(shown, voice))
    if len(queue.waiting):
        exhibits.append(_waiting_table(queue.waiting, voice))
    if queue.outcomes["requests"].sum():
        exhibits.append(_outcomes_table(queue.outcomes, voice))
    if len(queue.waiting_returns):
        exhibits.append(_returns_table(queue, voice))
    if len(queue.arbitration):
        exhibits.append(_arbitration_table(queue.arbitration, voice))
    return Section("requests", tuple(exhibits))


def _status_prose(study: Study, counts: OrderCounts, voice: Speaker) -> Prose:
    text, numbers = voice.words, voice.numbers
    first, last = numbers.day(study.first_day), numbers.day(study.as_of)
    lines = []
    if counts.orders:
        rate = counts.rates.iloc[0]
        lines.append(
            Line(
                text(
                    "order_status.summary",
                    orders=numbers.count(counts.orders),
                    first=first,
                    last=last,
                    cancelled=numbers.count(rate["cancelled"]),
                    rate=numbers.percent(rate["rate"]),
                    range=numbers.span(rate["low"], rate["high"]),
                )
            )
        )
    else:
        lines.append(Line(text("order_status.nothing", first=first, last=last)))
    wanted = [filter_value for filter_value in (study.category, study.product) if filter_value]
    if wanted:
        lines.append(Line(text("order_status.filter", what=" · ".join(wanted)), "note"))
    for key, count in (("partly", counts.partly_cancelled), ("mixed", counts.mixed), ("on_hold", counts.on_hold)):
        if count:
            lines.append(Line(voice.say(f"order_status.{key}", count), "note"))
    return Prose("order_desk", tuple(lines), counts.rates)


def _states_table(counts: OrderCounts, voice: Speaker) -> TableView:
    text = voice.words
    frame = counts.states[(counts.states["state"] != "unknown") | (counts.states["orders"] > 0)]
    frame = frame.assign(label=[text(f"order_status.state.{state}") for state in frame["state"]])
    columns = (
        ColumnView("label", text("order_status.column.state"), weight=2),
        ColumnView("orders", text("order_status.column.orders"), "integer"),
        ColumnView("share", text("order_status.column.share"), "percent"),
    )
    note = (
        text("order_status.states_note")
        if counts.states.loc[counts.states["state"] == "cancelled", "orders"].sum()
        else ""
    )
    return TableView("order_desk_states", text("order_status.table.states"), frame, columns, note=note)


def _status_rates_table(counts: OrderCounts, voice: Speaker) -> TableView:
    text = voice.words
    frame = counts.rates.assign(
        label=[text(f"order_status.rate.{name}") for name in counts.rates["name"]],
        range=[
            voice.numbers.span(low, high) for low, high in zip(counts.rates["low"], counts.rates["high"], strict=True)
        ],
    )
    columns = (
        ColumnView("label", text("order_status.column.counted"), weight=3),
        ColumnView("cancelled", text("order_status.column.cancelled"), "integer"),
        ColumnView("orders", text("order_status.column.of"), "integer"),
        ColumnView("rate", text("order_status.column.rate"), "percent"),
        ColumnView("range", text("order_status.column.range"), weight=1.5, data=("low", "high"), data_kind="percent"),
    )
    return TableView("order_desk_rates", text("order_status.table.rates"), frame, columns)


def _groups_table(groups: pd.DataFrame, by: str, voice: Speaker) -> TableView:
    text = voice.words
    frame = groups.assign(label=groups["group"].replace("", text("order_status.no_category")))
    columns = (
        ColumnView("label", text(f"order_status.column.{by}"), weight=2.4),
        ColumnView("orders", text("order_status.column.orders"), "integer", 0.8),
        *(
            ColumnView(state, text(f"order_status.state.{state}"), "integer", 0.9)
            for state in ("to_ship", "shipped", "completed", "cancelled")
        ),
        ColumnView("partly_cancelled", text("order_status.column.partly"), "integer", 0.9),
        ColumnView("cancelled_rate", text("order_status.column.rate"), "percent", 0.8),
    )
    name, caption = f"order_desk_{by}", text(f"order_status.table.{by}")
    return TableView(
        name, caption, frame, columns, note=text("order_status.groups"), most_rows=MOST_GROUPS, folded=True
    )


def _request_prose(queue: RequestQueue, voice: Speaker, *, mapped: bool) -> Prose:
    """What waits and what runs out; which file would tell more is for whoever runs the tool."""
    text, numbers = voice.words, voice.numbers
    lines: list[Line] = []
    soon = queue.now + pd.Timedelta(hours=SOON_HOURS)
    until = {"day": numbers.day(soon), "time": f"{soon:%H:%M}"}
    if queue.has_requests:
        waiting = queue.waiting
        due = waiting["due"].value_counts()
        key = "request.open" if len(waiting) else "request.open_none"
        lines.append(Line(voice.say(key, len(waiting)), "finding" if len(waiting) else "plain"))
        for name in ("soon", "overdue"):
            if due.get(name, 0):
                lines.append(Line(voice.say(f"request.{name}", int(due[name]), **until), "warning"))
    elif not mapped:
        # The API is TikTok Shop's: another platform's shop has no such answers.
        lines.append(Line(text("request.needs"), "hint"))
    # That no file of returns was given is told once, where it matters for the figures.
    if queue.has_returns and len(back := queue.waiting_returns):
        turns = back["waits_for"].value_counts()
        known = {name: int(turns.get(name, 0)) for name in ("seller", "buyer", "platform")}
        known["unknown"] = len(back) - sum(known.values())
        said = text.listed(voice.say(f"request.turn.{name}", count) for name, count in known.items() if count)
        lines.append(Line(voice.say("request.returns_open", len(back), turns=said), "finding"))
        if near := int((back["due"] == "soon").sum()):
            lines.append(Line(voice.say("request.returns_soon", near, **until), "warning"))
        if back["deadline_at"].isna().all():
            lines.append(Line(text("request.returns_undated"), "hint"))
    return Prose("request_desk", tuple(lines), queue.views)


def _past_lines(queue: RequestQueue, voice: Speaker) -> list[Line]:
    """How requests are answered, and those that needed no answer."""
    if not queue.has_requests:
        return []
    lines = [Line(_rule_sentence(queue, voice), "note")]
    apart = queue.apart.groupby("kind")["requests"].sum()
    lines += [
        Line(voice.say(f"request.{name}", int(apart[name]))) for name in ("free", "at_once") if apart.get(name, 0)
    ]
    answers = queue.answers.iloc[0]
    if answers["requests"]:
        hours = {name: voice.numbers.decimal(answers[f"{name}_hours"]) for name in ("median", "p90")}
        lines.append(Line(voice.say("request.answers", int(answers["requests"]), **hours)))
    return lines


def _rule_sentence(queue: RequestQueue, voice: Speaker) -> str:
    if queue.rule is None:
        return voice.words("request.rule_none")
    key = "request.rule_hours" if queue.rule.unit == "hours" else "request.rule_days"
    confidence = voice.words(f"confidence.{queue.rule.confidence}")
    return voice.words(key, value=voice.numbers.decimal(queue.rule.value, 0), confidence=confidence)


def _views_table(views: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    frame = views.assign(
        kind_label=[text(f"request.kind.{kind}") for kind in views["kind"]],
        view_label=[text(f"request.view.{view}") for view in views["view"]],
    )
    columns = (
        ColumnView("kind_label", text("request.column.kind"), weight=1.8),
        ColumnView("view_label", text("request.column.view"), weight=2),
        ColumnView("requests", text("request.column.requests"), "integer"),
        ColumnView("units", text("request.column.units"), "integer"),
        ColumnView("refund_amount", text("request.column.amount"), "money", 1.3),
    )
    return TableView(
        "request_views", text("request.table.views"), frame, columns, voice.currency, stays=("view", "all")
    )


def _known_reasons(waiting: pd.DataFrame) -> pd.Series:
    """The reasons' texts; those that no catalog has only where they are no one person's words."""
    texts = waiting["reason_text"]
    known = {text for text in texts.dropna().unique() if any(find(stage, text=text) for stage in ("cancel", "return"))}
    return texts.where(texts.isin(known), shown_wordings(texts, waiting["order_id"]))


def _waiting_table(waiting: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    frame = waiting.assign(
        asked=[_moment(created, voice) for created in waiting["created_at"]],
        until=[_moment(deadline, voice) for deadline in waiting["deadline_at"]],
        due_label=[text(f"request.due.{due}") for due in waiting["due"]],
        says=[_says(deadline_confidence, voice) for deadline_confidence in waiting["deadline_confidence"]],
        reason=_known_reasons(waiting).fillna(waiting["reason_code"]),
    )
    columns = (
        ColumnView("order_id", text("request.column.order"), "id", 2.0),
        ColumnView("product_name", text("request.column.product"), weight=2),
        ColumnView("reason", text("request.column.reason"), weight=1.6),
        ColumnView("until", text("request.column.deadline"), weight=1.6, data=("deadline_at",), data_kind="date"),
        ColumnView("hours_left", text("request.column.hours_left"), "decimal", 0.8),
        ColumnView("due_label", text("request.column.due"), weight=1.0),
        ColumnView("says", text("request.column.says"), weight=1.3),
    )
    return TableView("request_waiting", text("request.table.waiting"), frame, columns, voice.currency)


def _says(confidence: Any, voice: Speaker) -> str:
    if pd.isna(confidence):
        return voice.words("request.says.unknown")
    return voice.words("request.says.file" if confidence == FILE else f"confidence.{confidence}")


def _moment(when: Any, voice: Speaker) -> str:
    """A time of the shop's clock; the empty sign where there is none."""
    return voice.numbers.moment(when)


def _outcomes_table(outcomes: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    frame = outcomes.assign(
        label=[text(f"request.outcome.{outcome}") for outcome in outcomes["outcome"]],
        range=[voice.numbers.span(low, high) for low, high in zip(outcomes["low"], outcomes["high"], strict=True)],
    )
    columns = (
        ColumnView("label", text("request.column.outcome"), weight=2.6),
        ColumnView("requests", text("request.column.requests"), "integer"),
        ColumnView("share", text("request.column.share"), "percent"),
        ColumnView("range", text("request.column.range"), weight=1.5, data=("low", "high"), data_kind="percent"),
    )
    note = text("request.inferred", hours=voice.numbers.decimal(TOLERANCE_HOURS, 0))
    return TableView("request_outcomes", text("request.table.outcomes"), frame, columns, note=note)


def _returns_table(queue: RequestQueue, voice: Speaker) -> TableView:
    text = voice.words
    back = queue.waiting_returns
    frame = back.assign(
        asked=[_moment(requested, voice) for requested in back["requested_at"]],
        until=[_moment(deadline, voice) for deadline in back["deadline_at"]],
        waits_label=[text(f"request.waits.{waits_for}") for waits_for in back["waits_for"]],
        action=[_next_action(action, voice) for action in back["next_action"]],
        dispute=[_arbitration(arbitration, voice) for arbitration in back["arbitration"]],
    )
    dated = (
        ColumnView("action", text("request.column.action"), weight=1.8),
        ColumnView("until", text("request.column.until"), weight=1.6, data=("deadline_at",), data_kind="date"),
        ColumnView("hours_left", text("request.column.hours_left"), "decimal", 0.8),
        ColumnView("dispute", text("request.column.arbitration"), weight=1.2),
    )
    columns = (
        ColumnView("order_id", text("request.column.order"), "id", 2.0),
        ColumnView("product_name", text("request.column.product"), weight=2),
        ColumnView("asked", text("request.column.asked"), weight=1.5, data=("requested_at",), data_kind="date"),
        ColumnView("waits_label", text("request.column.waits"), weight=0.9),
        # Exports have none of these: empty columns would only take the others' room.
        *(dated if back[["deadline_at", "next_action", "arbitration"]].notna().any(axis=None) else ()),
    )
    return TableView("request_returns", text("request.table.returns"), frame, columns, voice.currency)


def _next_action(action: Any, voice: Speaker) -> str:
    if pd.isna(action):
        return voice.numbers.cell(None, "text")
    plain = str(action).replace("_", " ").capitalize()
    return voice.words.get(f"request.action.{str(action).lower()}", plain)


def _arbitration(state: Any, voice: Speaker) -> str:
    if pd.isna(state):
        return voice.numbers.cell(None, "text")
    return voice.words.get(f"request.arbitration.{str(state).lower()}", str(state))


def _arbitration_table(arbitration: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    frame = arbitration.assign(label=[_arbitration(state, voice) for state in arbitration["state"]])
    columns = (
        ColumnView("label", text("request.column.arbitration"), weight=2),
        ColumnView("requests", text("request.column.requests"), "integer"),
    )
    return TableView("request_arbitration", text("request.table.arbitration"), frame, columns)
