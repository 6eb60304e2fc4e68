"""What must be known of shops before reports are planned (`report.coverage`), read by the workers of a cluster."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cancel_analysis.catalog.datasets import is_stored
from cancel_analysis.dataset.addresses import origin_of
from cancel_analysis.errors import CALLER, CancelAnalysisError, ReportError
from cancel_analysis.report.cluster.connection import Cluster
from cancel_analysis.report.cluster.hand_out import HandOut
from cancel_analysis.report.cluster.tasks import absolute, begin, on_this_machine
from cancel_analysis.report.coverage import Look, Seen, look_up, read_shop
from cancel_analysis.report.making import cause_of
from cancel_analysis.report.private import private_folder
from cancel_analysis.steps import tell
from cancel_analysis.study.peers import note_days, note_rates


@dataclass(frozen=True)
class ReadTask:
    """A shop to be read on a worker; `data` is a folder that its files lie in, `origin` as in `tasks.Task`."""

    number: int
    asked: Look
    data: Path
    caller: str = ""
    origin: str = ""


def read_shops(cluster: Cluster, looks: Sequence[tuple[int, Look]]) -> dict[int, Seen]:
    """The answers by number; what was learnt is noted here, too. Raises what `HandOut.do_each` does."""
    found: dict[int, Seen] = {}

    def came(task: ReadTask, seen: Seen) -> None:
        found[task.number] = replace(seen, asked=task.asked)
        tell("files", len(found), len(looks))
        if seen.days is not None:
            note_days(task.asked.shop, seen.days)
        if seen.peer is not None:
            note_rates(task.asked.shop, seen.peer.as_of, seen.peer.rates)

    def failed(task: ReadTask, error: BaseException) -> None:
        found[task.number] = Seen(task.asked, error=ReportError(cause_of(error)))
        tell("files", len(found), len(looks))

    tell("files", 0, len(looks))
    HandOut(cluster).do_each(read_there, [_task(number, asked) for number, asked in looks], came, failed)
    return found


def _task(number: int, asked: Look) -> ReadTask:
    shop, caller = absolute(asked.shop), os.environ.get(CALLER, "")
    if not is_stored(asked.shop):
        data = shop.files[0].parent if shop.files else Path()
        return ReadTask(number, replace(asked, shop=shop), data, caller)
    folder = shop.files[0].parent
    return ReadTask(number, replace(asked, shop=shop), folder.parents[1], caller, origin_of(folder) or "")


def read_there(task: ReadTask) -> Seen:
    """The answer of a worker, from the shop's files in a process of their own, or the error."""
    from cancel_analysis.report.notebook.workers import Workers

    begin(task.caller)
    with private_folder(Path(tempfile.gettempdir()), "cancel-analysis-worker-") as private:
        try:
            shop = on_this_machine(task.asked.shop, task.data, task.origin, (), private)
            asked = replace(task.asked, shop=shop)
            work = private / "work"
            work.mkdir()
            seen: Seen = look_up(asked) or Workers().call(read_shop, asked, work=work)
        except CancelAnalysisError as error:
            return Seen(task.asked, error=error)
    return seen
