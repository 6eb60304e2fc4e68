"""A .zip as platforms send them → the tables in it, unpacked to a folder of this process and named after it."""

from __future__ import annotations

import tempfile
import zipfile
from functools import cache
from pathlib import Path, PurePosixPath

from cancel_analysis.errors import Place, UnreadableFileError

SUFFIX = ".zip"
TABLES = (".csv", ".xlsx", ".xls", ".ods", ".json", ".jsonl", ".ndjson")
# More than any shop's year of exports; a file that unpacks to more was made to fill a disk.
MOST_BYTES = 4 * 1024**3
MOST_FILES = 500
_BLOCK = 1 << 20

UNPACK = "Unpack it and give the files in it."


def unpack(path: Path, label: str) -> list[tuple[Path, str]]:
    """Each table in the archive with the name people call it, `orders.zip/July.csv`.

    Raises UnreadableFileError for an archive that is damaged, protected, too large, or holds no table.
    """
    state = path.stat()
    return [
        (member, f"{label}/{name}") for member, name in _unpacked(str(path), state.st_mtime_ns, state.st_size, label)
    ]


@cache
def _unpacked(path: str, changed: int, size: int, label: str) -> tuple[tuple[Path, str], ...]:
    folder = _folder() / f"{len(list(_folder().iterdir()))}"
    folder.mkdir()
    found: list[tuple[Path, str]] = []
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            for number, name in enumerate(_members(archive, label)):
                # Only the last part of a name is used: a path in an archive may lead anywhere.
                inner = PurePosixPath(name.replace("\\", "/")).name
                target = folder / str(number) / inner
                target.parent.mkdir()
                left = _copy(archive, name, target, left, label)
                found.append((target, inner))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        what = "is protected by a password" if "password" in str(error) else "cannot be unpacked"
        raise UnreadableFileError(f"the archive {what}", place=Place(file=label), remedy=UNPACK) from error
    if not found:
        raise UnreadableFileError(
            f"the archive holds no {', '.join(TABLES)} file", place=Place(file=label), remedy="Is it the right file?"
        )
    return tuple(found)


def _members(archive: zipfile.ZipFile, label: str) -> list[str]:
    names = [
        one.filename
        for one in archive.infolist()
        if not one.is_dir()
        and PurePosixPath(one.filename).suffix.lower() in TABLES
        and not PurePosixPath(one.filename).name.startswith((".", "~$"))
        and "__MACOSX" not in one.filename
    ]
    if len(names) > MOST_FILES:
        raise UnreadableFileError(
            f"the archive holds {len(names):,} tables, more than {MOST_FILES}", place=Place(file=label), remedy=UNPACK
        )
    return sorted(names)


def _copy(archive: zipfile.ZipFile, name: str, target: Path, left: int, label: str) -> int:
    with archive.open(name) as source, target.open("wb") as stream:
        while block := source.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise UnreadableFileError(
                    f"the archive unpacks to more than {MOST_BYTES // 1024**3} GB",
                    place=Place(file=label),
                    remedy=UNPACK,
                )
            stream.write(block)
    return left


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    """One folder for all archives, gone when this process ends."""
    return tempfile.TemporaryDirectory(prefix="cancel-analysis-")


def _folder() -> Path:
    return Path(_temporary().name)
