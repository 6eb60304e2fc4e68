"""What each work takes at least: its libraries and programs alone, without a line of this package.

The bound beside a measured ratio: a goal below it is one for the libraries. Each is measured in the same run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import typst
import vl_convert

from cancel_analysis.catalog.shops import read_shops
from cancel_analysis.report import render
from cancel_analysis.report.jobs import FORMATS
from cancel_analysis.report.notebook.workers import Workers
from cancel_analysis.report.plan import plan

PARAMETERS = {"period_days": 30, "category": "", "product": ""}

# Prints what a notebook's process has loaded, in that order, but for Python's own and this package.
_LOADED = """
import sys
import cancel_analysis.report.notebook.warm
known = {*sys.stdlib_module_names, "cancel_analysis", "__main__"}
print("\\n".join(name for name in list(sys.modules) if name.partition(".")[0] not in known))
"""
# Loads the same; what is no module of its own (an alias, what a package makes up) is there already or not needed.
_LOAD = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
for name in sys.stdin.read().split():
    try:
        importlib.import_module(name)
    except Exception:
        pass
"""
# What commands read their settings with.
_SETTINGS = "import sys, typer, pydantic.fields, yaml; yaml.load(open(sys.argv[1], encoding='utf-8'), yaml.CSafeLoader)"
# Every cell of a CSV file, read once.
_READ_CSV = """
import duckdb, sys
duckdb.sql(f"select count(columns(*)) from read_csv('{sys.argv[1]}', all_varchar=true)").fetchall()
"""
# What an engine learns with the first report of a process it knows for the others; the best of so many counts.
_ROUNDS = 3


def loaded() -> str:
    """The modules of other libraries that the process of a notebook has."""
    return subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True).stdout


def seconds_of(code: str, *arguments: str | Path, given: str = "") -> float:
    """The best of three runs of `code` in a fresh Python."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)], input=given, text=True, check=True, capture_output=True
        )
        times.append(time.perf_counter() - began)
    return min(times)


def libraries() -> float:
    """Seconds to load what a notebook's process has of other libraries."""
    return seconds_of(_LOAD, given=loaded())


def settings(path: Path) -> float:
    """Seconds to load what commands and settings are read with, and to read a settings file."""
    return seconds_of(_SETTINGS, path)


def reading(path: Path) -> float:
    """Seconds in which DuckDB reads every cell of a CSV file, by all cores."""
    return seconds_of(_READ_CSV, path)


def programs(data: Path, shop: str, week: str, folder: Path) -> float:
    """CPU seconds that Vega, Pandoc and Typst take for the pictures, the page and the PDF of one further report."""
    found = subprocess.run(
        [sys.executable, "-m", "bench.least", str(data), shop, week, str(folder)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(found.stdout)


def _programs(data: Path, shop: str, week: str, folder: Path) -> float:
    """As `programs`, in this process: one notebook is run, then rendered again and again, and what that calls timed."""
    [job] = plan([each for each in read_shops(data) if each.id == shop], data, week, parameters=PARAMETERS)
    executed = folder / "executed"
    executed.mkdir(parents=True)
    Workers().execute(job, executed)
    used = 0.0

    def timed(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any, **named: Any) -> Any:
            nonlocal used
            began = _cpu()
            try:
                return call(*given, **named)
            finally:
                used += _cpu() - began

        return called

    compiler, rounds = typst.Compiler, []
    with (
        patch.object(vl_convert, "vegalite_to_svg", timed(vl_convert.vegalite_to_svg)),
        patch.object(subprocess, "run", timed(subprocess.run)),
        patch.object(typst, "Compiler", lambda **named: SimpleNamespace(compile=timed(compiler(**named).compile))),
    ):
        for number in range(_ROUNDS):
            copy, used = folder / str(number), 0.0
            shutil.copytree(executed, copy)
            # One after the other: what runs beside would be counted, too.
            for form in FORMATS:
                render.render(copy, (form,), "builtin")
            rounds.append(used)
    return min(rounds)


def _cpu() -> float:
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


if __name__ == "__main__":
    print(_programs(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])))
