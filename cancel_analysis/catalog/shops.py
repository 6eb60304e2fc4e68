"""`shops.yaml` → shops: who they are, where they sell, which files are theirs.

Only `id` and `market` must be given; the market gives currency and time zone. A folder without a
`shops.yaml` is one shop when its market is named on the command line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.brand import brand_file, read_brand
from cancel_analysis.catalog.datasets import is_dataset, stored_shops
from cancel_analysis.catalog.done_actions import FILE as ACTIONS_FILE
from cancel_analysis.catalog.done_actions import read_done
from cancel_analysis.catalog.mapping.forms import FileMapping
from cancel_analysis.catalog.mapping.mappings import mapping_file, read_mapping
from cancel_analysis.catalog.markets import OTHER, decimals_of
from cancel_analysis.catalog.markets import market as find_market
from cancel_analysis.catalog.policies import own_limits, packs
from cancel_analysis.catalog.settings_file import Entry, read_entries
from cancel_analysis.catalog.settings_model import Fault, Keys, ShopEntry, check_entry, missing_key, show
from cancel_analysis.catalog.shop_settings import COSTS as COSTS
from cancel_analysis.catalog.shop_settings import DATA_SUFFIXES as DATA_SUFFIXES
from cancel_analysis.catalog.shop_settings import DATE_ORDERS as DATE_ORDERS
from cancel_analysis.catalog.shop_settings import DEFAULT_BUYER_WEIGHT as DEFAULT_BUYER_WEIGHT
from cancel_analysis.catalog.shop_settings import DEFAULT_SELLER_WEIGHT as DEFAULT_SELLER_WEIGHT
from cancel_analysis.catalog.shop_settings import LIMITS_SUFFIX, NAMED_FILES, SETTINGS_FILE, TRUTH_FILE
from cancel_analysis.catalog.shop_settings import LOWEST_ALERT as LOWEST_ALERT
from cancel_analysis.catalog.shop_settings import ShopSettings as ShopSettings
from cancel_analysis.catalog.shop_settings import slug as slug
from cancel_analysis.errors import MOST_NAMES, SettingsError, at_command, nearest, shorten, unknown

# How many problems a message lists.
MOST_PROBLEMS = 3


@dataclass(frozen=True)
class WrongShop:
    """A shop whose settings cannot be used: what is known of it, and the cause with file and line."""

    id: str
    name: str
    market: str
    cause: str

    def as_settings(self) -> ShopSettings:
        """The shop as the lists of failed reports name it; it has no file."""
        return ShopSettings(self.id, self.market, self.name, currency="", timezone="UTC")


@dataclass(frozen=True)
class ShopList:
    """The shops of a settings file, in its order, and those whose settings are wrong."""

    shops: tuple[ShopSettings, ...]
    wrong: tuple[WrongShop, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all of them, those with wrong settings last."""
        return (*(shop.id for shop in self.shops), *(shop.id for shop in self.wrong))

    def named(self, names: Iterable[str]) -> ShopList:
        """Those called `names` (id or folder name), all when there is none.

        Raises SettingsError for a name that no shop has, and with the causes when all that are asked for are wrong.
        """
        wanted = list(names)
        known = {*self.ids, *(shop.slug for shop in self.shops)}
        for name in wanted:
            if name not in known:
                raise SettingsError(unknown("shop", name, self.ids))
        shops = tuple(shop for shop in self.shops if not wanted or {shop.id, shop.slug} & set(wanted))
        wrong = tuple(shop for shop in self.wrong if not wanted or shop.id in wanted)
        if wrong and not shops:
            raise SettingsError(in_lines([shop.cause for shop in wrong]))
        return ShopList(shops, wrong)

    def one(self, name: str) -> ShopSettings:
        """The shop called `name`, the only one there is when `name` is empty; errors as `named`."""
        if not name and len(self.ids) > 1:
            raise SettingsError(f"there are {len(self.ids):,} shops; name one: {', '.join(self.ids[:MOST_NAMES])}")
        return self.named([name] if name else []).shops[0]


def in_lines(problems: Sequence[str]) -> str:
    """Problems as a message lists them: three, each once, and how many more there are."""
    return "\n  ".join(_first(problems))


