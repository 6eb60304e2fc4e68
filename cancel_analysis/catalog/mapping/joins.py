"""Further tables of a shop that a mapping joins to its table of orders by key: items, cancellations."""

from __future__ import annotations

from cancel_analysis.catalog.mapping.forms import ORDER_COLUMNS, Join
from cancel_analysis.catalog.mapping.nodes import Value

KEYS = ("columns", "key", "row_is", "means")
ROWS = ("line", "fact")
MEANINGS = ("cancelled",)


def read_joins(value: Value, columns: dict[str, tuple[str, ...]]) -> tuple[Join, ...]:
    """The joins of a mapping, in the order of the file; `columns` are those of the table of orders."""
    joins: list[Join] = []
    known = dict.fromkeys(columns)
    for name, one in value.entries():
        inner = one.keys(KEYS, ("columns", "key"))
        if name.text() in ("orders", "returns"):
            raise name.fault("is the name of a kind of files; call the table otherwise")
        own = {}
        for column, headers in inner["columns"].keys(ORDER_COLUMNS).items():
            own[column] = headers.texts()
            if not own[column]:
                raise headers.fault("names no column of the file")
        key = tuple(item.one_of([column for column in known if column in own]) for item in inner["key"].items())
        if not key:
            raise inner["key"].fault("names no column that both tables have")
        if set(own) == set(key):
            raise inner["columns"].fault("holds the key only; name what the table adds")
        joins.append(
            Join(
                name=name.text(),
                columns=own,
                key=key,
                lines=one.optional(inner, "row_is", lambda item: item.one_of(ROWS), "fact") == "line",
                cancels=one.optional(inner, "means", lambda item: item.one_of(MEANINGS), "") == "cancelled",
            )
        )
        known |= dict.fromkeys(own)
    return tuple(joins)
