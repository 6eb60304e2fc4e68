"""A first mapping from a file's header and values, for a person to finish: guesses say so, gaps are marked `# ?`."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cancel_analysis.catalog.mapping.forms import CUSTOMER, EMPTY_TEXTS, NEEDED, TIMES
from cancel_analysis.catalog.mapping.mappings import read_mapping, shipped
from cancel_analysis.catalog.reasons import find
from cancel_analysis.catalog.shown_words import FEWEST_OF_SENTENCES, HIDDEN, is_wording, looks_personal
from cancel_analysis.catalog.values import canonical, header_words, plain_value
from cancel_analysis.loaders.mapped import values as read
from cancel_analysis.loaders.mapped.rows import fitting_mappings
from cancel_analysis.loaders.parsing.columns import COUNTRY, ORDERS, plain_name
from cancel_analysis.loaders.parsing.records import LONGEST_CELL
from cancel_analysis.loaders.parsing.sources import Source, open_source

GUESSED, OPEN = "# guessed", "# ?"
# A column with more distinct values is no status and no list of reasons.
MOST_VALUES = 60
# A word this short means something only when it stands alone.
SHORT_WORD = 4
# Of one column so many different texts are kept: a status has few, and more dates tell no more of their form.
MOST_KEPT = 20_000
# A header with one of these names what should happen, not what did.
NO_EVENTS = ("estimat", "limit", "deadline", "expected", "promised", "scheduled", "latest", "harusdikirimkan")
# From this share of the orders of several lines on, an amount that is the same on all lines is the order's.
REPEATED = 0.9
FEWEST_REPEATED = 5
NUMBERS = ("quantity", "quantity_affected", "unit_price", "line_amount", "order_amount", "order_refund_amount")
MONEY = NUMBERS[2:]
_HELD = re.compile(r"\d[\d/.:-]*")


@dataclass(frozen=True)
class _Column:
    position: int
    header: str
    sure: bool


@dataclass(frozen=True)
class _Sheet:
    """An opened file and, for each column, how often each text stands in the whole of it."""

    opened: Source
    counts: tuple[Counter[str], ...]

    @property
    def header(self) -> tuple[str, ...]:
        return self.opened.header

    @property
    def head(self) -> tuple[tuple[str, ...], ...]:
        return self.opened.head

    @property
    def label(self) -> str:
        return self.opened.label


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


def draft_mapping(path: str | Path) -> str:
    """A mapping as YAML text, drafted from one file of orders. What is uncertain is marked in comments.

    Raises UnreadableFileError for a file that cannot be read.
    """
    known = _spellings()
    names = {name for spellings in known.values() for name in spellings}
    opened = open_source(Path(path), lambda header: sum(plain_name(name) in names for name in header))
    source = _Sheet(opened, _count_texts(opened))
    return "\n".join(_lines(source, _guess_columns(source, known))) + "\n"


def _spellings() -> dict[str, list[str]]:
    """What each canonical column is called: in the words of the catalog, in exports and in shipped mappings."""
    found = {name: [plain_name(word) for word in spelled] for name, spelled in header_words("orders").items()}
    for field in (field for field in ORDERS.fields if field.name != COUNTRY):
        found.setdefault(field.name, []).extend(plain_name(name) for name in field.headers)
    for name in shipped():
        for column, headers in read_mapping(name).orders.columns.items():
            found.setdefault(column, []).extend(plain_name(header) for header in headers)
    return found


def _guess_columns(source: _Sheet, known: dict[str, list[str]]) -> dict[str, _Column]:
    headers = [plain_name(name) for name in source.header]
    found: dict[str, _Column] = {}
    taken: set[int] = set()

    def take(name: str, position: int, sure: bool) -> None:
        if name not in found and position not in taken and _fits(source, name, position):
            found[name] = _Column(position, source.header[position].strip(), sure)
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
            texts = [] if _is_plan(source.header[position]) else _texts(source, position)
            if texts and not _whole_numbers(texts) and _date_forms(texts):
                take("created_at", position, False)
    if CUSTOMER in found and not _documents(source, found):
        # Of use only to find the sale of a cancellation that is a document of its own.
        del found[CUSTOMER]
    return found


def _is_plan(header: str) -> bool:
    """Whether a header names a time that is estimated or a limit: it is no event."""
    return any(word in plain_name(header) for word in NO_EVENTS)


def _fits(source: _Sheet, name: str, position: int) -> bool:
    """Whether the column's values can be what its name suggests; an empty column may be anything."""
    texts = _texts(source, position)
    if not texts:
        return True
    if name in TIMES:
        return not _is_plan(source.header[position]) and bool(_date_forms(texts))
    if name in NUMBERS:
        return sum(any(sign.isdigit() for sign in text) and len(text) < 25 for text in texts) > len(texts) / 2
    return True


