"""Tables and accounts of a shop ↔ files of the store: Parquet for tables, JSON for accounts.

What is read is what was written, to the kind of every empty cell; what cannot be written so is not kept.
"""

from __future__ import annotations

import io
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis import tables
from cancel_analysis.loaders import Account, Intake, ShopIntake

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
        accounts[name] = _account_values(part.account)
        _check_same(part.account, _account(accounts[name]))
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
        parts[name] = Intake(frame, _account(values))
    return ShopIntake(**parts)


def _account_values(account: Account) -> dict[str, Any]:
    return {field.name: _plain(getattr(account, field.name)) for field in fields(Account)}


def _account(values: dict[str, Any]) -> Account:
    return Account(**{name: _restored(value) for name, value in values.items()})


def _plain(value: Any) -> Any:
    """A value of an account as JSON has it; a frame with the kind of each column and of each empty cell."""
    if isinstance(value, pd.DataFrame):
        if not isinstance(value.index, pd.RangeIndex) or value.index.start or value.index.step != 1:
            raise ValueError("an account's frame counts its rows from 0")
        columns = [[str(name), str(series.dtype), [_cell(cell) for cell in series]] for name, series in value.items()]
        return {"rows": len(value), "columns": columns}
    return list(value) if isinstance(value, tuple) else value


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        index = pd.RangeIndex(value["rows"])
        series = {
            name: pd.Series([_cell_again(cell) for cell in cells], index=index, dtype=dtype)
            for name, dtype, cells in value["columns"]
        }
        return pd.DataFrame(series, index=index)
    return tuple(value) if isinstance(value, list) else value


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if value is pd.NA:
        return {"empty": "NA"}
    if value is pd.NaT:
        return {"empty": "NaT"}
    if isinstance(value, pd.Timestamp):
        if value.tz is not None:
            raise ValueError("a moment of an account has no zone")
        return {"time": value.isoformat(), "unit": value.unit}
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    if isinstance(value, float):
        # numpy's floats are floats too.
        return {"empty": "NaN"} if np.isnan(value) else {"float": float(value).hex()}
    raise ValueError(f"an account holds a {type(value).__name__}")


def _cell_again(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    if "empty" in cell:
        return {"NA": pd.NA, "NaT": pd.NaT, "NaN": float("nan")}[cell["empty"]]
    return pd.Timestamp(cell["time"]).as_unit(cell["unit"]) if "time" in cell else float.fromhex(cell["float"])


def _check_same(first: Account, second: Account) -> None:
    for field in fields(Account):
        value, again = getattr(first, field.name), getattr(second, field.name)
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(value, again, check_exact=True)
        elif value != again:
            raise ValueError(f"{field.name} of an account would not be read the same")
