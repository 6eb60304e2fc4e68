"""Rates against a second computation: plain Python over the raw rows, order by order, with zone-aware times."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cancel_analysis import inference
from cancel_analysis.catalog.rates import MEASURES, RATES, WINDOWS, definitions, definitions_markdown
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError
from cancel_analysis.rates.cube import daily, rates_at, rolling, window_figures
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.tables import AFFECTED_ITEMS, ORDER_LINES, check, empty
from tests.frames import affected_items, order_lines

AS_OF = date(2026, 11, 15)
TH = make_shop({"id": "shop", "market": "TH"})
US = make_shop({"id": "shop", "market": "US"})
LA = "America/Los_Angeles"


def facts_of(orders, items, shop=TH, as_of=AS_OF):
    return describe_orders(orders, items, shop, as_of)


def one(order=None, item=None, shop=TH, as_of=AS_OF, zone="Asia/Bangkok"):
    """The facts of one order with at most one affected item."""
    orders = order_lines({"status": "to_ship", **(order or {})}, zone=zone)
    items = affected_items(item, zone=zone) if item is not None else empty(AFFECTED_ITEMS, zone)
    return facts_of(orders, items, shop, as_of).iloc[0]


# ---- a random shop, and the same figures by another road ----


def random_shop(seed, n=400, zone="Asia/Bangkok", currency="THB"):
    """Order lines and affected items with every kind of fate, times to the minute over seven weeks."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-10-01", tz=zone)
    lines, items = [], []

    def minutes(low, high):
        return pd.Timedelta(minutes=int(rng.integers(low, high)))

    for number in range(n):
        created = start + minutes(0, 60 * 24 * 50)
        cod, pays = rng.random() < 0.3, rng.random() < 0.9
        paid = created + minutes(1, 600) if pays and not cod else None
        ready = created + minutes(30, 60 * 24 * 5) if (pays or cod) and rng.random() < 0.93 else None
        shipped = ready + minutes(10, 2000) if ready is not None and rng.random() < 0.95 else None
        delivered = shipped + minutes(1000, 9000) if shipped is not None and rng.random() < 0.93 else None
        fate = rng.choice(["fine", "whole", "part", "failed", "return"], p=[0.5, 0.2, 0.1, 0.1, 0.1])
        order = {"order_id": f"O{number:05d}", "created_at": created, "paid_at": paid, "rts_at": ready}
        order |= {"shipped_at": shipped, "delivered_at": delivered, "is_cod": bool(cod), "currency": currency}
        order |= {"status": "completed" if delivered is not None else "shipped" if shipped is not None else "to_ship"}
        mine = []
        for line in range(int(rng.integers(1, 4))):
            quantity = int(rng.integers(1, 4))
            amount = float(rng.integers(5, 90))
            mine.append({**order, "sku_id": f"S{line}", "quantity": quantity, "line_amount": amount})
        lines += mine
        initiator = str(rng.choice(["buyer", "seller", "system", "operator", "unknown"]))
        who = str(rng.choice(["seller", "seller", "seller", "buyer", "shipping", "platform", "unknown"]))
        other = str(rng.choice(["seller", "buyer", who]))
        base = {"order_id": order["order_id"], "order_created_at": created, "currency": currency}
        base |= {"initiator": initiator, "responsibility": who, "responsibility_other": other}
        base |= {"ambiguous": other != who, "pending": bool(rng.random() < 0.1)}
        base |= {
            "root_cause": str(rng.choice(["late_dispatch", "stock", "other"])),
            "event_at": created + minutes(5, 14000),
        }
        if fate == "whole":
            stage = "unpaid" if not (pays or cod) else "cancellation"
            for line in mine:
                items.append({**base, "sku_id": line["sku_id"], "stage": stage, "units": line["quantity"],
                              "amount": line["line_amount"], "whole_order": True})  # fmt: skip
        elif fate == "part" and (pays or cod) and len(mine) > 1:
            items.append({**base, "sku_id": "S0", "stage": "cancellation", "units": mine[0]["quantity"],
                          "amount": mine[0]["line_amount"], "whole_order": False})  # fmt: skip
        elif fate == "failed" and shipped is not None and delivered is None:
            refused = bool(rng.random() < 0.5)
            for line in mine:
                items.append({**base, "sku_id": line["sku_id"], "stage": "refund", "units": line["quantity"],
                              "amount": line["line_amount"], "whole_order": True, "failed_delivery": not refused,
                              "refused": refused, "event_at": shipped + minutes(10, 6000)})  # fmt: skip
        elif fate == "return" and delivered is not None:
            items.append({**base, "sku_id": "S0", "stage": "return_refund", "units": 1, "amount": 5.0,
                          "return_id": f"R{number}", "whole_order": False,
                          "event_at": delivered + minutes(10, 9000)})  # fmt: skip
    frame = affected_items(*items, zone=zone)
    return check(order_lines(*lines, zone=zone), ORDER_LINES), check(frame, AFFECTED_ITEMS)


