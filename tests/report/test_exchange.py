"""Two folders change places at once."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from cancel_analysis.report.exchange import exchange


def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "name").write_text(name, encoding="utf-8")
    return tmp_path / "one", tmp_path / "other"


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="this system cannot")
def test_there_is_no_moment_without_either(tmp_path: Path) -> None:
    one, other = folders(tmp_path)
    lacking, stop = [], threading.Event()

    def watch() -> None:
        while not stop.is_set():
            try:
                (one / "name").read_bytes()
            except FileNotFoundError:
                lacking.append(1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert all(exchange(one, other) for _ in range(2001))
    stop.set()
    watcher.join()
    assert not lacking
    assert (one / "name").read_text(encoding="utf-8") == "other"
    assert (other / "name").read_text(encoding="utf-8") == "one"


def test_what_cannot_be_exchanged_is_left_as_it_is(tmp_path: Path) -> None:
    one, other = folders(tmp_path)
    assert not exchange(one, tmp_path / "none")
    assert (one / "name").read_text(encoding="utf-8") == "one"
    assert (other / "name").read_text(encoding="utf-8") == "other"
