"""The benchmark's shops: the same again by seed, as the loaders' tables are, and measured against what was asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.many import Measured, growth, lines_of
from bench.many_data import LAST, Size, orders, shop_of, write_dataset
from bench.many_data import lines_of as lines_of_shops
from cancel_analysis import tables
from cancel_analysis.catalog.datasets import stored_shops
from cancel_analysis.dataset.load import load_shop
from cancel_analysis.dataset.stored_shop import StoredShop
from cancel_analysis.study.ingest import with_figures
from cancel_analysis.study.one_shop import study_shop


def test_the_same_seed_gives_the_same_rows_of_the_right_kinds() -> None:
    shop = shop_of(3)
    assert shop.synthetic
    frame = orders(shop, 3, 400)
    pd.testing.assert_frame_equal(frame, orders(shop, 3, 400))
    tables.check(frame, tables.ORDER_LINES)
    assert list(frame.columns) == tables.ORDER_LINES.names
    assert (frame.groupby("order_id")["first_line"].sum() == 1).all()
    assert not frame.duplicated(["order_id", "sku_id", "line_no"]).any()
    gone = frame["status"] == "cancelled"
    assert frame.loc[gone, ["cancelled_at", "cancelled_by", "cancel_reason_text"]].notna().all(axis=None)
    assert frame.loc[~gone, ["cancelled_at", "cancelled_by", "cancel_reason_text"]].isna().all(axis=None)
    for column in ("paid_at", "shipped_at", "delivered_at", "cancelled_at"):
        later = frame[column].notna()
        assert (frame.loc[later, column] >= frame.loc[later, "created_at"]).all()
    assert frame["created_at"].dt.tz_localize(None).max() <= LAST


def test_shops_are_of_different_sizes_and_have_together_what_was_asked() -> None:
    found = lines_of_shops(Size(500, 1_000_000))
    assert abs(found.sum() - 1_000_000) < 5_000
    assert np.quantile(found, 0.9) > 5 * np.quantile(found, 0.1)


def test_a_written_shop_is_read_and_studied_as_any_other(tmp_path: Path) -> None:
    assert abs(sum(write_dataset(tmp_path / "set", Size(2, 1_500))) - 1_500) < 50
    first, _ = stored_shops(tmp_path / "set")
    intake = load_shop(first)
    assert study_shop(first, intake, as_of=LAST.date()).judgement.verdict
    folder = first.files[0].parent
    assert with_figures(first, folder, StoredShop.at(folder)).figures


def test_growth_is_that_of_time_over_that_of_lines() -> None:
    small = [Measured("portfolio", 10.0, 1.0, 0.0), Measured("ingest of export files", 5.0, 1.0, 0.0)]
    large = [Measured("portfolio", 24.0, 1.0, 2e9, 1.0, "told"), Measured("ingest of export files", 5.0, 1.0, 0.0)]
    assert growth(small, large, 3.0) == {"portfolio": pytest.approx(0.8)}, "ingest is of a part of fixed size"
    told = lines_of({"small": small, "large": large})
    assert "portfolio" in told
    assert "2,000" in told
