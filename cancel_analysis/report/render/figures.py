"""Charts as still pictures: each `figures/NAME.vl.json` of a work folder becomes `figures/NAME.svg`.

vl-convert starts a JavaScript engine, 0.4 s for the first picture of a process and 0.03 s for each
further one, so this is done in the process that stays, never in the one that runs a notebook.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

import vl_convert

from cancel_analysis.errors import RenderError
from cancel_analysis.report.render import measuring, outlines
from cancel_analysis.report.render.outlines import SVG, XLINK, Label, Outline

_TEXT, _SPAN = f"{{{SVG}}}text", f"{{{SVG}}}tspan"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
# What a picture says is in its alternative text; inside an <img> these are never read, but a third of the file.
_UNREAD = ("aria-", "role", "pointer-events")
# Where numbers are places and lengths; anywhere else, "10.000 mAh" is somebody's word.
_GEOMETRY = {"d", "points", "transform", "viewBox", "x", "y", "width", "height", "x1", "y1", "x2", "y2"}
_GEOMETRY |= {"dx", "dy", "cx", "cy", "r", "rx", "ry", "fx", "fy"}
# Of a text's attributes, those that its outlines take over.
_KEPT = ("transform", "fill", "fill-opacity", "opacity")
_COUNT: dict[str, Any] = {"field": "count", "type": "quantitative", "axis": {"format": ".1%"}}
_NAME: dict[str, Any] = {"field": "name", "type": "nominal", "sort": ["A", "B"]}
_DAY: dict[str, Any] = {"field": "day", "type": "temporal", "axis": {"format": "%-d %b"}}
_COLOUR = {**_NAME, "legend": {"orient": "top"}}
_TIP = [{"field": "count", "type": "quantitative", "format": ".1%"}]
_IF_SOME = {"condition": {"test": "datum.count > 0", "value": 1}, "value": 0}
# A chart that nobody sees, of what the report's charts have.
_OF_ALL_KINDS: dict[str, Any] = {
    "data": {"values": [{"day": f"2026-01-1{number}", "name": "AB"[number], "count": number} for number in (0, 1)]},
    "concat": [
        {
            "transform": [
                {"aggregate": [{"op": "sum", "field": "count", "as": "count"}], "groupby": ["name"]},
                {"joinaggregate": [{"op": "sum", "field": "count", "as": "all"}]},
                {"window": [{"op": "dense_rank", "as": "place"}], "sort": [{"field": "count"}]},
                {"calculate": "datum.count / datum.all", "as": "share"},
                {"filter": "datum.place < 9"},
            ],
            "layer": [
                {
                    "mark": {"type": "bar", "description": {"expr": "format(datum.count, ',d')"}},
                    "encoding": {"x": _COUNT, "y": _NAME, "color": _COLOUR, "tooltip": _TIP},
                },
                {"mark": "text", "encoding": {"x": _COUNT, "y": _NAME, "text": {"field": "name"}}},
            ],
        },
        {
            "layer": [
                {"mark": "rect", "encoding": {"x": _DAY, "x2": {"field": "day"}}},
                {"mark": "area", "encoding": {"x": _DAY, "y": _COUNT, "y2": {"field": "all"}}},
                {"mark": "line", "encoding": {"x": _DAY, "y": _COUNT}},
                {"mark": "rule", "encoding": {"y": {"datum": 1}}},
                {"mark": "point", "encoding": {"x": _DAY, "y": _COUNT, "shape": _NAME, "opacity": _IF_SOME}},
            ],
        },
    ],
}  # fmt: skip
Tree.register_namespace("", SVG)
Tree.register_namespace("xlink", XLINK)


def draw(work: Path) -> list[Path]:
    """Draw every figure of `work` that has no picture yet; the still chart comes before the live one."""
    written = []
    for path in charts(work):
        name = path.name.removesuffix(".vl.json").removesuffix(".still")
        target = path.with_name(f"{name}.svg")
        if not target.exists():
            # A list of a folder that is being written may lack the still chart, which was there before the live one.
            still = path.with_name(f"{name}.still.vl.json")
            unfinished = path.with_name(f"{name}.unfinished")
            unfinished.write_text(_svg(still if still.exists() else path), encoding="utf-8")
            unfinished.replace(target)
        written.append(target)
    return written


def warm_up() -> None:
    """Start the JavaScript engine and let it draw what charts are made of, as it loads the code of a thing with the
    first of its kind; so does Typst with the fonts of a script."""
    vl_convert.vegalite_to_svg(measuring.measurable(_OF_ALL_KINDS), allowed_base_urls=[])
    outlines.draw([Label("青 ก 🍃", 11.0)])


def charts(work: Path) -> list[Path]:
    """The charts that are drawn: the still one of each figure where there is one, else the live one."""
    found = sorted((work / "figures").glob("*.vl.json"))
    still = {path.name.removesuffix(".still.vl.json") for path in found if path.name.endswith(".still.vl.json")}
    return [
        path for path in found if path.name.endswith(".still.vl.json") or path.name[: -len(".vl.json")] not in still
    ]


def _svg(path: Path) -> str:
    text, back = measuring.in_letters(path.read_text(encoding="utf-8"))
    spec = json.loads(text)
    try:
        # Nothing is loaded from outside, whatever the chart asks for.
        drawn = vl_convert.vegalite_to_svg(measuring.measurable(spec), allowed_base_urls=[])
    except ValueError as error:
        raise RenderError(f"chart {path.name} cannot be drawn: {_reason(error)}") from error
    # A name with a control character in it is drawn as it is, and no XML may hold one.
    root = Tree.fromstring(_CONTROL.sub("\ufffd", back(drawn)))
    measuring.restore(root, _TEXT, spec)
    for element in root.iter():
        for name in [name for name in element.attrib if name.startswith(_UNREAD)]:
            del element.attrib[name]
    _number_clips(root)
    _outline_labels(root)
    for element in root.iter():
        for name in _GEOMETRY.intersection(element.attrib):
            element.attrib[name] = _NUMBER.sub(_shorter, element.attrib[name])
    return Tree.tostring(root, encoding="unicode")


def _number_clips(root: Tree.Element) -> None:
    """Count a picture's clipping areas from 1: the engine counts on, and the same picture would never be the same."""
    found = (element.get("id", "") for element in root.iter(f"{{{SVG}}}clipPath"))
    names = {name: f"clip{number}" for number, name in enumerate(dict.fromkeys(found), start=1)}
    for element in root.iter():
        for attribute, form in (("id", "{}"), ("clip-path", "url(#{})")):
            value = element.get(attribute)
            name = names.get(value.removeprefix("url(#").removesuffix(")")) if value else None
            if name:
                element.set(attribute, form.format(name))


