"""The Quarto renderer: its settings and arguments everywhere, the program itself where there is one."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cancel_analysis.errors import RendererMissingError, RenderError
from cancel_analysis.report import contents as facts
from cancel_analysis.report import render, templates_folder
from cancel_analysis.report.notebook import prepare
from cancel_analysis.report.render import builtin, quarto
from tests.report.render.test_marks import page, pdf

needs_quarto = pytest.mark.skipif(shutil.which("quarto") is None, reason="no quarto on the path")

# A program that writes down how it was called and leaves files where Quarto would.
STAND_IN = """#!{python}
import json, os, pathlib, sys
here = pathlib.Path.cwd()
if sys.argv[1:] == ["--version"]:
    print("1.7.34"); sys.exit(0)
calls = pathlib.Path({calls!r})
files = sorted(str(path.relative_to(here)) for path in here.rglob("*") if path.is_file())
seen = {{"arguments": sys.argv[1:], "folder": str(here), "files": files}}
with calls.open("a") as file: file.write(json.dumps(seen) + "\\n")
if {fail}:
    print({problems!r}, file=sys.stderr); sys.exit(1)
name = sys.argv[sys.argv.index("--output") + 1]
(here / name).write_bytes(pathlib.Path({made!r}, name).read_bytes())
"""


def stand_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, mark: str = "report:us-shop:2026-W46", problems: str = ""
) -> Path:
    calls = folder / "calls.jsonl"
    program = folder / "bin" / "quarto"
    program.parent.mkdir()
    pdf(program.parent / "report.pdf", mark)
    page(program.parent / "report.html", mark)
    text = STAND_IN.format(
        python=sys.executable, calls=str(calls), fail=bool(problems), problems=problems, made=str(program.parent)
    )
    program.write_text(text, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    quarto._version_of.cache_clear()
    return calls


@pytest.fixture
def settings() -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load((templates_folder() / "_quarto.yml").read_text(encoding="utf-8"))
    return loaded


def test_the_project_keeps_pages_plain_and_offline(settings: dict[str, dict[str, dict[str, object]]]) -> None:
    assert settings["execute"]["enabled"] is False
    assert settings["execute"]["echo"] is False
    page = settings["format"]["html"]
    wanted = {
        "theme": "none",
        "minimal": True,
        "html-table-processing": "none",
        "embed-resources": True,
        "template": "page.html",
        "css": "report.css",
        "include-in-header": "vega.html",
        "include-after-body": "tail.html",
    }
    assert {key: page[key] for key in wanted} == wanted
    assert settings["format"]["typst"]["template"] == "page.typ"
    assert settings["format"]["typst"]["shift-heading-level-by"] == 0


def test_files_that_the_project_names_are_given_to_a_render(settings: dict[str, dict[str, dict[str, str]]]) -> None:
    page, typst = settings["format"]["html"], settings["format"]["typst"]
    named = {page["template"], page["css"], page["include-after-body"], typst["template"], "_quarto.yml"}
    assert named == set(render.TEMPLATES)
    for name in render.TEMPLATES:
        assert (templates_folder() / name).is_file()


def test_arguments() -> None:
    assert quarto.arguments("html") == [
        "render",
        "report.ipynb",
        "--to",
        "html",
        "--no-execute",
        "--output",
        "report.html",
    ]
    assert quarto.arguments("pdf") == [
        "render",
        "report.ipynb",
        "--to",
        "typst",
        "--no-execute",
        "--output",
        "report.pdf",
    ]


def test_absence_is_a_clear_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert quarto.find() is None
    with pytest.raises(RendererMissingError, match="no 'quarto' on the path"):
        quarto.version()
    with pytest.raises(RendererMissingError, match=r"quarto\.org"):
        render.choose("quarto")


def test_each_render_has_a_private_copy_of_the_project(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = stand_in(tmp_path, monkeypatch)
    made = render.render(work, renderer="auto")
    assert made.made_by == "Quarto 1.7.34"
    assert facts.read(work)["renderer"] == "Quarto 1.7.34"
    seen = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
    assert [call["arguments"] for call in seen] == [quarto.arguments("html"), quarto.arguments("pdf")]
    assert {call["folder"] for call in seen} == {str(work / "project")}
    files = set(seen[0]["files"])
    assert {*render.TEMPLATES, "vega.html", "report.ipynb", "figures/stages.svg", "figures/rates.svg"} == files


# What Quarto 1.7 writes, shortened: the line that says why, the place in the source below it, then its own words.
TYPST_FAILS = """pandoc
  to: typst
  output-file: report.typ

[typst]: Compiling report.typ to report.pdf...error: unknown font family: none such
   \u250c\u2500 report.typ:42:7
   \u2502
42 \u2502   font: ("none such",),
   \u2502         ^^^^^^^^^^^

ERROR: Typst compilation failed

