"""A text in the form of a chat or a mail, and its delivery to a webhook or a mail server that the user names.

Addresses hold tokens: they come from the environment or a file, and no message, log or file of this package ever
names one, nor what a server answered beyond its code. Nothing is redirected elsewhere, nothing goes unencrypted but to
this machine.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import smtplib
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from cancel_analysis.errors import DeliveryError, SettingsError, unknown
from cancel_analysis.exhibits.kinds import TextLine
from cancel_analysis.report.messages import Message
from cancel_analysis.report.page_words import PageWords

SECONDS = 30
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Form:
    """How a chat writes a text: its bold marks, what letters are replaced by, and how long a text may be (bytes)."""

    bold: str
    replaced: dict[int, str]
    most: int


# What a chat would read as a mark, a link or a call to everybody stands as a letter that looks like it.
_PLAIN_LETTERS = str.maketrans({"*": "∗", "[": "［", "]": "］", "<": "＜", ">": "＞", "`": "ˋ"})
# Slack cuts a text at 40,000 letters; long before that nobody reads. WeCom takes 4,096 bytes of Markdown, Feishu 20 KB.
FORMS = {
    "plain": Form("", {}, 6000),
    "slack": Form("*", str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "`": "ˋ"}), 6000),
    "feishu": Form("**", _PLAIN_LETTERS, 6000),
    "wecom": Form("**", _PLAIN_LETTERS, 4096),
    "email": Form("", {}, 20000),
}


def check_form(form: str) -> None:
    """SettingsError, with the nearest, for a form that there is not."""
    if form not in FORMS:
        raise SettingsError(unknown("form", form, FORMS))


def written(message: Message, form: str) -> str:
    """The text as `form` writes it, the last lines left out and counted where it would be too long."""
    check_form(form)
    how, words = FORMS[form], PageWords(message.language)
    for kept in range(len(message.lines), -1, -1):
        left = len(message.lines) - kept
        more = [TextLine("", words.say("send.more", left))] if left else []
        lines = [TextLine(message.title, ""), *message.lines[:kept], *more]
        whole = "\n".join(_line(line, how) for line in lines)
        if len(whole.encode()) <= how.most:
            return whole
    # A title of many kilobytes is nobody's.
    return written(replace(message, title=message.title[:200], lines=()), form)


def _line(line: TextLine, how: Form) -> str:
    name = " ".join(line.name.translate(how.replaced).split())
    rest = " ".join(line.text.translate(how.replaced).split())
    return (f"{how.bold}{name}{how.bold}" if name else "") + rest


def payload(text: str, form: str, secret: str = "", now: float | None = None) -> dict[str, Any]:
    """What is posted to a webhook of the form; Feishu's is signed where its bot asks for it (`secret`)."""
    if form == "slack":
        return {"text": text}
    if form == "wecom":
        return {"msgtype": "markdown", "markdown": {"content": text}}
    if form == "feishu":
        card = {"msg_type": "interactive", "card": {"elements": [{"tag": "markdown", "content": text}]}}
        return card | (_signature(secret, now) if secret else {})
    return {"text": text}


def _signature(secret: str, now: float | None) -> dict[str, str]:
    """Feishu's signature: HMAC-SHA256 of nothing, the key being the seconds, a line feed and the secret."""
    seconds = str(int(time.time() if now is None else now))
    digest = hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": seconds, "sign": base64.b64encode(digest).decode()}


def secret_of(source: str, option: str) -> str:
    """What `env:NAME` or `file:PATH` holds; SettingsError says what is missing and never repeats what was given,
    which may be the token itself in the wrong place."""
    kind, _, name = source.partition(":")
    if kind == "env" and name:
        value = os.environ.get(name, "")
        where = "the environment variable that it names"
    elif kind == "file" and name:
        try:
            value = Path(name).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            said = error.strerror if isinstance(error, OSError) else "it is no text"
            raise SettingsError(f"{option}: the file that it names cannot be read: {said}") from None
        where = "the file that it names"
    else:
        raise SettingsError(
            f"{option} takes env:NAME (an environment variable) or file:PATH, so that no token stands on a command "
            "line, where other users and the shell's history see it"
        )
    if not value.strip():
        raise SettingsError(f"{option}: {where} is not there or empty; put what is asked for there")
    return value.strip()


