"""The first screen: the finding in one sentence, four tiles, what to do now."""

from __future__ import annotations

from datetime import date

import pandas as pd

from cancel_analysis.exhibits.kinds import Cards, Exhibit, Line, Prose, Section
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.rates import breakdown
from cancel_analysis.sections import headlines, sentences
from cancel_analysis.sections.actions import action_cards
from cancel_analysis.sections.events import start_day
from cancel_analysis.sections.missing_files import no_returns_hint
from cancel_analysis.sections.outcomes import dealt_with
from cancel_analysis.sections.remedies import appeal_line
from cancel_analysis.sections.tiles import lacks_cancellations, tiles
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.once import once_a_language, once_a_study
from cancel_analysis.study.one_shop import Study

# Products that are to be taken down, named on the first page; all of them stand in the table behind it.
MOST_PRODUCTS = 5
# From this share of unknown reasons on, the first page must warn that it may name the wrong cause.
MOST_UNKNOWN = 0.1


def verdict(study: Study, language: str = "") -> Section:
    """Part 1: the finding, the tiles, what to do now, and what the reader must know to trust it."""
    voice = speaker(study, language)
    lines = [Line(headline(study, language), "headline", study.judgement.verdict)]
    lines += [Line(said) for said in sentences.lead_lines(study.judgement, voice)]
    if study.judgement.deciding is None:
        lines.append(Line(voice.words("action.pack_hint"), "hint"))
    exhibits: list[Exhibit] = [
        Prose("verdict", tuple(lines), study.judgement.frame),
        tiles(study, language),
        cards(study, language),
    ]
    if (appealable := appeal_line(study, voice)) is not None:
        exhibits.append(appealable)
    if (takedown := _products_taken_down(study, voice)) is not None:
        exhibits.append(takedown)
    if caveats := _caveats(study, voice):
        exhibits.append(Prose("caveats", tuple(caveats)))
    return Section("verdict", tuple(exhibits))


@once_a_language
def cards(study: Study, language: str = "") -> Cards:
    """What to do now; the first of them is what a page over all shops says of this one."""
    return action_cards(
        study.ranked_standouts,
        study.judgement,
        study.fixes,
        study.request_queue,
        speaker(study, language),
        told_since(study),
        dealt_with(study, language) if len(study.outcomes) else None,
    )


@once_a_study
def told_since(study: Study) -> dict[str, date]:
    """The day that is told for the rise of each cause that has one."""
    return {
        found.root_cause: start_day(study, found.root_cause, found.since)
        for found in study.ranked_standouts
        if found.since is not None
    }


@once_a_language
def headline(study: Study, language: str = "") -> str:
    """The first sentence of the report, as the index page shows it."""
    found = study.ranked_standouts
    since = told_since(study).get(found[0].root_cause) if found else None
    return headlines.headline(
        study.judgement,
        found,
        study.fixes,
        _orders(study),
        study.days_covered,
        study.shop.name,
        speaker(study, language),
        since,
        _grounds(study),
    )


def _orders(study: Study) -> int:
    return int(study.period_orders["first_line"].sum())


@once_a_study
def _grounds(study: Study) -> headlines.Grounds:
    """How much of what was lost the files explain, and how many of their cancellations rates count."""
    lost = _lost(study)
    bias = study.intake.orders.account.bias
    return headlines.Grounds(
        lost_orders=int(lost["order_id"].nunique()),
        lost_items=int(lost["units"].sum()),
        reasonless_items=breakdown.reasonless(lost),
        unknown_share=breakdown.unknown_share(lost),
        cancelled_rows=bias.cancelled,
        cancelled_lost=bias.lost_cancelled,
    )


def _lost(study: Study) -> pd.DataFrame:
    """Of the period's items lost after payment what tells how many reasons are not known."""
    items = study.period_items[["stage", "order_id", "reason", "reason_text", "units"]]
    return items[(items["stage"] != "unpaid").to_numpy()]


def _caveats(study: Study, voice: Speaker) -> list[Line]:
    """What makes the figures above less sure than they look; what only a file or a setting would mend is a hint."""
    lines: list[Line] = []
    lost = _lost(study)
    bias = study.intake.orders.account.bias
    if lacks_cancellations(study):
        said = voice.words(
            "note.bias",
            lost=voice.numbers.count(bias.lost),
            rows=voice.numbers.count(bias.rows),
            cancelled=voice.numbers.count(bias.lost_cancelled),
            points=voice.numbers.decimal(100 * bias.too_low_by),
        )
        lines.append(Line(said, "warning"))
    if not study.knows_returns:
        lines.append(no_returns_hint(study, voice))
    elif not study.knows_return_reasons:
        lines.append(Line(voice.words("note.no_return_reasons"), "hint"))
        lines.append(Line(voice.words("note.returns_at_least"), "note"))
        # What is not known for want of a file is no reason that nobody knows.
        lost = lost[lost["stage"] != "return_refund"]
    if study.holes:
        day = voice.numbers.day
        stretches = [voice.words("note.hole", first=day(first), last=day(last)) for first, last in study.holes]
        lines.append(Line(voice.words("note.holes", stretches="; ".join(stretches)), "warning"))
    if study.days_covered < study.period_days:
        lines.append(Line(voice.say("note.covered", study.days_covered, days=study.period_days), "note"))
    share = breakdown.unknown_share(lost)
    in_headline = not study.ranked_standouts and (
        headlines.open_ground(study.judgement, _grounds(study), _orders(study)) == "unexplained"
    )
    if share > MOST_UNKNOWN and not in_headline:
        lines += sentences.unknown_prose(breakdown.unknown_reasons(lost), share, voice).lines
    if not study.names_initiators:
        lines.append(Line(voice.words("note.no_initiators"), "note"))
    return lines


def _products_taken_down(study: Study, voice: Speaker) -> Prose | None:
    """The products that the platform takes down, once the shop is over the limit that says so; None before that."""
    if study.products_taken_down is None:
        return None
    standing, products = study.products_taken_down
    if standing.standing != "over":
        return None
    share, days = voice.numbers.limit(standing.limit.product_value), standing.limit.window_days
    if products.empty:
        return Prose("taken_down", (Line(voice.words("decided.products_none", share=share, days=days)),), products)
    named = [
        voice.words(
            "decided.product",
            product=" ".join(str(row.product).split()),
            rate=voice.numbers.percent(row.rate),
            count=voice.numbers.count(row.numerator),
            total=voice.numbers.count(row.denominator),
        )
        for row in products.head(MOST_PRODUCTS).itertuples()
    ]
    more = len(products) - MOST_PRODUCTS
    names = sentences.listed_names(named, more, voice.words)
    said = voice.say("decided.products", len(products), share=share, days=days, names=names)
    return Prose("taken_down", (Line(said, "warning"),), products)
