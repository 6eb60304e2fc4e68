"""Why TikTok Shop orders are cancelled and returned, whose fault it is, and what to do about it.

    import cancel_analysis as ca
    shop = ca.open_shop("exports/", market="ID")
    shop                       # who, which files, verdict, main rates
    shop.rates(by="product")   # every rate with its interval

What is exported here is what an analyst needs; the names below it may change.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cancel_analysis.version import __version__

if TYPE_CHECKING:
    from cancel_analysis.errors import CancelAnalysisError, InputError, ReportError, SettingsError
    from cancel_analysis.explore.opening import SAMPLE_SHOPS, open_shop, open_shops, sample_shop
    from cancel_analysis.explore.part import Part
    from cancel_analysis.explore.rates import Rates
    from cancel_analysis.explore.results import Result
    from cancel_analysis.explore.shop import Shop
    from cancel_analysis.explore.shops import Shops
    from cancel_analysis.explore.stored_shops import StoredShops
    from cancel_analysis.report.show.parts import ShopReport

# Name → the module that has it: what is not asked for is not loaded, so that the import costs next to nothing.
_HOMES = {
    "CancelAnalysisError": "errors",
    "InputError": "errors",
    "ReportError": "errors",
    "SettingsError": "errors",
    "SAMPLE_SHOPS": "explore.opening",
    "open_shop": "explore.opening",
    "open_shops": "explore.opening",
    "sample_shop": "explore.opening",
    "Part": "explore.part",
    "Rates": "explore.rates",
    "Result": "explore.results",
    "Shop": "explore.shop",
    "Shops": "explore.shops",
    "StoredShops": "explore.stored_shops",
    "ShopReport": "report.show.parts",
}

__all__ = [
    "SAMPLE_SHOPS",
    "CancelAnalysisError",
    "InputError",
    "Part",
    "Rates",
    "ReportError",
    "Result",
    "SettingsError",
    "Shop",
    "ShopReport",
    "Shops",
    "StoredShops",
    "__version__",
    "open_shop",
    "open_shops",
    "sample_shop",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cancel_analysis' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"cancel_analysis.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
