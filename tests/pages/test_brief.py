"""The morning brief: yesterday by hand, both clocks, what crossed, what runs out, and a message that fits a chat."""

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.exhibits.kinds import Fold
from cancel_analysis.loaders import Intake, ShopIntake
from cancel_analysis.loaders.parsing.account import Account
from cancel_analysis.pages import brief as briefs
from cancel_analysis.pages import brief_sections as sections_brief
from cancel_analysis.pages.brief import Brief, brief_of, open_brief, shop_brief
from cancel_analysis.pages.brief_figures import RATES, platform_day
from cancel_analysis.pages.brief_text import message, written
from cancel_analysis.pages.shop_rows import page_speaker
from cancel_analysis.report.contents import KEYS
from cancel_analysis.study.many_shops import Failure
from cancel_analysis.study.one_shop import study_shop
from tests.frames import cancel_requests, order_lines

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
DAY = date(2026, 11, 15)
REASONS = {"stock": "Out of stock", "mind": "No longer needed"}


def account(kind, frame, newest="2026-11-16 09:00:00"):
    files = pd.DataFrame({"file": ["f.csv"], "newest": [pd.Timestamp(newest)]})
    none = pd.DataFrame()
    return Account(kind, len(frame), 0, 0, 0, 0, len(frame), files, none, none, ())


def study_of(*rows, requests=None, day=DAY, newest="2026-11-16 09:00:00", **settings):
    shop = make_shop({"id": "shop", "name": "Shop", "market": "TH", **settings})
    orders = order_lines(*rows, zone=shop.timezone)
    asked = None if requests is None else Intake(requests, account("requests", requests))
    intake = ShopIntake(Intake(orders, account("orders", orders, newest)), requests=asked)
    return study_shop(shop, intake, as_of=day)


def order(n, created, cancelled=None, by="seller", reason="Out of stock", paid=True):
    row = {"order_id": f"57{n:014d}", "created_at": created, "paid_at": created if paid else None}
    if cancelled:
        row |= {"status": "cancelled", "after_sale": "cancel", "cancelled_at": cancelled, "cancelled_by": by,
                "cancel_reason_text": reason, "quantity_affected": 1}  # fmt: skip
    return row


YESTERDAY = [
    order(1, "2026-11-15 09:00:00", "2026-11-15 10:00:00"),
    order(2, "2026-11-10 09:00:00", "2026-11-15 10:00:00"),
    order(3, "2026-11-15 09:00:00", "2026-11-15 11:00:00", "buyer", "No longer needed"),
    order(4, "2026-11-15 12:00:00"),
    order(5, "2026-11-15 12:00:00"),
    order(6, "2026-11-15 23:30:00"),
    order(7, "2026-11-14 09:00:00", "2026-11-14 10:00:00"),  # the day before
    order(8, "2026-11-15 09:00:00", "2026-11-15 20:00:00", "system", "Unpaid order", paid=False),
    order(9, "2026-11-15 09:00:00", "2026-11-16 08:00:00"),  # cancelled after the day: not known yet
]


def test_yesterday_is_counted_by_the_day_it_happened():
    one = shop_brief(study_of(*YESTERDAY), DAY)
    both, fault = one.figure("order_cancellation_rate"), one.figure("seller_fault_cancellation_rate")
    assert (both["numerator"], both["denominator"]) == (3, 7), "two by the seller and one by the buyer; 7 orders placed"
    assert (fault["numerator"], fault["denominator"]) == (2, 6), "of the orders paid"
    low, high = stats.chi2.ppf(0.025, 6) / 2 / 7, stats.chi2.ppf(0.975, 8) / 2 / 7
    assert (both["low"], both["high"]) == (pytest.approx(low), pytest.approx(high))
    assert both["usual"] == pytest.approx(1 / 2), "the day before: one of two orders placed in the 28 days"


def test_the_rates_are_those_of_the_cube():
    from cancel_analysis.rates.cube import window_figures

    for shop in ("us-harbor-home", "id-toko-gadget"):
        one = opened_brief(shop)
        study_ = cut(shop)
        for metric in RATES:
            found = window_figures(study_.cube, metric, 1, [DAY], basis="event").iloc[0]
            mine = one.figure(metric)
            for name in ("numerator", "denominator", "low", "high"):
                assert mine[name] == pytest.approx(found[name]), (shop, metric, name)


