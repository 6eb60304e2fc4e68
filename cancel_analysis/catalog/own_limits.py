"""A user's own file of limits, in the columns of ``data/limits.csv``, checked row by row.

A limit that was read wrongly gives a wrong verdict without a sign; so each cell is held to what the
rates and the catalog know, and an error names the line and the column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

from cancel_analysis.catalog.markets import market as find_market
from cancel_analysis.catalog.rates import BASES, MEASURES, RATES
from cancel_analysis.catalog.rates import FBT as COUNTED_APART
from cancel_analysis.errors import SettingsError

COLUMNS = (
    "id", "pack", "markets", "metric", "tier", "window_days", "denominator", "date_basis", "comparison", "value",
    "value_low", "minimum_orders", "force", "effect", "source", "valid_from", "valid_to", "confidence", "scope", "note",
)  # fmt: skip
# Columns that a file may leave out; empty, they say nothing.
OPTIONAL = (
    "event", "fbt_numerator", "fbt_denominator", "cap", "many_from", "effect_many", "product_value", "assumption",
    "checked",
)  # fmt: skip
EVERY_MARKET = "*"
REFERENCE = "reference"
# Best first: of two deadlines for the same thing the surer one counts.
CONFIDENCES = ("official", "third_party", "unverified")
COMPARISONS = ("<=", "<")
# enforced: the platform acts · target: it states an aim · reference: a figure to look at, no limit.
FORCES = ("enforced", "target", REFERENCE)
# What a rate counts or a deadline waits for.
EVENTS = ("cancelled", "ready_to_ship", "shipped", "in_transit", "out_for_delivery", "returned")
UNKNOWN = "unknown"
# What becomes of orders that the platform fulfils.
FBT = ("in", "out", UNKNOWN)
# What is ours where the source does not say it; the words stand under `assumption` in the set of words.
ASSUMPTIONS = ("window", "window_third_party", "fbt_third_party", "denominator", "dispatch_days")
# Columns that the steps of one limit share.
SHARED = (
    "metric", "window_days", "denominator", "date_basis", "force", "confidence", "fbt_numerator", "fbt_denominator",
)  # fmt: skip
LONGEST_WINDOW = 366


def own_rows(path: Path) -> list[dict[str, str]]:
    """The checked rows of a file of limits, cells stripped, markets by their codes.

    Raises SettingsError with the file's name, the line (the header is 1), the column and the remedy.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{path.name} cannot be opened: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.name} is not UTF-8 text; save it as CSV UTF-8") from error
    numbered = list(_records(text, path.name))
    if not numbered:
        raise SettingsError(f"{path.name} holds no limit; write a row for each below the header")
    for line, row in numbered:
        _check(row, f"{path.name}, line {line}")
    _check_steps(numbered, path.name)
    return [row for _, row in numbered]


