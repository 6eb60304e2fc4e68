"""The report's pictures: Altair charts from small frames, only the columns that are drawn.

Each function takes a frame of `breakdown`, `rates` or `concentration` and the report's words, and
returns an `exhibits.Picture`. No order line and no person's data reaches a chart: a page prints
every column that a chart holds.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from cancel_analysis.breakdown import PICTURE_DAYS, first_id
from cancel_analysis.catalog.reason_tables import reasons
from cancel_analysis.catalog.words import Words
from cancel_analysis.exhibits import Picture
from cancel_analysis.formats import Formats
from cancel_analysis.tables import RESPONSIBILITIES, STAGES

WIDTH = 640
# Calm, told apart by lightness too, so that a grey print and a colour-blind reader lose nothing.
RESPONSIBILITY_COLOURS = {
    "seller": "#b5483f",
    "buyer": "#3f6fa3",
    "shipping": "#d19a3a",
    "platform": "#7a6f9b",
    "unknown": "#b4b8bf",
}
VERDICT_COLOURS = {"breach": "#b3261e", "watch": "#a15c00", "ok": "#1e7a46", "cannot_tell": "#5c6470"}
NO_VERDICT = "none"
INK, MUTED, FAINT, ACCENT = "#1f2933", "#5c6470", "#c9ced6", "#2f5d8c"
MOST_REASONS = 12
MOST_PRODUCTS = 12
ROW = 20
PRODUCT_ROW = 30
# Room for a listing's title: more would leave no room for the bars on a printed page.
LABEL_WIDTH = 230


def linked_picture(cube: pd.DataFrame, words: Words, formats: Formats) -> Picture:
    """Stages, responsible parties, reasons and products of `breakdown.linked`, each filtering the rest.

    Clicking a bar keeps only its items in the other three panels; clicking again, or a double
    click on the ground, lets all back in. The still picture is the same without the clicks.
    """
    frame = _labelled(cube, words)
    order = {
        "stage_label": [words(f"stage.{stage}") for stage in STAGES if stage != "unpaid"],
        "responsibility_label": [words(f"responsibility.{one}") for one in RESPONSIBILITIES],
    }
    live = _panels(frame, words, order, linked=True)
    still = _panels(frame, words, order, linked=False)
    top_reason = frame.groupby("reason_label")["items"].sum().sort_values(ascending=False)
    alternative = words("chart.linked_alt_none")
    if len(top_reason):
        alternative = words(
            "chart.linked_alt",
            items=formats.count(frame["items"].sum()),
            reason=top_reason.index[0],
            count=formats.count(top_reason.iloc[0]),
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


def reason_label(reason: str, words: Words) -> str:
    """A reason in the report's language; the catalog's own label where no words exist for it."""
    known = reasons()
    return words.get(f"reason.{reason}", known[reason].label if reason in known else reason)


def _shortened(text: str, most: int = 44) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def _panels(frame: pd.DataFrame, words: Words, order: dict[str, list[str]], *, linked: bool) -> Any:
    fields = ("stage_label", "responsibility_label", "reason_label")
    picks = {field: alt.selection_point(name=f"pick_{field.split('_')[0]}", fields=[field]) for field in fields}
    columns = [*fields, "responsibility", "product_label", "items", "amount"]
    filters = _filters(frame, words) if linked else []
    data = frame[[*columns, "days", "category"] if linked else columns]
    responsibility = alt.Color(
        "responsibility_label:N",
        scale=alt.Scale(
            domain=order["responsibility_label"], range=[RESPONSIBILITY_COLOURS[key] for key in RESPONSIBILITIES]
        ),
        legend=None,
    )

    def panel(field: str, title: str, sort: Any, most: int, row: int, multiline: bool = False) -> Any:
        chart = alt.Chart(data)
        if linked:
            chart = chart.transform_filter("datum.days <= period_days")
            if len(filters) > 1:
                chart = chart.transform_filter("category_is == null || datum.category == category_is")
            for other, pick in picks.items():
                if other != field:
                    chart = chart.transform_filter(pick)
        groups: list[Any] = [field, "responsibility_label"] if field != "responsibility_label" else [field]
        bars = chart.transform_aggregate(items="sum(items)", amount="sum(amount)", groupby=groups)
        bars = bars.transform_joinaggregate(total="sum(items)", groupby=[field])
        bars = bars.transform_joinaggregate(everything="sum(items)")
        bars = bars.transform_calculate(share="datum.total / datum.everything")
        bars = bars.transform_window(
            place="dense_rank()", sort=[alt.SortField("total", order="descending"), alt.SortField(field)]
        ).transform_filter(f"datum.place <= {most}")
        sorting = sort if sort is not None else alt.EncodingSortField("total", op="max", order="descending")
        axis = label_axis(split=multiline)
        y = alt.Y(f"{field}:N", sort=sorting, axis=axis, scale=alt.Scale(paddingInner=0.25))
        x = alt.X("sum(items):Q", axis=None)
        tooltip = [
            alt.Tooltip(f"{field}:N", title=title),
            alt.Tooltip("responsibility_label:N", title=words("chart.responsibility")),
            alt.Tooltip("items:Q", title=words("chart.items"), format=",d"),
            alt.Tooltip("share:Q", title=words("chart.share"), format=".1%"),
        ]
        mark: dict[str, Any] = {"cursor": "pointer"} if linked and field in picks else {}
        bar = bars.mark_bar(**mark).encode(y=y, x=x, color=responsibility, tooltip=tooltip)
        if linked and field in picks:
            bar = bar.encode(opacity=alt.condition(picks[field], alt.value(1.0), alt.value(0.25)))
            bar = bar.add_params(picks[field])
        text = (
            bars.transform_aggregate(total="max(total)", share="max(share)", groupby=[field])
            .transform_calculate(label="format(datum.total, ',d') + '  ·  ' + format(datum.share, '.0%')")
            .mark_text(align="left", dx=6, color=MUTED)
            .encode(y=y, x=alt.X("total:Q", axis=None), text="label:N")
        )
        height = {"step": row}
        return alt.layer(bar, text).properties(
            width=WIDTH - LABEL_WIDTH - 70, height=height, title=alt.Title(title, anchor="start", frame="group")
        )

    panels = alt.vconcat(
        panel("stage_label", words("chart.by_stage"), order["stage_label"], 10, ROW),
        panel("responsibility_label", words("chart.by_responsibility"), order["responsibility_label"], 10, ROW),
        panel("reason_label", words("chart.by_reason"), None, MOST_REASONS, ROW),
        panel("product_label", words("chart.by_product"), None, MOST_PRODUCTS, PRODUCT_ROW, multiline=True),
        spacing=18,
    ).resolve_scale(x="independent", y="independent", color="shared")
    return panels.add_params(*filters) if filters else panels


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


def limits_picture(frame: pd.DataFrame, sentence: str, words: Words, formats: Formats) -> Picture:
    """Each limit as a row: the observed rate, its 95 % interval, the limit as an upright mark.

    `frame` holds label, rate, low, high, limit, verdict (a row a limit, in the order to be drawn; no verdict: grey).
    """
    colours = {**VERDICT_COLOURS, NO_VERDICT: "#8f98a3"}
    drawn = frame.dropna(subset=["rate"])
    data = drawn.assign(
        verdict=drawn["verdict"].fillna(NO_VERDICT),
        verdict_label=[words("chart.no_verdict" if pd.isna(key) else f"verdict.{key}") for key in drawn["verdict"]],
    )
    order = data["label"].tolist()
    y = alt.Y("label:N", sort=order, axis=label_axis(split=True))
    top = float(max(data["limit"].max() * 1.6, data["rate"].max() * 1.25, 0.01)) if len(data) else 0.05
    scale = alt.Scale(domain=[0, top], clamp=True, nice=False)
    x_axis = alt.Axis(format=".1~%", title=None, grid=True, gridColor="#eceff3", domain=False, ticks=False)
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=None,
    )
    tooltip = [
        alt.Tooltip("label:N", title=words("column.metric")),
        alt.Tooltip("rate:Q", title=words("column.value"), format=".2%"),
        alt.Tooltip("low:Q", title="95 % ↓", format=".2%"),
        alt.Tooltip("high:Q", title="95 % ↑", format=".2%"),
        alt.Tooltip("limit:Q", title=words("column.limit"), format=".2%"),
        alt.Tooltip("verdict_label:N", title=words("column.verdict")),
    ]
    base = alt.Chart(data[["label", "rate", "low", "high", "limit", "verdict", "verdict_label"]])
    span = base.mark_rule(strokeWidth=7, opacity=0.28, strokeCap="round").encode(
        y=y, x=alt.X("low:Q", scale=scale, axis=x_axis), x2="high:Q", color=colour, tooltip=tooltip
    )
    limit = base.mark_tick(thickness=2.5, size=24, color=INK).encode(
        y=y, x=alt.X("limit:Q", scale=scale), tooltip=tooltip
    )
    point = base.mark_point(filled=True, size=90, opacity=1).encode(
        y=y, x=alt.X("rate:Q", scale=scale), color=colour, tooltip=tooltip
    )
    chart = alt.layer(span, limit, point).properties(width=WIDTH - LABEL_WIDTH - 20, height={"step": 38})
    columns = ["label", "rate", "low", "high", "limit", "verdict"]
    return Picture(
        "limits", words("chart.limits_caption"), words("chart.limits_alt", sentence=sentence), chart, frame[columns]
    )


def over_time_picture(
    frame: pd.DataFrame, limits: pd.DataFrame, words: Words, formats: Formats, settled: date | None = None
) -> Picture:
    """The order cancellation rate and the seller-fault rate side by side, 7, 15 and 30 days rolling.

    `frame`: date, rate_name, label, window, rate, low, high; `limits`: rate_name, label, limit (the
    one that gives the verdict, at most one a rate). Both panels share the axis of the rate, since
    the point of the picture is how far apart the two are. The days after `settled` are shaded: some of
    their orders can still be cancelled.
    """
    labels = frame.drop_duplicates("rate_name")["label"].tolist()
    data = frame.assign(window_label=frame["window"].map(lambda days: words("chart.window", days=days)))
    windows = [words("chart.window", days=days) for days in (7, 15, 30)]
    legend = alt.Legend(orient="top", title=None, offset=4, symbolType="stroke")
    panels = []
    for number, label in enumerate(labels):
        rows = data.loc[data["label"] == label, ["date", "window", "window_label", "rate", "low", "high"]]
        axis = alt.Axis(
            format=".1~%", title=None, grid=True, gridColor="#eceff3", domain=False, ticks=False, tickCount=5
        )
        y_axis = axis if number == 0 else None
        y = alt.Y("rate:Q", axis=y_axis)
        x = alt.X(
            "date:T",
            axis=alt.Axis(format="%-d %b", title=None, grid=False, tickCount=5, labelFlush=True, domainColor=FAINT),
        )
        thick = rows.loc[rows["window"] == 30, ["date", "low", "high"]]
        band = (
            alt.Chart(thick)
            .mark_area(color=ACCENT, opacity=1, fillOpacity=0.15)
            .encode(x=x, y=alt.Y("low:Q", axis=y_axis), y2="high:Q")
        )
        lines = (
            alt.Chart(rows[["date", "window_label", "rate"]])
            .mark_line()
            .encode(
                x=x,
                y=y,
                color=alt.Color(
                    "window_label:N",
                    sort=windows,
                    scale=alt.Scale(domain=windows, range=["#b3bfcc", "#7f95ac", ACCENT]),
                    legend=legend,
                ),
                strokeWidth=alt.StrokeWidth(
                    "window_label:N", sort=windows, scale=alt.Scale(domain=windows, range=[1, 1.4, 2.6]), legend=legend
                ),
                tooltip=[
                    alt.Tooltip("date:T", title=words("chart.date"), format="%-d %b %Y"),
                    alt.Tooltip("window_label:N", title=words("column.window")),
                    alt.Tooltip("rate:Q", title=words("chart.rate"), format=".2%"),
                ],
            )
        )
        layers = [band, lines]
        if settled is not None:
            span = pd.DataFrame({"date": [pd.Timestamp(settled)], "end": [rows["date"].max()]})
            shade = alt.Chart(span).mark_rect(color=FAINT, opacity=0.35)
            layers.insert(0, shade.encode(x=x, x2="end:T"))
        own = limits[limits["label"] == label]
        if len(own):
            rule = alt.Chart(own[["limit"]]).mark_rule(
                color=VERDICT_COLOURS["breach"], strokeDash=[5, 4], strokeWidth=1.4
            )
            layers.append(rule.encode(y="limit:Q"))
        panels.append(
            alt.layer(*layers).properties(width=(WIDTH - 70) / 2, height=190, title=alt.Title(label, anchor="start"))
        )
    chart = alt.hconcat(*panels, spacing=14).resolve_scale(y="shared", color="shared", strokeWidth="shared")
    newest = frame[frame["window"] == 30].dropna(subset=["rate"]).groupby("label", sort=False)["rate"].last()
    figures = [formats.percent(newest.get(label)) for label in labels]
    note = words("chart.over_time_note")
    if settled is not None:
        note = f"{note} {words('chart.over_time_open')}"
    alternative = words(
        "chart.over_time_alt",
        days=frame["date"].nunique(),
        first=figures[0],
        second=figures[1] if len(figures) > 1 else "",
    )
    return Picture("over_time", words("chart.over_time_caption"), alternative, chart, frame, None, note)


def places_picture(frame: pd.DataFrame, name: str, cause: str, names: str, words: Words, formats: Formats) -> Picture:
    """The places of one cause against the rest of the shop: rate and 95 % interval of each.

    `frame`: label, lines, at_risk, rate, low, high, rest (True on the row of the rest of the shop).
    """
    data = frame.assign(label=[_shortened(text, 60) for text in frame["label"]])
    y = alt.Y("label:N", sort=data["label"].tolist(), axis=label_axis())
    x_axis = alt.Axis(format=".0~%", title=None, grid=True, gridColor="#eceff3", domain=False, ticks=False, tickCount=6)
    colour = alt.condition(alt.datum.rest, alt.value(MUTED), alt.value(RESPONSIBILITY_COLOURS["seller"]))
    tooltip = [
        alt.Tooltip("label:N", title=words("column.place")),
        alt.Tooltip("rate:Q", title=words("column.rate"), format=".1%"),
        alt.Tooltip("lines:Q", title=words("column.lines"), format=",d"),
        alt.Tooltip("at_risk:Q", title=words("column.at_risk"), format=",d"),
    ]
    columns = ["label", "lines", "at_risk", "rate", "low", "high", "rest"]
    base = alt.Chart(data[columns])
    span = base.mark_rule(strokeWidth=7, opacity=0.28, strokeCap="round").encode(
        y=y, x=alt.X("low:Q", axis=x_axis, scale=alt.Scale(zero=True)), x2="high:Q", color=colour, tooltip=tooltip
    )
    point = base.mark_point(filled=True, size=80, opacity=1).encode(y=y, x="rate:Q", color=colour, tooltip=tooltip)
    text = (
        base.transform_calculate(counts="format(datum.lines, ',d') + ' / ' + format(datum.at_risk, ',d')")
        .mark_text(align="left", dx=8, color=MUTED)
        .encode(y=y, x="high:Q", text="counts:N")
    )
    chart = alt.layer(span, point, text).properties(width=WIDTH - LABEL_WIDTH - 60, height={"step": 26})
    places, rest = data[~data["rest"]], data[data["rest"]]
    alternative = words(
        "chart.places_alt",
        names=names,
        rate=formats.span(places["rate"].min(), places["rate"].max()),
        rest=formats.percent(rest["rate"].iloc[0]) if len(rest) else formats.percent(None),
    )
    return Picture(name, words("chart.places_caption", cause=cause), alternative, chart, frame[columns])


def weeks_picture(frame: pd.DataFrame, name: str, cause: str, sentence: dict[str, str], words: Words) -> Picture:
    """The weekly share of lines lost to one cause; the weeks of the rise in the seller's colour.

    `frame`: monday, lines, at_risk, rate, risen.
    """
    data = frame.assign(week=frame["monday"].map(lambda day: f"{day:%-d %b}"))
    bars = (
        alt.Chart(data)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "week:N",
                sort=data["week"].tolist(),
                axis=alt.Axis(title=None, labelAngle=0, domainColor=FAINT, ticks=False),
            ),
            y=alt.Y(
                "rate:Q",
                axis=alt.Axis(format=".1~%", title=None, gridColor="#eceff3", domain=False, ticks=False, tickCount=5),
            ),
            color=alt.condition(alt.datum.risen, alt.value(RESPONSIBILITY_COLOURS["seller"]), alt.value("#b8c1cc")),
            tooltip=[
                alt.Tooltip("week:N", title=words("chart.week")),
                alt.Tooltip("rate:Q", title=words("column.rate"), format=".1%"),
                alt.Tooltip("lines:Q", title=words("column.lines"), format=",d"),
                alt.Tooltip("at_risk:Q", title=words("column.at_risk"), format=",d"),
            ],
        )
    )
    chart = bars.properties(width=WIDTH - 50, height=150)
    return Picture(name, words("chart.weeks_caption", cause=cause), words("chart.weeks_alt", **sentence), chart, frame)


def label_axis(split: bool = False) -> alt.Axis:
    lines: dict[str, Any] = (
        {"labelExpr": "split(datum.value, '\\n')", "labelLineHeight": 13, "labelOffset": -6} if split else {}
    )
    return alt.Axis(
        title=None, labelLimit=LABEL_WIDTH, domain=False, ticks=False, minExtent=LABEL_WIDTH, maxExtent=LABEL_WIDTH,
        labelPadding=8, **lines,
    )  # fmt: skip
