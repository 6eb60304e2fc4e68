"""Tables cut at the end of a day: nothing that came later is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import SettingsError
from cancel_analysis.loaders import Intake, ShopIntake
from cancel_analysis.rates.groups import Groups
from cancel_analysis.rates.holes import find_holes
from cancel_analysis.rates.moments import instants, midnight, zone_of
from cancel_analysis.weeks import Covered, last_whole_week

# Over so many days before the last order a shop's longest pause between two days with orders is looked for.
SILENCE_DAYS = 56
EVENTS = ("paid_at", "rts_at", "shipped_at", "delivered_at", "cancelled_at")


def check_covered(shop: ShopSettings, intake: ShopIntake, as_of: date) -> None:
    """Raise SettingsError when the shop's files end before `as_of`: a day not exported looks like a quiet one."""
    days = covered(intake.orders)
    for first, last in find_holes(intake.orders.table["created_at"]):
        if first <= as_of <= last:
            raise SettingsError(
                f"no file of shop {shop.id!r} covers {first} to {last}, so nothing can be said of {as_of}; "
                f"ask for a day before or after, or add the files of that time"
            )
    if as_of > days.last:
        week = last_whole_week(days.last)
        remedy = (
            f"the last whole week that they cover is {week}"
            if week.sunday >= days.first
            else f"they cover no whole week; ask for the day {days.last}"
        )
        raise SettingsError(
            f"the files of shop {shop.id!r} end on {days.last}, so nothing can be said of {as_of}; {remedy}"
        )


def covered_until(orders: Intake) -> date:
    """The last day on which the order files would show an order that was placed.

    It is the day before the newest file was written (or before its newest event), and no later than the
    shop's longest silence lately after its last order: what was delivered later says nothing of orders.
    """
    newest = pd.to_datetime(orders.account.files["newest"]).max()
    if orders.table["created_at"].isna().all():
        raise SettingsError("the order files hold no usable order, so no week can be chosen")
    day: date = (orders.table["created_at"].max() if pd.isna(newest) else newest).date()
    placed = orders.table["created_at"].dropna().dt.tz_localize(None).dt.normalize().drop_duplicates().sort_values()
    last: date = placed.iloc[-1].date()
    # A file written in the middle of a day does not cover that day.
    day = day - timedelta(days=1) if last < day else day
    lately = placed[placed > placed.iloc[-1] - pd.Timedelta(days=SILENCE_DAYS)]
    silence = lately.diff().dt.days.max()
    return day if pd.isna(silence) else min(day, last + timedelta(days=int(silence) - 1))


def covered(orders: Intake) -> Covered:
    """The days of which the order files say anything, from the first order to `covered_until`."""
    last = covered_until(orders)
    return Covered(min(orders.table["created_at"].min().date(), last), last)


def placed_only(intake: ShopIntake) -> ShopIntake:
    """The intake of a study that is cut at no other day: of its order lines only when they were placed.

    Most of a large shop's lines stand in the cut table again.
    """
    return replace(intake, orders=replace(intake.orders, table=intake.orders.table[["created_at"]].copy()))


def cut_rows(frame: pd.DataFrame, column: str, as_of: date) -> pd.DataFrame:
    """The rows whose `column` is not after the end of `as_of`, by the frame's own clock."""
    late = _after(frame[column], as_of)
    known: pd.DataFrame = frame[~late] if late.any() else frame.copy(deep=False)
    return known


def _after(times: pd.Series, as_of: date) -> np.ndarray:
    """Which of `times` are after the end of `as_of`, or not known."""
    return np.asarray(~(instants(times) < midnight(as_of + timedelta(days=1), zone_of(times))))


def _later(times: pd.Series, as_of: date) -> np.ndarray:
    """Which of `times` are known and after the end of `as_of`."""
    return _after(times, as_of) & times.notna().to_numpy()


def cut_orders(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The order lines as they were at the end of `as_of`: later events undone, statuses with them."""
    known = cut_rows(orders, "created_at", as_of)
    undone = {column: late for column in EVENTS if (late := _later(known[column], as_of)).any()}
    if not undone:
        return known
    for column, late in undone.items():
        known[column] = known[column].mask(late)
    if "cancelled_at" in undone:
        late = undone["cancelled_at"]
        known.loc[late, ["cancelled_by", "cancel_reason_code", "cancel_reason_text", "after_sale"]] = None
        known.loc[late, "quantity_affected"] = 0
    changed = np.logical_or.reduce(list(undone.values()))
    status = pd.Series("to_ship", index=known.index)
    status = status.mask(known["paid_at"].isna() & ~known["is_cod"], "unpaid")
    status = status.mask(known["shipped_at"].notna(), "shipped").mask(known["cancelled_at"].notna(), "cancelled")
    known["status"] = known["status"].mask(changed, status).astype("str")
    known["substatus"] = known["substatus"].mask(changed).astype("str")
    return known


def cut_returns(returns: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The requests asked for by the end of `as_of`; one refunded later was still running then."""
    known = cut_rows(returns, "requested_at", as_of)
    later = _later(known["refunded_at"], as_of)
    if later.any():
        known["status"] = known["status"].mask(later & (known["status"] == "completed"), "in_process")
        known["refunded_at"] = known["refunded_at"].mask(later)
    return known


def cut_requests(requests: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The requests made by the end of `as_of`; one whose status changed later was still open then."""
    known = cut_rows(requests, "created_at", as_of)
    later = _later(known["updated_at"], as_of)
    if later.any():
        known["status"] = known["status"].mask(later & known["needs_answer"], "pending")
        known["updated_at"] = known["updated_at"].mask(later)
    return known


def without_later_returns(orders: pd.DataFrame, every: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The order lines without the mark of a return that was asked for only after the cut."""
    later = every[["order_id", "sku_id"]][~every.index.isin(known.index)]
    if later.empty:
        return orders
    tables = (orders, later, known)
    keys = Groups.of(*(pd.concat([table[name] for table in tables], ignore_index=True) for name in later))
    of_line, of_later, of_known = np.split(keys.number, np.cumsum([len(table) for table in tables])[:-1])
    asked = np.zeros(len(keys), dtype=bool)
    asked[of_later] = True
    asked[of_known] = False
    marked = asked[of_line] & (orders["after_sale"] == "return_refund").to_numpy()
    if not marked.any():
        return orders
    result = orders.copy()
    result.loc[marked, "after_sale"] = None
    result.loc[marked, "quantity_affected"] = 0
    return result
