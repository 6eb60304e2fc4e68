"""All files of a shop → one set of tables, each file recognised by its content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cancel_analysis.catalog.mapping.forms import FileMapping
from cancel_analysis.catalog.mapping.mappings import read_mapping
from cancel_analysis.catalog.shops import DATA_SUFFIXES, ShopSettings
from cancel_analysis.errors import WrongFileError, option
from cancel_analysis.loaders.api.load import load_named
from cancel_analysis.loaders.mapped import load as mapped_load
from cancel_analysis.loaders.mapped.rows import fits_mapping, fitting_mappings, mapping_fit, most_known
from cancel_analysis.loaders.operations import load_kind
from cancel_analysis.loaders.parsing import operations
from cancel_analysis.loaders.parsing.columns import LAYOUTS, ORDERS, RETURNS, Layout, match
from cancel_analysis.loaders.parsing.intake import ExportIntake, OperationsIntake, ShopIntake, named_files
from cancel_analysis.loaders.parsing.json_files import SUFFIXES
from cancel_analysis.loaders.parsing.recognition import WHERE, fit, mostly, recognise
from cancel_analysis.loaders.parsing.sources import Source, open_source
from cancel_analysis.loaders.statements import Statements, gather, whole
from cancel_analysis.loaders.tiktok_export import load_sources


def load_shop(shop: ShopSettings) -> ShopIntake:
    """Everything in `shop.files`, each file recognised by its content.

    CSV and XLSX by their header: order and return exports, stock log, stock snapshots, tracking
    events; JSON by its objects. Raises WrongFileError for a file that is none of these, when
    nothing in them is an order, and when there is no file.
    """
    found = read_statements(shop)
    if "orders" not in found.tables:
        count = len(named_files(list(shop.files)))
        raise WrongFileError(
            f"the only file of shop {shop.id!r} is no order export and holds no orders of the API"
            if count == 1
            else f"none of the {count} files of shop {shop.id!r} is an order export or holds orders of the API",
            remedy=f"Add one from {WHERE['orders']}",
        )
    return whole(found)


def read_statements(shop: ShopSettings) -> Statements:
    """What the files of a shop say, table by table; there may be no orders among them. Errors as `load_shop`."""
    if not shop.files:
        raise WrongFileError(
            f"shop {shop.id!r} has no {', '.join(DATA_SUFFIXES)} file",
            remedy=f"Nothing matches {', '.join(shop.patterns) or 'its files'}; put its exports there, "
            "or mend 'files' in shops.yaml",
        )
    named = named_files(list(shop.files))
    if shop.mapping_file is not None:
        return _load_mapped(shop, named, read_mapping(shop.mapping_file))
    saved = [file for file in named if file[0].suffix.lower() in SUFFIXES]
    orders: list[Source] = []
    returns: list[Source] = []
    others: dict[str, list[Source]] = {name: [] for name in operations.KINDS}
    for path, label in named:
        if path.suffix.lower() in SUFFIXES:
            continue
        source = open_source(path, lambda header: max(fit(header), operations.fit(header)), label)
        kind = _kind(source)
        if kind is None:
            (orders if _recognised(source) is ORDERS else returns).append(source)
        else:
            others[kind.name].append(source)
    exports = ExportIntake(
        load_sources(orders, ORDERS, shop) if orders else None,
        load_sources(returns, RETURNS, shop) if returns else None,
    )
    api = load_named(saved, shop) if saved else None
    loaded = {name: load_kind(operations.KINDS[name], sources, shop) for name, sources in others.items() if sources}
    return gather(exports, api, OperationsIntake(**loaded))


def _load_mapped(shop: ShopSettings, named: Sequence[tuple[Path, str]], mapping: FileMapping) -> Statements:
    """A shop of another platform: its orders and returns by the mapping, and what its own systems say."""
    mapped: list[tuple[Path, str]] = []
    fitting: dict[str, Source] = {}
    others: dict[str, list[Source]] = {name: [] for name in operations.KINDS}
    for path, label in named:
        source = open_source(path, lambda header: max(mapping_fit(header, mapping), operations.fit(header)), label)
        kind = None if fits_mapping(source.header, mapping) else operations.recognise(source.header, source.label)
        if kind is None:
            mapped.append((path, label))
            if fits_mapping(source.header, mapping):
                # A workbook is not read twice.
                fitting[label] = source
        else:
            others[kind.name].append(source)
    loaded = {name: load_kind(operations.KINDS[name], sources, shop) for name, sources in others.items() if sources}
    return gather(mapped_load.load_named(mapped, shop, mapping, fitting), None, OperationsIntake(**loaded))


def _recognised(source: Source) -> Layout:
    """The layout of an export; the error for a stranger names the shipped mapping that fits, or how to write one."""
    try:
        return recognise(source).layout
    except WrongFileError as error:
        if any(mostly(match(source.header, layout)) for layout in LAYOUTS):
            raise
        fitting = fitting_mappings(source.header)
        advice = (
            f"The shipped mapping {fitting[0]!r} fits it: {option('mapping', fitting[0])}, or 'mapping' in shops.yaml"
            if fitting
            else "A file of another platform or house is read by a mapping; this drafts one: cancel-analysis mapping "
            f"{source.label!r}"
        )
        raise WrongFileError(error.what, place=error.place, remedy=f"{error.remedy}\n  {advice}") from error


def _kind(source: Source) -> operations.Kind | None:
    """The kind of operations file that a source is; None for an export, and for a stranger."""
    if any(mostly(match(source.header, layout)) for layout in LAYOUTS):
        return None
    kind = operations.recognise(source.header, source.label)
    # A sales report has a SKU, a day and a quantity, as a stock log has; what knows more of its columns is right.
    if kind is not None and most_known(source.header) > operations.fit(source.header):
        return None
    return kind
