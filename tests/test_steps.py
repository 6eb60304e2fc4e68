"""Seconds by step add up to the whole, each counted once; nothing is measured or told unasked."""

from __future__ import annotations

import threading
import time

import pytest

from cancel_analysis import steps
from cancel_analysis.steps import collected, tell, timed


class Clock:
    """A clock that moves when it is told to."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(steps, "time", found)
    return found


def test_a_step_has_its_own_time_without_that_of_steps_inside_it(clock: Clock) -> None:
    with collected() as seconds:
        with timed("notebook"):
            clock.now += 1
            with timed("figures"):
                clock.now += 10
                with timed("charts"):
                    clock.now += 100
            with timed("charts"):
                clock.now += 1000
        with timed("publish"):
            clock.now += 10000
    assert seconds == {"notebook": 1, "figures": 10, "charts": 1100, "publish": 10000}


def test_what_another_process_measured_is_no_time_of_the_waiting_one(clock: Clock) -> None:
    with collected() as seconds, timed("start"):
        clock.now += 10
        steps.add({"notebook": 7, "load": 2})
    assert seconds == {"start": 1, "notebook": 7, "load": 2}


def test_an_error_ends_a_step_too(clock: Clock) -> None:
    def fail() -> None:
        with timed("load"):
            clock.now += 3
            raise ValueError("x")

    with collected() as seconds:
        with pytest.raises(ValueError, match="x"):
            fail()
        with timed("publish"):
            clock.now += 1
    assert seconds == {"load": 3, "publish": 1}


def test_nothing_is_measured_or_told_unasked() -> None:
    with timed("load"):
        tell("files", 1, 2)
    steps.add({"load": 1})
    told: list[tuple[str, int, int]] = []
    with collected(lambda *what: told.append(what)) as seconds:
        tell("files", 1, 2)
    tell("files", 2, 2)
    assert told == [("files", 1, 2)]
    assert seconds == {}


def test_each_thread_has_its_own() -> None:
    found: dict[str, dict[str, float]] = {}

    def work(name: str) -> None:
        with collected() as seconds:
            with timed(name):
                time.sleep(0.01)
            found[name] = seconds

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: list(seconds) for name, seconds in found.items()} == {"a": ["a"], "b": ["b"]}
