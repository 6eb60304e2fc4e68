"""A specification held against Vega-Lite's own schema, the copy that Altair brings."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote

import jsonschema_rs

_REFERENCE = "#/definitions/"


@cache
def _validator() -> jsonschema_rs.Draft7Validator:
    # The version of Vega-Lite is part of the package's name.
    import altair as alt

    major = alt.SCHEMA_URL.rpartition("/")[2].partition(".")[0]
    file = resources.files("altair") / "vegalite" / major / "schema" / "vega-lite-schema.json"
    return jsonschema_rs.Draft7Validator(_encoded(json.loads(file.read_text(encoding="utf-8"))))


def _encoded(node: Any) -> Any:
    """The schema with references that are URIs: the names that it refers to hold < and |."""
    if isinstance(node, dict):
        return {
            key: _REFERENCE + quote(value.removeprefix(_REFERENCE), safe="") if key == "$ref" else _encoded(value)
            for key, value in node.items()
        }
    return [_encoded(each) for each in node] if isinstance(node, list) else node


def check_spec(spec: dict[str, Any]) -> None:
    """Raise jsonschema_rs.ValidationError where `spec` is no Vega-Lite."""
    _validator().validate(spec)
