"""The report's first page over healthy shops and over shops with one planted cause."""

from __future__ import annotations

import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from calibration.claims import Claim
from calibration.simulated import PLANTS, Plant, Simulated, simulate
from cancel_analysis import sections
from cancel_analysis.catalog.words import Words
from cancel_analysis.exhibits import Prose

HEALTHY = 200
# Effects in their own standard errors, and shops a planted kind.
SIZES = {3.0: 10, 4.0: 5, 5.0: 5}
# Sentences of the first page that accuse nothing and nobody.
QUIET = (
    "headline.nothing", "headline.few", "action.none", "action.few", "action.pack", "action.watch", "action.breach",
)  # fmt: skip
# What the page says because a limit is near or passed, whatever the cause.
OF_VERDICT = (
    "headline.biggest", "decided.over", "decided.near", "decided.under", "decided.not_counted", "decided.nobody",
)  # fmt: skip
MOST_FALSE, LEAST_FIRST = 0.05, 0.95


@dataclass(frozen=True)
class Page:
    """What one first page said: any finding of cause, the planted cause first, its place too; and the verdict."""

    raised: bool
    first: bool
    place: bool
    verdict: str


def measure(scale: float, seed: int, jobs: int = 1) -> list[Claim]:
    healthy = [(seed, number, None) for number in range(max(round(HEALTHY * scale), 10))]
    planted = [
        (seed, number, Plant(*PLANTS[number % len(PLANTS)], size))
        for size, each in SIZES.items()
        for number in range(max(round(each * len(PLANTS) * scale), 10))
    ]
    with ProcessPoolExecutor(jobs) as pool:
        pages = list(pool.map(page, healthy + planted, chunksize=4))
    claims = _of_healthy(pages[: len(healthy)])
    for size in SIZES:
        own = [one for one, (_, _, plant) in zip(pages[len(healthy) :], planted, strict=True) if plant.size == size]
        claims += _of_planted(own, size)
    return claims


def _of_healthy(pages: list[Page]) -> list[Claim]:
    runs = len(pages)
    bound = MOST_FALSE + 3 * np.sqrt(MOST_FALSE * (1 - MOST_FALSE) / runs)
    setting = "healthy shops, 30 to 5,000 orders a week, 3 to 500 products"
    false = float(np.mean([one.raised for one in pages]))
    claims = [Claim("first page", setting, "a finding of cause is raised", false, None, bound, runs)]
    for verdict in ("watch", "breach"):
        share = float(np.mean([one.verdict == verdict for one in pages]))
        claims.append(Claim("first page", setting, f"the verdict is “{verdict}”", share, runs=runs))
    return claims


def _of_planted(pages: list[Page], size: float) -> list[Claim]:
    setting = f"one planted cause, effect of {size:g} of its own standard errors"
    named = [one for one in pages if one.raised]
    first = float(np.mean([one.first for one in pages]))
    claims = [Claim("first page", setting, "the planted cause is named first", first, runs=len(pages))]
    if named:
        bound = LEAST_FIRST - 3 * np.sqrt(LEAST_FIRST * (1 - LEAST_FIRST) / len(named))
        share = float(np.mean([one.first for one in named]))
        what = "the planted cause is first, where a cause is named"
        claims.append(Claim("first page", setting, what, share, bound, None, len(named)))
        place = float(np.mean([one.place for one in named if one.first]))
        claims.append(Claim("first page", setting, "its place or weeks too, where it is named", place, runs=len(named)))
    return claims


def page(job: tuple[int, int, Plant | None]) -> Page:
    """Make one shop, its report's first part, and read it as a seller does."""
    seed, number, plant = job
    generator = np.random.default_rng([seed, number, round(10 * plant.size) if plant else 0])
    shop = simulate(generator, plant)
    voice = sections.speaker(shop.study)
    part = sections.verdict(shop.study)
    lines = [line for one in part.exhibits if isinstance(one, Prose) for line in one.lines]
    told = [line.text for line in lines if line.kind in ("finding", "action")]
    quiet = _patterns((*QUIET, *OF_VERDICT), voice.words)
    accused = [text for text in told if not any(one.fullmatch(text) for one in quiet)]
    findings = [line.text for line in lines if line.kind == "finding" and line.text in accused]
    first = bool(plant and findings and findings[0].startswith(voice.words(f"cause.{plant.cause}")))
    return Page(bool(accused), first, first and _places(shop), shop.study.judgement.verdict)


def _places(shop: Simulated) -> bool:
    found, plant = shop.study.standouts[0], shop.plant
    assert plant is not None
    if plant.dimension == "weeks":
        return found.since is not None
    labels = " | ".join(found.places["label"])
    names = [re.escape(name) for name in plant.names]
    return all(re.search(rf"{name}\b", labels) for name in names)


def _patterns(keys: tuple[str, ...], words: Words) -> list[re.Pattern[str]]:
    return [re.compile(re.sub(r"\\{\w+\\}", ".*", re.escape(words.entries[key]))) for key in keys]
