"""The workers of a cluster that may make reports: those of the same version, sources and renderer as this process.

A worker with another version would make other figures under the same name. One that is refused is named,
with both versions, and gets no work; those that join later are looked at as they come.
"""

from __future__ import annotations

import pkgutil
import warnings
from dataclasses import dataclass
from typing import Any

from cancel_analysis.errors import ReportWarning, describe_error
from cancel_analysis.report import manifest, notebook_file, render
from cancel_analysis.version import __version__

_VERSION = "cancel_analysis.version:__version__"
_PACKAGE = "cancel-analysis"


@dataclass(frozen=True)
class Member:
    """A worker that may make reports: where it is, what it is called, how many it makes at a time."""

    address: str
    name: str
    threads: int


def identity(program: str) -> tuple[str, str]:
    """What must be the same where a report is made: a hash of sources and templates, and the renderer's version."""
    return manifest.code(notebook_file()), render.maker(program)


class Members:
    """The workers that are there now; `look` asks the scheduler again and checks those that are new."""

    def __init__(self, client: Any, program: str) -> None:
        self._client, self._program = client, program
        self._own = identity(program)
        self.usable: dict[str, Member] = {}
        # Address → why this worker gets no work.
        self.refused: dict[str, str] = {}

    def look(self) -> None:
        """Bring `usable` and `refused` up to date; a ReportWarning for each worker that is refused."""
        there = {
            str(address): Member(str(address), str(told["name"]), int(told["nthreads"]))
            for address, told in self._client.scheduler_info(n_workers=-1)["workers"].items()
        }
        new = [member for address, member in there.items() if address not in {*self.usable, *self.refused}]
        self.usable = {address: member for address, member in self.usable.items() if address in there}
        self.refused = {address: cause for address, cause in self.refused.items() if address in there}
        if new:
            self._check({member.address: member for member in new})

    @property
    def threads(self) -> int:
        """How many reports all of them make at a time."""
        return sum(member.threads for member in self.usable.values())

    def _check(self, new: dict[str, Member]) -> None:
        # Asked for by a function of Python's own: a worker may not have this package, or one without what is here.
        versions = self._ask(list(new), pkgutil.resolve_name, _VERSION)
        same = [address for address, found in versions.items() if found == __version__]
        found = self._ask(same, identity, self._program)
        for address, member in new.items():
            version = versions.get(address)
            if address in found and found[address] == self._own:
                self.usable[address] = member
            elif version is None or isinstance(version, OSError) or isinstance(found.get(address), OSError):
                # It left while it was asked; it is asked again when it comes back.
                continue
            else:
                self._refuse(member, self._difference(version, found.get(address)))

    def _ask(self, addresses: list[str], function: Any, *given: Any) -> dict[str, Any]:
        if not addresses:
            return {}
        answers: dict[str, Any] = self._client.run(function, *given, workers=addresses, on_error="return")
        return answers

    def _difference(self, version: Any, found: Any) -> str:
        if isinstance(version, Exception):
            return f"has no {_PACKAGE} ({type(version).__name__}), and this run is of {__version__}"
        if version != __version__:
            return f"has {_PACKAGE} {version}, and this run is of {__version__}"
        if isinstance(found, Exception):
            return f"has {_PACKAGE} {version} and cannot make reports: {describe_error(found)}"
        if found[1] != self._own[1]:
            return f"makes pages with {found[1]}, and this run with {self._own[1]}"
        return (
            f"has {_PACKAGE} {version} as this run, but other sources, templates or versions of the libraries that "
            "parse and compute"
        )

    def _refuse(self, member: Member, cause: str) -> None:
        told = f"the worker {member.name!r} ({member.address}) {cause}"
        self.refused[member.address] = told
        warnings.warn(f"{told}: it gets no work", ReportWarning, stacklevel=2)
