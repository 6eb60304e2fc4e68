"""Names that are not known: the nearest one first, and never a page of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.errors import MOST_NAMES, nearest, shorten, unknown

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
    assert len(told) < 60 * 4 + 2 + 20 * 4 + MOST_NAMES * 22 + 100


def test_a_long_value_is_cut() -> None:
    assert shorten("x" * 100) == repr("x" * 60 + "…")
