"""What is kept of every week's report, and the trend pages that are made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.report import contents, publish
from cancel_analysis.report.history import FILE, History, condensed, main_rates, read_history
from tests.report.test_index import report

STOCK = {"id": "stock-1a2b3c4d", "root_cause": "stock", "label": "Lamp", "orders": 9, "at_risk": 60}


def limit(value: float, verdict: str = "ok", **more: Any) -> dict[str, Any]:
    """A row of a report's limits, 5 % of the orders of seven days."""
    return {
        "gives_verdict": True,
        "metric": "seller_fault_cancellation_rate",
        "window_days": 7,
        "limit": 0.05,
        "force": "enforced",
        "rate": value,
        "verdict": verdict,
        "low": value / 2,
        "high": value * 2,
        "numerator": round(value * 200),
        "denominator": 200,
        **more,
    }


def deciding(value: float, **more: Any) -> dict[str, Any]:
    return {
        "name": "seller_fault_cancellation_rate",
        "label": "Seller-fault cancellation rate",
        "value": value,
        "numerator": round(value * 200),
        "denominator": 200,
        "window": 7,
        "limit": 0.05,
        **more,
    }


def week(out: Path, name: str, value: float, verdict: str, **more: Any) -> None:
    report(out, name, "lamps", verdict, deciding=deciding(value), limits=[limit(value, verdict)], **more)


def test_a_week_that_was_reported_twice_counts_as_it_was_last(tmp_path: Path) -> None:
    week(tmp_path, "2026-W46", 0.10, "breach")
    assert [line.verdict for line in read_history(tmp_path).lines.values()] == ["breach"]
    week(tmp_path, "2026-W46", 0.01, "ok")
    assert [line.verdict for line in read_history(tmp_path).lines.values()] == ["ok"]


def test_only_what_is_new_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("2026-W44", "2026-W45"):
        week(tmp_path, name, 0.02, "ok")
    read_history(tmp_path)
    asked = []
    before = contents.read
    monkeypatch.setattr(contents, "read", lambda folder: asked.append(folder.name) or before(folder))
    read_history(tmp_path)
    assert asked == []
    report(tmp_path, "2026-W45", "other", "ok")
    assert set(read_history(tmp_path).lines) == {"2026-W44/lamps", "2026-W45/lamps", "2026-W45/other"}
    assert asked == ["other"]


def test_a_folder_that_was_exchanged_is_seen(tmp_path: Path) -> None:
    week(tmp_path, "2026-W45", 0.10, "breach")
    read_history(tmp_path)
    work = tmp_path / ".work"
    week(work, "2026-W45", 0.01, "ok")
    publish.put(work / "2026-W45" / "lamps", tmp_path / "2026-W45" / "lamps", work)
    assert [line.verdict for line in read_history(tmp_path).lines.values()] == ["ok"]


@pytest.mark.parametrize(
    "spoilt", ["", "{}", "no json\n", "[1]\n", '{"weeks": {"2026-W45": 1}}\n["2026-W45/lamps", "x']
)
def test_a_file_that_was_cut_off_is_made_again(tmp_path: Path, spoilt: str) -> None:
    week(tmp_path, "2026-W45", 0.10, "breach")
    read_history(tmp_path)
    whole = (tmp_path / FILE).read_text(encoding="utf-8").splitlines()[1:]
    (tmp_path / FILE).write_text(spoilt, encoding="utf-8")
    assert list(read_history(tmp_path).lines) == ["2026-W45/lamps"]
    assert (tmp_path / FILE).read_text(encoding="utf-8").splitlines()[1:] == whole


def test_a_folder_that_is_no_week_is_none(tmp_path: Path) -> None:
    week(tmp_path, "2026-W45", 0.10, "breach")
    week(tmp_path, "2026-W60", 0.10, "breach")
    week(tmp_path, "2025-W53", 0.10, "breach")
    assert read_history(tmp_path).weeks == ("2026-W45",)


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_text_of_a_report_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> None:
    out = tmp_path_factory.mktemp("out")
    for number, text in enumerate(said):
        text = text.encode("utf-8", "replace").decode("utf-8")
        report(out, "2026-W46", f"shop-{number}", "ok", headline=text)
    first = {key: line.read() for key, line in read_history(out).lines.items()}
    again = {key: line.read() for key, line in read_history(out).lines.items()}
    assert first == again
    assert [line["headline"] for line in first.values()] == [t.encode("utf-8", "replace").decode("utf-8") for t in said]


def test_what_is_kept_is_small_and_has_nothing_that_a_page_does_not_say(tmp_path: Path) -> None:
    week(tmp_path, "2026-W46", 0.10, "breach", actions=[{**STOCK, "place": "1729", "kind": "fix"}])
    said = condensed(json.loads((tmp_path / "2026-W46" / "lamps" / "report.json").read_text()))
    assert set(said) == {
        "shop", "week", "as_of", "language", "verdict", "headline", "rates", "limits", "deciding", "actions",
    }  # fmt: skip
    assert said["actions"] == [STOCK]
    assert said["deciding"] == {**deciding(0.10), "low": 0.05, "high": 0.2, "verdict": "breach"}


def test_a_page_over_all_shops_has_no_history(tmp_path: Path) -> None:
    report(tmp_path, "2026-W46", "portfolio", "ok", page={"kind": "portfolio"})
    assert read_history(tmp_path) == History({}, {})


def test_returns_are_those_in_the_end_and_cancellations_those_that_can_be_told() -> None:
    def rate(name: str, value: float | None) -> dict[str, Any]:
        return {"name": name, "label": name, "value": value, "numerator": 1, "denominator": 9, "window": 30}

    rates = [rate("return_rate", 0.01), rate("order_cancellation_rate", None), rate("total_cancellation_rate", 0.2)]
    tile = {"name": "return_rate", "label": "Returns in the end", "number": 0.07, "low": None, "high": 0.09}
    found = main_rates({"rates": rates, "exhibits": [{"tiles": [tile]}]})
    assert [(each["name"], each["value"]) for each in found] == [
        ("total_cancellation_rate", 0.2),
        ("returns_in_the_end", 0.07),
    ]
    assert "low" not in found[1]
    none = main_rates({"rates": rates, "exhibits": [{"tiles": [{**tile, "number": None}]}]})
    assert none[1]["value"] is None, "what cannot be told is not the rate so far"
