"""Exhibits in JupyterLab: a chart is a chart, a table is a frame, prose is text."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

from IPython.display import Markdown, display

from cancel_analysis.exhibits.kinds import Exhibit, Picture, Prose, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show import vega
from cancel_analysis.report.show.blocks.escape import script_json
from cancel_analysis.report.show.blocks.text import Texts, cell

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$&])")
_numbers = itertools.count(1)
# Waits for Vega's script: a notebook that is opened again may show its outputs in any order.
_CHART = """<div id="{place}"></div>
<script type="application/json" id="{place}-spec">{spec}</script>
<script>(function draw(tries) {{
  var place = document.getElementById("{place}"), spec = document.getElementById("{place}-spec");
  if (window.vegaEmbed && place && spec) {{
    window.vegaEmbed(place, JSON.parse(spec.textContent), {{ renderer: "svg", actions: false }})
      .catch(function (error) {{ place.textContent = "The chart cannot be drawn: " + error.message; }});
  }} else if (tries > 0) {{ setTimeout(draw, 200, tries - 1); }}
  else if (place) {{ place.textContent = "To see the chart, run the cell that calls start(...)."; }}
}})(50);</script>"""


def start() -> None:
    """Put Vega's script into the notebook's page.

    Altair's own renderers fetch it from the network, or need a JupyterLab that knows this version
    of Vega-Lite; this one needs neither.
    """
    display({"text/html": vega.script(), "text/plain": ""}, raw=True)


def show(exhibit: Exhibit, formats: NumberFormats, texts: Texts) -> None:
    """Display one exhibit the way an analyst expects to see it in a notebook."""
    if isinstance(exhibit, Prose):
        display(Markdown("\n\n".join(_line(line.kind, line.text) for line in exhibit.lines)))
    elif isinstance(exhibit, TableView):
        display(Markdown(f"**{_literal(exhibit.caption)}**"))
        display(_frame(exhibit, formats, texts))
        _note(exhibit.note)
    elif isinstance(exhibit, Picture):
        display(Markdown(f"**{_literal(exhibit.caption)}**"))
        display(_chart(exhibit), raw=True)
        _note(exhibit.note)


def _chart(exhibit: Picture) -> dict[str, str]:
    spec = json.loads(exhibit.chart.to_json())
    place = f"exhibit-{exhibit.name}-{next(_numbers)}"
    return {"text/html": _CHART.format(place=place, spec=script_json(spec)), "text/plain": exhibit.alternative}


def _frame(view: TableView, formats: NumberFormats, texts: Texts) -> Any:
    """The frame with its labels; the values print like in the report but stay the raw numbers."""
    columns = [column.name for column in view.columns]
    labels = {column.name: column.label for column in view.columns}
    if len(set(labels.values())) < len(labels):
        # Two columns may read alike ("Low" of two rates); a styled frame needs names that differ.
        labels = {name: f"{label} ({name})" for name, label in labels.items()}
    kinds = {labels[column.name]: column.kind for column in view.columns}
    frame = view.frame[columns].reset_index(drop=True).rename(columns=labels)
    show_as = {label: _formatter(kind, view, formats, texts) for label, kind in kinds.items()}
    return frame.style.format(show_as, escape="html").hide(axis="index")


def _formatter(kind: str, view: TableView, formats: NumberFormats, texts: Texts) -> Any:
    return lambda value: cell(value, kind, view, formats, texts)


def _line(kind: str, text: str) -> str:
    body = _literal(text)
    shapes = {"verdict": f"### {body}", "action": f"1. {body}", "warning": f"> **!** {body}", "note": f"*{body}*"}
    return shapes.get(kind, body)


def _note(text: str) -> None:
    if text:
        display(Markdown(f"*{_literal(text)}*"))


def _literal(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
