"""Where the store is: the user's cache, a folder of the environment, or nowhere."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from cancel_analysis.errors import SettingsError
from cancel_analysis.store.entries import open_store
from cancel_analysis.store.place import DEFAULT_MEGABYTES, FOLDER, LIMIT, most_bytes, store_folder


def test_it_lies_in_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(FOLDER)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name, appauthor: tmp_path / name)
    assert store_folder() == tmp_path / "cancel-analysis" / "store"


def test_the_environment_names_another_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "mine"))
    assert store_folder() == tmp_path / "mine"
    monkeypatch.setenv(FOLDER, "Off")
    assert store_folder() is None
    assert open_store() is None


def test_without_a_home_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(*_: object, **__: object) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv(FOLDER)
    monkeypatch.setattr(platformdirs, "user_cache_path", homeless)
    assert store_folder() is None


def test_its_size_is_a_number_of_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LIMIT, raising=False)
    assert most_bytes() == DEFAULT_MEGABYTES * 1_000_000
    monkeypatch.setenv(LIMIT, "1.5")
    assert most_bytes() == 1_500_000
    for wrong in ("much", "0", "-3", "inf", "nan"):
        monkeypatch.setenv(LIMIT, wrong)
        with pytest.raises(SettingsError, match=f"{LIMIT} must be a number of megabytes above 0"):
            most_bytes()
