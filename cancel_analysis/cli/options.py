"""Options that several commands share: which shops are read, and what a shops.yaml would say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cancel_analysis.errors import SettingsError

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
# Those of a shop that no shops.yaml knows: what it would say there.
MarketOption = Annotated[str, typer.Option(help="Market (US, GB, TH …) of files or a folder without shops.yaml.")]
NameOption = Annotated[str, typer.Option(help="Name of that shop.")]
DateOrderOption = Annotated[str, typer.Option(help="dmy, mdy or ymd for that shop, where a file leaves it open.")]
MappingOption = Annotated[str, typer.Option(help="Read its files by this mapping: a shipped one, or a .yaml file.")]
CurrencyOption = Annotated[str, typer.Option(help="Its currency (INR …), where the market does not say it.")]
TimezoneOption = Annotated[str, typer.Option(help="Its time zone (Asia/Kolkata …), where the market has none.")]


def folder_of(data: Path | None) -> Path:
    """The folder of --data; without it the sample, which is there only in a clone of the project."""
    folder = Path(SAMPLE) if data is None else data.expanduser()
    if folder == Path(SAMPLE) and not folder.exists():
        raise SettingsError(
            f"no folder {SAMPLE} here: name the folder of your files with --data, or make the sample shops with: "
            "cancel-analysis sample"
        )
    return folder
