"""`truth.json` says what a plain count over the raw files finds: two ways to the same figures."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from .raw import AS_OF, CANCELLED, SHOPS, frame, orders, paths, returns, truth, used, when

SELLERS_FAULT = {
    "Out of stock", "Pricing error", "Automatically cancelled due to collection time out",
    "สินค้าหมด", "ข้อผิดพลาดในการกำหนดราคา", "ยกเลิกโดยอัตโนมัติเนื่องจากเกินเวลาเข้ารับพัสดุ",
    "Hết hàng", "Lỗi giá", "Tự động hủy do quá thời gian lấy hàng",
    "Stok habis", "Kesalahan harga", "Dibatalkan otomatis karena batas waktu pengambilan terlewati",
}  # fmt: skip
FAILED = {
    "Package delivery failed", "การจัดส่งพัสดุไม่สำเร็จ", "Giao kiện hàng không thành công", "Pengiriman paket gagal",
}  # fmt: skip


def _count(table: pd.DataFrame, at: pd.Timestamp) -> dict[str, Any]:
    """The figures of `truth.json` from lines alone: nothing that happened after `at` is seen."""
    table = table.copy()
    for name in ("Paid", "RTS", "Shipped", "Delivered", "Cancelled"):
        table[name] = table[name].where(table[name] <= at)
    table["gone"] = table["Order Status"].isin(CANCELLED) & table["Cancelled"].notna()
    lines = table.groupby("Order ID")
    order = lines.agg(
        gone=("gone", "all"), any_cancel=("Cancelled", "count"), cod=("cod", "first"), paid=("Paid", "first"),
        rts=("RTS", "first"), shipped=("Shipped", "first"), delivered=("Delivered", "first"),
        by=("Cancel By", "first"), reason=("Cancel Reason", "first"),
    )  # fmt: skip
    # "Never paid" is known for certain only once the order is cancelled or paid, later than `at` or not.
    order["ever_paid"] = table.assign(ever=table["Paid Time"] != "").groupby("Order ID")["ever"].any()
    gone = order[order["gone"]]
    unpaid = ~gone["cod"] & ~gone["ever_paid"]
    early = gone[~unpaid & gone["shipped"].isna()]
    partly = table[~table["Order ID"].isin(gone.index) & table["Cancelled"].notna()]
    return {
        "orders": len(order),
        "lines": len(table),
        "units": int(table["Quantity"].sum()),
        "unpaid_open": int((~order["cod"] & order["paid"].isna() & ~order["gone"]).sum()),
        "unpaid_cancelled": int(unpaid.sum()),
        "cancelled_orders": len(gone),
        "cancelled_by": gone["by"].value_counts().sort_index().to_dict(),
        "cancelled_before_shipping": early["by"].value_counts().sort_index().to_dict(),
        "cancelled_after_ready": int(early["rts"].notna().sum()),
        "seller_fault_cancelled": int((early["reason"].isin(SELLERS_FAULT) & (early["by"] != "User")).sum()),
        "failed": int(gone["reason"].isin(FAILED).sum()),
        "partly_cancelled": partly["Order ID"].nunique(),
        "partly_cancelled_units": int(partly["Sku Quantity of return"].sum()),
        "shipped": int(order["shipped"].notna().sum()),
        "delivered": int(order["delivered"].notna().sum()),
    }


def _same(found: dict[str, Any], told: dict[str, Any]) -> None:
    assert found == {key: told[key] for key in found}


@pytest.mark.parametrize("shop", SHOPS)
def test_rows_by_kind(shop: str) -> None:
    table = orders(shop)
    keys = ("description", "samples", "superseded", "refused")
    for file in truth(shop)["files"]:
        assert file["rows"] == sum(file[key] for key in keys) + file["used"]
        if file["kind"] not in ("orders", "returns"):
            continue
        if file["kind"] == "returns":
            (path,) = paths(shop, "returns")
            assert file["rows"] == file["used"] == len(frame(path))
            continue
        rows = table[table["file"] == file["name"]]
        assert len(rows) == file["rows"]
        found = rows["left_out"].value_counts()
        assert {key: int(found.get(key, 0)) for key in keys} == {key: file[key] for key in keys}
    account = truth(shop)["accounts"]["orders"]
    api = sum(file["rows"] for file in truth(shop)["files"] if file["kind"] == "orders_api")
    assert account["rows"] == len(table) + api
    # The same orders stand in both doors, so that what is used does not grow.
    assert account["used"] == (table["left_out"] == "").sum()


@pytest.mark.parametrize("shop", SHOPS)
def test_counts_at_the_export(shop: str) -> None:
    exported = pd.Timestamp(max(file["exported"] for file in truth(shop)["files"] if file["kind"] == "orders"))
    table = used(shop)
    assert truth(shop)["at_export"]["samples"] == orders(shop).query("left_out == 'samples'")["Order ID"].nunique()
    found = _count(table, exported)
    # The return export is a few minutes younger than the order export; nothing else happens in between.
    _same(found, truth(shop)["at_export"])


@pytest.mark.parametrize("shop", SHOPS)
def test_counts_at_the_end_of_the_week(shop: str) -> None:
    table = used(shop)
    _same(_count(table, pd.Timestamp(AS_OF)), truth(shop)["at_as_of"])
    for window, told in truth(shop)["windows_at_as_of"].items():
        first = pd.Timestamp("2026-11-16") - pd.Timedelta(days=int(window))
        _same(_count(table[table["Created"] >= first], pd.Timestamp(AS_OF)), told)


@pytest.mark.parametrize("shop", SHOPS)
def test_returns_by_status(shop: str) -> None:
    table = returns(shop)
    state = table["Return Status"].map(
        {
            "To Process": "pending", "In Process": "in_process", "Completed": "completed",
            "Refund rejected": "rejected", "Canceled": "withdrawn", "Cancelled": "withdrawn",
        }
    )  # fmt: skip
    if "Return Sub Status" in table:
        state = state.mask(table["Return Sub Status"].str.contains("cancelled"), "withdrawn")
    assert state.value_counts().sort_index().to_dict() == truth(shop)["at_export"]["return_requests"]
    reasons = table["Return Reason"].value_counts().to_dict()
    told: dict[str, int] = {}
    for entry in truth(shop)["return_reasons_at_export"]:
        told[entry["text"]] = told.get(entry["text"], 0) + entry["requests"]
    assert reasons == told
    if "Refund Time" in table:
        assert when(shop, table["Refund Time"]).notna().sum() == (state == "completed").sum()


@pytest.mark.parametrize("shop", SHOPS)
def test_cancel_reasons(shop: str) -> None:
    table = used(shop)
    table = table[table["Cancel Reason"] != ""]
    found = table.groupby(["Cancel By", "Cancel Reason"]).size().to_dict()
    told = {(entry["cancel_by"], entry["text"]): entry["lines"] for entry in truth(shop)["cancel_reasons_at_export"]}
    assert found == told


@pytest.mark.parametrize("shop", SHOPS)
def test_late_orders(shop: str) -> None:
    # A line cancelled alone has no ready time; the order's other lines have.
    order = used(shop).groupby("Order ID").agg(ready=("RTS", "max"), paid=("Paid", "max"), created=("Created", "max"))
    start = order["paid"].fillna(order["created"])
    deadline = start.dt.normalize() + 2 * pd.offsets.BusinessDay() + pd.Timedelta(hours=23, minutes=59, seconds=59)
    assert int((order["ready"] > deadline).sum()) == truth(shop)["at_export"]["late"]
