"""All shops side by side: the worst first, causes across them, the funnel, who moved since last week.

Of each shop small frames are kept. Units add up over shops, amounts only within one currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.benchmarks.cohorts import MOST_FALSE, PAST_COLUMNS, changed, with_p
from cancel_analysis.benchmarks.funnel import ROOM, control_lines, funnel_limit, outside
from cancel_analysis.benchmarks.judgement import VERDICTS
from cancel_analysis.exhibits.kinds import Tile
from cancel_analysis.inference import wilson
from cancel_analysis.pages.shop_rows import keep_tile, tile_of
from cancel_analysis.rates.breakdown import AMOUNT, amounts_of, valued
from cancel_analysis.rates.cube import rate_figures
from cancel_analysis.rates.groups import Groups
from cancel_analysis.sections.tiles import deciding_tile
from cancel_analysis.sections.verdict import cards, headline
from cancel_analysis.sections.voice import speaker
from cancel_analysis.store.plain_frames import to_plain, together
from cancel_analysis.study.cut import covered_until
from cancel_analysis.study.kept import keep, portfolio_name
from cancel_analysis.study.many_shops import FAILURE_COLUMNS, Failure, failure_of, open_shops
from cancel_analysis.study.one_shop import DEFAULT_PERIOD, Study
from cancel_analysis.weeks import LATEST, Week, week_of

SHOP_COLUMNS = [
    "shop", "name", "market", "category", "currency", "language", "verdict", "reason", "metric", "window_days",
    "numerator", "denominator", "rate", "low", "high", "comparison", "limit", "confidence", "standing", "signal",
    "headline", "orders", "synthetic", "week", "files_end", "nameless",
]  # fmt: skip
CAUSE_COLUMNS = ["shop", "name", "root_cause", "items", "share", "amount", "currency", "stands_out"]
FUNNEL_COLUMNS = [
    "shop", "name", "market", "category", "metric", "window_days", "comparison", "limit", "confidence", "numerator",
    "denominator", "rate", "low", "high", "outside",
]  # fmt: skip
MOVER_COLUMNS = ["shop", "name", *PAST_COLUMNS, "mover"]
# Shops under the same figure share a panel; whether the limit itself is still allowed is no matter of a picture.
PANEL = ["metric", "window_days", "limit"]


@dataclass(frozen=True)
class FirstThing:
    """What a shop's own report shows first: the rate that decides (None without one), and the first card."""

    tile: Tile | None
    action: str = ""
    where: str = ""
    by: str = ""


@dataclass(frozen=True)
class Portfolio:
    """All shops at the end of one day.

    `shops` (`SHOP_COLUMNS`): a row a shop, the worst first, with the figure that decided; one whose files end
    before is seen at the end of its own `week`, and its `files_end` is that last day (else not known). `causes`
    (`CAUSE_COLUMNS`): lost items after payment of the period, a row a shop and root cause. `funnel`
    (`FUNNEL_COLUMNS`): each shop against the seller-fault limit of its own, in that limit's window.
    `movers` (`MOVER_COLUMNS`): this week against last, a row a shop and rate; `mover` marks those
    beyond noise. `failures`: shops that could not be read, with the cause. `first`: by shop, what its report shows
    first.
    """

    week: Week
    as_of: date
    period_days: int
    shops: pd.DataFrame
    causes: pd.DataFrame
    funnel: pd.DataFrame
    movers: pd.DataFrame
    failures: pd.DataFrame
    first: Mapping[str, FirstThing] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """The worst verdict of any shop."""
        return min(self.shops["verdict"], key=VERDICTS.index, default="cannot_tell")

    @property
    def moved(self) -> pd.DataFrame:
        """The movers alone, the largest change first."""
        rows = self.movers[self.movers["mover"].astype(bool)]
        result: pd.DataFrame = rows.sort_values("change", key=abs, ascending=False).reset_index(drop=True)
        return result


# What is kept of one shop: the name of a frame of `Portfolio` → its rows; `first` → what its report shows first.
KeptShop = dict[str, Any]
_PARTS = ("shops", "causes", "funnel", "movers")


def portfolio_of(shops: Iterable[Study | Failure], as_of: date, period_days: int, language: str = "en") -> Portfolio:
    """All shops together, each study cut at the end of `as_of`; one that fails is listed with its cause."""
    return _together(_kept_or_failed(shops, language, as_of), as_of, period_days)


def _kept_or_failed(shops: Iterable[Study | Failure], language: str, as_of: date) -> Iterator[KeptShop | Failure]:
    for loaded in shops:
        if isinstance(loaded, Failure):
            yield loaded
            continue
        try:
            kept = keep_shop(loaded, language, as_of)
        except Exception as error:  # whatever it is, the other shops are shown
            yield failure_of(loaded.shop, error)
        else:
            yield kept


