"""One shop of a dataset: what its `shop.json` says, its tables read back, and what is added to them."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from cancel_analysis import tables
from cancel_analysis.catalog.datasets import OWN_FILES, SHOP, SHOPS
from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.dataset.addresses import fetch, push, remove, write_whole
from cancel_analysis.errors import UnreadableFileError
from cancel_analysis.loaders import Intake, ShopIntake
from cancel_analysis.loaders.parsing.account_values import account_of, account_values
from cancel_analysis.loaders.statements import Statements, whole

# The part of a shop's intake → the canonical table it is: no other column ever gets into a dataset.
TABLES = {
    "orders": tables.ORDER_LINES,
    "returns": tables.RETURNS,
    "requests": tables.CANCEL_REQUESTS,
    "stock_log": tables.STOCK_LOG,
    "stock_snapshots": tables.STOCK_SNAPSHOTS,
    "tracking": tables.TRACKING_EVENTS,
}
# Tables that are not cut into months: small, and one statement may change its month.
EVERY = "all"
# Order lines of which no file says when they were placed.
UNDATED = "undated"

Parts = dict[str, dict[str, str]]


@dataclass(frozen=True)
class StoredShop:
    """What a `shop.json` says: settings, digest → name of the files that were read, table → month → part.

    `accounts` names the part with the accounts of all tables, `left_out` the orders that no export counts
    any more; `covered` is empty without a usable order; `figures` are the parts with the shop's daily sums and
    rates at the end of the day `as_of`, `made_by` a hash of the program that made them (`store.sources`).
    """

    settings: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    parts: Parts = field(default_factory=dict)
    accounts: str = ""
    left_out: tuple[str, ...] = ()
    as_of: str = ""
    # The first and last day that the order files cover.
    covered: tuple[str, ...] = ()
    figures: dict[str, str] = field(default_factory=dict)
    made_by: str = ""

    @property
    def names(self) -> set[str]:
        """Every part that is named."""
        months = {name for found in self.parts.values() for name in found.values()}
        return {*months, *self.figures.values(), *([self.accounts] if self.accounts else [])}

    @classmethod
    def at(cls, folder: Path) -> StoredShop:
        """The shop in `folder`; one that was never added to where there is none yet."""
        try:
            found = json.loads((folder / SHOP).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        values: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in found.items()}
        return cls(**values)

    def write(self, folder: Path) -> None:
        """Make this what the shop is, in one step, and remove the parts that it no longer names."""
        own = [file for file in OWN_FILES.values() if (folder / file).is_file()]
        push(folder, [*sorted(self.names), *own])
        write_whole(folder / SHOP, json.dumps(vars(self), ensure_ascii=False, allow_nan=False).encode())
        push(folder, [SHOP])
        remove(folder, [*sorted(_others(folder, {*self.names, SHOP, *own})), *(set(OWN_FILES.values()) - set(own))])


def folder_of(dataset: Path, shop: ShopSettings) -> Path:
    """The folder of a shop, made where there is none."""
    folder = dataset / SHOPS / shop.slug
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def keep_own_files(folder: Path, shop: ShopSettings) -> bool:
    """Keep the user's own files that settings name beside the shop, as they are now; whether that changed anything."""
    changed = False
    for setting, name in OWN_FILES.items():
        source: Path | None = getattr(shop, setting)
        mine = folder / name
        wanted = source.read_bytes() if source is not None and source.is_file() else None
        if wanted == (mine.read_bytes() if mine.is_file() else None):
            continue
        changed = True
        if wanted is None:
            mine.unlink()
        else:
            write_whole(mine, wanted)
    return changed


def read(folder: Path, shop: StoredShop, months: Collection[str] | None = None) -> Statements:
    """What is stored of a shop, its orders of some months only; UnreadableFileError for a part that is damaged."""
    wanted = {
        table: [name for month, name in found.items() if months is None or table != "orders" or month in months]
        for table, found in shop.parts.items()
    }
    fetch(folder, [*(name for names in wanted.values() for name in names), *([shop.accounts] if shop.accounts else [])])
    if not shop.accounts:
        return Statements({})
    accounts = json.loads(_bytes(folder, shop.accounts))
    found = {}
    for table, names in wanted.items():
        frames = [_frame(folder, name, table) for name in names]
        frame = (
            pd.concat(frames, ignore_index=True) if frames else tables.empty(TABLES[table], shop.settings["timezone"])
        )
        found[table] = Intake(frame, account_of(accounts[table]))
    return Statements(found, frozenset(shop.left_out))


