"""The parts of the portfolio: all shops, the worst first, who moved, causes across shops, the funnel."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import timedelta
from typing import Any

import pandas as pd

from cancel_analysis.benchmarks.cohorts import MOST_FALSE
from cancel_analysis.benchmarks.judgement import VERDICTS
from cancel_analysis.catalog.words import BASE
from cancel_analysis.charts.others import funnel_picture
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, count_of, points, rate_label
from cancel_analysis.pages.brief_sections import MOST_SHOPS, failure_table, page_speaker
from cancel_analysis.pages.portfolio import Portfolio, amounts_by_currency, causes_together, panels
from cancel_analysis.version import __version__
from cancel_analysis.weeks import week_of

# The page's name below the output folder, in its files' marks and in `report.json`.
NAME = "portfolio"


def standings(portfolio: Portfolio, language: str = BASE) -> Section:
    """All shops, the worst first, each with the figure that decided and its headline."""
    voice = page_speaker(language)
    text, numbers = voice.words, voice.numbers
    shops = portfolio.shops
    lines = [Line(_portfolio_lead(portfolio, voice), "finding", portfolio.verdict)]
    exhibits: list[Exhibit] = [Prose("portfolio_lead", tuple(lines))]
    if len(shops):
        known = shops["denominator"].fillna(0) > 0
        shown = shops.assign(
            name=[_named(row, voice) for row in shops.to_dict("records")],
            figure=[
                text(
                    "portfolio.figure",
                    rate=rate_label(row["metric"], text),
                    days=int(row["window_days"]),
                    count=numbers.count(row["numerator"]),
                    total=numbers.count(row["denominator"]),
                )
                if there
                else numbers.percent(None)
                for row, there in zip(shops.to_dict("records"), known, strict=True)
            ],
            range=[
                numbers.span(low, high) if there else numbers.percent(None)
                for low, high, there in zip(shops["low"], shops["high"], known, strict=True)
            ],
        )
        columns = (
            ColumnView("name", text("others.shop"), weight=1.4),
            ColumnView("market", text("parameter.market"), weight=0.6),
            ColumnView("verdict", text("column.verdict"), "verdict", 1.1),
            ColumnView("figure", text("portfolio.deciding"), weight=2.2),
            ColumnView("rate", text("column.value"), "percent", 0.8),
            ColumnView("range", text("column.range"), weight=1.1),
            ColumnView("limit", text("column.limit"), "percent", 0.7),
        )
        exhibits.append(
            TableView("portfolio_shops", text("portfolio.table_shops"), shown, columns, most_rows=MOST_SHOPS)
        )
        sentences = (
            ColumnView("name", text("others.shop"), weight=1.4),
            ColumnView("headline", text("portfolio.says"), weight=6),
        )
        heads = shown[["shop", "name", "verdict", "headline"]]
        caption = text("portfolio.table_headlines")
        exhibits.append(TableView("portfolio_headlines", caption, heads, sentences, most_rows=MOST_SHOPS))
    if len(portfolio.failures):
        exhibits.append(failure_table(portfolio.failures, voice))
    return Section("standings", tuple(exhibits))


def _named(shop: Mapping[Hashable, Any], voice: Speaker) -> str:
    """The shop's name, with the day on which its files end where the page is of a later one."""
    if pd.isna(shop["files_end"]):
        return str(shop["name"])
    day = voice.numbers.day(shop["files_end"])
    return voice.words("portfolio.ends", shop=shop["name"], day=day, week=shop["week"])


def _portfolio_lead(portfolio: Portfolio, voice: Speaker) -> str:
    text, shops = voice.words, portfolio.shops
    counts = shops["verdict"].value_counts()
    parts = [
        text("index.count", count=counts[verdict], verdict=text(f"verdict.{verdict}"))
        for verdict in VERDICTS
        if verdict in counts
    ]
    key = "portfolio.lead_one" if len(shops) == 1 else "portfolio.lead"
    sentence = text(key, shops=len(shops), week=portfolio.week, counts=text.listed(parts) or "–")
    if len(portfolio.failures):
        failed = len(portfolio.failures)
        said = text("portfolio.failed_one" if failed == 1 else "portfolio.failed", count=failed)
        sentence = text.sentences((sentence, said))
    return sentence


