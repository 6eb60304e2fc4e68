"""Archives as platforms send them: what is in them is read, what cannot be is refused by name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import folder_shop
from cancel_analysis.errors import UnreadableFileError
from cancel_analysis.loaders import load_shop
from cancel_analysis.loaders.parsing import archives
from cancel_analysis.loaders.parsing.intake import named_files
from tests.loaders.exports import order, write_csv


def archive(path: Path, **members: Path) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, source in members.items():
            made.write(source, name.replace("__", "/").replace("_", "."))
    return path


def test_the_tables_of_an_archive_are_read_under_its_name(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "first", [order(1)])
    second = write_csv(tmp_path / "second", [order(2), order(3)])
    shop = tmp_path / "shop"
    shop.mkdir()
    archive(shop / "orders.zip", July_csv=first, more__August_csv=second, readme_pdf=first)
    intake = load_shop(folder_shop(shop, "US"))
    assert sorted(intake.orders.account.files["file"]) == ["orders.zip/August.csv", "orders.zip/July.csv"]
    assert intake.orders.account.used == 3


def test_a_name_that_leads_out_of_the_archive_does_not(tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("../../evil.csv", "a,b\n1,2\n")
    ((member, label),) = named_files(path)
    assert label == "bad.zip/evil.csv"
    assert tmp_path not in member.parents
    assert not (tmp_path.parent / "evil.csv").exists()


def test_an_archive_without_tables_and_a_damaged_one_are_told(tmp_path: Path) -> None:
    empty = archive(tmp_path / "empty.zip", readme_pdf=write_csv(tmp_path / "x", [order()]))
    with pytest.raises(UnreadableFileError, match=r"holds no .*\.csv.*\[empty\.zip\]"):
        named_files(empty)
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(empty.read_bytes()[:60])
    with pytest.raises(UnreadableFileError, match=r"cannot be unpacked \[damaged\.zip\]"):
        named_files(damaged)


def test_an_archive_that_would_fill_a_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.csv", "0" * 100_000)
    with pytest.raises(UnreadableFileError, match="unpacks to more than"):
        named_files(tmp_path / "bomb.zip")


@pytest.mark.parametrize(
    ("name", "start", "told"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"old \.xls format.*\[old\.xls\]"),
        ("open.ods", b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", r"\.ods"),
    ],
)
def test_other_spreadsheets_beside_a_csv_are_refused_by_name(
    name: str, start: bytes, told: str, tmp_path: Path
) -> None:
    write_csv(tmp_path / "a.csv", [order()])
    (tmp_path / name).write_bytes(start + b"\0" * 600)
    with pytest.raises(UnreadableFileError, match=told):
        load_shop(folder_shop(tmp_path, "US"))
