"""One line a shop, as the morning brief and the portfolio have it: how it stands, the rate that decides, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from cancel_analysis.catalog.words import BASE, words
from cancel_analysis.exhibits.kinds import ShopRow, ShopRows, Tile, Tiles
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import Speaker

# More would be a book; every shop stands in the files. Tables of shops have as many rows.
MOST_SHOPS = ShopRows.most_rows
# So many names stand in a sentence or a tile.
MOST_NAMES = 3
FRAME_COLUMNS = [
    "shop", "name", "market", "verdict", "word", "rate", "value", "status", "action", "where", "by", "said",
]  # fmt: skip
# What is kept of a tile: its fields as plain values; without one, None.
KeptTile = dict[str, Any] | None


def page_speaker(language: str = BASE) -> Speaker:
    """Words and numbers of a page; shops have currencies of their own, so it has none."""
    return Speaker(words(language or BASE), NumberFormats(language or BASE), "")


def keep_tile(tile: Tile | None) -> KeptTile:
    """The tile as plain values."""
    return None if tile is None else asdict(tile)


def tile_of(kept: KeptTile) -> Tile | None:
    """The tile of plain values; JSON has lists for its tuples."""
    if kept is None:
        return None
    limits = tuple((float(value), str(text)) for value, text in kept["limits"])
    return Tile(**{**kept, "limits": limits, "weeks": tuple(kept["weeks"])})


def rows_exhibit(name: str, rows: Sequence[tuple[str, ShopRow]], voice: Speaker) -> ShopRows:
    """The lines of shops, each with its id, in the order to be read."""
    text = voice.words
    frame = pd.DataFrame(
        [
            (
                shop, row.name, row.market, row.verdict, row.word, row.tile.label if row.tile else "",
                row.tile.value if row.tile else "", row.tile.status if row.tile else "",
                row.action, row.where, row.by, row.said,
            )
            for shop, row in rows
        ],
        columns=FRAME_COLUMNS,
    )  # fmt: skip
    heads = (text("others.shop"), text("shops.rate"), text("shops.weeks"), text("card.title"))
    return ShopRows(name, tuple(row for _, row in rows), heads, frame)


def failure_rows(failures: pd.DataFrame, voice: Speaker) -> list[tuple[str, ShopRow]]:
    """The shops that could not be read, each with its cause."""
    word = voice.words("shops.failed")
    return [
        (str(row["shop"]), ShopRow(str(row["name"]), str(row["market"]), "cannot_tell", word, said=str(row["cause"])))
        for row in failures.to_dict("records")
    ]


def named(names: Sequence[str], voice: Speaker, most: int = MOST_NAMES) -> str:
    """The first names, and how many more there are."""
    said = voice.words.listed(names[:most])
    left = len(names) - most
    return voice.words("headline.more", names=said, count=voice.numbers.count(left)) if left > 0 else said


def tiles_exhibit(name: str, tiles: tuple[Tile, ...]) -> Tiles:
    """The few figures of a page's first screen, with a frame of a row a tile."""
    columns = ("name", "label", "value", "number", "low", "high", "status", "tone", "detail")
    frame = pd.DataFrame([{column: getattr(tile, column) for column in columns} for tile in tiles])
    return Tiles(name, tiles, frame)
