"""What orders add to the cube, against the same expressions as SQL over the same facts."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from cancel_analysis.catalog.rates import MEASURES
from cancel_analysis.rates.cube import created_sums
from cancel_analysis.rates.order_sums import NAMES, PRODUCTS, added, arrays_of, event_of

ROWS = 400


@pytest.fixture(scope="module")
def facts() -> pd.DataFrame:
    """Facts of which every flag, size and day is as likely as not, and some amounts are not known."""
    random = np.random.default_rng(7)
    flags = {flag for measure in MEASURES.values() for flag in measure.flags} | {
        "by_platform", "dispatched_by_loss", "delivered_by_loss", "ended_by_loss", "should_have_arrived",
        "arrival_unknown", "lost_by_cancelling", "partly_cancelled_by_unknown", "cancel_undated",
    }  # fmt: skip
    sizes = ["", "_cancelled", "_refunded", "_returned"]
    amounts = {f"amount{size}": np.where(random.random(ROWS) < 0.2, np.nan, random.random(ROWS) * 99) for size in sizes}
    days = np.datetime64("2026-10-01", "us") + random.integers(0, 9, ROWS) * np.timedelta64(1, "D")
    return pd.DataFrame(
        {
            "created_date": days,
            **{flag: random.random(ROWS) < 0.5 for flag in sorted(flags)},
            **{f"units{size}": random.integers(0, 5, ROWS) for size in sizes},
            **amounts,
        }
    )


def test_each_measure_adds_what_its_expression_says(facts):
    columns = arrays_of(facts)
    for name, measure in MEASURES.items():
        expected = duckdb.sql(f"SELECT coalesce({measure.value}, 'nan'::DOUBLE) AS found FROM facts").df()["found"]
        assert added(columns, name) == pytest.approx(expected.to_numpy(dtype=float), nan_ok=True), name


def test_sums_by_day_are_those_of_a_query(facts):
    found = created_sums(facts).set_index("date")
    sums = [f"sum({measure.value}) AS {name}" for name, measure in MEASURES.items()]
    sums += [f"sum(({MEASURES[x].value}) * ({MEASURES[y].value})) AS {name}" for name, (x, y) in PRODUCTS.items()]
    expected = duckdb.sql(f"SELECT created_date AS date, {', '.join(sums)} FROM facts GROUP BY 1 ORDER BY 1").df()
    for name in (*MEASURES, *PRODUCTS):
        assert found[name].tolist() == pytest.approx(expected[name].tolist(), nan_ok=True), name
    blank = facts["paid"] & facts["amount"].isna()
    assert found["blank_paid"].tolist() == blank.groupby(facts["created_date"]).sum().tolist()
    valued = facts["amount_returned"].notna() & (facts["units_returned"] > 0)
    assert found["valued_returned"].tolist() == valued.groupby(facts["created_date"]).sum().tolist()


def test_doubts_and_products_of_two_days_have_no_day_of_their_own():
    assert event_of("cancel_undated") == ""
    assert event_of("amount_cancelled__amount_paid") == ""
    assert event_of("amount_paid__amount_paid") == "paid_date"
    assert {event_of(name) for name in NAMES} >= {"created_date", "cancelled_date", "back_date"}
