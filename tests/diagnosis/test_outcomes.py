"""Ids that survive weeks, and what can be concluded of an action: every figure counted by hand."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from cancel_analysis.catalog.done_actions import DoneAction
from cancel_analysis.diagnosis.actions import SHOP, Action, actions_of, advised, possible
from cancel_analysis.diagnosis.outcomes import Counts, outcomes, state_of
from cancel_analysis.diagnosis.standouts import find_standouts
from cancel_analysis.errors import SettingsError
from cancel_analysis.inference import newcombe
from tests.frames import affected_items, order_lines

DONE = date(2026, 10, 1)
AS_OF = date(2026, 11, 15)
NAN = float("nan")


def shop(*blocks):
    """Order lines and the items lost of them; a block is (SKU, day, lines, lost) and its items are lost a day later."""
    orders, items = [], []
    for sku, day, lines, lost, *rest in blocks:
        for number in range(lines):
            name = f"O{len(orders):05d}"
            orders.append({"order_id": name, "sku_id": sku, "product_name": f"Lamp {sku}",
                           "created_at": f"{day} 10:00:00", "paid_at": f"{day} 10:05:00"})  # fmt: skip
            if number < lost:
                later = day + timedelta(days=rest[0] if rest else 1)
                items.append({"order_id": name, "sku_id": sku, "order_created_at": f"{day} 10:00:00",
                              "event_at": f"{later} 10:00:00", **(rest[1] if len(rest) > 1 else {})})  # fmt: skip
    return order_lines(*orders), affected_items(*items)


def entry(*ids, done=DONE):
    return DoneAction(ids, done, "", "actions.yaml", 2)


def action(sku="S1", cause="stock"):
    return Action(cause, "sku", sku).id


def day(after):
    return DONE + timedelta(days=after)


def row_of(blocks, *ids, as_of=AS_OF, done=DONE):
    (row,) = outcomes(*shop(*blocks), [entry(*ids, done=done)], as_of).to_dict("records")
    return row


def counts(row):
    return [int(row[name]) for name in ("before_lines", "before_at_risk", "after_lines", "after_at_risk")]


def test_an_id_is_the_same_in_every_week_whatever_rank_losses_and_title_are():
    assert action() == "stock-" + Action("stock", "sku", "S1").id.removeprefix("stock-")
    weeks = []
    for last, lost in ((5, 20), (12, 9)):
        blocks = [("S1", day(n), 5, lost // 6) for n in range(last)] + [("S2", day(n), 60, 0) for n in range(last)]
        blocks += [("S3", day(n), 60, 0) for n in range(last)]
        found = find_standouts(*shop(*blocks), day(last - 1), 30)
        weeks.append([one.id for standout in found for one in actions_of(standout)])
    assert weeks[0] == weeks[1] == [action("S1")]


def test_ids_differ_by_cause_place_and_kind_of_place():
    several = {Action(cause, where, place).id for cause in ("stock", "price") for where in ("sku", "product")
               for place in ("S1", "S2", "")}  # fmt: skip
    assert len(several) == 12
    assert action(cause="late_dispatch").startswith("late-dispatch-")
    assert set(advised((), "stock")["id"]) == {Action("stock", SHOP, "").id}
    assert advised(()).empty


def test_every_place_of_the_files_can_be_named_and_no_other():
    orders, _ = shop(("S1", DONE, 1, 0), ("S2", DONE, 1, 0))
    known = possible(orders)
    assert action("S1") in known
    assert action("S3") not in known
    assert Action("listing", "product", "Lamp S1").id in known
    assert Action("stock", "carrier", "J&T").id not in known, "stock has no carrier"


def test_a_fall_beyond_the_rest_is_told_with_its_counts_and_interval():
    blocks = [("S1", day(-3), 40, 12), ("S2", day(-3), 200, 4), ("S1", day(3), 50, 1), ("S2", day(3), 220, 4)]
    row = row_of(blocks, action())
    assert counts(row) == [12, 40, 1, 50]
    assert [row["rest_before_lines"], row["rest_before_at_risk"], row["rest_after_lines"]] == [4, 200, 4]
    assert (row["low"], row["high"]) == pytest.approx(newcombe(1, 50, 12, 40))
    assert row["p"] == pytest.approx(fisher_exact([[12, 28], [1, 49]], alternative="greater")[1])
    assert row["state"] == "fell"
    assert row["against_rest_high"] < 0


def test_the_windows_are_whole_weeks_and_the_day_itself_is_in_neither():
    blocks = [("S1", day(n), 1, 0) for n in (-29, -28, -1, 0, 1, 28, 29)] + [("S1", day(-10), 1, 1)]
    row = row_of(blocks, action())
    assert counts(row) == [1, 3, 0, 2]
    assert (row["before_from"], row["after_to"]) == (day(-28), day(28))


def test_lines_are_compared_at_the_same_age():
    # Lost after 8 days: too late to count; of the newest a week is not over yet.
    blocks = [("S1", day(-5), 4, 2, 8), ("S1", day(-6), 4, 1, 7), ("S1", day(2), 4, 1)]
    assert counts(row_of(blocks, action())) == [1, 8, 1, 4]
    early = row_of(blocks, action(), as_of=day(7))
    assert early["state"] == "too_early"
    assert early["told_from"] == day(8)
    assert counts(row_of([*blocks, ("S1", day(1), 3, 0)], action(), as_of=day(8))) == [1, 8, 0, 3]


def test_what_shows_only_after_delivery_waits_a_month():
    returned = {"root_cause": "quality", "stage": "return_refund", "return_id": "R"}
    orders, items = shop(("S1", day(-5), 10, 3, 20, returned), ("S1", day(1), 10, 1, 25, returned))
    orders["delivered_at"] = orders["created_at"] + pd.Timedelta(days=2)
    done = [entry(Action("quality", "product", "Lamp S1").id)]
    (row,) = outcomes(orders, items, done, day(31)).to_dict("records")
    assert counts(row) == [3, 10, 1, 10]
    assert outcomes(orders, items, done, day(30))["state"].tolist() == ["too_early"]


def test_a_fall_that_the_rest_shares_proves_nothing():
    blocks = [("S1", day(-3), 40, 12), ("S2", day(-3), 200, 70), ("S1", day(3), 50, 1), ("S2", day(3), 220, 10)]
    assert row_of(blocks, action())["state"] == "fell_like_rest"


def test_a_rise_a_chance_and_too_few_are_told_apart():
    rest = [("S2", day(-3), 200, 4), ("S2", day(3), 200, 4)]
    assert row_of([("S1", day(-3), 40, 1), ("S1", day(3), 50, 15), *rest], action())["state"] == "rose"
    assert row_of([("S1", day(-3), 40, 9), ("S1", day(3), 50, 8), *rest], action())["state"] == "unclear"
    # Two of six before: even none of five after is chance (p = 0.27).
    few = row_of([("S1", day(-3), 6, 2), ("S1", day(3), 5, 0), *rest], action())
    assert few["state"] == "too_few"
    assert few["p"] == pytest.approx(fisher_exact([[2, 4], [0, 5]], alternative="greater")[1])


def test_several_places_done_together_are_one_and_the_whole_shop_has_no_rest():
    blocks = [("S1", day(-3), 20, 6), ("S2", day(-3), 20, 6), ("S3", day(-3), 50, 1), ("S1", day(3), 25, 0),
              ("S2", day(3), 25, 0), ("S3", day(3), 50, 1)]  # fmt: skip
    assert counts(row_of(blocks, action("S1"), action("S2"))) == [12, 40, 0, 50]
    whole = row_of(blocks, Action("stock", SHOP, "").id)
    assert counts(whole) == [13, 90, 1, 100]
    assert np.isnan(whole["against_rest_low"])
    assert whole["state"] == "fell"
    # Another cause of the same entry is a row of its own.
    two = outcomes(*shop(*blocks), [entry(action("S1"), action("S1", "price"))], AS_OF)
    assert two["root_cause"].tolist() == ["stock", "price"]


def test_what_is_done_later_than_the_day_is_not_seen():
    orders, items = shop(("S1", day(-3), 5, 1))
    assert outcomes(orders, items, [entry("stock-ffffffff")], day(-1)).empty


def test_an_unknown_id_is_told_with_the_nearest():
    orders, items = shop(("S1", day(-3), 5, 1))
    near = action()[:-1] + ("0" if action()[-1] != "0" else "1")
    with pytest.raises(SettingsError) as caught:
        outcomes(orders, items, [entry(near)], AS_OF)
    assert str(caught.value).startswith(
        f"actions.yaml, line 2: no action of this shop has the id {near!r}; did you mean"
    )
    assert action() in str(caught.value)


def test_sides_without_a_line_conclude_nothing():
    assert state_of(Counts(0, 0, 0, 10), (NAN, NAN)) == "too_few"
    assert state_of(Counts(5, 10, 0, 0), (NAN, NAN)) == "too_few"
    assert np.isnan(Counts(0, 0, 0, 10).change)
    empty = row_of([("S1", day(-40), 5, 1)], action())
    assert counts(empty) == [0, 0, 0, 0]


def test_of_shops_in_which_nothing_changed_few_are_told_that_it_fell():
    generator = np.random.default_rng(5)
    fell = 0
    for _ in range(400):
        rows = generator.binomial([40, 45, 300, 320], 0.15)
        here, rest = Counts(int(rows[0]), 40, int(rows[1]), 45), Counts(int(rows[2]), 300, int(rows[3]), 320)
        low, high = here.interval
        rest_low, rest_high = rest.interval
        against = here.change - rest.change + np.hypot(high - here.change, rest.change - rest_low)
        fell += state_of(here, (low - rest_high, against)) == "fell"
    assert fell <= 0.025 * 400 + 6