def _texts(source: _Sheet, position: int) -> list[str]:
    """The distinct texts of a column in the whole file."""
    return list(source.counts[position])


def _counts(source: _Sheet, position: int) -> Counter[str]:
    return source.counts[position]


def _whole_numbers(texts: Sequence[str]) -> bool:
    return all(text.replace(".", "", 1).isdigit() for text in texts)


def _date_forms(texts: Sequence[str]) -> list[str]:
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


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _lines(source: _Sheet, found: dict[str, _Column]) -> Iterator[str]:
    yield f"# A draft from {source.label}. Look at every line marked '{GUESSED}', and finish those marked '{OPEN}';"
    yield "# then: cancel-analysis check --mapping THIS-FILE.yaml " + _quoted(source.label)
    fitting = fitting_mappings(source.header)
    if fitting:
        yield f"# The shipped mapping {fitting[0]!r} fits this file as it is: try it before this draft."
    yield f"title: {_quoted(source.opened.path.stem)}  {OPEN} the platform or house"
    yield f"# market: ID  {OPEN} with currency and time zone, where the shop itself does not say them"
    yield from _money(source, found)
    yield from _dates(source, found)
    yield ""
    yield "orders:"
    yield "  columns:"
    for name, column in found.items():
        note = "" if column.sure else f"  {GUESSED}"
        if doubt := _doubt(source, found, name):
            note = f"  {OPEN} {doubt}"
        yield f"    {name}: {_quoted(column.header)}{note}"
    stand_ins = _stand_ins(source, found)
    for name in NEEDED["orders"]:
        if name not in found and name not in stand_ins:
            yield f'    {name}: "?"  {OPEN} needed; none of the columns looks like it'
    rest = [
        name.strip()
        for position, name in enumerate(source.header)
        if name.strip() and position not in {column.position for column in found.values()}
    ]
    if rest:
        # A file without a header has a buyer's data in its first row.
        shown = [name if not looks_personal(name) else HIDDEN for name in rest]
        yield "    # Not read (leave out whatever is about the buyer): " + ", ".join(shown)
    if stand_ins:
        yield "  stand_ins:"
        for name, other in stand_ins.items():
            yield f"    {name}: [{other}]  {GUESSED}"
    yield f"  equal_lines: genuine  {OPEN} or duplicates: is the same line twice one line?"
    yield from _statuses(source, found)
    yield from _initiators(source, found)
    yield from _reasons(source, found)
    yield from _cancellation(source, found)


def _doubt(source: _Sheet, found: dict[str, _Column], name: str) -> str:
    """What speaks against an amount's being a line's: it repeats in orders, or is 0 on cancelled lines alone."""
    if name != "line_amount" or "order_id" not in found:
        return ""
    place = found[name].position
    rows = [row for row in source.head if max(place, found["order_id"].position) < len(row) and row[place].strip()]
    of_order: dict[str, list[str]] = {}
    for row in rows:
        of_order.setdefault(row[found["order_id"].position].strip(), []).append(row[place].strip())
    several = [amounts for amounts in of_order.values() if len(amounts) > 1]
    if len(several) >= FEWEST_REPEATED and sum(len(set(one)) == 1 for one in several) >= REPEATED * len(several):
        return "it is the same on every line of an order: the order's amount (order_amount), no line's"
    if "status" in found:
        status = found["status"].position
        gone = [row for row in rows if status < len(row) and _guess_word("status", row[status]) == "cancelled"]
        zero = [row for row in gone if not row[place].strip(" 0.,")]
        if gone and len(zero) >= REPEATED * len(gone):
            return (
                "it is 0 on cancelled lines: what they were worth is not known (cancellation: {zero_amount: missing})"
            )
    return ""


