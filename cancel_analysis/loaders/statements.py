"""What several files say of one shop → one statement a key: exports, API files, the seller's own systems.

Where two files speak of one SKU of one order, or of one return, the newer statement is used and the
older one is counted as superseded in its own account, so that every account still adds up. What the
newer does not know at all (a category, the region) is taken over from the older.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from cancel_analysis import tables
from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders.parsing.account import OUTCOMES, Account
from cancel_analysis.loaders.parsing.intake import ApiIntake, ExportIntake, Intake, OperationsIntake, ShopIntake
from cancel_analysis.loaders.parsing.recognition import WHERE
from cancel_analysis.loaders.parsing.two_shops import ORDER_COLUMNS, FileTraits, two_shops_notes

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


# Table of a ShopIntake → what tells one statement of it from another, what outlasts a statement, its columns.
KEYS: dict[str, tuple[list[str], Sequence[str], tables.Table]] = {
    "orders": (ORDER_KEY, LASTING, tables.ORDER_LINES),
    "returns": (RETURN_KEY, RETURN_LASTING, tables.RETURNS),
    "requests": (["request_id"], (), tables.CANCEL_REQUESTS),
}


@dataclass(frozen=True)
class Statements:
    """What a shop's files say, by the name of a ShopIntake's table; what no file speaks of is not there.

    Order lines and cancellation requests do not know of each other yet (`whole`). `left_out` are the orders
    that the API calls samples or replacements.
    """

    tables: dict[str, Intake]
    left_out: frozenset[str] = frozenset()


def combine(
    exports: ExportIntake | ShopIntake | None, api: ApiIntake | None = None, other: OperationsIntake | None = None
) -> ShopIntake:
    """One ShopIntake from what the exports, the API files and the seller's own systems say.

    Orders that the API calls samples or replacements are taken out of the exports' orders too. Order
    lines get the reason's code, and who cancelled where the order does not say, from the cancellation
    requests. Raises WrongFileError when neither holds orders.
    """
    return whole(gather(exports, api, other))


def gather(
    exports: ExportIntake | ShopIntake | None, api: ApiIntake | None = None, other: OperationsIntake | None = None
) -> Statements:
    """What the exports, the API files and the seller's own systems say, each key of it once."""
    exports = exports or ExportIntake()
    api = api or ApiIntake()
    other = other or OperationsIntake()
    own = None if exports.orders is None else _without(exports.orders, api.left_out)
    found = {
        "orders": _merge(own, api.orders, *KEYS["orders"]),
        "returns": _merge(exports.returns, api.returns, *KEYS["returns"]),
        "requests": api.requests,
        "stock_log": other.stock_log,
        "stock_snapshots": other.stock_snapshots,
        "tracking": other.tracking,
    }
    return Statements({name: intake for name, intake in found.items() if intake is not None}, api.left_out)


def whole(found: Statements) -> ShopIntake:
    """The tables of a shop, orders and requests told of each other. Raises WrongFileError when there are no orders."""
    parts = dict(found.tables)
    if "orders" not in parts:
        raise WrongFileError("no file holds orders", remedy=f"Add an order export from {WHERE['orders']}")
    if "requests" in parts:
        orders, requests = parts["orders"], parts["requests"]
        parts["orders"] = replace(orders, table=with_codes(orders.table, requests.table))
        parts["requests"] = replace(requests, table=with_units(requests.table, parts["orders"].table))
    return ShopIntake(**parts)


def add(older: Statements, newer: Statements) -> Statements:
    """Both as one: of two statements with one key the one that was made later, of one moment that of `newer`."""
    left_out = older.left_out | newer.left_out
    found: dict[str, Intake] = {}
    for name in (*older.tables, *(name for name in newer.tables if name not in older.tables)):
        parts = [given.tables.get(name) for given in (older, newer)]
        if name == "orders":
            parts = [None if part is None else _without(part, left_out) for part in parts]
        names = ("what is stored", "the new files")
        merged = _merge(parts[0], parts[1], *KEYS[name], names) if name in KEYS else _joined(parts[0], parts[1])
        if merged is not None:
            found[name] = merged
    return Statements(found, left_out)


def _joined(older: Intake | None, newer: Intake | None) -> Intake | None:
    """Both tables, each statement once: what the seller's own systems say is never said anew."""
    if older is None or newer is None:
        return older or newer
    frame = pd.concat([older.table, newer.table], ignore_index=True)
    said = [name for name in frame.columns if name not in ("shop_id", "source_file", "source_row")]
    twice = frame[said].duplicated() & (frame.index >= len(older.table))
    account = _added(older.account, _recount(newer.account, frame["source_file"][twice], "superseded"))
    return Intake(frame[~twice].reset_index(drop=True), account)


def _without(intake: Intake, left_out: frozenset[str]) -> Intake:
    gone = intake.table["order_id"].isin(left_out).to_numpy()
    if not gone.any():
        return intake
    account = _recount(intake.account, intake.table["source_file"][gone], "samples")
    return Intake(intake.table[~gone].reset_index(drop=True), account)


def _merge(
    own: Intake | None,
    api: Intake | None,
    key: list[str],
    lasting: Sequence[str],
    table: tables.Table,
    names: tuple[str, str] = ("the exports", "the API answers"),
) -> Intake | None:
    """Both tables as one; of two statements with one key the newer, of two of one moment that of the second, is used.

    `names` are what a message calls the two.
    """
    if own is None or api is None:
        return own or api
    older, newer = _superseded(own.table, api.table, key)
    parts = [
        _complete(own.table[~older], api.table[newer], key, lasting),
        _complete(api.table[~newer], own.table[older], key, lasting),
    ]
    frame = pd.concat(parts, ignore_index=True)
    if table is tables.ORDER_LINES:
        frame["first_line"] = _first_lines(frame)
    mixed = tuple(_two_shops(own, api, names)) if table is tables.ORDER_LINES else ()
    accounts = (
        _recount(own.account, own.table["source_file"][older], "superseded"),
        _recount(api.account, api.table["source_file"][newer], "superseded"),
    )
    account = _added(*accounts)
    return Intake(
        tables.check(frame, table), replace(account, notes=(*mixed, *account.notes), mixed=(*mixed, *account.mixed))
    )


def _two_shops(own: Intake, api: Intake, names: tuple[str, str]) -> list[str]:
    """What speaks for statements of one shop beside those of another."""

    def traits(label: str, table: pd.DataFrame) -> FileTraits:
        columns = list(ORDER_COLUMNS)
        return FileTraits(label, table["order_id"], lambda numbers: table.loc[table["order_id"].isin(numbers), columns])

    return two_shops_notes([traits(name, part.table) for name, part in zip(names, (own, api), strict=True)])


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
    if older.empty or kept.empty or not lasting:
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
        joined=first.joined + second.joined,
        understood=both("understood"),
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
