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
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.errors import ReportWarning, SettingsError
from cancel_analysis.report import MANIFEST, batch, manifest, publish, render
from cancel_analysis.report.jobs import Job
from cancel_analysis.report.private import sweep
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
    lines = [json.loads(line) for line in (out / MANIFEST).read_text(encoding="utf-8").splitlines()]
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
    assert "(orders.csv)" in result.failed[0].error
    assert str(tmp_path) not in result.failed[0].error
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
    def lacking(
        work: Path, formats: tuple[str, ...], renderer: str, brand_file: Path | None = None, *, appendix: bool = False
    ) -> render.Rendered:
        made = render_really(work, formats, renderer)
        return replace(made, warnings=("no font for Thai letters",))

    render_really = render.render
    monkeypatch.setattr(render, "render", lacking)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        batch.run(jobs(tmp_path, "good", "other"), tmp_path / "out", 2, renderer="builtin")
    messages = [str(given.message) for given in caught if issubclass(given.category, ReportWarning)]
    assert messages == ["good, other: no font for Thai letters"]


def test_a_line_that_was_cut_off_does_not_stop_a_run(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text('{"key": "2026-W46/x", "sh\n[]\nnull\n', encoding="utf-8")
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


def test_whatever_happens_to_one_report_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thing that a report is made with may fail in any way; what is no Exception at all, too."""

    class PanicException(BaseException):
        """What libraries in Rust raise."""

    canary = "Maria Kanarienvogel"
    really = (manifest.inputs, render.render)

    def inputs(shop: ShopSettings, data: Path) -> str:
        if shop.id == "memory":
            raise MemoryError(canary)
        if shop.id == "deep":
            raise RecursionError(canary)
        return really[0](shop, data)

    def draw(
        work: Path, formats: tuple[str, ...], renderer: str, brand_file: Path | None = None, *, appendix: bool = False
    ) -> render.Rendered:
        if work.name.startswith("panic-"):
            raise PanicException(canary)
        return really[1](work, formats, renderer)

    monkeypatch.setattr(manifest, "inputs", inputs)
    monkeypatch.setattr(render, "render", draw)
    out = tmp_path / "out"
    result = batch.run(jobs(tmp_path, "memory", "deep", "panic", "good"), out, 2, renderer="builtin")
    assert [outcome.job.shop.id for outcome in result.made] == ["good"]
    assert [outcome.error.partition(":")[0].partition(" ")[0] for outcome in result.failed] == [
        "MemoryError", "RecursionError", "PanicException",
    ]  # fmt: skip
    for path in (result.index, out / MANIFEST):
        assert canary not in path.read_text(encoding="utf-8")


def test_another_librarys_message_is_told_nowhere(tmp_path: Path) -> None:
    # The cell holds the name in two pieces, so that its own text cannot be what is found.
    code = "import datetime\nfrom cancel_analysis.rates.breakdown import within\n"
    code += "within(pd.DataFrame(), 'Kanarien' + 'vogel', datetime.date(2026, 11, 15), 3)"
    samples.write(tmp_path / "sample.ipynb", extra=code)
    result = batch.run(jobs(tmp_path, "good"), tmp_path / "out", 1, renderer="builtin")
    assert "KeyError: met in cancel_analysis/rates/breakdown.py, line " in result.failed[0].error
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"met in cancel_analysis" in everything
    assert b"Kanarienvogel" not in everything


SCRIPT = """
# A shell without job control starts what runs in the background deaf to Ctrl-C, and its children with it.
import signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from cancel_analysis.report import batch
from tests.report.test_batch import jobs
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    batch.run(jobs(folder, "good", "other"), folder / "out", 2, renderer="builtin")
"""


def processes(word: str) -> set[int]:
    """The processes whose working folder or command names `word`."""
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if word in str((place / "cwd").readlink()) or word in (place / "cmdline").read_text(errors="replace"):
                found.add(int(place.name))
    return found


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_no_half_report_and_no_process(tmp_path: Path, number: signal.Signals) -> None:
    samples.write(tmp_path / "sample.ipynb", extra="import time; time.sleep(600)")
    jobs(tmp_path, "good", "other")
    script = tmp_path / "run.py"
    script.write_text(SCRIPT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, str(script), str(tmp_path)], env=environment, stderr=subprocess.PIPE)
    work = tmp_path / "out" / publish.WORK
    try:
        deadline = time.monotonic() + 60
        while len(list(work.glob("*/tables"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        if sys.platform == "linux":
            assert len(processes(str(tmp_path))) >= 3, "the run and its two notebooks"
        process.send_signal(number)
        _, problems = process.communicate(timeout=120)  # a busy machine is slow to end processes
    finally:
        process.kill()
    assert not (tmp_path / "out" / "2026-W46").exists()
    if number == signal.SIGINT:
        assert process.returncode == -signal.SIGINT or b"KeyboardInterrupt" in problems
    elif number == signal.SIGTERM:
        assert process.returncode == 128 + signal.SIGTERM
    if sys.platform == "linux":
        deadline = time.monotonic() + 30
        while processes(str(tmp_path)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not processes(str(tmp_path))
    if number == signal.SIGKILL:
        # Nobody was left to tidy up; the next run does, at once.
        sweep(work, home=tmp_path / "out")
        assert not list(work.iterdir())
    else:
        assert not work.exists()
