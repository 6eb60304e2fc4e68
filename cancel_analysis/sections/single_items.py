"""Orders cancelled in full and single items cancelled before dispatch, as exhibits of the part on order management."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cancel_analysis.catalog.item_rules import find_item_rule
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, TableView
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.order_management.single_items import judged
from cancel_analysis.order_management.whole_orders import Missed
from cancel_analysis.rates.groups import Groups, array_of, texts
from cancel_analysis.study.one_shop import Study


def single_items(study: Study, voice: Speaker) -> list[Exhibit]:
    """Whole and item-level cancellations of the period's orders, the rules, and what was missed."""
    found = study.cancellation_scopes
    if found.empty:
        return []
    exhibits: list[Exhibit] = [_scopes_table(found, voice)]
    if study.shop.mapping is not None:
        # The rules are TikTok Shop's; on another platform nothing is held against them.
        return exhibits
    single = judged(found[found["scope"] == "item"], study.shop.market)
    if len(single):
        exhibits.append(_checks_table(single, study, voice))
    missed = study.missed_item_cancellations
    if missed.cancelled_in_full:
        exhibits.append(_missed_prose(missed, voice))
        kept = missed.orders[missed.orders["units_high"] > 0]
        if len(kept):
            exhibits.append(_missed_table(kept, voice))
    return exhibits


def _scopes_table(found: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    # Amounts of another currency are not added to the shop's.
    money = np.where(array_of(found["currency"]) == voice.currency, found["amount"].to_numpy(), 0.0)
    # The platform is one party, whether its system or its staff cancelled.
    party = array_of(found["by"])
    party = np.where(party == "operator", "system", party)
    groups = Groups.of(found["scope"], party)
    frame = pd.DataFrame(
        {
            "scope": texts(array_of(found["scope"])[groups.first]),
            "by": texts(party[groups.first]),
            "cancellations": groups.size(),
            "units": groups.sum(found["units"]),
            # Nothing is known of a sum of which a part is not.
            "amount": groups.sums(money[:, None], known=True)[:, 0],
        }
    ).sort_values(["scope", "cancellations"], ascending=[True, False], ignore_index=True)
    frame = frame.assign(
        scope_label=[text(f"partial.scope.{scope}") for scope in frame["scope"]],
        by_label=[text(f"partial.by.{by}") for by in frame["by"]],
    )
    columns = (
        ColumnView("scope_label", text("partial.column.scope"), weight=1.6),
        ColumnView("by_label", text("partial.column.by")),
        ColumnView("cancellations", text("partial.column.cancellations"), "integer"),
        ColumnView("units", text("partial.column.units"), "integer"),
        ColumnView("amount", text("partial.column.amount"), "money", 1.3),
    )
    return TableView("partial_scopes", text("partial.table.scopes"), frame, columns, voice.currency)


def _checks_table(single: pd.DataFrame, study: Study, voice: Speaker) -> TableView:
    text = voice.words
    groups = Groups.of(single["allowed"], single["rule"])
    frame = pd.DataFrame(
        {
            **{name: texts(array_of(single[name])[groups.first]) for name in ("allowed", "rule")},
            "cancellations": groups.size(),
            "units": groups.sum(single["units"]),
        }
    ).sort_values("cancellations", ascending=False, ignore_index=True)
    frame = frame.assign(
        allowed_label=[text(f"partial.allowed.{allowed}") for allowed in frame["allowed"]],
        why=[text(f"partial.why.{rule}") for rule in frame["rule"]],
    )
    columns = (
        ColumnView("allowed_label", text("partial.column.allowed"), weight=1.2),
        ColumnView("why", text("partial.column.why"), weight=3),
        ColumnView("cancellations", text("partial.column.cancellations"), "integer"),
        ColumnView("units", text("partial.column.units"), "integer", 0.8),
    )
    rule = find_item_rule("state", "item", "awaiting_shipment", study.shop.market, study.as_of)
    note = text("partial.source", confidence=text(f"confidence.{rule.confidence}")) if rule is not None else ""
    return TableView("partial_checks", text("partial.table.checks"), frame, columns, note=note)


def _missed_prose(missed: Missed, voice: Speaker) -> Prose:
    text, numbers = voice.words, voice.numbers
    lines = []
    for row in missed.totals.to_dict("records"):
        if row["allowed"] == "no":
            lines.append(Line(voice.say("partial.missed_no", row["orders"], orders=numbers.count(row["orders"]))))
            continue
        key = "partial.missed" if row["allowed"] == "yes" else "partial.missed_unknown"
        sentence = voice.say(
            key,
            row["orders"],
            orders=numbers.count(row["orders"]),
            kept=_between(numbers.count(row["units_low"]), numbers.count(row["units_high"])),
            units=numbers.count(row["units"]),
            amount=_between(*(numbers.money(row[f"amount_{end}"], row["currency"]) for end in ("low", "high"))),
        )
        lines.insert(0, Line(sentence, "finding"))
    if any(line.kind == "finding" for line in lines):
        lines.append(Line(text("partial.assumption", days=missed.window_days), "note"))
    else:
        lines.insert(0, Line(text("partial.missed_none")))
    return Prose("partial_missed", tuple(lines), missed.totals)


def _missed_table(kept: pd.DataFrame, voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    frame = kept.assign(
        kept_units=[
            _between(numbers.count(low), numbers.count(high))
            for low, high in zip(kept["units_low"], kept["units_high"], strict=True)
        ],
        kept_amount=[
            _between(numbers.money(low, currency), numbers.money(high, currency))
            for low, high, currency in zip(kept["amount_low"], kept["amount_high"], kept["currency"], strict=True)
        ],
    )
    frame = frame.sort_values("amount_high", ascending=False, ignore_index=True)
    columns = (
        ColumnView("order_id", text("partial.column.order"), "id", 2.0),
        ColumnView("products", text("partial.column.products"), weight=3),
        ColumnView("units", text("partial.column.units"), "integer", 0.7),
        ColumnView("kept_units", text("partial.column.kept_units"), weight=0.9, data=("units_low", "units_high")),
        ColumnView("kept_amount", text("partial.column.kept_amount"), weight=1.8, by=("currency", "amount_high")),
    )
    caption = text("partial.table.missed")
    return TableView("partial_missed_orders", caption, frame, columns, voice.currency, most_rows=12, folded=True)


def _between(low: str, high: str) -> str:
    return low if low == high else f"{low}–{high}"
