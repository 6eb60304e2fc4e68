"""The process that those of notebooks are forked from: begun early, and silent when the command is given up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from cancel_analysis.report.notebook import fork_server

# Ctrl-C goes to all processes of a terminal.
GIVEN_UP = """
import os, signal
from cancel_analysis.report.notebook import fork_server
fork_server.begin()
assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ()), "the command itself still hears it"
signal.signal(signal.SIGINT, lambda *_: os._exit(130))
print("begun", flush=True)
signal.pause()
"""


@pytest.mark.skipif(fork_server.METHOD != "forkserver", reason="nothing is forked here")
def test_what_still_loads_says_nothing_when_the_command_is_given_up() -> None:
    command = [sys.executable, "-c", GIVEN_UP]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        # It runs, and has not loaded all.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        os.killpg(process.pid, signal.SIGINT)
        # Ends with the last process that may write to it.
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert not said
