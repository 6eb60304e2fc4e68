"""The shop against its own past and its cohort; control lines against scipy's binomial; nobody else is told of."""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cancel_analysis.benchmarks import cohorts
from cancel_analysis.benchmarks.funnel import control_lines, outside, over_weeks
from cancel_analysis.benchmarks.of_shop import verdict_limits
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.exhibits.kinds import Prose
from cancel_analysis.loaders import load_shop
from cancel_analysis.rates.order_facts import describe_orders
from cancel_analysis.sections import others as sections_others
from cancel_analysis.study import one_shop
from cancel_analysis.study.one_shop import open_study
from tests.frames import affected_items, order_lines
from tests.studies import opened

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "data" / "sample"
AS_OF = date(2026, 11, 15)
SHOP = make_shop({"id": "shop", "market": "TH"})


def facts_of(*days, as_of=AS_OF, dated=True):
    """Order facts of (day, orders, cancelled after so many days, how many of them) rows.

    Not `dated`, cancellations have no time: the loaders let the order's own time stand in for it.
    """
    orders, items = [], []
    for day, count, delay, gone in days:
        for n in range(count):
            number = f"58{len(orders):014d}"
            row = {"order_id": number, "created_at": f"{day} 10:00:00", "paid_at": f"{day} 10:05:00"}
            if n < gone:
                when = f"{date.fromisoformat(day) + timedelta(days=delay)} 12:00:00"
                when = when if dated else row["created_at"]
                row |= {"status": "cancelled", "cancelled_by": "seller", "quantity_affected": 1}
                row |= {"cancelled_at": when} if dated else {}
                items.append({"order_id": number, "order_created_at": row["created_at"], "event_at": when})
            orders.append(row)
    lines = order_lines(*orders)
    parts = affected_items(*items) if items else affected_items({}).head(0)
    return describe_orders(lines, parts, SHOP, as_of)


def row_of(past, metric="order_cancellation_rate", days=7):
    return past[(past["metric"] == metric) & (past["window_days"] == days)].iloc[0]


# --- the shop's own past -------------------------------------------------------------------------


def test_this_week_against_the_eight_before():
    weeks = [(str(date(2026, 11, 8) - timedelta(days=7 * n)), 100, 0, 2) for n in range(8)]
    row = row_of(cohorts.own_past(facts_of(("2026-11-10", 50, 0, 10), ("2026-09-14", 1, 0, 0), *weeks), AS_OF))
    assert (row["numerator"], row["denominator"], row["before_numerator"], row["before_denominator"]) == (
        10,
        50,
        16,
        801,
    )
    assert row["before_days"] == 56
    assert row["change"] == pytest.approx(10 / 50 - 16 / 801)
    assert row["moved"] == "up"
    # Newcombe's method 10 by hand, from two Wilson intervals of scipy.
    a, b = (stats.binomtest(k, n).proportion_ci(0.95, "wilson") for k, n in ((10, 50), (16, 801)))
    p, q = 10 / 50, 16 / 801
    assert row["low"] == pytest.approx(p - q - np.hypot(p - a.low, b.high - q))
    assert row["high"] == pytest.approx(p - q + np.hypot(a.high - p, q - b.low))


def test_a_difference_that_chance_makes_is_called_noise():
    facts = facts_of(("2026-11-10", 50, 0, 2), ("2026-09-14", 10, 0, 0), ("2026-10-20", 400, 0, 16))
    assert row_of(cohorts.own_past(facts, AS_OF))["moved"] == "noise"


def test_weeks_before_are_counted_as_they_looked_at_their_own_end():
    # Cancelled five days after the order: on the last day of a week nobody knew.
    facts = facts_of(("2026-11-14", 40, 1, 4), ("2026-11-07", 40, 5, 20), ("2026-09-14", 1, 0, 0))
    row = row_of(cohorts.own_past(facts, AS_OF))
    assert (row["numerator"], row["before_numerator"], row["before_denominator"]) == (4, 0, 41)


def test_weeks_that_the_data_do_not_reach_are_no_quiet_weeks():
    row = row_of(cohorts.own_past(facts_of(("2026-11-10", 20, 0, 1), ("2026-10-28", 30, 0, 1)), AS_OF))
    assert (row["before_days"], row["before_denominator"]) == (7, 0), "only the week from 2 November is whole"
    assert row["moved"] == "unknown"
    alone = row_of(cohorts.own_past(facts_of(("2026-11-10", 20, 0, 1)), AS_OF))
    assert (alone["before_days"], alone["moved"]) == (0, "unknown")


def test_the_planted_rises_are_seen():
    study = opened("th-siam-beauty")
    past = cohorts.own_past(study.facts, study.as_of)
    assert row_of(past, "late_dispatch_rate")["moved"] == "up"
    assert row_of(past, "late_dispatch_rate")["p_adjusted"] < 0.001
    healthy = sections_others.others(opened("us-harbor-home"))
    # Of its weeks none; of its 30 days one rate is told, at an adjusted p of 0.02.
    assert "in the last 7 days" not in healthy.exhibits[0].text


