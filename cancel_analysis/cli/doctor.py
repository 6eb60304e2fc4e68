"""What this machine has, what it lacks, and what each lack costs: `cancel-analysis doctor`.

Nothing here is guessed from names of packages: a script counts as printable when Typst, which sets
the PDF, can set it; a folder as writable when a file could be written.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

OK, MISSING, BROKEN = "ok", "missing", "broken"
PROGRAM_SECONDS = 20
# The first Quarto whose Typst and page templates do what the project file asks for.
OLDEST_QUARTO = (1, 4)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# The scripts that shops of the markets write their products in, a text in each, and a font that has it.
SCRIPTS = {
    "Latin": ("Übergröße, señal", "fonts-noto-core"),
    "Vietnamese": ("Đặng Thị Ưởng", "fonts-noto-core"),
    "Thai": ("สวัสดีครับ", "fonts-noto-core"),
    "Chinese": ("中文订单取消", "fonts-noto-cjk"),
    "Japanese": ("日本語カタカナ", "fonts-noto-cjk"),
    "emoji": ("🌿🕯", "fonts-noto-color-emoji"),
}


@dataclass(frozen=True)
class Finding:
    """One thing looked for: its state, what was found, and for a lack its cost and remedy.

    `needed` marks what no report can be made without.
    """

    name: str
    state: str
    detail: str = ""
    cost: str = ""
    remedy: str = ""
    needed: bool = False


def examine(out: str | Path = "reports/out") -> tuple[Finding, ...]:
    """Look at everything; takes about two seconds and changes nothing."""
    return (
        python(),
        packages(),
        sources(),
        *renderers(),
        quarto(),
        *fonts(),
        chromium(),
        forking(),
        writable(out),
    )


def able(findings: Iterable[Finding]) -> bool:
    """Whether reports can be made: nothing that is needed is missing or broken."""
    return all(finding.state == OK for finding in findings if finding.needed)


def python() -> Finding:
    """The Python that runs this; one that is too old could not have read this file."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", OK, f"{version} at {sys.prefix}", needed=True)


def packages() -> Finding:
    """Whether the packages that this one depends on are installed, in versions it can use."""
    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(line) for line in metadata.requires("cancel-analysis") or []]
    except metadata.PackageNotFoundError:
        return Finding(
            "packages", BROKEN, "cancel-analysis itself is not installed", "the command may not find its parts",
            "pip install -e . in the project's folder", needed=True,
        )  # fmt: skip
    problems = []
    base = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    for requirement in base:
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            problems.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            problems.append(f"{requirement.name} {found} is not {requirement.specifier}")
    if problems:
        return Finding(
            "packages", BROKEN, "; ".join(problems), "reports fail", "make setup, or pip install -e .", needed=True
        )
    return Finding("packages", OK, f"{len(base)} packages in versions that fit", needed=True)


def sources() -> Finding:
    """The notebook that every report is made from, and the page templates."""
    from cancel_analysis.errors import ReportError
    from cancel_analysis.report import notebook_file, templates_folder

    name = "notebook"
    try:
        files = (notebook_file(), *(templates_folder() / template for template in ("page.html", "page.typ")))
    except ReportError as error:
        return Finding(name, BROKEN, str(error), "no report can be made", "install the package again", needed=True)
    lost = [str(path) for path in files if not path.is_file()]
    if lost:
        detail = f"not there: {', '.join(lost)}"
        return Finding(name, BROKEN, detail, "no report can be made", "install the package again", needed=True)
    return Finding(name, OK, f"{files[0]} and its templates", needed=True)


def renderers() -> tuple[Finding, ...]:
    """Pandoc, Typst and vl-convert: the built-in renderer, all of them Python packages."""
    remedy = "make setup, or pip install -r requirements/report.lock"
    return (
        _works("Pandoc", _pandoc, "no HTML page and no PDF without Quarto", remedy),
        _works("Typst", lambda: metadata.version("typst") if _sets("A") else "", "no PDF without Quarto", remedy),
        _works("vl-convert", _vl_convert, "no pictures", remedy),
    )


