"""A whole report of a shop with hostile product names: each name is on the page as text, and nowhere as code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cancel_analysis.report.show import output, paper
from cancel_analysis.report.show.parts import ShopReport
from tests import hostile
from tests.conftest import PROJECT

BLOCK = re.compile(r"^(`{3,})\{=(html|typst)\}\n(.*?)\n\1$", re.MULTILINE | re.DOTALL)
LITERAL = re.compile(r'"(?:\\.|[^"\\])*"')
SPEC = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>', re.DOTALL)


def test_no_name_of_a_product_is_code_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = hostile.write(PROJECT / "data" / "sample", tmp_path)
    shown: list[str] = []

    def display(bundle: dict[str, Any], metadata: dict[str, Any] | None, raw: bool = False) -> None:
        shown.append(bundle["text/markdown"])

    monkeypatch.setattr(output, "display", display)
    monkeypatch.setattr(paper, "_wanted", True)
    report = ShopReport(hostile.SHOP, data=str(data), mode="report", work=str(tmp_path / "work"))
    for part in (report.verdict, report.why, report.stages, report.changes, report.waiting, report.appendix):
        part()
    report.evidence(other_platforms=True)
    report.finish()
    shown += [markdown for each in paper.read(tmp_path / "work").values() for markdown in each]
    pages = papers = 0
    text = ""
    for markdown in shown:
        assert BLOCK.sub("", markdown).strip() == "", "nothing stands outside the two blocks"
        for _, form, content in BLOCK.findall(markdown):
            if form == "html":
                pages += 1
                assert "alert(1)" not in SPEC.sub("", content).replace("&lt;script&gt;alert(1)", "")
                assert all("</script" not in spec and "<script" not in spec for spec in SPEC.findall(content))
                text += content
            else:
                papers += 1
                code = LITERAL.sub("", content)
                assert "panic" not in code
                assert "alert" not in code
            assert "{{<" not in content
    assert pages > 10
    assert papers > 5
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text, "the name itself is there"
    assert "Doormat #panic(1) $x$ @y" in text
    tables = "".join(path.read_text(encoding="utf-8-sig") for path in (tmp_path / "work" / "tables").glob("*.csv"))
    assert "'=1+1 Coaster Pack" in tables
    assert not re.search(r"(^|[,\n])\"?=1\+1", tables)
