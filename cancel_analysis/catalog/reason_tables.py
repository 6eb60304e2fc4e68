"""The data files behind the catalog of reasons, row for row, and nothing more.

``reasons.csv``, ``codes.csv``, ``texts.csv``, ``aliases.csv``, ``rules.csv``; how they are put to use
is in ``reasons.py``. `*` in a column means any; several values are separated by semicolons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from cancel_analysis.catalog import csv_files


@dataclass(frozen=True)
class Reason:
    """One reason of the catalog; `flag` is `failed_delivery`, `refused`, `failed_when_shipped` or empty."""

    name: str
    label: str
    root_cause: str
    family: str
    flag: str


@dataclass(frozen=True)
class Code:
    """One official code: where it is used and the reason it stands for."""

    kind: str
    stage: str
    initiator: str
    market: str
    moment: str
    code: str
    reason: str


@dataclass(frozen=True)
class Text:
    """One wording of a reason in one language, with its source and how sure that is."""

    kind: str
    stage: str
    initiator: str
    market: str
    language: str
    text: str
    reason: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Alias:
    """One short code that stands in no official list, with the official code beside it."""

    alias: str
    initiator: str
    code: str
    reason: str
    confidence: str
    source: str


@dataclass(frozen=True)
class Rule:
    """Who is responsible for a reason, where and when; dates are inclusive and shop-local."""

    rule_id: str
    stage: str
    reason: str
    initiator: str
    market: str
    moment: str
    valid_from: date | None
    valid_to: date | None
    responsibility: str
    responsibility_other: str
    root_cause: str
    ambiguous: bool
    pending: bool
    basis: str
    source: str
    confidence: str

    def in_force(self, on: date | None) -> bool:
        """Whether the rule holds on a day; without a day, the newest rule holds."""
        if on is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


@cache
def reasons() -> dict[str, Reason]:
    """All reasons of the catalog by name, in the order of the file."""
    found = (
        Reason(r["reason"], r["label"], r["root_cause"], r["family"], r["flag"]) for r in csv_files.rows("reasons")
    )
    return {reason.name: reason for reason in found}


@cache
def codes() -> tuple[Code, ...]:
    """All official codes; `kind` is `reason`, or `reject_reason` for why a request was refused."""
    return tuple(Code(**row) for row in csv_files.rows("codes"))


@cache
def texts() -> tuple[Text, ...]:
    """All wordings in all languages."""
    return tuple(Text(**row) for row in csv_files.rows("texts"))


@cache
def aliases() -> tuple[Alias, ...]:
    """All short codes that are accepted wherever a reason can stand."""
    return tuple(Alias(**row) for row in csv_files.rows("aliases"))


@cache
def rules() -> dict[str, tuple[Rule, ...]]:
    """All rules by the reason they speak of."""
    found: dict[str, list[Rule]] = {}
    for row in csv_files.rows("rules"):
        plain = {k: v for k, v in row.items() if k not in ("valid_from", "valid_to", "ambiguous", "pending")}
        rule = Rule(
            **plain,
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            ambiguous=row["ambiguous"] == "1",
            pending=row["pending"] == "1",
        )
        found.setdefault(rule.reason, []).append(rule)
    return {reason: tuple(rows) for reason, rows in found.items()}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def turning_days() -> tuple[date, ...]:
    """Every day from which another rule holds than the day before, in order."""
    starts = {rule.valid_from for rows in rules().values() for rule in rows if rule.valid_from}
    ends = {rule.valid_to for rows in rules().values() for rule in rows if rule.valid_to}
    return tuple(sorted(starts | {date.fromordinal(day.toordinal() + 1) for day in ends}))
