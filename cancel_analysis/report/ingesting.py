"""The files of many shops put into a dataset, a process a shop: what one shop's files do stops no other."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from cancel_analysis.catalog.shops import ShopList, ShopSettings
from cancel_analysis.errors import CancelAnalysisError, describe_error
from cancel_analysis.report.private import ended_by_sigterm, private_folder, sweep
from cancel_analysis.report.side_by_side import do_each
from cancel_analysis.steps import tell

_PREFIX = "cancel-analysis-ingest-"


@dataclass(frozen=True)
class Outcome:
    """What became of one shop: new and known files and lines that count, or why nothing was added."""

    shop: str
    new_files: int = 0
    known_files: int = 0
    lines: int = 0
    error: str = ""


def ingest(shops: ShopList, dataset: Path, count: int) -> list[Outcome]:
    """Add the new files of every shop to the dataset, `count` shops at a time; an outcome a shop, in their order."""
    from cancel_analysis.report.notebook.workers import Workers
    from cancel_analysis.study.ingest import ingest_shop

    workers, parent = Workers(), Path(tempfile.gettempdir())
    sweep(parent, _PREFIX)
    found = {shop.id: Outcome(shop.id, error=shop.cause) for shop in shops.wrong}

    def add(shop: ShopSettings) -> Outcome:
        with private_folder(parent, _PREFIX) as folder:
            try:
                added = workers.call(ingest_shop, shop, dataset, work=folder)
            except CancelAnalysisError as error:
                return Outcome(shop.id, error=describe_error(error))
        return Outcome(shop.id, added.new_files, added.known_files, added.lines)

    def ended(outcome: Outcome) -> None:
        found[outcome.shop] = outcome
        tell("files", len(found) - len(shops.wrong), len(shops.shops))

    tell("files", 0, len(shops.shops))
    with ended_by_sigterm():
        do_each(add, shops.shops, count, workers.stop, ended)
    return [found[name] for name in shops.ids]
