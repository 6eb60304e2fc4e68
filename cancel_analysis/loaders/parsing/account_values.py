"""An account of rows ↔ plain values that JSON can hold: what is read is what was written, to the kind of every cell."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.loaders.parsing.account import Account


def account_values(account: Account) -> dict[str, Any]:
    """The account as JSON has it; ValueError for what would not be read the same."""
    values = {field.name: _plain(getattr(account, field.name)) for field in fields(Account)}
    _check_same(account, account_of(values))
    return values


def account_of(values: dict[str, Any]) -> Account:
    """The account that `account_values` wrote; raises whatever the damage of such values raises."""
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
