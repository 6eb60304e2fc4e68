"""What a page over all shops keeps of each, as notes of the store: a shop whose files are as they were is not opened.

A note is named by all that it was made of: what the shop's files hold, its settings, and this package.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.store import contents
from cancel_analysis.store.entries import open_store
from cancel_analysis.store.keys import figures_key
from cancel_analysis.store.sources import code_hash


def brief_name(day: date, language: str) -> str:
    """The name under which the brief of a shop is kept."""
    return f"brief {day} {language}"


def portfolio_name(as_of: date, period_days: int, language: str) -> str:
    """The name under which the portfolio's rows of a shop are kept."""
    return f"portfolio {as_of} {period_days} {language}"


def read_kept(shop: ShopSettings, name: str) -> Any:
    """The plain values noted under `name`; None where there are none, of files as they are now."""
    store = open_store()
    try:
        return None if store is None else store.read_note(_key(shop, name))
    except OSError:
        # A file cannot be read: whoever loads the shop says so.
        return None


def keep(shop: ShopSettings, name: str, values: Any) -> None:
    """Note plain values (texts, numbers, lists, dicts by text)."""
    store = open_store()
    if store is not None:
        try:
            store.write_note(_key(shop, name), values)
        except OSError:
            return


def _key(shop: ShopSettings, name: str) -> str:
    done = "" if shop.actions_file is None else contents.digest(shop.actions_file)
    digest = hashlib.blake2b(f"{code_hash()} {done} {name}".encode(), digest_size=12)
    return f"{figures_key(shop)}-{digest.hexdigest()}"
