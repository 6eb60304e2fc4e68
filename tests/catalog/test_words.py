import json
import re
import string
from importlib.resources import files

import pytest

from cancel_analysis import tables
from cancel_analysis.benchmarks.judgement import STANDINGS, VERDICTS
from cancel_analysis.catalog import csv_files
from cancel_analysis.catalog.rates import RATES, definitions
from cancel_analysis.catalog.reason_tables import reasons
from cancel_analysis.catalog.words import BASE, COMPLETE, SAID, Words, languages, missing, own_entries, words
from cancel_analysis.errors import SettingsError
from cancel_analysis.inference import SIGNALS
from cancel_analysis.report import notebook_file

OTHERS = tuple(language for language in languages() if language != BASE)
FULL = tuple(language for language in COMPLETE if language != BASE)
# Groups of a language's file that the base has not: it takes their English from the catalogs and notebooks.
ELSEWHERE = (SAID, "reason.", "rate.", "cell.")
# Says in one word of its own what the English name of a holiday without a translation would say.
OWN = ("signals.event_unnamed", "request.action.")
# Han letters, and the full-width marks that belong to them.
HAN = "\u4e00-\u9fff"
# Names and marks that stay as they are in any language.
LATIN_NAMES = {
    "API", "Benjamini", "CSV", "Center", "Excel", "FBT", "Fisher", "HTML", "Hochberg", "ID", "Lazada", "PDF",
    "Pandoc", "Partner", "SKU", "Seller", "Shop", "Shopee", "TikTok", "Typst", "UTC", "actions", "alerts", "brand",
    "cancellations", "category", "causes_by_shop", "costs", "csv", "docs", "eBay", "frame", "hints", "html", "json",
    "limits", "md", "operations", "report", "return_freight", "search", "shops", "standing", "tables", "xlsx",
    "yaml", "yml",
}  # fmt: skip


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def effects():
    rows = csv_files.rows("limits")
    return {row[column] for row in rows for column in ("effect", "effect_many") if row[column]}


def headings():
    """The cells of text of the shipped report notebooks, by id."""
    found = set()
    for name in ("shop_report", "morning_brief", "portfolio"):
        cells = json.loads(notebook_file(name).read_text(encoding="utf-8"))["cells"]
        found |= {f"cell.{cell['id']}" for cell in cells if cell["cell_type"] == "markdown"}
    return found


@pytest.mark.parametrize("language", FULL)
def test_a_complete_language_says_everything_itself(language):
    assert not missing(language), f"{language}.yaml lacks {', '.join(missing(language))}"


@pytest.mark.parametrize("language", FULL)
def test_a_complete_language_says_what_stands_in_catalogs_and_notebooks(language):
    own = own_entries(language)
    wanted = {f"reason.{reason}" for reason in reasons()} | {f"rate.{rate}" for rate in RATES} | headings()
    frame = definitions()
    said = effects().union(*(frame[column] for column in ("numerator", "denominator", "exclusions")))
    wanted |= {SAID + text for text in said}
    wanted |= {SAID + row["source"] for row in csv_files.rows("deadlines")}
    assert not sorted(wanted - set(own))


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_of_a_language_has_the_same_figures(language):
    base = own_entries(BASE)
    for key, text in own_entries(language).items():
        if key.startswith(SAID):
            assert fields(text) <= fields(key.removeprefix(SAID)), key
        elif not key.startswith((*ELSEWHERE, *OWN)):
            assert key in base, f"{language}.yaml: no sentence is called {key}"
            assert fields(text) == fields(base[key]), key


@pytest.mark.parametrize("language", OTHERS)
def test_what_a_language_names_of_the_catalogs_is_there(language):
    own = own_entries(language)
    known = {f"reason.{reason}" for reason in reasons()} | {f"rate.{rate}" for rate in RATES} | headings()
    assert not {key for key in own if key.startswith(("reason.", "rate.", "cell."))} - known


@pytest.mark.parametrize("language", OTHERS)
def test_what_a_language_lacks_is_said_in_english(language):
    text = words(language)
    base = own_entries(BASE)
    assert set(base) <= set(text.entries)
    assert all(text.entries[key] == base[key] for key in missing(language))


@pytest.mark.parametrize("language", [language for language in OTHERS if language not in COMPLETE])
def test_a_partial_language_says_the_first_screen(language):
    needed = (
        "verdict.",
        "tile.",
        "root_cause.",
        "responsibility.",
        "stage.",
        "card.",
        "rate.",
        "headline.",
        "language.",
        "fix.state.",
    )
    named = {f"rate.{rate}" for rate in RATES} | {f"reason.{reason}" for reason in reasons()}
    own = own_entries(language)
    assert not [key for key in missing(language) if key.startswith(needed)]
    assert not sorted(named - set(own))


def test_a_language_of_one_form_needs_no_form_for_a_single_thing():
    # Babel's rules: English tells one from many, Chinese does not.
    assert "tile.change.up_one" in own_entries(BASE)
    assert words("zh").entries["tile.change.up_one"] == own_entries("zh")["tile.change.up"]


def test_sentences_names_and_parts_are_joined_as_the_language_writes_them():
    english, chinese = words(BASE), words("zh")
    assert english.sentences(["One.", "", "Two."]) == "One. Two."
    assert chinese.sentences(["一。", "", "二。"]) == "一。二。"
    assert english.listed(["a", "b"]) == "a, b"
    assert chinese.listed(["甲", "乙"]) == "甲、乙"
    assert chinese.parts(["甲", "乙"]) == "甲；乙"


def test_sentences_of_a_row_account_keep_their_values():
    chinese = words("zh")
    assert chinese.said("a.csv: 1,204 empty rows were passed over") == "a.csv：跳过1,204个空行"
    assert chinese.said("nobody wrote this down") == "nobody wrote this down"
    assert words(BASE).said("A warning.") == "A warning."


def test_chinese_reads_as_chinese_is_set():
    entries = own_entries("zh").items()
    for key, text in entries:
        if key.startswith(("language.", "join.")) or re.fullmatch(r"chart\.day\w*", key):
            continue
        assert not re.search(rf"[{HAN}] [{HAN}]|[，。；：、？！（）“”] ", text), key
        assert not re.search(rf"[{HAN}}}][,;:!?]|[{HAN}]\.(?!\w)", text), key
        assert not set(re.findall(r"[A-Za-z_]{2,}", re.sub(r"\{\w+\}", "", text))) - LATIN_NAMES, key


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


def test_every_file_of_words_is_a_language():
    found = {item.name for item in files("cancel_analysis.catalog.words").iterdir() if item.name.endswith(".yaml")}
    assert found == {f"{language}.yaml" for language in languages()}
    assert all(isinstance(words(language), Words) for language in languages())


def test_an_unknown_language_lists_the_known_ones():
    with pytest.raises(SettingsError, match="en"):
        words("xx")
