"""The process's own database, for queries over frames in memory."""

from __future__ import annotations

import os

import duckdb

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