# Days of these weeks on which the United States' federal offices are closed.
FEDERAL = ("2026-10-12", "2026-11-11")


def add_business_days(day, count, closed=()):
    """`count` working days after a day, walked one by one; a day off counts as the working day before it."""
    closed = {date.fromisoformat(text) for text in closed}

    def works(one):
        return one.weekday() < 5 and one not in closed

    while not works(day):
        day -= timedelta(days=1)
    while count:
        day += timedelta(days=1)
        count -= works(day)
    return day


def rows_by_order(frame):
    """The rows of each order, as dicts of plain values; what is missing is None."""
    told = {}
    for row in frame.astype(object).where(frame.notna(), None).to_dict("records"):
        told.setdefault(row["order_id"], []).append(row)
    return told


def retell(orders, items, as_of, *, deadline_days=2, scanned=False, closed=()):
    """What became of every order, written out in plain Python; `scanned`: being shipped meets the deadline."""
    zone = orders["created_at"].dt.tz
    cut = pd.Timestamp(as_of + timedelta(days=1), tz=zone)

    def seen(value):
        return value if value is not None and value < cut else None

    told = []
    losses = rows_by_order(items)
    for order_id, lines in rows_by_order(orders[orders["created_at"] < cut]).items():
        known = [item for item in losses.get(order_id, []) if seen(item["event_at"])]
        gone = [item for item in known if item["return_id"] is None and item["stage"] != "return_refund"]
        back = [item for item in known if item["stage"] == "return_refund"]
        cancelled_items = [item for item in known if item["stage"] == "cancellation"]
        first = lines[0]
        paid_at, ready, shipped, delivered = (
            seen(first[name]) for name in ("paid_at", "rts_at", "shipped_at", "delivered_at")
        )
        units = sum(line["quantity"] for line in lines)
        never = any(item["stage"] == "unpaid" for item in gone)
        paid = bool(not never and (first["is_cod"] or paid_at or ready or shipped or delivered))
        whole = len(gone) > 0 and sum(item["units"] for item in gone) >= units
        came_back = any(item["failed_delivery"] or item["refused"] for item in known)
        end = max((item["event_at"] for item in gone), default=None)
        cancelled = whole and not came_back and (shipped is None or end < shipped)
        initiator = gone[-1]["initiator"] if gone else None
        fault = least = doubtful = by_platform = False
        for item in gone:
            sellers = item["responsibility"] == "seller" and item["initiator"] != "buyer"
            either = "seller" in (item["responsibility"], item["responsibility_other"])
            open_question = item["ambiguous"] or item["pending"]
            fault |= sellers
            least |= bool(sellers and not open_question)
            doubtful |= bool(open_question and either) or item["responsibility"] == "unknown"
            by_platform |= item["root_cause"] == "late_dispatch" and item["initiator"] in ("system", "operator")
        by_platform &= cancelled
        start = first["created_at"] if first["is_cod"] or paid_at is None else paid_at
        due_day = add_business_days(start.date(), deadline_days, closed)
        met = shipped if scanned else ready
        cancelled_in_time = whole and end.date() <= due_day and (met is None or end < met)
        due = paid and (by_platform or (due_day <= as_of and not cancelled_in_time))
        late = due and (by_platform or met is None or met.date() > due_day)
        refund = any(item["stage"] == "refund" for item in known)
        told.append(
            {
                "order_id": order_id,
                "day": first["created_at"].date(),
                "paid": paid,
                "cancelled": cancelled,
                "by": initiator if cancelled else None,
                "fault": cancelled and paid and fault,
                "fault_least": cancelled and paid and least,
                "fault_other": cancelled and paid and (fault or doubtful),
                "partly": bool(gone and not whole and paid),
                "due": due,
                "late": late,
                "dispatched": bool(paid and (ready or refund)),
                "refunded": paid and refund,
                "delivered": bool(delivered or back),
                "ended": bool(delivered or back or came_back),
                "came_back": came_back,
                "returned": bool(back),
                "non_buyer": any(item["responsibility"] not in ("buyer", "unknown") for item in back),
                "units": units,
                "amount": sum(line["line_amount"] for line in lines),
                "units_cancelled": sum(item["units"] for item in cancelled_items),
                "amount_cancelled": sum(item["amount"] for item in cancelled_items),
                "amount_returned": sum(item["amount"] for item in back),
            }
        )
    return pd.DataFrame(told)


