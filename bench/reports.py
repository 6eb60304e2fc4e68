"""How long the command takes for reports, in B: what a fresh Python needs to import what notebooks are made with.

B is measured in the same run, so that the ratios compare between machines, and on one that is busy. Each
line is one run of the command in a process of its own, as a user starts it; the store of read files and
the output folder are the bench's own. Absolute figures depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from bench import least
from bench.document import Row, in_units
from bench.loading import write_export
from cancel_analysis.catalog.shop_settings import NAMED_FILES, SETTINGS_FILE
from cancel_analysis.catalog.shops import read_shops
from cancel_analysis.report import manifest, render
from cancel_analysis.report.plan import plan
from cancel_analysis.store import contents
from cancel_analysis.store.place import FOLDER
from cancel_analysis.study import peers
from cancel_analysis.weeks import Covered

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
UNIT = "import pandas, altair, duckdb, scipy.stats, papermill, IPython"
SHOP = "us-harbor-home"
WEEK, FIRST_DAY, LAST_DAY = "2026-W46", date(2026, 8, 1), date(2026, 11, 15)
COMMAND = (sys.executable, "-m", "cancel_analysis")
# Order lines of a large shop.
LARGE = 471_000
# Lines that take less than this are run three times, and the best counts: B is the best of three, too.
SHORT_SECONDS = 8.0
# Linux: processes whose parent has ended become children of this one, so that their CPU time is counted.
_SUBREAPER = 36


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds that went by, and CPU seconds of it and all its processes (None: not known)."""

    seconds: float
    cpu: float | None


def run(*command: str | Path) -> Run:
    """Run a command; CalledProcessError with what it said when it fails."""
    before, started = os.times(), time.perf_counter()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{command[3:]} failed:\n{done.stdout}{done.stderr}")
    counted = wait_for_orphans()
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(seconds, used if counted else None)


def best(*command: str | Path, always: bool = False, forget: Path | None = None) -> Run:
    """The best of three runs, of one that takes longer the first; or of three `always`. `forget` is a folder that is
    removed before each."""
    runs: list[Run] = []
    while not runs or ((always or runs[0].seconds < SHORT_SECONDS) and len(runs) < 3):
        if forget is not None:
            shutil.rmtree(forget, ignore_errors=True)
        runs.append(run(*command))
    return min(runs, key=lambda found: found.seconds)


def wait_for_orphans() -> bool:
    """Wait for processes whose parent has ended, so that their CPU seconds count; whether they do (Linux only)."""
    counted = _adopts_orphans()
    while counted:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    return counted


def _adopts_orphans() -> bool:
    if sys.platform != "linux":
        return False
    with suppress(OSError, AttributeError):
        return ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0) == 0
    return False


def write_shops(folder: Path, count: int) -> Path:
    """A settings file with `count` shops, the sample's files under new names."""
    content = yaml.safe_load((SAMPLE / SETTINGS_FILE).read_text(encoding="utf-8"))
    sample = content["shops"]
    shops = []
    for number in range(count):
        entry = dict(sample[number % len(sample)])
        entry |= {"files": [str(SAMPLE / entry["id"] / "*")], "id": f"bench-{number:04d}"}
        entry.pop("category", None)
        shops.append(entry)
    settings = {"defaults": content.get("defaults", {}), "shops": shops}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAMED_FILES
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def leave_reports(data: Path, out: Path, made: Path) -> None:
    """What a run over the shops of `data` would have left in `out` and in the store, from the one report `made`.

    Making a thousand reports to see how long it takes to keep them would take an hour.
    """
    shops = read_shops(data)
    for shop in shops:
        peers.note_days(shop, Covered(FIRST_DAY, LAST_DAY))
    maker = render.maker(render.choose("auto"))
    jobs = plan(shops, data, WEEK, parameters=least.PARAMETERS)
    code = manifest.code(jobs[0].notebook)
    out.mkdir(parents=True)
    lines = []
    for job in jobs:
        place = out / job.key
        place.mkdir(parents=True)
        for path in made.iterdir():
            if path.is_file():
                os.link(path, place / path.name)
        line = manifest.entry(job, maker, code, manifest.inputs(job.shop, job.data))
        lines.append(manifest.Entry(**{**vars(line), "verdict": "ok"}))
    manifest.write(out, lines)
    contents.contents().save()


