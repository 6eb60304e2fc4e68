"""All shops of a dataset: their rates side by side without loading one, SQL over all their rows, each one opened."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path

import duckdb
import pandas as pd

from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.dataset import stored_shop
from cancel_analysis.dataset.load import load_shop
from cancel_analysis.dataset.stored_shop import TABLES, StoredShop
from cancel_analysis.errors import CancelAnalysisWarning, SettingsError, unknown
from cancel_analysis.explore.shop import Shop
from cancel_analysis.rates.cube import rolling
from cancel_analysis.steps import tell
from cancel_analysis.study.ingest import CUBE, RATES, is_of_another_program, make_figures
from cancel_analysis.study.one_shop import DEFAULT_PERIOD, open_study_of

SHOPS_AT_A_TIME = 200


class StoredShops(Mapping[str, Shop]):
    """The shops of a dataset, a mapping from id to shop; a shop's tables are loaded when it is asked for.

    Their rates are those of the last report that could be made of each: at the end of its last whole week.

    In a notebook::

        shops = ca.open_shops("dataset/")
        shops.rates(window=30)                    # a row a shop and rate
        shops.rolling("seller_fault_cancellation_rate", 30)
        shops.sql("SELECT shop_id, count(*) FROM orders GROUP BY 1")
        shops["id-toko-gadget"]                   # loaded now
    """

    def __init__(self, settings: Sequence[ShopSettings], source: Path, period_days: int = DEFAULT_PERIOD) -> None:
        self._settings = {shop.id: shop for shop in settings}
        self._source, self._period = source, period_days
        self._open: dict[str, Shop] = {}

    def __getitem__(self, name: str) -> Shop:
        if name not in self._settings:
            raise SettingsError(unknown("shop", str(name), tuple(self._settings)))
        if name not in self._open:
            shop = self._settings[name]
            peers = tuple(self._settings.values())
            study = open_study_of(shop, load_shop(shop), period_days=self._period, peers=peers)
            self._open[name] = Shop(study, self._source)
        return self._open[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)

    def rates(self, *, window: int | None = None, basis: str = "created") -> pd.DataFrame:
        """Every rate of every shop, a row each: shop, name, window, numerator, denominator, rate, low, high …

        `window` keeps one of 7, 15 and 30 days; `basis` is "created" (by the order's date) or "event". A rate
        that the files cannot tell is empty. A shop without a usable order has no row.
        """
        if window is not None and window not in WINDOWS:
            raise SettingsError(unknown("window", str(window), tuple(map(str, WINDOWS))))
        frame = pd.concat(self._figures(RATES), ignore_index=True)
        kept = (frame["basis"] == basis) & (True if window is None else frame["window"] == window)
        return frame[kept].reset_index(drop=True)

    def rolling(self, rate: str, window: int = DEFAULT_PERIOD, *, basis: str = "created") -> pd.DataFrame:
        """One rate of every shop over the last `window` days, for every day; columns as in `rates`, with date."""
        parts = [
            rolling(days.drop(columns="shop"), rate, window, basis=basis, shop=self._settings.get(str(name))).assign(
                shop=name
            )
            for cubes in self._figures(CUBE)
            for name, days in cubes.groupby("shop", sort=False)
        ]
        frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"shop": []})
        return frame[["shop", *(name for name in frame.columns if name != "shop")]]

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """A query of your own over all shops: tables orders, returns, requests, stock_log, stock_snapshots, tracking.

        Nothing is loaded but what the query needs; `.df()` makes a frame of the answer. The columns are those of
        docs/data_dictionary.md; amounts of shops are each in its own currency.
        """
        return self._connection.sql(query)

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        for table in TABLES:
            found = [str(path) for folder, shop in self._stored for path in stored_shop.paths(folder, shop, table)]
            if found:
                connection.read_parquet(found, union_by_name=True).create_view(table, replace=True)
        return connection

    @cached_property
    def _stored(self) -> list[tuple[Path, StoredShop]]:
        folders = [shop.files[0].parent for shop in self._settings.values()]
        return [(folder, StoredShop.at(folder)) for folder in folders]

    @cached_property
    def _made_anew(self) -> dict[Path, dict[str, pd.DataFrame]]:
        """Folder → figures of the shops whose stored ones another program made; the dataset itself is left alone."""
        found: dict[Path, dict[str, pd.DataFrame]] = {}
        settings = {shop.files[0].parent: shop for shop in self._settings.values()}
        old = [(folder, shop) for folder, shop in self._stored if is_of_another_program(shop)]
        for number, (folder, shop) in enumerate(old, start=1):
            tell("figures", number, len(old))
            try:
                found[folder] = make_figures(settings[folder], folder, shop)[1]
            except SettingsError:
                found[folder] = {}
        if old:
            warnings.warn(
                f"the figures of {len(old):,} stored shops are those of another version and were made anew for now; "
                "cancel-analysis ingest keeps them",
                CancelAnalysisWarning,
                stacklevel=4,
            )
        return found

    def _figures(self, name: str) -> Iterator[pd.DataFrame]:
        """The figures `name` of all shops, of some hundred at a time: the daily sums of thousands fill a machine."""
        anew = self._made_anew
        stored = [(folder, shop) for folder, shop in self._stored if folder not in anew]
        paths = [str(path) for folder, shop in stored if (path := stored_shop.figure_path(folder, shop, name))]
        made = [figures[name] for figures in anew.values() if name in figures]
        if not made and not paths:
            raise SettingsError("no shop of the dataset has a usable order")
        for frame in chain(made, _read(paths)):
            frame = frame.rename(columns={"shop_id": "shop"})
            yield frame[["shop", *(column for column in frame.columns if column != "shop")]]

    def __repr__(self) -> str:
        last = sorted(shop.as_of for _, shop in self._stored if shop.as_of)
        days = f", up to {last[0]}" + (f" – {last[-1]}" if last[-1] != last[0] else "") if last else ""
        return f"{len(self):,} stored shops{days}: .rates(window=30), .rolling(rate), .sql(query), [id]"


def _read(paths: Sequence[str]) -> Iterator[pd.DataFrame]:
    with duckdb.connect() as connection:
        for start in range(0, len(paths), SHOPS_AT_A_TIME):
            yield connection.read_parquet(list(paths[start : start + SHOPS_AT_A_TIME]), union_by_name=True).df()
