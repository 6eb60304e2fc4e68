"""The parts of the shop report: a study in, exhibits out.

Each function is one part and is what one cell of the notebook calls. A part chooses which frames
are shown and in which order; figures come from the rooms below, sentences from `sentences`,
pictures from `charts`.
"""

from __future__ import annotations

import pandas as pd

from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.charts.standouts import places_picture, weeks_picture
from cancel_analysis.charts.style import DRAWN_WEEKS
from cancel_analysis.diagnosis.standouts import Standout, weekly
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Picture, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, rate_label
from cancel_analysis.inference import wilson
from cancel_analysis.rates import breakdown
from cancel_analysis.sections import sentences
from cancel_analysis.sections.actions import actions_prose
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import NEED_INITIATORS, Study

# Pictures of what stands out on the first page: a third would push the limits off it.
MOST_PICTURES = 2
# Products that are to be taken down, named on the first page; all of them stand in the table behind it.
MOST_PRODUCTS = 5
# From this share of unknown reasons on, the first page must warn that it may name the wrong cause.
MOST_UNKNOWN = 0.1
# From a tenth of a point on, rows that no rate counts are told on the first page.
LEAST_BIAS = 0.001
# The shop's own rates on the first page, in order; the first two need to know who cancelled.
OWN_RATES = ("order_cancellation_rate", "seller_fault_cancellation_rate", "total_cancellation_rate", "return_rate")


def verdict(study: Study, language: str = "") -> Section:
    """Part 1: the verdict and what decided it, what stands out, what to do first."""
    voice = speaker(study, language)
    found = study.ranked_standouts
    exhibits: list[Exhibit] = [
        sentences.verdict_prose(study.judgement, voice),
        sentences.findings_prose(found, headline(study, language), voice),
    ]
    if (takedown := _products_taken_down(study, voice)) is not None:
        exhibits.insert(1, takedown)
    lost = study.period_items[study.period_items["stage"] != "unpaid"]
    if study.knows_returns and not study.knows_return_reasons:
        exhibits.insert(1, Prose("no_returns", (Line(voice.words("note.no_return_reasons"), "warning"),)))
        # What is not known for want of a file is no reason that a catalog lacks.
        lost = lost[lost["stage"] != "return_refund"]
    share = breakdown.unknown_share(lost)
    if share > MOST_UNKNOWN:
        exhibits.insert(1, sentences.unknown_prose(breakdown.unknown_reasons(lost), share, voice))
    if study.days_covered < study.period_days:
        covered = voice.say("note.covered", study.days_covered, days=study.period_days)
        exhibits.insert(1, Prose("covered", (Line(covered, "note"),)))
    if not study.knows_returns:
        exhibits.insert(1, Prose("no_returns", (Line(voice.words("note.no_returns"), "warning"),)))
    exhibits.insert(1, own_rates(study, voice))
    bias = study.intake.orders.account.bias
    if bias.too_low_by >= LEAST_BIAS:
        said = voice.words(
            "note.bias",
            lost=voice.numbers.count(bias.lost),
            rows=voice.numbers.count(bias.rows),
            cancelled=voice.numbers.count(bias.lost_cancelled),
            points=voice.numbers.decimal(100 * bias.too_low_by),
        )
        exhibits.insert(1, Prose("bias", (Line(said, "warning"),)))
    for standout in found[:MOST_PICTURES]:
        exhibits.append(_standout_picture(study, standout, voice))
        if standout.dimension in ("product", "sku"):
            exhibits.append(_standout_table(standout, voice))
    exhibits.append(actions_prose(found, study.judgement, study.fixes, study.request_queue, voice))
    return Section("verdict", tuple(exhibits))


def _products_taken_down(study: Study, voice: Speaker) -> Prose | None:
    """The products that the platform takes down, once the shop is over the limit that says so; None before that."""
    if study.products_taken_down is None:
        return None
    standing, products = study.products_taken_down
    if standing.standing != "over":
        return None
    share, days = voice.numbers.percent(standing.limit.product_value), standing.limit.window_days
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
    names = "; ".join([*named, *([voice.words("headline.more", count=more)] if more > 0 else [])])
    said = voice.say("decided.products", len(products), share=share, days=days, names=names)
    return Prose("taken_down", (Line(said, "warning"),), products)


