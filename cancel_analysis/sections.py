"""The parts of the shop report: a study in, exhibits out.

Each function is one part and is what one cell of the notebook calls. A part chooses which frames
are shown and in which order; figures come from the rooms below, sentences from `findings`,
pictures from `charts`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd

from cancel_analysis import __version__, breakdown, charts, findings
from cancel_analysis.benchmarks import VERDICTS
from cancel_analysis.catalog.words import words
from cancel_analysis.concentration import Standout, weekly
from cancel_analysis.exhibits import ColumnView, Exhibit, Line, Picture, Prose, Section, TableView
from cancel_analysis.findings import Speaker
from cancel_analysis.first_actions import actions_prose
from cancel_analysis.formats import Formats
from cancel_analysis.inference import wilson
from cancel_analysis.rate_definitions import RATES, so_far
from cancel_analysis.rates import rolling
from cancel_analysis.study import Study

# The two rates that people mix up stand first and side by side.
FIRST_RATES = ("order_cancellation_rate", "seller_fault_cancellation_rate")
WINDOWS = (7, 15, 30)
# Pictures of what stands out on the first page: a third would push the limits off it.
MOST_PICTURES = 2
# From this share of unknown reasons on, the first page must warn that it may name the wrong cause.
MOST_UNKNOWN = 0.1
# Weeks drawn in the picture of a rise.
DRAWN_WEEKS = 13
# An interval of fewer orders spans nearly everything.
FEW_ORDERS = 10
# Weeks of deliveries whose expected return rate stands below the rates of 30 days.
MONTH_OF_WEEKS = 4


def speaker(study: Study, language: str = "") -> Speaker:
    """Words, formats and currency for the sentences of a study, in `language` or the shop's own."""
    chosen = language or study.shop.language
    return Speaker(words(chosen), Formats(chosen), study.shop.currency)


def verdict(study: Study, language: str = "") -> Section:
    """Part 1: the verdict and what decided it, what stands out, what to do first."""
    voice = speaker(study, language)
    found = ranked(study)
    exhibits: list[Exhibit] = [
        findings.verdict_prose(study.judgement, voice),
        findings.findings_prose(found, headline(study, language), voice),
    ]
    lost = study.period_items[study.period_items["stage"] != "unpaid"]
    if study.knows_returns and not study.knows_return_reasons:
        exhibits.insert(1, Prose("no_returns", (Line(voice.words("note.no_return_reasons"), "warning"),)))
        # What is not known for want of a file is no reason that a catalog lacks.
        lost = lost[lost["stage"] != "return_refund"]
    share = breakdown.unknown_share(lost)
    if share > MOST_UNKNOWN:
        exhibits.insert(1, findings.unknown_prose(breakdown.unknown_reasons(lost), share, voice))
    if study.days_covered < study.period_days:
        covered = voice.say("note.covered", study.days_covered, days=study.period_days)
        exhibits.insert(1, Prose("covered", (Line(covered, "note"),)))
    if not study.knows_returns:
        exhibits.insert(1, Prose("no_returns", (Line(voice.words("note.no_returns"), "warning"),)))
    for one in found[:MOST_PICTURES]:
        exhibits.append(_standout_picture(study, one, voice))
        if one.dimension in ("product", "sku"):
            exhibits.append(_standout_table(one, voice))
    exhibits.append(actions_prose(found, study.judgement, study.fixes, study.request_desk, voice))
    return Section("verdict", tuple(exhibits))


def headline(study: Study, language: str = "") -> str:
    """The first sentence of the report, as the index page shows it."""
    reasons = breakdown.reasons_by_stage(study.period_items)
    orders = int(study.period_orders["first_line"].sum())
    return findings.headline(
        study.judgement, ranked(study), reasons, orders, study.days_covered, speaker(study, language)
    )


def ranked(study: Study) -> tuple[Standout, ...]:
    """What stands out, in the order in which the first page tells it: what is worth most to repair first."""
    # A single one has no order, and what a fix is worth takes its time to count.
    return study.fixes.ranked(study.standouts) if len(study.standouts) > 1 else study.standouts


def _standout_table(one: Standout, voice: Speaker) -> TableView:
    text = voice.words
    columns = (
        ColumnView("label", text("column.place"), weight=3),
        ColumnView("sku", text("column.sku_ids"), "id", 2.0),
        ColumnView("lines", text("column.lines"), "integer", 0.9),
        ColumnView("at_risk", text("column.at_risk"), "integer", 0.8),
        ColumnView("rate", text("column.rate"), "percent", 0.8),
        ColumnView("rest_rate", text("column.rest_rate"), "percent", 0.9),
    )
    caption = text("table.places", cause=text(f"cause.{one.root_cause}"))
    frame = one.places.assign(sku=one.places["sku_ids"].map(breakdown.first_id))
    return TableView(f"standout_{one.root_cause}_places", caption, frame, columns, most_rows=12)


