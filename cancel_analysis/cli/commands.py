"""The command `cancel-analysis`: report, brief, portfolio, send, ingest, check, mapping, limits, doctor, sample,
cache, and those of `remedies`.

Exit status: 0 all is well, 1 something failed (each failure is named), 2 wrong usage or settings.
Heavy imports stand inside the commands, so that help and mistakes answer at once.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from cancel_analysis.cli import files as file_commands
from cancel_analysis.cli import pages, remedies, sending
from cancel_analysis.cli.console import (
    Waiting,
    Working,
    complain,
    out,
    say,
    show_findings,
    show_ingested,
    show_result,
    show_steps,
    show_usage,
    warn,
)
from cancel_analysis.cli.options import (
    NOT_GIVEN,
    REPORTS,
    SAMPLE,
    DataOption,
    FormatsOption,
    Given,
    OutOption,
    RendererOption,
    SchedulerOption,
    ShopsOption,
    WeekOption,
    WorkersOption,
    cluster_of,
    data_folder,
    folder_of,
    shops_of,
    with_given,
    words_of,
)
from cancel_analysis.errors import (
    CALLER,
    COMMAND,
    CancelAnalysisError,
    CancelAnalysisWarning,
    SettingsError,
)
from cancel_analysis.report.private import ended_by_sigterm


class Commands(TyperGroup):
    """Turns this package's errors into a message and an exit status."""

    def invoke(self, ctx: Any) -> Any:
        before = os.environ.get(CALLER, "")
        # Messages then name options, not arguments of Python; processes that are started here inherit it.
        os.environ[CALLER] = COMMAND
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("default", CancelAnalysisWarning)
                warnings.showwarning = lambda message, *_, **__: warn(message)
                return super().invoke(ctx)
        except CancelAnalysisError as error:
            if ctx.params.get("debug"):
                raise
            complain(error)
            raise typer.Exit(2 if isinstance(error, SettingsError) else 1) from error
        finally:
            os.environ[CALLER] = before


