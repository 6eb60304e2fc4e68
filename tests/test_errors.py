"""Names that are not known: the nearest first, never a page of them; and what may be told of an error."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.errors import (
    CALLER,
    COMMAND,
    MOST_NAMES,
    CancelAnalysisError,
    Place,
    UnreadableFileError,
    describe_error,
    nearest,
    option,
    shorten,
    unknown,
)
from cancel_analysis.loaders.parsing.money import parse_money
from cancel_analysis.rates.breakdown import within

CANARY = "Maria Kanarienvogel, +1 202 555 0143"
SHOPS = ("th-siam-beauty", "us-harbor-home", "id-toko-gadget")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("us-harbour-home", "us-harbor-home"),
        ("US-HARBOR-HOME", "us-harbor-home"),
        ("toko", "id-toko-gadget"),
        ("zzz", None),
        ("", None),
    ],
)
def test_the_nearest_name(name: str, near: str | None) -> None:
    assert nearest(name, SHOPS) == near


def test_the_message_asks_then_lists() -> None:
    assert unknown("shop", "us-harbour-home", SHOPS) == (
        "no shop 'us-harbour-home'; did you mean 'us-harbor-home'? there are th-siam-beauty, us-harbor-home, "
        "id-toko-gadget"
    )
    assert unknown("shop", "zzz", SHOPS[:1]) == "no shop 'zzz'; there are th-siam-beauty"
    assert unknown("shop", "x", ()) == "no shop 'x'; there is none"


@given(st.text(), st.lists(st.text(min_size=1, max_size=20), max_size=40))
def test_a_message_is_bounded_and_its_name_is_one_of_the_known(name: str, known: list[str]) -> None:
    near = nearest(name, known)
    assert near is None or near in known
    told = unknown("shop", name * 50, known)
    different = len(set(known))
    assert (f"and {different - MOST_NAMES} more" in told) == (different > MOST_NAMES)
    # A character that cannot be printed is shown by ten: \U0001342f.
    assert len(told) < 60 * 10 + 2 + 20 * 10 + MOST_NAMES * 22 + 100


def test_a_long_value_is_cut() -> None:
    assert shorten("x" * 100) == repr("x" * 60 + "…")


def caught(action: object) -> BaseException:
    try:
        exec(action, {"CANARY": CANARY}) if isinstance(action, str) else action()  # type: ignore[operator]
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def test_our_own_errors_are_told_whole() -> None:
    error = UnreadableFileError("it is empty", place=Place(file="a.csv"), remedy="Export it again.")
    assert describe_error(error) == "it is empty [a.csv]\n  What to do: Export it again."


@pytest.mark.parametrize(
    "action",
    [
        lambda: int(CANARY),
        lambda: dict[str, int]()[CANARY],
        lambda: pd.Timestamp(CANARY),
        lambda: within(pd.DataFrame({CANARY: [1]}), "created_at", CANARY, 3),  # type: ignore[arg-type]
        lambda: parse_money(object(), CANARY, 2),  # type: ignore[arg-type]
    ],
)
def test_of_others_only_the_kind_and_the_place_are_told(action: object) -> None:
    error = caught(action)
    text = describe_error(error)
    assert "Maria" not in text
    assert "555" not in text
    assert text.startswith(type(error).__name__)


def test_the_place_in_this_package_is_told() -> None:
    error = caught(lambda: within(pd.DataFrame({CANARY: [1]}), "created_at", CANARY, 3))  # type: ignore[arg-type]
    assert " met in cancel_analysis/rates/breakdown.py, line " in describe_error(error)


def test_what_a_notebooks_cell_raises_is_its_authors_word() -> None:
    code = compile("raise ValueError('no such thing')", "<ipython-input-3-abc>", "exec")
    error = caught(lambda: exec(code, {}))
    assert describe_error(error) == "ValueError: no such thing"


def test_words_of_every_day() -> None:
    assert describe_error(MemoryError(CANARY)) == "MemoryError: there was not enough memory"
    assert describe_error(FileNotFoundError(2, "No such file or directory", f"/home/{CANARY}")) == (
        "FileNotFoundError: No such file or directory"
    )
    assert describe_error(CancelAnalysisError()) == "CancelAnalysisError"


def test_a_setting_is_named_as_whoever_called_gives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CALLER, raising=False)
    assert (option("date_order", "dmy"), option("market")) == ("date_order='dmy'", "market")
    monkeypatch.setenv(CALLER, COMMAND)
    assert (option("date_order", "dmy"), option("market")) == ("--date-order dmy", "--market")
