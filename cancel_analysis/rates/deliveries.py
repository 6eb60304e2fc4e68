"""On which days the delivered orders arrived."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cancel_analysis.rates.groups import places_of
from cancel_analysis.rates.lines import local_days

NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Deliveries:
    """The delivered orders that have a day (`ids`), and when their first and their last parcel came (datetime64[D])."""

    ids: pd.Index
    first: np.ndarray
    last: np.ndarray

    def places(self, order_ids: pd.Series) -> np.ndarray:
        """The place of each order among `ids`, -1 for others."""
        return np.asarray(self.ids.get_indexer(pd.Index(order_ids)))


def deliveries(orders: pd.DataFrame, facts: pd.DataFrame) -> Deliveries:
    """The days of the orders that the order facts call delivered, in their order, from ORDER_LINES.

    A return alone is no day of delivery.
    """
    is_delivered = facts["delivered"].to_numpy()
    delivered = pd.Index(facts["order_id"].array[is_delivered])
    # The place of each order among those delivered, -1 of others.
    number = np.append(np.where(is_delivered, np.cumsum(is_delivered) - 1, -1), -1)
    place, day = number[places_of(orders["order_id"], facts["order_id"])], local_days(orders["delivered_at"])
    known = (place >= 0) & ~np.isnat(day)
    number, place = day[known].astype(np.int64), place[known]
    first, last = np.full(len(delivered), np.iinfo(np.int64).max), np.full(len(delivered), np.iinfo(np.int64).min)
    np.minimum.at(first, place, number)
    np.maximum.at(last, place, number)
    dated = np.zeros(len(delivered), dtype=bool)
    dated[place] = True
    return Deliveries(delivered[dated], first[dated].astype("datetime64[D]"), last[dated].astype("datetime64[D]"))
