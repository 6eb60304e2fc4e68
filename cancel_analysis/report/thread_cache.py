"""A value that is made once a process, whichever thread asks first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Value = TypeVar("Value")


def cached_across_threads(make: Callable[[], Value]) -> Callable[[], Value]:
    """Like `functools.cache` for a function without arguments, but others wait for it instead of doing it too."""
    lock = threading.Lock()
    made: list[Value] = []

    @wraps(make)
    def value() -> Value:
        with lock:
            if not made:
                made.append(make())
        return made[0]

    return value
