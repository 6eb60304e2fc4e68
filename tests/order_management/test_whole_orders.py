"""Orders cancelled whole: what could have been kept of them, by trying every possibility."""

from collections import defaultdict
from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.order_management.whole_orders import missed_item_cancellations
from tests.frames import ZONE, order_lines, stock_log

SHOP = make_shop({"id": "shop", "market": "US", "currency": "THB", "timezone": ZONE})
GONE = {"status": "cancelled", "after_sale": "cancel", "cancelled_by": "seller", "cancel_reason_text": "Out of stock",
        "cancelled_at": "2026-11-03 10:00:00", "substatus": "cancelled"}  # fmt: skip


def missed(*rows, market="US", log=None, **options):
    orders = order_lines(*rows)
    return missed_item_cancellations(orders, attribute(orders, None, SHOP).items, market, stock_log=log, **options)


BOTH = (
    {"order_id": "m", "sku_id": "A", "line_amount": 30.0, "quantity": 2, **GONE},
    {"order_id": "m", "sku_id": "B", "line_amount": 8.0, "first_line": False, **GONE},
)
ALONE = {"order_id": "alone", "sku_id": "A", **GONE, "cancelled_at": "2026-11-04 10:00:00"}
SENT = {"order_id": "sent", "sku_id": "B", "status": "shipped", "rts_at": "2026-11-05 10:00:00"}


def span(found):
    row = found.orders.iloc[0]
    return tuple(row[["units_low", "units_high", "amount_low", "amount_high"]])


def test_no_cancellation_at_all():
    found = missed({})
    assert (len(found.orders), len(found.totals), found.cancelled_in_full) == (0, 0, 0)


def test_without_evidence_the_range_is_wide():
    found = missed(*BOTH)
    assert span(found) == (0, 2, 0.0, 30.0)  # all gone, or all but the cheapest unit kept
    assert found.lines["evidence"].tolist() == ["open", "open"]
    assert found.totals.iloc[0].tolist() == ["yes", "THB", 1, 3, 0, 2, 0.0, 30.0]


def test_evidence_narrows_it():
    assert span(missed(*BOTH, ALONE)) == (0, 2, 0.0, 23.0)  # A was out: one of its units at 15 is lost
    assert span(missed(*BOTH, SENT)) == (1, 2, 8.0, 23.0)  # B was there
    assert span(missed(*BOTH, ALONE, SENT)) == (1, 2, 8.0, 23.0)
    too_late = {**ALONE, "cancelled_at": "2026-11-06 10:00:01"}
    assert span(missed(*BOTH, too_late)) == span(missed(*BOTH))
    assert span(missed(*BOTH, {**SENT, "rts_at": "2026-11-03 09:59:00"})) == span(missed(*BOTH))
    assert span(missed(*BOTH, too_late, window_days=4)) == (0, 2, 0.0, 23.0)


def test_evidence_that_everything_was_there_is_set_aside():
    found = missed(*BOTH, SENT, {**SENT, "order_id": "sent too", "sku_id": "A"})
    assert found.lines["made_ready"].tolist() == [1, 1]
    assert span(found) == (0, 2, 0.0, 30.0)


def test_the_stock_log_outweighs_other_orders():
    log = stock_log(
        {"sku_id": "A", "at": "2026-11-03 08:00:00", "stock": 9},
        {"sku_id": "B", "at": "2026-11-03 07:00:00", "stock": 4},
        {"sku_id": "B", "at": "2026-11-03 09:00:00", "stock": 0},
        {"sku_id": "B", "at": "2026-11-03 11:00:00", "stock": 7},
    )
    found = missed(*BOTH, ALONE, SENT, log=log)
    assert found.lines.set_index("sku_id")["evidence"].to_dict() == {"A": "in", "B": "out"}
    assert span(found) == (2, 2, 30.0, 30.0)


def test_one_sku_of_several_units_can_have_lost_one_of_them():
    found = missed({"sku_id": "A", "quantity": 3, "line_amount": 30.0, **GONE}, {"sku_id": "B", **GONE})
    assert span(found) == (0, 2, 0.0, 20.0)
    assert (found.cancelled_in_full, found.single_unit) == (2, 1)


