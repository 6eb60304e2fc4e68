"""When single items, packages or orders can be cancelled: the platform's rules, dated, with their source.

They stand in ``data/item_cancellation.csv``. Each row is one condition: for a scope (`item`, `package`,
`order`), a market (`*`: every one) and a value (`*`: any other) it answers `yes`, `no` or `unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from cancel_analysis.catalog import csv_files
from cancel_analysis.catalog.markets import market as find_market

RULES = ("offered", "by", "reason", "state")
ANY = "*"


@dataclass(frozen=True)
class ItemRule:
    """One condition; `about` says it in a sentence."""

    rule: str
    scopes: tuple[str, ...]
    markets: tuple[str, ...]
    value: str
    answer: str
    confidence: str
    valid_from: date | None
    valid_to: date | None
    source: str
    about: str

    def in_force(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


def find_item_rule(rule: str, scope: str, value: str, market: str, on: date) -> ItemRule | None:
    """The condition that holds: a named market before every market, a named value before any other.

    None where the rule does not apply to the scope. SettingsError for an unknown market.
    """
    code = find_market(market).code
    fitting = [
        rule_row
        for rule_row in item_rules()
        if rule_row.rule == rule
        and scope in rule_row.scopes
        and (code in rule_row.markets or ANY in rule_row.markets)
        and rule_row.value in ("", value, ANY)
        and rule_row.in_force(on)
    ]
    return max(fitting, key=lambda rule_row: (code in rule_row.markets, rule_row.value == value), default=None)


@cache
def item_rules() -> tuple[ItemRule, ...]:
    """Every condition of the catalog."""
    return tuple(
        ItemRule(
            rule=row["rule"],
            scopes=tuple(row["scopes"].split(";")),
            markets=tuple(row["markets"].split(";")),
            value=row["value"],
            answer=row["answer"],
            confidence=row["confidence"],
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            source=row["source"],
            about=row["about"],
        )
        for row in csv_files.rows("item_cancellation")
    )
