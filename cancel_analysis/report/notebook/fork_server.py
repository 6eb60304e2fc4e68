"""The process from which those of notebooks are forked: it loads everything that they need once, and takes a second.

Light itself, so that a command can begin with it before it has read its settings.
"""

from __future__ import annotations

import multiprocessing
import signal
from typing import Any

_LOADED = ["cancel_analysis.report.notebook.warm", "cancel_analysis.report.notebook.server_exit"]
# Forking needs a POSIX system; elsewhere (Windows) each process imports everything anew.
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


def begin() -> Any:
    """Start it, unless it runs already, without waiting; the context in which processes are forked from it."""
    context: Any = multiprocessing.get_context(METHOD)
    if METHOD == "forkserver":
        context.set_forkserver_preload(_LOADED)
        from multiprocessing import forkserver, resource_tracker

        # Ctrl-C is for the command, which ends its processes; one that is still loading would print where it was.
        # The tracker, which this would start, takes the mask away again.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return context
