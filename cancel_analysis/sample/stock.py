"""The seller's own stock and the platform's view of it, SKU by SKU, made to agree with the orders.

Stock falls with every order and with sales elsewhere, and comes back with cancellations and
deliveries. In a `StockGap` the two systems do not speak: nothing is left, and the platform sells on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from cancel_analysis.sample.exports import happened
from cancel_analysis.sample.orders import Order
from cancel_analysis.sample.plans import AS_OF, Plan, Sku, StockGap
from cancel_analysis.sample.random_stream import RandomStream

LOG_FIRST = datetime(2026, 10, 26)
LOG_LAST = datetime(2026, 11, 16, 8, 0)
STATEMENT_HOURS = 6
# Well-kept SKUs beside those of the gaps; of one the log knows only the seller's own number.
HEALTHY = ("TG-KBL-01", "TG-GAN-01", "TG-CAS-02", "TG-SPK-01")
UNNAMED = "TG-SPK-01"
# Sold out for a while, and the platform was told at once: no gap.
SOLD_OUT = "TG-HLD-02"
LOW, FULL = 12, 70
# The sales elsewhere that use up the stock before a gap: hours before it, share of the stock left.
RUN_DOWN = ((7, 0.5), (3, 0.2), (0, 0.0))


@dataclass(frozen=True)
class Statement:
    """The stock of a SKU as the seller's system had it; `sent` None: the platform was never told."""

    when: datetime
    sku: Sku
    stock: int
    sent: datetime | None
    result: str


@dataclass(frozen=True)
class Snapshot:
    """The stock of a SKU as the platform showed it."""

    when: datetime
    sku: Sku
    available: int


def keep_stock(plan: Plan, orders: Sequence[Order]) -> tuple[list[Statement], list[Snapshot]]:
    """The log and the snapshots, oldest first."""
    log: list[Statement] = []
    shown: list[Snapshot] = []
    focus = [gap.seller_sku for gap in plan.gaps]
    for number, sku in enumerate(plan.skus()):
        if sku.seller_sku in (*focus, *HEALTHY, SOLD_OUT):
            shelf = _Shelf(plan, sku, orders, RandomStream(plan.seed, 4, number))
            shelf.run()
            log += shelf.log
            shown += shelf.shown
    return sorted(log, key=lambda row: row.when), sorted(shown, key=lambda row: row.when)


class _Shelf:
    """One SKU through the weeks of the log."""

    def __init__(self, plan: Plan, sku: Sku, orders: Sequence[Order], rng: RandomStream) -> None:
        self.sku, self.rng = sku, rng
        self.gaps = [gap for gap in plan.gaps if gap.seller_sku == sku.seller_sku]
        self.moves = _moves(sku, orders)
        self.pause = _longest_pause(self.moves) if sku.seller_sku == SOLD_OUT else None
        self.stock = self.platform = FULL
        self.late: list[tuple[datetime, int]] = []
        self.log: list[Statement] = []
        self.shown: list[Snapshot] = []

    def run(self) -> None:
        for when, kind, units in sorted(self._calendar(), key=lambda step: step[0]):
            self._hear(when)
            if kind == "snapshot":
                self.shown.append(Snapshot(when, self.sku, max(self.platform, 0)))
                continue
            if kind == "order":
                self.stock += units
                self.platform += units
            elif kind == "left":
                self.stock = self.stock * units // 100
            elif kind == "delivery":
                self.stock = self.stock + units if self.stock <= 0 else max(self.stock, units)
            elif kind == "statement" and not self._near_gap(when):
                self._sell_elsewhere()
            if any(gap.holds(when) for gap in self.gaps):
                # What an older order gives back is sold elsewhere at once.
                self.stock = min(self.stock, 0)
            self._state(when, restored=kind == "delivery")

    def _calendar(self) -> list[tuple[datetime, str, int]]:
        steps = [(when, "order", units) for when, units in self.moves]
        when = LOG_FIRST
        while when <= LOG_LAST:
            steps += [(when, "statement", 0), (when + timedelta(minutes=10), "snapshot", 0)]
            when += timedelta(hours=STATEMENT_HOURS)
        for gap in self.gaps:
            # Full shelves before it, so that the platform has enough left to sell what is not there.
            steps.append((gap.begin - timedelta(hours=11), "delivery", FULL))
            steps += [(gap.begin - timedelta(hours=h), "left", int(left * 100)) for h, left in RUN_DOWN]
            if gap.end is not None:
                steps.append((gap.end, "delivery", FULL))
        if self.pause is not None:
            first, last = self.pause
            steps += [(first, "left", 0), (last, "delivery", FULL)]
        return steps

    def _sell_elsewhere(self) -> None:
        self.stock -= min(self.rng.whole(0, 3), max(self.stock - LOW, 0))
        if self.stock <= LOW:
            self.stock += FULL

    def _near_gap(self, when: datetime) -> bool:
        """From the delivery before a gap to its end nothing else moves the stock."""
        if self.pause is not None and self.pause[0] <= when < self.pause[1]:
            return True
        return any(_deaf(gap, when) for gap in self.gaps)

    def _state(self, when: datetime, *, restored: bool) -> None:
        deaf = not restored and any(_deaf(gap, when) for gap in self.gaps)
        if not deaf:
            sent = when + timedelta(seconds=self.rng.whole(15, 95))
            self.platform = self.stock
            self.late.clear()
            self.log.append(Statement(when, self.sku, self.stock, sent, "ok"))
        elif self.stock > LOW:
            # Still in the queue, and sent when it is no longer true.
            sent = when + timedelta(minutes=self.rng.whole(380, 560))
            self.late.append((sent, self.stock))
            self.log.append(Statement(when, self.sku, self.stock, sent, "ok (retry)"))
        else:
            self.log.append(Statement(when, self.sku, self.stock, None, self.rng.pick(("timeout", "timeout", ""))))

    def _hear(self, when: datetime) -> None:
        for sent, stock in [entry for entry in self.late if entry[0] <= when]:
            self.platform = stock
            self.late.remove((sent, stock))


