"""The parts of the morning brief: all shops' yesterday on one page.

Frames in, exhibits out. The facts of a page over all shops say in `page` how it is
headed, as it is no single shop's report.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pandas as pd

from cancel_analysis.catalog.words import BASE, words
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import Speaker, count_of
from cancel_analysis.pages.brief import FIGURES, RATES, Brief, ShopBrief
from cancel_analysis.pages.brief_text import lead, line_label, message, reasons_text, written
from cancel_analysis.version import __version__
from cancel_analysis.weeks import week_of

# The page's name below the output folder, in its files' marks and in `report.json`.
NAME = "brief"
# More would be a book; every shop stands in the files.
MOST_SHOPS = 200


def page_speaker(language: str = BASE) -> Speaker:
    """Words and numbers of a page; shops have currencies of their own, so it has none."""
    return Speaker(words(language or BASE), NumberFormats(language or BASE), "")


def morning_brief(brief: Brief, language: str = BASE) -> Section:
    """All shops' yesterday on one page: rates, what crossed a line, reasons, requests, both clocks."""
    voice = page_speaker(language)
    exhibits: list[Exhibit] = [Prose("brief_lead", tuple(_lead_lines(brief, voice)))]
    known = [entry for entry in brief.shops if entry.known]
    if known:
        exhibits.append(_yesterday_table(known, voice))
    lines = _line_rows(known, voice)
    if len(lines):
        exhibits.append(_line_table(lines, voice))
    if known:
        exhibits += [_reason_table(known, voice), _request_table(known, voice), _clock_table(known, voice)]
    if len(brief.failures):
        exhibits.append(failure_table(brief.failures, voice))
    return Section(NAME, tuple(exhibits))


def _lead_lines(brief: Brief, voice: Speaker) -> list[Line]:
    text, numbers = voice.words, voice.numbers
    lines = [Line(lead(brief, voice), "finding", brief.verdict)]
    for entry in brief.shops:
        if not entry.known:
            lines.append(
                Line(text("brief.text_stale", shop=entry.shop.name, day=numbers.day(entry.covered)), "warning")
            )
    return lines