def _standout_picture(study: Study, one: Standout, voice: Speaker) -> Picture:
    text, formats = voice.words, voice.formats
    cause, name = text(f"cause.{one.root_cause}"), f"standout_{one.root_cause}"
    if one.dimension == "weeks":
        assert one.since is not None
        frame = weekly(study.items, study.orders, one.root_cause, study.as_of).tail(DRAWN_WEEKS)
        frame = frame.assign(risen=frame["monday"] >= pd.Timestamp(one.since))
        sentence = {
            "rate": formats.percent(one.rate),
            "since": formats.day(one.since),
            "before": formats.percent(one.rest_rate),
        }
        return charts.weeks_picture(frame, name, cause, sentence, text)
    places = one.places[["label", "lines", "at_risk", "rate"]].assign(rest=False)
    rest = pd.DataFrame(
        {
            "label": [text("chart.rest")],
            "lines": [one.rest_lines],
            "at_risk": [one.rest_at_risk],
            "rate": [one.rest_rate],
            "rest": [True],
        }
    )
    frame = pd.concat([places, rest], ignore_index=True)
    frame["low"], frame["high"] = wilson(frame["lines"].to_numpy(), frame["at_risk"].to_numpy())
    return charts.places_picture(frame, name, cause, findings.names_of(one.places, text), text, formats)


def rates_and_limits(study: Study, language: str = "") -> Section:
    """Part 2: every limit with its standing, signal and verdict; the two rates over time; all rates."""
    voice = speaker(study, language)
    text = voice.words
    frame = study.judgement.frame
    lines = [Line(text("note.two_rates"), "note")]
    lines += [Line(sentence) for sentence in findings.other_readings(study.rates, max(WINDOWS), voice)]
    exhibits: list[Exhibit] = [Prose("two_rates", tuple(lines))]
    frame = frame[~frame["metric"].isin(study.silent_rates)]
    if len(frame):
        drawn = frame.assign(
            label=[
                f"{findings.rate_label_so_far(str(row.metric), str(row.date_basis), text)}\n"
                + text(
                    "chart.limit_label",
                    days=row.window_days,
                    limit=voice.formats.percent(row.limit),
                    force=text(f"force.{row.force}"),
                    confidence=text(f"confidence.{row.confidence}"),
                )
                for row in frame.itertuples()
            ],
            verdict=given_verdicts(frame),
        )
        sentence = " ".join(line.text for line in findings.verdict_prose(study.judgement, voice).lines[:2])
        drawn = drawn[drawn["limit"].notna()].drop_duplicates("label")
        drawn[["low", "high"]] = drawn[["low", "high"]].mask(drawn["so_far"].astype(bool))
        if drawn["rate"].notna().any():
            exhibits.append(charts.limits_picture(drawn, sentence, text, voice.formats))
        exhibits.append(_limits_table(frame, voice))
    exhibits += [_over_time(study, voice), _rates_table(study, voice)]
    return Section("rates", tuple(exhibits))


def given_verdicts(frame: pd.DataFrame) -> pd.Series:
    """The verdicts of the limits that give one; a limit shown for orientation has a standing only."""
    verdicts: pd.Series = frame["verdict"].astype("object").where(frame["gives_verdict"].astype("bool"), None)
    return verdicts


