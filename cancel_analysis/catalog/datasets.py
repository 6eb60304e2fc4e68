"""Shops whose files were read into a dataset (`cancel_analysis.dataset`): who they are, without any of their tables."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.shop_settings import ShopSettings, slug
from cancel_analysis.errors import SettingsError

DATASET = "dataset.json"
SHOPS = "shops"
SHOP = "shop.json"
FORMAT = 1
# What a user's own files hold (limits, what was done) is kept beside the shop: the settings file is not at hand later.
OWN_LIMITS = "own-limits.csv"
OWN_FILES = {"limits_file": OWN_LIMITS, "actions_file": "own-actions.yaml"}
# Where files lie is of the machine that read them.
_PLACES = frozenset({"files", "patterns", "limits_file", "mapping_file", "actions_file", "brand", "brand_file"})


def is_dataset(folder: Path) -> bool:
    """Whether a folder is a dataset."""
    return (folder / DATASET).is_file()


def stored_shops(folder: Path, only: Collection[str] | None = None) -> tuple[ShopSettings, ...]:
    """The shops of a dataset in the order of their folders, or those of the ids `only` that are there.

    Each one's only file is its `shop.json`.

    Raises SettingsError for a dataset of another format, and for one that holds no shop.
    """
    check_format(folder)
    if only is None:
        paths = sorted((folder / SHOPS).glob(f"*/{SHOP}"))
    else:
        paths = sorted(path for name in only if (path := folder / SHOPS / slug(name) / SHOP).is_file())
    found = [shop_of(path) for path in paths]
    if not found:
        raise SettingsError(f"the dataset {folder} holds no shop yet; cancel-analysis ingest puts shops into it")
    return tuple(found)


def check_format(folder: Path) -> None:
    """Raise SettingsError for a dataset that another version of this package wrote."""
    known = _json(folder / DATASET).get("format")
    if known != FORMAT:
        raise SettingsError(f"the dataset {folder} has the format {known!r}, and this version reads {FORMAT}")


def shop_of(path: Path) -> ShopSettings:
    """The settings in a `shop.json`."""
    values: dict[str, Any] = {
        name: tuple(map(_tupled, value)) if isinstance(value, list) else value for name, value in _settings(path)
    }
    for name, file in OWN_FILES.items():
        values[name] = path.parent / file if (path.parent / file).is_file() else None
    return ShopSettings(**values, files=(path,))


def is_stored(shop: ShopSettings) -> bool:
    """Whether a shop is one of a dataset."""
    return len(shop.files) == 1 and shop.files[0].name == SHOP and is_dataset(shop.files[0].parents[2])


def stored_days(shop: ShopSettings) -> list[str] | None:
    """First and last day that the files of a shop of a dataset cover; None of any other, and where it is not known."""
    if not is_stored(shop):
        return None
    try:
        return _json(shop.files[0]).get("covered") or None
    except SettingsError:
        return None


def settings_values(shop: ShopSettings) -> dict[str, Any]:
    """The settings of a shop as a `shop.json` has them."""
    return {name: value for name, value in asdict(shop).items() if name not in _PLACES}


def _settings(path: Path) -> list[tuple[str, Any]]:
    settings = _json(path).get("settings")
    known = {field.name for field in fields(ShopSettings)} - _PLACES
    if not isinstance(settings, dict):
        raise SettingsError(f"{path} has no settings of a shop")
    # A later version may know more of a shop.
    return [(name, value) for name, value in settings.items() if name in known]


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise SettingsError(f"{path} is no file of a dataset")
    return found
