"""The document of the benchmark: ratios of one run, and beside them those of the run before."""

from __future__ import annotations

import re

import pytest

from bench.document import Row, document, machine, ratios, table

ROWS = [
    Row("B: imported", 4.0),
    Row("one shop, read before", 6.0, 1.3, 3.0),
    Row("CPU of each further report", None, 0.4),
]


def test_seconds_become_ratios_beside_goal_and_the_last_ones() -> None:
    lines = table(ROWS, {"one shop, read before": 6.6}).splitlines()
    assert lines[2:] == [
        "| B: imported | 4.00 | 1.00 |  |  |  |",
        "| one shop, read before | 6.00 | 1.50 | ≤ 1.3 | 0.75 | 6.60 |",
        "| CPU of each further report | not known |  | ≤ 0.4 |  |  |",
    ]


def test_a_document_is_read_again_for_the_next() -> None:
    first = document(ROWS, {"Steps": "\nseconds  plan\nall       1.0\n"}, "", None)
    assert ratios(first) == {"B: imported": 1.0, "one shop, read before": 1.5}
    assert "```text\nseconds  plan\nall       1.0\n```" in first
    faster = [ROWS[0], Row("one shop, read before", 5.0, 1.3)]
    assert "| one shop, read before | 5.00 | 1.25 | ≤ 1.3 |  | 1.50 |" in document(faster, {}, first, None)


@pytest.mark.parametrize(("load", "busy"), [(None, False), (0.2, False), (900.0, True)])
def test_the_machine_is_described_and_not_named(load: float | None, busy: bool) -> None:
    said = machine(load)
    assert re.search(r"\d+ cores, \w+, Python 3\.\d+", said)
    assert "pandas " in said
    assert ("It was busy" in said) is busy
    import platform

    assert not platform.node() or platform.node() not in said
