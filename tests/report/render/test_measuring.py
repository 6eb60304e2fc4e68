"""Charts are measured in the font that is in memory, and come out in the report's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cancel_analysis.report.render import figures, measuring
from cancel_analysis.report.render.outlines import SVG
from cancel_analysis.report.show import theme


def bars(*labels: str, limit: int = 400, **config: Any) -> dict[str, Any]:
    spec = {
        "mark": "bar",
        "data": {"values": [{"fontSize": label, "share": number} for number, label in enumerate(labels, start=1)]},
        "encoding": {
            "y": {"field": "fontSize", "axis": {"labelLimit": limit}},
            "x": {"field": "share", "type": "quantitative"},
        },
    }
    return {**theme.themed(spec), **config}


def drawn(folder: Path, spec: dict[str, Any]) -> tuple[ElementTree.Element, list[ElementTree.Element]]:
    (folder / "figures").mkdir()
    (folder / "figures" / "one.vl.json").write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    (path,) = figures.draw(folder)
    root = ElementTree.parse(path).getroot()
    return root, list(root.iter(f"{{{SVG}}}text"))


def test_the_report_s_font_and_sizes_are_drawn(tmp_path: Path) -> None:
    spec = bars("Buyer changed their mind", "Out of stock")
    spec["title"] = {"text": "Reasons", "fontSize": 17}
    _, texts = drawn(tmp_path, spec)
    assert {text.get("font-family") for text in texts} == {theme.FONT}
    assert {text.get("font-size") for text in texts} == {"17px", "11.5px"}


def test_a_label_has_the_room_that_it_takes(tmp_path: Path) -> None:
    """The sentence that is measured, in the report's font and size, beside what Vega makes of that font itself."""
    sentence = measuring._SENTENCE
    root, _ = drawn(tmp_path, bars(sentence))
    import vl_convert

    exact = ElementTree.fromstring(vl_convert.vegalite_to_svg(bars(sentence)))
    more = float(root.get("width", 0)) - float(exact.get("width", 0))
    assert -1 <= more <= 8, "no label is cut off, and none leaves a gap"
    assert 1 < measuring.wider() < 1.3, "Noto Sans and DejaVu Sans are wider than Liberation Sans"


def test_rows_are_no_style() -> None:
    spec = bars("7", "8")
    spec["data"]["values"][0]["fontSize"] = 7
    assert measuring.measurable(spec)["data"] == spec["data"]
    changed = measuring.measurable(spec)["config"]
    assert changed["font"] == "sans-serif"
    assert changed["axis"]["labelFontSize"] == pytest.approx(11.5 * measuring.wider())
    assert changed["axis"]["labelLimit"] == theme.CONFIG["axis"]["labelLimit"]
    assert spec["config"]["font"] == theme.FONT, "the chart that was given is left as it is"


@pytest.mark.parametrize("length", range(20, 28))
def test_a_long_label_is_cut_between_signs_not_inside_one(tmp_path: Path, length: int) -> None:
    name = "Case " + "𝐀𝐁" * length
    _, texts = drawn(tmp_path, bars(name, limit=90))
    said = ["".join(text.itertext()) for text in texts]
    (cut,) = [text for text in said if text.startswith("Case")] or ["none"]
    assert cut.endswith("…")
    assert name.startswith(cut.removesuffix("…"))


def test_signs_of_two_halves_have_a_letter_each_and_come_back() -> None:
    text = "\ue000 🙂 and 🙂 and 🧵"
    plain, back = measuring.one_unit_each(text)
    assert max(plain) <= "\uffff"
    assert len(plain) == len(text)
    assert plain.count("\ue000") == 1, "a letter that is in the text already stands for nothing else"
    assert plain.translate(back) == text