def test_p_is_fishers_and_held_over_all_rates():
    facts = facts_of(("2026-11-10", 50, 0, 4), ("2026-09-14", 10, 0, 0), ("2026-10-20", 400, 0, 10))
    past = cohorts.own_past(facts, AS_OF)
    row = row_of(past)
    up = stats.fisher_exact([[4, 46], [10, 400]], "greater").pvalue
    plain = min(1.0, 2 * min(up, stats.fisher_exact([[4, 46], [10, 400]], "less").pvalue))
    # Sums of many small terms agree to a dozen digits.
    assert plain * (1 - 1e-9) <= row["p_adjusted"] <= 1
    alone = cohorts.with_p(past[past.index == row.name])
    assert alone["p_adjusted"].iloc[0] == pytest.approx(plain)


def test_without_times_of_cancellation_fewer_this_week_is_not_known_and_more_is():
    before = [(str(date(2026, 11, 8) - timedelta(days=7 * n)), 100, 0, 20) for n in range(9)]
    fewer = row_of(cohorts.own_past(facts_of(("2026-11-10", 100, 0, 0), *before, dated=False), AS_OF))
    assert (fewer["moved"], fewer["numerator"], fewer["before_numerator"]) == ("unknown", 0, 160)
    assert np.isnan(fewer["p_adjusted"])
    more = row_of(cohorts.own_past(facts_of(("2026-11-10", 100, 0, 60), *before, dated=False), AS_OF))
    assert more["moved"] == "up"
    told = row_of(cohorts.own_past(facts_of(("2026-11-10", 100, 0, 0), *before), AS_OF))
    assert told["moved"] == "down"
    week = row_of(cohorts.changed(facts_of(("2026-11-10", 100, 0, 0), *before, dated=False), AS_OF))
    assert week["moved"] == "unknown"


# --- the funnel ----------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0.025, 0.1, 0.5])
def test_control_lines_are_scipys_binomial(limit):
    lines = control_lines(limit, 2000)
    assert set(lines["level"]) == {0.95, 0.998}
    for row in lines.itertuples():
        low, high = stats.binom.interval(row.level, row.orders, limit)
        assert (row.low, row.high) == (pytest.approx(low / row.orders), pytest.approx(high / row.orders))
        for drawn, exact in ((row.drawn_low, row.low), (row.drawn_high, row.high)):
            assert exact - 1 / row.orders - 1e-9 <= drawn <= exact + 1e-9


@pytest.mark.parametrize(("total", "limit"), [(40, 0.025), (300, 0.1), (971, 0.05)])
def test_a_point_is_outside_when_chance_brings_it_there_seldom(total, limit):
    for count in range(total + 1):
        above, below = stats.binom.sf(count - 1, total, limit), stats.binom.cdf(count, total, limit)
        expected = "inside"
        for tail, name in ((0.001, "998"), (0.025, "95")):
            # A quantile keeps a count whose own probability crosses the tail.
            if stats.binom.sf(count - 1, total, limit) < tail and above < tail:
                expected = f"above_{name}"
                break
            if below < tail:
                expected = f"below_{name}"
                break
        assert outside(count, total, limit) == expected, count
    assert outside(0, 0, limit) == "inside"


def test_a_limit_must_be_a_share():
    with pytest.raises(ValueError, match="between 0 and 1"):
        control_lines(5, 100)


def test_windows_of_the_past_share_no_day():
    study = opened("th-siam-beauty")
    limit = next(
        one for one in verdict_limits(study.shop, study.as_of) if one.metric == "seller_fault_cancellation_rate"
    )
    weeks = over_weeks(study.cube, study.shop, limit, study.as_of)
    assert weeks["date"].diff().dropna().eq(pd.Timedelta(days=7)).all()
    assert weeks["now"].tolist() == [False] * (len(weeks) - 1) + [True]
    placed = study.facts["created_date"].between("2026-11-09", "2026-11-15").sum()
    assert weeks["denominator"].iloc[-1] == placed


# --- the cohort ----------------------------------------------------------------------------------


def own_and_others(rates, own=0.05):
    def frame(rate):
        return pd.DataFrame(
            {
                "metric": ["order_cancellation_rate"],
                "window_days": [30],
                "numerator": [5],
                "denominator": [100],
                "rate": [rate],
            }
        )

    return cohorts.beside(frame(own), [frame(rate) for rate in rates]).iloc[0]


