"""Private folders of unfinished work, and what becomes of them when their process is stopped or killed.

Each folder is held by a lock that ends with the process, so that the next run knows which folders are
nobody's any more: it brings back an earlier report that was being replaced, and removes the rest.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

# What is judged by its age is surely not being made any more then: folders that were never locked, and all on Windows.
STALE_SECONDS = 24 * 3600
# Below a private folder: earlier reports that are being replaced, each at its place below the output folder.
OLD = "old"
_LOCK = ".in-use"


@contextlib.contextmanager
def private_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder in `parent` that is removed at the end, whatever happens, and is known to be in use until then."""
    held, folder = None, Path()
    while held is None:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        # A sweep may have taken the folder for an abandoned one before it was locked.
        held = _lock(folder / _LOCK)
    try:
        yield folder
    finally:
        os.close(held)
        shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path, prefix: str = "", home: Path | None = None) -> None:
    """Remove the folders of `parent` (those whose names begin with `prefix`) that no process holds any more.

    An earlier report that such a folder holds is first put back below `home`, unless there is a newer one.
    """
    for folder in parent.glob(f"{prefix}*"):
        if not folder.is_dir() or folder.is_symlink() or not _is_abandoned(folder):
            continue
        if home is not None:
            _bring_back(folder / OLD, home)
        shutil.rmtree(folder, ignore_errors=True)


def _bring_back(kept: Path, home: Path) -> None:
    for earlier in kept.glob("*/*"):
        place = home / earlier.relative_to(kept)
        if not place.exists():
            with contextlib.suppress(OSError):
                place.parent.mkdir(parents=True, exist_ok=True)
                earlier.replace(place)


def _lock(path: Path) -> int | None:
    """A file descriptor that holds the lock of a folder; None when another process has it, or has removed it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        return None
    if _try_lock(descriptor) and path.exists():
        return descriptor
    os.close(descriptor)
    return None


def _is_abandoned(folder: Path) -> bool:
    """Whether no process holds the folder."""
    with contextlib.suppress(OSError):
        old = time.time() - folder.stat().st_mtime > STALE_SECONDS
        if os.name == "nt" or not (folder / _LOCK).is_file():
            return old
        descriptor = os.open(folder / _LOCK, os.O_RDWR)
        try:
            return _try_lock(descriptor)
        finally:
            os.close(descriptor)
    return False


def _try_lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A disk that knows no locks lets everybody have it.
        return error.errno not in (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES)
    return True


@contextlib.contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Within it SIGTERM raises SystemExit, so that processes are ended and folders removed as after Ctrl-C.

    Nothing changes outside the main thread, and where somebody else handles the signal.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def leave(number: int, frame: Any) -> NoReturn:
        # Only once: what is cleaned up is not to be interrupted.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
