"""The hash of the code covers every module that the tables, and the figures, are made by."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cancel_analysis.store import sources
from cancel_analysis.store.sources import FIGURES, LOADING, code_hash


def loaded_by(module: str) -> set[str]:
    """The rooms and modules of the package that importing a module loads."""
    code = f"import sys, {module}; print(*(name for name in sys.modules if name.startswith('cancel_analysis')))"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    package = Path(sources.__file__).resolve().parents[1]
    parts = {name.split(".")[1] for name in names if "." in name}
    return {part if (package / part).is_dir() else f"{part}.py" for part in parts}


@pytest.mark.parametrize(
    ("module", "rooms"), [("cancel_analysis.store.intake", LOADING), ("cancel_analysis.study.one_shop", FIGURES)]
)
def test_no_room_is_forgotten(module: str, rooms: tuple[str, ...]) -> None:
    assert loaded_by(module) <= set(rooms)


def test_an_edited_rule_and_another_version_of_a_library_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "catalog").mkdir()
    rule = tmp_path / "catalog" / "reasons.csv"
    rule.write_text("a,b\n")
    monkeypatch.setattr(sources, "_PACKAGE", tmp_path)
    hashes = []
    for change in (
        lambda: None,
        lambda: rule.write_text("a,c\n"),
        lambda: rule.rename(rule.with_name("other.csv")),
        lambda: monkeypatch.setattr(sources, "_installed", lambda name: "99"),
    ):
        change()
        sources._sources.cache_clear()
        code_hash.cache_clear()
        hashes.append(code_hash(("catalog",)))
    sources._sources.cache_clear()
    code_hash.cache_clear()
    assert len(set(hashes)) == 4