def _stand_ins(source: _Sheet, found: dict[str, _Column]) -> dict[str, str]:
    result = {}
    if "line_amount" not in found and "unit_price" in found:
        result["line_amount"] = "unit_price"
    elif "line_amount" in found:
        place = found["line_amount"].position
        if any(any(row) and not row[place].strip() for row in source.head if place < len(row)):
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


def _money(source: _Sheet, found: dict[str, _Column]) -> Iterator[str]:
    texts = [text for name in MONEY if name in found for text in _texts(source, found[name].position)]
    numbers = [re.sub(r"[^\d.,]", "", text).strip(".,") for text in texts]
    marks = Counter(mark for number in numbers for mark in set(number) if mark in ".,")
    if not marks:
        return
    groups = {mark: sum(bool(re.fullmatch(rf"\d{{1,3}}(\{mark}\d{{3}})+", n)) for n in numbers) for mark in ".,"}
    cents = {mark: sum(bool(re.search(rf"\{mark}\d{{1,2}}$", n)) for n in numbers) for mark in ".,"}
    if groups["."] > cents["."] and not cents[","]:
        lost = any(re.search(r"\.\d{1,2}$", number) for number in numbers)
        shown = next((number for number in numbers if re.search(r"\.\d{1,2}$", number)), "")
        note = f"{GUESSED}: {shown} has lost its last zeros" if lost else GUESSED
        yield f'money: {{thousands: ".", decimal: ",", lost_zeros: {str(lost).lower()}}}  {note}'
    elif cents[","] > cents["."]:
        yield f'money: {{thousands: ".", decimal: ","}}  {GUESSED}'
    elif cents["."] or groups[","]:
        yield f'money: {{thousands: ",", decimal: "."}}  {GUESSED}'


def _dates(source: _Sheet, found: dict[str, _Column]) -> Iterator[str]:
    texts = [text for name, column in found.items() if name in TIMES for text in _texts(source, column.position)]
    forms = _date_forms(list(dict.fromkeys(texts))) if texts else []
    if not forms:
        yield f"dates: [ymd, dmy, mdy]  {OPEN} which of them the file has"
        return
    split = {"dmy", "mdy"} & set(forms)
    both = split and all(len(read.read_times(texts, [form], "UTC").reasons) == 0 for form in ("dmy", "mdy"))
    note = f"{OPEN} day or month first? no date here has a day past 12" if both else GUESSED
    yield f"dates: [{', '.join(_quoted(form) if '%' in form else form for form in forms)}]  {note}"


def _guess_word(kind: str, text: str) -> str | None:
    plain = plain_value(text)
    for name, spelled in header_words(kind).items():
        if any(word in plain for word in spelled):
            return name
    return None


def _listed(source: _Sheet, found: dict[str, _Column], name: str) -> dict[str, int]:
    """The values of a column that holds few; texts that differ only in a number or date count as one pattern."""
    if name not in found:
        return {}
    position = found[name].position
    counts = _counts(source, position)
    patterns: Counter[str] = Counter()
    spelled: dict[str, list[str]] = {}
    for text, count in counts.items():
        held = _HELD.search(text)
        inside = held is not None and len(text) > len(held.group()) + 5
        pattern = "/^" + r"\S+".join(map(_escaped, _HELD.split(text))) + "$/" if inside else text
        patterns[pattern] += count
        spelled.setdefault(pattern, []).append(text)
    most = dict(patterns.most_common(MOST_VALUES))
    orders = _orders_by_text(source, found, position, {text for pattern in most for text in spelled[pattern]})
    return {
        pattern: count
        for pattern, count in most.items()
        if _is_known(name, pattern) or is_wording(pattern, sum(len(orders[text]) for text in spelled[pattern]))
    }


def _orders_by_text(
    source: _Sheet, found: dict[str, _Column], position: int, texts: set[str]
) -> defaultdict[str, set[str]]:
    """Some of the orders that have each text, as many as it takes to show it; without order numbers the rows."""
    place = found["order_id"].position if "order_id" in found else None
    orders: defaultdict[str, set[str]] = defaultdict(set)
    for number, row in enumerate(_all_rows(source.opened)):
        text = row[position].strip() if position < len(row) else ""
        if text in texts and len(orders[text]) < FEWEST_OF_SENTENCES:
            orders[text].add(row[place].strip() if place is not None and place < len(row) else str(number))
    return orders


