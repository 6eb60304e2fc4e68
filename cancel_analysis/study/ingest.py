"""Files of one shop → what a dataset keeps of it: tables by month, and the figures that are asked over all shops.

An addition is what was not read before, by content: a file twice changes nothing. Only the months that its
orders are of are read back and written again. Figures that another program made are made anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from cancel_analysis.catalog.datasets import settings_values
from cancel_analysis.catalog.mapping.mappings import read_mapping
from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.dataset import stored_shop
from cancel_analysis.dataset.stored_shop import StoredShop
from cancel_analysis.errors import SettingsError
from cancel_analysis.loaders.parsing.intake import Intake, named_files
from cancel_analysis.loaders.shop import read_statements
from cancel_analysis.loaders.statements import Statements, add, whole
from cancel_analysis.store import contents
from cancel_analysis.store.keys import WITHOUT_EFFECT
from cancel_analysis.store.sources import FIGURES, code_hash
from cancel_analysis.study.cut import covered
from cancel_analysis.study.one_shop import study_shop
from cancel_analysis.weeks import Covered

CUBE, RATES = "cube", "rates"


@dataclass(frozen=True)
class Ingested:
    """What became of a shop: files that were new, files that were known, order lines of the new ones that count."""

    shop: str
    new_files: int
    known_files: int
    lines: int


def ingest_shop(shop: ShopSettings, dataset: Path) -> Ingested:
    """Add what the dataset does not have of the shop's files to it, and take over its settings.

    Raises the errors of loading, and SettingsError when a setting that decides how files are read is another
    than the one that earlier files were read by. After an error the shop is what it was.
    """
    folder = stored_shop.folder_of(dataset, shop)
    with FileLock(folder / ".lock"):
        before = StoredShop.at(folder)
        settings = settings_values(shop)
        _check_settings(shop, before, settings)
        digests = {contents.digest(path): path for path in shop.files}
        new = {digest: path for digest, path in digests.items() if digest not in before.files}
        after, lines = replace(before, settings=settings), 0
        if new and _belong_together(shop):
            after, new = _without_parts(shop, after, digests), digests
        if new:
            after, lines = _added(replace(shop, files=tuple(new.values())), folder, after, list(new))
        elif is_of_another_program(after):
            after = with_figures(shop, folder, after)
        if stored_shop.keep_own_files(folder, shop) or after != before:
            after.write(folder)
    contents.contents().save()
    return Ingested(shop.id, len(new), len(digests) - len(new), lines)


def _check_settings(shop: ShopSettings, before: StoredShop, settings: dict[str, Any]) -> None:
    changed = [
        name
        for name, value in before.settings.items()
        if name not in WITHOUT_EFFECT and name in settings and _plain(settings[name]) != _plain(value)
    ]
    if changed:
        name = changed[0]
        raise SettingsError(
            f"{name} of shop {shop.id!r} is {settings[name]!r}, and its files were read with "
            f"{before.settings[name]!r}; set it back, or ingest all of its files into a new dataset"
        )


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _belong_together(shop: ShopSettings) -> bool:
    """Whether the shop's files are read as one: tables that a mapping joins, a cancellation whose sale is elsewhere."""
    return shop.mapping_file is not None


def _without_parts(shop: ShopSettings, before: StoredShop, digests: dict[str, Path]) -> StoredShop:
    gone = [name for digest, name in before.files.items() if digest not in digests]
    if gone:
        more = f" and {len(gone) - 1:,} more" if len(gone) > 1 else ""
        mapping = read_mapping(shop.mapping_file).name if shop.mapping_file is not None else ""
        raise SettingsError(
            f"the files of shop {shop.id!r} are read together by the mapping {mapping!r}, and {gone[0]!r}{more} "
            "of earlier is not there any more; put it back beside the new ones"
        )
    return replace(before, files={}, parts={}, accounts="", left_out=())


def _added(shop: ShopSettings, folder: Path, before: StoredShop, digests: list[str]) -> tuple[StoredShop, int]:
    """The shop with what its new files say, written in parts that nobody names yet, and the lines that count."""
    labels = [label for _, label in named_files(list(shop.files))]
    names = _free_names(labels, set(before.files.values()))
    found = _named(read_statements(shop), names)
    orders = found.tables.get("orders")
    months = set() if orders is None else {*stored_shop.months_of(orders.table), stored_shop.UNDATED}
    merged = add(stored_shop.read(folder, before, months), found)
    # An archive stands for several labels; it is one file.
    files = {digest: path.name for digest, path in zip(digests, shop.files, strict=True)}
    after = stored_shop.write_tables(folder, replace(before, files={**before.files, **files}), merged)
    return with_figures(shop, folder, after), 0 if orders is None else len(orders.table)


def _free_names(labels: list[str], taken: set[str]) -> dict[str, str]:
    """Label → a name that no earlier file has: every week's export may be called the same."""
    names = {}
    for label in labels:
        name, number = label, 1
        while name in taken:
            number += 1
            name = f"{label} ({number})"
        taken.add(name)
        names[label] = name
    return names


def _named(found: Statements, names: dict[str, str]) -> Statements:
    changed = {label: name for label, name in names.items() if label != name}
    if not changed:
        return found

    def renamed(intake: Intake) -> Intake:
        files, refusals = (
            frame.assign(file=frame["file"].replace(changed)) if "file" in frame else frame
            for frame in (intake.account.files, intake.account.refusals)
        )
        table = intake.table.assign(source_file=intake.table["source_file"].replace(changed))
        return Intake(table, replace(intake.account, files=files, refusals=refusals))

    return replace(found, tables={name: renamed(intake) for name, intake in found.tables.items()})


def is_of_another_program(stored: StoredShop) -> bool:
    """Whether the figures that lie with a shop are those of other code than this."""
    return "orders" in stored.parts and stored.made_by != code_hash(FIGURES)


def make_figures(shop: ShopSettings, folder: Path, stored: StoredShop) -> tuple[Covered, dict[str, pd.DataFrame]]:
    """The days that a stored shop's files cover, and its daily sums and rates at the end of the latest of its weeks.

    Raises SettingsError where no order is usable, and what reading its parts does.
    """
    intake = whole(stored_shop.read(folder, stored))
    days = covered(intake.orders)
    study = study_shop(replace(shop, files=()), intake, as_of=days.latest)
    return days, {name: frame.assign(shop_id=shop.id) for name, frame in ((CUBE, study.cube), (RATES, study.rates))}


def with_figures(shop: ShopSettings, folder: Path, after: StoredShop) -> StoredShop:
    """The shop with its daily sums and its rates at the end of its latest week; without, where no order is usable."""
    if "orders" not in after.parts:
        return after
    try:
        days, figures = make_figures(shop, folder, after)
    except SettingsError:
        return replace(after, as_of="", covered=(), figures={}, made_by=code_hash(FIGURES))
    return replace(
        after,
        as_of=days.latest.isoformat(),
        covered=(days.first.isoformat(), days.last.isoformat()),
        figures={name: stored_shop.write_frame(folder, name, frame) for name, frame in figures.items()},
        made_by=code_hash(FIGURES),
    )
