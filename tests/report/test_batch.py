"""Many reports: one that fails stops no other, and only what changed is made again."""

from __future__ import annotations

import html
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import ReportWarning, SettingsError
from cancel_analysis.report import batch, manifest, publish
from cancel_analysis.report.jobs import Job
from tests.report import samples

FAILING = "if shop == 'bad': raise ValueError('this shop has no orders')"
ROOT = Path(__file__).resolve().parents[2]


def jobs(folder: Path, *ids: str, formats: tuple[str, ...] = ("html",)) -> list[Job]:
    notebook = folder / "sample.ipynb"
    if not notebook.exists():
        samples.write(notebook, extra=FAILING)
    made = []
    for identity in ids:
        orders = folder / identity / "orders.csv"
        if not orders.exists():
            orders.parent.mkdir()
            orders.write_text("a,b\n1,2\n", encoding="utf-8")
        shop = ShopSettings(identity, "US", f"Shop {identity}", "USD", "America/New_York", files=(orders,))
        made.append(samples.job(folder, shop=identity, formats=formats))
        made[-1] = replace(made[-1], shop=shop, notebook=notebook)
    return made


@pytest.fixture(autouse=True)
def steady_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code's hash is fixed, so that a file saved while the tests run changes nothing."""
    monkeypatch.setattr(manifest, "code", lambda notebook: "code")


def test_one_that_fails_stops_no_other_and_a_rerun_makes_only_what_is_needed(tmp_path: Path) -> None:
    out, plan = tmp_path / "out", jobs(tmp_path, "good", "bad", "other")
    seen: list[tuple[str, str, int, int]] = []
    first = batch.run(
        plan, out, 2, renderer="builtin", progress=lambda o, done, of: seen.append((o.job.shop.id, o.status, done, of))
    )
    assert first.exit_status == 1
    assert [outcome.job.shop.id for outcome in first.made] == ["good", "other"]
    assert [outcome.job.shop.id for outcome in first.failed] == ["bad"]
    assert "ValueError: this shop has no orders" in first.failed[0].error
    assert sorted(done for *_, done, _ in seen) == [1, 2, 3]
    assert not (out / "2026-W46" / "bad").exists()
    assert not (out / publish.WORK).exists(), "no work is left behind"
    page = first.index.read_text(encoding="utf-8")
    assert "this shop has no orders" in page
    assert 'href="2026-W46/good/report.html"' in page

    again = batch.run(plan, out, 2, renderer="builtin")
    assert [outcome.job.shop.id for outcome in again.kept] == ["good", "other"]
    assert [outcome.job.shop.id for outcome in again.failed] == ["bad"], "what failed is tried again"

    (tmp_path / "good" / "orders.csv").write_text("a,b\n1,3\n", encoding="utf-8")
    (out / "2026-W46" / "other" / "report.html").unlink()
    third = batch.run(plan, out, 2, renderer="builtin")
    assert [outcome.job.shop.id for outcome in third.made] == ["good", "other"], "changed, and missing"

    os.utime(tmp_path / "good" / "orders.csv")
    renamed = [replace(plan[0], parameters=(("rows", 9),)), plan[2]]
    fourth = batch.run(renamed, out, 2, renderer="builtin", shops=["good", "other"])
    assert [outcome.job.shop.id for outcome in fourth.made] == ["good"], "another parameter, not another date of a file"
    page = fourth.index.read_text(encoding="utf-8")
    assert "this shop has no orders" not in page, "a shop that is gone leaves the index"
    lines = [json.loads(line) for line in (out / manifest.FILE).read_text(encoding="utf-8").splitlines()]
    assert [line["key"] for line in lines] == ["2026-W46/good", "2026-W46/other"]

    gone = batch.run(plan[2:], out, 1, renderer="builtin", shops=["other"])
    assert gone.exit_status == 0
    assert "2026-W46/good" not in gone.index.read_text(encoding="utf-8")


def test_a_failure_leaves_the_earlier_report_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (job,) = jobs(tmp_path, "good")
    batch.run([job], out, 1, renderer="builtin")
    samples.write(tmp_path / "later.ipynb", extra="raise ValueError('new trouble')")
    result = batch.run([replace(job, notebook=tmp_path / "later.ipynb", parameters=(("rows", 2),))], out, 1)
    assert result.exit_status == 1
    assert (out / "2026-W46" / "good" / "report.html").is_file()
    page = result.index.read_text(encoding="utf-8")
    assert "new trouble" in page
    assert "An earlier report of this week is still there" in page


