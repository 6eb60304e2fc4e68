"""What has not changed is neither read nor loaded for; what has, and whatever depends on it, is made again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import read_shops
from cancel_analysis.report import batch, coverage, manifest, render
from cancel_analysis.report.batch import BatchResult
from cancel_analysis.report.coverage import Look, Seen
from cancel_analysis.report.jobs import Job
from cancel_analysis.report.notebook.workers import Workers
from cancel_analysis.report.plan import plan
from cancel_analysis.store.place import FOLDER
from cancel_analysis.study.one_shop import open_study
from cancel_analysis.study.peers import Peer
from tests.loaders.exports import cancelled, order, write_csv
from tests.report import samples

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot")
# What is loaded to read files, to run a notebook or to make a page: a second or more each.
HEAVY = ("pandas", "numpy", "altair", "duckdb", "scipy", "papermill", "IPython", "nbformat", "jinja2", "pypandoc")


def exports(folder: Path, name: str, gone: int) -> Path:
    """Six weeks of orders, every `gone`-th of them cancelled."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(1, 127):
        day = date.fromordinal(date(2026, 10, 5).toordinal() + number // 3).strftime("%d/%m/%Y")
        times = {"Created Time": f"{day} 09:00:00", "Paid Time": f"{day} 09:05:00"}
        if number % gone == 0:
            rows.append(cancelled(number, **times, **{"Cancelled Time": f"{day} 20:00:00"}))
        else:
            later = {f"{event} Time": f"{day} 23:00:00" for event in ("RTS", "Shipped", "Delivered")}
            rows.append(order(number, **times, **later))
    return write_csv(folder / name / "orders.csv", rows)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six shops of one market and category, a notebook that asks nothing of them, and a store that has read them."""
    folder = tmp_path_factory.mktemp("known")
    data = folder / "data"
    for number, name in enumerate(NAMES):
        exports(data, name, 4 + number)
    shops = [{"id": name, "market": "US", "category": "Lamps"} for name in NAMES]
    (data / "shops.yaml").write_text(json.dumps({"shops": shops}), encoding="utf-8")
    path = samples.write(data / "sample.ipynb")
    more = 'period_days = 30\\ncategory = \\"\\"\\nproduct = \\"\\"'
    path.write_text(path.read_text(encoding="utf-8").replace("period_days = 30", more, 1), encoding="utf-8")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(FOLDER, str(folder / "store"))
        plan(read_shops(data), data, notebook=path)
    return folder


@pytest.fixture
def data(tmp_path: Path, known: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The six shops, and a store of the test's own that knows their files as they are."""
    monkeypatch.setattr(manifest, "code", lambda notebook: "code")
    shutil.copytree(known, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv(FOLDER, str(tmp_path / "store"))
    return tmp_path / "data"


@pytest.fixture
def unknown(data: Path) -> Path:
    """The six shops, of which nothing was read yet."""
    shutil.rmtree(data.parent / "store")
    return data


def run(data: Path, only: tuple[str, ...] = ("alpha", "bravo"), week: str = "latest") -> BatchResult:
    planned = plan(read_shops(data), data, week, only=only, notebook=data / "sample.ipynb", formats=("html",))
    return batch.run(planned, data.parent / "out", 2, renderer="builtin")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, executed: Path) -> None:
    """Reports are made by copying one: what is planned, read, kept, published and listed is as ever."""

    def execute(workers: Workers, job: Job, work: Path, timeout: float | None = None) -> Path:
        shutil.copytree(executed, work, dirs_exist_ok=True)
        report = json.loads((work / "report.json").read_text(encoding="utf-8"))
        report["shop"] |= {"id": job.shop.id, "name": job.shop.name}
        (work / "report.json").write_text(json.dumps(report), encoding="utf-8")
        return work / "executed.ipynb"

    def draw(
        work: Path, formats: tuple[str, ...], renderer: str, brand_file: Path | None = None, *, appendix: bool = False
    ) -> render.Rendered:
        (work / "report.html").write_text("<p>a page</p>", encoding="utf-8")
        return render.Rendered(work / "report.html", None, "nobody")

    monkeypatch.setattr(Workers, "execute", execute)
    monkeypatch.setattr(render, "render", draw)
    monkeypatch.setattr(render, "warm_up", lambda: None)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Look]:
    """What could not be looked up, so that a shop was read for it."""
    found: list[Look] = []
    before = coverage._read

    def noted(looks: list[tuple[int, Look]], count: int) -> dict[int, Seen]:
        found.extend(look for _, look in looks)
        return before(looks, count)

    monkeypatch.setattr(coverage, "_read", noted)
    return found


