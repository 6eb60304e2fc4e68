"""The report's sentences, made from frames: each finding carries its figures and says no more than they do.

Nothing is computed here. A sentence fills figures that stand in a frame into words of the report's
language; what those figures allow to be said is decided by their standing, signal and interval.
"""

from __future__ import annotations

import pandas as pd

from cancel_analysis.benchmarks.judgement import Judgement, Standing
from cancel_analysis.catalog.rates import so_far
from cancel_analysis.catalog.words import Words
from cancel_analysis.diagnosis.standouts import Standout
from cancel_analysis.exhibits.kinds import Line, Prose
from cancel_analysis.exhibits.speaker import Speaker, rate_label, reason_label

# More names would hide the first.
NAMED_PLACES = 4
# A shop does not wait for twenty times its orders: past that the figure is simply too close to call.
MOST_ORDERS_TO_WAIT = 20
# Below this a shop's figures are called too few; above it a limit is just too close to call.
FEW_ORDERS = 100
# A chance that a shop within its limits crosses one next week, from which on it is worth a sentence.
WORTH_TELLING = 0.05
LEAST_CHANCE = 0.001
# A first page tells the three largest causes; the others stand in the tables.
MOST_CAUSES = 3


def verdict_prose(judgement: Judgement, speaker: Speaker) -> Prose:
    """The one word and what decided it, with the interval and what would settle it."""
    words = speaker.words
    lines = [Line(words(f"verdict.{judgement.verdict}"), "verdict", judgement.verdict)]
    deciding = judgement.deciding
    if deciding is None or judgement.reason == "no_orders":
        lines.append(Line(words(f"decided.{judgement.reason}")))
    else:
        lines.extend(Line(text) for text in decided(deciding, speaker))
        lines.extend(Line(text) for text in also_over(judgement, speaker))
    return Prose("verdict", tuple(lines), judgement.frame)


def decided(standing: Standing, speaker: Speaker) -> list[str]:
    """The sentences about the limit that decided: the count, the interval, luck, what the platform does."""
    words, numbers, limit = speaker.words, speaker.numbers, standing.limit
    values = {
        "rate": rate_label(limit.metric, words),
        "count": numbers.count(standing.numerator),
        "total": numbers.count(standing.denominator),
        "days": limit.window_days,
        "day": numbers.day(standing.as_of),
        "value": numbers.percent_apart(standing.rate, limit.value),
        "limit": numbers.percent(limit.value),
        "confidence": words(f"confidence.{limit.confidence}"),
        "minimum": numbers.count(limit.minimum_orders),
    }
    sentences = [words(f"decided.{standing.standing if standing.denominator else 'nobody'}", **values)]
    waits = so_far(limit.metric, limit.date_basis)
    if standing.denominator and not waits:
        low, high = numbers.percent(standing.low), numbers.percent(standing.high)
        sentences.append(words("decided.range", low=low, high=high))
    if standing.standing == "over":
        if standing.may_be_luck:
            sentences.append(words("decided.luck"))
        if standing.effect:
            sentences.append(words("decided.tier", effect=standing.effect.rstrip(".")))
    elif standing.signal == "above":
        sentences.append(words("decided.above"))
    elif waits and standing.denominator:
        sentences.append(words("decided.so_far"))
    elif standing.signal == "cannot_tell" and standing.denominator:
        sentences.append(words("decided.hidden"))
        if standing.orders_more is None or standing.orders_more > MOST_ORDERS_TO_WAIT * standing.denominator:
            sentences.append(words("decided.settle_none"))
        else:
            sentences.append(words("decided.settle", orders=numbers.count(standing.orders_more)))
    sentences += outlook_sentences(standing, speaker)
    for reading in ("least", "other"):
        verdict = getattr(standing, f"verdict_{reading}")
        if verdict != standing.verdict:
            value = numbers.percent(getattr(standing, f"rate_{reading}"))
            sentences.append(
                words(f"decided.reading_{reading}", value=value, verdict=words(f"verdict.{verdict}").lower())
            )
    return sentences


