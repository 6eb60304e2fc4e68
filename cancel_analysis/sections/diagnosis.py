"""The diagnosis as a part of the shop report (and, beside it, the costs): a study in, exhibits out.

Figures come from `diagnosis.triage` and `diagnosis.costs`, sentences from the words of the report's
language; here it is only decided what is shown, and in which order.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cancel_analysis.charts.diagnosis import steps_picture
from cancel_analysis.diagnosis.tracking import HANDOVER_CHECKS, ON_WAY_CHECKS
from cancel_analysis.diagnosis.triage import Triage, TriageFinding, beside
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.sections import titles
from cancel_analysis.sections.evidence import evidence
from cancel_analysis.sections.sentences import names_of, standout_sentence
from cancel_analysis.sections.stock_reasons import stock_reasons
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.once import once_a_language
from cancel_analysis.study.one_shop import Study


@once_a_language
def diagnosis(study: Study, language: str = "") -> Section:
    """Part 6: what each check explains, with its evidence, what is left, and what others say."""
    voice = speaker(study, language)
    result = study.diagnosis
    exhibits: list[Exhibit] = [_summary(result, voice)]
    if result.units:
        exhibits += [_steps_picture(result, voice), _steps_table(result, voice)]
        for finding in result.steps:
            exhibits.append(
                Prose(
                    f"triage_{finding.title}_said",
                    tuple(_said(finding, result, voice, mapped=study.shop.mapping is not None)),
                    finding.evidence,
                )
            )
            if not finding.missing:
                exhibits += evidence(finding, voice)
            # That a stock log would tell more is said by the check itself.
            if finding.title == "stock_gap" and study.reason_against_stock.known:
                exhibits += stock_reasons(study.reason_against_stock, voice).exhibits
    frame = beside(result, study.period_items, int(study.period_orders["quantity"].sum()))
    exhibits.append(_beside_table(frame, voice))
    return Section("diagnosis", tuple(exhibits))


# --- diagnosis: sentences --------------------------------------------------------------------


def _summary(result: Triage, voice: Speaker) -> Prose:
    text, numbers = voice.words, voice.numbers
    if not result.units:
        return Prose("triage", (Line(text("triage.intro_none", days=result.days)),), result.table)
    left = result.unexplained_units
    intro = voice.say(
        "triage.intro",
        int(result.units),
        days=result.days,
        explained=numbers.count(result.units - left),
        share=numbers.percent((result.units - left) / result.units, 0),
        left=numbers.count(left),
        left_share=numbers.percent(left / result.units, 0),
    )
    return Prose("triage", (Line(intro, "finding"), Line(text("triage.order"), "note")), result.table)


def _said(finding: TriageFinding, result: Triage, voice: Speaker, *, mapped: bool) -> Iterator[Line]:
    """The finding in sentences: what was found, what limits it, what to do, or which file it needs."""
    text = voice.words
    title = text(f"triage.title.{finding.title}")
    if finding.missing:
        key = f"{finding.missing}_mapped" if mapped and finding.missing == "deadline" else finding.missing
        yield Line(text("triage.headed", title=title, said=text(f"triage.missing.{key}")), "hint")
        return
    says = {
        "codes": _say_codes,
        "stock_gap": _say_stock,
        "handover": _say_handover,
        "on_the_way": _say_on_the_way,
        "listing": _say_listing,
        "late_dispatch": _say_late,
    }
    first, *others = says.get(finding.title, _say_places)(finding, voice)
    # What chance and the spread of products may still explain is shown to be looked at, and is no finding.
    sure = bool(finding.found_units) and finding.figures.get("beyond", True)
    yield Line(text("triage.headed", title=title, said=first), "finding" if sure else "plain")
    for other in others:
        yield Line(other)
    if finding.found_units > finding.explained_units:
        yield Line(_anew(finding, voice), "note")
    if finding.found_units:
        fallback = text(f"action.{finding.root_cause}") if finding.root_cause else ""
        key = f"triage.todo.{finding.title}" if sure else f"triage.todo.{finding.title}_look"
        yield Line(text.get(key, fallback), "action")


def _anew(finding: TriageFinding, voice: Speaker) -> str:
    """How many of the units found were explained by an earlier check, so that they count once."""
    found = voice.numbers.count(finding.found_units)
    if not finding.explained_units:
        return voice.say("triage.say.anew_none", int(finding.found_units))
    return voice.say("triage.say.anew", int(finding.found_units - finding.explained_units), found=found)


def _say_codes(finding: TriageFinding, voice: Speaker) -> Iterator[str]:
    text, numbers = voice.words, voice.numbers
    share = numbers.percent(finding.explained_share, 0)
    yield voice.say("triage.say.codes", int(finding.explained_units), share=share)
    if finding.figures["unknown_units"]:
        yield text("triage.say.codes_unknown", units=numbers.count(finding.figures["unknown_units"]))


def _say_stock(finding: TriageFinding, voice: Speaker) -> Iterator[str]:
    text, numbers, figures = voice.words, voice.numbers, finding.figures
    stock = figures["stock_units"]
    if not stock:
        yield text("triage.say.stock_nothing")
    elif not finding.found_units:
        yield text("triage.say.stock_gap_none", stock=numbers.count(stock))
    else:
        yield text(
            "triage.say.stock_gap",
            explained=numbers.count(finding.found_units),
            stock=numbers.count(stock),
            share=numbers.percent(finding.found_units / stock, 0),
            skus=numbers.count(figures["skus"]),
            hours=numbers.count(figures["hours"]),
            oversold=numbers.count(figures["oversold_units"]),
        )
    if figures["no_record"]:
        yield voice.say("triage.say.stock_no_record", int(figures["no_record"]))
    if figures["never_sent"]:
        never, statements = numbers.count(figures["never_sent"]), numbers.count(figures["statements"])
        yield text("triage.say.stock_sending", never=never, statements=statements)


def _say_handover(finding: TriageFinding, voice: Speaker) -> Iterator[str]:
    yield from _say_tracking(finding, voice, "handover", HANDOVER_CHECKS)
    rows = finding.rows
    if len(rows) and ((rows["check"] == "label_only") & ~rows["waited"]).any():
        yield voice.words("triage.say.soon")


def _say_on_the_way(finding: TriageFinding, voice: Speaker) -> Iterator[str]:
    yield from _say_tracking(finding, voice, "on_the_way", ON_WAY_CHECKS)


def _say_tracking(finding: TriageFinding, voice: Speaker, key: str, checks: tuple[str, ...]) -> Iterator[str]:
    text, numbers, figures = voice.words, voice.numbers, finding.figures
    looked = numbers.count(figures["looked_orders"])
    if not figures["orders"]:
        yield text(f"triage.say.{key}_none", looked=looked)
    else:
        counts = {check: numbers.count(figures[check]) for check in checks}
        yield text(f"triage.say.{key}", orders=numbers.count(figures["orders"]), looked=looked, **counts)
        recent, of = numbers.count(figures["recent_orders"]), numbers.count(figures["recent_looked"])
        yield text("triage.say.recent", days=figures["recent_days"], orders=recent, looked=of)
    if figures["not_covered"] and key == "handover":
        yield text("triage.say.not_covered", orders=numbers.count(figures["not_covered"]))


def _say_listing(finding: TriageFinding, voice: Speaker) -> Iterator[str]:
    text, figures = voice.words, finding.figures
    tests = voice.numbers.count(figures["tests"])
    if figures["names"]:
        names = names_of(pd.DataFrame({"label": figures["names"]}), text)
        key = "listing" if figures["beyond"] else "listing_look"
        yield text(f"triage.say.{key}", days=figures["days"], tests=tests, names=names)
    elif figures["tests"]:
        yield text("triage.say.listing_none", days=figures["days"], tests=tests)
    else:
        yield text("triage.say.listing_too_few")


def _say_late(finding: TriageFinding, voice: Speaker) -> Iterator[str]:
    text, numbers, figures = voice.words, voice.numbers, finding.figures
    yield text(
        "triage.say.late_dispatch",
        late=numbers.count(figures["late"]),
        due=numbers.count(figures["due"]),
        share=numbers.percent(figures["share"]),
        explained=numbers.count(finding.found_units),
    )
    if figures["since"] is not None:
        yield text("triage.say.late_dispatch_since", since=numbers.day(figures["since"]))


def _say_places(finding: TriageFinding, voice: Speaker) -> Iterator[str]:
    yield standout_sentence(finding.figures["standout"], voice)
    yield voice.words("triage.say.places", excess=voice.numbers.count(finding.figures["excess"]))


# --- diagnosis: exhibits ---------------------------------------------------------------------


def _steps_picture(result: Triage, voice: Speaker) -> Exhibit:
    text, numbers = voice.words, voice.numbers
    done = result.table[result.table["missing"] == ""]
    rest = {
        "label": text("triage.unexplained"),
        "units": result.unexplained_units,
        "share": result.unexplained_units / result.units,
        "explained": False,
    }
    frame = pd.DataFrame(
        {
            "label": [text(f"triage.title.{title}") for title in done["title"]],
            "units": done["explained_units"],
            "share": done["explained_share"],
            "explained": True,
        }
    )
    frame = pd.concat([frame, pd.DataFrame([rest])], ignore_index=True)
    frame["text"] = [
        f"{numbers.count(units)}  ·  {numbers.percent(share, 0)}"
        for units, share in zip(frame["units"], frame["share"], strict=True)
    ]
    parts = [
        text("triage.part", title=label, share=numbers.percent(share, 0))
        for label, share in zip(frame["label"], frame["share"], strict=True)
    ]
    alternative = text("triage.picture_alt", parts=text.parts(parts))
    return steps_picture(frame, alternative, text, title=titles.checks(frame, voice))


def _steps_table(result: Triage, voice: Speaker) -> TableView:
    text = voice.words
    table = result.table
    done = table["missing"] == ""
    shown = table.assign(
        title_label=[text(f"triage.title.{title}") for title in table["title"]],
        cause_label=[text(f"root_cause.{root_cause}") if root_cause else "" for root_cause in table["root_cause"]],
        needs_label=[text(f"triage.needs.{missing}") if missing else "" for missing in table["missing"]],
        # A check that could not be made found nothing, which is not the same as finding 0.
        found=table["found_units"].where(done),
        explained=table["explained_units"].where(done),
        share=table["explained_share"].where(done),
        left=table["unexplained_share"].where(done),
    )
    columns = (
        ColumnView("title_label", text("triage.column.check"), weight=2.4),
        ColumnView("cause_label", text("column.root_cause"), weight=1.5),
        ColumnView("found", text("triage.column.found"), "integer", 0.9),
        ColumnView("explained", text("triage.column.explained"), "integer", 1.0),
        ColumnView("share", text("triage.column.share"), "percent", 0.8),
        ColumnView("left", text("triage.column.left"), "percent", 1.1),
        ColumnView("needs_label", text("triage.column.needs"), weight=1.6),
    )
    return TableView("triage_steps_table", text("triage.table.steps"), shown, columns)


def _beside_table(frame: pd.DataFrame, voice: Speaker) -> TableView:
    text, numbers = voice.words, voice.numbers

    def shown(value: float, unit: str) -> str:
        return numbers.percent(value) if unit == "share" else numbers.decimal(value, 2 if unit == "points" else 1)

    labelled = frame.assign(
        label=[text.get(f"triage.reference.{key}", said) for key, said in zip(frame["id"], frame["text"], strict=True)],
        said=[
            f"{sign} {shown(value, unit)}".strip()
            for sign, value, unit in zip(frame["comparison"], frame["reference"], frame["unit"], strict=True)
        ],
        confidence_label=[text(f"confidence.{confidence}") for confidence in frame["confidence"]],
    )
    columns = (
        ColumnView("label", text("triage.column.text"), weight=4.0),
        ColumnView("said", text("triage.column.reference"), weight=0.8, by=("unit", "reference")),
        ColumnView("own", text("triage.column.own_figure"), "percent", 0.8),
        ColumnView("confidence_label", text("column.confidence"), weight=1.1),
    )
    return TableView(
        "triage_beside", text("triage.table.beside"), labelled, columns, note=text("triage.note.beside"), folded=True
    )
