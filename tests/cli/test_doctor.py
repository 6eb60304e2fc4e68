from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cancel_analysis.cli import doctor
from cancel_analysis.cli.doctor import BROKEN, MISSING, OK, Finding, able, examine


def by_name(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def program(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_this_machine_can_make_reports(tmp_path: Path) -> None:
    findings = by_name(examine(tmp_path))
    for name in ("Python", "packages", "notebook", "Pandoc", "Typst", "vl-convert", "folder for reports"):
        assert findings[name].state == OK, findings[name]
        assert findings[name].needed
    assert able(findings.values())


def test_each_lack_says_what_it_costs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = by_name(examine(tmp_path))
    for name in ("Quarto", "Chromium"):
        assert findings[name].state == MISSING
        assert findings[name].cost
        assert findings[name].remedy
    assert able(findings.values()), "neither Quarto nor Chromium is needed"


def test_a_script_counts_only_when_typst_can_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # U+0378 is assigned to no character, so no font has it.
    monkeypatch.setattr(doctor, "SCRIPTS", {"Latin": ("Ä", "fonts-noto-core"), "nobody": ("\u0378", "some-font")})
    latin, nobody = doctor.fonts()
    assert latin.state == OK
    assert nobody.state == MISSING
    assert "boxes" in nobody.cost
    assert "some-font" in nobody.remedy


@pytest.mark.parametrize(
    ("body", "state"),
    [("echo 1.7.34", OK), ("echo 1.3.450", BROKEN), ("exit 1", BROKEN), ("echo hello", BROKEN)],
)
def test_quarto_is_asked_for_its_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, state: str
) -> None:
    program(tmp_path, "quarto", body)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    finding = doctor.quarto()
    assert finding.state == state
    assert not finding.needed
    assert (state == OK) == (not finding.cost)


def test_a_package_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor.metadata.version
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "2.9" if name == "pandas" else real(name))
    finding = doctor.packages()
    assert finding.state == BROKEN
    assert "pandas 2.9 is not >=3.0" in finding.detail
    assert not able([finding])


def test_a_renderer_that_fails_is_broken_not_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise OSError("wrong machine")

    monkeypatch.setattr(doctor, "_pandoc", fail)
    pandoc = by_name(doctor.renderers())["Pandoc"]
    assert pandoc.state == BROKEN
    assert "wrong machine" in pandoc.detail
    assert not able([pandoc])


def test_the_folder_for_reports_need_not_be_there_yet(tmp_path: Path) -> None:
    assert doctor.writable(tmp_path / "a" / "b").state == OK
    assert not (tmp_path / "a").exists()


def test_a_folder_that_cannot_be_written_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "taken"
    file.write_text("a file, not a folder")
    finding = doctor.writable(file / "out")
    assert finding.state == BROKEN
    assert not able([finding])


def test_a_lost_notebook_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from cancel_analysis import report

    monkeypatch.setattr(report, "notebook_file", lambda: tmp_path / "gone.ipynb")
    finding = doctor.sources()
    assert finding.state == BROKEN
    assert "gone.ipynb" in finding.detail
    assert not able([finding])