def retold_rates(told, first_day, last_day):
    """Numerator and denominator of each rate over the orders placed from first_day to last_day."""
    w = told[(told["day"] >= first_day) & (told["day"] <= last_day)]
    two = w["by"].isin(["buyer", "seller"]).sum()
    weighted = 2.3 * (w["by"] == "seller").sum() + (w["by"] == "buyer").sum()
    return {
        "order_cancellation_rate": (two, len(w)),
        "total_cancellation_rate": (w["cancelled"].sum(), len(w)),
        "seller_fault_cancellation_rate": (w["fault"].sum(), w["paid"].sum()),
        "weighted_cancellation_rate": (weighted, len(w)),
        "partly_cancelled_share": (w["partly"].sum(), w["paid"].sum()),
        "refund_rate": (w["refunded"].sum(), w["dispatched"].sum()),
        "return_rate": (w["returned"].sum(), w["delivered"].sum()),
        "non_buyer_fault_return_rate": (w["non_buyer"].sum(), w["delivered"].sum()),
        "late_dispatch_rate": (w["late"].sum(), w["due"].sum()),
        "failed_delivery_rate": (w["came_back"].sum(), w["ended"].sum()),
        "cancelled_item_rate": (w["units_cancelled"].sum(), w.loc[w["paid"], "units"].sum()),
        "cancelled_money_rate": (w["amount_cancelled"].sum(), w.loc[w["paid"], "amount"].sum()),
        "returned_money_rate": (w["amount_returned"].sum(), w.loc[w["delivered"], "amount"].sum()),
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("shop", "zone"), [(TH, "Asia/Bangkok"), (US, LA)])
def test_every_rate_agrees_with_the_retelling(seed, shop, zone):
    orders, items = random_shop(seed, zone=zone, currency=shop.currency)
    as_of = AS_OF - timedelta(days=seed)
    american = {"scanned": True, "closed": FEDERAL} if shop is US else {}
    told = retell(orders, items, as_of, **american)
    cube = daily(facts_of(orders, items, shop, as_of), items, as_of)
    table = rates_at(cube, as_of, shop).set_index(["metric", "basis", "window"])
    for window in WINDOWS:
        expected = retold_rates(told, as_of - timedelta(days=window - 1), as_of)
        for name, (count, total) in expected.items():
            row = table.loc[(name, "created", window)]
            assert row["numerator"] == pytest.approx(count), (name, window)
            assert row["denominator"] == pytest.approx(total), (name, window)
            assert row["rate"] == pytest.approx(count / total), (name, window)
            assert row["low"] <= row["rate"] <= row["high"]
    other = table.loc[("seller_fault_cancellation_rate", "created", 30)]
    month = told[told["day"] > as_of - timedelta(days=30)]
    assert other["numerator_other"] == month["fault_other"].sum()
    assert other["numerator_least"] == month["fault_least"].sum()
    assert other["numerator_other"] > other["numerator"] > 0


