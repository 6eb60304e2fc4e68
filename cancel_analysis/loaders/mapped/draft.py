"""A first mapping from a file's header and values, for a person to finish: guesses say so, gaps are marked `# ?`."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from cancel_analysis.catalog.mapping.forms import CUSTOMER, NEEDED, TIMES
from cancel_analysis.catalog.reasons import find
from cancel_analysis.catalog.shown_words import HIDDEN, looks_personal
from cancel_analysis.catalog.values import canonical
from cancel_analysis.loaders.mapped import values as read
from cancel_analysis.loaders.mapped.guesses import (
    MONEY,
    Column,
    Sheet,
    date_forms,
    document_rows,
    guess_columns,
    guess_stand_ins,
    guess_word,
    known_headers,
    listed_values,
    open_sheet,
)
from cancel_analysis.loaders.mapped.rows import fitting_mappings

GUESSED, OPEN = "# guessed", "# ?"
# From this share of the orders of several lines on, an amount that is the same on all lines is the order's.
REPEATED = 0.9
FEWEST_REPEATED = 5


def draft_mapping(path: str | Path) -> str:
    """A mapping as YAML text, drafted from one file of orders. What is uncertain is marked in comments.

    Raises UnreadableFileError for a file that cannot be read.
    """
    known = known_headers()
    sheet = open_sheet(Path(path), known)
    return "\n".join(_lines(sheet, guess_columns(sheet, known))) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _lines(sheet: Sheet, found: dict[str, Column]) -> Iterator[str]:
    label = sheet.opened.label
    yield f"# A draft from {label}. Look at every line marked '{GUESSED}', and finish those marked '{OPEN}';"
    yield "# then: cancel-analysis check --mapping THIS-FILE.yaml " + _quoted(label)
    fitting = fitting_mappings(sheet.header)
    if fitting:
        yield f"# The shipped mapping {fitting[0]!r} fits this file as it is: try it before this draft."
    yield f"title: {_quoted(sheet.opened.path.stem)}  {OPEN} the platform or house"
    yield f"# market: ID  {OPEN} with currency and time zone, where the shop itself does not say them"
    yield from _money(sheet, found)
    yield from _dates(sheet, found)
    yield ""
    yield "orders:"
    yield "  columns:"
    for name, column in found.items():
        note = "" if column.sure else f"  {GUESSED}"
        if doubt := _doubt(sheet, found, name):
            note = f"  {OPEN} {doubt}"
        yield f"    {name}: {_quoted(column.header)}{note}"
    stand_ins = guess_stand_ins(sheet, found)
    for name in NEEDED["orders"]:
        if name not in found and name not in stand_ins:
            yield f'    {name}: "?"  {OPEN} needed; none of the columns looks like it'
    rest = [
        name.strip()
        for position, name in enumerate(sheet.header)
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
    yield from _statuses(sheet, found)
    yield from _initiators(sheet, found)
    yield from _reasons(sheet, found)
    yield from _cancellation(sheet, found)


def _doubt(sheet: Sheet, found: dict[str, Column], name: str) -> str:
    """What speaks against an amount's being a line's: it repeats in orders, or is 0 on cancelled lines alone."""
    if name != "line_amount" or "order_id" not in found:
        return ""
    place = found[name].position
    rows = [row for row in sheet.head if max(place, found["order_id"].position) < len(row) and row[place].strip()]
    of_order: dict[str, list[str]] = {}
    for row in rows:
        of_order.setdefault(row[found["order_id"].position].strip(), []).append(row[place].strip())
    several = [amounts for amounts in of_order.values() if len(amounts) > 1]
    repeated = sum(len(set(amounts)) == 1 for amounts in several)
    if len(several) >= FEWEST_REPEATED and repeated >= REPEATED * len(several):
        return "it is the same on every line of an order: the order's amount (order_amount), no line's"
    if "status" in found:
        status = found["status"].position
        gone = [row for row in rows if status < len(row) and guess_word("status", row[status]) == "cancelled"]
        zero = [row for row in gone if not row[place].strip(" 0.,")]
        if gone and len(zero) >= REPEATED * len(gone):
            return (
                "it is 0 on cancelled lines: what they were worth is not known (cancellation: {zero_amount: missing})"
            )
    return ""


def _money(sheet: Sheet, found: dict[str, Column]) -> Iterator[str]:
    texts = [text for name in MONEY if name in found for text in sheet.texts(found[name].position)]
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


def _dates(sheet: Sheet, found: dict[str, Column]) -> Iterator[str]:
    texts = [text for name, column in found.items() if name in TIMES for text in sheet.texts(column.position)]
    forms = date_forms(list(dict.fromkeys(texts))) if texts else []
    if not forms:
        yield f"dates: [ymd, dmy, mdy]  {OPEN} which of them the file has"
        return
    split = {"dmy", "mdy"} & set(forms)
    both = split and all(len(read.read_times(texts, [form], "UTC").reasons) == 0 for form in ("dmy", "mdy"))
    note = f"{OPEN} day or month first? no date here has a day past 12" if both else GUESSED
    yield f"dates: [{', '.join(forms)}]  {note}"


def _not_shown(sheet: Sheet, found: dict[str, Column], name: str, listed: Mapping[str, int]) -> Iterator[str]:
    """How many rows have values that are not shown, as they may be a person's."""
    if rows := sum(sheet.counts[found[name].position].values()) - sum(listed.values()):
        yield f"    # {rows:,} rows have values that are not shown here: too few orders have them. Look in the file."


