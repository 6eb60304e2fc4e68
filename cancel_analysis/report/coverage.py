"""What must be known of shops before reports are planned: until when files speak, and a cohort's figures.

What the store knows of files as they are now is looked up. The other shops are read, each in a process of
its own: a file that brings a process down, or fills its memory, ends that process only, and the plan of
the other shops stands. What was read is in the store then, so that the report need not read it again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.errors import CancelAnalysisError
from cancel_analysis.report import render
from cancel_analysis.report.private import ended_by_sigterm, private_folder, sweep
from cancel_analysis.report.side_by_side import do_each
from cancel_analysis.steps import tell
from cancel_analysis.store.contents import contents
from cancel_analysis.study.peers import Peer, known_days, known_rates
from cancel_analysis.weeks import Covered

if TYPE_CHECKING:
    from cancel_analysis.report.cluster.connection import Cluster

_PREFIX = "cancel-analysis-plan-"


@dataclass(frozen=True)
class Look:
    """What is asked of one shop: the days that its files cover, or (`as_of`) its figures at the end of a day.

    With `in_cohort` its figures at the end of its latest week are made too, as the tables are there.
    """

    shop: ShopSettings
    as_of: date | None = None
    in_cohort: bool = False


@dataclass(frozen=True)
class Seen:
    """The answer: days or figures, else the error that says why there is none."""

    asked: Look
    days: Covered | None = None
    peer: Peer | None = None
    error: CancelAnalysisError | None = None


def look_up(asked: Look) -> Seen | None:
    """The answer where the store knows it; no table is loaded for it."""
    if asked.as_of is not None:
        rates = known_rates(asked.shop, asked.as_of)
        return None if rates is None else Seen(asked, peer=Peer(asked.shop.id, asked.as_of, rates))
    days = known_days(asked.shop)
    return None if days is None else Seen(asked, days)


def look_at(looks: Sequence[Look], count: int, cluster: Cluster | None = None) -> list[Seen]:
    """The answers in the order of what was asked; nothing of a shop is raised.

    Shops that must be read are read `count` at a time, or by the workers of a cluster.
    """
    found: dict[int, Seen] = {}
    for number, asked in enumerate(looks):
        known = look_up(asked)
        if known is not None:
            found[number] = known
    missing = [number for number in range(len(looks)) if number not in found]
    if missing:
        asked_for = [(number, looks[number]) for number in missing]
        if cluster is None:
            found |= _read(asked_for, count)
        else:
            from cancel_analysis.report.cluster.reading import read_shops

            found |= read_shops(cluster, asked_for)
    contents().save()
    return [found[number] for number in range(len(looks))]


def _read(looks: Sequence[tuple[int, Look]], count: int) -> dict[int, Seen]:
    from cancel_analysis.report.notebook.workers import Workers

    workers, parent, found = Workers(), Path(tempfile.gettempdir()), {}
    # What is read now gets a page next.
    render.warm_up()
    sweep(parent, _PREFIX)

    def read(item: tuple[int, Look]) -> tuple[int, Seen]:
        number, asked = item
        with private_folder(parent, _PREFIX) as folder:
            try:
                seen: Seen = workers.call(read_shop, asked, work=folder)
            except CancelAnalysisError as error:
                seen = Seen(asked, error=error)
        return number, seen

    def ended(result: tuple[int, Seen]) -> None:
        found[result[0]] = result[1]
        tell("files", len(found), len(looks))

    tell("files", 0, len(looks))
    with ended_by_sigterm():
        do_each(read, looks, count, workers.stop, ended)
    return found


def read_shop(asked: Look) -> Seen:
    """The answer from the shop's files, in this process; raises this package's errors, or what else they do."""
    from cancel_analysis.report.notebook.execute import texts_of

    with texts_of(asked.shop):
        return _read_shop(asked)


def _read_shop(asked: Look) -> Seen:
    from cancel_analysis.dataset.load import load_shop
    from cancel_analysis.study.one_shop import covered_days, peer_rates

    shop = asked.shop
    if asked.as_of is not None:
        return Seen(asked, peer=Peer(shop.id, asked.as_of, peer_rates(shop, asked.as_of)))
    intake = load_shop(shop)
    days = covered_days(shop, intake)
    peer = None
    if asked.in_cohort:
        as_of = days.latest
        try:
            peer = Peer(shop.id, as_of, peer_rates(shop, as_of, intake))
        except Exception:  # whatever is wrong with its figures, its week is known
            peer = Peer(shop.id, as_of, ())
    return Seen(asked, days, peer)