def _shorter(number: re.Match[str]) -> str:
    """Hundredths of a pixel are enough for places, but a small number may be a scale."""
    value = float(number.group())
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 1 else f"{value:.4g}"


def _outline_labels(root: Tree.Element) -> None:
    """Replace each text with letters of another script by its outlines."""
    parents = {child: parent for parent in root.iter() for child in parent}
    texts = [text for text in root.iter(_TEXT) if outlines.is_needed("".join(text.itertext()))]
    lines = {text: _lines(text) for text in texts}
    drawn = outlines.draw(label for found in lines.values() for label, _, _ in found)
    glyphs: dict[str, Tree.Element] = {}
    for text, found in lines.items():
        parent = parents[text]
        parent[list(parent).index(text)] = _outlined(text, [(drawn[label], x, y) for label, x, y in found])
        for label, _, _ in found:
            glyphs |= drawn[label].glyphs
    if glyphs:
        definitions = Tree.Element(f"{{{SVG}}}defs")
        definitions.extend(glyphs.values())
        root.insert(0, definitions)


def _lines(text: Tree.Element) -> list[tuple[Label, float, float]]:
    """A text's lines with the place of each: Vega writes one line as text, several as spans one below the other."""
    size = float(text.get("font-size", "11").removesuffix("px"))
    weight = text.get("font-weight", "normal")
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    if text.text and text.text.strip():
        return [(Label(text.text, size, weight), x, y)]
    lines = []
    for span in text.iter(_SPAN):
        x, y = float(span.get("x", x)), float(span.get("y", y)) + float(span.get("dy", 0))
        lines.append((Label("".join(span.itertext()), size, weight), x, y))
    return lines


def _outlined(text: Tree.Element, lines: list[tuple[Outline, float, float]]) -> Tree.Element:
    group = Tree.Element(f"{{{SVG}}}g", {name: text.get(name, "") for name in _KEPT if text.get(name)})
    group.tail = text.tail
    share = {"end": 1.0, "middle": 0.5}.get(text.get("text-anchor", "start"), 0.0)
    for outline, x, y in lines:
        place = f"translate({x - share * outline.width:g},{y:g})"
        Tree.SubElement(group, f"{{{SVG}}}g", {"transform": place}).extend(outline.groups)
    return group


def _reason(error: ValueError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("Error:")), lines[0] if lines else "no message")
