"""The tables and pictures behind the portfolio: what decided, who moved, causes in units and in money, the funnel."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import timedelta
from typing import Any

import pandas as pd

from cancel_analysis.benchmarks.cohorts import MOST_FALSE
from cancel_analysis.charts.others import funnel_picture
from cancel_analysis.exhibits.kinds import ColumnView, Line, Picture, Prose, TableView
from cancel_analysis.exhibits.speaker import Speaker, count_of, points, rate_label
from cancel_analysis.pages.portfolio import Portfolio, amounts_by_currency, causes_together, panels
from cancel_analysis.pages.shop_rows import MOST_SHOPS
from cancel_analysis.weeks import week_of

# Of each currency; every one stands in the file.
LARGEST = 3


def shops_table(portfolio: Portfolio, voice: Speaker) -> TableView:
    """Every shop with the figure that decided its verdict, the worst first."""
    text, numbers, shops = voice.words, voice.numbers, portfolio.shops
    rows = shops.to_dict("records")
    # What is known at least is no rate.
    known = (shops["denominator"].fillna(0) > 0) & ~shops["nameless"].eq(True)
    figures = [
        text(
            "portfolio.figure",
            rate=rate_label(row["metric"], text),
            days=int(row["window_days"]),
            count=numbers.count(row["numerator"]),
            total=numbers.count(row["denominator"]),
        )
        if there
        else numbers.percent(None)
        for row, there in zip(rows, known, strict=True)
    ]
    ranges = [
        numbers.span(row["low"], row["high"]) if there else numbers.percent(None)
        for row, there in zip(rows, known, strict=True)
    ]
    shown = shops.assign(name=[named_until(row, voice) for row in rows], figure=figures, range=ranges)
    shown["rate"] = shown["rate"].where(known)
    columns = (
        ColumnView("name", text("others.shop"), weight=1.4),
        ColumnView("market", text("parameter.market"), weight=0.6),
        ColumnView("verdict", text("column.verdict"), "verdict", 1.1),
        ColumnView("figure", text("portfolio.deciding"), weight=2.2),
        ColumnView("rate", text("column.value"), "percent", 0.8),
        ColumnView("range", text("column.range"), weight=1.1, data=("low", "high"), data_kind="percent"),
        ColumnView("limit", text("column.limit"), "percent", 0.7),
    )
    return TableView("portfolio_shops", text("portfolio.table_shops"), shown, columns, most_rows=MOST_SHOPS)


def headline_rows(portfolio: Portfolio, voice: Speaker) -> Prose:
    """What each report says first, for the files: the page says it in the shops' lines."""
    shops = portfolio.shops
    names = [named_until(row, voice) for row in shops.to_dict("records")]
    frame = shops.assign(name=names)[["shop", "name", "verdict", "headline"]]
    return Prose("portfolio_headlines", (), frame)


def named_until(shop: Mapping[Hashable, Any], voice: Speaker) -> str:
    """The shop's name, with the day on which its files end where the page is of a later one."""
    if pd.isna(shop["files_end"]):
        return str(shop["name"])
    day = voice.numbers.day(shop["files_end"])
    return voice.words("portfolio.ends", shop=shop["name"], day=day, week=shop["week"])


def movers(portfolio: Portfolio, voice: Speaker) -> tuple[Prose | TableView, ...]:
    """Whose rates moved since last week by more than chance moves them: a sentence, and a table where any did."""
    text = voice.words
    moved = portfolio.moved
    compared = int(portfolio.movers["p_adjusted"].notna().sum())
    key = "portfolio.moved_none" if moved.empty else "portfolio.moved_one" if len(moved) == 1 else "portfolio.moved"
    weeks = {"week": str(portfolio.week), "before": str(week_of(portfolio.week.monday - timedelta(days=1)))}
    sentence = text(key, count=len(moved), compared=compared, **weeks)
    exhibits: list[Prose | TableView] = [
        Prose("movers_lead", (Line(sentence, "finding" if len(moved) else "plain"),), portfolio.movers)
    ]
    if len(moved):
        shown = moved.assign(
            label=[rate_label(metric, text) for metric in moved["metric"]],
            counts=count_of(moved, "numerator", "denominator", voice),
            counts_before=count_of(moved, "before_numerator", "before_denominator", voice),
            change_label=[points(value, voice) for value in moved["change"]],
            range=[
                text("others.range", low=points(low, voice), high=points(high, voice))
                for low, high in zip(moved["low"], moved["high"], strict=True)
            ],
        )
        columns = (
            ColumnView("name", text("others.shop"), weight=1.5),
            ColumnView("label", text("column.metric"), weight=2),
            ColumnView("counts", weeks["week"], weight=1.1, by=("numerator",)),
            ColumnView("rate", text("column.rate"), "percent", 0.8),
            ColumnView("counts_before", weeks["before"], weight=1.1, by=("before_numerator",)),
            ColumnView("before_rate", text("column.rate"), "percent", 0.8),
            ColumnView("change_label", text("others.change"), weight=0.9, data=("change",), data_kind="points"),
            ColumnView("range", text("column.range"), weight=1.3, data=("low", "high"), data_kind="points"),
        )
        note = text("portfolio.movers_note", before=weeks["before"], share=voice.numbers.percent(MOST_FALSE, 0))
        title = text("portfolio.table_movers", **weeks)
        exhibits.append(TableView("movers", title, shown, columns, note=note, most_rows=MOST_SHOPS))
    return tuple(exhibits)