app = typer.Typer(
    cls=Commands,
    name="cancel-analysis",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Panels and colours of the help would take twice the time of everything else that it needs.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command with `arguments` (default: those of the process) and leave with its status."""
    atexit.register(_leave_garbage)
    with ended_by_sigterm():
        app(args=None if arguments is None else list(arguments), prog_name="cancel-analysis")
    raise SystemExit(0)


def _leave_garbage() -> None:
    """At the end all goes with the process: to look for garbage before takes a tenth of a second."""
    # DuckDB tells of whatever is left over.
    if "duckdb" not in sys.modules:
        gc.freeze()


def _version(wanted: bool) -> None:
    if wanted:
        from cancel_analysis.version import __version__

        out.print(f"cancel-analysis {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole trace of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Why orders were cancelled and returned, whose fault it was, and what to do: one report a shop and week."""


@app.command(short_help="Make the reports of a week and their index page.")
@with_given
def report(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Export files of one shop, instead of --data; with --market.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help=f"Folder with shops.yaml or of one shop (with --market), or a dataset. (default: {SAMPLE})",
            parser=data_folder,
            metavar="<path>",
        ),
    ] = None,
    shops: ShopsOption = "",
    week: WeekOption = "latest",
    formats: FormatsOption = "html,pdf",
    appendix: Annotated[
        bool, typer.Option("--appendix", help="Add the evidence as a second PDF (8 pages at most).")
    ] = False,
    renderer: RendererOption = "auto",
    lang: Annotated[str, typer.Option(help="Language of the reports. (default: each shop's own)")] = "",
    brand: Annotated[Path | None, typer.Option(help="Who issues them, a brand.yml. (default: each shop's own)")] = None,
    jobs: Annotated[int | None, typer.Option(help="Reports made side by side. (default: all cores)")] = None,
    scheduler: SchedulerOption = "",
    workers: WorkersOption = None,
    folder: OutOption = REPORTS,
    given: Given = NOT_GIVEN,
    period_days: Annotated[int, typer.Option(help="Days that the breakdown covers, 1 to 366.")] = 30,
    category: Annotated[str, typer.Option(help="Break down this product category only.")] = "",
    product: Annotated[str, typer.Option(help="Break down this product only: its title or an id.")] = "",
    notebook: Annotated[
        Path | None, typer.Option(help="A report notebook of your own (see new-notebook), instead of the shipped one.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Make reports again that have not changed.")] = False,
    timings: Annotated[bool, typer.Option("--timings", help="Say how long each step of each report took.")] = False,
) -> None:
    """Make the reports of a week: one page, one PDF and their figures for each shop, and an index page."""
    from cancel_analysis.report import MANIFEST
    from cancel_analysis.report.notebook import fork_server

    folder = folder.expanduser()
    if not (scheduler or workers) and (force or not (folder / MANIFEST).is_file()):
        # There is something to make, so what makes it is loaded while it is seen what.
        fork_server.begin()
    from cancel_analysis.catalog.words import BASE, words
    from cancel_analysis.cli.brand import issued
    from cancel_analysis.report import batch
    from cancel_analysis.report.plan import plan
    from cancel_analysis.steps import collected, timed
    from cancel_analysis.weeks import MOST_DAYS

    if not 1 <= period_days <= MOST_DAYS:
        raise SettingsError(f"--period-days must be from 1 to {MOST_DAYS}, not {period_days}")
    with cluster_of(scheduler, workers, renderer) as cluster:
        with Working() as working, collected(working.tell) as planning, timed("plan"):
            place, found, known = shops_of(files, data, folder, given)
            planned = plan(
                issued(found.shops, brand),
                place,
                week,
                only=words_of(shops),
                wrong=found.wrong,
                language=lang or None,
                formats=words_of(formats),
                appendix=appendix,
                notebook=notebook,
                parameters={"period_days": period_days, "category": category, "product": product},
                side_by_side=jobs,
                cluster=cluster,
            )
        spoken = {job.language for job in planned}
        said = words(lang or (spoken.pop() if len(spoken) == 1 else BASE))
        with Waiting(len(planned), said) as waiting:
            result = batch.run(
                planned, folder, jobs, renderer=renderer, shops=known, again=force, progress=waiting.advance,
                cluster=cluster,
            )  # fmt: skip
    show_result(result, said)
    if timings:
        made = {outcome.job.shop.id: outcome.steps for outcome in result.outcomes if outcome.steps}
        show_steps({"before all": planning, **made})
    if result.exit_status:
        raise typer.Exit(result.exit_status)


app.command(short_help="Make the morning brief over all shops.")(pages.brief)
app.command(short_help="Make the page over all shops, the worst first.")(pages.portfolio)
app.command(short_help="Send a short text of them to a chat or by mail.")(sending.send)


@app.command(short_help="Keep what files say in a dataset, for good.")
def ingest(
    into: Annotated[str, typer.Option("--into", help="The dataset: a folder, or an address such as s3://bucket/name.")],
    data: DataOption = Path(SAMPLE),
    shops: ShopsOption = "",
    jobs: Annotated[int | None, typer.Option(help="Shops read side by side. (default: all cores)")] = None,
) -> None:
    """Keep what shops' files say in a dataset, as Parquet by shop and month; files that were read change nothing."""
    from cancel_analysis.catalog.shops import read_shop_list
    from cancel_analysis.dataset.addresses import make
    from cancel_analysis.report.ingesting import ingest as ingest_shops
    from cancel_analysis.report.side_by_side import checked_count
    from cancel_analysis.steps import collected

    found = read_shop_list(folder_of(data)).named(words_of(shops))
    count = checked_count(jobs)
    dataset = make(into)
    with Working("files") as working, collected(working.tell):
        outcomes = ingest_shops(found, dataset, count)
    show_ingested(outcomes, into)
    if any(outcome.error for outcome in outcomes):
        raise typer.Exit(1)


@app.command("new-notebook", short_help="Make a report notebook of your own.")
def new_notebook(
    name: Annotated[str, typer.Argument(help="What the notebook is to be called.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder for notebooks of your own.")] = Path("my_notebooks"),
    template: Annotated[str, typer.Option(help="What it starts from: shop_report or start_here.")] = "shop_report",
) -> None:
    """Make a report notebook of your own from the shipped one; report --notebook uses it."""
    from cancel_analysis.report.notebook.template import new_notebook as copy

    path = copy(folder.expanduser() / name, template)
    say(f"Made {path}")
    if template == "shop_report":
        say(f"Make reports with it: cancel-analysis report --notebook {path}")


