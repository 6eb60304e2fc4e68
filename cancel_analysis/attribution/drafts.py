"""Units of order lines that were lost, before the catalog says why: what files tell of each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cancel_analysis.rates.groups import Values, array_of

# Where a draft comes from.
CANCEL, RETURN, MARK = "cancel", "return", "mark"


@dataclass(frozen=True)
class Draft:
    """Lost units, arrays (rows,).

    `line` and `request` are rows of the order lines and of the requests (-1: none); `source` one of CANCEL, RETURN,
    MARK; `list_stage`, `initiator`, `moment`, `event_at`, `reason_text` and `given_code` (None where empty) are what
    the catalog is asked by. Times are naive UTC, amounts in the line's currency.
    """

    line: NDArray[np.int64]
    request: NDArray[np.int64]
    source: NDArray[np.object_]
    units: NDArray[np.int64]
    amount: NDArray[np.float64]
    event_at: NDArray[np.datetime64]
    settled: NDArray[np.bool_]
    whole_order: NDArray[np.bool_]
    list_stage: NDArray[np.object_]
    initiator: NDArray[np.object_]
    moment: NDArray[np.object_]
    reason_text: NDArray[np.object_]
    given_code: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.line)


def together(*drafts: Draft) -> Draft:
    """All drafts, one below the other."""
    return Draft(*(np.concatenate([getattr(draft, each.name) for draft in drafts]) for each in fields(Draft)))


def all_alike(value: Any, rows: int) -> NDArray[np.object_]:
    """A column (rows,) of the same value."""
    return np.full(rows, value, dtype=object)


def said(texts: Values) -> NDArray[np.object_]:
    """Texts without spaces around them, None where nothing is said."""
    found = [(each.strip(" ") or None) if isinstance(each, str) else None for each in array_of(texts)]
    return np.array(found, dtype=object)


def in_proportion(amount: NDArray[np.float64], units: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share that `units` have in the amount of `of` units; of a line without units the whole amount."""
    return np.where(of > 0, amount * units / np.where(of > 0, of, 1), amount)
