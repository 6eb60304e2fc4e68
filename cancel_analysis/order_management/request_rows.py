"""One row a request to cancel or return, as it stood at a moment: its view, its deadline and what became of it."""

from __future__ import annotations

import re
from datetime import tzinfo
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.catalog.policies import Deadline, deadline
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.rates.groups import Groups, Values, array_of, codes_of, local, missing, pair_rows, texts

SOON_HOURS = 24.0
FILE = "file"
_VIEW = {
    "pending": "to_proceed", "in_process": "to_proceed", "accepted": "completed", "completed": "completed",
    "rejected": "closed", "withdrawn": "closed", "unknown": "unknown",
}  # fmt: skip
# Of several rows of one return request the one furthest on tells its status.
_FURTHEST = ("unknown", "pending", "withdrawn", "rejected", "in_process", "completed")
_ACCEPTED = ("accepted", "completed")
_PARTY = re.compile("seller|buyer|platform|arbitrat")
_NEVER = np.datetime64("NaT", "us")
_OF_REQUESTS = (
    "request_id", "order_id", "status", "initiator", "currency", "reason_code", "reason_text", "product_name",
    "created_at", "updated_at", "deadline_at", "next_action", "needs_answer",
)  # fmt: skip
_OF_RETURNS = (
    "return_id", "order_id", "status", "return_type", "currency", "reason_text", "product_name", "next_action",
    "arbitration",
)  # fmt: skip
REQUEST_COLUMNS = [
    "request_id", "order_id", "kind", "view", "status", "initiator", "units", "refund_amount", "currency",
    "reason_code", "reason_text", "product_name", "rows", "created_at", "updated_at", "order_created_at", "deadline_at",
    "deadline_latest", "deadline_source", "deadline_confidence", "hours_left", "due", "outcome", "answered_at",
    "answer_hours", "next_action",
]  # fmt: skip
RETURN_COLUMNS = [
    "return_id", "order_id", "view", "status", "return_type", "units", "refund_amount", "currency", "reason_text",
    "product_name", "rows", "requested_at", "updated_at", "deadline_at", "hours_left", "due", "waits_for",
    "next_action", "arbitration",
]  # fmt: skip


def cancellation_requests(
    requests: pd.DataFrame | None, orders: pd.DataFrame, shop: ShopSettings, now: pd.Timestamp, tolerance: float
) -> pd.DataFrame:
    """One row a cancellation request, as it stood at `now`."""
    if requests is None or requests.empty:
        return _nothing(REQUEST_COLUMNS, now)
    moment, zone = _instant(now), requests["created_at"].dt.tz
    asked = array_of(requests["created_at"]) < moment
    rows, sums = _collapsed(requests, asked, requests["request_id"], requests["first_line"], "units")
    told = {name: array_of(requests[name])[rows] for name in _OF_REQUESTS}
    created, needs_answer = told["created_at"], told["needs_answer"]
    later = told["updated_at"] >= moment
    status = np.where(later & needs_answer, "pending", told["status"])
    updated = np.where(later, _NEVER, told["updated_at"])
    placed, shipped, cancelled = _order_times(told["order_id"], created, orders, moment)
    view = _view_of(status)
    kind = _kind(told, status, placed, shipped, zone, shop)
    answerable = kind == "request"
    early, late, source, confidence = _deadlines(created, told["deadline_at"], zone, shop.market)
    early, late = np.where(answerable, early, _NEVER), np.where(answerable, late, _NEVER)
    hours_left, due = _time_left(early, moment, (view == "to_proceed") & answerable)
    outcome, answered = _answered(status, answerable, created, cancelled, updated, (early, late), tolerance)
    made = {
        **sums,
        "kind": texts(kind),
        "view": texts(view),
        "status": texts(status),
        "created_at": local(created, zone),
        "updated_at": local(updated, zone),
        "order_created_at": local(placed, zone),
        "deadline_at": local(early, zone),
        "deadline_latest": local(late, zone),
        "deadline_source": texts(np.where(answerable, source, np.nan)),
        "deadline_confidence": texts(np.where(answerable, confidence, np.nan)),
        "hours_left": hours_left,
        "due": due,
        "outcome": texts(outcome),
        "answered_at": local(answered, zone),
        "answer_hours": _hours(answered - created),
    }
    return pd.DataFrame({name: made[name] if name in made else texts(told[name]) for name in REQUEST_COLUMNS})


def _collapsed(
    frame: pd.DataFrame, kept: NDArray[np.bool_], key: Values, rank: Values, units: str
) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """The row of each request with the highest `rank`, and how many rows it has, with their units and money.

    Rows that are not `kept` are not looked at.
    """
    kept_rows = np.flatnonzero(kept)
    request = Groups.of(array_of(key)[kept_rows], unsorted=True)
    # Of equal rows the first: it is written last.
    order = np.lexsort((-kept_rows, array_of(rank)[kept_rows]))
    head = np.empty(len(request), dtype=np.int64)
    head[request.number[order]] = kept_rows[order]
    by_row = np.argsort(head)
    money = frame["refund_amount"].to_numpy()[kept_rows]
    number = frame[units].to_numpy(dtype=np.float64, na_value=np.nan)[kept_rows]
    known = np.column_stack([~np.isnan(number), ~np.isnan(money)]).astype(np.float64)
    summed = request.sums(np.column_stack([number, money, known]))[by_row]
    # A sum over nothing known is not known.
    sums = np.where(summed[:, 2:] > 0, summed[:, :2], np.nan)
    columns = {"units": pd.array(sums[:, 0], dtype="Int64"), "refund_amount": sums[:, 1]}
    return head[by_row], {"rows": request.size()[by_row], **columns}


