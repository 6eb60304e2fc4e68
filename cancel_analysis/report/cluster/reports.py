"""Reports of a plan made on a cluster, published and noted by this process as if they had been made here."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cancel_analysis.dataset.addresses import origin_of_data
from cancel_analysis.errors import CALLER
from cancel_analysis.report import manifest, outcomes, publish
from cancel_analysis.report.cluster.connection import Cluster
from cancel_analysis.report.cluster.hand_out import ClusterLostError, HandOut
from cancel_analysis.report.cluster.tasks import Product, Task, absolute, make_product, unpack
from cancel_analysis.report.jobs import Job
from cancel_analysis.report.making import cause_of
from cancel_analysis.report.manifest import Entry
from cancel_analysis.report.outcomes import Outcome
from cancel_analysis.report.private import private_folder

if TYPE_CHECKING:
    from cancel_analysis.report.batch import ReportMaker

Ended = Callable[[tuple[Outcome, Entry]], None]


def make_reports(cluster: Cluster, jobs: Sequence[Job], make: ReportMaker, ended: Ended) -> None:
    """Make the reports of `jobs` on the cluster; `ended` hears of each, in this thread.

    Raises ClusterLostError, with how far it came, when the cluster goes away; SettingsError when no worker may be used.
    """
    good = []
    for job in jobs:
        if job.fault:
            ended(make.refused(job))
        else:
            good.append(job)
    done, planned = 0, {job.key: job for job in good}

    def took(result: tuple[Outcome, Entry]) -> None:
        nonlocal done
        done += 1
        ended(result)

    def came(task: Task, product: Product) -> None:
        took(_publish(planned[task.job.key], product, make))

    def failed(task: Task, error: BaseException) -> None:
        outcome = outcomes.failed(planned[task.job.key], cause_of(error))
        took((outcome, manifest.ended(make.line(outcome.job, ""), outcome)))

    hand_out = HandOut(cluster)
    try:
        hand_out.do_each(make_product, _tasks(good, make), came, failed)
    except ClusterLostError as error:
        raise ClusterLostError(
            f"{error}: {done:,} of {len(good):,} reports were made and stand; the same command makes the rest"
        ) from error


def _tasks(jobs: Sequence[Job], make: ReportMaker) -> list[Task]:
    notebooks = {path: path.read_bytes() for path in {job.notebook for job in jobs}}
    origins = {data: origin_of_data(data) or "" for data in {job.data for job in jobs}}
    caller = os.environ.get(CALLER, "")
    return [
        Task(
            replace(job, shop=absolute(job.shop)),
            notebooks[job.notebook],
            make.program,
            caller,
            make.timeout,
            origins[job.data],
            make.links(job),
        )
        for job in jobs
    ]


def _publish(job: Job, product: Product, make: ReportMaker) -> tuple[Outcome, Entry]:
    """Put a finished report in its place, in one step; it is the only thing that writes there."""
    line = make.line(job, product.inputs)
    outcome = outcomes.failed(job, product.error, product.seconds, product.steps)
    if product.ready is not None:
        try:
            place = publish.target(make.out, job.key)
            with private_folder(make.work, f"{job.shop.slug}-") as private:
                ready: Path = private / publish.READY
                ready.mkdir()
                unpack(product.files, ready)
                publish.put(ready, place, private)
        except Exception as error:  # a full disk, a folder that cannot be written: the other reports are told
            outcome = outcomes.failed(job, cause_of(error), product.seconds, product.steps)
        else:
            outcome = outcomes.made(job, product.seconds, place, product.ready, product.steps)
    return outcome, manifest.ended(line, outcome)