def test_what_the_rules_forbid_saves_nothing_and_an_unknown_market_says_so():
    ready = [{**row, "rts_at": "2026-11-03 08:00:00"} for row in BOTH]
    found = missed(*ready)
    assert found.orders["allowed"].tolist() == ["no"]
    assert span(found) == (0, 0, 0.0, 0.0)
    elsewhere = missed(*BOTH, market="ID")
    assert (elsewhere.orders["allowed"].iloc[0], elsewhere.orders["rule"].iloc[0]) == ("unknown", "offered")
    assert span(elsewhere) == (0, 2, 0.0, 30.0)


def test_only_the_sellers_whole_out_of_stock_cancellations_count():
    for change in (
        {"cancelled_by": "buyer"},
        {"cancel_reason_text": "Pricing error"},
        {"shipped_at": "2026-11-03 08:00:00"},
    ):
        assert missed(*({**row, **change} for row in BOTH)).cancelled_in_full == (1 if "shipped_at" in change else 0)
    collected = missed(*({**row, "shipped_at": "2026-11-03 08:00:00"} for row in BOTH))
    assert collected.orders["allowed"].tolist() == ["no"]
    living = {"order_id": "m", "sku_id": "C", "status": "shipped", "first_line": False}
    assert missed(*BOTH, living).cancelled_in_full == 0
    two = missed(*BOTH, ALONE, among=pd.Series(["alone"]))
    assert (two.cancelled_in_full, len(two.orders)) == (1, 0)


sku = st.fixed_dictionaries(
    {
        "units": st.integers(1, 3),
        "price": st.integers(1, 50),
        "alone": st.booleans(),
        "sent": st.booleans(),
        "stock": st.sampled_from([None, None, 0, 9]),
    }
)


@settings(max_examples=20)
@given(st.lists(st.lists(sku, min_size=1, max_size=3), min_size=1, max_size=4))
def test_the_range_is_what_trying_every_possibility_gives(plan):
    rows, log, expected = [], [], defaultdict(list)
    for number, skus in enumerate(plan):
        evidence = []
        for place, one in enumerate(skus):
            name, money = f"{number}-{place}", float(one["units"] * one["price"])
            row = {"sku_id": name, "quantity": one["units"], "line_amount": money, "first_line": place == 0, **GONE}
            rows.append({"order_id": f"m{number}", **row})
            if one["alone"]:
                rows.append({"order_id": f"alone {name}", "sku_id": name, **GONE})
            if one["sent"]:
                rows.append({**SENT, "order_id": f"sent {name}", "sku_id": name})
            if one["stock"] is not None:
                log.append({"sku_id": name, "at": "2026-11-03 08:00:00", "stock": one["stock"]})
            known = {(True, False): "out", (False, True): "in"}.get((one["alone"], one["sent"]), "open")
            known = {0: "out", 9: "in"}.get(one["stock"], known)
            evidence.append("out" if len(skus) == 1 else known)
        if all(one == "in" for one in evidence):
            evidence = ["open"] * len(skus)
        total = sum(one["units"] for one in skus)
        if total < 2:
            continue
        kept = []
        for lost in product(*(range(one["units"] + 1) for one in skus)):
            wrong = [(e == "in" and n > 0) or (e == "out" and n == 0) for e, n in zip(evidence, lost, strict=True)]
            if sum(lost) and not any(wrong):
                kept.append(
                    (
                        total - sum(lost),
                        sum((one["units"] - n) * one["price"] for one, n in zip(skus, lost, strict=True)),
                    )
                )
        units, money = zip(*kept, strict=True)
        expected[f"m{number}"] = [min(units), max(units), min(money), max(money)]
    found = missed(*rows, log=stock_log(*log) if log else None)
    shown = found.orders[found.orders["order_id"].str.startswith("m")].set_index("order_id")
    columns = ["units_low", "units_high", "amount_low", "amount_high"]
    assert {name: shown.loc[name, columns].tolist() for name in shown.index} == {
        name: pytest.approx(values) for name, values in expected.items()
    }
    for column in ("units", *columns):
        assert found.totals[column].sum() == pytest.approx(found.orders[column].sum())
