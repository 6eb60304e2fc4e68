"""How many whole reports a minute: notebook, page, PDF and tables, on one core and on all of them.

Copies of the sample shops are reported on in a folder of their own. The first report of a run pays
for starting up; so one report is made before the clock starts. Absolute figures depend on the
machine and on what else it does; the ratio within one run is what compares.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from cancel_analysis.catalog.shop_settings import NAMED_FILES, SETTINGS_FILE
from cancel_analysis.catalog.shops import read_shops
from cancel_analysis.report import batch
from cancel_analysis.report.plan import plan

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"


def write_shops(folder: Path, count: int) -> Path:
    """A settings file with `count` shops, the sample's files under new names."""
    content = yaml.safe_load((SAMPLE / SETTINGS_FILE).read_text(encoding="utf-8"))
    sample = content["shops"]
    shops = []
    for number in range(count):
        entry = dict(sample[number % len(sample)])
        entry |= {"files": [str(SAMPLE / entry["id"] / "*")], "id": f"bench-{number:03d}"}
        shops.append(entry)
    settings = {"defaults": content.get("defaults", {}), "shops": shops}
    path = folder / NAMED_FILES
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=12, help="reports a run (default: 12)")
    count = parser.parse_args().reports
    cores = os.cpu_count() or 1
    table = Table("side by side", "reports", "seconds", "a minute", "ratio", title="Whole reports, HTML and PDF")
    rates: list[float] = []
    with tempfile.TemporaryDirectory(prefix="cancel-analysis-bench-") as name:
        folder = Path(name)
        data = write_shops(folder, count)
        shops = read_shops(data)
        warm = batch.run(plan(shops[:1], data), folder / "warm", 1)
        for side_by_side in sorted({1, cores}):
            result = batch.run(plan(shops, data), folder / f"out-{side_by_side}", side_by_side)
            failed = [*warm.failed, *result.failed]
            if failed:
                Console(stderr=True).print(f"{failed[0].job.shop.id}: {failed[0].error}")
                return 1
            rates.append(60 * len(result.made) / result.seconds)
            ratio = f"{rates[-1] / rates[0]:.2f}"
            table.add_row(str(side_by_side), str(len(result.made)), f"{result.seconds:.1f}", f"{rates[-1]:.0f}", ratio)
    console = Console()
    console.print(table)
    if os.getloadavg()[0] > 1.5 * cores:
        console.print("The machine was busy with other work: the figures are lower than they would be.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
