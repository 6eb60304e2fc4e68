"""What is said of actions that were done; ids stand in the card's fold and in report.json."""

import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from cancel_analysis.catalog.done_actions import DoneAction
from cancel_analysis.diagnosis.actions import SHOP, Action
from cancel_analysis.diagnosis.outcomes import outcomes as measured
from cancel_analysis.report.show.blocks.first_screen import cards_html
from cancel_analysis.sections.contents import report_contents
from cancel_analysis.sections.folds import evidence
from cancel_analysis.sections.outcomes import advised, dealt_with, outcomes
from cancel_analysis.sections.verdict import verdict
from tests.diagnosis.test_outcomes import AS_OF, action, day, entry, shop
from tests.sections.test_stories import SHOPS
from tests.studies import opened


def said(blocks, *entries):
    """The section of a shop whose outcomes are those of the blocks."""
    study = replace(opened("th-siam-beauty"))
    object.__setattr__(study, "outcomes", measured(*shop(*blocks), list(entries), AS_OF))
    return outcomes(study)


FELL = [("S1", day(-3), 40, 12), ("S2", day(-3), 200, 4), ("S1", day(3), 50, 1), ("S2", day(3), 220, 4)]


def test_a_fall_is_said_with_counts_interval_and_the_rest():
    section = said(FELL, entry(action()))
    first, note = section.exhibits[0].lines
    assert "done on 1 Oct 2026: before 30.0% (12 of 40 lines), after 2.0% (1 of 50)" in first.text
    assert "The rest of the shop: 2.0% before, 1.8% after." in first.text
    assert "It fell, beyond chance and beyond what the rest" in first.text
    assert first.kind == "finding"
    assert "because they stood out" in note.text
    table = section.exhibits[1].frame
    assert (table["came"].item(), table["rest"].item()) == ("fell", "2.0% → 1.8%")


@pytest.mark.parametrize(
    ("blocks", "told"),
    [
        ([("S1", day(-3), 40, 9), ("S1", day(3), 50, 8)], "Nothing can be concluded: the difference may be chance"),
        ([("S1", day(-3), 6, 2), ("S1", day(3), 5, 0)], "so few lines would prove nothing"),
        ([("S1", day(-40), 6, 2), ("S1", day(3), 5, 0)], "no lines of the 28 days before it"),
        ([("S1", day(-3), 6, 2)], "no such line was ordered since"),
    ],
)
def test_what_cannot_be_concluded_is_said(blocks, told):
    (line,) = said(blocks, entry(action())).exhibits[0].lines
    assert told in line.text
    assert line.kind == "plain"
    assert "nan" not in line.text.lower()


def test_too_early_says_from_when_on():
    young = DoneAction((action(),), date(2026, 11, 12), "", "actions.yaml", 2)
    text = said([("S1", date(2026, 11, 10), 6, 2), ("S1", date(2026, 11, 13), 5, 0)], young).exhibits[0].text
    assert "too early: the first orders after it can be counted from 20 Nov 2026 on" in text


def test_the_whole_shop_has_nothing_to_compare_with():
    text = said(FELL, entry(Action("stock", SHOP, "").id)).exhibits[0].text
    assert "the whole shop" in text
    assert "no rest of the shop" in text or "Nothing can be concluded" in text


def test_the_sellers_own_note_stands_in_the_table_only_where_there_is_one():
    noted = replace(entry(action()), note="hourly")
    assert "note" not in [column.name for column in said(FELL, entry(action())).exhibits[1].columns]
    table = said(FELL, noted).exhibits[1]
    assert "note" in [column.name for column in table.columns]
    assert table.frame["note"].tolist() == ["hourly"]


def test_without_anything_done_a_report_says_nothing_of_it():
    study = opened("id-toko-gadget")
    assert "Nothing is called done" in outcomes(study).exhibits[0].text
    assert not [one.name for fold in evidence(study).exhibits for one in fold.exhibits if one.name == "outcomes"]


@pytest.mark.parametrize("name", SHOPS)
def test_cards_reports_and_frames_have_the_same_ids(name):
    study = opened(name)
    cards = next(one for one in verdict(study).exhibits if one.name == "actions")
    told = [one for card in cards.cards for one in card.ids]
    frame = study.advised_actions
    assert set(told) <= set(frame["id"])
    assert frame["id"].is_unique
    if name == "id-toko-gadget":
        assert len(told) == 4
        html = cards_html(cards)
        fold = html[html.index("<details>") :]
        assert f'<p class="ids">Done? Say so in actions.yaml: <code>{told[0]}</code>' in fold
    contents = report_contents(study)
    assert contents["actions"]["id"].tolist() == frame["id"].tolist()
    assert json.dumps(contents["actions"].to_dict("list"), default=str)
    shown = advised(study).exhibits[0]
    assert bool(len(frame)) == hasattr(shown, "columns")


def test_what_came_of_it_stands_in_the_evidence_of_changes():
    study = replace(opened("id-toko-gadget"))
    frame = measured(*shop(*FELL), [entry(action())], AS_OF)
    object.__setattr__(study, "outcomes", frame)
    folds = {fold.name: [one.name for one in fold.exhibits] for fold in evidence(study).exhibits}
    assert {"outcomes", "outcomes_table"} <= set(folds["fold_changes"])
    assert isinstance(report_contents(study)["outcomes"], pd.DataFrame)


def shown(states):
    """The cards of a shop whose first advised action, or all of them, are done; with the ids of those that are."""
    study = replace(opened("id-toko-gadget"))
    ids = study.advised_actions["id"].tolist()[: len(states)]
    frame = measured(*shop(*FELL), [entry(action())], AS_OF)
    rows = [frame.assign(ids=name, state=state) for name, state in zip(ids, states, strict=True)]
    object.__setattr__(study, "outcomes", pd.concat(rows, ignore_index=True))
    (cards,) = [one for one in verdict(study).exhibits if one.name == "actions"]
    return cards.cards, ids


def test_what_was_done_and_fell_is_not_asked_for_again():
    before, ids = shown(["unclear"])
    cards, _ = shown(["fell"])
    assert ids[0] in before[0].ids
    assert ids[0] not in cards[0].ids
    assert set(before[0].ids) - {ids[0]} == set(cards[0].ids)
    assert before[0].where.split(";")[0] not in cards[0].where
    assert "done on 1 Oct 2026" in cards[-1].detail
    assert cards[-1].ids == ()


def test_several_ids_of_one_entry_are_all_done():
    study = replace(opened("id-toko-gadget"))
    ids = study.advised_actions["id"].tolist()
    together = DoneAction(tuple(ids), AS_OF, "", "actions.yaml", 1)
    object.__setattr__(study, "outcomes", measured(study.orders, study.items, [together], study.as_of))
    assert set(dealt_with(study)) == set(ids)


def test_a_report_whose_advice_is_all_done_says_so():
    count = len(opened("id-toko-gadget").advised_actions)
    cards, ids = shown(["too_early"] * count)
    asked = {name for card in cards for name in card.ids}
    assert not asked & set(ids)
    assert cards[-1].action in ("Nothing new to do: what stands out is done", "Done before: see what came of it")
    rose, _ = shown(["rose"] * count)
    assert set(ids) <= {name for card in rose for name in card.ids}, "what did not help is asked for again"
