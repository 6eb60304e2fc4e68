"""A real scheduler and real workers, each a process that a test can kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cancel_analysis.report.cluster.connection import Cluster, at_scheduler

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 60
END_SECONDS = 2


class Processes:
    """A scheduler that runs already, and workers that are started by name."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.running = folder, []
        self._file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard")
        self.address = ""

    def wait(self) -> None:
        """Wait until the scheduler has written where it is, whole."""
        deadline = time.monotonic() + START_SECONDS
        while not self.address and time.monotonic() < deadline:
            with suppress(OSError, ValueError):
                self.address = str(json.loads(self._file.read_text(encoding="utf-8"))["address"])
            time.sleep(0.05)

    def worker(self, name: str, *, nanny: bool = False, package: Path = ROOT) -> subprocess.Popen[bytes]:
        """A worker of one thread whose `cancel_analysis` lies in the folder `package`."""
        kind = "--nanny" if nanny else "--no-nanny"
        return self._start("worker", "--name", name, "--nthreads", "1", kind, "--no-dashboard", package=package)

    def cluster(self) -> Cluster:
        return at_scheduler(self.address, "builtin")

    def _start(self, kind: str, *options: str, package: Path = ROOT) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", kind, "--scheduler-file", str(self._file), *options]
        # The first folder with the package counts, and the fakes are found beside the tests.
        paths = os.pathsep.join(dict.fromkeys((str(package), str(ROOT))))
        environment = os.environ | {"PYTHONPATH": paths, "PYTHONSAFEPATH": "1"}
        with (self.folder / f"{kind}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def end(self) -> None:
        """End all; one whose scheduler is gone tries for long to tell it so, and is not waited for."""
        for process in self.running:
            process.terminate()
        deadline = time.monotonic() + END_SECONDS
        for process in self.running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    pytest.importorskip("distributed")
    folder = tmp_path / "cluster"
    folder.mkdir()
    found = Processes(folder)
    try:
        found.wait()
        yield found
    finally:
        found.end()
