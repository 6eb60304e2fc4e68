"""Amounts of money as exports write them: `12.50`, `BRL 35,91`, `R$ 62,90`, `Rp38.824`, `₫250.000`.

A point or a comma means what the currency and the grouping make of it; two forms may stand in one
file. What can be read two ways is refused, never guessed.
"""

from __future__ import annotations

import re

# Signs and short forms beside the three-letter codes. A bare dollar sign fits every dollar.
SIGNS: dict[str, frozenset[str]] = {
    "rp": frozenset({"IDR"}),
    "r$": frozenset({"BRL"}),
    "rm": frozenset({"MYR"}),
    "₫": frozenset({"VND"}),
    "đ": frozenset({"VND"}),
    "vnđ": frozenset({"VND"}),
    "฿": frozenset({"THB"}),
    "บาท": frozenset({"THB"}),
    "£": frozenset({"GBP"}),
    "€": frozenset({"EUR"}),
    "¥": frozenset({"JPY", "CNY"}),
    "円": frozenset({"JPY"}),
    "₱": frozenset({"PHP"}),
    "$": frozenset({"USD", "SGD", "MXN", "AUD", "CAD", "NZD", "HKD", "TWD"}),
    "us$": frozenset({"USD"}),
    "s$": frozenset({"SGD"}),
    "mx$": frozenset({"MXN"}),
    "₹": frozenset({"INR"}),
    "rs": frozenset({"INR", "PKR", "LKR"}),
    "₩": frozenset({"KRW"}),
    "₺": frozenset({"TRY"}),
    "zł": frozenset({"PLN"}),
}
CODES = frozenset(
    {
        "USD", "GBP", "EUR", "JPY", "BRL", "MXN", "IDR", "THB", "VND", "MYR", "PHP", "SGD", "CNY", "INR", "AUD",
        "CAD", "NZD", "HKD", "TWD", "KRW", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "TRY", "ZAR",
        "AED", "SAR", "ILS", "PKR", "LKR", "BDT", "NGN", "KES", "EGP", "COP", "CLP", "PEN", "ARS", "UAH", "RUB",
        "KZT",
    }
)  # fmt: skip
# Where people write a comma before the cents and a point between thousands.
COMMA_CURRENCIES = frozenset({"BRL", "EUR", "IDR", "VND"})

NOT_MONEY = "is not an amount of money"
OTHER_CURRENCY = "is in another currency than the shop's"
TWO_READINGS = "can be read two ways: the point may stand before decimals or between thousands"
NO_DECIMALS = "has decimals, but the currency has none: a spreadsheet may have changed it"


_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']+")
_MARK = r"(?:[^\d.,+-]+\.?)?"
_FORM = re.compile(rf"(?P<before>{_MARK})(?P<sign>[+-]?)(?P<inner>{_MARK})(?P<number>[\d.,]*\d)(?P<after>{_MARK})")


class MoneyError(ValueError):
    """Raised when a text is no amount in the shop's currency; the message is the reason."""


def parse_money(text: str, currency: str, decimals: int) -> float:
    """The amount that `text` states, in units of `currency` (which has 0 or 2 `decimals`).

    Raises MoneyError with the reason when it is no amount, names another currency, or can be read
    two ways. Brackets and a minus sign mean a negative amount.
    """
    squeezed = _SPACES.sub("", text.replace("\N{MINUS SIGN}", "-"))
    negative = squeezed.startswith("(") and squeezed.endswith(")")
    if negative:
        squeezed = squeezed[1:-1]
    leading = squeezed.startswith("-")
    found = _FORM.fullmatch(squeezed.removeprefix("-"))
    if found is None or (leading and found["sign"]) or (found["before"] and found["inner"]):
        raise MoneyError(NOT_MONEY)
    for mark in (found["before"], found["inner"], found["after"]):
        if mark:
            _check_currency(mark, currency)
    amount = _number(found["number"], currency, decimals)
    return -amount if negative or leading or found["sign"] == "-" else amount


def plain_pattern(decimals: int) -> str:
    """The regular expression of amounts that need no thought and may be cast at once."""
    return r"\s*-?[0-9]+(\.[0-9]{1,2})?\s*" if decimals else r"\s*-?[0-9]+(\.0{1,2})?\s*"


def _check_currency(mark: str, currency: str) -> None:
    sign = mark.casefold().rstrip(".")
    if sign.upper() == currency or currency in SIGNS.get(sign, ()):
        return
    raise MoneyError(OTHER_CURRENCY if sign.upper() in CODES or sign in SIGNS else NOT_MONEY)


def currency_of(text: str) -> str:
    """The one currency that the sign or code of an amount stands for; the mark itself where it is several's."""
    mark = re.sub(r"[\d\s.,()+-]+", "", text)
    named = SIGNS.get(mark.casefold(), frozenset())
    return next(iter(named)) if len(named) == 1 else mark


def _number(digits: str, currency: str, decimals: int) -> float:
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        decimal = "." if digits.rfind(".") > digits.rfind(",") else ","
        if digits.count(decimal) > 1:
            raise MoneyError(NOT_MONEY)
        whole, _, fraction = digits.partition(decimal)
        whole = _ungroup(whole, "," if decimal == "." else ".")
    elif points > 1 or commas > 1:
        whole, fraction = _ungroup(digits, "." if points else ","), ""
    elif points or commas:
        mark = "." if points else ","
        whole, _, fraction = digits.partition(mark)
        if _is_group(whole, fraction):
            # Three digits: thousands where the currency allows it, and a comma never stands before three decimals.
            if mark == "." and decimals and currency not in COMMA_CURRENCIES:
                raise MoneyError(TWO_READINGS)
            whole, fraction = whole + fraction, ""
    else:
        whole, fraction = digits, ""
    # 38.3 was 38.300 before a spreadsheet took the point for a decimal one; 38824.5 can only be a split discount.
    if not decimals and fraction.strip("0") and len(whole) <= 3:
        raise MoneyError(NO_DECIMALS)
    return float(f"{whole or '0'}.{fraction or '0'}")


def _is_group(whole: str, fraction: str) -> bool:
    return len(fraction) == 3 and 1 <= len(whole) <= 3 and whole != "0"


def _ungroup(text: str, mark: str) -> str:
    first, *groups = text.split(mark)
    if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
        raise MoneyError(NOT_MONEY)
    return first + "".join(groups)
