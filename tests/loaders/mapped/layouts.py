"""Writes files of other platforms in their real layouts, with a truth that is counted while they are written."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

MONTHLY_17 = (
    "order_id", "product_category", "Status Pesanan", "Alasan Pembatalan", "Opsi Pengiriman", "Waktu Pesanan Dibuat",
    "Metode Pembayaran", "Jumlah", "Returned quantity", "Total Diskon", "Total Berat",
    "Ongkos Kirim Dibayar oleh Pembeli", "Estimasi Potongan Biaya Pengiriman", "Total Pembayaran",
    "Perkiraan Ongkos Kirim", "Kota/Kabupaten", "Provinsi",
)  # fmt: skip
NATIVE_49 = (
    "No. Pesanan", "Status Pesanan", "Alasan Pembatalan", "Status Pembatalan/ Pengembalian", "No. Resi",
    "Opsi Pengiriman", "Antar ke counter/ pick-up", "Pesanan Harus Dikirimkan Sebelum (Menghindari keterlambatan)",
    "Waktu Pengiriman Diatur", "Waktu Pesanan Dibuat", "Waktu Pembayaran Dilakukan", "Metode Pembayaran",
    "SKU Induk", "Nama Produk", "Nomor Referensi SKU", "Nama Variasi", "Harga Awal", "Harga Setelah Diskon", "Jumlah",
    "Returned quantity", "Total Harga Produk", "Total Diskon", "Diskon Dari Penjual", "Diskon Dari Shopee",
    "Berat Produk", "Jumlah Produk di Pesan", "Total Berat", "Voucher Ditanggung Penjual", "Cashback Koin",
    "Voucher Ditanggung Shopee", "Paket Diskon", "Paket Diskon (Diskon dari Shopee)",
    "Paket Diskon (Diskon dari Penjual)", "Potongan Koin Shopee", "Diskon Kartu Kredit",
    "Ongkos Kirim Dibayar oleh Pembeli", "Estimasi Potongan Biaya Pengiriman", "Ongkos Kirim Pengembalian Barang",
    "Total Pembayaran", "Perkiraan Ongkos Kirim", "Catatan dari Pembeli", "Catatan", "Username (Pembeli)",
    "Nama Penerima", "No. Telepon", "Alamat Pengiriman", "Kota/Kabupaten", "Provinsi", "Waktu Pesanan Selesai",
)  # fmt: skip
REASONS = {
    "Dibatalkan oleh Pembeli. Alasan: Need to change delivery address": ("buyer", "change_address"),
    "Dibatalkan oleh Pembeli. Alasan: Ubah Pesanan yang Ada": ("buyer", "change_variation"),
    "Dibatalkan oleh Pembeli. Alasan: Proses pembayaran sulit": ("buyer", "payment_unavailable"),
    "Dibatalkan oleh Penjual. Alasan: Produk habis": ("seller", "out_of_stock"),
    "Dibatalkan secara otomatis oleh sistem. Alasan: Penjual gagal mengirimkan pesanan tepat waktu": (
        "system", "not_shipped_on_time"),
    "Dibatalkan secara otomatis oleh sistem. Alasan: Penjual tidak mengatur pengiriman tepat waktu": (
        "system", "not_shipped_on_time"),
    "Dibatalkan secara otomatis oleh sistem. Alasan: Pengiriman gagal": ("system", "delivery_failed"),
    "Dibatalkan secara otomatis oleh sistem. Alasan: Pesanan belum dibayar": ("system", "not_paid"),
}  # fmt: skip
PERSONAL = "BUYERDATA"


@dataclass
class Truth:
    """What was written: rows, orders, orders of which every line is `Batal`, units, units on such lines."""

    rows: int = 0
    orders: int = 0
    cancelled: int = 0
    units: int = 0
    units_cancelled: int = 0
    completed: int = 0
    returned: int = 0
    value: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def lost_zeros(amount: int) -> str:
    """An amount as the export has it: a dot between thousands, the last zeros of the last group lost."""
    if amount < 1000:
        return str(amount)
    groups = f"{amount:,}".split(",")
    groups[-1] = groups[-1].rstrip("0") or "0"
    return ".".join(groups)


def shopee_month(
    header: tuple[str, ...], seed: int, orders: int = 120, month: str = "2025-11"
) -> tuple[list[list[Any]], Truth]:
    """The rows of one month in a layout, and their truth."""
    dice = random.Random(seed)
    rows: list[list[Any]] = []
    truth = Truth()
    for number in range(orders):
        created = f"{month}-{dice.randint(1, 30):02d} {dice.randint(0, 23):02d}:{dice.randint(0, 59):02d}"
        gone = dice.random() < 0.2
        reason = dice.choice(list(REASONS)) if gone else None
        returned = not gone and dice.random() < 0.05
        total = sum_of_order = 0
        lines = []
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            units, price = dice.randint(1, 4), dice.choice((599, 10_000, 38_300, 1_234_000))
            row = dict.fromkeys(header, "")
            row |= {
                "order_id": f"ORD_{seed}_{number:06d}", "No. Pesanan": f"2511{seed:02d}{number:08d}",
                "product_category": dice.choice(("Celengan", "Nampan / Tray")),
                "Status Pesanan": "Batal" if gone else "Selesai", "Alasan Pembatalan": reason or "",
                "Opsi Pengiriman": "SPX Standard", "Waktu Pesanan Dibuat": created,
                "Waktu Pembayaran Dilakukan": "-" if gone else created,
                "Waktu Pengiriman Diatur": "-" if gone else created,
                "Waktu Pesanan Selesai": "-" if gone else created, "No. Resi": "-" if gone else f"SPX{number}",
                "Metode Pembayaran": "SPayLater", "Nama Produk": "Celengan", "Jumlah": str(units),
                "Returned quantity": str(units) if returned else "0", "Harga Setelah Diskon": lost_zeros(price),
                "Total Harga Produk": "0" if gone else lost_zeros(price * units), "Total Diskon": "0",
                "Total Berat": "1000 gr", "Kota/Kabupaten": "KOTA SERANG", "Provinsi": "BANTEN",
            }  # fmt: skip
            row |= dict.fromkeys(
                ("Catatan dari Pembeli", "Username (Pembeli)", "Nama Penerima", "No. Telepon", "Alamat Pengiriman"),
                PERSONAL,
            )
            lines.append(row)
            total += units
            sum_of_order += price * units
            truth.units += units
            truth.units_cancelled += units if gone else 0
            truth.value += price * units
        for row in lines:
            row["Total Pembayaran"] = "0" if gone else lost_zeros(sum_of_order)
            rows.append([row[name] for name in header])
        truth.rows += len(lines)
        truth.orders += 1
        truth.cancelled += gone
        truth.completed += not gone
        truth.returned += returned
        if reason:
            truth.reasons[reason] += 1
    return rows, truth


def write_workbook(path: Path, header: tuple[str, ...], rows: list[list[Any]]) -> Path:
    """A workbook whose cells are texts, as the platform's own are."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, cells in enumerate([list(header), *rows]):
            for place, cell in enumerate(cells):
                if cell != "":
                    sheet.write_string(number, place, str(cell))
    return path
