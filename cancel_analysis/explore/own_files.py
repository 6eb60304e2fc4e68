"""Files named one by one → the shop that they belong to.

A seller tries with the files at hand before writing a `shops.yaml`; a shop that only the command
line knows is written down as one, so that its notebook can be opened again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from cancel_analysis.catalog.mapping.mappings import read_mapping
from cancel_analysis.catalog.shop_entry import is_data_file
from cancel_analysis.catalog.shop_settings import NAMED_FILES, SETTINGS_FILE
from cancel_analysis.catalog.shops import (
    DATA_SUFFIXES,
    DATE_ORDERS,
    ShopSettings,
    folder_shop,
    in_lines,
    make_shop,
    read_shop_list,
    slug,
)
from cancel_analysis.errors import SettingsError, at_command, option
from cancel_analysis.report.jobs import relative

DEFAULT_NAME = "My shop"
# Below the output folder: settings of shops that only a command line or a notebook knew.
OWN_SHOPS = ".shops"


def expand(paths: Sequence[Path]) -> list[Path]:
    """The data files that were named, absolute; a folder stands for those in it.

    Raises SettingsError for what does not exist and for a folder without any.
    """
    found: list[Path] = []
    for given in paths:
        path = given.expanduser().absolute()
        if path.is_dir():
            inside = [one for one in sorted(path.iterdir()) if is_data_file(one)]
            if not inside:
                raise SettingsError(f"no {', '.join(DATA_SUFFIXES)} file in {path}")
            found.extend(inside)
        elif path.is_file():
            found.append(path)
        else:
            raise SettingsError(f"{path} does not exist")
    return list(dict.fromkeys(found))


def shop_of(
    files: Sequence[Path], market: str = "", name: str = "", date_order: str = "", mapping: str = "", **place: str
) -> ShopSettings:
    """The shop that `files` belong to.

    With a `market`, or a `mapping` (a shipped one or a .yaml file), it is made of what is given
    here. Without, it is the one of the `shops.yaml` beside or above the files that has them all, or
    that is called `name`. Raises SettingsError.
    """
    check_date_order(date_order)
    if market or mapping:
        return own_shop(files, market, name, date_order, mapping, **place)
    for folder in (files[0].parent, files[0].parent.parent):
        if (folder / SETTINGS_FILE).is_file():
            found = read_shop_list(folder)
            named = found.named([name]).shops if name else found.shops
            for shop in named:
                if name or set(files) <= _resolved(shop.files):
                    return replace(shop, files=tuple(files), date_order=date_order or shop.date_order)
            known = ", ".join(shop.id for shop in found.shops)
            example = option("shop" if at_command() else "name", next(iter(found.shops)).id)
            # The files may be those of a shop whose settings are wrong, and which has none for that.
            told = in_lines(
                [
                    f"no shop of {folder / SETTINGS_FILE} has these files; name one, {example}; there are {known}",
                    *(f"the settings of {shop.id!r} are wrong: {shop.cause}" for shop in found.wrong),
                ]
            )
            raise SettingsError(told)
    raise SettingsError(f"the market of {files[0].name} is not known; name it, for example {option('market', 'US')}")


def _resolved(files: Sequence[Path]) -> set[Path]:
    return {path.absolute() for path in files}


def check_date_order(date_order: str) -> None:
    """Raise SettingsError for an order of dates that does not exist; empty means that the files decide."""
    if date_order and date_order not in DATE_ORDERS:
        raise SettingsError(f"{option('date_order')} must be one of {', '.join(DATE_ORDERS)}, not {date_order!r}")


def own_shop(
    files: Sequence[Path], market: str, name: str = "", date_order: str = "", mapping: str = "", **place: str
) -> ShopSettings:
    """A shop that no settings file knows, as given; `place` may hold its `currency` and `timezone`."""
    settings = _settings(files, market, name or DEFAULT_NAME, date_order)
    settings |= {key: value for key, value in place.items() if value}
    if mapping:
        settings["mapping"] = mapping
        if not market:
            del settings["market"]
            if read_mapping(mapping).market is None:
                raise SettingsError(
                    f"the mapping {mapping!r} names no market; name it, for example {option('market', 'GB')}"
                )
    return make_shop(settings, Path.cwd(), where="command line" if at_command() else "open_shop")


def own_folder(
    folder: Path, market: str, name: str = "", date_order: str = "", mapping: str = "", **place: str
) -> ShopSettings:
    """The shop of a folder without `shops.yaml`; SettingsError when there is one."""
    check_date_order(date_order)
    if (folder / SETTINGS_FILE).is_file():
        raise SettingsError(
            f"{folder / SETTINGS_FILE} names the markets already; {option('market')} is for a folder without it"
        )
    if not folder.is_dir():
        raise SettingsError(f"{folder} does not exist or is no folder")
    # The market settles nothing of which files there are.
    inside = folder_shop(folder, "US").files
    return own_shop(inside, market, name or folder.resolve().name, date_order, mapping, **place)


def write_settings(shop: ShopSettings, folder: Path) -> Path:
    """Write down a shop of the command line as a settings file below `folder`; returns the file.

    Its name says that its files were named one by one, and may lie anywhere.
    """
    path = folder / shop.slug / NAMED_FILES
    settings = _settings(shop.files, shop.market, shop.name, shop.date_order or "")
    settings |= {"currency": shop.currency, "timezone": shop.timezone}
    # As seen from the file: the folder may be handed on, and where it lay is nobody's business.
    settings["files"] = [relative(one, path.parent) for one in shop.files]
    if shop.mapping_file is not None:
        settings["mapping"] = relative(shop.mapping_file, path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the folder {path.parent} cannot be made: {error.strerror or error}") from error
    path.write_text(yaml.safe_dump({"shops": [settings]}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _settings(files: Sequence[Path], market: str, name: str, date_order: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"id": slug(name), "name": name, "market": market}
    if date_order:
        settings["date_order"] = date_order
    return {**settings, "files": [str(path) for path in files]}
