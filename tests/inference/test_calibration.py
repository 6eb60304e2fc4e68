"""A small run of every simulation; the full one is `make calibrate`."""

import math

import pytest

from calibration import signals
from calibration.__main__ import PARTS, TARGET, measure, text
from calibration.claims import Claim

SCALE = 0.05
# Five healthy shops and two with each planted effect; the bounds of coverage need more runs, which are cheap.
SCALES = {"first_page": 0.01, "intervals": 0.1}


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_no_claim_is_broken(part):
    claims = measure(part, SCALES.get(part, SCALE))
    assert any(claim.held for claim in claims)
    broken = [claim for claim in claims if not claim.holds]
    assert not broken, broken


@pytest.fixture
def two_limits(monkeypatch):
    """The table of the orders that tell rates apart, of two limits: the larger a limit, the longer it takes."""
    monkeypatch.setattr(signals, "LIMITS", (0.01, 0.015))
    signals.table.cache_clear()
    yield
    signals.table.cache_clear()


@pytest.mark.usefixtures("two_limits")
def test_a_broken_claim_is_told():
    good, bad = Claim("signal", "s", "w", 0.02, most=0.025), Claim("signal", "s", "w", 0.03, most=0.025)
    assert (good.holds, bad.holds) == (True, False)
    assert not Claim("signal", "s", "w", math.nan, most=0.025).holds
    assert "**broken**" in text([bad])
    assert "**broken**" not in text([good])
    table = text([good]).split("### Orders that tell a rate from a limit")[1]
    rows = [line for line in table.splitlines() if line.startswith(("| 1 %", "| 1.5 %"))]
    assert len(rows) == 2
    page = TARGET.read_text(encoding="utf-8")
    assert all(f"\n{row}\n" in page for row in rows), "docs/calibration.md has other figures; make calibrate"
    short = text([good, bad]).split("## Signal")[0]
    assert "| Signal: w | 2 | s | 3.00 % | ≤ 2.5 % | **1 broken** |" in short
    assert "| Signal: w | 1 | s | 2.00 % | ≤ 2.5 % | holds |" in text([good])


@pytest.mark.usefixtures("two_limits")
def test_a_figure_that_is_no_share_keeps_its_unit():
    assert "| 1 day |" in text([Claim("control chart", "s", "w", 1.0, shown="1 day")])
    assert "| 9 days |" in text([Claim("signal", "s", "w", 9.0, shown="9 days")])


def test_the_page_in_docs_breaks_nothing_and_has_every_method():
    page = TARGET.read_text(encoding="utf-8")
    assert "**broken**" not in page
    for title in (
        "In short",
        "First page",
        "Signal",
        "Standouts",
        "Returns to come",
        "Change",
        "Runway",
        "Control chart",
        "Change points",
    ):
        assert f"## {title}\n" in page
