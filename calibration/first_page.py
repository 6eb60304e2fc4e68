"""The report's first page over healthy shops and over shops with one planted cause."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from calibration.claims import Claim
from calibration.simulated import PLANTS, Plant, Simulated, simulate
from cancel_analysis.catalog.words import Words
from cancel_analysis.exhibits.kinds import Cards
from cancel_analysis.sections import verdict as sections
from cancel_analysis.sections.voice import speaker

HEALTHY = 200
# Effects in standard errors, whose, and shops a planted kind.
SIZES = ((3.0, "shop", 9), (3.0, "place", 8), (4.0, "place", 4), (5.0, "place", 6))
# Sentences of the first page that accuse nothing and nobody.
QUIET = (
    "headline.nothing", "headline.few", "headline.few_one", "headline.over", "headline.near", "headline.target",
    "headline.either", "headline.ok", "headline.no_limit", "action.none", "action.few", "action.pack", "action.watch",
    "action.breach", "action.answer_requests", "action.answer_requests_one", "action.answer_returns",
    "action.answer_returns_one",
)  # fmt: skip
# Orders a week of the largest shop; the small run of the tests has smaller ones.
MOST_ORDERS, FEW_ORDERS = 5000, 500
MOST_FALSE, LEAST_FIRST = 0.05, 0.95


# Seed, number of the shop, what is planted in it, most orders a week.
Job = tuple[int, int, Plant | None, int]


@dataclass(frozen=True)
class Page:
    """What one first page said: any finding of cause, the planted cause first, its place too; and the verdict."""

    raised: bool
    first: bool
    place: bool
    verdict: str


def measure(scale: float, seed: int) -> list[Claim]:
    jobs = _jobs(scale, seed)
    return _claims(jobs, [page(job) for job in jobs], scale)


def start(pool: Executor, scale: float, seed: int) -> Callable[[], list[Claim]]:
    """Hand every shop to the pool; what is given back waits for them and gives the claims."""
    jobs = _jobs(scale, seed)
    waited = pool.map(page, jobs, chunksize=4)
    return lambda: _claims(jobs, list(waited), scale)


def _jobs(scale: float, seed: int) -> list[Job]:
    most = MOST_ORDERS if scale >= 0.1 else FEW_ORDERS
    healthy: list[Job] = [(seed, number, None, most) for number in range(max(round(HEALTHY * scale), 10))]
    planted: list[Job] = []
    for size, of, each in SIZES:
        # Of a rise the place is the whole shop, so its two standard errors are one.
        kinds = [one for one in PLANTS if of == "place" or one[1] != "weeks"]
        planted += [
            (seed, number, Plant(*kinds[number % len(kinds)], size, of), most)
            for number in range(max(round(each * len(kinds) * scale), 4))
        ]
    return healthy + planted


def _claims(jobs: list[Job], pages: list[Page], scale: float) -> list[Claim]:
    plants = [plant for _, _, plant, _ in jobs]
    claims = _of_healthy([one for one, plant in zip(pages, plants, strict=True) if plant is None], scale)
    for size, of, _ in SIZES:
        own = [one for one, plant in zip(pages, plants, strict=True) if plant and (plant.size, plant.of) == (size, of)]
        claims += _of_planted(own, size, of)
    return claims


def _of_healthy(pages: list[Page], scale: float) -> list[Claim]:
    runs = len(pages)
    # The full run holds the figure itself; a small one is chance in the main.
    bound = MOST_FALSE + (0 if scale >= 1 else 3 * np.sqrt(MOST_FALSE * (1 - MOST_FALSE) / runs))
    setting = "healthy shops, 30 to 5,000 orders a week, 3 to 500 products"
    false = float(np.mean([one.raised for one in pages]))
    claims = [Claim("first page", setting, "a finding of cause is raised", false, None, bound, runs)]
    for verdict in ("watch", "breach"):
        share = float(np.mean([one.verdict == verdict for one in pages]))
        claims.append(Claim("first page", setting, f"the verdict is “{verdict}”", share, runs=runs))
    return claims


def _of_planted(pages: list[Page], size: float, of: str) -> list[Claim]:
    whose = "the shop's rate of that cause" if of == "shop" else "the place or time itself"
    setting = f"one planted cause, effect of {size:g} standard errors of {whose}"
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


def page(job: Job) -> Page:
    """Make one shop and its report's first part, and read it as a seller does.

    Of a planted shop only the first sentence counts, the one that the index page shows too.
    """
    seed, number, plant, most = job
    generator = np.random.default_rng([seed, number, round(10 * plant.size) + len(plant.of) if plant else 0])
    shop = simulate(generator, plant, most)
    words = speaker(shop.study).words
    told = [sections.headline(shop.study)]
    if plant is None:
        cards = [one for one in sections.verdict(shop.study).exhibits if isinstance(one, Cards)]
        told += [card.action for one in cards for card in one.cards]
    quiet = _patterns(QUIET, words)
    accused = [text for text in told if not any(one.fullmatch(text) for one in quiet)]
    first = bool(plant and accused and words(f"headline.cause.{plant.cause}").casefold() in accused[0].casefold())
    return Page(bool(accused), first, first and _places(shop), shop.study.judgement.verdict)


def _places(shop: Simulated) -> bool:
    found, plant = shop.study.ranked_standouts[0], shop.plant
    assert plant is not None
    if plant.dimension == "weeks":
        return found.since is not None
    labels = " | ".join(found.places["label"])
    names = [re.escape(name) for name in plant.names]
    return all(re.search(rf"{name}\b", labels) for name in names)


def _patterns(keys: tuple[str, ...], words: Words) -> list[re.Pattern[str]]:
    return [re.compile(re.sub(r"\\{\w+\\}", ".*", re.escape(words.entries[key]))) for key in keys]
