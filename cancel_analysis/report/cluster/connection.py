"""A connection to a Dask scheduler, or workers of one's own on this machine, opened when it is first needed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import cached_property
from types import TracebackType
from typing import Any

from cancel_analysis.errors import SettingsError
from cancel_analysis.report.cluster.members import Members

# What a scheduler that is there takes to answer, on a busy machine too.
CONNECT_SECONDS = 20
# A scheduler that is gone does not say goodbye.
CLOSE_SECONDS = 3


class Cluster:
    """A cluster within a `with`; where nothing is to be made on it, it is not opened and Dask is not loaded.

    `name` is what messages call its scheduler, `program` the renderer ("quarto" or "builtin") that workers must have.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[Any]], name: str, program: str) -> None:
        self._opened, self.name, self._program = opened, name, program
        self._open = ExitStack()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, to: TracebackType | None) -> None:
        self._open.close()

    @cached_property
    def client(self) -> Any:
        """Dask's own client. Raises SettingsError where Dask is not installed, and where no scheduler answers."""
        return self._open.enter_context(self._opened())

    @cached_property
    def members(self) -> Members:
        """The workers that may be used; looked at for the first time by whoever asks."""
        return Members(self.client, self._program)


def at_scheduler(address: str, program: str) -> Cluster:
    """The cluster of the scheduler at `address`; SettingsError for what is no address."""
    if "://" not in address:
        raise SettingsError(f"a scheduler's address is like tcp://host:8786, not {address!r}")
    return Cluster(lambda: _connected(address), f"the scheduler at {address}", program)


def of_own(count: int, program: str) -> Cluster:
    """`count` worker processes on this machine, which end with it; SettingsError below 1."""
    if count < 1:
        raise SettingsError(f"workers must be 1 or more, not {count}")
    return Cluster(lambda: _started(count), "the scheduler of this run", program)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    distributed = _dask()
    with _quiet():
        try:
            client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False, name="cancel-analysis")
        except (OSError, TimeoutError, ValueError) as error:
            raise SettingsError(
                f"no Dask scheduler answers at {address} ({type(error).__name__}); "
                "start one there with: dask scheduler, and name the address that it prints"
            ) from error
        try:
            yield client
        finally:
            _close(client)


@contextmanager
def _started(count: int) -> Iterator[Any]:
    distributed = _dask()
    with _quiet():
        cluster = distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            # Without one Dask takes a port of its choice, and warns where another cluster has it.
            dashboard_address="127.0.0.1:0",
            # A notebook has a process of its own, whose memory a worker does not see.
            memory_limit=None,
            silence_logs=logging.CRITICAL,
        )
        try:
            client = distributed.Client(cluster, timeout=CONNECT_SECONDS, set_as_default=False)
            try:
                yield client
            finally:
                _close(client)
        finally:
            with suppress(Exception):
                cluster.close(timeout=CLOSE_SECONDS)


def _close(client: Any) -> None:
    """End a connection; what is wrong with a scheduler that is gone has been told."""
    with suppress(Exception):
        client.close(timeout=CLOSE_SECONDS)


def _dask() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise SettingsError(
            "a cluster needs the package distributed, which is not installed: pip install 'cancel-analysis[cluster]'"
        ) from error
    return distributed


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Dask's own messages: what a loss means for the reports is told in words of this package."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