@pytest.mark.parametrize("seed", range(3))
def test_event_dates_agree_with_the_raw_rows(seed):
    orders, items = random_shop(seed)
    facts = facts_of(orders, items)
    cube = daily(facts, items, AS_OF)
    events = cube[cube["basis"] == "event"].set_index("date")
    seen = items[items["event_at"] < pd.Timestamp("2026-11-16", tz="Asia/Bangkok")]
    seen = seen.assign(day=seen["event_at"].dt.tz_localize(None).dt.normalize())
    cancelled = seen[seen["stage"] == "cancellation"].groupby("day")
    pd.testing.assert_series_equal(
        events["units_cancelled"][events["units_cancelled"] > 0],
        cancelled["units"].sum(),
        check_names=False,
        check_index_type=False,
    )
    per_order = (
        seen[seen["stage"] == "cancellation"].groupby(["day", "order_id"])["amount"].sum().pow(2).groupby("day").sum()
    )
    found = events["amount_cancelled__amount_cancelled"]
    assert found[found > 0].to_numpy() == pytest.approx(per_order.to_numpy())
    returned = seen[seen["stage"] == "return_refund"].groupby("day")["order_id"].nunique()
    assert events["orders_returned"][events["orders_returned"] > 0].to_list() == returned.to_list()
    delivered = orders[orders["first_line"] & (orders["delivered_at"] < pd.Timestamp("2026-11-16", tz="Asia/Bangkok"))]
    expected = delivered.drop_duplicates("order_id")["delivered_at"].dt.tz_localize(None).dt.normalize().value_counts()
    assert events["orders_delivered"].sum() == expected.sum()


def test_the_cube_adds_up_and_both_bases_agree_in_total():
    orders, items = random_shop(9)
    facts = facts_of(orders, items)
    cube = daily(facts, items, AS_OF)
    created, event = (cube[cube["basis"] == basis] for basis in ("created", "event"))
    assert created["date"].is_monotonic_increasing
    assert list(created["date"]) == list(event["date"])
    assert created["date"].iloc[-1] == pd.Timestamp(AS_OF)
    for name, measure in MEASURES.items():
        # Everything that has happened has a day up to as_of; only orders not yet due have one later.
        assert created[name].sum() == pytest.approx(event[name].sum()), name
        if not measure.stage:
            assert event[name].dtype == ("float64" if measure.unit == "money" else "int64")
    flags = facts[["cancelled", "seller_fault", "dispatch_due", "late_dispatch", "returned_any"]].sum()
    names = ["orders_cancelled", "seller_fault", "orders_due", "orders_late", "orders_returned"]
    assert created[names].sum().to_list() == flags.to_list()


def test_rolling_is_a_sum_of_days():
    orders, items = random_shop(3)
    cube = daily(facts_of(orders, items), items, AS_OF)
    days = cube[cube["basis"] == "created"].set_index("date")
    for window in WINDOWS:
        found = rolling(cube, "seller_fault_cancellation_rate", window).set_index("date")
        sums = days[["seller_fault", "orders_paid"]].rolling(window, min_periods=1).sum()
        assert found["numerator"].to_list() == sums["seller_fault"].to_list()
        assert found["denominator"].to_list() == sums["orders_paid"].to_list()
        low, high = inference.wilson(sums["seller_fault"], sums["orders_paid"])
        np.testing.assert_allclose(found["low"], low)
        np.testing.assert_allclose(found["high"], high)
        assert found["days"].iloc[0] == 1
        assert found["days"].iloc[-1] == window


# ---- one order at a time ----


def test_unpaid_and_cash_on_delivery():
    unpaid = one({"paid_at": None})
    assert (unpaid["unpaid"], unpaid["paid"], unpaid["dispatch_due"]) == (True, False, False)
    cod = one({"paid_at": None, "is_cod": True})
    assert (cod["unpaid"], cod["paid"], cod["cod"], cod["late_dispatch"]) == (False, True, True, True)
    # A file without the column of payment: an order on its way was paid for.
    assert one({"paid_at": None, "shipped_at": "2026-11-03 10:00"})["paid"]


def test_an_unpaid_order_that_lapses_is_in_the_order_rates_and_not_in_the_fault_rate():
    row = one({"paid_at": None}, {"stage": "unpaid", "initiator": "system", "responsibility": "seller"})
    assert row["cancelled"]
    assert row["cancelled_by_system"]
    assert not row["seller_fault"]
    assert not row["paid"]


