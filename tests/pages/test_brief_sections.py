"""The morning brief's page: its headline, its figures over all shops, one line a shop, nothing unknown called well."""

from dataclasses import replace
from datetime import date
from functools import cache

import pandas as pd
import pytest
from scipy import stats

from cancel_analysis.exhibits.kinds import Fold, Picture, Prose, ShopRows, Tiles
from cancel_analysis.pages.brief import Brief, brief_of, shop_brief
from cancel_analysis.pages.brief_sections import brief_contents, evidence, first_screen, headline, shop_lines
from cancel_analysis.pages.brief_text import message, written
from cancel_analysis.pages.shop_rows import MOST_SHOPS, page_speaker
from tests.frames import cancel_requests
from tests.pages.test_brief import DAY, YESTERDAY, opened, order, replace_id, request, study_of, text_of

NO_FAILURE = pd.DataFrame(columns=["shop", "name", "market", "cause"])
QUIET = [order(n, "2026-11-13 09:00:00") for n in range(20, 40)]


def rows_of(brief, **options):
    (exhibit,) = shop_lines(brief, **options).exhibits
    assert isinstance(exhibit, ShopRows)
    return {row.name: row for row in exhibit.rows}


def tiles_of(brief):
    (tiles,) = [exhibit for exhibit in first_screen(brief).exhibits if isinstance(exhibit, Tiles)]
    return {tile.name: tile for tile in tiles.tiles}


def test_the_sample_opens_with_how_many_need_something_and_which_first():
    brief = opened()
    lead, tiles, picture = first_screen(brief).exhibits
    assert [type(each) for each in (lead, tiles, picture)] == [Prose, Tiles, Picture]
    assert lead.lines[0].kind == "headline"
    assert lead.lines[0].text == "3 of 6 shops need something today, Siam Beauty first."
    rows = list(rows_of(brief))
    needing = [entry.shop.name for entry in brief.shops if entry.needs]
    assert rows[: len(needing)] == needing
    assert len(rows) == 6


def test_the_figures_of_all_shops_are_the_sums_of_theirs():
    brief = opened()
    figures = [entry.figure("order_cancellation_rate") for entry in brief.shops]
    count, total = (sum(figure[name] for figure in figures) for name in ("numerator", "denominator"))
    tile = tiles_of(brief)["order_cancellation_rate"]
    assert (tile.number, tile.value) == (count, f"{count:.0f}")
    assert tile.detail.startswith(f"{total:.0f} placed yesterday; {100 * count / total:.1f}%, usually ")
    assert tile.low == pytest.approx(stats.chi2.ppf(0.025, 2 * count) / 2)
    assert tile.high == pytest.approx(stats.chi2.ppf(0.975, 2 * count + 2) / 2)


def test_more_than_usual_is_told_only_beyond_chance():
    before = [order(n, "2026-11-10 09:00:00") for n in range(100, 200)]
    few = [order(n, "2026-11-15 09:00:00", "2026-11-15 10:00:00") for n in range(2)]
    many = [order(n, "2026-11-15 09:00:00", "2026-11-15 10:00:00") for n in range(30)]
    placed = [order(n, "2026-11-15 09:00:00") for n in range(300, 330)]
    seldom = order(99, "2026-11-10 09:00:00", "2026-11-10 10:00:00")
    for lost, status in ((few, "As usual"), (many, "More than usual")):
        brief = brief_of([study_of(*before, seldom, *placed, *lost)], DAY)
        assert tiles_of(brief)["order_cancellation_rate"].status == status
    # Nothing was ordered before: what is usual is not known.
    assert tiles_of(brief_of([study_of(*many)], DAY))["order_cancellation_rate"].status == "What is usual is not known"


NINE_OF_ONE = [
    *(order(n, "2026-11-10 09:00:00", "2026-11-15 10:00:00") for n in range(9)),
    order(10, "2026-11-15 09:00:00"),
]


