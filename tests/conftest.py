"""What all tests share: where things are, and which tests this machine cannot run."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

PROJECT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

# No test finds, or leaves, what the person who runs them has read. What one test has read of a file the others need
# not read again: an entry is named by everything that it was made of. Those of the store make their own.
_CACHE = "CANCEL_ANALYSIS_CACHE"
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ[_CACHE] = tempfile.mkdtemp(prefix="cancel-analysis-tests-")
    atexit.register(shutil.rmtree, os.environ[_CACHE], ignore_errors=True)

# Two cores that other work shares make single examples slow now and then; that is no failure. Every run draws other
# examples, so many short runs find what one long run would.
settings.register_profile("project", deadline=None, max_examples=40, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome, or None."""
    return next((path for path in map(shutil.which, CHROMIUM_NAMES) if path), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what needs a program or files that are not here; put the files that take long first.

    A file is one worker's (`--dist loadfile`): one that takes minutes and is begun last leaves the others idle.
    """
    long = {item.path for item in items if item.get_closest_marker("slow") or item.path.suffix == ".ipynb"}
    items.sort(key=lambda item: item.path not in long)
    lacks = {
        "browser": None if find_chromium() else "no Chromium on this machine",
        "quarto": None if shutil.which("quarto") else "no Quarto on this machine",
        "reference": None if (PROJECT.parent / "shared" / "reference").is_dir() else "no reference files here",
    }
    for item in items:
        for marker, reason in lacks.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Leave what is there before the first test, libraries and thousands of tests, out of later garbage collections."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Libraries that look at their end for what was leaked find it freed."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _nothing_is_kept_of_what_is_replaced(request: pytest.FixtureRequest) -> None:
    """What a test with replaced parts makes of the sample is not what the next one may find."""
    if "monkeypatch" in request.fixturenames:
        request.getfixturevalue("monkeypatch").setenv(_CACHE, "off")


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's folder."""
    return PROJECT


@pytest.fixture(scope="session")
def sample(project: Path) -> Path:
    """The folder of the sample shops' exports."""
    folder = project / "data" / "sample"
    assert (folder / "shops.yaml").is_file(), "data/sample is missing; make sample"
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; a test that asks for it carries the marker `browser`."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine")
    return path