def _limits_table(frame: pd.DataFrame, voice: Speaker) -> TableView:
    text, formats = voice.words, voice.formats
    moved = frame["numerator_least"] != frame["numerator_other"]
    shown = frame.assign(
        metric_label=[
            text(
                "chart.rate_label",
                rate=findings.rate_label_so_far(metric, basis, text),
                days=days,
            )
            for metric, basis, days in zip(frame["metric"], frame["date_basis"], frame["window_days"], strict=True)
        ],
        counts=[
            text(
                "table.observed_readings" if row.moved else "table.observed",
                counts=text("table.count_of", count=formats.count(row.numerator), total=formats.count(row.denominator)),
                rate=formats.percent_apart(row.rate, row.limit),
                readings=formats.span(row.rate_least, row.rate_other),
            )
            for row in frame.assign(moved=moved).itertuples()
        ],
        range=[
            text("table.grows") if growing else formats.span(low, high)
            for growing, low, high in zip(frame["so_far"], frame["low"], frame["high"], strict=True)
        ],
        standing_label=[
            text("table.standing_and_signal", standing=text(f"standing.{standing}"), signal=text(f"signal.{signal}"))
            for standing, signal in zip(frame["standing"], frame["signal"], strict=True)
        ],
        room_label=[findings.room_label(row, voice) for _, row in frame.iterrows()],
        limit_label=[
            text(
                "table.limit_of",
                limit=formats.percent(row.limit),
                force=text(f"force.{row.force}"),
                confidence=text(f"confidence.{row.confidence}"),
            )
            for row in frame.itertuples()
        ],
        verdict_shown=given_verdicts(frame),
    )
    advisory = not frame["gives_verdict"].astype("bool").all()
    notes = ("note.room", *(("note.observed",) if moved.any() else ()), *(("note.advisory",) if advisory else ()))
    note = " ".join(text(one) for one in notes)
    columns = (
        ColumnView("metric_label", text("column.metric"), weight=2.6),
        ColumnView("counts", text("column.value"), weight=1.4),
        ColumnView("range", text("column.range"), weight=1.4),
        ColumnView("limit_label", text("column.limit"), weight=1.5),
        ColumnView("standing_label", text("column.standing_and_signal"), weight=1.5),
        ColumnView("room_label", text("column.room"), weight=1.5),
        ColumnView("verdict_shown", text("column.verdict"), "verdict", 1.4),
    )
    return TableView("limits_table", text("table.limits"), shown, columns, note=note)


def _over_time(study: Study, voice: Speaker) -> Exhibit:
    """The two rates over time; a line of text where no window has two days to be joined by a line."""
    text = voice.words
    first = study.as_of - timedelta(days=7 * DRAWN_WEEKS - 1)
    frames = []
    for name in FIRST_RATES:
        for window in WINDOWS:
            one = rolling(study.cube, name, window)
            # A window that the data do not fill yet would draw a wild line at the left edge.
            one = one[(one["date"] >= pd.Timestamp(first)) & (one["days"] == window)]
            frames.append(one.assign(rate_name=name, label=findings.rate_label(name, text)))
    frame = pd.concat(frames, ignore_index=True)[["date", "rate_name", "label", "window", "rate", "low", "high"]]
    if frame.empty or frame.groupby(["rate_name", "window"])["rate"].count().max() < 2:
        return Prose("over_time", (Line(text("note.over_time_none"), "note"),))
    own = study.judgement.frame
    own = own[own["gives_verdict"] & own["limit"].notna() & own["metric"].isin(FIRST_RATES)]
    # Of several limits of a rate the one that decides is drawn; a target decides nothing.
    own = own.assign(rank=own["verdict"].map(VERDICTS.index).astype("float64") + 0.5 * (own["force"] != "enforced"))
    own = own.sort_values("rank", kind="stable").drop_duplicates("metric")
    limits = pd.DataFrame(
        {
            "rate_name": own["metric"],
            "label": [findings.rate_label(one, text) for one in own["metric"]],
            "limit": own["limit"],
        }
    )
    settled = study.cancellations_to_come.settled_until
    still_open = bool(study.cancellations_to_come.weeks["still_open"].any())
    return charts.over_time_picture(frame, limits, text, voice.formats, settled if still_open else None)


def _rates_table(study: Study, voice: Speaker) -> TableView:
    text, formats = voice.words, voice.formats
    frame = study.rates
    created = frame[frame["basis"] == "created"]
    wide = created.pivot_table(index="name", columns="window", values="rate", sort=False, dropna=False)
    wide = wide.reindex(columns=list(WINDOWS)).set_axis([f"days{days}" for days in WINDOWS], axis=1)
    longest = created[created["window"] == max(WINDOWS)].set_index("name")
    wide = wide.join(longest[["numerator", "denominator", "low", "high"]])
    names = [*FIRST_RATES, *(name for name in wide.index if name not in FIRST_RATES)]
    wide = wide.reindex(names).rename_axis("name").reset_index()
    wide["label"] = [findings.rate_label_so_far(name, "created", text) for name in wide["name"]]
    # Nothing below the line: the interval says "anything", which a reader takes for a figure.
    known = wide["denominator"] > 0
    bounds = zip(wide["low"].where(known), wide["high"].where(known), strict=True)
    wide["so_far"] = [so_far(name) for name in wide["name"]]
    wide["range"] = [formats.span(low, high) for low, high in bounds]
    wide["range"] = wide["range"].mask(wide["so_far"] & known, text("table.grows"))
    few = _orders_below(wide) < FEW_ORDERS
    wide["range"] = wide["range"].mask(few, formats.percent(None))
    for figure in ("numerator", "denominator"):
        wide[f"{figure}_label"] = [
            formats.money(value, study.shop.currency) if RATES[name].unit == "money" else formats.count(value)
            for name, value in zip(wide["name"], wide[figure], strict=True)
        ]
    note = _maturity_note(study, voice)
    if (few & known).any():
        note = f"{note} {text('note.few_orders', orders=FEW_ORDERS)}"
    columns = (
        ColumnView("label", text("column.metric"), weight=2.8),
        *(ColumnView(f"days{days}", text(f"column.days{days}"), "percent", 0.9) for days in WINDOWS),
        ColumnView("range", text("column.range30"), weight=1.5),
        ColumnView("numerator_label", text("column.count"), "figure", 1.1),
        ColumnView("denominator_label", text("column.total"), "figure", 1.2),
    )
    return TableView("rates_table", text("table.rates"), wide, columns, study.shop.currency, note)


