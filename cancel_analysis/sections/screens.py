"""The screens between the first and the evidence: where and who, what changed and what it costs, what waits."""

from __future__ import annotations

from dataclasses import replace

from cancel_analysis.charts.stages import printed
from cancel_analysis.charts.to_come import PICTURE as RETURNS
from cancel_analysis.exhibits.kinds import Exhibit, Picture, Prose, Section, TableView
from cancel_analysis.sections import changes, costs, order_management, stages, to_come
from cancel_analysis.sections.headlines import FEW_ORDERS
from cancel_analysis.sections.titles import LEAST_ITEMS
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study

# Rows of what waits that stand on the page; all of them stand in the file.
MOST_WAITING = 5
# What the hours left say already, and who says so.
ONLY_IN_FILE = ("due_label", "says", "dispute")
# Weeks of deliveries drawn from so many orders on: fewer make bars of single orders.
LEAST_DELIVERED = 30


def where_and_who(study: Study, language: str = "") -> Section:
    """Where items are lost, by whom, why, with which products: the linked picture, of items enough."""
    lost = study.period_items
    if int(lost.loc[lost["stage"] != "unpaid", "units"].sum()) < LEAST_ITEMS:
        return Section("where")
    found = _named(stages.stages(study, language), ("breakdown", "period"))
    shown = [replace(each, still=printed(each.chart)) if isinstance(each, Picture) else each for each in found]
    return Section("where", tuple(sorted(shown, key=lambda each: each.name)))


def changed_and_worth(study: Study, language: str = "") -> Section:
    """What changed, what it costs, and what each fix is worth; nothing of a handful of orders.

    A change that may be chance is one line. What a fix is worth stands where there is something to fix.
    """
    if not enough_orders(study) and study.judgement.verdict not in ("breach", "watch"):
        return Section("worth")
    kept: list[Exhibit] = []
    told = any(change.told for change in study.changes)
    for each in _named(changes.what_changed(study, language), ("changes", "changes_reasons")):
        kept.append(_without_notes(each, most=None if told else 1))
    needed = study.standouts or study.judgement.verdict in ("breach", "watch")
    kept += _named(costs.costs(study, language), ("costs_said",))
    if needed and (drawn := costs.fixes_drawn(study.fixes, speaker(study, language))) is not None:
        kept.append(drawn)
    return Section("worth", tuple(each for each in kept if _shows(each)))


def enough_orders(study: Study) -> bool:
    """Whether the period has orders enough for anything to be told of it."""
    return int(study.period_orders["first_line"].sum()) >= FEW_ORDERS


def waiting(study: Study, language: str = "") -> Section:
    """What waits for an answer, and the returns and cancellations still to come."""
    queue = study.request_queue
    names = ["request_desk", "request_waiting"]
    if (queue.waiting_returns["waits_for"] == "seller").any():
        names.append("request_returns")
    kept: list[Exhibit] = [
        replace(
            each,
            most_rows=MOST_WAITING,
            columns=tuple(column for column in each.columns if column.name not in ONLY_IN_FILE),
        )
        if isinstance(each, TableView)
        else each
        for each in _named(order_management.requests(study, language), tuple(names))
    ]
    coming = study.returns_to_come
    shown = ["returns_said"] if coming.can_say else []
    if enough_orders(study):
        shown.append("cancellations_said")
    kept += [_without_notes(each) for each in _named(to_come.still_to_come(study, language), tuple(shown))]
    if coming.open_weeks is not None and coming.open_weeks.orders >= LEAST_DELIVERED:
        drawn = _named(to_come.still_to_come(study, language), (RETURNS,))
        # On paper the sentence is enough.
        kept += [replace(each, on_paper=False) for each in drawn if isinstance(each, Picture)]
    return Section("waiting", tuple(each for each in kept if _shows(each)))


def _named(section: Section, names: tuple[str, ...]) -> list[Exhibit]:
    return [each for each in section.exhibits if each.name in names]


def _without_notes(exhibit: Exhibit, most: int | None = None) -> Exhibit:
    """Prose without its notes and with its first `most` lines; anything else as it is."""
    if not isinstance(exhibit, Prose):
        return exhibit
    return replace(exhibit, lines=tuple(line for line in exhibit.lines if line.kind != "note")[:most])


def _shows(exhibit: Exhibit) -> bool:
    return not isinstance(exhibit, Prose) or bool(exhibit.lines)
