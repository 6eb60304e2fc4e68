"""What to do first, and what it is worth: the first page's actions, made from frames as all sentences are."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cancel_analysis.benchmarks.judgement import Judgement
from cancel_analysis.diagnosis.fixes import Fixes
from cancel_analysis.diagnosis.standouts import Standout
from cancel_analysis.exhibits.kinds import Line, Prose
from cancel_analysis.exhibits.speaker import Speaker, rate_label
from cancel_analysis.order_management.requests import RequestQueue
from cancel_analysis.sections.sentences import MOST_CAUSES

# A range of money from fewer orders would span everything from nothing to many times the amount.
LEAST_FOR_RANGE = 3


def actions_prose(
    found: tuple[Standout, ...], judgement: Judgement, worth: Fixes, queue: RequestQueue, speaker: Speaker
) -> Prose:
    """What to do first: requests that run out, then one action a cause that stands out, in the order of `found`;
    where none does, what the verdict alone allows to say, and a cause only when it is the largest beyond chance."""
    words = speaker.words
    lines = [Line(text, "action") for text in answer_sentences(queue, speaker)]
    for standout in found[:MOST_CAUSES]:
        action, saved = words(f"action.{standout.root_cause}"), worth_sentences(standout.root_cause, worth, speaker)
        lines.append(Line(" ".join([action, excess_sentence(standout, speaker), *saved]), "action"))
    if not found and worth.certain and judgement.verdict in ("breach", "watch"):
        saved = worth_sentences(worth.certain, worth, speaker)
        lines.append(Line(" ".join([certain_sentence(worth, speaker), *saved]), "action"))
    elif not found:
        quiet = "none_else" if lines else "none"
        key = {"ok": quiet, "cannot_tell": "few", "watch": "watch", "breach": "breach"}[judgement.verdict]
        if judgement.deciding is None:
            key = "pack"
        lines.append(Line(words(f"action.{key}"), "action"))
    return Prose("actions", tuple(lines), worth.frame)


def answer_sentences(queue: RequestQueue, speaker: Speaker) -> Iterator[str]:
    """A sentence for the cancellation requests, and one for the returns, that wait for the seller and soon run out."""
    back = queue.waiting_returns
    waiting = {"requests": queue.waiting, "returns": back[back["waits_for"] == "seller"]}
    for kind, frame in waiting.items():
        soon = frame[frame["due"] == "soon"]
        if len(soon):
            first = soon["deadline_at"].min()
            until = {"day": speaker.numbers.day(first), "time": f"{first:%H:%M}"}
            yield speaker.say(f"action.answer_{kind}", len(soon), **until)


def excess_sentence(found: Standout, speaker: Speaker) -> str:
    """How many lines fewer the rest's rate, or that before the rise, would have cost where the cause gathers."""
    low, high = found.excess_range
    key = "fix.places" if len(found.places) else "fix.rise"
    count = speaker.numbers.count
    return speaker.words(key, count=count(found.excess), low=count(low), high=count(high))


def certain_sentence(worth: Fixes, speaker: Speaker) -> str:
    """The largest cause of a shop over its limit, with how much of what counts it takes."""
    row, deciding = worth.of(worth.certain), worth.deciding
    assert row is not None
    assert deciding is not None
    return speaker.words(
        "action.certain",
        cause=speaker.words(f"cause.{worth.certain}"),
        count=speaker.numbers.count(row["counted"]),
        total=speaker.numbers.count(deciding.numerator),
    )


def worth_sentences(cause: str, worth: Fixes, speaker: Speaker) -> Iterator[str]:
    """What the period would have been without the whole cause, the most that a repair can bring: the deciding
    rate and whether it would be within the limit, or the orders where it does not count; then money a week."""
    words, numbers, row = speaker.words, speaker.numbers, worth.of(cause)
    if row is None or not row["orders"]:
        return
    if worth.deciding is not None and row["counted"]:
        within = row["standing"] != "over"
        state = "over" if not within else "within" if row["signal"] == "below" else "within_counted"
        first = words(
            "fix.rate",
            rate=rate_label(worth.deciding.limit.metric, words),
            before=numbers.percent(worth.deciding.rate),
            after=numbers.percent(row["rate"]),
            span=numbers.span(row["low"], row["high"]),
            state=words(f"fix.state.{state}"),
        )
    else:
        low, high = numbers.count(row["orders_low"]), numbers.count(row["orders_high"])
        first = speaker.say("fix.orders", int(row["orders"]), days=worth.days, low=low, high=high)
    parts = [first]
    if row["money_week"] > 0:
        parts.append(words("fix.money", money=money_week(row, worth.currency, speaker)))
    yield words("fix.whole", parts="; ".join(parts))


def money_week(row: pd.Series, currency: str, speaker: Speaker) -> str:
    """A cause's money a week with its range, from its row of `Fixes.frame`; of few orders without one."""
    numbers = speaker.numbers
    value = numbers.about(row["money_week"], currency)
    if row["orders"] < LEAST_FOR_RANGE:
        return speaker.words("fix.too_few", value=value) if row["orders"] else value
    low, high = numbers.about(row["money_week_low"], currency), numbers.about(row["money_week_high"], currency)
    return speaker.words("fix.range", value=value, low=low, high=high)
