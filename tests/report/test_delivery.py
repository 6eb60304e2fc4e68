"""Texts in the forms of chats, and their delivery to servers that these tests start; no address is ever told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_string, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.errors import DeliveryError, SettingsError
from cancel_analysis.exhibits.kinds import TextLine
from cancel_analysis.report import delivery
from cancel_analysis.report.delivery import FORMS, as_mail, mail, payload, post, secret_of, written
from cancel_analysis.report.messages import Message

TOKEN = "s3cr3t-t0k3n"
MESSAGE = Message("Two shops", (TextLine("Lamps (US)", ": over a limit."), TextLine("", "Others are well.")), "en")


class Webhook(HTTPServer):
    """A webhook that answers as it is told and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.status, self.answer, self.location = 200, b"ok", ""
        self.got: list[tuple[str, dict[str, Any]]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook/{TOKEN}"


class _Hook(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, json.loads(body)))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(self.server.answer)

    do_GET = do_POST

    def log_message(self, *_: Any) -> None:
        """Nothing on the screen."""


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with Webhook() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server of RFC 5321 without encryption, as on this machine only; it keeps what it was told."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.told: list[str] = []
        self.mails: list[str] = []
        self.replies: dict[str, str] = {}

    def address(self, user: str = "") -> str:
        return f"smtp://{user}127.0.0.1:{self.server_address[1]}"


class _Mail(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            self.server.told.append(line)
            verb = line.split()[0].upper()
            if verb in self.server.replies:
                self._say(self.server.replies[verb])
            elif verb == "EHLO":
                self._say("250-here\r\n250 AUTH PLAIN")
            elif verb == "AUTH":
                self._say("235 welcome")
            elif verb == "DATA":
                self._say("354 go on")
                text = ""
                while (part := self.rfile.readline().decode()) != ".\r\n":
                    text += part
                self.server.mails.append(text)
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


# --- forms ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("plain", "Two shops\nLamps (US): over a limit.\nOthers are well."),
        ("email", "Two shops\nLamps (US): over a limit.\nOthers are well."),
        ("slack", "*Two shops*\n*Lamps (US)*: over a limit.\nOthers are well."),
        ("feishu", "**Two shops**\n**Lamps (US)**: over a limit.\nOthers are well."),
        ("wecom", "**Two shops**\n**Lamps (US)**: over a limit.\nOthers are well."),
    ],
)
def test_each_chat_has_its_own_bold(form: str, text: str) -> None:
    assert written(MESSAGE, form) == text


@pytest.mark.parametrize("form", ["slack", "feishu", "wecom"])
def test_a_name_calls_nobody_and_links_nowhere(form: str) -> None:
    name = "<!channel> <@U1> <at id=all> *x* [a](http://b) `c`"
    text = written(Message("T", (TextLine(name, ": x"),), "en"), form)
    line = text.splitlines()[1].strip("*")
    assert "<" not in line
    assert "*" not in line.split(":")[0]
    assert form == "slack" or "](" not in line


@given(
    st.lists(st.tuples(st.text(max_size=90), st.text(max_size=900)), max_size=40),
    st.text(max_size=6000),
    st.sampled_from(sorted(FORMS)),
    st.sampled_from(["en", "zh"]),
)
def test_a_text_is_never_too_long_and_says_how_many_lines_are_left_out(
    lines: list[tuple[str, str]], title: str, form: str, language: str
) -> None:
    clean = [TextLine(*(part.encode("utf-8", "ignore").decode() for part in line)) for line in lines]
    message = Message(title.encode("utf-8", "ignore").decode(), tuple(clean), language)
    text = written(message, form)
    assert len(text.encode()) <= FORMS[form].most
    kept = text.split("\n")[1:]
    if len(kept) < len(lines) and len(title.encode()) < 1000:
        left = len(lines) - len(kept) + 1
        assert str(left) in kept[-1] or (left == 1 and "one line more" in kept[-1])


def test_feishu_is_signed_as_its_documents_say() -> None:
    made = payload("text", "feishu", "secret", now=1599360473.9)
    key = b"1599360473\nsecret"
    assert made["timestamp"] == "1599360473"
    assert base64.b64decode(made["sign"]) == hmac.new(key, b"", hashlib.sha256).digest()
    assert "sign" not in payload("text", "feishu")


# --- webhooks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "answer", "body"),
    [
        ("slack", b"ok", {"text": "hello"}),
        ("wecom", b'{"errcode":0,"errmsg":"ok"}', {"msgtype": "markdown", "markdown": {"content": "hello"}}),
        (
            "feishu",
            b'{"code":0,"msg":"success"}',
            {"msg_type": "interactive", "card": {"elements": [{"tag": "markdown", "content": "hello"}]}},
        ),
        ("plain", b"anything", {"text": "hello"}),
    ],
)
def test_a_webhook_gets_the_form_that_it_knows(hook: Webhook, form: str, answer: bytes, body: dict[str, Any]) -> None:
    hook.answer = answer
    post(hook.address, "hello", form)
    assert hook.got == [(f"/hook/{TOKEN}", body)]


