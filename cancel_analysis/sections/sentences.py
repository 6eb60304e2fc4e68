"""The report's sentences, made from frames: each finding carries its figures and says no more than they do.

Nothing is computed here. A sentence fills figures that stand in a frame into words of the report's
language; what those figures allow to be said is decided by their standing, signal and interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from cancel_analysis.benchmarks.judgement import Judgement, Standing
from cancel_analysis.catalog.rates import so_far
from cancel_analysis.catalog.words import Words
from cancel_analysis.diagnosis.standouts import Standout, as_frame
from cancel_analysis.exhibits.kinds import Line, Prose
from cancel_analysis.exhibits.number_formats import one_percent_style
from cancel_analysis.exhibits.speaker import Speaker, rate_label, sureness
from cancel_analysis.sections.rows import rows_of

# More names would hide the first.
NAMED_PLACES = 4
# A shop does not wait for twenty times its orders: past that the figure is simply too close to call.
MOST_ORDERS_TO_WAIT = 20
# A chance that a shop within its limits crosses one next week, from which on it is worth a sentence.
WORTH_TELLING = 0.05
LEAST_CHANCE = 0.001
# Rates whose figures stand in a tile, so that no sentence says them again.
TILED = ("seller_fault_cancellation_rate", "order_cancellation_rate", "total_cancellation_rate")
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
        "limit": numbers.limit(limit.value),
        "confidence": sureness(limit.confidence, limit.assumptions, limit.window_days, words),
        "minimum": numbers.count(limit.minimum_orders),
    }
    sentences = [words(f"decided.{standing.standing if standing.denominator else 'nobody'}", **values)]
    waits = so_far(limit.metric, limit.date_basis)
    if standing.denominator and not waits:
        sentences.append(words("decided.range", span=numbers.span(standing.low, standing.high)))
    if standing.standing == "over":
        if standing.may_be_luck:
            sentences.append(words("decided.luck"))
        if standing.effect:
            sentences.append(effect_sentence(standing.effect, words))
    elif standing.signal == "above":
        sentences.append(words("decided.above"))
    elif (waits or standing.nameless) and standing.denominator:
        sentences.append(words("decided.so_far" if waits else "decided.nameless"))
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
    noun = words.get(f"noun.{standing.limit.metric}", words("noun.other"))
    if standing.standing == "not_counted":
        # Too few orders for the limit now, but maybe enough within the week.
        if left.chance is None or not left.likely():
            return []
        return [words("decided.soon", cases=cases_of(left.chance, words))]
    if standing.standing == "over":
        if left.back_on is None:
            return []
        back_on = numbers.day(left.back_on)
        return [
            speaker.say("decided.back", left.fewer, noun=noun, limit=numbers.limit(standing.limit.value), day=back_on)
        ]
    if left.crosses_at is None or left.chance is None:
        return []
    if standing.verdict == "ok" and left.chance < WORTH_TELLING:
        return []
    return [speaker.say("decided.room", left.crosses_at, noun=noun, cases=cases_of(left.chance, words))]


def cases_of(chance: float, words: Words) -> str:
    """A probability in words: so many of 100 cases."""
    cases = round(100 * chance)
    if cases < 1:
        return words("decided.cases_few")
    return words("decided.cases_most") if cases > 99 else words("decided.cases", count=cases)


def room_label(row: Mapping[str, Any], speaker: Speaker) -> str:
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


def also_over(judgement: Judgement, speaker: Speaker, silent_advisory: tuple[str, ...] = ()) -> list[str]:
    """A sentence for each further rate over a limit, once a rate: first those that give a verdict, with what
    the platform does there, then those that are shown for orientation only, but for the rates of `silent_advisory`."""
    words, numbers = speaker.words, speaker.numbers
    told = {judgement.deciding.limit.metric} if judgement.deciding else set()
    sentences = []
    for official in (True, False):
        for standing in judgement.standings:
            if standing.gives_verdict != official or standing.verdict != "breach" or standing.limit.metric in told:
                continue
            if not official and standing.limit.metric in silent_advisory:
                continue
            told.add(standing.limit.metric)
            sentence = words(
                "decided.also" if official else "decided.also_advisory",
                rate=rate_label(standing.limit.metric, words),
                value=numbers.percent_apart(standing.rate, standing.limit.value),
                limit=numbers.limit(standing.limit.value),
                days=standing.limit.window_days,
                confidence=words(f"confidence.{standing.limit.confidence}"),
            )
            if official and standing.effect:
                sentence = words.sentences((sentence, effect_sentence(standing.effect, words)))
            sentences.append(sentence)
    return sentences


def other_readings(rates: pd.DataFrame, window: int, speaker: Speaker) -> list[str]:
    """A sentence for each rate that doubtful cases move, with the least and the most it can be.

    `rates` is what `rates.cube.rates_at` returns; only the created-date rows of `window` days are looked at.
    """
    words, numbers = speaker.words, speaker.numbers
    readings = ("rate", "rate_least", "rate_other", "numerator_least", "numerator_other")
    chosen = rows_of(rates, "metric", "basis", "window", *readings)
    return [
        words(
            "decided.readings",
            rate=rate_label(row["metric"], words),
            days=window,
            value=numbers.percent(row["rate"]),
            least=numbers.percent(row["rate_least"]),
            most=numbers.percent(row["rate_other"]),
            why=words(f"decided.doubt_{row['metric']}"),
        )
        for row in chosen
        if row["basis"] == "created" and row["window"] == window and pd.notna(row["rate"])
        if row["numerator_other"] != row["numerator_least"]
    ]


def effect_sentence(effect: str, words: Words) -> str:
    """What the platform does at a limit, as a sentence of the report's own style."""
    said = one_percent_style(words.said(effect)).rstrip(".")
    return words("decided.tier", effect=said[:1].lower() + said[1:])