def _deaf(gap: StockGap, when: datetime) -> bool:
    return gap.begin - timedelta(hours=10) <= when and (gap.end is None or when < gap.end)


def _moves(sku: Sku, orders: Sequence[Order]) -> list[tuple[datetime, int]]:
    """What the platform's orders took of a SKU and their cancellations gave back, while the log ran."""
    found = []
    for order in orders:
        for line in order.lines:
            if line.sku.id != sku.id:
                continue
            if LOG_FIRST <= order.created <= LOG_LAST:
                found.append((order.created, -line.quantity))
                if order.shipped is None and happened(order.cancelled, LOG_LAST):
                    assert order.cancelled is not None
                    found.append((order.cancelled, line.quantity))
    return sorted(found)


def _longest_pause(moves: Sequence[tuple[datetime, int]]) -> tuple[datetime, datetime]:
    """The longest time without an order in the last two weeks, less its edges.

    It begins just before a snapshot, so that the two records never disagree for longer than minutes.
    """
    times = [when for when, _ in moves if when >= datetime.combine(date(2026, 11, 2), time())]
    before, after = max(pairwise(times), key=lambda pair: pair[1] - pair[0])
    first = LOG_FIRST
    while first <= before:
        first += timedelta(hours=STATEMENT_HOURS)
    return first, after - timedelta(hours=2)


def log_rows(log: Sequence[Statement]) -> list[list[str]]:
    """The rows of `stock_log.csv`."""
    return [
        [
            _clock(row.when),
            "" if row.sku.seller_sku == UNNAMED else row.sku.id,
            row.sku.seller_sku,
            str(row.stock),
            _clock(row.sent) if row.sent is not None and row.sent <= LOG_LAST else "",
            row.result,
        ]
        for row in log
    ]


def snapshot_rows(shown: Sequence[Snapshot]) -> list[list[str]]:
    """The rows of `stock_snapshots.csv`."""
    return [[_clock(row.when), row.sku.id, row.sku.seller_sku, str(row.available)] for row in shown]


def _clock(when: datetime) -> str:
    return f"{when:%d/%m/%Y %H:%M:%S}"


def tell_gaps(plan: Plan, orders: Sequence[Order]) -> dict[str, Any]:
    """The gaps and what they explain, counted from the orders; nothing after the last day is seen."""
    real = [order for order in orders if not order.sample and not order.refusal]
    ids = {sku.seller_sku: sku.id for sku in plan.skus()}
    gone = [o for o in real if o.reason == "out_of_stock" and happened(o.cancelled, AS_OF)]
    since = min(gap.begin for gap in plan.gaps).date()
    recent = [o for o in gone if o.created.date() >= since]

    def units(gap: StockGap, some: Sequence[Order]) -> int:
        return sum(
            line.quantity
            for order in some
            for line in order.lines
            if line.sku.seller_sku == gap.seller_sku and gap.holds(order.created)
        )

    def has(order: Order, sku: str) -> bool:
        return any(line.sku.seller_sku == sku for line in order.lines)

    def inside(order: Order, sku: str) -> bool:
        return any(gap.seller_sku == sku and has(order, sku) and gap.holds(order.created) for gap in plan.gaps)

    skus = sorted({gap.seller_sku for gap in plan.gaps})
    focus = [o for o in recent if any(has(o, sku) for sku in skus)]
    explained = [o for o in recent if any(inside(o, sku) for sku in skus)]
    return {
        "meaning": (
            "a gap begins when the seller's stock is 0 or less while the platform shows more than 0, and ends with "
            "the delivery that fills it (null: still open); oversold are the units ordered within; cancellations "
            "are whole orders cancelled for out of stock up to as_of, by when they were placed"
        ),
        "since": since.isoformat(),
        "healthy_seller_skus": [*HEALTHY, SOLD_OUT],
        "sold_out_but_told": SOLD_OUT,
        "gaps": [
            {
                "sku_id": ids[gap.seller_sku],
                "seller_sku": gap.seller_sku,
                "begin": gap.begin.isoformat(sep=" "),
                "end": gap.end and gap.end.isoformat(sep=" "),
                "units_oversold": units(gap, [o for o in real if o.created <= AS_OF]),
                "units_cancelled_out_of_stock": units(gap, gone),
                "orders_cancelled_out_of_stock": sum(has(o, gap.seller_sku) and gap.holds(o.created) for o in gone),
            }
            for gap in plan.gaps
        ],
        "skus": [
            {
                "sku_id": ids[sku],
                "seller_sku": sku,
                "out_of_stock_inside": sum(inside(o, sku) for o in recent),
                "out_of_stock_outside": sum(has(o, sku) and not inside(o, sku) for o in recent),
            }
            for sku in skus
        ],
        "out_of_stock_of_the_skus": len(focus),
        "out_of_stock_explained": len(explained),
        "out_of_stock_since": len(recent),
    }
