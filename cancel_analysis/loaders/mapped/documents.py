"""Cancellations that are documents of their own → the sales that they cancel.

Such a document has a number, a negative quantity and no link to the sale. It is put to an earlier
sale of the same article by the columns that the mapping names; a customer's number serves only
here, in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Matched:
    """`sales`: the sale lines with what was cancelled of them. `unmatched`: index of documents without a sale.

    `excess` are units of matched documents for which no sold unit was left.
    """

    sales: pd.DataFrame
    documents: int
    unmatched: pd.Index
    excess: int


def match_documents(lines: pd.DataFrame, tries: Sequence[Sequence[str]]) -> Matched:
    """Put each document (`document` is true) to earlier sales; the oldest document comes first.

    A try needs all its columns filled; the next one is for documents that lack one of them, among
    sales that lack it too. Of several sales the latest with exactly these units is taken, then the
    latest with enough left, then several from the latest backwards.
    """
    is_document = lines["document"].to_numpy(dtype=bool)
    sales = lines[~is_document].copy()
    documents = lines[is_document].sort_values("created_at", kind="stable")
    ordered = sales["quantity"].to_numpy()
    left = ordered.copy()
    cancelled_at = np.full(len(sales), np.datetime64("NaT"), dtype="datetime64[us]")
    created = sales["created_at"].to_numpy().astype("datetime64[us]")
    unmatched: list[int] = []
    excess = 0
    indexes = [_index(sales, columns, tries[:number]) for number, columns in enumerate(tries)]
    keys = [_keys(documents, columns) for columns in tries]
    for number, (label, at, units) in enumerate(
        zip(
            documents.index,
            documents["created_at"].to_numpy().astype("datetime64[us]"),
            -documents["quantity"],
            strict=True,
        )
    ):
        which = next((one for one, found in enumerate(keys) if found[number] is not None), None)
        key = None if which is None else keys[which][number]
        candidates = [] if which is None or key is None else indexes[which].get(key, [])
        earlier = [place for place in candidates if left[place] > 0 and created[place] <= at]
        taken = 0.0
        for place, part in _take(earlier, ordered, left, float(units)):
            left[place] -= part
            cancelled_at[place] = at
            taken += part
        if not taken:
            unmatched.append(label)
        excess += int(units) - int(taken) if taken else 0
    sales["quantity_affected"] = ordered - left
    sales["cancelled_at"] = cancelled_at
    whole = sales["quantity_affected"].ge(sales["quantity"]) & sales["quantity_affected"].gt(0)
    partly = sales["quantity_affected"].gt(0)
    sales["status"] = sales["status"].mask(whole, "cancelled")
    sales["after_sale"] = sales["after_sale"].mask(partly, "cancel")
    sales["cancelled_by"] = sales["cancelled_by"].mask(partly, "unknown")
    return Matched(sales, len(documents), pd.Index(unmatched), excess)


def _take(earlier: list[int], ordered: np.ndarray, left: np.ndarray, units: float) -> Iterator[tuple[int, float]]:
    """Which sales give how many of `units`; `earlier` are places in order of time."""
    exact = [place for place in earlier if ordered[place] == units and left[place] == units]
    enough = [place for place in earlier if left[place] >= units]
    for choice in (exact, enough):
        if choice:
            yield choice[-1], units
            return
    for place in reversed(earlier):
        if units <= 0:
            return
        part = min(units, float(left[place]))
        units -= part
        yield place, part


def _keys(lines: pd.DataFrame, columns: Sequence[str]) -> list[tuple[object, ...] | None]:
    """The values of each line in the columns of a try; None where one is empty. Units go without their sign."""
    if any(name not in lines for name in columns):
        # A column that the file lacks is empty in every line.
        return [None] * len(lines)
    cells = [lines[name].abs() if name == "quantity" else lines[name] for name in columns]
    gaps = pd.concat([cell.isna() for cell in cells], axis=1).any(axis=1).tolist()
    rows = zip(*(cell.tolist() for cell in cells), strict=True)
    return [None if gap else tuple(row) for row, gap in zip(rows, gaps, strict=True)]


def _index(
    sales: pd.DataFrame, columns: Sequence[str], before: Sequence[Sequence[str]]
) -> dict[tuple[object, ...], list[int]]:
    """Places of sales by key, in order of time; only those that no earlier try is for."""
    found: dict[tuple[object, ...], list[int]] = defaultdict(list)
    full = [_keys(sales, one) for one in before]
    keys = _keys(sales, columns)
    for place in np.argsort(sales["created_at"].to_numpy(), kind="stable"):
        key = keys[place]
        if key is not None and all(one[place] is None for one in full):
            found[key].append(int(place))
    return found
