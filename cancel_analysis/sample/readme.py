"""The texts that stand beside the sample: its README and its shops.yaml."""

from __future__ import annotations

from collections.abc import Sequence

from cancel_analysis.sample.other_platforms import FOLDER
from cancel_analysis.sample.parcels import READY_FROM
from cancel_analysis.sample.plans import FIRST_DAY, LAST_DAY, Plan


def settings_text(shops: Sequence[Plan]) -> str:
    """`shops.yaml` for the sample."""
    lines = ["# Written by `make sample`; six invented shops.", "defaults:", "  synthetic: true", "shops:"]
    for plan in shops:
        lines += [f"  - id: {plan.id}", f"    name: {plan.name}", f"    market: {plan.market}"]
        lines += [f"    category: {plan.category}"]
        lines += [f"    {key}: {value}" for key, value in plan.settings]
    return "\n".join(lines) + "\n"


def readme_text(shops: Sequence[Plan]) -> str:
    """`README.md` for the sample."""
    rows = "\n".join(
        f"| `{plan.id}` | {plan.market} | {plan.interface} | {plan.orders:,} | {plan.story} |" for plan in shops
    )
    return f"""# Sample data: synthetic

**Everything here is invented** by `make sample` (`cancel_analysis/sample/`). No shop, buyer, carrier, product or
order is real; phone numbers and mail addresses belong to nobody, and every word about a buyer carries the mark
`BUYERDATA`, so that a test can prove that none of it reaches a report.

The *formats* are real: the columns, the description row, the tabs, the broken workbooks, the local wording and
money that TikTok Shop's order and return exports have, with their traps. Six shops over 13 weeks,
{FIRST_DAY.isoformat()} to {LAST_DAY.isoformat()}, exported the morning after:

| shop | market | interface | orders | what is planted in it |
|---|---|---|---|---|
{rows}

* `shops.yaml`: the shops, as a seller would describe them.
* `<shop>/`: one or two order exports and one return export, and beside them in some shops:
  * `id-toko-gadget/stock_log.csv`, `stock_snapshots.csv`: the seller's own stock and the platform's view of it,
    which drift apart for four SKUs in the last two weeks;
  * `vn-saigon-shoes/tracking_events.csv` (the last two weeks, and all cancelled orders since {READY_FROM:%Y-%m-%d}) and
    `th-siam-beauty/tracking_events.csv` (cancelled orders since then): numbers that never moved, events before the
    order, labels without pick-up;
  * `th-siam-beauty/`, `us-harbor-home/cancellations-2026-11-16.json`: requests to cancel as the Partner API answers;
  * `sg-orchid-import/orders-2026-11-16.json`, `returns-2026-11-16.json`: the same twelve orders and the same return
    from the Partner API instead of an export.
* `{FOLDER}/`: small files of other systems, for reading through a mapping: a Shopee export of Indonesia (two layouts
  of 17 columns, one of 30), invoices, a marketplace's sales report. Not part of the six shops; each has a `truth.json`.
* `<shop>/truth.json`: what is true of the shop, counted while it was made. Tests read it; reports never do.

Do not edit these files: the next `make sample` writes the same bytes again.
"""
