"""A dataset of many shops: what is kept of files, figures and pages over all of them, in time and in memory.

    python -m bench.many [--shops 2000] [--lines 10000000 30000000] [--keep FOLDER] [--query-only]

Writes a synthetic dataset of each size (`bench.many_data`), then measures each work in a process of its own, nothing
held back: seconds, CPU seconds, the highest memory of any one process. Beside each stands what no program
can go below on this machine: reading the same bytes from the disk's cache, or decoding the same Parquet columns. Of
the two sizes the ratio of the seconds to the ratio of the lines says whether time is linear. Exits with status 1 when
a process needs more memory than it may, or time grows faster than the lines.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.loading import PROJECT, write_export
from bench.reports import wait_for_orphans

MOST_BYTES = 4 * 2**30
# Twice the lines may take so much more than twice the time: the machine does other things, too.
MOST_GROWTH = 1.3
# Lines of each of the export files that are ingested, and how many shops have one.
EXPORT_LINES, EXPORTS = 60_000, 2
QUERY = "daily sums of all shops in one query over the lines"
RATE = "seller_fault_cancellation_rate"


@dataclass(frozen=True)
class Measured:
    """One work: seconds, CPU seconds and the highest memory of one process, the least seconds possible, and a word."""

    work: str
    seconds: float
    cpu: float
    peak: float
    least: float | None = None
    told: str = ""


def _read_bytes(paths: list[Path]) -> float:
    """Seconds to read files, and nothing else."""
    began = time.perf_counter()
    for path in paths:
        path.read_bytes()
    return time.perf_counter() - began


def _folders(dataset: Path) -> list[Path]:
    return sorted(path.parent for path in dataset.glob("shops/*/shop.json"))


def cube_from_lines(dataset: Path, folder: Path) -> dict[str, Any]:
    """The daily sums of every shop from all order lines, in one query; beside it, the columns merely read."""
    import cancel_analysis as ca

    shops = ca.open_shops(dataset)
    names = "shop_id, created_at, first_line, status, cancelled_by, quantity, quantity_affected, line_amount"
    # The views are made once, from the footers of all files.
    shops.sql("SELECT 1 FROM orders LIMIT 1").fetchall()
    began = time.perf_counter()
    shops.sql(f"SELECT {', '.join(f'max({name})' for name in names.split(', '))} FROM orders").df()
    least = time.perf_counter() - began
    began = time.perf_counter()
    rows = shops.sql(f"""
        SELECT shop_id, created_at::DATE AS day, sum(first_line::INT) AS placed,
               sum((first_line AND status = 'cancelled')::INT) AS cancelled,
               sum((first_line AND status = 'cancelled' AND cancelled_by = 'seller')::INT) AS by_seller,
               sum(quantity) AS units, sum(quantity_affected) AS lost, sum(line_amount) AS amount
        FROM (SELECT {names} FROM orders) GROUP BY ALL
    """).fetchall()
    return {"seconds": time.perf_counter() - began, "least": least, "told": f"{len(rows):,} shop days"}


def rates(dataset: Path, folder: Path) -> dict[str, Any]:
    """Every rate of every shop, and one of them rolled over 30 days for every day, from the stored daily sums."""
    import cancel_analysis as ca

    paths = [path for each in _folders(dataset) for name in ("cube", "rates") for path in each.glob(f"{name}-*")]
    least = _read_bytes(paths)
    began = time.perf_counter()
    shops = ca.open_shops(dataset)
    all_rates = shops.rates(window=30)
    days = shops.rolling(RATE, 30)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "least": least, "told": f"{len(all_rates):,} rates, {len(days):,} days"}


def _figures_of(folder: Path) -> float:
    """Make the figures of one shop; the highest memory of this process."""
    from cancel_analysis.catalog.datasets import SHOP, shop_of
    from cancel_analysis.dataset.stored_shop import StoredShop
    from cancel_analysis.study.ingest import with_figures

    with_figures(shop_of(folder / SHOP), folder, StoredShop.at(folder)).write(folder)
    return _peak()


def figures(dataset: Path, folder: Path) -> dict[str, Any]:
    """Daily sums and rates of every shop from its stored lines, a process a core."""
    folders = _folders(dataset)
    least = _read_bytes([path for each in folders for path in each.glob("orders-*")])
    began = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        peak = max(pool.map(_figures_of, folders, chunksize=4))
    return {"seconds": time.perf_counter() - began, "least": least, "peak": peak, "told": f"{len(folders):,} shops"}


def ingest(dataset: Path, folder: Path) -> dict[str, Any]:
    """Export files of some shops into a new dataset."""
    from cancel_analysis.catalog.shops import make_shop
    from cancel_analysis.dataset.addresses import make
    from cancel_analysis.study.ingest import ingest_shop

    shops = []
    for number in range(EXPORTS):
        place = folder / f"export-{number}"
        place.mkdir(parents=True)
        write_export(place / "All order-2026-11-16-09_12.csv", EXPORT_LINES)
        settings = {"id": place.name, "market": "US", "files": "*.csv", "date_order": "mdy"}
        shops.append(make_shop(settings, place))
    files = [path for shop in shops for path in shop.files]
    megabytes, least = sum(path.stat().st_size for path in files) / 1e6, _read_bytes(files)
    new = make(folder / "ingested")
    began = time.perf_counter()
    lines = sum(ingest_shop(shop, new).lines for shop in shops)
    seconds = time.perf_counter() - began
    told = f"{megabytes / seconds:.0f} MB/s of export files, {lines / seconds:,.0f} lines/s"
    return {"seconds": seconds, "least": least, "told": told}


WORKS: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
    "ingest": ingest,
    "figures": figures,
    "cube": cube_from_lines,
    "rates": rates,
}


def _peak() -> float:
    """The highest memory of this process or of one that it waited for, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _child(name: str, dataset: Path, folder: Path) -> None:
    """The child's side of `_measured`."""
    found = WORKS[name](dataset, folder)
    print(json.dumps({"peak": _peak(), **found}))


