"""From what an analyst has (a folder, files, a settings file, the sample) to shops that are open."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from cancel_analysis.catalog.datasets import is_dataset
from cancel_analysis.catalog.shop_entry import is_data_file
from cancel_analysis.catalog.shop_settings import SETTINGS_FILE
from cancel_analysis.catalog.shops import ShopSettings, read_shop_list
from cancel_analysis.catalog.words import words
from cancel_analysis.dataset.addresses import local
from cancel_analysis.dataset.load import load_shop
from cancel_analysis.errors import MOST_NAMES, SettingsError, at_command, nearest, option, unknown
from cancel_analysis.explore.own_files import expand, own_folder, shop_of
from cancel_analysis.explore.shop import Shop
from cancel_analysis.explore.shops import Shops
from cancel_analysis.explore.stored_shops import StoredShops
from cancel_analysis.study.many_shops import open_shops as load_shops
from cancel_analysis.study.one_shop import DEFAULT_PERIOD, open_study_of
from cancel_analysis.weeks import LATEST

PathLike = str | os.PathLike[str]
# Where the project's sample lies in a checkout; an installed package makes it anew in the user's cache.
_CHECKOUT = Path(__file__).resolve().parents[2] / "data" / "sample"
SAMPLE_SHOPS = (
    "us-harbor-home", "uk-linen-lane", "th-siam-beauty", "vn-saigon-shoes", "id-toko-gadget", "sg-orchid-import",
)  # fmt: skip


def open_shop(
    data: PathLike | Sequence[PathLike],
    name: str = "",
    *,
    market: str = "",
    week: str = LATEST,
    as_of: str = "",
    period_days: int = DEFAULT_PERIOD,
    category: str = "",
    product: str = "",
    mapping: str = "",
    date_order: str = "",
    currency: str = "",
    timezone: str = "",
    language: str = "",
) -> Shop:
    """Open one shop at the end of one week.

    `data` is a folder of exports (with `market`), one file or several (with `market`, or with `mapping` for
    another platform's), or a folder with a `shops.yaml`, or that file (then `name` says which of its shops).
    `week` is an ISO week such as "2026-W46" (default: the last whole one), or `as_of` a day; `period_days`
    the days that breakdowns cover; `category` and `product` narrow the breakdowns, never limits and rates;
    `date_order` ("dmy", "mdy", "ymd") settles dates that a file leaves open; `currency` ("INR") and `timezone`
    ("Asia/Kolkata") stand for what a market does not say (`market="other"`); `language` is that of texts.

    Raises SettingsError for what cannot be (with the nearest name), InputError for a file that cannot be used.

    >>> import cancel_analysis as ca
    >>> ca.open_shop("data/sample", "uk-linen-lane").market
    'GB'
    """
    given = {"market": market, "mapping": mapping, "date_order": date_order}
    place = {"currency": currency, "timezone": timezone}
    settings, peers = _settings(data, name, **given, **place)
    if language:
        words(language)
        settings = replace(settings, language=language)
    study = open_study_of(
        settings, load_shop(settings), week, as_of, period_days, category=category, product=product, peers=peers
    )
    return Shop(study, _source(data))


def sample_shop(
    name: str = "id-toko-gadget",
    *,
    week: str = LATEST,
    as_of: str = "",
    period_days: int = DEFAULT_PERIOD,
    category: str = "",
    product: str = "",
    language: str = "",
) -> Shop:
    """Open one of the synthetic sample shops (`SAMPLE_SHOPS`); settings as in `open_shop`.

    >>> import cancel_analysis as ca
    >>> ca.sample_shop("id-toko-gadget").name
    'Toko Gadget'
    """
    if name not in SAMPLE_SHOPS:
        raise SettingsError(unknown("sample shop", str(name), SAMPLE_SHOPS))
    return open_shop(
        sample_folder(), name, week=week, as_of=as_of, period_days=period_days, category=category, product=product,
        language=language,
    )  # fmt: skip


def open_shops(
    data: PathLike, names: Iterable[str] = (), *, week: str = LATEST, period_days: int = DEFAULT_PERIOD
) -> Shops | StoredShops:
    """Open the shops of a folder with a `shops.yaml`: all, or those called `names`, at the end of one week.

    Those of a dataset (`cancel-analysis ingest`; a folder or an address such as s3://bucket/name) are not loaded
    until one is asked for, unless a `week` is named: then they are, as those of a folder.

    A shop whose files cannot be used is no error: it stands in `failures` with its cause. Raises
    SettingsError for settings that cannot be used, and when no shop at all can be read.

    >>> import cancel_analysis as ca
    >>> shops = ca.open_shops("data/sample", ["uk-linen-lane", "id-toko-gadget"])
    >>> list(shops)
    ['uk-linen-lane', 'id-toko-gadget']
    """
    path = _there(data)
    chosen = [names] if isinstance(names, str) else list(names)
    if is_dataset(path) and week == LATEST:
        return StoredShops(read_shop_list(path).named(chosen).shops, path, period_days)
    loaded = load_shops(path, ",".join(chosen))
    chosen_week = loaded.week(week)
    return Shops(chosen_week, tuple(loaded.studies(chosen_week.sunday, period_days, covered=True)), path)


def sample_folder() -> Path:
    """The folder of the sample shops; made in the user's cache where the package is installed without it."""
    if (_CHECKOUT / SETTINGS_FILE).is_file():
        return _CHECKOUT
    from cancel_analysis.sample import make_sample
    from cancel_analysis.version import __version__

    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "cancel-analysis" / f"sample-{__version__}"
    if not (folder / SETTINGS_FILE).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        make_sample(folder)
    return folder


def _settings(
    data: PathLike | Sequence[PathLike], name: str, *, market: str, mapping: str, date_order: str, **place: str
) -> tuple[ShopSettings, tuple[ShopSettings, ...]]:
    """The settings of the shop that is meant, and those of all shops beside it."""
    if not isinstance(data, str | os.PathLike):
        paths = [_there(path) for path in data]
        if not paths:
            raise SettingsError("no file was named; open_shop takes a folder, a file, or a list of files")
        return shop_of(expand(paths), market, name, date_order, mapping, **place), ()
    path = _there(data)
    if path.is_dir() and not (path / SETTINGS_FILE).is_file() and not is_dataset(path):
        if not market and not mapping:
            example = option("market", "US") if at_command() else f"open_shop({str(data)!r}, market='US')"
            raise SettingsError(f"{path} has no {SETTINGS_FILE}; name the market of its files: {example}")
        return own_folder(path, market, name, date_order, mapping, **place), ()
    if path.is_file() and is_data_file(path):
        return shop_of(expand([path]), market, name, date_order, mapping, **place), ()
    given = {"market": market, "mapping": mapping, "date_order": date_order, **place}
    if told := next((key for key, value in given.items() if value), ""):
        says = "names the markets" if told == "market" else f"says its shops' {told}"
        raise SettingsError(f"the {SETTINGS_FILE} in {path} {says}; {option(told)} is for files without one")
    shops = read_shop_list(path)
    if not name and len(shops.ids) > 1:
        known, example = ", ".join(shops.ids[:MOST_NAMES]), f"open_shop({str(data)!r}, {shops.ids[0]!r})"
        if at_command():
            example = option("shop", shops.ids[0])
        raise SettingsError(f"{path} has {len(shops.ids)} shops: name one, {example}; there are {known}")
    return shops.one(name), shops.shops


def _there(data: PathLike) -> Path:
    """The path, which must exist (an address's local copy); SettingsError with the nearest name beside it."""
    path = local(data).expanduser()
    if path.exists():
        return path
    for parent, missing in zip(path.parents, [path, *path.parents], strict=False):
        if parent.is_dir():
            near = nearest(missing.name, sorted(entry.name for entry in parent.iterdir()))
            rest = path.relative_to(missing)
            hint = f"; did you mean {(parent / near / rest).as_posix()}?" if near else ""
            kind = "file" if path.suffix else "folder"
            raise SettingsError(f"no {kind} {path.as_posix()}{hint}")
    raise SettingsError(f"no folder {path.as_posix()}")


def _source(data: PathLike | Sequence[PathLike]) -> Path | None:
    """The folder or settings file that names the shop, where there is one: a report can be made again from it."""
    if not isinstance(data, str | os.PathLike):
        return None
    path = local(data).expanduser()
    if path.is_file() and is_data_file(path):
        return None
    return path if path.is_file() or (path / SETTINGS_FILE).is_file() or is_dataset(path) else None
