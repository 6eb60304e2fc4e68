"""A finished file is known by its metadata; what products are called changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import typst

from cancel_analysis.errors import RenderError
from cancel_analysis.report.render.marks import check_mark, count_pages

OWN, OTHER = "report:us-shop:2026-W46", "report:other-shop:2026-W46"


def pdf(path: Path, *keywords: str, text: str = "A report") -> Path:
    """A PDF with keywords, its text in heading, bookmark, alternative text, author and title."""
    literal = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    source = path.with_suffix(".typ")
    listed = "".join(f"{word!r}, " for word in keywords)
    source.write_text(
        f"#set document(title: {literal}, author: {literal}, keywords: ({listed}))\n"
        f"#heading[#{literal}]\n#figure(rect[a], alt: {literal})\n".replace("'", '"'),
        encoding="utf-8",
    )
    typst.Compiler(root=path.parent).compile(input=source, output=path, format="pdf")
    return path


def page(path: Path, *marks: str, text: str = "A report") -> Path:
    metas = "".join(f'<meta name="report" content="{mark}">' for mark in marks)
    path.write_text(f"<html><head>{metas}<title>{text}</title></head><body>{text}</body></html>", encoding="utf-8")
    return path


HOSTILE = (
    OTHER,
    f"</pdf:Keywords><pdf:Keywords>{OTHER}",
    f")/Keywords({OTHER}) /Metadata 1 0 R trailer startxref 0 %%EOF",
    f'<meta name="report" content="{OTHER}">',
)


@pytest.mark.parametrize("make", [page, pdf])
@pytest.mark.parametrize("text", HOSTILE)
def test_what_products_are_called_is_no_mark(tmp_path: Path, make: object, text: str) -> None:
    path = make(tmp_path / "report.x", OWN, text=text)  # type: ignore[operator]
    check_mark(path, OWN)
    # Nor does it make a file of another shop one's own.
    with pytest.raises(RenderError, match=rf"marked {OTHER} alone; it is marked: {OWN}"):
        check_mark(path, OTHER)


@pytest.mark.parametrize("make", [page, pdf])
def test_a_file_must_name_its_own_shop_and_no_other(tmp_path: Path, make: object) -> None:
    with pytest.raises(RenderError, match=f"marked: {OTHER}"):
        check_mark(make(tmp_path / "other.x", OTHER), OWN)  # type: ignore[operator]
    with pytest.raises(RenderError, match="marked: none"):
        check_mark(make(tmp_path / "none.x", text=OWN), OWN)  # type: ignore[operator]
    with pytest.raises(RenderError):
        check_mark(make(tmp_path / "both.x", OWN, OTHER), OWN)  # type: ignore[operator]


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.7\nstartxref\n9\n%%EOF", b"", b"\x00\xff"])
def test_a_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "report.pdf").write_bytes(content)
    with pytest.raises(RenderError, match="marked: none"):
        check_mark(tmp_path / "report.pdf", OWN)


@pytest.mark.parametrize("pages", [1, 2, 45])
def test_the_pages_of_a_pdf_are_counted(tmp_path: Path, pages: int) -> None:
    source = tmp_path / "many.typ"
    text = "/Type /Page /Count 99 /Pages 1 0 R"
    source.write_text(
        f'#set document(title: "{text}")\n' + f"{text}\n#pagebreak()\n" * (pages - 1) + text, encoding="utf-8"
    )
    typst.Compiler(root=tmp_path).compile(input=source, output=tmp_path / "many.pdf", format="pdf")
    assert count_pages(tmp_path / "many.pdf") == pages
    (tmp_path / "none.pdf").write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(RenderError, match=r"none\.pdf does not say how many pages"):
        count_pages(tmp_path / "none.pdf")
