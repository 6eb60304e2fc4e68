"""What an entry of the store is called: everything that what it holds was made of."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.store import contents
from cancel_analysis.store.sources import FIGURES, LOADING, code_hash

# Settings that change no table. What is added to a shop later counts until it is named here.
WITHOUT_EFFECT = frozenset(
    {
        "name", "language", "category", "limits", "limits_file", "cross_border", "near_share", "seller_weight",
        "buyer_weight", "strict", "synthetic", "alerts", "costs", "standing", "actions_file", "patterns", "brand",
        "brand_file",
    }
)  # fmt: skip
# Who issues a report changes no figure.
_OF_PAGES = frozenset({"brand", "brand_file"})
# These are files: what they hold counts, not where they lie.
_FILES = frozenset({"files", "limits_file", "mapping_file", "actions_file"})


def tables_key(shop: ShopSettings) -> str:
    """The name of the tables that the loaders make of the shop's files.

    It follows from what the files hold, what they are called, the settings that count, and the loaders.
    Raises OSError when a file cannot be read.
    """
    settings = {name: value for name, value in asdict(shop).items() if name not in WITHOUT_EFFECT | _FILES}
    files = [(path.parent.name, path.name, contents.digest(path)) for path in _once(shop.files)]
    mapping = None if shop.mapping_file is None else contents.digest(shop.mapping_file)
    return _hash(code_hash(LOADING), settings, files, mapping)


def figures_key(shop: ShopSettings) -> str:
    """The name of notes on the shop that its figures are in: any setting and the code of all figures count.

    Raises OSError when a file cannot be read.
    """
    settings = {name: value for name, value in asdict(shop).items() if name not in _FILES | _OF_PAGES}
    limits = None if shop.limits_file is None else contents.digest(shop.limits_file)
    return _hash(tables_key(shop), code_hash(FIGURES), settings, limits)


def _once(paths: tuple[Path, ...]) -> list[Path]:
    """Each file once, as the loaders take them."""
    return list({os.path.realpath(path): path for path in paths}.values())


def _hash(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
