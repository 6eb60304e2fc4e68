"""A process forked from the warm one finds everything that a report's notebook loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import sys, threading
import cancel_analysis.report.notebook.warm
before = set(sys.modules)
import pathlib, tempfile
from cancel_analysis.catalog.shops import read_shop_list
from cancel_analysis.report.jobs import Job
from cancel_analysis.report import notebook_file
from cancel_analysis.report.notebook import execute
assert threading.active_count() == 1, "a thread does not survive a fork"
SAMPLE = pathlib.Path(sys.argv[1])
shop = read_shop_list(SAMPLE).one("sg-orchid-import")
with tempfile.TemporaryDirectory() as folder:
    execute.run(Job(shop, "2026-W46", SAMPLE, notebook=notebook_file()), pathlib.Path(folder))
late = {name for name in set(sys.modules) - before if name.partition(".")[0] != "encodings"}
print(len(late), sorted(late))
"""


def test_a_report_loads_nothing_more(sample: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LOADED, sample], capture_output=True, text=True, check=True)
    count, _, names = done.stdout.strip().splitlines()[-1].partition(" ")
    assert int(count) <= 25, names
    for heavy in ("papermill", "duckdb", "holidays.countries.", "cancel_analysis.", "pyarrow.", "scipy."):
        assert f"'{heavy}" not in names, f"{heavy} is loaded once a report"
    assert not done.stderr, "the process ends without a word"


THREADS = """
import os, pathlib
import cancel_analysis.report.notebook.warm
import numpy
numpy.linalg.solve(numpy.eye(300), numpy.ones(300))
told = [(thread / "comm").read_text().strip() for thread in pathlib.Path("/proc/self/task").iterdir()]
# Arrow's memory has a thread that sleeps.
print(len([name for name in told if not name.startswith("jemalloc")]), told)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a process's threads")
def test_the_linear_algebra_has_no_thread_that_waits_busily() -> None:
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=True)
    count, _, names = done.stdout.strip().partition(" ")
    assert int(count) == 1, names
