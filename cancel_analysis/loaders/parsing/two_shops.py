"""Files of two shops in one folder: what tells them, as notes for the account. Nothing is refused for it.

One shop's exports overlap in time, and the newer one has newer statuses; but an order's number, the time at
which it was placed and what was ordered stay. Another country, currency or order of dates, or the same
number with another time or other products, is said, so that a person can look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from cancel_analysis.catalog.markets import markets
from cancel_analysis.catalog.shown_words import is_word
from cancel_analysis.loaders.parsing.unread import Unread, foreign_rows

ARE_TWO = "are these files of two shops? A shop's report needs that shop's files alone"
# From this share of a file's orders on, a country is the file's.
MOST = 0.9
# Times of one order that differ by more are not one time; one program shows seconds, another minutes.
SAME_TIME = pd.Timedelta(minutes=1)
# So many files are named of each side.
MOST_NAMED = 3
ORDER_COLUMNS = ("order_id", "sku_id", "created_at", "order_amount")
FIRST = {"dmy": "the day comes first", "mdy": "the month comes first"}


@dataclass(frozen=True)
class FileTraits:
    """What tells one file's shop: country of its orders, currency of its amounts, order of its dates, language.

    `date_order` is None where the file itself does not settle it; `currency` says how amounts are read. `orders`
    gives the rows of some order numbers as `ORDER_COLUMNS`, empty cells where a fact is not known; `numbers` are
    all of them.
    """

    label: str
    numbers: pd.Series
    orders: Callable[[pd.Series], pd.DataFrame]
    date_order: str | None = None
    country: str | None = None
    currency: str | None = None
    language: str | None = None


def two_shops_notes(files: Sequence[FileTraits]) -> list[str]:
    """What speaks for more than one shop among files of one kind; none where nothing does."""
    if len(files) < 2:
        return []
    notes = []
    orders = _sides(files, lambda one: FIRST.get(one.date_order or ""))
    if len(orders) > 1:
        notes.append(
            f"dates: {_listed(orders)}: {ARE_TWO}. Of one shop they come from two interface languages; each file was "
            "read in its own order"
        )
    for name, sides in (
        ("countries", _sides(files, lambda one: one.country and f"nearly all orders are in {one.country}")),
        ("currencies", _sides(files, lambda one: one.currency)),
        ("headers", _sides(files, lambda one: one.language and f"the header is {one.language}")),
    ):
        if len(sides) > 1:
            notes.append(f"{name}: {_listed(sides)}: {ARE_TWO}")
    return notes + _contradictions(files)


def main_country(countries: pd.Series) -> str | None:
    """The country that nearly all of a file's orders are in; None where there is none."""
    counts = countries.dropna().str.strip().value_counts()
    if counts.empty or counts.iloc[0] < MOST * counts.sum():
        return None
    name = str(counts.index[0])
    return name if name in _market_names() or is_word(name, int(counts.iloc[0])) else None


@cache
def _market_names() -> frozenset[str]:
    return frozenset(market.name for market in markets().values())


def currency_said(cells: Sequence[Unread], used: npt.NDArray[np.bool_], currency: str) -> str:
    """The currency of most of a file's amounts, in words; `currency` is the shop's."""
    foreign, others = foreign_rows(cells, used)
    return (
        f"amounts are in {', '.join(others)}" if foreign.sum() * 2 > used.sum() else f"amounts are read as {currency}"
    )


def _sides(files: Sequence[FileTraits], trait: Callable[[FileTraits], str | None]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in files:
        if said := trait(one):
            found.setdefault(said, []).append(one.label)
    return found


def _listed(sides: dict[str, list[str]]) -> str:
    return ", ".join(f"{said} in {_named(labels)}" for said, labels in sides.items())


def _named(labels: Sequence[str]) -> str:
    more = len(labels) - MOST_NAMED
    return ", ".join(labels[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _contradictions(files: Sequence[FileTraits]) -> list[str]:
    """Order numbers that two files have for different orders."""
    known = [one.numbers.dropna().drop_duplicates() for one in files]
    every = pd.concat(known, ignore_index=True)
    twice = every[every.duplicated()].drop_duplicates()
    if twice.empty:
        return []
    rows = pd.concat([one.orders(twice).assign(file=number) for number, one in enumerate(files)], ignore_index=True)
    wrong = {"another time of creation": _other_time(rows), "other products": _other_products(rows)}
    notes = []
    for what, numbers in wrong.items():
        if len(numbers):
            labels = [files[number].label for number in rows.loc[rows["order_id"].isin(numbers), "file"].unique()]
            count = f"{len(numbers):,} order numbers stand in several files"
            notes.append(f"orders: {count} with {what} ({_named(labels)}): {ARE_TWO}")
    return notes


def _other_time(rows: pd.DataFrame) -> pd.Index:
    each = rows.groupby(["order_id", "file"], sort=False)["created_at"].min().dropna()
    by_order = each.groupby(level="order_id", sort=False)
    first, last = by_order.min(), by_order.max()
    # A file that gives days only says nothing of the hour.
    days_only = each.dt.normalize().eq(each).groupby(level="order_id", sort=False).any()
    same = (last - first <= SAME_TIME) | (days_only & first.dt.normalize().eq(last.dt.normalize()))
    numbers: pd.Index = first.index[~same]
    return numbers


def _other_products(rows: pd.DataFrame) -> pd.Index:
    """Orders of which no two files share a product, though every line names one, nor agree on what was paid."""
    named = rows["sku_id"].notna().groupby(rows["order_id"]).all()
    pairs = rows[["order_id", "sku_id", "file"]].drop_duplicates()
    shared = pairs.loc[pairs.duplicated(["order_id", "sku_id"]), "order_id"].unique()
    several = rows.groupby("order_id")["file"].nunique().gt(1)
    # Of one order's lines, two exports by status may have a part each; what was paid stands on every line.
    paid = rows.dropna(subset=["order_amount"]).groupby("order_id")["order_amount"]
    agree = paid.nunique().eq(1) & (rows.dropna(subset=["order_amount"]).groupby("order_id")["file"].nunique() > 1)
    agree = agree.reindex(named.index, fill_value=False)
    found = named & several.reindex(named.index) & ~agree & ~named.index.isin(shared)
    numbers: pd.Index = found.index[found]
    return numbers
