"""Which kinds of files the seller's own systems and the carriers write, and which of them a file is.

The form is our own and described in ``docs/operations.md``; names of columns are tolerant
(``catalog/data/operations_columns.csv``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cancel_analysis import tables
from cancel_analysis.catalog.values import operation_headers
from cancel_analysis.errors import Place, WrongFileError
from cancel_analysis.loaders.parsing.columns import Field, Layout, Match, match, plain_name
from cancel_analysis.loaders.parsing.refusals import shown_header
from cancel_analysis.loaders.parsing.sources import Source, open_source

# File names that tell two files of the same columns apart.
_NAMED = {"stock_log": ("log", "erp", "sync", "own"), "stock_snapshots": ("snapshot", "platform", "shown", "tiktok")}


@dataclass(frozen=True)
class Kind:
    """One kind of file: its canonical table, its columns' kinds, and which must stand in every file and row."""

    name: str
    title: str
    table: tables.Table
    kinds: Mapping[str, str]
    needed: tuple[str, ...]

    @property
    def layout(self) -> Layout:
        return _layout(self.name)


STOCK_LOG = Kind(
    "stock_log",
    "stock log",
    tables.STOCK_LOG,
    {"at": "time", "stock": "text", "sku_id": "id", "seller_sku": "text", "sent_at": "time", "result": "text"},
    ("at", "stock"),
)
STOCK_SNAPSHOTS = Kind(
    "stock_snapshots",
    "list of stock snapshots",
    tables.STOCK_SNAPSHOTS,
    {"at": "time", "stock": "text", "sku_id": "id", "seller_sku": "text"},
    ("at", "stock"),
)
TRACKING = Kind(
    "tracking",
    "list of tracking events",
    tables.TRACKING_EVENTS,
    {
        "at": "time",
        "tracking_id": "id",
        "order_id": "id",
        "carrier": "text",
        "step": "text",
        "text": "text",
        "place": "text",
    },
    ("at", "tracking_id"),
)
KINDS = {kind.name: kind for kind in (STOCK_LOG, STOCK_SNAPSHOTS, TRACKING)}
# At least one of these must stand in the file, and have a value in each row.
ONE_OF = {
    "stock_log": ("sku_id", "seller_sku"),
    "stock_snapshots": ("sku_id", "seller_sku"),
    "tracking": ("step", "text"),
}


@cache
def _layout(name: str) -> Layout:
    kind, names = KINDS[name], operation_headers(name)
    listed = tuple(
        Field(column, how, names[column], needed=column in kind.needed) for column, how in kind.kinds.items()
    )
    return Layout(name, kind.title, listed, ("", ""))


def open_file(path: Path, label: str, kind: Kind) -> Source:
    """Open a file as one of `kind`; the delimiter and sheet are those that fit it best."""
    return open_source(path, lambda header: len(match(header, kind.layout).positions), label)


def fit(header: Sequence[str]) -> int:
    """How many columns of the best fitting kind a header has."""
    return max(len(match(header, kind.layout).positions) for kind in KINDS.values())


def recognise(header: Sequence[str], name: str) -> Kind | None:
    """The kind of operations file that `header` belongs to, or None. `name` is the file's.

    Two stock files can have the same columns; then the file's name tells. Raises WrongFileError when
    it does not.
    """
    fitting = [kind for kind in KINDS.values() if _missing(match(header, kind.layout), kind) == ()]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    # Names that only one of the kinds has tell more than the names of both.
    own = {kind.name: _own_columns(header, kind, fitting) for kind in fitting}
    best = [kind for kind in fitting if own[kind.name] == max(own.values())]
    if len(best) > 1:
        words = re.split(r"[\W_\d]+", Path(name).stem.casefold())
        named = [kind for kind in best if any(word.startswith(_NAMED.get(kind.name, ())) for word in words if word)]
        best = named if len(named) == 1 else best
    if len(best) == 1:
        return best[0]
    raise WrongFileError(
        "this file can be the stock of the seller's own system or that of the platform",
        place=Place(file=name),
        remedy="Call the column of the stock 'ERP stock' or 'Platform stock', or write 'log' or 'snapshot' into the "
        "file's name.",
    )


def _own_columns(header: Sequence[str], kind: Kind, others: Sequence[Kind]) -> int:
    shared = {
        plain_name(spelling)
        for other in others
        if other is not kind
        for field in other.layout.fields
        for spelling in field.headers
    }
    own = {plain_name(spelling) for field in kind.layout.fields for spelling in field.headers} - shared
    return sum(plain_name(name) in own for name in header)


def _missing(found: Match, kind: Kind) -> tuple[str, ...]:
    choice = ONE_OF[kind.name]
    if not any(name in found.positions for name in choice):
        return (*found.missing, " or ".join(found.layout[name].headers[0] for name in choice))
    return found.missing


def match_kind(source: Source, kind: Kind) -> Match:
    """The columns of a source that is to be of `kind`; raises WrongFileError that names what is missing."""
    found = match(source.header, kind.layout)
    if missing := _missing(found, kind):
        shown = ", ".join(repr(name) for name in missing)
        raise WrongFileError(
            f"this is no {kind.title}: it has no column {shown}; "
            f"its first columns are {shown_header(source.header, 4)}",
            place=source.place,
            remedy="Name the columns as in docs/operations.md; any of the names there will do.",
        )
    return found
