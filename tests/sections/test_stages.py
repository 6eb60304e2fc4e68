"""What stands below the picture of places: one order that makes a bar is named, so that no bar is read as many."""

from __future__ import annotations

from dataclasses import replace

from cancel_analysis.exhibits.kinds import Prose
from cancel_analysis.sections.stages import stages
from tests.studies import opened


def said(study) -> str:
    (period,) = [each for each in stages(study).exhibits if isinstance(each, Prose) and each.name == "period"]
    return period.text


def test_a_bar_that_one_order_makes_is_named_with_both_numbers():
    study = opened("us-harbor-home")
    assert "one order makes" not in said(study)
    items = study.items.copy()
    lost = study.period_items[study.period_items["stage"] == "cancellation"].index[0]
    items.loc[lost, "units"] = 500
    attribution = replace(study.attribution, items=items)
    product = str(items.loc[lost, "product_name"])
    of_product = study.period_items.index[study.period_items["product_name"] == product]
    after_payment = items.loc[of_product].query("stage != 'unpaid'")
    # By hand: the order's other lines of the product, and all that the product lost.
    of_order = after_payment.loc[after_payment["order_id"] == items.loc[lost, "order_id"], "units"].sum()
    total = after_payment["units"].sum()
    told = said(replace(study, attribution=attribution))
    assert f"{product}: one order makes {of_order:,} of its {total:,} lost items." in told
