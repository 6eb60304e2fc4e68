from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import warnings
from contextlib import chdir
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from cancel_analysis.cli import console, doctor
from cancel_analysis.cli.commands import app
from cancel_analysis.errors import InputWarning, TooManyRefusedError
from cancel_analysis.report import MANIFEST
from cancel_analysis.report.notebook import fork_server
from cancel_analysis.store.entries import Store
from cancel_analysis.version import __version__

SHOP = "us-harbor-home"


def run(*arguments: str | Path) -> Result:
    """The command in this process, wide enough that no line is folded."""
    # A console keeps the width that it was made with, in whatever test that was.
    for kept in (console.out, console.err):
        vars(kept).pop("_console", None)
    return CliRunner(env={"COLUMNS": "300"}).invoke(app, [str(one) for one in arguments])


def exports(sample: Path, shop: str) -> list[Path]:
    return sorted(path for path in (sample / shop).iterdir() if path.suffix in (".csv", ".xlsx"))


# --- usage -----------------------------------------------------------------------------------


def test_no_arguments_list_the_commands() -> None:
    result = run()
    for name in ("report", "check", "doctor", "sample"):
        assert name in result.output


def test_version() -> None:
    assert run("--version").output.strip() == f"cancel-analysis {__version__}"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("report", "--unknown"),
        ("report", "--period-days", "many"),
        ("check",),
        ("check", "nothing.csv", "--market", "US"),
        ("check", "README.md", "--market", "XX"),
        ("check", "README.md"),
        ("report", "--data", "no-such-folder"),
        ("report", "--shops", "no-such-shop"),
        ("report", "--week", "2026-W54"),
        ("report", "--formats", "docx"),
        ("report", "--renderer", "word"),
        ("report", "--lang", "tlh"),
        ("report", "--period-days", "400"),
        ("report", "--jobs", "0"),
        ("report", "--market", "US"),
        ("report", "--date-order", "dmy"),
        ("report", "README.md"),
        ("report", "README.md", "--market", "US", "--data", "data/sample"),
        ("sample", "docs"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_a_message_and_status_2(
    arguments: tuple[str, ...], project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    # A named week spares reading all the files for the last one.
    where = ("--out", str(tmp_path), "--week", "2026-W46") if arguments[0] == "report" else ()
    result = run(arguments[0], *where, *arguments[1:])
    assert result.exit_code == 2, result.output
    assert "rror" in result.output or "Usage" in result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.rglob("report.*"))


def test_help_starts_fast_without_the_heavy_packages() -> None:
    code = (
        "import sys\n"
        "from cancel_analysis.cli.commands import main\n"
        "try: main(['report', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'altair', 'duckdb', 'papermill', 'scipy', 'cancel_analysis.catalog.shops'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.rstrip().endswith("[]")


# --- errors ----------------------------------------------------------------------------------


def fail(*_: Any, **__: Any) -> Any:
    raise TooManyRefusedError("2 of 3 rows were refused", remedy="export the file again as CSV")


def test_an_error_says_what_where_and_what_to_do(monkeypatch: pytest.MonkeyPatch, sample: Path) -> None:
    monkeypatch.setattr("cancel_analysis.loaders.load_shop", fail)
    result = run("check", *exports(sample, SHOP))
    assert result.exit_code == 1
    assert "2 of 3 rows were refused" in result.output
    assert "What to do: export the file again as CSV" in result.output
    assert "Traceback" not in result.output


def test_debug_shows_the_trace(monkeypatch: pytest.MonkeyPatch, sample: Path) -> None:
    monkeypatch.setattr("cancel_analysis.loaders.load_shop", fail)
    result = run("--debug", "check", *exports(sample, SHOP))
    assert isinstance(result.exception, TooManyRefusedError)


def test_a_warning_is_a_line(monkeypatch: pytest.MonkeyPatch, sample: Path) -> None:
    def warn(*_: Any) -> Any:
        warnings.warn("one file looks old", InputWarning, stacklevel=1)
        fail()

    monkeypatch.setattr("cancel_analysis.loaders.load_shop", warn)
    assert "Warning: one file looks old\n" in run("check", *exports(sample, SHOP)).output


def test_text_of_files_is_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.DataFrame({"value": ["[red]x[/red]", "[/nothing]"], "count": [1200, 2], "at": [None, "b"]})
    console.show_frame("A [bold]title", frame)
    shown = capsys.readouterr().out
    assert "[red]x[/red]" in shown
    assert "[/nothing]" in shown
    assert "1,200" in shown
    assert "None" not in shown


def test_a_long_frame_says_how_much_more_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_frame("Rows", pd.DataFrame({"n": range(console.MOST_ROWS + 7)}))
    assert "… and 7 more" in capsys.readouterr().out
    console.show_frame("Nothing", pd.DataFrame({"n": []}))
    assert capsys.readouterr().out == ""


# --- report ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_report_of_own_files_then_nothing_to_do_then_by_force(sample: Path, tmp_path: Path) -> None:
    files = exports(sample, SHOP)
    out = tmp_path / "out"
    command = ("report", *files, "--market", "US", "--name", "Täst & Söhne", "--formats", "html", "--out", out)
    first = run(*command, "--week", "2026-W46")
    assert first.exit_code == 0, first.output
    assert "1 made, 0 kept, 0 failed" in first.output
    folder = out / "2026-W46" / "tast-sohne"
    assert {path.name for path in folder.iterdir()} == {
        "report.html", "report.ipynb", "report.json", "report.xlsx", "tables",
    }  # fmt: skip
    facts = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert facts["shop"]["name"] == "Täst & Söhne"
    assert facts["verdict"] in first.output
    assert "tast-sohne" in (out / "index.html").read_text(encoding="utf-8")
    made = (folder / "report.html").stat().st_mtime_ns

    again = run(*command)  # the latest whole week is the same one
    assert "0 made, 1 kept, 0 failed" in again.output
    assert (folder / "report.html").stat().st_mtime_ns == made

    forced = run(*command, "--force", "--period-days", "15")
    assert "1 made, 0 kept, 0 failed" in forced.output
    for text in (first.output, (folder / "report.html").read_text(encoding="utf-8")):
        assert str(tmp_path) not in text.replace(str(out), "")


@pytest.mark.slow
def test_one_bad_shop_fails_by_name_and_the_other_is_made(sample: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for shop in ("good", "bad"):
        (data / shop).mkdir(parents=True)
    for path in exports(sample, "sg-orchid-import"):
        (data / "good" / path.name).write_bytes(path.read_bytes())
    (data / "bad" / "people.csv").write_text("name,age\nA,1\n")
    (data / "shops.yaml").write_text("shops: [{id: bad, market: US}, {id: good, market: SG}]")
    result = run("report", "--data", data, "--formats", "html", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "1 made, 0 kept, 1 failed" in result.output
    assert "Error: bad, 2026-W46:" in result.output
    assert "people.csv" in result.output
    assert "Traceback" not in result.output
    assert (tmp_path / "out" / "2026-W46" / "good" / "report.html").is_file()
    assert not (tmp_path / "out" / "2026-W46" / "bad").exists()


SETTINGS = """shops:
  - id: good
    market: SG
  - id: bad
    name: Bad Shop
    market: XX
"""


@pytest.mark.slow
def test_one_shop_with_wrong_settings_fails_by_name_and_line_and_the_other_is_made(
    sample: Path, tmp_path: Path
) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    (data / "good").mkdir(parents=True)
    for path in exports(sample, "sg-orchid-import"):
        (data / "good" / path.name).write_bytes(path.read_bytes())
    (data / "shops.yaml").write_text(SETTINGS)
    result = run("report", "--data", data, "--formats", "html", "--out", out)
    assert result.exit_code == 1, result.output
    assert "1 made, 0 kept, 1 failed" in result.output
    assert "Error: bad, 2026-W46: shops.yaml, line 6 (shop 2, 'market'): unknown market 'XX'" in result.output
    assert (out / "2026-W46" / "good" / "report.html").is_file()
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "Bad Shop" in page
    assert "unknown market" in page
    assert str(tmp_path) not in page
    only = run("report", "--data", data, "--formats", "html", "--out", out, "--shops", "good")
    assert only.exit_code == 0, only.output
    assert "Bad Shop" in (out / "index.html").read_text(encoding="utf-8"), "its failure stands until it is mended"


@pytest.mark.parametrize("command", ["report", "brief", "portfolio"])
@pytest.mark.parametrize(
    ("settings", "arguments", "told"),
    [
        (SETTINGS, ("--shops", "bad"), "line 6 (shop 2, 'market'): unknown market 'XX'"),
        (SETTINGS, ("--shops", "goood"), "no shop 'goood'; did you mean 'good'? there are good, bad"),
        (SETTINGS.replace("SG", "YY"), (), "line 3 (shop 1, 'market'): unknown market 'YY'"),
        (SETTINGS.replace("shops:", "shop:"), (), "line 1: unknown key 'shop'; did you mean 'shops'?"),
        ("shops: [", (), "is no valid YAML"),
    ],
)
def test_settings_that_leave_nothing_to_make_are_status_2(
    command: str, settings: str, arguments: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    (tmp_path / "shops.yaml").write_text(settings)
    result = run(command, "--data", tmp_path, "--out", tmp_path / "out", *arguments)
    assert result.exit_code == 2, result.output
    assert told in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


# --- check -----------------------------------------------------------------------------------


def test_check_accounts_for_each_row(sample: Path) -> None:
    from cancel_analysis.catalog.shops import read_shops
    from cancel_analysis.loaders import load_shop

    intake = load_shop(next(shop for shop in read_shops(sample) if shop.id == SHOP))
    result = run("check", *exports(sample, SHOP))
    assert result.exit_code == 0, result.output
    assert "Harbor Home · US · USD" in result.output
    assert intake.returns is not None
    for part in (intake.orders, intake.returns):
        for rows in part.account.frame()["rows"]:
            assert f"{rows:,}" in result.output
        for name in part.account.files["file"]:
            assert str(name) in result.output
    used = intake.orders.account.used + intake.returns.account.used
    assert f"{used:,} rows used" in result.output


def test_check_needs_no_settings_with_a_market(sample: Path, tmp_path: Path) -> None:
    for path in exports(sample, SHOP):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert run("check", tmp_path).exit_code == 2
    result = run("check", tmp_path, "--market", "us")
    assert result.exit_code == 0, result.output
    assert "My shop · US" in result.output


def test_check_shows_the_account_before_it_fails(sample: Path, tmp_path: Path) -> None:
    text = next(path for path in exports(sample, SHOP) if "order" in path.name and path.suffix == ".csv")
    lines = text.read_bytes().splitlines(keepends=True)
    # The last fifty ids as a spreadsheet leaves them: more than one row in a hundred.
    spoilt = [b'"5.77E+17\t"' + line[line.index(b",") :] for line in lines[-50:]]
    (tmp_path / "orders.csv").write_bytes(b"".join(lines[:1500] + spoilt))
    result = run("check", tmp_path / "orders.csv", "--market", "US")
    assert result.exit_code == 1
    assert "Refused rows" in result.output
    assert "5.77E+17" in result.output
    # One line for the cause: how many rows, and the first of them.
    (line,) = [line for line in result.output.splitlines() if "5.77E+17" in line]
    found = re.search(r" (\d+)  (\d+), (\d+), (\d+) …", line)
    assert found is not None
    count, first, *others = map(int, found.groups())
    assert others == [first + 1, first + 2]
    assert f"{count} of" in result.output.replace("Error: ", ""), "as the sentence below counts them"
    assert "rows of the orders were refused; a report stops at more than 1.0%" in result.output


def test_check_strict_fails_on_an_unknown_reason(sample: Path) -> None:
    truths = {path.parent.name: json.loads(path.read_text()) for path in sample.glob("*/truth.json")}
    unknown = [shop for shop, truth in truths.items() if truth["unknown_reasons_at_export"]]
    assert unknown
    files = exports(sample, unknown[0])
    assert run("check", *files).exit_code == 0
    result = run("check", "--strict", *files)
    assert result.exit_code == 1
    assert "in no catalog (strict)" in result.output


def test_check_says_what_a_wrong_file_is(project: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "people.csv"
    wrong.write_text("name,age\nA,1\n")
    result = run("check", wrong, "--market", "US")
    assert result.exit_code == 1
    assert "people.csv" in result.output


# --- doctor, sample --------------------------------------------------------------------------


def test_doctor_is_content_with_this_machine(tmp_path: Path) -> None:
    result = run("doctor", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "Reports can be made here." in result.output
    assert "Pandoc" in result.output


def test_doctor_fails_only_when_reports_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lack = doctor.Finding("Thing", doctor.MISSING, "not there", "a small loss", "get one")
    monkeypatch.setattr(doctor, "examine", lambda _: (lack,))
    result = run("doctor", "--out", tmp_path)
    assert result.exit_code == 0
    assert "costs: a small loss" in result.output
    assert "to mend: get one" in result.output
    need = doctor.Finding("Thing", doctor.BROKEN, "not there", "everything", "get one", needed=True)
    monkeypatch.setattr(doctor, "examine", lambda _: (need,))
    assert run("doctor", "--out", tmp_path).exit_code == 1


@pytest.mark.slow
def test_sample_is_written_over_its_own_byte_for_byte(sample: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(sample, tmp_path / "sample"))
    kept = {path.relative_to(sample): path.read_bytes() for path in sample.rglob("*") if path.is_file()}
    for name in kept:
        # Whatever happened to the files of an earlier sample: changed, or gone.
        if name.suffix == ".csv":
            (folder / name).write_bytes(b"changed")
        elif name.suffix == ".xlsx":
            (folder / name).unlink()
    result = run("sample", folder)
    assert result.exit_code == 0, result.output
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == kept


def test_sample_writes_over_nobody_elses_files(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    assert run("sample", tmp_path).exit_code == 2
    (tmp_path / "shops.yaml").write_text("shops: [{id: a, market: US}]")
    assert run("sample", tmp_path).exit_code == 2
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_folder_without_settings_has_its_page_over_all_shops_too(sample: Path, tmp_path: Path) -> None:
    folder = sample / "uk-linen-lane"
    made = run("portfolio", "--data", folder, "--market", "GB", "--formats", "html", "--out", tmp_path)
    assert made.exit_code == 0, made.output
    assert (tmp_path / "2026-W46" / "portfolio" / "portfolio.html").is_file()


# What the sales report of another house leaves open; a shops.yaml would say it.
PLACE = ("--market", "other", "--mapping", "sales-report", "--currency", "USD", "--timezone", "America/New_York")
SALES = ("--name", "Invented", "--date-order", "mdy")


@pytest.mark.parametrize("command", ["brief", "portfolio", "appeals", "reconcile"])
def test_every_command_on_shops_reads_another_houses_files(command: str, sample: Path, tmp_path: Path) -> None:
    folder = sample / "other" / "sales-report"
    more = {"reconcile": ["--shown", "5"], "appeals": ["--out", tmp_path]}
    pages = ["--out", tmp_path, "--formats", "html"]
    made = run(command, "--data", folder, *PLACE, *SALES, *more.get(command, pages))
    assert made.exit_code == 0, made.output
    # Without them, the message names the mapping that fits, as an option.
    bare = run(command, "--data", folder, "--market", "GB", *more.get(command, pages))
    assert bare.exit_code == 1
    assert "--mapping sales-report" in bare.output


def test_outside_a_clone_the_missing_sample_is_no_riddle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["report"], ["brief"], ["appeals"], ["reconcile", "--shown", "5"]):
        result = run(*command)
        assert result.exit_code == 2
        assert "--data" in result.output
        assert "cancel-analysis sample" in result.output


def test_a_market_that_two_names_begin_with_is_asked_back(sample: Path) -> None:
    result = run("appeals", "--data", sample / "uk-linen-lane", "--market", "IND")
    assert result.exit_code == 2
    assert "command line, 'market'" in result.output
    assert "did you mean ID (Indonesia) or IN (India)?" in result.output


def test_several_shops_are_asked_for_by_the_option(sample: Path) -> None:
    result = run("appeals", "--data", sample)
    assert result.exit_code == 2
    assert "--shop us-harbor-home" in result.output


# --- readme ----------------------------------------------------------------------------------


def commands_of_the_readme(project: Path) -> list[list[str]]:
    """Those of its lines that name no file, folder or address of the reader's."""
    lines = re.findall(r"^cancel-analysis (.+)$", (project / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    found = [line.split("#")[0].split() for line in lines]
    return [words for words in found if not any(re.search(r"^(env:)?[A-Z]{3,}$|\.[a-z]+$", word) for word in words)]


def test_the_readmes_commands_run_on_the_sample(project: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sample").symlink_to(project / "data" / "sample")
    commands = commands_of_the_readme(project)
    assert {words[0] for words in commands} >= {"appeals", "reconcile", "limits", "cache"}
    with chdir(tmp_path):
        for words in commands:
            result = run(*words)
            assert result.exit_code == 0, (words, result.output)


# --- cache -----------------------------------------------------------------------------------


def test_cache_says_what_is_kept_and_clears_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kept"
    monkeypatch.setenv("CANCEL_ANALYSIS_CACHE", str(folder))
    Store(folder).write_note("a", "2026-11-15")
    (folder / "mine.txt").write_text("somebody's own")
    shown = run("cache").output
    assert str(folder) in shown
    assert "0 sets of tables, 1 notes" in shown
    assert "removed" in run("cache", "--clear").output
    assert "0 sets of tables, 0 notes, 0.0 of" in run("cache").output
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    monkeypatch.setenv("CANCEL_ANALYSIS_CACHE", "off")
    assert "Nothing is kept" in run("cache").output


def test_a_wrong_size_of_the_cache_is_status_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANCEL_ANALYSIS_CACHE", str(tmp_path))
    monkeypatch.setenv("CANCEL_ANALYSIS_CACHE_MB", "much")
    result = run("cache")
    assert result.exit_code == 2
    assert "CANCEL_ANALYSIS_CACHE_MB must be a number of megabytes" in result.output


# --- standing --------------------------------------------------------------------------------


def test_standing_says_the_next_step_and_what_is_missing(sample: Path) -> None:
    result = run("standing", "--data", sample, "--shop", "id-toko-gadget", "--week", "2026-W46")
    assert result.exit_code == 0, result.output
    assert "The next step is 30%: 40 more of these orders" in result.output
    assert "Cancellations to it" in result.output


def test_appeals_write_a_page_and_a_workbook(sample: Path, tmp_path: Path) -> None:
    result = run("appeals", "--data", sample, "--shop", "id-toko-gadget", "--week", "2026-W46", "--out", tmp_path,
                 "--renderer", "builtin")  # fmt: skip
    assert result.exit_code == 0, result.output
    page, book = (tmp_path / f"appeals-id-toko-gadget-2026-W46.{kind}" for kind in ("html", "xlsx"))
    assert f"Written to {page}\nWritten to {book}" in result.output
    assert book.name in page.read_text(encoding="utf-8")


def test_reconcile_writes_a_page_only_when_asked_to(sample: Path, tmp_path: Path) -> None:
    asked = ("reconcile", "--data", sample, "--shop", "id-toko-gadget", "--shown", "6.5")
    assert "Written to" not in run(*asked).output
    result = run(*asked, "--out", tmp_path, "--renderer", "builtin")
    assert result.exit_code == 0, result.output
    assert {path.suffix for path in tmp_path.iterdir()} == {".html", ".xlsx"}


# --- start and end of the process -------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "known", "begun"),
    [((), False, True), ((), True, False), (("--force",), True, True), (("--workers", "2"), False, False)],
)
def test_what_makes_reports_is_loaded_ahead_where_some_must_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], known: bool, begun: bool
) -> None:
    calls: list[bool] = []
    monkeypatch.setattr(fork_server, "begin", lambda: calls.append(True))
    if known:
        (tmp_path / MANIFEST).write_text("", encoding="utf-8")
    result = run("report", "--out", tmp_path, "--period-days", "0", *options)
    assert result.exit_code == 2
    assert bool(calls) == begun


def test_a_command_ends_without_a_word_of_its_libraries(sample: Path) -> None:
    """DuckDB tells of what is left over when garbage is not looked for."""
    command = [sys.executable, "-m", "cancel_analysis", "check", str(sample / SHOP), "--market", "US"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert "nanobind" not in done.stderr
