"""A shop's tables, wherever it keeps them: in a dataset, or in files that are read through the store."""

from __future__ import annotations

from cancel_analysis.catalog.datasets import is_stored
from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.dataset.stored_shop import load_stored
from cancel_analysis.loaders import ShopIntake
from cancel_analysis.steps import timed
from cancel_analysis.store import intake as store_intake


def load_shop(shop: ShopSettings) -> ShopIntake:
    """The tables of a shop, with the errors of `loaders.load_shop`."""
    if is_stored(shop):
        with timed("load"):
            return load_stored(shop)
    return store_intake.load_shop(shop)
