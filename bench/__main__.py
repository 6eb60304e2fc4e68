"""Everything that is measured, one after the other, written to `docs/benchmarks.md`.

    python -m bench [--shops 1000] [--rows 300000] [--stored-shops 2000] [--lines 10000000 30000000]

Exits with status 1 when a part fails or misses what it promises; what was measured is written all the same.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from bench import reports
from bench.document import document

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
# A kind of file is loaded with so much less rows than the one that all are held against.
ROWS_OF_A_KIND = 15


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shops", type=int, default=1000, help="how many unchanged shops (default: 1000)")
    parser.add_argument("--rows", type=int, default=300_000, help="rows that are loaded (default: 300,000)")
    parser.add_argument("--stored-shops", type=int, default=2000, help="shops of the dataset (default: 2,000)")
    parser.add_argument(
        "--lines", type=int, nargs="*", default=[10_000_000, 30_000_000],
        help="order lines of the datasets, none to leave them out (default: 10 and 30 million)",
    )  # fmt: skip
    options = parser.parse_args()
    size = [str(count) for count in options.lines]
    rows, steps = reports.measured(options.shops)
    reports.show(rows, steps)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    printed = {"Seconds by step of six reports whose files were read before": steps}
    failed = False
    parts = [
        ("Loading a large export", ["bench.loading", "--rows", str(options.rows)]),
        ("Loading by kind of file", ["bench.kinds", "--rows", str(options.rows // ROWS_OF_A_KIND)]),
    ]
    if size:
        parts.append(("Many shops", ["bench.many", "--shops", str(options.stored_shops), "--lines", *size]))
    if find_spec("distributed") is not None:
        parts.append(("Two workers against one", ["bench.cluster"]))
    for heading, arguments in parts:
        done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True)
        print(done.stdout, done.stderr, sep="", flush=True)
        printed[heading] = done.stdout
        failed |= done.returncode != 0
    before = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.is_file() else ""
    DOCUMENT.write_text(document(rows, printed, before, load), encoding="utf-8")
    print(f"Written: {DOCUMENT.parent.name}/{DOCUMENT.name}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
