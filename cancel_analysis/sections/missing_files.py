"""Hints of files that would tell more, said once: of a shop of another platform, only what such a shop can give."""

from __future__ import annotations

from cancel_analysis.exhibits.kinds import Line
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.study.one_shop import Study


def no_returns_hint(study: Study, voice: Speaker) -> Line:
    """That no file of returns was given, and where one may come from."""
    mapped = study.shop.mapping is not None
    return Line(voice.words("note.no_returns_mapped" if mapped else "note.no_returns"), "hint")
