"""Every chart of the sample's pages is valid Vega-Lite, and a report is shown without a drawing library."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import altair as alt
import jsonschema_rs
import pytest

from cancel_analysis.report.show.theme import themed
from tests.charts.schema import check_spec
from tests.conftest import PROJECT

SHOPS = (
    "id-toko-gadget", "sg-orchid-import", "th-siam-beauty", "uk-linen-lane", "us-harbor-home", "vn-saigon-shoes",
)  # fmt: skip
PAGES = """
import contextlib, io, sys
from pathlib import Path
from cancel_analysis.report.show.parts import BriefPage, PortfolioPage, ShopReport
for page in sys.argv[2:]:
    work = Path(sys.argv[1], page)
    work.mkdir()
    options = {"data": "data/sample", "mode": "report", "work": str(work)}
    with contextlib.redirect_stdout(io.StringIO()):
        if page == "brief":
            shown, parts = BriefPage(**options), ("yesterday", "shops", "evidence")
        elif page == "portfolio":
            shown, parts = PortfolioPage(**options), ("standings", "shops", "causes", "evidence")
        else:
            shown = ShopReport(page, "latest", **options)
            parts = ("verdict", "why", "stages", "changes", "waiting", "evidence", "appendix")
        for part in (*parts, "finish"):
            getattr(shown, part)()
print(" ".join(sorted({"altair", "jsonschema"} & set(sys.modules))))
"""
ALL = (*SHOPS, "brief", "portfolio")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    """A folder a page of the sample, all made by one process that loads no drawing library."""
    folder = tmp_path_factory.mktemp("pages")
    # It finds what the tests have read of the sample; the brief and the portfolio need the six shops again.
    done = subprocess.run([sys.executable, "-c", PAGES, str(folder), *ALL], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", "a report's process loads no drawing library"
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("page", ALL)
def test_charts_are_valid_and_made_without_altair(page: str, pages: Path) -> None:
    charts = sorted((pages / page).glob("figures/*.vl.json"))
    assert page == "brief" or charts
    for path in charts:
        check_spec(json.loads(path.read_text(encoding="utf-8")))


def test_a_mark_that_vega_lite_does_not_know_is_refused() -> None:
    spec = {"$schema": alt.SCHEMA_URL, "data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {}}
    check_spec(spec)
    with pytest.raises(jsonschema_rs.ValidationError):
        check_spec({**spec, "mark": "nonsense"})


def test_the_schema_is_that_of_the_drawing_library() -> None:
    major = alt.SCHEMA_URL.rpartition("/")[2].partition(".")[0]
    assert themed({})["$schema"].endswith(f"/{major}.json")


def test_what_a_chart_sets_itself_stays() -> None:
    spec = themed({"config": {"axis": {"labelColor": "red"}, "background": None}})
    assert spec["config"]["axis"]["labelColor"] == "red"
    assert spec["config"]["axis"]["gridColor"]
    assert spec["config"]["background"] is None
    assert themed({})["config"]["axis"]["labelColor"] != "red"