def statuses(result: BatchResult) -> dict[str, str]:
    assert not result.failed, result.failed
    return {outcome.job.shop.id: outcome.status for outcome in result.outcomes}


@pytest.mark.usefixtures("quick")
def test_each_shop_is_read_once_and_an_unchanged_one_not_at_all(unknown: Path, read: list[Look]) -> None:
    data, first = unknown, run(unknown)
    assert statuses(first) == {"alpha": "made", "bravo": "made"}
    # Both are in the other's cohort: their figures came with their weeks; the four others are read for theirs.
    assert sorted(look.shop.id for look in read) == sorted(NAMES)
    peers = {peer.shop: peer for peer in first.outcomes[0].job.cohort}
    assert set(peers) == set(NAMES) - {"alpha"}
    assert all(peer.rates for peer in peers.values())
    read.clear()
    assert statuses(run(data)) == {"alpha": "kept", "bravo": "kept"}
    assert not read
    assert statuses(run(data, NAMES)) == {name: "kept" if name in ("alpha", "bravo") else "made" for name in NAMES}
    assert {look.shop.id for look in read} == set(NAMES) - {"alpha", "bravo"}, "only until when they speak"
    assert all(look.as_of is None for look in read)


def test_a_cohorts_figures_are_those_that_a_report_would_make_itself(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = plan(read_shops(data), data, only=("alpha",), notebook=data / "sample.ipynb")
    monkeypatch.setenv(FOLDER, "off")
    made = [open_study(data, peer.shop, as_of=str(peer.as_of)).compared_rates for peer in job.cohort]
    expected = [
        tuple(map(tuple, frame[["metric", "window_days", "numerator", "denominator"]].to_numpy().tolist()))
        for frame in made
    ]
    assert [peer.rates for peer in job.cohort] == expected
    assert {peer.as_of for peer in job.cohort} == {date(2026, 11, 15)}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("name", "made"),
    [("foxtrot", {"alpha": "made", "bravo": "made"}), ("alpha", {"alpha": "made", "bravo": "made"})],
    ids=["a shop that is not reported", "one that is"],
)
def test_a_changed_peer_remakes_the_reports_that_are_compared_with_it(
    data: Path, read: list[Look], name: str, made: dict[str, str]
) -> None:
    run(data)
    read.clear()
    exports(data, name, 3)
    assert statuses(run(data)) == made
    assert [look.shop.id for look in read] == [name]
    read.clear()
    assert set(statuses(run(data)).values()) == {"kept"}
    assert not read


@pytest.mark.usefixtures("quick")
def test_a_peer_that_says_the_same_in_another_file_remakes_nothing(data: Path) -> None:
    run(data)
    path = data / "foxtrot" / "orders.csv"
    path.write_bytes(path.read_bytes().replace(b"Table lamp", b"Paper lamp"))
    assert set(statuses(run(data)).values()) == {"kept"}


@pytest.mark.usefixtures("quick")
def test_a_shop_that_leaves_the_cohort_remakes_it(data: Path) -> None:
    run(data)
    settings = json.loads((data / "shops.yaml").read_text(encoding="utf-8"))
    settings["shops"][-1]["category"] = "Shoes"
    (data / "shops.yaml").write_text(json.dumps(settings), encoding="utf-8")
    assert set(statuses(run(data)).values()) == {"made"}


@pytest.mark.usefixtures("quick")
def test_a_changed_setting_and_another_week_remake_and_a_peer_in_ruins_is_left_out(data: Path) -> None:
    run(data, ("alpha",))
    settings = json.loads((data / "shops.yaml").read_text(encoding="utf-8"))
    settings["shops"][0]["near_share"] = 0.5
    (data / "shops.yaml").write_text(json.dumps(settings), encoding="utf-8")
    assert statuses(run(data, ("alpha",))) == {"alpha": "made"}
    assert statuses(run(data, ("alpha",), "2026-W45")) == {"alpha": "made"}
    (data / "foxtrot" / "orders.csv").write_text("not an export\n", encoding="utf-8")
    result = run(data, ("alpha",))
    assert statuses(result) == {"alpha": "made"}
    (broken,) = (peer for peer in result.outcomes[0].job.cohort if peer.shop == "foxtrot")
    assert broken == Peer("foxtrot", date(2026, 11, 15), ())


