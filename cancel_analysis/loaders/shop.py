"""All files of a shop → one set of tables: exports, API files, and what the seller's own systems say.

Where two files speak of one SKU of one order, or of one return, the newer statement is used and the
older one is counted as superseded in its own account, so that every account still adds up. What the
newer does not know at all (a category, the region) is taken over from the older.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from cancel_analysis import tables
from cancel_analysis.catalog.mapping.forms import FileMapping
from cancel_analysis.catalog.mapping.mappings import read_mapping
from cancel_analysis.catalog.shops import DATA_SUFFIXES, ShopSettings
from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders import operations
from cancel_analysis.loaders.api.load import load_named
from cancel_analysis.loaders.mapped import load as mapped_load
from cancel_analysis.loaders.mapped.rows import fits_mapping, fitting_mappings, mapping_fit
from cancel_analysis.loaders.parsing.account import OUTCOMES, Account
from cancel_analysis.loaders.parsing.columns import LAYOUTS, ORDERS, RETURNS, Layout, match
from cancel_analysis.loaders.parsing.intake import (
    ApiIntake,
    ExportIntake,
    Intake,
    OperationsIntake,
    ShopIntake,
    named_files,
)
from cancel_analysis.loaders.parsing.json_files import SUFFIXES
from cancel_analysis.loaders.parsing.recognition import WHERE, fit, mostly, recognise
from cancel_analysis.loaders.parsing.sources import Source, open_source
from cancel_analysis.loaders.parsing.two_shops import ORDER_COLUMNS, FileTraits, two_shops_notes
from cancel_analysis.loaders.tiktok_export import load_sources

Mask = npt.NDArray[np.bool_]

ORDER_KEY = ["order_id", "sku_id"]
RETURN_KEY = ["return_id", "sku_id"]
# What stays true of an article, an order or a parcel whoever says it, and may be known to one file only.
LASTING = (
    "product_id",
    "seller_sku",
    "product_name",
    "variation",
    "category",
    "unit_price",
    "payment_method",
    "fulfillment_type",
    "warehouse",
    "package_id",
    "tracking_id",
    "carrier",
    "region",
)
RETURN_LASTING = (
    "seller_sku",
    "product_name",
    "variation",
    "initiator",
    "reason_code",
    "reason_text",
    "return_tracking_id",
    "return_freight",
)


def load_shop(shop: ShopSettings) -> ShopIntake:
    """Everything in `shop.files`, each file recognised by its content.

    CSV and XLSX by their header: order and return exports, stock log, stock snapshots, tracking
    events; JSON by its objects. Raises WrongFileError for a file that is none of these, when
    nothing in them is an order, and when there is no file.
    """
    if not shop.files:
        raise WrongFileError(
            f"shop {shop.id!r} has no {', '.join(DATA_SUFFIXES)} file",
            remedy=f"Nothing matches {', '.join(shop.patterns) or 'its files'}; put its exports there, "
            "or mend 'files' in shops.yaml",
        )
    named = named_files(list(shop.files))
    if shop.mapping_file is not None:
        return _load_mapped(shop, named, read_mapping(shop.mapping_file))
    saved = [file for file in named if file[0].suffix.lower() in SUFFIXES]
    orders: list[Source] = []
    returns: list[Source] = []
    others: dict[str, list[Source]] = {name: [] for name in operations.KINDS}
    for path, label in named:
        if path.suffix.lower() in SUFFIXES:
            continue
        source = open_source(path, lambda header: max(fit(header), operations.fit(header)), label)
        kind = _kind(source)
        if kind is None:
            (orders if _recognised(source) is ORDERS else returns).append(source)
        else:
            others[kind.name].append(source)
    exports = ExportIntake(
        load_sources(orders, ORDERS, shop) if orders else None,
        load_sources(returns, RETURNS, shop) if returns else None,
    )
    api = load_named(saved, shop) if saved else None
    loaded = {
        name: operations.load_kind(operations.KINDS[name], sources, shop) for name, sources in others.items() if sources
    }
    if exports.orders is None and (api is None or api.orders is None):
        raise WrongFileError(
            f"the only file of shop {shop.id!r} is no order export and holds no orders of the API"
            if len(named) == 1
            else f"none of the {len(named)} files of shop {shop.id!r} is an order export or holds orders of the API",
            remedy=f"Add one from {WHERE['orders']}",
        )
    return combine(exports, api, OperationsIntake(**loaded))


def _load_mapped(shop: ShopSettings, named: Sequence[tuple[Path, str]], mapping: FileMapping) -> ShopIntake:
    """A shop of another platform: its orders and returns by the mapping, and what its own systems say."""
    mapped: list[tuple[Path, str]] = []
    fitting: dict[str, Source] = {}
    others: dict[str, list[Source]] = {name: [] for name in operations.KINDS}
    for path, label in named:
        source = open_source(path, lambda header: max(mapping_fit(header, mapping), operations.fit(header)), label)
        kind = None if fits_mapping(source.header, mapping) else operations.recognise(source.header, source.label)
        if kind is None:
            mapped.append((path, label))
            if fits_mapping(source.header, mapping):
                # A workbook is not read twice.
                fitting[label] = source
        else:
            others[kind.name].append(source)
    loaded = {
        name: operations.load_kind(operations.KINDS[name], sources, shop) for name, sources in others.items() if sources
    }
    return combine(mapped_load.load_named(mapped, shop, mapping, fitting), None, OperationsIntake(**loaded))


def _recognised(source: Source) -> Layout:
    """The layout of an export; the error for a stranger names the shipped mapping that fits, or how to write one."""
    try:
        return recognise(source).layout
    except WrongFileError as error:
        if any(mostly(match(source.header, layout)) for layout in LAYOUTS):
            raise
        fitting = fitting_mappings(source.header)
        advice = (
            f"The shipped mapping {fitting[0]!r} fits it: --mapping {fitting[0]}, or 'mapping' in shops.yaml"
            if fitting
            else "A file of another platform or house is read by a mapping; this drafts one: cancel-analysis mapping "
            f"{source.label!r}"
        )
        raise WrongFileError(error.what, place=error.place, remedy=f"{error.remedy}\n  {advice}") from error


def _kind(source: Source) -> operations.Kind | None:
    """The kind of operations file that a source is; None for an export, and for a stranger."""
    if any(mostly(match(source.header, layout)) for layout in LAYOUTS):
        return None
    return operations.recognise(source.header, source.label)


def combine(
    exports: ExportIntake | ShopIntake | None, api: ApiIntake | None = None, other: OperationsIntake | None = None
) -> ShopIntake:
    """One ShopIntake from what the exports, the API files and the seller's own systems say.

    Orders that the API calls samples or replacements are taken out of the exports' orders too. Order
    lines get the reason's code, and who cancelled where the order does not say, from the cancellation
    requests. Raises WrongFileError when neither holds orders.
    """
    exports = exports or ExportIntake()
    api = api or ApiIntake()
    other = other or OperationsIntake()
    own = None if exports.orders is None else _without(exports.orders, api.left_out)
    orders = _merge(own, api.orders, ORDER_KEY, LASTING, tables.ORDER_LINES)
    if orders is None:
        raise WrongFileError("no file holds orders", remedy=f"Add an order export from {WHERE['orders']}")
    returns = _merge(exports.returns, api.returns, RETURN_KEY, RETURN_LASTING, tables.RETURNS)
    requests = api.requests
    if requests is not None:
        orders = replace(orders, table=with_codes(orders.table, requests.table))
        requests = replace(requests, table=with_units(requests.table, orders.table))
    return ShopIntake(orders, returns, requests, other.stock_log, other.stock_snapshots, other.tracking)


def _without(intake: Intake, left_out: frozenset[str]) -> Intake:
    gone = intake.table["order_id"].isin(left_out).to_numpy()
    if not gone.any():
        return intake
    account = _recount(intake.account, intake.table["source_file"][gone], "samples")
    return Intake(intake.table[~gone].reset_index(drop=True), account)


def _merge(
    own: Intake | None, api: Intake | None, key: list[str], lasting: Sequence[str], table: tables.Table
) -> Intake | None:
    """Both tables as one; of two statements with one key the newer, and of two of one moment the API's, is used."""
    if own is None or api is None:
        return own or api
    older, newer = _superseded(own.table, api.table, key)
    parts = [
        _complete(own.table[~older], api.table[newer], key, lasting),
        _complete(api.table[~newer], own.table[older], key, lasting),
    ]
    frame = pd.concat(parts, ignore_index=True)
    if "first_line" in table.names:
        frame["first_line"] = _first_lines(frame)
    mixed = tuple(_two_shops(own, api)) if table is tables.ORDER_LINES else ()
    accounts = (
        _recount(own.account, own.table["source_file"][older], "superseded"),
        _recount(api.account, api.table["source_file"][newer], "superseded"),
    )
    account = _added(*accounts)
    return Intake(
        tables.check(frame, table), replace(account, notes=(*mixed, *account.notes), mixed=(*mixed, *account.mixed))
    )