def test_more_cancelled_than_placed_is_told_in_counts_and_not_as_a_share():
    brief = brief_of([study_of(*NINE_OF_ONE)], DAY)
    tile, row = tiles_of(brief)["order_cancellation_rate"], rows_of(brief)["Shop"]
    assert (tile.value, tile.detail, tile.range, tile.number) == ("9", "1 placed yesterday", "", 9)
    said = "Yesterday 9 cancelled by buyer or seller, 1 placed; seller at fault in 9, late ones included."
    assert row.said.startswith(said)
    assert "9 cancelled, 1 placed, seller at fault in 9" in text_of(brief)
    folds = [fold for fold in evidence(brief).exhibits if isinstance(fold, Fold)]
    tables = {each.name: each.frame for fold in folds for each in fold.exhibits}
    shown = tables["brief_shops"].iloc[0]
    assert (shown["all_counts"], shown["fault_counts"]) == ("9; 1 placed", "9; 1 paid")
    assert pd.isna(shown["all_rate"])
    assert "%" not in shown["all_range"]
    # The platform's day ends at 11:00 here, and has the nine and the one, too.
    assert tables["brief_clocks"].iloc[0]["counts"] == "9; 1 placed"
    assert pd.isna(tables["brief_clocks"].iloc[0]["rate"])


def test_what_is_not_known_to_be_usual_is_not_written():
    detail = tiles_of(brief_of([study_of(*YESTERDAY[:6])], DAY))["order_cancellation_rate"].detail
    assert detail == "5 placed yesterday; 60.0%, usually 0.0%"
    # Without order 2 nothing was ordered in the 28 days before.
    alone = brief_of([study_of(YESTERDAY[0], *YESTERDAY[2:6])], DAY)
    assert tiles_of(alone)["order_cancellation_rate"].detail == "5 placed yesterday; 40.0%"
    assert "5 placed (40.0%);" in rows_of(alone)["Shop"].said


def test_a_new_shop_is_left_out_of_tile_and_picture_alike():
    first = pd.Timestamp("2026-09-21 09:00:00")
    long = [order(n, str(first + pd.Timedelta(days=n))) for n in range(56)]
    lost = order(90, "2026-11-15 09:00:00", "2026-11-15 10:00:00")
    new = [order(n, "2026-11-15 09:00:00", "2026-11-15 10:00:00") for n in range(4)]
    brief = brief_of([replace_id(study_of(*long, lost), "old"), replace_id(study_of(*new), "new")], DAY)
    tiles = tiles_of(brief)
    (picture,) = [each for each in first_screen(brief).exhibits if isinstance(each, Picture)]
    # 28 orders in the 28 days before and none of them cancelled: none is usual.
    for name, ordered in (("order_cancellation_rate", "placed"), ("seller_fault_cancellation_rate", "paid")):
        assert (tiles[name].value, tiles[name].status) == ("1", "More than usual")
        assert tiles[name].detail.startswith(f"2 {ordered} yesterday; 50.0%, usually 0.0%; without New")
    assert picture.caption == "One order was cancelled yesterday; 0.0 are usual for that day's orders"
    assert picture.alternative.endswith("marked: one order, where 0.0 are usual.")
    assert "what is usual is not known on each of these days: New." in picture.note


def entry_of(name, verdict, **changes):
    """A shop of which no line is crossed and nothing runs out, with that verdict."""
    return replace_id(replace(shop_brief(quiet_study(), DAY), verdict=verdict, leading=None, **changes), name)


@cache
def quiet_study():
    return study_of(*QUIET)


def test_shops_over_a_limit_are_counted_of_those_that_can_be_judged():
    ok, untold = entry_of("a", "ok"), entry_of("b", "cannot_tell")
    stale = entry_of("c", "cannot_tell", covered=date(2026, 11, 14))
    failed = pd.DataFrame([("bad", "Bad", "US", "orders.csv is empty")], columns=NO_FAILURE.columns)

    def tile(shops, failures=NO_FAILURE):
        found = tiles_of(Brief(DAY, shops, failures))["over"]
        return found.value, found.tone, found.detail

    assert tile((ok, untold, stale), failed) == ("0 of 1", "cannot_tell", "1 clearly within; 3 not known")
    assert tile((untold, stale), failed) == ("Not known", "cannot_tell", "3 not known")
    assert tile((ok, entry_of("d", "watch"))) == ("0 of 2", "watch", "1 clearly within")
    assert tile((ok, entry_of("d", "breach"))) == ("1 of 2", "breach", "1 clearly within")
    assert tile((ok,)) == ("0 of 1", "ok", "1 clearly within")