def test_the_commonest_reasons_of_yesterday():
    one = shop_brief(study_of(*YESTERDAY), DAY)
    assert one.reasons["reason"].tolist() == ["out_of_stock", "no_longer_needed"]
    assert one.reasons["orders"].tolist() == [2, 1]
    assert one.reasons["share"].tolist() == [pytest.approx(2 / 3), pytest.approx(1 / 3)]


def test_at_most_three_reasons():
    texts = ("Out of stock", "No longer needed", "Pricing error", "Wrong address")
    rows = [order(n, "2026-11-15 08:00:00", "2026-11-15 09:00:00", reason=texts[n % 4]) for n in range(12)]
    assert len(shop_brief(study_of(*rows), DAY).reasons) <= 3


@pytest.mark.parametrize(
    ("zone", "day", "starts", "ends"),
    [
        # 04:00 UTC is 11:00 in Bangkok: yesterday's last whole day of the platform ended at 11:00 of yesterday.
        ("Asia/Bangkok", DAY, "2026-11-14 11:00", "2026-11-15 11:00"),
        ("Europe/London", DAY, "2026-11-14 04:00", "2026-11-15 04:00"),
        ("America/Los_Angeles", DAY, "2026-11-14 20:00", "2026-11-15 20:00"),
        # Summer time: 04:00 UTC is midnight in New York, so the two days are one.
        ("America/New_York", date(2026, 7, 15), "2026-07-15 00:00", "2026-07-16 00:00"),
        ("America/New_York", DAY, "2026-11-14 23:00", "2026-11-15 23:00"),
        ("Pacific/Auckland", DAY, "2026-11-14 17:00", "2026-11-15 17:00"),
    ],
)
def test_the_platforms_last_whole_day_in_the_shops_time(zone, day, starts, ends):
    shop = make_shop({"id": "shop", "market": "US", "timezone": zone})
    found = [one.tz_convert(zone).strftime("%Y-%m-%d %H:%M") for one in platform_day(shop, day)]
    assert found == [starts, ends]
    assert all(one.tz_convert("UTC").hour == 4 for one in platform_day(shop, day))


def test_orders_are_counted_on_the_platforms_clock_too():
    one = shop_brief(study_of(*YESTERDAY), DAY)
    theirs = one.figure("order_cancellation_rate", "platform")
    assert f"{theirs['starts']:%d %H:%M}" == "14 11:00"
    # Placed from the 14th 11:00 to the 15th 11:00: 1, 3, 8 and 9; cancelled then: 1 and 2 (3 at 11:00 sharp is later).
    assert (theirs["numerator"], theirs["denominator"]) == (2, 4)


def request(n, created, status="pending"):
    return {"order_id": f"57{n:014d}", "request_id": f"60{n:014d}", "created_at": created, "status": status}


def test_requests_that_run_out_today():
    # Thailand: a day to answer.
    asked = cancel_requests(
        request(4, "2026-11-15 12:30:00"),  # runs out on the 16th
        request(5, "2026-11-14 20:00:00"),  # ran out yesterday evening
        request(6, "2026-11-15 23:50:00", "rejected"),
    )
    one = shop_brief(study_of(*YESTERDAY, requests=asked), DAY)
    row = one.requests.set_index("kind").loc["cancellation"]
    assert (row["today"], row["overdue"], row["waiting"]) == (1, 1, 2)
    assert row["first"] == "2026-11-16T12:30:00+07:00", "a day after it was asked"
    assert one.run_out_today == 1


def test_a_shop_without_request_files_says_so():
    plain = shop_brief(study_of(*YESTERDAY), DAY)
    assert plain.requests.empty
    asked = replace(plain, shop=replace(plain.shop, id="b", name="Asked"), requests=pd.DataFrame(
        {"kind": ["cancellation"], "today": [2], "overdue": [0], "waiting": [3], "first": ["2026-11-16T09:00:00"]},
    ))  # fmt: skip
    none = pd.DataFrame(columns=["shop", "name", "market", "cause"])
    table = folded(Brief(DAY, (plain, asked), none))["brief_requests"]
    assert table.note == "No file says what is waiting: Shop."
    assert "not known" in folded(Brief(DAY, (plain,), none))["brief_requests"].text


