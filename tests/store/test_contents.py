"""A file's hash is that of its contents, whatever its size and date say."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from cancel_analysis.store import contents
from cancel_analysis.store.contents import FILE, Contents


def truth(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as untouched for long enough at once."""
    monkeypatch.setattr(contents, "SETTLED_SECONDS", -1.0)


def test_it_is_the_hash_of_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"one\n")
    assert Contents(tmp_path / "store").digest(path) == truth(path)


@pytest.mark.usefixtures("settled")
@pytest.mark.skipif(os.name == "nt", reason="every file is read there")
def test_an_untouched_file_is_not_read_again_by_the_next_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"one\n")
    first = Contents(tmp_path / "store")
    found = first.digest(path)
    first.save()

    def read(*_: object) -> None:
        raise AssertionError("the file was read")

    monkeypatch.setattr(hashlib, "file_digest", read)
    assert Contents(tmp_path / "store").digest(path) == found
    # As a report comes to it, from its own folder.
    (tmp_path / "work").mkdir()
    assert Contents(tmp_path / "store").digest(tmp_path / "work" / ".." / "a.csv") == found


@pytest.mark.usefixtures("settled")
def test_other_contents_of_the_same_size_and_date_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"one\n")
    before = path.stat()
    known = Contents(tmp_path / "store")
    old = known.digest(path)
    known.save()
    time.sleep(0.05)
    path.write_bytes(b"two\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_size == before.st_size
    assert known.digest(path) == truth(path) != old
    assert Contents(tmp_path / "store").digest(path) == truth(path)


def test_a_file_that_was_just_written_is_read_each_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"one\n")
    known = Contents(tmp_path / "store")
    known.digest(path)
    known.save()
    assert not (tmp_path / "store" / FILE).exists(), "the clock may not have moved before it is written again"


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"a": 1}', b"\xff\xfe", b'{"a": [["x"], "y"]}'])
def test_a_damaged_list_is_no_list(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"one\n")
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / FILE).write_bytes(damage)
    known = Contents(tmp_path / "store")
    assert known.digest(path) == truth(path)
    known.save()
    assert len(json.loads((tmp_path / "store" / FILE).read_text())) == 1


@pytest.mark.usefixtures("settled")
def test_two_runs_keep_each_others_news_and_the_list_stays_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    one, other = Contents(tmp_path / "store"), Contents(tmp_path / "store")
    one.digest(tmp_path / "a")
    other.digest(tmp_path / "b")
    one.save()
    other.save()
    assert len(json.loads((tmp_path / "store" / FILE).read_text())) == 2
    monkeypatch.setattr(contents, "MOST_FILES", 2)
    other.digest(tmp_path / "c")
    other.save()
    assert len(json.loads((tmp_path / "store" / FILE).read_text())) == 2
    assert not [path for path in (tmp_path / "store").iterdir() if path.name != FILE]


@pytest.mark.usefixtures("settled")
def test_no_name_of_a_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "Maria Kanarienvogel.csv"
    path.write_text("one")
    known = Contents(tmp_path / "store")
    known.digest(path)
    known.save()
    assert "Maria" not in (tmp_path / "store" / FILE).read_text()


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Contents(None).digest(tmp_path / "none")
