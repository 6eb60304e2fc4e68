"""One shop's tables cut at the end of one day: what every part of a report is made from.

Nothing later than that day is seen: an order placed later is out, a cancellation or return that
came later has not happened yet. A report of last month reads the same whenever it is made again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import pandas as pd

from cancel_analysis.attribution import Attribution, attribute
from cancel_analysis.benchmarks import Judgement, judge
from cancel_analysis.breakdown import days_covered, within
from cancel_analysis.cancel_requests import RequestDesk, request_desk
from cancel_analysis.concentration import Standout, standouts
from cancel_analysis.costs import Costs, count_costs
from cancel_analysis.errors import SettingsError
from cancel_analysis.fixes import Fixes, fixes
from cancel_analysis.loaders import Intake, ShopIntake, load_shop
from cancel_analysis.rate_definitions import RATES
from cancel_analysis.rates import daily, order_facts, rates_at
from cancel_analysis.shops import Shop, folder_shop, read_shops
from cancel_analysis.still_to_come import ToCome, cancellations_to_come, returns_to_come
from cancel_analysis.weeks import LATEST, Week, last_whole_week, parse_week, week_of

DEFAULT_PERIOD = 30
# A year covers every comparison that a season asks for; more is a slip of the pen.
MOST_DAYS = 366
READINGS = ("numerator_least", "rate_least", "numerator_other", "rate_other")
EVENTS = ("paid_at", "rts_at", "shipped_at", "delivered_at", "cancelled_at")


@dataclass(frozen=True)
class Study:
    """One shop up to the end of `as_of`, with the breakdown's period of `period_days` days.

    `orders` (ORDER_LINES) and `attribution.items` (AFFECTED_ITEMS) hold all days there are up to
    `as_of`; `period_orders` and `period_items` the period's, by order date, of `category` and of
    `product` (its title or an id) where they are set. Limits and rates are always the whole shop's.
    """

    shop: Shop
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
    peers: tuple[Shop, ...] = ()

    @property
    def first_day(self) -> date:
        return self.as_of - timedelta(days=self.period_days - 1)

    @property
    def days_covered(self) -> int:
        """How many of the period's days the shop's files speak of: those since its first order."""
        return days_covered(self.orders["created_at"], self.as_of, self.period_days)

    @property
    def items(self) -> pd.DataFrame:
        return self.attribution.items

    @cached_property
    def requests(self) -> pd.DataFrame | None:
        """CANCEL_REQUESTS as they stood at the end of `as_of`; None where no file speaks of them."""
        intake = self.intake.requests
        return None if intake is None else cut_requests(intake.table, self.as_of)

    @cached_property
    def request_desk(self) -> RequestDesk:
        """What waits for an answer at the end of `as_of`, and until when."""
        return request_desk(self.requests, self.returns, self.orders, self.shop, self.as_of, self.period_days)

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
        return order_facts(self.orders, self.items, self.shop, self.as_of)

    @cached_property
    def cube(self) -> pd.DataFrame:
        return daily(self.facts, self.items, self.as_of)

    @property
    def knows_returns(self) -> bool:
        """Whether any file tells of returns: without one, "no return" would be a claim, not a figure."""
        return self.returns is not None or bool((self.items["stage"] == "return_refund").any())

    @property
    def knows_return_reasons(self) -> bool:
        """Whether any file tells why items were returned: an order export marks them, without reasons."""
        of_returns = self.items.loc[self.items["stage"] == "return_refund", "reason"]
        return self.returns is not None or bool((of_returns != "unknown").any())

    @property
    def silent_rates(self) -> list[str]:
        """The rates that no file can tell: of returns, or of their reasons only."""
        of_returns = [rate for rate in RATES.values() if "returned" in rate.numerator]
        if not self.knows_returns:
            return [rate.name for rate in of_returns]
        return [] if self.knows_return_reasons else [rate.name for rate in of_returns if rate.numerator_other]

    @cached_property
    def rates(self) -> pd.DataFrame:
        """`rates.rates_at` at the end of `as_of`; `silent_rates` are empty."""
        frame = rates_at(self.cube, self.as_of, self.shop)
        if not self.silent_rates:
            return frame
        silent = frame["name"].isin(self.silent_rates)
        figures = ["numerator", "rate", "low", "high", *READINGS]
        frame[figures] = frame[figures].astype("float64").mask(silent)
        return frame

    @cached_property
    def judgement(self) -> Judgement:
        return judge(self.cube, self.shop, self.as_of, self.facts)

    @cached_property
    def returns_to_come(self) -> ToCome:
        return returns_to_come(self.facts, self.orders, self.returns, self.shop, self.as_of)

    @cached_property
    def cancellations_to_come(self) -> ToCome:
        return cancellations_to_come(self.facts, self.orders, self.as_of)

    @cached_property
    def standouts(self) -> tuple[Standout, ...]:
        return standouts(self.items, self.orders, self.as_of, self.period_days)

    @cached_property
    def costs(self) -> Costs:
        """What the period's lost items cost, in the shop's currency."""
        return self._costs(self.period_items)

    @cached_property
    def fixes(self) -> Fixes:
        """What a fix of each root cause is worth; always the whole shop's, as the verdict is."""
        return fixes(
            self.items,
            self.facts,
            self.cube,
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
            items,
            self.orders,
            self.returns,
            shop=self.shop,
            as_of=self.as_of,
            period_days=self.period_days,
            over_limit=over,
        )