def _yesterday_table(shops: list[ShopBrief], voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    rows = []
    for entry in shops:
        row: dict[str, Any] = {"shop": entry.shop.id, "name": entry.shop.name, "market": entry.shop.market}
        for key, metric in zip(("all", "fault"), RATES, strict=True):
            figure = entry.figure(metric)
            row |= {f"{key}_{name}": figure[name] for name in FIGURES}
        rows.append(row)
    frame = pd.DataFrame(rows)
    for key in ("all", "fault"):
        frame[f"{key}_counts"] = count_of(frame, f"{key}_numerator", f"{key}_denominator", voice)
        # By day of the event a few orders can be outnumbered; "up to all of them" is what a reader needs.
        highs = frame[f"{key}_high"].where(frame[f"{key}_rate"] > 1, frame[f"{key}_high"].clip(upper=1.0))
        frame[f"{key}_range"] = [numbers.span(low, high) for low, high in zip(frame[f"{key}_low"], highs, strict=True)]
    columns = (
        ColumnView("name", text("others.shop"), weight=1.8),
        ColumnView("all_counts", text("brief.cancelled"), weight=1.2),
        ColumnView("all_rate", text("column.rate"), "percent", 0.9),
        ColumnView("all_range", text("column.range"), weight=1.4),
        ColumnView("all_usual", text("brief.usual"), "percent", 0.9),
        ColumnView("fault_counts", text("brief.fault"), weight=1.2),
        ColumnView("fault_rate", text("column.rate"), "percent", 0.9),
        ColumnView("fault_range", text("column.range"), weight=1.4),
        ColumnView("fault_usual", text("brief.usual"), "percent", 0.9),
    )
    caption, note = text("brief.table_shops", day=numbers.day(shops[0].day)), text("brief.table_shops_note")
    if nameless := [entry.shop.name for entry in shops if not entry.names_initiators]:
        note = text.sentences((note, text("brief.nameless_note", shops=text.parts(nameless))))
    return TableView("brief_shops", caption, frame, columns, note=note, most_rows=MOST_SHOPS)


def _line_rows(shops: list[ShopBrief], voice: Speaker) -> pd.DataFrame:
    frames = [
        entry.lines[entry.lines["change"] != "under"].assign(shop=entry.shop.id, name=entry.shop.name)
        for entry in shops
    ]
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame()
    frame = pd.concat(filled, ignore_index=True)
    labels = {
        "change_label": [voice.words(f"alert.{change}") for change in frame["change"]],
        "line_label": [line_label(row, voice) for row in frame.to_dict("records")],  # type: ignore[arg-type]
        "origin_label": [
            voice.words("alert.own") if origin == "own" else voice.words(f"confidence.{confidence}")
            for origin, confidence in zip(frame["origin"], frame["confidence"], strict=True)
        ],
        "counts": count_of(frame, "numerator", "denominator", voice),
    }
    return frame.assign(**labels)


def _line_table(frame: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    columns = (
        ColumnView("name", text("others.shop"), weight=1.6),
        ColumnView("change_label", text("alert.change"), weight=1.3),
        ColumnView("line_label", text("alert.line"), weight=4.0),
        ColumnView("counts", text("column.count"), weight=1.2),
        ColumnView("rate_before", text("alert.day_before"), "percent", 1.0),
        ColumnView("origin_label", text("column.confidence"), weight=1.2),
    )
    return TableView("brief_lines", text("alert.table"), frame, columns, note=text("alert.note"), most_rows=MOST_SHOPS)


def _reason_table(shops: list[ShopBrief], voice: Speaker) -> TableView:
    text = voice.words
    rows = [
        {
            "shop": entry.shop.id,
            "name": entry.shop.name,
            "reasons": reasons_text(entry.reasons, voice) or text("brief.none"),
        }
        for entry in shops
    ]
    columns = (
        ColumnView("name", text("others.shop"), weight=1.6),
        ColumnView("reasons", text("brief.reasons"), weight=6),
    )
    note = text("brief.reasons_note")
    return TableView(
        "brief_reasons", text("brief.table_reasons"), pd.DataFrame(rows), columns, note=note, most_rows=MOST_SHOPS
    )


def _request_table(shops: list[ShopBrief], voice: Speaker) -> Exhibit:
    text = voice.words
    frames = [entry.requests.assign(shop=entry.shop.id, name=entry.shop.name) for entry in shops if len(entry.requests)]
    without = [entry.shop.name for entry in shops if not len(entry.requests)]
    sentence = text("brief.no_requests", shops=text.parts(without)) if without else ""
    if not frames:
        return Prose("brief_requests", (Line(text("brief.no_requests_all"), "note"),))
    frame = pd.concat(frames, ignore_index=True)
    frame["kind_label"] = [text(f"brief.kind.{kind}") for kind in frame["kind"]]
    columns = (
        ColumnView("name", text("others.shop"), weight=2),
        ColumnView("kind_label", text("column.kind"), weight=1.6),
        ColumnView("today", text("brief.today"), "integer"),
        ColumnView("overdue", text("brief.overdue"), "integer"),
        ColumnView("waiting", text("brief.waiting"), "integer"),
    )
    return TableView(
        "brief_requests", text("brief.table_requests"), frame, columns, note=sentence, most_rows=MOST_SHOPS
    )


def _clock_table(shops: list[ShopBrief], voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    rows = []
    for entry in shops:
        mine, theirs = entry.figure(RATES[0]), entry.figure(RATES[0], "platform")
        rows.append(
            {
                "shop": entry.shop.id,
                "name": entry.shop.name,
                "zone": entry.shop.timezone,
                "own_starts": mine["starts"].isoformat(),
                "own_ends": mine["ends"].isoformat(),
                "platform_starts": theirs["starts"].isoformat(),
                "platform_ends": theirs["ends"].isoformat(),
                "own_label": text("brief.own_day", day=numbers.day(mine["starts"])),
                "platform_label": text(
                    "brief.platform_day",
                    first=f"{numbers.day(theirs['starts'])} {theirs['starts']:%H:%M}",
                    last=f"{numbers.day(theirs['ends'])} {theirs['ends']:%H:%M}",
                ),
                "numerator": theirs["numerator"],
                "denominator": theirs["denominator"],
                "rate": theirs["rate"],
            }
        )
    frame = pd.DataFrame(rows)
    frame["counts"] = count_of(frame, "numerator", "denominator", voice)
    columns = (
        ColumnView("name", text("others.shop"), weight=1.6),
        ColumnView("zone", text("parameter.timezone"), weight=1.6),
        ColumnView("own_label", text("brief.own_clock"), weight=1.8),
        ColumnView("platform_label", text("brief.platform_clock"), weight=2.8),
        ColumnView("counts", text("brief.cancelled_platform"), weight=1.4),
        ColumnView("rate", text("column.rate"), "percent", 0.8),
    )
    note = text("brief.clock_note")
    return TableView("brief_clocks", text("brief.table_clocks"), frame, columns, note=note, most_rows=MOST_SHOPS)


def failure_table(failures: pd.DataFrame, voice: Speaker) -> TableView:
    """The shops that could not be read, each with its cause."""
    text = voice.words
    columns = (
        ColumnView("name", text("others.shop"), weight=1.5),
        ColumnView("market", text("parameter.market"), weight=0.7),
        ColumnView("cause", text("portfolio.cause"), weight=5),
    )
    return TableView("not_read", text("portfolio.table_failed"), failures, columns, most_rows=MOST_SHOPS)


def brief_contents(brief: Brief, language: str = BASE) -> dict[str, Any]:
    """What `report.json` says of the brief; `text` is the message for a chat, `text_lines` the same, names apart."""
    voice = page_speaker(language)
    lines = message(brief, voice)
    day = voice.numbers.day(brief.day)
    markets = sorted({entry.shop.market for entry in brief.shops} | set(brief.failures["market"]))
    return {
        "shop": {
            "id": NAME,
            "name": voice.words("brief.title"),
            "market": ", ".join(markets),
            "synthetic": any(entry.shop.synthetic for entry in brief.shops),
        },
        "page": {
            "kind": NAME,
            "period": day,
            "subtitle": voice.words("brief.subtitle", day=voice.numbers.day(brief.day + timedelta(days=1))),
        },
        "week": str(week_of(brief.day)),
        "as_of": brief.day.isoformat(),
        "verdict": brief.verdict,
        "headline": lead(brief, voice),
        "rates": [],
        "findings": [line.text for line in _lead_lines(brief, voice)],
        "failed": brief.failures,
        "text": written(lines),
        "text_lines": [asdict(line) for line in lines],
        "parameters": {"day": brief.day.isoformat(), "version": __version__},
    }
