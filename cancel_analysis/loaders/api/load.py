"""Saved responses of the TikTok Shop Partner API → order lines, cancellation requests and returns.

A file holds response objects, lists, or one object a line; kinds may be mixed. An object is known
by its fields. Of one that is saved several times the newest statement counts; one of no known kind
is refused and counted. A row of the accounts is a row of the table; a refused object counts as one.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from cancel_analysis import tables
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import Place, UnreadableFileError, WrongFileError
from cancel_analysis.loaders.api.fields import Fault, Object, Words, ends_in_zero, flag, text
from cancel_analysis.loaders.api.orders import read_order
from cancel_analysis.loaders.api.requests import read_cancellation, read_return
from cancel_analysis.loaders.parsing.account import check_refused, make_account
from cancel_analysis.loaders.parsing.columns import Layout, Match
from cancel_analysis.loaders.parsing.dates import Decision
from cancel_analysis.loaders.parsing.intake import ApiIntake, Intake, named_files
from cancel_analysis.loaders.parsing.json_files import SAVE_AGAIN, read_values
from cancel_analysis.loaders.parsing.money import OTHER_CURRENCY
from cancel_analysis.loaders.parsing.refusals import refusal_frame
from cancel_analysis.loaders.parsing.rows import LOST_DIGITS, REFUSED, ROUNDED, SAMPLE, SUPERSEDED, USED, FileRows
from cancel_analysis.loaders.parsing.sources import Source
from cancel_analysis.loaders.parsing.unknown import unknown_frame
from cancel_analysis.loaders.parsing.unread import Unread, currency_name, gathered

Row = dict[str, Any]

NOT_KNOWN = "is no order, cancellation or return"
ERROR_ANSWER = "is an answer that reports an error"
KEEP_TEXT = "Save ids as text: a program that keeps them as numbers loses their last digits."
REMEDIES = {LOST_DIGITS: KEEP_TEXT, ROUNDED: KEEP_TEXT, ERROR_ANSWER: "Ask the API again and save its new answer."}
LOOK = "Look at this object in the file; if it is damaged, save the response again."
# So many ids that were saved as numbers and all end in 0 are no chance.
FEWEST_ROUNDED = 5
# How many of an object's fields a message names.
MOST_FIELDS = 6


@dataclass(frozen=True)
class Kind:
    """One kind of object: where responses hold it, how it is told, read and named."""

    name: str
    list_field: str
    id_field: str
    telling: tuple[str, ...]
    table: tables.Table
    read: Callable[[Object, str, Words], list[Row]]


CANCELLATIONS = Kind(
    "requests", "cancellations", "cancel_id", ("cancel_id",), tables.CANCEL_REQUESTS, read_cancellation
)
RETURNS = Kind("returns", "return_orders", "return_id", ("return_id",), tables.RETURNS, read_return)
ORDERS = Kind("orders", "orders", "id", ("id", "create_time"), tables.ORDER_LINES, read_order)
# Cancellations and returns carry an order's number too, so they are asked first.
KINDS = (CANCELLATIONS, RETURNS, ORDERS)


@dataclass
class _Statement:
    """One object as one file states it: where, since when, and the rows it makes."""

    file: int
    place: int
    key: str
    updated: int
    rows: list[tuple[Any, ...]]
    sample: bool = False
    # The currency of its amounts, where it is another than the shop's.
    foreign: str = ""


@dataclass
class _Pile:
    """Everything of one kind in all files."""

    kind: Kind
    words: Words = field(default_factory=Words)
    statements: list[_Statement] = field(default_factory=list)
    refusals: list[tuple[int, int, str | None, str | None, str]] = field(default_factory=list)
    files: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.names = self.kind.table.names
        self.money = [column.name for column in self.kind.table.columns if column.kind == "money"]

    def add(self, item: Object, file: int, place: int, currency: str) -> None:
        try:
            rows = self.kind.read(item, currency, self.words)
        except Fault as fault:
            value = None if fault.value is None else str(fault.value)
            self.refusals.append((file, place, fault.field, value, fault.reason))
            return
        foreign = next((str(row["currency"]) for row in rows if row["currency"] != currency), "")
        if foreign:
            # Amounts of two currencies are never added.
            rows = [row | dict.fromkeys(self.money) for row in rows]
        lines = [tuple(map(row.get, self.names)) for row in rows]
        left_out = self.kind is ORDERS and (flag(item, "is_sample_order") or flag(item, "is_replacement_order"))
        key = text(item[self.kind.id_field]) or ""
        self.statements.append(_Statement(file, place, key, rows[0]["updated_at"], lines, left_out, foreign))


def load_api(paths: str | Path | Sequence[str | Path], shop: ShopSettings) -> ApiIntake:
    """Order lines, cancellation requests and returns of saved API responses of `shop`.

    Accepts .json, .jsonl and .ndjson: response objects, lists, or one object a line. Raises
    UnreadableFileError (with the place) for a file that is no whole JSON, WrongFileError for one that
    holds nothing of the three kinds, and TooManyRefusedError when more than `shop.refuse_limit` of a
    kind's rows had to be refused.
    """
    return load_named(named_files(paths), shop)


def load_named(files: Sequence[tuple[Path, str]], shop: ShopSettings) -> ApiIntake:
    """As `load_api`, for files that have their labels already."""
    piles = {kind.name: _Pile(kind) for kind in KINDS}
    empty = []
    with _no_collecting():
        for number, (path, label) in enumerate(files):
            if not _read_file(path, label, number, piles, shop):
                empty.append(f"{label}: an empty answer; nothing in it is used")
        intakes = {name: _intake(pile, files, shop) for name, pile in piles.items()}
    for name, intake in intakes.items():
        if empty and intake is not None:
            intakes[name] = replace(intake, account=replace(intake.account, notes=(*intake.account.notes, *empty)))
            break
    return ApiIntake(intakes["orders"], intakes["requests"], intakes["returns"], frozenset(_left_out(piles["orders"])))


@contextlib.contextmanager
def _no_collecting() -> Iterator[None]:
    """No looking for garbage in rings: there are none among so many small objects, and it is a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _read_file(path: Path, label: str, number: int, piles: dict[str, _Pile], shop: ShopSettings) -> bool:
    """Put what a file states onto the piles; False for an empty page, such as `[]`, which states nothing."""
    strangers: list[tuple[int, Any]] = []
    seen: dict[str, _Pile] = {}
    zeros: dict[str, list[bool]] = {name: [] for name in piles}
    place = 0
    for kind, item in _known_objects(path, label):
        if kind is not None:
            seen[kind.name] = piles[kind.name]
            if item is None:
                continue
        place += 1
        if kind is None:
            strangers.append((place, item))
            continue
        zero = ends_in_zero(item, kind.id_field)
        if zero is not None:
            zeros[kind.name].append(zero)
        piles[kind.name].add(item, number, place, shop.currency)
    if not seen and not strangers:
        return False
    if not seen:
        raise _wrong_file(label, strangers)
    for pile in seen.values():
        pile.files.add(number)
    for where, item in strangers:
        reason = ERROR_ANSWER if _is_error(item) else NOT_KNOWN
        next(iter(seen.values())).refusals.append((number, where, None, _fields_of(item), reason))
    for name, ends in zeros.items():
        if len(ends) >= FEWEST_ROUNDED and all(ends):
            _refuse_rounded(piles[name], number)
    return True


