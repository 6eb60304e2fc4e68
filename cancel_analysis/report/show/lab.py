"""Exhibits in JupyterLab: a chart is a chart, a table is a frame, prose is text."""

from __future__ import annotations

import base64
import copy
import itertools
import re
from typing import Any

import vl_convert
from IPython.display import Markdown, display

from cancel_analysis.errors import ReportError
from cancel_analysis.exhibits.kinds import (
    Card,
    Cards,
    Exhibit,
    Fold,
    Picture,
    Prose,
    ShopRow,
    ShopRows,
    TableView,
    Tile,
    Tiles,
)
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.show import theme, vega
from cancel_analysis.report.show.blocks.escape import script_json
from cancel_analysis.report.show.blocks.text import Texts, cell

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$&])")
_numbers = itertools.count(1)
RENDERER = "cancel_analysis"
_script_shown = False
# Waits for Vega's script: a notebook that is opened again may show its outputs in any order.
_CHART = """<div id="{place}">{still}</div>
<script type="application/json" id="{place}-spec">{spec}</script>
<script>(function draw(tries) {{
  var place = document.getElementById("{place}"), spec = document.getElementById("{place}-spec");
  if (window.vegaEmbed && place && spec) {{
    place.textContent = "";
    window.vegaEmbed(place, JSON.parse(spec.textContent), {{ renderer: "svg", actions: false }})
      .catch(function (error) {{ place.textContent = "The chart cannot be drawn: " + error.message; }});
  }} else if (tries > 0) {{ setTimeout(draw, 200, tries - 1); }}
  else if (place && !place.firstChild) {{ place.textContent = "Run the first cell to see the chart."; }}
}})(50);</script>"""


def start() -> None:
    """Put Vega's script into the notebook's page.

    Altair's own renderers fetch it from the network, or need a JupyterLab that knows this version
    of Vega-Lite; this one needs neither.
    """
    global _script_shown
    _script_shown = True
    display({"text/html": vega.script(), "text/plain": ""}, raw=True)


def show(exhibit: Exhibit, numbers: NumberFormats, texts: Texts) -> None:
    """Display one exhibit the way an analyst expects to see it in a notebook."""
    if isinstance(exhibit, Prose):
        display(Markdown("\n\n".join(_line(line.kind, line.text) for line in exhibit.lines)))
    elif isinstance(exhibit, TableView):
        display(Markdown(f"**{_literal(exhibit.caption)}**"))
        display(_frame(exhibit, numbers, texts))
        _note(exhibit.note)
    elif isinstance(exhibit, Picture):
        display(Markdown(f"**{_literal(exhibit.caption)}**"))
        display(_chart(exhibit), raw=True)
        _note(" ".join(text for text in (exhibit.note, exhibit.how) if text))
    elif isinstance(exhibit, Tiles):
        display(Markdown("\n".join(_tile(tile) for tile in exhibit.tiles)))
    elif isinstance(exhibit, Cards):
        cards = [_card(number, card, exhibit) for number, card in enumerate(exhibit.cards, start=1)]
        display(Markdown("\n\n".join([f"**{_literal(exhibit.title)}**", *cards])))
    elif isinstance(exhibit, ShopRows):
        display(Markdown("\n".join(_shop(row) for row in exhibit.rows[: exhibit.most_rows])))
    elif isinstance(exhibit, Fold):
        display(Markdown(f"#### {_literal(exhibit.title)}"))
        _note(exhibit.note)
        for part in exhibit.exhibits:
            show(part, numbers, texts)


def _tile(tile: Tile) -> str:
    said = " ".join(part for part in (f"{tile.status}.", f"{tile.detail}.", tile.range, tile.change) if part)
    return f"- **{_literal(tile.label)}: {_literal(tile.value)}** {_literal(said)}"


def _shop(row: ShopRow) -> str:
    rate = f"{row.tile.label} {row.tile.value}." if row.tile is not None else ""
    action = " ".join(part for part in (row.action, row.where, row.by) if part)
    said = " ".join(part for part in (f"{row.word}.", rate, f"{action}." if action else "", row.said) if part)
    return f"- **{_literal(f'{row.name} ({row.market})')}** {_literal(said)}"


