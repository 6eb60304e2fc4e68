from datetime import date

import pandas as pd
import pytest

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError
from cancel_analysis.exhibits.kinds import Prose
from cancel_analysis.explore.opening import open_shop
from cancel_analysis.sections.verdict import verdict
from cancel_analysis.study.cut import check_covered, cut_orders, cut_requests, cut_returns, without_later_returns
from cancel_analysis.study.one_shop import open_study, study_shop
from tests.frames import cancel_requests, order_lines, returns
from tests.loaders.mapped import layouts

SHOP = make_shop({"id": "shop", "market": "TH"})


def intake_of(orders, back=None, newest="2026-11-16 09:00:00"):
    """A loaded shop, as the loaders would hand it over."""
    from cancel_analysis.loaders import Intake, ShopIntake
    from cancel_analysis.loaders.parsing.account import Account

    def account(kind, frame):
        files = pd.DataFrame({"file": ["f.csv"], "newest": [pd.Timestamp(newest)]})
        none = pd.DataFrame()
        return Account(kind, len(frame), 0, 0, 0, 0, len(frame), files, none, none, ())

    second = None if back is None else Intake(back, account("returns", back))
    return ShopIntake(Intake(orders, account("orders", orders)), second)


def test_later_orders_are_out_and_later_events_undone():
    orders = order_lines(
        {
            "created_at": "2026-11-10 10:00:00",
            "status": "cancelled",
            "cancelled_at": "2026-11-16 00:00:00",
            "cancelled_by": "seller",
            "cancel_reason_text": "Out of stock",
            "after_sale": "cancel",
            "quantity_affected": 1,
        },
        {"created_at": "2026-11-15 23:59:59"},
        {"created_at": "2026-11-16 00:00:00"},
        {"status": "completed", "delivered_at": "2026-11-17 10:00:00", "shipped_at": "2026-11-04 10:00:00"},
    )
    known = cut_orders(orders, date(2026, 11, 15))
    assert len(known) == 3
    first = known.iloc[0]
    assert (first["status"], first["quantity_affected"]) == ("to_ship", 0)
    assert pd.isna(first["cancelled_at"])
    assert pd.isna(first["cancelled_by"])
    assert known.iloc[2]["status"] == "shipped"
    assert orders["cancelled_at"].notna().sum() == 1, "the tables handed in stay as they are"


def test_a_return_refunded_later_was_still_running():
    back = returns({"refunded_at": "2026-11-20 10:00:00"}, {"requested_at": "2026-11-16 10:00:00"})
    known = cut_returns(back, date(2026, 11, 15))
    assert known["status"].tolist() == ["in_process"]
    assert known["refunded_at"].isna().all()


def test_the_mark_of_a_later_return_goes_with_it():
    orders = order_lines(
        {"after_sale": "return_refund", "quantity_affected": 1}, {"after_sale": "return_refund", "quantity_affected": 1}
    )
    back = returns({"requested_at": "2026-11-20 10:00:00"}, {})
    known = without_later_returns(orders, back, cut_returns(back, date(2026, 11, 15)))
    assert known["quantity_affected"].tolist() == [0, 1]


def test_the_same_week_reads_the_same_whenever_it_is_made():
    early = order_lines({"created_at": "2026-11-03 10:00:00", "order_id": "5000000000000001", "status": "to_ship"})
    late = order_lines(
        {
            "created_at": "2026-11-03 10:00:00",
            "order_id": "5000000000000001",
            "status": "cancelled",
            "cancelled_at": "2026-11-14 10:00:00",
            "cancelled_by": "seller",
            "cancel_reason_text": "Out of stock",
            "after_sale": "cancel",
            "quantity_affected": 1,
        },
        {"created_at": "2026-11-13 10:00:00", "order_id": "5000000000000002"},
    )
    then = study_shop(SHOP, intake_of(early, newest="2026-11-09 09:00:00"))
    again = study_shop(SHOP, intake_of(late), then.week)
    assert str(then.week) == "2026-W45"
    pd.testing.assert_frame_equal(then.rates, again.rates)


@pytest.mark.parametrize(
    ("newest", "created", "week"),
    [
        ("2026-11-16 09:00:00", "2026-11-10 10:00:00", "2026-W46"),
        ("2026-11-15 09:00:00", "2026-11-10 10:00:00", "2026-W45"),
        ("2026-11-15 23:59:59", "2026-11-15 20:00:00", "2026-W46"),
    ],
)
def test_the_latest_week_is_one_that_the_files_cover(newest, created, week):
    orders = order_lines({"created_at": "2026-10-20 10:00:00"}, {"created_at": created})
    assert str(study_shop(SHOP, intake_of(orders, newest=newest)).week) == week


