"""The parts of the morning brief: what happened yesterday over all shops, one line a shop, the figures behind.

Frames in, exhibits out. The facts of a page over all shops say in `page` how it is
headed, as it is no single shop's report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from cancel_analysis.catalog.words import BASE
from cancel_analysis.charts.all_shops import days_picture
from cancel_analysis.exhibits.kinds import Exhibit, Fold, Line, Prose, Section, ShopRow, Tile
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.pages.brief import Brief, ShopBrief
from cancel_analysis.pages.brief_days import DaysTogether, day_total, days_together
from cancel_analysis.pages.brief_figures import RATES
from cancel_analysis.pages.brief_tables import (
    clock_table,
    line_rows,
    line_table,
    reason_rows,
    request_table,
    yesterday_table,
)
from cancel_analysis.pages.brief_text import (
    kind_of_day,
    lead,
    line_label,
    message,
    placed,
    rates,
    reasons_text,
    written,
)
from cancel_analysis.pages.shop_rows import failure_rows, named, page_speaker, rows_exhibit, tiles_exhibit
from cancel_analysis.version import __version__
from cancel_analysis.weeks import week_of

# The page's name below the output folder, in its files' marks and in `report.json`.
NAME = "brief"


def first_screen(brief: Brief, language: str = BASE) -> Section:
    """What happened yesterday over all shops: how many need something, four figures, the days before."""
    voice = page_speaker(language)
    lines = [Line(headline(brief, voice), "headline", brief.verdict)]
    lines += [Line(said) for said in _findings(brief, voice)]
    if unknown := [entry.shop.name for entry in brief.shops if not entry.known]:
        lines.append(Line(voice.words("brief.unknown", shops=named(unknown, voice)), "warning"))
    if undated := [entry.shop.name for entry in brief.shops if entry.known and not entry.known_whole]:
        lines.append(Line(voice.words("brief.undated", shops=named(undated, voice)), "warning"))
    exhibits: list[Exhibit] = [Prose("brief_lead", tuple(lines))]
    if known := [entry for entry in brief.shops if entry.known]:
        together = days_together([(entry.shop.id, entry.days) for entry in known], brief.day)
        exhibits.append(tiles_exhibit("brief_tiles", _tiles(brief, known, together, voice)))
        if together.shops:
            names = {entry.shop.id: entry.shop.name for entry in known}
            out, nameless = ([names[shop] for shop in shops] for shops in (together.out, together.nameless))
            exhibits.append(days_picture(together.frame, _left_out(out, nameless, voice), voice))
    return Section(NAME, tuple(exhibits))


def shop_lines(brief: Brief, language: str = BASE, links: Mapping[str, str] | None = None) -> Section:
    """One line a shop: those that need something, then those of which nothing is known, then the others.

    `links`: shop → the address of its report, where there is one.
    """
    voice, links = page_speaker(language), links or {}
    lines = [(entry, (entry.shop.id, _row(entry, voice, links.get(entry.shop.id, "")))) for entry in brief.shops]
    rows = [
        *(row for entry, row in lines if entry.needs),
        *failure_rows(brief.failures, voice),
        *(row for entry, row in lines if not entry.known),
        *(row for entry, row in lines if entry.known and not entry.needs),
    ]
    return Section("brief_shop_lines", (rows_exhibit("brief_shop_lines", rows, voice),) if rows else ())


def evidence(brief: Brief, language: str = BASE) -> Section:
    """The figures behind the lines, folded."""
    voice = page_speaker(language)
    text = voice.words
    known = [entry for entry in brief.shops if entry.known]
    if not known:
        return Section("brief_evidence")
    lines = line_rows(known, voice)
    figures = (yesterday_table(known, voice), *((line_table(lines, voice),) if len(lines) else ()))
    return Section(
        "brief_evidence",
        (
            Fold("brief_figures", text("brief.fold_figures"), figures),
            Fold("brief_waiting", text("brief.table_requests"), (request_table(known, voice),)),
            Fold("brief_days_of_clocks", text("brief.table_clocks"), (clock_table(known, voice),)),
            reason_rows(known, voice),
        ),
    )


def headline(brief: Brief, voice: Speaker) -> str:
    """How many shops need something today, and which first."""
    text, shops = voice.words, brief.shops
    if not shops:
        return text("shops.none") if brief.failures.empty else lead(brief, voice)
    needing = [entry for entry in shops if entry.needs]
    if not any(entry.known for entry in shops):
        return text("brief.lead_unknown")
    if not needing:
        known = sum(entry.known_whole for entry in shops)
        if not known:
            return text("brief.head_unknown")
        # A shop to be watched has something to start with: of it nobody says that it needs nothing.
        watched = [entry.shop.name for entry in shops if entry.known_whole and entry.verdict == "watch"]
        key = "brief.head_watch" if watched else "brief.head_none"
        count, first = (len(watched), watched[0]) if watched else (known, "")
        return voice.say(key if _is_whole(brief) else f"{key}_known", count, first=first)
    total = len(shops) + len(brief.failures)
    first = needing[0].shop.name
    if total == 1:
        return text("brief.head_alone", shop=first)
    return voice.say("brief.head_needs", len(needing), shops=voice.numbers.count(total), first=first)


def _is_whole(brief: Brief) -> bool:
    return all(entry.known_whole for entry in brief.shops) and brief.failures.empty


def _findings(brief: Brief, voice: Speaker) -> list[str]:
    """What was crossed and what runs out, where the headline has not said so."""
    if not any(entry.known_whole or entry.needs for entry in brief.shops):
        return []
    said = lead(brief, voice)
    return [] if _is_whole(brief) and said == voice.words("brief.lead_none") else [said]


def _tiles(brief: Brief, known: list[ShopBrief], together: DaysTogether, voice: Speaker) -> tuple[Tile, ...]:
    # The shops of the picture below, so that both say one number; where there is none, all.
    told = [entry for entry in known if not together.shops or entry.shop.id not in together.out]
    naming = [entry for entry in told if entry.names_initiators]
    return (
        _day_tile(RATES[0], told, known, voice),
        _day_tile(RATES[1], naming, known, voice),
        _over_tile(brief, known, voice),
        _due_tile(known, voice),
    )


def _day_tile(metric: str, shops: list[ShopBrief], known: list[ShopBrief], voice: Speaker) -> Tile:
    """Orders cancelled yesterday in all of `shops`, beside what is usual for the orders of that day; those of `known`
    that are not among them are named. Number, low and high are counts of orders."""
    text, numbers = voice.words, voice.numbers
    key, ordered = ("all", "placed") if metric == RATES[0] else ("fault", "paid")
    label, day = text(f"brief.tile_{key}"), day_total((entry.shop.id, entry.figure(metric)) for entry in shops)
    if day is None:
        return Tile(metric, label, text("tile.unknown"), text("tile.status.unknown"), "cannot_tell", "")
    counted = {entry.shop.id for entry in shops} - set(day.out)
    out = [entry.shop.name for entry in known if entry.shop.id not in counted]
    beside = (
        text(f"brief.tile_{ordered}", total=numbers.count(day.total)),
        rates({"rate": day.rate, "usual": day.usual}, voice),
        text("brief.tile_without", shops=named(out, voice)) if out else "",
    )
    return Tile(
        name=metric,
        label=label,
        value=numbers.count(day.count),
        status=text(f"brief.usual_{day.state}"),
        tone={"more": "watch"}.get(day.state, ""),
        detail=text.parts(said for said in beside if said),
        range=text("tile.range", span=numbers.span(day.low, min(day.high, 1.0))) if day.is_share else "",
        number=day.count,
        low=day.low * day.total if day.total else None,
        high=day.high * day.total if day.total else None,
    )


def _over_tile(brief: Brief, known: list[ShopBrief], voice: Speaker) -> Tile:
    """How many of the shops that can be judged are over a limit."""
    text, numbers = voice.words, voice.numbers
    judged = [entry for entry in known if entry.verdict != "cannot_tell"]
    untold = len(brief.shops) + len(brief.failures) - len(judged)
    label, left = text("brief.tile_over"), text("brief.untold", count=numbers.count(untold)) if untold else ""
    if not judged:
        return Tile("over", label, text("tile.unknown"), text("tile.status.unknown"), "cannot_tell", left)
    over = [entry.shop.name for entry in judged if entry.verdict == "breach"]
    watched = any(entry.verdict == "watch" for entry in judged)
    well = text("brief.well", count=numbers.count(sum(entry.verdict == "ok" for entry in judged)))
    return Tile(
        name="over",
        label=label,
        value=text("table.count_of", count=numbers.count(len(over)), total=numbers.count(len(judged))),
        status=named(over, voice) if over else text("brief.none_over"),
        tone="breach" if over else "watch" if watched else "cannot_tell" if untold else "ok",
        detail=text.parts((well, left) if left else (well,)),
        number=float(len(over)),
    )


def _due_tile(known: list[ShopBrief], voice: Speaker) -> Tile:
    text, numbers = voice.words, voice.numbers
    label = text("brief.tile_due")
    told = [entry for entry in known if len(entry.requests)]
    without = len(known) - len(told)
    detail = voice.say("brief.no_files", without) if without else ""
    if not told:
        return Tile("due", label, text("tile.unknown"), text("tile.status.unknown"), "cannot_tell", detail)
    due = sum(entry.run_out_today for entry in told)
    names = [entry.shop.name for entry in told if entry.run_out_today]
    return Tile(
        name="due",
        label=label,
        value=numbers.count(due),
        status=named(names, voice) if due else text("brief.due_none"),
        tone="watch" if due else "" if without else "ok",
        detail=detail,
        number=float(due),
    )


def _left_out(out: list[str], nameless: list[str], voice: Speaker) -> str:
    said = [voice.words("brief.days_note"), voice.words("brief.fault_note")]
    if out:
        said.append(voice.words("brief.days_out", shops=named(out, voice)))
    if nameless:
        said.append(voice.words("brief.nameless_note", shops=named(nameless, voice)))
    return voice.words.sentences(said)


def _row(entry: ShopBrief, voice: Speaker, link: str) -> ShopRow:
    text, shop = voice.words, entry.shop
    if not entry.known:
        said = text("brief.row_stale", day=voice.numbers.day(entry.covered))
        return ShopRow(shop.name, shop.market, "cannot_tell", text("shops.unknown"), said=said, link=link)
    action, by = _first(entry, voice)
    return ShopRow(
        name=shop.name,
        market=shop.market,
        verdict=entry.verdict,
        word=text(f"verdict.{entry.verdict}"),
        tile=entry.tile,
        action=action,
        by=by,
        said=_day_said(entry, voice),
        link=link,
    )


def _first(entry: ShopBrief, voice: Speaker) -> tuple[str, str]:
    """What to do first and by when: answer what runs out today, else what the deciding rate is mostly made of."""
    text = voice.words
    due = entry.requests[entry.requests["today"] > 0].sort_values("first")
    if len(due):
        row = due.iloc[0]
        first = datetime.fromisoformat(row["first"])
        kind = "requests" if row["kind"] == "cancellation" else "returns"
        by = voice.say("action.answer_by", int(row["today"]), day=voice.numbers.day(first), time=f"{first:%H:%M}")
        return voice.say(f"action.answer_{kind}", int(row["today"])), by
    if (leading := entry.leading) is not None:
        count, total = (voice.numbers.count(number) for number in (leading.count, leading.total))
        cause = text(f"cause.{leading.root_cause}")
        said = text("brief.do_cause", cause=cause, count=count, total=total, days=leading.days)
        return said, text.get(f"card.{leading.root_cause}.by", "")
    return (text(f"action.{entry.verdict}"), "") if entry.verdict in ("breach", "watch") else ("", "")


def _day_said(entry: ShopBrief, voice: Speaker) -> str:
    """Yesterday in a sentence or three: what was cancelled, what was crossed, why."""
    text, numbers = voice.words, voice.numbers
    both, fault = entry.figure(RATES[0]), entry.figure(RATES[1])
    said = [
        text(
            f"brief.row_{kind_of_day(entry)}",
            count=numbers.count(both["numerator"]),
            placed=placed(both, voice),
            fault=numbers.count(fault["numerator"]),
        )
    ]
    # The line of the rate that decides stands beside it; another one is told.
    decides = entry.tile.name if entry.tile is not None else ""
    for change in ("crossed", "still_over", "back_under"):
        lines = entry.changes(change).to_dict("records")
        shown = [row for row in lines if change != "still_over" or row["metric"] != decides]
        said += [text(f"brief.text_{change}", line=line_label(row, voice)) for row in shown]  # type: ignore[arg-type]
    if len(entry.reasons):
        said.append(text("brief.text_reasons", reasons=reasons_text(entry.reasons, voice)))
    return text.sentences(said)


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
            # Its first line is a finding: no second title above it.
            "headed": True,
            "period": day,
            "subtitle": voice.words("brief.subtitle", day=voice.numbers.day(brief.day + timedelta(days=1))),
        },
        "week": str(week_of(brief.day)),
        "as_of": brief.day.isoformat(),
        "verdict": brief.verdict,
        "headline": headline(brief, voice),
        "rates": [],
        "findings": _findings(brief, voice),
        "failed": brief.failures,
        "text": written(lines),
        "text_lines": [asdict(line) for line in lines],
        "parameters": {"day": brief.day.isoformat(), "version": __version__},
    }
