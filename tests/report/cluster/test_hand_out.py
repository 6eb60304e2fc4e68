"""Tasks on real workers: one is killed, one joins late, one is of another version, the scheduler goes away."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from cancel_analysis.errors import ReportWarning, SettingsError
from cancel_analysis.report.cluster.hand_out import ClusterLostError, HandOut
from cancel_analysis.version import __version__
from tests.report.cluster import fakes
from tests.report.cluster.conftest import ROOT, Processes

pytestmark = pytest.mark.slow


def nothing(item: Any, error: BaseException) -> None:
    raise AssertionError(f"{item} failed: {error!r}")


def test_shops_of_a_killed_worker_are_made_by_others_and_a_late_one_gets_its_share(processes: Processes) -> None:
    first = processes.worker("first")
    processes.worker("second")
    ended: list[tuple[int, tuple[int, str]]] = []

    def came(item: int, result: tuple[int, str]) -> None:
        ended.append((item, result))
        names = {name for _, (_, name) in ended}
        if "first" in names and first.poll() is None:
            first.kill()
            processes.worker("late")

    with processes.cluster() as cluster:
        while len(cluster.client.scheduler_info()["workers"]) < 2:
            time.sleep(0.05)
        # Enough that the late one is there before all is done.
        HandOut(cluster).do_each(fakes.where, range(60), came, nothing)
    assert sorted(item for item, _ in ended) == list(range(60)), "each once, whatever died"
    assert all(item == number for item, (number, _) in ended)
    killed = max(place for place, (_, (_, name)) in enumerate(ended) if name == "first")
    assert {name for _, (_, name) in ended[killed + 1 :]} == {"second", "late"}


def other_version(folder: Path) -> Path:
    shutil.copytree(ROOT / "cancel_analysis", folder / "cancel_analysis", ignore=shutil.ignore_patterns("__pycache__"))
    version = folder / "cancel_analysis" / "version.py"
    version.write_text(version.read_text(encoding="utf-8").replace(__version__, "0.0.9"), encoding="utf-8")
    return folder


def test_a_worker_of_another_version_is_refused_by_name_and_the_others_do_its_work(
    processes: Processes, tmp_path: Path
) -> None:
    processes.worker("old", package=other_version(tmp_path / "old"))
    said = rf"the worker 'old' \(tcp://.*\) has cancel-analysis 0\.0\.9, and this run is of {__version__}"
    with processes.cluster() as cluster:
        while not cluster.client.scheduler_info()["workers"]:
            time.sleep(0.05)
        with (
            pytest.warns(ReportWarning, match=said),
            pytest.raises(SettingsError, match="no worker can be used: " + said),
        ):
            HandOut(cluster).do_each(fakes.where, range(3), nothing, nothing)
    processes.worker("same")
    names = []
    with processes.cluster() as cluster:
        while len(cluster.client.scheduler_info()["workers"]) < 2:
            time.sleep(0.05)
        with pytest.warns(ReportWarning, match=said):
            HandOut(cluster).do_each(fakes.where, range(4), lambda _, result: names.append(result[1]), nothing)
    assert names == ["same"] * 4


def test_a_scheduler_that_goes_away_ends_the_run_in_seconds(processes: Processes) -> None:
    processes.worker("only")
    ended = []

    def came(item: int, result: tuple[int, str]) -> None:
        ended.append(item)
        processes.scheduler.kill()

    with processes.cluster() as cluster:
        with pytest.raises(ClusterLostError, match=f"the scheduler at {processes.address} is gone"):
            HandOut(cluster).do_each(fakes.where, range(20), came, nothing)
        started = time.monotonic()
    assert time.monotonic() - started < 10, "what is gone is not waited for"
    assert 1 <= len(ended) <= 3


def test_a_task_that_the_scheduler_lets_go_is_handed_out_again(processes: Processes) -> None:
    processes.worker("only")
    results: list[int] = []
    with processes.cluster() as cluster:
        hand_out = HandOut(cluster)

        def came(item: int, result: tuple[int, str]) -> None:
            results.append(item)
            # What waits behind the first is cancelled where nobody here asked for it.
            if len(results) == 1:
                cluster.client.cancel(list(hand_out._running))

        hand_out.do_each(fakes.where, range(4), came, nothing)
    assert sorted(results) == [0, 1, 2, 3]


def test_without_any_worker_a_run_ends(processes: Processes) -> None:
    with processes.cluster() as cluster, pytest.raises(ClusterLostError, match=r"has had no worker for 1 seconds$"):
        HandOut(cluster, wait_seconds=1).do_each(fakes.where, range(2), nothing, nothing)


def test_a_task_that_raises_or_kills_fails_alone(processes: Processes) -> None:
    # A nanny starts a worker that died again.
    processes.worker("nursed", nanny=True)
    failed: dict[int, BaseException] = {}
    with processes.cluster() as cluster:
        results: list[int] = []
        HandOut(cluster).do_each(
            fakes.wrong, range(4), lambda _, number: results.append(number), failed.__setitem__
        )  # fmt: skip
        assert sorted(results) == [0, 1, 3]
        assert [str(error) for error in failed.values()] == ["two is wrong"]
        failed.clear()
        results.clear()
        HandOut(cluster).do_each(
            fakes.deadly, range(3), lambda _, number: results.append(number), failed.__setitem__
        )  # fmt: skip
    assert sorted(results) == [0, 2]
    assert [(number, type(error).__name__) for number, error in failed.items()] == [(1, "WorkerDiedError")]
