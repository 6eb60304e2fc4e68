"""The sample shops: invented exports in the real formats, each with a story planted in it.

Nothing here is used to make a report; reports read the files as they would read a seller's.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from cancel_analysis.sample.exports import Export, make_export
from cancel_analysis.sample.orders import Order, place_orders
from cancel_analysis.sample.other_platforms import FOLDER, other_platform_files
from cancel_analysis.sample.partner_api import dispute
from cancel_analysis.sample.plans import Plan
from cancel_analysis.sample.random_stream import RandomStream
from cancel_analysis.sample.readme import readme_text, settings_text
from cancel_analysis.sample.side_files import make_side_files
from cancel_analysis.sample.stories import SHOPS
from cancel_analysis.sample.truth import tell
from cancel_analysis.sample.writer import csv_bytes, xlsx_bytes

REFUSALS = ("order", "order", "sku", "date")
TRUTH_FILE = "truth.json"


def make_sample(folder: Path) -> list[Path]:
    """Write the whole sample below `folder` and return its files, sorted.

    The folders of the sample shops are emptied first, so that nothing of an older sample stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for plan in SHOPS:
        shutil.rmtree(folder / plan.id, ignore_errors=True)
        for name, content in shop_files(plan).items():
            written.append(_write(folder / plan.id / name, content))
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    for path, content in other_platform_files().items():
        written.append(_write(folder / path, content))
    # A checkout that turned CRLF into LF would change files that are meant to be exact.
    written.append(_write(folder / ".gitattributes", b"* -text\n"))
    written.append(_write(folder / "shops.yaml", settings_text(SHOPS).encode()))
    written.append(_write(folder / "README.md", readme_text(SHOPS).encode()))
    return sorted(written)


def shop_files(plan: Plan) -> dict[str, bytes]:
    """The files of one shop by name, the truth among them."""
    orders = place_orders(plan)
    if plan.refused_rows:
        _ruin_rows(plan, orders)
    if "api" in plan.side_files:
        dispute(orders)
    exports = [make_export(plan, file, orders) for file in plan.files]
    side_files = make_side_files(plan, orders)
    files = {export.plan.name: _content(export) for export in exports}
    files |= {file.name: file.content for file in side_files.files}
    truth = json.dumps(tell(plan, orders, exports, side_files), ensure_ascii=False, indent=1)
    return {**files, TRUTH_FILE: f"{truth}\n".encode()}


def _content(export: Export) -> bytes:
    if export.plan.format == "csv":
        return csv_bytes(export.columns, export.rows)
    sheet = "OrderSKUList" if export.plan.kind == "orders" else "Sheet1"
    return xlsx_bytes(export.columns, export.rows, sheet=sheet, fault=export.plan.fault)


def _ruin_rows(plan: Plan, orders: list[Order]) -> None:
    """Spoil a handful of rows as a spreadsheet does: orders of one line, long finished, without a return."""
    rng = RandomStream(plan.seed, 3)
    plain = [
        order
        for order in orders[: len(orders) // 2]
        if order.outcome == "delivered" and len(order.lines) == 1 and not order.requests and not order.sample
    ]
    for refusal in REFUSALS:
        order = rng.pick(plain)
        plain.remove(order)
        order.refusal = refusal


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
