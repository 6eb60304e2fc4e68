"""What is counted, and the named rates computed from it: each measure and each rate defined once.

A measure is a sum over orders with a date; a rate is one measure over another. The daily cube, the
rolling windows, the limits and the tables in ``docs/methods.md`` are all derived from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cancel_analysis.errors import SettingsError

if TYPE_CHECKING:
    # What only names rates (settings) is loaded without it.
    import numpy as np
    import pandas as pd

    # Order facts, or those of their columns that are looked at, as arrays.
    Columns = Mapping[str, np.ndarray] | pd.DataFrame

# The column of the order facts that tells orders that the platform fulfils.
BY_PLATFORM = "by_platform"
BASES = ("created", "event")
# Days that every rate is counted over: the platform's own dashboard offers these.
WINDOWS = (7, 15, 30)
# Where the files do not name who cancelled, these are what is known at least.
NEED_INITIATORS = ("order_cancellation_rate", "seller_fault_cancellation_rate", "weighted_cancellation_rate")
# The two rates that people mix up; they stand first and side by side.
FIRST_RATES = ("order_cancellation_rate", "seller_fault_cancellation_rate")


@dataclass(frozen=True)
class Measure:
    """Something summed over orders.

    `value` is an expression over a row of order facts: flags added up, times a size; `event` the column with the
    day it happened, which dates it on the event basis (on the created basis everything carries its order's date).
    `stage` is set where the sum is over affected items, each with a day of its own.
    """

    name: str
    about: str
    value: str
    event: str
    unit: str = "order"
    stage: str = ""

    @property
    def whole(self) -> bool:
        return self.unit != "money"

    @property
    def flags(self) -> tuple[str, ...]:
        """The columns of the order facts that decide whether an order counts."""
        return tuple(name for name in re.findall(r"(\w+)::BIGINT", self.value) if name != BY_PLATFORM)

    def counted(self, facts: Columns) -> np.ndarray:
        """How often each order counts, for measures of whole orders; `facts`: the columns of order facts."""
        import numpy as np

        flags = [np.asarray(facts[flag], dtype=np.int64) for flag in self.flags]
        often = np.sum(flags, axis=0) if flags else np.ones(len(facts[BY_PLATFORM]), dtype=np.int64)
        if f"{BY_PLATFORM}::BIGINT" in self.value:
            often = often * np.asarray(facts[BY_PLATFORM])
        return np.asarray(often)

    def added(self, facts: Columns) -> np.ndarray:
        """What each order adds: how often it counts, or its units or amount where it does (NaN: not known)."""
        import numpy as np

        size = re.search(r"\b(?:units|amount)\w*$", self.value)
        if size is None:
            return self.counted(facts)
        sizes = np.asarray(facts[size.group()])
        return self.counted(facts) * sizes if self.flags else sizes


@dataclass(frozen=True)
class Rate:
    """A named rate: which measure over which, and what is left out.

    `numerator_least` counts what is certain, `numerator_other` everything that can be: ambiguous
    reasons, findings still to come, unknown reasons; '' where nothing is in doubt on that side.
    `kind` says how its interval is made: `share`, `weighted` or `ratio`.
    """

    name: str
    label: str
    meaning: str
    numerator: str
    denominator: str
    exclusions: str
    source: str
    unit: str = "order"
    numerator_least: str = ""
    numerator_other: str = ""
    kind: str = "share"


# What item and money measures sum: name, noun, column of the order facts, unit.
SIZES = (("units", "units", "units", "item"), ("amount", "value", "amount", "money"))


def _flags(*rows: tuple[str, str, str, str]) -> Iterator[Measure]:
    for name, flag, event, about in rows:
        yield Measure(name, about, f"{flag}::BIGINT", event)


MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("orders_placed", "all orders placed, unpaid ones too", "1", "created_date"),
        *_flags(
            ("orders_paid", "paid", "paid_date", "orders paid, or placed as cash on delivery"),
            ("orders_unpaid", "unpaid", "created_date", "orders neither paid nor cash on delivery"),
            ("orders_cod", "cod", "created_date", "orders placed as cash on delivery"),
            ("orders_cancelled", "cancelled", "cancelled_date", "orders cancelled in full before being shipped"),
            (
                "cancelled_by_buyer",
                "cancelled_by_buyer",
                "cancelled_date",
                "orders cancelled in full before being shipped, by the buyer",
            ),
            (
                "cancelled_by_seller",
                "cancelled_by_seller",
                "cancelled_date",
                "orders cancelled in full before being shipped, by the seller",
            ),
            (
                "cancelled_by_system",
                "cancelled_by_system",
                "cancelled_date",
                "orders cancelled in full before being shipped, by the platform",
            ),
            (
                "cancelled_by_unknown",
                "cancelled_by_unknown",
                "cancelled_date",
                "orders cancelled in full before being shipped, by a party that no file names",
            ),
        ),
        Measure(
            "cancelled_by_buyer_or_seller",
            "orders cancelled in full before being shipped, by the buyer or the seller",
            "cancelled_by_buyer::BIGINT + cancelled_by_seller::BIGINT",
            "cancelled_date",
        ),
        Measure(
            "cancelled_by_buyer_or_seller_other",
            "the same, with those that were cancelled by a party that no file names",
            "cancelled_by_buyer::BIGINT + cancelled_by_seller::BIGINT + cancelled_by_unknown::BIGINT",
            "cancelled_date",
        ),
        *_flags(
            (
                "seller_fault",
                "seller_fault",
                "cancelled_date",
                "paid or cash-on-delivery orders cancelled in full before being shipped by the seller's fault, "
                "missed deadlines included, not asked for by the buyer",
            ),
            (
                "seller_fault_least",
                "seller_fault_least",
                "cancelled_date",
                "the same, without ambiguous and pending ones",
            ),
            (
                "seller_fault_other",
                "seller_fault_other",
                "cancelled_date",
                "the same, with ambiguous, pending and unknown ones that can be the seller's",
            ),
            (
                "orders_partly_cancelled",
                "partly_cancelled",
                "last_cancel_date",
                "paid orders that lost a part of their units",
            ),
            ("orders_due", "dispatch_due", "due_date", "orders whose time to be dispatched is up"),
            (
                "orders_late",
                "late_dispatch",
                "due_date",
                "orders not ready to ship, shipped or scanned by the carrier (as the market counts) when it was up",
            ),
            ("orders_dispatched", "dispatched", "dispatched_date", "orders marked ready to ship"),
            (
                "orders_refunded",
                "refunded_any",
                "refund_date",
                "orders that lost a unit between ready to ship and delivery",
            ),
            ("orders_shipped", "shipped", "shipped_date", "orders handed to the carrier"),
            ("orders_delivered", "delivered", "delivered_date", "orders delivered"),
            ("deliveries_ended", "delivery_ended", "ended_date", "shipped orders that were delivered or came back"),
            (
                "deliveries_failed",
                "came_back",
                "failed_date",
                "shipped orders that did not reach the buyer: failed, lost, damaged, or refused at the door",
            ),
            ("deliveries_refused", "refused", "failed_date", "shipped orders refused at the door"),
            (
                "cancelled_in_transit",
                "cancelled_in_transit",
                "in_transit_date",
                "shipped orders that the buyer cancelled on their way, as the market's rule allows",
            ),
            ("orders_returned", "returned_any", "return_date", "delivered orders with a unit returned or refunded"),
            (
                "returned_non_buyer_fault",
                "non_buyer_fault_return",
                "return_date",
                "delivered orders with a return that is not the buyer's fault",
            ),
            (
                "returned_non_buyer_fault_least",
                "non_buyer_fault_return_least",
                "return_date",
                "the same, without ambiguous and pending ones that can be the buyer's",
            ),
            (
                "returned_non_buyer_fault_other",
                "non_buyer_fault_return_other",
                "return_date",
                "the same, with ambiguous, pending and unknown ones",
            ),
            (
                "returned_seller_fault",
                "seller_fault_return",
                "return_date",
                "delivered orders with a return by the seller's fault",
            ),
            (
                "returned_seller_fault_least",
                "seller_fault_return_least",
                "return_date",
                "the same, without ambiguous and pending ones",
            ),
            (
                "returned_seller_fault_other",
                "seller_fault_return_other",
                "return_date",
                "the same, with ambiguous, pending and unknown ones that can be the seller's",
            ),
            (
                "returned_or_lost_seller_fault",
                "seller_fault_back",
                "back_date",
                "orders with a return or refund by the seller's fault, or a parcel lost or damaged on its way",
            ),
            (
                "returned_or_lost_seller_fault_least",
                "seller_fault_back_least",
                "back_date",
                "the same, without ambiguous and pending ones",
            ),
            (
                "returned_or_lost_seller_fault_other",
                "seller_fault_back_other",
                "back_date",
                "the same, with ambiguous, pending and unknown ones that can be the seller's",
            ),
        ),
        *(
            Measure(f"{what}_{base}", f"{noun} of {of}", f"{base}::BIGINT * {column}", f"{base}_date", unit)
            for what, noun, column, unit in SIZES
            for base, of in (
                ("paid", "paid or cash-on-delivery orders"),
                ("dispatched", "orders ready to ship"),
                ("delivered", "delivered orders"),
            )
        ),
        *(
            Measure(f"{what}_{past}", f"{noun} {lost}", f"{what}_{past}", "", unit, stage)
            for what, noun, _, unit in SIZES
            for past, stage, lost in (
                ("cancelled", "cancellation", "cancelled before being ready to ship"),
                ("refunded", "refund", "lost between ready to ship and delivery"),
                ("returned", "return_refund", "returned or refunded after delivery"),
            )
        ),
        Measure(
            "orders_other_currency",
            "orders in another currency than the shop's, left out of money rates",
            "other_currency::BIGINT",
            "created_date",
        ),
    )
}

# Orders that the platform fulfils (FBT) are counted; a limit may leave them out above or below its line.
FBT = "_fbt"
_BY_PLATFORM = (
    "orders_placed", "orders_paid", "orders_due", "orders_late", "seller_fault", "seller_fault_least",
    "seller_fault_other",
)  # fmt: skip
for _name in _BY_PLATFORM:
    _measure = MEASURES[_name]
    MEASURES[f"{_name}{FBT}"] = Measure(
        f"{_name}{FBT}",
        f"{_measure.about}, of those that the platform fulfils",
        f"({_measure.value}) * {BY_PLATFORM}::BIGINT",
        _measure.event,
    )

PLATFORM = "TikTok Shop policy pages"
TRADE = "a trade article (unverified)"
OWN = "this package"
UNPAID_OUT = "samples; unpaid orders"
OTHER_CURRENCY = "; orders and refunds in another currency than the shop's"
TO_COME = "; returns still to come"
WEIGHTED = ", each times its party's weight"
PAID_ORDERS = "orders paid or placed as cash on delivery"
SHIPPED_OUT = "orders that came back from the carrier (see failed delivery rate); partly cancelled orders"

RATES: dict[str, Rate] = {
    rate.name: rate
    for rate in (
        Rate(
            "order_cancellation_rate",
            "Order cancellation rate",
            "Of all orders placed, the share that the buyer or the seller cancelled before they were shipped.",
            "cancelled_by_buyer_or_seller",
            "orders_placed",
            f"samples; cancellations by the platform; {SHIPPED_OUT}. Unpaid orders are in",
            TRADE,
            numerator_other="cancelled_by_buyer_or_seller_other",
        ),
        Rate(
            "total_cancellation_rate",
            "Total cancellation rate",
            "Of all orders placed, the share that anybody cancelled before they were shipped, the platform included.",
            "orders_cancelled",
            "orders_placed",
            f"samples; {SHIPPED_OUT}. Unpaid orders are in, most of them cancelled by the platform",
            OWN,
        ),
        Rate(
            "seller_fault_cancellation_rate",
            "Seller-fault cancellation rate",
            "Of the orders paid or placed as cash on delivery, the share cancelled before being shipped by the "
            "seller's fault.",
            "seller_fault",
            "orders_paid",
            f"{UNPAID_OUT} (a limit may take all orders placed as denominator); cancellations that the buyer asked "
            f"for; {SHIPPED_OUT}",
            PLATFORM,
            numerator_least="seller_fault_least",
            numerator_other="seller_fault_other",
        ),
        Rate(
            "weighted_cancellation_rate",
            "Weighted cancellation rate",
            "The order cancellation rate with a seller's cancellation counted more than a buyer's.",
            "cancelled_by_buyer_or_seller",
            "orders_placed",
            f"samples; cancellations by the platform; {SHIPPED_OUT}. Unpaid orders are in",
            TRADE,
            numerator_other="cancelled_by_buyer_or_seller_other",
            kind="weighted",
        ),
        Rate(
            "partly_cancelled_share",
            "Partly cancelled orders",
            "Of the orders paid or placed as cash on delivery, the share that lost some of their units, not all.",
            "orders_partly_cancelled",
            "orders_paid",
            UNPAID_OUT,
            OWN,
        ),
        Rate(
            "refund_rate",
            "Refund rate",
            "Of the orders ready to ship, the share that lost at least one unit before delivery.",
            "orders_refunded",
            "orders_dispatched",
            f"{UNPAID_OUT}; orders not yet ready to ship",
            OWN,
        ),
        Rate(
            "return_rate",
            "Return rate",
            "Of the delivered orders, the share with at least one unit returned or refunded afterwards.",
            "orders_returned",
            "orders_delivered",
            f"{UNPAID_OUT}; requests rejected, withdrawn or not yet answered; returns still to come",
            OWN,
        ),
        Rate(
            "non_buyer_fault_return_rate",
            "Non-buyer-fault return rate",
            "Of the delivered orders, the share with a return or refund that is not the buyer's own doing.",
            "returned_non_buyer_fault",
            "orders_delivered",
            f"{UNPAID_OUT}; requests rejected, withdrawn or not yet answered; reasons that are not known",
            PLATFORM,
            numerator_least="returned_non_buyer_fault_least",
            numerator_other="returned_non_buyer_fault_other",
        ),
        Rate(
            "seller_fault_return_rate",
            "Seller-fault return rate",
            "Of the delivered orders, the share with a return or refund by the seller's fault.",
            "returned_seller_fault",
            "orders_delivered",
            f"{UNPAID_OUT}; requests rejected, withdrawn or not yet answered; reasons that are not known",
            "a third party's page",
            numerator_least="returned_seller_fault_least",
            numerator_other="returned_seller_fault_other",
        ),
        Rate(
            "seller_fault_return_refund_rate",
            "Seller-fault return and refund rate",
            "Of all orders placed, the share with a return or refund by the seller's fault, parcels lost or damaged on "
            "their way among them.",
            "returned_or_lost_seller_fault",
            "orders_placed",
            "samples; requests rejected, withdrawn or not yet answered; reasons that are not known. Unpaid orders are "
            "in",
            PLATFORM,
            numerator_least="returned_or_lost_seller_fault_least",
            numerator_other="returned_or_lost_seller_fault_other",
        ),
        Rate(
            "late_dispatch_rate",
            "Late dispatch rate",
            "Of the orders whose time is up, the share that were not dispatched in time: ready to ship, shipped, or "
            "scanned by the carrier, as the market counts on that day.",
            "orders_late",
            "orders_due",
            f"{UNPAID_OUT}; orders not yet due; orders cancelled before they were due, unless by the platform for "
            "being late; orders that went out without a time that says when; markets whose deadline is not known",
            PLATFORM,
        ),
        Rate(
            "failed_delivery_rate",
            "Failed delivery rate",
            "Of the parcels whose way has ended, the share that did not reach the buyer.",
            "deliveries_failed",
            "deliveries_ended",
            "samples; parcels still on their way",
            OWN,
        ),
        *(
            Rate(
                f"{past}_{unit}_rate",
                f"{label}, {noun}",
                f"Of the {noun} of {of}, the share {lost}.",
                f"{what}_{past}",
                f"{what}_{base}",
                UNPAID_OUT + (OTHER_CURRENCY if unit == "money" else "") + more,
                OWN,
                unit=unit,
                kind="ratio",
            )
            for past, label, base, of, lost, more in (
                ("cancelled", "Cancelled", "paid", PAID_ORDERS, "cancelled before being ready to ship", ""),
                ("refunded", "Lost on the way", "dispatched", "orders ready to ship", "lost before delivery", ""),
                ("returned", "Returned", "delivered", "delivered orders", "returned or refunded", TO_COME),
            )
            for what, noun, _, unit in SIZES
        ),
    )
}


def find_rate(name: str) -> Rate:
    """The rate called `name`; SettingsError with the known names."""
    if name not in RATES:
        raise SettingsError(f"unknown rate {name!r}; known are {', '.join(RATES)}")
    return RATES[name]


def so_far(name: str, basis: str = "created") -> bool:
    """Whether the rate can still grow when its window is over: returns by the order's date come for weeks."""
    measure = MEASURES[find_rate(name).numerator]
    return basis == "created" and (measure.event in ("return_date", "back_date") or measure.stage == "return_refund")


def definitions() -> pd.DataFrame:
    """A row a rate, in words: metric, label, meaning, numerator, denominator, unit, exclusions, source."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "metric": rate.name,
                "label": rate.label,
                "meaning": rate.meaning,
                "numerator": MEASURES[rate.numerator].about + WEIGHTED * (rate.kind == "weighted"),
                "denominator": MEASURES[rate.denominator].about,
                "unit": rate.unit,
                "exclusions": rate.exclusions,
                "source": rate.source,
            }
            for rate in RATES.values()
        ]
    )


def definitions_markdown() -> str:
    """The definitions as a Markdown list, as it stands in ``docs/methods.md``."""
    parts = []
    for row in definitions().to_dict("records"):
        parts.append(
            f"**{row['label']}** (`{row['metric']}`, counted in {row['unit']}s). {row['meaning']}\n"
            f"  Numerator: {row['numerator']}. Denominator: {row['denominator']}. "
            f"Left out: {row['exclusions']}. Source: {row['source']}.\n"
        )
    return "\n".join(parts).replace("counted in moneys", "counted in money")
