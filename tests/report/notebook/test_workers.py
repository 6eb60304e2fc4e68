"""Processes of their own: at most so many at a time, and none after the run was given up."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from cancel_analysis.report.notebook.workers import Stopped, Workers
from cancel_analysis.steps import WAIT, collected

pytestmark = pytest.mark.slow


def stay(seconds: float) -> tuple[float, float]:
    """When this process began its work and when it ended (both of the machine's one steady clock)."""
    began = time.monotonic()
    time.sleep(seconds)
    return began, time.monotonic()


def test_no_more_run_at_a_time_than_was_said_and_waiting_is_told_apart(tmp_path: Path) -> None:
    workers = Workers(1)

    def run(number: int) -> tuple[tuple[float, float], dict[str, float]]:
        folder = tmp_path / str(number)
        folder.mkdir()
        with collected() as seconds:
            return workers.call(stay, 0.5, work=folder), dict(seconds)

    with ThreadPoolExecutor(3) as pool:
        found = sorted(pool.map(run, range(3)), key=lambda result: result[0])
    times = [ran for ran, _ in found]
    assert all(before[1] <= after[0] for before, after in pairwise(times)), "one after the other"
    waited = [seconds[WAIT] for _, seconds in found]
    assert waited[0] < waited[1] < waited[2]
    assert waited[2] >= 1, "two that took half a second each came before it"


def test_what_waits_for_a_place_ends_when_the_run_is_given_up(tmp_path: Path) -> None:
    workers = Workers(1)
    ended: list[type[BaseException]] = []

    def run(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            workers.call(stay, 60.0, work=folder)
        except BaseException as error:
            ended.append(type(error))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while not workers._running and time.monotonic() < deadline:
        time.sleep(0.05)
    workers.stop()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert ended == [Stopped, Stopped]
