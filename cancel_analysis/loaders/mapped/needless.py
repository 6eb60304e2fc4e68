"""Files that need no mapping of one's own: what they are, and what to do with them."""

from __future__ import annotations

from pathlib import Path

from cancel_analysis.catalog.mapping.mappings import read_mapping
from cancel_analysis.errors import Place, WrongFileError
from cancel_analysis.loaders.api.load import kinds_in
from cancel_analysis.loaders.mapped.rows import fitting_mappings, most_known
from cancel_analysis.loaders.parsing import operations
from cancel_analysis.loaders.parsing.columns import LAYOUTS, RETURNS, match
from cancel_analysis.loaders.parsing.json_files import SUFFIXES
from cancel_analysis.loaders.parsing.recognition import fit
from cancel_analysis.loaders.parsing.sources import open_source


def no_mapping_needed(path: Path) -> str:
    """Why a file needs no mapping, and the command that reads it; empty for one that needs a mapping.

    Raises UnreadableFileError, and WrongFileError for JSON that is no answer of the API: mappings read tables.
    """
    label = path.name
    if path.suffix.lower() in SUFFIXES:
        if kinds := kinds_in(path, label):
            return _said(label, f"holds answers of the Partner API ({', '.join(kinds)})", "--market YOUR-MARKET")
        raise WrongFileError(
            "this JSON holds no orders, cancellations or returns of the Partner API, and a mapping reads tables only",
            place=Place(file=label),
            remedy="Save it as a table (.csv or .xlsx) with a row an order line.",
        )
    source = open_source(path, lambda header: max(fit(header), operations.fit(header), most_known(header)), label)
    for layout in LAYOUTS:
        if not match(source.header, layout).missing:
            if layout is RETURNS:
                return f"{label} is a {layout.title}: it needs no mapping. Put it beside the shop's order export."
            return _said(label, f"is a {layout.title}", "--market YOUR-MARKET")
    if fitting := fitting_mappings(source.header):
        title = read_mapping(fitting[0]).title
        return _said(label, f"fits the shipped mapping {fitting[0]!r} ({title})", f"--mapping {fitting[0]}")
    kind = operations.recognise(source.header, label)
    if kind is not None:
        return (
            f"{label} is a file of the seller's own systems ({kind.name.replace('_', ' ')}): it needs no mapping. "
            "Put it beside the shop's files of orders; it is read with them."
        )
    return ""


def _said(label: str, what: str, with_option: str) -> str:
    shown = f"'{label}'" if " " in label else label
    return (
        f"{label} {what}: it needs no mapping of its own.\n"
        f"  See what is understood:  cancel-analysis check {shown} {with_option}\n"
        f"  Make its report:         cancel-analysis report {shown} {with_option}"
    )
