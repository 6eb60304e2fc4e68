"""Commands about what a seller can do: appeals, standing, reconcile.

Heavy imports stand inside the commands, as in `commands`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cancel_analysis.cli.console import say, show_frame

if TYPE_CHECKING:
    from cancel_analysis.explore.results import Result

SAMPLE = "data/sample"
Data = Annotated[Path, typer.Option(help="Folder with shops.yaml, or of one shop with --market.")]
Shop = Annotated[str, typer.Option(help="The shop's id.")]
Week = Annotated[str, typer.Option(help="ISO week such as 2026-W46; latest is the last whole one.")]
Market = Annotated[str, typer.Option(help="Market of a folder without shops.yaml.")]


def appeals(
    data: Data = Path(SAMPLE),
    shop: Shop = "",
    week: Week = "latest",
    market: Market = "",
    folder: Annotated[Path, typer.Option("--out", help="Folder for the workbook.")] = Path("reports/out"),
) -> None:
    """Say which seller-fault cancellations can be appealed, on what ground; write them as a workbook to work from."""
    from cancel_analysis.explore.opening import open_shop
    from cancel_analysis.explore.workbook import write_workbook

    opened = open_shop(data, shop, market=market, week=week)
    found = opened.appeals
    for line in found.text.splitlines():
        say(line)
    if found.tables:
        slug = opened.study.shop.slug
        path = folder.expanduser() / f"appeals-{slug}-{opened.week}.xlsx"
        say(f"Written to {write_workbook(path, opened.study, opened.verdict, {'appeals': found})}", "green")


def reconcile(
    shown: Annotated[str, typer.Option(help="The percentage as the platform prints it: 5.4")],
    metric: Annotated[str, typer.Option(help="The rate that it is said to be.")] = "seller_fault_cancellation_rate",
    day: Annotated[str, typer.Option("--date", help="The day of the figure, YYYY-MM-DD. (default: the last)")] = "",
    window: Annotated[int | None, typer.Option(help="The days that the dashboard names, where it does.")] = None,
    data: Data = Path(SAMPLE),
    shop: Shop = "",
    market: Market = "",
) -> None:
    """Say why the platform shows another figure: the definitions that give what it shows, and the orders between."""
    from cancel_analysis.explore.opening import open_shop

    _show(open_shop(data, shop, market=market).reconcile(metric, shown, date=day, window=window))


def standing(data: Data = Path(SAMPLE), shop: Shop = "", week: Week = "latest", market: Market = "") -> None:
    """Say what the platform scores, what the files can tell of it, and how many more cancellations to the next step."""
    from cancel_analysis.explore.opening import open_shop

    _show(open_shop(data, shop, market=market, week=week).standing)


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
            rows = rows.assign(**{name: [f"{100 * share:.2f} %" for share in rows[name]] for name in percents})
            show_frame(exhibit.caption, rows[list(columns)].rename(columns=columns))
