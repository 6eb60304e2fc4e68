"""The shops of a dataset side by side: the same whether they are read all at once or a few at a time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import cancel_analysis as ca
from bench.many_data import Size, write_dataset
from cancel_analysis.catalog.datasets import stored_shops
from cancel_analysis.dataset.load import load_shop
from cancel_analysis.dataset.stored_shop import StoredShop
from cancel_analysis.explore import stored_shops as module
from cancel_analysis.rates.cube import rolling
from cancel_analysis.study.ingest import with_figures
from cancel_analysis.study.one_shop import study_shop

RATE = "seller_fault_cancellation_rate"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many") / "set"
    list(write_dataset(folder, Size(3, 900)))
    for shop in stored_shops(folder):
        place = shop.files[0].parent
        with_figures(shop, place, StoredShop.at(place)).write(place)
    return folder


@pytest.mark.parametrize("at_a_time", [1, 2, 200])
def test_shops_are_side_by_side_however_many_are_read_at_a_time(
    dataset: Path, at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHOPS_AT_A_TIME", at_a_time)
    shops = ca.open_shops(dataset)
    rates, days = shops.rates(window=30), shops.rolling(RATE, 30)
    assert list(rates["shop"].unique()) == list(days["shop"].unique()) == list(shops)
    for settings in stored_shops(dataset):
        # The same from the shop's own rows, as its report has it.
        until = date.fromisoformat(str(StoredShop.at(settings.files[0].parent).as_of))
        study = study_shop(settings, load_shop(settings), as_of=until)
        own = rolling(study.daily_sums, RATE, 30, shop=settings)
        stored = days[days["shop"] == settings.id].drop(columns="shop").reset_index(drop=True)
        pd.testing.assert_frame_equal(stored, own, check_dtype=False)
        last = rates[(rates["shop"] == settings.id) & (rates["metric"] == RATE)].iloc[0]
        assert (last["numerator"], last["denominator"]) == tuple(own.iloc[-1][["numerator", "denominator"]])
