"""A page of one file is made without Pandoc reading it once more, and only where it loads nothing else."""

from __future__ import annotations

import base64
import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest

from cancel_analysis.report.render.embedding import embed

LINK = '<link rel="stylesheet" href="report.css">'
PICTURE = '<img src="figures/rates.svg" alt="Rates">'
DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg"><text>50%</text></svg>'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "rates.svg").write_bytes(DRAWN)
    (tmp_path / "report.css").write_text("body { color: #123456 }\n", encoding="utf-8")
    return tmp_path


def test_the_style_and_the_pictures_stand_in_the_page(project: Path) -> None:
    page = embed(f'<head>{LINK}</head><body>{PICTURE}<a href="tables/rates.csv">Table</a></body>', project)
    assert page is not None
    assert "<style>\nbody { color: #123456 }\n</style>" in page
    (data,) = re.findall(r'src="data:image/svg\+xml,([^"]+)"', page)
    assert unquote(data).replace("'", '"') == DRAWN.decode()
    assert 'alt="Rates"' in page
    assert '<a href="tables/rates.csv">' in page, "what is opened by a click is not loaded"


@pytest.mark.parametrize(
    "loads",
    [
        '<img src="figures/missing.svg">',
        "<img alt=x src=photo.png>",
        "<IMG\nSRC='https://example.org/pixel.gif'>",
        '<script src="chart.js"></script>',
        '<link rel="icon" href="icon.png">',
        '<source srcset="one.png 2x">',
        '<svg><image xlink:href="one.png"/></svg>',
    ],
)
def test_a_page_that_loads_anything_else_is_left_to_pandoc(project: Path, loads: str) -> None:
    assert embed(f"<head>{LINK}</head><body>{PICTURE}{loads}</body>", project) is None


@pytest.mark.parametrize("said", ["&lt;img src=&quot;x.png&quot;&gt;", '{"text":"\\u003cimg src=x"}', '<img src="#a">'])
def test_words_load_nothing(project: Path, said: str) -> None:
    page = embed(f"<head>{LINK}</head><body>{said}</body>", project)
    assert page is not None
    assert said in page


@pytest.mark.parametrize("text", ["Women's shoes", "50% #1 & <b>", "ชุดผ้า 红包 🧧", 'a "b"'])
def test_whatever_a_picture_says_comes_back(project: Path, text: str) -> None:
    drawn = ElementTree.tostring(
        ElementTree.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg"><text x="1">{escape(text)}</text></svg>'),
        encoding="unicode",
    )
    (project / "figures" / "rates.svg").write_text(drawn, encoding="utf-8")
    page = embed(f"<head>{LINK}</head><body>{PICTURE}</body>", project)
    assert page is not None
    (form, data) = re.findall(r'src="data:image/svg\+xml(;base64)?,([^"]+)"', page)[0]
    data = unescape(data)  # as a browser reads an attribute
    found = base64.b64decode(data).decode() if form else unquote(data)
    assert ElementTree.fromstring(found)[0].text == text
    assert "<" not in data


def test_a_logo_stands_in_the_page(project: Path) -> None:
    (project / "logo.jpeg").write_bytes(b"\xff\xd8\xff")
    page = embed(f'<head>{LINK}</head><body><img class="logo" src="logo.jpeg" alt="Lim"></body>', project)
    assert page is not None
    assert '<img class="logo" src="data:image/jpeg;base64,/9j/" alt="Lim">' in page
