"""One shop's tables cut at the end of one day: what every part of a report is made from.

Nothing later than that day is seen: an order placed later is out, a cancellation or return that
came later has not happened yet. A report of last month reads the same whenever it is made again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from cancel_analysis.attribution.attribute import Attribution, attribute
from cancel_analysis.benchmarks.cohort_members import LEAST_OTHERS, Cohorts
from cancel_analysis.benchmarks.cohorts import (
    Cohort,
    cohort,
    compared_rates,
    no_cohort,
    own_past,
    rates_frame,
)
from cancel_analysis.benchmarks.funnel import funnel_limit, over_weeks
from cancel_analysis.benchmarks.judgement import Judgement, Standing, judge, worst
from cancel_analysis.benchmarks.platforms import under_others
from cancel_analysis.benchmarks.products import product_standing, products_at_risk, taken_down
from cancel_analysis.benchmarks.scores import PlatformStanding, platform_standing
from cancel_analysis.catalog.calendars import special_days
from cancel_analysis.catalog.datasets import is_dataset, stored_shops
from cancel_analysis.catalog.done_actions import read_done
from cancel_analysis.catalog.policies import Limit
from cancel_analysis.catalog.rates import NEED_INITIATORS, RATES
from cancel_analysis.catalog.shops import ShopList, ShopSettings, folder_shop, read_shop_list
from cancel_analysis.dataset.load import load_shop
from cancel_analysis.diagnosis.actions import advised
from cancel_analysis.diagnosis.changes import Change, explain_change
from cancel_analysis.diagnosis.costs import Costs, count_costs
from cancel_analysis.diagnosis.fixes import Fixes, value_fixes
from cancel_analysis.diagnosis.order_caps import OrderCap, order_caps
from cancel_analysis.diagnosis.outcomes import outcomes
from cancel_analysis.diagnosis.standouts import Standout, find_standouts
from cancel_analysis.diagnosis.stock_reasons import ReasonAgainstStock, reason_against_stock
from cancel_analysis.diagnosis.triage import Triage, diagnose
from cancel_analysis.errors import CancelAnalysisError, SettingsError
from cancel_analysis.loaders import ShopIntake
from cancel_analysis.order_management.appeals import METRIC, Appeals, find_appeals
from cancel_analysis.order_management.orders import OrderCounts, review_orders
from cancel_analysis.order_management.requests import RequestQueue, review_requests
from cancel_analysis.order_management.single_items import cancellation_scopes
from cancel_analysis.order_management.whole_orders import Missed, missed_item_cancellations
from cancel_analysis.rates.after_sale import AfterSaleRates, after_sale_rates
from cancel_analysis.rates.breakdown import days_covered, within
from cancel_analysis.rates.cube import daily, rates_at, untold_rates
from cancel_analysis.rates.groups import are_among
from cancel_analysis.rates.holes import Hole, find_holes
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.rates.over_time import METRICS, OverTime, rates_over_time
from cancel_analysis.rates.still_to_come import ToCome, cancellations_to_come, returns_to_come
from cancel_analysis.rates.sums import DailySums
from cancel_analysis.rates.untold import unnamed
from cancel_analysis.steps import timed
from cancel_analysis.study import peers as peer_notes
from cancel_analysis.study.cut import (
    check_covered,
    covered,
    cut_orders,
    cut_requests,
    cut_returns,
    cut_rows,
    without_later_returns,
)
from cancel_analysis.weeks import DEFAULT_PERIOD as DEFAULT_PERIOD
from cancel_analysis.weeks import LATEST, Covered, Week, parse_week, week_of
from cancel_analysis.weeks import MOST_DAYS as MOST_DAYS

READINGS = ("numerator_least", "rate_least", "numerator_other", "rate_other")


@dataclass(frozen=True)
class Study:
    """One shop up to the end of `as_of`, with the breakdown's period of `period_days` days.

    `orders` (ORDER_LINES) and `attribution.items` (AFFECTED_ITEMS) hold all days there are up to
    `as_of`; `period_orders` and `period_items` the period's, by order date, of `category` and of
    `product` (its title or an id) where they are set. Limits and rates are always the whole shop's.
    """

    shop: ShopSettings
    week: Week
    as_of: date
    period_days: int
    orders: pd.DataFrame
    returns: pd.DataFrame | None
    attribution: Attribution
    intake: ShopIntake
    category: str = ""
    product: str = ""
    # All shops of the data folder, for the cohort; their files are read only when there are enough.
    peers: tuple[ShopSettings, ...] = ()
    # What was made of this study already (`study.once`).
    made: dict[tuple[str, ...], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def first_day(self) -> date:
        return self.as_of - timedelta(days=self.period_days - 1)

    @cached_property
    def days_covered(self) -> int:
        """How many of the period's days the shop's files speak of: those since its first order."""
        return days_covered(self.orders["created_at"], self.as_of, self.period_days)

    @cached_property
    def holes(self) -> tuple[Hole, ...]:
        """The stretches of days up to `as_of` that no order file covers, oldest first."""
        return find_holes(self.orders["created_at"])

    @property
    def whole_since(self) -> pd.Timestamp:
        """The first day since which the files cover every day: nothing is compared across a hole."""
        return pd.Timestamp(self.holes[-1][1] + timedelta(days=1)) if self.holes else pd.Timestamp.min

    @cached_property
    def _whole(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Order lines, affected items and order facts since `whole_since`."""
        if not self.holes:
            return self.orders, self.items, self.facts
        since = self.whole_since
        return (
            self.orders[self.orders["created_at"].dt.tz_localize(None) >= since].reset_index(drop=True),
            self.items[self.items["order_created_at"].dt.tz_localize(None) >= since].reset_index(drop=True),
            self.facts[self.facts["created_date"] >= since].reset_index(drop=True),
        )

    @property
    def items(self) -> pd.DataFrame:
        return self.attribution.items

    @cached_property
    def requests(self) -> pd.DataFrame | None:
        """CANCEL_REQUESTS as they stood at the end of `as_of`; None where no file speaks of them."""
        intake = self.intake.requests
        return None if intake is None else cut_requests(intake.table, self.as_of)

    @cached_property
    def request_queue(self) -> RequestQueue:
        """What waits for an answer at the end of `as_of`, and until when."""
        return review_requests(self.requests, self.returns, self.orders, self.shop, self.as_of, self.period_days)

    @cached_property
    def stock_log(self) -> pd.DataFrame | None:
        """STOCK_LOG up to `as_of`; None without such a file."""
        intake = self.intake.stock_log
        return None if intake is None else cut_rows(intake.table, "at", self.as_of)

    @cached_property
    def stock_snapshots(self) -> pd.DataFrame | None:
        """STOCK_SNAPSHOTS up to `as_of`; None without such a file."""
        intake = self.intake.stock_snapshots
        return None if intake is None else cut_rows(intake.table, "at", self.as_of)

    @cached_property
    def tracking(self) -> pd.DataFrame | None:
        """TRACKING_EVENTS up to `as_of`; None without such a file."""
        intake = self.intake.tracking
        return None if intake is None else cut_rows(intake.table, "at", self.as_of)

    @cached_property
    def period_orders(self) -> pd.DataFrame:
        orders = within(self.orders, "created_at", self.as_of, self.period_days)
        return only(orders, self.category, self.product)

    @cached_property
    def period_items(self) -> pd.DataFrame:
        items = within(self.items, "order_created_at", self.as_of, self.period_days)
        return only(items, self.category, self.product)

    @cached_property
    def facts(self) -> pd.DataFrame:
        return describe_orders(self.orders, self.items, self.shop, self.as_of, self.tracking)

    @cached_property
    def cube(self) -> pd.DataFrame:
        return daily(self.facts, self.items, self.as_of)

    @cached_property
    def daily_sums(self) -> DailySums:
        """The cube as arrays, each made once: what rates are made from."""
        return DailySums.of(self.cube)

    @cached_property
    def knows_returns(self) -> bool:
        """Whether any file tells of returns: without one, "no return" would be a claim, not a figure."""
        return self.returns is not None or bool((self.items["stage"] == "return_refund").any())

    @cached_property
    def knows_return_reasons(self) -> bool:
        """Whether any file tells why items were returned: an order export marks them, without reasons."""
        of_returns = self.items.loc[self.items["stage"] == "return_refund", "reason"]
        return self.returns is not None or bool((of_returns != "unknown").any())

    @cached_property
    def names_initiators(self) -> bool:
        """Whether the files say of at least half of the cancelled orders who cancelled; also where none was."""
        return not unnamed(self.daily_sums)

    @property
    def untellable_rates(self) -> list[str]:
        """`silent_rates`, and those of the buyer's and the seller's cancellations where nobody is named."""
        nameless = [] if self.names_initiators else [name for name in NEED_INITIATORS if name not in self.silent_rates]
        return [*self.silent_rates, *nameless]

    @property
    def silent_rates(self) -> list[str]:
        """The rates that no file can tell: of returns, of their reasons, of arrivals or of values."""
        of_returns = [rate for rate in RATES.values() if "returned" in rate.numerator]
        if not self.knows_returns:
            silent = [rate.name for rate in of_returns]
        elif not self.knows_return_reasons:
            silent = [rate.name for rate in of_returns if rate.numerator_other]
        else:
            silent = []
        return [*silent, *(name for name in self.untold if name not in silent)]

    @cached_property
    def untold(self) -> dict[str, str]:
        """The rates by the order's date that the files cannot tell, each with why (`rates.untold.why_untold`)."""
        return untold_rates(self.daily_sums, self.as_of, self.period_days)

    @cached_property
    def rates(self) -> pd.DataFrame:
        """`rates.rates_at` at the end of `as_of`; `silent_rates` are empty."""
        frame = rates_at(self.daily_sums, self.as_of, self.shop)
        silent = frame["metric"].isin(self.silent_rates) | frame["untold"].ne("")
        if not silent.any():
            return frame
        figures = ["numerator", "rate", "low", "high", *READINGS]
        frame[figures] = frame[figures].astype("float64").mask(silent)
        frame["denominator"] = frame["denominator"].astype("float64").mask(frame["untold"].ne(""))
        return frame

    @cached_property
    def judgement(self) -> Judgement:
        return judge(self.daily_sums, self.shop, self.as_of, self.facts)

    @cached_property
    def returns_to_come(self) -> ToCome:
        return returns_to_come(self.facts, self.orders, self.returns, self.shop, self.as_of)

    @cached_property
    def after_sale_rates(self) -> AfterSaleRates:
        """Weeks of deliveries by what was asked back, accepted and completed at a fixed age; no forecasts."""
        return after_sale_rates(self.facts, self.orders, self.returns, self.as_of)

    @cached_property
    def cancellations_to_come(self) -> ToCome:
        return cancellations_to_come(self.facts, self.orders, self.as_of)

    @cached_property
    def standouts(self) -> tuple[Standout, ...]:
        return find_standouts(*self._whole[:2], self.as_of, self.period_days)

    @cached_property
    def ranked_standouts(self) -> tuple[Standout, ...]:
        """`standouts` in the order in which they are told: by what a fix of the cause is worth."""
        return self.fixes.ranked(self.standouts) if len(self.standouts) > 1 else self.standouts

    @cached_property
    def diagnosis(self) -> Triage:
        """The check order of a diagnosis, with whatever operations files the shop has."""
        return diagnose(
            self.orders,
            self.items,
            shop=self.shop,
            as_of=self.as_of,
            period_days=self.period_days,
            stock_log=self.stock_log,
            stock_snapshots=self.stock_snapshots,
            tracking=self.tracking,
            found=self.standouts,
            facts=self.facts,
            only=self.period_items,
        )

    @cached_property
    def reason_against_stock(self) -> ReasonAgainstStock:
        """The period's orders cancelled as out of stock, against the seller's own stock log."""
        return reason_against_stock(self.orders, self.period_items, self.stock_log, self.as_of, self.period_days)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The week against the one before and against the eight before, taken apart."""
        return explain_change(*self._whole[:2], self.as_of)

    @cached_property
    def over_time(self) -> tuple[OverTime, ...]:
        """The rates that are followed day by day: control chart and lasting changes."""
        first = self.as_of - timedelta(days=MOST_DAYS)
        special = special_days(self.shop.market, first, self.as_of)
        return tuple(rates_over_time(self._whole[2], metric, self.as_of, special) for metric in METRICS)

    @cached_property
    def advised_actions(self) -> pd.DataFrame:
        """What is advised, a row an action and place, with the id that it has in every week (`diagnosis.actions`)."""
        needed = not self.standouts and self.judgement.verdict in ("breach", "watch")
        return advised(self.ranked_standouts, self.fixes.certain if needed else "")

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """What came of the actions that the shop's `actions.yaml` calls done; no row without one."""
        path = self.shop.actions_file
        return outcomes(self.orders, self.items, () if path is None else read_done(path), self.as_of)

    @property
    def groups_orders_by(self) -> str:
        """What the period's orders are grouped by: categories, or the products of the category chosen."""
        return "product" if self.category and not self.product else "category"

    @cached_property
    def order_counts(self) -> OrderCounts:
        """The period's orders by status, with the cancellation rate from them."""
        return review_orders(
            self.orders,
            self.as_of,
            self.period_days,
            self.category,
            self.product,
            self.groups_orders_by,
            self.facts.loc[self.facts["came_back"], "order_id"],
        )

    @cached_property
    def cancellation_scopes(self) -> pd.DataFrame:
        """The cancellations of the period's orders, each of a whole order or of single items."""
        return self._scopes[are_among(self._scopes["order_id"], self.period_orders["order_id"])]

    @cached_property
    def _scopes(self) -> pd.DataFrame:
        return cancellation_scopes(self.orders, self.items)

    @cached_property
    def missed_item_cancellations(self) -> Missed:
        """Whole orders of the period cancelled where cancelling single items would have kept the rest."""
        return missed_item_cancellations(
            self.orders,
            self.items,
            self.shop.market,
            stock_log=self.stock_log,
            among=self.period_orders["order_id"],
            scopes=self._scopes,
        )

    @property
    def appealed_standing(self) -> Standing | None:
        """The standing against the limit on seller-fault cancellations that appeals are about; None without one.

        Of several the worst: an enforced one before a target, the one with the highest rate for its limit.
        """
        of_fault = [one for one in self.judgement.standings if one.limit.metric == METRIC and one.gives_verdict]
        return worst([one for one in of_fault if one.limit.date_basis == "created"])

    @cached_property
    def appeals(self) -> Appeals | None:
        """What can be appealed of the limit on seller-fault cancellations; None without such a limit."""
        standing = self.appealed_standing
        if standing is None:
            return None
        return find_appeals(
            self.facts, self.orders, self.items, standing, self.shop, self.as_of,
            requests=self.requests, tracking=self.tracking,
        )  # fmt: skip

    @cached_property
    def own_past(self) -> pd.DataFrame:
        """The rates now against the shop's own eight weeks before (`benchmarks.cohorts.own_past`)."""
        return own_past(self._whole[2], self.as_of)

    @cached_property
    def under_other_rules(self) -> pd.DataFrame:
        """What other platforms' rules would say (`benchmarks.platforms.under_others`)."""
        return under_others(self.facts, self.orders, self.items, self.shop, self.as_of)

    @cached_property
    def compared_rates(self) -> pd.DataFrame:
        """The rates that a cohort compares (`benchmarks.cohorts.compared_rates`)."""
        return compared_rates(self.facts, self.as_of)

    @cached_property
    def cohort(self) -> Cohort:
        """The shop beside others of its market and category; their files are read for it."""
        if not self.shop.category:
            return no_cohort("category")
        others = Cohorts(self.peers).of(self.shop)
        if len(others) < LEAST_OTHERS:
            return no_cohort("few", len(others))
        return cohort(self.compared_rates, [found for other in others for found in _peer(other, self.as_of)])

    @cached_property
    def limit_over_weeks(self) -> tuple[Limit, pd.DataFrame] | None:
        """The limit that the funnel is drawn for, and the shop against it in the weeks before; None without one."""
        limit = funnel_limit(self.judgement)
        if limit is None or limit.value is None:
            return None
        return limit, over_weeks(self.daily_sums, self.shop, limit, self.as_of)

    @cached_property
    def costs(self) -> Costs:
        """What the period's lost items cost, in the shop's currency."""
        return self._costs(self.period_items)

    @cached_property
    def order_caps(self) -> tuple[OrderCap, ...]:
        """What the platform's caps on daily orders would cost this shop; empty where its limits have none."""
        return order_caps(self.judgement.standings, self.orders, self.shop.currency, self.as_of)

    @cached_property
    def products_taken_down(self) -> tuple[Standing, pd.DataFrame] | None:
        """The standing whose limit takes products down, and the products that are over it; None without one."""
        standing = product_standing(self.judgement.standings)
        if standing is None:
            return None
        return standing, taken_down(self.facts, self.orders, self.items, standing.limit, self.as_of)

    @cached_property
    def products_at_risk(self) -> tuple[Standing, pd.DataFrame] | None:
        """The standing whose limit takes products down, and how near each product is to it; None without one."""
        standing = product_standing(self.judgement.standings)
        if standing is None:
            return None
        return standing, products_at_risk(self.facts, self.orders, self.items, standing.limit, self.as_of)

    @cached_property
    def platform_standing(self) -> PlatformStanding:
        """What the platform scores, what is known of it, and the next steps (`benchmarks.scores`)."""
        return platform_standing(
            self.daily_sums, self.facts, self.returns, self.judgement.standings, self.shop, self.as_of,
            untellable=self.untellable_rates,
        )  # fmt: skip

    @cached_property
    def fixes(self) -> Fixes:
        """What a fix of each root cause is worth; always the whole shop's, as the verdict is."""
        return value_fixes(
            self.items,
            self.facts,
            self.daily_sums,
            self._costs(self.items) if self.category or self.product else self.costs,
            self.judgement,
            shop=self.shop,
            as_of=self.as_of,
            period_days=self.period_days,
            standing_out={one.root_cause for one in self.standouts},
        )

    def _costs(self, items: pd.DataFrame) -> Costs:
        frame = self.judgement.frame
        over = bool(len(frame)) and bool((frame["gives_verdict"] & (frame["standing"] == "over")).any())
        return count_costs(
            self.orders,
            items,
            self.returns,
            shop=self.shop,
            as_of=self.as_of,
            period_days=self.period_days,
            over_limit=over,
            returns_known=self.knows_returns,
        )


