"""The commands of the two pages over all shops: the morning brief and the portfolio.

Heavy imports stand inside the commands, as in `commands`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cancel_analysis.cli.console import Working, show_page, show_steps
from cancel_analysis.cli.options import (
    NOT_GIVEN,
    REPORTS,
    SAMPLE,
    DataOption,
    FormatsOption,
    Given,
    OutOption,
    RendererOption,
    ShopsOption,
    WeekOption,
    shops_of,
    with_given,
    words_of,
)

Language = Annotated[str, typer.Option("--lang", help="Language of the page.")]
Brand = Annotated[
    Path | None, typer.Option("--brand", help="Who issues it, a brand.yml. (default: what all shops have)")
]
Timings = Annotated[bool, typer.Option("--timings", help="Say how long each step took.")]


@with_given
def brief(
    data: DataOption = Path(SAMPLE),
    day: Annotated[str, typer.Option(help="Day that it is about, YYYY-MM-DD, or latest in the data.")] = "latest",
    shops: ShopsOption = "",
    formats: FormatsOption = "html,pdf",
    renderer: RendererOption = "auto",
    lang: Language = "en",
    brand: Brand = None,
    folder: OutOption = REPORTS,
    given: Given = NOT_GIVEN,
    timings: Timings = False,
) -> None:
    """Make the morning brief: all shops' yesterday on one page, and as a text for a chat."""
    _page("brief", data, given, folder, formats, renderer, lang, {"day": day, "shops": shops}, timings, brand)


@with_given
def portfolio(
    data: DataOption = Path(SAMPLE),
    week: WeekOption = "latest",
    shops: ShopsOption = "",
    formats: FormatsOption = "html,pdf",
    renderer: RendererOption = "auto",
    lang: Language = "en",
    brand: Brand = None,
    folder: OutOption = REPORTS,
    given: Given = NOT_GIVEN,
    timings: Timings = False,
) -> None:
    """Make the page over all shops: the worst first, causes across them, who moved since last week."""
    _page("portfolio", data, given, folder, formats, renderer, lang, {"week": week, "shops": shops}, timings, brand)


def _page(
    name: str,
    data: Path,
    given: Given,
    folder: Path,
    formats: str,
    renderer: str,
    lang: str,
    parameters: dict[str, str],
    timings: bool,
    brand: Path | None,
) -> None:
    from cancel_analysis.report.notebook import fork_server

    # What makes the page is loaded while it is seen of what.
    fork_server.begin()
    from cancel_analysis.cli.brand import shared
    from cancel_analysis.report import pages

    folder = folder.expanduser()
    place, shops, _ = shops_of(None, data, folder, given)
    # Said before a notebook is run: a name that no shop has, and that all that are asked for are wrong.
    shops.named(words_of(parameters["shops"]))
    planned = pages.page(
        name, place, language=lang, formats=words_of(formats), parameters=dict(parameters),
        brand_file=shared(shops.shops, brand),
    )  # fmt: skip
    with Working("files") as working:
        made = pages.make(planned, folder, renderer=renderer, progress=working.tell)
    show_page(made)
    if timings:
        show_steps({name: made.steps})
    if made.failed:
        raise typer.Exit(1)
