"""Our report beside pages of other tools: the rows that they get, and the page that says how long each took."""

from __future__ import annotations

import csv

import pytest

from bench import peers
from bench.peers import Page, document, rows_of, write_rows


def test_the_others_get_every_row_of_the_exports_and_one_header(sample, tmp_path):
    header, *rows = rows_of(sample / peers.SHOP)
    lines = 0
    for path in (sample / peers.SHOP).glob("All order*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines += sum(1 for _ in csv.reader(file))
    # Each file has a header and a row that describes its columns.
    assert len(rows) == lines - 2 * len(list((sample / peers.SHOP).glob("All order*.csv")))
    assert "Order ID" in header
    assert all(row[header.index("Order ID")].strip().isdigit() for row in rows)
    path, count = write_rows(tmp_path)
    assert count == len(rows)
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [header, *rows]


def test_every_peer_has_a_script():
    scripts = {path.stem for path in peers.SCRIPTS.glob("*.py")} - {"__init__"}
    assert scripts == set(peers.PEERS)


def test_a_page_that_was_not_made_says_why_and_takes_no_other_line():
    pages = [
        Page("ours", "a report", 8.0, 9.0, 1.5),
        Page("theirs 1.0", "a profile", None, None, None, "no such column"),
        Page("others 2.0", "a summary", 20.0, None, 4.26),
    ]
    lines = document(pages, 4.0, 2772).splitlines()
    assert "| ours | a report | 8.0 | 9.0 | 2.0 | 1.5 |" in lines
    assert "| theirs 1.0 | a profile | failed: no such column | | | |" in lines
    assert "| others 2.0 | a summary | 20.0 | not known | 5.0 | 4.3 |" in lines
    assert any("2,772 order lines" in line for line in lines)


def test_a_peer_that_fails_is_told_without_a_folder_of_this_machine(tmp_path, monkeypatch, capsys):
    def fail(*command):
        raise RuntimeError("Traceback\nValueError: no kernel in /home/somebody")

    monkeypatch.setattr(peers, "run", fail)
    monkeypatch.setattr(peers, "versions", lambda python, packages: "multiqc 1.35")
    page = peers.peer_page(tmp_path / "python", "multiqc_page", tmp_path / "orders.csv", tmp_path / "made")
    assert page == Page("multiqc 1.35", peers.PEERS["multiqc_page"][1], None, None, None, "ValueError")
    assert "/home/somebody" in capsys.readouterr().err


@pytest.mark.parametrize(("value", "told"), [(None, "not known"), (0.04, "0.0"), (12.34, "12.3")])
def test_what_was_not_measured_is_not_known(value, told):
    assert peers._told(value) == told
