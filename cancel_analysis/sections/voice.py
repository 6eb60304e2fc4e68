"""The speaker of a study's report."""

from __future__ import annotations

from cancel_analysis.catalog.words import words
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.study.one_shop import Study


def speaker(study: Study, language: str = "") -> Speaker:
    """Words, numbers and currency for the sentences of a study, in `language` or the shop's own."""
    chosen = language or study.shop.language
    return Speaker(words(chosen), NumberFormats(chosen), study.shop.currency)
