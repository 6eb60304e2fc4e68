"""What a file of another house seems to hold: its columns, dates, statuses; guessed by headers and values."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cancel_analysis.catalog.mapping.forms import CUSTOMER, EMPTY_TEXTS, TIMES
from cancel_analysis.catalog.mapping.mappings import read_mapping, shipped
from cancel_analysis.catalog.reasons import find
from cancel_analysis.catalog.shown_words import FEWEST_OF_SENTENCES, is_wording
from cancel_analysis.catalog.values import canonical, header_words, plain_value
from cancel_analysis.loaders.mapped import values as read
from cancel_analysis.loaders.parsing.columns import COUNTRY, ORDERS, plain_name
from cancel_analysis.loaders.parsing.records import LONGEST_CELL
from cancel_analysis.loaders.parsing.sources import Source, open_source

# A column with more distinct values is no status and no list of reasons.
MOST_VALUES = 60
# A word this short means something only when it stands alone.
SHORT_WORD = 4
# Of one column so many different texts are kept: a status has few, and more dates tell no more of their form.
MOST_KEPT = 20_000
# A header with one of these names what should happen, not what did.
NO_EVENTS = ("estimat", "limit", "deadline", "expected", "promised", "scheduled", "latest", "harusdikirimkan")
NUMBERS = ("quantity", "quantity_affected", "unit_price", "line_amount", "order_amount", "order_refund_amount")
MONEY = NUMBERS[2:]
_HELD = re.compile(r"\d[\d/.:-]*")


@dataclass(frozen=True)
class Column:
    """Where a canonical column stands in the file; `sure` when its header is a known one, not only like one."""

    position: int
    header: str
    sure: bool


@dataclass(frozen=True)
class Sheet:
    """An opened file and, for each column, how often each text stands in the whole of it."""

    opened: Source
    counts: tuple[Counter[str], ...]

    @property
    def header(self) -> tuple[str, ...]:
        return self.opened.header

    @property
    def head(self) -> tuple[tuple[str, ...], ...]:
        return self.opened.head

    def texts(self, position: int) -> list[str]:
        """The distinct texts of a column in the whole file."""
        return list(self.counts[position])


def known_headers() -> dict[str, list[str]]:
    """What each canonical column is called: in the words of the catalog, in exports and in shipped mappings."""
    found = {name: [plain_name(word) for word in spelled] for name, spelled in header_words("orders").items()}
    for field in (field for field in ORDERS.fields if field.name != COUNTRY):
        found.setdefault(field.name, []).extend(plain_name(name) for name in field.headers)
    for name in shipped():
        for column, headers in read_mapping(name).orders.columns.items():
            found.setdefault(column, []).extend(plain_name(header) for header in headers)
    return found


def open_sheet(path: Path, known: dict[str, list[str]]) -> Sheet:
    """Open a file as the sheet and with the delimiter that fit the `known` headers best, and count its texts.

    Raises UnreadableFileError for a file that cannot be read.
    """
    names = {name for spellings in known.values() for name in spellings}
    opened = open_source(path, lambda header: sum(plain_name(name) in names for name in header))
    return Sheet(opened, _count_texts(opened))


def _count_texts(source: Source) -> tuple[Counter[str], ...]:
    counts: tuple[Counter[str], ...] = tuple(Counter() for _ in source.header)
    for row in _all_rows(source):
        for cell, counted in zip(row, counts, strict=False):
            text = cell.strip()
            if text and (text in counted or len(counted) < MOST_KEPT) and text.casefold() not in EMPTY_TEXTS:
                counted[text] += 1
    return counts


def _all_rows(source: Source) -> Iterator[Sequence[str]]:
    if source.format != "csv":
        # What the head shows is text already; the rest of a workbook's cells are as they were typed.
        yield from source.head
        yield from ([cell if isinstance(cell, str) else "" for cell in row] for row in source.rows[len(source.head) :])
        return
    csv.field_size_limit(LONGEST_CELL)
    with source.path.open(encoding=source.encoding, errors="replace", newline="") as stream:
        rows = csv.reader(stream, delimiter=source.delimiter)
        next(rows, None)
        try:
            yield from rows
        except csv.Error:
            return


def guess_columns(sheet: Sheet, known: dict[str, list[str]]) -> dict[str, Column]:
    """Which column of the file each canonical one is, by its header (`known`) and by whether its values can be it."""
    headers = [plain_name(name) for name in sheet.header]
    found: dict[str, Column] = {}
    taken: set[int] = set()

    def take(name: str, position: int, sure: bool) -> None:
        if name not in found and position not in taken and _fits(sheet, name, position):
            found[name] = Column(position, sheet.header[position].strip(), sure)
            taken.add(position)

    for name, spellings in known.items():
        for spelling in spellings:
            if spelling in headers:
                take(name, headers.index(spelling), True)
    for name, spellings in known.items():
        for spelling in spellings:
            for position, header in enumerate(headers):
                if len(spelling) >= SHORT_WORD and spelling in header:
                    take(name, position, False)
    if "created_at" not in found:
        for position in range(len(headers)):
            texts = [] if _is_plan(sheet.header[position]) else sheet.texts(position)
            if texts and not _whole_numbers(texts) and date_forms(texts):
                take("created_at", position, False)
    if CUSTOMER in found and not document_rows(sheet, found):
        # Of use only to find the sale of a cancellation that is a document of its own.
        del found[CUSTOMER]
    return found


def _is_plan(header: str) -> bool:
    """Whether a header names a time that is estimated or a limit: it is no event."""
    return any(word in plain_name(header) for word in NO_EVENTS)


def _fits(sheet: Sheet, name: str, position: int) -> bool:
    """Whether the column's values can be what its name suggests; an empty column may be anything."""
    texts = sheet.texts(position)
    if not texts:
        return True
    if name in TIMES:
        return not _is_plan(sheet.header[position]) and bool(date_forms(texts))
    if name in NUMBERS:
        return sum(any(sign.isdigit() for sign in text) and len(text) < 25 for text in texts) > len(texts) / 2
    return True


