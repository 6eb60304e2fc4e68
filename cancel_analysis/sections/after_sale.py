"""After-sale rates at a fixed age for people: weeks of deliveries that compare, and those that are not old enough."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.inference import newcombe
from cancel_analysis.rates.after_sale import AGES, KINDS, AfterSaleRates

SHOWN_WEEKS = 8
# The age at which the newest week that is old enough is compared, and with how many weeks before it.
COMPARED_AGE, WEEKS_BEFORE = 14, 4
# A rate of fewer deliveries is one order more or less.
LEAST_ORDERS = 10
# Kind → the columns of its row.
_Rates = dict[str, dict[str, Any]]


def after_sale(found: AfterSaleRates, voice: Speaker) -> Section:
    """A row a week with what was asked back, accepted and completed by each age; why not where nothing can be said."""
    if found.reason:
        # Why returns are not known is said by what is still to come.
        return Section("after_sale", (Prose("after_sale", (Line(voice.words(f"after_sale.{found.reason}"), "note"),)),))
    exhibits: list[Exhibit] = [Prose("after_sale", tuple(_lines(found, voice)), found.frame), _table(found, voice)]
    return Section("after_sale", tuple(exhibits))


def _lines(found: AfterSaleRates, voice: Speaker) -> list[Line]:
    """The newest week that is old enough against the weeks before, each at the same age."""
    text, numbers, frame = voice.words, voice.numbers, found.frame
    rows = frame[(frame["kind"] == "requested") & (frame["age"] == COMPARED_AGE) & frame["old_enough"]]
    rows = rows[rows["orders"] >= LEAST_ORDERS]
    if rows.empty:
        return [Line(text("after_sale.none_old", age=COMPARED_AGE, least=LEAST_ORDERS))]
    now, before = rows.iloc[-1], rows.iloc[-1 - WEEKS_BEFORE : -1]
    before_known = not before.empty
    said = text(
        "after_sale.newest" if before_known else "after_sale.newest_alone",
        age=COMPARED_AGE,
        day=numbers.day(now["last_day"]),
        rate=numbers.percent(now["rate"]),
        count=numbers.count(now["count"]),
        orders=numbers.count(now["orders"]),
    )
    if not before_known:
        return [Line(said)]
    count, orders = int(before["count"].sum()), int(before["orders"].sum())
    low, high = newcombe(now["count"], now["orders"], count, orders)
    key = "more" if low > 0 else "less" if high < 0 else "same"
    past = voice.say("after_sale.before", len(before), rate=numbers.percent(count / orders))
    return [Line(text.sentences([said, past, text(f"after_sale.{key}")]))]


def _table(found: AfterSaleRates, voice: Speaker) -> TableView:
    """A row a week, the newest first; each cell has the three rates, or says that the week is not old enough."""
    text = voice.words
    weeks: dict[pd.Timestamp, dict[int, _Rates]] = {}
    names = ["last_day", "age", "kind", "orders", "rate", "old_enough", "waiting", "low", "high"]
    for last_day, age, kind, *row in zip(*(found.frame[name].tolist() for name in names), strict=True):
        weeks.setdefault(last_day, {}).setdefault(age, {})[kind] = dict(zip(names[3:], row, strict=True))
    rows = [
        {
            "last_day": last_day,
            "orders": weeks[last_day][AGES[0]][KINDS[0]]["orders"],
            **{f"day_{age}": _cell(weeks[last_day][age], voice) for age in AGES},
        }
        for last_day in sorted(weeks, reverse=True)
    ]
    frame = pd.DataFrame(rows, columns=["last_day", "orders", *(f"day_{age}" for age in AGES)])
    columns = (
        ColumnView("last_day", text("to_come.column.week"), "date", 1.3),
        ColumnView("orders", text("to_come.column.orders"), "integer", 0.9),
        *(ColumnView(f"day_{age}", text("after_sale.column", age=age), "figure", 2) for age in AGES),
    )
    note = text("after_sale.note")
    return TableView("after_sale_weeks", text("after_sale.table"), frame, columns, note=note, most_rows=SHOWN_WEEKS)


def _cell(by_kind: _Rates, voice: Speaker) -> str:
    """The rates asked, accepted, completed of one week at one age."""
    text, numbers = voice.words, voice.numbers
    asked = by_kind["requested"]
    if not asked["orders"]:
        return ""
    rates = text("after_sale.cell", **{kind: numbers.percent(by_kind[kind]["rate"]) for kind in KINDS})
    if not asked["old_enough"]:
        if pd.notna(asked["low"]):
            return text("after_sale.young_range", rates=rates, span=numbers.span(asked["low"], asked["high"]))
        return text("after_sale.young", rates=rates)
    waiting = int(by_kind["accepted"]["waiting"])
    return voice.say("after_sale.waits", waiting, rates=rates) if waiting else rates
