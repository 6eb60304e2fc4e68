"""Reasons of cancellations, refunds and returns: from a code or a text to whose fault it is.

Four steps, each a data file beside this module: a code (``codes.csv``), a text (``texts.csv``) or
a short alias (``aliases.csv``) names one of the catalog's own reasons (``reasons.csv``); the most
specific rule for that reason (``rules.csv``) says who is responsible, how else it can be read, and
whether it waits for a finding. Codes and English texts are the platform's official lists; texts in
other languages carry their source, and translations are marked unverified.

Stages here are those of the official lists (`cancel`, `refund`, `return`), not the four stages of an
affected item. Moments are the order's state: `unpaid`, `to_ship`, `ready` (marked ready to ship),
`shipped`, `delivered`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import TypeVar

from cancel_analysis.catalog.reason_tables import Code, Rule, Text, aliases, codes, reasons, rules, texts

STAGES = ("cancel", "refund", "return")
UNKNOWN = "unknown"
ANY = "*"
# The platform publishes the class of return reasons for these markets together.
GROUPS = {"SEA": frozenset({"ID", "MY", "PH", "SG", "TH", "VN"})}
# Endings that name a market or a variant, never a reason. `seller` also says who asked.
EUROPEAN = ("uk", "gb", "eu", "de", "es", "fr", "ie", "it")
OVERSEAS = ("us", "jp", "br", "mx", "id", "my", "ph", "sg", "th", "vn")
SUFFIXES = frozenset((*EUROPEAN, *OVERSEAS, "s", "test", "seller"))
# From the surest to the least sure.
CONFIDENCES = ("official", "third_party", "unverified")
# The catalog's reason for an order that says nothing but when it was cancelled.
UNPAID_REASON = "not_paid"
SHIPPED_REASON = "delivery_failed"

_QUOTES = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"'})
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_TRAILING = " .,;:!?…。，、；：！？"
# What a file writes where it has nothing to say.
_NOT_GIVEN = frozenset({"", "-", "--", "/", "n/a"})


Row = TypeVar("Row")


@dataclass(frozen=True)
class Match:
    """What a code, alias or text was recognised as; `initiator` is what the code itself tells."""

    reason: str
    code: str | None
    basis: str
    initiator: str = UNKNOWN
    confidence: str = "official"


@dataclass(frozen=True)
class Finding:
    """All that the catalog says of one affected item; see the columns of AFFECTED_ITEMS.

    `confidence` is the weaker one of the wording's and the rule's.
    """

    reason: str
    label: str
    code: str | None
    initiator: str
    root_cause: str
    responsibility: str
    responsibility_other: str
    ambiguous: bool
    pending: bool
    basis: str
    rule_id: str
    flag: str
    confidence: str


# Texts come from files: their number must not grow this memory without end.
@lru_cache(maxsize=20_000)
def normalise(text: str) -> str:
    """One form for all spellings of a text: width, case, quotes, spaces, final punctuation."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text).translate(_QUOTES)).casefold()
    return " ".join(plain.split()).rstrip(_TRAILING)


def strip_suffixes(code: str) -> tuple[str, ...]:
    """The code itself, then the code without each ending that names only a market or a variant.

    The order is the rule: an exact code always wins over one that had to be cut.
    """
    forms = [code]
    while (cut := forms[-1].rpartition("_"))[2] in SUFFIXES and cut[0]:
        forms.append(cut[0])
    return tuple(forms)


def look_up(
    stage: str,
    *,
    initiator: str | None = None,
    market: str = ANY,
    on: date | None = None,
    text: str | None = None,
    code: str | None = None,
    moment: str = ANY,
) -> Finding:
    """What a cancellation or return with this code or text is, and whose fault.

    `stage` is `cancel`, `refund` or `return`; `on` the shop-local day it happened (without it, the
    newest rules hold). A code is believed before a text. Where neither is known, the reason is
    `unknown` and only who cancelled, or the moment, may decide the responsibility. Where nothing was
    given at all, a cancellation by the system (or by nobody named) is what its timestamps show: never
    paid, or failed after it was shipped.
    """
    who = initiator or UNKNOWN
    text, code = _given(text), _given(code)
    match = find(stage, initiator=who, market=market, text=text, code=code, moment=moment)
    if match is None and not (text or code) and stage == "cancel" and who in ("system", UNKNOWN):
        inferred = {"unpaid": UNPAID_REASON, "shipped": SHIPPED_REASON, "delivered": SHIPPED_REASON}.get(moment)
        if inferred:
            match = Match(inferred, official_code(inferred, stage, "system", market, moment), "timestamps")
    # Nothing was recognised: all that is left to go by is when things happened and who acted.
    match = match or Match(UNKNOWN, None, "timestamps")
    if who == UNKNOWN:
        who = match.initiator
    reason = reasons()[match.reason]
    rule = find_rule(match.reason, stage, who, market, on, moment)
    return Finding(
        reason=reason.name,
        label=reason.label,
        code=match.code,
        initiator=who,
        root_cause=rule.root_cause or reason.root_cause,
        responsibility=rule.responsibility,
        responsibility_other=rule.responsibility_other,
        ambiguous=rule.ambiguous,
        pending=rule.pending,
        basis=rule.basis or match.basis,
        rule_id=rule.rule_id,
        flag=reason.flag,
        confidence=max(match.confidence, rule.confidence, key=CONFIDENCES.index),
    )


