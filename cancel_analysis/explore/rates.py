"""The rates of a shop, or of a part of it, as a result: by group, over time, with picture and sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cancel_analysis.catalog.rates import FIRST_RATES, NEED_INITIATORS, RATES, so_far
from cancel_analysis.catalog.words import Words
from cancel_analysis.charts.grouped_rates import groups_picture, over_time_picture
from cancel_analysis.errors import SettingsError, unknown
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Picture, Prose, TableView
from cancel_analysis.exhibits.speaker import Speaker, rate_label, rate_label_so_far
from cancel_analysis.explore.results import Result
from cancel_analysis.rates.cube import rolling
from cancel_analysis.rates.grouped import (
    BY_LINE,
    BY_TIME,
    COLUMNS,
    NOT_KNOWN,
    WITHOUT_REASON,
    dimensions_of,
    rates_by,
)
from cancel_analysis.report.show import lab
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import MOST_DAYS, Study

# What a shop is asked first; a card and the sentences name these.
MAIN_RATES = (*FIRST_RATES, "late_dispatch_rate", "return_rate")


@dataclass(frozen=True, repr=False)
class Rates(Result):
    """Rates with numerator, denominator, 95 % interval and window, a row a rate and group.

    `plot(name)` draws one rate: its groups side by side, or over time where the groups are days, weeks or
    months; without a name, the first. `by` is what the rows are grouped by.
    """

    by: tuple[str, ...] = ()
    speaker: Speaker | None = None

    def head(self, n: int = 5) -> Rates:
        """The first `n` rows, shown as rates are."""
        return self._with(self.frame.head(n))

    def query(self, condition: str) -> Rates:
        """The rows that meet a condition on the columns, such as "rate > 0.05", as `DataFrame.query` takes it."""
        return self._with(self.frame.query(condition))

    def _with(self, frame: pd.DataFrame) -> Rates:
        assert self.speaker is not None
        frame = frame.reset_index(drop=True)
        notes = notes_of(frame, self.by, self.speaker.words)
        said = Prose("rates", tuple(Line(note, "note") for note in notes))
        return replace(self, frame=frame, exhibits=(said, table(frame, self.by, self.speaker)))

    @property
    def pictures(self) -> tuple[str, ...]:
        """The rates that `plot` draws; "rates" where all stand in one picture."""
        return tuple(dict.fromkeys(self.frame["metric"])) if self.by or "date" in self.frame else ("rates",)

    def plot(self, name: str = "") -> Any:
        """One rate as an Altair chart; SettingsError names the rates there are, or says that none can be drawn."""
        if name and name not in self.pictures:
            raise SettingsError(unknown("rate", name, self.pictures))
        if self.frame.empty or not self.frame["rate"].notna().any():
            raise SettingsError("there is no rate to draw: no order is in any denominator")
        lab.show_charts_offline()
        return lab.as_altair(self._picture(name or self.pictures[0]).chart)

    def _picture(self, name: str) -> Picture:
        assert self.speaker is not None
        words = self.speaker.words
        if name == "rates":
            longest = self.frame[self.frame["window"] == self.frame["window"].max()]
            labels = [rate_label(str(rate), words) for rate in longest["metric"]]
            title = words("explore.table_days", days=int(longest["window"].max())) if len(longest) else ""
            return groups_picture(longest.assign(group=labels), title or words("explore.table"), None, words)
        frame = self.frame[self.frame["metric"] == name]
        title = rate_label(name, words)
        times = [dimension for dimension in self.by if dimension in BY_TIME]
        if "date" in frame:
            return over_time_picture(frame.assign(group=""), title, words)
        whole = frame["numerator"].sum() / frame["denominator"].sum() if self.by == ("day",) else None
        frame, note = _sent(frame, self.by, words)
        groups = group_labels(frame, [dimension for dimension in self.by if dimension not in BY_TIME])
        if times:
            return over_time_picture(frame.assign(group=groups, date=first_days(frame[times[0]])), title, words, note)
        return groups_picture(frame.assign(group=groups), title, whole, words, note)


def _sent(frame: pd.DataFrame, by: Sequence[str], words: Words) -> tuple[pd.DataFrame, str]:
    """What a picture by carrier shows, and what it says of the rest.

    An order that was cancelled before it was sent has no carrier: drawn as one, those would dwarf all others.
    """
    if "carrier" not in by:
        return frame, ""
    sent = frame[frame["carrier"] != NOT_KNOWN]
    if len(sent) == len(frame) or not sent["rate"].notna().any():
        return frame, ""
    return sent, words("explore.carrier_left_out")


def group_labels(frame: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    """What each row's group is called: its dimensions with a dot between; a SKU by product and variation."""
    labels = pd.Series("", index=frame.index)
    for dimension in by:
        part = frame[dimension].astype("str")
        if dimension == "sku":
            named = frame["product"].fillna("") + " · " + frame["variation"].fillna("")
            part = named.str.strip(" ·") + " (" + part.str[-4:] + ")"
        labels = labels.where(labels == "", labels + " · ") + part
    return labels


