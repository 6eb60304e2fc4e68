"""`docs/benchmarks.md`: what `python -m bench` measured, beside what it measured the time before."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from cancel_analysis.version import __version__

# Work, seconds (None: not known), and the goal in B where there is one; the first is B itself.
Row = tuple[str, float | None, float | None]
PACKAGES = ("pandas", "duckdb", "papermill", "altair", "vl-convert-python", "typst")
_LINE = re.compile(r"^\| (?P<work>[^|]+?) \| [^|]* \| (?P<ratio>[\d.]+) \|", re.MULTILINE)


def ratios(document: str) -> dict[str, float]:
    """Work → how many B it took, of a document that was written before."""
    return {found["work"]: float(found["ratio"]) for found in _LINE.finditer(document)}


def table(rows: Sequence[Row], before: Mapping[str, float]) -> str:
    """The rows as a Markdown table, in seconds and in B, with the goal and the ratio of the time before."""
    unit = rows[0][1] or 1.0
    lines = ["| work | seconds | B | goal | before |", "|---|---:|---:|---:|---:|"]
    for work, seconds, goal in rows:
        told = "not known" if seconds is None else f"{seconds:.2f}"
        ratio = "" if seconds is None else f"{seconds / unit:.2f}"
        aim = "" if goal is None else f"≤ {goal:g}"
        last = f"{before[work]:.2f}" if work in before else ""
        lines.append(f"| {work} | {told} | {ratio} | {aim} | {last} |")
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
        "machines, the seconds do not. CPU seconds are those of all processes. *Before* is the last time that this "
        "was written.",
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