def _records(text: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    first = text.partition("\n")[0]
    # Spreadsheets of many countries write CSV with semicolons.
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [cell.strip() for cell in next(reader, [])]
    missing = [column for column in COLUMNS if column not in header]
    unknown = [column for column in header if column not in (*COLUMNS, *OPTIONAL)]
    if missing or unknown:
        what = f"column {missing[0]!r} is missing" if missing else f"unknown column {unknown[0]!r}"
        raise SettingsError(
            f"{name}, line 1: {what}; the columns are {', '.join(COLUMNS)}; may be left out: {', '.join(OPTIONAL)}"
        )
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise SettingsError(
                f"{name}, line {reader.line_num}: {len(cells)} cells where the header has {len(header)}; "
                "put a text that holds a comma into quotes"
            )
        given = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
        yield reader.line_num, {**dict.fromkeys(OPTIONAL, ""), **given}


def _check(row: dict[str, str], where: str) -> None:
    def refuse(column: str, what: str) -> SettingsError:
        return SettingsError(f"{where}, column {column!r}: {what}, not {row[column]!r}")

    for column in ("id", "pack", "markets", "source"):
        if not row[column]:
            raise refuse(column, "must not be empty")
    choices = {
        "metric": tuple(RATES), "denominator": tuple(MEASURES), "date_basis": BASES, "force": FORCES,
        "confidence": CONFIDENCES,
    }  # fmt: skip
    for column, known in choices.items():
        if row[column] not in known:
            raise refuse(column, f"must be one of {', '.join(known)}")
    for column, known in {"event": EVENTS, "fbt_numerator": FBT, "fbt_denominator": FBT}.items():
        if row[column] and row[column] not in known:
            raise refuse(column, f"must be one of {', '.join(known)}, or empty")
    measures = {"fbt_numerator": RATES[row["metric"]].numerator, "fbt_denominator": row["denominator"]}
    for column, measure in measures.items():
        if row[column] == "out" and measure + COUNTED_APART not in MEASURES:
            raise refuse(
                column, f"must be in or {UNKNOWN}, as orders of the platform's are not told apart in {measure!r}"
            )
    for key in filter(None, row["assumption"].split(";")):
        if key not in ASSUMPTIONS:
            raise refuse("assumption", f"must be of {', '.join(ASSUMPTIONS)} (semicolons between), or empty")
    if row["markets"] != EVERY_MARKET:
        row["markets"] = ";".join(_market(code.strip(), refuse) for code in row["markets"].split(";"))
    row["tier"] = row["tier"] or "0"
    row["minimum_orders"] = row["minimum_orders"] or "0"
    row["many_from"] = row["many_from"] or "0"
    counts = (
        ("window_days", 1, LONGEST_WINDOW),
        ("tier", 0, 99),
        ("minimum_orders", 0, 10**9),
        ("many_from", 0, 10**9),
    )
    for column, low, high in counts:
        if not row[column].isdecimal() or not low <= int(row[column]) <= high:
            raise refuse(column, f"must be a whole number from {low} to {high}")
    if row["force"] != REFERENCE and row["comparison"] not in COMPARISONS:
        raise refuse("comparison", f"must be {' or '.join(COMPARISONS)} (what is allowed)")
    if row["value"] or row["force"] != REFERENCE:
        _share(row, "value", refuse)
    for column in ("value_low", "product_value"):
        if row[column]:
            _share(row, column, refuse)
    # No sale at all is a cap too.
    if row["cap"] and row["cap"] != "0":
        _share(row, "cap", refuse)
    days: dict[str, date | None] = {}
    for column in ("valid_from", "valid_to", "checked"):
        try:
            days[column] = date.fromisoformat(row[column]) if row[column] else None
        except ValueError as error:
            raise refuse(column, "must be a day such as 2026-01-31, or empty") from error
    first, last = days["valid_from"], days["valid_to"]
    if first and last and first > last:
        raise refuse("valid_to", f"must not be before valid_from ({first})")


def _market(code: str, refuse: Callable[[str, str], SettingsError]) -> str:
    try:
        return find_market(code).code
    except SettingsError as error:
        raise refuse("markets", f"{error} (semicolons between, or {EVERY_MARKET})") from error


def _share(row: dict[str, str], column: str, refuse: Callable[[str, str], SettingsError]) -> None:
    try:
        value = float(row[column])
    except ValueError as error:
        raise refuse(column, "must be a share such as 0.025 for 2.5 %") from error
    if not 0 < value < 1:
        raise refuse(column, "must be a share between 0 and 1, such as 0.025 for 2.5 %")


def _check_steps(numbered: list[tuple[int, dict[str, str]]], name: str) -> None:
    """The steps of one limit must be of one kind, each once, and rise."""
    steps: dict[tuple[str, str, str], list[tuple[int, dict[str, str]]]] = {}
    for line, row in numbered:
        for code in row["markets"].split(";"):
            steps.setdefault((row["pack"], code, row["id"]), []).append((line, row))
    for found in steps.values():
        ordered = sorted(found, key=lambda step: int(step[1]["tier"]))
        for (_, lower), (line, upper) in pairwise(ordered):
            where = f"{name}, line {line}"
            if lower["tier"] == upper["tier"]:
                raise SettingsError(
                    f"{where}, column 'tier': step {upper['tier']} of limit {upper['id']!r} stands twice for a market"
                )
            differing = [column for column in SHARED if lower[column] != upper[column]]
            if differing:
                raise SettingsError(
                    f"{where}, column {differing[0]!r}: the steps of limit {upper['id']!r} must have the same"
                )
            if lower["value"] and upper["value"] and float(lower["value"]) >= float(upper["value"]):
                raise SettingsError(f"{where}, column 'value': the steps of limit {upper['id']!r} must rise")
