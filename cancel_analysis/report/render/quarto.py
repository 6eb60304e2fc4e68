"""The Quarto renderer: used when a `quarto` is on the path."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from cancel_analysis.errors import RendererMissingError, RenderError
from cancel_analysis.report.render.rendered import RenderedFiles
from cancel_analysis.report.show import vega
from cancel_analysis.steps import timed

PROGRAM = "quarto"
_SECONDS = 600
# Report format → Quarto's name for it.
FORMATS = {"html": "html", "pdf": "typst"}
# The programs inside write "error: …", Quarto "ERROR: …" below it, and Lua "Error running filter …".
_CAUSE = re.compile(r"\b(?:error|ERROR|Error)\b(?=:| running| executing)")
_STACK = re.compile(r"(?i)stack trace|at .*\(?file:///|at .*quarto\.js|in (?:function|upvalue|method|field) ")
_LONGEST_REASON = 500
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def find() -> str | None:
    """The path of the program, or None."""
    return shutil.which(PROGRAM)


@cache
def _version_of(program: str) -> str:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, encoding="utf-8", timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RendererMissingError(f"{program} does not start: {error}") from error
    if done.returncode:
        raise RendererMissingError(f"{program} --version failed: {done.stderr.strip()[:200]}")
    return done.stdout.strip()


def version() -> str:
    return f"Quarto {_version_of(_program())}"


def arguments(form: str) -> list[str]:
    """The arguments after the program's name; the working folder is the project.

    `--no-execute` says once more what the project says: the notebook is never run.
    """
    return ["render", "report.ipynb", "--to", FORMATS[form], "--no-execute", "--output", f"report.{form}"]


def render(project: Path, formats: tuple[str, ...]) -> RenderedFiles:
    """Make `report.html` and `report.pdf` from `report.ipynb` in `project`, a copy of the project folder."""
    (project / "vega.html").write_text(vega.script() + "\n", encoding="utf-8")
    files = {}
    for form in formats:
        with timed(form.upper()):
            _run(arguments(form), project)
        files[form] = _output(project, f"report.{form}")
    return RenderedFiles(files)


def _program() -> str:
    program = find()
    if program is None:
        raise RendererMissingError("there is no 'quarto' on the path")
    return program


def _run(arguments: list[str], project: Path) -> None:
    # Quarto keeps caches and locks in the home folder; a private one would cost seconds a report,
    # but its temporary files must not meet those of a report rendered beside it.
    environment = {**os.environ, "NO_COLOR": "1", "QUARTO_PRINT_STACK": "false"}
    try:
        done = subprocess.run(
            [_program(), *arguments],
            cwd=project,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise RenderError(f"Quarto did not finish within {_SECONDS} seconds") from error
    if done.returncode:
        raise RenderError(f"Quarto failed ({done.returncode}): {_reason(done.stderr)}")


def _reason(stderr: str) -> str:
    """The line that says why, and what follows it up to Quarto's own stack; without such a line, the last ones."""
    lines = [line.strip() for line in _COLOUR.sub("", stderr).splitlines() if line.strip()]
    lines = [line for line in lines if not _STACK.match(line)]
    first = next((number for number, line in enumerate(lines) if _CAUSE.search(line)), None)
    told = lines[-3:] if first is None else lines[first : first + 6]
    if told and first is not None:
        # What stands before it on its line is what Quarto was just doing.
        told[0] = told[0][_CAUSE.search(told[0]).start() :]  # type: ignore[union-attr]
    return " ".join(told or ["no message"])[:_LONGEST_REASON]


def _output(project: Path, name: str) -> Path:
    path = project / name
    if not path.is_file():
        raise RenderError(f"Quarto ended well but made no {name}")
    return path
