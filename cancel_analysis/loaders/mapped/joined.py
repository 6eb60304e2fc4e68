"""Further tables of a shop (items, cancellations) → the lines and facts that they add to a table of orders.

Tables are joined as texts, before anything is read: what a line holds is then typed and judged as if
it had stood in one file. Every row of a joined table keeps its own outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from cancel_analysis.catalog.mapping.forms import Join
from cancel_analysis.loaders.mapped.values import read_whole
from cancel_analysis.loaders.parsing.columns import Match
from cancel_analysis.loaders.parsing.sources import Source

NO_ORDER = "belongs to no order in the files that can be read"
ADD_ORDERS = (
    "Add the file that holds the order, or mend the order's row if it was refused; until then this row is left out."
)
_PLACE = "__place"

Rows = npt.NDArray[np.int64]


@dataclass
class JoinedTable:
    """All files of one kind of further table: `texts` by canonical column, and where each row stands.

    `file` is the number of a row's file, `position` its place there. `used` are the rows that found an order.
    """

    join: Join
    sources: list[Source]
    matches: list[Match]
    texts: pd.DataFrame
    file: Rows
    position: Rows
    used: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __post_init__(self) -> None:
        self.used = np.zeros(len(self.texts), dtype=bool)

    def header(self, name: str) -> str:
        """What the first of its files calls a column."""
        position = self.matches[0].positions.get(name)
        return name if position is None else self.sources[0].header[position].strip()


@dataclass(frozen=True)
class Lines:
    """The lines of one file of orders: `texts`, and for each line the row of the orders and of each joined table.

    A line that a table knows nothing of has -1 there.
    """

    texts: pd.DataFrame
    origin: Rows
    rows: dict[str, Rows]


def join_tables(texts: pd.DataFrame, tables: Sequence[JoinedTable]) -> Lines:
    """Join the tables, one after the other, to the rows of a file of orders.

    What the orders say themselves is kept; a table fills what they leave empty. Of a table of facts with
    several rows of one key the first counts, and their units are added up.
    """
    origin = np.arange(len(texts), dtype=np.int64)
    rows: dict[str, Rows] = {}
    for table in tables:
        key = list(table.join.key)
        found = table.texts.assign(**{_PLACE: np.arange(len(table.texts), dtype=np.int64)})
        found = found[found[key].notna().all(axis="columns")]
        if not table.join.lines:
            found = _one_a_key(found, key)
        left = texts.reindex(columns=list(dict.fromkeys([*texts.columns, *key])))
        keyed = left[key].assign(__line=np.arange(len(left), dtype=np.int64))
        pairs = keyed.merge(found, on=key, how="left", sort=False)
        line = pairs["__line"].to_numpy()
        merged = left.iloc[line].reset_index(drop=True)
        for name in table.join.columns:
            if name in key or name not in pairs:
                continue
            other = pairs[name].astype("str")
            merged[name] = merged[name].where(merged[name].notna(), other) if name in merged else other
        place = pairs[_PLACE].fillna(-1).to_numpy().astype(np.int64)
        table.used |= _hits(table, key, texts)
        origin = origin[line]
        rows = {name: where[line] for name, where in rows.items()} | {table.join.name: place}
        texts = merged
    return Lines(texts, origin, rows)


def _hits(table: JoinedTable, key: list[str], texts: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """The rows of the table whose key stands in the orders."""
    present = texts.reindex(columns=key).dropna().drop_duplicates()
    hits: npt.NDArray[np.bool_] = pd.MultiIndex.from_frame(table.texts[key]).isin(pd.MultiIndex.from_frame(present))
    return hits


def _one_a_key(found: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    if "quantity_affected" in found and found.duplicated(key).any():
        units, _ = read_whole(found["quantity_affected"].dropna().unique())
        summed = found["quantity_affected"].map(units).groupby([found[name] for name in key]).transform("sum")
        found = found.assign(quantity_affected=summed.astype("Int64").astype("str"))
    return found.drop_duplicates(key)
