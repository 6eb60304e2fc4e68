"""Where a dataset lies: a folder, or any address that fsspec knows (`s3://bucket/name`), seen through a local copy.

A copy holds what was read so far: the `shop.json` of every shop and the user's own files beside it, fetched anew each
time the dataset is opened,
and the parts that somebody asked for. Parts never change, so one that is there is right.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from cancel_analysis.catalog.datasets import DATASET, FORMAT, OWN_FILES, SHOP, SHOPS, is_dataset
from cancel_analysis.errors import SettingsError
from cancel_analysis.store.place import store_folder

ORIGIN = "origin"
# What lies beside a shop's parts and may change.
_BESIDE = (SHOP, *OWN_FILES.values())


def is_address(data: str | os.PathLike[str]) -> bool:
    """Whether `data` names another storage than this machine's folders."""
    return "://" in os.fspath(data)


def local(data: str | os.PathLike[str]) -> Path:
    """The folder in which the data are seen: `data` itself, or the copy of what lies at an address, brought up to date.

    Raises SettingsError where nothing can be read there, or what lies there is no dataset.
    """
    if not is_address(data):
        return Path(data)
    address = os.fspath(data)
    folder = copy_of(address)
    try:
        files, root = _files(address)
        if not files.exists(f"{root}/{DATASET}"):
            raise SettingsError(f"there is no dataset at {address}; cancel-analysis ingest --into {address} makes one")
        names = [PurePosixPath(str(path)) for name in _BESIDE for path in files.glob(f"{root}/{SHOPS}/*/{name}")]
        found = files.cat([str(name) for name in names]) if names else {}
    except SettingsError:
        raise
    except Exception as error:  # each storage has errors of its own
        raise _unreachable(address, error) from error
    for place, text in found.items():
        path = PurePosixPath(place)
        write_whole(folder / SHOPS / path.parent.name / path.name, text)
    there = {(name.parent.name, name.name) for name in names}
    for name in _BESIDE:
        for known in folder.glob(f"{SHOPS}/*/{name}"):
            if (known.parent.name, name) not in there:
                known.unlink(missing_ok=True)
    return folder


def fetch_shops(address: str, slugs: Iterable[str], folder: Path) -> Path:
    """A copy in `folder` of some shops of the dataset at an address; one that is not there is left out.

    Raises SettingsError where nothing can be read there.
    """
    write_whole(folder / DATASET, _copied(address))
    try:
        files, root = _files(address)
        wanted = [f"{root}/{SHOPS}/{slug}/{name}" for slug in dict.fromkeys(slugs) for name in _BESIDE]
        found = files.cat(wanted, on_error="omit")
    except Exception as error:  # each storage has errors of its own
        raise _unreachable(address, error) from error
    for place, text in found.items():
        path = PurePosixPath(place)
        write_whole(folder / SHOPS / path.parent.name / path.name, text)
    return folder


def origin_of_data(data: Path) -> str | None:
    """The address that a dataset's folder is a copy of; None for any other folder or file."""
    return _origin(data / DATASET) if is_dataset(data) else None


def copy_of(address: str) -> Path:
    """The folder of the copy of an address, with its `dataset.json`, which says whose copy it is."""
    base = store_folder()
    name = hashlib.blake2b(address.rstrip("/").encode(), digest_size=12).hexdigest()
    folder = (base.parent / "datasets" if base is not None else _passing()) / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(folder / DATASET, _copied(address))
    return folder


def make(data: str | os.PathLike[str]) -> Path:
    """The folder of the dataset at `data`, made where there is none; SettingsError for a folder of other things."""
    if not is_address(data):
        folder = Path(data)
        if is_dataset(folder):
            return folder
        if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
            raise SettingsError(f"{folder} is no dataset and not empty; name a folder that is, or a new one")
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / DATASET, json.dumps({"format": FORMAT}).encode())
        return folder
    address = os.fspath(data)
    try:
        files, root = _files(address)
        if not files.exists(f"{root}/{DATASET}"):
            _put(files, f"{root}/{DATASET}", json.dumps({"format": FORMAT}).encode())
    except Exception as error:  # each storage has errors of its own
        raise _unreachable(address, error) from error
    return local(address)


def fetch(shop_folder: Path, names: Iterable[str]) -> None:
    """Have the parts `names` of a shop in its folder, fetched where this is a copy and they are not there yet."""
    missing = [name for name in names if not (shop_folder / name).is_file()]
    origin = origin_of(shop_folder)
    if not missing or origin is None:
        return
    files, root = _files(origin)
    place = f"{root}/{SHOPS}/{shop_folder.name}"
    try:
        found = files.cat([f"{place}/{name}" for name in missing])
    except Exception as error:  # each storage has errors of its own
        raise _unreachable(origin, error) from error
    for path, data in found.items():
        write_whole(shop_folder / PurePosixPath(path).name, data)


def push(shop_folder: Path, names: Iterable[str]) -> None:
    """Put files of a shop to where its folder is a copy of, in this order; nothing where it is no copy."""
    origin = origin_of(shop_folder)
    if origin is None:
        return
    files, root = _files(origin)
    try:
        for name in names:
            _put(files, f"{root}/{SHOPS}/{shop_folder.name}/{name}", (shop_folder / name).read_bytes())
    except Exception as error:  # each storage has errors of its own
        raise _unreachable(origin, error) from error


def remove(shop_folder: Path, names: Iterable[str]) -> None:
    """Remove parts that nobody names any more, here and where the folder is a copy of; those that are gone are gone."""
    origin = origin_of(shop_folder)
    for name in names:
        (shop_folder / name).unlink(missing_ok=True)
        if origin is not None:
            files, root = _files(origin)
            path = f"{root}/{SHOPS}/{shop_folder.name}/{name}"
            if files.exists(path):
                files.rm(path)


def origin_of(shop_folder: Path) -> str | None:
    """The address that a shop's folder is a copy of; None for a folder of its own."""
    return _origin(shop_folder.parent.parent / DATASET)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file in one step: whoever reads it sees what was there, or all of `data`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, own = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(own).replace(path)
    except BaseException:
        Path(own).unlink(missing_ok=True)
        raise


def _put(files: Any, path: str, data: bytes) -> None:
    """Write a file; storage that has folders (a disk, a server of files) wants them to be there."""
    try:
        files.pipe(path, data)
    except FileNotFoundError:
        files.makedirs(path.rpartition("/")[0], exist_ok=True)
        files.pipe(path, data)


def _copied(address: str) -> bytes:
    """The `dataset.json` of a copy."""
    return json.dumps({"format": FORMAT, ORIGIN: address}).encode()


def _origin(path: Path) -> str | None:
    found = json.loads(path.read_text(encoding="utf-8")).get(ORIGIN)
    return None if found is None else str(found)


def _files(address: str) -> tuple[Any, str]:
    import fsspec

    files, root = fsspec.core.url_to_fs(address)
    return files, str(root).rstrip("/")


@cache
def _passing() -> Path:
    """Where copies lie for as long as this process when the user wants no cache."""
    return Path(tempfile.mkdtemp(prefix="cancel-analysis-datasets-"))


def _unreachable(address: str, error: Exception) -> SettingsError:
    missing = isinstance(error, ImportError)
    told = "a package for this kind of address is not installed" if missing else f"{type(error).__name__}"
    remedy = f"pip install {'s3fs' if address.startswith('s3') else 'the fsspec package for it'}" if missing else (
        "look at the address, at who may read it, and at the connection"
    )  # fmt: skip
    return SettingsError(f"{address} cannot be reached: {told}; {remedy}")
