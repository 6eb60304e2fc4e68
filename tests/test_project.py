"""The project's files agree with each other."""

from __future__ import annotations

import ast
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
import zipfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "cancel_analysis"
LOCKS = {"report": (), "dev": ("dev",), "docs": ("docs",), "lab": ("lab",)}
# What conda calls differently, and what is there that is no package of ours.
CONDA_NAMES = {"python-duckdb": "duckdb", "python-tzdata": "tzdata"}
CONDA_ONLY = {"python", "pip", "make", "quarto"}

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def declared(*extras: str) -> dict[str, Requirement]:
    """What pyproject.toml asks for, by canonical name."""
    lines = list(pyproject()["project"]["dependencies"])
    for extra in extras:
        lines += pyproject()["project"]["optional-dependencies"][extra]
    return {canonicalize_name(one.name): one for one in map(Requirement, lines)}


# --- environments ----------------------------------------------------------------------------


def lock_entries(name: str) -> dict[str, list[tuple[Requirement, str]]]:
    """The pinned requirements of a lock, each with its whole text (hashes)."""
    text = (PROJECT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    found: dict[str, list[tuple[Requirement, str]]] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        if re.match(r"[A-Za-z0-9]", block):
            requirement = Requirement(block.split("\\")[0].strip())
            found.setdefault(canonicalize_name(requirement.name), []).append((requirement, block))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_versions_and_hashes_and_no_address(name: str) -> None:
    text = (PROJECT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    # Nothing but requirements, their hashes and comments: no option that could name where packages come from.
    allowed = re.compile(r"[A-Za-z0-9]|\s+--hash=sha256:|\s*(#|$)|-r [a-z]+\.lock$")
    assert [line for line in text.splitlines() if not allowed.match(line)] == []
    entries = lock_entries(name)
    assert len(entries) > 10
    for package, pins in entries.items():
        for requirement, block in pins:
            assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), f"{package} is not pinned"
            assert "--hash=sha256:" in block, f"{package} has no hash"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_covers_pyproject(name: str) -> None:
    entries = lock_entries(name)
    if name != "report":
        assert "\n-r report.lock\n" in (PROJECT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
        repeated = set(entries) & set(lock_entries("report"))
        assert not repeated, f"{name}.lock repeats what report.lock has"
        entries |= lock_entries("report")
    build = {canonicalize_name(Requirement(line).name) for line in pyproject()["build-system"]["requires"]}
    missing = (set(declared(*LOCKS[name])) | build) - set(entries)
    assert not missing, f"make lock: {name}.lock lacks {sorted(missing)}"
    for package, requirement in declared(*LOCKS[name]).items():
        for pin, _ in entries[package]:
            version = next(iter(pin.specifier)).version
            assert requirement.specifier.contains(version, prereleases=True), f"{pin} is not {requirement}"


def test_reports_need_no_jupyterlab() -> None:
    assert not {"jupyterlab", "jupyter-server", "ipykernel", "pytest"} & set(lock_entries("report"))


def test_environment_agrees_with_pyproject() -> None:
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    wheels = next(line["pip"] for line in environment["dependencies"] if isinstance(line, dict))
    assert "--no-deps --editable ." in wheels
    listed = {}
    for line in [*conda, *(one for one in wheels if not one.startswith("-"))]:
        requirement = Requirement(line)
        name = canonicalize_name(CONDA_NAMES.get(requirement.name, requirement.name))
        assert name not in listed, f"{name} stands twice in environment.yml"
        listed[name] = requirement
    assert listed["python"].specifier == Requirement("python" + pyproject()["project"]["requires-python"]).specifier
    assert "quarto" in listed
    wanted = declared("lab", "dev")
    ours = {name: one for name, one in listed.items() if name not in CONDA_ONLY}
    assert sorted(ours) == sorted(wanted)
    different = [name for name in wanted if ours[name].specifier != wanted[name].specifier]
    assert not different, f"environment.yml and pyproject.toml ask for different versions of {different}"


def run_setup(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    """The setup script on a machine that has a few programs, and as python3 the script `python` (or none)."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("sh", "dirname", "rm"):
        (programs / name).symlink_to(str(shutil.which(name)))
    if python:
        (programs / "python3").write_text(f"#!/bin/sh\n{python}\n")
        (programs / "python3").chmod(0o755)
    command = [str(programs / "sh"), str(PROJECT / "requirements" / "setup.sh"), str(folder / "venv"), "report"]
    return subprocess.run(command, env={"PATH": str(programs)}, capture_output=True, text=True)


@pytest.mark.skipif(os.name == "nt", reason="make is not for Windows")
@pytest.mark.parametrize(
    ("python", "told"),
    [
        ("", "No Python 3.11 or later was found"),
        # One that is too old: it fails the question for its version.
        ("exit 1", "No Python 3.11 or later was found"),
        # Debian's python3 without python3-venv, and without pip.
        ('[ "$1" = -m ] && exit 1; exit 0', "its venv module is not installed"),
    ],
    ids=["no Python", "old Python", "no venv"],
)
def test_setup_says_what_to_install(python: str, told: str, tmp_path: Path) -> None:
    done = run_setup(tmp_path, python)
    assert done.returncode == 1
    assert told in done.stderr
    assert "sudo apt-get install" in done.stderr
    assert "python3-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.slow
def test_a_wheel_carries_what_reports_are_made_with(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    sources = [path for path in (PROJECT / "reports").iterdir() if path.is_file()]
    sources += (PROJECT / "notebooks").glob("*.ipynb")
    lost = {f"cancel_analysis/_project/{path.relative_to(PROJECT).as_posix()}" for path in sources} - names
    assert not lost, f"pyproject.toml, force-include: the wheel lacks {sorted(lost)}"
    knowledge = [path for path in PACKAGE.rglob("*") if path.suffix in (".csv", ".yaml", ".py")]
    assert not {path.relative_to(PROJECT).as_posix() for path in knowledge} - names
    assert not [name for name in names if "/out/" in name or name.endswith(".pyc")]


# --- make and the command --------------------------------------------------------------------


def makefile() -> str:
    return (PROJECT / "Makefile").read_text(encoding="utf-8")


@needs_make
def test_make_alone_lists_every_target_and_variable() -> None:
    shown = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^([a-z][a-z-]*):", makefile(), re.MULTILINE)
    variables = re.findall(r"^([A-Z_]+) \?=", makefile(), re.MULTILINE)
    wanted = {"help", "setup", "report", "all", "lab", "test", "test-quick", "lint", "docs", "sample", "bench", "clean"}
    assert wanted <= set(targets)
    settable = {"DATA", "SHOPS", "WEEK", "FORMATS", "RENDERER", "REPORT_LANG", "JOBS", "OUT", "MARKET"}
    assert settable <= set(variables)
    for name in (*targets, *variables):
        assert re.search(rf"^  {name} +\w", shown, re.MULTILINE), f"make help does not explain {name}"
    phony = re.search(r"^\.PHONY: (.*)$", makefile(), re.MULTILINE)
    assert phony is not None
    assert set(targets) == set(phony[1].split())


@needs_make
def test_nothing_that_is_made_is_called_as_a_command_that_does_something_else() -> None:
    from cancel_analysis.cli.commands import app

    group: Any = typer.main.get_command(app)
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile(), re.MULTILINE))
    assert targets & set(group.commands) <= {"report", "brief", "portfolio", "sample"}


@needs_make
def test_make_all_makes_each_page_and_fails_when_one_does(tmp_path: Path) -> None:
    # Nothing is set up for it.
    (tmp_path / "ready").touch()
    ready = f"REPORT_READY={tmp_path / 'ready'}"
    command = ["make", "--dry-run", "all", "DATA=some folder", ready]
    shown = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    made = re.findall(r'cancel-analysis (\w+) --data "some folder"', shown)
    assert made == ["report", "brief", "portfolio"]
    # A shop that does not exist: every page is tried, and make says that it failed.
    failing = ["make", "all", "DATA=/nowhere", "BIN=.", ready]
    done = subprocess.run(failing, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode != 0
    assert len(re.findall(r"\*\*\* \[Makefile:\d+: (report|brief|portfolio)\]", done.stderr)) == 3


@needs_make
def test_make_report_hands_every_variable_on() -> None:
    values = {
        "DATA": "some folder", "SHOPS": "a,b", "WEEK": "2026-W46", "FORMATS": "pdf", "RENDERER": "quarto",
        "REPORT_LANG": "th", "JOBS": "3", "OUT": "else where", "MARKET": "TH",
    }  # fmt: skip
    command = ["make", "--dry-run", "report", *(f"{name}={value}" for name, value in values.items())]
    shown = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    options = {
        "--data": "DATA", "--shops": "SHOPS", "--week": "WEEK", "--formats": "FORMATS", "--renderer": "RENDERER",
        "--lang": "REPORT_LANG", "--jobs": "JOBS", "--out": "OUT", "--market": "MARKET",
    }  # fmt: skip
    for option, variable in options.items():
        assert f'{option} "{values[variable]}"' in shown
    plain = subprocess.run(["make", "-n", "report"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert '--data "data/sample"' in plain
    assert "--market" not in plain


def test_every_command_and_option_is_documented() -> None:
    from cancel_analysis.cli.commands import app

    text = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    group: Any = typer.main.get_command(app)
    assert sorted(re.findall(r"^## ([\w-]+)$", text, re.MULTILINE)) == sorted(group.commands)
    for name, command in group.commands.items():
        assert f"cancel-analysis {name}" in readme, f"README.md does not name {name}"
        section = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert section is not None
        options = {flag for one in command.params for flag in one.opts if flag.startswith("--") and flag != "--help"}
        written = set(re.findall(r"(--[a-z][a-z-]*)", section[1]))
        assert written == options, f"docs/commands.md and the options of {name} differ"


def test_hooks_fetch_nothing() -> None:
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [one["repo"] for one in hooks["repos"]] == ["local"]
    names = {hook["id"] for hook in hooks["repos"][0]["hooks"]}
    assert {"ruff-check", "ruff-format", "mypy", "nbstripout"} <= names


def test_tests_run_what_the_readme_says() -> None:
    assert "make test" in (PROJECT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^make test\b", (PROJECT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)


# --- notebooks -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((PROJECT / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_hold_only_outputs_that_are_compared(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code" or "NBVAL_CHECK_OUTPUT" in "".join(cell["source"]):
            continue
        assert not cell["outputs"], f"cell {cell.get('id')} holds an output: nbstripout {path.name}"
        assert cell["execution_count"] is None, f"cell {cell.get('id')} holds a count: nbstripout {path.name}"


# --- files -----------------------------------------------------------------------------------

# The rooms that may open files; what the others need is handed to them. Imports are import-linter's (`make lint`).
FILE_ROOMS = ("catalog", "cli", "dataset", "explore", "loaders", "report", "sample", "store")
FILE_CALLS = {
    "open", "read_text", "read_bytes", "write_text", "write_bytes", "read_csv", "read_excel", "read_parquet",
    "read_json", "read_feather", "to_csv", "to_excel", "to_parquet", "to_feather", "to_json", "mkdir", "iterdir",
    "NamedTemporaryFile", "TemporaryDirectory", "unlink", "rmtree", "copyfile", "replace_file",
}  # fmt: skip


def file_calls(tree: ast.Module) -> list[tuple[int, str]]:
    """Line and name of each call that opens, writes or removes a file; a package's own text is read by `files(…)`."""
    called = [
        (node.lineno, node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and not ast.unparse(node.func).startswith("files(")
    ]
    return [(line, name) for line, name in called if name in FILE_CALLS]


def test_only_some_rooms_open_files() -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{line} calls {name}: only {', '.join(FILE_ROOMS)} open files"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in FILE_ROOMS
        for line, name in file_calls(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))
    ]
    assert found == []


def test_a_file_that_is_opened_is_seen() -> None:
    code = "pd.read_csv('x')\n\nwith open('y') as text:\n    text.read()\nfiles('p').joinpath('z.sql').read_text()\n"
    assert file_calls(ast.parse(code)) == [(1, "read_csv"), (3, "open")]


def test_every_setting_of_a_shop_and_every_pack_is_described() -> None:
    from cancel_analysis.catalog.markets import markets
    from cancel_analysis.catalog.policies import OFFICIAL, limits, packs

    page = (PROJECT / "docs" / "shops.md").read_text(encoding="utf-8")
    script = runpy.run_path(str(PROJECT / "docs" / "shops_table.py"))
    assert script["written"]() == page, "the table of keys is not the model's: python docs/shops_table.py"
    _, described = page.split("## Packs of limits")
    rows = {
        market: re.findall(r"`(\w+)`", row[1])
        for row in re.findall(r"^\| ([A-Z, ]+) \| (`.*) \|$", described, re.MULTILINE)
        for market in row[0].split(", ")
    }
    assert {market: sorted(found) for market, found in rows.items()} == {m: sorted(packs(m)) for m in markets()}
    none = re.search(r"has no limit for ([A-Z, ]+) and ([A-Z]+),", described)
    assert none
    today = date(2026, 11, 15)
    empty = {m for m in markets() if not any(one.pack == OFFICIAL and one.tiers for one in limits(m, today))}
    assert {*none[1].split(", "), none[2]} == empty
