"""Stock log, stock snapshots and tracking events: names of columns, times, texts, and what is refused."""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path

import pandas as pd
import pytest

from cancel_analysis import tables
from cancel_analysis.catalog import csv_files
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.catalog.values import tracking_step
from cancel_analysis.errors import AmbiguousDatesError, TooManyRefusedError, UnreadableFileError, WrongFileError
from cancel_analysis.loaders import Intake, load_stock_log, load_stock_snapshots, load_tracking
from cancel_analysis.loaders.parsing.account import OUTCOMES
from cancel_analysis.loaders.parsing.operations import KINDS
from cancel_analysis.sample.parcels import EVENTS
from tests.loaders.exports import write_xlsx

SHOP = make_shop({"id": "s", "market": "TH", "refuse_limit": 1.0})
LOG = ["Time", "SKU ID", "Seller SKU", "Stock", "Sent", "Result"]


def write(path: Path, header: list[str], *rows: list[str], delimiter: str = ",", encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def adds_up(intake: Intake) -> bool:
    account = intake.account
    whole = account.rows == sum(getattr(account, outcome) for outcome in OUTCOMES)
    return whole and account.used == len(intake.table) and account.refused == len(account.refusals)


def test_a_stock_log(tmp_path: Path) -> None:
    path = write(
        tmp_path / "erp.csv",
        LOG,
        ["26/10/2026 08:00:00\t", "1729000000000000001\t", "L-1", "12", "26/10/2026 08:00:05", "ok"],
        ["26/10/2026 14:00:00", "", "L-2", "-3", "", "timeout"],
        ["", "", "", "", "", ""],
    )
    intake = load_stock_log(path, SHOP)
    table = tables.check(intake.table, tables.STOCK_LOG)
    assert table["at"].dt.strftime("%m-%d %H:%M").tolist() == ["10-26 08:00", "10-26 14:00"]
    assert str(table["at"].dt.tz) == "Asia/Bangkok"
    assert table["sku_id"].fillna("").tolist() == ["1729000000000000001", ""]
    assert table["stock"].tolist() == [12, -3]
    assert table["sent_at"].notna().tolist() == [True, False]
    assert table["result"].tolist() == ["ok", "timeout"]
    assert table["source_row"].tolist() == [2, 3]
    assert adds_up(intake)
    assert intake.account.kind == "stock_log"
    assert intake.account.notes == ("erp.csv: 1 empty rows were passed over",)


def test_stock_snapshots(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["snapshot_at", "sku", "platform_stock"], ["2026-10-26 08:00:00", "L-1", "5.0"])
    table = load_stock_snapshots(path, SHOP).table
    assert tables.check(table, tables.STOCK_SNAPSHOTS)[["seller_sku", "stock"]].to_numpy().tolist() == [["L-1", 5]]
    assert table["sku_id"].isna().all()


def test_tracking_events(tmp_path: Path) -> None:
    header = ["Tracking ID", "Order ID", "Carrier", "Time", "Event", "Location"]
    path = write(
        tmp_path / "t.csv",
        header,
        ["JX1", "577000000000000001", "J&T", "26/10/2026 08:00:00", "รับพัสดุแล้ว", "กรุงเทพ"],
        *(["JX1", "", "J&T", f"2{day}/10/2026 08:00:00", "something odd", ""] for day in (7, 8, 9)),
    )
    intake = load_tracking(path, SHOP)
    table = tables.check(intake.table, tables.TRACKING_EVENTS)
    assert table["step"].tolist() == ["picked_up"] + ["unknown"] * 3
    assert table["text"].tolist() == ["รับพัสดุแล้ว"] + ["something odd"] * 3
    assert table["place"].fillna("").tolist() == ["กรุงเทพ", "", "", ""]
    assert table["carrier"].tolist() == ["J&T"] * 4
    assert intake.account.unknown_values["value"].tolist() == ["something odd"]
    assert adds_up(intake)


@pytest.mark.parametrize("form", ["csv", "semicolon", "tab", "utf-16", "xlsx"])
def test_forms_of_file(tmp_path: Path, form: str) -> None:
    rows = [["26/10/2026 08:00:00", "1729000000000000001", "L-1", "12", "", ""]]
    path = tmp_path / "log.csv"
    if form == "xlsx":
        path = write_xlsx(tmp_path / "log.xlsx", [dict(zip(LOG, row, strict=True)) for row in rows], LOG)
    elif form == "utf-16":
        write(path, LOG, *rows, encoding="utf-16")
    else:
        write(path, LOG, *rows, delimiter={"csv": ",", "semicolon": ";", "tab": "\t"}[form])
    table = load_stock_log(path, SHOP).table
    assert table[["sku_id", "stock"]].to_numpy().tolist() == [["1729000000000000001", 12]]


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2026-10-26T01:00:00Z", "2026-10-26 08:00:00"),
        ("2026-10-26T01:00:00+00:00", "2026-10-26 08:00:00"),
        ("2026-10-26 03:00:00.250+02:00", "2026-10-26 08:00:00.25"),
        ("2026-10-26T08:00:00.500", "2026-10-26 08:00:00.5"),
        ("1792976400", "2026-10-26 08:00:00"),
        ("1792976400123", "2026-10-26 08:00:00.123"),
        ("26/10/2026 08:00", "2026-10-26 08:00:00"),
        ("10/26/2026 08:00:00 AM", "2026-10-26 08:00:00"),
        ("2026/10/26 08:00:00", "2026-10-26 08:00:00"),
    ],
)
def test_forms_of_time(tmp_path: Path, text: str, clock: str) -> None:
    rows = [[text, "", "L-1", "1", "", ""], [text, "", "L-2", "1", text, ""]]
    table = load_stock_log(write(tmp_path / "log.csv", LOG, *rows), SHOP).table
    assert (table["at"].dt.tz_localize(None) == pd.Timestamp(clock)).all()
    assert table["sent_at"].dt.tz_localize(None)[1] == pd.Timestamp(clock)


