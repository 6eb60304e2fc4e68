"""The queue of requests: who asked to cancel or return, what waits for an answer, and until when.

Four views part the requests: *all* = to proceed + completed + closed (and `unknown`, when a file has a
status that no catalog knows). Closed means rejected or withdrawn. Cancellations that needed no answer
stand apart: the buyer's free ones within the first hour of the order, and those that took effect at once.

Exports hold no cancellation requests; without saved API cancellations the queue has return requests only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from cancel_analysis.catalog.policies import Deadline, deadline
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import SettingsError
from cancel_analysis.inference import wilson

VIEWS = ("all", "to_proceed", "completed", "closed", "unknown")
KINDS = ("request", "free", "at_once")
OUTCOMES = ("accepted", "timed_out", "not_told", "rejected", "withdrawn")
# A status that was changed this soon after a missed deadline was changed by the deadline.
TOLERANCE_HOURS = 2.0
SOON_HOURS = 24.0
FILE = "file"

_VIEW = {
    "pending": "to_proceed", "in_process": "to_proceed", "accepted": "completed", "completed": "completed",
    "rejected": "closed", "withdrawn": "closed", "unknown": "unknown",
}  # fmt: skip
# Of several rows of one return request the one furthest on tells its status.
_FURTHEST = ("unknown", "pending", "withdrawn", "rejected", "in_process", "completed")
_ACCEPTED = ("accepted", "completed")
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


@dataclass(frozen=True)
class RequestQueue:
    """Requests of the period and all that are still open, as they stood at `now`.

    `requests` and `returns` have one row a request (columns: `REQUEST_COLUMNS`, `RETURN_COLUMNS`).
    `due` is `soon` (runs out within the next 24 hours), `overdue`, `later`, `unknown` (no deadline is
    known), or empty where nothing waits. `views`: kind (cancellation, return), view, requests, units,
    refund_amount in the shop's currency. `outcomes`: outcome, requests, share, low, high, of the
    requests that were decided. `answers`: requests, median_hours, p90_hours. `apart`: kind, initiator,
    requests. `arbitration`: state, requests, of all return requests that went there.
    """

    now: pd.Timestamp
    days: int
    has_requests: bool
    has_returns: bool
    requests: pd.DataFrame
    returns: pd.DataFrame
    views: pd.DataFrame
    outcomes: pd.DataFrame
    answers: pd.DataFrame
    apart: pd.DataFrame
    arbitration: pd.DataFrame
    rule: Deadline | None

    @property
    def waiting(self) -> pd.DataFrame:
        """Cancellation requests that wait for the seller, the next to run out first."""
        mine = self.requests[(self.requests["kind"] == "request") & (self.requests["view"] == "to_proceed")]
        return mine.sort_values(["deadline_at", "created_at", "request_id"]).reset_index(drop=True)

    @property
    def waiting_returns(self) -> pd.DataFrame:
        """Return requests that are not settled, the next to run out first."""
        mine = self.returns[self.returns["view"] == "to_proceed"]
        return mine.sort_values(["deadline_at", "requested_at", "return_id"]).reset_index(drop=True)


def review_requests(
    requests: pd.DataFrame | None,
    returns: pd.DataFrame | None,
    orders: pd.DataFrame,
    shop: ShopSettings,
    as_of: date,
    days: int = 30,
    tolerance_hours: float = TOLERANCE_HOURS,
) -> RequestQueue:
    """The queue at the end of `as_of`, the shop's day.

    `requests` is CANCEL_REQUESTS or None where no file has them, `returns` RETURNS or None, `orders`
    ORDER_LINES. In it are requests asked for in the `days` days up to `as_of`, and older ones that are
    still open. What happened later is undone: a cancellation request decided after `as_of` was still
    waiting then, a return refunded after it was in process. Exports give no time at which a return was
    rejected or withdrawn, so these stand as the file has them.

    Deadline of a cancellation request: the platform's own (`deadline_at`), else the catalog's
    `request_auto_accept` of the market on the day of asking. Days of the calendar can be read two ways:
    `deadline_at` takes the early one (2 days = 48 hours), `deadline_latest` the late one (the end of
    the second day after).

    `timed_out` is an inference: accepted, and the first change that the files know lies at one of the
    two deadlines or up to `tolerance_hours` after it. A first change that came later still, or that
    has no time, tells nothing about who decided (`not_told`). Raises SettingsError for no day at all.
    """
    if days < 1:
        raise SettingsError(f"days must be 1 or more, not {days!r}")
    now = pd.Timestamp(as_of + timedelta(days=1)).tz_localize(shop.timezone)
    since = pd.Timestamp(as_of - timedelta(days=days - 1)).tz_localize(shop.timezone)
    asked = _cancellations(requests, orders, shop, now, tolerance_hours)
    back = _returns(returns, now)
    asked = asked[(asked["created_at"] >= since) | (asked["view"] == "to_proceed")].reset_index(drop=True)
    back = back[(back["requested_at"] >= since) | (back["view"] == "to_proceed")].reset_index(drop=True)
    answerable = asked[asked["kind"] == "request"]
    others = asked[asked["kind"] != "request"]
    disputed = back["arbitration"].dropna()
    return RequestQueue(
        now=now,
        days=days,
        has_requests=requests is not None,
        has_returns=returns is not None,
        requests=asked,
        returns=back,
        views=pd.concat(
            [_views("cancellation", answerable, shop.currency), _views("return", back, shop.currency)],
            ignore_index=True,
        ),
        outcomes=_outcomes(answerable),
        answers=_answers(answerable),
        apart=others.groupby(["kind", "initiator"]).size().rename("requests").reset_index(),
        arbitration=disputed.value_counts().rename_axis("state").rename("requests").reset_index(),
        rule=deadline(shop.market, "request_auto_accept", as_of),
    )


def _cancellations(
    requests: pd.DataFrame | None, orders: pd.DataFrame, shop: ShopSettings, now: pd.Timestamp, tolerance: float
) -> pd.DataFrame:
    """One row a cancellation request, as it stood at `now`."""
    if requests is None or requests.empty:
        return _nothing(REQUEST_COLUMNS, now)
    frame = _collapsed(requests[requests["created_at"] < now], "request_id", "first_line", "units")
    later = frame["updated_at"] >= now
    frame["status"] = frame["status"].mask(later & frame["needs_answer"], "pending")
    frame["updated_at"] = frame["updated_at"].mask(later)
    frame = frame.join(orders.groupby("order_id")["created_at"].min().rename("order_created_at"), on="order_id")
    frame["order_cancelled_at"] = _first_cancelled(frame, orders, now)
    frame["view"] = frame["status"].map(_VIEW).fillna("unknown")
    frame["kind"] = _kind(frame, shop)
    frame = _with_deadlines(frame, shop.market)
    answerable = frame["kind"] == "request"
    for name in ("deadline_at", "deadline_latest", "deadline_source", "deadline_confidence"):
        frame[name] = frame[name].where(answerable)
    frame = _with_time_left(frame, now, (frame["view"] == "to_proceed") & answerable)
    frame = _with_answers(frame, now, tolerance)
    return frame[REQUEST_COLUMNS]


def _collapsed(frame: pd.DataFrame, key: str, first: str, units: str) -> pd.DataFrame:
    """One row a request: what its row with the highest `first` says, units and money summed over all rows."""
    grouped = frame.groupby(key, sort=False)
    sums = grouped.agg(rows=(key, "size"))
    # A sum over nothing known is not known.
    sums["units"] = grouped[units].sum(min_count=1).astype("Int64")
    sums["refund_amount"] = grouped["refund_amount"].sum(min_count=1)
    head = frame.sort_values(first, ascending=False, kind="stable").drop_duplicates(key)
    return head.drop(columns=["refund_amount", units]).join(sums, on=key).sort_index().reset_index(drop=True)


def _first_cancelled(frame: pd.DataFrame, orders: pd.DataFrame, now: pd.Timestamp) -> pd.Series:
    """When a line of the request's order was first cancelled after the asking, and before `now`."""
    lines = orders.loc[orders["cancelled_at"] < now, ["order_id", "cancelled_at"]]
    pairs = frame[["order_id", "created_at"]].reset_index().merge(lines, on="order_id")
    pairs = pairs[pairs["cancelled_at"] >= pairs["created_at"]]
    return pairs.groupby("index")["cancelled_at"].min().reindex(frame.index)


