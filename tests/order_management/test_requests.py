"""The request queue: views, deadlines and answers against dates worked out by hand."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError
from cancel_analysis.order_management.requests import VIEWS, review_requests
from tests.frames import ZONE, cancel_requests, order_lines, returns

AS_OF = date(2026, 11, 15)
ORDERS = order_lines({"order_id": "x", "created_at": "2026-11-01 10:00:00"})
# The market of each deadline, all on the clock of the test frames.
TH, VN, GB = (
    make_shop({"id": "shop", "market": code, "currency": "THB", "timezone": ZONE}) for code in ("TH", "VN", "GB")
)


def queue(*rows, shop=TH, orders=ORDERS, back=None, **options):
    return review_requests(cancel_requests(*rows), back, orders, shop, AS_OF, **options)


def one(*rows, **options):
    return queue(*rows, **options).requests.iloc[0]


def views(found, kind="cancellation"):
    mine = found.views[found.views["kind"] == kind]
    return dict(zip(mine["view"], mine["requests"], strict=True))


def local(text):
    return pd.Timestamp(text, tz=ZONE)


def test_four_views_part_the_requests():
    statuses = ["pending", "accepted", "completed", "rejected", "withdrawn", "withdrawn"]
    found = queue(*({"status": status} for status in statuses))
    assert views(found) == {"all": 6, "to_proceed": 1, "completed": 2, "closed": 3}
    assert views(queue({"status": "unknown"})) == {"all": 1, "to_proceed": 0, "completed": 0, "closed": 0, "unknown": 1}
    money = found.views.set_index(["kind", "view"])["refund_amount"]
    assert money["cancellation", "closed"] == 30.0


def test_a_request_of_several_rows_counts_once_with_all_its_units():
    found = queue(
        {"request_id": "a", "order_id": "x", "first_line": False, "sku_id": "S2", "units": 2, "refund_amount": 5.0},
        {"request_id": "a", "order_id": "x", "product_name": "Lamp"},
    )
    row = found.requests.iloc[0]
    assert len(found.requests) == 1
    assert (row["units"], row["refund_amount"], row["product_name"]) == (3, 15.0, "Lamp")


@pytest.mark.parametrize(
    ("shop", "deadline", "latest", "confidence"),
    [
        (TH, "2026-11-15 20:00:00", "2026-11-15 20:00:00", "official"),
        (GB, "2026-11-16 20:00:00", "2026-11-16 20:00:00", "third_party"),
        # Two calendar days: 48 hours at the earliest, the end of the second day after at the latest.
        (VN, "2026-11-16 20:00:00", "2026-11-17 00:00:00", "official"),
    ],
    ids=["TH", "GB", "VN"],
)
def test_the_deadline_is_that_of_the_market(shop, deadline, latest, confidence):
    row = one({"created_at": "2026-11-14 20:00:00"}, shop=shop)
    assert row["deadline_at"] == local(deadline)
    assert row["deadline_latest"] == local(latest)
    assert row["deadline_confidence"] == confidence
    assert row["hours_left"] == pytest.approx((local(deadline) - local("2026-11-16")).total_seconds() / 3600)


def test_the_platforms_own_deadline_wins():
    row = one({"created_at": "2026-11-14 20:00:00", "deadline_at": "2026-11-16 03:30:00"})
    assert row["deadline_at"] == local("2026-11-16 03:30:00")
    assert (row["deadline_source"], row["deadline_confidence"], row["due"]) == ("file", "file", "soon")
    assert row["hours_left"] == pytest.approx(3.5)


def test_a_day_before_any_rule_has_no_deadline():
    orders = order_lines({"order_id": "x", "created_at": "2023-05-01 10:00:00"})
    found = review_requests(
        cancel_requests({"created_at": "2023-05-02 10:00:00"}), None, orders, GB, date(2023, 5, 3)
    ).requests.iloc[0]
    assert pd.isna(found["deadline_at"])
    assert found["due"] == "unknown"


def test_what_runs_out_first_stands_first_and_is_sorted_into_soon_overdue_later():
    found = queue(
        {"request_id": "later", "created_at": "2026-11-15 23:30:00", "deadline_at": "2026-11-17 00:30:00"},
        {"request_id": "soon", "created_at": "2026-11-15 12:00:00"},
        {"request_id": "edge", "created_at": "2026-11-15 12:00:00", "deadline_at": "2026-11-17 00:00:00"},
        {"request_id": "over", "created_at": "2026-11-10 12:00:00"},
        {"request_id": "now", "created_at": "2026-11-15 00:00:00"},
    ).waiting
    assert found["request_id"].tolist() == ["over", "now", "soon", "edge", "later"]
    assert found["due"].tolist() == ["overdue", "overdue", "soon", "soon", "later"]


def test_daylight_saving_does_not_shift_a_deadline_in_hours():
    shop = make_shop({"id": "shop", "market": "US", "timezone": "America/New_York"})
    zone = "America/New_York"
    orders = order_lines({"order_id": "x", "created_at": "2026-10-01 10:00:00"}, zone=zone)
    # On 2026-11-01 the clock goes back at 02:00: 24 hours end an hour earlier by the wall.
    asked = cancel_requests({"created_at": "2026-10-31 20:00:00"}, zone=zone)
    row = review_requests(asked, None, orders, shop, date(2026, 10, 31)).requests.iloc[0]
    assert row["deadline_at"] == pd.Timestamp("2026-11-01 19:00:00", tz=zone)
    assert row["hours_left"] == pytest.approx(20.0)


def test_free_cancellations_of_the_first_hour_stand_apart():
    orders = order_lines(
        *({"order_id": name, "created_at": "2026-11-10 09:00:00"} for name in ("a", "b", "c", "d", "e"))
    )
    found = queue(
        {"order_id": "a", "created_at": "2026-11-10 10:00:00", "needs_answer": False, "status": "completed"},
        {"order_id": "b", "created_at": "2026-11-10 10:00:01", "needs_answer": False, "status": "completed"},
        # Inside the hour and all the same waiting or refused: no free cancellation.
        {"order_id": "c", "created_at": "2026-11-10 09:30:00"},
        {
            "order_id": "d",
            "created_at": "2026-11-10 09:30:00",
            "status": "rejected",
            "updated_at": "2026-11-10 11:00:00",
        },
        {
            "order_id": "e",
            "created_at": "2026-11-10 09:30:00",
            "needs_answer": False,
            "initiator": "seller",
            "status": "completed",
        },
        {"order_id": "not in the files", "created_at": "2026-11-10 09:30:00", "status": "completed"},
        orders=orders,
    )
    kinds = found.requests.set_index("order_id")["kind"].to_dict()
    assert kinds == {
        "a": "free",
        "b": "at_once",
        "c": "request",
        "d": "request",
        "e": "at_once",
        "not in the files": "request",
    }
    assert views(found)["all"] == 3
    apart = found.apart.set_index(["kind", "initiator"])["requests"].to_dict()
    assert apart == {("free", "buyer"): 1, ("at_once", "buyer"): 1, ("at_once", "seller"): 1}


def test_outcomes_and_what_is_inferred():
    asked = "2026-11-10 10:00:00"  # runs out on 2026-11-11 10:00 in TH
    rows = {
        "accepted": {"status": "completed", "updated_at": "2026-11-10 14:00:00"},
        "timed_out": {"status": "completed", "updated_at": "2026-11-11 10:00:00"},
        "timed_out too": {"status": "completed", "updated_at": "2026-11-11 12:00:00"},
        "not_told": {"status": "completed", "updated_at": "2026-11-11 12:00:01"},
        "not_told too": {"status": "accepted", "updated_at": None},
        "rejected": {"status": "rejected", "updated_at": "2026-11-10 16:00:00"},
        "withdrawn": {"status": "withdrawn", "updated_at": "2026-11-10 11:00:00"},
        "pending": {},
    }
    found = queue(*({"request_id": name, "created_at": asked, **row} for name, row in rows.items()))
    mine = found.requests.set_index("request_id")["outcome"]
    for name in rows:
        assert mine[name] == name.removesuffix(" too") if name != "pending" else pd.isna(mine[name])
    counts = found.outcomes.set_index("outcome")
    assert counts["requests"].to_dict() == {"accepted": 1, "timed_out": 2, "not_told": 2, "rejected": 1, "withdrawn": 1}
    assert counts.loc["timed_out", "share"] == pytest.approx(2 / 7)
    # 4 and 6 hours.
    assert found.answers.iloc[0].tolist() == pytest.approx([2, 5.0, 5.8])


def test_the_orders_own_cancellation_says_when_a_request_was_answered():
    orders = order_lines(
        {"order_id": "x", "status": "cancelled", "cancelled_at": "2026-11-10 13:00:00"},
        # An earlier cancellation of a part is no answer.
        {
            "order_id": "x",
            "sku_id": "S2",
            "first_line": False,
            "status": "cancelled",
            "cancelled_at": "2026-11-09 10:00:00",
        },
    )
    asked = {"order_id": "x", "created_at": "2026-11-10 10:00:00", "status": "completed"}
    row = one({**asked, "updated_at": "2026-11-13 09:00:00"}, orders=orders)
    assert (row["outcome"], row["answer_hours"]) == ("accepted", 3.0)


def test_two_readings_of_calendar_days_leave_room_between_them():
    asked = {"created_at": "2026-11-10 10:00:00", "status": "completed"}
    # 48 hours end on the 12th at 10:00, the second day after with the 12th.
    for changed, outcome in (
        ("2026-11-12 09:59:59", "accepted"),
        ("2026-11-12 11:00:00", "timed_out"),
        ("2026-11-12 18:00:00", "accepted"),
        ("2026-11-13 01:00:00", "timed_out"),
        ("2026-11-13 02:30:00", "not_told"),
    ):
        assert one({**asked, "updated_at": changed}, shop=VN)["outcome"] == outcome, changed


def test_nothing_after_the_day_is_seen():
    found = queue(
        {"created_at": "2026-11-16 00:00:00"},
        {
            "request_id": "decided later",
            "created_at": "2026-11-15 20:00:00",
            "status": "completed",
            "updated_at": "2026-11-16 08:00:00",
        },
        {"request_id": "older, open", "created_at": "2026-09-01 20:00:00"},
        {
            "request_id": "older, decided",
            "created_at": "2026-09-01 20:00:00",
            "status": "completed",
            "updated_at": "2026-09-01 21:00:00",
        },
    )
    assert set(found.waiting["request_id"]) == {"decided later", "older, open"}
    assert views(found)["all"] == 2


def test_without_cancellation_files_there_are_return_requests():
    back = returns(
        {"status": "pending", "requested_at": "2026-11-14 09:00:00"},
        {"status": "in_process", "requested_at": "2026-10-01 09:00:00"},
        {"status": "completed", "requested_at": "2026-11-10 09:00:00", "refunded_at": "2026-11-17 09:00:00"},
        {"status": "completed", "requested_at": "2026-11-10 09:00:00", "refunded_at": "2026-11-12 09:00:00"},
        {"status": "rejected", "requested_at": "2026-11-16 09:00:00"},
    )
    found = review_requests(None, back, ORDERS, TH, AS_OF)
    assert not found.has_requests
    assert found.requests.empty
    assert found.outcomes["requests"].sum() == 0
    assert pd.isna(found.answers["median_hours"].iloc[0])
    assert views(found, "return") == {"all": 4, "to_proceed": 3, "completed": 1, "closed": 0}
    assert found.waiting_returns["waits_for"].value_counts().to_dict() == {"unknown": 2, "seller": 1}
    assert review_requests(None, None, ORDERS, TH, AS_OF).views["requests"].sum() == 0


def test_return_requests_have_their_own_deadlines_and_arbitration():
    back = returns({"status": "pending"}, {"status": "in_process"}, {"status": "in_process"}, {"status": "completed"})
    back["deadline_at"] = pd.Series([local("2026-11-16 06:00:00"), local("2026-11-20 00:00:00"), pd.NaT, pd.NaT])
    back["next_action"] = ["SELLER_RESPOND_RETURN", "BUYER_SHIPPED_ITEM_TO_SELLER", None, None]
    back["arbitration"] = [None, "IN_PROGRESS", None, "SUPPORT_BUYER"]
    found = review_requests(None, back, ORDERS, TH, AS_OF)
    waiting = found.waiting_returns
    assert waiting["waits_for"].tolist() == ["seller", "buyer", "unknown"]
    assert waiting["due"].tolist() == ["soon", "later", "unknown"]
    assert waiting["hours_left"].tolist()[:2] == pytest.approx([6.0, 96.0])
    assert found.arbitration.set_index("state")["requests"].to_dict() == {"IN_PROGRESS": 1, "SUPPORT_BUYER": 1}


def test_rows_of_one_return_request_are_one():
    back = returns(
        {"return_id": "r", "order_id": "x", "status": "in_process", "quantity": 2},
        {"return_id": "r", "order_id": "x", "status": "completed", "sku_id": "S2"},
        {"return_id": None, "order_id": "y", "status": "pending"},
        {"return_id": None, "order_id": "z", "status": "pending"},
    )
    found = review_requests(None, back, ORDERS, TH, AS_OF)
    assert views(found, "return") == {"all": 3, "to_proceed": 2, "completed": 1, "closed": 0}
    assert found.returns.set_index("order_id").loc["x", ["units", "refund_amount"]].tolist() == [3, 20.0]


def test_no_days_at_all_are_refused():
    with pytest.raises(SettingsError, match="days"):
        queue({}, days=0)


minutes = st.integers(0, 60 * 24 * 20)
request = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["pending", "accepted", "rejected", "withdrawn", "completed", "unknown"]),
        "initiator": st.sampled_from(["buyer", "seller", "system"]),
        "needs_answer": st.booleans(),
        "asked": minutes,
        "changed": st.one_of(st.none(), minutes),
        "units": st.integers(1, 4),
    }
)


@given(st.lists(request, min_size=1, max_size=20), st.sampled_from([TH, VN, GB]), st.sampled_from([1, 7, 30]))
def test_views_outcomes_and_sums_hold_together(rows, shop, days):
    start = datetime(2026, 11, 1, tzinfo=ZoneInfo(ZONE))

    def moment(value):
        return None if value is None else (start + timedelta(minutes=value)).strftime("%Y-%m-%d %H:%M:%S")

    frame = cancel_requests(
        *(
            {
                **{key: row[key] for key in ("status", "initiator", "needs_answer", "units")},
                "order_id": "x",
                "created_at": moment(row["asked"]),
                "updated_at": None if row["changed"] is None else moment(row["asked"] + row["changed"]),
            }
            for row in rows
        )
    )
    found = review_requests(frame, None, ORDERS, shop, AS_OF, days=days)
    counts = found.views[found.views["kind"] == "cancellation"].set_index("view")
    parts = counts.drop(index="all")
    assert set(counts.index) <= set(VIEWS)
    for name in ("requests", "units"):
        assert parts[name].sum() == counts.loc["all", name]
    mine = found.requests[found.requests["kind"] == "request"]
    assert counts.loc["all", "requests"] == len(mine)
    assert counts.loc["all", "requests"] + found.apart["requests"].sum() == len(found.requests)
    decided = mine[mine["view"].isin(["completed", "closed"])]
    assert found.outcomes["requests"].sum() == len(decided)
    assert decided["outcome"].notna().all()
    assert mine.loc[mine["view"] == "to_proceed", "outcome"].isna().all()
    assert (found.requests["created_at"] < found.now).all()
    assert (mine["answer_hours"].dropna() >= 0).all()
    assert (mine["deadline_at"] <= mine["deadline_latest"]).all()
    assert set(mine.loc[mine["view"] == "to_proceed", "due"]) <= {"soon", "overdue", "later"}
