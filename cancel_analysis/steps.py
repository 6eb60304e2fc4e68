"""Which step the work is at and how long each took, for whoever asks; nothing is measured otherwise.

A process that works for another one hands its steps over with its result (`report.notebook.workers`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# In the order in which they come.
STEPS = (
    "plan", "start", "load", "attribute", "figures", "charts", "tables", "notebook", "pictures", "HTML", "PDF",
    "publish",
)  # fmt: skip
# Before a process of its own may start: no work, and no step of a report.
WAIT = "wait"

Seconds = dict[str, float]
# What is being done, how many are done, of how many.
Told = Callable[[str, int, int], None]


class _Here(threading.local):
    """What this thread's work is measured into, the steps it is in, and whom it tells how far it is."""

    seconds: Seconds | None = None
    told: Told | None = None

    def __init__(self) -> None:
        self.inside: list[float] = []


_here = _Here()


@contextmanager
def collected(told: Told | None = None) -> Iterator[Seconds]:
    """Within it the seconds of this thread's steps are counted; `told` hears how far a long one is."""
    before = _here.seconds, _here.told
    seconds: Seconds = {}
    _here.seconds, _here.told = seconds, told
    try:
        yield seconds
    finally:
        _here.seconds, _here.told = before


@contextmanager
def timed(step: str) -> Iterator[None]:
    """The time within it belongs to `step`, but for that of steps inside it."""
    if _here.seconds is None:
        yield
        return
    started = time.perf_counter()
    _here.inside.append(0.0)
    try:
        yield
    finally:
        whole = time.perf_counter() - started
        of_others = _here.inside.pop()
        if _here.inside:
            _here.inside[-1] += whole
        if _here.seconds is not None:
            _count({step: whole - of_others})


def add(seconds: Seconds) -> None:
    """Count steps that another process has measured while this thread waited for it."""
    if _here.seconds is not None:
        _count(seconds)
        if _here.inside:
            _here.inside[-1] += sum(seconds.values())


def _count(seconds: Seconds) -> None:
    assert _here.seconds is not None
    for step, found in seconds.items():
        _here.seconds[step] = _here.seconds.get(step, 0.0) + found


def tell(what: str, done: int, total: int) -> None:
    """Say how far the work is to whoever listens."""
    if _here.told is not None:
        _here.told(what, done, total)
