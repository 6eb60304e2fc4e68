"""`python -m calibration`: measure every claim, write docs/calibration.md, exit 1 when a claim is broken."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pathlib import Path

from calibration.claims import Claim
from calibration.signals import table

SEED = 20_260_817
PARTS = ("standouts", "delays", "runway", "control", "changes", "signals", "intervals")
TARGET = Path(__file__).resolve().parent.parent / "docs" / "calibration.md"
HEAD = """# Calibration: how often what is claimed comes true

Written by `make calibrate` with fixed seeds; do not edit. Each figure is measured on simulated shops whose truth is
known, made in `calibration/` with code of its own. A claim that is *held* makes the run fail when it is broken; its
bounds leave three standard errors for the simulation itself (returns to come: two). The others are shown because they
say what a method can and cannot do. Methods: [methods.md](methods.md).
"""


def measure(part: str, scale: float) -> list[Claim]:
    """The claims of one part, at a share `scale` of the full number of runs."""
    found: list[Claim] = import_module(f"calibration.{part}").measure(scale, SEED)
    return found


def text(claims: Sequence[Claim]) -> str:
    """The page: a table a method, and the orders that tell rates apart."""
    lines = [HEAD]
    for method in dict.fromkeys(claim.method for claim in claims):
        lines += [f"## {method[0].upper()}{method[1:]}", ""]
        lines += ["| setting | what | measured | held to | runs |", "|---|---|---|---|---|"]
        for claim in claims:
            if claim.method == method:
                lines.append(_row(claim))
        lines.append("")
        if method == "signal":
            lines += [
                "### Orders that tell a rate from a limit",
                "",
                "So many orders in the window tell a shop whose true rate is 1, 2 or 5 points off the limit from one",
                "at the limit, four times in five (exact).",
                "",
                table(),
                "",
            ]
    return "\n".join(lines)


def _row(claim: Claim) -> str:
    shown = claim.shown or f"{100 * claim.measured:.2f} %"
    bounds = []
    for sign, bound in (("≥", claim.least), ("≤", claim.most)):
        if bound is not None:
            # A bound below one percent says nothing at one digit.
            inside = min(max(bound, 0.0), 1.0)
            bounds.append(f"{sign} {100 * inside:.{2 if inside < 0.01 else 1}f} %")
    held = (" and ".join(bounds) + ("" if claim.holds else " **broken**")) if bounds else "shown"
    runs = f"{claim.runs:,}" if claim.runs else "exact"
    return f"| {claim.setting} | {claim.what} | {shown} | {held} | {runs if claim.held or claim.runs else '–'} |"


def main() -> int:
    """Measure, write, tell what is broken."""
    parser = argparse.ArgumentParser(prog="python -m calibration", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full number of runs")
    parser.add_argument("--only", nargs="*", choices=PARTS, help="parts to measure; then nothing is written")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    parts = options.only or PARTS
    start = time.perf_counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        claims = [claim for found in pool.map(measure, parts, [options.scale] * len(parts)) for claim in found]
    seconds = time.perf_counter() - start
    page = text(sorted(claims, key=lambda one: _order(one.method)))
    if options.only or options.scale != 1:
        print(page)
    else:
        TARGET.write_text(page, encoding="utf-8")
        print(f"{TARGET.name}: {len(claims)} figures in {seconds:.0f} s")
    broken = [claim for claim in claims if not claim.holds]
    for claim in broken:
        print(f"broken: {claim.method}, {claim.setting}: {claim.what} {claim.measured:.4f}", file=sys.stderr)
    return 1 if broken else 0


def _order(method: str) -> int:
    methods = (
        "signal", "standouts", "returns to come", "change", "runway", "control chart", "change points", "Wilson",
        "Newcombe", "money rate",
    )  # fmt: skip
    return methods.index(method)


if __name__ == "__main__":
    sys.exit(main())