def _peer(shop: ShopSettings, as_of: date) -> list[pd.DataFrame]:
    """Another shop's `compared_rates`; empty when its files cannot be used, which is its own report's to say."""
    try:
        rates = peer_notes.known_rates(shop, as_of)
        if rates is None:
            rates = peer_rates(shop, as_of)
    except Exception:  # whatever another shop's files do, this shop's report is made
        return []
    return [rates_frame(rates)] if rates else []


def peer_rates(shop: ShopSettings, as_of: date, intake: ShopIntake | None = None) -> peer_notes.Rates:
    """A shop's `compared_rates` as a cohort is handed them, made from its files (or `intake`) and noted.

    Empty when its files cannot be used at that day. Whatever else goes wrong is raised.
    """
    rates: peer_notes.Rates = ()
    # Files that cannot be used stay so until they change.
    with suppress(CancelAnalysisError):
        loaded = load_shop(shop) if intake is None else intake
        frame = study_shop(shop, loaded, as_of=as_of).compared_rates
        rates = tuple((row[0], int(row[1]), int(row[2]), int(row[3])) for row in frame.itertuples(index=False))
    peer_notes.note_rates(shop, as_of, rates)
    return rates


def covered_days(shop: ShopSettings, intake: ShopIntake) -> Covered:
    """The days that the shop's order files cover (`cut.covered`), which are noted."""
    days = covered(intake.orders)
    peer_notes.note_days(shop, days)
    return days


