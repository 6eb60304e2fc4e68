"""Tasks for the workers of a cluster: a few at a time, done elsewhere when a worker dies, ended when all is lost.

The scheduler knows no more tasks than its workers do next: a plan of any size needs no more of its memory, results
do not pile up, and a worker that joins late gets its share of what is left.
"""

from __future__ import annotations

import queue
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from cancel_analysis.errors import ReportError, SettingsError
from cancel_analysis.report.cluster.connection import Cluster

Item = TypeVar("Item")
Result = TypeVar("Result")

# A worker has its next task at hand when it ends one.
TASKS_A_THREAD = 2
# How often workers that joined or left are looked for.
LOOK_SECONDS = 1.0
# Without a worker that can be used so long, a run ends; a nanny starts one that died again within seconds.
WAIT_SECONDS = 60.0


class ClusterLostError(ReportError):
    """Raised when the scheduler is gone, or no worker is left; what was published until then stands."""


class HandOut:
    """Hands tasks out to the members of a cluster and gives their results, in the calling thread, as they come."""

    def __init__(self, cluster: Cluster, wait_seconds: float = WAIT_SECONDS) -> None:
        self._cluster, self._members, self._wait = cluster, cluster.members, wait_seconds
        self._looked = 0.0
        # Future → number of the task, the workers that it may run on.
        self._running: dict[Any, tuple[int, frozenset[str]]] = {}
        # A queue for each run: a late word of an earlier one is nobody's.
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def do_each(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        ended: Callable[[Item, Result], None],
        failed: Callable[[Item, BaseException], None],
    ) -> None:
        """Call `function` (of a module's own level) with each item on a worker, and `ended` here with each result.

        `failed` hears of an item whose task raised, or whose workers died time and again. Raises SettingsError when
        all workers are refused before anything was done, ClusterLostError when the scheduler or the last worker
        goes away. Whatever is raised, what is running is given up and nothing more is handed out.
        """
        run, waiting, seen = uuid.uuid4().hex[:12], deque(range(len(items))), time.monotonic()
        try:
            while waiting or self._running:
                self._look(waiting)
                if self._members.usable:
                    seen = time.monotonic()
                elif self._members.refused and len(waiting) == len(items):
                    raise SettingsError(_refused(self._members.refused))
                elif time.monotonic() - seen > self._wait:
                    raise ClusterLostError(self._nobody())
                while waiting and self._members.usable and len(self._running) < self._most():
                    number = waiting.popleft()
                    self._submit(function, items[number], number, f"cancel-analysis-{run}-{number}")
                for future in self._next():
                    number, _ = self._running.pop(future)
                    self._take(future, items[number], ended, failed)
        except BaseException:
            self._give_up()
            raise

    def _most(self) -> int:
        return TASKS_A_THREAD * self._members.threads

    def _look(self, waiting: deque[int]) -> None:
        """See who is there; tasks that wait for nobody but workers that left are handed out again."""
        self._check_there()
        if self._members.usable and time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        self._asked(self._members.look)
        for future, (number, workers) in list(self._running.items()):
            if not future.done() and not workers & set(self._members.usable):
                del self._running[future]
                self._asked(future.cancel)
                waiting.appendleft(number)

    def _submit(self, function: Callable[[Item], Result], item: Item, number: int, key: str) -> None:
        workers = list(self._members.usable)
        future = self._asked(
            lambda: self._cluster.client.submit(
                function,
                item,
                key=f"{key}-{uuid.uuid4().hex[:6]}",
                workers=workers,
                allow_other_workers=False,
                pure=False,
            )
        )
        self._running[future] = number, frozenset(workers)
        future.add_done_callback(self._ended.put)

    def _next(self) -> list[Any]:
        """The tasks that have ended, after a short wait for one."""
        found = []
        with suppress(queue.Empty):
            found.append(self._ended.get(timeout=min(0.5, LOOK_SECONDS)))
            while True:
                found.append(self._ended.get_nowait())
        return [future for future in dict.fromkeys(found) if future in self._running]

    def _take(
        self,
        future: Any,
        item: Item,
        ended: Callable[[Item, Result], None],
        failed: Callable[[Item, BaseException], None],
    ) -> None:
        if future.status in ("cancelled", "lost"):
            # Nobody here cancels what it waits for.
            raise ClusterLostError(self._gone())
        if future.status == "error":
            failed(item, self._asked(future.exception))
            return
        ended(item, self._asked(future.result))

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """An answer of the scheduler; ClusterLostError where it gives none."""
        from concurrent.futures import CancelledError

        try:
            return ask()
        except (OSError, TimeoutError, CancelledError) as error:
            raise ClusterLostError(self._gone()) from error
        except Exception as error:
            self._check_there(error)
            raise

    def _check_there(self, error: BaseException | None = None) -> None:
        if self._cluster.client.status != "running":
            raise ClusterLostError(self._gone()) from error

    def _give_up(self) -> None:
        """Let the running tasks go; a worker ends what it has begun in a folder of its own, and nobody takes it."""
        running, self._running = list(self._running), {}
        if self._cluster.client.status == "running":
            with suppress(Exception):
                self._cluster.client.cancel(running)

    def _gone(self) -> str:
        return f"{self._cluster.name} is gone"

    def _nobody(self) -> str:
        told = f"{self._cluster.name} has had no worker for {self._wait:g} seconds"
        return f"{told} that can be used: {_refused(self._members.refused)}" if self._members.refused else told


def _refused(refused: Mapping[str, str]) -> str:
    return "no worker can be used: " + "; ".join(refused.values())
