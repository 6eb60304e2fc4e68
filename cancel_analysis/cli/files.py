"""Commands about files: what was understood of them, and a first mapping for those of another house.

Heavy imports stand inside the commands, as in `commands`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cancel_analysis.cli.console import complain, out, say, show_frame, show_intake
from cancel_analysis.errors import SettingsError

if TYPE_CHECKING:
    from cancel_analysis.attribution.attribute import Attribution
    from cancel_analysis.loaders import Account
    from cancel_analysis.loaders.parsing.intake import ShopIntake

# Of the texts that are listed, one a line; those that nothing explains come first.
MOST_TEXTS = 12
UNEXPLAINED = "nothing explains it"
# What of an account's `understood` is a text with a meaning.
TEXTS = ("statuses", "sub statuses", "after-sale types", "initiators", "reasons", "return types")
# How sure a meaning is, as people read it.
SURE = {
    "mapping": "the mapping says so",
    "joined table": "a joined table says so",
    "catalog": "the catalog has it",
    "export": "seen in exports",
    "api": "official",
    "official": "official",
    "translation": "translation, not seen in a file",
    "third_party": "from others' lists",
    "unverified": "not verified",
    "code": "official code",
}


# What, the text, what it was taken as, on how many rows, how sure.
Told = tuple[str, str, str, int, str]


def check(
    files: Annotated[list[Path], typer.Argument(help="Export files (.csv, .xlsx), or a folder of them.")],
    market: Annotated[str, typer.Option(help="The shop's market (US, GB, TH …); a shops.yaml says it too.")] = "",
    shop: Annotated[str, typer.Option(help="Which shop of the shops.yaml beside or above the files.")] = "",
    date_order: Annotated[str, typer.Option(help="dmy, mdy or ymd, where a file leaves it open.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Fail on a reason that no catalog has.")] = False,
    mapping: Annotated[str, typer.Option(help="Read the files by this mapping: a shipped one, or a .yaml file.")] = "",
    currency: Annotated[str, typer.Option(help="Their currency (INR …), where the market does not say it.")] = "",
    timezone: Annotated[str, typer.Option(help="Their time zone (Asia/Kolkata …), where the market has none.")] = "",
) -> None:
    """Say what was understood of export files: what became of each row, texts and what they mean, refused rows."""
    from dataclasses import replace

    from cancel_analysis.attribution.attribute import attribute
    from cancel_analysis.explore.own_files import expand, shop_of
    from cancel_analysis.loaders import load_shop
    from cancel_analysis.loaders.parsing.account import not_understood, wrong_market

    found = shop_of(expand(files), market, shop, date_order, mapping, currency=currency, timezone=timezone)
    # Everything is looked at before a limit may stop it: this command is there to show what is wrong.
    intake = load_shop(replace(found, refuse_limit=1.0, strict=False))
    say(f"{found.name} · {found.market} · {found.currency} · {found.timezone}", "bold")
    for account in intake.accounts:
        show_intake(account)
        _show_columns(account)
    returns = None if intake.returns is None else intake.returns.table
    attribution = attribute(intake.orders.table, returns, replace(found, strict=False))
    _show_texts(intake, attribution)
    show_frame("Requests that are no returns", attribution.not_returns)
    if attribution.open_requests:
        say(f"Requests that wait for an answer: {attribution.open_requests}")
    problems = [
        f"{not_understood(account):,} of {account.rows:,} rows of the {account.kind.replace('_', ' ')} were refused; "
        f"a report stops at more than {found.refuse_limit:.1%} (refuse_limit in shops.yaml)"
        for account in intake.accounts
        if not_understood(account) > found.refuse_limit * account.rows
    ]
    problems += [wrong for account in intake.accounts if (wrong := wrong_market(account, found))]
    if not intake.orders.account.used:
        problems.append("no row of orders can be used: the files hold headers only, or nothing that can be read")
    if (strict or found.strict) and len(attribution.unknown_reasons):
        problems.append(f"{len(attribution.unknown_reasons)} reasons are in no catalog (strict)")
    out.print()
    for problem in problems:
        complain(problem)
    if problems:
        raise typer.Exit(1)
    say(f"These files can be reported on: {sum(account.used for account in intake.accounts):,} rows used.", "green")


def _show_columns(account: Account) -> None:
    """Which columns a mapping reads of its files; files that have the same ones are told together."""
    mine = account.understood[account.understood["what"] == "columns"]
    layouts: dict[tuple[tuple[str, str, str], ...], list[str]] = {}
    for file, columns in mine.groupby("file", sort=False):
        key = tuple(columns[["in_file", "taken_as", "state"]].itertuples(index=False, name=None))
        layouts.setdefault(key, []).append(str(file))
    for names in layouts.values():
        every = mine[mine["file"].isin(names)]
        read = every[every["state"] == "read"]
        frame = read.groupby(["in_file", "taken_as"], sort=False)["rows"].sum().astype("int64").reset_index()
        more = f", and {len(names) - 1:,} more with the same columns" if len(names) > 1 else ""
        frame = frame.rename(columns={"in_file": "in the file", "taken_as": "read as", "rows": "rows with a value"})
        show_frame(f"{names[0]}{more}: columns that are read", frame)
        for state, title in (("not read", "Not read"), ("stood in for", "Stood in for"), ("missing", "Not there")):
            names_of = "in_file" if state == "not read" else "taken_as"
            if listed := list(dict.fromkeys(every.loc[every["state"] == state, names_of])):
                say(f"{title}: {', '.join(listed)}", "dim")


def _show_texts(intake: ShopIntake, attribution: Attribution) -> None:
    """Texts of the files and what each was taken as: first what nothing explains, then the most frequent."""
    import pandas as pd

    every = [line for account in intake.accounts for line in _texts_of(account)]
    if not any(what == "reasons" and text for what, text, *_ in every):
        every += _reasons(attribution, "mapping" if every and _is_mapped(intake) else "code")
    items = attribution.items
    silent = items["reason"].eq("unknown") & items["reason_text"].isna() & items["reason_code"].isna()
    if silent.any():
        every.append(("reasons", "", "unknown", int(silent.sum()), "no reason is given"))
    if not every:
        return
    columns = ["what", "in the file", "taken as", "rows", "how sure"]
    frame = pd.DataFrame(every, columns=columns)
    groups = frame.groupby(["what", "in the file", "taken as", "how sure"], sort=False)["rows"].sum()
    frame = groups.reset_index()[columns]
    unknown = frame["how sure"].eq(UNEXPLAINED)
    frame = frame.assign(open=~unknown).sort_values(["open", "rows"], ascending=[True, False], kind="stable")
    frame = frame.drop(columns="open")
    show_frame("Texts and what they were taken as", frame.head(MOST_TEXTS))
    if (more := len(frame) - MOST_TEXTS) > 0:
        left = int(unknown.sum()) - MOST_TEXTS
        say(f"… and {more:,} more" + (f", {left:,} of them unknown" if left > 0 else ""), "dim")


def _texts_of(account: Account) -> Iterator[Told]:
    understood = account.understood
    texts = understood[understood["what"].isin(TEXTS) & understood["rows"].notna()]
    for line in texts.to_dict("records"):
        known = line["state"] == "known"
        if known or line["what"] == "reasons":
            sure = SURE.get(line["basis"], line["basis"]) if known else UNEXPLAINED
            yield line["what"], line["in_file"], line["taken_as"] or "unknown", int(line["rows"]), sure
    for line in account.unknown_values.to_dict("records"):
        yield line["column"], line["value"], line["taken_as"], int(line["count"]), UNEXPLAINED


def _is_mapped(intake: ShopIntake) -> bool:
    return bool(intake.orders.account.understood["what"].eq("columns").any())


def _reasons(attribution: Attribution, otherwise: str) -> Iterator[Told]:
    """Reasons as exports and answers give them; those that no catalog has only where many orders have them.

    `otherwise` says what is behind a reason that no text tells.
    """
    from cancel_analysis.catalog.reasons import find
    from cancel_analysis.catalog.shown_words import HIDDEN, is_wording

    items = attribution.items
    said = items[items["reason_text"].notna()].assign(
        list_stage=items["stage"].map({"unpaid": "cancel", "cancellation": "cancel"}).astype("str").fillna("return")
    )
    groups = said.groupby(["list_stage", "initiator", "reason_text", "reason"], observed=True, sort=False)
    counted = groups.agg(rows=("order_id", "size"), orders=("order_id", "nunique")).reset_index()
    for line in counted.to_dict("records"):
        text, reason = str(line["reason_text"]), str(line["reason"])
        match = find(line["list_stage"], initiator=line["initiator"], text=text)
        of_catalog = match is not None and match.basis in ("text", "code")
        shown = text if of_catalog or is_wording(text, line["orders"]) else HIDDEN
        sure = UNEXPLAINED if reason == "unknown" else SURE[otherwise]
        if match is not None and reason != "unknown":
            sure = SURE.get(match.confidence, match.confidence)
        yield "reasons", shown, reason, int(line["rows"]), sure


def draft(
    file: Annotated[Path, typer.Argument(help="A file of orders of another platform or house.")],
    target: Annotated[Path | None, typer.Option("--out", help="Write the draft to this file.")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Draft one for a file that needs none, too.")] = False,
) -> None:
    """Draft a mapping from a file's header and values, for a person to finish: guesses are marked.

    A file that needs none is named as what it is, with what to do with it.
    """
    from cancel_analysis.loaders import draft_mapping
    from cancel_analysis.loaders.mapped.needless import no_mapping_needed

    path = file.expanduser()
    if not path.is_file():
        raise SettingsError(f"{file} does not exist or is no file")
    if not anyway and (reason := no_mapping_needed(path)):
        say(reason, "green")
        say("A mapping of your own, for texts that it does not know: add --anyway.", "dim")
        return
    text = draft_mapping(path)
    if target is None:
        print(text, end="")
        return
    if target.expanduser().exists():
        raise SettingsError(f"{target} is there already; name a new file, so that no work is lost")
    target.expanduser().write_text(text, encoding="utf-8")
    say(f"Written to {target}; look at every line marked '# guessed' and '# ?'.", "green")