def open_study(
    data: str | Path,
    shop: str = "",
    week: str = LATEST,
    as_of: str = "",
    period_days: int = DEFAULT_PERIOD,
    market: str = "",
    category: str = "",
    product: str = "",
) -> Study:
    """Load a shop's files and cut them at the end of `week` (or of the day `as_of`, YYYY-MM-DD).

    `week` may be "latest": the last whole week that the files cover. Raises SettingsError for a
    setting that cannot be, InputError for a file that cannot be used.
    """
    texts = {"data": str(data), "shop": shop, "week": week, "as_of": as_of, "market": market}
    texts |= {"category": category, "product": product}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise SettingsError(f"{name} must be text, not {value!r}")
    _check_period(period_days)
    # Read once: the shop and the others that it is compared with.
    shops = None if market else _shops(data, shop)
    found = folder_shop(data, market) if shops is None else shops.one(shop)
    # A slip in a setting is told before files are read for it.
    _moment(week, as_of)
    peers = () if shops is None else shops.shops
    return open_study_of(
        found, load_shop(found), week, as_of, period_days, category=category, product=product, peers=peers
    )


def _shops(data: str | Path, shop: str) -> ShopList:
    """The shops of `data`; of a dataset only those that this process was told to need, each from its own file."""
    others = peer_notes.known_others(shop)
    if others is None or not is_dataset(Path(data)):
        return read_shop_list(data)
    return ShopList(stored_shops(Path(data), {shop, *others}))


