"""A shop and its settings, as everything in this package passes them around: frozen, checked, plain."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from cancel_analysis.errors import SettingsError

SETTINGS_FILE = "shops.yaml"
# A settings file of this name is written by the command for files that were named on it, which may lie
# anywhere and be many; the patterns of every other one stay below its folder.
NAMED_FILES = "named-files.yaml"
# A .xls and a .ods are looked at too: what cannot be read is refused by name, not passed over.
DATA_SUFFIXES = (".csv", ".xlsx", ".json", ".jsonl", ".ndjson", ".zip", ".xls", ".ods")
# What is true of a sample shop stands beside its files; it is none of them.
TRUTH_FILE = "truth.json"
DATE_ORDERS = ("dmy", "mdy", "ymd")
# A report must stop before it rests on a file that was mostly not understood.
DEFAULT_REFUSE_LIMIT = 0.01
# The unverified "2.3" of a trade article; see docs/methods.md for the two ways to read it.
DEFAULT_SELLER_WEIGHT = 2.3
DEFAULT_BUYER_WEIGHT = 1.0
DEFAULT_NEAR_SHARE = 0.8
# The lowest level of an alert (`alert_lowest` of the catalog's reference lines).
LOWEST_ALERT = 0.02
LIMITS_SUFFIX = ".csv"
# What a cancellation costs besides the sale, as only the shop knows it: the largest value that can be meant.
# Shares are fractions; fees are in the shop's currency, for one order.
COSTS = {"commission": 1.0, "label_fee": 1e9, "return_freight": 1e9, "traffic_loss": 1.0}


@dataclass(frozen=True)
class ShopSettings:
    """One shop and its settings.

    `limits` names the pack that gives the verdict ("official" is the market's official limits), or
    is a file of the user's own in the columns of the catalog's limits, then `limits_file` too;
    `alerts` are (days, order cancellation rate) from which the morning brief warns;
    `costs` are (name of `COSTS`, value): what a cancellation costs besides the sale;
    `actions_file` says which of the advised actions were done, where there is one;
    `standing` are (name of `catalog.scores.TYPED`, value) and (`read_on`, day): what Seller Center showed that day;
    `brand` names who issues the reports, a file beside the settings; `brand_file` is where it is;
    `mapping` says how files of another platform are read: a shipped mapping, or a YAML file of the
    user's own; `mapping_file` is where it is;
    `near_share` is how close to a limit counts as near (0.8: from 80 % of it);
    `refuse_limit` is the largest share of rows that may be refused; `strict` makes an unknown
    reason an error; `date_order` settles dates that the file itself leaves open.
    """

    id: str
    market: str
    name: str
    currency: str
    timezone: str
    files: tuple[Path, ...] = ()
    language: str = "en"
    category: str | None = None
    limits: str = "official"
    cross_border: bool = False
    date_order: str | None = None
    refuse_limit: float = DEFAULT_REFUSE_LIMIT
    near_share: float = DEFAULT_NEAR_SHARE
    seller_weight: float = DEFAULT_SELLER_WEIGHT
    buyer_weight: float = DEFAULT_BUYER_WEIGHT
    strict: bool = False
    synthetic: bool = False
    alerts: tuple[tuple[int, float], ...] = ()
    costs: tuple[tuple[str, float], ...] = ()
    standing: tuple[tuple[str, float | str], ...] = ()
    limits_file: Path | None = None
    actions_file: Path | None = None
    mapping: str | None = None
    mapping_file: Path | None = None
    brand: str | None = None
    brand_file: Path | None = None
    decimals: int = field(default=2)
    # What the settings said about files, for the message of a shop that has none.
    patterns: tuple[str, ...] = field(default=(), compare=False)

    @property
    def slug(self) -> str:
        """The id as a safe name of a folder: lower-case ASCII letters, digits and dashes."""
        return slug(self.id)


def slug(text: str) -> str:
    """A safe file name made from any text; raises SettingsError when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    result = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60]
    if not result:
        raise SettingsError(f"the shop id {text!r} has no letters a–z or digits; give it an id such as 'shop-1'")
    return result
