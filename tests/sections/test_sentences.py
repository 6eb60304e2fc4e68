import re
from datetime import date
from types import SimpleNamespace

import pandas as pd

from cancel_analysis.catalog.rates import RATES
from cancel_analysis.catalog.words import words
from cancel_analysis.diagnosis.standouts import COLUMNS, Standout
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.sections import sentences

VOICE = Speaker(words("en"), NumberFormats("en"), "USD")


def standing(**changes):
    """A standing against a 2.5 % limit; only what a sentence reads."""
    limit = SimpleNamespace(
        metric="seller_fault_cancellation_rate", window_days=30, value=0.025, confidence="official", minimum_orders=0,
        date_basis="created", assumptions=(), pack="official",
    )  # fmt: skip
    values = {
        "limit": limit,
        "as_of": date(2026, 11, 15),
        "numerator": 12,
        "denominator": 1000,
        "rate": 0.012,
        "low": 0.007,
        "high": 0.021,
        "standing": "under",
        "signal": "below",
        "verdict": "ok",
        "may_be_luck": False,
        "effect": "",
        "nameless": False,
        "orders_more": None,
        "rate_least": 0.012,
        "verdict_least": "ok",
        "rate_other": 0.012,
        "verdict_other": "ok",
        "outlook": None,
    }
    return SimpleNamespace(**{**values, **changes})


def places(*rows):
    frame = pd.DataFrame([dict(zip(("label", "orders", "at_risk"), row, strict=True)) for row in rows])
    frame = frame.assign(
        root_cause="stock", dimension="sku", place=frame["label"], sku_ids="1", p_adjusted=0.001, rest_rate=0.01
    )
    frame["rate"], frame["excess"] = frame["orders"] / frame["at_risk"], frame["orders"] * 0.9
    return frame[COLUMNS]


def test_the_verdict_says_count_window_limit_and_interval():
    text = " ".join(sentences.decided(standing(), VOICE))
    for part in ("12 of 1,000", "30 days to 15 Nov 2026", "1.2%", "2.5% (official)", "the true rate is 0.7–2.1%"):
        assert part in text


def test_what_is_our_own_is_said_where_the_limit_decides():
    assumed = standing()
    assumed.limit.assumptions = ("window",)
    text = " ".join(sentences.decided(assumed, VOICE))
    assert "2.5% (official; the window is not stated, we use 30 days)" in text


def test_of_returns_still_to_come_no_range_is_said():
    one = standing(signal="cannot_tell", verdict="cannot_tell", standing="under")
    one.limit.metric = "seller_fault_return_rate"
    text = " ".join(sentences.decided(one, VOICE))
    assert VOICE.words("decided.so_far") in text
    assert "allowing for chance" not in text.lower()
    one.limit.date_basis = "event"
    assert VOICE.words("decided.so_far") not in " ".join(sentences.decided(one, VOICE))


def test_over_a_limit_by_luck_is_said_and_what_the_platform_does():
    text = " ".join(
        sentences.decided(
            standing(standing="over", verdict="breach", signal="cannot_tell", may_be_luck=True, effect="Points."), VOICE
        )
    )
    assert "bad luck" in text
    assert "From here on: points." in text
    assert ".." not in text
    assert "bad luck" not in " ".join(
        sentences.decided(standing(standing="over", verdict="breach", signal="above"), VOICE)
    )


def test_cannot_tell_says_how_many_orders_would_settle_it_unless_that_is_absurd():
    few = standing(standing="under", signal="cannot_tell", verdict="cannot_tell", denominator=40, orders_more=55)
    assert "About 55 more orders" in " ".join(sentences.decided(few, VOICE))
    for hopeless in (None, 900_000):
        far = standing(standing="near", signal="cannot_tell", verdict="watch", orders_more=hopeless)
        assert "hardly settle" in " ".join(sentences.decided(far, VOICE))


def test_the_other_reading_is_told_only_when_it_changes_the_verdict():
    other = standing(verdict_other="breach", rate_other=0.031)
    text = " ".join(sentences.decided(other, VOICE))
    assert "3.1%" in text
    assert "over a limit" in text
    assert "in doubt" not in " ".join(sentences.decided(standing(rate_other=0.02), VOICE))
    lower = standing(standing="over", verdict="breach", verdict_other="breach", rate_least=0.01)
    assert "Without the orders whose fault is in doubt it is 1.0%: within the limits." in sentences.decided(
        lower, VOICE
    )


def test_what_is_left_is_said_where_it_helps():
    left = SimpleNamespace(crosses_at=9, fewer=0, back_on=None, chance=0.12, likely=lambda: False)

    def said(**changes):
        return sentences.outlook_sentences(standing(**{"outlook": left, "verdict": "cannot_tell", **changes}), VOICE)

    assert said() == [
        "9 more cancellations put you over the limit. "
        "At the pace of recent weeks, that happens within 7 days in about 12 of 100 cases."
    ]
    assert said(standing="not_counted") == said(outlook=None) == []
    soon = SimpleNamespace(**{**vars(left), "chance": 0.7, "likely": lambda: True})
    assert "enough orders for the limit within 7 days" in said(standing="not_counted", outlook=soon)[0]
    safe = SimpleNamespace(**{**vars(left), "chance": 0.001, "crosses_at": 1})
    assert said(outlook=safe, verdict="ok") == []
    assert said(outlook=safe)[0].startswith("One more puts you over the limit")
    assert "fewer than 1 of 100" in said(outlook=safe)[0]
    # Nothing is said of a chance that is not known.
    assert said(outlook=SimpleNamespace(**{**vars(left), "chance": None})) == []
    over = SimpleNamespace(crosses_at=None, fewer=15, back_on=date(2026, 12, 4), chance=1.0)
    assert said(outlook=over, standing="over", verdict="breach") == [
        "You are 15 cancellations over the limit. With no new ones you are back under 2.5% on 4 Dec 2026."
    ]