def _two_shops(own: Intake, api: Intake) -> list[str]:
    """What speaks for exports of one shop beside API answers of another."""

    def traits(label: str, table: pd.DataFrame) -> FileTraits:
        columns = list(ORDER_COLUMNS)
        return FileTraits(label, table["order_id"], lambda numbers: table.loc[table["order_id"].isin(numbers), columns])

    return two_shops_notes([traits("the exports", own.table), traits("the API answers", api.table)])


def _superseded(own: pd.DataFrame, api: pd.DataFrame, key: list[str]) -> tuple[Mask, Mask]:
    """Which rows of each table the other one knows better."""
    moments = [frame.groupby(key, sort=False)["updated_at"].max().rename("moment") for frame in (own, api)]
    both = pd.concat(moments, axis=1, keys=["own", "api"], join="inner")
    # A file that says nothing of its age is the older one.
    api_wins = ~(both["own"] > both["api"]) & ~(both["api"].isna() & both["own"].notna())
    return _within(own, both.index[api_wins], key), _within(api, both.index[~api_wins], key)


def _within(frame: pd.DataFrame, keys: pd.Index, key: list[str]) -> Mask:
    found: Mask = pd.MultiIndex.from_frame(frame[key]).isin(keys)
    return found


def _complete(kept: pd.DataFrame, older: pd.DataFrame, key: list[str], lasting: Sequence[str]) -> pd.DataFrame:
    """`kept` with what it does not know, and the older statement of the same key does."""
    if older.empty or kept.empty:
        return kept
    known = older.groupby(key, sort=False)[list(lasting)].first()
    beside = kept[key].join(known, on=key)
    filled = {name: kept[name].where(kept[name].notna(), beside[name]).astype(kept[name].dtype) for name in lasting}
    return kept.assign(**filled)