def _orders_below(rates: pd.DataFrame) -> pd.Series:
    """How many orders are below the line of each rate; of units and money, the orders that these belong to."""
    below = {RATES[name].denominator: total for name, total in zip(rates["name"], rates["denominator"], strict=True)}
    orders = [
        below[denominator if RATES[name].unit == "order" else f"orders_{denominator.split('_', 1)[1]}"]
        for name, denominator in ((name, RATES[name].denominator) for name in rates["name"])
    ]
    return pd.Series(orders, index=rates.index, dtype="float64")


def _maturity_note(study: Study, voice: Speaker) -> str:
    """That return rates are so far, and what the deliveries of the last weeks are expected to end at."""
    weeks = study.returns_to_come.weeks
    lately = study.returns_to_come.together(weeks.index >= len(weeks) - MONTH_OF_WEEKS)
    if lately is None or pd.isna(lately.low_95) or not lately.orders:
        return voice.words("note.maturity")
    percent = voice.formats.percent
    return voice.words(
        "note.maturity_expected",
        orders=voice.formats.count(lately.orders),
        weeks=lately.weeks,
        seen=percent(lately.seen / lately.orders),
        expected=percent(lately.expected / lately.orders),
        low=percent(lately.low_95 / lately.orders),
        high=percent(lately.high_95 / lately.orders),
    )


def parameters(study: Study) -> dict[str, Any]:
    """The settings that shaped this report, as plain values."""
    shop = study.shop
    return {
        "shop": shop.id,
        "market": shop.market,
        "week": str(study.week),
        "as_of": study.as_of.isoformat(),
        "period_days": study.period_days,
        "category": study.category,
        "product": study.product,
        "limits": shop.limits,
        "near_share": shop.near_share,
        "weights": f"{shop.seller_weight:g} / {shop.buyer_weight:g}",
        "timezone": shop.timezone,
        "currency": shop.currency,
        "refuse_limit": shop.refuse_limit,
        "version": __version__,
    }


def facts(study: Study, language: str = "") -> dict[str, Any]:
    """What `report.json` says of this report: the shop, the verdict, the rates and the sentences."""
    voice = speaker(study, language)
    shop = study.shop
    created = study.rates[(study.rates["basis"] == "created") & (study.rates["window"] == max(WINDOWS))]
    rates = [
        {
            "name": row["name"],
            "label": findings.rate_label(row["name"], voice.words),
            "value": row["rate"],
            "numerator": row["numerator"],
            "denominator": row["denominator"],
            "low": row["low"],
            "high": row["high"],
            "window": row["window"],
            "so_far": so_far(row["name"]),
            "key": row["name"] in FIRST_RATES,
        }
        for row in created.to_dict("records")
    ]
    first = (
        findings.verdict_prose(study.judgement, voice),
        findings.findings_prose(ranked(study), headline(study, language), voice),
    )
    return {
        "shop": {
            "id": shop.id,
            "name": shop.name,
            "market": shop.market,
            "currency": shop.currency,
            "synthetic": shop.synthetic,
        },
        "week": str(study.week),
        "as_of": study.as_of.isoformat(),
        "verdict": study.judgement.verdict,
        "headline": headline(study, language),
        "of_limit": _of_limit(study),
        "rates": sorted(rates, key=lambda one: one["name"] not in FIRST_RATES),
        "findings": [line.text for prose in first for line in prose.lines],
        "limits": study.judgement.frame,
        "parameters": parameters(study),
    }


def _of_limit(study: Study) -> float | None:
    """How many times its limit the deciding rate is, to rank shops of one verdict; None where none decides."""
    deciding = study.judgement.deciding
    if deciding is None or not deciding.limit.value or pd.isna(deciding.rate):
        return None
    return float(deciding.rate / deciding.limit.value)
