"""A result: its frame, its sentences, its pictures, and how it shows itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cancel_analysis.errors import SettingsError, unknown
from cancel_analysis.exhibits.kinds import Exhibit, Fold, Picture, Prose, Section
from cancel_analysis.explore.display import exhibits_html, exhibits_text
from cancel_analysis.report.show import lab


@dataclass(frozen=True, repr=False)
class Result:
    """One result of a shop: what the report says of it, as data.

    `frame` is its main table (pandas; rates are fractions, money is in the shop's currency), `tables` all
    of them by name, `text` its sentences, `plot()` its picture. Whatever a frame can do, a result can do:
    `result.head(10)`, `result.query("rate > 0.05")`, `result["rate"]`, `len(result)`.

    >>> import cancel_analysis as ca
    >>> limits = ca.sample_shop("id-toko-gadget").limits
    >>> bool((limits.frame["denominator"] > 0).any())
    True
    """

    name: str
    frame: pd.DataFrame
    exhibits: tuple[Exhibit, ...]
    language: str = "en"

    @property
    def text(self) -> str:
        """The sentences, a line each; '' where the figures need none."""
        return "\n".join(exhibit.text for exhibit in self.exhibits if isinstance(exhibit, Prose))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Name → frame of everything that the result shows; the names are those of the report's CSV files."""
        shown = (exhibit for exhibit in self.exhibits if not isinstance(exhibit, Fold))
        return {exhibit.name: exhibit.frame for exhibit in shown if exhibit.frame is not None}

    @property
    def pictures(self) -> tuple[str, ...]:
        """The names that `plot` takes."""
        return tuple(exhibit.name for exhibit in self.exhibits if isinstance(exhibit, Picture))

    def plot(self, name: str = "") -> Any:
        """The picture called `name`, or the first: an Altair chart, which JupyterLab shows without a network.

        Raises SettingsError when the result has no picture (many never have one) or none of that name.
        """
        drawn = {exhibit.name: exhibit for exhibit in self.exhibits if isinstance(exhibit, Picture)}
        if not drawn:
            raise SettingsError(f"{self.name} has no picture; its figures stand in .frame")
        if name and name not in drawn:
            raise SettingsError(unknown("picture", name, drawn))
        lab.show_charts_offline()
        return lab.as_altair(drawn[name or next(iter(drawn))].chart)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        return getattr(self.frame, attribute)

    def __getitem__(self, key: Any) -> Any:
        return self.frame[key]

    def __len__(self) -> int:
        return len(self.frame)

    def __dir__(self) -> Iterable[str]:
        return ["frame", "text", "tables", "pictures", "plot", "head", "query", "sort_values", "to_csv", "name"]

    def __repr__(self) -> str:
        return exhibits_text(self.exhibits, self.language) or f"{self.name}: {len(self.frame):,} rows in .frame"

    def _repr_html_(self) -> str:
        return exhibits_html(self.exhibits, self.language)


def result_of(
    section: Section, frame: pd.DataFrame, language: str, *, name: str = "", only: Iterable[str] = ()
) -> Result:
    """A section of the report as a result; with `only`, its exhibits of these names (a name ending in * is a stem)."""
    wanted = tuple(only)
    kept = tuple(exhibit for exhibit in section.exhibits if not wanted or _named(exhibit.name, wanted))
    return Result(name or section.name, frame, kept, language)


def _named(name: str, wanted: tuple[str, ...]) -> bool:
    return any(name.startswith(one[:-1]) if one.endswith("*") else name == one for one in wanted)
