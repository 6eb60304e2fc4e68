"""A hash of the code and catalogs that tables and figures come from: what other code made is never used.

A hash of the sources, not a version that somebody has to raise: a rule or a catalog that was edited in a
clone counts at once, and nobody can forget it. The libraries that parse and compute are part of it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
SUFFIXES = (".py", ".csv", ".yaml", ".yml", ".html", ".typ", ".css", ".json")
# The rooms and modules that decide how a file is understood: everything that importing the loaders loads.
LOADING = (
    "loaders", "store", "catalog", "tables.py", "errors.py", "steps.py", "__init__.py", "version.py",
)  # fmt: skip
# Those that figures of a shop are made by, too.
FIGURES = (
    *LOADING, "attribution", "benchmarks", "dataset", "diagnosis", "exhibits", "inference", "order_management", "rates",
    "study", "weeks.py",
)  # fmt: skip
LIBRARIES = ("duckdb", "numpy", "pandas", "pyarrow", "python-calamine")


@cache
def code_hash(rooms: tuple[str, ...] = ()) -> str:
    """A hash of the sources in `rooms` (folders and modules of the package; all of it when none is named)."""
    digest = hashlib.blake2b(digest_size=16)
    for path in _files(rooms):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(b"\0")
        digest.update(path.read_bytes())
    for name in LIBRARIES:
        digest.update(f"{name} {_installed(name)}\0".encode())
    return digest.hexdigest()


def _files(rooms: tuple[str, ...]) -> list[Path]:
    starts = [_PACKAGE / room for room in rooms] or [_PACKAGE]
    found = [path for start in starts for path in (start.rglob("*") if start.is_dir() else [start])]
    return sorted(path for path in found if path.suffix in SUFFIXES and "_project" not in path.parts)


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
