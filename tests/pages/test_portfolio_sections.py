"""The portfolio's page: its headline, who got worse, one line a shop as its report says it, causes as a picture."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cancel_analysis.exhibits.kinds import Fold, Picture, ShopRows, Tiles
from cancel_analysis.pages.portfolio import worst_first
from cancel_analysis.pages.portfolio_sections import (
    causes,
    crossed,
    evidence,
    first_screen,
    got_worse,
    headline,
    shop_lines,
)
from cancel_analysis.pages.shop_rows import MOST_SHOPS, page_speaker
from tests.pages.test_portfolio import SAMPLE, opened

VOICE = page_speaker()


def only(found, *shops):
    """The portfolio of some of its shops."""
    frames = {name: getattr(found, name) for name in ("shops", "causes", "funnel", "movers")}
    kept = {name: frame[frame["shop"].isin(shops)].reset_index(drop=True) for name, frame in frames.items()}
    return replace(found, **kept)


def many(found, count):
    """The portfolio with each shop `count` times."""
    frames = {name: getattr(found, name) for name in ("shops", "causes", "funnel", "movers")}
    repeated = {
        name: pd.concat(
            [frame.assign(shop=frame["shop"] + f"-{n}", name=frame["name"] + f" {n}") for n in range(count)],
            ignore_index=True,
        )
        for name, frame in frames.items()
    }
    first = {f"{shop}-{n}": thing for shop, thing in found.first.items() for n in range(count)}
    repeated["shops"] = worst_first(repeated["shops"])
    return replace(found, **repeated, first=first)


def test_the_page_opens_with_how_many_stand_where_and_who_got_worse():
    lead, tiles, picture = first_screen(opened()).exhibits
    assert isinstance(tiles, Tiles)
    assert isinstance(picture, Picture)
    assert lead.lines[0].text == "2 of 6 shops are over a limit. Siam Beauty got worse."
    counts = opened().shops["verdict"].value_counts()
    assert {tile.name: int(tile.value) for tile in tiles.tiles} == {
        verdict: counts.get(verdict, 0) for verdict in ("breach", "watch", "cannot_tell", "ok")
    }


@pytest.mark.parametrize(
    ("shops", "said"),
    [
        (("us-harbor-home", "uk-linen-lane"), "All 2 shops are within their limits."),
        (("us-harbor-home", "sg-orchid-import"), "No shop is known to be over a limit; one of 2 is clearly within."),
        (("id-toko-gadget", "us-harbor-home"), "One of 2 shops is over a limit."),
    ],
)
def test_the_headline_calls_nothing_well_that_is_not_known(shops, said):
    assert headline(only(opened(), *shops), VOICE) == said


def test_a_page_of_one_shop_says_what_its_report_says_once():
    found = only(opened(), "id-toko-gadget")
    said = found.shops["headline"].iloc[0]
    assert headline(found, VOICE) == said
    (lines,) = shop_lines(found).exhibits
    assert lines.rows[0].said == ""
    assert not [each for each in first_screen(found).exhibits if isinstance(each, Picture | Tiles)]


def test_a_line_shows_what_the_shops_own_report_shows_first():
    from cancel_analysis.sections.verdict import cards
    from cancel_analysis.study.one_shop import open_study

    (lines,) = shop_lines(opened()).exhibits
    assert isinstance(lines, ShopRows)
    row = {each.name: each for each in lines.rows}["Toko Gadget"]
    study = open_study(SAMPLE, "id-toko-gadget", "2026-W46")
    card = cards(study, "en").cards[0]
    assert (row.action, row.where, row.by) == (card.action, card.where, card.by)
    deciding = study.judgement.deciding
    assert row.tile.number == pytest.approx(deciding.rate)
    assert deciding.limit.value in [limit for limit, _ in row.tile.limits]
    assert row.verdict == study.judgement.verdict


def test_a_shop_crossed_its_limit_when_it_was_within_a_week_ago():
    found = opened()
    assert "Toko Gadget" not in crossed(found), "it was over a week ago, too"
    thing = found.first["id-toko-gadget"]
    limit = found.shops.set_index("shop").loc["id-toko-gadget", "limit"]
    weeks = (*thing.tile.weeks[:-2], 0.9 * limit, thing.tile.weeks[-1])
    first = {**found.first, "id-toko-gadget": replace(thing, tile=replace(thing.tile, weeks=weeks))}
    changed = replace(found, first=first)
    assert crossed(changed) == ["Toko Gadget"]
    assert got_worse(changed) == ["Toko Gadget", "Siam Beauty"]
    assert "Over its limit since last week: Toko Gadget." in first_screen(changed).exhibits[0].text


def test_the_picture_has_each_rate_as_a_share_of_its_limit():
    (picture,) = [each for each in first_screen(opened()).exhibits if isinstance(each, Picture)]
    shops = opened().shops.set_index("shop")
    for row in picture.frame.to_dict("records"):
        mine = shops.loc[row["shop"]]
        assert row["times"] == pytest.approx(mine["rate"] / mine["limit"])
        assert row["low"] == pytest.approx(mine["low"] / mine["limit"])
    assert "Siam Beauty is farthest over" in picture.caption


def with_values(found, **of_shop):
    """The portfolio with other values in the rows of some shops, in the order of a portfolio."""
    shops = found.shops.set_index("shop", drop=False)
    for shop, values in of_shop.items():
        for name, value in values.items():
            shops.loc[shop.replace("_", "-"), name] = value
    return replace(found, shops=worst_first(shops.reset_index(drop=True)))


def picture_of(found):
    (picture,) = [each for each in first_screen(found).exhibits if isinstance(each, Picture)]
    return picture


FAR = {"limit": 0.05, "low": 0.05, "high": 0.3}


@pytest.mark.parametrize(
    ("harbor", "linen", "said"),
    [
        # Three times its limit with few orders, and half of it with many: only the second counts.
        (
            ("watch", "not_counted", 0.15),
            ("ok", "under", 0.025),
            "Of the shops with enough orders to count, Linen Lane",
        ),
        (
            ("watch", "not_counted", 0.15),
            ("breach", "over", 0.06),
            "with enough orders to count, Linen Lane is farthest",
        ),
        (("watch", "not_counted", 0.01), ("ok", "under", 0.025), "Linen Lane comes closest to its limit: "),
        # The worse verdict is not the farther rate.
        (("watch", "over", 0.20), ("breach", "over", 0.06), "Harbor Home is farthest over: "),
        (("watch", "near", 0.04), ("watch", "under", 0.03), "Harbor Home comes closest to its limit: "),
        (("watch", "not_counted", 0.15), ("ok", "not_counted", 0.01), "Harbor Home is above its limit, with too few"),
        (
            ("ok", "not_counted", 0.02),
            ("ok", "not_counted", 0.01),
            "Harbor Home comes closest to its limit, with too few",
        ),
    ],
)
def test_the_caption_is_true_of_the_dots(harbor, linen, said):
    names = ("verdict", "standing", "rate")
    rows = {
        shop: {**dict(zip(names, values, strict=True)), **FAR}
        for shop, values in (("us_harbor_home", harbor), ("uk_linen_lane", linen))
    }
    picture = picture_of(with_values(only(opened(), "us-harbor-home", "uk-linen-lane"), **rows))
    assert said in picture.caption
    named = "Harbor Home" if "Harbor Home" in picture.caption else "Linen Lane"
    assert picture.frame["name"].iloc[0] == named
    assert "three times a limit at most" in picture.note


def test_a_headline_knows_no_more_than_what_was_read():
    pair = only(opened(), "us-harbor-home", "uk-linen-lane")
    watched = with_values(pair, us_harbor_home={"verdict": "watch"})
    assert headline(watched, VOICE) == "No shop is over a limit; one of 2 needs watching."
    failed = pd.DataFrame([("bad", "Bad", "US", "cut off")], columns=["shop", "name", "market", "cause"])
    for unread in (
        replace(watched, failures=failed),
        with_values(many(watched, 1), uk_linen_lane_0={"verdict": "cannot_tell"}),
        with_values(watched, uk_linen_lane={"files_end": pd.Timestamp("2026-11-01")}),
    ):
        assert headline(unread, VOICE).startswith("No shop is known to be over a limit; one of ")
    some = headline(replace(pair, failures=failed), VOICE)
    assert some == "No shop is known to be over a limit; 2 of 3 are clearly within."
    assert headline(only(opened()), VOICE) == "There is no shop yet."


def test_two_hundred_shops_draw_the_worst_and_say_how_many_are_not_drawn():
    found = many(opened(), 35)
    (picture,) = [each for each in first_screen(found).exhibits if isinstance(each, Picture)]
    assert len(picture.frame) == 210
    assert "198 more shops are in the lines below." in picture.note
    assert headline(found, VOICE) == "70 of 210 shops are over a limit. 35 shops got worse."
    (lines,) = shop_lines(found).exhibits
    assert len(lines.rows) == 210
    assert lines.most_rows == MOST_SHOPS < 210


def test_causes_are_a_picture_whose_parts_add_up():
    (picture,) = causes(opened()).exhibits
    frame = picture.frame.set_index("root_cause")
    items = opened().causes
    assert frame["items"].sum() == items["items"].sum()
    assert (frame["out_items"] <= frame["items"]).all()
    late = items[(items["root_cause"] == "late_dispatch") & (items["shop"] == "th-siam-beauty")]["items"].iloc[0]
    assert frame.loc["late_dispatch", "out_items"] == late
    first = frame.iloc[0]
    assert picture.caption.startswith(f"{first['label']} loses most: {first['items']} of {frame['items'].sum()} items")
    assert np.isclose(frame["share"].sum(), 1)


def test_tables_are_folded_and_money_alone_is_printed():
    folds = [fold for fold in evidence(opened()).exhibits if isinstance(fold, Fold)]
    assert [fold.name for fold in folds if fold.on_paper] == ["portfolio_amounts"]
    names = {exhibit.name for fold in folds for exhibit in fold.exhibits}
    assert {"portfolio_shops", "movers", "causes", "causes_by_shop", "cause_amounts", "funnel"} <= names
