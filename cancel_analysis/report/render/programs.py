"""The version of the built-in renderer, without starting it: asked once of each installation.

Pandoc says it only when it is run, and its package takes as long to load. Whether reports are still those
of today's renderer is asked at every run, so the answer is noted in the store.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cancel_analysis.report.thread_cache import cached_across_threads
from cancel_analysis.store.entries import open_store

_PACKAGES = ("pypandoc_binary", "pypandoc", "typst")


@cached_across_threads
def builtin_version() -> str:
    """The names and versions of the programs of the built-in renderer, as they stand in a report."""
    store, key = open_store(), f"renderer-{_installation()}"
    noted = None if store is None else store.read_note(key)
    if isinstance(noted, str):
        return noted
    from cancel_analysis.report.render import builtin

    found = builtin.version()
    if store is not None:
        store.write_note(key, found)
    return found


def _installation() -> str:
    """A hash of what decides which Pandoc is used: the packages, and a program outside them."""
    named = os.environ.get("PYPANDOC_PANDOC", "")
    programs = [path for path in (named, shutil.which("pandoc"), "/usr/local/bin/pandoc", "/usr/bin/pandoc") if path]
    states = [(path, *_state(Path(path))) for path in programs]
    text = json.dumps([[_installed(name) for name in _PACKAGES], states])
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _state(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    return state.st_size, state.st_mtime_ns


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