def _is_known(name: str, text: str) -> bool:
    """Whether a catalog has a text: it is nobody's own."""
    if name == "cancel_reason_text":
        return find("cancel", text=text) is not None
    return canonical(name, text) is not None


def _not_shown(source: _Sheet, found: dict[str, _Column], name: str, listed: Mapping[str, int]) -> Iterator[str]:
    """How many rows have values that are not shown, as they may be a person's."""
    total = sum(_counts(source, found[name].position).values()) if name in found else 0
    if rows := total - sum(listed.values()):
        yield f"    # {rows:,} rows have values that are not shown here: too few orders have them. Look in the file."


def _escaped(text: str) -> str:
    return re.escape(text).replace("\\ ", " ").replace("\\-", "-")


def _statuses(source: _Sheet, found: dict[str, _Column]) -> Iterator[str]:
    if "status" not in found:
        yield f"  default_status: completed  {OPEN} what a line is that is not cancelled"
        return
    yield "  statuses:"
    listed = _listed(source, found, "status")
    for text, count in listed.items():
        guessed = _guess_word("status", text)
        # On TikTok Shop what is delivered is not yet completed; elsewhere it is the end of an order's way.
        known = "completed" if guessed == "completed" else canonical("status", text)
        guess = known or guessed
        note = "" if known else f"  {GUESSED}" if guess else f"  {OPEN}"
        yield (
            f"    {_quoted(text)}: {guess or 'unknown'}{note} ({count:,} rows)"
            if note
            else (f"    {_quoted(text)}: {guess}  # {count:,} rows")
        )
    yield from _not_shown(source, found, "status", listed)


def _initiators(source: _Sheet, found: dict[str, _Column]) -> Iterator[str]:
    values = _listed(source, found, "cancelled_by")
    if values:
        yield "  initiators:"
        for text, count in values.items():
            guess = canonical("cancelled_by", text) or _guess_word("initiator", text)
            yield f"    {_quoted(text)}: {guess or 'unknown'}  {GUESSED if guess else OPEN} ({count:,} rows)"
        yield from _not_shown(source, found, "cancelled_by", values)
    elif "cancel_reason_text" in found:
        yield f"  {OPEN} Does the reason's text say who cancelled? Then:"
        yield "  # initiator_from: cancel_reason_text"
        yield "  # initiators: {'/^Cancelled by buyer[ .:]*(?P<reason>.*)$/': buyer}"


def _reasons(source: _Sheet, found: dict[str, _Column]) -> Iterator[str]:
    values = _listed(source, found, "cancel_reason_text")
    strange = {text: count for text, count in values.items() if find("cancel", text=text) is None}
    if strange:
        yield "  reasons:"
        for text, count in strange.items():
            yield f"    {_quoted(text)}: unknown  {OPEN} ({count:,} rows)"
        yield from _not_shown(source, found, "cancel_reason_text", values)


def _documents(source: _Sheet, found: dict[str, _Column]) -> list[tuple[str, ...]]:
    """The rows with a negative quantity."""
    if "quantity" not in found or "order_id" not in found:
        return []
    place = found["quantity"].position
    return [row for row in source.head if place < len(row) and row[place].strip().startswith("-")]


def _cancellation(source: _Sheet, found: dict[str, _Column]) -> Iterator[str]:
    below = _documents(source, found)
    if below:
        numbers = (row[found["order_id"].position].strip() for row in below)
        prefixes = Counter(letters[0] for number in numbers if (letters := re.match(r"[A-Za-z]+", number)))
        prefix = prefixes.most_common(1)[0][0] if prefixes else ""
        tries = "[[customer, sku_id], [sku_id, quantity]]" if CUSTOMER in found else "[[sku_id, quantity]]"
        yield "  cancellation:"
        yield f"    document: {_quoted(f'/^{prefix}/') if prefix else _quoted('/^$/')}  {GUESSED if prefix else OPEN}"
        yield f"    match_by: {tries}  {GUESSED}: what a cancellation and its sale have in common"
        return
    if "quantity" not in found or "status" not in found:
        return
    place, status = found["quantity"].position, found["status"].position
    zero = [row for row in source.head if max(place, status) < len(row) and row[place].strip() in ("0", "0.0")]
    if zero and all(_guess_word("status", row[status]) == "cancelled" for row in zero):
        yield "  cancellation:"
        yield f"    zero_quantity: 1  {GUESSED}: cancelled lines have quantity 0"
