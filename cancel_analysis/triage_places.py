"""The items that lie where a cause gathers: what `concentration` names, found again item by item."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.breakdown import with_products
from cancel_analysis.concentration import PLACES, Standout


def items_in(standout: Standout, items: pd.DataFrame) -> pd.Series:
    """Which of `items` (AFFECTED_ITEMS) the standout speaks of: its cause, in its places or since its week."""
    own = items["root_cause"] == standout.root_cause
    if standout.dimension == "weeks" and standout.since is not None:
        since = pd.Timestamp(standout.since)
        later = items["order_created_at"].dt.tz_localize(None) >= since
        return pd.Series(own & later & (items["stage"] != "return_refund"))
    columns = list(PLACES[standout.dimension])
    placed = with_products(items[own])[columns].dropna()
    # Written the way concentration writes its places.
    places = placed[columns[0]].astype(str)
    for name in columns[1:]:
        places = places + " · " + placed[name].astype(str)
    inside = placed.index[places.isin(set(standout.places["place"]))]
    return pd.Series(items.index.isin(inside), index=items.index)