def _known_objects(path: Path, label: str) -> Iterator[tuple[Kind | None, Any]]:
    try:
        yield from _objects(read_values(path, label))
    except RecursionError:
        raise UnreadableFileError(
            "lists stand inside lists without end", place=Place(file=label), remedy=SAVE_AGAIN
        ) from None


def kinds_in(path: Path, label: str) -> list[str]:
    """Which kinds of answers (orders, requests, returns) a file of JSON holds; none for a stranger."""
    found = (kind.name for kind, _ in _known_objects(path, label) if kind is not None)
    return list(dict.fromkeys(found))


def _objects(values: Iterable[Any]) -> Iterator[tuple[Kind | None, Any]]:
    """Each object with its kind; (kind, None) for an empty list of a kind, (None, object) for a stranger."""
    for value in values:
        if isinstance(value, list):
            yield from _objects(value)
            continue
        if not isinstance(value, dict):
            yield None, value
            continue
        if kind := next((kind for kind in KINDS if all(name in value for name in kind.telling)), None):
            yield kind, value
            continue
        holder = value["data"] if isinstance(value.get("data"), dict) else value
        lists = [kind for name in holder for kind in KINDS if kind.list_field == name]
        for kind in lists:
            given = holder[kind.list_field]
            items = given if isinstance(given, list) else [given] if given else []
            yield kind, None
            # What stands in a list of orders is an order, even one without the fields that tell it.
            yield from ((kind, item) if isinstance(item, dict) else (None, item) for item in items)
        if lists:
            continue
        inner = value.get("data")
        if isinstance(inner, list) or (isinstance(inner, dict) and not _is_error(value) and inner):
            found = list(_objects(inner if isinstance(inner, list) else [inner]))
            if any(kind is not None for kind, _ in found):
                yield from found
                continue
        # A search that finds nothing names no list at all.
        if isinstance(inner, dict) and not _is_error(value) and not set(inner) - {"total_count", "next_page_token"}:
            yield ORDERS, None
            continue
        yield None, value


