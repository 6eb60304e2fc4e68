"""The command `cancel-analysis`: report, check, doctor, sample.

Exit status: 0 all is well, 1 something failed (each failure is named), 2 wrong usage or settings.
Heavy imports stand inside the commands, so that help and mistakes answer at once.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from cancel_analysis.console import complain, out, say, show_findings, show_frame, show_intake, warn
from cancel_analysis.errors import CancelAnalysisError, CancelAnalysisWarning, SettingsError


class Commands(TyperGroup):
    """Turns this package's errors into a message and an exit status."""

    def invoke(self, ctx: Any) -> Any:
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


app = typer.Typer(
    cls=Commands,
    name="cancel-analysis",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command with `arguments` (default: those of the process) and leave with its status."""
    app(args=None if arguments is None else list(arguments), prog_name="cancel-analysis")
    raise SystemExit(0)


def _version(wanted: bool) -> None:
    if wanted:
        from cancel_analysis import __version__

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


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Export files (.csv, .xlsx), or a folder of them.")],
    market: Annotated[str, typer.Option(help="The shop's market (US, GB, TH …); a shops.yaml says it too.")] = "",
    shop: Annotated[str, typer.Option(help="Which shop of the shops.yaml beside or above the files.")] = "",
    date_order: Annotated[str, typer.Option(help="dmy, mdy or ymd, where a file leaves it open.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Fail on a reason that no catalog has.")] = False,
) -> None:
    """Say what was understood of export files: each row's fate, unknown values and reasons, refused rows."""
    from dataclasses import replace

    from cancel_analysis.attribution import attribute
    from cancel_analysis.loaders import load_shop
    from cancel_analysis.own_files import expand, shop_of

    found = shop_of(expand(files), market, shop, date_order)
    # Everything is looked at before a limit may stop it: this command is there to show what is wrong.
    intake = load_shop(replace(found, refuse_limit=1.0, strict=False))
    say(f"{found.name} · {found.market} · {found.currency} · {found.timezone}", "bold")
    parts = [part for part in (intake.orders, intake.returns) if part is not None]
    for part in parts:
        show_intake(part)
    returns = None if intake.returns is None else intake.returns.table
    attribution = attribute(intake.orders.table, returns, replace(found, strict=False))
    show_frame("Reasons that no catalog has, counted as unknown", attribution.unknown_reasons)
    show_frame("Requests that are no returns", attribution.not_returns)
    if attribution.open_requests:
        say(f"Requests that wait for an answer: {attribution.open_requests}")
    problems = [
        f"{part.account.refused:,} of {part.account.rows:,} rows of the {part.account.kind} were refused; "
        f"a report stops at more than {found.refuse_limit:.1%} (refuse_limit in shops.yaml)"
        for part in parts
        if part.account.refused > found.refuse_limit * part.account.rows
    ]
    if (strict or found.strict) and len(attribution.unknown_reasons):
        problems.append(f"{len(attribution.unknown_reasons)} reasons are in no catalog (strict)")
    out.print()
    for problem in problems:
        complain(problem)
    if problems:
        raise typer.Exit(1)
    say(f"These files can be reported on: {sum(part.account.used for part in parts):,} rows used.", "green")


@app.command()
def doctor(
    folder: Annotated[str, typer.Option("--out", help="Folder for finished reports.")] = "reports/out",
) -> None:
    """Say what this machine has and what it lacks, and what each lack costs."""
    from cancel_analysis.doctor import able, examine

    findings = examine(folder)
    show_findings(findings)
    if not able(findings):
        complain("reports cannot be made here until what is marked ✗ is mended")
        raise typer.Exit(1)
    say("Reports can be made here.", "green")


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; an older sample in it is replaced.")] = Path(
        "data/sample"
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


def _is_sample(folder: Path) -> bool:
    import yaml

    from cancel_analysis.shops import SETTINGS_FILE

    settings = folder / SETTINGS_FILE
    if not settings.is_file():
        return False
    try:
        content = yaml.safe_load(settings.read_text(encoding="utf-8"))
        return all(({**content.get("defaults", {}), **shop})["synthetic"] is True for shop in content["shops"])
    except (yaml.YAMLError, AttributeError, KeyError, TypeError):
        return False


if __name__ == "__main__":
    main()
