import pytest

from cancel_analysis.sections.costs import costs
from cancel_analysis.study.one_shop import Study, study_shop
from tests.sections.test_small_shops import whole


@pytest.mark.parametrize("known", [True, False])
def test_what_was_paid_back_is_only_said_where_a_file_tells_of_returns(known, monkeypatch):
    monkeypatch.setattr(Study, "knows_returns", property(lambda study: known))
    study = study_shop(*whole("uk-linen-lane"))
    (said,) = [exhibit for exhibit in costs(study, "en").exhibits if exhibit.name == "costs_said"]
    text = " ".join(line.text for line in said.lines)
    assert ("was paid back. That is sales" in text) is known
    assert ("What was paid back for returns is not known" in text) is not known
