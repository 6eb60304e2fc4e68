"""The text of a chart, measured in a font that is in memory while the chart is laid out.

Vega asks for the width of every label some five times, and vl-convert opens the font's file anew for each letter:
17,000 times for one linked picture, two thirds of what a report's pictures cost. The one font that it carries in
memory (Liberation Sans, for `sans-serif`) is measured in a third of the time. So a chart is laid out in that font, at
a size at which a sentence is as wide as in the report's own, and then gets its own font and sizes back. A
label may be some percent narrower than the room that it was given.

Signs of other scripts are in neither font, and each would be looked for in all fonts of the machine: a Chinese report's
pictures took four times as long. While a chart is laid out, two letters that are together as wide stand for each.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import product
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
# Two letters of the font in memory, 0.278 and 0.667 of its size wide: together as wide as a Chinese sign or an emoji is
# high, once the size is that of the report's own font. There is one pair for each of a thousand signs.
_SQUARE = ("ÌÎÏìíîïĨĩĪīĬĭĮİı", "ÁÂÃÅÈÉÊËÝÞĀĂĄĒĔĖĘĚĶŚŜŞŠŶŸΑΒΕΚΡΥΧΫАВЕРХЧҎҲҶҸҺӋӐӒӴӼӾẠẢẤẦẨẪẬẰẲẴẶẸẺẼẾỀỂỄỆ")
# And 0.222 and 0.333 of it: a Thai letter with the marks above and below it, which take no room of their own.
_NARROW = ("įĵĺļłſƖƚǐǰȷɉίιϊіјӏ", "ŕŗřȑȓɍṙṛṝṟ")
_THAI = re.compile("[\u0e00-\u0e7f][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*")
# What changes the sign before it and has no width: another form of it, or one that is joined to the next.
_CHANGES = "[\ufe00-\ufe0f\u200d\u20e3]*"
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


def in_letters(text: str) -> tuple[str, Callable[[str], str]]:
    """The text of a chart with two letters for each sign of a script that the font in memory lacks, and the way back.

    The way back is a function of what was drawn; a label that was cut inside a pair loses that sign. Signs keep
    their order, by which Vega may sort. JavaScript counts an emoji as two halves, and cuts between them: a chart with
    more such signs than pairs keeps the rest as they are.
    """
    wide = "".join(sorted(sign for sign in set(text) if _is_square(sign)))
    # Where there is none, a pattern without a match.
    squares = re.findall(f"[{re.escape(wide)}]{_CHANGES}", text) if wide else []
    signs: dict[str, str] = {}
    for found, letters in ((squares, _SQUARE), (_THAI.findall(text), _NARROW)):
        pairs = product(*(sorted(letter for letter in half if letter not in text) for half in letters))
        signs |= {sign: "".join(pair) for sign, pair in zip(sorted(set(found)), pairs, strict=False)}
    if not signs:
        return text, str
    back = {pair: sign for sign, pair in signs.items()}
    first = {pair[0] for pair in back}
    # The longest sign first: one with its marks is not the one without them.
    written = re.compile("|".join(map(re.escape, sorted(signs, key=len, reverse=True))))
    drawn = re.compile(f"[{''.join(first)}].?", re.DOTALL)
    return (
        written.sub(lambda found: signs[found.group()], text),
        lambda picture: drawn.sub(lambda found: back.get(found.group(), found.group()[1:]), picture),
    )


def _is_square(sign: str) -> bool:
    """Whether a sign takes as much room in a line as it is high: Chinese, Japanese, Korean, emoji, and what JavaScript
    has as two halves."""
    return sign > "\uffff" or unicodedata.east_asian_width(sign) in ("W", "F")


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
