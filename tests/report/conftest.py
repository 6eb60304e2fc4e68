"""One executed and rendered report for all tests that only look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cancel_analysis.report import render
from cancel_analysis.report.notebook.workers import Workers
from tests.report import samples


@pytest.fixture(scope="session")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder after the notebook ran; do not write into it."""
    folder = tmp_path_factory.mktemp("executed")
    job = samples.job(folder, parameters=(("rows", 45),))
    work = folder / "work"
    work.mkdir()
    Workers().execute(job, work)
    return work


@pytest.fixture
def work(executed: Path, tmp_path: Path) -> Path:
    """A copy of the executed work folder that a test may change."""
    return Path(shutil.copytree(executed, tmp_path / "work"))


@pytest.fixture(scope="session")
def rendered(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder with `report.html` and `report.pdf` of the built-in renderer."""
    work = Path(shutil.copytree(executed, tmp_path_factory.mktemp("rendered") / "work"))
    render.render(work, renderer="builtin")
    return work


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """A browser in which a test opens pages of its own; it holds an event loop, so no module leaves it to another."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(autouse=True)
def _no_page_stays_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """The pages of a test are closed at its end: each keeps a process, and draws on while the next is looked at."""
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()
