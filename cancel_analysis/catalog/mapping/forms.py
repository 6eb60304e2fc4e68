"""What a mapping holds once it is read: the kinds of files, their columns, rules and stand-ins."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cancel_analysis.tables import ORDER_LINES, RETURNS, Table

DATE_WORDS = ("dmy", "mdy", "ymd")
# Columns that mappings may name beside the canonical ones: what ties two files or two rows together.
# Neither is kept; a customer is a person.
LINE_ID, CUSTOMER = "line_id", "customer"
# What the loader sets itself.
_MADE = {"shop_id", "line_no", "first_line", "is_cod", "source_file", "source_row", "cancel_reason_code", "reason_code"}
_MADE |= {"updated_at"}
SAME_SKU = "same_sku"
EMPTY = "empty"


def _columns(table: Table, *further: str) -> tuple[str, ...]:
    return (*(name for name in table.names if name not in _MADE), *further)


ORDER_COLUMNS = _columns(ORDER_LINES, LINE_ID, CUSTOMER)
RETURN_COLUMNS = _columns(RETURNS, LINE_ID)
# What a file must have. Everything else may be missing; what follows from it is then not known.
NEEDED = {
    "orders": ("order_id", "quantity", "created_at"),
    "returns": ("requested_at",),
}
# An order of which nothing says when it was placed counts in the file's totals, and in no rate of a period.
UNDATED = "created_at"
# How programs write that there is nothing; letters' case does not count. A mapping may name others.
EMPTY_TEXTS = (
    "-", "--", "---", "\N{EN DASH}", "\N{EM DASH}", "n/a", "#n/a", "null", "(null)", "none", "nan", "nat",
    "\N{CJK UNIFIED IDEOGRAPH-65E0}",
)  # fmt: skip
# What stands in for an article where neither the file nor its mapping names one, the nearest first.
ARTICLES = ("seller_sku", "product_id", "product_name + variation", "category + variation", "order_id")
# What a pattern may fill through a named group: the reason's text, or, in a status, a time of the order.
REASON_GROUP = "reason"
TIMES = tuple(column.name for column in ORDER_LINES.columns if column.kind == "time" and column.name not in _MADE)


@dataclass(frozen=True)
class Money:
    """How amounts are written. `lost_zeros`: zeros at the end of the last group were lost (`38.3` is 38 300)."""

    decimal: str = "."
    thousands: str = ","
    lost_zeros: bool = False


@dataclass(frozen=True)
class Rule:
    """One line of a list of values: a text or a pattern, and what it stands for.

    `outcome` gives canonical columns their values; named groups of the pattern give texts and times.
    """

    written: str
    pattern: re.Pattern[str] | None
    outcome: dict[str, str]
    line: int


@dataclass(frozen=True)
class StandIn:
    """What stands in for an empty value: other columns joined, a number, or the same SKU's other lines.

    `no_column`: only in a file that has no such column; where it has one, an empty cell means something.
    """

    written: str
    columns: tuple[str, ...] = ()
    number: float | None = None
    same_sku: bool = False
    no_column: bool = False


@dataclass(frozen=True)
class Cancellation:
    """What a cancellation looks like where a status does not say it.

    `document`: the pattern of order numbers that are documents of cancellation, with negative
    quantities; `match_by`: the columns by which each is put to its sale, one try after another.
    `quantity_zero`: a line without units is a cancelled one. `zero_quantity`: units that a cancelled
    line with quantity 0 stands for. `zero_amount_missing`: an amount of 0 on a cancelled line is no amount.
    """

    document: re.Pattern[str] | None = None
    match_by: tuple[tuple[str, ...], ...] = ()
    quantity_zero: bool = False
    zero_quantity: int = 0
    zero_amount_missing: bool = False


@dataclass(frozen=True)
class Join:
    """Another table of the same shop, joined to the orders by `key` (canonical columns that both have).

    `lines`: each of its rows is a line of the order, and an order without one is a line of its own; else
    a row adds facts to the lines that have its key. `cancels`: a line that it names was cancelled.
    """

    name: str
    columns: dict[str, tuple[str, ...]]
    key: tuple[str, ...]
    lines: bool = False
    cancels: bool = False

    @property
    def part(self) -> Part:
        """The table as a kind of file to be recognised."""
        return Part(kind=self.name, columns=self.columns, key=self.key)


@dataclass(frozen=True)
class Part:
    """One kind of file: `orders` or `returns`."""

    kind: str
    columns: dict[str, tuple[str, ...]]
    stand_ins: dict[str, tuple[StandIn, ...]] = field(default_factory=dict)
    description_rows: int = 0
    key: tuple[str, ...] = ()
    equal_lines: str = "genuine"
    samples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    statuses: tuple[Rule, ...] = ()
    default_status: str | None = None
    initiators: tuple[Rule, ...] = ()
    initiator_from: str = "cancelled_by"
    reasons: tuple[Rule, ...] = ()
    types: tuple[Rule, ...] = ()
    default_type: str = "unknown"
    cancellation: Cancellation = Cancellation()
    joins: tuple[Join, ...] = ()

    @property
    def every_column(self) -> dict[str, tuple[str, ...]]:
        """Its columns and those of the tables that are joined to it."""
        joined = {name: headers for join in self.joins for name, headers in join.columns.items()}
        return {**joined, **self.columns}


@dataclass(frozen=True)
class FileMapping:
    """How the files of one platform or house are read; market, currency and time zone are defaults of the shop."""

    name: str
    title: str
    orders: Part
    returns: Part | None = None
    about: str = ""
    source: str = ""
    market: str | None = None
    currency: str | None = None
    timezone: str | None = None
    encoding: str = "utf-8"
    money: Money | None = None
    dates: tuple[str, ...] = DATE_WORDS
    empty: tuple[str, ...] = EMPTY_TEXTS
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        own = (self.orders,) if self.returns is None else (self.returns, self.orders)
        return (*own, *(join.part for join in self.orders.joins))
