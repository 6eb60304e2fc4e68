"""Invented orders from first click to last refund; what an export shows of them at a time is `exports`' matter.

Every time is the shop's own wall clock, without a zone, as in the files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from cancel_analysis.sample import texts
from cancel_analysis.sample.people import Buyer, invent
from cancel_analysis.sample.plans import Carrier, Draft, Plan, Sku, day_weights, days
from cancel_analysis.sample.random_stream import Curve, RandomStream

HOURS_OF_DAY: Curve = ((0, 0), (0.04, 5), (0.12, 9), (0.35, 13), (0.55, 17), (0.85, 21.5), (1, 23.99))
PAYMENT: Curve = ((0, 0.01), (0.8, 0.1), (0.95, 1), (1, 9))
COLLECTION: Curve = ((0, 1.5), (0.6, 5), (0.9, 14), (1, 20))
DECISION: Curve = ((0, 4), (0.5, 20), (1, 47))
WAY_BACK: Curve = ((0, 60), (0.5, 120), (0.9, 220), (1, 330))
# Reasons of a buyer who cancels in time, with how often each is given.
BUYER_REASONS = (
    ("no_longer_needed", 0.27), ("better_price", 0.16), ("change_address", 0.13), ("change_size", 0.12),
    ("mistake", 0.10), ("delivery_cost", 0.08), ("change_payment", 0.05), ("coupon", 0.03), ("unknown", 0.06),
)  # fmt: skip
SELLER_FAULT = ("out_of_stock", "pricing_error", "collection_timeout")
AFTER_SHIPPING = {"failed": "delivery_failed", "refused": "rejected", "lost": "lost"}
# Claims that are paid without the goods coming back.
REFUND_ONLY = ("not_received", "missing", "transit_late")


@dataclass
class Line:
    """One SKU of an order; `cancelled_units` of it were cancelled alone by the seller."""

    sku: Sku
    quantity: int
    seller_discount: int
    platform_discount: int
    cancelled_units: int = 0
    cancelled: datetime | None = None

    @property
    def before(self) -> int:
        return self.sku.product.price * self.quantity

    @property
    def amount(self) -> int:
        return self.before - self.seller_discount - self.platform_discount


@dataclass
class Request:
    """A buyer's return or refund request for one line; `outcome` is what becomes of it in the end."""

    id: str
    order: Order
    line: Line
    reason: str
    kind: str
    units: int
    requested: datetime
    decided: datetime
    closed: datetime
    outcome: str
    spelling: int

    def state(self, at: datetime) -> str:
        """pending, in_process, completed, rejected or withdrawn at a time; 'none' before it was made."""
        if at < self.requested:
            return "none"
        if at < self.decided:
            return "pending"
        if self.outcome != "completed":
            return self.outcome
        return "completed" if at >= self.closed else "in_process"

    @property
    def refund(self) -> int:
        return self.line.amount * self.units // self.line.quantity


@dataclass
class Order:
    """One order with everything that will ever happen to it."""

    id: str
    created: datetime
    lines: list[Line]
    buyer: Buyer
    carrier: Carrier
    region: str
    payment: str
    cod: bool
    sample: bool
    outcome: str
    package: str
    tracking: str
    shipping_fee: int
    shipping_discount: int
    tax: int
    paid: datetime | None = None
    rts: datetime | None = None
    shipped: datetime | None = None
    delivered: datetime | None = None
    completed: datetime | None = None
    cancelled: datetime | None = None
    cancelled_by: str = ""
    reason: str = ""
    late: bool = False
    requests: list[Request] = field(default_factory=list)
    refusal: str = ""

    @property
    def amount(self) -> int:
        """What the buyer is asked to pay for the whole order."""
        if self.sample or self.outcome == "gift":
            return 0
        return sum(line.amount for line in self.lines) + self.shipping_fee - self.shipping_discount + self.tax

    @property
    def refused(self) -> bool:
        """Whether what a spreadsheet has made of the row keeps it from being used; a SKU's number is not missed."""
        return self.refusal in ("order", "date")

    @property
    def never_paid(self) -> bool:
        return not self.cod and self.paid is None

    @property
    def has_equal_lines(self) -> bool:
        """Whether two lines are equal: genuine, not a duplicate."""
        return len({line.sku.id for line in self.lines}) < len(self.lines)


def place_orders(plan: Plan) -> list[Order]:
    """All orders of a shop, oldest first."""
    rng = RandomStream(plan.seed, 2)
    skus = plan.skus()
    calendar = days()
    weights = day_weights(plan)
    created = sorted(
        datetime.combine(rng.pick(calendar, weights), time()) + rng.delay(HOURS_OF_DAY) for _ in range(plan.orders)
    )
    return [_place(plan, rng, skus, when) for when in created]


def working_deadline(start: datetime, working_days: int = 2) -> datetime:
    """The end of the second working day (Monday to Friday) after `start`."""
    day = start.date()
    while working_days:
        day += timedelta(days=1)
        if day.weekday() < 5:
            working_days -= 1
    return datetime.combine(day, time(23, 59, 59))


