from types import SimpleNamespace

import pytest

from cancel_analysis.diagnosis.standouts import Standout
from cancel_analysis.sections import headlines
from tests.sections.test_sentences import VOICE, places, standing


def headline(judgement, orders, days, found=(), without=None):
    fixes = SimpleNamespace(of=lambda cause: without)
    return headlines.headline(judgement, found, fixes, orders, days, "Lamp Shop", VOICE)


def test_a_cause_puts_a_shop_over_only_where_it_would_be_within_without_it():
    found = (Standout("stock", "sku", places(("Lamp", 30, 100)), 30, 31, 29.0),)
    over = standing(standing="over", verdict="breach", rate=0.041)
    judgement = SimpleNamespace(verdict="breach", deciding=over, reason="limits")
    within = {"counted": 19, "standing": "under"}
    assert headline(judgement, 900, 30, found, within) == (
        "Out-of-stock cancellations of one SKU put Lamp Shop over TikTok's 2.5% limit."
    )
    still = headline(judgement, 900, 30, found, {"counted": 19, "standing": "over"})
    assert still.startswith("Lamp Shop is over TikTok's 2.5% limit, and out-of-stock cancellations of one SKU")
    other = headline(judgement, 900, 30, found, {"counted": 0, "standing": "over"})
    assert "another matter" in other
    over.limit.pack = "my_pack"
    assert "your own 2.5% limit" in headline(judgement, 900, 30, found, within)


def test_too_close_to_call_is_not_called_too_few():
    close = standing(standing="under", signal="cannot_tell", verdict="cannot_tell", denominator=900)
    judgement = SimpleNamespace(verdict="cannot_tell", deciding=close, reason="limits")
    assert headline(judgement, 900, 30) == (
        "Lamp Shop may be on either side of TikTok's 2.5% limit: the orders are too few to tell."
    )
    few = SimpleNamespace(**{**vars(judgement), "deciding": standing(denominator=12)})
    assert "too few" in headline(few, 12, 30)
    none = SimpleNamespace(verdict="cannot_tell", deciding=None, reason="no_limits")
    assert "too few" not in headline(none, 900, 30)


def test_that_nothing_stands_out_is_said_only_where_it_could():
    known = {"cancelled_rows": 90, "cancelled_lost": 0, "lost_items": 50, "reasonless_items": 40}
    fixes = SimpleNamespace(of=lambda cause: None)
    none = SimpleNamespace(verdict="cannot_tell", deciding=None, reason="no_limits")
    good = SimpleNamespace(verdict="ok", deciding=standing(denominator=900), reason="limits")

    def said(judgement, **grounds):
        found = headlines.Grounds(**{**known, **grounds})
        return headlines.headline(judgement, (), fixes, 900, 30, "Lamp Shop", VOICE, None, found)

    assert said(none, lost_orders=40, unknown_share=0.8) == (
        "Lamp Shop lost items of 40 of 900 orders in 30 days. The reason is not known for 80% of the items, so no "
        "cause can be told."
    )
    assert "for 99% of the items" in said(none, lost_orders=40, unknown_share=0.996), "nearly all is not all"
    assert said(none, lost_orders=40, unknown_share=1.0, reasonless_items=50) == (
        "The files give no reason for any of the 50 items that Lamp Shop lost in 30 days, in 40 of 900 orders, so no "
        "cause can be told."
    )
    assert said(good, lost_orders=40, unknown_share=1.0, reasonless_items=50) == (
        "Lamp Shop is within its limits. The files give no reason for any of the 50 items that it lost in 30 days, in "
        "40 of 900 orders."
    )
    assert said(good, lost_orders=40, unknown_share=0.5).startswith(
        "Lamp Shop is within its limits. It lost items of 40"
    )
    assert said(none, lost_orders=40, unknown_share=0.1, cancelled_lost=60) == (
        "Lamp Shop: 60 of 90 cancellations in the files are in no rate, so it cannot be told what stands out."
    )
    for judgement in (none, good):
        assert "nothing stands out" in said(judgement, lost_orders=40, unknown_share=0.49).lower()
        assert "nothing stands out" in said(judgement, lost_orders=0, unknown_share=0.0).lower()


@pytest.mark.parametrize(
    ("orders", "said"),
    [(1, "Lamp Shop: one order in 7 days is too few"), (3, "Lamp Shop: 3 orders in 7 days are too few")],
)
def test_of_a_handful_of_orders_it_is_not_said_that_nothing_stands_out(orders, said):
    for verdict, deciding, reason in (
        ("ok", standing(denominator=orders), "limits"),
        ("cannot_tell", None, "no_limits"),
    ):
        judgement = SimpleNamespace(verdict=verdict, deciding=deciding, reason=reason)
        assert headline(judgement, orders, 7).startswith(said)
        assert "nothing stands out" in headline(judgement, headlines.FEW_ORDERS, 7).lower()
