"""Order lines of thousands of shops, invented: a dataset in its own layout, and export files of single shops.

Shops are of very different sizes (lognormal), orders have a week's rhythm and one to three lines, and the shares of
statuses, initiators, reasons and delays are those of the sample shop; each shop has its own level of cancellations.
The same seed gives the same rows. Nothing here is of a real shop, and the shops' settings say so (`synthetic`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cancel_analysis import tables
from cancel_analysis.catalog.datasets import settings_values
from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.dataset import stored_shop
from cancel_analysis.dataset.addresses import make
from cancel_analysis.dataset.stored_shop import StoredShop
from cancel_analysis.loaders import Intake
from cancel_analysis.loaders.parsing.account import Account
from cancel_analysis.loaders.statements import Statements

FIRST, LAST = pd.Timestamp("2026-05-18"), pd.Timestamp("2026-11-15 23:59:59")
ZONE, SEED = "America/Los_Angeles", 20261116
CATEGORIES = ("Kitchenware", "Home decor", "Home fragrance", "Hardware", "Storage", "Lighting", "Textiles")
CARRIERS, REGIONS = ("Blue Gull Parcel", "Prairie Post", "Northwind"), ("California", "Texas", "New York", "Ohio")
# Who cancelled, the reason in the words of an export, and its share among cancelled orders.
REASONS = (
    ("system", "Customer overdue to pay", 0.26),
    ("buyer", "No longer needed", 0.15),
    ("system", "Package delivery failed", 0.10),
    ("buyer", "Better price available", 0.10),
    ("seller", "Out of stock", 0.15),
    ("buyer", "Need to change color or size", 0.07),
    ("buyer", "Need to change payment method", 0.05),
    ("buyer", "Bought by mistake", 0.04),
    ("system", "Package rejected", 0.03),
    ("seller", "Pricing error", 0.02),
    ("system", "Automatically cancelled due to collection time out", 0.03),
)
STATUSES = ("cancelled", "completed", "shipped", "to_ship")
SUBSTATUSES = ("cancelled", "completed", "delivered", "in_transit", "awaiting_shipment")
LINES_OF_ORDER = (0.62, 0.28, 0.10)


@dataclass(frozen=True)
class Size:
    """How many shops, and how many order lines all of them have."""

    shops: int
    lines: int


def shop_of(number: int) -> ShopSettings:
    """The settings of one shop."""
    return make_shop(
        {
            "id": f"bench-{number:05d}",
            "name": f"Synthetic shop {number:05d}",
            "market": "US",
            "category": CATEGORIES[number % len(CATEGORIES)].lower(),
            "synthetic": True,
        },
        Path(),
    )


def lines_of(size: Size) -> np.ndarray:
    """The order lines of each shop: lognormal, in all about `size.lines`, none below 50."""
    weights = np.random.default_rng(SEED).lognormal(0.0, 1.0, size.shops)
    return np.maximum(50, np.round(weights / weights.sum() * size.lines)).astype(int)


def orders(shop: ShopSettings, number: int, lines: int) -> pd.DataFrame:
    """The order lines of one shop, columns and kinds of `tables.ORDER_LINES`, by order."""
    random = np.random.default_rng([SEED, number])
    count = max(1, round(lines / float(np.dot(LINES_OF_ORDER, (1, 2, 3)))))
    of_order = random.choice((1, 2, 3), count, p=LINES_OF_ORDER)
    order = np.repeat(np.arange(count), of_order)[:lines]
    rows = len(order)
    placed = _placed(random, count)
    gone = random.random(count) < random.beta(4, 60)
    shares = np.array([share for *_, share in REASONS])
    reason = random.choice(len(REASONS), count, p=shares / shares.sum())
    unpaid = gone & (reason == 0)
    failed = gone & np.isin(reason, (2, 8))
    hours = random.gamma(2.0, 9.0, count)
    sent, brought = 1 + hours, 1 + hours + random.gamma(4.0, 18.0, count)
    age = (LAST - FIRST).total_seconds() / 3600 - placed
    is_sent = ((~gone) | failed) & (sent < age)
    is_brought = ~gone & (brought < age)
    is_over = is_brought & (brought + 14 * 24 < age)
    status = np.select([gone, is_over, is_sent], [0, 1, 2], 3)
    substatus = np.select([gone, is_over, is_brought, is_sent], [0, 1, 2, 3], 4)
    returned = is_brought[order] & (random.random(rows) < 0.02)
    sku = random.zipf(1.4, rows) % 200
    quantity = random.choice((1, 2, 3), rows, p=(0.86, 0.11, 0.03))
    price = 4.0 + (sku * 7919 % 6000) / 100
    amount = np.round(price * quantity * 0.85, 2)
    starts = np.r_[True, order[1:] != order[:-1]]
    total = np.round(np.bincount(order, amount, count), 2)[order]
    lost = gone[order]
    # 0 is none.
    why = np.where(gone, reason + 1, 0)[order]

    def moments(hours_after: np.ndarray, there: np.ndarray) -> pd.Series:
        found = pd.Series(FIRST + pd.to_timedelta(np.round((placed + hours_after) * 3600), unit="s")).where(there)
        local = found.dt.tz_localize(ZONE, ambiguous=True, nonexistent="shift_forward")
        return local.take(order).reset_index(drop=True)

    everywhere = np.ones(count, dtype=bool)
    first_order = 576_000_000_000_000_000 + number * 10_000_000
    everyone = np.zeros(rows, dtype=int)
    cells = {
        "shop_id": _chosen([shop.id], everyone),
        "order_id": _digits(first_order + order),
        "sku_id": _digits(1_729_000_000_000_000_000 + number * 1000 + sku),
        "line_no": 1 + pd.DataFrame({"order": order, "sku": sku}).groupby(["order", "sku"]).cumcount().to_numpy(),
        "first_line": starts,
        "product_id": _chosen([None], everyone),
        "seller_sku": _chosen([f"SKU-{number}" for number in range(200)], sku),
        "product_name": _chosen([f"Synthetic product {number}" for number in range(100)], sku // 2),
        "variation": _chosen(["Sand", "Sage"], sku % 2),
        "category": _chosen(CATEGORIES, sku % len(CATEGORIES)),
        "quantity": quantity,
        "quantity_affected": np.where(lost | returned, quantity, 0),
        "unit_price": price,
        "line_amount": amount,
        "order_amount": total,
        "order_refund_amount": np.where(lost & ~unpaid[order], total, 0.0),
        "currency": _chosen(["USD"], everyone),
        "status": _chosen(STATUSES, status[order]),
        "substatus": _chosen(SUBSTATUSES, substatus[order]),
        "after_sale": _chosen([None, "cancel", "return_refund"], np.where(lost, 1, 2 * returned)),
        "created_at": moments(np.zeros(count), everywhere),
        "paid_at": moments(np.full(count, 0.05), ~unpaid),
        "rts_at": moments(sent * 0.7, is_sent),
        "shipped_at": moments(sent, is_sent),
        "delivered_at": moments(brought, is_brought),
        "cancelled_at": moments(np.where(failed, brought, np.minimum(hours, age)), gone),
        "updated_at": moments(age + 9, everywhere),
        "cancelled_by": _chosen([None, *(who for who, *_ in REASONS)], why),
        "cancel_reason_code": _chosen([None], everyone),
        "cancel_reason_text": _chosen([None, *(words for _, words, _ in REASONS)], why),
        "payment_method": _chosen(["Credit card"], everyone),
        "is_cod": everyone.astype(bool),
        "fulfillment_type": _chosen(["Fulfillment by seller"], everyone),
        "warehouse": _chosen(["Reno DC 1"], everyone),
        "package_id": _digits(1_150_000_000_000_000_000 + number * 10_000_000 + order),
        "tracking_id": _digits(80_000_000_000 + order),
        "carrier": _chosen(CARRIERS, order % 3),
        "region": _chosen(REGIONS, order * 7 % 4),
        "source_file": _chosen(["synthetic.csv"], everyone),
        "source_row": np.arange(rows) + 3,
    }
    empty = tables.empty(tables.ORDER_LINES, ZONE)
    frame = pd.DataFrame({name: cells[name] for name in tables.ORDER_LINES.names}, index=range(rows))
    return frame.astype({name: empty[name].dtype for name in frame.columns})


def _chosen(values: Sequence[str | None], which: np.ndarray) -> Any:
    """A column of texts, each one of a few."""
    return pd.array(pa.array(values, pa.large_string()).take(pa.array(which)), dtype="str")


def _digits(numbers: np.ndarray) -> Any:
    """A column of numbers as text."""
    return pd.array(pa.array(numbers).cast(pa.large_string()), dtype="str")


def _placed(random: np.random.Generator, count: int) -> np.ndarray:
    """Hours after `FIRST` at which orders are placed, in their order: quiet nights, busy weekends."""
    days = (LAST.normalize() - FIRST).days + 1
    weekday = (FIRST.day_of_week + np.arange(days)) % 7
    busy = np.where(weekday >= 5, 1.35, 1.0) * np.linspace(1.0, 1.3, days)
    day = random.choice(days, count, p=busy / busy.sum())
    return np.sort(day * 24 + np.clip(random.normal(15.0, 4.5, count), 0.0, 23.99))


def account_of(frame: pd.DataFrame) -> Account:
    """The account of a file of which every row counts."""
    rows = len(frame)
    file = {
        "file": "synthetic.csv", "format": "csv", "sheet": None, "rows": rows, "description": 0, "samples": 0,
        "superseded": 0, "refused": 0, "used": rows, "date_order": "mdy", "date_order_basis": "synthetic",
        "newest": LAST + pd.Timedelta(hours=9),
    }  # fmt: skip
    statuses = frame["status"].value_counts()
    by_status = pd.DataFrame({"status": statuses.index, "rows": statuses.to_numpy(), "refused": 0, "undated": 0})
    names = ["file", "sheet", "row", "column", "value", "reason", "remedy"]
    return Account(
        "orders", rows, 0, 0, 0, 0, rows,
        files=pd.DataFrame([file]).astype({"newest": "datetime64[us]"}),
        refusals=pd.DataFrame(columns=names),
        unknown_values=pd.DataFrame(columns=["column", "value", "count", "taken_as"]),
        by_status=by_status,
    )  # fmt: skip


def write_shop(dataset: Path, number: int, lines: int) -> int:
    """Write the parts of one shop in the dataset's own layout, without figures; the order lines written."""
    shop = shop_of(number)
    folder = stored_shop.folder_of(dataset, shop)
    frame = orders(shop, number, lines)
    found = Statements({"orders": Intake(frame, account_of(frame))})
    stored = StoredShop(settings=settings_values(shop), files={f"synthetic-{number}": "synthetic.csv"})
    stored_shop.write_tables(folder, stored, found).write(folder)
    return len(frame)


def write_dataset(dataset: Path, size: Size) -> Iterator[int]:
    """Write all shops; the lines of each as it is written."""
    make(dataset)
    for number, lines in enumerate(lines_of(size)):
        yield write_shop(dataset, number, int(lines))
