"""Damaged rows with a buyer's data, deep in a large file: every shop is made, and nothing of a buyer comes out."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.loaders import load_orders
from tests.loaders.exports import ORDER_HEADER, cancelled, order, write_csv
from tests.loaders.mapped.layouts import NATIVE_49, shopee_month

ROOT = Path(__file__).resolve().parents[2]
ROWS = 10_240
# The rows of data that are damaged; the reader's own first block ends between them.
PLACES = (1, 2_047, 2_048, 2_049, 10_000, ROWS)
HUGE = 3_000_000
CANARIES = {
    "Buyer Message": "CANARYMESSAGE please ring",
    "Buyer Username": "canaryuser77",
    "Recipient": "Canarina Vogelsang",
    "Phone #": "+1 555 010 7788",
    "Detail Address": "99 Canary Wharf Lane",
    "City": "Canarytown",
    "Zipcode": "CZ9-4711",
    "Seller Note": "CANARYNOTE",
}
MARKS = (
    "CANARY",
    "canaryuser",
    "Canarina",
    "Vogelsang",
    "010 7788",
    "0107788",
    "Canary Wharf",
    "Canarytown",
    "CZ9-4711",
)


def lines(rows: int = ROWS) -> list[str]:
    """The rows of a large export as text, each with a buyer's data; three weeks, ending on a Sunday."""
    first = datetime(2026, 10, 26)
    made = []
    for number in range(1, rows + 1):
        moment = first + timedelta(seconds=number * 20 * 86_400 // rows)
        times = {
            name: (moment + timedelta(hours=hours)).strftime("%d/%m/%Y %H:%M:%S")
            for name, hours in (
                ("Created Time", 0), ("Paid Time", 1), ("RTS Time", 10), ("Shipped Time", 20), ("Delivered Time", 70),
                ("Cancelled Time", 3),
            )
        }  # fmt: skip
        row = (cancelled if number % 11 == 0 else order)(number)
        row |= {name: text for name, text in times.items() if row[name]} | CANARIES
        made.append([row[name] for name in ORDER_HEADER])
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(made)
    return stream.getvalue().splitlines()


def damaged(line: str, kind: str) -> str:
    if kind == "extra cell":
        return line.replace(f'"{CANARIES["Recipient"]}"', f'"{CANARIES["Recipient"]}","{CANARIES["Phone #"]}"')
    if kind == "stray quote":
        return line.replace(f'"{CANARIES["Recipient"]}",', f'"{CANARIES["Recipient"]},')
    return line.replace(CANARIES["Buyer Message"], CANARIES["Buyer Message"] + "x" * HUGE)


def write_damaged(path: Path, kinds: dict[int, str]) -> Path:
    rows = lines()
    for place, kind in kinds.items():
        rows[place - 1] = damaged(rows[place - 1], kind)
    header = ",".join(f'"{name}"' for name in ORDER_HEADER)
    path.write_text("\r\n".join([header, *rows, ""]), encoding="utf-8-sig", newline="")
    return path


def shows_nothing(text: str, where: str) -> None:
    found = [mark for mark in MARKS if mark in text]
    assert not found, f"{where} has {found}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["extra cell", "stray quote", "huge cell"])
def test_damage_anywhere_is_refused_with_its_number(kind: str, tmp_path: Path) -> None:
    path = write_damaged(tmp_path / "All order-2026-11-16-09_00.csv", dict.fromkeys(PLACES, kind))
    account = load_orders(path, make_shop({"id": "s", "market": "US"})).account
    assert account.rows == ROWS
    assert account.refusals["row"].tolist() == [place + 1 for place in PLACES]
    assert account.used == ROWS - len(PLACES)
    shows_nothing(account.refusals.to_csv() + account.unknown_values.to_csv() + "\n".join(account.notes), kind)


@pytest.mark.slow
def test_no_canary_comes_out_of_a_batch(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    for name in ("damaged", "plain", "toko"):
        (data / name).mkdir(parents=True)
    kinds = dict(zip(PLACES, ("extra cell", "stray quote", "huge cell") * 2, strict=True))
    write_damaged(data / "damaged" / "All order-2026-11-16-09_00.csv", kinds)
    write_csv(data / "plain" / "All order-2026-11-16-09_00.csv", [order(n) | CANARIES for n in range(1, 200)])
    rows, _ = shopee_month(NATIVE_49, seed=6, month="2026-11")
    for row in rows:
        for name in ("Catatan dari Pembeli", "Nama Penerima", "No. Telepon", "Alamat Pengiriman"):
            row[NATIVE_49.index(name)] = CANARIES["Recipient"]
    # Slipped into what is read: a status, a reason, an amount and a time.
    for place, name in ((3, "Status Pesanan"), (5, "Alasan Pembatalan"), (7, "Total Harga Produk")):
        rows[place][NATIVE_49.index(name)] = CANARIES["Detail Address"]
    rows[9][NATIVE_49.index("Waktu Pesanan Selesai")] = CANARIES["Phone #"]
    with (data / "toko" / "month.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([NATIVE_49, *rows])
    (data / "shops.yaml").write_text(
        "shops:\n"
        "  - {id: damaged, market: US, files: 'damaged/*.csv'}\n"
        "  - {id: plain, market: US, files: 'plain/*.csv', date_order: dmy}\n"
        "  - {id: toko, mapping: shopee-id, files: 'toko/*.csv'}\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "cancel_analysis", "report", "--data", str(data), "--out", str(out)]
    command += ["--formats", "html", "--renderer", "builtin", "--jobs", "2"]
    result = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 made" in result.stdout
    shows_nothing(result.stdout, "stdout")
    shows_nothing(result.stderr, "stderr")
    written = [path for path in out.rglob("*") if path.is_file()]
    assert {"index.html", "manifest.jsonl"} <= {path.name for path in written}
    for path in written:
        shows_nothing(path.read_bytes().decode("utf-8", errors="replace"), str(path.relative_to(out)))
    refused = [path for path in written if "damaged" in path.parts and "refusals" in path.name]
    assert refused
    text = refused[0].read_text(encoding="utf-8")
    assert [int(row["row"]) for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))] == [p + 1 for p in PLACES]
