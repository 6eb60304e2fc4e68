"""A report in another language: every part is made, in Chinese without a word of English, and no figure changes."""

import json
import re
from functools import cache

import pandas as pd
import pytest

from cancel_analysis.catalog.words import BASE, languages
from cancel_analysis.exhibits.kinds import Cards, Fold, Picture, Prose, TableView, Tiles
from cancel_analysis.sections import contents, folds, screens, verdict, why
from tests.studies import opened

# Over a limit by late dispatch, with requests, tracking and Thai names; and the one of seven orders.
SHOPS = ("th-siam-beauty", "sg-orchid-import")
PARTS = (verdict.verdict, why.why, screens.where_and_who, screens.changed_and_worth, screens.waiting)
# Words that are names or codes in any language.
NAMES = {
    "API", "Amazon", "Beauty", "CSV", "FBT", "Fisher", "ID", "Import", "Lazada", "Orchid", "SGD", "SKU", "SKUs",
    "Shop", "Shopee", "Siam", "THB", "TikTok", "UTC", "eBay",
}  # fmt: skip


@cache
def every_exhibit(shop, language):
    study = opened(shop)
    found = [exhibit for part in PARTS for exhibit in part(study, language).exhibits]
    for each in (
        *folds.evidence(study, language, other_platforms=True).exhibits,
        *folds.appendix(study, language).exhibits,
    ):
        found += [each, *(each.exhibits if isinstance(each, Fold) else ())]
    return found


def said(exhibit):
    """What the words of the language say of an exhibit: not what stands in the cells of its table."""
    if isinstance(exhibit, Prose):
        # Hints name settings and files of the tool.
        return [line.text for line in exhibit.lines if line.kind != "hint"]
    if isinstance(exhibit, TableView):
        return [exhibit.caption, exhibit.note, exhibit.empty, *(column.label for column in exhibit.columns)]
    if isinstance(exhibit, Picture):
        return [exhibit.caption, exhibit.alternative, exhibit.note]
    if isinstance(exhibit, Tiles):
        return [
            text for tile in exhibit.tiles for text in (tile.label, tile.status, tile.detail, tile.range, tile.change)
        ]
    if isinstance(exhibit, Cards):
        return [exhibit.title, *exhibit.labels, *(card.action for card in exhibit.cards)]
    return [exhibit.title, exhibit.note]


def names_of(study):
    """The words of what the files name: products, variations, carriers, regions, files, columns."""
    texts = [*study.orders.select_dtypes(exclude="number").astype("str").to_numpy().ravel()]
    texts += [path.name for path in study.shop.files] + [study.shop.name]
    texts += [note for account in study.intake.accounts for note in account.notes]
    return {word for text in map(str, texts) for word in re.findall(r"[A-Za-z]{2,}", text)}


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("language", [language for language in languages() if language != BASE])
def test_every_part_is_made_in_every_language_with_the_same_figures(shop, language):
    english, other = every_exhibit(shop, BASE), every_exhibit(shop, language)
    assert [exhibit.name for exhibit in other] == [exhibit.name for exhibit in english]
    for first, second in zip(english, other, strict=True):
        frames = getattr(first, "frame", None), getattr(second, "frame", None)
        if frames[0] is not None:
            numbers = [frame.select_dtypes("number").reset_index(drop=True) for frame in frames]
            pd.testing.assert_frame_equal(*numbers, obj=first.name)


@pytest.mark.parametrize("shop", SHOPS)
def test_a_chinese_report_has_no_word_of_english(shop):
    known = NAMES | names_of(opened(shop))
    for exhibit in every_exhibit(shop, "zh"):
        for text in said(exhibit):
            assert not set(re.findall(r"[A-Za-z]{2,}", text)) - known, f"{exhibit.name}: {text}"


@pytest.mark.parametrize("shop", SHOPS)
def test_the_figures_of_report_json_are_those_of_the_english_one(shop):
    english, chinese = (contents.report_contents(opened(shop), language) for language in (BASE, "zh"))
    figures = [
        [
            json.dumps({key: value for key, value in rate.items() if key != "label"}, default=str)
            for rate in one["rates"]
        ]
        for one in (english, chinese)
    ]
    assert figures[0] == figures[1]
    assert (english["verdict"], english["week"], english["as_of"]) == (
        chinese["verdict"],
        chinese["week"],
        chinese["as_of"],
    )
    assert english["headline"] != chinese["headline"]
