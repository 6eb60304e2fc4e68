"""What a worker does: one report made in a folder of its own, whose files are sent back; nothing is published here."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from cancel_analysis.catalog.datasets import SHOP, SHOPS, shop_of
from cancel_analysis.catalog.shop_settings import ShopSettings, slug
from cancel_analysis.dataset.addresses import fetch_shops
from cancel_analysis.errors import CALLER, ReportError
from cancel_analysis.report import manifest
from cancel_analysis.report.jobs import Job
from cancel_analysis.report.making import Ready, cause_of, make_ready
from cancel_analysis.report.private import private_folder, sweep
from cancel_analysis.steps import Seconds, collected

_PREFIX = "cancel-analysis-worker-"
# Level 1 halves a page in 20 ms; what more it could save costs more than it saves on the way.
_LEVEL = 1
# Settings that name a file of the user's own.
_OWN = ("limits_file", "mapping_file", "actions_file", "brand_file")


@dataclass(frozen=True)
class Task:
    """One report to be made on a worker, which has the same package and sees the same files.

    `notebook` is what the job's notebook holds; `caller` the value of `errors.CALLER`; `origin` the address of the
    dataset that the shop is of, empty where its files lie in a folder.
    """

    job: Job
    notebook: bytes
    program: str
    caller: str = ""
    timeout: float | None = None
    origin: str = ""
    # What its page may link to beside its own files (`batch.ReportMaker.links`).
    links: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Product:
    """What came of a task: `files` (path below the report's folder → compressed bytes), or why there are none.

    `inputs` is what the report was made of (`manifest.inputs`), as the worker saw it.
    """

    seconds: float
    steps: Seconds
    inputs: str = ""
    error: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    ready: Ready | None = None


def make_product(task: Task) -> Product:
    """Make the report of a task; whatever goes wrong with it is told in the product."""
    from cancel_analysis.report.notebook.workers import Workers

    started, inputs = time.monotonic(), ""
    begin(task.caller)
    with collected() as seconds:
        try:
            with private_folder(Path(tempfile.gettempdir()), _PREFIX) as private:
                job = _of_this_machine(task, private)
                inputs = manifest.inputs(job.shop, job.data)
                work = private / "work"
                work.mkdir()
                ready = make_ready(job, work, task.program, Workers(), task.timeout, task.links)
                files = _packed(ready.folder)
        # What a library in Rust calls a panic is no Exception; a worker outlives it.
        except BaseException as error:
            return Product(time.monotonic() - started, seconds, inputs, cause_of(error))
    return Product(time.monotonic() - started, seconds, inputs, "", files, ready)


def unpack(files: dict[str, bytes], folder: Path) -> None:
    """Write the files of a product into the new folder `folder`; ReportError for one that would lie elsewhere."""
    for name, packed in files.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise ReportError(f"a file of a report must lie in its folder, not at {name!r}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zlib.decompress(packed))


def _packed(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): zlib.compress(path.read_bytes(), _LEVEL) for path in paths}


def absolute(shop: ShopSettings) -> ShopSettings:
    """The shop with whole paths: a worker runs in another folder."""
    own = {name: path.absolute() for name in _OWN if (path := getattr(shop, name)) is not None}
    return replace(shop, files=tuple(path.absolute() for path in shop.files), **own)


def on_this_machine(shop: ShopSettings, data: Path, origin: str, others: Iterable[str], private: Path) -> ShopSettings:
    """The shop with its files as this machine has them; one of a dataset at an address is fetched below `private`.

    There it lies in a folder of the name of `data`, with the settings of the shops (ids) that it may be compared with.
    Raises ReportError for a file that is not seen here.
    """
    if origin:
        folder = fetch_shops(origin, [shop.slug, *map(slug, others)], private / data.name)
        return shop_of(folder / SHOPS / shop.slug / SHOP)
    for path in (*shop.files, *(path for name in _OWN if (path := getattr(shop, name)) is not None), data):
        if not path.exists():
            raise ReportError(
                f"this worker does not see {path}; files must lie where every worker sees them under the same path, "
                "or in a dataset at an address (cancel-analysis ingest --into s3://bucket/name)"
            )
    return shop


def _of_this_machine(task: Task, private: Path) -> Job:
    """The job with its notebook beside it, and with the shop's files where this machine has them."""
    job = task.job
    notebook = private / job.notebook.name
    notebook.write_bytes(task.notebook)
    shop = on_this_machine(job.shop, job.data, task.origin, job.others, private)
    return replace(job, notebook=notebook, shop=shop, data=private / job.data.name if task.origin else job.data)


def begin(caller: str) -> None:
    """What every task does first.

    A worker that a nanny watches may not start processes, and each notebook has one of its own: the mark that says
    so is taken away. It is there so that none outlives the worker; those that are started here end with it
    (`report.notebook.workers`).
    """
    os.environ[CALLER] = caller
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    _sweep_once()


@cache
def _sweep_once() -> None:
    """Remove what workers that were killed left on this machine."""
    sweep(Path(tempfile.gettempdir()), _PREFIX)
