"""Tasks for the workers of a cluster: a few at a time, done elsewhere when a worker dies, ended when all is lost.

The scheduler knows no more tasks than its workers do next: a plan of any size needs no more of its memory, results
do not pile up, and a worker that joins late gets its share of what is left.
"""

from __future__ import annotations

import queue
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
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
# A report of a few megabytes is here in less, over a slow line too.
RESULT_SECONDS = 15.0
_DIED = "the workers that made this report died, the last with nothing else to do; is there enough memory?"


# A task whose worker left is given to others; when that happens to it so often, it is tried with nothing beside it.
LOSSES = 2


class ClusterLostError(ReportError):
    """Raised when the scheduler is gone, or no worker is left; what was published until then stands."""


class WorkerDiedError(ReportError):
    """What a task failed of whose workers died, the last time with nothing else to do."""


@dataclass
class _Work:
    """What is still to be done: tasks by number, and how often the workers of each left it."""

    waiting: deque[int]
    # To be tried one at a time: either of two that a dying worker had may be what it dies of.
    suspects: deque[int] = field(default_factory=deque)
    losses: Counter[int] = field(default_factory=Counter)

    def lost(self, number: int) -> bool:
        """Note that a task's workers left; whether it may be tried again."""
        self.losses[number] += 1
        if self.losses[number] > LOSSES:
            return False
        (self.suspects if self.losses[number] == LOSSES else self.waiting).append(number)
        return True

    def suspect(self, number: int) -> None:
        """Note that the scheduler has given a task up, for many workers of it died."""
        self.losses[number] = LOSSES
        self.suspects.append(number)


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
        work, seen, begun = _Work(deque(range(len(items)))), time.monotonic(), False
        try:
            while work.waiting or work.suspects or self._running:
                for number in self._left_alone():
                    if not work.lost(number):
                        failed(items[number], WorkerDiedError(_DIED))
                if self._members.usable:
                    seen = time.monotonic()
                elif self._members.refused and not begun:
                    raise SettingsError(_refused(self._members.refused))
                elif time.monotonic() - seen > self._wait:
                    raise ClusterLostError(self._nobody())
                for number in self._next(work):
                    begun = True
                    self._submit(function, items[number], number, alone=work.losses[number] == LOSSES)
                for future in self._just_ended():
                    number, workers = self._running.pop(future)
                    if future.status in ("cancelled", "lost"):
                        # Nobody here cancels what it waits for. Of a scheduler that is still there, it is handed out
                        # again, as what a worker took along is.
                        self._check_there()
                        if not work.lost(number):
                            failed(items[number], WorkerDiedError(_DIED))
                        continue
                    if future.status == "error":
                        error = self._asked(future.exception)
                        # The scheduler gives up a task that many workers died with; it may not be the cause.
                        if type(error).__name__ == "KilledWorker" and work.losses[number] < LOSSES:
                            work.suspect(number)
                        else:
                            failed(items[number], error)
                        continue
                    try:
                        result = self._result(future)
                    except TimeoutError:
                        # Its worker left with the result: the task waits again, for workers that may have left too.
                        self._watch(future, number, workers)
                        continue
                    ended(items[number], result)
        except BaseException:
            self._give_up()
            raise

    def _next(self, work: _Work) -> list[int]:
        """The numbers of the tasks that are handed out now."""
        if not self._members.usable:
            return []
        if work.waiting:
            free = TASKS_A_THREAD * self._members.threads - len(self._running)
            return [work.waiting.popleft() for _ in range(min(free, len(work.waiting)))]
        return [work.suspects.popleft()] if work.suspects and not self._running else []

    def _left_alone(self) -> list[int]:
        """See who is there; the numbers of tasks that wait for nobody but workers that left, which are given up."""
        self._check_there()
        if self._members.usable and time.monotonic() - self._looked < LOOK_SECONDS:
            return []
        self._looked = time.monotonic()
        self._asked(self._members.look)
        left = []
        for future, (number, workers) in list(self._running.items()):
            if not future.done() and not workers & set(self._members.usable):
                del self._running[future]
                self._asked(future.cancel)
                left.append(number)
        return left

    def _submit(self, function: Callable[[Item], Result], item: Item, number: int, *, alone: bool) -> None:
        workers = list(self._members.usable)[: 1 if alone else None]
        future = self._asked(
            lambda: self._cluster.client.submit(
                function,
                item,
                key=f"cancel-analysis-{uuid.uuid4().hex}",
                workers=workers,
                allow_other_workers=False,
                pure=False,
            )
        )
        self._watch(future, number, frozenset(workers))

    def _watch(self, future: Any, number: int, workers: frozenset[str]) -> None:
        self._running[future] = number, workers
        future.add_done_callback(self._ended.put)

    def _just_ended(self) -> list[Any]:
        """The tasks that have ended, after a short wait for one."""
        found = []
        with suppress(queue.Empty):
            found.append(self._ended.get(timeout=min(0.5, LOOK_SECONDS)))
            while True:
                found.append(self._ended.get_nowait())
        return [future for future in dict.fromkeys(found) if future in self._running]

    def _result(self, future: Any) -> Any:
        """The result of a task that has ended; TimeoutError when it does not come, for its worker has left."""
        with suppress(TimeoutError):
            return self._asked(lambda: future.result(timeout=RESULT_SECONDS), patient=True)
        self._check_there()
        raise TimeoutError

    def _asked(self, ask: Callable[[], Any], *, patient: bool = False) -> Any:
        """An answer of the scheduler; ClusterLostError where none comes (`patient`: TimeoutError)."""
        from concurrent.futures import CancelledError

        try:
            return ask()
        except TimeoutError as error:
            if patient:
                raise
            raise ClusterLostError(self._gone()) from error
        except (OSError, CancelledError) as error:
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