def _given(value: str | None) -> str | None:
    return None if value is None or normalise(value) in _NOT_GIVEN else value


def find(
    stage: str,
    *,
    initiator: str = UNKNOWN,
    market: str = ANY,
    text: str | None = None,
    code: str | None = None,
    moment: str = ANY,
    kind: str = "reason",
) -> Match | None:
    """The reason that a code or a text names, or None; `kind="reject_reason"` for refused requests.

    Any of the two fields may hold a code, an alias or a text; a mapping's code is the reason's own name.
    """
    for value in (code, text):
        if value and (match := _by_code(value, stage, initiator, market, moment, kind)):
            return match
    if code in reasons() and kind == "reason":
        return Match(code, official_code(code, stage, initiator, market, moment), "text")
    for value in (code, text):
        if value and kind == "reason" and (match := _by_alias(value, stage, initiator, market, moment)):
            return match
    for value in (text, code):
        if value and (match := _by_text(value, stage, initiator, market, moment, kind)):
            return match
    return None


def find_rule(reason: str, stage: str, initiator: str, market: str, on: date | None, moment: str = ANY) -> Rule:
    """The most specific rule in force: market before initiator before moment before stage before date."""
    fitting = [
        rule
        for rule in rules().get(reason, rules()[UNKNOWN])
        if _fits(rule.stage, stage)
        and _fits(rule.initiator, initiator)
        and _fits(rule.market, market)
        and _fits(rule.moment, moment)
        and rule.in_force(on)
    ]
    return max(fitting, key=_specificity)


def _specificity(rule: Rule) -> tuple[bool, ...]:
    named = (rule.market != ANY, rule.initiator != ANY, rule.moment != ANY, rule.stage != ANY)
    return (*named, rule.valid_from is not None or rule.valid_to is not None)


def official_code(reason: str, stage: str, initiator: str, market: str, moment: str = ANY) -> str | None:
    """The official code that fits a reason best here; None where no code of this kind of stage means it."""
    fitting = [
        row
        for row in codes()
        if row.kind == "reason" and row.reason == reason and (row.stage == "cancel") == (stage == "cancel")
    ]
    best = _best(fitting, lambda row: _closeness(row, stage, initiator, market, moment))
    return best[0].code if best else None


def _by_code(value: str, stage: str, initiator: str, market: str, moment: str, kind: str) -> Match | None:
    index = _codes_by_key(kind)
    for form in strip_suffixes(normalise(value)):
        rows = index.get(form)
        if not rows:
            continue
        who = initiator
        if who == UNKNOWN and "_seller" in normalise(value).removeprefix(form):
            who = "seller"
        row = _best(rows, lambda row: _closeness(row, stage, initiator, market, moment))[0]
        told = {row.initiator for row in rows}
        return Match(row.reason, row.code, "code", who if who != UNKNOWN or len(told) > 1 else told.pop())
    return None


def _by_alias(value: str, stage: str, initiator: str, market: str, moment: str) -> Match | None:
    # An alias may be followed by its meaning, as in "C101 - out of stock".
    word = re.match(r"[a-z0-9]+", normalise(value))
    rows = [a for a in aliases() if word and a.alias.casefold() == word.group() and _fits(a.initiator, initiator)]
    if not rows:
        return None
    alias = max(rows, key=lambda row: row.initiator != ANY)
    beside = official_code(alias.reason, stage, initiator, market, moment) or alias.code
    return Match(alias.reason, beside, "alias", confidence=alias.confidence)


def _by_text(value: str, stage: str, initiator: str, market: str, moment: str, kind: str) -> Match | None:
    rows = _texts_by_key(kind).get(normalise(value), ())
    # A wording that belongs to one kind of actor says nothing of another.
    rows = [row for row in rows if _fits(row.initiator, initiator) and _fits(row.market, market)]
    best = _best(rows, lambda row: (row.stage != ANY and _fits(row.stage, stage), row.stage == ANY))
    best = _best(best, lambda row: (row.initiator != ANY,))
    if len({row.reason for row in best}) != 1:
        return None
    reason = best[0].reason
    beside = official_code(reason, stage, initiator, market, moment) if kind == "reason" else None
    return Match(reason, beside, "text", confidence=best[0].confidence)


@cache
def _codes_by_key(kind: str) -> dict[str, list[Code]]:
    return _grouped((row for row in codes() if row.kind == kind), lambda row: normalise(row.code))


@cache
def _texts_by_key(kind: str) -> dict[str, list[Text]]:
    return _grouped((row for row in texts() if row.kind == kind), lambda row: normalise(row.text))


def _grouped(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _best(rows: list[Row], score: Callable[[Row], tuple[bool, ...]]) -> list[Row]:
    """The rows with the highest score, in the order of the file."""
    top = max((score(row) for row in rows), default=())
    return [row for row in rows if score(row) == top]


def _closeness(row: Code, stage: str, initiator: str, market: str, moment: str) -> tuple[bool, ...]:
    same_kind = (row.stage == "cancel") == (stage == "cancel")
    exact = _fits(row.market, market) and (row.market == ANY or market != ANY)
    return (same_kind, exact, row.initiator == initiator, row.stage == stage, _fits(row.moment, moment))


@cache
def _members(field: str) -> frozenset[str]:
    found: set[str] = set()
    for name in field.split(";"):
        found |= GROUPS.get(name, {name})
    return frozenset(found)


def _fits(field: str, value: str) -> bool:
    return field == ANY or value in _members(field)
