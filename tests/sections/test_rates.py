"""What the section of rates says of rates that the files cannot tell."""

from dataclasses import replace

from cancel_analysis.catalog.rates import NEED_INITIATORS, RATES
from cancel_analysis.exhibits.speaker import rate_label
from cancel_analysis.sections.rates import rates_and_limits
from cancel_analysis.sections.voice import speaker
from tests.studies import opened


def readings(study):
    """The names of the rates of which the section tells more than one reading."""
    said = [line.text for line in rates_and_limits(study, "en").exhibits[0].lines]
    words = speaker(study, "en").words
    return {name for name in RATES if any(text.startswith(f"{rate_label(name, words)}, ") for text in said)}


def test_of_a_rate_that_nobody_can_tell_no_reading_is_told():
    study = opened("th-siam-beauty")
    told = readings(study)
    assert "seller_fault_cancellation_rate" in told
    nameless = replace(study)
    nameless.__dict__["names_initiators"] = False
    assert readings(nameless) == told - set(NEED_INITIATORS)
