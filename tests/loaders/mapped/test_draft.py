"""A first mapping: it reads the file that it was drafted from, and marks what a person has to look at."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import read_shops
from cancel_analysis.loaders import draft_mapping, load_mapped

PERSONAL = "BUYERDATA"


@pytest.mark.parametrize("name", ["shopee-id", "invoices", "sales-report"])
def test_a_draft_of_a_sample_reads_the_sample(name: str, sample: Path, tmp_path: Path) -> None:
    shop = next(shop for shop in read_shops(sample / "other") if shop.id == name)
    file = shop.files[-1]
    own = tmp_path / "draft.yaml"
    own.write_text(draft_mapping(file), encoding="utf-8")
    loose = replace(shop, refuse_limit=1.0)
    drafted = load_mapped(file, loose, own).orders
    shipped_one = load_mapped(file, loose, name).orders
    assert drafted.account.used + drafted.account.refused == drafted.account.rows
    assert drafted.table["order_id"].nunique() == shipped_one.table["order_id"].nunique()
    # Whether equal lines are one line is a person's to say; the draft takes each for a line of its own.
    columns = ["order_id", "sku_id", "created_at"] + (["line_amount"] if name != "sales-report" else [])
    pairs = [set(map(tuple, intake.table[columns].to_numpy().tolist())) for intake in (drafted, shipped_one)]
    assert pairs[0] == pairs[1]
    assert (drafted.table["status"] == "cancelled").sum() > 0


def test_a_draft_of_a_stranger_marks_what_is_open(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    rows = [("1", "13.11.2026 10:00", "offen", PERSONAL), ("2", "14.11.2026 10:00", "weg", PERSONAL)]
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("Bestellnummer", "Wann", "Zustand 7", "Kundin"), *rows])
    text = draft_mapping(file)
    assert 'created_at: "Wann"  # guessed' in text
    # Without a column of units a row is one.
    assert "quantity: [1]  # guessed" in text
    assert "dates: [dmy]" in text
    assert "Kundin" in text
    assert PERSONAL not in text
