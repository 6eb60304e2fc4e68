"""The columns of a mapped file as texts, before anything is typed or judged."""

from __future__ import annotations

import tempfile

import pandas as pd

from cancel_analysis.catalog.mapping.forms import FileMapping
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.loaders.mapped import values as read
from cancel_analysis.loaders.parsing import fields
from cancel_analysis.loaders.parsing.columns import Match
from cancel_analysis.loaders.parsing.dates import Guess
from cancel_analysis.loaders.parsing.rows import scan
from cancel_analysis.loaders.parsing.sources import Source

MEMORY_LIMIT = "1GB"


def read_texts(
    source: Source, found: Match, mapping: FileMapping, shop: ShopSettings
) -> tuple[pd.DataFrame, dict[int, str]]:
    """The needed columns of a file as texts, and why records of it cannot be cut into cells."""
    with tempfile.TemporaryDirectory(prefix="cancel-analysis-") as temporary:
        with fields.connect(temporary, MEMORY_LIMIT) as connection:
            table, cells = scan(source, found, Guess("ymd", "%Y-%m-%d %H:%M:%S"), shop, connection)
        table = fields.trim(table, table.column_names)
    texts = pd.DataFrame({name: _filled(table[name].to_pandas().astype("str"), mapping) for name in found.positions})
    return texts, cells.faults


def _filled(texts: pd.Series, mapping: FileMapping) -> pd.Series:
    """The texts of a column without those that are written where there is nothing."""
    longest = max(map(len, mapping.empty), default=0)
    nothing = [text for text in read.distinct(texts) if len(text) <= longest and text.casefold() in mapping.empty]
    return texts.where(~texts.isin(nothing), None) if nothing else texts
