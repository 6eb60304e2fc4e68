"""What the carriers tell of the parcels, event by event, and the oddities planted among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cancel_analysis.sample.exports import happened
from cancel_analysis.sample.orders import Order
from cancel_analysis.sample.plans import AS_OF, Plan
from cancel_analysis.sample.random_stream import RandomStream

COLUMNS = ("Tracking ID", "Order ID", "Carrier", "Time", "Event", "Location")
# Cancelled orders made ready from here on, so that the file covers them all; of the others only those of the
# last two weeks, or it would be too large.
READY_FROM = datetime(2026, 10, 26)
OTHERS_FROM = date(2026, 11, 2)
# Before this a number of another parcel would stand before the file's first day.
PLANTED_FROM = date(2026, 10, 31)
EVENTS = {
    "en": {
        "label": "Label created",
        "picked_up": "Picked up",
        "in_transit": "In transit",
        "out": "Out for delivery",
        "delivered": "Delivered",
        "failed": "Delivery failed",
        "not_ready": "Pickup failed",
        "returning": "Returning to sender",
        "returned": "Returned to sender",
    },
    "vi": {
        "label": "Đã tạo vận đơn",
        "picked_up": "Đã lấy hàng",
        "in_transit": "Đang trung chuyển",
        "out": "Đang giao hàng",
        "delivered": "Giao hàng thành công",
        "failed": "Giao hàng không thành công",
        "not_ready": "Lấy hàng không thành công",
        "returning": "Đang chuyển hoàn",
        "returned": "Đã chuyển hoàn",
    },
    "th": {
        "label": "สร้างใบปะหน้าพัสดุแล้ว",
        "picked_up": "รับพัสดุแล้ว",
        "in_transit": "อยู่ระหว่างขนส่ง",
        "out": "กำลังนำจ่าย",
        "delivered": "จัดส่งสำเร็จ",
        "failed": "นำจ่ายไม่สำเร็จ",
        "not_ready": "เข้ารับพัสดุไม่สำเร็จ",
        "returning": "กำลังตีกลับ",
        "returned": "ตีกลับถึงผู้ส่งแล้ว",
    },
}
# Carriers whose events are English whatever the shop's language.
ENGLISH_CARRIERS = ("Hải Âu Post", "Lotus Line")
HUBS = {"VN": "Bình Dương", "TH": "อยุธยา"}
TOWNS = {"VN": "TP. Hồ Chí Minh", "TH": "กรุงเทพมหานคร"}
UNKNOWN_NUMBERS, TOO_EARLY, LABEL_ONLY = 5, 4, 4
WAIT = timedelta(hours=24)


@dataclass(frozen=True)
class Event:
    """One line of a carrier."""

    order: Order
    when: datetime
    step: str
    place: str


@dataclass
class Tracking:
    """All events at a time, oldest first, and the cancelled orders in which something is odd."""

    events: list[Event] = field(default_factory=list)
    unknown: list[Order] = field(default_factory=list)
    label_only: list[Order] = field(default_factory=list)
    before_handover: list[Order] = field(default_factory=list)
    no_pickup: list[Order] = field(default_factory=list)


def track(plan: Plan, orders: Sequence[Order], at: datetime) -> Tracking:
    """The events of the shop's parcels up to `at`."""
    rng = RandomStream(plan.seed, 5)
    found = Tracking()
    every = "tracking" in plan.side_files
    told = [o for o in orders if happened(o.rts, at) and not o.refusal and _told(o, every=every)]
    if every:
        _plant(plan, rng, told, found)
    for order in told:
        if order in found.unknown:
            continue
        if order in found.label_only or not happened(order.shipped, at):
            assert order.rts is not None
            found.events.append(Event(order, order.rts, "label", ""))
            if order.reason == "collection_timeout" and order.cancelled is not None:
                when = order.rts + timedelta(seconds=int((order.cancelled - order.rts).total_seconds() * 0.6))
                found.events.append(Event(order, when, "not_ready", TOWNS[plan.market]))
            if order.shipped is None and happened(order.cancelled, at):
                found.no_pickup.append(order)
            continue
        found.events += _journey(plan, rng, order)
        if order in found.before_handover:
            found.events += [
                Event(order, order.created - timedelta(hours=rng.whole(60, 90)), "in_transit", HUBS[plan.market]),
                Event(order, order.created - timedelta(hours=rng.whole(20, 40)), "out", "Hà Nội"),
            ]
    found.events = sorted((e for e in found.events if e.when <= at), key=lambda e: (e.when, e.order.id))
    return found


