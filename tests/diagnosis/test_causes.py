"""Orders lost to a cause and at risk of it, by place and by week: counted once more with sets."""

from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.diagnosis.causes import (
    CAUSES,
    DEFAULT_PLACES,
    PLACES,
    PLACES_OF,
    SLOW_CAUSES,
    at_risk_of,
    count_places,
    days_of,
    in_place,
    weekly,
)
from cancel_analysis.rates.breakdown import with_products
from cancel_analysis.rates.lines import Lines
from cancel_analysis.tables import ROOT_CAUSES
from tests.frames import affected_items, order_lines

AS_OF = date(2026, 11, 15)


def shop(cause="carrier"):
    """200 lines of 120 orders in nine weeks, some unsent, some without carrier or region; a third of them lost."""
    draw = np.random.default_rng(7)
    lines, lost = [], []
    for number in range(200):
        order = int(draw.integers(120))
        placed = pd.Timestamp(AS_OF) - pd.Timedelta(days=order // 2) + pd.Timedelta(hours=9)
        sku = int(draw.integers(5))
        line = {
            "order_id": f"N{order}",
            "line_no": number,
            "sku_id": f"S{sku}",
            "product_name": f"P{sku // 2}",
            "variation": "" if sku == 4 else f"V{sku}",
            "carrier": draw.choice(["C1", "C2", "C3", None]),
            "region": draw.choice(["R1", "R2", None]),
            "created_at": placed,
            "shipped_at": placed + pd.Timedelta(days=1) if draw.random() < 0.8 else None,
        }
        lines.append(line)
        if draw.random() < 1 / 3:
            own = {name: line[name] for name in ("order_id", "line_no", "sku_id", "product_name", "carrier", "region")}
            stage = draw.choice(["refund", "return_refund"])
            lost.append({**own, "order_created_at": placed, "event_at": placed, "root_cause": cause, "stage": stage})
    return order_lines(*lines), affected_items(*lost)


def test_every_cause_and_place_is_one_that_tables_know():
    assert set(CAUSES) <= set(ROOT_CAUSES)
    assert set(PLACES_OF) | set(SLOW_CAUSES) <= set(CAUSES)
    assert {place for places in (DEFAULT_PLACES, *PLACES_OF.values()) for place in places} == set(PLACES)


def test_what_shows_late_is_looked_for_longer():
    assert {cause: days_of(cause, 30) for cause in ("stock", "quality")} == {"stock": 30, "quality": 60}
    assert days_of("quality", 90) == 90


@pytest.mark.parametrize("dimension", PLACES)
def test_orders_by_place(dimension):
    orders, items = shop()
    lines = Lines.of(orders, items)
    lost = lines.lost(lines.item_is("root_cause", "carrier"))
    found = count_places(lines, dimension, at_risk_of(lines, "carrier"), lost)
    gone = set(zip(items["order_id"], items["line_no"], strict=True))
    at_risk, taken = defaultdict(set), defaultdict(set)
    labels = {}
    for line in with_products(orders).to_dict("records"):
        values = [line[column] for column in PLACES[dimension]]
        if pd.isna(line["shipped_at"]) or any(pd.isna(value) for value in values):
            continue
        place = " · ".join(values)
        at_risk[place].add(line["order_id"])
        if (line["order_id"], line["line_no"]) in gone:
            taken[place].add(line["order_id"])
        variation = f" ({line['variation']})" if dimension == "sku" and line["variation"] else ""
        labels[place] = line["product_name"] + variation if dimension in ("product", "sku") else place
    places = sorted(at_risk)
    assert list(found["place"]) == places
    assert list(found["label"]) == [labels[place] for place in places]
    assert list(found["at_risk"]) == [len(at_risk[place]) for place in places]
    assert list(found["orders"]) == [len(taken[place]) for place in places]
    assert list(found["rest_orders"]) == [sum(map(len, taken.values())) - len(taken[place]) for place in places]
    assert found["orders"].sum() > 20


@pytest.mark.parametrize("dimension", PLACES)
def test_the_lines_in_a_place_are_those_with_its_values(dimension):
    lines = with_products(shop()[0])
    columns = list(PLACES[dimension])
    known = lines[lines[columns].notna().all(axis=1)]
    values = known[columns].iloc[0]
    wanted = (lines[columns] == values).fillna(False).all(axis=1)
    assert in_place(lines, dimension, [" · ".join(values)]).tolist() == wanted.tolist()
    assert in_place(lines, dimension, known[columns].agg(" · ".join, axis=1)).sum() == len(known)


def test_orders_by_week_leave_out_returns():
    orders, items = shop("stock")
    found = weekly(orders, items, "stock", AS_OF)
    before = items[items["stage"] != "return_refund"]
    for row in found.to_dict("records"):
        days = [(row["monday"] + pd.Timedelta(days=day)).date() for day in range(7)]
        assert row["at_risk"] == orders.loc[orders["created_at"].dt.date.isin(days), "order_id"].nunique()
        assert row["orders"] == before.loc[before["order_created_at"].dt.date.isin(days), "order_id"].nunique()
        assert row["rate"] == row["orders"] / row["at_risk"]
    assert found["at_risk"].sum() == orders["order_id"].nunique()
    assert found["monday"].iloc[-1] == pd.Timestamp("2026-11-09")
    # A week without an order has no rate.
    old = orders.assign(created_at=orders["created_at"] - pd.Timedelta(days=7))
    assert weekly(old, items.iloc[:0], "stock", AS_OF)["rate"].isna().tolist() == [False] * len(found) + [True]
