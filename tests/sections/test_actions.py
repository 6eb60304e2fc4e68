"""The first page's actions: in their order, each with a number and its range, nothing beside them contradicts them."""

from types import SimpleNamespace

import pandas as pd
import pytest

from cancel_analysis.diagnosis.standouts import Standout
from cancel_analysis.sections import actions as first_actions
from tests.frames import ZONE
from tests.sections.test_sentences import VOICE, places, standing

NO_REQUESTS = pd.DataFrame({"due": [], "deadline_at": [], "waits_for": []})
QUIET_DESK = SimpleNamespace(waiting=NO_REQUESTS, waiting_returns=NO_REQUESTS)


def worth(*rows, certain="", **changes):
    """What fixes are worth: (cause, orders, counted, standing, signal) each, the first worth most."""
    names = ["root_cause", "orders", "counted", "standing", "signal"]
    frame = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows], columns=names)
    frame = frame.assign(
        orders_low=12.2, orders_high=30.9, money_week=400.0, money_week_low=240.4, money_week_high=610.2,
        rate=0.022, low=0.016, high=0.030,
    )  # fmt: skip
    found = standing(standing="over", signal="above", verdict="breach", rate=0.041, numerator=41)
    values = {"deciding": found, "days": 30, "currency": "GBP", "certain": certain, **changes}
    return SimpleNamespace(
        frame=frame, of=lambda cause: next((r for _, r in frame.iterrows() if r["root_cause"] == cause), None), **values
    )


def waiting(*rows):
    frame = pd.DataFrame(rows, columns=["due", "deadline_at", "waits_for"])
    return frame.assign(deadline_at=pd.to_datetime(frame["deadline_at"]).dt.tz_localize(ZONE))


def judged(verdict):
    return SimpleNamespace(verdict=verdict, deciding=standing(), frame=None, reason="limits")


def actions(found, judgement, fixed, queue=QUIET_DESK):
    return list(first_actions.action_cards(found, judgement, fixed, queue, VOICE).cards)


@pytest.mark.parametrize(
    ("verdict", "key"), [("ok", "none"), ("cannot_tell", "few"), ("watch", "watch"), ("breach", "breach")]
)
def test_without_a_standout_the_advice_follows_the_verdict(verdict, key):
    (card,) = actions((), judged(verdict), worth())
    assert (card.action, card.worth, card.why) == (VOICE.words(f"action.{key}"), (), ())


def test_without_a_limit_the_advice_is_to_choose_one():
    judgement = SimpleNamespace(verdict="cannot_tell", standings=(), deciding=None, frame=None, reason="no_limits")
    (card,) = actions((), judgement, worth())
    assert card.action == VOICE.words("action.pack")
    assert "shops.yaml" not in card.action + card.detail, "a setting is no word for a seller"


def test_requests_that_run_out_come_first_and_nothing_quiet_contradicts_them():
    asked = waiting(
        ("soon", "2026-11-16 05:14", ""), ("soon", "2026-11-16 23:00", ""), ("later", "2026-11-17 12:00", ""),
        ("overdue", "2026-11-14 12:00", ""),
    )  # fmt: skip
    back = waiting(("soon", "2026-11-16 09:00", "buyer"), ("soon", "2026-11-16 10:00", "seller"))
    queue = SimpleNamespace(waiting=asked, waiting_returns=back)
    first, second = actions((), judged("ok"), worth(), queue)
    assert (first.action, first.by) == ("Answer 2 cancellation requests", "16 Nov 2026, 05:14 (the first)")
    assert first.detail == "Unanswered, they are accepted automatically."
    assert (second.action, second.by) == ("Answer one return request", "16 Nov 2026, 10:00")
    later = SimpleNamespace(waiting=asked.iloc[2:], waiting_returns=back.iloc[:1])
    assert [card.action for card in actions((), judged("ok"), worth(), later)] == [VOICE.words("action.none")]
    numbered = asked.assign(order_id=["577457661793325107", "577458761047129548", "1", "2"])
    queue = SimpleNamespace(waiting=numbered, waiting_returns=back.iloc[:0])
    assert actions((), judged("ok"), worth(), queue)[0].where == "Orders …5107, …9548"


