"""Whole reports on real workers: published once, noted as if they had been made here."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from cancel_analysis.errors import SettingsError
from cancel_analysis.report import MANIFEST, batch, manifest, publish
from cancel_analysis.report.cluster.connection import Cluster, at_scheduler, of_own
from cancel_analysis.report.cluster.hand_out import ClusterLostError
from cancel_analysis.report.outcomes import Outcome
from tests.report.cluster.conftest import Processes
from tests.report.test_batch import jobs


def lines(out: Path) -> dict[str, dict[str, object]]:
    """The manifest without what differs between two runs of the same."""
    found = [json.loads(line) for line in (out / MANIFEST).read_text(encoding="utf-8").splitlines()]
    return {
        line["key"]: {name: value for name, value in line.items() if name not in ("seconds", "at")} for line in found
    }


@pytest.mark.slow
def test_reports_of_a_scheduler_that_goes_away_stand_and_the_rerun_makes_the_rest(
    processes: Processes, tmp_path: Path
) -> None:
    processes.worker("only", nanny=True)
    out, plan = tmp_path / "out", jobs(tmp_path, "good", "bad", "other", "third", "fourth")
    seen: list[Outcome] = []

    def progress(outcome: Outcome, done: int, total: int) -> None:
        assert (done, total) == (len(seen) + 1, 5)
        seen.append(outcome)
        if len(seen) == 2:
            processes.scheduler.kill()

    with processes.cluster() as cluster, pytest.raises(ClusterLostError, match="the same command makes the rest"):
        batch.run(plan, out, renderer="builtin", progress=progress, cluster=cluster)
    assert not (out / publish.WORK).exists(), "nothing half made is left"
    made = [outcome for outcome in seen if outcome.status == manifest.MADE]
    assert made
    assert set(lines(out)) == {outcome.job.key for outcome in seen}
    assert all(publish.is_whole(out / outcome.job.key, outcome.job.formats) for outcome in made)

    with of_own(1, "builtin") as own:
        again = batch.run(plan, out, renderer="builtin", cluster=own)
    assert {outcome.job.key for outcome in again.kept} == {outcome.job.key for outcome in made}
    assert len(again.made) == 4 - len(made)
    assert [(outcome.job.shop.id, outcome.error) for outcome in again.failed] == [
        ("bad", seen_error(seen) or again.failed[0].error)
    ]
    assert "this shop has no orders" in again.failed[0].error
    assert again.exit_status == 1

    here = tmp_path / "here"
    batch.run(plan, here, 2, renderer="builtin")
    assert lines(here) == lines(out), "the manifest says the same wherever a report was made"
    for job in plan:
        for path in (here / job.key).rglob("*"):
            if path.suffix in (".json", ".csv"):
                assert path.read_bytes() == (out / job.key / path.relative_to(here / job.key)).read_bytes()


def seen_error(seen: list[Outcome]) -> str:
    return next((outcome.error for outcome in seen if outcome.error), "")


@pytest.mark.slow
def test_a_file_that_a_worker_does_not_see_fails_its_shop_only(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    out, plan = tmp_path / "out", jobs(tmp_path, "gone", "good")
    plan[0].shop.files[0].unlink()
    started = time.monotonic()
    with of_own(1, "builtin") as own:
        result = batch.run(plan, out, renderer="builtin", cluster=own)
    assert [outcome.job.shop.id for outcome in result.made] == ["good"]
    assert "this worker does not see" in result.failed[0].error
    assert "orders.csv" in result.failed[0].error
    assert time.monotonic() - started < 120


def test_what_is_not_needed_is_not_opened(tmp_path: Path) -> None:
    def opened() -> None:
        raise AssertionError("nothing is to be made")

    out, plan = tmp_path / "out", jobs(tmp_path, "good")
    batch.run(plan, out, 1, renderer="builtin")
    with Cluster(opened, "none", "builtin") as cluster:  # type: ignore[arg-type]
        assert len(batch.run(plan, out, renderer="builtin", cluster=cluster).kept) == 1


def test_without_dask_a_cluster_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with (
        of_own(1, "builtin") as cluster,
        pytest.raises(SettingsError, match=r"pip install 'cancel-analysis\[cluster\]'"),
    ):
        _ = cluster.client


def test_addresses_and_counts_are_checked_before_anything() -> None:
    with pytest.raises(SettingsError, match="like tcp://host:8786, not 'here:8786'"):
        at_scheduler("here:8786", "builtin")
    with pytest.raises(SettingsError, match="1 or more, not 0"):
        of_own(0, "builtin")


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("cancel_analysis.report.cluster.connection.CONNECT_SECONDS", 1)
    with (
        at_scheduler("tcp://127.0.0.1:9", "builtin") as cluster,
        pytest.raises(SettingsError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
    ):
        _ = cluster.client