def test_a_shop_with_wrong_settings_is_listed_like_any_that_failed(tmp_path: Path) -> None:
    good, other = jobs(tmp_path, "good", "other")
    cause = "shops.yaml, line 9 (shop 2, 'market'): unknown market 'XX'"
    result = batch.run([good, replace(other, fault=cause)], tmp_path / "out", 1, renderer="builtin")
    assert result.exit_status == 1
    assert [outcome.job.shop.id for outcome in result.made] == ["good"]
    assert [(outcome.job.shop.id, outcome.error) for outcome in result.failed] == [("other", cause)]
    assert not (tmp_path / "out" / "2026-W46" / "other").exists()
    assert cause in html.unescape(result.index.read_text(encoding="utf-8"))
    assert manifest.read(tmp_path / "out")["2026-W46/other"].error == cause
    # Once the settings are mended, it is made.
    mended = batch.run([good, other], tmp_path / "out", 1, renderer="builtin")
    assert [outcome.job.shop.id for outcome in mended.made] == ["other"]


def test_a_file_that_cannot_be_read_fails_its_shop(tmp_path: Path) -> None:
    plan = jobs(tmp_path, "good", "other")
    (tmp_path / "good" / "orders.csv").unlink()
    result = batch.run(plan, tmp_path / "out", 1, renderer="builtin")
    assert [outcome.job.shop.id for outcome in result.failed] == ["good"]
    assert "cannot be read" in result.failed[0].error
    assert "cannot be read" in result.index.read_text(encoding="utf-8")


def test_wrong_usage_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    plan = jobs(tmp_path, "good")
    with pytest.raises(SettingsError, match="jobs must be 1 or more"):
        batch.run(plan, tmp_path / "out", 0)
    with pytest.raises(SettingsError, match="no shop"):
        batch.run([], tmp_path / "out")
    with pytest.raises(SettingsError, match="two reports would lie in 2026-W46/good"):
        batch.run(plan * 2, tmp_path / "out")
    with pytest.raises(SettingsError, match="no renderer"):
        batch.run(plan, tmp_path / "out", renderer="word")


def test_what_reports_lack_is_one_warning_with_their_shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cancel_analysis.report import render

    def lacking(work: Path, formats: tuple[str, ...], renderer: str) -> render.Rendered:
        made = render_really(work, formats, renderer)
        return replace(made, warnings=("no font for Thai letters",))

    render_really = render.render
    monkeypatch.setattr(render, "render", lacking)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        batch.run(jobs(tmp_path, "good", "other"), tmp_path / "out", 2, renderer="builtin")
    messages = [str(one.message) for one in caught if issubclass(one.category, ReportWarning)]
    assert messages == ["good, other: no font for Thai letters"]


def test_a_line_that_was_cut_off_does_not_stop_a_run(tmp_path: Path) -> None:
    (tmp_path / manifest.FILE).write_text('{"key": "2026-W46/x", "sh\n[]\nnull\n', encoding="utf-8")
    assert manifest.read(tmp_path) == {}


def test_inputs_are_what_files_and_settings_hold(tmp_path: Path) -> None:
    (job,) = jobs(tmp_path, "good")
    before = manifest.inputs(job.shop, tmp_path)
    assert manifest.inputs(replace(job.shop, near_share=0.9), tmp_path) != before
    moved = tmp_path / "moved"
    moved.mkdir()
    (tmp_path / "good").rename(moved / "good")
    there = replace(job.shop, files=(moved / "good" / "orders.csv",))
    assert manifest.inputs(there, moved) == before, "where the data lies does not matter"


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_leaves_no_half_report(tmp_path: Path) -> None:
    samples.write(tmp_path / "sample.ipynb", extra="import time; time.sleep(600)")
    jobs(tmp_path, "good", "other")
    script = tmp_path / "run.py"
    script.write_text(
        # A shell without job control starts what runs in the background deaf to Ctrl-C, and its children with it.
        "import signal, sys\nfrom pathlib import Path\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from cancel_analysis.report import batch\nfrom tests.report.test_batch import jobs\n"
        "if __name__ == '__main__':\n"
        "    folder = Path(sys.argv[1])\n"
        "    batch.run(jobs(folder, 'good', 'other'), folder / 'out', 2, renderer='builtin')\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, str(script), str(tmp_path)], env=environment, stderr=subprocess.PIPE)
    try:
        work = tmp_path / "out" / publish.WORK
        deadline = time.monotonic() + 60
        while not list(work.glob("*/tables/*")) and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, problems = process.communicate(timeout=120)  # a busy machine is slow to end processes
    finally:
        process.kill()
    assert process.returncode == -signal.SIGINT or b"KeyboardInterrupt" in problems
    assert not work.exists()
    assert not (tmp_path / "out" / "2026-W46").exists()
