"""What stands in the second part's tables: limits that give no verdict, which limit is a target, units of counts."""

import pandas as pd

from cancel_analysis.charts.style import NO_VERDICT
from cancel_analysis.charts.vega_lite import rows
from cancel_analysis.sections.rates import rates_and_limits
from tests.sections.test_small_shops import small
from tests.studies import opened


def exhibit(study, name):
    (found,) = [one for one in rates_and_limits(study, "en").exhibits if one.name == name]
    return found


def test_a_limit_for_orientation_shows_its_standing_and_no_verdict():
    study = opened("vn-saigon-shoes")
    shown = exhibit(study, "limits_table").frame
    silent = ~shown["gives_verdict"].astype(bool)
    assert silent.any()
    assert shown.loc[silent, "verdict_shown"].isna().all()
    assert (shown.loc[~silent, "verdict_shown"] == shown.loc[~silent, "verdict"]).all()
    assert shown["standing_label"].str.len().min() > 0
    drawn = pd.DataFrame(rows(exhibit(study, "limits").chart))
    labels = set(drawn.loc[drawn["verdict"] == NO_VERDICT, "label"])
    assert labels
    assert all("official" not in label for label in labels)


def test_twin_limits_say_which_is_the_target():
    labels = exhibit(opened("id-toko-gadget"), "limits_table").frame["limit_label"].tolist()
    assert "2.5% target, official" in labels
    assert any("enforced" in label for label in labels)


def test_counts_of_money_carry_their_currency():
    frame = exhibit(opened("vn-saigon-shoes"), "rates_table").frame.set_index("metric")
    money = frame[frame.index.str.contains("money|amount|value")]
    assert len(money) == 3
    assert money["denominator_label"].str.startswith("₫").all()
    assert not frame.loc["order_cancellation_rate", "denominator_label"].startswith("₫")


def test_intervals_of_a_handful_of_orders_are_left_out_with_a_note():
    table = exhibit(small("uk-linen-lane", "3 orders"), "rates_table")
    assert set(table.frame["range"]) == {"–"}
    assert "fewer than 10 orders" in table.note
    whole = exhibit(opened("uk-linen-lane"), "rates_table")
    assert "fewer than 10 orders" not in whole.note
