"""Draw rooms.svg, the picture of docs/architecture.md: run it when a room or an arrow changes.

    .venv/bin/python docs/pictures/rooms.py

`tests/test_docs.py` holds it against the code: every room of the contract in pyproject.toml has a place, every arrow
is an import that exists (data flow against it: what a room makes is imported by the next), and rooms.svg is what
`draw` returns.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

# Room → column and row of its box. What the rooms above share stands at the bottom.
PLACES = {
    "rates": (0, 3),
    "loaders": (1, 0),
    "store": (2, 0),
    "dataset": (2, 1),
    "attribution": (1, 1),
    "order_management": (1, 2),
    "benchmarks": (1, 3),
    "diagnosis": (1, 4),
    "study": (2, 2),
    "charts": (3, 1),
    "sections": (3, 2),
    "pages": (4, 1),
    "report": (4, 2),
    "explore": (5, 1),
    "cli": (5, 2),
    "sample": (5, 4),
    "inference": (0, 6),
    "tables": (1, 6),
    "catalog": (2, 6),
    "exhibits": (3, 6),
    "weeks": (4, 6),
    "errors": (5, 6),
    "version": (5, 7),
    "steps": (4, 7),
}
# From a room to one that imports it: the way of the data.
FLOW = (
    ("loaders", "store"),
    ("store", "dataset"),
    ("dataset", "study"),
    ("attribution", "study"),
    ("rates", "order_management"),
    ("rates", "benchmarks"),
    ("rates", "diagnosis"),
    ("order_management", "study"),
    ("benchmarks", "study"),
    ("diagnosis", "study"),
    ("study", "sections"),
    ("charts", "sections"),
    ("sections", "pages"),
    ("sections", "report"),
    ("pages", "report"),
    ("report", "explore"),
    ("report", "cli"),
)
SHARED = 6  # the first row of what all rooms share
BOX_WIDTH, BOX_HEIGHT, COLUMN, ROW, LEFT, TOP = 146, 34, 190, 52, 24, 52
WIDTH, HEIGHT = LEFT + 5 * COLUMN + BOX_WIDTH + 24, TOP + (SHARED + 1) * ROW + BOX_HEIGHT + 24


def corner(room: str) -> tuple[int, int]:
    """The upper left corner of a room's box."""
    column, row = PLACES[room]
    return LEFT + column * COLUMN, TOP + row * ROW


def box(room: str) -> str:
    x, y = corner(room)
    shared = PLACES[room][1] >= SHARED
    fill, line = ("#f3f4f6", "#9aa3ad") if shared else ("#e8f0f8", "#4a78a8")
    return (
        f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5" fill="{fill}" stroke="{line}"/>'
        f'<text x="{x + BOX_WIDTH // 2}" y="{y + 22}" text-anchor="middle">{escape(room)}</text>'
    )


def arrow(start: str, end: str) -> str:
    (x, y), (to_x, to_y) = corner(start), corner(end)
    if x == to_x:  # one above the other
        down = to_y > y
        middle = x + BOX_WIDTH // 2
        points = (middle, y + BOX_HEIGHT * down, middle, to_y + BOX_HEIGHT * (not down))
    else:
        points = (x + BOX_WIDTH, y + BOX_HEIGHT // 2, to_x, to_y + BOX_HEIGHT // 2)
    return '<line x1="{}" y1="{}" x2="{}" y2="{}" marker-end="url(#head)"/>'.format(*points)


def draw() -> str:
    """The picture as SVG."""
    bottom = TOP + SHARED * ROW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="14" fill="#1f2933">',
        "<title>The rooms of the package and the way of the data</title>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#66727f"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="30" font-size="13" fill="#52606d">Data goes from left to right. An arrow points at the '
        "room that imports the other.</text>",
        f'<line x1="{LEFT}" y1="{bottom - 34}" x2="{WIDTH - 24}" y2="{bottom - 34}" stroke="#d5dae0"/>',
        f'<text x="{LEFT}" y="{bottom - 14}" font-size="13" fill="#52606d">What the rooms above have in common</text>',
        '<g stroke="#66727f" stroke-width="1.4" fill="none">',
        *(arrow(start, end) for start, end in FLOW),
        "</g>",
        *(box(room) for room in PLACES),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    (Path(__file__).resolve().parent / "rooms.svg").write_text(draw(), encoding="utf-8")
