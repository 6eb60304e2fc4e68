"""From text to values: the SQL that types every needed cell in one pass, and what is left to do after it.

A number or date that SQL cannot read at once keeps its text in a second column, `<name>_text`; in
most files those are empty. Text is trimmed and localized values are looked up afterwards, a
distinct value at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cancel_analysis.catalog.mapping.forms import EMPTY_TEXTS
from cancel_analysis.loaders.parsing import dates, money
from cancel_analysis.loaders.parsing.columns import Field

Mask = npt.NDArray[np.bool_]

_WHOLE = r"\s*[0-9]{1,9}(\.0+)?\s*"


def typing_sql(fields: Sequence[Field], positions: Mapping[str, int], guess: dates.Guess, decimals: int) -> str:
    """The select list that turns the text columns `c<position>` into one typed column a field."""
    parts = []
    for field in fields:
        cell = f"c{positions[field.name]}"
        if field.kind == "id":
            # Ids carry a tab, so that spreadsheets take them for text.
            bare = f"CASE WHEN ends_with({cell}, chr(9)) THEN nullif(left({cell}, -1), '') ELSE {cell} END"
            parts.append(f"{bare} AS {field.name}")
            continue
        if field.kind in ("text", "localized"):
            parts.append(f"{cell} AS {field.name}")
            continue
        if field.kind == "time":
            value = _time_sql(cell, guess)
        elif field.kind == "money":
            value = _matching(cell, money.plain_pattern(decimals), "DOUBLE")
        else:
            value = _matching(cell, _WHOLE, "INTEGER")
        parts += [
            f"{value} AS {field.name}",
            f"CASE WHEN {value} IS NULL THEN {_said(cell)} END AS {field.name}_text",
        ]
    return ", ".join(parts)


def _nonblank(cell: str) -> str:
    return rf"nullif(trim({cell}, ' ' || chr(9) || chr(160)), '')"


def _said(cell: str) -> str:
    """What stands in a cell, unless it says that there is nothing: no number, amount or time is written so."""
    # Not IN, nor list_contains: DuckDB makes a join of every row of them, also of those that a CASE around them passes
    # over, which takes longer than all the rest of a file.
    nothing = "|".join(re.escape(text) for text in EMPTY_TEXTS).replace("'", "''")
    return f"CASE WHEN regexp_full_match(lower({_nonblank(cell)}), '{nothing}') THEN NULL ELSE {_nonblank(cell)} END"


def _matching(cell: str, pattern: str, kind: str) -> str:
    return f"CASE WHEN regexp_full_match({cell}, '{pattern}') THEN CAST({cell} AS {kind}) END"


def _time_sql(cell: str, guess: dates.Guess) -> str:
    # An empty cell of an export is often a lone tab; asking strptime about it would cost more than all the rest.
    first = _strptime(cell, [guess.format])
    rest = _strptime(_nonblank(cell), dates.formats(guess.order))
    return f"CASE WHEN strlen({cell}) > 2 THEN coalesce({first}, {rest}) END"


def _strptime(cell: str, formats: Sequence[str]) -> str:
    texts = ", ".join(f"'{text}'" for text in formats)
    return f"try_strptime({cell}, [{texts}])"


def in_parallel(work: Callable[[str], Any], names: Iterable[str]) -> dict[str, Any]:
    """`work` done for every name, by name; Arrow lets go of the interpreter, so that all cores are used."""
    listed = list(names)
    with ThreadPoolExecutor() as pool:
        return dict(zip(listed, pool.map(work, listed), strict=True))


def trim(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """The columns `names` without blanks around their text; what is empty then is null."""
    texts = in_parallel(lambda name: _trimmed(table[name]), names)
    return pa.table({name: texts.get(name, table[name]) for name in table.column_names})


def _trimmed(text: pa.ChunkedArray) -> pa.ChunkedArray:
    if not _has_blanks(text):
        return text
    text = pc.utf8_trim_whitespace(text)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, text.type), text)


def _has_blanks(text: pa.ChunkedArray) -> bool:
    # Asking is cheap; a trimmed copy of every column would be a third of the time of loading.
    asked = ((pc.ends_with, "\t"), (pc.ends_with, " "), (pc.starts_with, " "))
    return any(pc.any(ask(text, blank)).as_py() for ask, blank in asked)


def drop_impossible_years(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """Times in impossible years become unread texts: `01/07/26` is no day of the year 26."""
    low, high = f"{dates.FIRST_YEAR}-01-01", f"{dates.LAST_YEAR}-12-31"
    for name in names:
        times = dates.stamps(table[name])
        wrong = (times < np.datetime64(low)) | (times > np.datetime64(high))
        if wrong.any():
            texts = pa.array(np.datetime_as_string(times, unit="s"), mask=~wrong).cast(table[f"{name}_text"].type)
            left = pc.coalesce(table[f"{name}_text"], texts)
            table = table.set_column(table.column_names.index(f"{name}_text"), f"{name}_text", left)
            kept = pc.if_else(pa.array(wrong), pa.scalar(None, table[name].type), table[name])
            table = table.set_column(table.column_names.index(name), name, kept)
    return table


def map_distinct(texts: pa.ChunkedArray | pa.Array, look_up: Callable[[str], str | None]) -> pa.Array:
    """`look_up` of every text, asked once a distinct text; null stays null."""
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    encoded = whole.dictionary_encode()
    found = pa.array([look_up(text) for text in encoded.dictionary.to_pylist()], pa.large_string())
    return found.take(encoded.indices)


def read_money(table: pa.Table, name: str, currency: str, decimals: int) -> tuple[pa.Table, dict[str, str]]:
    """Fill money column `name` from its `_text` column; also the reason for each text that is no amount.

    Texts that were read are taken out of the `_text` column, so what stays there is refused.
    """
    texts = table[f"{name}_text"]
    if texts.null_count == len(texts):
        return table, {}
    amounts: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for text in pc.unique(texts).to_pylist():
        if text is None:
            continue
        try:
            amounts[text] = money.parse_money(text, currency, decimals)
        except money.MoneyError as error:
            reasons[text] = str(error)
    encoded = texts.combine_chunks().dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    parsed = pa.array([amounts.get(text) for text in distinct], pa.float64()).take(encoded.indices)
    left = pa.array([text if text in reasons else None for text in distinct], texts.type).take(encoded.indices)
    table = table.set_column(table.column_names.index(name), name, pc.coalesce(table[name], parsed))
    return table.set_column(table.column_names.index(f"{name}_text"), f"{name}_text", left), reasons


def mask(values: pa.ChunkedArray | pa.Array) -> Mask:
    """A truth value a row; null is false."""
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=bool)


def connect(temporary: str, memory: str) -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own that keeps below `memory` and puts what does not fit into the folder `temporary`."""
    return duckdb.connect(
        ":memory:",
        config={
            # With several threads rows come back in another order than the file's, now and then, on a busy machine
            # (seen with DuckDB 2.0): a row's place is its number, and the first one is the header.
            "threads": "1",
            "memory_limit": memory,
            "temp_directory": temporary,
            "arrow_large_buffer_size": "true",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
