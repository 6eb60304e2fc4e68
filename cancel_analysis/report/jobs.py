"""One report or page to be made, as data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.errors import SettingsError
from cancel_analysis.study.peers import Peer
from cancel_analysis.weeks import parse_week

FORMATS = ("html", "pdf")
# Evidence and appendix on paper, beside a report that was asked for them.
APPENDIX = "appendix.pdf"
# Given by the machinery to every shop's notebook; the others are the notebook's own.
REQUIRED = ("shop", "week", "data", "lang", "mode", "work")


@dataclass(frozen=True)
class Job:
    """One report: a shop, an ISO week, and how it is made.

    `data` is the folder (or settings file) that the shop was read from; `parameters` are further
    ones of the notebook, as (name, value) pairs.
    """

    shop: ShopSettings
    week: str
    data: Path
    language: str = "en"
    formats: tuple[str, ...] = FORMATS
    notebook: Path = Path("shop_report.ipynb")
    parameters: tuple[tuple[str, Any], ...] = ()
    # What is wrong with the shop's settings: the report fails with it, and is not run.
    fault: str = ""
    # The ids of the shops of its market and category, 15 at most, whether they are enough to be compared with or not.
    others: tuple[str, ...] = ()
    # The figures of the shops that this one is compared with; of a shop that is not named they are made.
    cohort: tuple[Peer, ...] = ()
    # Whether evidence and appendix are set as a second PDF beside the report.
    appendix: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        return REQUIRED

    @property
    def key(self) -> str:
        """Where the report lies below the output folder: week/shop."""
        return f"{self.week}/{self.shop.slug}"

    @property
    def as_of(self) -> date:
        """The day at whose end the shop is seen."""
        day = dict(self.parameters).get("as_of")
        return date.fromisoformat(str(day)) if day else parse_week(self.week).sunday

    def given(self, work: Path) -> dict[str, Any]:
        """The notebook's parameters when it runs in `work`; paths are relative, so none of this machine is kept."""
        return {
            "shop": self.shop.id,
            "week": self.week,
            "data": relative(self.data, work),
            "lang": self.language,
            "mode": "report",
            "work": ".",
            **dict(self.parameters),
        }


@dataclass(frozen=True)
class Page:
    """One page over all shops of `data`: the notebook `name`, with its own parameters."""

    name: str
    data: Path
    notebook: Path
    language: str = "en"
    formats: tuple[str, ...] = FORMATS
    parameters: tuple[tuple[str, Any], ...] = ()
    brand_file: Path | None = None

    @property
    def required(self) -> tuple[str, ...]:
        return ("data", "lang", "mode", "work")

    def given(self, work: Path) -> dict[str, Any]:
        """The notebook's parameters when it runs in `work`."""
        return {
            "data": relative(self.data, work),
            "lang": self.language,
            "mode": "report",
            "work": ".",
            **dict(self.parameters),
        }


def relative(path: Path, start: Path) -> str:
    """`path` as seen from `start`; on another Windows drive there is no such way, and it stays absolute."""
    try:
        return Path(os.path.relpath(path, start)).as_posix()
    except ValueError:
        return path.as_posix()


def check_formats(formats: tuple[str, ...]) -> tuple[str, ...]:
    """The formats in their usual order; SettingsError for an unknown one or none at all."""
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise SettingsError(f"formats must be some of {', '.join(FORMATS)}, not {', '.join(unknown) or 'none'}")
    return tuple(form for form in FORMATS if form in formats)
