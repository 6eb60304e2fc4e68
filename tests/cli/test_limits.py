"""The command `limits`: what is in force on a day, how sure it is, and when it was looked at."""

from __future__ import annotations

import pytest

from cancel_analysis.catalog.markets import markets
from tests.cli.test_commands import run


def block(output: str, title: str) -> str:
    """The lines below the first heading that begins so."""
    after = output.partition(f"• {title}")[2]
    assert after, f"no {title!r} in {output}"
    return after.partition("•")[0]


def test_indonesia_names_window_steps_and_source() -> None:
    found = run("limits", "--market", "id", "--date", "2026-11-15")
    assert found.exit_code == 0
    assert found.output.startswith("Indonesia on 2026-11-15")
    fault = block(found.output, "Seller-fault cancellation rate (limit)")
    assert "Over 7 days, of all orders placed" in fault
    assert "From 30.0% on: Daily orders are held to 50 %" in fault
    assert "In force since 2025-11-18." in fault
    assert "Checked 2026-11-29." in fault
    assert "official; the number of working days is not stated, we use 2" in block(
        found.output, "Late dispatch rate (l"
    )
    assert "Until the parcel is in transit." in block(found.output, "The buyer may cancel freely")


def test_the_day_decides_which_text_holds() -> None:
    before = run("limits", "--market", "ID", "--date", "2025-11-17").output
    assert "Over 30 days" in block(before, "Seller-fault cancellation rate (limit)")
    early, now = (run("limits", "--market", "US", "--date", day).output for day in ("2025-06-01", "2026-06-01"))
    assert "Met by being ready to ship." in block(early, "Dispatch")
    assert "Met by the carrier's scan to in transit" in block(now, "Dispatch")
    assert "midnight in America/Los_Angeles" in block(now, "Dispatch")
    assert "left out in the numerator, counted in the denominator" in block(now, "Late dispatch rate (limit)")


def test_what_nobody_looked_at_for_a_year_says_so() -> None:
    late = run("limits", "--market", "US", "--date", "2028-01-01").output
    assert "Last checked 2026-11-29: older than a year, look again." in late
    assert "Last checked" not in run("limits", "--market", "US", "--date", "2026-12-01").output


@pytest.mark.parametrize("market", list(markets()))
def test_every_market_can_be_asked(market: str) -> None:
    assert run("limits", "--market", market).exit_code == 0


def test_what_cannot_be_asked_is_told() -> None:
    for arguments, told in (
        (("--market", "XX"), "XX"),
        (("--market", "US", "--date", "1.1.2026"), "--date must be a day"),
    ):
        found = run("limits", *arguments)
        assert found.exit_code == 2
        assert told in found.output
