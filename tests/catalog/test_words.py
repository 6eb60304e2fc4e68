import string

import pytest

from cancel_analysis import tables
from cancel_analysis.benchmarks.judgement import STANDINGS, VERDICTS
from cancel_analysis.catalog.words import BASE, languages, words
from cancel_analysis.errors import SettingsError
from cancel_analysis.inference import SIGNALS


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", [one for one in languages() if one != BASE])
def test_every_language_has_the_same_sentences_with_the_same_figures(language):
    base, other = words(BASE).entries, words(language).entries
    missing = sorted(key for key in base if key not in other)
    assert not missing
    wrong = [key for key in base if fields(base[key]) != fields(other[key])]
    assert not wrong


def test_every_value_of_the_tables_has_a_word():
    text = words(BASE)
    for group, values in (
        ("stage", tables.STAGES),
        ("responsibility", tables.RESPONSIBILITIES),
        ("root_cause", tables.ROOT_CAUSES),
        ("verdict", VERDICTS),
        ("standing", STANDINGS),
        ("signal", SIGNALS),
    ):
        for value in values:
            assert text(f"{group}.{value}")


def test_an_unknown_language_lists_the_known_ones():
    with pytest.raises(SettingsError, match="en"):
        words("xx")
