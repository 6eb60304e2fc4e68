"""The report's pictures: Altair charts from small frames, only the columns that are drawn.

Each function takes a small frame (of `rates.breakdown`, say) and the report's words, and returns an
`exhibits.kinds.Picture`. No order line and no person's data reaches a chart: a page prints
every column that a chart holds.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.style import LABEL_WIDTH, MUTED, PRODUCT_ROW, RESPONSIBILITY_COLOURS, ROW, WIDTH, label_axis
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import reason_label
from cancel_analysis.rates.breakdown import PICTURE_DAYS, first_id
from cancel_analysis.tables import RESPONSIBILITIES, STAGES

MOST_REASONS = 12
MOST_PRODUCTS = 12


def linked_picture(cube: pd.DataFrame, words: Words, numbers: NumberFormats) -> Picture:
    """Stages, responsible parties, reasons and products of `breakdown.linked`, each filtering the rest.

    Clicking a bar keeps only its items in the other three panels; clicking again, or a double
    click on the ground, lets all back in. The still picture is the same without the clicks.
    """
    frame = _labelled(cube, words)
    order = {
        "stage_label": [words(f"stage.{stage}") for stage in STAGES if stage != "unpaid"],
        "responsibility_label": [words(f"responsibility.{party}") for party in RESPONSIBILITIES],
    }
    live = _panels(frame, words, order, linked=True)
    still = _panels(frame, words, order, linked=False)
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
        "breakdown", words("chart.linked_caption"), alternative, live, frame[columns], still, words("chart.linked_note")
    )


def _labelled(cube: pd.DataFrame, words: Words) -> pd.DataFrame:
    return cube.assign(
        stage_label=cube["stage"].map(lambda key: words(f"stage.{key}")),
        responsibility_label=cube["responsibility"].map(lambda key: words(f"responsibility.{key}")),
        reason_label=[reason_label(reason, words) for reason in cube["reason"]],
        product_label=[
            f"{_shortened(product)}\n{first_id(ids)}" if product else words("chart.other_products")
            for product, ids in zip(cube["product"], cube["sku_ids"], strict=True)
        ],
    )


def _shortened(text: str, most: int = 44) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


# The panels that filter the others when a bar is clicked.
PICKABLE = ("stage_label", "responsibility_label", "reason_label")


def _panels(frame: pd.DataFrame, words: Words, order: dict[str, list[str]], *, linked: bool) -> Any:
    picks = {}
    if linked:
        picks = {
            field: alt.selection_point(name=f"pick_{field.removesuffix('_label')}", fields=[field])
            for field in PICKABLE
        }
    filters = _filters(frame, words) if linked else []
    columns = [*PICKABLE, "responsibility", "product_label", "items", "amount"]
    data = frame[[*columns, "days", "category"] if linked else columns]

    def panel(field: str, title: str, sort: Any, most: int, row: int, multiline: bool = False) -> Any:
        bars = _bars(_filtered(alt.Chart(data), field, picks, len(filters)), field, most)
        sorting = sort if sort is not None else alt.EncodingSortField("total", op="max", order="descending")
        y = alt.Y(f"{field}:N", sort=sorting, axis=label_axis(split=multiline), scale=alt.Scale(paddingInner=0.25))
        layers = alt.layer(
            _clickable(bars, field, picks).encode(y=y, **_bar_encoding(field, title, order, words)),
            _counts(bars, field, y),
        )
        return layers.properties(
            width=WIDTH - LABEL_WIDTH - 70, height={"step": row}, title=alt.Title(title, anchor="start", frame="group")
        )

    panels = alt.vconcat(
        panel("stage_label", words("chart.by_stage"), order["stage_label"], 10, ROW),
        panel("responsibility_label", words("chart.by_responsibility"), order["responsibility_label"], 10, ROW),
        panel("reason_label", words("chart.by_reason"), None, MOST_REASONS, ROW),
        panel("product_label", words("chart.by_product"), None, MOST_PRODUCTS, PRODUCT_ROW, multiline=True),
        spacing=18,
    ).resolve_scale(x="independent", y="independent", color="shared")
    return panels.add_params(*filters) if filters else panels


def _filtered(chart: Any, field: str, picks: dict[str, Any], filters: int) -> Any:
    """The chart of what the boxes and the clicks in the other panels leave; `filters` is the number of boxes."""
    if filters:
        chart = chart.transform_filter("datum.days <= period_days")
    if filters > 1:
        chart = chart.transform_filter("category_is == null || datum.category == category_is")
    for other, pick in picks.items():
        if other != field:
            chart = chart.transform_filter(pick)
    return chart


def _bars(chart: Any, field: str, most: int) -> Any:
    """Items by `field` and responsibility, with each bar's total and share; the `most` largest of them."""
    groups: list[Any] = [field, "responsibility_label"] if field != "responsibility_label" else [field]
    bars = chart.transform_aggregate(items="sum(items)", amount="sum(amount)", groupby=groups)
    bars = bars.transform_joinaggregate(total="sum(items)", groupby=[field])
    bars = bars.transform_joinaggregate(everything="sum(items)")
    bars = bars.transform_calculate(share="datum.total / datum.everything")
    return bars.transform_window(
        place="dense_rank()", sort=[alt.SortField("total", order="descending"), alt.SortField(field)]
    ).transform_filter(f"datum.place <= {most}")


