"""The random stream: equal everywhere, and fair enough."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cancel_analysis.sample.random_stream import RandomStream


def test_the_stream_is_the_one_that_every_machine_draws() -> None:
    # Golden numbers: raw PCG64 doubles, which NumPy promises never to change.
    rng = RandomStream(20261101, 1)
    assert [round(rng.unit(), 12) for _ in range(4)] == [
        0.163970695384,
        0.288388315318,
        0.539735497953,
        0.524927113664,
    ]


def test_streams_differ_by_seed_only() -> None:
    assert [RandomStream(1, 2).unit() for _ in range(3)] == [RandomStream(1, 2).unit() for _ in range(3)]
    assert RandomStream(1, 2).unit() != RandomStream(1, 3).unit()


def test_whole_numbers_reach_both_ends() -> None:
    rng = RandomStream(5)
    assert {rng.whole(2, 4) for _ in range(200)} == {2, 3, 4}


def test_picks_follow_their_weights() -> None:
    rng = RandomStream(6)
    drawn = [rng.pick("abc", (1, 3, 0)) for _ in range(4000)]
    assert drawn.count("c") == 0
    assert drawn.count("b") / len(drawn) == pytest.approx(0.75, abs=0.03)


def test_delays_follow_their_quantiles() -> None:
    rng = RandomStream(7)
    curve = ((0, 1), (0.5, 2), (1, 10))
    drawn = sorted(rng.delay(curve) for _ in range(4001))
    assert timedelta(hours=1) <= drawn[0]
    assert drawn[-1] <= timedelta(hours=10)
    assert drawn[2000] / timedelta(hours=1) == pytest.approx(2, abs=0.15)