def test_quartiles_are_no_single_shops_figure():
    rates = [0.011, 0.023, 0.035, 0.047, 0.059]
    row = own_and_others(rates)
    assert row["shops"] == 5
    assert row["lower"] < row["median"] < row["upper"]
    # The ordinary quartiles of five are the second, third and fourth shop's own figures.
    shown = [row["lower"], row["upper"]]
    assert not set(shown) & set(rates)
    expected = stats.mstats.hdquantiles(rates, (0.25, 0.5, 0.75))
    assert [row["lower"], row["median"], row["upper"]] == [pytest.approx(value, abs=0.0005) for value in expected]


@pytest.mark.parametrize(("own", "place"), [(0.001, "lower"), (0.035, "middle"), (0.2, "upper"), (float("nan"), "")])
def test_where_the_shop_lies(own, place):
    assert own_and_others([0.011, 0.023, 0.035, 0.047, 0.059], own)["place"] == place


def test_a_rate_that_only_four_others_have_is_left_empty():
    row = own_and_others([0.01, 0.02, 0.03, 0.04, float("nan")])
    assert row["shops"] == 4
    assert pd.isna(row["median"])
    assert row["place"] == ""


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """Seven shops of one market and category, an eighth of another, all with the UK sample's files."""
    folder = tmp_path_factory.mktemp("market")
    for path in (SAMPLE / "uk-linen-lane").glob("*.csv"):
        shutil.copy(path, folder)
    files = sorted(path.name for path in folder.glob("*.csv"))
    shops = [{"id": f"rival-{name}", "name": f"Rival {name}", "market": "GB", "category": "Linen", "files": files}
             for name in ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf")]  # fmt: skip
    shops.append({"id": "rival-other", "market": "GB", "category": "Shoes", "files": files})
    (folder / "shops.yaml").write_text(json.dumps({"shops": shops}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def study(market):
    """One of them; a copy of it (`replace`) has made nothing yet."""
    return open_study(market, "rival-alpha")


@cache
def files_of(shop):
    return load_shop(shop)


def everything(section):
    """All that a section shows or writes, as one text."""
    parts = []
    for one in section.exhibits:
        parts.append(one.text if isinstance(one, Prose) else f"{one.caption} {one.note}")
        if one.frame is not None:
            parts.append(one.frame.to_csv())
        if hasattr(one, "chart"):
            parts += [str(one.chart), one.alternative]
    return "\n".join(parts)


def test_a_cohort_of_six_others_shows_quartiles_and_no_name(study):
    found = study.cohort
    assert (found.shops, found.why) == (6, "")
    text = everything(sections_others.others(study))
    assert "6 other shops" in text
    for name in ("bravo", "charlie", "delta", "echo", "foxtrot", "golf", "other"):
        assert f"rival-{name}" not in text
        assert f"Rival {name}" not in text


def test_the_shops_own_figures_are_those_of_its_rates(study):
    own = study.cohort.frame.set_index("metric")
    rates = study.rates[(study.rates["basis"] == "created") & (study.rates["window"] == 30)].set_index("metric")
    for metric in cohorts.COMPARED:
        assert tuple(own.loc[metric, ["numerator", "denominator"]]) == tuple(
            rates.loc[metric, ["numerator", "denominator"]]
        )


def test_with_fewer_than_five_others_nothing_is_shown(study):
    few = replace(study, peers=tuple(shop for shop in study.peers if shop.id[6:7] in "abcde"))
    found = few.cohort
    assert (found.shops, found.why, len(found.frame)) == (4, "few", 0)
    section = sections_others.others(few)
    (told,) = [one for one in section.exhibits if one.name == "others_cohort"]
    assert told.frame is None
    assert "are not shown: 4 could be used, 5 are needed" in told.text


def test_others_whose_files_are_broken_or_empty_do_not_count(study, tmp_path):
    broken = tmp_path / "broken.csv"
    broken.write_text("not an export\n", encoding="utf-8")
    peers = tuple(
        replace(shop, files=(broken,)) if shop.id in ("rival-bravo", "rival-golf") else shop for shop in study.peers
    )
    found = replace(study, peers=peers).cohort
    assert (found.shops, found.why) == (4, "few")


@pytest.mark.parametrize("error", [MemoryError, RecursionError, ZeroDivisionError])
def test_whatever_another_shops_files_do_it_only_does_not_count(study, monkeypatch, error):
    def load(shop):
        if shop.id in ("rival-bravo", "rival-golf"):
            raise error("Maria Kanarienvogel")
        return files_of(shop)

    fresh = replace(study)
    monkeypatch.setattr(one_shop, "load_shop", load)
    assert (fresh.cohort.shops, fresh.cohort.why) == (4, "few")


def test_a_shop_without_a_category_is_told_so(study):
    found = replace(study, shop=replace(study.shop, category=None)).cohort
    assert found.why == "category"


def test_the_sample_shops_have_no_cohort():
    study = opened("us-harbor-home")
    assert study.cohort.why == "few"
    text = everything(sections_others.others(study))
    for shop in study.peers:
        if shop.id != study.shop.id:
            assert shop.id not in text
            assert shop.name not in text
