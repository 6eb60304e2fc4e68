"""Who issues what a command makes: the brand that is named on it, or the shops' own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cancel_analysis.catalog.brand import brand_file, read_brand
from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.errors import SettingsError


def issued(shops: Sequence[ShopSettings], named: Path | None) -> tuple[ShopSettings, ...]:
    """The shops with the brand of `--brand` where one is named, else with their own; SettingsError for a wrong one."""
    if named is None:
        return tuple(shops)
    path = _checked(named)
    return tuple(replace(shop, brand=path.name, brand_file=path) for shop in shops)


def shared(shops: Sequence[ShopSettings], named: Path | None) -> Path | None:
    """The brand of a page over all shops: that of `--brand`, or the one that all shops have."""
    if named is not None:
        return _checked(named)
    found = {shop.brand_file for shop in shops}
    return found.pop() if len(found) == 1 else None


def _checked(named: Path) -> Path:
    try:
        path = brand_file(str(named.expanduser()), None)
    except SettingsError as error:
        raise SettingsError(f"--brand {error}") from error
    read_brand(path)
    return path