def movers(portfolio: Portfolio, language: str = BASE) -> Section:
    """Whose rates moved since last week by more than chance moves them."""
    voice = page_speaker(language)
    text = voice.words
    moved = portfolio.moved
    compared = int(portfolio.movers["p_adjusted"].notna().sum())
    key = "portfolio.moved_none" if moved.empty else "portfolio.moved_one" if len(moved) == 1 else "portfolio.moved"
    weeks = {"week": str(portfolio.week), "before": str(week_of(portfolio.week.monday - timedelta(days=1)))}
    sentence = text(key, count=len(moved), compared=compared, **weeks)
    exhibits: list[Exhibit] = [
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
            ColumnView("counts", weeks["week"], weight=1.1),
            ColumnView("rate", text("column.rate"), "percent", 0.8),
            ColumnView("counts_before", weeks["before"], weight=1.1),
            ColumnView("before_rate", text("column.rate"), "percent", 0.8),
            ColumnView("change_label", text("others.change"), weight=0.9),
            ColumnView("range", text("column.range"), weight=1.3),
        )
        note = text("portfolio.movers_note", before=weeks["before"], share=voice.numbers.percent(MOST_FALSE, 0))
        title = text("portfolio.table_movers", **weeks)
        exhibits.append(TableView("movers", title, shown, columns, note=note, most_rows=MOST_SHOPS))
    return Section("movers", tuple(exhibits))


def causes(portfolio: Portfolio, language: str = BASE) -> Section:
    """Root causes across shops: in units, which add up, and in money a currency."""
    voice = page_speaker(language)
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
    amounts = amounts_by_currency(portfolio.causes)
    shown = amounts.assign(
        label=[text(f"root_cause.{root_cause}") for root_cause in amounts["root_cause"]],
        amount_label=[
            voice.numbers.money(amount, currency)
            for amount, currency in zip(amounts["amount"], amounts["currency"], strict=True)
        ],
    )
    money = (
        ColumnView("currency", text("parameter.currency"), weight=0.7),
        ColumnView("label", text("column.root_cause"), weight=2),
        ColumnView("amount_label", text("column.amount"), weight=1.3),
        ColumnView("items", text("column.items"), "integer", 0.8),
        ColumnView("shops", text("portfolio.shops"), "integer", 0.8),
    )
    largest = shown.groupby("currency", sort=False).head(3).reset_index(drop=True)
    by_shop = Prose("causes_by_shop", (Line(text("portfolio.causes_by_shop"), "note"),), portfolio.causes)
    return Section(
        "causes",
        (
            TableView("causes", caption, together.assign(**label), columns, note=text("portfolio.causes_note")),
            TableView(
                "cause_amounts", text("portfolio.table_amounts"), largest, money, note=text("portfolio.amounts_note")
            ),
            by_shop,
        ),
    )


def funnel(portfolio: Portfolio, language: str = BASE) -> Section:
    """Shops under the same limit in one picture, with what chance does to shops of their size."""
    voice = page_speaker(language)
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
        return Section("funnel", (Prose("funnel_none", (Line(text("portfolio.funnel_none"), "note"),)),))
    caption = text("portfolio.funnel_caption")
    return Section("funnel", (funnel_picture("funnel", drawn, caption, text, named=True),))


def portfolio_contents(portfolio: Portfolio, language: str = BASE) -> dict[str, Any]:
    """What `report.json` says of the portfolio."""
    voice = page_speaker(language)
    text, shops = voice.words, portfolio.shops
    return {
        "shop": {
            "id": NAME,
            "name": text("portfolio.title"),
            "market": ", ".join(sorted(set(shops["market"]) | set(portfolio.failures["market"]))),
            "synthetic": bool(shops["synthetic"].any()),
        },
        "page": {
            "kind": NAME,
            "period": text("page.week", week=portfolio.week),
            "subtitle": text("report.subtitle", day=voice.numbers.day(portfolio.as_of)),
        },
        "week": str(portfolio.week),
        "as_of": portfolio.as_of.isoformat(),
        "verdict": portfolio.verdict,
        "headline": _portfolio_lead(portfolio, voice),
        "rates": [],
        "findings": [str(row["headline"]) for row in shops.to_dict("records")],
        "shops": shops,
        "failed": portfolio.failures,
        "parameters": {"week": str(portfolio.week), "period_days": portfolio.period_days, "version": __version__},
    }
