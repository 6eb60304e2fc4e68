"""What a printed page has room for of the evidence: nothing that stands there already, the rates whole."""

from __future__ import annotations

from cancel_analysis.exhibits.kinds import TableView
from cancel_analysis.report.show.blocks.text import shown
from cancel_analysis.sections import folds
from cancel_analysis.sections.rates import rates_and_limits
from tests.studies import opened


def test_paper_gets_what_tells_most_first_and_nothing_twice() -> None:
    study = opened("us-harbor-home")
    title, found = folds.evidence_for_paper(study, "en")
    assert title == "The figures behind it"
    assert [each.name for each in found] == ["rates_table", "reasons", "products"]
    _, left = folds.evidence_for_paper(study, "en", shown={"reasons", "wheres"})
    assert [each.name for each in left] == ["rates_table", "products"]
    rates, reasons = found[0], found[1]
    assert isinstance(rates, TableView)
    assert isinstance(reasons, TableView)
    page = {each.name: each for each in rates_and_limits(study, "en").exhibits}["rates_table"]
    assert isinstance(page, TableView)
    told = page.frame["days30"].notna()
    assert set(shown(rates, paper=True)[0]["metric"]) == set(page.frame["metric"][told]), "all rates that are told"
    assert shown(rates, paper=True)[1] == 0
    rows, more = shown(reasons, paper=True)
    assert len(rows) + more == len(reasons.frame)
    assert len(rows) <= 12


def test_the_limits_on_paper_are_those_of_the_page_with_room_for_their_words() -> None:
    study = opened("us-harbor-home")
    (limits,) = folds.limits_for_paper(study, "en")
    page = {each.name: each for each in rates_and_limits(study, "en").exhibits}["limits_table"]
    assert isinstance(limits, TableView)
    assert isinstance(page, TableView)
    assert limits.frame.equals(page.frame)
    assert [column.name for column in page.columns if column not in limits.columns] == ["standing_label"]
