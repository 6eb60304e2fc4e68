"""The brief and the portfolio in a real browser: they fit, can be read, and axe finds nothing."""

# A fixture that is imported is an argument of the same name.

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cancel_analysis.report import pages
from tests.report.accessibility import OPEN, violations
from tests.report.test_page import CONTRASTS, Visit, pytestmark  # noqa: F401


@pytest.fixture(scope="module")
def made(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("pages")
    return {
        name: pages.make(pages.page(name, sample, formats=("html",)), out, renderer="builtin").first
        for name in ("brief", "portfolio")
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["brief", "portfolio"])
def test_a_page_over_all_shops_fits_and_complains_of_nothing(
    browser: Any, made: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    visit = Visit(browser, made[name], width=width)
    visit.page.emulate_media(color_scheme=scheme)
    page = visit.drawn()
    page.evaluate(OPEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRASTS) == []
    assert visit.complaints == []
    assert violations(page) == []
