"""A shop with a handful of orders, or of days, gets every part of its report: shorter, never an error."""

import importlib
import json
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pandas as pd
import pytest

from cancel_analysis.catalog.shops import read_shop_list
from cancel_analysis.exhibits.kinds import Picture, Prose
from cancel_analysis.loaders import load_shop
from cancel_analysis.sections.rates import rates_and_limits
from cancel_analysis.study.one_shop import study_shop
from tests.conftest import PROJECT
from tests.studies import SAMPLE

# As many as the report's notebook shows: a new part is tried on small shops as well.
SHOWN = (PROJECT / "cancel_analysis/report/show/parts.py").read_text()
(MODULES,) = re.findall(r"^from cancel_analysis\.sections import (.+)$", SHOWN, re.MULTILINE)
# Whether the page beside the report is made is a question, and no part.
PARTS = sorted(set(re.findall(rf"\b({MODULES.replace(', ', '|')})\.([a-z_]+)\b", SHOWN)) - {("remedies", "matters")})
# A shop of one file a kind with a pack of its own, one without its return export, one with cross-border limits.
SHOPS = ("uk-linen-lane", "uk-linen-lane without returns", "sg-orchid-import")
CUTS = ("1 orders", "3 orders", "40 orders", "1 days", "4 days", "7 days")


@cache
def whole(shop):
    found = read_shop_list(SAMPLE).one(shop)
    return found, load_shop(found)


@cache
def small(shop, cut):
    """The study of the newest orders of a sample shop, or of its last days."""
    found, intake = whole(shop.split()[0])
    orders = intake.orders.table
    last, number = orders["created_at"].max().date(), int(cut.split()[0])
    if cut.endswith("orders"):
        newest = orders.sort_values("created_at", kind="stable")["order_id"].drop_duplicates().tail(number)
        orders = orders[orders["order_id"].isin(newest)]
    else:
        orders = orders[orders["created_at"].dt.tz_localize(None) >= pd.Timestamp(last - timedelta(days=number - 1))]
    back = None
    if intake.returns is not None and "without returns" not in shop:
        rows = intake.returns.table
        rows = rows[rows["order_id"].isin(orders["order_id"])].reset_index(drop=True)
        back = replace(intake.returns, table=rows)
    cut_intake = replace(intake, orders=replace(intake.orders, table=orders.reset_index(drop=True)), returns=back)
    return study_shop(found, cut_intake, as_of=last)


def test_every_part_of_the_report_is_tried():
    assert {("folds", "evidence"), ("folds", "appendix"), ("verdict", "verdict"), ("screens", "waiting")} <= set(PARTS)
    assert len(PARTS) >= 8


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("module", "name"), PARTS)
def test_no_part_of_a_small_shop_fails(shop, cut, module, name):
    part = getattr(importlib.import_module(f"cancel_analysis.sections.{module}"), name)(small(shop, cut), "en")
    shown = [each for one in getattr(part, "exhibits", ()) for each in (*getattr(one, "exhibits", ()), one)]
    for exhibit in shown:
        if isinstance(exhibit, Picture):
            # As it is written into a report, where NaN is no JSON.
            json.dumps(exhibit.chart, allow_nan=False)
            assert "{" not in exhibit.alternative


@pytest.mark.parametrize("cut", CUTS)
def test_rates_over_time_are_left_out_where_there_is_nothing_to_draw(cut):
    (shown,) = [one for one in rates_and_limits(small(SHOPS[0], cut)).exhibits if one.name == "over_time"]
    assert isinstance(shown, Prose)
    assert shown.text == "Too few days of orders for a line over time."


def test_from_two_whole_windows_on_rates_are_drawn_over_time():
    (shown,) = [one for one in rates_and_limits(small(SHOPS[0], "8 days")).exhibits if one.name == "over_time"]
    assert isinstance(shown, Picture)
    assert shown.frame["rate"].notna().sum() >= 2
