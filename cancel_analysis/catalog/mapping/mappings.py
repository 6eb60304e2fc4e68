"""Mappings: how files of another platform or house are read, as YAML (``mappings/*.yaml`` or the user's own).

A mapping says which column is which, what the statuses mean, who cancelled and why, how money and
dates are written, what a cancellation looks like, and what stands in for a fact that the files do not
have. What can be written is described in ``docs/files.md``. An error names file, line and key.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cancel_analysis.catalog.mapping.forms import (
    CUSTOMER,
    DATE_WORDS,
    EMPTY_TEXTS,
    LINE_ID,
    NEEDED,
    ORDER_COLUMNS,
    REASON_GROUP,
    RETURN_COLUMNS,
    SAME_SKU,
    TIMES,
    Cancellation,
    FileMapping,
    Money,
    Part,
    Rule,
    StandIn,
)
from cancel_analysis.catalog.mapping.joins import read_joins
from cancel_analysis.catalog.mapping.nodes import Value, open_yaml
from cancel_analysis.catalog.markets import market as find_market
from cancel_analysis.catalog.reason_tables import reasons as known_reasons
from cancel_analysis.errors import SettingsError
from cancel_analysis.tables import (
    AFTER_SALES,
    INITIATORS,
    ORDER_LINES,
    RETURN_STATUSES,
    RETURN_TYPES,
    RETURNS,
    SUBSTATUSES,
    Table,
)
from cancel_analysis.tables import STATUSES as ORDER_STATUSES

SUFFIXES = (".yaml", ".yml")
ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16", "cp1250", "cp1251", "cp874", "gb18030", "shift_jis", "euc-kr")
EQUAL_LINES = ("genuine", "duplicates")
MOST_UNITS = 1_000_000


def shipped() -> dict[str, Path]:
    """The mappings that come with this package, by name."""
    folder = Path(str(files("cancel_analysis.catalog").joinpath("mappings")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def mapping_file(given: str, folder: Path | None = None) -> Path:
    """The file of a mapping: a shipped name, or a path (below `folder` when it is relative).

    Raises SettingsError with the shipped names.
    """
    if given in shipped():
        return shipped()[given]
    path = (folder or Path()) / Path(given).expanduser()
    names = ", ".join(shipped())
    if path.suffix.lower() not in SUFFIXES:
        raise SettingsError(
            f"there is no mapping called {given!r}; there are {names}, or name a .yaml file of your own"
        )
    if not path.is_file():
        raise SettingsError(f"there is no mapping file {given!r}; mappings that are here: {names}")
    return path.resolve()


def read_mapping(given: str | Path, folder: Path | None = None) -> FileMapping:
    """The mapping called `given`, checked; raises SettingsError that names file, line and key."""
    path = mapping_file(str(given), folder)
    return _mapping(open_yaml(path, path.name), path.stem)


KEYS = (
    "title", "about", "source", "market", "currency", "timezone", "encoding", "money", "dates", "empty", "notes",
    "orders", "returns",
)  # fmt: skip


def _mapping(top: Value, name: str) -> FileMapping:
    values = top.keys(KEYS, ("orders",))
    read = partial(top.optional, values)
    return FileMapping(
        name=name,
        title=read("title", Value.text, name),
        about=read("about", Value.text, "").strip(),
        source=read("source", Value.text, "").strip(),
        market=read("market", _market, None),
        currency=read("currency", _currency, None),
        timezone=read("timezone", _timezone, None),
        encoding=read("encoding", lambda value: value.one_of(ENCODINGS), "utf-8"),
        money=read("money", _money, None),
        dates=read("dates", _dates, DATE_WORDS),
        empty=_empty(values),
        notes=read("notes", lambda value: tuple(" ".join(text.split()) for text in value.texts()), ()),
        orders=_orders(values["orders"]),
        returns=read("returns", _returns, None),
    )


def _market(value: Value) -> str:
    try:
        return find_market(value.text()).code
    except SettingsError as error:
        raise value.fault(str(error)) from error


def _currency(value: Value) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value.text()):
        raise value.fault(f"must be a three-letter code such as USD, not {value.shown}")
    return value.text()


def _timezone(value: Value) -> str:
    try:
        return ZoneInfo(value.text()).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise value.fault(f"is no time zone: {value.shown}; write it like Asia/Bangkok") from error


def _money(value: Value) -> Money:
    marks = (".", ",", " ", "'", "")
    values = value.keys(("decimal", "thousands", "lost_zeros"))
    lost = value.optional(values, "lost_zeros", Value.flag, False)
    thousands = value.optional(values, "thousands", Value.text, "")
    decimal = value.optional(values, "decimal", Value.text, "")
    for name, mark in (("thousands", thousands), ("decimal", decimal)):
        if mark not in marks:
            raise values[name].fault(f"must be one of {', '.join(map(repr, marks))}, not {values[name].shown}")
    if thousands and thousands == decimal:
        raise value.fault(f"'decimal' and 'thousands' are both {decimal!r}")
    if lost and not thousands:
        raise value.fault("'lost_zeros' needs 'thousands', the mark between the groups")
    return Money(decimal, thousands, lost)


def _empty(values: dict[str, Value]) -> tuple[str, ...]:
    """What is written where there is nothing; an empty list means that every text is a value."""
    given = values.get("empty")
    return EMPTY_TEXTS if given is None else tuple(text.strip().casefold() for text in given.texts())


def _dates(value: Value) -> tuple[str, ...]:
    forms = value.items()
    for form in forms:
        text = form.text()
        if text not in DATE_WORDS and not all(sign in text for sign in ("%d", "%m")) and "%j" not in text:
            raise form.fault(
                f"must be {', '.join(DATE_WORDS)} or a form such as '%d/%m/%Y %H:%M' with day, month and year, "
                f"not {form.shown}"
            )
        if text not in DATE_WORDS and not re.search("%[yY]", text):
            raise form.fault(f"has no year (%Y or %y): {form.shown}")
    if not forms:
        raise value.fault("needs at least one form of dates")
    return tuple(form.text() for form in forms)


ORDER_KEYS = (
    "columns", "stand_ins", "description_rows", "key", "equal_lines", "samples", "statuses", "default_status",
    "initiators", "initiator_from", "reasons", "cancellation", "joins",
)  # fmt: skip
CANCELLATION_KEYS = ("document", "match_by", "quantity_zero", "zero_quantity", "zero_amount")
RETURN_KEYS = (
    "columns", "stand_ins", "description_rows", "key", "equal_lines", "statuses", "default_status", "reasons",
    "types", "default_type",
)  # fmt: skip


def _orders(value: Value) -> Part:
    values = value.keys(ORDER_KEYS, ("columns",))
    read = partial(value.optional, values)
    own = _names(values["columns"], ORDER_COLUMNS)
    joins = read("joins", lambda entry: read_joins(entry, own), ())
    columns = Part("orders", own, joins=joins).every_column
    stand_ins = read("stand_ins", lambda entry: _stand_ins(entry, columns, ORDER_LINES), _NO_STAND_INS)
    _check_needed(values["columns"], "orders", columns, stand_ins)
    statuses = read("statuses", lambda entry: _rules(entry, "status", _STATUS_OUTCOMES, TIMES), ())
    cancellation = read("cancellation", lambda entry: _cancellation(entry, columns), Cancellation())
    default = read("default_status", lambda entry: entry.one_of(ORDER_STATUSES), None)
    if "status" not in columns and default is None:
        raise value.fault("has no column 'status', so it needs 'default_status': what a line without a status is")
    if "status" in columns and not statuses:
        raise value.fault("has a column 'status', so it needs 'statuses': what each status means")
    if not _tells_cancellations(statuses, cancellation) and not any(join.cancels for join in joins):
        raise value.fault(
            "nothing in it makes a line cancelled: name a status that is 'cancelled', or a 'cancellation' with "
            "'document' or 'quantity_zero'"
        )
    rules = read(
        "initiators", lambda entry: _rules(entry, "cancelled_by", {"cancelled_by": INITIATORS}, (REASON_GROUP,)), ()
    )
    source = read("initiator_from", lambda entry: entry.one_of(columns), "cancelled_by")
    if rules and source not in columns:
        raise values["initiators"].fault(
            "there is no column 'cancelled_by'; name the one that says who cancelled: 'initiator_from'"
        )
    return Part(
        kind="orders",
        columns=own,
        joins=joins,
        stand_ins=stand_ins,
        description_rows=read("description_rows", lambda entry: entry.whole(0, 20), 0),
        key=read("key", lambda entry: _key(entry, columns), ("order_id", "sku_id")),
        equal_lines=read("equal_lines", lambda entry: entry.one_of(EQUAL_LINES), "genuine"),
        samples=read("samples", lambda entry: _samples(entry, columns), _NO_SAMPLES),
        statuses=statuses,
        default_status=default,
        initiators=rules,
        initiator_from=source,
        reasons=read("reasons", lambda entry: _rules(entry, "reason", _REASON_OUTCOMES, ()), ()),
        cancellation=cancellation,
    )


def _returns(value: Value) -> Part:
    values = value.keys(RETURN_KEYS, ("columns",))
    read = partial(value.optional, values)
    columns = _names(values["columns"], RETURN_COLUMNS)
    stand_ins = read("stand_ins", lambda entry: _stand_ins(entry, columns, RETURNS), _NO_STAND_INS)
    _check_needed(values["columns"], "returns", columns, stand_ins)
    if LINE_ID not in columns and not {"order_id", "sku_id"} <= set(columns):
        raise values["columns"].fault(f"needs {LINE_ID!r}, or 'order_id' and 'sku_id', to find the order's line")
    statuses = read("statuses", lambda entry: _rules(entry, "status", {"status": RETURN_STATUSES}, ()), ())
    default = read("default_status", lambda entry: entry.one_of(RETURN_STATUSES), None)
    if not statuses and default is None:
        raise value.fault("needs 'statuses' or 'default_status': whether a row is a return that took place")
    return Part(
        kind="returns",
        columns=columns,
        stand_ins=stand_ins,
        description_rows=read("description_rows", lambda entry: entry.whole(0, 20), 0),
        key=read("key", lambda entry: _key(entry, columns), ()),
        equal_lines=read("equal_lines", lambda entry: entry.one_of(EQUAL_LINES), "genuine"),
        statuses=statuses,
        default_status=default,
        reasons=read("reasons", lambda entry: _rules(entry, "reason", {"reason": tuple(known_reasons())}, ()), ()),
        types=read("types", lambda entry: _rules(entry, "return_type", {"return_type": RETURN_TYPES}, ()), ()),
        default_type=read("default_type", lambda entry: entry.one_of(RETURN_TYPES), "unknown"),
    )


_NO_STAND_INS: dict[str, tuple[StandIn, ...]] = {}
_NO_SAMPLES: dict[str, tuple[str, ...]] = {}
_STATUS_OUTCOMES = {
    "status": ORDER_STATUSES,
    "substatus": SUBSTATUSES,
    "after_sale": AFTER_SALES,
    "cancelled_by": INITIATORS,
    "reason": tuple(known_reasons()),
}
_REASON_OUTCOMES = {"reason": tuple(known_reasons()), "cancelled_by": INITIATORS}


def _names(value: Value, known: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, entry in value.keys(known).items():
        headers = entry.texts()
        if not headers:
            raise entry.fault("names no column of the file")
        found[name] = headers
    return found


def _stand_ins(value: Value, columns: dict[str, tuple[str, ...]], table: Table) -> dict[str, tuple[StandIn, ...]]:
    kinds = {column.name: column.kind for column in table.columns}
    known = [name for name in (ORDER_COLUMNS if table is ORDER_LINES else RETURN_COLUMNS) if name in kinds]
    found = {}
    for name, entry in value.keys(known).items():
        if kinds[name] == "category":
            raise entry.fault("nothing can stand in for it; say what values mean instead")
        found[name] = tuple(_stand_in(item, name, columns, kinds) for item in entry.items())
    return found


def _stand_in(item: Value, name: str, columns: dict[str, tuple[str, ...]], kinds: dict[str, str]) -> StandIn:
    if item.is_group():
        inner = item.keys(("no_column",), ("no_column",))["no_column"]
        return replace(_stand_in(inner, name, columns, kinds), no_column=True)
    text, kind = item.text(), kinds[name]
    if kind in ("integer", "money") and re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return StandIn(text, number=float(text))
    if name == "line_amount" and text == SAME_SKU:
        return StandIn(text, same_sku=True)
    parts = tuple(part.strip() for part in text.split(" + "))
    if len(parts) > 1 and kind != "text":
        raise item.fault(f"only texts can be joined with '+', and {name!r} is none")
    for part in parts:
        fitting = [column for column in columns if column != name and (kinds.get(column, "text") == kind)]
        if part not in fitting:
            also = [*fitting, *((SAME_SKU, "a number") if name == "line_amount" else ())]
            raise item.fault(f"{part!r} cannot stand in for {name!r}; of its columns these can: {', '.join(also)}")
    return StandIn(text, columns=parts)


def _check_needed(
    value: Value, kind: str, columns: dict[str, tuple[str, ...]], stand_ins: dict[str, tuple[StandIn, ...]]
) -> None:
    for name in NEEDED[kind]:
        if name not in columns and not stand_ins.get(name):
            raise value.fault(f"needs a column for {name!r}, or something that stands in for it ('stand_ins')")


def _rules(value: Value, main: str, outcomes: dict[str, tuple[str, ...]], groups: tuple[str, ...]) -> tuple[Rule, ...]:
    """Rules in the order of the file; a plain value is that of `main`. `groups` are those a pattern may name."""
    rules = []
    for key, entry in value.entries():
        pattern = key.regex() if key.is_regex() else None
        for group in pattern.groupindex if pattern is not None else ():
            if group not in groups:
                allowed = ", ".join(groups) or "none"
                raise key.fault(f"names the group {group!r}; allowed here: {allowed}")
        if entry.is_group():
            values = entry.keys(outcomes)
            outcome = {name: item.one_of(outcomes[name]) for name, item in values.items()}
            if not outcome:
                raise entry.fault(f"says nothing; known are {', '.join(outcomes)}")
        else:
            outcome = {main: entry.one_of(outcomes[main])}
        rules.append(Rule(key.text(), pattern, outcome, key.line))
    return tuple(rules)


def _cancellation(value: Value, columns: dict[str, tuple[str, ...]]) -> Cancellation:
    values = value.keys(CANCELLATION_KEYS)
    read = partial(value.optional, values)
    document = read("document", Value.regex, None)
    match_by = read("match_by", lambda entry: _tries(entry, columns), ())
    if document is not None and not match_by:
        raise values["document"].fault("needs 'match_by': the columns by which a document is put to its sale")
    if match_by and document is None:
        raise values["match_by"].fault("goes with 'document': the pattern of numbers that are cancellations")
    return Cancellation(
        document=document,
        match_by=match_by,
        quantity_zero=read("quantity_zero", Value.flag, False),
        zero_quantity=read("zero_quantity", lambda entry: entry.whole(0, MOST_UNITS), 0),
        zero_amount_missing=read("zero_amount", lambda entry: entry.one_of(("missing", "real")), "real") == "missing",
    )


def _tries(value: Value, columns: dict[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    known = (*columns, "sku_id", "quantity")
    nested = any(item.is_list() for item in value.items())
    lists = value.items() if nested else [value]
    tries = tuple(tuple(item.one_of(dict.fromkeys(known)) for item in attempt.items()) for attempt in lists)
    if not tries or not all("sku_id" in attempt for attempt in tries):
        raise value.fault("each try must have 'sku_id': a cancellation is of some article")
    return tries


def _key(value: Value, columns: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    known = dict.fromkeys((*columns, "sku_id"))
    return tuple(item.one_of(name for name in known if name != CUSTOMER) for item in value.items())


def _samples(value: Value, columns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: entry.texts() for name, entry in value.keys([n for n in columns if n != CUSTOMER]).items()}


def _tells_cancellations(statuses: tuple[Rule, ...], cancellation: Cancellation) -> bool:
    by_status = any(rule.outcome.get("status") == "cancelled" for rule in statuses)
    return by_status or cancellation.document is not None or cancellation.quantity_zero