def test_zones_may_stand_beside_local_times(tmp_path: Path) -> None:
    rows = [["13/10/2026 08:00:00", "", "L-1", "1", "", ""], ["2026-10-14T01:00:00Z", "", "L-1", "2", "", ""]]
    table = load_stock_log(write(tmp_path / "log.csv", LOG, *rows), SHOP).table
    assert table["at"].dt.strftime("%d %H").tolist() == ["13 08", "14 08"]


def test_dates_are_settled_once_a_file(tmp_path: Path) -> None:
    open_file = write(tmp_path / "log.csv", LOG, ["05/10/2026 08:00:00", "", "L-1", "1", "", ""])
    with pytest.raises(AmbiguousDatesError, match="date_order"):
        load_stock_log(open_file, SHOP)
    for order, month in (("dmy", 10), ("mdy", 5)):
        wish = make_shop({"id": "s", "market": "TH", "date_order": order})
        assert load_stock_log(open_file, wish).table["at"].dt.month.tolist() == [month]
    settled = write(
        tmp_path / "b.csv",
        LOG,
        ["05/10/2026 08:00:00", "", "L-1", "1", "", ""],
        ["05/28/2026 08:00:00", "", "L-1", "1", "", ""],
    )
    intake = load_stock_log(settled, SHOP)
    assert intake.table["at"].dt.month.tolist() == [5, 5]
    assert intake.account.files["date_order"].tolist() == ["mdy"]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (["26/10/2026 08:00:00", "5.77E+17", "", "1", "", ""], "SKU ID", "digits"),
        (["26/10/2026 08:00:00", "", "1.2E+10", "1", "", ""], "Seller SKU", "digits"),
        (["26/10/2026 08:00:00", "", "L-1", "many", "", ""], "Stock", "no whole number"),
        (["26/10/2026 08:00:00", "", "L-1", "1.5", "", ""], "Stock", "no whole number"),
        (["26/10/2026 08:00:00", "", "L-1", "", "", ""], "Stock", "is empty"),
        (["", "", "L-1", "1", "", ""], "Time", "is empty"),
        (["soon", "", "L-1", "1", "", ""], "Time", "does not fit"),
        (["2026-10-26", "", "L-1", "1", "", ""], "Time", "does not fit"),
        (["26/10/2026 08:00:00", "", "L-1", "1", "later", ""], "Sent", "does not fit"),
        (["26/10/2026 08:00:00", "", "", "1", "", ""], None, "neither"),
        (["26/10/2026 08:00:00", "L-1"], None, "cells where the header has"),
    ],
)
def test_a_damaged_row_is_refused_with_its_place(
    tmp_path: Path, row: list[str], column: str | None, words: str
) -> None:
    good = ["27/10/2026 08:00:00", "", "L-1", "1", "", ""]
    intake = load_stock_log(write(tmp_path / "log.csv", LOG, good, row, good), SHOP)
    (refusal,) = intake.account.refusals.to_dict("records")
    assert (refusal["file"], refusal["row"]) == ("log.csv", 3)
    assert (refusal["column"] if pd.notna(refusal["column"]) else None) == column
    assert words in refusal["reason"]
    assert refusal["remedy"]
    assert intake.table["source_row"].tolist() == [2, 4]
    assert adds_up(intake)


def test_too_many_refused_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", LOG, ["26/10/2026 08:00:00", "", "", "1", "", ""])
    with pytest.raises(TooManyRefusedError, match="stock_log rows"):
        load_stock_log(path, make_shop({"id": "s", "market": "TH"}))