def _order_times(
    order_ids: NDArray[Any], created: NDArray[Any], orders: pd.DataFrame, now: np.datetime64
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """When each request's order was placed, first sent, and first cancelled after the asking and before `now`."""
    number, _ = codes_of(np.concatenate([array_of(orders["order_id"]), order_ids]))
    of_line, own = number[: len(orders)], number[len(orders) :]
    times = []
    for name in ("created_at", "shipped_at"):
        first = np.full(number.max(initial=-1) + 1, _NEVER)
        np.fmin.at(first, of_line, array_of(orders[name]))
        times.append(first[own])
    cancelled_at = array_of(orders["cancelled_at"])
    gone = np.flatnonzero(cancelled_at < now)
    request, line = pair_rows(own, of_line[gone])
    at = cancelled_at[gone[line]]
    after = at >= created[request]
    cancelled = np.full(len(order_ids), _NEVER)
    np.fmin.at(cancelled, request[after], at[after])
    return times[0], times[1], cancelled


def _view_of(status: NDArray[Any]) -> NDArray[Any]:
    return np.array([_VIEW.get(told, "unknown") for told in status.tolist()], dtype=object)


def _kind(
    told: dict[str, NDArray[Any]],
    status: NDArray[Any],
    placed: NDArray[Any],
    shipped: NDArray[Any],
    zone: tzinfo,
    shop: ShopSettings,
) -> NDArray[Any]:
    """`request`: waits for an answer or was decided; `free`: while the buyer may cancel freely; `at_once`: the rest."""
    created = told["created_at"]
    rules = _by_day(created, zone, shop.market, "buyer_free_cancel")
    hours = np.array([rule.value if rule and rule.unit == "hours" else np.nan for rule in rules])
    since = _hours(created - placed)
    early = (since >= 0) & (since <= hours)
    # Free until the order is under way; the time of shipment stands for that.
    until_sent = np.array([rule is not None and rule.unit == "event" for rule in rules], dtype=bool)
    early |= until_sent & ~(shipped <= created)
    took_effect = np.isin(status, _ACCEPTED)
    free = (told["initiator"] == "buyer") & early & (~told["needs_answer"] | took_effect)
    return np.where(free, "free", np.where(told["needs_answer"], "request", "at_once"))


def _by_day(times: NDArray[Any], zone: tzinfo, market: str, rule: str) -> list[Deadline | None]:
    """The catalog's deadline in force on the day of each time; None where it has none."""
    days = local(times, zone).date.tolist()
    found = {day: deadline(market, rule, day) for day in dict.fromkeys(days)}
    return [found[day] for day in days]


def _deadlines(
    created: NDArray[Any], own: NDArray[Any], zone: tzinfo, market: str
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Until when each request must be answered, read early and late, who says so, and how sure that is.

    `own` are the platform's deadlines, NaT where a file has none.
    """
    rules = _by_day(created, zone, market, "request_auto_accept")
    value = np.array([rule.value if rule else np.nan for rule in rules], dtype=np.float64)
    in_hours = np.array([rule is not None and rule.unit == "hours" for rule in rules], dtype=bool)
    early = created + _timedelta(np.where(in_hours, value, value * 24))
    whole_days = np.where(in_hours | np.isnan(value), 0, np.nan_to_num(value)).astype(np.int64) + 1
    # Midnights of the shop's own zone; a day of 23 or 25 hours is a day.
    wall = local(created, zone).tz_localize(None).normalize() + pd.to_timedelta(whole_days, unit="D")
    midnight = wall.tz_localize(zone, ambiguous=np.zeros(len(wall), dtype=bool), nonexistent="shift_forward")
    late = np.where(in_hours, early, midnight.tz_convert("UTC").tz_localize(None).as_unit("us").to_numpy())
    told = ~np.isnat(own)
    source, confidence = (
        np.where(told, FILE, np.array([getattr(rule, name) if rule else None for rule in rules], dtype=object))
        for name in ("source", "confidence")
    )
    unknown = np.isnan(value)
    early, late = (np.where(told, own, np.where(unknown, _NEVER, read)) for read in (early, late))
    return early, late, source, confidence


def _time_left(
    deadlines: NDArray[Any], now: np.datetime64, waits: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], Any]:
    """The hours until each deadline, and whether it is `overdue`, `soon`, `later` or `unknown`; of those that wait."""
    left = _hours(deadlines - now)
    due = np.select(
        [~waits, np.isnan(left), left <= 0, left <= SOON_HOURS], ["", "unknown", "overdue", "soon"], "later"
    )
    return np.where(waits, left, np.nan), texts(due)


def _answered(
    status: NDArray[Any],
    answerable: NDArray[np.bool_],
    created: NDArray[Any],
    cancelled: NDArray[Any],
    updated: NDArray[Any],
    deadlines: tuple[NDArray[Any], NDArray[Any]],
    tolerance: float,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """How each request ended (NaN: not yet, or it needed no answer), and when it was answered, as far as it tells."""
    accepted = np.isin(status, _ACCEPTED)
    # The order's own time of cancellation is the answer; the request's last change may be the refund after it.
    fits = accepted & ~np.isnat(cancelled) & (np.isnat(updated) | (cancelled <= updated))
    changed = np.where(fits, cancelled, updated)
    changed = np.where(changed >= created, changed, _NEVER)
    slack = _timedelta(np.array(tolerance))
    at_deadline = np.zeros(len(status), dtype=bool)
    for until in deadlines:
        at_deadline |= (changed >= until) & (changed <= until + slack)
    refused = np.isin(status, ("rejected", "withdrawn"))
    outcome = np.where(refused, status, np.nan)
    outcome[accepted] = "not_told"
    outcome[accepted & (changed < deadlines[1])] = "accepted"
    outcome[accepted & at_deadline] = "timed_out"
    outcome[~answerable] = np.nan
    answered = (outcome == "accepted") | (outcome == "rejected")
    return outcome, np.where(answered, changed, _NEVER)


def return_requests(returns: pd.DataFrame | None, now: pd.Timestamp) -> pd.DataFrame:
    """One row a return request, as it stood at `now`."""
    if returns is None or returns.empty:
        return _nothing(RETURN_COLUMNS, now)
    moment = _instant(now)
    # Older exports may have no number of the request: then each SKU of an order is one.
    number = array_of(returns["return_id"])
    unnumbered = missing(number) | (number == "")
    pairs = zip(returns["order_id"].tolist(), returns["sku_id"].tolist(), strict=True)
    apart = np.array([f"{order} {sku}" for order, sku in pairs], dtype=object)
    place = {name: place for place, name in enumerate(_FURTHEST)}
    furthest = np.array([place.get(status, 0) for status in returns["status"].tolist()])
    asked = array_of(returns["requested_at"]) < moment
    rows, sums = _collapsed(returns, asked, np.where(unnumbered, apart, number), furthest, "quantity")
    told = {name: array_of(returns[name])[rows] for name in _OF_RETURNS}
    running = (array_of(returns["refunded_at"])[rows] >= moment) & (told["status"] == "completed")
    told["status"] = np.where(running, "in_process", told["status"])
    view = _view_of(told["status"])
    waits = view == "to_proceed"
    told["next_action"] = np.where(waits, told["next_action"], np.nan)
    hours_left, due = _time_left(array_of(returns["deadline_at"])[rows], moment, waits)
    turns = [
        _waits_for(status, action) if open_ else ""
        for status, action, open_ in zip(told["status"], told["next_action"], waits, strict=True)
    ]
    times = {name: returns[name].array.take(rows) for name in ("requested_at", "updated_at", "deadline_at")}
    made = {**sums, **times, "view": texts(view), "hours_left": hours_left, "due": due, "waits_for": texts(turns)}
    return pd.DataFrame({name: made[name] if name in made else texts(told[name]) for name in RETURN_COLUMNS})


def _waits_for(status: str, action: str | float) -> str:
    """Whose turn it is: as the awaited action says, else the seller's while nothing was answered."""
    named = action.lower() if isinstance(action, str) else ""
    # The first party that the name holds acts: SELLER_RESPOND…, BUYER_SHIP…
    found = _PARTY.search(named)
    if found:
        return found[0].replace("arbitrat", "platform")
    return "seller" if status == "pending" and not named else "unknown"


def _instant(now: pd.Timestamp) -> np.datetime64:
    return now.tz_convert("UTC").tz_localize(None).to_datetime64()


def _hours(times: NDArray[Any]) -> NDArray[np.float64]:
    """Durations in hours; NaN where one is not known."""
    seconds = times.astype("timedelta64[us]").astype(np.float64) / 1e6
    return np.where(np.isnat(times), np.nan, seconds / 3600)


def _timedelta(hours: NDArray[np.float64]) -> NDArray[Any]:
    micros = np.where(np.isnan(hours), 0, np.round(hours * 3_600_000_000))
    return np.where(np.isnan(hours), np.timedelta64("NaT", "us"), micros.astype("timedelta64[us]"))


def _nothing(columns: list[str], now: pd.Timestamp) -> pd.DataFrame:
    never, no_texts = pd.DatetimeIndex([], tz=now.tz).as_unit("us"), texts([])
    kinds: dict[str, Any] = dict.fromkeys(("refund_amount", "hours_left", "answer_hours"), np.zeros(0))
    kinds |= {"units": pd.array([], dtype="Int64"), "rows": np.zeros(0, dtype=np.int64), "deadline_latest": never}
    return pd.DataFrame(
        {name: kinds.get(name, never if name.endswith("_at") else no_texts) for name in columns}, index=range(0)
    )