def _place(plan: Plan, rng: RandomStream, skus: tuple[Sku, ...], created: datetime) -> Order:
    # Every order draws the same number of times here, so that a story never shifts the rest of the shop.
    carrier = rng.pick(plan.carriers, [carrier.weight for carrier in plan.carriers])
    region = rng.pick([name for name, _ in plan.regions], [weight for _, weight in plan.regions])
    cod = rng.chance(plan.cod)
    sample = rng.chance(plan.samples) and not _kept_plain(plan, created)
    lines = _fill_basket(plan, rng, skus, sample)
    buyer = invent(plan.market, rng)
    payment = texts.CASH_ON_DELIVERY[plan.interface] if cod else rng.pick(texts.PAYMENTS[plan.market])
    draft = Draft(created, tuple(line.sku for line in lines), carrier, region, cod)
    outcome = "delivered" if sample else _choose_outcome(plan, rng, draft, lines)
    fee = plan.shipping
    order = Order(
        id=f"{_PREFIX[plan.market]}{_minutes(created):06d}{rng.digits(9)}",
        created=created,
        lines=lines,
        buyer=buyer,
        carrier=carrier,
        region=region,
        payment="" if sample else payment,
        cod=cod and not sample,
        sample=sample,
        outcome=outcome,
        package=f"115{_minutes(created):06d}{rng.digits(10)}",
        tracking=f"{carrier.prefix}{rng.digits(11)}",
        shipping_fee=0 if sample else fee,
        shipping_discount=0 if sample or rng.chance(0.5) else fee // 2,
        tax=0 if sample else int(sum(line.amount for line in lines) * plan.tax),
    )
    _run(plan, rng, order)
    return order


_PREFIX = {"US": "577", "GB": "576", "TH": "580", "ID": "581", "VN": "579", "SG": "578"}


def _minutes(when: datetime) -> int:
    return int((when - datetime(2026, 1, 1)).total_seconds()) // 60


def _kept_plain(plan: Plan, created: datetime) -> bool:
    """Whether the order stands in two files: there a sample would be both a sample and superseded."""
    return sum(file.kind == "orders" and file.first <= created.date() <= file.last for file in plan.files) > 1


def _fill_basket(plan: Plan, rng: RandomStream, skus: tuple[Sku, ...], sample: bool) -> list[Line]:
    count = 1 if sample or not rng.chance(plan.multi_line) else rng.pick((2, 3), (0.8, 0.2))
    lines: list[Line] = []
    while len(lines) < count:
        sku = rng.pick(skus, [sku.weight for sku in skus])
        if any(line.sku is sku for line in lines):
            continue
        quantity = 1 if sample else rng.pick((1, 2, 3), (0.88, 0.08, 0.04))
        before = sku.product.price * quantity
        off = 1.0 if sample else rng.pick((0.0, 0.05, 0.1, 0.15), (0.5, 0.2, 0.2, 0.1))
        seller = before if sample else int(before * off)
        platform = 0 if sample else int((before - seller) * rng.pick((0.0, 0.04, 0.08), (0.7, 0.2, 0.1)))
        lines.append(Line(sku, quantity, seller, platform))
    if not sample and rng.chance(0.003):
        first = lines[0]
        lines.append(Line(first.sku, first.quantity, first.seller_discount, first.platform_discount))
    return lines


def _choose_outcome(plan: Plan, rng: RandomStream, draft: Draft, lines: list[Line]) -> str:
    shares = {**plan.outcomes, **plan.change(draft)}
    if draft.cod:
        shares["unpaid"] = 0.0
        shares["gift"] = 0.0
    equal = len({line.sku.id for line in lines}) < len(lines)
    if equal or len(lines) < 2:
        shares["partial_line"] = 0.0
    if equal or lines[0].quantity < 3:
        shares["partial_units"] = 0.0
    rest = 1.0 - sum(shares.values())
    return rng.pick([*shares, "delivered"], [*shares.values(), rest])


def _dispatch(rng: RandomStream, start: datetime) -> datetime:
    """When a seller in good order has the parcel ready: the same day, else the next morning, never on Sunday."""
    if start.weekday() < 6 and 8 <= start.hour < 15:
        return start + rng.delay(((0, 0.5), (1, 4)))
    day = start.date() + timedelta(days=0 if start.hour < 8 else 1)
    if day.weekday() == 6:
        day += timedelta(days=1)
    return datetime.combine(day, time(8)) + rng.delay(((0, 0), (1, 4)))