def load_stored(shop: ShopSettings) -> ShopIntake:
    """The tables of a shop of a dataset, as loading its files gives them."""
    folder = shop.files[0].parent
    return whole(read(folder, StoredShop.at(folder)))


def write_tables(folder: Path, shop: StoredShop, found: Statements) -> StoredShop:
    """The shop with the tables of `found` in parts of their own; months that `found` does not hold stay as they are."""
    parts = {table: dict(months) for table, months in shop.parts.items()}
    for table, intake in found.tables.items():
        if list(intake.table.columns) != list(TABLES[table].names):
            raise ValueError(f"{table} is no {TABLES[table].name} table")
        split = _by_month(intake.table) if table == "orders" else {EVERY: intake.table}
        parts.setdefault(table, {}).update(
            {m: write_frame(folder, f"{table}-{m}", frame) for m, frame in split.items()}
        )
        parts[table] = dict(sorted(parts[table].items()))
    accounts = {table: account_values(intake.account) for table, intake in found.tables.items()}
    name = _write(folder, "accounts", json.dumps(accounts, ensure_ascii=False, allow_nan=False).encode(), "json")
    return replace(shop, parts=parts, accounts=name, left_out=tuple(sorted(found.left_out)))


def write_frame(folder: Path, name: str, frame: pd.DataFrame) -> str:
    """Write a frame as a part; its name."""
    data = io.BytesIO()
    frame.reset_index(drop=True).to_parquet(data, engine="pyarrow", compression="zstd")
    return _write(folder, name, data.getvalue(), "parquet")


def months_of(orders: pd.DataFrame) -> set[str]:
    """The months that order lines belong to, as parts are named by them."""
    return set(_months(orders).unique())


def paths(folder: Path, shop: StoredShop, table: str) -> list[Path]:
    """The files with a table of a shop, all months."""
    names = shop.parts.get(table, {}).values()
    fetch(folder, names)
    return [folder / name for name in names]


def figure_path(folder: Path, shop: StoredShop, name: str) -> Path | None:
    """The file with the `cube` or the `rates` of a shop; None where there is none."""
    if name not in shop.figures:
        return None
    fetch(folder, [shop.figures[name]])
    return folder / shop.figures[name]


def _by_month(orders: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    return {str(month): rows for month, rows in orders.groupby(_months(orders), sort=True)}


def _months(orders: pd.DataFrame) -> pd.Series:
    months: pd.Series = orders["created_at"].dt.strftime("%Y-%m").fillna(UNDATED)
    return months


def _frame(folder: Path, name: str, table: str) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(io.BytesIO(_bytes(folder, name)), engine="pyarrow")
    except (ValueError, OSError) as error:
        raise _damaged(folder, name) from error
    if list(frame.columns) != list(TABLES[table].names):
        raise _damaged(folder, name)
    return frame


def _bytes(folder: Path, name: str) -> bytes:
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise _damaged(folder, name) from error
    if _digest(data) not in name:
        raise _damaged(folder, name)
    return data


def _damaged(folder: Path, name: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"the part {name} of shop {folder.name!r} in the dataset is missing or damaged",
        remedy=f"Bring it back from a backup, or remove the folder {folder.name!r} and ingest the shop's files again.",
    )


def _write(folder: Path, name: str, data: bytes, suffix: str) -> str:
    whole_name = f"{name}-{_digest(data)}.{suffix}"
    if not (folder / whole_name).is_file():
        write_whole(folder / whole_name, data)
    return whole_name


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def _others(folder: Path, kept: Iterable[str]) -> set[str]:
    """The parts in a folder that are not among `kept`, and what a process that was ended left."""
    found = {path.name for path in folder.iterdir() if path.suffix in (".parquet", ".json", ".csv")}
    left = {path.name for path in folder.glob(".writing-*")}
    return (found | left) - set(kept)