def first_days(times: pd.Series) -> pd.Series:
    """The first day of each day, ISO week or month written as text."""
    text = times.astype("str")
    if text.str.contains("W").any():
        return pd.to_datetime(text + "-1", format="%G-W%V-%u")
    return pd.to_datetime(text)


def rates(
    study: Study,
    orders: pd.DataFrame,
    items: pd.DataFrame,
    *,
    names: Iterable[str] = tuple(RATES),
    by: str | Sequence[str] | None = None,
    freq: str | None = None,
    window: int | None = None,
    whole: bool = True,
    kept: Mapping[str, Collection[str]] | None = None,
) -> Rates:
    """The rates `names` of the orders and items given, in groups or not.

    `whole` says that they are all of the study's; then figures without groups are the study's own, for
    each of its windows. `kept` are values of affected items that alone are counted (`rates_by`). Raises
    SettingsError for a rate, dimension, frequency or window that there is not.
    """
    voice = speaker(study, study.shop.language)
    wanted = tuple(names)
    for name in wanted:
        if name not in RATES:
            raise SettingsError(unknown("rate", str(name), RATES))
    if window is not None and (isinstance(window, bool) or not isinstance(window, int) or not 1 <= window <= MOST_DAYS):
        raise SettingsError(f"window must be a whole number of days from 1 to {MOST_DAYS}, not {window!r}")
    dimensions = dimensions_of(by, freq)
    if not dimensions and whole and window is None:
        frame = study.rates[(study.rates["basis"] == "created") & study.rates["metric"].isin(wanted)]
        order = {name: number for number, name in enumerate(dict.fromkeys([*FIRST_RATES, *RATES]))}
        frame = frame.sort_values("metric", key=lambda column: column.map(order), kind="stable")[COLUMNS]
        frame = without(frame, study.untellable_rates)
    else:
        timed = any(dimension in BY_TIME for dimension in dimensions)
        days = window if window is not None or timed else study.period_days
        frame = rates_by(orders, items, study.shop, study.as_of, dimensions, days, wanted, kept)
        frame = without(frame, study.untellable_rates)
    return made(frame.reset_index(drop=True), dimensions, study, voice)


def without(frame: pd.DataFrame, silent: Sequence[str]) -> pd.DataFrame:
    """The frame with the figures of rates that no file can tell left empty."""
    mask = frame["metric"].isin(list(silent))
    figures = [column for column in COLUMNS if frame[column].dtype.kind in "fi" and column not in ("window",)]
    return frame.assign(**{column: frame[column].astype("float64").mask(mask) for column in figures})


def over_days(study: Study, name: str, window: int) -> Rates:
    """One rate over the last `window` days, for every day that the data fill such a window for."""
    if name not in RATES:
        raise SettingsError(unknown("rate", name, RATES))
    voice = speaker(study, study.shop.language)
    frame = rolling(study.daily_sums, name, window, shop=study.shop)
    frame = frame[frame["days"] == window]
    rate = RATES[name]
    frame = frame.assign(metric=name, label=rate.label, unit=rate.unit)
    frame = without(frame[["date", *COLUMNS]], study.untellable_rates).reset_index(drop=True)
    return made(frame, (), study, voice)