def _together(shops: Iterable[KeptShop | Failure], as_of: date, period_days: int) -> Portfolio:
    kept: list[KeptShop] = []
    failures: list[Failure] = []
    for found in shops:
        if isinstance(found, Failure):
            failures.append(found)
        else:
            kept.append(found)
    frames = {name: together(shop[name] for shop in kept) for name in _PARTS}
    return Portfolio(
        week=week_of(as_of),
        as_of=as_of,
        period_days=period_days,
        shops=worst_first(frames["shops"].reindex(columns=SHOP_COLUMNS)),
        causes=frames["causes"].reindex(columns=CAUSE_COLUMNS),
        funnel=frames["funnel"].reindex(columns=FUNNEL_COLUMNS),
        movers=with_movers(frames["movers"].reindex(columns=MOVER_COLUMNS)),
        failures=pd.DataFrame([vars(failure) for failure in failures], columns=FAILURE_COLUMNS),
        first={shop["first"]["shop"]: _first_of(shop["first"]) for shop in kept},
    )


def open_portfolio(
    data: str | Path, week: str = LATEST, shops: str = "", period_days: int = DEFAULT_PERIOD, language: str = "en"
) -> Portfolio:
    """The portfolio of the shops in the folder `data` (or of the ids `shops`) at the end of `week`.

    Raises SettingsError for wrong settings; a shop that cannot be read is listed.
    """
    opened_shops = open_shops(data, shops)
    as_of = opened_shops.week(week).sunday
    kept = opened_shops.kept(
        portfolio_name(as_of, period_days, language),
        as_of,
        lambda study: keep_shop(study, language, as_of),
        period_days,
        covered=True,
    )
    found = (shop if isinstance(shop, Failure) else shop[1] for shop in kept)
    return _together(found, as_of, period_days)


def worst_first(shops: pd.DataFrame) -> pd.DataFrame:
    """Shops by verdict, then by how far the deciding rate lies beyond its limit, then by name."""
    if shops.empty:
        return shops
    closeness = (shops["rate"].astype("float64") / shops["limit"].astype("float64")).fillna(-1.0)
    order = shops.assign(
        _verdict=shops["verdict"].map(VERDICTS.index), _close=-closeness, _name=shops["name"].str.lower()
    )
    ordered = order.sort_values(["_verdict", "_close", "_name"], kind="stable")
    return ordered[shops.columns].reset_index(drop=True)


def with_movers(changes: pd.DataFrame, most_false: float = MOST_FALSE) -> pd.DataFrame:
    """The changes with `p_adjusted` and `mover`.

    Of many shops some move by chance every week. A mover's interval leaves out 0, and Fisher's exact
    test still finds it when the false-discovery rate over all shops and rates is held at `most_false`.
    """
    if changes.empty:
        return changes.assign(mover=pd.Series(dtype="bool"))
    tested = with_p(changes)
    return tested.assign(mover=tested["moved"].isin(("up", "down")) & (tested["p_adjusted"] <= most_false))


def causes_together(causes: pd.DataFrame) -> pd.DataFrame:
    """Root causes over all shops, most items first.

    Columns: root_cause, items, share, shops (with any item lost to it), out (shops in which it stands
    out), names (of those, the most items first). No amounts: shops have different currencies.
    """
    rows = []
    total = causes["items"].sum()
    for cause, mine in causes.groupby("root_cause"):
        out = mine[mine["stands_out"].astype(bool)].sort_values("items", ascending=False)
        rows.append(
            {
                "root_cause": cause,
                "items": int(mine["items"].sum()),
                "share": mine["items"].sum() / total if total else np.nan,
                "shops": int((mine["items"] > 0).sum()),
                "out": len(out),
                "names": "; ".join(out["name"]),
            }
        )
    frame = pd.DataFrame(rows, columns=["root_cause", "items", "share", "shops", "out", "names"])
    return frame.sort_values(["items", "root_cause"], ascending=[False, True]).reset_index(drop=True)


def amounts_by_currency(causes: pd.DataFrame) -> pd.DataFrame:
    """What each root cause cost in goods, a row a currency and cause: currency, root_cause, items, amount, shops."""
    grouped = causes[causes["items"] > 0].groupby(["currency", "root_cause"])
    frame = valued(grouped.agg(items=("items", "sum"), **AMOUNT, shops=("shop", "nunique"))).reset_index()
    ordered: pd.DataFrame = frame.sort_values(["currency", "amount"], ascending=[True, False]).reset_index(drop=True)
    return ordered


