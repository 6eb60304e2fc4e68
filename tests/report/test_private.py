"""Folders of unfinished work: held while their process lives, swept when it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cancel_analysis.report import private
from cancel_analysis.report.private import ended_by_sigterm, private_folder, sweep

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX locks and signals")

HOLDER = """
import sys, time
from pathlib import Path
from cancel_analysis.report.private import ended_by_sigterm, private_folder
with ended_by_sigterm(), private_folder(Path(sys.argv[1]), "shop-") as folder:
    (folder / "file").write_text("x")
    print("ready", flush=True)
    time.sleep(600)
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_folder_is_gone_at_the_end_whatever_happens(tmp_path: Path) -> None:
    def fail() -> None:
        with private_folder(tmp_path, "shop-") as folder:
            (folder / "file").write_text("x", encoding="utf-8")
            raise MemoryError

    with pytest.raises(MemoryError):
        fail()
    assert not list(tmp_path.iterdir())


@posix
def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    process = holder(tmp_path)
    try:
        sweep(tmp_path)
        assert [path.name for path in tmp_path.glob("shop-*/file")] == ["file"]
    finally:
        process.kill()
        process.wait()
    sweep(tmp_path)
    assert not list(tmp_path.iterdir()), "a killed process holds nothing"


@posix
def test_sigterm_removes_the_folder(tmp_path: Path) -> None:
    process = holder(tmp_path)
    process.terminate()
    assert process.wait(60) == 128 + signal.SIGTERM
    assert not list(tmp_path.iterdir())


@posix
def test_a_handler_of_somebody_else_stays() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with ended_by_sigterm():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_folders_without_a_lock_are_judged_by_their_age(tmp_path: Path) -> None:
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
    (tmp_path / "a file").write_text("x", encoding="utf-8")
    then = time.time() - private.STALE_SECONDS - 60
    os.utime(tmp_path / "old", (then, then))
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a file", "new"]


def test_only_folders_of_the_name_are_swept(tmp_path: Path) -> None:
    then = time.time() - private.STALE_SECONDS - 60
    for name in ("mine-1", "other-1"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (then, then))
    sweep(tmp_path, "mine-")
    assert [path.name for path in tmp_path.iterdir()] == ["other-1"]


@posix
@pytest.mark.parametrize("newer", [True, False])
def test_an_earlier_report_that_was_being_replaced_is_brought_back(tmp_path: Path, newer: bool) -> None:
    """Where two folders cannot change places at once, a run killed in between leaves the earlier one aside."""
    work = tmp_path / ".work"
    aside = work / "shop-1" / private.OLD / "2026-W46" / "shop"
    aside.mkdir(parents=True)
    (work / "shop-1" / ".in-use").touch()
    (aside / "report.html").write_text("earlier", encoding="utf-8")
    place = tmp_path / "2026-W46" / "shop"
    if newer:
        place.mkdir(parents=True)
        (place / "report.html").write_text("newer", encoding="utf-8")
    sweep(work, home=tmp_path)
    assert (place / "report.html").read_text(encoding="utf-8") == ("newer" if newer else "earlier")
    assert not list(work.iterdir())
