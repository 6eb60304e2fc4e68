"""Options that several commands share: which shops are read, and what a shops.yaml would say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_type_hints

import typer

from cancel_analysis.errors import SettingsError

if TYPE_CHECKING:
    from cancel_analysis.catalog.shops import ShopList
    from cancel_analysis.report.cluster.connection import Cluster

SAMPLE = "data/sample"


def data_folder(text: str) -> Path:
    """The folder that --data names; an address (s3://bucket/name) is seen through its local copy."""
    if "://" not in str(text):
        return Path(text)
    from cancel_analysis.dataset.addresses import local

    return local(str(text))


# The same option of every command that reads shops.
DataOption = Annotated[
    Path,
    typer.Option(
        help="Folder with shops.yaml or of one shop (with --market), or a dataset.",
        parser=data_folder,
        metavar="<path>",
    ),
]
# Which shops, which week, and what is made.
ShopOption = Annotated[str, typer.Option(help="The shop's id.")]
ShopsOption = Annotated[str, typer.Option(help="Ids of the shops, comma between. (default: all)")]
WeekOption = Annotated[str, typer.Option(help="ISO week such as 2026-W46; latest is the last whole one.")]
FormatsOption = Annotated[str, typer.Option(help="html, pdf, or both with a comma between.")]
RendererOption = Annotated[str, typer.Option(help="auto (Quarto when it is there), quarto or builtin.")]
OutOption = Annotated[Path, typer.Option("--out", help="Folder for finished reports.")]
# Where reports are made, when not by this process.
SchedulerOption = Annotated[
    str, typer.Option("--scheduler", help="Make them on the Dask cluster of this scheduler, as tcp://host:8786.")
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", help="Make them on a Dask cluster of so many workers, started here.")
]
REPORTS = Path("reports/out")
# Below the output folder: settings of shops that only a command line knew.
OWN_SHOPS = ".shops"


class Given(NamedTuple):
    """What a command line says of a shop that no shops.yaml knows, as that file would say it; each an option."""

    market: Annotated[str, typer.Option(help="Market (US, GB, TH …) of files or a folder without shops.yaml.")] = ""
    name: Annotated[str, typer.Option(help="Name of that shop.")] = ""
    date_order: Annotated[str, typer.Option(help="dmy, mdy or ymd for that shop, where a file leaves it open.")] = ""
    mapping: Annotated[str, typer.Option(help="Read its files by this mapping: a shipped one, or a .yaml file.")] = ""
    currency: Annotated[str, typer.Option(help="Its currency (INR …), where the market does not say it.")] = ""
    timezone: Annotated[str, typer.Option(help="Its time zone (Asia/Kolkata …), where the market has none.")] = ""


NOT_GIVEN = Given()


def with_given(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of `Given` in the place of its argument `given`, which is made of them.

    Typer reads a command's options from its signature, so the signature is written out here once for all commands.
    """

    @wraps(command)
    def called(**values: Any) -> None:
        command(**{name: values.pop(name) for name in list(values) if name not in Given._fields}, given=Given(**values))

    hints = get_type_hints(Given, include_extras=True)
    options = [Parameter(name, Parameter.KEYWORD_ONLY, default="", annotation=hints[name]) for name in Given._fields]
    parameters: list[Parameter] = []
    for name, parameter in signature(command, eval_str=True).parameters.items():
        parameters += options if name == "given" else [parameter.replace(kind=Parameter.KEYWORD_ONLY)]
    called.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return called


def folder_of(data: Path | None) -> Path:
    """The folder of --data; without it the sample, which is there only in a clone of the project."""
    folder = Path(SAMPLE) if data is None else data.expanduser()
    if folder == Path(SAMPLE) and not folder.exists():
        raise SettingsError(
            f"no folder {SAMPLE} here: name the folder of your files with --data, or make the sample shops with: "
            "cancel-analysis sample"
        )
    return folder


def words_of(text: str) -> tuple[str, ...]:
    """The words of an option that takes several, comma between."""
    return tuple(part for part in (part.strip() for part in text.split(",")) if part)


def shops_of(
    files: list[Path] | None,
    data: Path | None,
    out_folder: Path,
    given: Given,
) -> tuple[Path, ShopList, set[str]]:
    """Where the shops' settings are, the shops, and the ids of all whose reports stay in the index."""
    from cancel_analysis.catalog.shops import read_shop_list
    from cancel_analysis.explore.own_files import expand, own_folder, own_shop, write_settings

    if files and data is not None:
        raise SettingsError("name either files or --data, not both")
    if not given.market and not given.mapping:
        if files:
            raise SettingsError("files that are named one by one need --market, for example --market US")
        if any(given):
            raise SettingsError(
                "--name, --date-order, --currency and --timezone go with --market; a shops.yaml says them itself"
            )
        place = folder_of(data)
        shops = read_shop_list(place)
        return place, shops, set(shops.ids)
    own = given._asdict()
    shop = own_shop(expand(files), **own) if files else own_folder(folder_of(data), **own)
    settings = write_settings(shop, out_folder / OWN_SHOPS)
    return settings, read_shop_list(settings), {path.name for path in settings.parents[1].iterdir()}


@contextmanager
def cluster_of(scheduler: str, workers: int | None, renderer: str) -> Iterator[Cluster | None]:
    """The cluster that the options name; None for neither. Nothing of it is loaded then."""
    if scheduler and workers is not None:
        raise SettingsError("name either --scheduler or --workers, not both")
    if not scheduler and workers is None:
        yield None
        return
    from cancel_analysis.report import render
    from cancel_analysis.report.cluster.connection import at_scheduler, of_own

    program = render.choose(renderer)
    with at_scheduler(scheduler, program) if scheduler else of_own(workers or 0, program) as cluster:
        yield cluster
