"""The morning brief: what happened yesterday in every shop, and what cannot wait until tomorrow.

Yesterday is the shop's own day. The platform's figures turn over at 04:00 UTC; a shop that compares
the brief with its dashboard finds the last whole day of that clock beside its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from cancel_analysis.benchmarks.alerts import CHANGES, alert_lines, crossed
from cancel_analysis.benchmarks.judgement import Standing, orders_counted
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.catalog.words import BASE
from cancel_analysis.diagnosis.fixes import cause_of_orders
from cancel_analysis.exhibits.kinds import Tile
from cancel_analysis.order_management.requests import RequestQueue, review_requests
from cancel_analysis.pages.brief_days import DAY_COLUMNS, days_of
from cancel_analysis.pages.brief_figures import FIGURE_COLUMNS, RATES, REASON_COLUMNS, figures, top_reasons
from cancel_analysis.pages.shop_rows import keep_tile, tile_of
from cancel_analysis.rates.cube import daily
from cancel_analysis.rates.order_facts import cancellations_undated, describe_orders
from cancel_analysis.sections.tiles import deciding_tile
from cancel_analysis.sections.voice import speaker
from cancel_analysis.store.plain_frames import to_frame, to_plain
from cancel_analysis.study.cut import covered_until
from cancel_analysis.study.kept import brief_name
from cancel_analysis.study.many_shops import FAILURE_COLUMNS, Failure, failure_of, open_shops
from cancel_analysis.study.one_shop import Study
from cancel_analysis.weeks import LATEST

# What is kept of a shop: its frames as plain values, and two words beside them.
KeptBrief = dict[str, Any]
_FRAMES = ("figures", "reasons", "lines", "requests", "days")
REQUEST_COLUMNS = ["kind", "today", "overdue", "waiting", "first"]
LATE_DISPATCH = ("late_dispatch_rate", "late_dispatch")


@dataclass(frozen=True)
class Leading:
    """The root cause of at least half of the orders that the deciding limit counts: how many of how many, in days."""

    root_cause: str
    count: int
    total: int
    days: int


@dataclass(frozen=True)
class ShopBrief:
    """One shop's yesterday.

    `figures` (`FIGURE_COLUMNS`): a row a clock (`shop`, `platform`) and rate: cancelled on that day, of
    any order date, per order placed (or paid) on it, with its exact Poisson interval; usual is the rate
    of the 28 days before. `reasons` (`REASON_COLUMNS`): the top three of yesterday's cancellations.
    `lines` as `alerts.crossed`. `requests` (`REQUEST_COLUMNS`): running out today, and when the first does (ISO 8601,
    the shop's time); empty without files. `days` as `brief_days.days_of`. `verdict` is that of a report of this day,
    `tile` the rate that decides it, and `leading` what most of it is, where the shop is not well.
    `covered` is the last day that the files speak of; before `day`, nothing is known of yesterday.
    """

    shop: ShopSettings
    day: date
    covered: date
    figures: pd.DataFrame
    reasons: pd.DataFrame
    lines: pd.DataFrame
    requests: pd.DataFrame
    days: pd.DataFrame
    verdict: str = "cannot_tell"
    tile: Tile | None = None
    leading: Leading | None = None
    # Whether the files say who cancelled; without it the first rate is of what anybody cancelled.
    names_initiators: bool = True
    # Whether they say when; without it nothing is known of what was cancelled yesterday.
    dates_cancellations: bool = True

    @property
    def known(self) -> bool:
        """Whether the files speak of yesterday at all."""
        return self.covered >= self.day

    @property
    def known_whole(self) -> bool:
        """Whether they tell what was cancelled yesterday, too."""
        return self.known and self.dates_cancellations

    def figure(self, metric: str, clock: str = "shop") -> pd.Series:
        rows = self.figures[(self.figures["metric"] == metric) & (self.figures["clock"] == clock)]
        row: pd.Series = rows.iloc[0]
        return row

    def changes(self, change: str) -> pd.DataFrame:
        rows: pd.DataFrame = self.lines[self.lines["change"] == change]
        return rows

    @property
    def is_quiet(self) -> bool:
        """Whether its yesterday asks for nothing: known whole, over no limit, no line crossed or left, nothing due."""
        return self.known_whole and self.names_initiators and not self.needs and not len(self.changes("back_under"))

    @property
    def needs(self) -> bool:
        """Whether something is to be done today: a line is crossed, a limit is passed, or a request runs out."""
        return self.known and bool(self.lines_over or self.verdict == "breach" or self.run_out_today)

    @property
    def lines_over(self) -> int:
        """How many alert lines are crossed, since yesterday or for longer."""
        return len(self.changes("crossed")) + len(self.changes("still_over"))

    @property
    def is_over_unwatched(self) -> bool:
        """Whether it is over a limit while none of its alert lines says so: lines of its own may watch other rates."""
        over = self.lines[self.lines["change"].isin(("crossed", "still_over"))]
        return self.verdict == "breach" and not over["origin"].eq("limit").any()

    @property
    def run_out_today(self) -> int:
        return int(self.requests["today"].sum())

    @property
    def urgency(self) -> tuple[int, ...]:
        """Sorts the shops: those that crossed a line, then what runs out, what is over, the unknown, the watched."""
        counts = {change: len(self.changes(change)) for change in CHANGES}
        rate = self.figure(RATES[0])["rate"] if len(self.figures) else 0.0
        permille = 0 if pd.isna(rate) else round(1000 * float(rate))
        over = max(counts["still_over"], int(self.verdict == "breach"))
        watched = int(self.verdict == "watch")
        return (-counts["crossed"], -self.run_out_today, -over, int(self.known), -watched, -permille)


@dataclass(frozen=True)
class Brief:
    """All shops' yesterday, the most urgent first; `failures` (`many_shops.FAILURE_COLUMNS`) could not be read."""

    day: date
    shops: tuple[ShopBrief, ...]
    failures: pd.DataFrame

    @property
    def verdict(self) -> str:
        """The page's one word: over a line or limit, something to look at, nothing, or that most are not known.

        Where no shop can be judged, nothing is called well.
        """
        known = [entry for entry in self.shops if entry.known]
        if any(entry.lines_over or entry.verdict == "breach" for entry in known):
            return "breach"
        whole = [entry for entry in known if entry.known_whole]
        if 2 * len(whole) < len(self.shops) or all(entry.verdict == "cannot_tell" for entry in whole):
            return "cannot_tell"
        looked_at = any(entry.run_out_today or entry.verdict == "watch" for entry in known)
        return "watch" if len(self.failures) or looked_at else "ok"


def brief_of(shops: Iterable[Study | Failure], day: date, language: str = BASE) -> Brief:
    """The brief of `day`; each study is cut at the end of that day. One that fails is listed with its cause."""
    found = (loaded if isinstance(loaded, Failure) else (loaded.shop, loaded) for loaded in shops)
    return _together(found, day, language)


def open_brief(data: str | Path, day: str = LATEST, shops: str = "", language: str = BASE) -> Brief:
    """The brief of the shops in the folder `data` (or of the ids `shops`) for `day`, YYYY-MM-DD or latest.

    Raises SettingsError for wrong settings; a shop that cannot be read is listed.
    """
    opened_shops = open_shops(data, shops)
    chosen = opened_shops.day(day)
    kept = opened_shops.kept(brief_name(chosen, language), chosen, lambda study: keep_shop(study, chosen, language))
    return _together(kept, chosen, language)


def _together(shops: Iterable[tuple[ShopSettings, Study | KeptBrief] | Failure], day: date, language: str) -> Brief:
    briefs, failures = [], []
    for loaded in shops:
        if isinstance(loaded, Failure):
            failures.append(loaded)
            continue
        shop, found = loaded
        try:
            briefs.append(shop_brief(found, day, language) if isinstance(found, Study) else _of_kept(shop, day, found))
        except Exception as error:  # whatever it is, the other shops are told
            failures.append(failure_of(shop, error))
    frame = pd.DataFrame([vars(failure) for failure in failures], columns=FAILURE_COLUMNS)
    return Brief(day, tuple(sorted(briefs, key=lambda entry: (entry.urgency, entry.shop.name.casefold()))), frame)


def keep_shop(study: Study, day: date, language: str = BASE) -> KeptBrief:
    """One shop's brief of `day` as plain values."""
    brief = shop_brief(study, day, language)
    frames = {name: to_plain(getattr(brief, name)) for name in _FRAMES}
    return {
        **frames,
        "covered": brief.covered.isoformat(),
        "names_initiators": brief.names_initiators,
        "dates_cancellations": brief.dates_cancellations,
        "verdict": brief.verdict,
        "tile": keep_tile(brief.tile),
        "leading": None if brief.leading is None else asdict(brief.leading),
    }


def _of_kept(shop: ShopSettings, day: date, found: KeptBrief) -> ShopBrief:
    leading = found["leading"]
    return ShopBrief(
        shop=shop,
        day=day,
        covered=date.fromisoformat(found["covered"]),
        names_initiators=found["names_initiators"],
        dates_cancellations=found["dates_cancellations"],
        verdict=found["verdict"],
        tile=tile_of(found["tile"]),
        leading=None if leading is None else Leading(**leading),
        **{name: to_frame(found[name]) for name in _FRAMES},
    )


def shop_brief(study: Study, day: date, language: str = BASE) -> ShopBrief:
    """One shop's brief of `day`, from a study that is cut at its end; `language` is that of its tile."""
    covered = covered_until(study.intake.orders)
    if covered < day:
        return ShopBrief(
            shop=study.shop,
            day=day,
            covered=covered,
            figures=pd.DataFrame(columns=FIGURE_COLUMNS),
            reasons=pd.DataFrame(columns=REASON_COLUMNS),
            lines=crossed(study.cube, (), day),
            requests=_no_requests(),
            days=pd.DataFrame(columns=DAY_COLUMNS),
        )
    earlier = day - timedelta(days=1)
    # What was known a day earlier: the same tables, cut one day before.
    facts = describe_orders(study.orders, study.items, study.shop, earlier, study.tracking)
    before = daily(facts, study.items, earlier)
    lines = crossed(study.cube, alert_lines(study.shop, day), day, before=before, shop=study.shop)
    judgement, deciding = study.judgement, study.judgement.deciding
    unwell = judgement.verdict in ("breach", "watch")
    return ShopBrief(
        shop=study.shop,
        day=day,
        covered=covered,
        figures=figures(study, day),
        reasons=top_reasons(study.facts, study.items, day),
        lines=lines,
        requests=running_out(study, day),
        days=days_of(study, day),
        verdict=judgement.verdict,
        tile=deciding_tile(study, speaker(study, language)),
        leading=leading_cause(study, deciding) if unwell and deciding is not None else None,
        names_initiators=study.names_initiators,
        dates_cancellations=not cancellations_undated(study.facts),
    )


def leading_cause(study: Study, deciding: Standing) -> Leading | None:
    """What at least half of the orders were lost to that a limit counts in its window; None where nothing is.

    An order belongs to the cause of its last loss, as in what a fix is worth.
    """
    limit = deciding.limit
    total = int(deciding.numerator)
    if limit.metric == LATE_DISPATCH[0]:
        # A late order need not be lost to anything: its cause is what the rate says.
        return Leading(LATE_DISPATCH[1], total, total, limit.window_days)
    orders = orders_counted(study.facts, limit, study.as_of)["order_id"]
    counts = cause_of_orders(study.items).reindex(orders).value_counts()
    if counts.empty or 2 * counts.iloc[0] < len(orders):
        return None
    return Leading(str(counts.index[0]), int(counts.iloc[0]), len(orders), limit.window_days)


def running_out(study: Study, day: date) -> pd.DataFrame:
    """Requests that wait for the seller, by kind: running out on the day after `day`, overdue, all waiting, and when
    the first of that day runs out ('' where none does).

    Empty where the shop has no file that says so.
    """
    asked = study.intake.requests
    returns = None if study.intake.returns is None else study.intake.returns.table
    queue = review_requests(None if asked is None else asked.table, returns, study.orders, study.shop, day)
    rows = []
    for kind, there, frame in _waiting(queue):
        if there:
            today = frame["deadline_at"].between(queue.now, queue.now + pd.DateOffset(days=1), inclusive="left")
            overdue = frame["deadline_at"] < queue.now
            first = frame.loc[today, "deadline_at"].min()
            rows.append(
                (kind, int(today.sum()), int(overdue.sum()), len(frame), "" if pd.isna(first) else first.isoformat())
            )
    return pd.DataFrame(rows, columns=REQUEST_COLUMNS) if rows else _no_requests()


def _waiting(queue: RequestQueue) -> Iterable[tuple[str, bool, pd.DataFrame]]:
    returns = queue.waiting_returns
    mine = returns[returns["waits_for"].isin(("seller", "unknown"))]
    yield "cancellation", queue.has_requests, queue.waiting
    # Return exports tell no deadline; only files with one can say what runs out.
    yield "return", queue.has_returns and bool(mine["deadline_at"].notna().any()), mine


def _no_requests() -> pd.DataFrame:
    return pd.DataFrame(columns=REQUEST_COLUMNS).astype({"today": "int64", "overdue": "int64", "waiting": "int64"})
