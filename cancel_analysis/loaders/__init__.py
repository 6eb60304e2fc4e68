"""Files → canonical tables and an account of every row. Nothing here judges an order."""

from cancel_analysis.loaders.account import Account
from cancel_analysis.loaders.recognition import identify
from cancel_analysis.loaders.tiktok_export import Intake, ShopIntake, load_orders, load_returns, load_shop

__all__ = ["Account", "Intake", "ShopIntake", "identify", "load_orders", "load_returns", "load_shop"]
