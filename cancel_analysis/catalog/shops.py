"""`shops.yaml` → shops: who they are, where they sell, which files are theirs.

Only `id` and `market` must be given; the market gives currency and time zone. A folder without a
`shops.yaml` is one shop when its market is named on the command line.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from cancel_analysis.catalog.mapping.mappings import mapping_file, read_mapping
from cancel_analysis.catalog.markets import OTHER, decimals_of
from cancel_analysis.catalog.markets import market as find_market
from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.errors import SettingsError

SETTINGS_FILE = "shops.yaml"
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
    near_share: float = 0.8
    seller_weight: float = DEFAULT_SELLER_WEIGHT
    buyer_weight: float = DEFAULT_BUYER_WEIGHT
    strict: bool = False
    synthetic: bool = False
    alerts: tuple[tuple[int, float], ...] = ()
    costs: tuple[tuple[str, float], ...] = ()
    limits_file: Path | None = None
    mapping: str | None = None
    mapping_file: Path | None = None
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


_FOUND = ("files", "decimals", "limits_file", "mapping_file", "patterns")
SETTABLE = (*(f.name for f in fields(ShopSettings) if f.name not in _FOUND), "files")


def make_shop(settings: dict[str, Any], folder: Path | None = None, *, where: str = "shop") -> ShopSettings:
    """A checked Shop from plain settings; `files` are patterns below `folder` (default: `<id>/*`).

    A shop may have no file yet: loading it says so, and the other shops go on. Raises SettingsError
    that names the key and what it may be.
    """
    unknown = sorted(set(settings) - set(SETTABLE))
    if unknown:
        raise SettingsError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(SETTABLE))}")
    settings = {**settings, **_mapped(settings, folder, where)}
    for key in ("id", "market"):
        if not settings.get(key):
            raise SettingsError(f"{where}: {key!r} is missing; a shop needs at least 'id' and 'market'")
    identity = str(settings["id"])
    market = find_market(str(settings["market"]))
    values = dict(settings)
    patterns = values.pop("files", None)
    values |= {"id": identity, "market": market.code}
    if market.code == OTHER:
        for key, example in (("currency", "INR"), ("timezone", "Asia/Kolkata")):
            if not values.get(key):
                raise SettingsError(
                    f"{where}: market {OTHER!r} says nothing of it, so {key!r} is needed, for example {example}"
                )
    values.setdefault("name", identity)
    values.setdefault("currency", market.currency)
    values.setdefault("timezone", market.timezone)
    _check_values(values, where)
    values["decimals"] = decimals_of(values["currency"])
    values["alerts"] = _alerts(values.get("alerts"), where)
    values["costs"] = _costs(values.get("costs"), where)
    values["limits_file"] = _limits_file(values.get("limits", ""), folder, where)
    if values["limits_file"] is not None:
        # Reports print the setting; where the file lies is of this machine.
        values["limits"] = values["limits_file"].name
    values["patterns"] = _patterns(patterns, identity, where)
    files = _files(values["patterns"], folder) if folder is not None else ()
    shop = ShopSettings(files=files, **values)
    slug(shop.id)
    return shop


def _check_values(values: dict[str, Any], where: str) -> None:
    for key in ("name", "currency", "timezone", "language", "limits"):
        if key in values and not isinstance(values[key], str):
            raise SettingsError(f"{where}: {key!r} must be text, not {values[key]!r}")
    if not re.fullmatch(r"[A-Z]{3}", values["currency"]):
        raise SettingsError(f"{where}: 'currency' must be a three-letter code such as USD, not {values['currency']!r}")
    try:
        ZoneInfo(values["timezone"])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(
            f"{where}: 'timezone' {values['timezone']!r} is not known; write it like Asia/Bangkok"
        ) from error
    if values.get("date_order") not in (None, *DATE_ORDERS):
        raise SettingsError(f"{where}: 'date_order' must be one of {', '.join(DATE_ORDERS)}")
    for key, low, high in (
        ("refuse_limit", 0.0, 1.0),
        ("near_share", 0.0, 1.0),
        ("seller_weight", 0.0, 100.0),
        ("buyer_weight", 0.0, 100.0),
    ):
        if key in values:
            number = values[key]
            if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
                raise SettingsError(f"{where}: {key!r} must be a number from {low:g} to {high:g}, not {number!r}")
    for key in ("strict", "cross_border", "synthetic"):
        if key in values and not isinstance(values[key], bool):
            raise SettingsError(f"{where}: {key!r} must be true or false, not {values[key]!r}")


def _alerts(given: Any, where: str) -> tuple[tuple[int, float], ...]:
    """The alert lines of a shop, shortest window first."""
    form = "write it like alerts: {7: 0.05, 15: 0.04, 30: 0.03}"
    if given is None:
        return ()
    if not isinstance(given, dict):
        raise SettingsError(f"{where}: 'alerts' must give a rate to a number of days, not {given!r}; {form}")
    for days, level in given.items():
        if days not in WINDOWS or isinstance(days, bool):
            windows = ", ".join(map(str, WINDOWS))
            raise SettingsError(f"{where}: 'alerts' can be set for {windows} days, not {days!r}; {form}")
        if isinstance(level, bool) or not isinstance(level, int | float) or not LOWEST_ALERT <= level < 1:
            raise SettingsError(
                f"{where}: the alert for {days} days must be a rate from {LOWEST_ALERT:g} ({LOWEST_ALERT:.1%}) up, "
                f"below 1, not {level!r}; {form}"
            )
    return tuple(sorted((int(days), float(level)) for days, level in given.items()))


def _costs(given: Any, where: str) -> tuple[tuple[str, float], ...]:
    """The shop's own cost settings, by name."""
    form = "write it like costs: {commission: 0.06, label_fee: 4.5}"
    if given is None:
        return ()
    if not isinstance(given, dict):
        raise SettingsError(f"{where}: 'costs' must give a number to a name, not {given!r}; {form}")
    for name, value in given.items():
        if name not in COSTS:
            raise SettingsError(f"{where}: 'costs' knows {', '.join(COSTS)}, not {name!r}; {form}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= COSTS[name]:
            raise SettingsError(
                f"{where}: 'costs.{name}' must be a number from 0 to {COSTS[name]:,.0f}, not {value!r}; {form}"
            )
    return tuple(sorted((str(name), float(value)) for name, value in given.items()))


def _mapped(settings: dict[str, Any], folder: Path | None, where: str) -> dict[str, Any]:
    """What the setting `mapping` adds: its file, and the market, currency and time zone it has as defaults."""
    given = settings.get("mapping")
    if given is None:
        return {"mapping_file": None}
    if not isinstance(given, str):
        raise SettingsError(f"{where}: 'mapping' must be the name of a mapping or a .yaml file, not {given!r}")
    try:
        path = mapping_file(given, folder)
        mapping = read_mapping(path)
    except SettingsError as error:
        raise SettingsError(f"{where}: 'mapping': {error}") from error
    added: dict[str, Any] = {"mapping": mapping.name, "mapping_file": path}
    if not settings.get("market") and mapping.market:
        added["market"] = mapping.market
    # Another market than the mapping's brings its own currency and zone.
    if mapping.market is None or str(settings.get("market") or mapping.market).upper() == mapping.market:
        for key in ("currency", "timezone"):
            if key not in settings and getattr(mapping, key):
                added[key] = getattr(mapping, key)
    return added


def _limits_file(limits: str, folder: Path | None, where: str) -> Path | None:
    """The user's own file of limits, where the setting names one."""
    if not limits.lower().endswith(LIMITS_SUFFIX):
        return None
    path = (folder or Path()) / limits
    if not path.is_file():
        raise SettingsError(f"{where}: 'limits' names {limits!r}, but there is no such file below {path.parent}")
    return path.resolve()


def _patterns(patterns: Any, identity: str, where: str) -> tuple[str, ...]:
    if patterns is None:
        patterns = f"{identity}/*"
    if isinstance(patterns, str):
        patterns = [patterns]
    if not isinstance(patterns, list) or not all(isinstance(p, str) for p in patterns):
        raise SettingsError(f"{where}: 'files' must be one pattern or a list of patterns")
    return tuple(patterns)


def _files(patterns: tuple[str, ...], folder: Path) -> tuple[Path, ...]:
    found: dict[Path, None] = {}
    for pattern in patterns:
        # A plain name comes first: real exports have names such as "All order-2026[1].csv".
        plain = folder / pattern
        matches = [plain] if plain.is_file() else sorted(_glob(folder, pattern))
        for path in matches:
            if is_data_file(path):
                found[Path(os.path.normpath(path))] = None
    return tuple(found)


def is_data_file(path: Path) -> bool:
    """Whether a file found in a folder is taken for one of the shop's: by its ending, and not by what it holds."""
    passed_over = path.name.startswith(("~$", ".")) or path.name == TRUTH_FILE
    return path.is_file() and path.suffix.lower() in DATA_SUFFIXES and not passed_over


def _glob(folder: Path, pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.is_absolute():
        return list(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return list(folder.glob(pattern))


def read_shops(data: str | Path) -> list[ShopSettings]:
    """All shops of the folder `data` (or of the settings file `data`), in the order of the file.

    Raises SettingsError when there is no settings file, when it is not a list of shops, or when
    two shops share a name on disk.
    """
    path = Path(data)
    settings_path = path / SETTINGS_FILE if path.is_dir() else path
    if not settings_path.is_file():
        raise SettingsError(
            f"{settings_path} does not exist. Write it with one entry a shop, for example:\n"
            "  shops:\n    - id: my-shop\n      market: US\n      files: '*.csv'\n"
            "or name the market on the command line: cancel-analysis report --data FOLDER --market US"
        )
    try:
        content = yaml.safe_load(settings_path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{settings_path} is not valid YAML: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("shops"), list) or not content["shops"]:
        raise SettingsError(f"{settings_path}: needs a list called 'shops' with at least one shop")
    unknown = sorted(set(content) - {"shops", "defaults"})
    if unknown:
        raise SettingsError(f"{settings_path}: unknown key {unknown[0]!r}; known are 'shops' and 'defaults'")
    defaults = content.get("defaults") or {}
    shops = []
    for number, entry in enumerate(content["shops"], start=1):
        where = f"{settings_path.name}, shop {number}"
        if not isinstance(entry, dict):
            raise SettingsError(f"{where}: must be a list of settings, not {entry!r}")
        shops.append(make_shop({**defaults, **entry}, settings_path.parent, where=where))
    slugs: dict[str, str] = {}
    for shop in shops:
        if shop.slug in slugs:
            raise SettingsError(f"shops {slugs[shop.slug]!r} and {shop.id!r} would share the folder {shop.slug!r}")
        slugs[shop.slug] = shop.id
    return shops


def folder_shop(folder: str | Path, market: str, **settings: Any) -> ShopSettings:
    """The one shop of a folder that has no settings file: every export below it is its own.

    Raises SettingsError for a folder without any.
    """
    path = Path(folder).resolve()
    shop = make_shop({"id": path.name, "market": market, "files": ["*", "*/*"], **settings}, path, where=str(folder))
    if not shop.files:
        raise SettingsError(f"no {', '.join(DATA_SUFFIXES)} file in {folder} or a folder below it")
    return shop
