"""Personal text that slipped into a status, a reason or a date: nothing that is printed of a file shows it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.cli.commands import app
from cancel_analysis.errors import UnknownReasonError
from cancel_analysis.loaders import draft_mapping, load_mapped, load_shop, understood
from cancel_analysis.study.one_shop import study_shop
from tests.loaders.exports import cancelled, order, write_csv
from tests.loaders.mapped.layouts import NATIVE_49, shopee_month

CANARIES = (
    "Siti Rahmawati",
    "+62 812-3456-7890",
    "siti.rahma@example.com",
    "Jl. Kenanga No. 12, Bandung",
    "please ring twice, I am Siti",
)
PARTS = ("Siti", "Rahma", "812", "3456", "example.com", "Kenanga", "Bandung", "ring twice")
ID = make_shop({"id": "toko", "mapping": "shopee-id"})


def slipped(path: Path) -> Path:
    """A native month with a canary in the status, the reason and a time of some cancelled rows."""
    rows, _ = shopee_month(NATIVE_49, seed=4)
    gone = [row for row in rows if row[NATIVE_49.index("Status Pesanan")] == "Batal"]
    kept = [row for row in rows if row not in gone]
    for row, canary in zip(kept, CANARIES, strict=False):
        row[NATIVE_49.index("Status Pesanan")] = canary
        row[NATIVE_49.index("Waktu Pembayaran Dilakukan")] = canary
    for number, canary in enumerate(CANARIES):
        gone[2 * number][NATIVE_49.index("Alasan Pembatalan")] = canary
        gone[2 * number + 1][NATIVE_49.index("Alasan Pembatalan")] = f"Dibatalkan oleh Pembeli. Alasan: {canary}"
    # The same buyer, several lines of one order: still one person's words.
    for row in rows[-4:]:
        row[NATIVE_49.index("No. Pesanan")] = "251199999999"
        row[NATIVE_49.index("Status Pesanan")] = CANARIES[0]
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([NATIVE_49, *rows])
    return path


def shows_nothing(text: str) -> bool:
    found = [part for part in PARTS if part in text]
    assert not found, found
    return True


def test_what_a_mapping_understands_shows_no_canary(tmp_path: Path) -> None:
    path = slipped(tmp_path / "month.csv")
    frame = understood(path, "shopee-id", ID)
    assert shows_nothing(frame.to_csv())
    assert (frame["in_file"] == "text not shown").any()
    # Words of the platform are shown, those of the mapping and those that many orders have.
    assert {"Batal", "Selesai"} <= set(frame["in_file"])


def test_check_shows_no_canary(tmp_path: Path) -> None:
    path = slipped(tmp_path / "month.csv")
    result = CliRunner().invoke(app, ["check", str(path), "--mapping", "shopee-id"])
    assert shows_nothing(result.output)
    assert "text not shown" in result.output


def test_a_draft_shows_no_canary(tmp_path: Path) -> None:
    text = draft_mapping(slipped(tmp_path / "month.csv"))
    assert shows_nothing(text)
    assert "rows have values that are not shown here" in text
    assert '"Batal": cancelled' in text


def test_a_file_without_a_header_shows_no_number_or_address(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([["A1", CANARIES[1], CANARIES[2], "2026-01-01 10:00"]] * 5)
    text = draft_mapping(path)
    assert "812" not in text
    assert "example.com" not in text


def test_an_unknown_reason_of_an_export_shows_no_canary(tmp_path: Path) -> None:
    reasons = [*CANARIES, *["Moved house"] * 4]
    rows = [cancelled(n, cancel_reason=reason) for n, reason in enumerate(reasons, start=1)]
    write_csv(tmp_path / "a.csv", [*rows, *(order(n) for n in range(50, 90))])
    result = CliRunner().invoke(app, ["check", str(tmp_path / "a.csv"), "--market", "US"])
    assert shows_nothing(result.output)
    assert "Moved house" in result.output
    strict = make_shop({"id": "s", "market": "US", "files": "*.csv", "strict": True}, tmp_path)
    with pytest.raises(UnknownReasonError) as caught:
        study_shop(strict, load_shop(strict))
    assert shows_nothing(str(caught.value))
    assert "Moved house" in str(caught.value)


def test_the_account_of_a_mapped_file_shows_no_canary(tmp_path: Path) -> None:
    account = load_mapped(slipped(tmp_path / "month.csv"), ID, "shopee-id").orders.account
    assert shows_nothing(account.unknown_values.to_csv() + account.refusals.to_csv() + "\n".join(account.notes))
