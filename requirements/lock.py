"""Write the lock files from pyproject.toml: `make lock`, or `make lock UPGRADE=1` for newer versions.

Everything is solved once, for every system and Python at the same time, so that the reports, the
tests, JupyterLab and the documents stand on the same versions. The result is then told apart by who needs what:

* `report.lock`: to make reports, and to install this package itself;
* `dev.lock`, `docs.lock`, `lab.lock`: what tests, the site of the documents and JupyterLab need on top; each
  begins with `-r report.lock`.

Versions and hashes only: where packages come from is the machine's own setting.
Needs `uv`; nothing else here does.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
EXTRAS = ("dev", "docs", "lab")
# hatchling builds the package, `editables` lets it be installed in place; neither is fetched unlocked.
BUILD_EXTRAS = ("editables",)
NOTE = "# Made by `make lock` from pyproject.toml; versions and hashes, no addresses.\n"


def solve(uv: str, work: Path, output: Path, *options: str) -> str:
    """One solution for every system and Python; `output` holds the versions to keep where possible."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    build = work / "build.in"
    build.write_text("\n".join((*project["build-system"]["requires"], *BUILD_EXTRAS)) + "\n", encoding="utf-8")
    command = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate"]
    command += [str(PROJECT / "pyproject.toml"), str(build), "--output-file", str(output), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return output.read_text(encoding="utf-8")


def entries(lock: str) -> dict[str, list[str]]:
    """The entries of a lock by package name; a package has several where Pythons need different versions."""
    found: dict[str, list[str]] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        match = re.match(r"([A-Za-z0-9._-]+)==", block)
        if match:
            lines = [line.rstrip() for line in block.splitlines() if not line.lstrip().startswith("#")]
            found.setdefault(match[1], []).append("\n".join(lines))
    return found


def main() -> int:
    uv = shutil.which("uv")
    if uv is None:
        print("Locking needs uv, which is not on the path. It is a package like any other: pip install uv")
        return 1
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        everything = work / "all.lock"
        kept = [(HERE / f"{name}.lock") for name in ("report", *EXTRAS)]
        pins = {
            block
            for path in kept
            if path.is_file()
            for blocks in entries(path.read_text()).values()
            for block in blocks
        }
        everything.write_text("\n".join(sorted(pins)), encoding="utf-8")
        full = entries(solve(uv, work, everything, "--all-extras", *upgrade))
        base = set(entries(solve(uv, work, work / "report.lock", "--constraint", str(everything))))
        write("report", NOTE, {name: full[name] for name in sorted(base)})
        for extra in EXTRAS:
            own = set(
                entries(solve(uv, work, work / f"{extra}.lock", "--constraint", str(everything), "--extra", extra))
            )
            write(extra, NOTE + "-r report.lock\n", {name: full[name] for name in sorted(own - base)})
    return 0


def write(name: str, head: str, blocks: dict[str, list[str]]) -> None:
    path = HERE / f"{name}.lock"
    path.write_text(head + "\n".join(block for found in blocks.values() for block in found) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(blocks)} packages")


if __name__ == "__main__":
    sys.exit(main())