def _is_error(value: Any) -> bool:
    return isinstance(value, dict) and value.get("code") not in (None, 0, "0") and "message" in value


def _fields_of(value: Any) -> str:
    # Names of fields only: values of a stranger may be a buyer's.
    if not isinstance(value, dict):
        return f"a {type(value).__name__}"
    names = [str(name)[:40] for name in value]
    return "fields " + ", ".join(names[:MOST_FIELDS]) + (" …" if len(names) > MOST_FIELDS else "")


def _wrong_file(label: str, strangers: Sequence[tuple[int, Any]]) -> WrongFileError:
    errors = strangers and all(_is_error(item) for _, item in strangers)
    what = "this file holds only answers that report an error" if errors else "this file holds no API response"
    first = f"; its first object has the {_fields_of(strangers[0][1])}" if strangers else ""
    return WrongFileError(
        f"{what}: no orders, cancellations or return_orders{first}",
        place=Place(file=label),
        remedy="Save the whole response of the Partner API (orders, cancellations/search or returns/search), or take "
        "this file out of the shop's folder or its 'files' in shops.yaml.",
    )


def _refuse_rounded(pile: _Pile, number: int) -> None:
    kept = []
    for statement in pile.statements:
        if statement.file == number:
            pile.refusals.append((number, statement.place, pile.kind.id_field, statement.key, ROUNDED))
        else:
            kept.append(statement)
    pile.statements = kept


def _left_out(pile: _Pile) -> set[str]:
    """Objects whose newest statement says that they are samples or replacements."""
    return {key for key, one in _newest(pile).items() if one.sample}


def _newest(pile: _Pile) -> dict[str, _Statement]:
    """The newest statement of each object; of two of one moment the one that was saved later."""
    oldest_first = sorted(pile.statements, key=lambda one: (one.updated, one.file, one.place))
    return {one.key: one for one in oldest_first}


