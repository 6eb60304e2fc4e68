"""What files hold, as a hash; a file that was not touched since is not read for it again.

A file's hash is known by its size, its number on the disk and the moments of its last change, that of its
data and that of its record: the latter (ctime) cannot be set back, so that a file rewritten with the same
size and date is read again. A file that was changed a moment ago may be changed again within the clock's
step; its hash is not kept. Windows has no such moment: there every file is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from cancel_analysis.store.place import store_folder

FILE = "contents.json"
# The coarsest step of a file system's clock is two seconds (FAT).
SETTLED_SECONDS = 2.5
# About 100 bytes each; beyond it the ones that were asked for longest ago go.
MOST_FILES = 50_000

Stamp = list[int]


class Contents:
    """The hashes of files that are known, kept in the store's folder; of use to several threads."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / FILE
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Stamp, str]] = _read(self._path)
        self._new: dict[str, tuple[Stamp, str]] = {}

    def digest(self, path: Path) -> str:
        """The hash of what the file holds; raises OSError when it cannot be read."""
        # A report comes to its files by way of its own folder (`..`), which is another one each time.
        name = hashlib.blake2b(os.fsencode(os.path.realpath(path)), digest_size=12).hexdigest()
        before = _stamp(path)
        with self._lock:
            stamp, known = self._new.get(name) or self._known.get(name) or ([], "")
        if known and stamp == before and os.name != "nt":
            return known
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        settled = time.time() - max(before[1], before[2]) / 1e9 > SETTLED_SECONDS
        if settled and _stamp(path) == before:
            with self._lock:
                self._new[name] = (before, found)
        return found

    def save(self) -> None:
        """Keep what is new; another run's news are kept too. Nothing is said when it cannot be written."""
        with self._lock:
            if self._path is None or not self._new:
                return
            known = _read(self._path)
            for name, found in self._new.items():
                known.pop(name, None)
                known[name] = found
            kept = dict(list(known.items())[-MOST_FILES:])
            self._known, self._new = kept, {}
        own = self._path.with_name(f".{FILE}.{os.getpid()}.{threading.get_ident()}")
        with suppress(OSError):
            try:
                own.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                own.write_text(json.dumps(kept, separators=(",", ":")), encoding="ascii")
                own.replace(self._path)
            finally:
                own.unlink(missing_ok=True)


def _stamp(path: Path) -> Stamp:
    state = path.stat()
    return [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino, state.st_dev]


def _read(path: Path | None) -> dict[str, tuple[Stamp, str]]:
    """What is kept; nothing where it cannot be read or is no such file."""
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text(encoding="ascii"))
        return {str(name): ([int(part) for part in stamp], str(digest)) for name, (stamp, digest) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


_opened: dict[Path | None, Contents] = {}
_opening = threading.Lock()


def contents() -> Contents:
    """The hashes of this process, in the store that the environment names now."""
    folder = store_folder()
    with _opening:
        if folder not in _opened:
            _opened[folder] = Contents(folder)
        return _opened[folder]


def digest(path: Path) -> str:
    """The hash of what a file holds (see `Contents.digest`)."""
    return contents().digest(path)
