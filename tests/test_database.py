"""Connections of one process do not see each other's frames, and a child has a database of its own."""

from __future__ import annotations

import multiprocessing

import pandas as pd
import pytest

from cancel_analysis import database


def test_what_is_registered_is_seen_by_its_connection_alone():
    with database.connect() as one, database.connect() as other:
        one.register("frame", pd.DataFrame({"a": [1]}))
        other.register("frame", pd.DataFrame({"a": [2]}))
        assert one.execute("SELECT a FROM frame").fetchall() == [(1,)]
        assert other.execute("SELECT a FROM frame").fetchall() == [(2,)]
    with database.connect() as later, pytest.raises(Exception, match="frame"):
        later.execute("SELECT a FROM frame")


def _sum(most: int) -> int:
    with database.connect() as connection:
        found = connection.execute("SELECT sum(n) FROM range($most) AS t(n)", {"most": most}).fetchone()
    assert found is not None
    return int(found[0])


def test_a_forked_child_makes_its_own():
    assert _sum(10) == 45
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(_sum, (100_000,)).get(timeout=60) == 4_999_950_000
