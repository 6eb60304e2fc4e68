"""The queue of requests: who asked to cancel or return, what waits for an answer, and until when.

Four views part the requests: *all* = to proceed + completed + closed (and `unknown`, when a file has a
status that no catalog knows). Closed means rejected or withdrawn. Cancellations that needed no answer
stand apart: the buyer's free ones (within the first hour of the order, or until it is under way, as the market
has it), and those that took effect at once.

Exports hold no cancellation requests; without saved API cancellations the queue has return requests only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cancel_analysis.catalog.policies import Deadline, deadline
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import SettingsError
from cancel_analysis.inference import wilson
from cancel_analysis.order_management.request_rows import cancellation_requests, return_requests
from cancel_analysis.rates.groups import Groups, array_of, texts

VIEWS = ("all", "to_proceed", "completed", "closed", "unknown")
KINDS = ("request", "free", "at_once")
OUTCOMES = ("accepted", "timed_out", "not_told", "rejected", "withdrawn")
# A status that was changed this soon after a missed deadline was changed by the deadline.
TOLERANCE_HOURS = 2.0


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

    @cached_property
    def waiting(self) -> pd.DataFrame:
        """Cancellation requests that wait for the seller, the next to run out first."""
        mine = self.requests[(self.requests["kind"] == "request") & (self.requests["view"] == "to_proceed")]
        return mine.sort_values(["deadline_at", "created_at", "request_id"]).reset_index(drop=True)

    @cached_property
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
    asked = cancellation_requests(requests, orders, shop, now, tolerance_hours)
    back = return_requests(returns, now)
    asked = asked[((asked["created_at"] >= since) | (asked["view"] == "to_proceed")).to_numpy(dtype=bool)]
    back = back[((back["requested_at"] >= since) | (back["view"] == "to_proceed")).to_numpy(dtype=bool)]
    asked, back = asked.reset_index(drop=True), back.reset_index(drop=True)
    kind = array_of(asked["kind"])
    answerable = np.flatnonzero(kind == "request")
    disputed = back["arbitration"].dropna()
    return RequestQueue(
        now=now,
        days=days,
        has_requests=requests is not None,
        has_returns=returns is not None,
        requests=asked,
        returns=back,
        views=pd.concat(
            [
                _views("cancellation", asked, answerable, shop.currency),
                _views("return", back, np.arange(len(back)), shop.currency),
            ],
            ignore_index=True,
        ),
        outcomes=_outcomes(array_of(asked["outcome"])[answerable]),
        answers=_answers(asked["answer_hours"].iloc[answerable].dropna()),
        apart=_apart(array_of(asked["initiator"]), kind),
        arbitration=disputed.value_counts().rename_axis("state").rename("requests").reset_index(),
        rule=deadline(shop.market, "request_auto_accept", as_of),
    )


def _views(kind: str, frame: pd.DataFrame, rows: NDArray[np.int64], currency: str) -> pd.DataFrame:
    """The four views of the `rows`, and `unknown` where a status is not known; money of the shop's own currency."""
    view = array_of(frame["view"])[rows]
    money = np.where(array_of(frame["currency"])[rows] == currency, frame["refund_amount"].to_numpy()[rows], 0.0)
    units = frame["units"].to_numpy(dtype=np.float64, na_value=np.nan)[rows]
    # Each once among all, and once in its own view.
    twice = np.concatenate([np.arange(len(rows)), np.flatnonzero(np.isin(view, VIEWS))])
    groups = Groups.of(np.concatenate([np.full(len(rows), "all", dtype=object), view[twice[len(rows) :]]]))
    sums = np.column_stack([units, money])[twice]
    known, summed = groups.sums((~np.isnan(sums)).astype(np.float64)), groups.sums(sums)
    names = np.concatenate([np.full(len(rows), "all", dtype=object), view])[groups.first]
    found = dict(zip(names.tolist(), range(len(groups)), strict=True))
    shown = [name for name in VIEWS if name != "unknown" or name in found]
    place = np.array([found.get(name, -1) for name in shown])
    # Nothing asked for is nothing; something whose units no file says is not known.
    summed = np.vstack([np.where(known > 0, summed, np.nan), np.zeros(2)])[place]
    return pd.DataFrame(
        {
            "kind": kind,
            "view": texts(shown),
            "requests": np.append(groups.size(), 0)[place],
            "units": pd.array(summed[:, 0], dtype="Int64"),
            "refund_amount": summed[:, 1],
        }
    )


def _outcomes(outcomes: NDArray[Any]) -> pd.DataFrame:
    counts = np.array([np.count_nonzero(outcomes == name) for name in OUTCOMES])
    total = int(counts.sum())
    share = counts / total if total else np.full(len(counts), np.nan)
    low, high = wilson(counts, total)
    return pd.DataFrame({"outcome": texts(OUTCOMES), "requests": counts, "share": share, "low": low, "high": high})


def _answers(hours: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {"requests": [len(hours)], "median_hours": [hours.median()], "p90_hours": [hours.quantile(0.9)]}
    )


def _apart(initiator: NDArray[Any], kind: NDArray[Any]) -> pd.DataFrame:
    """How many cancellations needed no answer, by kind and whose they were."""
    others = kind != "request"
    kind, initiator = kind[others], initiator[others]
    groups = Groups.of(kind, initiator)
    named = {"kind": texts(kind[groups.first]), "initiator": texts(initiator[groups.first])}
    return pd.DataFrame({**named, "requests": groups.size()})