@pytest.mark.parametrize(
    ("initiator", "responsibility", "other", "ambiguous", "fault", "fault_other"),
    [
        ("seller", "seller", "seller", False, True, True),
        ("system", "seller", "seller", False, True, True),
        ("operator", "seller", "seller", False, True, True),
        ("unknown", "seller", "seller", False, True, True),
        ("buyer", "seller", "seller", False, False, False),  # asked for by the buyer
        ("buyer", "seller", "buyer", True, False, True),  # "not shipped on time", asked for by the buyer
        ("buyer", "buyer", "seller", True, False, True),
        ("system", "platform", "seller", True, False, True),
        ("seller", "buyer", "buyer", False, False, False),
        ("system", "platform", "buyer", True, False, False),
        ("system", "unknown", "unknown", False, False, True),
    ],
)
def test_seller_fault(initiator, responsibility, other, ambiguous, fault, fault_other):
    row = one(
        {},
        {
            "initiator": initiator,
            "responsibility": responsibility,
            "responsibility_other": other,
            "ambiguous": ambiguous,
        },
    )
    assert (row["seller_fault"], row["seller_fault_other"]) == (fault, fault_other)
    # Only what has one reading is certain.
    assert row["seller_fault_least"] == (fault and not ambiguous)
    waits = one({}, {"initiator": "system", "responsibility": responsibility, "responsibility_other": "seller",
                     "pending": True})  # fmt: skip
    assert (waits["seller_fault_least"], waits["seller_fault_other"]) == (False, True)


def test_cancelled_after_shipping_is_no_cancellation_before_it():
    item = {"event_at": "2026-11-05 10:00"}
    assert one({"shipped_at": "2026-11-05 11:00"}, item)["cancelled"]
    assert not one({"shipped_at": "2026-11-05 09:00"}, item)["cancelled"]
    failed = one({}, {"stage": "refund", "failed_delivery": True, **item})
    assert (failed["cancelled"], failed["came_back"], failed["shipped"], failed["delivery_ended"]) == (
        False,
        True,
        True,
        True,
    )
    refused = one({}, {"stage": "refund", "refused": True, **item})
    assert (refused["came_back"], refused["refused"], refused["failed_delivery"]) == (True, True, False)


def test_a_partly_cancelled_order_counts_in_items_and_money_only():
    orders = order_lines(
        {"order_id": "O1", "quantity": 2, "line_amount": 30.0},
        {"order_id": "O1", "sku_id": "S2", "first_line": False, "quantity": 1, "line_amount": 5.0},
    )
    items = affected_items({"order_id": "O1", "units": 1, "amount": 15.0, "whole_order": False})
    row = facts_of(orders, items).iloc[0]
    assert (row["cancelled"], row["partly_cancelled"], row["seller_fault"]) == (False, True, False)
    assert (row["units"], row["units_cancelled"], row["amount"], row["amount_cancelled"]) == (3, 1, 35.0, 15.0)
    rest = affected_items(
        {"order_id": "O1", "units": 2, "whole_order": False},
        {
            "order_id": "O1",
            "sku_id": "S2",
            "units": 1,
            "initiator": "buyer",
            "whole_order": False,
            "event_at": "2026-11-04 00:00:00",
        },
    )
    row = facts_of(orders, rest).iloc[0]
    assert (row["cancelled"], row["partly_cancelled"], row["cancelled_by"]) == (True, False, "buyer")


def test_a_partly_cancelled_order_is_dispatched_when_the_rest_is():
    lines = [
        {"order_id": "O1", "status": "to_ship"},
        {"order_id": "O1", "sku_id": "S2", "first_line": False, "rts_at": "2026-11-03 10:00", "status": "to_ship"},
    ]
    items = affected_items({"order_id": "O1", "whole_order": False})
    row = facts_of(order_lines(*lines), items).iloc[0]
    assert (row["dispatch_due"], row["late_dispatch"], row["dispatched"]) == (True, False, True)
    row = facts_of(order_lines(*lines), empty(AFFECTED_ITEMS, "Asia/Bangkok")).iloc[0]
    assert (row["dispatch_due"], row["late_dispatch"], row["dispatched"]) == (True, True, False)