def _told(order: Order, *, every: bool) -> bool:
    if order.rts is None or order.rts < READY_FROM:
        return False
    return order.cancelled is not None or (every and order.created.date() >= OTHERS_FROM)


def _plant(plan: Plan, rng: RandomStream, told: Sequence[Order], found: Tracking) -> None:
    """Failed deliveries that were none, away from the place where deliveries really fail; some of the last days."""
    plain = [
        order
        for order in told
        if order.reason in ("delivery_failed", "lost")
        and order.created.date() >= PLANTED_FROM
        and happened(order.cancelled, AS_OF)
        and not (order.carrier.name == plan.focus.carrier and order.region == plan.focus.region)
    ]
    last = [order for order in plain if order.cancelled is not None and order.cancelled > AS_OF - timedelta(days=3)]
    rest = [order for order in plain if order not in last]
    for chosen, count, late in (
        (found.unknown, UNKNOWN_NUMBERS, 2), (found.before_handover, TOO_EARLY, 2), (found.label_only, LABEL_ONLY, 1),
    ):  # fmt: skip
        while len(chosen) < count:
            pool = last if len(chosen) < late and last else rest
            order = rng.pick(pool)
            pool.remove(order)
            chosen.append(order)


def _journey(plan: Plan, rng: RandomStream, order: Order) -> list[Event]:
    """A parcel's events from its label to the end that its order tells."""
    assert order.rts is not None
    assert order.shipped is not None
    end = order.delivered or order.cancelled
    assert end is not None
    span = (end - order.shipped).total_seconds()

    def at(share: float) -> datetime:
        assert order.shipped is not None
        return order.shipped + timedelta(seconds=int(span * share))

    events = [
        Event(order, order.rts, "label", ""),
        Event(order, order.shipped, "picked_up", TOWNS[plan.market]),
        Event(order, at(0.1 + 0.2 * rng.unit()), "in_transit", HUBS[plan.market]),
    ]
    if order.delivered is not None:
        out = at(0.85 + 0.1 * rng.unit())
        return [
            *events,
            Event(order, out, "out", order.region),
            Event(order, order.delivered, "delivered", order.region),
        ]
    if order.reason == "lost":
        return events
    for share in (0.4, 0.6) if order.reason == "delivery_failed" else (0.6,):
        events += [
            Event(order, at(share), "out", order.region),
            Event(order, at(share) + timedelta(hours=rng.whole(2, 7)), "failed", order.region),
        ]
    return [
        *events,
        Event(order, end + timedelta(minutes=rng.whole(10, 90)), "returning", order.region),
        Event(order, end + timedelta(hours=rng.whole(40, 90)), "returned", TOWNS[plan.market]),
    ]


def event_rows(plan: Plan, tracking: Tracking) -> list[list[str]]:
    """The rows of `tracking_events.csv`."""
    return [
        [
            event.order.tracking,
            event.order.id,
            event.order.carrier.name,
            f"{event.when:%d/%m/%Y %H:%M:%S}",
            EVENTS["en" if event.order.carrier.name in ENGLISH_CARRIERS else plan.interface][event.step],
            event.place,
        ]
        for event in tracking.events
    ]


def tell_tracking(tracking: Tracking) -> dict[str, Any]:
    """The planted oddities by order; only cancellations up to the last day."""

    def ids(orders: Sequence[Order]) -> list[str]:
        return sorted(order.id for order in orders if happened(order.cancelled, AS_OF))

    def recent(orders: Sequence[Order]) -> list[str]:
        since = AS_OF - timedelta(days=3)
        return ids([order for order in orders if order.cancelled is not None and order.cancelled > since])

    soon = [o for o in tracking.no_pickup if o.rts and o.cancelled and o.cancelled - o.rts < WAIT]
    kinds = {
        "never_moved": [*tracking.unknown, *tracking.label_only],
        "event_before_handover": tracking.before_handover,
        "label_without_pickup": tracking.no_pickup,
    }
    return {
        "meaning": (
            "orders cancelled up to as_of. never_moved: the order says shipped, the carrier has a label at most "
            "(unknown_numbers: not even that); event_before_handover: the carrier saw the number before the order was "
            "placed; label_without_pickup: made ready, never shipped, and the carrier never took it (within_a_day: "
            "cancelled so soon after it was made ready)"
        ),
        "since_ready": READY_FROM.isoformat(sep=" "),
        "events": len(tracking.events),
        "parcels": len({event.order.id for event in tracking.events}),
        **{kind: ids(orders) for kind, orders in kinds.items()},
        "unknown_numbers": ids(tracking.unknown),
        "within_a_day": ids(soon),
        "last_3_days": {kind: recent(orders) for kind, orders in kinds.items()},
    }
