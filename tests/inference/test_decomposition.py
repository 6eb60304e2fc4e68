from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancel_analysis import inference
from cancel_analysis.inference import MIX, decompose, rounded


def sums(found, key):
    """The effects summed by `unit` or by `cause`."""
    effects = {}
    for part in found.parts:
        effects[getattr(part, key)] = effects.get(getattr(part, key), Fraction(0)) + part.effect
    return effects


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


@settings(max_examples=80)
@given(periods(), st.integers(0, 9))
def test_parts_sum_to_the_change_to_the_last_digit(period, digits):
    found = decompose(*period)
    before, before_total, after, after_total = period
    change = Fraction(sum(map(sum, after)), sum(after_total)) - Fraction(sum(map(sum, before)), sum(before_total))
    assert sum((part.effect for part in found.parts), Fraction(0)) == change == found.change
    assert sum(sums(found, "unit").values(), Fraction(0)) == change
    assert sum(sums(found, "cause").values(), Fraction(0)) == change
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
    assert sums(found, "cause")[MIX] == found.change
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
    assert decompose(before, [1000, 1000], after, [1000, 1000], design=40).noise
    frame = found.frame(4)
    assert frame["effect"].sum() == pytest.approx(float(found.change))
    assert frame["shown"].sum() == pytest.approx(round(float(found.change), 4))


def chi_square(count, total):
    rate = count.sum() / total.sum()
    return ((count - total * rate) ** 2 / (total * rate * (1 - rate))).sum()


def test_dispersion_is_pearsons_with_care():
    assert inference.dispersion_of([10, 10, 10], [100, 100, 100]) == 1.0
    count, total = np.array([20, 60, 35, 90]), np.full(4, 500)
    # t at 97.5 % of 3 degrees of freedom, squared over the normal one's.
    expected = chi_square(count, total) / 3 * (3.182446 / 1.959964) ** 2
    assert inference.dispersion_of(count, total) == pytest.approx(expected, rel=1e-5)
    assert inference.dispersion_of([5], [10]) == 1.0
    assert inference.dispersion_of(np.zeros((0, 2)), np.zeros(0)).tolist() == [1.0, 1.0]
    both = inference.dispersion_of(np.column_stack([count, 2 * count]), total)
    assert both.tolist() == pytest.approx([expected, inference.dispersion_of(2 * count, total)])


def test_a_rate_that_rose_for_good_is_not_restlessness():
    count, total = np.array([20, 25, 18, 22, 19, 80, 84, 75]), np.full(8, 500)
    assert inference.dispersion_of(count, total) == 1.0
    restless = np.array([20, 84, 18, 80, 22, 75, 19, 25])
    best = min(chi_square(restless[:k], total[:k]) + chi_square(restless[k:], total[k:]) for k in range(1, 8))
    # t of 5 degrees.
    expected = best / 0.87 / 5 * (2.570582 / 1.959964) ** 2
    assert inference.dispersion_of(restless, total) == pytest.approx(expected, rel=1e-5)


def test_weeks_of_pure_chance_have_a_dispersion_near_one():
    """The mean of χ² / degrees about the chosen step is 1, so half of the shops keep 1 and the others little more."""
    counts = np.random.default_rng(4).binomial(2000, 0.1, size=(8, 3000))
    found = inference.dispersion_of(counts, np.full(8, 2000))
    times = np.where(found > 1, found / (2.570582 / 1.959964) ** 2, np.nan)
    assert 0.5 < np.mean(found == 1) < 0.65
    assert 1.3 < np.nanmean(times) < 1.7


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


def brute(before, before_total, after, after_total):
    """Shapley's value of rates and shares by trying both orders of exchanging them, in plain floats."""
    n0, n1 = np.array(before_total, float), np.array(after_total, float)
    r0, r1 = np.array(before, float).sum(axis=1) / n0, np.array(after, float).sum(axis=1) / n1
    s0, s1 = n0 / n0.sum(), n1 / n1.sum()
    rate = ((s0 * r1).sum() - (s0 * r0).sum() + (s1 * r1).sum() - (s1 * r0).sum()) / 2
    mix = ((s1 * r0).sum() - (s0 * r0).sum() + (s1 * r1).sum() - (s0 * r1).sum()) / 2
    return rate, mix


@settings(max_examples=25)
@given(periods())
def test_rate_and_mix_are_the_shapley_values(period):
    before, before_total, after, after_total = period
    before_total, after_total = [n + 1 for n in before_total], [n + 1 for n in after_total]
    found = sums(decompose(before, before_total, after, after_total), "cause")
    rate, mix = brute(before, before_total, after, after_total)
    assert float(found.pop(MIX, 0)) == pytest.approx(mix, abs=1e-12)
    assert float(sum(found.values())) == pytest.approx(rate, abs=1e-12)


