"""The tables behind the morning brief: every figure of yesterday, the lines watched, what waits, both clocks."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cancel_analysis.exhibits.kinds import ColumnView, Line, Prose, TableView
from cancel_analysis.exhibits.speaker import Speaker, count_of
from cancel_analysis.pages.brief import ShopBrief
from cancel_analysis.pages.brief_figures import FIGURES, RATES
from cancel_analysis.pages.brief_text import line_label, reasons_text
from cancel_analysis.pages.shop_rows import MOST_SHOPS


def yesterday_table(shops: list[ShopBrief], voice: Speaker) -> TableView:
    """Both rates of yesterday with their intervals, beside what is usual: a row a shop that is known."""
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
        frame[f"{key}_counts"] = _beside(frame, key, voice)
        # By day of the event a few orders can be outnumbered: then the counts alone are told.
        outnumbered = frame[f"{key}_rate"] > 1
        frame[f"{key}_rate"] = frame[f"{key}_rate"].mask(outnumbered)
        lows, highs = frame[f"{key}_low"].mask(outnumbered), frame[f"{key}_high"].clip(upper=1.0).mask(outnumbered)
        frame[f"{key}_range"] = [numbers.span(low, high) for low, high in zip(lows, highs, strict=True)]
    columns = (
        ColumnView("name", text("others.shop"), weight=1.8),
        ColumnView("all_counts", text("brief.cancelled"), weight=1.2, by=("all_numerator",)),
        ColumnView("all_rate", text("column.rate"), "percent", 0.9),
        ColumnView("all_range", text("column.range"), weight=1.4, by=("all_low",)),
        ColumnView("all_usual", text("brief.usual"), "percent", 0.9),
        ColumnView("fault_counts", text("brief.fault"), weight=1.2, by=("fault_numerator",)),
        ColumnView("fault_rate", text("column.rate"), "percent", 0.9),
        ColumnView("fault_range", text("column.range"), weight=1.4, by=("fault_low",)),
        ColumnView("fault_usual", text("brief.usual"), "percent", 0.9),
    )
    caption, note = text("brief.table_shops", day=numbers.day(shops[0].day)), text("brief.table_shops_note")
    if nameless := [entry.shop.name for entry in shops if not entry.names_initiators]:
        note = text.sentences((note, text("brief.nameless_note", shops=text.parts(nameless))))
    return TableView("brief_shops", caption, frame, columns, note=note, most_rows=MOST_SHOPS)


def _beside(frame: pd.DataFrame, key: str, voice: Speaker) -> list[str]:
    """What was cancelled beside what was placed (paid, for the seller's fault): the one is no part of the other."""
    text, numbers = voice.words, voice.numbers
    said = "brief.counts_placed" if key == "all" else "brief.counts_paid"
    prefix = f"{key}_" if f"{key}_numerator" in frame else ""
    counts = zip(frame[f"{prefix}numerator"], frame[f"{prefix}denominator"], strict=True)
    return [
        numbers.percent(None) if pd.isna(count) else text(said, count=numbers.count(count), total=numbers.count(total))
        for count, total in counts
    ]


def line_rows(shops: list[ShopBrief], voice: Speaker) -> pd.DataFrame:
    """The lines that were crossed, are still over or were left, with their words; empty where there is none."""
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


def line_table(frame: pd.DataFrame, voice: Speaker) -> TableView:
    """`line_rows` as a table."""
    text = voice.words
    columns = (
        ColumnView("name", text("others.shop"), weight=1.6),
        ColumnView("change_label", text("alert.change"), weight=1.3),
        ColumnView("line_label", text("alert.line"), weight=4.0),
        ColumnView("counts", text("column.count"), weight=1.2, by=("numerator",)),
        ColumnView("rate_before", text("alert.day_before"), "percent", 1.0),
        ColumnView("origin_label", text("column.confidence"), weight=1.2),
    )
    return TableView("brief_lines", text("alert.table"), frame, columns, note=text("alert.note"), most_rows=MOST_SHOPS)


def reason_rows(shops: list[ShopBrief], voice: Speaker) -> Prose:
    """The commonest reasons of each shop, for the files: the page says them in the shops' lines."""
    rows = [
        {
            "shop": entry.shop.id,
            "name": entry.shop.name,
            "reasons": reasons_text(entry.reasons, voice) or voice.words("brief.none"),
        }
        for entry in shops
    ]
    return Prose("brief_reasons", (), pd.DataFrame(rows))


def request_table(shops: list[ShopBrief], voice: Speaker) -> Prose | TableView:
    """What waits for the seller; a sentence where no shop has a file that says so."""
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


def clock_table(shops: list[ShopBrief], voice: Speaker) -> TableView:
    """The shop's own day beside the last whole day of the platform."""
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
    frame["counts"] = _beside(frame, "all", voice)
    frame["rate"] = frame["rate"].mask(frame["rate"] > 1)
    columns = (
        ColumnView("name", text("others.shop"), weight=1.6),
        ColumnView("zone", text("parameter.timezone"), weight=1.6),
        ColumnView("own_label", text("brief.own_clock"), weight=1.8, by=("own_starts",)),
        ColumnView("platform_label", text("brief.platform_clock"), weight=2.8, by=("platform_starts",)),
        ColumnView("counts", text("brief.cancelled_platform"), weight=1.4, by=("numerator",)),
        ColumnView("rate", text("column.rate"), "percent", 0.8),
    )
    note = text("brief.clock_note")
    return TableView("brief_clocks", text("brief.table_clocks"), frame, columns, note=note, most_rows=MOST_SHOPS)
