"""A logo that can be put into a page and a PDF: a small PNG or JPEG, known by its content, never by its name.

SVG is refused: it may hold scripts and addresses of other servers, and what looks safe to one reader runs in another.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from cancel_analysis.errors import SettingsError

MOST_BYTES = 200_000
MOST_PIXELS = 4_000
PNG, JPEG = "png", "jpeg"
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_JPEG_HEAD = b"\xff\xd8\xff"
# Markers of a JPEG that begin a frame and so hold its size; C4, C8 and CC are none.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True)
class Logo:
    """The picture, its form (`png` or `jpeg`) and its size in pixels."""

    content: bytes
    form: str
    width: int
    height: int


def read_logo(path: Path) -> Logo:
    """The logo in a file; SettingsError for what is none, or too large."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{path.name} cannot be opened: {error.strerror or type(error).__name__}") from error
    if len(content) > MOST_BYTES:
        raise SettingsError(
            f"{path.name} is larger than {MOST_BYTES // 1000} kB; every report holds it, so make it smaller"
        )
    size, form = _png_size(content), PNG
    if size is None:
        size, form = _jpeg_size(content), JPEG
    if size is None:
        vector = b"<svg" in content[:2000].lower()
        why = "an SVG may hold scripts" if vector else "it is neither a whole PNG nor a whole JPEG"
        raise SettingsError(f"{path.name} cannot be used: {why}; save the logo as PNG")
    if not all(0 < side <= MOST_PIXELS for side in size):
        raise SettingsError(
            f"{path.name} is {size[0]:,} by {size[1]:,} pixels; at most {MOST_PIXELS:,} each way are taken"
        )
    return Logo(content, form, *size)


def _png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height from the first chunk of a PNG that goes to its end."""
    if not content.startswith(_PNG_HEAD) or content[12:16] != b"IHDR" or b"IEND" not in content[-12:]:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height from the frame of a JPEG that goes to its end."""
    if not content.startswith(_JPEG_HEAD) or b"\xff\xd9" not in content[-64:]:
        return None
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 if marker in _ALONE else 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]
    return None
