"""Reports on one worker of a cluster and on two: seconds, and how many times faster two are.

    python -m bench.cluster [--shops 24] [--workers 1 2]

Every worker is held to a core of its own, as on a machine of one core: one that is free to use several draws and prints
on one while the next notebook runs on another. Scheduler and command have no core of their own here; the machine
should do nothing else. What loads with a worker's first report is measured and taken off. Exits with status 1 when two
workers are less than 1.8 times as fast as one on a machine that was not busy.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.reports import COMMAND, write_shops
from cancel_analysis.store.place import FOLDER

LEAST_RATIO = 1.8
START_SECONDS = 60


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """The address of a scheduler with so many workers, each on a core of its own where the system can hold it there."""
    told = folder / "scheduler.json"
    dask = (sys.executable, "-m", "dask")
    running = [
        subprocess.Popen(
            [*dask, "scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(told)],
            stderr=subprocess.DEVNULL,
        )
    ]
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (told.is_file() and told.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.1)
        address = str(json.loads(told.read_text(encoding="utf-8"))["address"])
        for number in range(workers):
            process = subprocess.Popen(
                [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"],
                cwd=folder,
                stderr=subprocess.DEVNULL,
            )
            running.append(process)
            # Before it has begun anything; what it starts is held there, too.
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(process.pid, {number % (os.cpu_count() or 1)})
        yield address
    finally:
        for process in running:
            process.kill()
            process.wait()


def measured(folder: Path, shops: int, workers: int) -> float:
    """Seconds for all reports but the first of each worker, with which it loads what draws and prints."""
    # Both find nothing that was read before.
    os.environ[FOLDER] = str(folder / f"store-{workers}")
    data = write_shops(folder / "data", shops)
    place = folder / f"cluster-{workers}"
    place.mkdir()
    first = ",".join(f"bench-{number:04d}" for number in range(workers))
    with cluster(place, workers) as address:
        given = (*COMMAND, "report", "--force", "--scheduler", address, "--data", data, "--out", folder / "out")
        _seconds(*given, "--shops", first)
        start = _seconds(*given, "--shops", first)
        return _seconds(*given) - start


def _seconds(*command: str | Path) -> float:
    """Seconds of a command; it ends while scheduler and workers, children of this process as well, go on."""
    started = time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shops", type=int, default=24)
    parser.add_argument("--workers", type=int, nargs=2, default=[1, 2])
    options = parser.parse_args()
    load, cores = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0, os.cpu_count() or 1
    few, many = options.workers
    with tempfile.TemporaryDirectory(prefix="cancel-analysis-bench-") as name:
        seconds = {count: measured(Path(name), options.shops, count) for count in (few, many)}
    for count in (few, many):
        made = options.shops - count
        print(f"{count} workers: {made} reports in {seconds[count]:.1f} s, {made / seconds[count] * 60:.0f} a minute")
    ratio = ((options.shops - many) / seconds[many]) / ((options.shops - few) / seconds[few])
    least = LEAST_RATIO / 2 * many / few
    print(f"ratio {ratio:.2f} (at least {least:.1f}); {load:.1f} processes wanted {cores} cores before it")
    return 1 if ratio < least and load < cores / 4 else 0


if __name__ == "__main__":
    sys.exit(main())
