"""Until when a shop's files speak, asked before its report is planned, in a process of its own.

A file that brings a process down, or fills its memory, ends that process only, and the plan of the other shops stands.
"""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.report.notebook import workers
from cancel_analysis.report.private import ended_by_sigterm, private_folder, sweep

_PREFIX = "cancel-analysis-plan-"


def last_covered_day(shop: ShopSettings) -> date:
    """The last day of which the files of `shop` speak; raises this package's errors whatever they do."""
    parent = Path(tempfile.gettempdir())
    sweep(parent, _PREFIX)
    with ended_by_sigterm(), private_folder(parent, _PREFIX) as folder:
        day: date = workers.call(load_last_covered_day, shop, work=folder)
    return day


def load_last_covered_day(shop: ShopSettings) -> date:
    """As `last_covered_day`, in this process."""
    from cancel_analysis.loaders import load_shop
    from cancel_analysis.study.cut import covered_until

    return covered_until(load_shop(shop).orders)
