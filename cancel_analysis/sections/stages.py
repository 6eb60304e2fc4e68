"""Part 3 of the shop report: where items are lost, by whom, why, with which products."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cancel_analysis.catalog.shown_words import HIDDEN
from cancel_analysis.charts.stages import linked_picture
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, reason_label
from cancel_analysis.rates import breakdown
from cancel_analysis.rates.groups import Groups
from cancel_analysis.sections import titles
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.once import once_a_language
from cancel_analysis.study.one_shop import Study

# The columns of values behind a worded one.
_READINGS, _LIKELY = ("share_least", "share_most"), ("likely_low", "likely_high")
# Products named under each reason in the printed table; all of them stand in its CSV file.
MOST_PRODUCTS_OF_A_REASON = 3
MOST_PRODUCT_ROWS = 15
# From this share of a product's lost items on, one order is what is to be looked at, not the product …
MOST_OF_ONE_ORDER = 0.5
# … where it lost so many, and of the first products only.
LEAST_ITEMS_TOLD = 5
MOST_TOLD = 3
# A bar of this part of all lost items is what a reader sees first.
LEAST_PART = 0.25
# One or two items of a reason name products by chance.
LEAST_ITEMS_OF_A_REASON = 3


@once_a_language
def stages(study: Study, language: str = "") -> Section:
    """Part 3: where items are lost, by whom, why, with which products: the linked picture and its tables."""
    voice = speaker(study, language)
    text, numbers = voice.words, voice.numbers
    items, orders = study.period_items, study.period_orders
    first, last = numbers.day(study.first_day), numbers.day(study.as_of)
    lines = [Line(text("note.period", first=first, last=last), "note")]
    if study.category or study.product:
        what = text.listed(part for part in (study.category, study.product) if part)
        lines.append(Line(text("note.only", what=what), "note"))
    article = breakdown.article_of(orders)
    if article in ("category", "order"):
        lines.append(Line(text(f"note.article_{article}"), "warning"))
    if article != "order" and len(items):
        # Bars of items would be read as many orders.
        lines += [
            Line(said, "warning") for said in _of_one_order(_weighty(breakdown.product_totals(orders, items)), voice)
        ]
    period = Prose("period", tuple(lines))
    exhibits: list[Exhibit] = [period, _stage_table(study, voice)]
    cube = breakdown.linked(items, study.as_of)
    if len(cube):
        exhibits.append(linked_picture(cube, text, numbers, title=titles.lost_items(items, voice)))
    if len(items):
        exhibits += [
            _responsibility_table(items, voice),
            _reason_table(items, voice),
        ]
        if article != "order":
            exhibits += [_products_of_reasons(orders, items, voice), _product_table(orders, items, voice)]
        kinds = breakdown.refund_kinds(items)
        if kinds["items"].sum():
            exhibits.insert(2, _kind_table(kinds, voice))
    unknown = breakdown.unknown_reasons(items)
    if len(unknown):
        exhibits += _unknown_reasons(unknown, voice)
    return Section("stages", tuple(exhibits))


def _told(frame: pd.DataFrame, columns: tuple[ColumnView, ...]) -> tuple[ColumnView, ...]:
    """The columns without those of money of which the files say nothing."""
    lost = frame[frame["items"] > 0]
    return tuple(one for one in columns if one.kind != "money" or lost.empty or lost[one.name].notna().any())


def _stage_table(study: Study, voice: Speaker) -> TableView:
    text = voice.words
    frame = breakdown.stages(study.period_items, int(study.period_orders["quantity"].sum()))
    frame = frame.assign(stage_label=[text(f"stage.{stage}") for stage in frame["stage"]])
    columns = (
        ColumnView("stage_label", text("column.stage"), weight=2),
        ColumnView("items", text("column.items"), "integer"),
        ColumnView("orders", text("column.orders"), "integer"),
        ColumnView("amount", text("column.amount"), "money", 1.3),
        ColumnView("share", text("column.share"), "percent"),
        ColumnView("share_of_ordered", text("column.share_of_ordered"), "percent", 1.2),
    )
    return TableView(
        "stages", text("table.stages"), frame, _told(frame, columns), study.shop.currency, text("note.unpaid")
    )


def _kind_table(kinds: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    frame = kinds.assign(kind_label=[text(f"kind.{kind}") for kind in kinds["kind"]])
    columns = (
        ColumnView("kind_label", text("column.kind"), weight=2),
        ColumnView("items", text("column.items"), "integer"),
        ColumnView("amount", text("column.amount"), "money", 1.3),
    )
    return TableView("refund_kinds", text("table.kinds"), frame, _told(frame, columns), voice.currency)


def _responsibility_table(items: pd.DataFrame, voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    frame = breakdown.responsibility_by_stage(items)
    frame = frame.assign(
        stage_label=[text(f"stage.{stage}") for stage in frame["stage"]],
        responsibility_label=[text(f"responsibility.{responsibility}") for responsibility in frame["responsibility"]],
        readings=[
            "" if low == high else numbers.span(low, high)
            for low, high in frame[["share_least", "share_most"]].to_numpy()
        ],
    )
    columns = (
        ColumnView("stage_label", text("column.stage"), weight=1.8),
        ColumnView("responsibility_label", text("column.responsibility"), weight=1.2),
        ColumnView("items", text("column.items"), "integer", 0.8),
        ColumnView("share", text("column.share"), "percent", 0.8),
        ColumnView("readings", text("column.readings"), weight=1.5, data=_READINGS, data_kind="percent"),
    )
    return TableView("responsibility", text("table.responsibility"), frame, columns, note=text("note.reading"))


def _reason_table(items: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    frame = breakdown.reasons_by_stage(items)
    frame = frame.assign(
        stage_label=[text(f"stage.{stage}") for stage in frame["stage"]],
        reason_label=[reason_label(reason, text) for reason in frame["reason"]],
        responsibility_label=[text(f"responsibility.{responsibility}") for responsibility in frame["responsibility"]],
        cause_label=[text(f"root_cause.{root_cause}") for root_cause in frame["root_cause"]],
    )
    columns = (
        ColumnView("stage_label", text("column.stage"), weight=1.7),
        ColumnView("reason_label", text("column.reason"), weight=2.4),
        ColumnView("responsibility_label", text("column.responsibility"), weight=1.1),
        ColumnView("cause_label", text("column.root_cause"), weight=1.4),
        ColumnView("items", text("column.items"), "integer", 0.7),
        ColumnView("share", text("column.share"), "percent", 0.8),
        ColumnView("amount", text("column.amount"), "money", 1.2),
    )
    return TableView(
        "reasons",
        text("table.reasons"),
        frame,
        _told(frame, columns),
        voice.currency,
        most_rows=40,
        folded=True,
        paper_rows=12,
    )


def _products_of_reasons(orders: pd.DataFrame, items: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    frame = breakdown.products_by_reason(orders, items)
    frame = frame[frame["stage"] != "unpaid"]
    in_reason = Groups.of(frame["stage"], frame["reason"])
    large = in_reason.sum(frame["items"]) >= LEAST_ITEMS_OF_A_REASON
    named = large[in_reason.number] & (in_reason.place() < MOST_PRODUCTS_OF_A_REASON)
    # The printed rows come first and the rest follows, so that the cut falls between them.
    frame = frame.iloc[np.argsort(~named, kind="stable")]
    frame = frame.assign(
        stage_label=[text(f"stage.{stage}") for stage in frame["stage"]],
        reason_label=[reason_label(reason, text) for reason in frame["reason"]],
        sku=[breakdown.first_id(ids) for ids in frame["sku_ids"]],
    )
    columns = (
        ColumnView("reason_label", text("column.reason"), weight=1.8),
        *_article_columns(orders, voice, 2.6),
        ColumnView("items", text("column.items"), "integer", 0.7),
        ColumnView("share", text("column.share"), "percent", 0.8),
        ColumnView("units_ordered", text("column.units_ordered"), "integer", 0.9),
        ColumnView("rate", text("column.rate"), "percent", 0.8),
    )
    most = max(1, min(int(named.sum()), MOST_PRODUCT_ROWS))
    return TableView(
        "products_by_reason",
        text("table.products_by_reason"),
        frame,
        columns,
        voice.currency,
        most_rows=most,
        folded=True,
    )


def _product_table(orders: pd.DataFrame, items: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    frame = breakdown.product_totals(orders, items)
    frame = frame.assign(
        reason_label=[reason_label(top_reason, text) for top_reason in frame["top_reason"]],
        sku=[breakdown.first_id(ids) for ids in frame["sku_ids"]],
        likely=[
            voice.numbers.span(low, high, 0)
            for low, high in zip(frame["likely_low"], frame["likely_high"], strict=True)
        ],
    )
    columns = (
        *_article_columns(orders, voice, 2.8),
        ColumnView("items", text("column.items"), "integer", 0.7),
        ColumnView("share", text("column.share"), "percent", 0.8),
        ColumnView("units_ordered", text("column.units_ordered"), "integer", 0.9),
        ColumnView("rate", text("column.rate"), "percent", 0.8),
        ColumnView("likely", text("column.likely"), weight=1.1, data=_LIKELY, data_kind="percent"),
        ColumnView("reason_label", text("column.top_reason"), weight=1.8),
    )
    note = " ".join([text("note.likely_rate"), *_of_one_order(frame, voice)])
    return TableView("products", text("table.products"), frame, columns, note=note, most_rows=15)


def _weighty(products: pd.DataFrame) -> pd.DataFrame:
    """The products that make so much of what was lost that their bars are the picture."""
    return products[products["items"] >= LEAST_PART * products["items"].sum()]


def _of_one_order(products: pd.DataFrame, voice: Speaker) -> list[str]:
    """A sentence for each of the first products of which one order lost most of what was lost."""
    columns = (products[name].tolist() for name in ("product", "largest_order_items", "items"))
    told = [
        (product, most, items)
        for product, most, items in zip(*columns, strict=True)
        if most >= MOST_OF_ONE_ORDER * items and items >= LEAST_ITEMS_TOLD
    ]
    count = voice.numbers.count
    return [
        voice.words(
            "note.one_order",
            product=" ".join(str(product).split()),
            count=count(most),
            items=count(items),
        )
        for product, most, items in told[:MOST_TOLD]
    ]


def _article_columns(orders: pd.DataFrame, voice: Speaker, weight: float) -> tuple[ColumnView, ...]:
    """The columns that name an article: its category alone where the files know nothing nearer."""
    text = voice.words
    if breakdown.article_of(orders) == "category":
        return (ColumnView("product", text("column.category_article"), weight=weight),)
    return ColumnView("product", text("column.product"), weight=weight), ColumnView(
        "sku", text("column.sku_ids"), "id", 2.0
    )


def _unknown_reasons(unknown: pd.DataFrame, voice: Speaker) -> list[Exhibit]:
    text = voice.words
    count = voice.numbers.count(unknown["items"].sum())
    frame = unknown.assign(
        stage_label=[text(f"stage.{stage}") for stage in unknown["stage"]],
        shown=unknown["text"].replace(HIDDEN, text("note.hidden")),
    )
    columns = (
        ColumnView("stage_label", text("column.stage"), weight=1.5),
        ColumnView("shown", text("column.text"), weight=3),
        ColumnView("items", text("column.items"), "integer", 0.7),
    )
    return [
        Prose("unknown_note", (Line(text("note.unknown", items=count), "warning"),), unknown),
        TableView("unknown_reasons", text("table.unknown_reasons"), frame, columns),
    ]