Stack trace:
    at typstCompile (file:///opt/quarto/bin/quarto.js:1:2)
"""
PANDOC_FAILS = """Error running filter /opt/quarto/share/filters/main.lua:
/opt/quarto/share/filters/main.lua:20: attempt to index a nil value (local 'x')
stack traceback:
\t/opt/quarto/share/filters/main.lua:20: in function 'y'
"""
LATEST = """WARNING: The following string could not be found: a
ERROR: Error executing 'pandoc': Failed to spawn 'pandoc': No such file or directory (os error 2)
"""


@pytest.mark.parametrize(
    ("problems", "kept"),
    [
        ("ERROR: Typst compilation failed", "Typst compilation failed"),
        (TYPST_FAILS, "unknown font family: none such"),
        (PANDOC_FAILS, "main.lua:20: attempt to index a nil value"),
        (LATEST, "No such file or directory"),
        ("\x1b[91mERROR: bad YAML\x1b[39m\n  at line 3", "bad YAML"),
        ("something went wrong\nand nobody knows why", "nobody knows why"),
    ],
)
def test_a_failure_is_named_with_the_line_that_says_why(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problems: str, kept: str
) -> None:
    stand_in(tmp_path, monkeypatch, problems=problems)
    with pytest.raises(RenderError, match=re.escape(kept)) as caught:
        render.render(work, renderer="quarto")
    message = str(caught.value)
    assert message.startswith("Quarto failed (1): ")
    assert "quarto.js" not in message
    assert len(message) < 600


def test_a_file_of_another_shop_is_refused(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, mark="report:other:2026-W46")
    with pytest.raises(RenderError, match="report:other:2026-W46"):
        render.render(work, renderer="quarto")


def test_the_templates_take_the_shape_that_quarto_gives_to_cells(
    work: Path, rendered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quarto wraps a cell and each of its outputs in divs, with the cell's id, and parts in sections."""
    from tests.report.render.test_render import Page, text_of

    def divided(notebook: Any, shortened: Callable[[str], str] = str) -> str:
        parts = []
        for cell in notebook.cells:
            if cell.cell_type == "code":
                shown = [shortened(output.data["text/markdown"]) for output in cell.outputs]
                inner = [f"::: {{.cell-output}}\n{each}\n:::" for each in shown]
                parts.append(f"::: {{#{cell.id} .cell}}\n" + "\n\n".join(inner) + "\n:::")
            else:
                parts.append(cell.source)
        return "\n\n".join(parts)

    arguments = [*builtin.html_arguments(), "--section-divs", "--variable=quarto-version=1.7.34"]
    monkeypatch.setattr(prepare, "markdown", divided)
    monkeypatch.setattr(builtin, "html_arguments", lambda: arguments)
    render.render(work, renderer="builtin")
    pages = [Page((folder / "report.html").read_text(encoding="utf-8")) for folder in (work, rendered)]
    assert pages[0].text.split() == pages[1].text.split()
    content = (work / "report.html").read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]+)"', re.sub(r"<script>.*?</script>", "", content, flags=re.DOTALL))
    assert len(ids) == len(set(ids)), "no exhibit has the id of a cell"
    assert sorted(text_of(work / "report.pdf").split()) == sorted(text_of(rendered / "report.pdf").split())


def words_but_of_the_maker(text: str, version: str) -> set[str]:
    """The words of a page without those that say what made it: each renderer names its own programs and versions."""
    assert version in text
    return set(text.replace(version, "").split())


def test_the_makers_version_is_no_word_of_the_page(rendered: Path) -> None:
    from tests.report.render.test_render import Page

    text = Page((rendered / "report.html").read_text(encoding="utf-8")).text
    words = words_but_of_the_maker(text, builtin.version())
    assert {"Pandoc", "Typst", *re.findall(r"\d+\.\d+[.\d]*", builtin.version())}.isdisjoint(words)
    assert len(words) > 100


@pytest.mark.quarto
@needs_quarto
def test_quarto_makes_the_same_page(work: Path, rendered: Path) -> None:
    from tests.report.render.test_render import Page

    made = render.render(work, ("html",), "quarto")
    assert made.html is not None
    content = made.html.read_text(encoding="utf-8")
    page, other = Page(content), Page((rendered / "report.html").read_text(encoding="utf-8"))
    assert all(link.startswith(("data:", "#", "tables/")) for link in page.links), page.links
    assert "output.show" not in content
    assert "period_days = " not in content
    assert str(work) not in content
    assert words_but_of_the_maker(other.text, builtin.version()) <= words_but_of_the_maker(page.text, quarto.version())
    assert re.findall(r'data-chart="([^"]+)"', content) == ["exhibit-stages-chart", "exhibit-rates-chart"]


@pytest.mark.quarto
@needs_quarto
def test_quarto_makes_the_same_pdf(work: Path, rendered: Path) -> None:
    from tests.report.render.test_render import text_of

    made = render.render(work, ("pdf",), "quarto")
    assert made.pdf is not None
    ours, theirs = text_of(rendered / "report.pdf"), text_of(made.pdf)
    assert set(re.findall(r"[\d.,]+%|\$[\d.,]+", ours)) == set(re.findall(r"[\d.,]+%|\$[\d.,]+", theirs))
    assert "output.show" not in theirs
