"""The command `send`: a short text of what was made, to a chat or by mail.

Heavy imports stand inside, as in `commands`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cancel_analysis.cli.console import say
from cancel_analysis.cli.options import REPORTS, OutOption, words_of
from cancel_analysis.errors import SettingsError
from cancel_analysis.weeks import LATEST


def send(
    form: Annotated[str, typer.Option("--form", help="slack, feishu, wecom, email, or plain (to copy by hand).")],
    to: Annotated[
        str, typer.Option("--to", help="Where its address stands: env:NAME or file:PATH, never the address itself.")
    ] = "",
    shop: Annotated[str, typer.Option(help="The report of this shop, in a paragraph.")] = "",
    week: Annotated[str, typer.Option(help="A week's shops in a line each (or, with --shop, its week); latest.")] = "",
    day: Annotated[str, typer.Option(help="The morning brief of this day, YYYY-MM-DD. (default: the newest)")] = "",
    folder: OutOption = REPORTS,
    secret: Annotated[str, typer.Option(help="Secret of a signing Feishu bot: env:NAME or file:PATH.")] = "",
    sender: Annotated[str, typer.Option(help="Who a mail is from.")] = "",
    recipients: Annotated[str, typer.Option(help="Who a mail goes to, comma between.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the text and send nothing.")] = False,
) -> None:
    """Send a short text of the morning brief, a week or one report to a chat's webhook or by mail, if asked to."""
    from cancel_analysis.report import delivery, messages

    if day and (week or shop):
        raise SettingsError("--day is of the morning brief; name it without --week and --shop")
    delivery.check_form(form)
    folder = folder.expanduser()
    if shop:
        message = messages.shop_message(folder, shop, week or LATEST)
    elif week:
        message = messages.week_message(folder, week)
    else:
        message = messages.brief_message(folder, day or LATEST)
    text = delivery.written(message, form)
    if dry_run or (form == "plain" and not to):
        say(text)
        return
    if not to:
        raise SettingsError(f"--to says where the address of {form} stands: env:NAME or file:PATH; or use --dry-run")
    address = delivery.secret_of(to, "--to")
    if form == "email":
        delivery.mail(address, delivery.as_mail(message, sender, words_of(recipients)))
    else:
        delivery.post(address, text, form, delivery.secret_of(secret, "--secret") if secret else "")
    say(f"Sent: {message.title}", "green")
