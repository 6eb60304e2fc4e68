"""What kind of file is this? Decided by its header, and said plainly when it is the wrong one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cancel_analysis.errors import WrongFileError, option
from cancel_analysis.loaders.parsing.columns import LAYOUTS, ORDERS, RETURNS, Layout, Match, match, plain_name
from cancel_analysis.loaders.parsing.refusals import shown_header
from cancel_analysis.loaders.parsing.sources import Source, open_source

# Files that sellers have beside the right one, by columns that the right one has not. First fit wins.
LOOKALIKES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("a TikTok Shop income or settlement statement", ("Settlement amount",)),
    ("a TikTok Shop income or settlement statement", ("Total settlement amount",)),
    ("a TikTok Shop income or settlement statement", ("Order/adjustment ID",)),
    ("a TikTok Shop income or settlement statement", ("Statement ID",)),
    ("a TikTok Shop affiliate report", ("Creator Username",)),
    ("a TikTok Shop affiliate report", ("Est. standard commission payment",)),
    ("a TikTok Shop product list", ("Product ID", "Product Name", "Parcel weight")),
    ("a Shopee order export", ("No. Pesanan",)),
    ("a Shopee order export", ("Status Pesanan",)),
    ("a Shopee order export", ("หมายเลขคำสั่งซื้อ", "สถานะการสั่งซื้อ")),
    ("a Shopee order export", ("Mã đơn hàng", "Trạng Thái Đơn Hàng")),
    ("a Shopee order export", ("Tracking Number*",)),
    ("a Lazada order export", ("orderItemId", "lazadaSku")),
    ("a Lazada order export", ("Order Item Id", "Lazada SKU")),
    ("an Amazon order report", ("amazon-order-id",)),
    ("a Shopify order export", ("Lineitem name", "Financial Status")),
)
WHERE = {
    "orders": "Seller Center: Orders → Manage orders → Export → All orders.",
    "returns": "Seller Center: Orders → Manage returns → Export.",
}
BY_MAPPING = " A Shopee shop (Indonesian exports) is read with 'mapping: shopee-id' in shops.yaml, or with {option}."
# A header that shares this many columns with an export is that export with columns taken out.
FEWEST_SHARED = 4


def open_export(path: Path, label: str | None = None) -> Source:
    """Open a file so that the sheet and delimiter are those that fit an export best."""
    return open_source(path, fit, label)


def fit(header: Sequence[str]) -> int:
    """How many columns of the better fitting layout a header has."""
    return max(len(match(header, layout).positions) for layout in LAYOUTS)


def identify(path: str | Path) -> str:
    """`tiktok_orders` or `tiktok_returns`; raises WrongFileError that says what the file looks like instead."""
    return f"tiktok_{recognise(open_export(Path(path))).layout.kind}"


def recognise(source: Source, layout: Layout | None = None) -> Match:
    """The layout of a source (the only one that is asked for, when `layout` is given) and its columns.

    Raises WrongFileError with the missing columns and what the file looks like.
    """
    matches = [match(source.header, known) for known in LAYOUTS]
    whole = [found for found in matches if not found.missing]
    for found in whole:
        if layout is None or found.layout is layout:
            return found
    best = max(matches, key=lambda found: len(found.positions))
    # A file that has little of either is no export of the platform at all, least of all one of returns.
    wanted = layout or (best.layout if mostly(best) else ORDERS)
    missing = match(source.header, wanted).missing
    shown = ", ".join(repr(name) for name in missing[:6]) + (
        f" and {len(missing) - 6} more" if len(missing) > 6 else ""
    )
    looks = (
        f"; it looks like {whole[0].layout.title.replace('TikTok', 'a TikTok')}"
        if whole
        else _looks_like(source, matches)
    )
    raise WrongFileError(
        f"this is no {wanted.title}: it has no column {shown}{looks}",
        place=source.place,
        remedy=f"Export the right file from {WHERE[wanted.kind]}{_by_mapping() if 'Shopee' in looks else ''}"
        if not whole
        else f"Give it where {whole[0].layout.kind} are asked for. The right file: {WHERE[wanted.kind]}",
    )


def mostly(found: Match) -> bool:
    """Whether a header has more than half of what the layout needs: then it is that export, whole or not."""
    needed = sum(field.needed for field in found.layout.fields)
    return len(found.missing) * 2 < needed


def _looks_like(source: Source, matches: Sequence[Match]) -> str:
    names = {plain_name(name) for name in source.header}
    for what, columns in LOOKALIKES:
        if all(plain_name(column) in names for column in columns):
            return f"; it looks like {what}"
    best = max(matches, key=lambda found: len(found.positions))
    if len(best.positions) >= FEWEST_SHARED:
        return f"; it looks like a {best.layout.title} with columns taken out"
    first = shown_header(source.header, 4)
    if (
        source.header
        and sum(name.strip().replace(".", "").isdigit() for name in source.header) > len(source.header) / 4
    ):
        return f"; its first row holds values, no column names ({first} …)"
    return f"; its first columns are {first}"


__all__ = ["LAYOUTS", "ORDERS", "RETURNS", "identify", "open_export", "recognise"]


def _by_mapping() -> str:
    return BY_MAPPING.format(option=option("mapping", "shopee-id"))
