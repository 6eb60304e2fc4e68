"""`docs/benchmarks.md`: what `python -m bench` measured, beside what it measured the time before."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from cancel_analysis.version import __version__

PACKAGES = ("pandas", "duckdb", "papermill", "altair", "vl-convert-python", "typst")
_LINE = re.compile(r"^\| (?P<work>[^|]+?) \| [^|]* \| (?P<ratio>[\d.]+) \|", re.MULTILINE)


class Row(NamedTuple):
    """A work with its seconds (None: not known), its goal in B, and the seconds that it takes at least (`least`), where
    there are any; the first of a document is B itself."""

    work: str
    seconds: float | None
    goal: float | None = None
    least: float | None = None


def in_units(seconds: float | None, unit: float) -> str:
    """Seconds in B; empty where they are not known."""
    return "" if seconds is None else f"{seconds / unit:.2f}"


def ratios(document: str) -> dict[str, float]:
    """Work → how many B it took, of a document that was written before."""
    return {found["work"]: float(found["ratio"]) for found in _LINE.finditer(document)}


def table(rows: Sequence[Row], before: Mapping[str, float]) -> str:
    """The rows as a Markdown table, in seconds and in B, with the goal, the least and the ratio of the time before."""
    unit = rows[0].seconds or 1.0
    lines = ["| work | seconds | B | goal | least | before |", "|---|---:|---:|---:|---:|---:|"]
    for work, seconds, goal, least in rows:
        told = "not known" if seconds is None else f"{seconds:.2f}"
        aim = "" if goal is None else f"≤ {goal:g}"
        last = f"{before[work]:.2f}" if work in before else ""
        lines.append(f"| {work} | {told} | {in_units(seconds, unit)} | {aim} | {in_units(least, unit)} | {last} |")
    return "\n".join(lines)


def document(rows: Sequence[Row], printed: Mapping[str, str], before: str, load: float | None) -> str:
    """The whole document: the table, what else was `printed` by heading, the machine and its versions.

    `before` is the document of the time before (empty: there is none); `load` how many processes wanted to run
    while it was measured, where that is known.
    """
    parts = [
        "# Benchmarks",
        "Written by `make bench`. **B** is what a fresh Python needs to import what notebooks are made with (pandas, "
        "Altair, DuckDB, scipy.stats, Papermill, IPython), measured in the same run: the ratios compare between "
        "machines, the seconds do not. CPU seconds are those of all processes. *Least*, in B, is what the libraries "
        "and programs that the work cannot do without take alone: loading them, reading a file's cells; of a further "
        "report what draws its pictures, sets its page and prints its PDF. *Before* is the last time that this was "
        "written.",
        table(rows, ratios(before)),
        *(f"## {heading}\n\n```text\n{text.strip(chr(10))}\n```" for heading, text in printed.items()),
        f"## Machine\n\n{machine(load)}",
    ]
    return "\n\n".join(parts) + "\n"


def machine(load: float | None) -> str:
    """The processor, its cores, how busy it was, and the versions of what was measured; no name of the machine."""
    cores = os.cpu_count() or 1
    said = [f"{_processor()}, {cores} cores, {platform.system()}, Python {platform.python_version()}."]
    if load is not None and load > cores:
        said.append(f"It was busy: {load:.1f} processes wanted its {cores} cores, so seconds are higher than alone.")
    said.append(", ".join([f"cancel-analysis {__version__}", *(f"{name} {version(name)}" for name in PACKAGES)]) + ".")
    return " ".join(said)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.is_file() else None
    return found[1].strip() if found else platform.processor() or platform.machine()