def _first(problems: Sequence[str]) -> list[str]:
    different = list(dict.fromkeys(problems))
    more = len(different) - MOST_PROBLEMS
    return [*different[:MOST_PROBLEMS], *([f"and {more:,} more"] if more > 0 else [])]


def make_shop(settings: dict[str, Any], folder: Path | None = None, *, where: str = "shop") -> ShopSettings:
    """A checked shop from plain settings; `files` are patterns below `folder` (default: `<id>/*`).

    A shop may have no file yet: loading it says so, and the other shops go on. Raises SettingsError
    that names each key (three at most) and what it may be.
    """
    entry = Entry(where, settings)
    shop, faults = _check(entry, folder, inside=False)
    if shop is None:
        raise SettingsError(in_lines([entry.told(fault) for fault in sorted(faults, key=entry.order_of)]))
    return shop


def read_shop_list(data: str | Path) -> ShopList:
    """All shops of the folder `data` (or of the settings file, or dataset); one with wrong settings is set apart.

    Raises SettingsError when there is no settings file, when it is wrong as a whole, and with the causes
    when the settings of every shop are wrong.
    """
    if is_dataset(Path(data)):
        return ShopList(stored_shops(Path(data)))
    path = _settings_path(data)
    shops: list[ShopSettings] = []
    failed: list[tuple[Entry, list[Fault]]] = []
    slugs: dict[str, str] = {}
    for entry in read_entries(path):
        shop, faults = _check(entry, path.parent, inside=path.name != NAMED_FILES)
        if shop is not None and shop.slug in slugs:
            told = f"shops {slugs[shop.slug]!r} and {shop.id!r} would share the folder {shop.slug!r}; give it another"
            shop, faults = None, [Fault(("id",), told)]
        if shop is None:
            failed.append((entry, faults))
        else:
            shops.append(shop)
            slugs[shop.slug] = shop.id
    wrong: list[WrongShop] = []
    for entry, faults in failed:
        wrong.append(_wrong_shop(entry, faults, {*slugs, *(slug(one.id) for one in wrong)}))
    return ShopList(tuple(shops), tuple(wrong)).named(())


def read_shops(data: str | Path) -> list[ShopSettings]:
    """All shops of the folder `data` (or of the settings file `data`), in the order of the file.

    Raises SettingsError as `read_shop_list` does, and when the settings of any shop are wrong.
    """
    found = read_shop_list(data)
    if found.wrong:
        raise SettingsError(in_lines([shop.cause for shop in found.wrong]))
    return list(found.shops)


def folder_shop(folder: str | Path, market: str, **settings: Any) -> ShopSettings:
    """The one shop of a folder that has no settings file: every export below it is its own.

    Raises SettingsError for a folder without any.
    """
    path = Path(folder).resolve()
    shop = make_shop({"id": path.name, "market": market, "files": ["*", "*/*"], **settings}, path, where=str(folder))
    if not shop.files:
        raise SettingsError(f"no {', '.join(DATA_SUFFIXES)} file in {folder} or a folder below it")
    return shop


def is_data_file(path: Path) -> bool:
    """Whether a file found in a folder is taken for one of the shop's: by its ending, and not by what it holds."""
    passed_over = path.name.startswith(("~$", ".")) or path.name == TRUTH_FILE
    return path.is_file() and path.suffix.lower() in DATA_SUFFIXES and not passed_over


def _settings_path(data: str | Path) -> Path:
    path = Path(data)
    settings_path = path / SETTINGS_FILE if path.is_dir() else path
    if not settings_path.is_file():
        raise SettingsError(
            f"{settings_path} does not exist. Write it with one entry a shop, for example:\n"
            "  shops:\n    - id: my-shop\n      market: US\n      files: '*.csv'\n"
            f"or name the market of its files: {_named_so(path)}"
        )
    return settings_path


def _named_so(path: Path) -> str:
    """How whoever called opens a folder without a settings file."""
    if at_command():
        return "cancel-analysis report --data FOLDER --market US"
    return f"open_shop({path.as_posix()!r}, market='US')"


