"""How every chart looks: one configuration of Vega-Lite that fits the page and the A4 text block.

Fonts are families that exist on a bare Debian with Noto or DejaVu; the family named first that is
there is used, by browsers and by Typst alike.
"""

from __future__ import annotations

from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
NAME = "cancel_analysis"
# The last names cover scripts that the first ones lack; Typst falls back to a serif otherwise.
FONTS = ("Noto Sans", "DejaVu Sans", "Arial", "Noto Sans Thai", "Noto Sans CJK SC", "sans-serif")
FONT = ", ".join(FONTS)
# The page's column is 720 px wide; a chart with its axis and legend must stay inside.
WIDTH = 620
HEIGHT = 240

INK = "#1f2933"
SOFT = "#52606d"
RULE = "#e4e7eb"
# Calm, told apart by people who see no red or green, and dark enough on white.
COLOURS = ("#2f5d8c", "#c8763a", "#5b8a72", "#8a5a83", "#b09a3c", "#6b7b8c", "#a34a4a", "#4a9a9c")

_AXIS: dict[str, Any] = {
    "labelColor": SOFT,
    "labelFontSize": 11.5,
    "titleColor": SOFT,
    "titleFontSize": 11.5,
    "titleFontWeight": "normal",
    "titlePadding": 8,
    "labelPadding": 5,
    "labelLimit": 220,
    "gridColor": RULE,
    "domainColor": "#9aa5b1",
    "tickColor": "#9aa5b1",
    "tickSize": 4,
    # The first and the last label stand at their lines like all others.
    "labelFlush": False,
}
CONFIG: dict[str, Any] = {
    "background": "white",
    "font": FONT,
    "view": {"continuousWidth": WIDTH, "continuousHeight": HEIGHT, "discreteWidth": WIDTH, "stroke": None},
    "axis": _AXIS,
    "axisX": {"grid": False},
    "axisY": {"domain": False, "ticks": False},
    "header": {"labelColor": INK, "labelFontSize": 12, "titleColor": SOFT, "titleFontSize": 11.5},
    "legend": {
        "labelColor": SOFT,
        "labelFontSize": 11.5,
        "titleColor": SOFT,
        "titleFontSize": 11.5,
        "titleFontWeight": "normal",
        "orient": "top",
        "symbolType": "square",
        "labelLimit": 200,
    },
    "title": {
        "color": INK,
        "fontSize": 13,
        "fontWeight": 600,
        "anchor": "start",
        "subtitleColor": SOFT,
        "subtitleFontSize": 11.5,
        "offset": 10,
    },
    "range": {"category": list(COLOURS), "heatmap": {"scheme": "blues"}},
    "bar": {"fill": COLOURS[0], "discreteBandSize": {"band": 0.7}},
    "line": {"stroke": COLOURS[0], "strokeWidth": 2},
    "area": {"fill": COLOURS[0], "fillOpacity": 0.18},
    "rule": {"stroke": SOFT},
    "point": {"filled": True, "size": 36, "fill": COLOURS[0]},
    "text": {"fill": INK, "fontSize": 11.5},
}


def themed(spec: dict[str, Any]) -> dict[str, Any]:
    """The specification with its schema and this look; what it sets itself stays."""
    own = spec.get("config", {})
    config = {**CONFIG, **{name: _over(CONFIG.get(name), value) for name, value in own.items()}} if own else CONFIG
    return {"$schema": SCHEMA, **spec, "config": config}


def _over(ours: Any, own: Any) -> Any:
    return {**ours, **own} if isinstance(ours, dict) and isinstance(own, dict) else own


def register() -> None:
    """Make the look known to Altair and use it from now on: for the charts that an analyst makes herself."""
    import altair as alt

    def theme() -> Any:
        return {"config": CONFIG}

    alt.theme.register(NAME, enable=True)(theme)