def cause_tables(portfolio: Portfolio, voice: Speaker) -> tuple[TableView, Prose]:
    """Root causes across shops in units, which add up, and where every shop's stand."""
    text = voice.words
    together = causes_together(portfolio.causes)
    label = {"label": [text(f"root_cause.{root_cause}") for root_cause in together["root_cause"]]}
    columns = (
        ColumnView("label", text("column.root_cause"), weight=1.6),
        ColumnView("items", text("column.items"), "integer", 0.8),
        ColumnView("share", text("column.share"), "percent", 0.8),
        ColumnView("shops", text("portfolio.shops"), "integer", 0.8),
        ColumnView("out", text("portfolio.out"), "integer", 0.9),
        ColumnView("names", text("portfolio.names"), weight=3),
    )
    caption = text("portfolio.table_causes", days=portfolio.period_days)
    by_shop = Prose("causes_by_shop", (Line(text("portfolio.causes_by_shop"), "note"),), portfolio.causes)
    return TableView("causes", caption, together.assign(**label), columns), by_shop


def amounts_table(portfolio: Portfolio, voice: Speaker) -> TableView:
    """The largest root causes in each currency; amounts of two currencies are never added."""
    text = voice.words
    amounts = amounts_by_currency(portfolio.causes)
    shown = amounts.assign(
        label=[text(f"root_cause.{root_cause}") for root_cause in amounts["root_cause"]],
        amount_label=[
            voice.numbers.money(amount, currency)
            for amount, currency in zip(amounts["amount"], amounts["currency"], strict=True)
        ],
    )
    columns = (
        ColumnView("currency", text("parameter.currency"), weight=0.7),
        ColumnView("label", text("column.root_cause"), weight=2),
        ColumnView("amount_label", text("column.amount"), weight=1.3, by=("currency", "amount")),
        ColumnView("items", text("column.items"), "integer", 0.8),
        ColumnView("shops", text("portfolio.shops"), "integer", 0.8),
    )
    largest = shown.groupby("currency", sort=False).head(LARGEST).reset_index(drop=True)
    note = text("portfolio.amounts_note")
    return TableView("cause_amounts", text("portfolio.table_amounts"), largest, columns, note=note)


def funnel(portfolio: Portfolio, voice: Speaker) -> Picture | Prose:
    """Shops under the same limit in one picture, with what chance does to shops of their size."""
    text, numbers = voice.words, voice.numbers
    drawn = []
    for points_of, lines in panels(portfolio.funnel):
        first = points_of.iloc[0]
        title = text(
            "others.panel",
            rate=rate_label(str(first["metric"]), text),
            days=int(first["window_days"]),
            limit=numbers.percent(first["limit"]),
        )
        shown = points_of.assign(
            label=points_of["name"], orders=points_of["denominator"], count=points_of["numerator"], now=True
        )
        drawn.append((title, shown, lines))
    if not drawn:
        return Prose("funnel_none", (Line(text("portfolio.funnel_none"), "note"),))
    above = sum(shown["outside"].str.startswith("above").sum() for _, shown, _ in drawn)
    title = voice.say("title.funnel_shops", int(above)) if above else text("title.funnel_shops_none")
    return funnel_picture("funnel", drawn, title, text, named=True)