def measure(folder: Path, shops: int, say: Callable[[str], None]) -> list[Row]:
    """A row a line of the table; the first is B itself."""
    store, out = folder / "store", folder / "out"
    os.environ[FOLDER] = str(store)
    one = (*COMMAND, "report", "--data", SAMPLE, "--shops", SHOP, "--force", "--out")
    six = (*COMMAND, "report", "--data", SAMPLE, "--out", out)
    rows: list[Row] = []

    def line(what: str, found: Run, goal: float | None = None, alone: float | None = None) -> Run:
        rows.append(Row(what, found.seconds, goal, alone))
        say(f"{what}: {found.seconds:.1f} s")
        return found

    # All is held against it: one that had to come from the disk would make everything look fast.
    line("B: what notebooks are made with, imported", best(sys.executable, "-c", UNIT, always=True))
    line("import cancel_analysis", best(sys.executable, "-c", "import cancel_analysis"), 0.05, least.seconds_of("pass"))
    line("cancel-analysis --help", best(*COMMAND, "--help"), 0.08, least.seconds_of("import typer"))
    libraries = least.libraries()
    first = line("one shop, nothing read before", best(*one, folder / "one", forget=store), 2.0, libraries)
    line("one shop, its files read before", best(*one, folder / "one"), 1.3, libraries)
    batch = line("six shops, nothing read before", best(*six, "--force", forget=store))
    more = None if batch.cpu is None or first.cpu is None else (batch.cpu - first.cpu) / 5
    alone = least.programs(SAMPLE, SHOP, WEEK, folder / "least")
    rows.append(Row("CPU of each further report of the six", more, 0.4, alone))
    line("six unchanged shops", best(*six), 0.3, least.settings(SAMPLE / SETTINGS_FILE))
    many = write_shops(folder / "many", shops)
    leave_reports(many, folder / "many-out", out / WEEK / SHOP)
    # The first run writes the index page.
    command = (*COMMAND, "report", "--data", many, "--out", folder / "many-out")
    run(*command)
    line(f"{shops:,} unchanged shops", best(*command), 1.5, least.settings(many))
    # Once: what the first run of a page keeps of shops is there for the second.
    line("brief over six shops", run(*COMMAND, "brief", "--data", SAMPLE, "--out", out), 1.5, libraries)
    line("portfolio over six shops", run(*COMMAND, "portfolio", "--data", SAMPLE, "--out", out), 1.5, libraries)
    large = folder / "large"
    large.mkdir()
    write_export(large / "All order.csv", LARGE)
    one = (*COMMAND, "report", "--data", large, "--market", "US", "--force", "--out", folder / "large-out")
    read = libraries + least.reading(large / "All order.csv")
    line(f"one shop of {LARGE:,} order lines, nothing read before", run(*one), 5.0, read)
    line(f"one shop of {LARGE:,} order lines, its file read before", run(*one), None, libraries)
    return rows


def measured(shops: int) -> tuple[list[Row], str]:
    """The rows of all that is measured, and the seconds by step of six reports whose files were read before."""
    err = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="cancel-analysis-bench-") as name:
        rows = measure(Path(name), shops, lambda text: err.print(text, style="dim"))
        seen = [
            *COMMAND, "report", "--data", str(SAMPLE), "--force", "--formats", "html,pdf", "--timings",
            "--out", str(Path(name) / "out"),
        ]  # fmt: skip
        steps = subprocess.run(seen, capture_output=True, text=True, check=True).stdout
    # In kilobytes; of the largest process of all, which is the large shop's.
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 if sys.platform == "linux" else None
    told = "not known" if most is None else f"{most / 1e6:,.0f} MB"
    memory = f"\nMost memory of one process, of {LARGE:,} order lines: {told}\n"
    return rows, steps[steps.index("\nseconds") + 1 :] + memory


def show(rows: list[Row], steps: str) -> None:
    """Print what was measured."""
    unit = rows[0].seconds or 1.0
    console = Console()
    table = Table("work", "seconds", "B", "goal", "least", title="Reports, in B")
    for what, seconds, goal, alone in rows:
        told = "not known" if seconds is None else f"{seconds:.2f}"
        aim = "" if goal is None else f"≤ {goal:g}"
        table.add_row(what, told, in_units(seconds, unit), aim, in_units(alone, unit))
    console.print(table)
    console.print("Seconds by step of six reports whose files were read before:")
    print(steps)
    cores = os.cpu_count() or 1
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 1.5 * cores:
        console.print("The machine was busy with other work: the figures are higher than they would be.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=1000, help="how many unchanged shops (default: 1000)")
    show(*measured(parser.parse_args().shops))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
