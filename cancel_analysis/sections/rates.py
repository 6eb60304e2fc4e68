"""Rates and limits: the report's second part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from cancel_analysis.catalog.rates import FIRST_RATES, NEED_INITIATORS, RATES, WINDOWS, so_far
from cancel_analysis.charts.rates import limits_picture, over_time_picture
from cancel_analysis.charts.style import DRAWN_WEEKS
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, count_of, rate_label, rate_label_so_far, sureness
from cancel_analysis.rates.cube import rate_figures
from cancel_analysis.sections import sentences, titles
from cancel_analysis.sections.rows import rows_of
from cancel_analysis.sections.voice import speaker
from cancel_analysis.sections.why import limits_of_lines
from cancel_analysis.study.once import once_a_language
from cancel_analysis.study.one_shop import Study

# An interval of fewer orders spans nearly everything.
LEAST_ORDERS_OF_A_RANGE = 10
# Weeks of deliveries whose expected return rate stands below the rates of 30 days.
MONTH_OF_WEEKS = 4
# What the cells of the limits table are made of.
LIMIT_FIGURES = (
    "rate", "limit", "rate_least", "rate_other", "force", "confidence", "assumptions", "window_days", "standing",
    "fewer", "back_on", "crosses_at", "chance_7_days",
)  # fmt: skip
# What is drawn of a rate over time, beside its days.
LINE_FIGURES = ("window", "denominator", "rate", "low", "high")


@once_a_language
def rates_and_limits(study: Study, language: str = "") -> Section:
    """Part 2: every limit with its standing, signal and verdict; the two rates over time; all rates."""
    voice = speaker(study, language)
    text = voice.words
    frame = study.judgement.frame
    lines = [Line(text("note.two_rates" if len(frame) else "note.two_rates_no_limit"), "note")]
    # Of a rate that the files cannot tell, no reading can be told either.
    told = study.rates[~study.rates["metric"].isin(study.untellable_rates)]
    lines += [Line(sentence) for sentence in sentences.other_readings(told, max(WINDOWS), voice)]
    exhibits: list[Exhibit] = [Prose("two_rates", tuple(lines))]
    frame = frame[~frame["metric"].isin(study.silent_rates)]
    if len(frame):
        drawn = frame.assign(
            label=[
                f"{rate_label_so_far(row['metric'], row['date_basis'], text)}\n"
                + text(
                    "chart.limit_label",
                    days=row["window_days"],
                    limit=voice.numbers.percent(row["limit"]),
                    force=text(f"force.{row['force']}"),
                    confidence=text(f"confidence.{row['confidence']}"),
                )
                for row in rows_of(frame, "metric", "date_basis", "window_days", "limit", "force", "confidence")
            ],
            verdict=given_verdicts(frame),
        )
        sentence = text.sentences(line.text for line in sentences.verdict_prose(study.judgement, voice).lines[:2])
        drawn = drawn[drawn["limit"].notna()].drop_duplicates("label")
        drawn[["low", "high"]] = drawn[["low", "high"]].mask(drawn["so_far"].astype(bool))
        # What is known at least is no rate, unless it is over a limit already.
        drawn["rate"] = drawn["rate"].mask(drawn["nameless"].astype(bool) & (drawn["standing"] != "over"))
        if drawn["rate"].notna().any():
            exhibits.append(limits_picture(drawn, sentence, text, voice.numbers, title=titles.limits(drawn, voice)))
        exhibits.append(_limits_table(frame, voice))
    exhibits += [_over_time(study, voice), _rates_table(study, voice)]
    return Section("rates", tuple(exhibits))


def given_verdicts(frame: pd.DataFrame) -> pd.Series:
    """The verdicts of the limits that give one; a limit shown for orientation has a standing only."""
    verdicts: pd.Series = frame["verdict"].astype("object").where(frame["gives_verdict"].astype("bool"), None)
    return verdicts


def _limits_table(frame: pd.DataFrame, voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    moved = frame["numerator_least"] != frame["numerator_other"]
    rows = rows_of(frame, *LIMIT_FIGURES)
    counted = count_of(frame, "numerator", "denominator", voice)
    shown = frame.assign(
        metric_label=[
            text(
                "chart.rate_label",
                rate=rate_label_so_far(metric, basis, text),
                days=days,
            )
            for metric, basis, days in zip(frame["metric"], frame["date_basis"], frame["window_days"], strict=True)
        ],
        counts=[
            text(
                "table.observed_readings" if moves else "table.observed",
                counts=count,
                rate=numbers.percent_apart(row["rate"], row["limit"]),
                readings=numbers.span(row["rate_least"], row["rate_other"]),
            )
            for moves, count, row in zip(moved, counted, rows, strict=True)
        ],
        range=[
            text("table.grows") if growing else numbers.span(low, high)
            for growing, low, high in zip(frame["so_far"], frame["low"], frame["high"], strict=True)
        ],
        standing_label=[
            text("table.standing_and_signal", standing=text(f"standing.{standing}"), signal=text(f"signal.{signal}"))
            for standing, signal in zip(frame["standing"], frame["signal"], strict=True)
        ],
        room_label=[sentences.room_label(row, voice) for row in rows],
        limit_label=[
            text(
                "table.limit_of",
                limit=numbers.percent(row["limit"]),
                force=text(f"force.{row['force']}"),
                confidence=sureness(
                    row["confidence"], filter(None, row["assumptions"].split(";")), row["window_days"], text
                ),
            )
            for row in rows
        ],
        verdict_shown=given_verdicts(frame),
    )
    advisory = not frame["gives_verdict"].astype("bool").all()
    notes = ("note.room", *(("note.observed",) if moved.any() else ()), *(("note.advisory",) if advisory else ()))
    note = text.sentences(text(key) for key in notes)
    columns = (
        ColumnView("metric_label", text("column.metric"), weight=2.6),
        ColumnView("counts", text("column.value"), weight=1.4, by=("rate",)),
        ColumnView("range", text("column.range"), weight=1.4, data=("low", "high"), data_kind="percent"),
        ColumnView("limit_label", text("column.limit"), weight=1.5, by=("limit",)),
        ColumnView("standing_label", text("column.standing_and_signal"), weight=1.5),
        ColumnView("room_label", text("column.room"), weight=1.5),
        ColumnView("verdict_shown", text("column.verdict"), "verdict", 1.4),
    )
    return TableView("limits_table", text("table.limits"), shown, columns, note=note)


def _over_time(study: Study, voice: Speaker) -> Exhibit:
    """The two rates over time; a line of text where no window has two days to be joined by a line."""
    text = voice.words
    first = study.as_of - timedelta(days=7 * DRAWN_WEEKS - 1)
    names = [name for name in FIRST_RATES if name not in study.untellable_rates]
    if not names:
        return Prose("over_time", (Line(text("decided.nameless"), "note"),))
    sums = study.daily_sums
    lines = [
        (name, _line(rate_figures(sums, name, window, sums.days()), first)) for name in names for window in WINDOWS
    ]
    if max((np.isfinite(line["rate"]).sum() for _, line in lines), default=0) < 2:
        return Prose("over_time", (Line(text("note.over_time_none"), "note"),))
    frame = pd.DataFrame(
        {
            "date": np.concatenate([line["date"] for _, line in lines]),
            "metric": [name for name, line in lines for _ in line["date"]],
            "label": [rate_label(name, text) for name, line in lines for _ in line["date"]],
            **{figure: np.concatenate([line[figure] for _, line in lines]) for figure in LINE_FIGURES},
        }
    )
    limits = limits_of_lines(study, tuple(names), voice)
    settled = study.cancellations_to_come.settled_until
    still_open = bool(study.cancellations_to_come.weeks["still_open"].any())
    picture = over_time_picture(
        frame.drop(columns="denominator"),
        limits,
        text,
        voice.numbers,
        settled if still_open else None,
        orders=int(frame["denominator"].max()),
        title=titles.two_rates(frame, max(WINDOWS), voice),
    )
    return picture or Prose("over_time", (Line(text("note.over_time_none"), "note"),))


def _line(figures: dict[str, np.ndarray], first: date) -> dict[str, np.ndarray]:
    """`LINE_FIGURES` of one rate (`rates.cube.rate_figures`) and their days, from `first` on.

    It begins with the first window that the files fill, as another would draw a wild line at the left edge; of later
    ones that they do not fill, as no file covers some of their days, the figures are empty, so that no line is drawn
    across. A window without an order, between files of months apart, has no rate and no range.
    """
    whole = figures["days"] == figures["window"]
    some = whole & (figures["denominator"] != 0)
    shown = {"rate": whole, "low": some, "high": some}
    kept = np.maximum.accumulate(whole) & (figures["date"] >= np.datetime64(first))
    line = {
        name: np.where(shown[name], figures[name], np.nan) if name in shown else figures[name]
        for name in ("date", *LINE_FIGURES)
    }
    return {name: values[kept] for name, values in line.items()}


def _rates_table(study: Study, voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers
    found = {
        (row["metric"], row["window"]): row
        for row in rows_of(study.rates, "metric", "basis", "window", "rate", "numerator", "denominator", "low", "high")
        if row["basis"] == "created"
    }
    names = [*FIRST_RATES, *(name for name in dict.fromkeys(name for name, _ in found) if name not in FIRST_RATES)]
    longest = [found[name, max(WINDOWS)] for name in names]
    untold = {name: why for name, why in study.untold.items() if name in names}
    nameless = [name for name in NEED_INITIATORS if not study.names_initiators and name not in untold]
    untold |= dict.fromkeys(nameless, "initiators")
    denominator = np.array([row["denominator"] for row in longest], dtype=float)
    # A denominator of 0: the interval says "anything", which a reader takes for a figure.
    known, few = denominator > 0, _orders_below(names, denominator) < LEAST_ORDERS_OF_A_RANGE

    def range_of(name: str, row: dict[str, Any], known: bool, few: bool) -> str:
        if name in untold:
            return text("rates_untold.cell")
        if few or not known:
            return numbers.percent(None) if few else numbers.span(np.nan, np.nan)
        return text("table.grows") if so_far(name) else numbers.span(row["low"], row["high"])

    def figure(column: str, window: int = max(WINDOWS)) -> list[float]:
        return [np.nan if name in nameless else float(found[name, window][column]) for name in names]

    def shown(name: str, value: float) -> str:
        return numbers.money(value, study.shop.currency) if RATES[name].unit == "money" else numbers.count(value)

    units = [RATES[name].unit for name in names]
    figures = {name: figure(name) for name in ("numerator", "denominator", "low", "high")}
    wide = pd.DataFrame(
        {
            "metric": names,
            **{f"days{days}": figure("rate", days) for days in WINDOWS},
            **figures,
            "label": [rate_label_so_far(name, "created", text) for name in names],
            "so_far": [so_far(name) for name in names],
            "range": [range_of(*each) for each in zip(names, longest, known, few, strict=True)],
            **{
                f"{figure}_label": [shown(*pair) for pair in zip(names, figures[figure], strict=True)]
                for figure in ("numerator", "denominator")
            },
            "unit": units,
            "unit_label": [study.shop.currency if unit == "money" else text(f"unit.{unit}") for unit in units],
        }
    )
    note = _maturity_note(study, voice)
    if (few & known).any():
        note = text.sentences((note, text("note.few_orders", orders=LEAST_ORDERS_OF_A_RANGE)))
    note = text.sentences((note, *(text(f"rates_untold.{why}") for why in dict.fromkeys(untold.values()))))
    if study.returns is None and study.knows_returns:
        note = text.sentences((note, text("rates_untold.at_least")))
    columns = (
        ColumnView("label", text("column.metric"), weight=2.8),
        *(ColumnView(f"days{days}", text(f"column.days{days}"), "percent", 0.9) for days in WINDOWS),
        ColumnView("range", text("column.range30"), weight=1.5, data=("low", "high"), data_kind="percent"),
        ColumnView(
            "numerator_label", text("column.count"), "figure", 1.1, data=("numerator",), by=("unit", "numerator")
        ),
        ColumnView(
            "denominator_label",
            text("column.total"),
            "figure",
            1.2,
            data=("denominator",),
            unit="unit_label",
            by=("unit", "denominator"),
        ),
    )
    return TableView("rates_table", text("table.rates"), wide, columns, study.shop.currency, note)


def _orders_below(metrics: Sequence[str], denominators: np.ndarray) -> np.ndarray:
    """How many orders are in the denominator of each rate; of units and money, the orders that these belong to."""
    below = {RATES[name].denominator: total for name, total in zip(metrics, denominators, strict=True)}
    rates = [RATES[name] for name in metrics]
    orders = [
        below[rate.denominator if rate.unit == "order" else f"orders_{rate.denominator.split('_', 1)[1]}"]
        for rate in rates
    ]
    return np.array(orders, dtype=float)


def _maturity_note(study: Study, voice: Speaker) -> str:
    """That return rates are so far, and what the deliveries of the last weeks are expected to end at."""
    weeks = study.returns_to_come.weeks
    lately = study.returns_to_come.together(weeks.index >= len(weeks) - MONTH_OF_WEEKS)
    if lately is None or pd.isna(lately.low_95) or not lately.orders:
        return voice.words("note.maturity")
    percent = voice.numbers.percent
    return voice.words(
        "note.maturity_expected",
        orders=voice.numbers.count(lately.orders),
        weeks=lately.weeks,
        seen=percent(lately.seen / lately.orders),
        expected=percent(lately.expected / lately.orders),
        low=percent(lately.low_95 / lately.orders),
        high=percent(lately.high_95 / lately.orders),
    )