def _works(name: str, probe: Callable[[], str], cost: str, remedy: str) -> Finding:
    try:
        version = probe()
    except Exception as error:
        # A wheel for another machine fails in its own way; each of them means the same to the reader.
        return Finding(name, BROKEN, f"{type(error).__name__}: {error}", cost, remedy, needed=True)
    return Finding(name, OK, version, needed=True)


def _pandoc() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_version())


def _vl_convert() -> str:
    import vl_convert

    vl_convert.vegalite_to_svg({"data": {"values": [{"a": 1}]}, "mark": "point", "encoding": {"x": {"field": "a"}}})
    return metadata.version("vl-convert-python")


def quarto() -> Finding:
    """Quarto, the other renderer; nothing needs it."""
    cost = "RENDERER=quarto cannot be chosen; the built-in renderer makes the same reports"
    remedy = "install Quarto from its own site, or use environment.yml with conda"
    program = shutil.which("quarto")
    if program is None:
        return Finding("Quarto", MISSING, "no quarto on the path", cost, remedy)
    version = _run(program, "--version")
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if not numbers:
        return Finding("Quarto", BROKEN, f"{program} does not run", cost, remedy)
    if numbers < OLDEST_QUARTO:
        return Finding("Quarto", BROKEN, f"{version} is too old", cost, "install Quarto 1.4 or later")
    return Finding("Quarto", OK, f"{version} at {program}")


def fonts() -> tuple[Finding, ...]:
    """For each script, whether a PDF can show it."""
    found = []
    for script, (text, package) in SCRIPTS.items():
        name = f"font for {script}"
        if _can_set(text):
            found.append(Finding(name, OK, text))
        else:
            cost = f"{script} text shows as boxes in a PDF, which is then no accessible PDF; pages are not affected"
            remedy = f"install a font that has it, on Debian or Ubuntu: apt-get install {package}"
            found.append(Finding(name, MISSING, "no font has " + text, cost, remedy))
    return tuple(found)


def _can_set(text: str) -> bool:
    try:
        return _sets(text)
    except Exception:
        # A Typst that does not run at all is named by `renderers`.
        return False


def _sets(text: str) -> bool:
    """Whether Typst has a glyph for all of `text`: the accessible form of PDF refuses a missing one."""
    import typst

    source = f'#set document(title: "probe")\n#set text(lang: "en")\n#"{text}"'
    try:
        typst.compile(source.encode(), format="pdf", pdf_standards=["ua-1"])
    except typst.TypstError as error:
        if "could not be displayed" in str(error):
            return False
        raise
    return True


def chromium() -> Finding:
    """A browser for the tests of the page; reports do not need one."""
    for name in CHROMIUM_NAMES:
        program = shutil.which(name)
        if program is not None:
            return Finding("Chromium", OK, program)
    return Finding(
        "Chromium",
        MISSING,
        "no Chromium or Chrome on the path",
        "the tests of the page in a browser are skipped; reports are not affected",
        "on Debian or Ubuntu: apt-get install chromium",
    )


def forking() -> Finding:
    """Whether reports can be made by processes that start with everything imported."""
    cores = os.cpu_count() or 1
    if hasattr(os, "fork"):
        return Finding("cores", OK, f"{cores}, reports are made side by side")
    return Finding("cores", MISSING, f"{cores}, but this system cannot fork", "reports are made more slowly", "")


def writable(out: str | Path) -> Finding:
    """Whether finished reports can be written to `out` (or to where it would be made)."""
    folder = Path(out).expanduser().absolute()
    while not folder.exists():
        folder = folder.parent
    name = "folder for reports"
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Finding(
            name, BROKEN, f"{folder}: {reason}", "no report can be kept", "choose another with --out, or make's OUT",
            needed=True,
        )  # fmt: skip
    free = shutil.disk_usage(folder).free / 1e9
    return Finding(name, OK, f"{Path(out)} ({free:.0f} GB free)", needed=True)


def _run(*command: str) -> str:
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return result.stdout.strip()
