"""The text of a chart, measured in a font that is in memory while the chart is laid out.

Vega asks for the width of every label some five times, and vl-convert opens the font's file anew for each letter:
17,000 times for one linked picture, two thirds of what a report's pictures cost. The one font that it carries in
memory (Liberation Sans, for `sans-serif`) is measured in a third of the time. So a chart is laid out in that font, at
a size at which a sentence is as wide as in the report's own, and then gets its own font and sizes back. A
label may be some percent narrower than the room that it was given. Letters of other scripts are in neither font, and
are found in their own as before.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as Tree

import vl_convert

from cancel_analysis.report.show import theme
from cancel_analysis.report.thread_cache import cached_across_threads

_FONT = "sans-serif"
# Small letters gain most in the report's font (1.07 times in Noto Sans, digits 1.03): others get more room than needed.
_SENTENCE = "Buyer changed their mind"
# What a chart shows, not how: its keys are columns.
_ROWS = ("data", "datasets")
# Unicode's private use area: no name of a product has these.
_PRIVATE = range(0xE000, 0xF900)
_WIDTH = re.compile(r'width="([\d.]+)"')


@cached_across_threads
def wider() -> float:
    """How many times as wide the report's font is as the one that is measured, at one size."""
    return _width(theme.FONT) / _width(_FONT)


def measurable(spec: dict[str, Any]) -> dict[str, Any]:
    """The chart with the font in memory, its sizes by as much larger; text in another font stays as it is."""
    changed: dict[str, Any] = _changed("", spec, wider())
    return changed


def restore(root: Tree.Element, texts: str, spec: dict[str, Any]) -> None:
    """Give the `texts` (their tag) of a drawn chart the font and the sizes back that `spec` has."""
    sizes = set(_sizes(spec))
    ours = theme.FONT in json.dumps(spec.get("config", {}), ensure_ascii=False)
    for text in root.iter(texts):
        if not ours or text.get("font-family") != _FONT:
            continue
        text.set("font-family", theme.FONT)
        drawn = float(text.get("font-size", "0").removesuffix("px"))
        # A size that the chart does not name is Vega's own, and was not changed.
        size = next((size for size in sizes if math.isclose(size * wider(), drawn)), drawn)
        text.set("font-size", f"{size:g}px")


def one_unit_each(text: str) -> tuple[str, dict[int, str]]:
    """The text with a private letter for each sign that JavaScript has as two halves, and the way back.

    Vega shortens a label by halves: one that ends between those of an emoji can neither be measured nor drawn.
    """
    signs = dict.fromkeys(sign for sign in text if sign > "\uffff")
    free = (chr(code) for code in _PRIVATE if chr(code) not in text)
    letters: dict[str, str | int | None] = dict(zip(signs, free, strict=False))
    return text.translate(str.maketrans(letters)), {ord(str(letter)): sign for sign, letter in letters.items()}


def _changed(name: str, value: Any, times: float) -> Any:
    if isinstance(value, dict):
        return {key: inner if key in _ROWS else _changed(key, inner, times) for key, inner in value.items()}
    if isinstance(value, list):
        return [_changed(name, inner, times) for inner in value]
    if value == theme.FONT:
        return _FONT
    return value * times if _is_size(name, value) else value


def _sizes(spec: Any, name: str = "") -> Iterator[float]:
    if isinstance(spec, dict):
        for key, inner in spec.items():
            if key not in _ROWS:
                yield from _sizes(inner, key)
    elif isinstance(spec, list):
        for inner in spec:
            yield from _sizes(inner, name)
    elif _is_size(name, spec):
        yield float(spec)


def _is_size(name: str, value: Any) -> bool:
    return name.endswith(("fontSize", "FontSize")) and isinstance(value, int | float)


def _width(font: str) -> float:
    """The width of the sentence in a font, by the picture of nothing else."""
    said = {"text": {"value": _SENTENCE}, "font": {"value": font}, "fontSize": {"value": 100}}
    alone: dict[str, Any] = {"width": 0, "height": 0, "padding": 0, "autosize": "pad"}
    drawn = vl_convert.vega_to_svg({**alone, "marks": [{"type": "text", "encode": {"enter": said}}]})
    found = _WIDTH.search(drawn)
    assert found is not None  # every picture says its width
    return float(found[1])