def _whole_numbers(texts: Sequence[str]) -> bool:
    return all(text.replace(".", "", 1).isdigit() for text in texts)


def date_forms(texts: Sequence[str]) -> list[str]:
    """The forms that together read nearly all texts; dates that state the year first are never taken for others."""
    forms: list[str] = []
    left = list(texts)
    for form in ("ymd", "dmy", "mdy"):
        if len(left) <= len(texts) * 0.1:
            break
        got = read.read_times(left, [form], "UTC").values
        other = {"dmy": "mdy", "mdy": "dmy"}.get(form)
        if other is not None and len(read.read_times(left, [other], "UTC").values) > len(got):
            continue
        if len(got):
            forms.append(form)
            left = [text for text in left if text not in got]
    return forms if len(left) <= len(texts) * 0.1 else []


def guess_stand_ins(sheet: Sheet, found: dict[str, Column]) -> dict[str, str]:
    """What can stand in for the canonical columns that the file has not, or has with gaps."""
    result = {}
    if "line_amount" not in found and "unit_price" in found:
        result["line_amount"] = "unit_price"
    elif "line_amount" in found:
        place = found["line_amount"].position
        if any(any(row) and not row[place].strip() for row in sheet.head if place < len(row)):
            result["line_amount"] = "same_sku"
    if "quantity" not in found:
        result["quantity"] = "1"
    if "sku_id" not in found:
        other = next((name for name in ("seller_sku", "product_id", "product_name") if name in found), None)
        if other is not None:
            result["sku_id"] = other
    if "created_at" not in found and "paid_at" in found:
        result["created_at"] = "paid_at"
    if "paid_at" not in found and "created_at" in found:
        result["paid_at"] = "created_at"
    return result


def document_rows(sheet: Sheet, found: dict[str, Column]) -> list[tuple[str, ...]]:
    """The rows with a negative quantity."""
    if "quantity" not in found or "order_id" not in found:
        return []
    place = found["quantity"].position
    return [row for row in sheet.head if place < len(row) and row[place].strip().startswith("-")]


def listed_values(sheet: Sheet, found: dict[str, Column], name: str) -> dict[str, int]:
    """The values of a column that holds few; texts that differ only in a number or date count as one pattern."""
    if name not in found:
        return {}
    position = found[name].position
    counts = sheet.counts[position]
    patterns: Counter[str] = Counter()
    spelled: dict[str, list[str]] = {}
    for text, count in counts.items():
        held = _HELD.search(text)
        inside = held is not None and len(text) > len(held.group()) + 5
        pattern = "/^" + r"\S+".join(map(_escaped, _HELD.split(text))) + "$/" if inside else text
        patterns[pattern] += count
        spelled.setdefault(pattern, []).append(text)
    most = dict(patterns.most_common(MOST_VALUES))
    orders = _orders_by_text(sheet, found, position, {text for pattern in most for text in spelled[pattern]})
    return {
        pattern: count
        for pattern, count in most.items()
        if _is_known(name, pattern) or is_wording(pattern, sum(len(orders[text]) for text in spelled[pattern]))
    }


def _orders_by_text(
    sheet: Sheet, found: dict[str, Column], position: int, texts: set[str]
) -> defaultdict[str, set[str]]:
    """Some of the orders that have each text, as many as it takes to show it; without order numbers the rows."""
    place = found["order_id"].position if "order_id" in found else None
    orders: defaultdict[str, set[str]] = defaultdict(set)
    for number, row in enumerate(_all_rows(sheet.opened)):
        text = row[position].strip() if position < len(row) else ""
        if text in texts and len(orders[text]) < FEWEST_OF_SENTENCES:
            orders[text].add(row[place].strip() if place is not None and place < len(row) else str(number))
    return orders


def _is_known(name: str, text: str) -> bool:
    """Whether a catalog has a text: it is nobody's own."""
    if name == "cancel_reason_text":
        return find("cancel", text=text) is not None
    return canonical(name, text) is not None


def _escaped(text: str) -> str:
    return re.escape(text).replace("\\ ", " ").replace("\\-", "-")


def guess_word(kind: str, text: str) -> str | None:
    """The canonical value (`kind` is status or initiator) whose words stand in a text."""
    plain = plain_value(text)
    for name, spelled in header_words(kind).items():
        if any(word in plain for word in spelled):
            return name
    return None
