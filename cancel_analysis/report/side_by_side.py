"""Several things done at the same time, in threads that wait for processes; Ctrl-C ends them all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from cancel_analysis.errors import SettingsError

Item = TypeVar("Item")
Result = TypeVar("Result")


def checked_count(jobs: int | None) -> int:
    """How many things are done at a time: as many as were asked for, else one a core; SettingsError below 1."""
    if jobs is not None and jobs < 1:
        raise SettingsError(f"jobs must be 1 or more, not {jobs}")
    return jobs or os.cpu_count() or 1


def do_each(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    count: int,
    stop: Callable[[], None],
    ended: Callable[[Result], None],
) -> None:
    """Call `function` with each item, `count` at a time, and `ended`, in this thread, with each result as it comes.

    Whatever is raised, in a thread or here (Ctrl-C), ends all: `stop` is called, which must bring the running
    ones to their end, and they are waited for.
    """
    with ThreadPoolExecutor(max_workers=count, thread_name_prefix="work") as pool:
        waiting: set[Future[Result]] = {pool.submit(function, item) for item in items}
        try:
            while waiting:
                # A wait without end would not let Ctrl-C through on Windows.
                done, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    ended(future.result())
        except BaseException:
            for future in waiting:
                future.cancel()
            stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