def lines_of(brief):
    return [line.text for line in first_screen(brief).exhibits[0].lines]


def test_a_headline_that_asks_for_nothing_is_said_once_and_contradicted_by_no_line():
    calm = Brief(DAY, (entry_of("a", "ok"),), NO_FAILURE)
    said = "Nothing is to be done today: no alert line is crossed, no request is known to run out."
    assert lines_of(calm) == [said]
    assert brief_contents(calm)["findings"] == []
    watched = Brief(DAY, (entry_of("a", "ok"), entry_of("b", "watch")), NO_FAILURE)
    assert rows_of(watched)["B"].action
    assert lines_of(watched) == [
        "Nothing is urgent today: no alert line is crossed, no request is known to run out. One shop needs watching: B."
    ]
    assert watched.verdict == "watch"
    part = Brief(DAY, (*watched.shops, entry_of("c", "cannot_tell", covered=date(2026, 11, 14))), NO_FAILURE)
    assert lines_of(part)[0] == "Nothing is known to be urgent today; one shop needs watching: B."
    over = Brief(DAY, (entry_of("a", "breach"), entry_of("b", "ok")), NO_FAILURE)
    assert lines_of(over) == [
        "One of 2 shops needs something today: A.",
        "One shop is over a limit that its own alert lines do not watch.",
    ]
    assert list(rows_of(over)) == ["A", "B"]


def test_of_no_shop_the_headline_says_that_there_is_none():
    assert headline(Brief(DAY, (), NO_FAILURE), page_speaker()) == "There is no shop yet."
    failed = pd.DataFrame([("bad", "Bad", "US", "orders.csv is empty")], columns=NO_FAILURE.columns)
    assert headline(Brief(DAY, (), failed), page_speaker()) == "One shop could not be read."


def test_what_runs_out_first_is_what_is_to_be_done_with_its_deadline():
    asked = cancel_requests(request(4, "2026-11-15 12:30:00"), request(5, "2026-11-15 11:15:00"))
    row = rows_of(brief_of([study_of(*YESTERDAY, requests=asked)], DAY))["Shop"]
    assert row.action == "Answer 2 cancellation requests"
    assert row.by == "16 Nov 2026, 11:15 (the first)"


def test_a_shop_of_which_nothing_is_known_says_so_and_stands_before_those_that_are_well():
    quiet, old = study_of(*QUIET), study_of(*YESTERDAY[6:7], newest="2026-11-14 23:59:59")
    brief = brief_of([replace_id(quiet, "well"), replace_id(old, "old")], DAY)
    rows = rows_of(brief)
    assert list(rows) == ["Old", "Well"]
    assert (rows["Old"].word, rows["Old"].verdict, rows["Old"].tile) == ("Not known", "cannot_tell", None)
    assert "14 Nov 2026" in rows["Old"].said
    said = first_screen(brief).exhibits[0].text
    assert "None of" not in said
    assert "The one shop that is known needs nothing today." in said
    assert "Nothing is known of yesterday in Old" in said
    alone = brief_of([old], DAY)
    assert headline(alone, page_speaker()).startswith("Nothing is known of yesterday")
    assert not [exhibit for exhibit in first_screen(alone).exhibits if isinstance(exhibit, Tiles)]
    assert evidence(alone).exhibits == ()


def test_a_shop_that_could_not_be_read_is_a_line_with_its_cause():
    failures = pd.DataFrame([("bad", "Bad", "US", "orders.csv is empty")], columns=NO_FAILURE.columns)
    brief = Brief(DAY, (shop_brief(study_of(*QUIET), DAY),), failures)
    rows = rows_of(brief)
    assert list(rows) == ["Bad", "Shop"]
    assert rows["Bad"].said == "orders.csv is empty"
    assert "No shop needs anything" not in headline(brief, page_speaker())


