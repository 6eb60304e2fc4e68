from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis import inference
from cancel_analysis.inference import MIX, decompose, rounded


@st.composite
def periods(draw):
    units, causes = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    counts = [
        [draw(st.lists(st.integers(0, 50), min_size=causes, max_size=causes)) for _ in range(units)] for _ in "ab"
    ]
    totals = [[sum(row) + draw(st.integers(0, 100)) for row in one] for one in counts]
    for one in totals:
        one[0] += 1
    return counts[0], totals[0], counts[1], totals[1]


@settings(max_examples=200)
@given(periods(), st.integers(0, 9))
def test_parts_sum_to_the_change_to_the_last_digit(period, digits):
    found = decompose(*period)
    before, before_total, after, after_total = period
    change = Fraction(sum(map(sum, after)), sum(after_total)) - Fraction(sum(map(sum, before)), sum(before_total))
    assert sum((part.effect for part in found.parts), Fraction(0)) == change == found.change
    assert sum(found.by("unit").values(), Fraction(0)) == change
    assert sum(found.by("cause").values(), Fraction(0)) == change
    shown = rounded([part.effect for part in found.parts], digits)
    unit = Fraction(1, 10**digits)
    assert abs(sum(shown, Fraction(0)) - change) <= unit / 2
    assert all(abs(one - part.effect) < unit for one, part in zip(shown, found.parts, strict=True))
    assert all((one / unit).denominator == 1 for one in shown)


def test_rates_and_mix_by_hand():
    # A: 10 of 100, then 30 of 200; B: 40 of 100, then 40 of 100.
    found = decompose([[10], [40]], [100, 100], [[30], [40]], [200, 100], units=["A", "B"], causes=["stock"])
    effects = {(part.unit, part.cause): part.effect for part in found.parts}
    # A's share of orders: 1/2 then 2/3; its rate 1/10 then 3/20. Mean rate of all: (1/4 + 7/30) / 2.
    middle = (Fraction(1, 4) + Fraction(7, 30)) / 2
    assert effects["A", "stock"] == Fraction(7, 12) * Fraction(1, 20)
    assert effects["A", MIX] == (Fraction(1, 8) - middle) * Fraction(1, 6)
    assert effects["B", MIX] == (Fraction(2, 5) - middle) * Fraction(-1, 6)
    assert effects["B", "stock"] == 0
    assert found.change == Fraction(7, 30) - Fraction(1, 4)
    assert (found.low, found.high) == pytest.approx(inference.newcombe(70, 300, 50, 200))


def test_a_new_product_is_mix():
    found = decompose([[5], [0]], [100, 0], [[5], [30]], [100, 100], units=["old", "new"])
    assert found.by("cause")[MIX] == found.change
    assert all(part.cause == MIX or part.effect == 0 for part in found.parts)


def test_the_main_parts_are_named_or_noise_is():
    before = [[10, 20, 5], [12, 18, 6]]
    after = [[80, 21, 5], [11, 20, 7]]
    names = {"units": ["P1", "P2"], "causes": ["stock", "quality", "price"]}
    found = decompose(before, [1000, 1000], after, [1000, 1000], **names)
    assert not found.noise
    assert [(part.unit, part.cause) for part in found.main_parts()] == [("P1", "stock")]
    assert found.main_parts()[0].low > 0
    same = decompose(before, [1000, 1000], [[11, 19, 5], [13, 20, 6]], [1000, 1000], **names)
    assert same.noise
    assert same.main_parts() == ()
    assert decompose(before, [1000, 1000], after, [1000, 1000], dispersion=40).noise
    frame = found.frame(4)
    assert round(frame["effect"].sum(), 4) == pytest.approx(round(float(found.change), 4))


def test_dispersion_is_pearsons_with_care():
    assert inference.dispersion_of([10, 10, 10], [100, 100, 100]) == 1.0
    count, total = np.array([20, 60, 35, 90, 41]), np.full(5, 500)
    rate = count.sum() / total.sum()
    chi = ((count - total * rate) ** 2 / (total * rate * (1 - rate))).sum() / 4
    assert inference.dispersion_of(count, total) == pytest.approx(1 + (chi - 1) * (2.776445 / 1.959964) ** 2, rel=1e-5)
    assert inference.dispersion_of([5], [10]) == 1.0


def test_only_what_can_be_is_taken():
    for wrong in [
        ([[1]], [0], [[1]], [5]), ([[1]], [5], [[1.5]], [5]), ([[1]], [5], [[-1]], [5]), ([[0]], [0], [[1]], [5]),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=r"larger|whole|nothing"):
            decompose(*wrong)
    with pytest.raises(ValueError, match="same units"):
        decompose([[1]], [5], [[1], [2]], [5, 5])
    with pytest.raises(ValueError, match="one name"):
        decompose([[1]], [5], [[1]], [5], units=["a", "b"])