def _kind(frame: pd.DataFrame, shop: ShopSettings) -> pd.Series:
    """`request`: waits for an answer or was decided; `free`: within the buyer's free time; `at_once`: the rest."""
    free_for = _by_day(frame["created_at"], shop.market, "buyer_free_cancel")
    hours = free_for.map(lambda rule: rule.value if rule is not None and rule.unit == "hours" else float("nan"))
    since = frame["created_at"] - frame["order_created_at"]
    early = (since >= pd.Timedelta(0)) & (since <= pd.to_timedelta(hours.astype("float64"), unit="h"))
    took_effect = frame["status"].isin(_ACCEPTED)
    free = (frame["initiator"] == "buyer") & early & (~frame["needs_answer"] | took_effect)
    kind = pd.Series("at_once", index=frame.index).mask(frame["needs_answer"], "request")
    return kind.mask(free, "free")


def _by_day(times: pd.Series, market: str, rule: str) -> pd.Series:
    """The catalog's deadline in force on the day of each time; None where it has none."""
    days = times.dt.date
    found = {day: deadline(market, rule, day) for day in days.unique()}
    return pd.Series([found[day] for day in days], index=times.index, dtype=object)


def _with_deadlines(frame: pd.DataFrame, market: str) -> pd.DataFrame:
    """Until when each request must be answered, who says so, and how sure that is."""
    rules = _by_day(frame["created_at"], market, "request_auto_accept")
    known = rules.notna()
    value = rules.map(lambda rule: rule.value if rule is not None else float("nan")).astype("float64")
    in_hours = rules.map(lambda rule: rule is not None and rule.unit == "hours").astype(bool)
    early = frame["created_at"] + pd.to_timedelta(value.where(in_hours, value * 24), unit="h")
    whole_days = value.where(~in_hours).fillna(0).astype("int64") + 1
    # Midnights of the shop's own zone; a day of 23 or 25 hours is a day.
    wall = frame["created_at"].dt.tz_localize(None).dt.normalize() + pd.to_timedelta(whole_days, unit="D")
    late = wall.dt.tz_localize(frame["created_at"].dt.tz, ambiguous=False, nonexistent="shift_forward")
    late = late.dt.as_unit("us").where(~in_hours, early)
    own = frame["deadline_at"].notna()
    frame["deadline_source"] = rules.map(lambda rule: rule.source if rule is not None else None).mask(own, FILE)
    frame["deadline_confidence"] = rules.map(lambda rule: rule.confidence if rule is not None else None).mask(own, FILE)
    frame["deadline_latest"] = frame["deadline_at"].where(own, late.where(known))
    frame["deadline_at"] = frame["deadline_at"].where(own, early.where(known))
    return frame


