"""The report's first sentence, its finding, made from what was judged and what stands out; nothing is computed here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from cancel_analysis.benchmarks.judgement import Judgement
from cancel_analysis.diagnosis.fixes import Fixes
from cancel_analysis.diagnosis.standouts import Standout
from cancel_analysis.exhibits.speaker import Speaker, rate_label
from cancel_analysis.sections.sentences import names_of

# Below this a shop's figures are called too few; above it a limit is just too close to call.
FEW_ORDERS = 100
# From this share of what is not known on, nothing can be said to stand out or not.
MOSTLY = 0.5


@dataclass(frozen=True)
class Grounds:
    """What a headline rests on: orders that lost items after payment, these items, how many of them the files give no
    reason for, the share whose reason is not known, and of the files' cancelled rows how many no rate counts."""

    lost_orders: int
    lost_items: int
    reasonless_items: int
    unknown_share: float
    cancelled_rows: int
    cancelled_lost: int


def headline(
    judgement: Judgement,
    found: tuple[Standout, ...],
    fixes: Fixes,
    orders: int,
    days: int,
    shop: str,
    speaker: Speaker,
    since: date | None = None,
    grounds: Grounds | None = None,
) -> str:
    """The report's first sentence, its finding: where the shop stands, and what puts it there where that is known.

    `found` has the cause to be told first in front and `since` the day that is told for its rise; `orders` and
    `days` are the size of the period. A cause is said to put the shop over its limit only where the shop would be
    within it without the cause (`fixes`). That nothing stands out is said only where the files (`grounds`) explain
    most of what was lost and most of their cancellations count.
    """
    words, numbers, deciding = speaker.words, speaker.numbers, judgement.deciding
    values: dict[str, str] = {"shop": shop}
    if deciding is not None:
        values |= {
            "limit": numbers.limit(deciding.limit.value),
            "owner": words(f"headline.owner_{'platform' if deciding.limit.pack == 'official' else 'own'}"),
            "rate": rate_label(deciding.limit.metric, words),
            "value": numbers.percent_apart(deciding.rate, deciding.limit.value),
        }
    if found:
        cause = found[0].root_cause
        place = place_said(found[0], speaker, since)
        values["cause"] = words("headline.cause_at", cause=words(f"headline.cause.{cause}"), place=place).strip()
        row = fixes.of(cause)
        key = "found"
        if deciding is not None and judgement.verdict == "breach":
            counted = row is not None and row["counted"] > 0
            without = counted and row is not None and row["standing"] != "over"
            key = "put_over" if without else "part_over" if counted else "over_and"
        elif deciding is not None and judgement.verdict == "ok":
            key = "ok_but"
        elif deciding is not None and judgement.verdict == "watch":
            key = "near_and"
        said = words(f"headline.{key}", **values)
        return said[:1].upper() + said[1:]
    if key := open_ground(judgement, grounds, orders):
        assert grounds is not None
        form = ""
        if key == "unexplained":
            none_given = grounds.reasonless_items == grounds.lost_items
            form = ("_all" if none_given else "") + ("_ok" if deciding is not None else "")
        said = words(f"headline.{key}{form}", **values, **_ground_values(grounds, orders, days, speaker))
        return said[:1].upper() + said[1:]
    if deciding is None:
        return words("headline.no_limit", **values) if orders >= FEW_ORDERS else _few(orders, days, shop, speaker)
    if judgement.verdict == "breach":
        return words("headline.over", **values)
    if judgement.verdict == "watch":
        return words("headline.near" if deciding.standing != "over" else "headline.target", **values)
    if judgement.verdict == "cannot_tell" and deciding.denominator >= FEW_ORDERS:
        return words("headline.nameless" if deciding.nameless else "headline.either", **values)
    if judgement.verdict == "ok" and orders >= FEW_ORDERS:
        return words("headline.ok", **values)
    # That nothing stands out is a finding only where something could.
    return _few(orders, days, shop, speaker)


def open_ground(judgement: Judgement, grounds: Grounds | None, orders: int) -> str:
    """Why a headline without a standout cannot say whether anything stands out: `unexplained` (most reasons are not
    known), `partly_known` (most cancellations are in no rate); empty where it can, or a limit says more."""
    if grounds is None or orders < FEW_ORDERS or not (judgement.deciding is None or judgement.verdict == "ok"):
        return ""
    if grounds.lost_orders and grounds.unknown_share >= MOSTLY:
        return "unexplained"
    if grounds.cancelled_lost and grounds.cancelled_lost >= MOSTLY * grounds.cancelled_rows:
        return "partly_known"
    return ""


def _ground_values(grounds: Grounds, orders: int, days: int, speaker: Speaker) -> dict[str, str | int]:
    count = speaker.numbers.count
    return {
        "lost": count(grounds.lost_orders),
        "items": count(grounds.lost_items),
        "orders": count(orders),
        "days": days,
        # Rounded down: nearly all is not all.
        "share": speaker.numbers.percent(math.floor(100 * grounds.unknown_share + 1e-9) / 100, 0),
        "gone": count(grounds.cancelled_lost),
        "cancelled": count(grounds.cancelled_rows),
    }


def _few(orders: int, days: int, shop: str, speaker: Speaker) -> str:
    return speaker.say("headline.few", orders, days=days, shop=shop)


def place_said(found: Standout, speaker: Speaker, since: date | None = None) -> str:
    """Where or since when a cause gathers, as the middle of a sentence: `of 4 SKUs`, `with SwiftPost to Hà Nội`."""
    words = speaker.words
    if found.dimension == "weeks":
        return words("headline.place.weeks", since=speaker.numbers.day(since or found.since))
    count = len(found.places)
    if found.dimension in ("product", "sku"):
        return speaker.say(f"headline.place.{found.dimension}", count)
    if found.dimension == "carrier_region" and count == 1:
        carrier, region = str(found.places["label"].iloc[0]).split(" · ", 1)
        return words("headline.place.carrier_region", carrier=carrier, region=region)
    key = "carrier_region_many" if found.dimension == "carrier_region" else found.dimension
    return words(f"headline.place.{key}", names=names_of(found.places, words))
