"""The intake account: every row of every file, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import Place, TooManyRefusedError, option
from cancel_analysis.loaders.parsing.refusals import COLUMNS
from cancel_analysis.loaders.parsing.rows import BLANK, DESCRIPTION, REFUSED, SAMPLE, SUPERSEDED, USED, FileRows
from cancel_analysis.loaders.parsing.unread import foreign_rows, unread_notes

OUTCOMES = ("description", "samples", "superseded", "refused", "used")
_CODES = {
    "description": DESCRIPTION,
    "samples": SAMPLE,
    "superseded": SUPERSEDED,
    "refused": REFUSED,
    "used": USED,
}
CAUSES = {
    "rows": "rows read",
    "description": "description of the columns",
    "samples": "free samples",
    "superseded": "counted in another row: in a newer file, or the same row again",
    "refused": "refused",
    "used": "used",
}
# What a row that is left out for it says was understood: the fault lies in what is not there.
NO_SALE = "cancels a sale that is in none of the files"
# How many reasons a message about refused rows names.
MOST_REASONS = 3


@dataclass(frozen=True)
class Account:
    """Rows in = description + samples + superseded + refused + used, for one kind of export.

    `files` has a row a file, `refusals` a row a refused row with its place, `unknown_values` a row
    for each localized value that no catalog has, with what it was taken as.
    """

    kind: str
    rows: int
    description: int
    samples: int
    superseded: int
    refused: int
    used: int
    files: pd.DataFrame
    refusals: pd.DataFrame
    unknown_values: pd.DataFrame
    notes: tuple[str, ...] = ()
    # A row a status: status, rows (used and refused), refused, undated (used, but in no rate of a period).
    by_status: pd.DataFrame = field(default_factory=lambda: _no_statuses())
    # Currencies other than the shop's, where most amounts of every file of orders are in one of them, and the rows.
    foreign: tuple[str, ...] = ()
    foreign_rows: int = 0
    # Those of the notes that say why these files may be of more than one shop.
    mixed: tuple[str, ...] = ()
    # Those of the notes that say what tables came to that were joined.
    joined: tuple[str, ...] = ()
    # A row a thing that was found in the files or looked for: see `understood_frame`.
    understood: pd.DataFrame = field(default_factory=lambda: understood_frame([]))

    def frame(self) -> pd.DataFrame:
        """The account as a small table: cause, rows."""
        return pd.DataFrame({"cause": list(CAUSES.values()), "rows": [getattr(self, name) for name in CAUSES]})

    @property
    def undated(self) -> int:
        """Used rows of orders of which no file says when they were placed."""
        return int(self.by_status["undated"].sum())

    @property
    def bias(self) -> Bias:
        """What refused and undated rows take from the share of cancelled ones."""
        table = self.by_status[self.by_status["status"] != "unknown"]
        cancelled = table[table["status"] == "cancelled"]
        gone = table["refused"] + table["undated"]
        return Bias(
            lost=int(gone.sum()),
            lost_cancelled=int(gone[cancelled.index].sum()),
            rows=int(table["rows"].sum()),
            cancelled=int(cancelled["rows"].sum()),
        )


@dataclass(frozen=True)
class Bias:
    """Rows with a status, how many of them no rate counts (`lost`), and the cancelled ones of both."""

    lost: int
    lost_cancelled: int
    rows: int
    cancelled: int

    @property
    def share_counted(self) -> float:
        """The share of cancelled rows among those that rates count; NaN when there are none."""
        left = self.rows - self.lost
        return (self.cancelled - self.lost_cancelled) / left if left else float("nan")

    @property
    def share_all(self) -> float:
        """The share of cancelled rows among all; NaN when there are none."""
        return self.cancelled / self.rows if self.rows else float("nan")

    @property
    def too_low_by(self) -> float:
        """By how much a rate of cancellations may be too low, as a fraction; 0 when the loss is no heavier on them."""
        return max(0.0, self.share_all - self.share_counted) if self.lost_cancelled else 0.0


UNDERSTOOD = ["file", "what", "in_file", "taken_as", "rows", "state", "basis"]


def understood_frame(lines: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    """A frame of what was understood: file (empty: all of them together), what, in_file, taken_as, rows, state, basis.

    `what` is columns, statuses, initiators, reasons, return types, stand-ins, dates, money, cells or rows; `state`
    is read, not read, missing, stood in for, known, unknown or refused; `basis` says how sure a known text is.
    """
    frame = pd.DataFrame(lines, columns=UNDERSTOOD)
    texts = {name: frame[name].astype("str") for name in UNDERSTOOD if name != "rows"}
    return frame.assign(**texts, rows=frame["rows"].astype("Int64"))


STATUS_COLUMNS = ["status", "rows", "refused", "undated"]


def _no_statuses() -> pd.DataFrame:
    return pd.DataFrame({"status": pd.Series(dtype="str"), **{n: pd.Series(dtype="int64") for n in STATUS_COLUMNS[1:]}})


def tally_statuses(files: Sequence[FileRows]) -> pd.DataFrame:
    """Used and refused rows by what their status says; empty where no file tells statuses."""
    parts = []
    for rows in files:
        if rows.statuses is None:
            continue
        undated = np.zeros(len(rows.outcome), dtype=bool) if rows.undated is None else rows.undated
        frame = pd.DataFrame(
            {
                "status": rows.statuses.astype("str").fillna("unknown").to_numpy(),
                "rows": 1,
                "refused": rows.outcome == REFUSED,
                "undated": undated & (rows.outcome == USED),
            }
        )
        parts.append(frame[np.isin(rows.outcome, (USED, REFUSED))])
    if not parts or not sum(map(len, parts)):
        return _no_statuses()
    tally = pd.concat(parts).groupby("status")[STATUS_COLUMNS[1:]].sum().astype("int64").reset_index()
    return tally.sort_values("rows", ascending=False, ignore_index=True)


def _foreign(files: Sequence[FileRows]) -> tuple[tuple[str, ...], int]:
    """The currencies in which most amounts of every file are, and the rows; none where some file's are the shop's."""
    found: set[str] = set()
    count = 0
    for rows in files:
        if not rows.count(USED):
            continue
        where, currencies = foreign_rows(rows.unread, rows.outcome == USED)
        if where.sum() <= rows.count(USED) / 2:
            return (), 0
        found |= set(currencies)
        count += int(where.sum())
    return tuple(sorted(found)), count


def make_account(
    kind: str,
    files: Sequence[FileRows],
    unknown_values: pd.DataFrame,
    notes: Sequence[str],
    mixed: Sequence[str] = (),
    joined: Sequence[str] = (),
    understood: pd.DataFrame | None = None,
) -> Account:
    """Count what became of all rows; `mixed` and `joined` are notes that an Account has under these names too."""
    lines = []
    for rows in files:
        counts = {name: rows.count(code) for name, code in _CODES.items()}
        lines.append(
            {
                "file": rows.source.label,
                "format": rows.source.format,
                "sheet": rows.source.sheet,
                "rows": len(rows.outcome) - rows.count(BLANK),
                **counts,
                "twice": rows.twice,
                "date_order": rows.decision.order,
                "date_order_basis": rows.decision.basis,
                "newest": pd.NaT if rows.newest is None else pd.Timestamp(rows.newest),
            }
        )
    table = pd.DataFrame(lines)
    refusals = pd.concat([rows.refusals for rows in files], ignore_index=True)
    foreign, foreign_count = _foreign(files) if kind == "orders" else ((), 0)
    totals = {name: int(table[name].sum()) for name in ("rows", *OUTCOMES)}
    return Account(
        kind=kind,
        files=table,
        refusals=refusals[COLUMNS],
        unknown_values=unknown_values,
        notes=(*mixed, *notes, *joined, *(note for rows in files for note in _unread(rows))),
        by_status=tally_statuses(files),
        foreign=foreign,
        foreign_rows=foreign_count,
        mixed=tuple(mixed),
        joined=tuple(joined),
        understood=understood_frame([]) if understood is None else understood,
        **totals,
    )


def _unread(rows: FileRows) -> list[str]:
    return unread_notes(rows.source.label, rows.unread, rows.outcome == USED, rows.row, rows.statuses)


def wrong_market(account: Account, shop: ShopSettings) -> str:
    """What to say where the amounts of all files are in another currency than the shop's; empty where they are not.

    As with refused rows, a shop's `refuse_limit` says how many of them are too many.
    """
    if account.foreign_rows <= shop.refuse_limit * account.rows:
        return ""
    return (
        f"amounts are in {', '.join(account.foreign)}, but market {shop.market} means {shop.currency}: "
        "is the market right?"
    )


def not_understood(account: Account) -> int:
    """How many refused rows count against the limit: not those whose only fault is that another file is missing."""
    return account.refused - int((account.refusals["reason"] == NO_SALE).sum())


def check_refused(account: Account, shop: ShopSettings) -> None:
    """Raise TooManyRefusedError when a larger share of the rows than the shop's `refuse_limit` was refused."""
    limit = shop.refuse_limit
    rows = account.rows - account.description
    if wrong := wrong_market(account, shop):
        raise TooManyRefusedError(
            wrong,
            remedy="Set the market of the shop that these files are of, in shops.yaml or with "
            f"{option('market')} (now {shop.market}), or its currency.",
        )
    if not rows or not_understood(account) / rows <= limit:
        return
    groups = account.refusals.groupby("reason", sort=False)
    largest = groups.size().sort_values(ascending=False, kind="stable").head(MOST_REASONS)
    lines = []
    for reason, count in largest.items():
        first = account.refusals[account.refusals["reason"] == reason].iloc[0]
        # Only a known part is shown; pandas keeps an unknown one as not-a-number.
        known = {str(name): part for name, part in first.items() if not pd.isna(part)}
        place = Place(known.get("file"), known.get("sheet"), int(first["row"]), known.get("column"), known.get("value"))
        lines.append(f"{count:,} × {reason} (first: {place})")
    reasons = account.refusals["remedy"].mode()
    remedy = reasons.iloc[0]
    if account.bias.too_low_by:
        bias = account.bias
        lines.append(
            f"{bias.lost_cancelled:,} of {bias.lost:,} rows that no rate would count are cancelled ones: without them "
            f"{bias.share_counted:.1%} of the rows are cancelled, with them {bias.share_all:.1%}"
        )
        remedy += " Going on without these rows would make the cancellation rates too low."
    elif account.refused <= rows / 2:
        # Of a file that is lost for the most part, what is left is no picture of the shop.
        remedy += " To go on without these rows, raise 'refuse_limit' of the shop in shops.yaml."
    raise TooManyRefusedError(
        f"{account.refused:,} of {rows:,} {account.kind} rows had to be refused "
        f"({account.refused / rows:.1%}; the limit is {limit:.1%}):\n  " + "\n  ".join(lines),
        remedy=remedy,
    )
