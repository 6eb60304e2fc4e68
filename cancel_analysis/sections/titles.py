"""What a picture shows, as its title: the finding that a reader would be told. What is drawn, its note says.

Each takes what the picture is drawn from and returns a sentence without its full stop; empty where the picture has no
finding, so that its caption names what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cancel_analysis.benchmarks.judgement import Standing
from cancel_analysis.diagnosis.changes import Change
from cancel_analysis.exhibits.speaker import Speaker, points, rate_label, reason_label
from cancel_analysis.rates.over_time import OverTime

UNKNOWN = "unknown"
# Fewer lost items draw bars of ones and twos, and the largest is a matter of one order.
LEAST_ITEMS = 10


def lost_items(items: pd.DataFrame, voice: Speaker) -> str:
    """Who loses most of the items lost after payment (AFFECTED_ITEMS of a period), and by which reason.

    Empty where two lose as many, or where one order makes most of it: it would be a title about that order.
    """
    text, numbers = voice.words, voice.numbers
    lost = items.loc[items["stage"] != "unpaid", ["responsibility", "reason", "order_id", "units"]]
    by_party = lost.groupby("responsibility")["units"].sum().sort_values(ascending=False)
    tied = len(by_party) > 1 and by_party.iloc[0] == by_party.iloc[1]
    if by_party.sum() < LEAST_ITEMS or tied:
        return ""
    party, count = str(by_party.index[0]), int(by_party.iloc[0])
    values = {"count": numbers.count(count), "total": numbers.count(by_party.sum())}
    if party == UNKNOWN:
        return text("title.lost_unknown" if len(by_party) > 1 else "title.lost_unknown_all", **values)
    mine = lost[lost["responsibility"] == party]
    if 2 * mine.groupby("order_id")["units"].sum().max() > count:
        return ""
    reasons = mine.groupby("reason")["units"].sum().sort_values(ascending=False)
    values |= {"party": text(f"responsibility.{party}"), "reason": reason_label(str(reasons.index[0]), text)}
    return text("title.lost", of_reason=numbers.count(reasons.iloc[0]), **values)


def change(found: Change, before: str, voice: Speaker) -> str:
    """How far the share lost moved, and by the part that moved it most the same way; empty for what may be chance."""
    if found.within_noise or not found.shown:
        return ""
    by_reason = found.parts.groupby("reason", sort=False)["shown"].sum()
    same_way = by_reason[by_reason * found.shown > 0]
    if same_way.empty:
        return ""
    reason = same_way.index[int(same_way.abs().argmax())]
    return voice.words(
        "title.change_up" if found.shown > 0 else "title.change_down",
        before=before,
        change=voice.numbers.decimal(abs(round(found.shown * 100, 1))),
        reason=reason_label(str(reason), voice.words),
        part=points(float(same_way.abs().max()) * (1 if found.shown > 0 else -1), voice),
    )


def worth(drawn: pd.DataFrame, voice: Speaker, *, money: bool, days: int) -> str:
    """The fix that is worth most: `drawn` as `charts.diagnosis.fixes_picture` has it, the first worth most."""
    first = drawn.iloc[0]
    key = "title.worth_money" if money else "title.worth_orders"
    return voice.words(key, cause=first["label"], worth=first["text"], days=days)


def returns(weeks: pd.DataFrame, voice: Speaker) -> str:
    """What the newest week of deliveries has had asked back, and what is expected in the end; empty where not known."""
    newest, numbers = weeks.iloc[-1], voice.numbers
    if pd.isna(newest["expected"]):
        return ""
    counts = {name: numbers.count(newest[name]) for name in ("seen", "expected")}
    key = "title.returns_in" if counts["seen"] == counts["expected"] else "title.returns"
    return voice.words(key, day=numbers.day(newest["last_day"]), **counts)


def limits(frame: pd.DataFrame, voice: Speaker) -> str:
    """Which rates are over a limit, else which comes closest to one; `frame` has a row a limit (`Judgement.frame`)."""
    text, numbers = voice.words, voice.numbers
    over = frame[frame["standing"] == "over"]
    decides = over["gives_verdict"].astype(bool)
    for key, rows in (
        ("enforced", over[decides & (over["force"] == "enforced")]),
        ("target", over[decides]),
        ("unofficial", over),
    ):
        if len(rows):
            names = dict.fromkeys(rate_label(str(metric), text) for metric in rows["metric"])
            return text(f"title.limits_over_{key}", names=text.listed(names))
    # What is known so far, or at least, comes no closer than it seems.
    whole = (frame["denominator"] > 0) & frame["rate"].notna() & ~frame["so_far"].eq(True) & ~frame["nameless"].eq(True)
    known = frame[(frame["limit"] > 0) & (frame["rate"] > 0) & whole]
    if known.empty:
        return ""
    closest = known.iloc[int((known["rate"] / known["limit"]).astype("float64").argmax())]
    return text(
        "title.limits_none" if whole.all() else "title.limits_known",
        rate=rate_label(str(closest["metric"]), text),
        value=numbers.percent_apart(closest["rate"], closest["limit"]),
        limit=numbers.limit(closest["limit"]),
    )


def two_rates(frame: pd.DataFrame, window: int, voice: Speaker) -> str:
    """What each of the rates drawn over time is at its end, in the window of so many days; empty without a figure."""
    numbers = voice.numbers
    ends = frame[(frame["window"] == window) & frame["rate"].notna()].groupby("label", sort=False).tail(1)
    if ends.empty:
        return ""
    said = [
        voice.words("title.rate_now", rate=label, value=numbers.percent(rate))
        for label, rate in zip(ends["label"], ends["rate"], strict=True)
    ]
    return voice.words("title.rates_now", rates=voice.words.parts(said), days=window)


def signals(found: Iterable[OverTime], voice: Speaker) -> str:
    """The newest lasting change of the rates that were watched, else how many days stand out, or that none does."""
    text, numbers = voice.words, voice.numbers
    watched = [series for series in found if series.can_say]
    changes = [(one, series) for series in watched for one in series.changes]
    if changes:
        newest, series = max(changes, key=lambda pair: pair[0].day)
        before, after = numbers.percent(newest.before), numbers.percent(newest.after)
        return text("title.level", rate=rate_label(series.metric, text), before=before, after=after)
    days = {day for series in watched for day in series.alarms["date"]}
    return voice.say("title.days_out", len(days)) if days else text("title.days_none")


def costs(totals: pd.DataFrame, amount: float, currency: str, voice: Speaker) -> str:
    """The cause that costs most, of `amount` in all: `totals` as `charts.diagnosis.costs_picture` has it."""
    if len(totals) < 2:
        return ""
    first, about = totals.iloc[0], voice.numbers.about
    values = {"amount": about(first["total"], currency), "whole": about(amount, currency)}
    return voice.words("title.costs", cause=first["cause"], **values)


def checks(drawn: pd.DataFrame, voice: Speaker) -> str:
    """The check that explains most, or that most is explained by none: as `charts.diagnosis.steps_picture` has it."""
    numbers = voice.numbers
    if drawn["units"].sum() < LEAST_ITEMS:
        return ""
    explained = drawn[drawn["explained"] & (drawn["units"] > 0)]
    if explained.empty:
        return voice.words("title.checks_none")
    most = explained.iloc[int(explained["units"].astype("float64").argmax())]
    share = numbers.percent(most["share"], 0)
    return voice.words("title.checks", check=most["label"], count=numbers.count(most["units"]), share=share)


def funnel(standing: Standing, voice: Speaker) -> str:
    """Whether the shop is farther from its limit than chance takes one that is at it."""
    numbers = voice.numbers
    return voice.words(
        f"title.funnel_{standing.signal}",
        rate=rate_label(standing.limit.metric, voice.words),
        value=numbers.percent_apart(standing.rate, standing.limit.value),
        limit=numbers.limit(standing.limit.value),
    )