def post(address: str, text: str, form: str, secret: str = "") -> None:
    """Post the text to a webhook. DeliveryError where it is not taken, SettingsError for no address of a webhook."""
    _check_address(address, ("https",), ("http",))
    body = json.dumps(payload(text, form, secret), ensure_ascii=False).encode()
    request = urllib.request.Request(
        address, body, {"Content-Type": "application/json; charset=utf-8", "User-Agent": "cancel-analysis"}
    )
    # An address with a token is not followed to another host.
    opener = urllib.request.build_opener(_NoRedirect())
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            _check_answer(answer.read(65536), form)
    except urllib.error.HTTPError as error:
        raise DeliveryError(f"the webhook answered {error.code}{_REMEDIES.get(error.code, '')}") from None
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        raise DeliveryError(f"the webhook cannot be reached: {_cause(error)}") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_REMEDIES = {
    401: "; its token is not, or no longer, right: make a new webhook",
    403: "; its token is not, or no longer, right: make a new webhook",
    404: "; there is no such webhook: make a new one",
    410: "; the webhook is gone: make a new one",
    429: "; too many messages in a short time: wait a minute",
}


def _check_answer(body: bytes, form: str) -> None:
    """Feishu and WeCom say in the text of an answer that is 200 whether they took the message."""
    if form not in ("feishu", "wecom"):
        return
    try:
        said = json.loads(body)
        code = said.get("errcode", said.get("code", said.get("StatusCode")))
    except (ValueError, AttributeError):
        code = None
    if code is None:
        raise DeliveryError(f"what answered is no webhook of {form}")
    if code != 0:
        # A code is a number; whatever else stands there is not repeated.
        shown = code if isinstance(code, int) else "that is no number"
        raise DeliveryError(f"the webhook of {form} refused the message with its code {shown}; its documents say why")


def mail(address: str, message: EmailMessage) -> None:
    """Send a mail by the server at `smtps://user:password@host:port`, or `smtp://…`, which is then encrypted.

    DeliveryError where the server does not take it.
    """
    parts = _check_address(address, ("smtps", "smtp"), ())
    host = str(parts.hostname)
    user, password = (urllib.parse.unquote(part or "") for part in (parts.username, parts.password))
    secure = ssl.create_default_context()
    try:
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=secure)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
        with server:
            if parts.scheme == "smtp" and host not in _HERE:
                server.starttls(context=secure)
            if user:
                server.login(user, password)
            refused = server.send_message(message)
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(f"the mail server refused the user or the password (code {error.smtp_code})") from None
    except smtplib.SMTPNotSupportedError:
        raise DeliveryError(
            "the mail server offers no encryption (STARTTLS) or no log-in; name another, or smtps://"
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        raise DeliveryError(f"the mail server refused all {len(error.recipients)} recipients") from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"the mail server answered {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryError(f"the mail server cannot be reached: {_cause(error)}") from None
    if refused:
        raise DeliveryError(f"the mail server refused {len(refused)} of the recipients; the others have it")


def as_mail(message: Message, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """The text as a mail: its title is the subject. SettingsError for no address of a mail."""
    wrong = [one for one in (sender, *recipients) if one.count("@") != 1 or any(letter.isspace() for letter in one)]
    if wrong or not recipients:
        raise SettingsError("--sender and --recipients take addresses such as anna@example.com, comma between")
    made = EmailMessage()
    made["Subject"] = " ".join(message.title.split())
    made["From"], made["To"] = sender, ", ".join(recipients)
    # Any server takes seven bits.
    made.set_content(written(message, "email") + "\n", cte="quoted-printable")
    return made


def _check_address(address: str, secure: tuple[str, ...], here: tuple[str, ...]) -> urllib.parse.SplitResult:
    """The parts of an address of one of the kinds `secure`, or, on this machine, `here`; it is never repeated."""
    try:
        parts = urllib.parse.urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urllib.parse.SplitResult("", "", "", "", ""), None
    kinds = " or ".join(f"{kind}://" for kind in secure)
    plain = any(not letter.isprintable() or letter.isspace() for letter in address)
    if not host or plain or parts.scheme not in (*secure, *here):
        raise SettingsError(f"what --to names holds no address that begins with {kinds}")
    if parts.scheme in here and host not in _HERE:
        raise SettingsError(f"what --to names holds an address that is not encrypted; it must begin with {kinds}")
    return parts


def _cause(error: BaseException) -> str:
    """Why a server cannot be reached, without its address."""
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    known: tuple[tuple[Callable[[object], bool], str], ...] = (
        (lambda e: isinstance(e, ssl.SSLError), "its certificate cannot be trusted, or it speaks no TLS"),
        (lambda e: isinstance(e, TimeoutError), f"no answer in {SECONDS} seconds"),
        (lambda e: isinstance(e, ConnectionRefusedError), "nothing listens there"),
        (lambda e: isinstance(e, ConnectionError), "the connection was broken off"),
        (lambda e: type(e).__name__ == "gaierror", "its name is not known to this machine's network"),
    )
    return next((said for fits, said in known if fits(inner)), type(inner).__name__)