def test_death_rates_by_race_and_age_as_das_gupta_has_them():
    """Das Gupta (1993), example 5.3, as DasGuptR 2.1.0 computes it (vignette "Category effects", per 1,000).

    Crude 9.421833 in 1970 and 8.735618 in 1985; by rates -2.2277254, by age 1.5217347, by race 0.0197749.
    """
    now = [3041, 11577, 27450, 32711, 35480, 27411, 19555, 19795, 15254, 8022, 2472]
    now += [707, 2692, 6473, 6841, 6547, 4352, 3034, 2540, 1749, 804, 236]
    then = [2968, 11484, 34614, 30992, 21983, 20314, 20928, 16897, 11339, 5720, 1315]
    then += [535, 2162, 6120, 4781, 3096, 2718, 2363, 1767, 1149, 448, 117]
    # In millionths: 9163 is 9.163 deaths per 1,000.
    rate_now = [9163, 462, 248, 929, 1084, 1810, 4715, 12187, 27728, 64068, 157570]
    rate_now += [17208, 738, 328, 1103, 2045, 3724, 8052, 17812, 34128, 68276, 125161]
    rate_then = [18469, 751, 391, 1146, 1287, 2672, 6636, 15691, 34723, 79763, 176837]
    rate_then += [36993, 1352, 541, 2040, 3523, 6746, 12967, 24471, 45091, 74902, 123205]
    deaths = [[n * rate for n, rate in zip(*one, strict=True)] for one in ((then, rate_then), (now, rate_now))]
    found = decompose(deaths[0], [n * 10**6 for n in then], deaths[1], [n * 10**6 for n in now])
    parts = {name: 1000 * float(value) for name, value in sums(found, "cause").items()}
    assert (1000 * float(found.before), 1000 * float(found.after)) == pytest.approx((9.421833, 8.735618), abs=1e-6)
    assert parts == {0: pytest.approx(-2.2277254, abs=1e-7), MIX: pytest.approx(1.5217347 + 0.0197749, abs=2e-7)}


def test_mix_has_an_interval_and_noise_in_it_is_not_named():
    few = decompose([[2], [8]], [50, 50], [[2], [12]], [44, 56], units=["A", "B"], causes=["stock"])
    (mix,) = [part for part in few.parts if (part.unit, part.cause) == ("B", MIX)]
    assert mix.low < 0 < float(mix.effect) < mix.high
    assert not mix.sure
    many = decompose([[20], [800]], [1000, 1000], [[20], [2400]], [1000, 3000], units=["A", "B"], causes=["stock"])
    assert {(part.unit, part.cause) for part in many.main_parts()} == {("A", MIX), ("B", MIX)}
    assert all(part.sure for part in many.main_parts())


def test_the_interval_of_a_mix_part_covers():
    generator = np.random.default_rng(8)
    shares0, shares1, rates = np.array([0.5, 0.3, 0.2]), np.array([0.35, 0.3, 0.35]), np.array([0.02, 0.05, 0.2])
    true = (rates[2] - (shares0 @ rates + shares1 @ rates) / 2) * (shares1[2] - shares0[2])
    covered = []
    for _ in range(300):
        n0, n1 = generator.multinomial(800, shares0), generator.multinomial(600, shares1)
        x0, x1 = generator.binomial(n0, rates), generator.binomial(n1, rates)
        (part,) = [one for one in decompose(x0, n0, x1, n1).parts if (one.unit, one.cause) == (2, MIX)]
        covered.append(part.low <= true <= part.high)
    assert 0.91 <= np.mean(covered) <= 0.99


def test_earlier_periods_widen_the_whole_and_each_part_by_itself():
    earlier_counts = np.array([[[10, 2]], [[10, 40]], [[10, 3]], [[10, 45]], [[10, 2]]])
    earlier = (earlier_counts, np.full((5, 1), 1000))
    found = decompose([[10, 3]], [1000], [[40, 42]], [1000], causes=["calm", "restless"], earlier=earlier)
    alone = decompose([[10, 3]], [1000], [[40, 42]], [1000], causes=["calm", "restless"])
    assert found.dispersion == pytest.approx(inference.dispersion_of(earlier_counts.sum(axis=(1, 2)), np.full(5, 1000)))
    assert found.dispersion > 5
    width = {part.cause: part.high - part.low for part in found.parts}
    width_alone = {part.cause: part.high - part.low for part in alone.parts}
    assert width["calm"] == pytest.approx(width_alone["calm"])
    assert width["restless"] > 3 * width_alone["restless"]
    assert [part.cause for part in found.main_parts()] == ["calm"]
