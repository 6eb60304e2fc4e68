"""The store's folder: entries written whole or not at all, read only when whole, the oldest removed first.

    tables/<key>/    what was understood of a shop's files; `whole.json` has the hash of every file beside it
    notes/<key>.json small facts, each with its own hash
    writing/         what is being written; what is left there by a process that was ended is removed

Every function is safe beside other processes, and raises nothing: what cannot be read is not there, and
what cannot be written is not kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cancel_analysis.store.contents import FILE as CONTENTS
from cancel_analysis.store.place import most_bytes, store_folder

TABLES, NOTES, WRITING = "tables", "notes", "writing"
WHOLE = "whole.json"
# Written at the last look at the size; the next is not before so many seconds, unless it is asked for.
_TIDIED = ".tidied"
TIDY_SECONDS = 300
# What has been written for so long is nobody's any more.
ABANDONED_SECONDS = 3600
# The moment of the last use is good enough to the hour.
_USED_SECONDS = 3600


@dataclass(frozen=True)
class Usage:
    """What the store holds: shops (sets of tables), notes, bytes, and the most bytes that it may hold."""

    folder: Path
    shops: int
    notes: int
    bytes: int
    most_bytes: int


@dataclass(frozen=True)
class Store:
    """The store in `folder`, which need not be there yet."""

    folder: Path

    def read_files(self, key: str) -> dict[str, bytes] | None:
        """Name → bytes of the files of an entry of tables; None when there is none, or none that is whole."""
        place = self.folder / TABLES / key
        try:
            digests = json.loads((place / WHOLE).read_text(encoding="ascii"))
            files = {str(name): (place / str(name)).read_bytes() for name in digests}
            damaged = any(_digest(data) != digests[name] for name, data in files.items())
        except FileNotFoundError:
            # Another process may have removed it; one without its list was never whole.
            self._remove(place)
            return None
        except (OSError, ValueError, TypeError):
            damaged = True
        if damaged:
            self._remove(place)
            return None
        _touch(place / WHOLE)
        return files

    def write_files(self, key: str, write: Callable[[Path], None]) -> bool:
        """Keep what `write` puts into the folder that it is given; whether it was kept.

        Anything that goes wrong there (no space, a value that cannot be written) leaves no entry.
        """
        place = self.folder / TABLES / key
        private = None
        try:
            private = self._private()
            write(private)
            digests = {path.name: _digest(path.read_bytes()) for path in sorted(private.iterdir())}
            (private / WHOLE).write_text(json.dumps(digests), encoding="ascii")
            self._part(TABLES)
            private.rename(place)
        except Exception:  # whatever it is: without the store everything is made from the files
            return (place / WHOLE).is_file()
        finally:
            if private is not None:
                shutil.rmtree(private, ignore_errors=True)
        self.tidy()
        return True

    def forget(self, key: str) -> None:
        """Remove an entry of tables."""
        self._remove(self.folder / TABLES / key)

    def read_note(self, key: str) -> Any:
        """The value of a note; None when there is none, or a damaged one."""
        path = self.folder / NOTES / f"{key}.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["digest"] != _digest(_text(found["value"])):
                raise ValueError
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError):
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        _touch(path)
        return found["value"]

    def write_note(self, key: str, value: Any) -> None:
        """Keep a plain value (text, numbers, lists), in place of an earlier one."""
        private = None
        with suppress(OSError):
            try:
                private = self._private()
                path = private / "note.json"
                path.write_text(json.dumps({"digest": _digest(_text(value)), "value": value}), encoding="utf-8")
                path.replace(self._part(NOTES) / f"{key}.json")
            finally:
                if private is not None:
                    shutil.rmtree(private, ignore_errors=True)

    def usage(self) -> Usage:
        """How much there is."""
        entries = list(_entries(self.folder))
        shops = sum(path.parent.name == TABLES for path, _, _ in entries)
        return Usage(self.folder, shops, len(entries) - shops, sum(size for _, size, _ in entries), most_bytes())

    def tidy(self, *, at_once: bool = False) -> None:
        """Remove what was used longest ago until the store is within its size; looked at every five minutes.

        It may hold more in between: what is written until the next look.
        """
        mark = self.folder / _TIDIED
        with suppress(OSError):
            if not at_once and mark.exists() and time.time() - mark.stat().st_mtime < TIDY_SECONDS:
                return
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            mark.touch()
        self._sweep()
        entries = sorted(_entries(self.folder), key=lambda entry: entry[2])
        excess = sum(size for _, size, _ in entries) - most_bytes()
        for path, size, _ in entries:
            if excess <= 0:
                break
            self._remove(path)
            excess -= size

    def clear(self) -> Usage:
        """Remove everything that the store has put into its folder, nothing else; what there was."""
        had = self.usage()
        for name in (TABLES, NOTES, WRITING):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for name in (CONTENTS, _TIDIED):
            with suppress(OSError):
                (self.folder / name).unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()
        return had

    def _private(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._part(WRITING)))

    def _part(self, name: str) -> Path:
        """A folder of the store, which nobody else may look into: what it holds is a seller's business."""
        for path in (self.folder, self.folder / name):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.folder / name

    def _remove(self, place: Path) -> None:
        """Take an entry away in one step, so that nobody reads half of it."""
        with suppress(OSError):
            if not place.is_dir():
                place.unlink(missing_ok=True)
                return
            aside = self._private()
            place.rename(aside / "removed")
            shutil.rmtree(aside, ignore_errors=True)

    def _sweep(self) -> None:
        with suppress(OSError):
            for path in (self.folder / WRITING).iterdir():
                if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)


def open_store() -> Store | None:
    """The store that the environment names; None where there is none."""
    folder = store_folder()
    return None if folder is None else Store(folder)


def _entries(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """Each entry with its bytes and the moment of its last use."""
    for kind in (TABLES, NOTES):
        try:
            found = list(os.scandir(folder / kind))
        except OSError:
            continue
        for entry in found:
            with suppress(OSError):
                if entry.is_dir():
                    states = {file.name: file.stat() for file in os.scandir(entry)}
                    used = states[WHOLE].st_mtime if WHOLE in states else 0.0
                    yield Path(entry.path), sum(state.st_size for state in states.values()), used
                else:
                    state = entry.stat()
                    yield Path(entry.path), state.st_size, state.st_mtime


def _touch(path: Path) -> None:
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > _USED_SECONDS:
            os.utime(path)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _text(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
