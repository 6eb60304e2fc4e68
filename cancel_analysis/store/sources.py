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
    for name, held in _sources().items():
        if not rooms or name.partition("/")[0] in rooms:
            digest.update(f"{name}\0".encode())
            digest.update(held)
    for name in LIBRARIES:
        digest.update(f"{name} {_installed(name)}\0".encode())
    return digest.hexdigest()


@cache
def _sources() -> dict[str, bytes]:
    """Each source of the package by its name there, with the hash of what it holds; read once for all rooms."""
    found = {path.relative_to(_PACKAGE).as_posix(): path for path in _PACKAGE.rglob("*") if path.suffix in SUFFIXES}
    return {
        name: hashlib.blake2b(found[name].read_bytes(), digest_size=16).digest()
        for name in sorted(found)
        if "_project" not in found[name].parts
    }


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
