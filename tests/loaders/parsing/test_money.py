"""Amounts in every form that exports write, and those that must be refused."""

from __future__ import annotations

import contextlib
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.loaders.parsing import money
from cancel_analysis.loaders.parsing.money import MoneyError, parse_money, plain_pattern

DECIMALS = {"IDR": 0, "VND": 0, "JPY": 0}


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12.50", "USD", 12.5),
        ("MYR 0.00", "MYR", 0.0),
        ("BRL 35,91", "BRL", 35.91),
        ("BRL 35.91", "BRL", 35.91),
        ("R$ 62,90", "BRL", 62.9),
        ("R$\u00a01.234,56", "BRL", 1234.56),
        ("Rp38.824", "IDR", 38824),
        ("Rp 38.824", "IDR", 38824),
        ("Rp. 38.824", "IDR", 38824),
        ("Rp1.234.567", "IDR", 1234567),
        ("1,234.50", "USD", 1234.5),
        ("$1,234", "USD", 1234),
        ("₫250.000", "VND", 250000),
        ("250.000₫", "VND", 250000),
        ("250,000 VND", "VND", 250000),
        ("1.250.000 đ", "VND", 1250000),
        ("฿1,290.00", "THB", 1290),
        ("£12.99", "GBP", 12.99),
        ("US$12.99", "USD", 12.99),
        ("S$5.00", "SGD", 5),
        ("$5.00", "SGD", 5),
        ("RM12.30", "MYR", 12.3),
        ("12,30 €", "EUR", 12.3),
        ("¥1,200", "JPY", 1200),
        ("-12.50", "USD", -12.5),
        ("-$12.50", "USD", -12.5),
        ("$-12.50", "USD", -12.5),
        ("\N{MINUS SIGN}12.50", "USD", -12.5),
        ("(12.50)", "USD", -12.5),
        ("1 234,50", "EUR", 1234.5),
        ("38824.00", "IDR", 38824),
        ("38824.5", "IDR", 38824.5),
        ("0.500", "USD", 0.5),
        ("38.8240", "USD", 38.824),
        ("1.234", "BRL", 1234),
    ],
)
def test_forms(text: str, currency: str, amount: float) -> None:
    assert parse_money(text, currency, DECIMALS.get(currency, 2)) == pytest.approx(amount, abs=0)


@pytest.mark.parametrize(
    ("text", "currency", "reason"),
    [
        ("EUR 12.50", "USD", money.OTHER_CURRENCY),
        ("£12.50", "USD", money.OTHER_CURRENCY),
        ("Rp38.824", "VND", money.OTHER_CURRENCY),
        ("R$ 62,90", "USD", money.OTHER_CURRENCY),
        ("12.50 lamps", "USD", money.NOT_MONEY),
        ("free", "USD", money.NOT_MONEY),
        ("", "USD", money.NOT_MONEY),
        ("1.2.3", "USD", money.NOT_MONEY),
        ("1,2,3.00", "USD", money.NOT_MONEY),
        ("5.77E+17", "USD", money.NOT_MONEY),
        ("--5", "USD", money.NOT_MONEY),
        ("38.824", "USD", money.TWO_READINGS),
        ("38.3", "IDR", money.NO_DECIMALS),
        ("Rp38,5", "IDR", money.NO_DECIMALS),
    ],
)
def test_refused(text: str, currency: str, reason: str) -> None:
    with pytest.raises(MoneyError, match=re.escape(reason)):
        parse_money(text, currency, DECIMALS.get(currency, 2))


CENTS = st.integers(min_value=-(10**11), max_value=10**11)


@given(CENTS, st.sampled_from(["{:.2f}", "{:,.2f}", "USD {:,.2f}", "${:.2f}", "{:.2f} USD", "US$ {:,.2f}"]))
def test_dollars_come_back(cents: int, form: str) -> None:
    assert parse_money(form.format(Decimal(cents) / 100), "USD", 2) == cents / 100


@given(CENTS, st.sampled_from(["{}", "R$ {}", "BRL {}", "R${}"]))
def test_comma_amounts_come_back(cents: int, form: str) -> None:
    swapped = f"{Decimal(cents) / 100:,.2f}".translate(str.maketrans(",.", ".,"))
    assert parse_money(form.format(swapped), "BRL", 2) == cents / 100


@given(
    st.integers(min_value=0, max_value=10**12), st.sampled_from([".", ","]), st.sampled_from(["Rp{}", "{}", "IDR {}"])
)
def test_rupiah_come_back(amount: int, mark: str, form: str) -> None:
    assert parse_money(form.format(f"{amount:,}".replace(",", mark)), "IDR", 0) == amount


@given(st.text(max_size=20), st.sampled_from(["USD", "IDR", "BRL"]))
def test_any_text_is_an_amount_or_refused(text: str, currency: str) -> None:
    with contextlib.suppress(MoneyError):
        assert isinstance(parse_money(text, currency, DECIMALS.get(currency, 2)), float)


@given(st.from_regex(r"-?[0-9]{1,9}(\.[0-9]{1,2})?", fullmatch=True), st.sampled_from(["USD", "IDR"]))
def test_what_sql_reads_at_once_reads_the_same_with_thought(text: str, currency: str) -> None:
    decimals = DECIMALS.get(currency, 2)
    if re.fullmatch(plain_pattern(decimals), text):
        assert parse_money(text, currency, decimals) == float(text)