def _intake(pile: _Pile, files: Sequence[tuple[Path, str]], shop: ShopSettings) -> Intake | None:
    if not pile.files:
        return None
    newest = _newest(pile)
    outcomes: dict[int, list[int]] = {number: [] for number in sorted(pile.files)}
    places_in: dict[int, list[int]] = {number: [] for number in outcomes}
    moments: dict[int, int] = {}
    used: list[_Statement] = []
    foreign: dict[int, list[Unread]] = {number: [] for number in outcomes}
    for one in pile.statements:
        outcome = SUPERSEDED if newest[one.key] is not one else SAMPLE if one.sample else USED
        if one.foreign:
            here = np.arange(len(one.rows)) + len(outcomes[one.file])
            foreign[one.file] += [Unread("currency", OTHER_CURRENCY, here, (currency_name(one.foreign),))]
        outcomes[one.file] += [outcome] * len(one.rows)
        places_in[one.file] += [one.place] * len(one.rows)
        moments[one.file] = max(moments.get(one.file, 0), one.updated)
        if outcome == USED:
            used.append(one)
    for file, place, *_ in pile.refusals:
        outcomes[file].append(REFUSED)
        places_in[file].append(place)
    rows = [
        replace(
            _file_rows(pile, number, files[number], outcomes[number], moments.get(number), shop),
            unread=gathered(foreign[number]),
            row=np.array(places_in[number], dtype=np.int64),
        )
        for number in outcomes
    ]
    account = make_account(pile.kind.name, rows, unknown_frame(pile.words.unknown), _notes(pile, rows))
    check_refused(account, shop)
    return Intake(_table(used, pile.kind.table, [label for _, label in files], shop), account)


def _file_rows(
    pile: _Pile, number: int, file: tuple[Path, str], outcomes: Sequence[int], newest: int | None, shop: ShopSettings
) -> FileRows:
    path, label = file
    refused = [
        (label, None, place, column, value, reason, REMEDIES.get(reason, LOOK if column else SAVE_AGAIN))
        for where, place, column, value, reason in sorted(pile.refusals, key=lambda one: one[1])
        if where == number
    ]
    layout = Layout(pile.kind.name, "TikTok Shop API", (), ("", ""))
    return FileRows(
        source=Source(path, label, "json", ()),
        match=Match(layout, {}, ()),
        table=pa.table({}),
        outcome=np.array(outcomes, dtype=np.int8),
        row=np.zeros(len(outcomes), dtype=np.int64),
        refusals=refusal_frame(refused),
        decision=Decision(None, "Unix times"),
        newest=None if newest is None else _local(newest, shop),
    )


def _local(microseconds: int, shop: ShopSettings) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, ZoneInfo(shop.timezone)).replace(tzinfo=None)


def _notes(pile: _Pile, rows: Sequence[FileRows]) -> list[str]:
    notes = [f"{one.source.label}: no {pile.kind.name} in it are used" for one in rows if not one.count(USED)]
    if left_out := len(_left_out(pile)):
        notes.append(f"{left_out:,} orders are left out: the API calls them samples or replacements")
    return notes


_TYPES = {"integer": pa.int64(), "money": pa.float64(), "flag": pa.bool_(), "time": pa.int64()}


def _table(used: Sequence[_Statement], table: tables.Table, labels: Sequence[str], shop: ShopSettings) -> pd.DataFrame:
    rows = [row for one in used for row in one.rows]
    sizes = [len(one.rows) for one in used]
    given: dict[str, pa.Array] = {
        "shop_id": pa.array([shop.id] * len(rows), pa.large_string()),
        "source_file": pa.array([labels[one.file] for one in used for _ in one.rows], pa.large_string()),
        "source_row": pa.array([one.place for one in used for _ in one.rows], pa.int64()),
        "first_line": pa.array([number == 0 for size in sizes for number in range(size)], pa.bool_()),
    }
    cells = list(zip(*rows, strict=True)) or [() for _ in table.columns]
    columns: dict[str, pd.Series] = {}
    for column, values in zip(table.columns, cells, strict=True):
        array = given.get(column.name)
        if array is None:
            array = pa.array(values, _TYPES.get(column.kind, pa.large_string()))
        if column.kind == "time":
            array = array.cast(pa.timestamp("us", "UTC"))
        series = array.to_pandas(types_mapper=pd.ArrowDtype) if column.kind == "integer" else array.to_pandas()
        columns[column.name] = series
    return tables.check(tables.conform(columns, table, shop.timezone), table)
