"""What a mapping understands of one file and what it does not, told by loading it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from cancel_analysis.catalog.mapping.forms import NEEDED, FileMapping
from cancel_analysis.catalog.mapping.mappings import read_mapping
from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.errors import WrongFileError
from cancel_analysis.loaders.mapped.load import load_named
from cancel_analysis.loaders.mapped.rows import open_mapped
from cancel_analysis.loaders.mapped.understanding import column_names
from cancel_analysis.loaders.parsing.account import understood_frame
from cancel_analysis.loaders.parsing.intake import named_files

# Where neither the shop nor the mapping says the market.
ANY_MARKET = "US"


def understood(
    path: str | Path,
    mapping: str | Path | FileMapping,
    shop: ShopSettings | None = None,
    beside: Sequence[str | Path] = (),
) -> pd.DataFrame:
    """A row for each thing found in the file or looked for: what, in_file, taken_as, rows, state, basis.

    `state` is `read`, `not read` (a column that the mapping leaves alone), `missing`, `stood in for`,
    `known` or `unknown` (a value that no rule and no catalog explains), `refused`; `basis` says how sure a known
    value is. Without a shop, market and currency are the mapping's. `beside` are the shop's other files: tables
    among them are joined, and what only all of them together can tell is among the rows. A table that is no
    file of orders has, without one beside it, its columns alone.
    Raises as `load_mapped` does for a file that does not fit.
    """
    found = mapping if isinstance(mapping, FileMapping) else read_mapping(mapping)
    shop = replace(shop or mapped_shop(found), refuse_limit=1.0)
    files = named_files([path, *beside])
    (label,) = (name for file, name in files if file.resolve() == Path(path).resolve())
    source, part, fit = open_mapped(Path(path), label, found)
    others = []
    for file, name in files:
        # A file that does not fit is told where it is loaded.
        with suppress(WrongFileError):
            others.append((open_mapped(file, name, found)[1].kind, file, name))
    if not any(kind == "orders" for kind, *_ in others):
        named = [
            (label, "columns", header, name, None, "read", "") for name, header in column_names(source, fit).items()
        ]
        return understood_frame(named).drop(columns="file")
    joined = {join.name for join in found.orders.joins}
    wanted = [
        (file, name) for kind, file, name in others if name == label or kind in joined or part.kind not in NEEDED
        or (part.kind == "returns" and kind == "orders")
    ]  # fmt: skip
    intake = load_named(wanted, shop, found)
    accounts = [intake.orders.account] + ([] if intake.returns is None else [intake.returns.account])
    frames = [account.understood for account in accounts]
    frame = pd.concat([one[(one["file"] == label) | one["file"].isna()] for one in frames], ignore_index=True)
    return frame.drop(columns="file")


def mapped_shop(mapping: FileMapping, **settings: Any) -> ShopSettings:
    """A shop without files that has only what a mapping says of it."""
    plain = {"id": mapping.name, "market": mapping.market or ANY_MARKET}
    own = {"currency": mapping.currency, "timezone": mapping.timezone}
    return make_shop({**plain, **{key: value for key, value in own.items() if value}, **settings})
