"""A page over all shops opens a shop once: what is kept of it gives the same page, until anything changes."""

from __future__ import annotations

import shutil
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

from cancel_analysis.catalog.shops import read_shop_list
from cancel_analysis.dataset.addresses import make
from cancel_analysis.errors import SettingsError
from cancel_analysis.pages.brief import open_brief
from cancel_analysis.pages.portfolio import Portfolio, open_portfolio
from cancel_analysis.report import preparing
from cancel_analysis.report.pages import page
from cancel_analysis.store.place import FOLDER
from cancel_analysis.study import many_shops
from cancel_analysis.study.ingest import ingest_shop

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
TWO = "us-harbor-home,sg-orchid-import"


def no_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_shop(shop: object) -> None:
        raise SettingsError("a shop was loaded")

    monkeypatch.setattr(many_shops, "load_shop", load_shop)


def assert_same(first: object, second: object) -> None:
    """Two frozen results with the same values and frames of the same kinds."""
    for field in fields(first):  # type: ignore[arg-type]
        one, other = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other)
        elif isinstance(one, tuple) and one and hasattr(one[0], "figures"):
            for left, right in zip(one, other, strict=True):
                assert_same(left, right)
        else:
            assert one == other


@pytest.mark.parametrize("kind", ["files", "dataset"])
def test_what_is_kept_gives_the_same_pages(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, shops = SAMPLE, TWO
    if kind == "dataset":
        data = make(tmp_path / "set")
        for shop in read_shop_list(SAMPLE).named(TWO.split(",")).shops:
            ingest_shop(shop, data)
    monkeypatch.setenv(FOLDER, "off")
    portfolio, brief = open_portfolio(data, shops=shops), open_brief(data, shops=shops)
    assert len(portfolio.shops) == 2
    monkeypatch.setenv(FOLDER, str(tmp_path / "store"))
    assert_same(open_portfolio(data, shops=shops), portfolio)
    assert_same(open_brief(data, shops=shops), brief)
    no_loading(monkeypatch)
    assert_same(open_portfolio(data, shops=shops), portfolio)
    assert_same(open_brief(data, shops=shops), brief)
    other = open_portfolio(data, shops=shops, language="th")
    assert set(other.failures["cause"]) == {"a shop was loaded"}, "another language has other headlines"


def test_a_changed_file_and_a_changed_setting_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    shutil.copytree(SAMPLE / "sg-orchid-import", data / "sg-orchid-import")
    settings = "shops:\n  - id: sg-orchid-import\n    market: SG\n    name: {}\n    files: 'sg-orchid-import/*'\n"
    (data / "shops.yaml").write_text(settings.format("First"), encoding="utf-8")
    monkeypatch.setenv(FOLDER, str(tmp_path / "store"))
    open_portfolio(data)
    no_loading(monkeypatch)
    assert open_portfolio(data).failures.empty
    (data / "shops.yaml").write_text(settings.format("Second"), encoding="utf-8")
    with pytest.raises(SettingsError, match="a shop was loaded"):
        open_portfolio(data)
    (data / "shops.yaml").write_text(settings.format("First"), encoding="utf-8")
    assert open_portfolio(data).failures.empty
    orders = next((data / "sg-orchid-import").glob("*rder*.csv"))
    orders.write_text("\n".join(orders.read_text(encoding="utf-8-sig").splitlines()[:-1]) + "\n", encoding="utf-8-sig")
    with pytest.raises(SettingsError, match="a shop was loaded"):
        open_portfolio(data)


@pytest.mark.parametrize("name", ["portfolio", "brief"])
def test_shops_are_read_side_by_side_before_the_page(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "store"))
    planned = page(name, SAMPLE, parameters={"shops": TWO})
    preparing.prepare(planned, 2)
    no_loading(monkeypatch)
    found: Portfolio = open_portfolio(SAMPLE, shops=TWO) if name == "portfolio" else open_brief(SAMPLE, shops=TWO)  # type: ignore[assignment]
    assert found.failures.empty
    assert len(found.shops) == 2