def test_a_parcel_without_event_or_number_is_refused(tmp_path: Path) -> None:
    rows = [
        ["JX1", "26/10/2026 08:00:00", "Delivered"],
        ["", "26/10/2026 08:00:00", "Delivered"],
        ["JX2", "26/10/2026 08:00:00", ""],
        ["5.1E+11", "26/10/2026 08:00:00", "Delivered"],
    ]
    intake = load_tracking(write(tmp_path / "t.csv", ["Waybill", "Time", "Status"], *rows), SHOP)
    assert intake.account.refusals["reason"].tolist() == [
        "is empty",
        "tells no event",
        "a spreadsheet has replaced the digits of this number",
    ]
    assert adds_up(intake)


def test_the_wrong_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", ["Date", "Visits"], ["26/10/2026", "5"])
    for load, missing in ((load_stock_log, "'Stock'"), (load_tracking, "'Tracking ID'")):
        with pytest.raises(WrongFileError, match=missing):
            load(path, SHOP)
    with pytest.raises(UnreadableFileError):
        load_stock_log(tmp_path / "nothing.csv", SHOP)


def test_steps_of_the_samples_carriers() -> None:
    expected = {
        "label": "label",
        "picked_up": "picked_up",
        "in_transit": "in_transit",
        "out": "out_for_delivery",
        "delivered": "delivered",
        "failed": "exception",
        "not_ready": "exception",
        "returning": "returning",
        "returned": "returned",
    }
    for words in EVENTS.values():
        assert {name: tracking_step(text) for name, text in words.items()} == expected


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("out_for_delivery", "out_for_delivery"),
        ("Out-for-delivery", "out_for_delivery"),
        ("RETURNED", "returned"),
        ("Your parcel was not delivered", "exception"),
        ("Parcel has been delivered", "delivered"),
        ("Return to sender", "returning"),
        ("Returned to the seller", "returned"),
        ("Collected by carrier", "picked_up"),
        ("Received by courier", "picked_up"),
        ("Awaiting collection", "label"),
        ("Pickup scheduled", "label"),
        ("Arrived at hub", "in_transit"),
        ("Delivery exception: address unknown", "exception"),
        ("Paket telah diterima oleh kurir", "picked_up"),
        ("Paket diterima oleh Budi", "delivered"),
        ("Pengiriman gagal", "exception"),
        ("Paket tiba di gudang sortir", "in_transit"),
        ("Resi dibuat", "label"),
        ("Dikembalikan ke pengirim", "returned"),
        ("运输中", "in_transit"),
        ("已签收", "delivered"),
        ("派送失败", "exception"),
        ("已揽收", "picked_up"),
        ("Đang chuyển hoàn", "returning"),
        ("xyz", None),
    ],
)
def test_steps(text: str, step: str | None) -> None:
    assert tracking_step(text) == step


def test_the_catalog_is_sound() -> None:
    steps = [row["step"] for row in csv_files.rows("tracking_steps")]
    assert set(steps) == set(tables.TRACKING_STEPS) - {"unknown"}
    for row in csv_files.rows("tracking_steps"):
        assert re.compile(row["pattern"])
        assert row["pattern"] == row["pattern"].casefold()
    assert {row["table"] for row in csv_files.rows("operations_columns")} == set(KINDS)


def test_who_took_the_parcel_is_not_kept(tmp_path: Path) -> None:
    texts = [
        "Delivered, signed for by John Smith",
        "Paket diterima oleh [Budi Santoso]",
        "Courier: 0812-3456-7890 delivering",
    ]
    rows = [["JX1", "26/10/2026 08:00:00", text] for text in texts]
    table = load_tracking(write(tmp_path / "t.csv", ["Waybill", "Time", "Status"], *rows), SHOP).table
    assert table["text"].tolist() == [
        "Delivered, signed for by …",
        "Paket diterima oleh …",
        "Courier: … delivering",
    ]
    assert table["step"].tolist() == ["delivered", "delivered", "out_for_delivery"]


@pytest.mark.slow
def test_half_a_million_events_in_seconds(tmp_path: Path) -> None:
    texts = list(EVENTS["th"].values())
    rows = ([f"JX{n // 9}", f"{1 + n % 28:02d}/10/2026 08:00:00", texts[n % 9]] for n in range(500_000))
    path = write(tmp_path / "t.csv", ["Waybill", "Time", "Status"], *rows)
    start = time.process_time()
    intake = load_tracking(path, SHOP)
    assert time.process_time() - start < 30
    assert len(intake.table) == 500_000


def test_the_documentation_names_every_column(project: Path) -> None:
    text = (project / "docs" / "operations.md").read_text(encoding="utf-8")
    for kind in KINDS.values():
        assert {column for column in kind.kinds if f"`{column}`" not in text} == set()
    assert {step for step in tables.TRACKING_STEPS if f"`{step}`" not in text and step != "unknown"} == set()