def _first_lines(frame: pd.DataFrame) -> pd.Series:
    """One line of each order, rather one that was kept than one that was taken out of it."""
    taken_out = (frame["after_sale"] == "cancel") & (frame["status"] != "cancelled")
    first = pd.Series(False, index=frame.index)
    ordered = frame[["order_id"]].assign(out=taken_out, marked=~frame["first_line"])
    first[ordered.sort_values(["out", "marked"], kind="stable").drop_duplicates("order_id").index] = True
    return first


def _recount(account: Account, lost: pd.Series, outcome: str) -> Account:
    """The account after rows of the files named in `lost` were moved from used to `outcome`."""
    if lost.empty:
        return account
    moved = account.files["file"].map(lost.value_counts()).fillna(0).astype("int64")
    files = account.files.assign(used=account.files["used"] - moved, **{outcome: account.files[outcome] + moved})
    return replace(
        account,
        files=files,
        samples=int(files["samples"].sum()),
        superseded=int(files["superseded"].sum()),
        used=int(files["used"].sum()),
    )


def _added(first: Account, second: Account) -> Account:
    def both(name: str) -> pd.DataFrame:
        frames: list[pd.DataFrame] = [getattr(first, name), getattr(second, name)]
        filled = [frame for frame in frames if len(frame)]
        return pd.concat(filled, ignore_index=True) if filled else frames[0]

    counts = {name: getattr(first, name) + getattr(second, name) for name in ("rows", *OUTCOMES)}
    return Account(
        kind=first.kind,
        files=both("files"),
        refusals=both("refusals"),
        unknown_values=both("unknown_values"),
        notes=first.notes + second.notes,
        by_status=_tallied(first, second),
        foreign=first.foreign if second.foreign else (),
        foreign_rows=first.foreign_rows + second.foreign_rows if first.foreign and second.foreign else 0,
        mixed=first.mixed + second.mixed,
        **counts,
    )


