"""Large text columns as numbers: each is gone through once, and whoever asks for it again gets what was found.

A shop of half a million order lines asks dozens of times which lines are of one order; each time would go through
half a million texts. What is kept hangs on the column's own Arrow array, which is never changed in place, and goes
with it.
"""

from __future__ import annotations

import weakref
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

# A column of fewer rows is counted as fast as what was found of it is looked up.
LEAST_ROWS = 10_000


class Coded:
    """A column of texts as numbers.

    `numbers` (rows,) point into `values` (different texts, in the order in which they come), -1 where none is.
    """

    def __init__(self, texts: pa.ChunkedArray) -> None:
        encoded = texts.combine_chunks().dictionary_encode()
        self.numbers: NDArray[np.int64] = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
        self.numbers.flags.writeable = False
        self.dictionary: pa.Array = encoded.dictionary

    @cached_property
    def values(self) -> NDArray[Any]:
        found: NDArray[Any] = self.dictionary.to_numpy(zero_copy_only=False).astype(object)
        found.flags.writeable = False
        return found

    @cached_property
    def array(self) -> NDArray[Any]:
        """The column itself as an array of objects, NaN where there is no text; one object a different text."""
        found = np.append(self.values, np.array([np.nan], dtype=object))[self.numbers]
        found.flags.writeable = False
        return found

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The places of `values` in their order: Arrow sorts the bytes of UTF-8, whose order is that of the letters."""
        found: NDArray[np.int64] = pc.array_sort_indices(self.dictionary).to_numpy().astype(np.int64)
        return found

    @cached_property
    def _rank(self) -> NDArray[np.int64]:
        """The place of each of `values` in their order; at the end, where a missing one points to, -1."""
        rank = np.full(len(self.order) + 1, -1, dtype=np.int64)
        rank[self.order] = np.arange(len(self.order))
        return rank

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """As `numbers`, which point into the values in their order."""
        found: NDArray[np.int64] = self._rank[self.numbers]
        found.flags.writeable = False
        return found

    @cached_property
    def texts(self) -> Any:
        """The values as a column's array of texts."""
        return pd.array(self.dictionary, dtype="str")

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """The first row of each of `values`; at the end, where a missing one points to, -1."""
        found = np.full(len(self.dictionary) + 1, -1, dtype=np.int64)
        # Of several rows written to one place the one that is written last stays.
        found[self.numbers[::-1]] = np.arange(len(self.numbers))[::-1]
        found[-1] = -1
        return found

    def numbers_of(self, column: pd.Series | NDArray[Any]) -> NDArray[np.int64]:
        """The number that each text of another column has in this one; -1 where this one does not have it."""
        other = coded(column)
        if other is self:
            return self.numbers
        if other is None:
            numbers, values = pd.factorize(np.asarray(column, dtype=object))
            return np.append(self._find(pa.array(values, pa.large_string())), -1)[numbers]
        if other not in self._others:
            self._others[other] = np.append(self._find(other.dictionary), -1)
        found: NDArray[np.int64] = self._others[other][other.numbers]
        return found

    @cached_property
    def _others(self) -> weakref.WeakKeyDictionary[Coded, NDArray[np.int64]]:
        return weakref.WeakKeyDictionary()

    def _find(self, texts: pa.Array) -> NDArray[np.int64]:
        """The number of each of different `texts`; -1 where the column does not have it."""
        if texts.equals(self.dictionary):
            return np.arange(len(texts))
        found: NDArray[np.int64] = (
            pc.index_in(texts, value_set=self.dictionary).fill_null(-1).to_numpy().astype(np.int64)
        )
        return found


_found: dict[int, tuple[weakref.ref[Any], Coded]] = {}


def coded(column: object) -> Coded | None:
    """A large column of texts that Arrow holds, as numbers; None for any other."""
    if not isinstance(column, pd.Series) or len(column) < LEAST_ROWS:
        return None
    texts = arrow_texts(column)
    if texts is None:
        return None
    key = id(texts)
    known = _found.get(key)
    if known is not None and known[0]() is texts:
        return known[1]
    found = Coded(texts)
    _found[key] = (weakref.ref(texts, lambda gone: _forget(key, gone)), found)
    return found


def _forget(key: int, gone: weakref.ref[Any]) -> None:
    # Another array may have the number by now.
    if key in _found and _found[key][0] is gone:
        del _found[key]


def arrow_texts(column: pd.Series) -> pa.ChunkedArray | None:
    """The Arrow array behind a column of texts, the same one each time; None where something else is behind it."""
    if not isinstance(column.dtype, pd.StringDtype) or column.dtype.storage != "pyarrow":
        return None
    texts = column.array.__arrow_array__()
    return texts if isinstance(texts, pa.ChunkedArray) else None
