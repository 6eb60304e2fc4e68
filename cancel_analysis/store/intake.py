"""A shop's files loaded through the store: read once, and again only when something of them has changed."""

from __future__ import annotations

from functools import partial

from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.loaders import ShopIntake
from cancel_analysis.loaders import load_shop as read_files
from cancel_analysis.steps import timed
from cancel_analysis.store import contents, frames
from cancel_analysis.store.entries import Store, open_store
from cancel_analysis.store.keys import tables_key


def load_shop(shop: ShopSettings) -> ShopIntake:
    """As `loaders.load_shop`, with the same errors; what the store has of the same files is taken from there."""
    with timed("load"):
        store = open_store()
        key = None if store is None else _key(shop)
        if store is None or key is None:
            return read_files(shop)
        found = _read(store, key)
        if found is None:
            found = read_files(shop)
            # Files that were written while they were read are not known by what they held before.
            if _key(shop) == key:
                store.write_files(key, partial(frames.write, found))
        contents.contents().save()
        return found


def _read(store: Store, key: str) -> ShopIntake | None:
    files = store.read_files(key)
    if files is None:
        return None
    try:
        return frames.read(files)
    except Exception:  # whatever is wrong with it, the files themselves are there
        store.forget(key)
        return None


def _key(shop: ShopSettings) -> str | None:
    try:
        return tables_key(shop)
    except OSError:
        # What is wrong with the file, the loaders say.
        return None
