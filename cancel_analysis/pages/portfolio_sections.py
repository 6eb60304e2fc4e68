"""The parts of the portfolio: how many shops are over a limit, one line a shop, causes across shops, what is behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.benchmarks.judgement import VERDICTS
from cancel_analysis.catalog.words import BASE
from cancel_analysis.charts.all_shops import against_limits_picture, causes_picture
from cancel_analysis.exhibits.kinds import Exhibit, Fold, Line, Picture, Prose, Section, ShopRow, Tile
from cancel_analysis.exhibits.speaker import Speaker, rate_label
from cancel_analysis.pages.portfolio import FirstThing, Portfolio, causes_together
from cancel_analysis.pages.portfolio_tables import (
    amounts_table,
    cause_tables,
    funnel,
    headline_rows,
    movers,
    named_until,
    shops_table,
)
from cancel_analysis.pages.shop_rows import failure_rows, named, page_speaker, rows_exhibit, tiles_exhibit
from cancel_analysis.version import __version__

# The page's name below the output folder, in its files' marks and in `report.json`.
NAME = "portfolio"
NOTHING_SHOWN = FirstThing(None)
# So many names stand in the headline; of more, their number.
MOST_WORSE = 2


def first_screen(portfolio: Portfolio, language: str = BASE) -> Section:
    """How many shops are over a limit, close to it, well, not known, and which got worse."""
    voice = page_speaker(language)
    lines = [Line(headline(portfolio, voice), "headline", portfolio.verdict)]
    lines += [Line(said) for said in _since_last_week(portfolio, voice)]
    if len(portfolio.failures):
        lines.append(Line(voice.say("portfolio.failed", len(portfolio.failures)), "warning"))
    exhibits: list[Exhibit] = [Prose("portfolio_lead", tuple(lines))]
    if len(portfolio.shops) + len(portfolio.failures) > 1:
        exhibits.append(tiles_exhibit("portfolio_tiles", _tiles(portfolio, voice)))
    if (picture := _against_limits(portfolio, voice)) is not None:
        exhibits.append(picture)
    return Section("standings", tuple(exhibits))


def shop_lines(portfolio: Portfolio, language: str = BASE, links: Mapping[str, str] | None = None) -> Section:
    """One line a shop, the worst first; `links`: shop → the address of its report, where there is one."""
    voice, links = page_speaker(language), links or {}
    rows = [
        (str(row["shop"]), _row(row, portfolio.first.get(str(row["shop"]), NOTHING_SHOWN), links, voice))
        for row in portfolio.shops.to_dict("records")
    ]
    if _is_of_one(portfolio):
        # Its sentence is the page's headline.
        rows = [(shop, replace(row, said="")) for shop, row in rows]
    rows += failure_rows(portfolio.failures, voice)
    return Section("portfolio_shop_lines", (rows_exhibit("portfolio_shop_lines", rows, voice),) if rows else ())


def causes(portfolio: Portfolio, language: str = BASE) -> Section:
    """Root causes across shops as a picture: in units, which add up."""
    voice = page_speaker(language)
    text, numbers = voice.words, voice.numbers
    together = causes_together(portfolio.causes)
    together = together[together["items"] > 0]
    if together.empty:
        return Section("causes")
    all_of = portfolio.causes
    out = all_of[all_of["stands_out"].astype(bool)].groupby("root_cause")["items"].sum()
    drawn = together.assign(
        label=[text(f"root_cause.{cause}") for cause in together["root_cause"]],
        out_items=together["root_cause"].map(out).fillna(0).astype("int64"),
        said=[
            text("portfolio.cause_said", items=numbers.count(items), share=numbers.percent(share))
            for items, share in zip(together["items"], together["share"], strict=True)
        ],
    )
    first = drawn.iloc[0]
    title = voice.say(
        "portfolio.causes_title",
        int(first["shops"]),
        cause=first["label"],
        items=numbers.count(first["items"]),
        total=numbers.count(together["items"].sum()),
        days=portfolio.period_days,
    )
    return Section("causes", (causes_picture(drawn, title, text("portfolio.causes_note"), voice),))


def evidence(portfolio: Portfolio, language: str = BASE) -> Section:
    """The figures behind, folded: what decided, who moved, causes in units and money, the funnel."""
    voice = page_speaker(language)
    text = voice.words
    exhibits: list[Exhibit] = []
    if len(portfolio.shops):
        folds = (
            ("portfolio_decided", "portfolio.table_shops", (shops_table(portfolio, voice),)),
            ("portfolio_movers", "portfolio.fold_movers", movers(portfolio, voice)),
            ("portfolio_causes", "portfolio.fold_causes", cause_tables(portfolio, voice)),
            ("portfolio_amounts", "portfolio.table_amounts", (amounts_table(portfolio, voice),)),
            ("portfolio_funnel", "portfolio.funnel_caption", (funnel(portfolio, voice),)),
        )
        exhibits += [
            Fold(name, text(title), inside, on_paper=name == "portfolio_amounts") for name, title, inside in folds
        ]
        exhibits.append(headline_rows(portfolio, voice))
    return Section("portfolio_evidence", tuple(exhibits))


def headline(portfolio: Portfolio, voice: Speaker) -> str:
    """How many shops are over a limit, and which got worse; of one shop, what its own report says first."""
    text, shops = voice.words, portfolio.shops
    if _is_of_one(portfolio):
        return str(shops["headline"].iloc[0])
    total = len(shops) + len(portfolio.failures)
    if not total:
        return text("shops.none")
    counts = {verdict: int((shops["verdict"] == verdict).sum()) for verdict in VERDICTS}
    said = {"shops": voice.numbers.count(total)}
    if counts["breach"]:
        first = voice.say("portfolio.head_breach", counts["breach"], **said)
    elif counts["watch"]:
        # What a shop's files say of an earlier week is not known of this one.
        told = counts["watch"] + counts["ok"] == total and bool(shops["files_end"].isna().all())
        first = voice.say("portfolio.head_watch" if told else "portfolio.head_watch_known", counts["watch"], **said)
    elif counts["ok"] == total:
        first = voice.say("portfolio.head_ok", total)
    elif counts["ok"]:
        first = voice.say("portfolio.head_some", counts["ok"], **said)
    else:
        first = text("portfolio.head_none")
    worse = got_worse(portfolio)
    if len(worse) > MOST_WORSE:
        return text.sentences((first, voice.say("portfolio.worse_count", len(worse))))
    return text.sentences((first, text("portfolio.worse", shops=text.listed(worse)) if worse else ""))


def _is_of_one(portfolio: Portfolio) -> bool:
    return len(portfolio.shops) == 1 and portfolio.failures.empty


def got_worse(portfolio: Portfolio) -> list[str]:
    """The names of the shops that crossed a limit since last week, or whose rate rose by more than chance."""
    moved = portfolio.moved
    return list(dict.fromkeys([*crossed(portfolio), *moved.loc[moved["change"] > 0, "name"]]))


def crossed(portfolio: Portfolio) -> list[str]:
    """The names of the shops over the limit that decides, whose rate a week ago was within it."""
    found = []
    for row in portfolio.shops.to_dict("records"):
        before = _before(portfolio.first.get(str(row["shop"]), NOTHING_SHOWN))
        if row["standing"] == "over" and pd.isna(row["files_end"]) and not np.isnan(before):
            limit = float(row["limit"])
            within = before <= limit if row["comparison"] == "<=" else before < limit
            found += [str(row["name"])] if within else []
    return found


def _before(first: FirstThing) -> float:
    """The deciding rate a week ago, NaN where it is not known."""
    weeks = first.tile.weeks if first.tile is not None else ()
    value = weeks[-2] if len(weeks) > 1 else None
    return float("nan") if value is None else float(value)


def _since_last_week(portfolio: Portfolio, voice: Speaker) -> list[str]:
    """Who crossed a limit since last week, and which rates moved by more than chance."""
    text, numbers = voice.words, voice.numbers
    said = []
    if over := crossed(portfolio):
        said.append(voice.say("portfolio.crossed", len(over), shops=named(over, voice)))
    moved = portfolio.moved
    if len(moved):
        changes = [
            text(
                "portfolio.mover",
                shop=row["name"],
                rate=rate_label(str(row["metric"]), text),
                before=numbers.percent(row["before_rate"]),
                now=numbers.percent(row["rate"]),
            )
            for row in moved.head(2).to_dict("records")
        ]
        left = len(moved) - len(changes)
        listed = text.parts(changes)
        shown = text("headline.more", names=listed, count=numbers.count(left)) if left > 0 else listed
        said.append(text("portfolio.movers_said", movers=shown))
    elif portfolio.movers["p_adjusted"].notna().any():
        said.append(text("portfolio.movers_none"))
    return said


def _tiles(portfolio: Portfolio, voice: Speaker) -> tuple[Tile, ...]:
    """Four counts of shops by verdict, each with names; what could not be read is not known."""
    text, numbers, shops = voice.words, voice.numbers, portfolio.shops
    total = len(shops) + len(portfolio.failures)
    tiles = []
    for verdict in VERDICTS:
        names, label = shops.loc[shops["verdict"] == verdict, "name"].tolist(), text(f"verdict.{verdict}")
        if verdict == "cannot_tell":
            names, label = names + portfolio.failures["name"].tolist(), text("shops.unknown")
        tiles.append(
            Tile(
                name=verdict,
                label=label,
                value=numbers.count(len(names)),
                status=text("shops.of_all", count=numbers.count(total)),
                # None of a kind is neither good nor bad.
                tone=verdict if names else "",
                detail=named(names, voice),
                number=float(len(names)),
            )
        )
    return tuple(tiles)


def _against_limits(portfolio: Portfolio, voice: Speaker) -> Picture | None:
    """Every shop's deciding rate as a share of its limit, the farthest over first, of those with enough orders to
    count before the others; None where fewer than two have one."""
    text, numbers = voice.words, voice.numbers
    shops = portfolio.shops
    limit, rate = (shops[name].astype("float64") for name in ("limit", "rate"))
    # What is known at least is no rate to be drawn beside others.
    nameless = shops["nameless"].eq(True)
    known = shops[(limit > 0) & rate.notna() & ~nameless]
    if len(known) < 2:
        return None
    times = known["rate"].astype("float64") / known["limit"].astype("float64")
    few = known["standing"] == "not_counted"
    # Whether a rate at its limit is over it, the limit says.
    within = known["standing"] != "over"
    order = known.assign(few=few, times=-times, within=within).sort_values(["few", "times", "within"], kind="stable")
    known, times = known.loc[order.index], times.loc[order.index]
    limit = known["limit"].astype("float64")
    before = pd.Series([_before(portfolio.first.get(str(shop), NOTHING_SHOWN)) for shop in known["shop"]], known.index)
    drawn = known[["shop", "name", "verdict"]].assign(
        label=[rate_label(str(metric), text) for metric in known["metric"]],
        value=[
            text("shops.value_of", value=numbers.percent_apart(value, most), limit=numbers.limit(most))
            for value, most in zip(known["rate"], limit, strict=True)
        ],
        **{name: known[name].astype("float64") / limit for name in ("low", "high")},
        times=times,
        before=before / limit,
    )
    first, far = known.iloc[0], float(times.iloc[0])
    if first["standing"] == "not_counted":
        key = "few" if far > 1 else "few_close"
    else:
        key = "over" if first["standing"] == "over" else "close"
        # A shop with few orders may lie farther out.
        key += "_counted" if bool((times > far).any()) else ""
    title = text(
        f"shops.against_{key}",
        shop=first["name"],
        rate=rate_label(str(first["metric"]), text),
        value=numbers.percent_apart(first["rate"], first["limit"]),
        limit=numbers.limit(first["limit"]),
    )
    note = [text("shops.against_note")]
    if nameless.any():
        note.append(text("shops.against_out", shops=named(shops.loc[nameless, "name"].tolist(), voice)))
    return against_limits_picture(drawn.reset_index(drop=True), title, text.sentences(note), voice)


def _row(row: Mapping[Any, Any], first: FirstThing, links: Mapping[str, str], voice: Speaker) -> ShopRow:
    return ShopRow(
        name=named_until(row, voice),
        market=str(row["market"]),
        verdict=str(row["verdict"]),
        word=voice.words(f"verdict.{row['verdict']}"),
        tile=first.tile,
        action=first.action,
        where=first.where,
        by=first.by,
        said=str(row["headline"]),
        link=links.get(str(row["shop"]), ""),
    )


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
            # Its first line is a finding: no second title above it.
            "headed": True,
            "period": text("page.week", week=portfolio.week),
            "subtitle": text("report.subtitle", day=voice.numbers.day(portfolio.as_of)),
        },
        "week": str(portfolio.week),
        "as_of": portfolio.as_of.isoformat(),
        "verdict": portfolio.verdict,
        "headline": headline(portfolio, voice),
        "rates": [],
        "findings": [str(row["headline"]) for row in shops.to_dict("records")],
        "shops": shops,
        "failed": portfolio.failures,
        "parameters": {"week": str(portfolio.week), "period_days": portfolio.period_days, "version": __version__},
    }
