"""All shops side by side: order, causes, movers beyond noise, and one bad shop that stops nothing."""

import re
import shutil
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

import cancel_analysis as ca
from cancel_analysis.errors import SettingsError
from cancel_analysis.exhibits.kinds import Picture
from cancel_analysis.pages import portfolio as portfolios
from cancel_analysis.pages import portfolio_sections as sections_portfolio
from cancel_analysis.pages import portfolio_tables
from cancel_analysis.pages.portfolio import (
    amounts_by_currency,
    causes_together,
    open_portfolio,
    panels,
    with_movers,
    worst_first,
)
from cancel_analysis.pages.shop_rows import page_speaker
from cancel_analysis.store.place import FOLDER
from cancel_analysis.study.many_shops import open_shops

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@cache
def opened():
    return open_portfolio(SAMPLE, "2026-W46")


def test_a_shop_whose_files_end_earlier_is_seen_at_its_own_last_week(tmp_path):
    names = ("uk-linen-lane", "sg-orchid-import")
    for name in names:
        shutil.copytree(SAMPLE / name, tmp_path / name)
    (tmp_path / "shops.yaml").write_text(
        "shops:\n  - {id: uk-linen-lane, market: GB, files: uk-linen-lane/*.csv}\n"
        "  - {id: sg-orchid-import, market: SG}\n",
        encoding="utf-8",
    )
    # The export of one shop as it was written three weeks earlier: later rows are not in it.
    for path in (tmp_path / "uk-linen-lane").glob("*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        column = next(name for name in frame.columns if name in ("Created Time", "Time Requested"))
        days = pd.to_datetime(frame[column].str.strip(), dayfirst=True, errors="coerce")
        times = frame.apply(
            lambda cells: pd.to_datetime(cells.str.strip(), format="%d/%m/%Y %H:%M:%S", errors="coerce")
        )
        assert days.notna().any()
        frame[(times.max(axis=1) < "2026-10-26") | days.isna()].to_csv(path, index=False)
    found = open_portfolio(tmp_path)
    assert found.failures.empty
    assert str(found.week) == "2026-W46"
    rows = found.shops.set_index("shop")
    assert rows.loc["uk-linen-lane", "week"] < "2026-W44"
    assert pd.isna(rows.loc["sg-orchid-import", "files_end"])
    ends = rows.loc["uk-linen-lane", "files_end"]
    assert date(2026, 10, 11) < ends < date(2026, 10, 26)
    assert set(found.movers["shop"]) <= {"sg-orchid-import"}
    (lines,) = sections_portfolio.shop_lines(found).exhibits
    shown = [row.name for row in lines.rows]
    assert any("files end on" in name and rows.loc["uk-linen-lane", "week"] in name for name in shown)
    shops = ca.open_shops(tmp_path)
    assert shops["uk-linen-lane"].as_of <= ends


def test_the_worst_stand_first():
    shops = opened().shops
    assert len(shops) == 6
    order = ["breach", "watch", "cannot_tell", "ok"]
    assert shops["verdict"].map(order.index).is_monotonic_increasing
    assert set(shops.loc[shops["verdict"] == "breach", "shop"]) == {"th-siam-beauty", "id-toko-gadget"}
    assert opened().verdict == "breach"


def test_the_deciding_figure_is_that_of_the_shops_own_report():
    from cancel_analysis.sections.verdict import headline
    from cancel_analysis.study.one_shop import open_study

    row = opened().shops.set_index("shop").loc["id-toko-gadget"]
    study = open_study(SAMPLE, "id-toko-gadget", "2026-W46")
    deciding = study.judgement.deciding
    assert (row["numerator"], row["denominator"], row["limit"]) == (
        deciding.numerator,
        deciding.denominator,
        deciding.limit.value,
    )
    assert row["headline"] == headline(study, "en")


def test_worst_first_goes_by_distance_then_name():
    frame = pd.DataFrame(
        {
            "shop": list("abcde"),
            "name": ["b", "A", "c", "d", "e"],
            "verdict": ["ok", "ok", "breach", "breach", "watch"],
            "rate": [0.01, 0.01, 0.06, 0.30, np.nan],
            "limit": [0.05, 0.05, 0.05, 0.50, np.nan],
        }
    )
    assert worst_first(frame)["shop"].tolist() == ["c", "d", "e", "b", "a"]


def test_causes_add_units_and_never_amounts():
    causes = opened().causes
    together = causes_together(causes).set_index("root_cause")
    assert "amount" not in together.columns
    assert together["items"].sum() == causes["items"].sum()
    assert together.loc["stock", "names"] == "Toko Gadget"
    assert together.loc["carrier", "names"] == "Saigon Shoes"
    money = amounts_by_currency(causes)
    for (currency, cause), amount in money.set_index(["currency", "root_cause"])["amount"].items():
        mine = causes[(causes["currency"] == currency) & (causes["root_cause"] == cause)]
        assert amount == pytest.approx(mine["amount"].sum())
    assert set(money["currency"]) == set(causes["currency"])


def changes(*rows):
    names = ["numerator", "denominator", "before_numerator", "before_denominator", "moved"]
    return pd.DataFrame(rows, columns=names)


def test_a_mover_is_beyond_noise_also_among_many():
    # Barely significant alone; among thirty quiet comparisons it is what chance brings.
    alone = (12, 100, 3, 100, "up")
    plain = 2 * stats.fisher_exact([[12, 88], [3, 97]], "greater").pvalue
    assert with_movers(changes(alone))["p_adjusted"].iloc[0] == pytest.approx(plain)
    assert with_movers(changes(alone))["mover"].tolist() == [True]
    many = with_movers(changes(alone, *[(5, 100, 5, 100, "noise")] * 30))
    assert not many["mover"].any()
    strong = with_movers(changes((40, 100, 3, 100, "up"), *[(5, 100, 5, 100, "noise")] * 30))
    assert strong["mover"].tolist() == [True] + [False] * 30
    assert with_movers(changes((0, 0, 3, 100, "unknown")))["p_adjusted"].isna().all()


def test_the_planted_mover_is_found_and_the_quiet_shops_are_not():
    moved = opened().moved
    assert ("th-siam-beauty", "seller_fault_cancellation_rate") in set(zip(moved["shop"], moved["metric"], strict=True))
    assert not set(moved["shop"]) & {"us-harbor-home", "sg-orchid-import"}
    for row in moved.itertuples():
        assert row.low > 0 or row.high < 0
    lead, table = portfolio_tables.movers(opened(), page_speaker())
    assert "from 2026-W45 to 2026-W46" in lead.lines[0].text
    assert table.caption == "Movers, 2026-W46 against 2026-W45"
    assert [column.label for column in table.columns if column.name.startswith("counts")] == ["2026-W46", "2026-W45"]


def test_shops_under_one_limit_share_a_panel():
    found = panels(opened().funnel)
    assert sum(len(points) for points, _ in found) == 6
    assert len(found[0][0]) >= len(found[-1][0])
    for points, lines in found:
        assert points["limit"].nunique() == 1
        assert lines["orders"].max() >= points["denominator"].max()
    picture = portfolio_tables.funnel(opened(), page_speaker())
    assert isinstance(picture, Picture)
    assert len(picture.frame) == 6
    assert "Siam Beauty" in str(picture.chart)


@pytest.fixture
def damaged(tmp_path):
    """Three sample shops, one with a file that is no export."""
    entries = yaml.safe_load((SAMPLE / "shops.yaml").read_text(encoding="utf-8"))
    wanted = ("us-harbor-home", "id-toko-gadget", "sg-orchid-import")
    entries["shops"] = [one for one in entries["shops"] if one["id"] in wanted]
    (tmp_path / "shops.yaml").write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    for shop in wanted:
        shutil.copytree(SAMPLE / shop, tmp_path / shop)
    for path in (tmp_path / "id-toko-gadget").iterdir():
        path.unlink()
    (tmp_path / "id-toko-gadget" / "orders.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return tmp_path


def test_one_bad_shop_is_listed_with_its_cause(damaged):
    found = open_portfolio(damaged, "2026-W46")
    assert set(found.shops["shop"]) == {"us-harbor-home", "sg-orchid-import"}
    assert found.failures["shop"].tolist() == ["id-toko-gadget"]
    assert "orders.csv" in found.failures["cause"].iloc[0]
    assert str(damaged) not in found.failures["cause"].iloc[0]
    (lines,) = sections_portfolio.shop_lines(found).exhibits
    assert "orders.csv" in {row.name: row.said for row in lines.rows}["Toko Gadget"]
    assert "One more could not be read" in sections_portfolio.first_screen(found).exhibits[0].text


def test_a_shop_with_wrong_settings_is_listed_with_file_and_line(damaged):
    text = (damaged / "shops.yaml").read_text(encoding="utf-8")
    (damaged / "shops.yaml").write_text(text.replace("market: US", "market: XX"), encoding="utf-8")
    found = open_portfolio(damaged, "2026-W46")
    assert found.shops["shop"].tolist() == ["sg-orchid-import"]
    causes = found.failures.set_index("shop")["cause"]
    assert re.match(r"shops\.yaml, line \d+ \(shop 1, 'market'\): unknown market 'XX'", causes["us-harbor-home"])
    assert "orders.csv" in causes["id-toko-gadget"]
    with pytest.raises(SettingsError, match="unknown market 'XX'"):
        open_portfolio(damaged, "2026-W46", shops="us-harbor-home")


def test_a_shop_that_fails_later_stops_nothing_either(monkeypatch):
    real = portfolios.keep_shop

    def keep(one, *more):
        if one.shop.id == "uk-linen-lane":
            raise SettingsError("'limits' is 'nonsense'")
        return real(one, *more)

    # Nothing that was kept before takes the place of the failure.
    monkeypatch.setenv(FOLDER, "off")
    monkeypatch.setattr(portfolios, "keep_shop", keep)
    found = open_portfolio(SAMPLE, "2026-W46", shops="uk-linen-lane,sg-orchid-import")
    assert found.shops["shop"].tolist() == ["sg-orchid-import"]
    assert found.failures["cause"].tolist() == ["'limits' is 'nonsense'"]


def test_no_shop_that_can_be_read_still_gives_a_page(monkeypatch):
    def keep(one, *more):
        raise SettingsError("no")

    # Nothing that was kept before takes the place of the failure.
    monkeypatch.setenv(FOLDER, "off")
    monkeypatch.setattr(portfolios, "keep_shop", keep)
    found = open_portfolio(SAMPLE, "2026-W46", shops="sg-orchid-import")
    assert found.verdict == "cannot_tell"
    assert sections_portfolio.headline(found, page_speaker()) == "No shop can be judged yet."
    assert sections_portfolio.causes(found).exhibits == sections_portfolio.evidence(found).exhibits == ()
    assert sections_portfolio.portfolio_contents(found)["verdict"] == "cannot_tell"


def test_weeks_and_shops_are_chosen():
    shops = open_shops(SAMPLE, "sg-orchid-import")
    assert (str(shops.week()), shops.day()) == ("2026-W46", date(2026, 11, 15))
    assert shops.day("2026-11-04") == date(2026, 11, 4)
    with pytest.raises(SettingsError, match="is no day; write it like 2026-11-15"):
        shops.day("yesterday")
    with pytest.raises(SettingsError, match="no shop 'nobody'; there are us-harbor-home"):
        open_shops(SAMPLE, "nobody")
    with pytest.raises(SettingsError, match="is no week"):
        open_portfolio(SAMPLE, "46", "sg-orchid-import")