def _card(number: int, card: Card, cards: Cards) -> str:
    where, by, worth, _ = cards.labels
    facts = ((where, card.where), (by, card.by), (worth, " ".join(card.worth)))
    said = [card.detail, *(f"{label}: {fact}." for label, fact in facts if fact), *card.why]
    return f"{number}. **{_literal(card.action)}** {_literal(' '.join(part for part in said if part))}"


def as_spec(chart: Any) -> dict[str, Any]:
    """A picture's chart as a specification; it may be an Altair chart, as an analyst makes one.

    Raises ReportError for one with thousands of rows: a report shows aggregated figures.
    """
    if isinstance(chart, dict):
        return chart
    import altair as alt

    theme.register()
    try:
        spec: dict[str, Any] = chart.to_dict()
    except alt.MaxRowsError as error:
        raise ReportError("a chart of a report shows aggregated figures, not thousands of rows") from error
    return spec


def as_altair(chart: Any) -> Any:
    """A picture's chart as an Altair chart, to be shown, changed or laid beside another."""
    if not isinstance(chart, dict):
        return chart
    import altair as alt

    # Specifications share their constant parts; what an analyst changes is hers alone.
    # What tells the page how to fit a chart would hinder its use as a part of another.
    return alt.Chart.from_dict(copy.deepcopy({key: value for key, value in chart.items() if key != "usermeta"}))


def show_charts_offline() -> None:
    """Make Altair charts show without a network, unless the user has chosen a renderer of her own."""
    import altair as alt

    if RENDERER not in alt.renderers.names():
        alt.renderers.register(RENDERER, _mimebundle)
    if alt.renderers.active == "default":
        theme.register()
        alt.renderers.enable(RENDERER)


def _mimebundle(spec: dict[str, Any], **_: Any) -> dict[str, str]:
    """A chart as a still picture that comes to life where Vega's script runs; the script comes with the first."""
    global _script_shown
    place = f"chart-{next(_numbers)}"
    still = base64.b64encode(vl_convert.vegalite_to_svg(spec).encode()).decode()
    image = f'<img alt="" style="background:#fff;max-width:100%" src="data:image/svg+xml;base64,{still}">'
    script, _script_shown = ("" if _script_shown else vega.script()), True
    live = _CHART.format(place=place, spec=script_json(spec), still=image)
    return {"text/html": script + live, "text/plain": "an Altair chart"}


def _chart(exhibit: Picture) -> dict[str, str]:
    spec = theme.themed(as_spec(exhibit.chart))
    place = f"exhibit-{exhibit.name}-{next(_numbers)}"
    return {
        "text/html": _CHART.format(place=place, spec=script_json(spec), still=""),
        "text/plain": exhibit.alternative,
    }


def _frame(view: TableView, numbers: NumberFormats, texts: Texts) -> Any:
    """The frame with its labels; the values print like in the report but stay the raw numbers."""
    columns = [column.name for column in view.columns]
    labels = {column.name: column.label for column in view.columns}
    if len(set(labels.values())) < len(labels):
        # Two columns may read alike ("Low" of two rates); a styled frame needs names that differ.
        labels = {name: f"{label} ({name})" for name, label in labels.items()}
    kinds = {labels[column.name]: column.kind for column in view.columns}
    frame = view.frame[columns].reset_index(drop=True).rename(columns=labels)
    show_as = {label: _formatter(kind, view, numbers, texts) for label, kind in kinds.items()}
    return frame.style.format(show_as, escape="html").hide(axis="index")


def _formatter(kind: str, view: TableView, numbers: NumberFormats, texts: Texts) -> Any:
    return lambda value: cell(value, kind, view, numbers, texts)


def _line(kind: str, text: str) -> str:
    body = _literal(text)
    shapes = {"verdict": f"### {body}", "action": f"1. {body}", "warning": f"> **!** {body}", "note": f"*{body}*"}
    return shapes.get(kind, body)


def _note(text: str) -> None:
    if text:
        display(Markdown(f"*{_literal(text)}*"))


def _literal(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
