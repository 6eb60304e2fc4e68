"""Connections of one process do not see each other's frames, and a child has a database of its own."""

from __future__ import annotations

import multiprocessing

import numpy as np
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


def test_columns_are_arrays_in_which_nothing_has_its_own_mark():
    with database.connect() as connection:
        answer = connection.sql(
            "SELECT * FROM (VALUES ('a', 1.5::DOUBLE, TIMESTAMP '2026-11-01', true, 1), (NULL, NULL, NULL, false, 2)) "
            "found(text, amount, time, flag, number)"
        )
        found = database.columns_of(answer)
        assert found["text"].tolist() == ["a", None]
        assert found["amount"][0] == 1.5
        assert np.isnan(found["amount"][1])
        assert found["time"][0] == np.datetime64("2026-11-01")
        assert np.isnat(found["time"][1])
        assert (found["flag"].tolist(), found["number"].tolist()) == ([True, False], [1, 2])
        with pytest.raises(ValueError, match="flag is empty in 1 rows"):
            database.columns_of(connection.sql("SELECT * FROM (VALUES (true), (NULL)) found(flag)"))
