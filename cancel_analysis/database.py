"""The process's own database, for queries over frames in memory."""

from __future__ import annotations

import os

import duckdb
import numpy as np

_databases: dict[int, duckdb.DuckDBPyConnection] = {}


def connect() -> duckdb.DuckDBPyConnection:
    """A connection of its own to the database of this process; what is registered there, no other sees.

    A database takes forty times as long to make as a connection to one. It is known by its process: one made
    before a fork has threads that the child lacks. The child keeps it all the same, untouched: to close it would
    wait for those threads for ever.
    """
    process = os.getpid()
    if process not in _databases:
        _databases[process] = duckdb.connect()
    return _databases[process].cursor()


def columns_of(answer: duckdb.DuckDBPyConnection | duckdb.DuckDBPyRelation) -> dict[str, np.ndarray]:
    """The columns of an answer as arrays: what is empty is None in texts, NaN in amounts, NaT in times.

    A frame of many columns is made of them in a third of the time that the answer's own takes. ValueError where a
    flag or a whole number is empty, as nothing stands for that.
    """
    columns = {}
    for name, values in answer.fetchnumpy().items():
        plain: np.ndarray = np.ma.getdata(values)
        if isinstance(values, np.ma.MaskedArray) and values.mask.any():
            if plain.dtype.kind not in "OfM":
                raise ValueError(f"{name} is empty in {int(values.mask.sum())} rows of an answer")
            if plain.dtype.kind != "O":
                plain[values.mask] = np.nan if plain.dtype.kind == "f" else np.datetime64("NaT")
        columns[name] = plain
    return columns
