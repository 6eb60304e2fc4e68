"""Files that need no mapping are named as what they are; a stranger gets none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders.mapped.needless import no_mapping_needed


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("us-harbor-home/All order*.csv", "is a TikTok Shop order export"),
        ("us-harbor-home/Return order*.csv", "is a TikTok Shop return and refund export"),
        ("sg-orchid-import/orders*.json", "holds answers of the Partner API (orders)"),
        ("other/shopee-id/*", "fits the shipped mapping 'shopee-id'"),
        ("other/sales-report/sales.csv", "fits the shipped mapping 'sales-report'"),
        ("other/invoices/*.csv", "fits the shipped mapping 'invoices'"),
        ("id-toko-gadget/stock_log.csv", "is a file of the seller's own systems (stock log)"),
        ("th-siam-beauty/tracking_events.csv", "is a file of the seller's own systems (tracking)"),
    ],
)
def test_a_file_that_needs_none_is_named(pattern: str, told: str, sample: Path) -> None:
    path = next(path for path in sorted(sample.glob(pattern)) if path.name != "truth.json")
    assert told in no_mapping_needed(path)
    assert path.name in no_mapping_needed(path)


def test_a_stranger_needs_one(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Bestellung;Wann;Zustand\n1;13.11.2026;offen\n")
    assert no_mapping_needed(tmp_path / "x.csv") == ""


def test_json_of_another_house_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('[{"name": "a"}]')
    with pytest.raises(WrongFileError, match=r"reads tables only.*x\.json"):
        no_mapping_needed(tmp_path / "x.json")
