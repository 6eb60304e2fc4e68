"""Charts as still pictures: each `figures/NAME.vl.json` of a work folder becomes `figures/NAME.svg`.

vl-convert starts a JavaScript engine, 0.4 s for the first picture of a process and 0.03 s for each
further one, so this is done in the process that stays, never in the one that runs a notebook.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import vl_convert

from cancel_analysis.errors import RenderError

_NUMBER = re.compile(r"-?\d+\.\d{3,}")
# What a picture says is in its alternative text; inside an <img> these are never read, but a third of the file.
_ARIA = re.compile(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"')


def draw(work: Path) -> list[Path]:
    """Draw every figure of `work` that has no picture yet; the still chart comes before the live one."""
    made = []
    for path in sorted((work / "figures").glob("*.vl.json")):
        name = path.name.removesuffix(".vl.json")
        if name.endswith(".still"):
            continue
        still = path.with_name(f"{name}.still.vl.json")
        target = path.with_name(f"{name}.svg")
        if not target.exists():
            target.write_text(_svg(still if still.is_file() else path), encoding="utf-8")
        made.append(target)
    return made


def _svg(path: Path) -> str:
    spec = json.loads(path.read_text(encoding="utf-8"))
    try:
        # Nothing is loaded from outside, whatever the chart asks for.
        svg = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    except ValueError as error:
        raise RenderError(f"chart {path.name} cannot be drawn: {_reason(error)}") from error
    return _NUMBER.sub(lambda number: f"{float(number.group()):.2f}".rstrip("0").rstrip("."), _ARIA.sub("", svg))


def _reason(error: ValueError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("Error:")), lines[0] if lines else "no message")
