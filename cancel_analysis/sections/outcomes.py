"""What was advised and what came of it, for people: before and after, the rest beside it, what cannot be said."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from cancel_analysis.diagnosis.actions import SHOP
from cancel_analysis.diagnosis.outcomes import AGE, SLOW_AGE
from cancel_analysis.exhibits.kinds import ColumnView, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker, points
from cancel_analysis.rates.breakdown import with_products
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study

# A fall, or too little since the day to tell one.
DEALT_WITH = ("fell", "fell_like_rest", "too_few", "too_early")
# Places named in a sentence; all of them stand in the table.
NAMED = 2


def outcomes(study: Study, language: str = "") -> Section:
    """A sentence and a row an action that was done; a line that says so where none was."""
    voice, frame = speaker(study, language), study.outcomes
    if frame.empty:
        return Section("outcomes", (Prose("outcomes", (Line(voice.words("outcome.none")),)),))
    names = _names(study)
    lines = [line for _, row in frame.iterrows() for line in _said(row, names, voice)]
    if frame["state"].isin(("fell", "fell_like_rest")).any():
        lines.append(Line(voice.words("outcome.chosen"), "note"))
    return Section("outcomes", (Prose("outcomes", tuple(lines), frame), _table(frame, names, voice)))


def dealt_with(study: Study, language: str = "") -> dict[str, str]:
    """Action id → what came of it, for actions that are not to be asked for again.

    Those that were done, unless enough was ordered since to tell that it did not fall: then it is advised anew.
    """
    voice, names = speaker(study, language), _names(study)
    rows = study.outcomes
    waits = rows[rows["state"].isin(DEALT_WITH)].sort_values("done", kind="stable")
    said = (
        (row["ids"].split(", "), " ".join(line.text for line in _said(row, names, voice)))
        for _, row in waits.iterrows()
    )
    return {name: told for ids, told in said for name in ids}


def advised(study: Study, language: str = "") -> Section:
    """The actions that are advised now, with their ids."""
    voice, frame = speaker(study, language), study.advised_actions
    text = voice.words
    if frame.empty:
        return Section("actions", (Prose("advised_none", (Line(text("outcome.nothing_advised")),)),))
    shown = frame.assign(
        cause_label=[text(f"root_cause.{cause}") for cause in frame["root_cause"]],
        place_label=[label or text("card.everywhere") for label in frame["label"]],
    )
    columns = (
        ColumnView("id", text("outcome.column.id"), weight=1.6),
        ColumnView("cause_label", text("outcome.column.cause"), weight=1.4),
        ColumnView("place_label", text("outcome.column.place"), weight=3),
        ColumnView("orders", text("outcome.column.orders"), "integer", 0.8),
        ColumnView("at_risk", text("outcome.column.at_risk"), "integer", 0.8),
    )
    return Section("actions", (TableView("advised_actions", text("outcome.advised"), shown, columns),))


def _names(study: Study) -> dict[str, str]:
    """What a reader calls a product or SKU."""
    lines = with_products(study.orders).drop_duplicates("sku_id", keep="last")
    variation = lines["variation"].fillna("").map(lambda text: f" ({text})" if text else "")
    skus = dict(zip(lines["sku_id"], lines["product"] + variation, strict=True))
    return {**dict(zip(lines["product_key"], lines["product"], strict=True)), **skus}


def _what(row: pd.Series, names: dict[str, str], voice: Speaker) -> str:
    cause = voice.words(f"root_cause.{row['root_cause']}")
    if row["dimension"] == SHOP:
        return voice.words("outcome.place_shop", cause=cause)
    places = [" ".join(str(names.get(place, place)).split()) for place in row["places"]]
    named = voice.words.listed(places[:NAMED])
    if len(places) > NAMED:
        named = voice.words("headline.more", names=named, count=voice.numbers.count(len(places) - NAMED))
    return voice.words("outcome.place", cause=cause, places=named)


def _said(row: pd.Series, names: dict[str, str], voice: Speaker) -> Iterator[Line]:
    text, numbers = voice.words, voice.numbers
    what, day = _what(row, names, voice), numbers.day(row["done"])
    state = row["state"]
    concluded = text(f"outcome.state.{_state(row)}", day=numbers.day(row["told_from"]))
    if not row["before_at_risk"]:
        yield Line(text("outcome.nothing_before", what=what, day=day))
        return
    if state == "too_early" or not row["after_at_risk"]:
        said = concluded if state == "too_early" else ""
        start = text("outcome.since_early", what=what, day=day) if said else ""
        yield Line(text.sentences((start, said)) if said else text("outcome.nothing_after", what=what, day=day))
        return
    change = text(
        "outcome.since",
        what=what,
        day=day,
        before=numbers.percent(row["before_rate"]),
        before_count=numbers.count(row["before_lines"]),
        before_total=numbers.count(row["before_at_risk"]),
        after=numbers.percent(row["after_rate"]),
        after_count=numbers.count(row["after_lines"]),
        after_total=numbers.count(row["after_at_risk"]),
        low=points(row["low"], voice),
        high=points(row["high"], voice),
    )
    rest = _rest(row, voice)
    beside = [text("outcome.rest", before=rest[0], after=rest[1])] if rest else []
    yield Line(text.sentences([change, *beside, concluded]), "finding" if state in ("fell", "rose") else "plain")


def _state(row: pd.Series) -> str:
    alone = row["state"] == "fell" and math.isnan(row["against_rest_high"])
    return "fell_alone" if alone else str(row["state"])


def _rest(row: pd.Series, voice: Speaker) -> tuple[str, str] | None:
    """The rest's rate before and after; None where there is no rest."""
    if row["dimension"] == SHOP or not row["rest_before_at_risk"] or not row["rest_after_at_risk"]:
        return None
    percent = voice.numbers.percent
    before = percent(row["rest_before_lines"] / row["rest_before_at_risk"])
    return before, percent(row["rest_after_lines"] / row["rest_after_at_risk"])


def _table(frame: pd.DataFrame, names: dict[str, str], voice: Speaker) -> TableView:
    text = voice.words
    rows = [row for _, row in frame.iterrows()]
    rests = [_rest(row, voice) for row in rows]
    compared = [row["before_at_risk"] and row["after_at_risk"] for row in rows]
    shown = frame.assign(
        what=[_what(row, names, voice) for row in rows],
        change=[
            f"{points(row['low'], voice)} … {points(row['high'], voice)}" if both else ""
            for row, both in zip(rows, compared, strict=True)
        ],
        rest=[" → ".join(rest) if rest else "" for rest in rests],
        came=[text(f"outcome.word.{state}") for state in frame["state"]],
    )
    shown["places"] = [text.listed(places) for places in shown["places"]]
    columns: list[ColumnView] = [
        ColumnView("done", text("outcome.column.done"), "date", 1.1),
        ColumnView("what", text("outcome.column.what"), weight=2.6),
        ColumnView("before_rate", text("outcome.column.before"), "percent", 0.8),
        ColumnView("after_rate", text("outcome.column.after"), "percent", 0.8),
        ColumnView("change", text("outcome.column.change"), "figure", 1.3),
        ColumnView("rest", text("outcome.column.rest"), "figure", 1.3),
        ColumnView("came", text("outcome.column.came"), weight=1.4),
    ]
    if frame["note"].ne("").any():
        columns.append(ColumnView("note", text("outcome.column.note"), weight=1.8))
    note = text("outcome.note", age=AGE, slow=SLOW_AGE)
    return TableView("outcomes_table", text("outcome.table"), shown, tuple(columns), note=note)
