"""What the texts of a mapped file (statuses, initiators, reasons) were taken as, counted once the load has ended.

Only then is it known which rows are used: a text of rows that were refused, or that a newer file has too, is
counted nowhere. Where tables are joined, a text counts once for each row of the table that it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cancel_analysis.loaders.mapped.rows import MappedRows
from cancel_analysis.loaders.parsing.rows import USED


@dataclass(frozen=True)
class Wording:
    """A text of one column: what it was taken as (None: nothing explains it), on how many rows and orders."""

    kind: str
    column: str
    text: str
    taken: str | None
    rows: int
    orders: int
    by_mapping: bool


def count_wordings(rows: MappedRows) -> Iterator[Wording]:
    """The texts of the used rows, those of one kind after those of another, the most frequent first."""
    numbers = rows.texts["order_id"] if "order_id" in rows.texts else pd.Series(np.arange(len(rows.outcome)))
    for asked in rows.asked:
        where = np.flatnonzero((rows.outcome == USED) & asked.texts.notna().to_numpy())
        place = rows.place_of(asked.name)
        if place is not None:
            where = where[~pd.Series(place[where]).duplicated().to_numpy()]
        found = pd.DataFrame(
            {
                "text": asked.texts.iloc[where].astype("str"),
                "taken": asked.taken.iloc[where].astype("str"),
                "order": numbers.iloc[where].astype("str"),
            }
        )
        groups = found.groupby(["text", "taken"], dropna=False, sort=False)
        counted = groups["order"].agg(["size", "nunique"]).reset_index()
        for line in counted.sort_values("size", ascending=False, kind="stable").to_dict("records"):
            taken = line["taken"] if isinstance(line["taken"], str) else None
            yield Wording(
                asked.kind,
                rows.header(asked.name),
                str(line["text"]),
                taken,
                int(line["size"]),
                # A row without a number is an order of its own at most.
                int(line["nunique"]),
                line["text"] in asked.known,
            )