def outlook_sentences(standing: Standing, speaker: Speaker) -> list[str]:
    """What is left to the limit and how likely it is crossed within 7 days; over it, when it is back within.

    Nothing where it would not help: for a shop within its limits that hardly ever crosses one.
    """
    words, numbers, left = speaker.words, speaker.numbers, standing.outlook
    if left is None:
        return []
    if standing.standing == "not_counted":
        # Too few orders for the limit now, but maybe enough within the week.
        if left.chance is None or not left.likely():
            return []
        return [words("decided.soon", cases=cases_of(left.chance, words))]
    if standing.standing == "over":
        if left.back_on is None:
            return []
        return [speaker.say("decided.back", left.fewer, day=numbers.day(left.back_on))]
    if left.crosses_at is None or left.chance is None:
        return []
    if standing.verdict == "ok" and left.chance < WORTH_TELLING:
        return []
    return [speaker.say("decided.room", left.crosses_at, cases=cases_of(left.chance, words))]


def cases_of(chance: float, words: Words) -> str:
    """A probability in words: so many of 100 cases."""
    cases = round(100 * chance)
    if cases < 1:
        return words("decided.cases_few")
    return words("decided.cases_most") if cases > 99 else words("decided.cases", count=cases)


def room_label(row: pd.Series, speaker: Speaker) -> str:
    """A limit's outlook for a cell of the limits table, from its row of `judgement.frame`."""
    words, numbers = speaker.words, speaker.numbers
    if row["standing"] == "not_counted":
        return ""
    if row["standing"] == "over":
        if pd.isna(row["fewer"]):
            return ""
        many = words("table.too_many", count=numbers.count(row["fewer"]))
        return many if pd.isna(row["back_on"]) else words("table.back_on", many=many, day=numbers.day(row["back_on"]))
    if pd.isna(row["crosses_at"]):
        return ""
    room = words("table.room", count=numbers.count(row["crosses_at"]))
    if pd.isna(row["chance_7_days"]):
        return room
    # None of the draws is no promise: it shows as less than one in a hundred.
    chance = max(float(row["chance_7_days"]), LEAST_CHANCE)
    return words("table.room_chance", room=room, chance=numbers.percent(chance, 0))


def also_over(judgement: Judgement, speaker: Speaker) -> list[str]:
    """A sentence for each further rate over a limit, once a rate: first those that give a verdict, with what
    the platform does there, then those that are shown for orientation only."""
    words, numbers = speaker.words, speaker.numbers
    told = {judgement.deciding.limit.metric} if judgement.deciding else set()
    sentences = []
    for official in (True, False):
        for standing in judgement.standings:
            if standing.gives_verdict != official or standing.verdict != "breach" or standing.limit.metric in told:
                continue
            told.add(standing.limit.metric)
            sentence = words(
                "decided.also" if official else "decided.also_advisory",
                rate=rate_label(standing.limit.metric, words),
                value=numbers.percent_apart(standing.rate, standing.limit.value),
                limit=numbers.percent(standing.limit.value),
                days=standing.limit.window_days,
                confidence=words(f"confidence.{standing.limit.confidence}"),
            )
            if official and standing.effect:
                sentence += " " + words("decided.tier", effect=standing.effect.rstrip("."))
            sentences.append(sentence)
    return sentences


def other_readings(rates: pd.DataFrame, window: int, speaker: Speaker) -> list[str]:
    """A sentence for each rate that doubtful cases move, with the least and the most it can be.

    `rates` is what `rates.cube.rates_at` returns; only the created-date rows of `window` days are looked at.
    """
    words, numbers = speaker.words, speaker.numbers
    chosen = rates[(rates["basis"] == "created") & (rates["window"] == window)]
    moved = chosen[(chosen["numerator_other"] != chosen["numerator_least"]) & chosen["rate"].notna()]
    return [
        words(
            "decided.readings",
            rate=rate_label(row["name"], words),
            days=window,
            value=numbers.percent(row["rate"]),
            least=numbers.percent(row["rate_least"]),
            most=numbers.percent(row["rate_other"]),
            why=words(f"decided.doubt_{row['name']}"),
        )
        for row in moved.to_dict("records")
    ]


