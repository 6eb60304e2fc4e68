"""A fresh process for each notebook, forked from one that has already imported everything.

A process must not be used twice: IPython takes over `__main__`. A pool would also break as a whole
when one notebook brings its process down; here such a report fails alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from cancel_analysis import errors, steps
from cancel_analysis.errors import CALLER, CancelAnalysisError, ExecutionError, describe_error
from cancel_analysis.report.jobs import Job, Page
from cancel_analysis.report.notebook import fork_server
from cancel_analysis.store.place import FOLDER, LIMIT

_MADE, _TOLD = "made", "told"


class Stopped(Exception):
    """Raised in a thread whose process was stopped because the whole run is being given up."""


class Workers:
    """Starts processes, `most` at a time (default: as many as are asked for), and can stop all those it has started."""

    def __init__(self, most: int | None = None) -> None:
        # It loads what notebooks need while this process loads what pages need.
        self._context = fork_server.begin()
        self._running: set[BaseProcess] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self._places = threading.BoundedSemaphore(most) if most else None

    def execute(self, job: Job | Page, work: Path, timeout: float | None = None) -> Path:
        """Run the notebook of `job` in `work` in a process of its own; the path of the executed notebook.

        Raises what the notebook raised, as one of this package's errors: ExecutionError too when the
        process died or took more than `timeout` seconds.
        """
        return Path(self.call(_run_notebook, job, work, work=work, timeout=timeout))

    def call(self, function: Callable[..., Any], *given: Any, work: Path, timeout: float | None = None) -> Any:
        """The result of `function` (of a module's own level), run in a process of its own; errors as for `execute`.

        `work` is a private folder; what the process leaves half done lies in it. The steps that it measures
        count for the calling thread, and what it tells of its progress is told there. What goes by until there is
        a place among `most` is the step `WAIT`.
        """
        with ExitStack() as place:
            if self._places is not None:
                with steps.timed(steps.WAIT):
                    place.enter_context(self._places)
            with steps.timed("start"):
                return self._call(function, given, work, timeout)

    def _call(self, function: Callable[..., Any], given: tuple[Any, ...], work: Path, timeout: float | None) -> Any:
        receiver, sender = self._context.Pipe(duplex=False)
        # The other process was forked from one that knows an earlier environment.
        told = {name: os.environ.get(name, "") for name in (FOLDER, LIMIT, CALLER)}
        process = self._context.Process(target=_run, args=(function, given, work, sender, told), daemon=True)
        with self._lock:
            if self._stopped:
                raise Stopped
            process.start()
            self._running.add(process)
        sender.close()
        try:
            return self._result(process, receiver, timeout)
        except BaseException:
            process.terminate()
            raise
        finally:
            process.join()
            with self._lock:
                self._running.discard(process)
            receiver.close()
            process.close()

    def stop(self) -> None:
        """End the running processes and start no more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.terminate()

    def _result(self, process: BaseProcess, receiver: Connection, timeout: float | None) -> Any:
        deadline = None if timeout is None else time.monotonic() + timeout
        kind: str = _TOLD
        value: Any = None
        try:
            while kind == _TOLD:
                if not receiver.poll(None if deadline is None else max(0.0, deadline - time.monotonic())):
                    process.terminate()
                    raise ExecutionError(f"the notebook took more than {timeout:g} seconds and was stopped")
                kind, value, seconds = receiver.recv()
                if kind == _TOLD:
                    steps.tell(*value)
        except EOFError:
            if self._stopped:
                raise Stopped from None
            process.join()
            raise ExecutionError(
                f"the process that reads the shop died ({_ending(process.exitcode)}); was there enough memory?"
            ) from None
        steps.add(seconds)
        if kind == _MADE:
            return value
        raise _error(kind, value)


def _run_notebook(job: Job | Page, work: Path) -> str:
    from cancel_analysis.report.notebook import execute

    return str(execute.run(job, work))


def _run(
    function: Callable[..., Any], given: tuple[Any, ...], work: Path, sender: Connection, told: dict[str, str]
) -> None:
    """What the process does; the outcome goes through the pipe, an error as plain text."""
    # Ctrl-C reaches every process of the terminal; the one that started this decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()
    # What is left when this process is ended half way lies in the private folder, and goes with it.
    temporary = work / "temporary"
    temporary.mkdir()
    tempfile.tempdir = str(temporary)
    os.environ.update(told)
    with steps.collected(lambda *told: sender.send((_TOLD, told, {}))) as seconds:
        try:
            message = (_MADE, function(*given))
        except CancelAnalysisError as error:
            message = (type(error).__name__, str(error))
        except BaseException as error:
            message = ("ExecutionError", describe_error(error))
    sender.send((*message, seconds))
    sender.close()


def _end_with_parent() -> None:
    """End this process as soon as the one that wanted its work is gone, killed or not."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _error(kind: str, message: str) -> CancelAnalysisError:
    """The error of the other process; those with more than a message keep their text."""
    found = getattr(errors, kind, ExecutionError)
    if not (isinstance(found, type) and issubclass(found, CancelAnalysisError)):
        found = ExecutionError
    return found(message)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit status {code}"
