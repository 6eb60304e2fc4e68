"""The linked picture: stages, responsible parties, reasons and products, each filtering the rest.

No order line and no person's data reaches a chart: a page prints
every column that a chart holds.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import (
    LABEL_WIDTH,
    LABELS,
    MUTED,
    PRODUCT_ROW,
    RESPONSIBILITY_COLOURS,
    ROW,
    SPLIT_LABELS,
    WIDTH,
    panel_title,
    panels,
)
from cancel_analysis.charts.vega_lite import Spec, channel, data, layer, mark, still, tooltip
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import reason_label
from cancel_analysis.rates.breakdown import PICTURE_DAYS, first_id
from cancel_analysis.tables import RESPONSIBILITIES, STAGES

MOST_REASONS = 12
MOST_PRODUCTS = 12
# Of a long number, those at its end that are shown.
DIGITS = 4


# Pixels of names and of bars of one panel on paper, where two stand side by side.
PRINTED_NAMES, PRINTED_BARS = 150, 170


def linked_picture(cube: pd.DataFrame, words: Words, numbers: NumberFormats, *, title: str = "") -> Picture:
    """Stages, responsible parties, reasons and products of `breakdown.linked`, each filtering the rest.

    Stages stand beside the responsible parties and reasons beside products where the page is wide, else one below
    the other; all bars share one scale. Clicking a bar keeps only its items in the other three panels; clicking
    again, or a double click on the ground, lets all back in. The still picture is the same without the clicks.
    `title` is the finding; without one the caption says what is drawn.
    """
    frame = _labelled(cube, words)
    order = {
        "stage_label": [words(f"stage.{stage}") for stage in STAGES if stage != "unpaid"],
        "responsibility_label": [words(f"responsibility.{party}") for party in RESPONSIBILITIES],
    }
    live = _panels(frame, words, order)
    top_reason = frame.groupby("reason_label")["items"].sum().sort_values(ascending=False)
    alternative = words("chart.linked_alt_none")
    if len(top_reason):
        alternative = words(
            "chart.linked_alt",
            items=numbers.count(frame["items"].sum()),
            reason=top_reason.index[0],
            count=numbers.count(top_reason.iloc[0]),
        )
    columns = ["days", "category", "stage", "responsibility", "reason", "product", "sku_ids", "items", "amount"]
    return Picture(
        "breakdown",
        title or words("chart.linked_caption"),
        alternative,
        live,
        frame[columns],
        still(live),
        words("chart.linked_note"),
        how=words("chart.linked_how"),
    )


def printed(chart: Spec) -> Spec:
    """The linked picture as it is printed: two panels a row with short names, so that its letters can be read."""

    def fitted(node: Any) -> Any:
        if isinstance(node, list):
            return [fitted(part) for part in node]
        if not isinstance(node, dict) or "values" in node:
            return node
        kept = {key: fitted(value) for key, value in node.items()}
        if kept.get("maxExtent") == LABEL_WIDTH:
            kept |= dict.fromkeys(("minExtent", "maxExtent", "labelLimit"), PRINTED_NAMES)
        return kept

    spec: Spec = still(fitted(chart))
    views = [{**view, "width": PRINTED_BARS} for view in spec.get("concat", ())]
    return {**spec, "concat": views, "columns": 2} if views else spec


def _labelled(cube: pd.DataFrame, words: Words) -> pd.DataFrame:
    named = dict.fromkeys(zip(cube["product"], cube["sku_ids"], strict=True))
    # Where the product's name stands in for its number, it is written once.
    labels = {
        (product, ids): shortened(product)
        if first_id(ids) == product
        else f"{shortened(product)}\n{_last_digits(first_id(ids))}"
        for product, ids in named
    }
    taken = Counter(labels.values())
    for product, ids in named:
        # Two products that the short form would make one bar keep their whole number.
        if taken[labels[product, ids]] > 1:
            labels[product, ids] = f"{shortened(product)}\n{first_id(ids)}"
        if not product:
            labels[product, ids] = words("chart.other_products")
    return cube.assign(
        stage_label=cube["stage"].map(lambda key: words(f"stage.{key}")),
        responsibility_label=cube["responsibility"].map(lambda key: words(f"responsibility.{key}")),
        reason_label=[reason_label(reason, words) for reason in cube["reason"]],
        product_label=[labels[pair] for pair in zip(cube["product"], cube["sku_ids"], strict=True)],
    )


def _last_digits(sku: str) -> str:
    """Of a long number the last four digits, which is what tells one SKU of a product from another."""
    number, space, more = sku.partition(" ")
    return f"…{number[-DIGITS:]}{space}{more}" if number.isdigit() and len(number) > 2 * DIGITS else sku


def shortened(text: str, most: int = 44) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


# The panels that filter the others when a bar is clicked, and the names of what is picked there.
FIELDS = ("stage_label", "responsibility_label", "reason_label", "product_label")
PICKS = {field: f"pick_{field.removesuffix('_label')}" for field in FIELDS}
_DRAWN = [*FIELDS, "items", "days", "category"]


def _panels(frame: pd.DataFrame, words: Words, order: dict[str, list[str]]) -> Spec:
    boxes = _boxes(frame, words)
    # Names that have no number below them need no second line.
    two_lines = frame["product_label"].str.contains("\n", regex=False).any()
    by_total = {"field": "total", "op": "max", "order": "descending"}
    shown = [
        ("stage_label", words("chart.by_stage"), order["stage_label"], 10, ROW),
        ("responsibility_label", words("chart.by_responsibility"), order["responsibility_label"], 10, ROW),
        ("reason_label", words("chart.by_reason"), by_total, MOST_REASONS, ROW),
        ("product_label", words("chart.by_product"), by_total, MOST_PRODUCTS, PRODUCT_ROW if two_lines else ROW),
    ]
    colour = channel(
        "responsibility_label:N",
        scale={
            "domain": order["responsibility_label"],
            "range": [RESPONSIBILITY_COLOURS[party] for party in RESPONSIBILITIES],
        },
        legend={"orient": "top", "title": None, "offset": 14},
    )
    drawn = []
    for field, title, sort, most, row in shown:
        transforms = [*_kept(field, len(boxes)), *_counted(field, most)]
        axis = SPLIT_LABELS if field == "product_label" and two_lines else LABELS
        y = channel(f"{field}:N", sort=sort, axis=axis, scale={"paddingInner": 0.25})
        drawn.append(
            layer(
                _bars(field, title, y, colour, transforms, words),
                _counts(field, y, transforms),
                width=WIDTH - LABEL_WIDTH - 70,
                height={"step": row},
                title=panel_title(title, frame="group"),
            )
        )
    picks = [
        {"name": name, "select": {"type": "point", "fields": [field], "toggle": "true"}, "views": [f"{field}_bars"]}
        for field, name in PICKS.items()
    ]
    spec = panels(drawn, wide=2, shared=("x", "color"))
    spec["resolve"]["scale"]["y"] = "independent"
    # What the page says of choices: the names of what can be picked, and its two words.
    spec["usermeta"] |= {
        "picks": {PICKS[field]: {"field": field, "title": title} for field, title, *_ in shown},
        "words": {"chosen": words("chart.chosen"), "show_all": words("chart.show_all")},
    }
    return {"data": data(frame, _DRAWN), "params": [*boxes, *picks], **spec}


def _kept(field: str, boxes: int) -> list[Spec]:
    """What the boxes and the clicks in the other panels leave; `boxes` is the number of boxes."""
    period, category = "datum.days <= period_days", "category_is == null || datum.category == category_is"
    chosen: list[Spec] = [{"filter": condition} for condition in (period, category)[:boxes]]
    return chosen + [{"filter": {"param": name}} for other, name in PICKS.items() if other != field]


def _counted(field: str, most: int) -> list[Spec]:
    """Items by `field` and responsibility; each bar's total and share, and each part's; the `most` largest bars."""
    groups = [field, "responsibility_label"] if field != "responsibility_label" else [field]
    largest_first = [{"field": "total", "order": "descending"}, {"field": field}]
    return [
        {"aggregate": [_sum("items")], "groupby": groups},
        {"joinaggregate": [_sum("items", "total")], "groupby": [field]},
        {"joinaggregate": [_sum("items", "everything")]},
        {"calculate": "datum.total / datum.everything", "as": "share"},
        {"calculate": "datum.items / datum.everything", "as": "part"},
        {"window": [{"op": "dense_rank", "as": "place"}], "sort": largest_first},
        {"filter": f"datum.place <= {most}"},
    ]


def _sum(field: str, name: str = "") -> Spec:
    return {"op": "sum", "field": field, "as": name or field}


def _bars(field: str, title: str, y: Spec, colour: Spec, transforms: list[Spec], words: Words) -> Spec:
    """The bars, whose parts say their own items and share; those not picked fade."""
    tips = tooltip(
        (f"{field}:N", title),
        ("responsibility_label:N", words("chart.responsibility")),
        ("items:Q", words("chart.items"), ",d"),
        ("part:Q", words("chart.share"), ".1%"),
    )
    encoding = {"y": y, "x": channel("items:Q", axis=None), "color": colour, "tooltip": tips}
    encoding["opacity"] = {"condition": {"param": PICKS[field], "value": 1}, "value": 0.25}
    return {**mark("bar", encoding, by=transforms, cursor="pointer"), "name": f"{field}_bars"}


def _counts(field: str, y: Spec, transforms: list[Spec]) -> Spec:
    """Count and share at the end of each bar."""
    most = [{"op": "max", "field": name, "as": name} for name in ("total", "share")]
    # One of 375 is not none.
    share = "(datum.share < 0.005 ? '<1%' : format(datum.share, '.0%'))"
    label = f"format(datum.total, ',d') + '  ·  ' + {share}"
    by = [*transforms, {"aggregate": most, "groupby": [field]}, {"calculate": label, "as": "label"}]
    encoding = {"y": y, "x": channel("total:Q", axis=None), "text": channel("label:N")}
    return mark("text", encoding, by=by, align="left", dx=6, color=MUTED)


def _boxes(frame: pd.DataFrame, words: Words) -> list[Spec]:
    """Boxes above the picture: the period, and the category where there are several."""
    labels = [words("chart.last_days", days=days) for days in PICTURE_DAYS[:-1]] + [words("chart.whole_period")]
    period = {"input": "select", "options": list(PICTURE_DAYS), "labels": labels, "name": words("chart.period") + " "}
    boxes: list[Spec] = [{"name": "period_days", "value": PICTURE_DAYS[-1], "bind": period}]
    categories = sorted(set(frame["category"]) - {""})
    if len(categories) > 1:
        other = [("", words("chart.other_categories"))] if (frame["category"] == "").any() else []
        bind = {
            "input": "select",
            "options": [None, *categories, *(value for value, _ in other)],
            "labels": [
                words("chart.all_categories"),
                *(shortened(category) for category in categories),
                *(label for _, label in other),
            ],
            "name": words("chart.category") + " ",
        }
        boxes.append({"name": "category_is", "value": None, "bind": bind})
    return boxes
