"""Files → canonical tables and an account of every row. Nothing here judges an order."""

from cancel_analysis.loaders.api.load import load_api
from cancel_analysis.loaders.mapped.check import understood
from cancel_analysis.loaders.mapped.draft import draft_mapping
from cancel_analysis.loaders.mapped.load import load_mapped
from cancel_analysis.loaders.operations import load_stock_log, load_stock_snapshots, load_tracking
from cancel_analysis.loaders.parsing.account import Account
from cancel_analysis.loaders.parsing.intake import ApiIntake, ExportIntake, Intake, OperationsIntake, ShopIntake
from cancel_analysis.loaders.parsing.recognition import identify
from cancel_analysis.loaders.shop import load_shop
from cancel_analysis.loaders.statements import combine
from cancel_analysis.loaders.tiktok_export import load_orders, load_returns

__all__ = [
    "Account",
    "ApiIntake",
    "ExportIntake",
    "Intake",
    "OperationsIntake",
    "ShopIntake",
    "combine",
    "draft_mapping",
    "identify",
    "load_api",
    "load_mapped",
    "load_orders",
    "load_returns",
    "load_shop",
    "load_stock_log",
    "load_stock_snapshots",
    "load_tracking",
    "understood",
]
