"""What the seller's own systems and the carriers say: stock log, stock snapshots, tracking events.

The files are CSV or XLSX of the kinds in `loaders.parsing.operations`; dates are settled once a file, as in exports.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cancel_analysis import tables
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.catalog.values import tracking_step
from cancel_analysis.loaders.parsing import dates, fields
from cancel_analysis.loaders.parsing.account import check_refused, make_account
from cancel_analysis.loaders.parsing.columns import Match
from cancel_analysis.loaders.parsing.intake import Intake, named_files
from cancel_analysis.loaders.parsing.operations import (
    ONE_OF,
    STOCK_LOG,
    STOCK_SNAPSHOTS,
    TRACKING,
    Kind,
    match_kind,
    open_file,
)
from cancel_analysis.loaders.parsing.refusals import refusal_frame
from cancel_analysis.loaders.parsing.rows import (
    BLANK,
    EMPTY,
    LOST_DIGITS,
    NOT_WHOLE,
    REFUSED,
    USED,
    WRONG_YEAR,
    FileRows,
    check_dates,
    newest_event,
    scan,
    unread_texts,
)
from cancel_analysis.loaders.parsing.sources import Source
from cancel_analysis.loaders.parsing.unknown import unknown_frame
from cancel_analysis.loaders.tiktok_export import MEMORY_LIMIT

LOOK = "Look at this row in the file; if it is damaged, write the file again."
REMEDIES = {LOST_DIGITS: "Write the file again, and load it without opening it in a spreadsheet."}
NO_ARTICLE = "names neither the platform's SKU nor the seller's"
NO_EVENT = "tells no event"
# More digits are no stock of anything.
_WHOLE = re.compile(r"[+-]?\d{1,9}(\.0+)?")
_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+")
_UNIX = re.compile(r"1\d{9}(\d{3})?")
# Who took the parcel, and numbers to call, are a buyer's.
_NAMES = re.compile(
    r"((?:signed|received|accepted|collected|taken) (?:for )?by|signature|recipient|diterima oleh|penerima"
    r"|người nhận|ผู้รับ(?:คือ)?|签收人|收件人)(?:\s*[:：-])?\s*(?!the |a )[^\s,.;].*",
    re.IGNORECASE,
)
_CALLS = re.compile(r"\+?\d[\d ().-]{6,}\d")


def load_stock_log(paths: str | Path | Sequence[str | Path], shop: ShopSettings) -> Intake:
    """STOCK_LOG of one or many files that the seller's own system wrote; times without a zone are the shop's.

    Raises WrongFileError, UnreadableFileError, AmbiguousDatesError and TooManyRefusedError.
    """
    return load_kind(STOCK_LOG, [open_file(*file, STOCK_LOG) for file in named_files(paths)], shop)


def load_stock_snapshots(paths: str | Path | Sequence[str | Path], shop: ShopSettings) -> Intake:
    """STOCK_SNAPSHOTS of one or many files of what the platform showed; errors as in `load_stock_log`."""
    return load_kind(STOCK_SNAPSHOTS, [open_file(*file, STOCK_SNAPSHOTS) for file in named_files(paths)], shop)


def load_tracking(paths: str | Path | Sequence[str | Path], shop: ShopSettings) -> Intake:
    """TRACKING_EVENTS of one or many files of carriers' events; errors as in `load_stock_log`.

    A text that no pattern knows becomes the step "unknown" and is listed in the account.
    """
    return load_kind(TRACKING, [open_file(*file, TRACKING) for file in named_files(paths)], shop)


def load_kind(kind: Kind, sources: Sequence[Source], shop: ShopSettings) -> Intake:
    """The canonical table of files that are known to be of `kind`; equal statements count once."""
    matches = [match_kind(source, kind) for source in sources]
    unknown: Counter[tuple[str, str, str]] = Counter()
    with (
        tempfile.TemporaryDirectory(prefix="cancel-analysis-") as temporary,
        fields.connect(temporary, MEMORY_LIMIT) as connection,
    ):
        files = [_read(source, found, kind, shop, connection) for source, found in zip(sources, matches, strict=True)]
    parts = [_frame(rows, kind, shop, unknown) for rows in files]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    frame = tables.check(tables.conform(frame, kind.table, shop.timezone), kind.table)
    account = make_account(kind.name, files, unknown_frame(unknown), _notes(files, kind))
    check_refused(account, shop)
    return Intake(frame, account)


def _read(
    source: Source, found: Match, kind: Kind, shop: ShopSettings, connection: duckdb.DuckDBPyConnection
) -> FileRows:
    times = [name for name in found.positions if kind.kinds[name] == "time"]
    sample = [row[found.positions[name]] for row in source.head for name in times if found.positions[name] < len(row)]
    guess = dates.guess(sample, shop.date_order)
    table, cells = scan(source, found, guess, shop, connection)
    local = {name: table[name] for name in times}
    exact = {text for text in set(unread_texts(table, times)) if _exact_time(text, shop) is not None}
    unread = [text for text in unread_texts(table, times) if text not in exact]
    decision = dates.decide(local, unread, guess.order, ("at", "sent_at"), shop.date_order)
    check_dates(decision, table, times, cells, source)
    if decision.order is not None and decision.order != guess.order:
        table, cells = scan(source, found, dates.guess(sample, order=decision.order), shop, connection)
    table = fields.trim(table, [name for name in found.positions if kind.kinds[name] != "time"])
    table = fields.drop_impossible_years(table, times)
    for name in times:
        table = _fill_exact(table, name, shop)
    judge = _Judge(source, found, table, cells.faults, kind)
    newest = newest_event(table, times, judge.outcome == USED)
    return FileRows(source, found, table, judge.outcome, judge.row, judge.frame(), decision, newest)


def _exact_time(text: str, shop: ShopSettings) -> datetime | None:
    """A time that can be read in one way only (`2026-11-02T08:00:00.5Z`, Unix seconds or milliseconds), shop-local."""
    zone = ZoneInfo(shop.timezone)
    if _UNIX.fullmatch(text):
        seconds = int(text) / (1000 if len(text) > 10 else 1)
        return datetime.fromtimestamp(seconds, zone).replace(tzinfo=None)
    try:
        # A day alone is no moment.
        moment = datetime.fromisoformat(text) if ":" in text else None
    except ValueError:
        return None
    if moment is None or not dates.FIRST_YEAR <= moment.year <= dates.LAST_YEAR:
        return None
    return moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)


def _fill_exact(table: pa.Table, name: str, shop: ShopSettings) -> pa.Table:
    texts = table[f"{name}_text"]
    if texts.null_count == len(texts):
        return table
    known = {text: _exact_time(text, shop) for text in pc.unique(texts).to_pylist() if text is not None}
    encoded = texts.combine_chunks().dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    read = pa.array([known[text] for text in distinct], pa.timestamp("us")).take(encoded.indices)
    left = pa.array([text if known[text] is None else None for text in distinct], texts.type).take(encoded.indices)
    table = table.set_column(table.column_names.index(name), name, pc.coalesce(table[name].cast(read.type), read))
    return table.set_column(table.column_names.index(f"{name}_text"), f"{name}_text", left)


class _Judge:
    """Gives every row its outcome; a row keeps the first problem that is found in it."""

    def __init__(self, source: Source, found: Match, table: pa.Table, faults: Mapping[int, str], kind: Kind) -> None:
        self.source, self.found, self.table, self.kind = source, found, table, kind
        self.outcome = np.zeros(len(table), dtype=np.int8)
        self.row = np.arange(2, len(table) + 2, dtype=np.int64)
        self.problems: list[tuple[int, str | None, str | None, str]] = []
        for position, fault in faults.items():
            self._refuse(position, None, None, fault)
        empty = np.ones(len(table), dtype=bool)
        for name in table.column_names:
            empty &= fields.mask(pc.is_null(table[name]))
        self.outcome[empty & (self.outcome == USED)] = BLANK
        self._check_times()
        self._check_ids()
        if "stock" in kind.kinds:
            self._check_texts("stock", lambda text: None if _WHOLE.fullmatch(text) else NOT_WHOLE)
        self._check_choice()

    def _refuse(self, position: int, name: str | None, value: str | None, reason: str) -> None:
        if self.outcome[position] == USED:
            self.outcome[position] = REFUSED
            column = None if name is None else self.source.header[self.found.positions[name]].strip()
            self.problems.append((int(self.row[position]), column, value, reason))

    def _check_times(self) -> None:
        for name in self.found.positions:
            if self.kind.kinds[name] != "time":
                continue
            texts = self.table[f"{name}_text"]
            for position in np.flatnonzero(fields.mask(pc.is_valid(texts)) & (self.outcome == USED)):
                text = texts[position].as_py()
                reason = WRONG_YEAR if re.match(r"\d{4}-.*T", text) else "does not fit the dates of the file"
                self._refuse(int(position), name, text, reason)
        self._check_filled("at")

    def _check_ids(self) -> None:
        for name in self.found.positions:
            if self.kind.kinds[name] == "id" or name == "seller_sku":
                self._check_texts(name, lambda text: LOST_DIGITS if _SCIENTIFIC.fullmatch(text) else None)
        for name in self.kind.needed[1:]:
            self._check_filled(name)

    def _check_filled(self, name: str) -> None:
        for position in np.flatnonzero(fields.mask(pc.is_null(self.table[name])) & (self.outcome == USED)):
            self._refuse(int(position), name, None, EMPTY)

    def _check_texts(self, name: str, problem: Callable[[str], str | None]) -> None:
        """Refuse rows whose text has a problem; `problem` is asked once a distinct text."""
        reasons = fields.map_distinct(self.table[name], problem)
        for position in np.flatnonzero(fields.mask(pc.is_valid(reasons)) & (self.outcome == USED)):
            self._refuse(int(position), name, self.table[name][position].as_py(), reasons[position].as_py())

    def _check_choice(self) -> None:
        nothing = np.ones(len(self.table), dtype=bool)
        for name in ONE_OF[self.kind.name]:
            if name in self.found.positions:
                nothing &= fields.mask(pc.is_null(self.table[name]))
        for position in np.flatnonzero(nothing & (self.outcome == USED)):
            self._refuse(int(position), None, None, NO_EVENT if self.kind is TRACKING else NO_ARTICLE)

    def frame(self) -> pd.DataFrame:
        lines = [
            (self.source.label, self.source.sheet, row, column, value, reason, REMEDIES.get(reason, LOOK))
            for row, column, value, reason in sorted(self.problems, key=lambda line: line[0])
        ]
        return refusal_frame(lines)


def _frame(rows: FileRows, kind: Kind, shop: ShopSettings, unknown: Counter[tuple[str, str, str]]) -> pd.DataFrame:
    used = pa.array(rows.outcome == USED)
    columns = {name: rows.table[name].filter(used) for name in rows.match.positions}
    count = int((rows.outcome == USED).sum())
    if "stock" in columns:
        whole = fields.map_distinct(columns["stock"], lambda text: str(int(float(text))))
        columns["stock"] = whole.cast(pa.int64())
    if kind is TRACKING:
        columns |= _tracking_values(columns, rows, unknown)
    given = {name: values.to_pandas() for name, values in columns.items()}
    nothing = pd.Series([None] * count, dtype="object")
    frame = pd.DataFrame({name: given.get(name, nothing) for name in kind.table.names})
    return frame.assign(
        shop_id=shop.id, source_file=rows.source.label, source_row=rows.row[rows.outcome == USED].astype("int64")
    )


def _tracking_values(
    columns: Mapping[str, pa.ChunkedArray], rows: FileRows, unknown: Counter[tuple[str, str, str]]
) -> dict[str, pa.Array]:
    nothing = pa.nulls(int((rows.outcome == USED).sum()), pa.large_string())
    told = {name: columns.get(name, nothing) for name in ("step", "text")}
    found = [fields.map_distinct(told[name], tracking_step) for name in ("step", "text")]
    step = pc.coalesce(*found, pa.scalar("unknown", pa.large_string()))
    lost = fields.mask(pc.equal(step, "unknown"))
    if lost.any():
        name = "text" if "text" in columns else "step"
        where = pa.array(lost)
        masked = fields.map_distinct(pc.coalesce(told["text"].cast(pa.large_string()), told["step"]), _masked)
        for text in masked.filter(where).to_pylist():
            unknown[(rows.match.layout[name].headers[0], text or "", "unknown")] += 1
    return {"step": step, "text": fields.map_distinct(told["text"], _masked)}


def _masked(text: str) -> str:
    """A carrier's text without the name of who took the parcel and without numbers to call."""
    return _CALLS.sub("…", _NAMES.sub(lambda found: f"{found[1]} …", text))


def _notes(files: Sequence[FileRows], kind: Kind) -> list[str]:
    notes = []
    for rows in files:
        if not rows.count(USED):
            notes.append(f"{rows.source.label}: no row of this {kind.title} is used")
        if blank := rows.count(BLANK):
            notes.append(f"{rows.source.label}: {blank:,} empty rows were passed over")
    return notes
