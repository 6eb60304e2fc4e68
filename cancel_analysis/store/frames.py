"""Tables and accounts of a shop ↔ files of the store: Parquet for tables, JSON for accounts.

What is read is what was written, to the kind of every empty cell; what cannot be written so is not kept.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd

from cancel_analysis import tables
from cancel_analysis.loaders import Intake, ShopIntake
from cancel_analysis.loaders.parsing.account_values import account_of, account_values

ACCOUNTS = "accounts.json"
# The part of a ShopIntake → the canonical table it is: no other column ever gets into the store.
PARTS = {
    "orders": tables.ORDER_LINES,
    "returns": tables.RETURNS,
    "requests": tables.CANCEL_REQUESTS,
    "stock_log": tables.STOCK_LOG,
    "stock_snapshots": tables.STOCK_SNAPSHOTS,
    "tracking": tables.TRACKING_EVENTS,
}


def write(intake: ShopIntake, folder: Path) -> None:
    """Write what there is of `intake` into the empty `folder`; ValueError for what would not be read the same."""
    accounts: dict[str, Any] = {}
    for name, table in PARTS.items():
        part: Intake | None = getattr(intake, name)
        if part is None:
            continue
        if list(part.table.columns) != list(table.names) or part.table.attrs:
            raise ValueError(f"{name} is no {table.name} table")
        part.table.to_parquet(folder / f"{name}.parquet", engine="pyarrow", compression="zstd")
        accounts[name] = account_values(part.account)
    text = json.dumps(accounts, ensure_ascii=False, allow_nan=False)
    (folder / ACCOUNTS).write_text(text, encoding="utf-8")


def read(files: dict[str, bytes]) -> ShopIntake:
    """What `write` wrote, from name → bytes; raises whatever the damage of such files raises."""
    accounts = json.loads(files[ACCOUNTS])
    parts = {}
    for name, values in accounts.items():
        frame = pd.read_parquet(io.BytesIO(files[f"{name}.parquet"]), engine="pyarrow")
        if list(frame.columns) != list(PARTS[name].names):
            raise ValueError(f"{name} has other columns")
        parts[name] = Intake(frame, account_of(values))
    return ShopIntake(**parts)
