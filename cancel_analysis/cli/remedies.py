"""Commands about what a seller can do: appeals, standing, reconcile.

Heavy imports stand inside the commands, as in `commands`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cancel_analysis.cli.console import say, show_frame
from cancel_analysis.cli.options import (
    NOT_GIVEN,
    SAMPLE,
    DataOption,
    Given,
    RendererOption,
    ShopOption,
    WeekOption,
    folder_of,
    with_given,
)
from cancel_analysis.weeks import LATEST

if TYPE_CHECKING:
    from cancel_analysis.explore.results import Result
    from cancel_analysis.explore.shop import Shop

Language = Annotated[str, typer.Option("--lang", help="Language of what is said. (default: the shop's own)")]


@with_given
def appeals(
    data: DataOption = Path(SAMPLE),
    shop: ShopOption = "",
    week: WeekOption = "latest",
    given: Given = NOT_GIVEN,
    folder: Annotated[Path, typer.Option("--out", help="Folder for the page and the workbook.")] = Path("reports/out"),
    renderer: RendererOption = "auto",
    lang: Language = "",
) -> None:
    """Say which seller-fault cancellations can be appealed, on what ground; write a page and a workbook of them."""
    from cancel_analysis.report.remedies import make, said_of
    from cancel_analysis.report.show.workbook import write_workbook
    from cancel_analysis.sections.remedies import on_page, whole

    opened = _opened(data, shop, given, week=week, language=lang)
    found = opened.appeals
    for line in found.text.splitlines():
        say(line)
    if not found.tables:
        return
    stem = folder.expanduser() / f"appeals-{opened.study.shop.slug}-{opened.week}"
    book = stem.with_name(f"{stem.name}.xlsx")
    parts = whole(opened.study)
    written = write_workbook(book, opened.study, said_of(parts), parts)
    shown = on_page(opened.study, parts, sheets=book.name)
    page = make(opened.study, stem.with_name(f"{stem.name}.html"), "appeals", shown, renderer=renderer)
    _say_written(opened.study.shop.language, page, written)


@with_given
def reconcile(
    shown: Annotated[str, typer.Option(help="The percentage as the platform prints it: 5.4")],
    metric: Annotated[str, typer.Option(help="The rate that it is said to be. (default: the seller-fault one)")] = "",
    day: Annotated[str, typer.Option("--date", help="The day of the figure, YYYY-MM-DD. (default: the last)")] = "",
    window: Annotated[int | None, typer.Option(help="The days that the dashboard names, where it does.")] = None,
    data: DataOption = Path(SAMPLE),
    shop: ShopOption = "",
    given: Given = NOT_GIVEN,
    folder: Annotated[Path | None, typer.Option("--out", help="Folder for a page and a workbook of it.")] = None,
    renderer: RendererOption = "auto",
    lang: Language = "",
) -> None:
    """Say why the platform shows another figure: the definitions that give what it shows, and the orders between."""
    from cancel_analysis.benchmarks.reconcile import RECONCILED

    opened = _opened(data, shop, given, language=lang)
    found = opened.reconcile(shown, metric or RECONCILED, date=day, window=window)
    _show(found)
    if folder is None:
        return
    from cancel_analysis.exhibits.kinds import Section
    from cancel_analysis.report.remedies import make
    from cancel_analysis.report.show.workbook import write_workbook
    from cancel_analysis.sections.remedies import short
    from cancel_analysis.sections.voice import speaker

    stem = folder.expanduser() / f"reconcile-{opened.study.shop.slug}-{day or opened.as_of}"
    book = stem.with_name(f"{stem.name}.xlsx")
    section = short(Section("reconcile", found.exhibits), book.name)
    parts = {speaker(opened.study).words("remedies.reconcile"): section}
    written = write_workbook(book, opened.study, found.text, parts)
    page = make(opened.study, stem.with_name(f"{stem.name}.html"), "reconcile", parts, renderer=renderer)
    _say_written(opened.study.shop.language, page, written)


@with_given
def standing(
    data: DataOption = Path(SAMPLE),
    shop: ShopOption = "",
    week: WeekOption = "latest",
    given: Given = NOT_GIVEN,
    lang: Language = "",
) -> None:
    """Say what the platform scores, what the files can tell of it, and how many more cancellations to the next step."""
    opened = _opened(data, shop, given, week=week, language=lang)
    _show(opened.standing)


def _opened(data: Path, shop: str, given: Given, *, week: str = LATEST, language: str = "") -> Shop:
    """The shop that a command is about; one that no shops.yaml knows is called as `given` says."""
    from cancel_analysis.explore.opening import open_shop

    return open_shop(
        folder_of(data), shop or given.name, week=week, language=language, market=given.market, mapping=given.mapping,
        date_order=given.date_order, currency=given.currency, timezone=given.timezone,
    )  # fmt: skip


def _say_written(language: str, *paths: Path) -> None:
    from cancel_analysis.catalog.words import words

    for path in paths:
        say(words(language)("terminal.written", path=str(path)), "green")


def _percent(share: float) -> str:
    """Two decimals, as the platform prints them at most; nothing for what is not known."""
    from cancel_analysis.exhibits.number_formats import NOTHING

    return NOTHING if share != share else f"{100 * share:.2f} %"


def _show(found: Result) -> None:
    """The sentences of a result and its tables as they stand on its page."""
    from cancel_analysis.exhibits.kinds import TableView

    for line in found.text.splitlines():
        say(line)
    for exhibit in found.exhibits:
        if isinstance(exhibit, TableView):
            columns = {column.name: column.label for column in exhibit.columns}
            percents = {column.name for column in exhibit.columns if column.kind == "percent"}
            rows = exhibit.frame.head(exhibit.most_rows)
            rows = rows.assign(**{name: [_percent(share) for share in rows[name]] for name in percents})
            show_frame(exhibit.caption, rows[list(columns)].rename(columns=columns))
