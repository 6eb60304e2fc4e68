"""Our report beside pages that other tools make of the same rows: `make bench-peers`.

    python -m bench.peers --python .venv-peers/bin/python [--keep FOLDER]

Each page is made by one run of a process of its own. The others get the rows of the order export without the row
that describes its columns, on which most of them fail. None of them says whose fault a cancellation is, and a page
is no measure of what it tells: the table is about time and size only. Writes `docs/benchmarks_peers.md`.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.document import machine
from bench.reports import COMMAND, SAMPLE, SHOP, UNIT, run
from cancel_analysis.store.place import FOLDER

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks_peers.md"
SCRIPTS = Path(__file__).resolve().parent / "peer_pages"
# Script → the packages whose version is told, and what its page is.
PEERS = {
    "plain_notebook": (("papermill", "nbconvert"), "six cells of tables and charts"),
    "quantstats_tearsheet": (("quantstats",), "a tear sheet of orders a day"),
    "evidently_summary": (("evidently",), "a summary of every column"),
    "ydata": (("ydata-profiling",), "a profile of every column, `minimal`"),
    "multiqc_page": (("multiqc",), "bars and tables of what the rows were counted to"),
}
SHOPS = 6


@dataclass(frozen=True)
class Page:
    """A page that was made, or why it was not: `seconds` and `cpu` (None: not known), `megabytes` of it."""

    maker: str
    what: str
    seconds: float | None
    cpu: float | None
    megabytes: float | None
    failed: str = ""


def rows_of(shop: Path) -> Iterator[list[str]]:
    """The header, then every row of the shop's order exports; the row after each header describes columns."""
    for number, path in enumerate(sorted(shop.glob("All order*.csv"))):
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, _, *rows = csv.reader(file)
        if not number:
            yield header
        yield from rows


def write_rows(folder: Path) -> tuple[Path, int]:
    """The rows as a plain CSV, and how many there are."""
    path, count = folder / "orders.csv", -1
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in rows_of(SAMPLE / SHOP):
            writer.writerow(row)
            count += 1
    return path, count


def versions(python: Path, packages: tuple[str, ...]) -> str:
    """`papermill 2.7.0, nbconvert 7.17.2`, as installed in the environment of `python`."""
    code = "import sys; from importlib.metadata import version; [print(n, version(n)) for n in sys.argv[1:]]"
    done = subprocess.run([python, "-c", code, *packages], capture_output=True, text=True)
    return ", ".join(done.stdout.splitlines() or packages)


def peer_page(python: Path, name: str, rows: Path, folder: Path) -> Page:
    packages, what = PEERS[name]
    folder.mkdir()
    maker = versions(python, packages)
    try:
        found = run(python, SCRIPTS / f"{name}.py", rows, folder)
    except RuntimeError as error:
        # The document names no folder of this machine; the terminal has the whole story.
        print(error, file=sys.stderr)
        return Page(maker, what, None, None, None, str(error).strip().splitlines()[-1].partition(":")[0])
    return Page(maker, what, found.seconds, found.cpu, _megabytes(folder / "page.html"))


def our_pages(folder: Path) -> list[Page]:
    """One report with nothing read before, and one of six in one run; HTML only, as the others."""
    maker = "cancel_analysis"
    command = (*COMMAND, "report", "--data", SAMPLE, "--formats", "html", "--out")
    one = run(*command, folder / "one", "--shops", SHOP)
    six = run(*command, folder / "six", "--force")
    size = _megabytes(next((folder / "one").glob(f"*/{SHOP}/report.html")))
    share = None if six.cpu is None else six.cpu / SHOPS
    return [
        Page(maker, "a report, nothing read before", one.seconds, one.cpu, size),
        Page(maker, f"each of {SHOPS} reports of one run", six.seconds / SHOPS, share, size),
    ]


def document(pages: list[Page], unit: float, rows: int) -> str:
    """The Markdown page."""
    lines = ["| made by | page | seconds | CPU seconds | B | MB |", "|---|---|---:|---:|---:|---:|"]
    for page in pages:
        if page.failed:
            lines.append(f"| {page.maker} | {page.what} | failed: {page.failed} | | | |")
            continue
        ratio = "" if page.seconds is None else f"{page.seconds / unit:.1f}"
        told = [_told(page.seconds), _told(page.cpu), ratio, _told(page.megabytes)]
        lines.append(f"| {page.maker} | {page.what} | {' | '.join(told)} |")
    parts = [
        "# Beside other tools",
        f"Written by `make bench-peers`: pages of the same {rows:,} order lines of a synthetic shop, each made by one "
        "process from start to end. **B** is what a fresh Python needs to import what notebooks are made with, in the "
        "same run. The other pages count columns, or what their script counted for them; none knows reasons, limits "
        "or whose fault a cancellation is. Ours are page and workbook; the PDF is left out here.",
        "\n".join(lines),
        f"## Machine\n\n{machine(None)}",
    ]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", type=Path, required=True, help="the Python of the others' environment")
    parser.add_argument("--keep", type=Path, help="a folder that is not there yet, for the pages (default: removed)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cancel-analysis-bench-") as name:
        folder = options.keep or Path(name) / "pages"
        folder.mkdir(parents=True)
        _measure(options.python.absolute(), folder)
    return 0


def _measure(python: Path, folder: Path) -> None:
    os.environ[FOLDER] = str(folder / "store")
    rows, count = write_rows(folder)
    unit = run(sys.executable, "-c", UNIT).seconds
    pages = [*our_pages(folder), *(peer_page(python, name, rows, folder / name) for name in PEERS)]
    table = Table("made by", "page", "seconds", "CPU seconds", "B", "MB", title=f"Pages of {count:,} rows")
    for page in pages:
        ratio = page.failed if page.seconds is None else f"{page.seconds / unit:.1f}"
        table.add_row(page.maker, page.what, _told(page.seconds), _told(page.cpu), ratio, _told(page.megabytes))
    Console().print(table)
    DOCUMENT.write_text(document(pages, unit, count), encoding="utf-8")
    print(f"Written: {DOCUMENT.parent.name}/{DOCUMENT.name}")


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def _told(value: float | None) -> str:
    return "not known" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    raise SystemExit(main())
