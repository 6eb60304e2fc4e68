"""Whether a colour can be read on a ground: the contrast of WCAG 2.2, and the nearest colour of the same hue that can.

https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from __future__ import annotations

import colorsys

# The grounds of the page, light and dark (`--paper` of `reports/report.css`).
PAPER, DARK_PAPER = "#ffffff", "#14181d"
# Of text of ordinary size, level AA.
LEAST_CONTRAST = 4.5
_STEPS = 200


def contrast(first: str, second: str) -> float:
    """The contrast of two colours such as `#1f5a96`, from 1 (none) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, ground: str) -> str:
    """The colour, darkened or lightened as little as makes it readable on `ground`."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    towards = 0.0 if _luminance(ground) > 0.5 else 1.0
    for step in range(_STEPS + 1):
        moved = lightness + (towards - lightness) * step / _STEPS
        red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, moved, saturation))
        found = f"#{red:02x}{green:02x}{blue:02x}"
        if contrast(found, ground) >= LEAST_CONTRAST:
            return found
    raise AssertionError("black or white can be read on any ground")


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