def folded(brief):
    """The exhibits in the folds of the page, by name."""
    folds = [fold for fold in sections_brief.evidence(brief).exhibits if isinstance(fold, Fold)]
    return {exhibit.name: exhibit for fold in folds for exhibit in fold.exhibits}


def test_own_lines_that_were_crossed_come_first():
    rows = [order(n, "2026-11-13 09:00:00") for n in range(20, 40)]
    quiet, loud = study_of(*rows, *YESTERDAY[3:6]), study_of(*rows, *YESTERDAY, alerts={7: 0.05, 30: 0.3})
    brief = brief_of([replace_id(quiet, "quiet"), replace_id(loud, "loud")], DAY)
    assert [one.shop.id for one in brief.shops] == ["loud", "quiet"]
    lines = brief.shops[0].lines.set_index("window_days")["change"]
    # On the 14th: one of 21 orders of seven days, 4.8 %; on the 15th three more.
    assert lines.to_dict() == {7: "crossed", 30: "under"}
    assert brief.verdict == "breach"
    assert "CROSSED: Order cancellation rate, 7 days" in text_of(brief)


def test_a_page_that_knows_most_shops_not_is_not_well():
    rows = [order(n, f"2026-11-{1 + n % 15:02d} 09:00:00") for n in range(20, 620)]
    quiet, old = study_of(*rows), study_of(*YESTERDAY[6:7], newest="2026-11-14 23:59:59")
    assert brief_of([quiet], DAY).verdict == "ok"
    assert brief_of([quiet, replace_id(old, "a")], DAY).verdict == "ok"
    assert brief_of([quiet, replace_id(old, "a"), replace_id(old, "b")], DAY).verdict == "cannot_tell"
    few = study_of(*rows[:20])
    assert brief_of([few], DAY).verdict == "cannot_tell", "one that nobody can judge is not called well"
    assert brief_of([few, replace_id(quiet, "a")], DAY).verdict == "ok"


def replace_id(one, name):
    return replace(one, shop=replace(one.shop, id=name, name=name.title()))


def text_of(brief):
    return written(message(brief, page_speaker("en")))


def test_files_that_end_earlier_say_nothing_of_yesterday():
    old = study_of(*YESTERDAY[6:7], newest="2026-11-14 23:59:59")
    one = shop_brief(old, DAY)
    assert not one.known
    assert len(one.figures) == 0
    brief = brief_of([old], DAY)
    assert brief.verdict == "cannot_tell"
    text = text_of(brief)
    assert "the files end on 14 Nov 2026" in text
    assert "0 cancelled" not in text
    assert "Nothing is known of yesterday" in text


def test_one_failing_shop_is_listed_and_the_others_are_told(monkeypatch):
    whole = brief_of([study_of(*YESTERDAY), Failure("bad", "Bad Shop", "US", "orders.csv is empty")], DAY)
    assert whole.failures["shop"].tolist() == ["bad"]
    assert len(whole.shops) == 1
    assert "Bad Shop: could not be read (orders.csv is empty)" in text_of(whole)

    def fail(*_):
        raise ZeroDivisionError("/home/someone/secret/orders.csv: x")

    monkeypatch.setattr(briefs, "top_reasons", fail)
    broken = brief_of([study_of(*YESTERDAY)], DAY)
    (cause,) = broken.failures["cause"]
    assert cause.startswith("ZeroDivisionError")
    assert "secret" not in cause, "no folder of this machine, and nothing that another library says"


@cache
def opened(shop=""):
    return open_brief(SAMPLE, "2026-11-15", shop)


def opened_brief(shop):
    return next(one for one in opened().shops if one.shop.id == shop)


@cache
def cut(shop):
    from cancel_analysis.study.one_shop import open_study

    return open_study(SAMPLE, shop, as_of="2026-11-15")


def test_the_sample_has_six_shops_on_one_page():
    brief = opened()
    assert len(brief.shops) == 6
    assert brief.failures.empty
    text = text_of(brief)
    assert len(text) <= 1500
    for one in brief.shops:
        assert one.shop.name in text
    assert "04:00 UTC" in text
    facts = sections_brief.brief_contents(brief)
    assert set(KEYS) - {"language", "exhibits", "versions", "renderer"} <= set(facts)
    assert facts["text"] == text
    named = [line["name"] for line in facts["text_lines"] if line["name"]]
    assert named == [f"{one.shop.name} ({one.shop.market})" for one in brief.shops if not one.is_quiet]
    assert "\n".join(line["name"] + line["text"] for line in facts["text_lines"]) == text