def _with_time_left(frame: pd.DataFrame, now: pd.Timestamp, waits: pd.Series) -> pd.DataFrame:
    left = (frame["deadline_at"] - now).dt.total_seconds() / 3600
    frame["hours_left"] = left.where(waits)
    due = pd.Series("later", index=frame.index).mask(left <= SOON_HOURS, "soon").mask(left <= 0, "overdue")
    frame["due"] = due.mask(left.isna(), "unknown").where(waits, "").astype("str")
    return frame


def _with_answers(frame: pd.DataFrame, now: pd.Timestamp, tolerance: float) -> pd.DataFrame:
    """How each request ended and, where that can be told, after how many hours it was answered."""
    accepted = frame["status"].isin(_ACCEPTED)
    # The order's own time of cancellation is the answer; the request's last change may be the refund after it.
    cancelled = frame["order_cancelled_at"]
    fits = accepted & cancelled.notna() & (frame["updated_at"].isna() | (cancelled <= frame["updated_at"]))
    changed = cancelled.where(fits, frame["updated_at"])
    changed = changed.where(changed >= frame["created_at"])
    early, late, slack = frame["deadline_at"], frame["deadline_latest"], pd.Timedelta(hours=tolerance)
    at_deadline = ((changed >= early) & (changed <= early + slack)) | ((changed >= late) & (changed <= late + slack))
    outcome = frame["status"].where(frame["status"].isin(("rejected", "withdrawn")))
    outcome = outcome.mask(accepted, "not_told").mask(accepted & (changed < late), "accepted")
    outcome = outcome.mask(accepted & at_deadline, "timed_out").where(frame["kind"] == "request")
    answered = outcome.isin(("accepted", "rejected"))
    frame["outcome"] = outcome
    frame["answered_at"] = changed.where(answered)
    frame["answer_hours"] = (frame["answered_at"] - frame["created_at"]).dt.total_seconds() / 3600
    return frame


