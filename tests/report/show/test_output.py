"""What `start`, `show` and `finish` display and write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from cancel_analysis.errors import ReportError, SettingsError
from cancel_analysis.exhibits.kinds import ColumnView, Line, Picture, Prose, Section, TableView
from cancel_analysis.report import contents as facts
from cancel_analysis.report.show import output

FRAME = pd.DataFrame({"name": ["=a", "b"], "items": [1, 2]})
TABLE = TableView("products", "Products", FRAME, (ColumnView("name", "Name"), ColumnView("items", "Items", "integer")))
CHART = alt.Chart(FRAME).mark_bar().encode(x="items:Q", y="name:N")
PICTURE = Picture("bars", "Bars", "Two bars", CHART, FRAME)
PROSE = Prose("verdict", (Line("Over", "verdict", "breach"),), FRAME)
REPORT: dict[str, Any] = {
    "shop": {"id": "s", "name": "S", "market": "US"},
    "week": "2026-W46",
    "as_of": "2026-11-15",
    "verdict": "ok",
    "headline": "All is well.",
    "rates": [{"name": "r", "label": "R", "value": np.float64("nan"), "numerator": np.int64(0), "denominator": 0}],
    "findings": [],
}


@pytest.fixture(autouse=True)
def shell() -> Iterator[None]:
    InteractiveShell.instance()
    yield
    InteractiveShell.clear_instance()
    output.start("lab")


def shown(*things: Any) -> list[dict[str, Any]]:
    with capture_output() as captured:
        output.show(*things)
    return [dict(out.data) for out in captured.outputs]


def test_in_a_report_each_exhibit_is_one_markdown_output_with_two_raw_blocks(tmp_path: Path) -> None:
    output.start("report", tmp_path)
    outputs = shown(Section("all", (PROSE, TABLE)), PICTURE)
    assert [list(data) for data in outputs] == [["text/markdown"]] * 3
    for data in outputs:
        assert data["text/markdown"].count("{=html}") == 1
        assert data["text/markdown"].count("{=typst}") == 1


def test_a_report_writes_charts_and_tables_beside_the_notebook(tmp_path: Path) -> None:
    output.start("report", tmp_path)
    still = CHART.properties(width=99)
    shown(Picture("bars", "Bars", "Two bars", CHART, FRAME, still=still), TABLE, PROSE)
    live = json.loads((tmp_path / "figures" / "bars.vl.json").read_text(encoding="utf-8"))
    assert live["description"] == "Two bars"
    assert json.loads((tmp_path / "figures" / "bars.still.vl.json").read_text(encoding="utf-8"))["width"] == 99
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == ["bars.csv", "products.csv", "verdict.csv"]
    assert "'=a,1" in (tmp_path / "tables" / "products.csv").read_text(encoding="utf-8")


def test_finish_writes_the_report_and_lists_what_was_shown(tmp_path: Path) -> None:
    output.start("report", tmp_path, "en")
    shown(TABLE, PICTURE)
    output.finish(REPORT)
    report = facts.read(tmp_path)
    assert report["rates"][0]["value"] is None
    assert report["rates"][0]["numerator"] == 0
    assert report["language"] == "en"
    assert "altair" in report["versions"]
    assert report["exhibits"] == [
        {"name": "products", "kind": "table", "caption": "Products", "file": "tables/products.csv"},
        {"name": "bars", "kind": "picture", "caption": "Bars", "alternative": "Two bars", "file": "tables/bars.csv"},
    ]


def test_finish_refuses_an_incomplete_report_in_the_lab_too(tmp_path: Path) -> None:
    output.start("lab", tmp_path)
    with pytest.raises(ReportError, match="no 'headline'"):
        output.finish({key: value for key, value in REPORT.items() if key != "headline"})
    output.finish(REPORT)
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "good"}, "verdict 'good' is none of"),
        ({"week": "46"}, "week '46' is not of the form"),
        ({"as_of": "yesterday"}, "as_of 'yesterday'"),
        ({"shop": {"id": "s"}}, "shop has no 'name'"),
        ({"rates": [{"name": "r"}]}, "a rate has no 'label'"),
        ({"findings": [float("inf")]}, r"report.findings\[0\] is not a finite number"),
        ({"findings": "one"}, "'findings' is a str"),
    ],
)
def test_finish_names_what_is_wrong(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    output.start("report", tmp_path)
    with pytest.raises(ReportError, match=message):
        output.finish({**REPORT, **change})


def test_two_exhibits_of_one_name_or_a_name_that_is_a_path_are_refused(tmp_path: Path) -> None:
    output.start("report", tmp_path)
    shown(TABLE)
    with pytest.raises(ReportError, match="two exhibits are called 'products'"):
        output.show(TABLE)
    with pytest.raises(ReportError, match="lower-case letters"):
        output.show(Prose("../x", ()))
    with pytest.raises(ReportError, match="not str"):
        output.show("text")  # type: ignore[arg-type]


def test_the_lab_shows_charts_and_frames_without_a_network(tmp_path: Path) -> None:
    with capture_output() as captured:
        output.start("lab", tmp_path)
    (bundle,) = captured.outputs
    assert "window.reportVega = " in bundle.data["text/html"]
    outputs = shown(PROSE, TABLE, PICTURE)
    assert "### Over" in outputs[0]["text/markdown"]
    assert "<table" in outputs[2]["text/html"], "a styled frame"
    chart = outputs[-1]["text/html"]
    assert "vegaEmbed(place" in chart
    assert "https://" not in chart.replace("https://vega.github.io/schema", "")
    assert not list(tmp_path.iterdir()), "the lab writes no files"


def test_a_hostile_name_stays_inside_its_chart_in_the_lab(tmp_path: Path) -> None:
    output.start("lab", tmp_path)
    frame = pd.DataFrame({"name": ["</script><script>window.broken=1</script>"], "items": [1]})
    chart = alt.Chart(frame).mark_bar().encode(x="items:Q", y="name:N")
    html = shown(Picture("bars", "Bars", "Bars", chart, frame))[-1]["text/html"]
    assert html.count("</script>") == 2


def test_prose_is_literal_in_the_lab(tmp_path: Path) -> None:
    output.start("lab", tmp_path)
    (data,) = shown(Prose("p", (Line("*a* <b> $x$ `c`"),)))
    assert data["text/markdown"] == r"\*a\* \<b\> \$x\$ \`c\`"


def test_settings_are_checked() -> None:
    with pytest.raises(SettingsError, match="no mode 'print'"):
        output.start("print")
    with pytest.raises(SettingsError, match="no report language"):
        output.start("report", language="xx")


def test_the_theme_fits_the_page_and_reaches_every_chart(tmp_path: Path) -> None:
    output.start("report", tmp_path)
    plain = {"mark": "bar", "encoding": {"x": {"field": "items", "type": "quantitative"}}}
    shown(PICTURE, Picture("plain", "Bars", "Two bars", plain, FRAME))
    for name in ("bars", "plain"):
        spec = json.loads((tmp_path / "figures" / f"{name}.vl.json").read_text(encoding="utf-8"))
        assert spec["config"]["view"]["continuousWidth"] <= 640
        assert spec["config"]["font"].startswith("Noto Sans, DejaVu Sans, Arial")
        assert spec["description"] == "Two bars"
        assert "vega-lite/v6" in spec["$schema"]


@pytest.mark.parametrize("rows", [5000, 5001])
def test_thousands_of_rows_are_no_chart_of_a_report(tmp_path: Path, rows: int) -> None:
    output.start("report", tmp_path)
    many = {"data": {"values": [{"x": 1}] * rows}, "mark": "point", "encoding": {}}
    if rows > 5000:
        with pytest.raises(ReportError, match="aggregated figures"):
            output.show(Picture("many", "Many", "Many points", many, FRAME))
    else:
        shown(Picture("many", "Many", "Many points", many, FRAME))