@pytest.mark.parametrize("offset", range(7))
@pytest.mark.parametrize("minute", ["00:00:00", "12:00:00", "23:59:59"])
def test_due_day_is_two_business_days_later(offset, minute):
    paid = date(2026, 11, 2) + timedelta(days=offset)
    row = one({"paid_at": f"{paid} {minute}"})
    assert row["due_date"].date() == add_business_days(paid, 2)


def test_late_from_the_first_moment_after_the_due_day():
    monday = {"paid_at": "2026-11-02 10:00"}
    assert not one({**monday, "rts_at": "2026-11-04 23:59:59"})["late_dispatch"]
    assert one({**monday, "rts_at": "2026-11-05 00:00:00"})["late_dispatch"]
    # No ready-to-ship mark in the file: being shipped is proof enough.
    assert not one({**monday, "shipped_at": "2026-11-04 12:00"})["late_dispatch"]
    undispatched = [one(monday, as_of=date(2026, 11, day)) for day in (3, 4, 5)]
    assert [row["dispatch_due"] for row in undispatched] == [False, True, True]
    assert [row["late_dispatch"] for row in undispatched] == [False, True, True]


def test_cancelled_orders_and_the_deadline():
    monday = {"paid_at": "2026-11-02 10:00"}
    item = {"initiator": "buyer", "responsibility": "buyer", "root_cause": "buyer_choice"}
    in_time = one(monday, {**item, "event_at": "2026-11-04 20:00"})
    assert (in_time["dispatch_due"], in_time["late_dispatch"]) == (False, False)
    too_late = one(monday, {**item, "event_at": "2026-11-05 08:00"})
    assert (too_late["dispatch_due"], too_late["late_dispatch"]) == (True, True)
    automatic = {"initiator": "system", "root_cause": "late_dispatch", "event_at": "2026-11-04 20:00"}
    row = one(monday, automatic)
    assert (row["dispatch_due"], row["late_dispatch"], row["seller_fault"]) == (True, True, True)
    collected = one({**monday, "rts_at": "2026-11-03 09:00"}, {**automatic, "event_at": "2026-11-09 00:00"})
    assert collected["late_dispatch"]  # ready in time, never collected, cancelled for it


def test_no_deadline_no_lateness():
    shop = make_shop({"id": "shop", "market": "GB"})
    row = one(
        {"currency": "GBP"},
        {"initiator": "system", "root_cause": "late_dispatch", "currency": "GBP"},
        shop,
        zone="Europe/London",
    )
    assert (row["dispatch_due"], row["late_dispatch"], pd.isna(row["due_date"])) == (False, False, True)


def test_nothing_after_as_of_is_seen():
    order = {"rts_at": "2026-11-03 10:00", "shipped_at": "2026-11-04 10:00", "delivered_at": "2026-11-06 10:00"}
    item = {"stage": "return_refund", "return_id": "R1", "event_at": "2026-11-09 00:00:00", "whole_order": False}
    days = {day: one(order, item, as_of=date(2026, 11, day)) for day in (2, 3, 5, 6, 8, 9)}
    assert [days[d]["dispatched"] for d in days] == [False, True, True, True, True, True]
    assert [days[d]["shipped"] for d in days] == [False, False, True, True, True, True]
    assert [days[d]["delivered"] for d in days] == [False, False, False, True, True, True]
    assert [days[d]["returned_any"] for d in days] == [False, False, False, False, False, True]
    assert facts_of(order_lines(order), affected_items(item), as_of=date(2026, 11, 1)).empty


def test_a_cancellation_after_as_of_has_not_happened():
    orders = order_lines({"order_id": "O1"}, {"order_id": "O1", "sku_id": "S2", "first_line": False})
    items = affected_items(
        {"order_id": "O1", "event_at": "2026-11-03 10:00"},
        {"order_id": "O1", "sku_id": "S2", "event_at": "2026-11-05 10:00"},
    )
    early, late = (facts_of(orders, items, as_of=date(2026, 11, day)).iloc[0] for day in (4, 5))
    assert (early["cancelled"], early["partly_cancelled"]) == (False, True)
    assert (late["cancelled"], late["partly_cancelled"]) == (True, False)