def made(frame: pd.DataFrame, by: tuple[str, ...], study: Study, voice: Speaker) -> Rates:
    """The frame as a result that shows itself."""
    lines = [Line(text) for text in sentences(frame, study, voice)] if not by and "date" not in frame else []
    notes = notes_of(frame, by, voice.words)
    exhibits: list[Exhibit] = [Prose("rates", (*lines, *(Line(note, "note") for note in notes)))]
    exhibits.append(table(frame, by, voice))
    result = Rates("rates", frame, tuple(exhibits), study.shop.language)
    return replace(result, by=by, speaker=voice)


def sentences(frame: pd.DataFrame, study: Study, voice: Speaker, names: Sequence[str] = MAIN_RATES) -> list[str]:
    """A sentence a main rate, over its longest window."""
    words, numbers = voice.words, voice.numbers
    said = []
    for name in names:
        rows = frame[frame["metric"] == name]
        if rows.empty:
            continue
        row = rows.iloc[-1]
        day = numbers.day(study.as_of)
        days = words("explore.all_days", day=day)
        if pd.notna(row["window"]):
            days = words("explore.days", days=int(row["window"]), day=day)
        label = rate_label_so_far(name, "created", words)
        if pd.isna(row["rate"]):
            nameless = name in NEED_INITIATORS and not study.names_initiators
            # Only a rate of a part chosen by a reason has no denominator at all.
            reasonless = name in WITHOUT_REASON and pd.isna(row["denominator"])
            key = "nameless" if nameless else "reasonless" if reasonless else "none"
            said.append(words(f"explore.rate_{key}", rate=label, days=days))
            continue
        least = "returned" in RATES[name].numerator and study.returns is None
        said.append(
            words(
                "explore.rate_at_least" if least else "explore.rate",
                rate=label,
                days=days,
                numerator=numbers.count(row["numerator"]),
                denominator=numbers.count(row["denominator"]),
                value=numbers.percent(row["rate"]),
                range=numbers.span(row["low"], row["high"]),
            )
        )
    return said


def notes_of(frame: pd.DataFrame, by: tuple[str, ...], words: Words) -> list[str]:
    notes = []
    if "carrier" in by:
        notes.append(words("explore.carrier_note"))
    elif any(dimension in BY_LINE for dimension in by):
        notes.append(words("explore.groups_note"))
    if any(so_far(str(name)) for name in frame["metric"].unique()):
        notes.append(words("explore.so_far"))
    return notes


def table(frame: pd.DataFrame, by: tuple[str, ...], voice: Speaker) -> TableView:
    """The rates as a table for people: amounts with their currency, rates in percent with their interval."""
    words, numbers = voice.words, voice.numbers
    counts = {
        column: [
            numbers.money(value, voice.currency) if unit == "money" else numbers.count(value)
            for value, unit in zip(frame[column], frame["unit"], strict=True)
        ]
        for column in ("numerator", "denominator")
    }
    shown = frame.assign(
        rate_name=[rate_label(str(name), words) for name in frame["metric"]],
        range=[numbers.span(low, high) for low, high in zip(frame["low"], frame["high"], strict=True)],
        numerator_shown=counts["numerator"],
        denominator_shown=counts["denominator"],
    )
    groups = ["date"] if "date" in frame else list(by)
    columns = [
        ColumnView(name, words(f"explore.column.{name}"), "date" if name == "date" else "text") for name in groups
    ]
    columns.append(ColumnView("rate_name", words("column.metric")))
    if frame["window"].notna().any():
        columns.append(ColumnView("window", words("explore.column.window"), "integer"))
    columns += [
        ColumnView("numerator_shown", words("column.count"), "figure", data=("numerator",)),
        ColumnView("denominator_shown", words("column.total"), "figure", data=("denominator",)),
        ColumnView("rate", words("column.value"), "percent"),
        ColumnView("range", words("column.range"), data=("low", "high"), data_kind="percent"),
    ]
    return TableView("rates", words("explore.table"), shown, tuple(columns), voice.currency)