def find_shop(data: str | Path, shop: str = "", market: str = "") -> Shop:
    """The shop called `shop` in the folder `data`; its only shop when `shop` is empty.

    With `market`, a folder without a settings file is one shop. SettingsError lists the shops.
    """
    if market:
        return folder_shop(data, market)
    shops = read_shops(data)
    if not shop and len(shops) == 1:
        return shops[0]
    for candidate in shops:
        if shop in (candidate.id, candidate.slug):
            return candidate
    raise SettingsError(f"no shop {shop!r} in {data}; there are {', '.join(one.id for one in shops)}")


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
    if isinstance(period_days, bool) or not isinstance(period_days, int) or not 1 <= period_days <= MOST_DAYS:
        raise SettingsError(f"period_days must be a whole number of days from 1 to {MOST_DAYS}, not {period_days!r}")
    wanted = None if as_of or week == LATEST else parse_week(week)
    day = _day(as_of) if as_of else None
    found = find_shop(data, shop, market)
    opened = study(found, load_shop(found), wanted, day, period_days, category, product)
    return opened if market else replace(opened, peers=tuple(read_shops(data)))


def study(
    shop: Shop,
    intake: ShopIntake,
    week: Week | None = None,
    as_of: date | None = None,
    period_days: int = DEFAULT_PERIOD,
    category: str = "",
    product: str = "",
) -> Study:
    """A study of tables that are loaded already; without `week` and `as_of`, of the last whole week."""
    covered = covered_until(intake.orders)
    if as_of is None:
        week = week or last_whole_week(covered)
        as_of = week.sunday
    else:
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
    attribution = attribute(orders, returns, shop)
    return Study(shop, week, as_of, period_days, orders, returns, attribution, intake, category, product)


def only(frame: pd.DataFrame, category: str = "", product: str = "") -> pd.DataFrame:
    """The rows of one category and of one product, named by its title, its SKU, or its id; '' means all."""
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


def check_covered(shop: Shop, intake: ShopIntake, as_of: date) -> None:
    """Raise SettingsError when the shop's files end before `as_of`: a day not exported looks like a quiet one."""
    covered = covered_until(intake.orders)
    if as_of > covered:
        raise SettingsError(
            f"the files of shop {shop.id!r} end on {covered}, so nothing can be said of {as_of}; "
            f"the last whole week that they cover is {last_whole_week(covered)}"
        )


def covered_until(orders: Intake) -> date:
    """The last day that the order files speak of: when the newest was written, else its newest event."""
    newest = pd.to_datetime(orders.account.files["newest"]).max()
    if pd.isna(newest):
        newest = orders.table["created_at"].max()
    if pd.isna(newest):
        raise SettingsError("the order files hold no usable order, so no week can be chosen")
    day: date = newest.date()
    # A file written in the middle of a day does not cover that day.
    return day - timedelta(days=1) if orders.table["created_at"].max().date() < day else day


def cut_rows(frame: pd.DataFrame, column: str, as_of: date) -> pd.DataFrame:
    """The rows whose `column` is not after the end of `as_of`, by the frame's own clock."""
    end = pd.Timestamp(as_of + timedelta(days=1))
    known: pd.DataFrame = frame[frame[column].dt.tz_localize(None) < end]
    return known


def cut_orders(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The order lines as they were at the end of `as_of`: later events undone, statuses with them."""
    end = pd.Timestamp(as_of + timedelta(days=1))
    known = cut_rows(orders, "created_at", as_of).copy()
    undone = {column: known[column].notna() & (known[column].dt.tz_localize(None) >= end) for column in EVENTS}
    for column, late in undone.items():
        known[column] = known[column].mask(late)
    late = undone["cancelled_at"]
    if late.any():
        known.loc[late, ["cancelled_by", "cancel_reason_code", "cancel_reason_text", "after_sale"]] = None
        known.loc[late, "quantity_affected"] = 0
    changed = pd.concat(undone, axis=1).any(axis=1)
    status = pd.Series("to_ship", index=known.index)
    status = status.mask(known["paid_at"].isna() & ~known["is_cod"], "unpaid")
    status = status.mask(known["shipped_at"].notna(), "shipped").mask(known["cancelled_at"].notna(), "cancelled")
    known["status"] = known["status"].mask(changed, status).astype("str")
    known["substatus"] = known["substatus"].mask(changed).astype("str")
    return known


def cut_returns(returns: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The requests asked for by the end of `as_of`; one refunded later was still running then."""
    end = pd.Timestamp(as_of + timedelta(days=1))
    known = cut_rows(returns, "requested_at", as_of).copy()
    later = known["refunded_at"].notna() & (known["refunded_at"].dt.tz_localize(None) >= end)
    known["status"] = known["status"].mask(later & (known["status"] == "completed"), "in_process")
    known["refunded_at"] = known["refunded_at"].mask(later)
    return known


def cut_requests(requests: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The requests made by the end of `as_of`; one whose status changed later was still open then."""
    end = pd.Timestamp(as_of + timedelta(days=1))
    known = cut_rows(requests, "created_at", as_of).copy()
    later = known["updated_at"].notna() & (known["updated_at"].dt.tz_localize(None) >= end)
    known["status"] = known["status"].mask(later & known["needs_answer"], "pending")
    known["updated_at"] = known["updated_at"].mask(later)
    return known


def without_later_returns(orders: pd.DataFrame, every: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The order lines without the mark of a return that was asked for only after the cut."""
    keys = ["order_id", "sku_id"]
    later = every.loc[~every.index.isin(known.index), keys].drop_duplicates()
    later = later.merge(known[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    later = later.loc[later["_merge"] == "left_only", keys].assign(later=True)
    if later.empty:
        return orders
    marked = orders[keys].merge(later, on=keys, how="left")["later"].notna().to_numpy()
    marked = marked & (orders["after_sale"] == "return_refund").to_numpy()
    result = orders.copy()
    result.loc[marked, "after_sale"] = None
    result.loc[marked, "quantity_affected"] = 0
    return result


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"as_of must be a day such as 2026-11-15, not {text!r}") from error
