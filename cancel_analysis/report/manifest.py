"""What was made of what: a line of JSON a report, by which a rerun makes only what is missing or changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from cancel_analysis.catalog.brand import read_brand
from cancel_analysis.catalog.shop_settings import ShopSettings
from cancel_analysis.report import MANIFEST, templates_folder
from cancel_analysis.report.jobs import Job, relative
from cancel_analysis.report.publish import write_whole
from cancel_analysis.store import contents
from cancel_analysis.store.sources import code_hash
from cancel_analysis.version import __version__

MADE, FAILED = "made", "failed"


@dataclass(frozen=True)
class Entry:
    """The last attempt at one report. `key` is week/shop; `inputs`, `parameters` and `code` are what it was made of."""

    key: str
    shop: str
    name: str
    market: str
    status: str
    inputs: str
    parameters: dict[str, Any]
    formats: list[str]
    renderer: str
    code: str
    version: str
    seconds: float
    error: str = ""
    at: str = ""
    # A hash of the figures of the shop's cohort, empty without one.
    cohort: str = ""
    # The report's verdict, so that it need not be opened to be listed.
    verdict: str = ""
    # Whether evidence and appendix lie beside it as a PDF of their own.
    appendix: bool = False

    def made_of(self) -> tuple[Any, ...]:
        """What must be the same for a report to be kept."""
        formats = sorted(self.formats)
        return (self.inputs, self.cohort, self.parameters, formats, self.appendix, self.renderer, self.code)


def entry(job: Job, renderer: str, code: str, inputs: str) -> Entry:
    """The line of a report that will be made of `inputs` (see `inputs`) by `renderer` with `code`."""
    given = job.given(job.data)
    return Entry(
        key=job.key,
        shop=job.shop.id,
        name=job.shop.name,
        market=job.shop.market,
        status=MADE,
        inputs=inputs,
        # Where data and work lie is of this machine; what the files hold is in `inputs`.
        parameters={key: value for key, value in given.items() if key not in ("data", "work", "mode")},
        formats=list(job.formats),
        renderer=renderer,
        code=code,
        version=__version__,
        seconds=0.0,
        cohort=_cohort(job),
        appendix=job.appendix,
    )


def _cohort(job: Job) -> str:
    """A hash of the figures that the shop is compared with; which shop they are of is no matter."""
    if not job.cohort:
        return ""
    figures = json.dumps([peer.rates for peer in job.cohort])
    return hashlib.blake2b(figures.encode(), digest_size=16).hexdigest()


class Attempt(Protocol):
    """What came of an attempt at a report."""

    @property
    def status(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def error(self) -> str: ...
    @property
    def verdict(self) -> str: ...


def ended(line: Entry, made: Attempt) -> Entry:
    """The line after the attempt."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return replace(
        line, status=made.status, seconds=round(made.seconds, 2), error=made.error, at=now, verdict=made.verdict
    )


def inputs(shop: ShopSettings, data: Path) -> str:
    """A hash of the shop's settings and of what its files hold; a file's date does not count.

    Raises OSError when a file cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    named = (shop.limits_file, shop.mapping_file, shop.actions_file)
    places = {"limits_file": None, "mapping_file": None, "actions_file": None, "brand_file": None}
    settings = {**asdict(shop), "files": [relative(path, data) for path in shop.files], **places}
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    issuer = () if shop.brand_file is None else read_brand(shop.brand_file).files
    for path in (*shop.files, *(path for path in named if path), *issuer):
        digest.update(contents.digest(path).encode())
    return digest.hexdigest()


def code(notebook: Path) -> str:
    """A hash of what makes a report: this package with its catalogs, the templates, the notebook."""
    templates = [path for path in templates_folder().iterdir() if path.is_file()]
    digest = hashlib.blake2b(code_hash().encode(), digest_size=16)
    for path in [*sorted(templates), notebook]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read(out: Path) -> dict[str, Entry]:
    """Key → the last entry of each report; a line that cannot be read (a run that was cut off) is passed over."""
    path = out / MANIFEST
    if not path.is_file():
        return {}
    known = {field.name for field in fields(Entry)}
    entries: dict[str, Entry] = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        try:
            values = json.loads(line)
            found = Entry(**{key: value for key, value in values.items() if key in known})
        except (json.JSONDecodeError, TypeError, AttributeError):
            continue
        entries[found.key] = found
    return entries


def append(out: Path, line: Entry) -> None:
    with (out / MANIFEST).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")


def write(out: Path, entries: Iterable[Entry]) -> None:
    """Replace the manifest by one line a report."""
    text = "".join(json.dumps(asdict(line), ensure_ascii=False) + "\n" for line in sorted(entries, key=lambda e: e.key))
    write_whole(out / MANIFEST, text)
