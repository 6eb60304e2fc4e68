"""The committed sample files read as plainly as possible: csv, zipfile, calamine; nothing of the package."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineWorkbook

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
SHOPS = (
    "us-harbor-home",
    "uk-linen-lane",
    "th-siam-beauty",
    "vn-saigon-shoes",
    "id-toko-gadget",
    "sg-orchid-import",
)
AS_OF = datetime(2026, 11, 15, 23, 59, 59)
CANCELLED = {"Canceled", "ยกเลิกแล้ว", "Dibatalkan", "Đã hủy", "已取消"}
CASH = {"เก็บเงินปลายทาง", "Bayar di tempat", "Thanh toán khi nhận hàng"}
TIMES = ("Created", "Paid", "RTS", "Shipped", "Delivered", "Cancelled")


@cache
def truth(shop: str) -> dict[str, Any]:
    return json.loads((SAMPLE / shop / "truth.json").read_text(encoding="utf-8"))


def cells(path: Path) -> list[list[Any]]:
    """Every row of a file, the header first, as it stands there."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.reader(stream))
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def frame(path: Path) -> pd.DataFrame:
    """A file as text, its row counted as a spreadsheet does, its description row still there."""
    head, *rows = cells(path)
    table = pd.DataFrame([[str(cell).strip() for cell in row] for row in rows], columns=head)
    table["row"] = range(2, len(table) + 2)
    table["file"] = path.name
    return table


def paths(shop: str, kind: str) -> list[Path]:
    """The shop's files of a kind, oldest export first (the time is in the name)."""
    files = [file for file in truth(shop)["files"] if file["kind"] == kind]
    return [SAMPLE / shop / file["name"] for file in sorted(files, key=lambda file: file["exported"])]


def when(shop: str, texts: pd.Series) -> pd.Series:
    form = "%m/%d/%Y %I:%M:%S %p" if shop.startswith("us-") else "%d/%m/%Y %H:%M:%S"
    return pd.to_datetime(texts.where(texts != ""), format=form, errors="coerce")


@cache
def orders(shop: str) -> pd.DataFrame:
    """All rows of the order files with the cause for which a row is left out in `left_out` ('' for used)."""
    files = [frame(path) for path in paths(shop, "orders")]
    parts = []
    for number, table in enumerate(files):
        newer = {order for other in files[number + 1 :] for order in other["Order ID"]}
        table["left_out"] = ""
        free = (table["Order Amount"].str.replace(r"[^\d]", "", regex=True).str.strip("0") == "") & (
            table["Payment Method"] == ""
        )
        table.loc[free, "left_out"] = "samples"
        table.loc[table["Order ID"].isin(newer), "left_out"] = "superseded"
        table.loc[~table["Order ID"].str.fullmatch(r"\d{10,}"), "left_out"] = "refused"
        table.loc[when(shop, table["Created Time"]).isna(), "left_out"] = "refused"
        table.loc[(table["row"] == 2) & ~table["Order ID"].str.fullmatch(r"[\d.E+]+"), "left_out"] = "description"
        parts.append(table)
    table = pd.concat(parts, ignore_index=True)
    for name in TIMES:
        table[name] = when(shop, table[f"{name} Time"])
    table["cod"] = table["Payment Method"].isin(CASH)
    table["Quantity"] = pd.to_numeric(table["Quantity"], errors="coerce")
    table["Sku Quantity of return"] = pd.to_numeric(table["Sku Quantity of return"], errors="coerce")
    return table


def used(shop: str) -> pd.DataFrame:
    table = orders(shop)
    return table[table["left_out"] == ""].copy()


@cache
def returns(shop: str) -> pd.DataFrame:
    return pd.concat([frame(path) for path in paths(shop, "returns")], ignore_index=True)