def test_the_planted_late_shop_is_still_over():
    late = opened_brief("th-siam-beauty")
    assert set(late.changes("still_over")["metric"]) == {"seller_fault_cancellation_rate", "late_dispatch_rate"}
    assert late.reasons["orders"].sum() > 0
    assert np.all(late.figures["denominator"] > 0)


def test_what_at_least_half_of_the_counted_orders_were_lost_to_leads():
    placed = [order(n, "2026-11-12 09:00:00") for n in range(20, 60)]
    lost = [order(n, "2026-11-12 09:00:00", "2026-11-13 09:00:00") for n in range(60, 66)]
    priced = [order(n, "2026-11-12 09:00:00", "2026-11-13 09:00:00", reason="Pricing error") for n in range(66, 68)]
    study = study_of(*placed, *lost, *priced)
    deciding = next(each for each in study.judgement.standings if each.limit.metric == "seller_fault_cancellation_rate")
    found = briefs.leading_cause(study, deciding)
    assert (found.root_cause, found.count, found.total) == ("stock", 6, int(deciding.numerator)) == ("stock", 6, 8)
    assert found.days == deciding.limit.window_days


def test_what_the_platform_fulfils_does_not_lead_where_the_limit_leaves_it_out():
    placed = [order(n, "2026-11-10 09:00:00") for n in range(200, 300)]
    own = [order(n, "2026-11-10 09:00:00", "2026-11-12 09:00:00") for n in range(10)]
    theirs = [
        {**order(n, "2026-11-10 09:00:00", "2026-11-12 09:00:00", reason="Pricing error"),
         "fulfillment_type": "Fulfillment by TikTok Shop"}
        for n in range(20, 40)
    ]  # fmt: skip
    study = study_of(*placed, *own, *theirs, market="US")
    deciding = next(each for each in study.judgement.standings if each.limit.metric == "seller_fault_cancellation_rate")
    assert deciding.limit.fbt_out[0]
    found = briefs.leading_cause(study, deciding)
    assert (found.root_cause, found.count, found.total) == ("stock", 10, 10)
    assert found.total == deciding.numerator


def test_a_shop_over_a_limit_is_urgent_whatever_its_own_lines_watch():
    over = shop_brief(study_of(*YESTERDAY, alerts={30: 0.99}), DAY)
    assert (over.verdict, over.lines_over, over.run_out_today) == ("breach", 0, 0)
    assert over.needs
    assert over.is_over_unwatched
    assert not over.is_quiet
    calm = replace_id(replace(over, verdict="ok"), "calm")
    assert not calm.needs
    watched, unknown = (replace_id(replace(over, verdict=verdict), verdict) for verdict in ("watch", "cannot_tell"))
    assert sorted((calm, unknown, watched, over), key=lambda entry: entry.urgency)[:2] == [over, watched]
    none = pd.DataFrame(columns=["shop", "name", "market", "cause"])
    verdicts = [Brief(DAY, shops, none).verdict for shops in ((calm, over), (calm, watched), (calm,))]
    assert verdicts == ["breach", "watch", "ok"]
    text = text_of(Brief(DAY, (over, calm), none))
    assert "One shop is over a limit that its own alert lines do not watch." in text
    assert "Over a limit: Late dispatch rate 100.0%." in text
    assert "No alert line" not in text


def test_the_line_shows_what_a_report_of_the_day_would_show():
    for shop in ("id-toko-gadget", "us-harbor-home"):
        mine, study_ = opened_brief(shop), cut(shop)
        assert mine.verdict == study_.judgement.verdict
        assert mine.tile.number == pytest.approx(study_.judgement.deciding.rate)
        assert mine.tile.name == study_.judgement.deciding.limit.metric
    assert opened_brief("id-toko-gadget").leading.root_cause == "stock"
    assert opened_brief("us-harbor-home").leading is None, "a shop that is well has nothing to be lowered"


def test_latest_is_the_last_day_that_any_file_covers():
    assert open_brief(SAMPLE, shops="sg-orchid-import, us-harbor-home").day == DAY