def lead_lines(judgement: Judgement, speaker: Speaker) -> list[str]:
    """What stands below the headline: how far over or how much room, what the platform does, how sure it is.

    The figures themselves stand in the tiles and are not said again.
    """
    words, deciding = speaker.words, judgement.deciding
    if deciding is None or judgement.reason == "no_orders":
        return [words(f"decided.{judgement.reason}")]
    said = outlook_sentences(deciding, speaker)
    if deciding.limit.metric not in TILED:
        said.insert(0, decided(deciding, speaker)[0])
    if deciding.standing == "over":
        if deciding.effect:
            said.append(effect_sentence(deciding.effect, words))
        if deciding.may_be_luck:
            said.append(words("decided.luck"))
    elif deciding.signal == "above":
        said.append(words("decided.above"))
    elif deciding.signal == "cannot_tell" and deciding.denominator:
        waits = so_far(deciding.limit.metric, deciding.limit.date_basis)
        key = "so_far" if waits else "known_least" if deciding.nameless else "hidden"
        counts = {name: speaker.numbers.count(getattr(deciding, name)) for name in ("numerator", "denominator")}
        said.append(words(f"decided.{key}", **(counts if key == "known_least" else {})))
    # Over a limit that decides nothing is what a tile says.
    return said + also_over(judgement, speaker, silent_advisory=TILED)


def standout_sentence(found: Standout, speaker: Speaker, since: date | None = None) -> str:
    """One cause that gathers: how many of its orders, where, and since when (`since`, else its own Monday)."""
    words, numbers = speaker.words, speaker.numbers
    cause = words(f"cause.{found.root_cause}")
    if found.dimension == "weeks":
        assert found.rise is not None
        rise = found.rise.iloc[0]
        return words(
            "headline.weeks",
            cause=cause,
            since=numbers.day(since or found.since),
            rate=numbers.percent(rise["rate"]),
            before=numbers.percent(rise["before_rate"]),
        )
    places = found.places
    key = found.dimension
    values: dict[str, str] = {
        "cause": cause,
        "orders": numbers.count(found.orders),
        "all_orders": numbers.count(found.all_orders),
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
    return words.sentences((sentence, rates))


def names_of(places: pd.DataFrame, words: Words) -> str:
    """The first places by name, and how many more there are."""
    names = [" ".join(str(name).split()) for name in places["label"].head(NAMED_PLACES)]
    return listed_names(names, len(places) - len(names), words)


def listed_names(names: list[str], more: int, words: Words) -> str:
    """Names, which may hold commas, and how many more there are."""
    text = words.parts(names)
    return words("headline.more", names=text, count=more) if more > 0 else text


def unknown_prose(unknown: pd.DataFrame, share: float, speaker: Speaker) -> Prose:
    """The warning that so many reasons are unknown that the causes below may be the wrong ones."""
    items = speaker.numbers.count(unknown["items"].sum())
    text = speaker.words("note.many_unknown", items=items, share=speaker.numbers.percent(share, 0))
    return Prose("many_unknown", (Line(text, "warning"),), unknown)


def since_sentence(found: Standout, speaker: Speaker, since: date | None = None) -> str:
    """Since when a cause that gathers somewhere takes more orders of the whole shop, and how many before."""
    assert found.rise is not None
    rise = found.rise.iloc[0]
    return speaker.words(
        "headline.since",
        since=speaker.numbers.day(since or found.since),
        rate=speaker.numbers.percent(rise["rate"]),
        before=speaker.numbers.percent(rise["before_rate"]),
    )


def findings_prose(found: tuple[Standout, ...], speaker: Speaker, since: Mapping[str, date] | None = None) -> Prose:
    """The causes that stand out, in the order in which they are given, and since when; that there is none."""
    days = since or {}
    lines = [] if found else [Line(speaker.words("headline.nothing"))]
    for standout in found[:MOST_CAUSES]:
        day = days.get(standout.root_cause)
        lines.append(Line(standout_sentence(standout, speaker, day), "finding"))
        if standout.dimension != "weeks" and standout.rise is not None:
            lines.append(Line(since_sentence(standout, speaker, day)))
    return Prose("findings", tuple(lines), as_frame(found) if found else None)
