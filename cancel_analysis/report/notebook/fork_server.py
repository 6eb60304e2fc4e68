"""The process from which those of notebooks are forked: it loads everything that they need once, and takes a second.

Light itself, so that a command can begin with it before it has read its settings.
"""

from __future__ import annotations

import multiprocessing
from typing import Any

_LOADED = ["cancel_analysis.report.notebook.warm", "cancel_analysis.report.notebook.server_exit"]
# Forking needs a POSIX system; elsewhere (Windows) each process imports everything anew.
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


def begin() -> Any:
    """Start it, unless it runs already, without waiting; the context in which processes are forked from it."""
    context: Any = multiprocessing.get_context(METHOD)
    if METHOD == "forkserver":
        context.set_forkserver_preload(_LOADED)
        from multiprocessing import forkserver

        forkserver.ensure_running()
    return context