def headline(
    judgement: Judgement, found: tuple[Standout, ...], reasons: pd.DataFrame, orders: int, days: int, speaker: Speaker
) -> str:
    """The report's first sentence: what stands out, else what most items are lost to, else that nothing does.

    `found` has the cause to be told first in front; `reasons` is `rates.breakdown.reasons_by_stage` of the period,
    `orders` and `days` its size.
    """
    words, numbers = speaker.words, speaker.numbers
    if found:
        return standout_sentence(found[0], speaker)
    deciding = judgement.deciding
    if judgement.verdict == "cannot_tell" and judgement.reason != "no_limits":
        if deciding is not None and deciding.denominator >= FEW_ORDERS:
            return decided(deciding, speaker)[0]
        return speaker.say("headline.few", orders, days=days)
    if deciding is not None and judgement.verdict in ("breach", "watch"):
        if deciding.limit.metric not in ("seller_fault_cancellation_rate", "order_cancellation_rate"):
            return decided(deciding, speaker)[0]
        sellers = reasons[(reasons["responsibility"] == "seller") & (reasons["stage"] != "unpaid")]
        if len(sellers):
            first = sellers.sort_values("items", ascending=False).iloc[0]
            return words(
                "headline.biggest",
                reason=reason_label(str(first["reason"]), words),
                stage=words(f"stage_said.{first['stage']}"),
                items=numbers.count(first["items"]),
                all=numbers.count(sellers["items"].sum()),
                share=numbers.percent(first["items"] / sellers["items"].sum(), 0),
            )
    # That nothing stands out is a finding only where something could.
    return words("headline.nothing") if orders >= FEW_ORDERS else speaker.say("headline.few", orders, days=days)


def standout_sentence(found: Standout, speaker: Speaker) -> str:
    """One cause that gathers: how many of its lines, where, and since when."""
    words, numbers = speaker.words, speaker.numbers
    cause = words(f"cause.{found.root_cause}")
    if found.dimension == "weeks":
        assert found.rise is not None
        rise = found.rise.iloc[0]
        return words(
            "headline.weeks",
            cause=cause,
            since=numbers.day(found.since),
            rate=numbers.percent(rise["rate"]),
            before=numbers.percent(rise["before_rate"]),
        )
    places = found.places
    key = found.dimension
    values: dict[str, str] = {
        "cause": cause,
        "lines": numbers.count(found.lines),
        "all_lines": numbers.count(found.all_lines),
        "places": numbers.count(len(places)),
        "names": names_of(places, words),
        "days": str(found.days),
    }
    if key == "carrier_region":
        if len(places) == 1:
            values["carrier"], values["region"] = str(places["label"].iloc[0]).split(" · ", 1)
        else:
            key = "carrier_region_many"
    elif key in ("product", "sku") and len(places) == 1:
        key = f"{key}_one"
    sentence = words(f"headline.{key}", **values)
    rates = words("headline.rates", rate=numbers.percent(found.rate), rest=numbers.percent(found.rest_rate))
    return f"{sentence} {rates}"


def names_of(places: pd.DataFrame, words: Words) -> str:
    """The first places by name, and how many more there are."""
    names = [" ".join(str(name).split()) for name in places["label"].head(NAMED_PLACES)]
    text = "; ".join(names)
    more = len(places) - len(names)
    return f"{text} {words('headline.more', count=more)}" if more > 0 else text


def unknown_prose(unknown: pd.DataFrame, share: float, speaker: Speaker) -> Prose:
    """The warning that so many reasons are unknown that the causes below may be the wrong ones."""
    items = speaker.numbers.count(unknown["items"].sum())
    text = speaker.words("note.many_unknown", items=items, share=speaker.numbers.percent(share, 0))
    return Prose("many_unknown", (Line(text, "warning"),), unknown)


def findings_prose(found: tuple[Standout, ...], first: str, speaker: Speaker) -> Prose:
    """The headline and the next causes, in the order in which they are given."""
    words, numbers = speaker.words, speaker.numbers
    lines = [] if found else [Line(first, "finding")]
    for standout in found[:MOST_CAUSES]:
        lines.append(Line(standout_sentence(standout, speaker), "finding"))
        if standout.dimension != "weeks" and standout.rise is not None:
            rise = standout.rise.iloc[0]
            since = words(
                "headline.since",
                since=numbers.day(standout.since),
                rate=numbers.percent(rise["rate"]),
                before=numbers.percent(rise["before_rate"]),
            )
            lines.append(Line(since))
    frames = [standout.places.assign(all_lines=standout.all_lines) for standout in found if len(standout.places)]
    frame = pd.concat(frames, ignore_index=True) if frames else None
    return Prose("findings", tuple(lines), frame)