def _statuses(sheet: Sheet, found: dict[str, Column]) -> Iterator[str]:
    if "status" not in found:
        yield f"  default_status: completed  {OPEN} what a line is that is not cancelled"
        return
    yield "  statuses:"
    listed = listed_values(sheet, found, "status")
    for text, count in listed.items():
        guessed = guess_word("status", text)
        # On TikTok Shop what is delivered is not yet completed; elsewhere it is the end of an order's way.
        known = "completed" if guessed == "completed" else canonical("status", text)
        guess = known or guessed
        note = "" if known else f"  {GUESSED}" if guess else f"  {OPEN}"
        yield (
            f"    {_quoted(text)}: {guess or 'unknown'}{note} ({count:,} rows)"
            if note
            else (f"    {_quoted(text)}: {guess}  # {count:,} rows")
        )
    yield from _not_shown(sheet, found, "status", listed)


def _initiators(sheet: Sheet, found: dict[str, Column]) -> Iterator[str]:
    values = listed_values(sheet, found, "cancelled_by")
    if values:
        yield "  initiators:"
        for text, count in values.items():
            guess = canonical("cancelled_by", text) or guess_word("initiator", text)
            yield f"    {_quoted(text)}: {guess or 'unknown'}  {GUESSED if guess else OPEN} ({count:,} rows)"
        yield from _not_shown(sheet, found, "cancelled_by", values)
    elif "cancel_reason_text" in found:
        yield f"  {OPEN} Does the reason's text say who cancelled? Then:"
        yield "  # initiator_from: cancel_reason_text"
        yield "  # initiators: {'/^Cancelled by buyer[ .:]*(?P<reason>.*)$/': buyer}"


def _reasons(sheet: Sheet, found: dict[str, Column]) -> Iterator[str]:
    values = listed_values(sheet, found, "cancel_reason_text")
    strange = {text: count for text, count in values.items() if find("cancel", text=text) is None}
    if strange:
        yield "  reasons:"
        for text, count in strange.items():
            yield f"    {_quoted(text)}: unknown  {OPEN} ({count:,} rows)"
        yield from _not_shown(sheet, found, "cancel_reason_text", values)


def _cancellation(sheet: Sheet, found: dict[str, Column]) -> Iterator[str]:
    below = document_rows(sheet, found)
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
    zero = [row for row in sheet.head if max(place, status) < len(row) and row[place].strip() in ("0", "0.0")]
    if zero and all(guess_word("status", row[status]) == "cancelled" for row in zero):
        yield "  cancellation:"
        yield f"    zero_quantity: 1  {GUESSED}: cancelled lines have quantity 0"
