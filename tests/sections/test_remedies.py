"""When the page of appeals is made, what stands on it, and the one line of the first screen."""

from dataclasses import replace

import pytest

from cancel_analysis.diagnosis.outcomes import outcomes as measured
from cancel_analysis.exhibits.kinds import Prose, TableView
from cancel_analysis.sections.remedies import MOST_ROWS, PAGE, appeal_line, matters, on_page, whole
from cancel_analysis.sections.verdict import verdict
from cancel_analysis.sections.voice import speaker
from tests.diagnosis.test_outcomes import AS_OF, action, entry, shop
from tests.frames import tracking_events
from tests.order_management.test_appeals import found_for, gone, order
from tests.sections.test_outcomes import FELL
from tests.sections.test_stories import SHOPS
from tests.studies import opened

AT_A_LIMIT = ("th-siam-beauty", "id-toko-gadget")


@pytest.mark.parametrize("shop", SHOPS)
def test_the_page_is_made_where_the_limit_is_reached_or_near(shop):
    assert matters(opened(shop)) is (shop in AT_A_LIMIT)


def test_the_page_is_made_where_something_was_done():
    study = replace(opened("uk-linen-lane"))
    assert not matters(study)
    object.__setattr__(study, "outcomes", measured(*shop(*FELL), [entry(action())], AS_OF))
    assert matters(study)
    assert list(whole(study))[-1] == "What was done, and what came of it"


def tables(parts):
    return {one.name: one for part in parts.values() for one in part.exhibits if isinstance(one, TableView)}


def test_the_page_shows_what_can_be_appealed_and_the_sheets_show_all():
    study = opened("th-siam-beauty")
    every = whole(study)
    assert list(every) == ["Appeals", "Standing with the platform"]
    shown = tables(on_page(study, every))["appeals_orders"]
    assert (shown.most_rows, len(shown.frame), shown.whole_in) == (8, 41, "appeals.xlsx")
    assert shown.frame["how_likely"].head(8).eq("possible").all()
    assert len(tables(every)["appeals_orders"].frame) == 41


def test_without_a_ground_the_page_points_to_the_sheets():
    study = opened("id-toko-gadget")
    parts = on_page(study, whole(study), sheets="mine.xlsx")
    assert list(parts) == ["Appeals", "Products at risk", "Standing with the platform"]
    assert "appeals_orders" not in tables(parts)
    (line,) = parts["Appeals"].exhibits[-1].lines
    assert (line.text, line.link) == ("All 29 stand in the workbook, with what the files show of each:", "mine.xlsx")
    assert "appeals_orders" in tables(whole(study))
    assert all(table.most_rows <= MOST_ROWS for table in tables(parts).values())


def line_of(*lost, fine=87, tracking=None):
    """The first screen's line of a shop with these cancellations among `fine` orders without."""
    study = replace(opened("th-siam-beauty"))
    found = found_for(*lost, *(order(500 + number) for number in range(fine - 60)), tracking=tracking)
    object.__setattr__(study, "appeals", found)
    judged = replace(study.judgement, standings=(found.standing,))
    object.__setattr__(study, "judgement", judged)
    return appeal_line(study, speaker(study))


def test_the_line_says_how_many_and_the_rate_if_all_are_accepted():
    scans = [{"tracking_id": f"T{number}", "at": "2026-11-12 08:00:00", "step": "picked_up"} for number in range(12)]
    lost = [gone(number, tracking_id=f"T{number}") for number in range(12)]
    line = line_of(*lost, gone(20, "Out of stock", "seller"), tracking=tracking_events(*scans))
    # 13 of 100 at a limit that 10 of 100 reach; without the twelve it is one.
    assert line.text == (
        "12 of the 13 cancellations that count against you can be appealed: the rate would be 1.0%, within the limit."
    )
    assert line.lines[0].link == PAGE


def test_within_the_limit_and_without_a_ground_there_is_no_line():
    assert line_of(gone(1), fine=87) is None, "one of 88 is under the limit"
    assert line_of(*(gone(number, "Out of stock", "seller") for number in range(13))) is None


def test_what_the_files_leave_open_is_said_as_that():
    ready = [gone(number, rts_at="2026-11-12 20:00:00") for number in range(13)]
    assert (
        line_of(*ready).text == "For 13 of the 13 cancellations that count against you the files leave an appeal open."
    )


@pytest.mark.parametrize("shop", SHOPS)
def test_the_first_screen_gains_one_line_at_most(shop):
    lines = [one for one in verdict(opened(shop)).exhibits if one.name == "appeal_line"]
    assert len(lines) == (shop == "th-siam-beauty")
    assert all(isinstance(one, Prose) and len(one.lines) == 1 for one in lines)
