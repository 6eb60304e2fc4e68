"""Rates of the sample shops against the raw files, read here with the csv module and nothing of the package."""

import csv
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.shops import read_shops
from cancel_analysis.loaders import load_shop
from cancel_analysis.rates.cube import daily, rates_at
from cancel_analysis.rates.order_facts import describe_orders

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
AS_OF = date(2026, 11, 15)
# English interface and CSV: the files that a few lines can read.
SHOPS = {"us-harbor-home": "%m/%d/%Y %I:%M:%S %p", "uk-linen-lane": "%d/%m/%Y %H:%M:%S"}

pytestmark = pytest.mark.skipif(not (SAMPLE / "shops.yaml").exists(), reason="the sample data are not there")


def raw_orders(shop, form):
    """Every order of the files that is no sample: its rows as the newest file has them, times read."""
    rows = defaultdict(list)
    for path in sorted((SAMPLE / shop).glob("All order-*.csv")):  # their names sort by date
        mine = defaultdict(list)
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                row = {key: (value or "").strip() for key, value in row.items()}
                if row["Order ID"].isdigit() and len(row["Order ID"]) >= 10 and readable(row, form):
                    mine[row["Order ID"]].append(row)
        rows.update(mine)
    cut = datetime.combine(AS_OF + timedelta(days=1), datetime.min.time())
    orders = []
    for order in rows.values():
        first = order[0]
        if float(first["Order Amount"] or 0) == 0 and not first["Payment Method"]:
            continue
        whole = all(row["Order Status"] == "Canceled" for row in order)
        living = [row for row in order if whole or not row["Cancelled Time"]
                  or int(row["Sku Quantity of return"] or 0) < int(row["Quantity"])]  # fmt: skip
        times = {}
        for name, rows_of, choose in (("Created", order, min), ("Paid", order, min), ("RTS", living, max),
                                      ("Shipped", living, min), ("Delivered", living, max),
                                      ("Cancelled", order, max)):  # fmt: skip
            found = [datetime.strptime(row[f"{name} Time"], form) for row in rows_of if row[f"{name} Time"]]
            found = [when for when in found if when < cut]
            times[name] = choose(found) if found else None
        if times["Created"]:
            orders.append(
                {
                    **times,
                    "id": first["Order ID"],
                    "by": first["Cancel By"],
                    "why": first["Cancel Reason"],
                    "whole": whole,
                }
            )
    return orders


def readable(row, form):
    """Whether every time and the quantity of a row can be; the planted rows that cannot are refused."""
    try:
        for name in ("Created", "Paid", "RTS", "Shipped", "Delivered", "Cancelled"):
            if row[f"{name} Time"]:
                datetime.strptime(row[f"{name} Time"], form)
        int(row["Quantity"])
        float(row["SKU Subtotal After Discount"])
    except ValueError:
        return False
    return True


def figures(shop):
    (found,) = [one for one in read_shops(SAMPLE) if one.id == shop]
    intake = load_shop(found)
    items = attribute(intake.orders.table, intake.returns.table, found).items
    cube = daily(describe_orders(intake.orders.table, items, found, AS_OF), items, AS_OF)
    return rates_at(cube, AS_OF, found).query("basis == 'created'").set_index(["metric", "window"])


@pytest.fixture(scope="module", params=SHOPS)
def both(request):
    return request.param, raw_orders(request.param, SHOPS[request.param]), figures(request.param)


@pytest.mark.parametrize("window", [7, 15, 30])
def test_rates_of_the_raw_files(both, window):
    shop, orders, table = both
    first = datetime.combine(AS_OF - timedelta(days=window - 1), datetime.min.time())
    here = [order for order in orders if order["Created"] >= first]
    gone = [order for order in here if order["whole"] and order["Cancelled"] and not order["Shipped"]]
    paid = [order for order in here if order["Paid"]]
    faults = ("Out of stock", "Pricing error", "Automatically cancelled due to collection time out")
    expected = {
        "order_cancellation_rate": (sum(order["by"] in ("User", "Seller") for order in gone), len(here)),
        "total_cancellation_rate": (len(gone), len(here)),
        "seller_fault_cancellation_rate": (
            sum(bool(order["Paid"]) and order["by"] != "User" and order["why"] in faults for order in gone),
            len(paid),
        ),
        "weighted_cancellation_rate": (
            sum({"Seller": 2.3, "User": 1.0}.get(order["by"], 0.0) for order in gone),
            len(here),
        ),
        "failed_delivery_rate": (
            sum(bool(order["whole"] and order["Cancelled"] and order["Shipped"]) for order in here),
            sum(
                bool(order["Delivered"] or (order["whole"] and order["Cancelled"] and order["Shipped"]))
                for order in here
            ),
        ),
    }
    if shop == "us-harbor-home":
        expected["late_dispatch_rate"] = late(here)
    for name, (count, total) in expected.items():
        row = table.loc[(name, window)]
        assert (row["numerator"], row["denominator"]) == (pytest.approx(count), total), name
        assert row["rate"] == pytest.approx(count / total), name


# Federal holidays in the sample's months, from the public calendar of the US Office of Personnel Management.
FREE = np.array(["2026-09-07", "2026-10-12", "2026-11-11"], dtype="datetime64[D]")


def late(orders):
    """Late and due: shipped within two business days after payment; cancelled in time is not due, time-out is late.

    The files hold no tracking events, so the time of shipment stands for the carrier's scan.
    """
    count = total = 0
    for order in orders:
        if not order["Paid"]:
            continue
        day_0 = np.busday_offset(np.datetime64(order["Paid"].date(), "D"), 0, roll="backward", holidays=FREE)
        due = np.busday_offset(day_0, 2, holidays=FREE).astype(date)
        timeout = bool(order["Cancelled"]) and order["why"] == "Automatically cancelled due to collection time out"
        ended = order["Cancelled"] if order["whole"] and order["Cancelled"] else None
        in_time = ended and ended.date() <= due and (order["Shipped"] is None or ended < order["Shipped"])
        undated = order["Shipped"] is None and order["Delivered"] is not None
        if timeout or (due <= AS_OF and not in_time and not undated):
            total += 1
            count += timeout or order["Shipped"] is None or order["Shipped"].date() > due
    return count, total