def _run(command: list[str], store: Path) -> tuple[float, float, str]:
    """Seconds, CPU seconds and what was printed of a command; RuntimeError with what it said when it fails."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "CANCEL_ANALYSIS_CACHE": str(store)}
    # Processes of a run that ended before are this one's children from now on.
    wait_for_orphans()
    before, began = os.times(), time.perf_counter()
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, env=environment)
    seconds = time.perf_counter() - began
    wait_for_orphans()
    after = os.times()
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu, done.stdout


def _measured(name: str, work: str, dataset: Path, folder: Path) -> Measured:
    command = ["-m", "bench.many", "--work", name, "--keep", str(dataset), "--folder", str(folder / name)]
    _, cpu, printed = _run(command, folder / "store")
    found = json.loads(printed.splitlines()[-1])
    return Measured(work, found["seconds"], cpu, found["peak"], found.get("least"), found.get("told", ""))


def _command(work: str, arguments: list[str], store: Path, told: str = "", least: float | None = None) -> Measured:
    """One run of the command; its memory is that of the largest of its processes so far."""
    seconds, cpu, _ = _run(["-m", "cancel_analysis", *arguments], store)
    return Measured(work, seconds, cpu, 0.0, least, told)


def measure(dataset: Path, folder: Path, say: Callable[[Measured], None], *, query_only: bool) -> list[Measured]:
    """All works over one dataset, in the order in which they need each other; or only the query over all lines."""
    found: list[Measured] = []

    def add(result: Measured) -> None:
        found.append(result)
        say(result)

    if query_only:
        add(_measured("cube", QUERY, dataset, folder))
        return found
    add(_measured("ingest", "ingest of export files", dataset, folder))
    add(_measured("figures", "daily sums and rates of every shop", dataset, folder))
    add(_measured("cube", QUERY, dataset, folder))
    add(_measured("rates", "all rates, and one rolled over every day", dataset, folder))
    data, out, store = ["--data", str(dataset)], ["--out", str(folder / "out"), "--formats", "html"], folder / "store"
    add(_command("portfolio, no shop seen before", ["portfolio", *data, *out], store))
    add(_command("portfolio, every shop as it was", ["portfolio", *data, *out], store))
    middle = _folders(dataset)[len(_folders(dataset)) // 2].name
    alone = folder / "alone"
    (alone / "shops").mkdir(parents=True)
    (alone / "dataset.json").write_bytes((dataset / "dataset.json").read_bytes())
    (alone / "shops" / middle).symlink_to(dataset / "shops" / middle)
    one = ["--force", *out]
    least = min(_command("", ["report", "--data", str(alone), *one], store).seconds for _ in range(2))
    several = [_command("", ["report", *data, "--shops", middle, *one], store) for _ in range(2)]
    best = min(several, key=lambda run: run.seconds)
    add(Measured("one shop's report, of all shops", best.seconds, best.cpu, 0.0, least, "least: of that shop alone"))
    return found


def lines_of(results: dict[str, list[Measured]]) -> str:
    """The results as a table of text, a part a size."""
    parts = []
    for size, found in results.items():
        rows = [("", "seconds", "CPU", "peak MB", "least", "")]
        for each in found:
            peak = f"{each.peak / 1e6:,.0f}" if each.peak else ""
            least = "" if each.least is None else f"{each.least:.2f}"
            rows.append((each.work, f"{each.seconds:.1f}", f"{each.cpu:.1f}", peak, least, each.told))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        text = "\n".join(
            f"{row[0]:{widths[0]}}" + "".join(f"{row[n]:>{widths[n] + 2}}" for n in range(1, 5)) + f"  {row[5]}"
            for row in rows
        )
        parts.append(f"{size}\n{text}")
    return "\n\n".join(parts)


def growth(small: list[Measured], large: list[Measured], ratio: float) -> dict[str, float]:
    """Work → how much faster its time grew than the lines (1: linear, less: better), of what depends on them."""
    depends = {each.work: each.seconds for each in small if not each.work.startswith(("ingest", "one shop"))}
    return {each.work: each.seconds / depends[each.work] / ratio for each in large if each.work in depends}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shops", type=int, default=2000)
    parser.add_argument("--lines", type=int, nargs="+", default=[10_000_000, 30_000_000])
    parser.add_argument("--keep", type=Path, help="folder for the datasets, which are made once and kept there")
    parser.add_argument("--query-only", action="store_true", help="only the query over all lines: it needs no figures")
    parser.add_argument("--work", choices=list(WORKS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        _child(options.work, options.keep, options.folder)
        return 0
    results: dict[str, list[Measured]] = {}
    with tempfile.TemporaryDirectory(prefix="cancel-analysis-bench-") as name:
        for count in options.lines:
            dataset, folder = (options.keep or Path(name)) / f"{options.shops}-{count}", Path(name) / str(count)
            _write(dataset, options.shops, count)
            folder.mkdir()
            stored = sum(path.stat().st_size for path in dataset.rglob("*.parquet"))
            size = f"{count:,} order lines of {options.shops:,} synthetic shops, {stored / 1e6:,.0f} MB of Parquet"
            print(size, file=sys.stderr)
            results[size] = measure(
                dataset,
                folder,
                lambda found: print(f"  {found}", file=sys.stderr, flush=True),
                query_only=options.query_only,
            )
    print(lines_of(results))
    return _judge(list(results.values()), options.lines)


def _write(dataset: Path, shops: int, lines: int) -> None:
    """Make the dataset, a shop a task; one that is there whole is kept."""
    from bench.many_data import Size, lines_of, write_shop
    from cancel_analysis.dataset.addresses import make

    whole = dataset / "whole"
    if whole.is_file():
        return
    make(dataset)
    counts = [int(count) for count in lines_of(Size(shops, lines))]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(write_shop, [dataset] * shops, range(shops), counts, chunksize=8))
    whole.touch()


def _judge(results: list[list[Measured]], lines: list[int]) -> int:
    above = [each for found in results for each in found if each.peak > MOST_BYTES]
    for each in above:
        print(f"{each.work}: {each.peak / 2**30:.1f} GiB, more than {MOST_BYTES / 2**30:.0f}")
    faster = {}
    if len(results) > 1:
        found = growth(results[0], results[-1], lines[-1] / lines[0])
        print(
            "growth of time over growth of lines: " + ", ".join(f"{work} {ratio:.2f}" for work, ratio in found.items())
        )
        faster = {work: ratio for work, ratio in found.items() if ratio > MOST_GROWTH}
    return 1 if above or faster else 0


if __name__ == "__main__":
    sys.exit(main())
