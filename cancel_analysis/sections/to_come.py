"""Part 7 of the shop report: returns still to come, and cancellations still to come of open orders."""

from __future__ import annotations

import pandas as pd

from cancel_analysis.charts.style import DRAWN_WEEKS
from cancel_analysis.charts.to_come import to_come_picture
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.rates.still_to_come import ToCome, Together
from cancel_analysis.sections import titles
from cancel_analysis.sections.after_sale import after_sale
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.once import once_a_language
from cancel_analysis.study.one_shop import Study

# Weeks drawn; the table shows the newest of them, its file all.
SHOWN_WEEKS = 8
_ENDS = ("rate_low_95", "rate_high_95")


@once_a_language
def still_to_come(study: Study, language: str = "") -> Section:
    """Part 7: recent weeks of deliveries with the returns that are still to come; then the open orders."""
    voice = speaker(study, language)
    returns, cancellations = study.returns_to_come, study.cancellations_to_come
    lines = [Line(returns_sentence(returns, voice))]
    if returns.can_say:
        lines.append(Line(window_sentence(returns, voice), "note"))
    exhibits: list[Exhibit] = [Prose("returns_said", tuple(lines), _together_frame(returns))]
    if returns.can_say and returns.open_weeks is not None:
        weeks = returns.weeks.tail(DRAWN_WEEKS).reset_index(drop=True)
        picture = to_come_picture(weeks, voice.words, voice.numbers, title=titles.returns(weeks, voice))
        exhibits += [picture, _weeks_table(weeks, voice)]
    if not study.after_sale_rates.reason:
        exhibits += after_sale(study.after_sale_rates, voice).exhibits
    said = cancellations_sentence(cancellations, voice)
    if said:
        exhibits.append(Prose("cancellations_said", (Line(said),), _together_frame(cancellations)))
    return Section("to_come", tuple(exhibits))


def returns_sentence(found: ToCome, voice: Speaker) -> str:
    """How many of the orders delivered lately have been asked back, and how many will have been in the end."""
    text, numbers = voice.words, voice.numbers
    if not found.can_say:
        return text(f"to_come.returns_{found.reason}", days=found.horizon)
    lately = found.open_weeks
    if lately is None:
        return text("to_come.returns_all_in")
    return voice.say(
        "to_come.returns" if _has_range(lately) else "to_come.returns_no_range",
        lately.orders,
        first=numbers.day(lately.first_day),
        last=numbers.day(lately.last_day),
        seen=numbers.count(lately.seen),
        expected=numbers.count(lately.expected),
        low=numbers.count(lately.low_95),
        high=numbers.count(lately.high_95),
    )


def window_sentence(found: ToCome, voice: Speaker) -> str:
    """Until how many days after delivery returns are waited for, and from where that is known."""
    return voice.words(f"to_come.window_{found.origin}", days=found.horizon, source=voice.words.said(found.source))


def cancellations_sentence(found: ToCome, voice: Speaker) -> str:
    """How many of the orders still open will be cancelled; empty when none is open."""
    waiting = int(found.weeks["still_open"].sum())
    if not waiting:
        return ""
    lately = found.together(found.weeks["still_open"] > 0)
    if lately is None:
        return voice.say("to_come.open_cannot_say", waiting)
    more = lately.expected - lately.seen
    key = f"to_come.open{'' if _has_range(lately) else '_no_range'}{'_none' if more < 0.5 else ''}"
    values = {"more": more, "low": lately.low_95 - lately.seen, "high": lately.high_95 - lately.seen}
    return voice.say(key, waiting, **{name: voice.numbers.count(value) for name, value in values.items()})


def _has_range(lately: Together) -> bool:
    return bool(pd.notna(lately.low_95))


def _together_frame(found: ToCome) -> pd.DataFrame:
    """What the sentence says, as a frame of one row; empty when nothing can be said."""
    lately = found.open_weeks
    return pd.DataFrame([] if lately is None else [vars(lately)])


def _weeks_table(weeks: pd.DataFrame, voice: Speaker) -> TableView:
    text = voice.words
    frame = weeks.iloc[::-1].reset_index(drop=True)
    frame = frame.assign(range=[_range(row, voice) for _, row in frame.iterrows()])
    columns = (
        ColumnView("last_day", text("to_come.column.week"), "date", 1.3),
        ColumnView("orders", text("to_come.column.orders"), "integer", 1.0),
        ColumnView("seen", text("to_come.column.seen"), "integer", 1.2),
        ColumnView("maturity", text("to_come.column.maturity"), "percent", 1.2),
        ColumnView("completeness", text("to_come.column.completeness"), "percent", 1.1),
        ColumnView("rate_expected", text("to_come.column.rate"), "percent", 1.2),
        ColumnView("range", text("to_come.column.range"), weight=1.5, data=_ENDS, data_kind="percent"),
    )
    note = text("to_come.table_note")
    return TableView("returns_to_come_weeks", text("to_come.table"), frame, columns, note=note, most_rows=SHOWN_WEEKS)


def _range(row: pd.Series, voice: Speaker) -> str:
    if row["maturity"] >= 1:
        return voice.words("to_come.whole")
    if pd.notna(row["low_95"]):
        return voice.numbers.span(row["rate_low_95"], row["rate_high_95"])
    return voice.words("to_come.nearly" if row["mature"] else "to_come.cannot_say")