def test_a_line_crossed_stands_in_the_words_of_its_shop():
    brief = brief_of([study_of(*QUIET, *YESTERDAY, alerts={7: 0.05, 30: 0.3})], DAY)
    row = rows_of(brief)["Shop"]
    assert "CROSSED: Order cancellation rate, 7 days" in row.said
    assert "Yesterday 3 cancelled by buyer or seller, 7 placed (42.9%, usually 4.5%); seller at fault in 2," in row.said
    assert headline(brief, page_speaker()) == "Shop needs something today."


def test_a_link_leads_to_the_report_where_there_is_one():
    brief = opened()
    rows = rows_of(brief, links={"id-toko-gadget": "../../2026-W46/id-toko-gadget/report.html"})
    assert rows["Toko Gadget"].link.endswith("id-toko-gadget/report.html")
    assert rows["Harbor Home"].link == ""


def test_many_shops_show_the_first_and_count_the_others():
    one = shop_brief(study_of(*YESTERDAY, alerts={7: 0.05}), DAY)
    shops = tuple(replace(one, shop=replace(one.shop, id=f"s{n}", name=f"Shop {n}")) for n in range(250))
    (exhibit,) = shop_lines(Brief(DAY, shops, NO_FAILURE)).exhibits
    assert len(exhibit.frame) == len(exhibit.rows) == 250
    assert exhibit.most_rows == MOST_SHOPS < 250
    assert (
        headline(Brief(DAY, shops, NO_FAILURE), page_speaker())
        == "250 of 250 shops need something today, Shop 0 first."
    )


def test_long_tables_are_folded():
    outside = [exhibit for exhibit in evidence(opened()).exhibits if not isinstance(exhibit, Fold)]
    assert [exhibit.name for exhibit in outside] == ["brief_reasons"]
    assert outside[0].text == "", "for the files alone: the lines say it"


def test_files_that_do_not_say_when_orders_were_cancelled_tell_nothing_of_yesterday():
    """As one marketplace's export: the order's own day stands in for the day of its cancellation."""
    rows = [order(n, f"2026-11-{1 + n % 15:02d} 09:00:00") for n in range(60)]
    for row in rows[::5]:
        row |= {"status": "cancelled", "after_sale": "cancel", "cancelled_at": None, "cancelled_by": "buyer",
                "cancel_reason_text": "No longer needed", "quantity_affected": 1}  # fmt: skip
    placed = sum(row["created_at"].startswith("2026-11-15") for row in rows)
    brief = brief_of([study_of(*rows)], DAY)
    (entry,) = brief.shops
    assert not entry.dates_cancellations
    for clock in ("shop", "platform"):
        assert entry.figures[["numerator", "rate", "usual"]].isna().all().all(), clock
    assert entry.figure("order_cancellation_rate")["denominator"] == placed
    assert entry.reasons.empty
    assert entry.days[["cancelled", "fault"]].isna().all().all()
    assert (brief.verdict, entry.is_quiet) == ("cannot_tell", False)
    (lead, tiles) = first_screen(brief).exhibits
    assert [line.text for line in lead.lines] == [
        "What was cancelled yesterday is not known.",
        "The files of Shop do not say when orders were cancelled: of yesterday only the orders placed are known.",
    ]
    assert [tile.value for tile in tiles.tiles[:2]] == ["Not known", "Not known"]
    (row,) = shop_lines(brief).exhibits[0].rows
    assert row.said.startswith(f"{placed} placed yesterday; the files do not say when orders were cancelled.")
    said = written(message(brief, page_speaker()))
    assert f"Shop (TH): the files do not say when orders were cancelled; {placed} placed." in said


def test_a_shop_that_names_nobody_is_named_beside_the_sellers_fault():
    known = study_of(*YESTERDAY)
    nameless = [
        order(100 + n, "2026-11-15 09:00:00", "2026-11-15 10:00:00", by=None, reason="Out of stock") for n in range(4)
    ]
    brief = brief_of([known, study_of(*nameless, name="Nameless", id="other")], DAY)
    fault = first_screen(brief).exhibits[1].tiles[1]
    assert fault.number == 2
    assert "without Nameless: not known there" in fault.detail
