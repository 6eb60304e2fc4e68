"""Work for real workers that takes the place of a report."""

from __future__ import annotations

import os
import signal
import time

from cancel_analysis.errors import SettingsError

SECONDS = 0.25


def where(number: int) -> tuple[int, str]:
    """The number and the name of the worker that was given it, after a while."""
    from distributed import get_worker

    time.sleep(SECONDS)
    return number, str(get_worker().name)


def wrong(number: int) -> int:
    if number == 2:
        raise SettingsError("two is wrong")
    return number


def deadly(number: int) -> int:
    """The number; 1 brings down every worker that it is given to."""
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number