def test_there_are_three_cards_at_most_and_what_runs_out_is_the_first():
    found = tuple(
        Standout(cause, "sku", places(("Lamp", 30, 100)), 30, 31, 29.0, rest_orders=10, rest_at_risk=1000)
        for cause in ("quality", "stock", "listing", "price")
    )
    queue = SimpleNamespace(waiting=waiting(("soon", "2026-11-16 05:14", "")), waiting_returns=NO_REQUESTS)
    cards = actions(found, judged("breach"), worth(), queue)
    assert [card.action for card in cards] == [
        "Answer one cancellation request", VOICE.words("card.quality.do"), VOICE.words("card.stock.do"),
    ]  # fmt: skip


def test_each_action_tells_what_its_places_cost_and_then_the_most_that_a_repair_brings():
    found = tuple(
        Standout(cause, "sku", places(("Lamp", 30, 100)), 30, 31, 29.0, rest_orders=10, rest_at_risk=1000)
        for cause in ("quality", "stock")
    )
    fixed = worth(("quality", 20, 19, "under", "below"), ("stock", 20, 0, "over", "above"))
    first, second = actions(found, judged("breach"), fixed)
    # Wilson of 30 of 100: 21.9 % to 39.6 %; of 10 of 1,000: 0.5 % to 1.8 %. The difference of 29 % by hand.
    low, high = 29 - ((30 - 21.895) ** 2 + (1.831 - 1) ** 2) ** 0.5, 29 + ((39.585 - 30) ** 2 + (1 - 0.544) ** 2) ** 0.5
    there = f"about 29 fewer orders would be lost here ({low:.0f} to {high:.0f})."
    assert first.why[-1] == f"At the rate of the rest of the shop, {there}"
    assert (first.action, first.where) == (VOICE.words("card.quality.do"), "Lamp")
    assert first.worth == (
        "Up to £400 (240–610) a week",
        "Seller-fault cancellation rate 4.1% → 2.2% (1.6–3.0%): within the limit",
    )
    # A cause that does not count in the deciding rate leaves it as it is.
    assert second.worth == ("Up to £400 (240–610) a week", "Up to 20 fewer orders lost in 30 days (12 to 31)")


def test_a_rise_is_held_against_the_weeks_before():
    rise = pd.DataFrame({"orders": [30], "at_risk": [100], "before_orders": [10], "before_at_risk": [1000]})
    one = Standout("stock", "weeks", places(("Lamp", 1, 9)).iloc[:0], 30, 31, 29.0, None, rise)
    assert first_actions.excess_sentence(one, VOICE) == (
        "At the rate before the rise, about 29 fewer orders would be lost (21 to 39)."
    )


@pytest.mark.parametrize(
    ("standing_then", "signal", "told"),
    [
        ("over", "cannot_tell", "still over"),
        ("under", "cannot_tell", "not surely"),
        ("near", "below", "within the limit"),
    ],
)
def test_what_a_fix_brings_is_said_no_surer_than_it_is(standing_then, signal, told):
    fixed = worth(("stock", 20, 19, standing_then, signal))
    assert told in " ".join(first_actions.worth_sentences("stock", fixed, VOICE))


def test_money_of_few_orders_has_no_range():
    row = worth(("stock", 2, 2, "under", "below")).of("stock")
    assert first_actions.money_week(row, "GBP", VOICE) == "£400 (too few for a range)"
    assert first_actions.money_week(row.replace(2, 3), "GBP", VOICE) == "£400 (240–610)"


def test_where_nothing_stands_out_a_cause_is_named_only_when_it_is_certainly_the_largest():
    named = worth(("stock", 30, 29, "under", "below"), certain="stock")
    (card,) = actions((), judged("breach"), named)
    assert card.action == VOICE.words("card.stock.do")
    assert card.why == ("Out of stock is the largest cause: 29 of the 41 orders that count here.",)
    assert [card.action for card in actions((), judged("ok"), named)] == [VOICE.words("action.none")]