def _wrong_shop(entry: Entry, faults: Sequence[Fault], taken: set[str]) -> WrongShop:
    """What can be said of a shop whose settings are wrong; no other has its id, nor its folder (`taken`)."""
    named = entry.text("id")
    try:
        free = named is not None and slug(named) not in taken
    except SettingsError:
        free = False
    identity = named if named is not None and free else f"shop-{entry.number}"
    while slug(identity) in taken:
        identity += "-wrong"
    causes = _first([entry.told(fault) for fault in sorted(faults, key=entry.order_of)])
    return WrongShop(identity, entry.text("name") or named or identity, entry.text("market") or "", "; ".join(causes))


def _check(entry: Entry, folder: Path | None, *, inside: bool) -> tuple[ShopSettings | None, list[Fault]]:
    """The shop of an entry, or everything that is wrong with it. With `inside`, its patterns stay below `folder`."""
    if entry.faults and not entry.settings:
        # No keys at all: what is missing is no news.
        return None, list(entry.faults)
    found, faults = check_entry(
        entry.settings, entry.written, refused=[str(one.keys[0]) for one in entry.faults if one.keys]
    )
    faults = [*entry.faults, *faults]
    if inside:
        faults += _leaving(entry.settings.get("files"))
    if found is None or faults:
        return None, faults
    path, mapping, faults = _mapping(found, folder)
    # A market other than the mapping's brings its own currency and zone.
    defaults = mapping if mapping is not None and found.market in (None, mapping.market or found.market) else None
    code = found.market or (mapping.market if mapping is not None else None)
    if code is None:
        return None, faults or [Fault((), missing_key("market"))]
    market = find_market(code)
    currency = found.currency or (defaults and defaults.currency) or market.currency
    timezone = found.timezone or (defaults and defaults.timezone) or market.timezone
    if market.code == OTHER:
        for key, value, example in (("currency", currency, "INR"), ("timezone", timezone, "Asia/Kolkata")):
            if not value:
                faults.append(Fault((key,), f"is needed: market {OTHER} says nothing of it; write it like {example}"))
    limits_file, more = _limits(found.limits, market.code, folder)
    faults += more
    brand, more = _brand(found.brand, folder)
    faults += more
    patterns = tuple(found.files or [f"{found.id}/*"])
    files, more = _files(patterns, folder)
    faults += more
    actions_file, more = _actions(found.actions, folder, files, inside=inside)
    faults += more
    if faults:
        return None, faults
    plain = {key: getattr(found, key) for key in ShopEntry.model_fields if key not in _MADE}
    return ShopSettings(
        **plain,
        market=market.code,
        decimals=decimals_of(currency),
        name=found.name or found.id,
        currency=currency,
        timezone=timezone,
        mapping=mapping.name if mapping is not None else None,
        mapping_file=path,
        # Reports print the setting; where the file lies is of this machine.
        limits=limits_file.name if limits_file is not None else found.limits,
        limits_file=limits_file,
        actions_file=actions_file,
        brand_file=brand,
        alerts=tuple(sorted((found.alerts or {}).items())),
        costs=tuple(sorted(found.costs.model_dump(exclude_none=True).items())) if found.costs else (),
        standing=tuple(sorted(found.standing.model_dump(exclude_none=True).items())) if found.standing else (),
        patterns=patterns,
        files=files,
    ), []


_MADE = (
    "market",
    "name",
    "currency",
    "timezone",
    "mapping",
    "limits",
    "alerts",
    "costs",
    "standing",
    "actions",
    "files",
)


def _mapping(found: ShopEntry, folder: Path | None) -> tuple[Path | None, FileMapping | None, list[Fault]]:
    """The mapping that the setting names, and its file; it gives market, currency and zone where the shop does not."""
    if found.mapping is None:
        return None, None, []
    try:
        path = mapping_file(found.mapping, folder)
        return path, read_mapping(path), []
    except SettingsError as error:
        return None, None, [Fault(("mapping",), str(error))]
    except (OSError, ValueError, RuntimeError) as error:
        return None, None, [Fault(("mapping",), f"cannot be opened: {_reason(error)}")]


