"""Several shops, open: side by side, one by one, and the page over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd

from cancel_analysis.catalog.words import words
from cancel_analysis.errors import SettingsError, unknown
from cancel_analysis.exhibits.kinds import ColumnView, Exhibit, Fold, Section, TableView
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import rate_label_so_far
from cancel_analysis.explore.display import exhibits_html, exhibits_text
from cancel_analysis.explore.rates import MAIN_RATES
from cancel_analysis.explore.results import Result, result_of
from cancel_analysis.explore.shop import Shop
from cancel_analysis.pages import portfolio_sections
from cancel_analysis.pages.portfolio import portfolio_of
from cancel_analysis.study.many_shops import Failure
from cancel_analysis.study.one_shop import Study
from cancel_analysis.weeks import Week

WINDOW = 30


class Shops(Mapping[str, Shop]):
    """The shops of a folder at the end of one week; a mapping from id to shop.

    `rates()` puts them side by side, `portfolio` is the page over all of them; a shop whose files could
    not be used is in `failures` with its cause, and in nothing else.

    >>> import cancel_analysis as ca
    >>> shops = ca.open_shops("data/sample", ["uk-linen-lane", "id-toko-gadget"])
    >>> shops["id-toko-gadget"].verdict.word
    'breach'
    """

    def __init__(self, week: Week, studies: Sequence[Study | Failure], source: Path) -> None:
        self.week = str(week)
        self._week = week
        self._studies = tuple(studies)
        self._shops = {one.shop.id: Shop(one, source) for one in studies if isinstance(one, Study)}

    def __getitem__(self, name: str) -> Shop:
        if name not in self._shops:
            raise SettingsError(unknown("shop", str(name), self._shops))
        return self._shops[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shops)

    def __len__(self) -> int:
        return len(self._shops)

    @property
    def failures(self) -> dict[str, str]:
        """Id → cause of each shop whose files could not be used."""
        return {one.shop: one.cause for one in self._studies if isinstance(one, Failure)}

    def rates(
        self, by: str | Sequence[str] | None = None, *, freq: str | None = None, window: int | None = None
    ) -> pd.DataFrame:
        """The rates of all shops in one tidy frame, with `shop` in front; arguments as in `Shop.rates`."""
        frames = [one.rates(by, freq=freq, window=window).frame.assign(shop=name) for name, one in self.items()]
        if not frames:
            raise SettingsError("no shop could be read; see .failures")
        frame = pd.concat(frames, ignore_index=True)
        return frame[["shop", *(column for column in frame.columns if column != "shop")]]

    @cached_property
    def portfolio(self) -> Result:
        """The page over all shops: the worst first, who moved, causes across them, the funnel; a row a shop."""
        period = next((one.period_days for one in self._studies if isinstance(one, Study)), WINDOW)
        found = portfolio_of(self._studies, self._week.sunday, period)
        parts = (portfolio_sections.first_screen, portfolio_sections.causes, portfolio_sections.evidence)
        exhibits: list[Exhibit] = []
        for part in parts:
            for exhibit in part(found, "en").exhibits:
                # A notebook has no folds.
                exhibits += exhibit.exhibits if isinstance(exhibit, Fold) else (exhibit,)
        return result_of(Section("portfolio", tuple(exhibits)), found.shops, "en")

    def _table(self) -> TableView:
        text, numbers = words("en"), NumberFormats("en")
        rows = []
        for shop in self.values():
            rates = shop.study.rates
            longest = rates[(rates["basis"] == "created") & (rates["window"] == WINDOW)].set_index("metric")["rate"]
            verdict = shop.study.judgement.verdict
            row: dict[str, object] = {"shop": shop.id, "market": shop.market, "up_to": shop.as_of, "verdict": verdict}
            rows.append({**row, **{name: longest[name] for name in MAIN_RATES}})
        frame = pd.DataFrame(rows, columns=["shop", "market", "up_to", "verdict", *MAIN_RATES])
        columns = (
            ColumnView("shop", text("explore.column.shop"), "id"),
            ColumnView("market", text("explore.column.market")),
            ColumnView("up_to", text("explore.column.date"), "date"),
            ColumnView("verdict", text("column.verdict"), "verdict"),
            *(ColumnView(name, rate_label_so_far(name, "created", text), "percent") for name in MAIN_RATES),
        )
        failed = "; ".join(f"{name}: {cause}" for name, cause in self.failures.items())
        caption = text("explore.shops", week=self.week, days=numbers.count(WINDOW))
        return TableView("shops", caption, frame, columns, note=text("explore.failed", shops=failed) if failed else "")

    def __repr__(self) -> str:
        exhibits: tuple[Exhibit, ...] = (self._table(),)
        return exhibits_text(exhibits, "en")

    def _repr_html_(self) -> str:
        return exhibits_html((self._table(),), "en")
