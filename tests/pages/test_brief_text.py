"""The brief's text for a chat: it fits, names who needs a look, and counts whom it leaves out."""

from dataclasses import replace

import pandas as pd
import pytest

from cancel_analysis.catalog.words import languages
from cancel_analysis.pages.brief import Brief, shop_brief
from cancel_analysis.pages.brief_text import message, written
from cancel_analysis.pages.shop_rows import page_speaker
from tests.pages.test_brief import DAY, YESTERDAY, study_of, text_of


def test_fifty_shops_fit_a_chat_message():
    one = shop_brief(study_of(*YESTERDAY, alerts={7: 0.05}), DAY)
    shops = tuple(
        replace(one, shop=replace(one.shop, id=f"s{n}", name=f"A shop with a rather long name {n}")) for n in range(50)
    )
    none = pd.DataFrame(columns=["shop", "name", "market", "cause"])
    text = text_of(Brief(DAY, shops, none))
    assert 1000 < len(text) <= 1500
    assert "more shops on the page" in text
    shown = text.count("A shop with a rather long name")
    assert f"… and {50 - shown} more shops" in text
    for markup in ("<", "**", "|", "```", "#"):
        assert markup not in text
    tiny = written(message(Brief(DAY, shops, none), page_speaker("en"), most=120))
    assert len(tiny) <= 120


def test_shops_where_nothing_is_to_be_done_share_a_line():
    quiet = replace(shop_brief(study_of(*YESTERDAY, alerts={30: 0.99}), DAY), verdict="ok")
    loud = shop_brief(study_of(*YESTERDAY, alerts={7: 0.05}), DAY)
    assert quiet.is_quiet
    assert not loud.is_quiet
    figure = quiet.figure("order_cancellation_rate")
    shops = tuple(replace(quiet, shop=replace(quiet.shop, id=f"s{n}", name=f"Calm {n}")) for n in range(20))
    none = pd.DataFrame(columns=["shop", "name", "market", "cause"])
    lines = text_of(Brief(DAY, (loud, *shops), none)).splitlines()
    (told,) = [line for line in lines if "Calm 0" in line]
    assert told.startswith(
        "Nothing crossed, nothing due (cancelled / placed): "
        f"Calm 0 {figure['numerator']:.0f} / {figure['denominator']:.0f}, Calm 1"
    )
    assert told.count("Calm") == 12
    assert "8" in told.split("Calm 11")[1], "how many more there are"
    # Of a message that is too short for it the whole line is left out, and all its shops are counted.
    short = written(message(Brief(DAY, (loud, *shops), none), page_speaker("en"), most=len("\n".join(lines)) - 1))
    assert "… and 20 more shops on the page." in short


@pytest.mark.parametrize("language", languages())
def test_the_name_of_a_shop_stands_apart_in_every_language(language):
    loud = shop_brief(study_of(*YESTERDAY, alerts={7: 0.05}), DAY)
    odd = replace(loud, shop=replace(loud.shop, name="A (TH): b"))
    unread = pd.DataFrame([["x", "Not read", "US", "cut off"]], columns=["shop", "name", "market", "cause"])
    lines = message(Brief(DAY, (odd,), unread), page_speaker(language))
    names = [line.name for line in lines if line.name]
    assert names == ["A (TH): b (TH)", "Not read"]
    assert not any(line.text.startswith(line.name) for line in lines if line.name)
