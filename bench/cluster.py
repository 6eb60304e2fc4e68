"""Reports on one worker of a cluster and on two: seconds, and how many times faster two are.

    python -m bench.cluster [--shops 24] [--workers 1 2]

Every worker is a process of its own on this machine, which should do nothing else and have a core for each. What the
start of the cluster takes is measured with one report and taken off. Exits with status 1 when two workers are less
than 1.8 times as fast as one on a machine that was not busy.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bench.reports import COMMAND, run, write_shops
from cancel_analysis.store.place import FOLDER

LEAST_RATIO = 1.8


def measured(folder: Path, shops: int, workers: int) -> float:
    """Seconds for all reports but the first, whose run starts the cluster and loads what makes pages."""
    # Both find nothing that was read before.
    os.environ[FOLDER] = str(folder / f"store-{workers}")
    data = write_shops(folder / "data", shops)
    given = (*COMMAND, "report", "--force", "--workers", str(workers), "--data", data, "--out", folder / "out")
    # A worker's first report loads what draws and prints: as many as there are workers are taken off.
    first = ",".join(f"bench-{number:04d}" for number in range(workers))
    start = min(run(*given, "--shops", first).seconds for _ in range(2))
    return run(*given).seconds - start


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
