"""Entries are whole or not there, bounded in size, and no trouble of theirs is anybody's error."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cancel_analysis.store import entries
from cancel_analysis.store.entries import NOTES, TABLES, WHOLE, WRITING, Store
from cancel_analysis.store.place import LIMIT

ROOT = Path(__file__).resolve().parents[2]


def put(store: Store, key: str, data: bytes = b"table") -> bool:
    def write(folder: Path) -> None:
        (folder / "orders.parquet").write_bytes(data)
        (folder / "accounts.json").write_bytes(b"{}")

    return store.write_files(key, write)


def test_what_is_written_is_read(store: Store) -> None:
    assert store.read_files("a") is None
    assert put(store, "a")
    assert store.read_files("a") == {"orders.parquet": b"table", "accounts.json": b"{}"}
    store.write_note("a", {"day": "2026-11-15", "figures": [["x", 1]]})
    assert store.read_note("a") == {"day": "2026-11-15", "figures": [["x", 1]]}
    assert store.read_note("b") is None
    assert not list((store.folder / WRITING).iterdir())


@pytest.mark.parametrize("name", ["orders.parquet", "accounts.json", WHOLE])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "empty"])
def test_a_damaged_entry_is_not_there_and_can_be_made_again(store: Store, name: str, damage: str) -> None:
    put(store, "a", b"table " * 100)
    path = store.folder / TABLES / "a" / name
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        changed = bytes([data[0] ^ 1]) + data[1:]
        path.write_bytes({"cut": data[:-1], "changed": changed, "empty": b""}[damage])
    assert store.read_files("a") is None
    assert put(store, "a", b"new")
    found = store.read_files("a")
    assert found is not None
    assert found["orders.parquet"] == b"new"


@pytest.mark.parametrize("damage", [b"", b"{", b'{"value": 1}', b"null", b'{"digest": "00", "value": "2026-11-15"}'])
def test_a_damaged_note_is_not_there(store: Store, damage: bytes) -> None:
    store.write_note("a", "2026-11-08")
    path = store.folder / NOTES / "a.json"
    path.write_bytes(damage)
    assert store.read_note("a") is None
    store.write_note("a", "2026-11-15")
    assert store.read_note("a") == "2026-11-15"


def test_a_note_with_one_other_letter_is_not_read(store: Store) -> None:
    store.write_note("a", "2026-11-15")
    path = store.folder / NOTES / "a.json"
    path.write_text(path.read_text().replace("2026-11-15", "2026-11-16"))
    assert store.read_note("a") is None


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("odd"), MemoryError()])
def test_what_cannot_be_written_is_not_kept(store: Store, error: Exception) -> None:
    def write(folder: Path) -> None:
        (folder / "orders.parquet").write_bytes(b"half")
        raise error

    assert not store.write_files("a", write)
    assert store.read_files("a") is None
    assert not list((store.folder / WRITING).iterdir())


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = Store(tmp_path / "file" / "store")
    assert not put(store, "a")
    assert store.read_files("a") is None
    store.write_note("a", 1)
    assert store.read_note("a") is None
    store.tidy(at_once=True)
    assert store.usage().bytes == 0
    store.clear()


def test_a_process_that_is_killed_while_it_writes_leaves_nothing_that_is_read(store: Store) -> None:
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from cancel_analysis.store.entries import Store\n"
        "def write(folder):\n"
        "    (folder / 'orders.parquet').write_bytes(b'half')\n"
        "    print('writing', flush=True)\n"
        "    time.sleep(60)\n"
        f"Store(Path({str(store.folder)!r})).write_files('a', write)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    process.wait()
    process.stdout.close()
    assert store.read_files("a") is None
    (left,) = (store.folder / WRITING).iterdir()
    store.tidy(at_once=True)
    assert left.exists(), "another run may still be writing it"
    long_ago = time.time() - entries.ABANDONED_SECONDS - 60
    os.utime(left, (long_ago, long_ago))
    store.tidy(at_once=True)
    assert not left.exists()
    assert put(store, "a")


def _put_often(folder: Path, number: int) -> int:
    store, wrong = Store(folder), 0
    for turn in range(30):
        data = b"%d " % (turn % 3) * 20_000
        store.write_files(f"key-{turn % 3}", lambda private, data=data: (private / "orders.parquet").write_bytes(data))  # type: ignore[misc]
        found = store.read_files(f"key-{turn % 3}")
        wrong += found is not None and found["orders.parquet"] != data
        if turn % 10 == number:
            store.forget(f"key-{turn % 3}")
        store.write_note("note", [turn] * 1000)
        note = store.read_note("note")
        wrong += note is not None and len(set(note)) != 1
    return wrong


def test_two_runs_at_once_see_whole_entries_only(store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        assert pool.starmap(_put_often, [(store.folder, 0), (store.folder, 5)]) == [0, 0]
    assert not list((store.folder / WRITING).iterdir())


def test_the_oldest_used_are_removed_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, key in enumerate("abcd"):
        put(store, key, b"x" * 100_000)
        moment = time.time() - 100_000 + number * 5000
        os.utime(store.folder / TABLES / key / WHOLE, (moment, moment))
    # It is used now, and so the newest.
    assert store.read_files("a") is not None
    monkeypatch.setenv(LIMIT, "0.25")
    store.tidy(at_once=True)
    assert sorted(path.name for path in (store.folder / TABLES).iterdir()) == ["a", "d"]
    assert store.usage().bytes <= 250_000
    monkeypatch.setenv(LIMIT, "0.00001")
    store.write_note("n", "note")
    store.tidy(at_once=True)
    assert store.usage().bytes <= 10


def test_a_write_looks_at_the_size_now_and_then(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT, "0.15")
    monkeypatch.setattr(entries, "TIDY_SECONDS", 0)
    for key in "abc":
        put(store, key, b"x" * 100_000)
    assert store.usage().shops == 1


def test_usage_counts_and_clearing_removes_its_own_only(store: Store) -> None:
    put(store, "a", b"x" * 1000)
    store.write_note("n", 1)
    (store.folder / "contents.json").write_text("{}")
    (store.folder / "mine.txt").write_text("somebody's own")
    usage = store.usage()
    assert (usage.shops, usage.notes) == (1, 1)
    assert usage.bytes > 1000
    assert store.clear() == usage
    assert [path.name for path in store.folder.iterdir()] == ["mine.txt"]
    assert store.usage().bytes == 0


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_nobody_else_may_read_it(store: Store) -> None:
    put(store, "a")
    store.write_note("a", 1)
    for name in (".", TABLES, NOTES, WRITING, f"{TABLES}/a"):
        assert (store.folder / name).stat().st_mode & 0o077 == 0, name


def test_the_list_of_an_entry_names_every_file(store: Store) -> None:
    put(store, "a")
    named = json.loads((store.folder / TABLES / "a" / WHOLE).read_text())
    assert {*named, WHOLE} == {path.name for path in (store.folder / TABLES / "a").iterdir()}
