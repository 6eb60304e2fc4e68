"""A store of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from cancel_analysis.store.entries import Store
from cancel_analysis.store.place import FOLDER


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store, which the environment names."""
    folder = tmp_path / "store"
    monkeypatch.setenv(FOLDER, str(folder))
    return Store(folder)