def _tallied(first: Account, second: Account) -> pd.DataFrame:
    both = pd.concat([first.by_status, second.by_status]).groupby("status", sort=False).sum()
    return both.astype("int64").reset_index().astype({"status": "str"})


def with_codes(orders: pd.DataFrame, requests: pd.DataFrame) -> pd.DataFrame:
    """Order lines with what the cancellation requests know of them, where they do not say it themselves.

    `orders` are ORDER_LINES, `requests` CANCEL_REQUESTS. Cancelled lines get the reason's code, its
    text, who cancelled and when, from the newest request that took effect, names their SKU (or none)
    and does not contradict who cancelled: only the API's requests carry codes.
    """
    cancelled = (orders["status"] == "cancelled") | (
        (orders["after_sale"] == "cancel") & (orders["quantity_affected"] > 0)
    )
    lines = orders.loc[cancelled, ["order_id", "sku_id", "cancelled_by"]].reset_index(names="line")
    effective = requests[requests["status"].isin(["accepted", "completed"])]
    columns = ["order_id", "sku_id", "initiator", "reason_code", "reason_text", "updated_at"]
    pairs = lines.merge(effective[columns], on="order_id", suffixes=("", "_asked"))
    named = pairs["sku_id_asked"].notna()
    open_who = pairs["cancelled_by"].isna() | (pairs["cancelled_by"] == "unknown")
    platform = ["system", "operator"]
    same_who = (pairs["cancelled_by"] == pairs["initiator"]) | (
        pairs["cancelled_by"].isin(platform) & pairs["initiator"].isin(platform)
    )
    fits = (~named | (pairs["sku_id"] == pairs["sku_id_asked"])) & (open_who | same_who)
    pairs = pairs.assign(named=named)[fits].sort_values(["named", "updated_at"], kind="stable")
    best = pairs.drop_duplicates("line", keep="last").set_index("line").reindex(orders.index)
    if best["order_id"].isna().all():
        return orders
    who = orders["cancelled_by"].mask(orders["cancelled_by"] == "unknown").fillna(best["initiator"])
    return orders.assign(
        cancel_reason_code=orders["cancel_reason_code"].fillna(best["reason_code"]),
        cancel_reason_text=orders["cancel_reason_text"].fillna(best["reason_text"]),
        cancelled_by=who.fillna(orders["cancelled_by"]),
        cancelled_at=orders["cancelled_at"].fillna(best["updated_at"]),
    )


def with_units(requests: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Requests that name no SKU are about the whole order: their units are those that it has."""
    whole = requests["sku_id"].isna() & (requests["units"] == 0)
    if not whole.any():
        return requests
    ordered = requests["order_id"].map(orders.groupby("order_id")["quantity"].sum()).fillna(0).astype("int64")
    return requests.assign(units=requests["units"].mask(whole, ordered))