@pytest.mark.parametrize(
    ("who", "main", "other"), [("seller", 1, 1), ("shipping", 1, 1), ("buyer", 0, 0), ("unknown", 0, 1)]
)
def test_returns_by_fault(who, main, other):
    order = {"delivered_at": "2026-11-06 10:00"}
    item = {"stage": "return_refund", "return_id": "R1", "event_at": "2026-11-09", "responsibility": who}
    row = one(order, item)
    assert (row["non_buyer_fault_return"], row["non_buyer_fault_return_other"]) == (bool(main), bool(other))
    assert row["seller_fault_return"] == (who == "seller")
    doubtful = one(order, {**item, "responsibility_other": "seller", "ambiguous": True})
    assert doubtful["non_buyer_fault_return_other"]
    assert doubtful["seller_fault_return_other"]
    assert one(order, {**item, "pending": True})["non_buyer_fault_return_other"]
    assert row["non_buyer_fault_return_least"] == bool(main)
    assert (row["seller_fault_return_least"], row["seller_fault_return_other"]) == (
        who == "seller", who in ("seller", "unknown"),
    )  # fmt: skip
    open_case = one(order, {**item, "pending": True})
    assert not open_case["non_buyer_fault_return_least"]
    assert not open_case["seller_fault_return_least"]
    can_be_buyers = one(order, {**item, "responsibility_other": "buyer", "ambiguous": True})
    assert not can_be_buyers["non_buyer_fault_return_least"]


def test_money_of_two_currencies_is_never_added():
    orders = order_lines({"line_amount": 10.0}, {"line_amount": 99.0, "currency": "USD"})
    items = affected_items({"amount": 10.0}, {"amount": 99.0, "currency": "USD"})
    facts = facts_of(orders, items)
    assert facts["amount"].to_list() == [10.0, 0.0]
    assert facts["amount_cancelled"].to_list() == [10.0, 0.0]
    cube = daily(facts, items, AS_OF)
    for basis in ("created", "event"):
        rows = cube[cube["basis"] == basis]
        assert rows["amount_paid"].sum() == 10.0
        assert rows["amount_cancelled"].sum() == 10.0
        assert rows["units_cancelled"].sum() == 2
    assert cube.loc[cube["basis"] == "created", "orders_other_currency"].sum() == 1


# ---- days, zones, emptiness ----


def test_days_are_the_shops_own_over_the_change_of_clocks():
    # Clocks go back on 2026-11-01 in Los Angeles: the day has 25 hours, and stays one day.
    times = [
        "2026-10-31 23:59:59",
        "2026-11-01 00:00:00",
        "2026-11-01 01:30:00",
        "2026-11-01 23:59:59",
        "2026-11-02 00:00:00",
    ]
    orders = order_lines(*({"created_at": time, "currency": "USD"} for time in times), zone=LA)
    items = empty(AFFECTED_ITEMS, LA)
    cube = daily(facts_of(orders, items, US, date(2026, 11, 1)), items, date(2026, 11, 1))
    created = cube[cube["basis"] == "created"]
    assert created["date"].dt.strftime("%m-%d").to_list() == ["10-31", "11-01"]
    assert created["orders_placed"].to_list() == [1, 3]
    spring = order_lines({"created_at": "2026-03-08 02:30:00", "currency": "USD"}, zone=LA)  # an hour that is not there
    assert facts_of(spring, items, US)["created_date"].dt.day.to_list() == [8]


def test_a_window_counts_calendar_days():
    orders = order_lines(
        {"created_at": "2026-11-09 00:00:00"},
        {"created_at": "2026-11-08 23:59:59"},
        {"created_at": "2026-11-15 23:59:59"},
    )
    items = empty(AFFECTED_ITEMS, "Asia/Bangkok")
    cube = daily(facts_of(orders, items), items, AS_OF)
    week = window_figures(cube, "order_cancellation_rate", 7, [AS_OF]).iloc[0]
    assert (week["denominator"], week["days"]) == (2, 7)
    month = window_figures(cube, "order_cancellation_rate", 30, [AS_OF]).iloc[0]
    assert (month["denominator"], month["days"]) == (3, 8)


