"""Charts are measured in the font that is in memory, and come out in the report's own."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import vl_convert

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


def width(text: str) -> float:
    """How wide the font in memory sets a text of size 100, by the picture of nothing else."""
    said = {"text": {"value": text}, "font": {"value": measuring._FONT}, "fontSize": {"value": 100}}
    alone: dict[str, Any] = {"width": 0, "height": 0, "padding": 0, "autosize": "pad"}
    drawn = vl_convert.vega_to_svg({**alone, "marks": [{"type": "text", "encode": {"enter": said}}]})
    found = re.search(r'width="([\d.]+)"', drawn)
    assert found is not None
    return float(found[1]) / 100


@pytest.mark.parametrize(("halves", "square"), [(measuring._SQUARE, 1.0), (measuring._NARROW, 0.58)])
def test_two_letters_are_as_wide_as_the_sign_they_stand_for(halves: tuple[str, str], square: float) -> None:
    """Ten of each letter, at the size that makes a sentence as wide as in Noto Sans (1.07 times)."""
    assert not set(halves[0]) & set(halves[1])
    for first in halves[0]:
        assert 1.07 * width((first + halves[1][0]) * 10) / 10 == pytest.approx(square, abs=0.03), first
    for second in halves[1]:
        assert 1.07 * width((halves[0][0] + second) * 10) / 10 == pytest.approx(square, abs=0.03), second


def test_signs_come_back() -> None:
    text = "缺货 Ì É 🙂 and 🙂 🧵 ｱ １ 보류 sea 🕯️🕯 ปลาที่น้ำ, ñandú"
    plain, back = measuring.in_letters(text)
    assert max(plain) <= "\uffff"
    assert back(plain) == text
    assert "É" in plain
    assert "ñandú" in plain, "what the font in memory has stays"
    assert not [
        sign for sign in plain if unicodedata.east_asian_width(sign) in ("W", "F") or "\u0e00" <= sign < "\u0e80"
    ]


def test_a_text_in_the_font_s_own_letters_is_left_as_it_is() -> None:
    text = "Đổi ý, Größe, цена, 12 × 3 …"
    plain, back = measuring.in_letters(text)
    assert plain == text
    assert back(text) == text


def test_signs_keep_their_order() -> None:
    names = ["缺货", "不想要了", "误拍", "ปลา", "🙂 set", "Abc"]
    plain, _ = measuring.in_letters("\n".join(names))
    halves = str.maketrans({"🙂": "\ud83d\ude42"})
    square = [name for name in names if name != "ปลา"]
    by_unit = sorted(square, key=lambda name: name.translate(halves))
    written = dict(zip(plain.split("\n"), names, strict=True))
    assert [written[name] for name in sorted(written) if written[name] in square] == by_unit


def test_a_pair_that_was_cut_loses_its_sign_and_no_more() -> None:
    plain, back = measuring.in_letters("缺货 x")
    assert back(f"<text>{plain[:3]}…</text>") == "<text>缺…</text>"
    assert back(f"<text>{plain[:1]}</text>") == "<text></text>"


def test_more_signs_than_pairs_stay_as_they_are() -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 1500)))
    plain, back = measuring.in_letters(text)
    assert text[-1] in plain
    assert text[0] not in plain
    assert back(plain) == text


def test_a_chinese_chart_is_drawn_with_its_own_signs(tmp_path: Path) -> None:
    names = ["地址填错或想更改", "缺货", "ลูกค้าเปลี่ยนใจ"]
    root, texts = drawn(tmp_path, bars(*names))
    assert not [text for text in texts if set("".join(text.itertext())) & set("".join(measuring._SQUARE))]
    exact = ElementTree.fromstring(vl_convert.vegalite_to_svg(bars(*names)))
    more = float(root.get("width", 0)) - float(exact.get("width", 0))
    assert -8 <= more <= 8, "as wide as with the signs themselves"
