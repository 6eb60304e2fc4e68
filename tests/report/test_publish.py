"""A finished report is moved into place whole, or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cancel_analysis.errors import ReportError, SettingsError
from cancel_analysis.report import publish
from cancel_analysis.report.private import sweep


@pytest.fixture
def finished(rendered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(rendered, tmp_path / "out" / ".work" / "x"))


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_is_published(finished: Path, tmp_path: Path) -> None:
    folder = publish.publish(finished, tmp_path / "out" / "2026-W46" / "us-shop", ("html", "pdf"))
    assert names(folder) == [
        "report.html",
        "report.ipynb",
        "report.json",
        "report.pdf",
        "report.xlsx",
        *(f"tables/{name}.csv" for name in ("nothing", "products", "rates", "stages", "wide")),
    ]
    assert publish.is_whole(folder, ("html", "pdf"))


@pytest.mark.parametrize("at_once", [True, False])
def test_an_earlier_report_is_replaced_whole(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    if not at_once:
        monkeypatch.setattr(publish, "exchange", lambda one, other: False)
    folder = tmp_path / "out" / "2026-W46" / "us-shop"
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "old.csv").write_text("x", encoding="utf-8")
    publish.publish(finished, folder, ("html", "pdf"))
    assert "report.html" in names(folder)
    assert "tables/old.csv" not in names(folder)
    assert not list(finished.rglob("old.csv")), "nothing of the earlier one is left behind"


def test_a_run_killed_between_two_moves_loses_no_report(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As a kill, it lets nothing be put right."""

    out = tmp_path / "out"
    folder = out / "2026-W46" / "us-shop"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("earlier", encoding="utf-8")
    monkeypatch.setattr(publish, "exchange", lambda one, other: False)
    move = Path.replace
    moved: list[Path] = []

    def killed(self: Path, target: Path) -> Path:
        if self.name == "ready" or moved:
            moved.append(self)
            raise Killed
        return move(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(Killed):
            publish.publish(finished, folder, ("html", "pdf"))
    assert not folder.exists()
    (finished / ".in-use").touch()
    sweep(out / publish.WORK, home=out)
    assert (folder / "report.html").read_text(encoding="utf-8") == "earlier"


@pytest.mark.parametrize("lost", ["report.pdf", "report.json", "executed.ipynb"])
def test_nothing_is_published_when_a_file_is_missing(finished: Path, tmp_path: Path, lost: str) -> None:
    folder = tmp_path / "out" / "2026-W46" / "us-shop"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("earlier", encoding="utf-8")
    (finished / lost).unlink()
    with pytest.raises(ReportError):
        publish.publish(finished, folder, ("html", "pdf"))
    assert names(folder) == ["report.html"]


def test_a_move_that_fails_brings_the_earlier_report_back(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out" / "2026-W46" / "us-shop"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("earlier", encoding="utf-8")
    monkeypatch.setattr(publish, "exchange", lambda one, other: False)
    move = Path.replace

    def broken(self: Path, target: Path) -> Path:
        if self.name == "ready":
            raise OSError("disk full")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        publish.publish(finished, folder, ("html", "pdf"))
    assert (folder / "report.html").read_text(encoding="utf-8") == "earlier"


@pytest.mark.parametrize("key", ["../elsewhere", "2026-W46/../../x", "."])
def test_a_report_lies_below_its_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(ReportError, match="must lie below"):
        publish.target(tmp_path / "out", key)


def test_a_folder_that_cannot_be_made_is_named_with_the_cause(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"cannot be put into .*file.out: Not a directory"):
        publish.work_folder(tmp_path / "file" / "out")
    assert publish.work_folder(tmp_path / "out").is_dir()
