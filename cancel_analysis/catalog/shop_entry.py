"""One shop's entry of `shops.yaml` → its settings, with every file that they name, or all that is wrong with them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.brand import brand_file, read_brand
from cancel_analysis.catalog.done_actions import FILE as ACTIONS_FILE
from cancel_analysis.catalog.done_actions import read_done
from cancel_analysis.catalog.mapping.forms import FileMapping
from cancel_analysis.catalog.mapping.mappings import mapping_file, read_mapping
from cancel_analysis.catalog.markets import OTHER, decimals_of
from cancel_analysis.catalog.markets import market as find_market
from cancel_analysis.catalog.policies import own_limits, packs
from cancel_analysis.catalog.settings_file import Entry
from cancel_analysis.catalog.settings_model import Fault, Keys, ShopEntry, check_entry, missing_key, show
from cancel_analysis.catalog.shop_settings import DATA_SUFFIXES, LIMITS_SUFFIX, TRUTH_FILE, ShopSettings
from cancel_analysis.errors import SettingsError, nearest, shorten


def check_shop(entry: Entry, folder: Path | None, *, inside: bool) -> tuple[ShopSettings | None, list[Fault]]:
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


def is_data_file(path: Path) -> bool:
    """Whether a file found in a folder is taken for one of the shop's: by its ending, and not by what it holds."""
    passed_over = path.name.startswith(("~$", ".")) or path.name == TRUTH_FILE
    return path.is_file() and path.suffix.lower() in DATA_SUFFIXES and not passed_over