@pytest.mark.parametrize(
    ("form", "status", "answer", "told"),
    [
        ("slack", 404, b"no_service", "answered 404; there is no such webhook"),
        ("slack", 500, TOKEN.encode(), "answered 500"),
        ("wecom", 200, b'{"errcode":93000,"errmsg":"invalid webhook url %s"}' % TOKEN.encode(), "its code 93000"),
        ("feishu", 200, b'{"code":19021,"msg":"sign match fail %s"}' % TOKEN.encode(), "its code 19021"),
        ("feishu", 200, b"<html>a page</html>", "what answered is no webhook of feishu"),
        ("feishu", 200, b'{"code":"%s"}' % TOKEN.encode(), "code that is no number"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_without_the_address(
    hook: Webhook, form: str, status: int, answer: bytes, told: str
) -> None:
    hook.status, hook.answer = status, answer
    with pytest.raises(DeliveryError, match=told) as caught:
        post(hook.address, "hello", form)
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_address_is_not_followed_elsewhere(hook: Webhook) -> None:
    hook.status, hook.location = 302, hook.address.replace("hook", "elsewhere")
    with pytest.raises(DeliveryError, match="answered 302"):
        post(hook.address, "hello", "slack")
    assert [path for path, _ in hook.got] == [f"/hook/{TOKEN}"]


def test_a_server_that_is_not_there_is_told_without_its_address() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    for act in (
        lambda: post(f"http://127.0.0.1:{port}/{TOKEN}", "hello", "slack"),
        lambda: mail(f"smtp://me:{TOKEN}@127.0.0.1:{port}", as_mail(MESSAGE, "a@example.com", ("b@example.com",))),
    ):
        with pytest.raises(DeliveryError, match="cannot be reached: nothing listens there") as caught:
            act()
        assert TOKEN not in str(caught.value)
        assert str(port) not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        f"http://hooks.example.com/{TOKEN}",
        f"ftp://hooks.example.com/{TOKEN}",
        f"hooks.example.com/{TOKEN}",
        f"https://[{TOKEN}",
        f"https://hooks.example.com/{TOKEN} x",
        f"https://hooks.example.com:port/{TOKEN}",
        TOKEN,
    ],
)
def test_a_wrong_address_is_never_repeated(address: str) -> None:
    with pytest.raises(SettingsError, match="https://") as caught:
        post(address, "hello", "slack")
    assert TOKEN not in str(caught.value)


# --- mail -------------------------------------------------------------------------------------


def test_a_mail_arrives_with_subject_and_text(mails: MailServer) -> None:
    chinese = Message("全部店铺", (TextLine("Lamps (US)", "：已超限。"),), "zh")
    mail(mails.address(f"me:{TOKEN}@"), as_mail(chinese, "a@example.com", ("b@example.com", "c@example.com")))
    (sent,) = mails.mails
    read = message_from_string(sent, policy=policy.default)
    assert read["Subject"] == "全部店铺"
    assert read["To"] == "b@example.com, c@example.com"
    assert read.get_content().splitlines() == ["全部店铺", "Lamps (US)：已超限。"]
    assert [line for line in mails.told if line.startswith("AUTH PLAIN")]


@pytest.mark.parametrize(
    ("verb", "reply", "told"),
    [
        ("AUTH", f"535 no {TOKEN}", "refused the user or the password"),
        ("RCPT", f"550 no {TOKEN}", "refused all 1 recipients"),
        ("MAIL", f"451 later {TOKEN}", "answered 451"),
        ("DATA", f"554 no {TOKEN}", "answered 554"),
    ],
)
def test_what_a_mail_server_refuses_is_told_without_the_password(
    mails: MailServer, verb: str, reply: str, told: str
) -> None:
    mails.replies[verb] = reply
    with pytest.raises(DeliveryError, match=told) as caught:
        mail(mails.address(f"me:{TOKEN}@"), as_mail(MESSAGE, "a@example.com", ("b@example.com",)))
    assert TOKEN not in str(caught.value)
    assert not mails.mails


def test_nothing_goes_unencrypted_to_another_machine(mails: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_HERE", ())
    with pytest.raises(DeliveryError, match="no encryption"):
        mail(mails.address(f"me:{TOKEN}@"), as_mail(MESSAGE, "a@example.com", ("b@example.com",)))
    assert not [line for line in mails.told if line.startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize(
    ("sender", "to"), [("a", ("b@example.com",)), ("a@example.com", ()), ("a@b.c", ("x@y\nBcc: z@z",))]
)
def test_wrong_addresses_of_a_mail_are_refused(sender: str, to: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match="--sender and --recipients"):
        as_mail(MESSAGE, sender, to)


def test_a_title_of_several_lines_is_one_subject() -> None:
    made = as_mail(Message("A\r\nBcc: z@z", (), "en"), "a@example.com", ("b@example.com",))
    assert made["Subject"] == "A Bcc: z@z"
    assert made["Bcc"] is None


# --- what is sent -----------------------------------------------------------------------------


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT", f" {TOKEN}\n")
    (tmp_path / "chat").write_text(f"{TOKEN}\n")
    assert secret_of("env:CHAT", "--to") == secret_of(f"file:{tmp_path / 'chat'}", "--to") == TOKEN
    for source in (f"https://x/{TOKEN}", TOKEN, "env:", f"env:{TOKEN}", f"env:https://x/{TOKEN}", f"file:{TOKEN}"):
        with pytest.raises(SettingsError, match="--to") as caught:
            secret_of(source, "--to")
        assert TOKEN not in str(caught.value)
