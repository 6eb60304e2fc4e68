"""`shops.yaml` → shops: who they are, where they sell, which files are theirs.

Only `id` and `market` must be given; the market gives currency and time zone. A folder without a
`shops.yaml` is one shop when its market is named on the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.datasets import is_dataset, stored_shops
from cancel_analysis.catalog.settings_file import Entry, read_entries
from cancel_analysis.catalog.settings_model import Fault
from cancel_analysis.catalog.shop_entry import check_shop
from cancel_analysis.catalog.shop_settings import COSTS as COSTS
from cancel_analysis.catalog.shop_settings import DATA_SUFFIXES as DATA_SUFFIXES
from cancel_analysis.catalog.shop_settings import DATE_ORDERS as DATE_ORDERS
from cancel_analysis.catalog.shop_settings import DEFAULT_BUYER_WEIGHT as DEFAULT_BUYER_WEIGHT
from cancel_analysis.catalog.shop_settings import DEFAULT_SELLER_WEIGHT as DEFAULT_SELLER_WEIGHT
from cancel_analysis.catalog.shop_settings import LOWEST_ALERT as LOWEST_ALERT
from cancel_analysis.catalog.shop_settings import NAMED_FILES, SETTINGS_FILE
from cancel_analysis.catalog.shop_settings import ShopSettings as ShopSettings
from cancel_analysis.catalog.shop_settings import slug as slug
from cancel_analysis.errors import MOST_NAMES, SettingsError, at_command, unknown

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
    shop, faults = check_shop(entry, folder, inside=False)
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
        shop, faults = check_shop(entry, path.parent, inside=path.name != NAMED_FILES)
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