def _clickable(bars: Any, field: str, picks: dict[str, Any]) -> Any:
    """The bars as marks; where the field can be picked, those not picked fade."""
    if field not in picks:
        return bars.mark_bar()
    opacity = alt.condition(picks[field], alt.value(1.0), alt.value(0.25))
    return bars.mark_bar(cursor="pointer").encode(opacity=opacity).add_params(picks[field])


def _bar_encoding(field: str, title: str, order: dict[str, list[str]], words: Words) -> dict[str, Any]:
    responsibility = alt.Color(
        "responsibility_label:N",
        scale=alt.Scale(
            domain=order["responsibility_label"], range=[RESPONSIBILITY_COLOURS[key] for key in RESPONSIBILITIES]
        ),
        legend=None,
    )
    tooltip = [
        alt.Tooltip(f"{field}:N", title=title),
        alt.Tooltip("responsibility_label:N", title=words("chart.responsibility")),
        alt.Tooltip("items:Q", title=words("chart.items"), format=",d"),
        alt.Tooltip("share:Q", title=words("chart.share"), format=".1%"),
    ]
    return {"x": alt.X("sum(items):Q", axis=None), "color": responsibility, "tooltip": tooltip}


def _counts(bars: Any, field: str, y: alt.Y) -> Any:
    """Count and share at the end of each bar."""
    return (
        bars.transform_aggregate(total="max(total)", share="max(share)", groupby=[field])
        .transform_calculate(label="format(datum.total, ',d') + '  ·  ' + format(datum.share, '.0%')")
        .mark_text(align="left", dx=6, color=MUTED)
        .encode(y=y, x=alt.X("total:Q", axis=None), text="label:N")
    )


def _filters(frame: pd.DataFrame, words: Words) -> list[Any]:
    """Boxes above the picture: the period, and the category where there are several."""
    labels = [words("chart.last_days", days=days) for days in PICTURE_DAYS[:-1]] + [words("chart.whole_period")]
    period = alt.binding_select(options=list(PICTURE_DAYS), labels=labels, name=words("chart.period") + " ")
    filters = [alt.param(name="period_days", value=PICTURE_DAYS[-1], bind=period)]
    categories = sorted(set(frame["category"]) - {""})
    if len(categories) > 1:
        names = [_shortened(category) for category in categories]
        other = [("", words("chart.other_categories"))] if (frame["category"] == "").any() else []
        options = [None, *categories, *(value for value, _ in other)]
        bind = alt.binding_select(
            options=options,
            labels=[words("chart.all_categories"), *names, *(label for _, label in other)],
            name=words("chart.category") + " ",
        )
        filters.append(alt.param(name="category_is", value=None, bind=bind))
    return filters
