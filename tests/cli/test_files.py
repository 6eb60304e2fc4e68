"""`check` and `mapping` as they are typed: each thing once, unknown texts first, and nothing of a person."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from cancel_analysis.cli import console
from cancel_analysis.cli.commands import app
from cancel_analysis.cli.files import MOST_TEXTS

HOUSE = """
orders:
  columns: {order_id: o, sku_id: s, quantity: q, created_at: d, status: st}
  statuses: {ok: completed, void: cancelled}
"""


def run(*arguments: str | Path) -> Result:
    for kept in (console.out, console.err):
        vars(kept).pop("_console", None)
    return CliRunner(env={"COLUMNS": "300"}).invoke(app, [str(one) for one in arguments])


def house(folder: Path, statuses: list[str], orders: int = 4) -> Path:
    (folder / "house.yaml").write_text(HOUSE)
    rows: list[list[Any]] = []
    for status in statuses:
        rows += [[f"{len(rows) + n}", "a", "1", "2026-10-01", status] for n in range(orders)]
    with (folder / "x.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["o", "s", "q", "d", "st"], *rows])
    return folder / "x.csv"


def texts(output: str) -> list[str]:
    """The lines of the table of texts."""
    after = output.split("Texts and what they were taken as\n")[1].splitlines()
    return after[1 : after.index("")]


def test_unknown_texts_come_first_and_are_told_once(tmp_path: Path) -> None:
    result = run("check", house(tmp_path, ["ok", "ok", "odd"]), "--mapping", tmp_path / "house.yaml", "--market", "US")
    assert result.exit_code == 0, result.output
    lines = texts(result.output)
    assert [line.split()[:2] for line in lines] == [["st", "odd"], ["statuses", "ok"]]
    assert "nothing explains it" in lines[0]
    assert lines[1].split()[2:4] == ["completed", "8"]
    assert result.output.count("odd") == 1


def test_no_more_than_a_dozen_texts_are_listed(tmp_path: Path) -> None:
    statuses = ["ok", *(f"state {letter}" for letter in "abcdefghijklmnop")]
    result = run("check", house(tmp_path, statuses), "--mapping", tmp_path / "house.yaml", "--market", "US")
    lines = texts(result.output)
    assert len(lines) == MOST_TEXTS + 1
    assert lines[-1] == "… and 5 more, 4 of them unknown"


def test_a_persons_text_is_not_shown(tmp_path: Path) -> None:
    path = house(tmp_path, ["ok"])
    with path.open("a", newline="") as stream:
        csv.writer(stream).writerow(["99", "a", "1", "2026-10-01", "Ms Canary, 12 Long Road"])
    result = run("check", path, "--mapping", tmp_path / "house.yaml", "--market", "US")
    assert result.exit_code == 0, result.output
    assert "Canary" not in result.output
    assert "1 value not shown" in texts(result.output)[0]


def test_exports_say_how_sure_a_text_is(sample: Path) -> None:
    result = run("check", next((sample / "th-siam-beauty").glob("*.xlsx")), "--market", "TH")
    assert result.exit_code == 0, result.output
    assert any("seen in exports" in line for line in texts(result.output))
    assert "unknown" not in "".join(texts(result.output)[1:MOST_TEXTS])


def test_months_of_one_layout_are_told_together(tmp_path: Path) -> None:
    first = house(tmp_path, ["ok"])
    second = first.with_name("y.csv")
    second.write_text(first.read_text().replace("2026-10-01", "2026-11-01"))
    result = run("check", first, second, "--mapping", tmp_path / "house.yaml", "--market", "US")
    assert result.output.count("columns that are read") == 1
    assert "x.csv, and 1 more with the same columns" in result.output


def test_a_file_that_needs_no_mapping_gets_none(sample: Path, tmp_path: Path) -> None:
    file = sample / "other" / "sales-report" / "sales.csv"
    result = run("mapping", file, "--out", tmp_path / "draft.yaml")
    assert result.exit_code == 0
    assert "cancel-analysis check sales.csv --mapping sales-report" in result.output
    assert not (tmp_path / "draft.yaml").exists()
    assert run("mapping", file, "--anyway", "--out", tmp_path / "draft.yaml").exit_code == 0
    assert "statuses:" in (tmp_path / "draft.yaml").read_text(encoding="utf-8")


def test_commands_check_and_draft(sample: Path, tmp_path: Path) -> None:
    file = sample / "other" / "sales-report" / "sales.csv"
    shown = run("check", file, "--mapping", "sales-report", "--market", "US")
    assert shown.exit_code == 0, shown.output
    assert "Shipped - Returned to Seller" in shown.output
    assert "Not read: ship-city" in shown.output
    assert "4 rows equal another of the file in every column and count once" in shown.output
    assert "can be reported on" in shown.output
    nothing = run("check", file, "--mapping", "sales-report")
    assert nothing.exit_code == 2
    assert "--market" in nothing.output
    assert run("check", file, "--mapping", "none", "--market", "US").exit_code == 2
    draft = tmp_path / "draft.yaml"
    assert run("mapping", file, "--anyway", "--out", draft).exit_code == 0
    assert run("mapping", file, "--anyway").output == draft.read_text(encoding="utf-8")
    again = run("mapping", file, "--anyway", "--out", draft)
    assert again.exit_code == 2
    assert "is there already" in again.output
    assert run("check", file, "--mapping", draft, "--market", "US").exit_code == 0