def _limits(limits: str, market: str, folder: Path | None) -> tuple[Path | None, list[Fault]]:
    """The user's own file of limits, where the setting names one; a pack is one of the market's."""
    if not limits.lower().endswith(LIMITS_SUFFIX):
        valid = packs(market)
        if limits in valid:
            return None, []
        near = nearest(limits, valid)
        told = (
            f"is {shorten(limits)}; for market {market} it must be one of {', '.join(valid)}, "
            f"or a .csv file of your own" + (f"; did you mean {near!r}?" if near else "")
        )
        return None, [Fault(("limits",), told)]
    path = (folder or Path()) / limits
    if not _is_file(path):
        return None, [Fault(("limits",), f"names {shorten(limits)}, but there is no such file beside the settings")]
    try:
        own_limits(path)
    except SettingsError as error:
        return None, [Fault(("limits",), str(error))]
    return path.resolve(), []


def _actions(
    named: str | None, folder: Path | None, files: tuple[Path, ...], *, inside: bool
) -> tuple[Path | None, list[Fault]]:
    """The file that says what was done: the one that is named, else the one beside the shop's files.

    One beside the settings file of several shops is nobody's, unless it is named.
    """
    if named is not None:
        path = (folder or Path()) / named
        if inside and _leaves(named):
            return None, [Fault(("actions",), f"{show(named)} leaves the folder of the settings file")]
        if not _is_file(path):
            told = f"names {shorten(named)}, but there is no such file below the folder of the settings"
            return None, [Fault(("actions",), told)]
    else:
        shared = Path(os.path.normpath(folder)) if inside and folder is not None else None
        own = dict.fromkeys(one.parent for one in files if one.parent != shared)
        beside = [place / ACTIONS_FILE for place in own if _is_file(place / ACTIONS_FILE)]
        if not beside:
            return None, []
        path = beside[0]
    try:
        read_done(path)
    except SettingsError as error:
        return None, [Fault(("actions",), str(error))]
    return path.resolve(), []


def _brand(named: str | None, folder: Path | None) -> tuple[Path | None, list[Fault]]:
    """The file of whoever issues the reports, where the setting names one."""
    if named is None:
        return None, []
    try:
        path = brand_file(named, folder)
        read_brand(path)
        return path, []
    except SettingsError as error:
        return None, [Fault(("brand",), str(error))]


def _leaving(files: Any) -> list[Fault]:
    """The patterns that leave the folder of their settings file."""
    patterns = [files] if isinstance(files, str) else files if isinstance(files, list) else []
    faults = []
    for number, pattern in enumerate(patterns):
        if isinstance(pattern, str) and _leaves(pattern):
            keys: Keys = ("files",) if isinstance(files, str) else ("files", number)
            told = (
                f"{show(pattern)} leaves the folder of the settings file; write patterns below it, and put the "
                "file into a folder that holds the exports of all its shops"
            )
            faults.append(Fault(keys, told))
    return faults


def _leaves(pattern: str) -> bool:
    """Whether it begins elsewhere (/x, ~/x, C:\\x) or goes up, as Unix or as Windows writes it."""
    parts = [part.strip() for part in re.split(r"[\\/]", pattern)]
    elsewhere = len(parts) > 1 and (parts[0] in ("", "~") or re.fullmatch("[A-Za-z]:", parts[0]) is not None)
    return elsewhere or ".." in parts


def _files(patterns: tuple[str, ...], folder: Path | None) -> tuple[tuple[Path, ...], list[Fault]]:
    """The data files that the patterns find below `folder`, each once."""
    found: dict[Path, None] = {}
    for pattern in patterns if folder is not None else ():
        assert folder is not None
        # A plain name comes first: real exports have names such as "All order-2026[1].csv".
        plain = folder / pattern
        try:
            # A folder stands for the files in it.
            matches = (
                [plain] if _is_file(plain) else sorted(_glob(folder, f"{pattern}/*" if plain.is_dir() else pattern))
            )
            for path in matches:
                if is_data_file(path):
                    found[Path(os.path.normpath(path))] = None
        except (ValueError, NotImplementedError, OSError, IndexError) as error:
            told = f"{show(pattern)} is no pattern of file names ({_reason(error)}); write it like 'exports/*.xlsx'"
            return (), [Fault(("files",), told)]
    return tuple(found), []


def _reason(error: Exception) -> str:
    """Why the system refused, without the path that it adds."""
    return str(getattr(error, "strerror", None) or str(error).partition(":")[0])


def _is_file(path: Path) -> bool:
    """Whether it is a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _glob(folder: Path, pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.is_absolute():
        return list(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return list(folder.glob(pattern))
