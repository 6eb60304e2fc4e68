"""What is advised, as data: an action with an id that is the same in every week.

The id follows from what is to be done (`kind`), the rate that it is to lower, the cause, and the place; not from the
sentence, nor from the place's rank or losses of a week. So a product that is told in three reports has one id in all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from cancel_analysis.diagnosis.causes import CAUSES, DEFAULT_PLACES, PLACES, PLACES_OF, place_names
from cancel_analysis.diagnosis.standouts import Standout
from cancel_analysis.rates.breakdown import with_products

FIX = "fix"
# Every fix is held against lines lost to its cause, of the lines at risk (`diagnosis.causes`).
RATE = "lost_lines"
# Where a cause has no place of its own: the whole shop.
SHOP = "shop"
COLUMNS = ["id", "kind", "rate", "root_cause", "dimension", "place", "label", "orders", "at_risk"]


@dataclass(frozen=True)
class Action:
    """One thing to do in one place; `place` is '' where it is the whole shop (`dimension` `shop`)."""

    root_cause: str
    dimension: str
    place: str
    kind: str = FIX
    rate: str = RATE

    @property
    def id(self) -> str:
        """The cause, to be read, and eight digits of everything, to be told apart: `stock-1a2b3c4d`."""
        parts = "\0".join((self.kind, self.rate, self.root_cause, self.dimension, self.place))
        digest = hashlib.blake2b(parts.encode(), digest_size=4).hexdigest()
        return f"{self.root_cause.replace('_', '-')}-{digest}"


def actions_of(standout: Standout) -> tuple[Action, ...]:
    """The actions of a cause that stands out: one a place, or one of the whole shop where its weeks are what rose."""
    if standout.places.empty:
        return (Action(standout.root_cause, SHOP, ""),)
    return tuple(Action(standout.root_cause, standout.dimension, str(place)) for place in standout.places["place"])


def advised(found: Iterable[Standout], certain: str = "") -> pd.DataFrame:
    """A row an advised action (`COLUMNS`), in the order of the advice; `certain` is a cause that no place has.

    `orders` and `at_risk` are those of the place in the standout's days; empty where it is the whole shop.
    """
    rows: list[tuple[Action, str, object, object]] = []
    for standout in found:
        places = standout.places
        told = (
            zip(places["label"], places["orders"], places["at_risk"], strict=True)
            if len(places)
            else [("", None, None)]
        )
        rows += [(action, *told_of) for action, told_of in zip(actions_of(standout), told, strict=True)]
    if certain and not any(action.root_cause == certain for action, *_ in rows):
        rows.append((Action(certain, SHOP, ""), "", None, None))
    frame = pd.DataFrame(
        [
            (action.id, action.kind, action.rate, action.root_cause, action.dimension, action.place, label, lines, risk)
            for action, label, lines, risk in rows
        ],
        columns=COLUMNS,
    )
    return frame.astype({"orders": "Int64", "at_risk": "Int64"})


def possible(orders: pd.DataFrame) -> dict[str, Action]:
    """Id → action of everything that could ever be advised of these ORDER_LINES: each cause in each of its places."""
    lines = with_products(orders)
    places = {dimension: sorted(place_names(lines, dimension).dropna().unique()) for dimension in PLACES}
    actions = [Action(cause, SHOP, "") for cause in CAUSES]
    for cause in CAUSES:
        for dimension in PLACES_OF.get(cause, DEFAULT_PLACES):
            actions += [Action(cause, dimension, place) for place in places[dimension]]
    return {action.id: action for action in actions}