def test_before_the_first_order_there_is_nothing():
    orders, items = random_shop(1, n=20)
    facts = facts_of(orders, items, as_of=date(2026, 9, 1))
    assert facts.empty
    cube = daily(facts, items, date(2026, 9, 1))
    assert len(cube) == 2
    table = rates_at(cube, date(2026, 9, 1))
    assert len(table) == len(RATES) * 2 * 3
    assert (table["denominator"] == 0).all()
    assert table["rate"].isna().all()
    assert (table["low"] == 0).all()
    full = daily(facts_of(orders, items), items, AS_OF)
    outside = window_figures(full, "order_cancellation_rate", 7, [date(2026, 9, 1), date(2027, 9, 1)])
    assert outside["denominator"].to_list() == [0, 0]
    assert outside["days"].to_list() == [0, 0]


def test_a_shop_without_any_order():
    orders, items = empty(ORDER_LINES, "Asia/Bangkok"), empty(AFFECTED_ITEMS, "Asia/Bangkok")
    facts = facts_of(orders, items)
    assert facts.empty
    filled = facts_of(order_lines({}), items)
    assert facts.dtypes.to_dict() == filled.dtypes.to_dict()
    assert rates_at(daily(facts, items, AS_OF), AS_OF)["rate"].isna().all()


def test_the_weights_are_settings():
    orders, items = random_shop(2)
    cube = daily(facts_of(orders, items), items, AS_OF)
    plain = window_figures(cube, "order_cancellation_rate", 30, [AS_OF]).iloc[0]
    equal = make_shop({"id": "s", "market": "TH", "seller_weight": 1.0, "buyer_weight": 1.0})
    same = window_figures(cube, "weighted_cancellation_rate", 30, [AS_OF], shop=equal).iloc[0]
    assert same[["numerator", "rate", "low", "high"]].to_list() == pytest.approx(
        plain[["numerator", "rate", "low", "high"]].to_list()
    )
    source = make_shop({"id": "s", "market": "TH", "seller_weight": 2.3, "buyer_weight": 0.0})
    rows = cube[(cube["basis"] == "created") & (cube["date"] > pd.Timestamp(AS_OF) - pd.Timedelta(days=30))]
    found = window_figures(cube, "weighted_cancellation_rate", 30, [AS_OF], shop=source).iloc[0]
    assert found["numerator"] == pytest.approx(2.3 * rows["cancelled_by_seller"].sum())


def test_item_rates_are_less_sure_than_their_lines_pretend():
    orders, items = random_shop(4)
    cube = daily(facts_of(orders, items), items, AS_OF)
    row = window_figures(cube, "cancelled_item_rate", 30, [AS_OF]).iloc[0]
    low, high = inference.wilson(row["numerator"], row["denominator"])
    assert row["high"] - row["low"] > high - low


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("no_rate", 7), {}, "unknown rate"),
        (("return_rate", 7), {"basis": "posted"}, "date basis"),
        (("return_rate", 0), {}, "at least one day"),
        (("return_rate", 7), {"denominator": "orders_dreamt_of"}, "unknown measure"),
    ],
)
def test_wrong_questions(arguments, options, said):
    items = empty(AFFECTED_ITEMS, "Asia/Bangkok")
    cube = daily(facts_of(order_lines({}), items), items, AS_OF)
    with pytest.raises(SettingsError, match=said):
        window_figures(cube, *arguments, [AS_OF], **options)


def test_definitions_name_measures_that_are_there():
    for rate in RATES.values():
        assert rate.numerator in MEASURES
        assert rate.denominator in MEASURES
        assert rate.numerator_other in ("", *MEASURES)
        assert MEASURES[rate.numerator].unit == MEASURES[rate.denominator].unit == rate.unit
    table = definitions()
    assert table["metric"].to_list() == list(RATES)
    assert (table != "").all().all()
    assert all(label in definitions_markdown() for label in table["label"])


def test_the_methods_page_holds_the_definitions_as_they_are():
    page = (Path(__file__).resolve().parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
    assert definitions_markdown().strip() in page
