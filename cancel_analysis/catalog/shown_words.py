"""Which texts of a seller's files may be shown where no catalog explains them: words of the platform, no person's.

A row whose cells have slipped can hold a buyer's name, address or message where a status or a reason belongs. A
word of the platform stands on many orders, what a buyer typed on one.
"""

from __future__ import annotations

import re

import pandas as pd

# A shown value stands on so many orders; with one or two, a slipped row of one buyer's order would do.
FEWEST_ORDERS = 3
LONGEST_WORD = 40
# A reason can be a sentence; whoever types one types it once.
LONGEST_SENTENCE = 160
FEWEST_OF_SENTENCES = 10
HIDDEN = "text not shown"
# A word of a program, which no name is written like: CANCELLATION_REQUEST_PENDING.
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_DIGITS = re.compile(r"\d(?:[\s().+-]*\d){5,}")


def is_word(value: str, orders: int) -> bool:
    """Whether a text that `orders` orders have may be shown: it looks like a word, and is no one person's."""
    if len(value) > LONGEST_WORD or looks_personal(value):
        return False
    return orders >= FEWEST_ORDERS or bool(_CODE.fullmatch(value))


def is_wording(value: str, orders: int) -> bool:
    """As `is_word`, for reasons, which can be whole sentences."""
    sentence = len(value) <= LONGEST_SENTENCE and orders >= FEWEST_OF_SENTENCES and not looks_personal(value)
    return sentence or is_word(value, orders)


def looks_personal(value: str) -> bool:
    """Whether a text has the form of an address of mail, a number to call, or of a document."""
    return "@" in value or bool(_DIGITS.search(value))


def shown_wordings(texts: pd.Series, orders: pd.Series) -> pd.Series:
    """Reasons as they may be shown, `HIDDEN` for the others; `orders` are the numbers of the rows' orders."""
    known = orders.groupby(texts).nunique()
    shown = {text: text if not text or is_wording(str(text), int(count)) else HIDDEN for text, count in known.items()}
    result: pd.Series = texts.map(shown).where(texts.notna(), texts)
    return result
