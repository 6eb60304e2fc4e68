"""What loading gives: canonical tables, each with the account of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders.parsing.account import Account
from cancel_analysis.loaders.parsing.archives import SUFFIX, unpack


@dataclass(frozen=True)
class Intake:
    """One canonical table and the account of its rows."""

    table: pd.DataFrame
    account: Account


@dataclass(frozen=True)
class ExportIntake:
    """What the exports of a shop hold: ORDER_LINES and RETURNS; None where there is no such file."""

    orders: Intake | None = None
    returns: Intake | None = None


@dataclass(frozen=True)
class ApiIntake:
    """What saved API responses hold: ORDER_LINES, CANCEL_REQUESTS and RETURNS; None where no file speaks of them.

    `left_out` are the orders that the API itself calls samples or replacements.
    """

    orders: Intake | None = None
    requests: Intake | None = None
    returns: Intake | None = None
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OperationsIntake:
    """What the seller's own systems say: STOCK_LOG, STOCK_SNAPSHOTS and TRACKING_EVENTS; None without a file."""

    stock_log: Intake | None = None
    stock_snapshots: Intake | None = None
    tracking: Intake | None = None


@dataclass(frozen=True)
class ShopIntake:
    """Everything of one shop; what no file speaks of is None."""

    orders: Intake
    returns: Intake | None = None
    requests: Intake | None = None
    stock_log: Intake | None = None
    stock_snapshots: Intake | None = None
    tracking: Intake | None = None

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts of all tables there are, orders first."""
        tables = (self.orders, self.returns, self.requests, self.stock_log, self.stock_snapshots, self.tracking)
        return tuple(intake.account for intake in tables if intake is not None)


def named_files(paths: str | Path | Sequence[str | Path]) -> list[tuple[Path, str]]:
    """Each file once, with the name people call it: with its folder where two files share a name.

    An archive stands for the tables in it.

    Raises WrongFileError when no file is given.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    if not given:
        raise WrongFileError("no file was given", remedy="Name at least one file.")
    unique = list({Path(path).resolve(): Path(path) for path in given}.values())
    names = Counter(path.name for path in unique)
    named = [
        (path, path.name if names[path.name] == 1 else f"{path.resolve().parent.name}/{path.name}") for path in unique
    ]
    return [file for path, label in named for file in _unpacked(path, label)]


def _unpacked(path: Path, label: str) -> list[tuple[Path, str]]:
    return unpack(path, label) if path.suffix.lower() == SUFFIX and path.is_file() else [(path, label)]