def _run(plan: Plan, rng: RandomStream, order: Order) -> None:
    outcome = order.outcome
    if outcome == "unpaid":
        _leave_unpaid(plan, rng, order)
        return
    if not order.cod:
        order.paid = order.created + (timedelta(0) if order.sample else rng.delay(PAYMENT))
    start = order.paid or order.created
    order.late = not order.sample and rng.chance(plan.late(order.created))
    ready = _dispatch(rng, start)
    if order.late:
        ready = working_deadline(start) + rng.delay(((0, 2), (0.7, 20), (1, 40)))
    shipped = ready + rng.delay(COLLECTION)
    if outcome in _BEFORE_SHIPPING:
        _cancel_before_shipping(plan, rng, order, start, ready, shipped)
        return
    order.rts, order.shipped = ready, shipped
    if outcome in AFTER_SHIPPING:
        wait: Curve = {"failed": ((0, 80), (0.6, 130), (1, 200)), "refused": ((0, 50), (1, 120))}.get(
            outcome, ((0, 260), (1, 420))
        )
        _cancel(order, shipped + rng.delay(wait), "System", AFTER_SHIPPING[outcome])
        return
    order.delivered = shipped + rng.delay(plan.transit)
    order.completed = order.delivered + rng.delay(((0, 72), (1, 190)))
    if outcome == "partial_line":
        _cancel_units(rng, order, rng.pick(order.lines), start, whole=True)
    elif outcome == "partial_units":
        _cancel_units(rng, order, order.lines[0], start, whole=False)
    elif not order.sample and not order.has_equal_lines and outcome != "gift":
        _ask_for_returns(plan, rng, order)


_BEFORE_SHIPPING = (
    "buyer_early", "buyer_late", "buyer_waits", "out_of_stock", "pricing_error", "collection_timeout", "risk",
    "no_delivery_there",
)  # fmt: skip


def _cancel(order: Order, when: datetime, by: str, reason: str) -> None:
    order.cancelled, order.cancelled_by, order.reason = when, by, reason


def _leave_unpaid(plan: Plan, rng: RandomStream, order: Order) -> None:
    if rng.chance(0.75):
        _cancel(order, order.created + timedelta(hours=48, seconds=rng.whole(1, 90)), "System", "overdue")
        return
    reason = rng.pick(("change_payment", "no_longer_needed", "better_price"), (0.4, 0.4, 0.2))
    _cancel(order, order.created + rng.delay(((0, 0.05), (1, 9))), "User", reason)


def _cancel_before_shipping(
    plan: Plan, rng: RandomStream, order: Order, start: datetime, ready: datetime, shipped: datetime
) -> None:
    outcome = order.outcome
    if outcome == "buyer_early":
        reason = rng.pick([name for name, _ in BUYER_REASONS], [weight for _, weight in BUYER_REASONS])
        span = (ready - start).total_seconds() * 0.9
        _cancel(order, start + timedelta(seconds=60 + int(span * rng.unit() * rng.unit())), "User", reason)
    elif outcome == "buyer_late":
        order.rts = ready
        span = (shipped - ready).total_seconds() * 0.8
        _cancel(order, ready + timedelta(seconds=60 + int(span * rng.unit())), "User", "no_longer_needed")
    elif outcome == "buyer_waits":
        _cancel(
            order, working_deadline(start) - timedelta(hours=20) + rng.delay(((0, 0), (1, 40))), "User", "not_on_time"
        )
    elif outcome == "collection_timeout":
        deadline = working_deadline(start)
        if rng.chance(0.25):
            # Marked in time, and handed over never.
            order.rts = deadline - timedelta(hours=20) + rng.delay(((0, 0), (1, 18)))
        _cancel(order, deadline + rng.delay(((0, 6), (1, 30))), "System", outcome)
    else:
        by = "Operator" if outcome == "risk" else "Seller"
        _cancel(order, start + rng.delay(((0, 1), (0.7, 12), (1, 24))), by, outcome)


def _cancel_units(rng: RandomStream, order: Order, line: Line, start: datetime, *, whole: bool) -> None:
    line.cancelled_units = line.quantity if whole else 1
    assert order.rts is not None
    span = (order.rts - start).total_seconds() * 0.9
    line.cancelled = start + timedelta(seconds=30 + int(span * rng.unit()))


def _ask_for_returns(plan: Plan, rng: RandomStream, order: Order) -> None:
    for line in order.lines:
        shares = line.sku.product.returns or plan.returns
        reason = rng.pick([*shares, ""], [*shares.values(), 1.0 - sum(shares.values())])
        if not reason:
            continue
        assert order.shipped is not None
        assert order.delivered is not None
        if reason == "transit_late":
            span = (order.delivered - order.shipped).total_seconds()
            requested = order.shipped + timedelta(seconds=int(span * (0.5 + 0.4 * rng.unit())))
        else:
            requested = order.delivered + rng.delay(plan.return_delay)
        decided = requested + rng.delay(DECISION)
        refund_only = reason in REFUND_ONLY or rng.chance(0.15)
        closed = decided + rng.delay(((0, 1), (1, 24)) if refund_only else WAY_BACK)
        order.requests.append(
            Request(
                id=f"4035{_minutes(requested):06d}{rng.digits(9)}",
                order=order,
                line=line,
                reason=reason,
                kind="Refund only" if refund_only else "Return and refund",
                units=line.quantity if rng.chance(0.7) else 1,
                requested=requested,
                decided=decided,
                closed=closed,
                outcome=rng.pick(("completed", "rejected", "withdrawn"), (0.72, 0.18, 0.10)),
                spelling=rng.whole(0, 2),
            )
        )
