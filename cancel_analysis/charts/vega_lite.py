"""What Vega-Lite specifications are built of: plain dicts, ready for JSON, made without a drawing library.

A specification (v6) holds its data in place, as records of the columns that are drawn. The functions here
return new dicts and share the constant ones; nobody changes a specification that another made.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

Spec = dict[str, Any]

_KINDS = {"N": "nominal", "Q": "quantitative", "T": "temporal"}
_NESTED = (dict, list)
_AGGREGATED = re.compile(r"(\w+)\((\w+)\)")


def records(frame: pd.DataFrame, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The rows of `frame` as plain values; `columns` are those that are drawn (default: all).

    A missing or endless number is None, a point in time ISO 8601 without a zone, as the clock of the shop shows it.
    """
    names = list(frame.columns if columns is None else columns)
    values = [_values(frame[name]) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def data(rows: pd.DataFrame | Iterable[Mapping[str, Any]], columns: Sequence[str] | None = None) -> Spec:
    """Rows as data in place: those of a frame, or records; of `columns` (default: all)."""
    if isinstance(rows, pd.DataFrame):
        return {"values": records(rows, columns)}
    return {"values": [dict(row) if columns is None else {name: row[name] for name in columns} for row in rows]}


def channel(shorthand: str, **properties: Any) -> Spec:
    """A field with its kind, N(ominal), Q(uantitative) or T(emporal): "rate:Q", or aggregated: "sum(items):Q"."""
    name, _, kind = shorthand.rpartition(":")
    aggregated = _AGGREGATED.fullmatch(name)
    if aggregated:
        return {"aggregate": aggregated[1], "field": aggregated[2], "type": _KINDS[kind], **properties}
    return {"field": name, "type": _KINDS[kind], **properties}


def tooltip(*entries: tuple[str, str] | tuple[str, str, str]) -> list[Spec]:
    """What shows at a mark: (field, title) or (field, title, format) each."""
    return [channel(entry[0], title=entry[1], **({"format": entry[2]} if len(entry) == 3 else {})) for entry in entries]


def mark(
    kind: str, encoding: Mapping[str, Any], *, of: Spec | None = None, by: Sequence[Spec] = (), **look: Any
) -> Spec:
    """One mark with its encoding and look; `of` is its data where it is not that around it, `by` its transforms.

    A screen reader says of each what its tooltip shows; of what has none, and of lines as a whole, nothing.
    """
    spoken: Spec = {"aria": False}
    if "tooltip" in encoding and kind not in ("line", "area"):
        spoken = {"description": {"expr": " + '; ' + ".join(map(_said, encoding["tooltip"]))}}
    spec: Spec = {"mark": {"type": kind, **spoken, **look}, "encoding": dict(encoding)}
    if of is not None:
        spec["data"] = of
    if by:
        spec["transform"] = list(by)
    return spec


def _said(entry: Spec) -> str:
    """The expression for a tooltip's line, "title: value"; what is missing is a dash."""
    value = f"datum[{json.dumps(entry['field'])}]"
    if "format" in entry:
        kind = "timeFormat" if entry["type"] == "temporal" else "format"
        value = f"(isValid({value}) ? {kind}({value}, {json.dumps(entry['format'])}) : '–')"
    return f"{json.dumps(entry['title'] + ': ')} + {value}"


def layer(*marks: Spec, of: Spec | None = None, **properties: Any) -> Spec:
    """Marks one above the other, the first at the bottom."""
    return {**({} if of is None else {"data": of}), "layer": list(marks), **properties}


def when(test: str, value: Any, otherwise: Any) -> Spec:
    """A constant where the expression holds, another elsewhere."""
    return {"condition": {"test": test, "value": value}, "value": otherwise}


def still(spec: Spec) -> Spec:
    """The same picture without choices: parameters go, and with them the filters and conditions that ask for one."""
    names = [param["name"] for param in spec.get("params", ())]
    if not names:
        return spec
    asks = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    # What tells a page how to fit and to choose says nothing on paper.
    fixed: Spec = _without({name: part for name, part in spec.items() if name != "usermeta"}, asks)
    return fixed


def _without(node: Any, asks: re.Pattern[str]) -> Any:
    if isinstance(node, list):
        return [_without(part, asks) for part in node]
    if not isinstance(node, dict):
        return node
    kept: dict[str, Any] = {}
    for key, part in node.items():
        if key == "transform":
            steps = [step for step in part if not ("filter" in step and asks.search(_asked(step["filter"])))]
            if steps:
                kept[key] = steps
        elif key == "encoding":
            kept[key] = {name: value for name, value in part.items() if not _is_choice(value)}
        # Rows are shared, not copied.
        elif key == "values" or (key != "params" and not isinstance(part, dict | list)):
            kept[key] = part
        elif key != "params":
            kept[key] = _without(part, asks)
    return kept


def _asked(condition: Any) -> str:
    return str(condition.get("param", "")) if isinstance(condition, dict) else str(condition)


def _is_choice(value: Any) -> bool:
    condition = value.get("condition") if isinstance(value, dict) else None
    return isinstance(condition, dict) and "param" in condition


def rows(spec: Any) -> Iterator[dict[str, Any]]:
    """Every row of data that a specification holds."""
    waiting = [spec]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += [part for part in reversed(node) if isinstance(part, _NESTED)]
            continue
        for key, part in node.items():
            if key == "values" and isinstance(part, list):
                yield from (row for row in part if isinstance(row, dict))
            elif key == "datasets":
                for values in part.values():
                    yield from values
            elif isinstance(part, _NESTED):
                waiting.append(part)


def _values(column: pd.Series) -> list[Any]:
    # pandas' own types of numbers can lack one, and then hold no NaN.
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else ""
    if kind in ("i", "u", "b"):
        values: list[Any] = column.tolist()
        return values
    if kind == "f":
        return [value if math.isfinite(value) else None for value in column.tolist()]
    if isinstance(column.dtype, pd.StringDtype):
        return [None if value is pd.NA or value != value else value for value in column.tolist()]
    return [_plain(value) for value in column.tolist()]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if hasattr(value, "item"):
        value = value.item()
    if pd.isna(value):
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    if isinstance(value, date):
        # A date alone would be read as midnight in Greenwich, which is the day before further west.
        return f"{value.isoformat()}T00:00:00"
    return value if isinstance(value, int) else str(value)
