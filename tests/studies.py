"""The sample's shops as the report sees them, each opened once for all tests of a process that only look."""

from __future__ import annotations

from functools import cache

from cancel_analysis.study.one_shop import Study, open_study
from tests.conftest import PROJECT

SAMPLE = PROJECT / "data" / "sample"


@cache
def opened(shop: str) -> Study:
    """The study of a sample shop; who wants it otherwise changes a copy (`dataclasses.replace`)."""
    return open_study(SAMPLE, shop)
