"""What is looked up: the evidence behind the report's sentences and the appendix, each part closed until asked for.

The parts are made by the same functions that an analyst calls; here is only decided what stands together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from cancel_analysis.exhibits.kinds import Exhibit, Fold, Picture, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.sections import (
    changes,
    costs,
    diagnosis,
    method,
    order_management,
    others,
    outcomes,
    rates,
    stages,
    to_come,
    why,
)
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study

Plain = Prose | TableView | Picture
# What a printed page has room for, the most telling first, and how many rows of it at most: all limits, all rates.
LIMITS_FOR_PAPER = {"limits_table": 12}
EVIDENCE_FOR_PAPER = {"rates_table": 24, "reasons": 12, "products": 12}
PLATFORMS = ("others_platforms", "others_platforms_said")
APPENDIX_OF_DIAGNOSIS = ("triage", "triage_steps", "triage_steps_table", "triage_beside")


def evidence(
    study: Study, language: str = "", *, shown: Collection[str] = (), other_platforms: bool = False
) -> Section:
    """The tables and pictures behind the report, folded by subject; other platforms' limits only when asked for.

    `shown` are the names of exhibits that stand on the page already: nothing stands there twice.
    """
    voice = speaker(study, language)
    checks = [each for each in diagnosis.diagnosis(study, language).exhibits if each.name not in APPENDIX_OF_DIAGNOSIS]
    beside = others.others(study, language).exhibits
    folds = (
        ("rates", rates.rates_and_limits(study, language).exhibits),
        ("lost", stages.stages(study, language).exhibits),
        ("changes", [*changes.what_changed(study, language).exhibits, *_done(study, language)]),
        ("checks", [*checks, *why.standout_tables(study, language)]),
        (
            "orders",
            [
                *order_management.orders_by_status(study, language).exhibits,
                *order_management.requests(study, language).exhibits,
            ],
        ),
        ("costs", costs.costs(study, language).exhibits),
        ("to_come", to_come.still_to_come(study, language).exhibits),
        ("others", [each for each in beside if each.name not in PLATFORMS]),
        ("platforms", [each for each in beside if each.name in PLATFORMS and other_platforms]),
    )
    left = [(name, [each for each in exhibits if each.name not in shown]) for name, exhibits in folds]
    return Section("evidence", tuple(_folds(left, voice)))


def limits_for_paper(study: Study, language: str = "") -> list[TableView | Picture]:
    """What a printed page has room for below what stands out: every limit with how the shop stands to it.

    The verdict says what standing and signal do: without these the words of the limit have room.
    """
    found = _named(rates.rates_and_limits(study, language).exhibits, LIMITS_FOR_PAPER)
    return [
        replace(each, columns=tuple(column for column in each.columns if column.name != "standing_label"))
        if isinstance(each, TableView)
        else each
        for each in found
    ]


def evidence_for_paper(
    study: Study, language: str = "", *, shown: Collection[str] = ()
) -> tuple[str, list[TableView | Picture]]:
    """What a last printed page has room for, the most telling first, and how it is headed; nothing that was `shown`."""
    wanted = {name: rows for name, rows in EVIDENCE_FOR_PAPER.items() if name not in shown}
    found = [*rates.rates_and_limits(study, language).exhibits, *stages.stages(study, language).exhibits]
    return speaker(study, language).words("fold.on_paper"), [_told(each) for each in _named(found, wanted)]


def _told(exhibit: TableView | Picture) -> TableView | Picture:
    """The rates that the files tell: on paper a row of dashes is one too many."""
    if exhibit.name != "rates_table" or not isinstance(exhibit, TableView):
        return exhibit
    return replace(exhibit, frame=exhibit.frame[exhibit.frame["days30"].notna()])


def _named(exhibits: Iterable[Exhibit], most_rows: Mapping[str, int]) -> list[TableView | Picture]:
    """The tables and pictures of these names, in their order; of a longer table the first rows."""
    found = {each.name: each for each in exhibits if isinstance(each, TableView | Picture) and len(each.frame)}
    chosen = {name: found[name] for name in most_rows if name in found}
    return [
        replace(each, folded=True, paper_rows=most_rows[name]) if isinstance(each, TableView) else each
        for name, each in chosen.items()
    ]


def appendix(study: Study, language: str = "") -> Section:
    """How the diagnosis went, what each rate counts, with which settings, and what became of every row."""
    voice = speaker(study, language)
    steps = [each for each in diagnosis.diagnosis(study, language).exhibits if each.name in APPENDIX_OF_DIAGNOSIS]
    parts = {each.name: each for each in method.method(study, language).exhibits}
    folds = (
        ("steps", steps),
        ("definitions", [parts.pop("definitions")]),
        ("settings", [parts.pop("parameters")]),
        ("files", list(parts.values())),
    )
    return Section("appendix", tuple(_folds(folds, voice)))


def _done(study: Study, language: str) -> tuple[Exhibit, ...]:
    """What came of what was done; nothing where nothing was: a report says nothing of a file that nobody needs."""
    return outcomes.outcomes(study, language).exhibits if len(study.outcomes) else ()


def _folds(parts: Iterable[tuple[str, Iterable[Exhibit]]], voice: Speaker) -> Iterable[Fold]:
    for name, exhibits in parts:
        inside = tuple(_opened(each) for each in exhibits if isinstance(each, Plain))
        if any(_says(each) for each in inside):
            yield Fold(f"fold_{name}", voice.words(f"fold.{name}"), inside)


def _opened(exhibit: Plain) -> Plain:
    """A table inside a fold is open: one click is enough."""
    return replace(exhibit, folded=False) if isinstance(exhibit, TableView) else exhibit


def _says(exhibit: Plain) -> bool:
    if isinstance(exhibit, Prose):
        return any(line.kind not in ("hint", "note") for line in exhibit.lines)
    return not isinstance(exhibit, TableView) or len(exhibit.frame) > 0