app.command(short_help="Say what was understood of export files.")(file_commands.check)
app.command("mapping", short_help="Draft a mapping from a file of another house.")(file_commands.draft)


@app.command(short_help="Say which limits are in force in a market.")
def limits(
    market: Annotated[str, typer.Option(help="The market (US, GB, TH …).")],
    day: Annotated[str, typer.Option("--date", help="The day, YYYY-MM-DD. (default: today)")] = "",
    cross_border: Annotated[bool, typer.Option("--cross-border", help="With those for cross-border shops.")] = False,
) -> None:
    """Say which limits and deadlines are in force in a market on a day, since when, from where, and how sure."""
    from datetime import date

    from cancel_analysis.catalog.markets import market as find_market
    from cancel_analysis.catalog.words import words
    from cancel_analysis.cli.limits import deadlines_in_force, limits_in_force, read_day, scores

    on = read_day(day) if day else date.today()
    text = words("en")
    say(text("limits.heading", market=find_market(market).name, day=str(on)), "bold")
    sections = (
        ("limits", limits_in_force(market, on, cross_border=cross_border)),
        ("deadlines", deadlines_in_force(market, on)),
        ("scores", scores(market)),
    )
    for name, entries in sections:
        out.print()
        say(text(f"limits.section_{name}"), "bold")
        if not entries:
            say(text("limits.none"))
        for entry in entries:
            say(f"• {entry.title}", "yellow" if entry.stale else "")
            for line in entry.lines:
                say(f"    {line}", "dim")


app.command(short_help="Say which cancellations can be appealed.")(remedies.appeals)
app.command(short_help="Say what the platform scores, and how far the next step is.")(remedies.standing)
app.command(short_help="Say why the platform shows another figure.")(remedies.reconcile)


@app.command(short_help="Say what this machine has and what it lacks.")
def doctor(
    folder: Annotated[str, typer.Option("--out", help="Folder for finished reports.")] = "reports/out",
) -> None:
    """Say what this machine has and what it lacks, and what each lack costs."""
    from cancel_analysis.cli.doctor import able, examine

    findings = examine(folder)
    show_findings(findings)
    if not able(findings):
        complain("reports cannot be made here until what is marked ✗ is mended")
        raise typer.Exit(1)
    say("Reports can be made here.", "green")


@app.command(short_help="Make the synthetic sample shops again.")
def sample(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; an older sample in it is replaced.")] = Path(
        SAMPLE
    ),
) -> None:
    """Make the synthetic sample shops again, byte for byte the same."""
    from cancel_analysis.sample import make_sample

    folder = folder.expanduser()
    # Files of the same names would be written over: only an empty folder or an older sample is safe.
    if folder.exists() and not _is_sample(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(f"{folder} holds files that are no sample; name a folder that is empty or not there")
    written = make_sample(folder)
    size = sum(path.stat().st_size for path in written) / 1e6
    say(f"{len(written)} files, {size:.1f} MB, in {folder}", "green")


@app.command(short_help="Say what is kept of files that were read.")
def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all that is kept.")] = False,
) -> None:
    """Say what is kept of files that were read, how much and where; nothing of it is needed, it saves time."""
    from cancel_analysis.store.entries import open_store
    from cancel_analysis.store.place import FOLDER

    store = open_store()
    if store is None:
        say(f"Nothing is kept: {FOLDER} is set to 'off', or there is no home folder")
        return
    show_usage(store.clear() if clear else store.usage())
    if clear:
        say("All of it was removed.", "green")


def _is_sample(folder: Path) -> bool:
    from cancel_analysis.catalog.shop_settings import SETTINGS_FILE
    from cancel_analysis.catalog.shops import read_shops

    try:
        return (folder / SETTINGS_FILE).is_file() and all(shop.synthetic for shop in read_shops(folder))
    except SettingsError:
        return False


if __name__ == "__main__":
    main()
