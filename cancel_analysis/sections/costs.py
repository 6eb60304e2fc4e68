"""The costs as a part of the shop report: a study in, exhibits out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.charts.diagnosis import costs_picture, fixes_picture
from cancel_analysis.diagnosis.costs import CHARGE_LINES, LINES, OF_RETURNS, VALUE_LINES, Costs
from cancel_analysis.diagnosis.fixes import Fixes
from cancel_analysis.diagnosis.order_caps import OrderCap
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Picture, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, rate_label
from cancel_analysis.rates.breakdown import first_id
from cancel_analysis.sections import titles
from cancel_analysis.sections.actions import LEAST_FOR_RANGE, money_week
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.once import once_a_language
from cancel_analysis.study.one_shop import Study

MOST_ROWS = 15
# A seller starts with one; the file has all.
MOST_FIXES = 5
# Causes drawn in the picture; the small ones would be slivers.
MOST_CAUSES = 8


@once_a_language
def costs(study: Study, language: str = "") -> Section:
    """Part 8: what it cost, line by line, by root cause and product, and what a fix would save."""
    voice = speaker(study, language)
    found = study.costs
    exhibits: list[Exhibit] = [_cost_prose(study, voice)]
    if len(found.items) and not found.value_known:
        # Tables of money would be of what is known by chance.
        exhibits.append(_fixes_table(study.fixes, voice))
    elif len(found.items):
        exhibits += [
            _cost_picture(found, voice),
            _lines_table(found, voice),
            _fixes_table(study.fixes, voice),
            _causes_table(found, voice),
            _products_table(found, voice),
        ]
    # What shops over their limit lose is no matter of a shop without one.
    if study.judgement.deciding is not None:
        exhibits += _traffic_prose(found, voice)
    if any(cap.loss is not None for cap in study.order_caps):
        exhibits.append(_caps_table(study.order_caps, found.currency, voice))
    return Section("costs", tuple(exhibits))


def _cost_prose(study: Study, voice: Speaker) -> Prose:
    text, numbers, found, days = voice.words, voice.numbers, study.costs, study.days_covered

    def money(value: float) -> str:
        return numbers.about(value, found.currency)

    if found.items.empty:
        lines = [Line(text("cost.none", days=days))]
    elif not found.value_known:
        lines = [Line(text("cost.no_values", days=days, units=numbers.count(found.items["units"].sum())), "finding")]
    else:
        lost, refunds = (float(found.items[name].sum()) for name in VALUE_LINES)
        # What no file tells is not 0: without any word of returns, nothing is said of what was paid back.
        entry = "cost.intro" if found.returns_known else "cost.intro_no_returns"
        intro = text(entry, days=days, value=money(found.value), lost=money(lost), refunds=money(refunds))
        lines = [Line(intro, "finding")]
        if found.charges > 0 and found.lines.loc[found.lines["line"].isin(CHARGE_LINES), "known"].any():
            lines.append(Line(text("cost.charges", charges=money(found.charges))))
    lines += [Line(line, "hint") for line in _left_out(found, voice)]
    lines += [Line(line) for line in _cap_sentences(study.order_caps, found.currency, voice)]
    return Prose("costs_said", tuple(lines), found.lines)


def _traffic_prose(found: Costs, voice: Speaker) -> list[Exhibit]:
    """What others say that being over a limit costs; it stands in no sum and is no finding."""
    text, numbers, traffic = voice.words, voice.numbers, found.traffic
    if pd.isna(traffic.weekly_sales):
        return []
    said = text(
        "cost.traffic",
        share=numbers.percent(traffic.share),
        confidence=text(f"confidence.{traffic.confidence}"),
        sales=numbers.about(traffic.weekly_sales, found.currency),
        amount=numbers.about(traffic.amount, found.currency),
    )
    over = text("cost.traffic_over" if traffic.over_limit else "cost.traffic_under")
    return [Prose("cost_traffic", (Line(text.sentences((said, over)), "note"),))]


def _cap_sentences(caps: tuple[OrderCap, ...], currency: str, voice: Speaker) -> Iterator[str]:
    """What the cap that holds now costs, or the first that would, a sentence a limit."""
    text, numbers = voice.words, voice.numbers
    for limit in dict.fromkeys(cap.limit_id for cap in caps):
        mine = [cap for cap in caps if cap.limit_id == limit]
        cap = next((step for step in mine if step.reached), mine[0])
        rate = rate_label(cap.metric, text)
        values = {
            "rate": rate,
            "rate_inside": rate[:1].lower() + rate[1:],
            "step": numbers.limit(cap.step),
            "cap": numbers.percent(cap.cap, 0),
            "average": numbers.decimal(cap.average),
            "weeks": cap.weeks,
            "confidence": text(f"confidence.{cap.confidence}"),
        }
        if cap.loss is None or cap.low is None or cap.high is None:
            yield text("cost.cap_unknown", **values)
            continue
        money = {"loss": numbers.about(cap.loss, currency), "span": numbers.short_span(cap.low, cap.high)}
        yield text("cost.cap_now" if cap.reached else "cost.cap_next", **values, **money)


def _caps_table(caps: tuple[OrderCap, ...], currency: str, voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    frame = pd.DataFrame([vars(cap) for cap in caps if cap.loss is not None])
    shown = frame.assign(
        rate_label=[rate_label(metric, text) for metric in frame["metric"]],
        cap_label=[numbers.percent(cap, 0) if cap else text("cost.cap_closed") for cap in frame["cap"]],
        loss_label=[
            text(
                "fix.range",
                value=numbers.about(row.loss, currency),
                span=numbers.short_span(row.low, row.high),
            )
            for row in frame.itertuples()
        ],
        now=[text("cost.cap_reached") if reached else "" for reached in frame["reached"]],
        confidence_label=[text(f"confidence.{sure}") for sure in frame["confidence"]],
    )
    columns = (
        ColumnView("rate_label", text("column.metric"), weight=1.8),
        ColumnView("step", text("cost.column_step"), "percent", 0.7),
        ColumnView("cap_label", text("cost.column_cap"), weight=0.9, by=("cap",)),
        ColumnView(
            "loss_label", text("cost.column.amount"), weight=2.2, data=("loss", "low", "high"), data_kind="money"
        ),
        ColumnView("now", text("cost.column_now"), weight=0.7),
        ColumnView("confidence_label", text("column.confidence"), weight=0.9),
    )
    return TableView("order_caps", text("cost.table_caps"), shown, columns, currency, text("cost.note_caps"))


def _left_out(found: Costs, voice: Speaker) -> Iterator[str]:
    text, numbers = voice.words, voice.numbers
    for setting in found.not_known:
        if setting in VALUE_LINES or (setting == "commission" and not found.value_known):
            continue
        if setting == "return_freight":
            # That no file of returns was given is told once, by itself.
            if found.parcels:
                yield text("cost.unknown_freight", parcels=numbers.count(found.parcels))
        else:
            yield text("cost.unknown", line=text(f"cost.line.{setting}"), setting=f"costs.{setting}")
    freight = found.lines.set_index("line").loc["return_freight"]
    if freight["known"] and freight["origin"] == "files" and found.parcels_known < found.parcels:
        known, parcels = numbers.count(found.parcels_known), numbers.count(found.parcels)
        yield text("cost.freight_part", known=known, parcels=parcels)
    if found.other_currency:
        yield text("cost.other_currency", units=numbers.count(found.other_currency), currency=found.currency)


def _cost_picture(found: Costs, voice: Speaker) -> Exhibit:
    text, numbers = voice.words, voice.numbers
    drawn = found.by_cause.head(MOST_CAUSES).reset_index(drop=True)
    causes = [text(f"root_cause.{root_cause}") for root_cause in drawn["root_cause"]]
    totals = pd.DataFrame({"cause": causes, "total": drawn["total"]})
    totals["text"] = [numbers.money(value, found.currency) for value in totals["total"]]
    known = [line for line in LINES if line not in found.not_known and found.items[line].sum() > 0] or [LINES[0]]
    labels = {line: text(f"cost.line.{line}") for line in known}
    parts = [
        pd.DataFrame({"cause": causes, "line_label": labels[line], "place": place, "amount": drawn[line]})
        for place, line in enumerate(known)
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame["text"] = [numbers.money(value, found.currency) for value in frame["amount"]]
    alternative = text("cost.picture_alt", cause=causes[0], total=totals["text"].iloc[0])
    title = titles.costs(totals, float(found.by_cause["total"].sum()), found.currency, voice)
    return costs_picture(frame, totals, labels, alternative, text, title=title)


def _lines_table(found: Costs, voice: Speaker) -> TableView:
    text, numbers, frame = voice.words, voice.numbers, found.lines

    def base(row: Any) -> str:
        if row.unit == "money":
            return ""
        amount = row.unit == "share_of_amount"
        return numbers.money(row.base, found.currency) if amount else numbers.count(row.base)

    def rate(row: Any) -> str:
        if pd.isna(row.rate):
            no_file = row.line in OF_RETURNS and (not found.returns_known or not found.parcels)
            key = "not_known_no_file" if no_file else "not_known"
            return text(f"cost.{key}", setting=row.setting) if not row.known else ""
        return numbers.percent(row.rate) if row.unit == "share_of_amount" else numbers.money(row.rate, found.currency)

    rows = list(frame.itertuples())
    shown = frame.assign(
        line_label=[text(f"cost.line.{row.line}") for row in rows],
        base_text=[base(row) for row in rows],
        rate_text=[rate(row) for row in rows],
        origin_label=[text(f"cost.origin.{row.origin}") if row.known else "" for row in rows],
        claim=[
            text("cost.confidence", confidence=text(f"confidence.{confidence}")) if confidence else ""
            for confidence in frame["confidence"]
        ],
    )  # fmt: skip
    columns = (
        ColumnView("line_label", text("cost.column.line"), weight=2.2),
        ColumnView("amount", text("cost.column.amount"), "money", 1.2),
        ColumnView("base_text", text("cost.column.base"), weight=1.1, by=("unit", "base")),
        ColumnView("rate_text", text("cost.column.rate"), weight=2.0, by=("unit", "rate")),
        ColumnView("origin_label", text("cost.column.basis"), weight=1.0),
        ColumnView("claim", text("column.confidence"), weight=1.6),
    )
    note = text("cost.note.lines")
    return TableView("cost_lines", text("cost.table.lines"), shown, columns, found.currency, note)


def _causes_table(found: Costs, voice: Speaker) -> TableView:
    text = voice.words
    frame = _sums(found.by_cause)
    frame = frame.assign(cause_label=[text(f"root_cause.{root_cause}") for root_cause in frame["root_cause"]])
    columns = (
        ColumnView("cause_label", text("column.root_cause"), weight=1.8),
        ColumnView("units", text("cost.column.units"), "integer", 0.7),
        ColumnView("value", text("cost.column.value"), "money", 1.2),
        ColumnView("charges", text("cost.column.charges"), "money", 1.1),
        ColumnView("total", text("cost.column.total"), "money", 1.2),
    )
    return TableView(
        "cost_causes", text("cost.table.causes"), frame, columns, found.currency, most_rows=MOST_ROWS, folded=True
    )  # fmt: skip


def _fixes_table(found: Fixes, voice: Speaker) -> TableView:
    """Every cause with what the period would have been without it; those that can be fixed first, then all of these."""
    text, numbers = voice.words, voice.numbers
    frame = pd.concat([found.frame, found.everything.to_frame().T], ignore_index=True)
    names = [
        text("fix.everything") if root_cause == "everything" else text(f"root_cause.{root_cause}")
        for root_cause in frame["root_cause"]
    ]

    def ranges(
        name: str, low: str, high: str, form: Callable[[Any], str], span: Callable[[Any, Any], str]
    ) -> list[str]:
        ends = zip(frame[name], frame[low], frame[high], strict=True)
        return [text("fix.range", value=form(value), span=span(a, b)) for value, a, b in ends]

    def counts(low: Any, high: Any) -> str:
        return f"{numbers.count(low)}–{numbers.count(high)}"

    shown = frame.assign(
        cause_label=names,
        orders_label=ranges("orders", "orders_low", "orders_high", numbers.count, counts),
        rate_label=[
            told if counted else text("fix.unchanged")
            for told, counted in zip(
                ranges("rate", "low", "high", numbers.percent, numbers.span), frame["counted"], strict=True
            )
        ],
        money_label=[money_week(row, found.currency, voice) for row in _worth(frame)],
    )
    columns = [
        ColumnView("cause_label", text("column.root_cause"), weight=1.8),
        ColumnView("orders_label", text("fix.column.orders"), weight=1.3, data=("orders", "orders_low", "orders_high")),
    ]
    if frame["money_week"].notna().any():
        ends = ("money_week", "money_week_low", "money_week_high")
        columns.append(ColumnView("money_label", text("fix.column.money"), weight=1.8, data=ends, data_kind="money"))
    note = text("fix.note", days=found.days)
    if found.deciding is not None:
        limit = found.deciding.limit
        label = text("chart.rate_label", rate=rate_label(limit.metric, text), days=limit.window_days)
        values = ("rate", "low", "high")
        column = text("fix.column.rate", rate=label)
        columns.append(ColumnView("rate_label", column, weight=2.0, data=values, data_kind="percent"))
        rate = text("fix.note_rate", value=numbers.percent(found.deciding.rate), limit=numbers.limit(limit.value))
        note = text.sentences((note, rate))
        columns.append(ColumnView("verdict", text("fix.column.verdict"), "verdict", 1.3))
    most = int((found.frame["fixable"].astype("bool") & (found.frame["orders"] > 0)).sum())
    return TableView(
        "fixes", text("fix.table"), shown, tuple(columns), found.currency, note,
        most_rows=min(max(most, 1), MOST_FIXES), stays=("root_cause", "everything"),
    )  # fmt: skip


def fixes_drawn(found: Fixes, voice: Speaker) -> Picture | None:
    """What each fix is worth in one picture: money a week with its range, else orders; None without a cause to fix."""
    text, numbers = voice.words, voice.numbers
    rows = found.frame[found.frame["fixable"].astype("bool") & (found.frame["orders"] > 0)].head(MOST_FIXES)
    if rows.empty:
        return None
    money = bool(rows["money_week"].notna().all())
    name = "money_week" if money else "orders"
    few = rows["orders"] < LEAST_FOR_RANGE
    drawn = pd.DataFrame(
        {
            "label": [text(f"root_cause.{root_cause}") for root_cause in rows["root_cause"]],
            "value": rows[name].astype("float64"),
            "low": rows[f"{name}_low"].astype("float64").mask(few),
            "high": rows[f"{name}_high"].astype("float64").mask(few),
            "text": [
                money_week(row, found.currency, voice) if money else numbers.count(row["orders"])
                for row in _worth(rows)
            ],
        }
    ).reset_index(drop=True)
    caption = text("fix.picture_money" if money else "fix.picture_orders", days=found.days)
    alternative = text("fix.picture_alt", cause=drawn["label"].iloc[0], worth=drawn["text"].iloc[0])
    title = titles.worth(drawn, voice, money=money, days=found.days)
    picture = fixes_picture(drawn, "fixes_worth", caption, alternative, text, title=title)
    return replace(picture, note=text("fix.picture_note"))


def _products_table(found: Costs, voice: Speaker) -> TableView:
    text = voice.words
    frame = _sums(found.by_product)
    frame = frame.assign(sku=frame["sku_ids"].map(first_id))
    columns = (
        ColumnView("product", text("column.product"), weight=2.8),
        ColumnView("sku", text("column.sku_ids"), "id", 2.0),
        ColumnView("units", text("cost.column.units"), "integer", 0.7),
        ColumnView("value", text("cost.column.value"), "money", 1.2),
        ColumnView("charges", text("cost.column.charges"), "money", 1.1),
        ColumnView("total", text("cost.column.total"), "money", 1.2),
    )
    return TableView(
        "cost_products", text("cost.table.products"), frame, columns, found.currency, most_rows=MOST_ROWS, folded=True
    )  # fmt: skip


def _worth(fixes: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """What `money_week` needs of each fix."""
    return fixes[["orders", "money_week", "money_week_low", "money_week_high"]].to_dict("records")


def _sums(table: pd.DataFrame) -> pd.DataFrame:
    """Value and charges of each row; charges of which none is known are empty, not 0."""
    charges = table[list(CHARGE_LINES)].to_numpy(dtype=np.float64)
    value = np.nansum(table[list(VALUE_LINES)].to_numpy(dtype=np.float64), axis=1)
    unknown = np.isnan(charges).all(axis=1)
    return table.assign(value=value, charges=np.where(unknown, np.nan, np.nansum(charges, axis=1)))
