"""Whether the files can tell a rate at all: who cancelled, what arrived, on which day, of what value."""

from __future__ import annotations

from cancel_analysis.catalog.rates import MEASURES, Rate
from cancel_analysis.rates.breakdown import LEAST_VALUED
from cancel_analysis.rates.sums import Cube, DailySums, WindowSums

# Days on which something happened that a cancellation's own time tells.
CANCEL_DAYS = ("cancelled_date", "last_cancel_date", "refund_date", "failed_date", "in_transit_date")
# A rate must rest on this share of the orders that belong below its line.
LEAST_SEEN = 0.5
# Why a rate cannot be told.
REASONS_UNTOLD = ("arrival", "undated", "value")
CLUSTERS = {"paid": "orders_paid", "dispatched": "orders_dispatched", "delivered": "orders_delivered"}


def unnamed(cube: Cube | DailySums) -> bool:
    """Whether the files name less than `LEAST_SEEN` of those who cancelled; no where nothing was cancelled.

    Of orders cancelled whole and of those of which a part was: a file that names nobody for parts names nobody. Counts
    of what the buyer or the seller cancelled (`NEED_INITIATORS`) are then what is known at least.
    """
    sums = DailySums.of(cube)
    gone, nameless = (
        sum(int(sums(name).sum()) for name in names if name in sums)
        for names in (
            ("orders_cancelled", "orders_partly_cancelled"),
            ("cancelled_by_unknown", "partly_cancelled_by_unknown"),
        )
    )
    return nameless > (1 - LEAST_SEEN) * gone


def why_untold(daily_sums: DailySums, rate: Rate, divided_by: str, sums: WindowSums, basis: str) -> list[str]:
    """For each window why the files cannot tell the rate, or ''.

    `arrival`: that orders arrived, or were sent, is known of less than `LEAST_SEEN` of those that should
    have, or of hardly any but the lost ones. `undated`: it is known, and not on which day (by event date: of what was
    cancelled without a time, for which the order's own day stands in). `value`: of less
    than `LEAST_VALUED` of the orders the value is in the files.
    """

    def doubt(name: str) -> int:
        # A cube made elsewhere holds measures only.
        return int(daily_sums(name).sum()) if name in daily_sums else 0

    part = divided_by.rsplit("_", 1)[-1]
    reasons = [""] * len(sums.ends)
    if part in CLUSTERS and rate.unit == "money":
        for name in (rate.numerator.rsplit("_", 1)[-1], part):
            blank, valued = doubt(f"blank_{name}"), doubt(f"valued_{name}")
            if blank and valued < LEAST_VALUED * (blank + valued):
                return ["value"] * len(reasons)
    of_loss = {"dispatched": "dispatched_by_loss", "delivered": "delivered_by_loss", "ended": "ended_by_loss"}
    if part in of_loss:
        whole = {"ended": "deliveries_ended"}.get(part, f"orders_{part}")
        counted, alone = daily_sums(whole).sum(), doubt(of_loss[part])
        due, unknown = doubt("should_have_arrived"), doubt("arrival_unknown")
        lonely = alone > (1 - LEAST_SEEN) * counted
        if lonely or (part != "dispatched" and unknown > (1 - LEAST_SEEN) * due):
            return ["arrival"] * len(reasons)
    lost = MEASURES[rate.numerator]
    of_cancelling = lost.event in CANCEL_DAYS or lost.stage in ("cancellation", "refund")
    if basis == "event" and of_cancelling and doubt("cancel_undated") > (1 - LEAST_SEEN) * doubt("lost_by_cancelling"):
        return ["undated"] * len(reasons)
    event = MEASURES[divided_by].event
    if basis == "event" and event not in ("", "created_date"):
        # What became of orders placed in a window and has a day has it in the window, or later.
        placed = WindowSums(daily_sums, "created", sums.window, sums.ends)(divided_by)
        return ["undated" if a < LEAST_SEEN * b else "" for a, b in zip(sums(divided_by), placed, strict=True)]
    return reasons