def _returns(returns: pd.DataFrame | None, now: pd.Timestamp) -> pd.DataFrame:
    """One row a return request, as it stood at `now`."""
    if returns is None or returns.empty:
        return _nothing(RETURN_COLUMNS, now)
    known = returns[returns["requested_at"] < now].copy()
    # Older exports may have no number of the request: then each SKU of an order is one.
    number = known["return_id"].where(known["return_id"].fillna("") != "")
    known["key"] = number.fillna(known["order_id"] + " " + known["sku_id"])
    known["furthest"] = known["status"].map({name: place for place, name in enumerate(_FURTHEST)}).fillna(0)
    frame = _collapsed(known, "key", "furthest", "quantity")
    running = (frame["refunded_at"] >= now) & (frame["status"] == "completed")
    frame["status"] = frame["status"].mask(running, "in_process")
    frame["view"] = frame["status"].map(_VIEW).fillna("unknown")
    waits = frame["view"] == "to_proceed"
    frame = _with_time_left(frame, now, waits)
    frame["next_action"] = frame["next_action"].where(waits)
    frame["waits_for"] = _waits_for(frame).where(waits, "").astype("str")
    return frame[RETURN_COLUMNS]


def _waits_for(frame: pd.DataFrame) -> pd.Series:
    """Whose turn it is: as the awaited action says, else the seller's while nothing was answered."""
    named = frame["next_action"].fillna("").str.lower()
    turn = pd.Series("unknown", index=frame.index).mask((frame["status"] == "pending") & (named == ""), "seller")
    # The first party that the name holds acts: SELLER_RESPOND…, BUYER_SHIP…
    party = named.str.extract("(seller|buyer|platform|arbitrat)", expand=False).replace("arbitrat", "platform")
    return turn.mask(party.notna(), party)


def _nothing(columns: list[str], now: pd.Timestamp) -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series([], dtype="str") for name in columns})
    for name in columns:
        if name.endswith("_at") or name == "deadline_latest":
            frame[name] = pd.Series(pd.DatetimeIndex([], tz=now.tz).as_unit("us"))
        elif name in ("units", "rows"):
            frame[name] = frame[name].astype("int64" if name == "rows" else "Int64")
        elif name in ("refund_amount", "hours_left", "answer_hours"):
            frame[name] = frame[name].astype("float64")
    return frame


def _views(kind: str, frame: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The four views, and `unknown` where a status is not known; money of the shop's own currency."""
    own = frame.assign(refund_amount=frame["refund_amount"].where(frame["currency"] == currency, 0.0))
    every = pd.concat([own.assign(view="all"), own[own["view"].isin(VIEWS)]]).groupby("view")
    sums = every[["units", "refund_amount"]].sum(min_count=1).astype({"units": "Int64"})
    counts = every.size().rename("requests")
    result = sums.join(counts).reindex(list(VIEWS)).rename_axis("view").reset_index()
    result["requests"] = result["requests"].fillna(0).astype("int64")
    # Nothing asked for is nothing; something whose units no file says is not known.
    nobody = result["requests"] == 0
    result["units"] = result["units"].mask(nobody, 0)
    result["refund_amount"] = result["refund_amount"].mask(nobody, 0.0)
    result = result[["view", "requests", "units", "refund_amount"]]
    result = result[(result["view"] != "unknown") | (result["requests"] > 0)]
    result.insert(0, "kind", kind)
    return result.reset_index(drop=True)


def _outcomes(answerable: pd.DataFrame) -> pd.DataFrame:
    counts = answerable["outcome"].value_counts().reindex(list(OUTCOMES), fill_value=0)
    frame = counts.rename_axis("outcome").rename("requests").reset_index()
    total = int(frame["requests"].sum())
    frame["share"] = frame["requests"] / total if total else float("nan")
    frame["low"], frame["high"] = wilson(frame["requests"].to_numpy(), total)
    return frame


def _answers(answerable: pd.DataFrame) -> pd.DataFrame:
    hours = answerable["answer_hours"].dropna()
    return pd.DataFrame(
        {"requests": [len(hours)], "median_hours": [hours.median()], "p90_hours": [hours.quantile(0.9)]}
    )
