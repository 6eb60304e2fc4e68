"""The morning brief as plain text for a chat: a line a shop that needs a look, one for all the others."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.exhibits.kinds import TextLine
from cancel_analysis.exhibits.speaker import Speaker, rate_label, reason_label
from cancel_analysis.pages.brief import Brief, ShopBrief
from cancel_analysis.pages.brief_figures import RATES

# A chat shows about this many letters before it folds a message.
MOST_LETTERS = 1500
# Shops that are named where nothing is to be done.
MOST_QUIET = 12


def message(brief: Brief, speaker: Speaker, most: int = MOST_LETTERS) -> tuple[TextLine, ...]:
    """The brief as the lines of a text for a chat, at most `most` letters with their line ends: its title, a line a
    shop that needs a look, the most urgent first, and one for all the others."""
    words, numbers = speaker.words, speaker.numbers
    nothing = TextLine("", "")
    head = [TextLine("", words("brief.text_title", day=numbers.day(brief.day))), TextLine("", lead(brief, speaker))]
    tail = [nothing, TextLine("", words("brief.text_clock"))]
    failed = [
        _named(name, words("brief.text_failed", shop=name, cause=_short(str(row["cause"]), 90)))
        for row in _rows(brief.failures)
        for name in (_short(str(row["name"])),)
    ]
    loud = [entry for entry in brief.shops if not entry.is_quiet]
    quiet = [entry for entry in brief.shops if entry.is_quiet]
    lines = [shop_line(entry, speaker) for entry in loud] + failed
    shops = [1] * len(lines)
    if quiet:
        lines.append(TextLine("", quiet_line(quiet, speaker)))
        shops.append(len(quiet))
    for kept in range(len(lines), -1, -1):
        left = sum(shops[kept:])
        more = [TextLine("", speaker.say("brief.text_more", left))] if left else []
        text = (*head, nothing, *lines[:kept], *more, *tail)
        if len(written(text)) <= most:
            return text
    return tuple(TextLine("", text) for text in written(head)[:most].split("\n"))


def written(lines: Sequence[TextLine]) -> str:
    """The lines as one plain text."""
    return "\n".join(str(line) for line in lines)


def _named(name: str, said: str) -> TextLine:
    """A line that begins with a shop's name, in whatever language, parted behind it."""
    return TextLine(name, said.removeprefix(name)) if said.startswith(name) else TextLine("", said)


def lead(brief: Brief, speaker: Speaker) -> str:
    """The first sentence: how many lines were crossed, who is over a limit that none of them watches, what runs out
    today, what could not be read."""
    words = speaker.words
    crossings = sum(len(entry.changes("crossed")) for entry in brief.shops)
    still = sum(len(entry.changes("still_over")) for entry in brief.shops)
    due = sum(entry.run_out_today for entry in brief.shops)
    over = sum(entry.is_over_unwatched for entry in brief.shops)
    counts = {"crossed": crossings, "still": still, "over": over, "due": due, "failed": len(brief.failures)}
    parts = [speaker.say(f"brief.lead_{key}", count) for key, count in counts.items() if count]
    if not parts:
        known = any(entry.known for entry in brief.shops)
        return words("brief.lead_none" if known else "brief.lead_unknown")
    return words.sentences(parts)


def quiet_line(quiet: Sequence[ShopBrief], speaker: Speaker) -> str:
    """The shops where nothing crossed a line and nothing runs out, each with its cancelled orders."""
    words, count = speaker.words, speaker.numbers.count
    named = words.listed(
        words(
            "brief.text_quiet_shop",
            shop=_short(entry.shop.name),
            count=count(row["numerator"]),
            total=count(row["denominator"]),
        )
        for entry in quiet[:MOST_QUIET]
        for row in (entry.figure(RATES[0]),)
    )
    left = len(quiet) - MOST_QUIET
    return words(
        "brief.text_quiet", shops=words("headline.more", names=named, count=count(left)) if left > 0 else named
    )


def shop_line(entry: ShopBrief, speaker: Speaker) -> TextLine:
    """One shop in one line: both rates, what crossed, the reasons, what runs out."""
    words, numbers = speaker.words, speaker.numbers
    name = f"{_short(entry.shop.name)} ({entry.shop.market})"
    if not entry.known:
        return _named(name, words("brief.text_stale", shop=name, day=numbers.day(entry.covered)))
    both, fault = entry.figure(RATES[0]), entry.figure(RATES[1])
    parts = [
        words(
            f"brief.text_{kind_of_day(entry)}",
            shop=name,
            count=numbers.count(both["numerator"]),
            placed=placed(both, speaker),
            fault=numbers.count(fault["numerator"]),
        )
    ]
    for change in ("crossed", "still_over", "back_under"):
        parts += [words(f"brief.text_{change}", line=line_label(row, speaker)) for row in _rows(entry.changes(change))]
    if entry.is_over_unwatched and entry.tile is not None:
        parts.append(words("brief.text_over", rate=entry.tile.label, value=entry.tile.value))
    if len(entry.reasons):
        parts.append(words("brief.text_reasons", reasons=reasons_text(entry.reasons, speaker)))
    if entry.run_out_today:
        parts.append(speaker.say("brief.text_due", entry.run_out_today))
    return _named(name, words.sentences(parts))


def kind_of_day(entry: ShopBrief) -> str:
    """How a shop's yesterday can be told: with who cancelled (`day`), without (`nameless`), or hardly (`undated`)."""
    if not entry.dates_cancellations:
        return "undated"
    return "day" if entry.names_initiators else "nameless"


def rates(figure: Mapping[Hashable, Any] | pd.Series, speaker: Speaker) -> str:
    """Yesterday's rate beside what is usual, '' where more was cancelled than ordered.

    What was cancelled yesterday was mostly ordered before: the rate is one number by the other and no share, and above
    1 it says nothing.
    """
    words, numbers = speaker.words, speaker.numbers
    rate, usual = float(figure["rate"]), float(figure["usual"])
    if np.isnan(rate) or rate > 1:
        return ""
    if np.isnan(usual):
        return words("brief.tile_rate", rate=numbers.percent(rate))
    return words("brief.tile_rates", rate=numbers.percent(rate), usual=numbers.percent(usual))


def placed(figure: pd.Series, speaker: Speaker) -> str:
    """The orders placed yesterday with `rates` in brackets, for a sentence."""
    said, total = rates(figure, speaker), speaker.numbers.count(figure["denominator"])
    return speaker.words("brief.placed_rates" if said else "brief.placed", total=total, rates=said)


def line_label(row: dict[str, object], speaker: Speaker) -> str:
    """A line in words: the rate, its days, where it is and where the line lies."""
    return speaker.words(
        "brief.line",
        rate=rate_label(str(row["metric"]), speaker.words),
        days=row["window_days"],
        value=speaker.numbers.percent(row["rate"]),
        limit=speaker.numbers.percent(row["limit"]),
    )


def reasons_text(reasons: pd.DataFrame, speaker: Speaker) -> str:
    """The reasons with their orders, in one line."""
    words, numbers = speaker.words, speaker.numbers
    return words.parts(
        words("brief.reason", reason=reason_label(str(row["reason"]), words), count=numbers.count(row["orders"]))
        for row in _rows(reasons)
    )


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _short(text: str, most: int = 40) -> str:
    flat = " ".join(str(text).split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"
