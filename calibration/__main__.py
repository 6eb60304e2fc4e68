"""`python -m calibration`: measure every claim, write docs/calibration.md, exit 1 when a claim is broken."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from importlib import import_module
from pathlib import Path

from calibration import first_page
from calibration.claims import Claim
from calibration.signals import table

SEED = 20_260_817
# The longest first, so that none is left alone at the end; the first page, in small pieces, fills up what is left.
PARTS = ("delays", "standouts", "control", "changes", "runway", "signals", "intervals", "first_page")
METHODS = (
    "first page", "signal", "standouts", "control chart", "change points", "change", "returns to come", "runway",
    "Wilson", "Newcombe", "money rate", "lines of orders",
)  # fmt: skip
TARGET = Path(__file__).resolve().parent.parent / "docs" / "calibration.md"
HEAD = """# Calibration: how often what is claimed comes true

Written by `make calibrate` with fixed seeds; do not edit. Each figure is measured on simulated shops whose truth is
known, made in `calibration/` with code of its own. What each method is and assumes: [methods.md](methods.md).

## In short

A claim that is *held* makes the run fail when it is broken. Its bounds leave three standard errors for the simulation
itself, which is chance too. Of each claim the setting that comes closest to its bound is shown.

| claim | settings | closest to its bound | measured | held to | |
|---|---|---|---|---|---|
"""
ABOUT = {
    "first page": """What is said in the first part of the report, made from whole tables by the same functions as any
report. Healthy shops: ordinary rates differ by up to 60 % from product to product and from route to route, by up to
20 % from week to week, and nothing else happens. Planted: one cause, in one SKU, product, carrier, region or route, or
everywhere since one to four weeks. Its effect is measured in standard errors of the place itself (chance in the place's
own count, how much ordinary places of that size differ, how well the rest of the shop tells the ordinary rate) or of
the shop's whole rate of that cause (chance, and how much its places and weeks differ).

A cause is named when it is beyond what some twenty questions at once throw up by chance. Of effects of three standard
errors a test that is told the place and the ordinary rate, and asks that one question alone at 5 %, finds 91 % (normal
figures); asking twenty leaves each a twentieth of that chance. So 95 % of them are not to be had together with 5 %
false findings. What is held is that where a cause is named the planted one comes first; how often it is named at all
is shown.""",
}


def measure(part: str, scale: float) -> list[Claim]:
    """The claims of one part, at a share `scale` of the full number of runs."""
    found: list[Claim] = import_module(f"calibration.{part}").measure(scale, SEED)
    return found


def text(claims: Sequence[Claim]) -> str:
    """The page: a row a claim, then a table a method, and the orders that tell rates apart."""
    ordered = sorted(claims, key=lambda one: _order(one.method))
    lines = [HEAD + "\n".join(_summary(ordered)), ""]
    for method in dict.fromkeys(claim.method for claim in ordered):
        lines += [f"## {method[0].upper()}{method[1:]}", ""]
        if method in ABOUT:
            lines += [ABOUT[method], ""]
        lines += ["| setting | what | measured | held to | runs |", "|---|---|---|---|---|"]
        lines += [_row(claim) for claim in ordered if claim.method == method]
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


def _summary(claims: Sequence[Claim]) -> list[str]:
    groups: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        if claim.held:
            groups.setdefault((claim.method, claim.what), []).append(claim)
    rows = []
    for (method, what), group in groups.items():
        # A figure that is missing is the worst of all.
        worst = min(group, key=lambda one: one.margin if one.margin == one.margin else float("-inf"))
        broken = sum(not claim.holds for claim in group)
        told = f"**{broken} broken**" if broken else "holds"
        rows.append(
            f"| {method[0].upper()}{method[1:]}: {what} | {len(group)} | {worst.setting} "
            f"| {worst.figure} | {worst.bounds} | {told} |"
        )
    return rows


def _row(claim: Claim) -> str:
    held = (claim.bounds + ("" if claim.holds else " **broken**")) if claim.held else "shown"
    runs = f"{claim.runs:,}" if claim.runs else "exact"
    return f"| {claim.setting} | {claim.what} | {claim.figure} | {held} | {runs if claim.held or claim.runs else '–'} |"


def main() -> int:
    """Measure, write, tell what is broken."""
    parser = argparse.ArgumentParser(prog="python -m calibration", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full number of runs")
    parser.add_argument("--only", nargs="*", choices=PARTS, help="parts to measure; then nothing is written")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        claims = _measured(pool, options.only or PARTS, options.scale)
    page = text(claims)
    if options.only or options.scale != 1:
        print(page)
    else:
        TARGET.write_text(page, encoding="utf-8")
        print(f"{TARGET.name}: {len(claims)} figures")
    broken = [claim for claim in claims if not claim.holds]
    for claim in broken:
        print(f"broken: {claim.method}, {claim.setting}: {claim.what} {claim.figure}", file=sys.stderr)
    return 1 if broken else 0


def _measured(pool: Executor, parts: Sequence[str], scale: float) -> list[Claim]:
    """The claims of all parts in the order of `parts`, each told of on the screen when it is done."""
    start = time.perf_counter()
    found: dict[str, list[Claim]] = {}

    def done(part: str) -> None:
        print(f"{part}: {len(found[part])} figures after {time.perf_counter() - start:.0f} s", file=sys.stderr)

    waited = {pool.submit(measure, part, scale): part for part in parts if part != "first_page"}
    pages = first_page.start(pool, scale, SEED) if "first_page" in parts else None
    for future in as_completed(waited):
        found[waited[future]] = future.result()
        done(waited[future])
    if pages is not None:
        found["first_page"] = pages()
        done("first_page")
    return [claim for part in parts for claim in found[part]]


def _order(method: str) -> int:
    return METHODS.index(method) if method in METHODS else len(METHODS)


if __name__ == "__main__":
    sys.exit(main())