def test_a_week_before_the_first_order_says_so():
    from cancel_analysis.weeks import parse_week

    with pytest.raises(SettingsError, match="no order before 2026-11-02"):
        study_shop(SHOP, intake_of(order_lines({})), parse_week("2026-W30"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"week": "W46"},
        {"week": 46},
        {"as_of": "15/11/2026"},
        {"period_days": 0},
        {"period_days": 400},
        {"period_days": "30"},
        {"period_days": True},
        {"market": "XX"},
        {"shop": None},
        {"category": 3},
    ],
)
def test_every_parameter_is_checked_before_a_file_is_read(tmp_path, wrong):
    with pytest.raises(SettingsError):
        open_study(tmp_path, **wrong)


def test_a_category_and_a_product_narrow_the_breakdown_but_not_the_verdict():
    orders = order_lines(
        {"category": "Lamps", "product_name": "Lamp", "sku_id": "S1"},
        {"category": "Cups", "product_name": "Cup", "sku_id": "S2"},
    )
    whole = study_shop(SHOP, intake_of(orders))
    lamps = study_shop(SHOP, intake_of(orders), category="Lamps")
    cup = study_shop(SHOP, intake_of(orders), product="S2")
    assert len(whole.period_orders) == 2
    assert lamps.period_orders["product_name"].tolist() == ["Lamp"]
    assert cup.period_orders["product_name"].tolist() == ["Cup"]
    pd.testing.assert_frame_equal(whole.rates, lamps.rates)


def test_a_category_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(SettingsError, match="Lamps"):
        study_shop(SHOP, intake_of(order_lines({"category": "Lamps"})), category="lamp")


def test_a_request_answered_later_was_open_then():
    requests = cancel_requests(
        {"status": "accepted", "updated_at": "2026-11-16 08:00:00"},
        {"status": "rejected", "updated_at": "2026-11-12 08:00:00"},
        {"created_at": "2026-11-16 00:00:00"},
    )
    assert cut_requests(requests, date(2026, 11, 15))["status"].tolist() == ["pending", "rejected"]


def test_a_week_that_the_files_do_not_cover_is_refused():
    intake = intake_of(order_lines({}))
    check_covered(SHOP, intake, date(2026, 11, 15))
    with pytest.raises(SettingsError, match=r"end on 2026-11-15.*2026-W46"):
        check_covered(SHOP, intake, date(2026, 11, 16))


def test_without_a_file_of_returns_their_rates_are_empty_not_zero():
    orders = order_lines({"delivered_at": "2026-11-05 10:00:00", "shipped_at": "2026-11-03 10:00:00"})
    silent, told = study_shop(SHOP, intake_of(orders)), study_shop(SHOP, intake_of(orders, returns({})))
    for name, rate in (("return_rate", silent), ("returned_item_rate", silent)):
        assert rate.rates.set_index("metric").loc[name, "rate"].isna().all()
    assert silent.rates.set_index("metric").loc["order_cancellation_rate", "rate"].notna().any()
    assert not silent.knows_returns
    assert told.knows_returns
    assert told.rates.set_index("metric").loc["return_rate", "rate"].notna().any()


def test_a_mark_in_the_order_export_tells_of_a_return_and_not_why():
    came_back = {"after_sale": "return_refund", "quantity_affected": 1, "order_refund_amount": 10.0}
    orders = order_lines({"delivered_at": "2026-11-05 10:00:00", "shipped_at": "2026-11-03 10:00:00", **came_back})
    marked = study_shop(SHOP, intake_of(orders))
    assert marked.knows_returns
    assert not marked.knows_return_reasons
    rates = marked.rates[marked.rates["window"] == 30].set_index("metric")
    assert rates.loc["return_rate", "rate"].tolist()[0] == 1
    for name in ("seller_fault_return_rate", "non_buyer_fault_return_rate"):
        assert rates.loc[name, ["rate", "low", "high", "rate_other"]].isna().all(axis=None)


def test_what_no_file_covers_is_no_quiet_time(tmp_path):
    """April and August and November in three files: nothing is compared across the months between them."""
    header = layouts.NATIVE_49
    for seed, month in enumerate(("2024-04", "2025-08", "2025-11")):
        rows, _ = layouts.shopee_month(header, seed, month=month, orders=240)
        layouts.write_workbook(tmp_path / f"{month}.xlsx", header, rows)
    opened = open_shop(tmp_path, market="ID", mapping="shopee-id")
    study = opened.study
    # The files hold orders of the 1st to the 30th of their month.
    assert study.holes == ((date(2024, 5, 1), date(2025, 7, 31)), (date(2025, 8, 31), date(2025, 10, 31)))
    for week in ("2025-W10", "2025-W41"):
        with pytest.raises(SettingsError, match=r"no file of shop .* covers"):
            opened.at(week)
    assert opened.at("2025-W33").week == "2025-W33"
    # All that compares looks at November alone.
    assert [change.weeks for change in study.changes] == [1]
    assert all(series.days["date"].min() >= pd.Timestamp("2025-11-01") for series in study.over_time)
    said = " ".join(exhibit.text for exhibit in verdict(study).exhibits if isinstance(exhibit, Prose))
    assert "No file covers" in said
    assert "2024" in said
