"""How rates, reasons and counts are called in the report's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cancel_analysis.catalog.rates import find_rate, so_far
from cancel_analysis.catalog.reason_tables import reasons
from cancel_analysis.catalog.words import Words
from cancel_analysis.exhibits.number_formats import NumberFormats, missing

if TYPE_CHECKING:
    import pandas as pd


def reason_label(reason: str, words: Words) -> str:
    """A reason in the report's language; the catalog's own label where no words exist for it."""
    known = reasons()
    return words.get(f"reason.{reason}", known[reason].label if reason in known else reason)


@dataclass(frozen=True)
class Speaker:
    """What every sentence needs: words, numbers, the shop's currency."""

    words: Words
    numbers: NumberFormats
    currency: str

    def say(self, key: str, count: int, /, **values: Any) -> str:
        """The sentence of `key`, or its form for a single thing; `count` is filled in."""
        singular = f"{key}_one"
        chosen = singular if count == 1 and singular in self.words.entries else key
        return self.words(chosen, count=self.numbers.count(count), **values)


def rate_label(metric: str, words: Words) -> str:
    """A rate's name in the report's language; its English label where no words exist for it."""
    return words.get(f"rate.{metric}", find_rate(metric).label)


def event_label(event: str, words: Words) -> str:
    """A holiday or sales day in the report's language; that it is one where no words exist for it."""
    return words.parts(dict.fromkeys(_event_name(name, words) for name in event.split("; ")))


def _event_name(name: str, words: Words) -> str:
    # A holiday that is moved or not sure yet is the same holiday.
    for known in (name, name.partition(" (")[0]):
        if words.said(known) != known:
            return words.said(known)
    # The names of sales days such as 11.11 need no words.
    return name if name[:1].isdigit() else words.get("signals.event_unnamed", name)


def rate_label_so_far(metric: str, basis: str, words: Words) -> str:
    """A rate's name, marked where its returns are still to come."""
    label = rate_label(metric, words)
    return words("table.so_far", rate=label) if so_far(metric, basis) else label


def points(change: object, voice: Speaker) -> str:
    """A difference of two rates in percentage points, with its sign."""
    if missing(change):
        return voice.numbers.percent(None)
    # The sign is that of what is shown: a difference that rounds to nothing has none.
    value = round(100 * float(str(change)), 1)
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + voice.numbers.decimal(abs(value))


def count_of(frame: pd.DataFrame, above: str, below: str, voice: Speaker) -> list[str]:
    """`12 of 340` of each row."""
    numbers = voice.numbers
    pairs = zip(frame[above], frame[below], strict=True)
    return [voice.words("table.count_of", count=numbers.count(x), total=numbers.count(n)) for x, n in pairs]


def sureness(confidence: str, assumptions: Iterable[str], days: int, words: Words) -> str:
    """How sure a limit is, in words, with what is ours where its source does not say it.

    "official; the window is not stated, we use 30 days". `assumptions` are keys of the catalog's `ASSUMPTIONS`,
    `days` the limit's window.
    """
    ours = [words(f"assumption.{key}", days=days) for key in assumptions]
    return words.parts([words(f"confidence.{confidence}"), *ours])
