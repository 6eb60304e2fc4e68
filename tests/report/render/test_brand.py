"""Who issues a report, on the page and in the PDF, by every renderer that is there."""

from __future__ import annotations

import base64
import html
import shutil
import subprocess
from pathlib import Path

import pytest

from cancel_analysis.report import contents as facts
from cancel_analysis.report import render
from cancel_analysis.report.render import quarto
from tests.catalog.pictures import png

BRAND = """\
name: Lim & Söhne "Advisory"
logo: logo.png
colour: '#0b6e4f'
contact: reports@example.com
footer: Confidential {{< footer >}}
disclaimer: 'For the <b>named</b> shop only. #panic(1)'
note: cover.md
"""
NOTE = "Dear team,\n\n- look at **stock** first\n- [guide](https://example.com/guide)\n"


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    (tmp_path / "logo.png").write_bytes(png(40, 10))
    (tmp_path / "cover.md").write_text(NOTE, encoding="utf-8")
    path = tmp_path / "brand.yml"
    path.write_text(BRAND, encoding="utf-8")
    return path


@pytest.mark.parametrize("renderer", ["builtin", pytest.param("quarto", marks=pytest.mark.quarto)])
def test_the_brand_is_on_the_page_and_in_the_pdf(work: Path, brand: Path, renderer: str) -> None:
    if renderer == "quarto" and not quarto.find():
        pytest.skip("needs Quarto")
    before = facts.read(work)
    made = render.render(work, renderer=renderer, brand_file=brand)
    assert made.html is not None
    assert made.pdf is not None
    page = made.html.read_text(encoding="utf-8")
    assert "Lim &amp; Söhne &quot;Advisory&quot;" in page
    assert base64.b64encode(png(40, 10)).decode() in page, "the logo is in the page itself"
    assert "--accent: #0b6e4f;" in page
    # Pandoc breaks long lines.
    said = " ".join(html.unescape(page).split())
    assert "reports@example.com" in page
    assert "Confidential {{< footer >}}" in said
    assert "<b>named" not in page
    assert "For the <b>named</b> shop only. #panic(1)" in said
    assert page.index('class="cover-note"') < page.index('class="prose"'), "the note stands before the headline"
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", str(made.pdf), "-"], capture_output=True, check=True).stdout.decode()
        assert 'Lim & Söhne "Advisory"' in text
        assert "look at stock first" in text
        assert "Confidential {{< footer >}}" in text
        assert "#panic(1)" in text
    # Who issues it changes nothing of what it says.
    after = facts.read(work)
    changed = {key for key in before if after[key] != before[key]}
    assert changed <= {"renderer", "pdf_standard"}


def test_without_a_brand_nobody_is_named(rendered: Path) -> None:
    page = (rendered / "report.html").read_text(encoding="utf-8")
    assert 'class="logo"' not in page
    assert 'class="issuer"' not in page
    assert 'class="cover-note"' not in page
