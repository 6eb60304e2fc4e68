"""Which comes first, day or month: each kind of evidence, and what happens without any."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.loaders.parsing import dates

CHAIN = ("created_at", "paid_at", "shipped_at")


def times(**columns: list[str | None]) -> dict[str, pa.ChunkedArray]:
    return {
        name: pa.chunked_array(
            [pa.array([None if v is None else datetime.fromisoformat(v) for v in values], pa.timestamp("us"))]
        )
        for name, values in columns.items()
    }


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("31/07/2026 20:29:25", ("dmy",)),
        ("07/31/2026 08:29:25 PM", ("mdy",)),
        ("07/08/2026 20:29", ("dmy", "mdy")),
        ("7/8/2026 20:29", ("dmy", "mdy")),
        ("2026-07-31 20:29:25", ("ymd",)),
        ("2026/07/31 20:29:25", ("ymd",)),
        ("31/13/2026 20:29:25", ()),
        ("07/08/26 20:29", ()),
        ("Order created time.", ()),
        ("", ()),
    ],
)
def test_orders_that_a_text_allows(text: str, orders: tuple[str, ...]) -> None:
    assert dates.possible_orders(text) == orders


def test_a_day_past_12_settles() -> None:
    decision = dates.decide(times(created_at=["2026-07-31", "2026-07-02"]), [], "dmy", CHAIN)
    assert decision.order == "dmy"
    assert "past 12" in decision.basis


def test_unread_days_past_12_settle_the_other_order() -> None:
    decision = dates.decide(times(created_at=["2026-07-02", None]), ["07/31/2026 10:00:00"], "dmy", CHAIN)
    assert decision.order == "mdy"


def test_one_odd_row_does_not_turn_a_file() -> None:
    here = times(created_at=["2026-07-31"] * 20)
    assert dates.decide(here, ["07/31/2026 10:00:00"], "dmy", CHAIN).order == "dmy"


def test_divided_evidence_settles_nothing() -> None:
    here = times(created_at=["2026-07-31"] * 6)
    assert dates.decide(here, ["07/31/2026 10:00:00"] * 4, "dmy", CHAIN).order is None


def test_events_that_run_backwards_refute_a_reading() -> None:
    # 05/06, 07/06: fine as days of June; as months they are 6 May and 6 July, fine as well. 11/06 after 05/07 is not.
    here = times(created_at=["2026-06-11", "2026-06-05"], paid_at=["2026-07-05", "2026-06-07"], shipped_at=[None, None])
    assert dates.decide(here, [], "dmy", CHAIN).order == "dmy"
    turned = {name: pa.chunked_array([pa.array(dates.swap(dates.stamps(v)))]) for name, v in here.items()}
    assert dates.decide(turned, [], "mdy", CHAIN).order == "dmy"


def test_a_single_odd_day_does_not_outweigh_the_events() -> None:
    created = ["2026-06-11"] * 30
    here = times(created_at=created, paid_at=["2026-07-05"] * 30)
    assert dates.decide(here, ["07/31/2026 10:00:00"], "dmy", CHAIN).order == "dmy"


def test_the_setting_settles_what_is_open_and_nothing_else() -> None:
    open_file = times(created_at=["2026-07-02", "2026-07-03"])
    assert dates.decide(open_file, [], "dmy", CHAIN).order is None
    assert dates.decide(open_file, [], "dmy", CHAIN, wish="mdy") == dates.Decision("mdy", "date_order in shops.yaml")
    assert dates.decide(times(created_at=["2026-07-31"] * 3), [], "dmy", CHAIN, wish="mdy").order == "dmy"


def test_dates_that_are_the_same_either_way_need_no_decision() -> None:
    assert dates.decide(times(created_at=["2026-07-07", "2026-08-08", None]), [], "dmy", CHAIN).order == "dmy"


def test_no_dates_and_year_first() -> None:
    assert dates.decide(times(created_at=[None]), [], "dmy", CHAIN).basis == "no dates"
    assert dates.decide(times(created_at=["2026-07-02"]), [], "ymd", CHAIN).order == "ymd"


def test_guess_takes_the_form_of_most_texts_with_its_tail() -> None:
    assert dates.guess(["31/07/2026 20:29:25\t"] * 3 + ["1/8/2026 9:00"]) == dates.Guess("dmy", "%d/%m/%Y %H:%M:%S\t")
    assert dates.guess(["07/31/2026 08:29:25 PM\t"]) == dates.Guess("mdy", "%m/%d/%Y %I:%M:%S %p\t")
    assert dates.guess(["2026-07-31T20:29:25"]).format == "%Y-%m-%dT%H:%M:%S"
    assert dates.guess(["02/07/2026 20:29:25"], wish="mdy").order == "mdy"
    assert dates.guess(["02/07/2026 20:29:25"], glimpses=["…,07/31/2026 20:29:25,…"]).order == "mdy"


MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2100, 12, 31, 23, 59, 59)).map(lambda m: m.replace(microsecond=0))


@given(MOMENTS)
def test_swap_is_what_the_other_order_reads(moment: datetime) -> None:
    text = f"{moment:%d/%m/%Y %H:%M:%S}"
    swapped = dates.swap(np.array([moment], dtype="datetime64[us]"))[0]
    if "mdy" in dates.possible_orders(text):
        try:
            expected = datetime.strptime(text, "%m/%d/%Y %H:%M:%S")
        except ValueError:
            return
        assert swapped.astype(datetime) == expected
    else:
        assert np.isnat(swapped)