def open_study_of(
    shop: ShopSettings,
    intake: ShopIntake,
    week: str = LATEST,
    as_of: str = "",
    period_days: int = DEFAULT_PERIOD,
    *,
    category: str = "",
    product: str = "",
    peers: tuple[ShopSettings, ...] = (),
) -> Study:
    """A study of a shop that is loaded already, at the end of a week or day written as text; errors as `open_study`."""
    _check_period(period_days)
    wanted, day = _moment(week, as_of)
    study = study_shop(shop, intake, wanted, day, period_days, category, product)
    if wanted is not None or day is not None:
        # A page over all shops says of a shop that its files end early; whoever asks for one week is told.
        check_covered(shop, intake, study.as_of)
    return replace(study, peers=peers)


def _check_period(period_days: object) -> None:
    if isinstance(period_days, bool) or not isinstance(period_days, int) or not 1 <= period_days <= MOST_DAYS:
        raise SettingsError(f"period_days must be a whole number of days from 1 to {MOST_DAYS}, not {period_days!r}")


def _moment(week: str, as_of: str) -> tuple[Week | None, date | None]:
    """The week or the day that is written, or neither for the latest."""
    return None if as_of or week in ("", LATEST) else parse_week(week), _day(as_of) if as_of else None


def study_shop(
    shop: ShopSettings,
    intake: ShopIntake,
    week: Week | None = None,
    as_of: date | None = None,
    period_days: int = DEFAULT_PERIOD,
    category: str = "",
    product: str = "",
) -> Study:
    """A study of tables that are loaded already; without `week` and `as_of`, up to `Covered.latest`."""
    if as_of is None:
        as_of = covered(intake.orders).latest if week is None else week.sunday
    week = week_of(as_of)
    first = intake.orders.table["created_at"].min()
    if pd.isna(first) or first.date() > as_of:
        since = "no order at all" if pd.isna(first) else f"no order before {first.date()}"
        raise SettingsError(f"shop {shop.id!r} has {since}, so there is nothing to report up to {as_of}")
    orders = cut_orders(intake.orders.table, as_of)
    returns = None if intake.returns is None else cut_returns(intake.returns.table, as_of)
    if returns is not None and intake.returns is not None:
        orders = without_later_returns(orders, intake.returns.table, returns)
    for column, wanted in (("category", category), ("product", product)):
        if wanted and only(orders, **{column: wanted}).empty:
            raise SettingsError(f"shop {shop.id!r} has no order of {column} {wanted!r}{_known(orders, column)}")
    with timed("attribute"):
        attribution = attribute(orders, returns, shop)
    return Study(shop, week, as_of, period_days, orders, returns, attribution, intake, category, product)


def only(frame: pd.DataFrame, category: str = "", product: str = "") -> pd.DataFrame:
    """The rows of one category and of one product, named by its title, its SKU, or its id; '' means all."""
    if not category and not product:
        return frame
    kept = pd.Series(True, index=frame.index)
    if category:
        kept &= frame["category"].fillna("") == category
    if product:
        names = frame[["product_name", "product_id", "sku_id", "seller_sku"]].fillna("")
        kept &= (names == product).any(axis=1)
    chosen: pd.DataFrame = frame[kept]
    return chosen


def _known(orders: pd.DataFrame, column: str) -> str:
    if column != "category":
        return ""
    names = sorted(orders["category"].dropna().unique())[:10]
    return f"; there are {', '.join(names)}" if names else "; its files carry no categories"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"as_of must be a day such as 2026-11-15, not {text!r}") from error