def test_a_limits_room_fits_a_cell():
    row = {"standing": "under", "crosses_at": 26, "chance_7_days": 0.0, "fewer": 0, "back_on": pd.NaT}

    def cell(**changes):
        return sentences.room_label(pd.Series({**row, **changes}), VOICE)

    assert (cell(), cell(chance_7_days=0.12)) == ("26 more; <1%", "26 more; 12%")
    assert cell(chance_7_days=float("nan")) == "26 more"
    assert cell(standing="not_counted") == cell(crosses_at=pd.NA) == ""
    over = {"standing": "over", "fewer": 15, "crosses_at": pd.NA}
    assert cell(**over) == "15 too many"
    assert cell(**over, back_on=pd.Timestamp("2026-12-04")) == "15 too many; back within on 4 Dec 2026 at the earliest"


def test_a_standout_names_places_counts_and_both_rates():
    one = Standout(
        "stock", "sku", places(("Lamp (red)", 30, 100), ("Cup", 10, 100)), 40, 60, 36.0, None, None, 20, 2000, 30
    )
    text = sentences.standout_sentence(one, VOICE)
    for part in ("40 of 60", "2 SKUs", "Lamp (red); Cup", "20.0%", "1.0%", "in 30 days"):
        assert part in text


def test_many_places_are_cut_short_and_counted():
    one = places(*((f"P{n}", 10, 100) for n in range(9)))
    assert sentences.names_of(one, words("en")) == "P0; P1; P2; P3 and 5 more"


def test_every_cause_and_dimension_has_its_words():
    from cancel_analysis.diagnosis.causes import CAUSES, DEFAULT_PLACES, PLACES_OF

    text = words("en")
    for cause in CAUSES:
        assert text(f"cause.{cause}")
        assert text(f"action.{cause}")
        for dimension in (*PLACES_OF.get(cause, DEFAULT_PLACES), "weeks"):
            assert f"headline.{dimension}" in text.entries


def test_without_a_limit_there_is_no_verdict_and_that_is_said():
    judgement = SimpleNamespace(verdict="cannot_tell", standings=(), deciding=None, frame=None, reason="no_limits")
    assert "No limit is set" in sentences.verdict_prose(judgement, VOICE).text


def test_no_sentence_has_an_unfilled_brace():
    one = Standout("stock", "sku", places(("Lamp", 30, 100)), 30, 31, 27.0, None, None, 1, 900, 30)
    text = sentences.standout_sentence(one, VOICE) + " ".join(sentences.decided(standing(), VOICE))
    assert not re.search(r"[{}]", text)


def test_an_empty_window_is_not_called_too_few_orders():
    text = " ".join(
        sentences.decided(standing(standing="not_counted", signal="cannot_tell", denominator=0, numerator=0), VOICE)
    )
    assert "no order to count" in text
    assert "applies from" not in text


def test_every_further_rate_over_its_limit_is_told_once_with_what_follows():
    first = standing(standing="over", verdict="breach", signal="above", gives_verdict=True)
    late = {"metric": "late_dispatch_rate", "window_days": 7, "value": 0.1, "confidence": "official"}
    second = standing(
        limit=SimpleNamespace(**late), verdict="breach", gives_verdict=True, rate=0.3, effect="2 violation points."
    )
    other = SimpleNamespace(**{**late, "metric": "order_cancellation_rate", "confidence": "unverified"})
    advisory = standing(limit=other, verdict="breach", gives_verdict=False, rate=0.3, effect="Never told.")
    judgement = SimpleNamespace(verdict="breach", deciding=first, standings=(first, advisory, second, second))
    told = sentences.also_over(judgement, VOICE)
    assert len(told) == 2
    assert told[0].startswith("Also over its limit: Late dispatch rate, 30.0% over 7 days. The limit is 10%.")
    assert told[0].endswith("2 violation points.")
    assert told[1].startswith("Over an unofficial limit (unverified), which decides nothing: Order cancellation rate")
    assert "ever told" not in told[1]
    assert sentences.also_over(judgement, VOICE, ("order_cancellation_rate",)) == told[:1]


def test_a_rate_that_doubtful_cases_move_is_told_under_both_readings():
    rates = pd.DataFrame(
        {
            "metric": ["order_cancellation_rate", "seller_fault_cancellation_rate"],
            "basis": "created",
            "window": 30,
            "rate": [0.0, 0.02],
            "numerator": [0, 2],
            "numerator_least": [0, 2],
            "rate_least": [0.0, 0.02],
            "numerator_other": [9, 2],
            "rate_other": [0.09, 0.02],
        }
    )
    told = sentences.other_readings(rates, 30, VOICE)
    assert told == [
        "Order cancellation rate, 30 days: 0.0%, or 0.0% to 9.0%, as some orders can be counted "
        "either way: the files do not say who cancelled."
    ]
    assert all(
        f"decided.doubt_{name}" in VOICE.words.entries
        for name, rate in RATES.items()
        if rate.numerator_least or rate.numerator_other
    )
