"""Which writing systems a text uses, and which of them no font on this machine can print."""

from __future__ import annotations

import re
from collections.abc import Collection

# Script → its letters, the families that have them (any will do), and Debian's package of the first.
SCRIPTS: dict[str, tuple[re.Pattern[str], tuple[str, ...], str]] = {
    script: (re.compile(f"[{letters}]"), tuple(families.split(", ")), package)
    for script, letters, families, package in (
        ("Thai", "\u0e01-\u0e5b", "Noto Sans Thai, Noto Serif Thai, Loma, Leelawadee UI, Thonburi", "fonts-noto-core"),
        (
            "Chinese",
            "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff",
            "Noto Sans CJK SC, Noto Sans SC, WenQuanYi Zen Hei, WenQuanYi Micro Hei, Microsoft YaHei, PingFang SC",
            "fonts-noto-cjk",
        ),
        (
            "Japanese",
            "\u3041-\u30ff",
            "Noto Sans CJK JP, Noto Sans CJK SC, Noto Sans JP, IPAGothic, Yu Gothic, Hiragino Sans",
            "fonts-noto-cjk",
        ),
        (
            "Korean",
            "\u1100-\u11ff\uac00-\ud7a3",
            "Noto Sans CJK KR, Noto Sans CJK SC, Noto Sans KR, Malgun Gothic, Apple SD Gothic Neo",
            "fonts-noto-cjk",
        ),
        ("Arabic", "\u0620-\u06ff", "Noto Sans Arabic, Noto Naskh Arabic, DejaVu Sans, Segoe UI", "fonts-noto-core"),
        ("Hebrew", "\u05d0-\u05ea", "Noto Sans Hebrew, DejaVu Sans, Segoe UI", "fonts-noto-core"),
        ("Devanagari", "\u0904-\u097f", "Noto Sans Devanagari, Nirmala UI", "fonts-noto-core"),
        ("Lao", "\u0e81-\u0edf", "Noto Sans Lao, DejaVu Sans, Leelawadee UI", "fonts-noto-core"),
        ("Khmer", "\u1780-\u17ff", "Noto Sans Khmer, Leelawadee UI", "fonts-noto-core"),
        ("Burmese", "\u1000-\u109f", "Noto Sans Myanmar, Myanmar Text", "fonts-noto-core"),
        ("Tamil", "\u0b82-\u0bfa", "Noto Sans Tamil, Nirmala UI", "fonts-noto-core"),
        (
            "Vietnamese",
            "\u1ea0-\u1ef9",
            "Noto Sans, DejaVu Sans, Arial, Liberation Sans, Segoe UI, Libertinus Serif",
            "fonts-noto-core",
        ),
        (
            "emoji",
            "\u2600-\u26ff\U0001f300-\U0001faff",
            "Noto Color Emoji, Noto Emoji, Segoe UI Emoji, Apple Color Emoji",
            "fonts-noto-color-emoji",
        ),
    )
}
# Runs of letters that need a font of their own; Vietnamese is Latin with more marks.
RUNS = {
    script: re.compile(f"{letters.pattern}+(?: {letters.pattern}+)*")
    for script, (letters, _, _) in SCRIPTS.items()
    if script != "Vietnamese"
}
# The families to name for text, the sans-serif one of each script.
FONTS = tuple(dict.fromkeys(families[0] for _, families, _ in SCRIPTS.values()))


def missing(text: str, families: Collection[str]) -> list[str]:
    """The scripts that `text` uses and none of `families` is known to have."""
    there = set(families)
    # Each sign once: a report has half a million letters, some hundred of them different.
    signs = "".join(set(text))
    return [
        script for script, (letters, known, _) in SCRIPTS.items() if letters.search(signs) and not there & set(known)
    ]


def advice(script: str) -> str:
    """What to tell someone whose PDF lacks a script."""
    _, families, package = SCRIPTS[script]
    kind = "emoji" if script == "emoji" else f"{script} letters"
    return (
        f"the PDF shows boxes instead of {kind}: no font on this machine has them. "
        f"Install {families[0]} (Debian: apt install {package}); the HTML report is not affected"
    )
