"""Exhibits in JupyterLab: a chart is a chart, a table is a frame, prose is text."""

from __future__ import annotations

import re
from typing import Any

from IPython.display import Markdown, display

from cancel_analysis.exhibits import Exhibit, Picture, Prose, TableView
from cancel_analysis.formats import Formats
from cancel_analysis.report.blocks.text import Texts, cell

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$&])")


def start() -> None:
    """Nothing is needed yet: Altair's own renderer shows the charts."""


def show(exhibit: Exhibit, formats: Formats, texts: Texts) -> None:
    """Display one exhibit the way an analyst expects to see it in a notebook."""
    if isinstance(exhibit, Prose):
        display(Markdown("\n\n".join(_line(line.kind, line.text) for line in exhibit.lines)))
    elif isinstance(exhibit, TableView):
        display(Markdown(f"**{_literal(exhibit.caption)}**"))
        display(_frame(exhibit, formats, texts))
        _note(exhibit.note)
    elif isinstance(exhibit, Picture):
        display(Markdown(f"**{_literal(exhibit.caption)}**"))
        display(exhibit.chart)
        _note(exhibit.note)


def _frame(view: TableView, formats: Formats, texts: Texts) -> Any:
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


def _formatter(kind: str, view: TableView, formats: Formats, texts: Texts) -> Any:
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