@pytest.mark.usefixtures("quick")
def test_without_a_store_all_of_it_comes_out_the_same(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(data)
    monkeypatch.setenv(FOLDER, "off")
    again = run(data)
    assert set(statuses(again).values()) == {"kept"}
    assert [one.job for one in again.outcomes] == [one.job for one in first.outcomes]


@pytest.mark.usefixtures("quick")
def test_a_broken_shop_is_read_once_a_run_and_says_why(data: Path, read: list[Look]) -> None:
    (data / "bravo" / "orders.csv").write_text("not an export\n", encoding="utf-8")
    result = run(data)
    assert [outcome.status for outcome in result.outcomes] == ["made", "failed"]
    assert "orders.csv" in result.failed[0].error
    assert [look.shop.id for look in read].count("bravo") == 1


@pytest.mark.usefixtures("quick")
def test_a_report_that_was_lost_or_opened_is_seen(data: Path) -> None:
    first = run(data, ("alpha",))
    folder = first.outcomes[0].folder
    assert folder is not None
    assert first.outcomes[0].verdict == json.loads((folder / "report.json").read_text(encoding="utf-8"))["verdict"]
    (folder / "report.html").unlink()
    again = run(data, ("alpha",))
    assert statuses(again) == {"alpha": "made"}
    kept = run(data, ("alpha",)).outcomes[0]
    assert (kept.status, kept.verdict) == ("kept", first.outcomes[0].verdict)


@pytest.mark.usefixtures("quick")
def test_the_index_is_written_when_something_of_it_has_changed(data: Path) -> None:
    page = run(data, ("alpha",)).index
    before = page.stat().st_mtime_ns, page.stat().st_ino
    run(data, ("alpha",))
    assert (page.stat().st_mtime_ns, page.stat().st_ino) == before
    run(data, ("alpha", "bravo"))
    assert "bravo" in page.read_text(encoding="utf-8")
    page.write_text("damaged", encoding="utf-8")
    run(data, ("alpha", "bravo"))
    assert "bravo" in page.read_text(encoding="utf-8")


def test_nothing_heavy_is_loaded_when_nothing_has_changed(data: Path) -> None:
    code = (
        "import sys\n"
        "from cancel_analysis.cli.commands import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: print('status', end.code)\n"
        f"print('loaded', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    command = [
        *(sys.executable, "-c", code, "report", "--data", str(data), "--shops", "alpha"),
        *("--notebook", str(data / "sample.ipynb"), "--formats", "html", "--renderer", "builtin"),
        *("--out", str(data.parent / "out"), "--timings"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    shown = [
        subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=data.parent)
        for _ in range(2)
    ]
    assert "1 made, 0 kept" in shown[0].stdout
    assert "1 of 1: alpha made" in shown[0].stderr
    (steps,) = (line.split() for line in shown[0].stdout.splitlines() if line.startswith("seconds"))
    assert {"plan", "start", "notebook", "charts", "pictures", "HTML", "publish", "all"} <= set(steps)
    assert "0 made, 1 kept" in shown[1].stdout
    assert shown[1].stdout.rstrip().endswith("status 0\nloaded []"), shown[1].stdout


def test_figures_are_handed_to_the_process_of_each_report(data: Path) -> None:
    (job,) = plan(read_shops(data), data, only=("alpha",), notebook=data / "sample.ipynb", formats=("html",))
    samples.write(
        data / "asking.ipynb",
        extra=(
            "from datetime import date\n"
            "from cancel_analysis.catalog.shops import read_shops\n"
            "from cancel_analysis.study import peers\n"
            "other = next(one for one in read_shops(data) if one.id == 'bravo')\n"
            "assert peers.known_rates(other, date(2026, 11, 15)) == (('handed', 30, 1, 2),)"
        ),
    )
    handed = tuple(replace(peer, rates=(("handed", 30, 1, 2),)) for peer in job.cohort)
    parameters = (("period_days", 30),)
    result = batch.run(
        [replace(job, cohort=handed, notebook=data / "asking.ipynb", parameters=parameters)],
        data.parent / "out",
        1,
        renderer="builtin",
    )
    assert not result.failed, result.failed[0].error