def panels(funnel: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Shops under the same limit with that limit's control lines, the most shops first: (points, lines) each."""
    found = []
    for _, points in funnel[funnel["denominator"] > 0].groupby(PANEL, sort=False):
        sizes = points["denominator"].astype("float64")
        lines = control_lines(float(points["limit"].iloc[0]), sizes.max() * ROOM, max(sizes.min() / ROOM, 2))
        found.append((points.reset_index(drop=True), lines))
    return sorted(found, key=lambda panel: -len(panel[0]))


def keep_shop(study: Study, language: str, as_of: date) -> KeptShop:
    """The rows of one shop, cut at the end of `as_of`, or of its own last week where its files end before."""
    shop, judgement = study.shop, study.judgement
    who = {"shop": shop.id, "name": shop.name}
    place = {**who, "market": shop.market, "category": shop.category or ""}
    deciding = judgement.deciding
    row: dict[str, object] = {
        **place,
        "currency": shop.currency,
        "language": shop.language,
        "verdict": judgement.verdict,
        "reason": judgement.reason,
        "headline": headline(study, language),
        "orders": int(study.period_orders["first_line"].sum()),
        "synthetic": shop.synthetic,
        "week": str(study.week),
        "files_end": covered_until(study.intake.orders) if study.as_of < as_of else None,
    }
    if deciding is not None:
        limit = deciding.limit
        row |= {name: getattr(deciding, name) for name in ("numerator", "denominator", "rate", "low", "high")}
        row |= {name: getattr(limit, name) for name in ("metric", "window_days", "comparison", "confidence")}
        row |= {"limit": limit.value, "standing": deciding.standing, "signal": deciding.signal}
        # Over a limit by what is known alone, it is over however few cancellations are named.
        row["nameless"] = deciding.nameless and deciding.standing != "over"
    movers = changed(study.facts, study.as_of).assign(**who)
    movers = movers[~movers["metric"].isin(study.untellable_rates)]
    if study.as_of < as_of:
        # Its last week is not the others'.
        movers = movers.iloc[:0]
    frames = (
        pd.DataFrame([row]).reindex(columns=SHOP_COLUMNS),
        _causes(study).assign(**who).reindex(columns=CAUSE_COLUMNS),
        _funnel(study, place),
        movers.reindex(columns=MOVER_COLUMNS),
    )
    plain: KeptShop = {name: to_plain(frame) for name, frame in zip(_PARTS, frames, strict=True)}
    return {**plain, "first": _first_thing(study, language)}


def keep_of_report(study: Study, language: str) -> None:
    """Keep the rows of a shop whose report has just been made: the portfolio of that week need not open it again."""
    name = portfolio_name(study.as_of, study.period_days, language)
    keep(study.shop, name, keep_shop(study, language, study.as_of))


def _first_thing(study: Study, language: str) -> dict[str, Any]:
    """`FirstThing` of a shop as plain values."""
    tile = keep_tile(deciding_tile(study, speaker(study, language)))
    card = next(iter(cards(study, language).cards), None)
    said = {} if card is None else {"action": card.action, "where": card.where, "by": card.by}
    return {"shop": study.shop.id, "tile": tile, **said}


def _first_of(kept: Mapping[str, Any]) -> FirstThing:
    said = {name: str(value) for name, value in kept.items() if name not in ("shop", "tile")}
    return FirstThing(tile_of(kept["tile"]), **said)


def _causes(study: Study) -> pd.DataFrame:
    items = study.period_items[["stage", "currency", "root_cause", "units", "amount"]]
    items = items[(items["stage"] != "unpaid") & (items["currency"] == study.shop.currency)]
    groups = Groups.of(items["root_cause"])
    units, out = groups.sum(items["units"]), {found.root_cause for found in study.standouts}
    return pd.DataFrame(
        {
            "root_cause": groups.values(),
            "items": units,
            "amount": amounts_of(groups, items["amount"]),
            "share": units / units.sum() if units.sum() else np.nan,
            "currency": study.shop.currency,
            "stands_out": [cause in out for cause in groups.values()],
        }
    )


def _funnel(study: Study, place: dict[str, str]) -> pd.DataFrame:
    limit = funnel_limit(study.judgement)
    if limit is None or limit.value is None:
        return pd.DataFrame(columns=FUNNEL_COLUMNS)
    found = rate_figures(
        study.daily_sums, limit.metric, limit.window_days, [study.as_of], basis=limit.date_basis, shop=study.shop,
        denominator=limit.denominator,
    )  # fmt: skip
    count, total = float(found["numerator"][0]), float(found["denominator"][0])
    low, high = wilson(min(count, total), total)
    row = {
        **place,
        "metric": limit.metric,
        "window_days": limit.window_days,
        "comparison": limit.comparison,
        "limit": limit.value,
        "confidence": limit.confidence,
        "numerator": count,
        "denominator": total,
        "rate": count / total if total else np.nan,
        "low": low,
        "high": high,
        "outside": outside(count, total, limit.value),
    }
    return pd.DataFrame([row], columns=FUNNEL_COLUMNS)