def own_rates(study: Study, voice: Speaker) -> Prose:
    """The shop's own rates over the longest window: they stand here whether or not a limit is known.

    Where the files hardly say who cancelled, the total cancellation rate leads.
    """
    text, formats = voice.words, voice.numbers
    frame = study.rates
    days = max(WINDOWS)
    frame = frame[(frame["basis"] == "created") & (frame["window"] == days)].set_index("name")
    numerators = frame["numerator"].astype("float64").to_dict()
    every = frame["numerator_other"].astype("float64").to_dict()
    nameless = every["order_cancellation_rate"] - numerators["order_cancellation_rate"]
    cancelled = numerators["total_cancellation_rate"]
    silent = cancelled > 0 and nameless > cancelled / 2
    names = [one for one in OWN_RATES if not (silent and one in NEED_INITIATORS)]
    known = frame["rate"].notna().to_dict()
    told = [(name, frame.loc[name]) for name in names if known[name]]
    if not told:
        return Prose("own_rates", (Line(text("own.none", days=days), "note"),))
    parts = []
    for name, row in told:
        key = "own.part_at_least" if name == "return_rate" and study.returns is None else "own.part"
        parts.append(
            text(
                key,
                rate=rate_label(name, text),
                value=formats.percent(row["rate"]),
                count=formats.count(row["numerator"]),
                total=formats.count(row["denominator"]),
            )
        )
    lines = [Line(text("own.rates", days=days, day=formats.day(study.as_of), parts="; ".join(parts)), "finding")]
    if silent:
        said = text("own.no_initiators", count=formats.count(nameless), total=formats.count(cancelled))
        lines.append(Line(said, "warning"))
    shown = [name for name, _ in told]
    return Prose("own_rates", tuple(lines), frame.loc[shown, ["numerator", "denominator", "rate"]].reset_index())


def headline(study: Study, language: str = "") -> str:
    """The first sentence of the report, as the index page shows it."""
    reasons = breakdown.reasons_by_stage(study.period_items)
    orders = int(study.period_orders["first_line"].sum())
    return sentences.headline(
        study.judgement, study.ranked_standouts, reasons, orders, study.days_covered, speaker(study, language)
    )


def _standout_table(standout: Standout, voice: Speaker) -> TableView:
    text = voice.words
    columns = (
        ColumnView("label", text("column.place"), weight=3),
        ColumnView("sku", text("column.sku_ids"), "id", 2.0),
        ColumnView("lines", text("column.lines"), "integer", 0.9),
        ColumnView("at_risk", text("column.at_risk"), "integer", 0.8),
        ColumnView("rate", text("column.rate"), "percent", 0.8),
        ColumnView("rest_rate", text("column.rest_rate"), "percent", 0.9),
    )
    caption = text("table.places", cause=text(f"cause.{standout.root_cause}"))
    frame = standout.places.assign(sku=standout.places["sku_ids"].map(breakdown.first_id))
    return TableView(f"standout_{standout.root_cause}_places", caption, frame, columns, most_rows=12)


def _standout_picture(study: Study, standout: Standout, voice: Speaker) -> Picture:
    text, numbers = voice.words, voice.numbers
    cause, name = text(f"cause.{standout.root_cause}"), f"standout_{standout.root_cause}"
    if standout.dimension == "weeks":
        assert standout.since is not None
        frame = weekly(study.orders, study.items, standout.root_cause, study.as_of).tail(DRAWN_WEEKS)
        frame = frame.assign(risen=frame["monday"] >= pd.Timestamp(standout.since))
        sentence = {
            "rate": numbers.percent(standout.rate),
            "since": numbers.day(standout.since),
            "before": numbers.percent(standout.rest_rate),
        }
        return weeks_picture(frame, name, cause, sentence, text)
    places = standout.places[["label", "lines", "at_risk", "rate"]].assign(rest=False)
    rest = pd.DataFrame(
        {
            "label": [text("chart.rest")],
            "lines": [standout.rest_lines],
            "at_risk": [standout.rest_at_risk],
            "rate": [standout.rest_rate],
            "rest": [True],
        }
    )
    frame = pd.concat([places, rest], ignore_index=True)
    frame["low"], frame["high"] = wilson(frame["lines"].to_numpy(), frame["at_risk"].to_numpy())
    return places_picture(frame, name, cause, sentences.names_of(standout.places, text), text, numbers)
