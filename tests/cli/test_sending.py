"""The command `send`: what it sends, where, and what it never tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from cancel_analysis.cli.commands import main
from tests.report.test_delivery import TOKEN, Webhook, hook  # noqa: F401
from tests.report.test_history import week

# A fixture that is imported is an argument of the same name.
# ruff: noqa: F811


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(["send", *arguments])
    return int(caught.value.code or 0)


def test_the_command_sends_only_when_told_where_and_tells_no_token(
    hook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    week(tmp_path, "2026-W46", 0.09, "breach", headline="Lamps are over.")
    monkeypatch.setenv("CHAT", hook.address)
    out = ("--out", str(tmp_path), "--week", "latest")
    assert run("--form", "slack", "--to", "env:CHAT", "--dry-run", *out) == 0
    assert "*Shop lamps (US)*: Lamps are over." in capsys.readouterr().out
    assert run("--form", "slack", *out) == 2
    assert hook.got == [], "a dry run and a missing address send nothing"
    assert run("--form", "slack", "--to", "env:CHAT", *out) == 0
    assert "Lamps are over." in hook.got[0][1]["text"]
    hook.status = 403
    assert run("--form", "slack", "--to", "env:CHAT", *out) == 1
    assert run("--form", "slack", "--to", hook.address, *out) == 2
    assert run("--form", "slack", "--day", "2026-11-15", *out) == 2
    said = capsys.readouterr()
    assert "answered 403" in said.err
    assert TOKEN not in said.out + said.err
    kept = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.json*"))
    assert TOKEN not in kept
