"""The intake account: every row of every file, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import Place, TooManyRefusedError
from cancel_analysis.loaders.parsing.money import OTHER_CURRENCY, currency_of
from cancel_analysis.loaders.parsing.refusals import COLUMNS
from cancel_analysis.loaders.parsing.rows import BLANK, DESCRIPTION, REFUSED, SAMPLE, SUPERSEDED, USED, FileRows

FATES = ("description", "samples", "superseded", "refused", "used")
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
    "superseded": "superseded by a newer file",
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

    def frame(self) -> pd.DataFrame:
        """The account as a small table: cause, rows."""
        return pd.DataFrame({"cause": list(CAUSES.values()), "rows": [getattr(self, name) for name in CAUSES]})


def make_account(kind: str, files: Sequence[FileRows], unknown_values: pd.DataFrame, notes: Sequence[str]) -> Account:
    """Count the fates of all rows."""
    lines = []
    for rows in files:
        counts = {name: rows.count(code) for name, code in _CODES.items()}
        lines.append(
            {
                "file": rows.source.label,
                "format": rows.source.format,
                "sheet": rows.source.sheet,
                "rows": len(rows.fate) - rows.count(BLANK),
                **counts,
                "date_order": rows.decision.order,
                "date_order_basis": rows.decision.basis,
                "newest": pd.NaT if rows.newest is None else pd.Timestamp(rows.newest),
            }
        )
    table = pd.DataFrame(lines)
    refusals = pd.concat([rows.refusals for rows in files], ignore_index=True)
    totals = {name: int(table[name].sum()) for name in ("rows", *FATES)}
    return Account(
        kind=kind,
        files=table,
        refusals=refusals[COLUMNS],
        unknown_values=unknown_values,
        notes=tuple(notes),
        **totals,
    )


def not_understood(account: Account) -> int:
    """How many refused rows count against the limit: not those whose only fault is that another file is missing."""
    return account.refused - int((account.refusals["reason"] == NO_SALE).sum())


def check_refused(account: Account, shop: ShopSettings) -> None:
    """Raise TooManyRefusedError when a larger share of the rows than the shop's `refuse_limit` was refused."""
    limit = shop.refuse_limit
    rows = account.rows - account.description
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
    foreign = account.refusals.loc[account.refusals["reason"] == OTHER_CURRENCY, "value"]
    if len(foreign) > rows / 2:
        found = foreign.map(lambda value: currency_of(str(value))).mode()
        lines.insert(
            0,
            f"amounts are in {', '.join(found) or 'another currency'}, but market {shop.market} means "
            f"{shop.currency}: is the market right?",
        )
        remedy = (
            f"Set the market of the shop that these files are of, in shops.yaml or with --market (now {shop.market})."
        )
    elif account.refused <= rows / 2:
        # Of a file that is lost for the most part, what is left is no picture of the shop.
        remedy += " To go on without these rows, raise 'refuse_limit' of the shop in shops.yaml."
    raise TooManyRefusedError(
        f"{account.refused:,} of {rows:,} {account.kind} rows had to be refused "
        f"({account.refused / rows:.1%}; the limit is {limit:.1%}):\n  " + "\n  ".join(lines),
        remedy=remedy,
    )
