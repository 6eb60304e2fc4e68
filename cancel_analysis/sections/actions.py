"""What to do now, and what it is worth: the first screen's cards, made from frames as all sentences are."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from cancel_analysis.benchmarks.judgement import Judgement
from cancel_analysis.diagnosis.actions import SHOP, Action, actions_of
from cancel_analysis.diagnosis.fixes import Fixes
from cancel_analysis.diagnosis.standouts import Standout
from cancel_analysis.exhibits.kinds import Card, Cards
from cancel_analysis.exhibits.speaker import Speaker, rate_label
from cancel_analysis.order_management.requests import RequestQueue
from cancel_analysis.sections.sentences import names_of, since_sentence, standout_sentence

# A range of money from fewer orders would span everything from nothing to many times the amount.
LEAST_FOR_RANGE = 3
# More cards would be a list, and a list is not done now.
MOST_CARDS = 3
# More names would hide the card; all of them stand in the picture below.
NAMED_ORDERS = 3


def action_cards(
    found: tuple[Standout, ...],
    judgement: Judgement,
    worth: Fixes,
    queue: RequestQueue,
    speaker: Speaker,
    since: dict[str, date] | None = None,
    done: Mapping[str, str] | None = None,
) -> Cards:
    """What to do now: requests that run out, then one card a cause that stands out, in the order of `found`.

    Where none does, what the verdict alone allows to say, and a cause only when it is the largest beyond chance.
    `since` has the day that is told for the rise of a cause; `done` what came of actions that are not asked for again
    (id → sentence, `sections.outcomes.dealt_with`): they are one card, the last.
    """
    words, done = speaker.words, done or {}
    cards = list(answer_cards(queue, speaker))
    cards += [
        _standout_card(standout, worth, speaker, since or {}, done)
        for standout in found
        if any(action.id not in done for action in actions_of(standout))
    ]
    certain = Action(worth.certain, SHOP, "").id if worth.certain else ""
    told = [done[name] for name in dict.fromkeys([*_ids(found), certain]) if name in done]
    if not found and worth.certain and certain not in done and judgement.verdict in ("breach", "watch"):
        cards.append(
            Card(
                words(f"card.{worth.certain}.do"),
                words(f"card.{worth.certain}.how"),
                by=words(f"card.{worth.certain}.by"),
                worth=tuple(worth_sentences(worth.certain, worth, speaker)),
                why=(certain_sentence(worth, speaker),),
                ids=(certain,),
            )
        )
    elif not found and not cards and not told:
        key = {"ok": "none", "cannot_tell": "few", "watch": "watch", "breach": "breach"}[judgement.verdict]
        if judgement.deciding is None:
            key = "pack"
        elif key == "few" and judgement.deciding.nameless:
            # More orders would not tell who cancelled.
            key = "nameless"
        cards.append(Card(words(f"action.{key}"), words(f"action.{key}_how")))
    labels = (words("card.where"), words("card.by"), words("card.worth"), words("card.why"))
    if told:
        title = words("action.done_alone" if not cards else "action.done")
        cards = [*cards[: MOST_CARDS - 1], Card(title, words.sentences(dict.fromkeys(told)))]
    shown = tuple(cards[:MOST_CARDS])
    return Cards("actions", words("card.title"), shown, labels, worth.frame, words("card.ids"))


def _ids(found: Iterable[Standout]) -> list[str]:
    return [action.id for standout in found for action in actions_of(standout)]


def _standout_card(
    standout: Standout, worth: Fixes, speaker: Speaker, since: dict[str, date], done: Mapping[str, str]
) -> Card:
    words, cause = speaker.words, standout.root_cause
    left = [action.id not in done for action in actions_of(standout)]
    where = names_of(standout.places[left], words) if len(standout.places) else words("card.everywhere")
    why = [standout_sentence(standout, speaker, since.get(cause))]
    if standout.dimension != "weeks" and standout.rise is not None:
        why.append(since_sentence(standout, speaker, since.get(cause)))
    why.append(excess_sentence(standout, speaker))
    return Card(
        words(f"card.{cause}.do"),
        words(f"card.{cause}.how"),
        where=where,
        by=words(f"card.{cause}.by"),
        worth=tuple(worth_sentences(cause, worth, speaker)),
        why=tuple(why),
        ids=tuple(name for name in _ids((standout,)) if name not in done),
    )


def answer_cards(queue: RequestQueue, speaker: Speaker) -> Iterator[Card]:
    """A card for the cancellation requests, and one for the returns, that wait for the seller and soon run out."""
    back = queue.waiting_returns
    waiting = {"requests": queue.waiting, "returns": back[back["waits_for"] == "seller"]}
    for kind, frame in waiting.items():
        soon = frame[frame["due"] == "soon"]
        if len(soon):
            first = soon["deadline_at"].min()
            yield Card(
                speaker.say(f"action.answer_{kind}", len(soon)),
                speaker.say(f"action.answer_{kind}_how", len(soon)),
                where=_orders(soon, speaker),
                by=speaker.say("action.answer_by", len(soon), day=speaker.numbers.day(first), time=f"{first:%H:%M}"),
            )


def _orders(soon: pd.DataFrame, speaker: Speaker) -> str:
    """The orders by their last four digits, the first to run out in front; nothing where no number is known."""
    if "order_id" not in soon:
        return ""
    numbers = [str(number)[-4:] for number in soon.sort_values("deadline_at")["order_id"].dropna()]
    more = len(numbers) - NAMED_ORDERS
    named = speaker.words.listed(f"…{number}" for number in numbers[:NAMED_ORDERS])
    if more > 0:
        named = speaker.words("action.more_orders", orders=named, count=more)
    return speaker.say("action.orders", len(numbers), orders=named) if numbers else ""


def excess_sentence(found: Standout, speaker: Speaker) -> str:
    """How many orders fewer the rest's rate, or that before the rise, would have cost where the cause gathers."""
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
    if row["money_week"] > 0:
        yield words("fix.money", money=money_week(row, worth.currency, speaker))
    yield first


def money_week(row: pd.Series | Mapping[Hashable, Any], currency: str, speaker: Speaker) -> str:
    """A cause's money a week with its range, from its row of `Fixes.frame`; of few orders without one."""
    numbers = speaker.numbers
    value = numbers.about(row["money_week"], currency)
    if row["orders"] < LEAST_FOR_RANGE:
        return speaker.words("fix.too_few", value=value) if row["orders"] else value
    span = numbers.short_span(row["money_week_low"], row["money_week_high"])
    return speaker.words("fix.range", value=value, span=span)
