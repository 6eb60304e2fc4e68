import pytest

from cancel_analysis.catalog.words import words
from cancel_analysis.exhibits.number_formats import NOTHING, NumberFormats
from cancel_analysis.exhibits.speaker import Speaker, points

VOICE = Speaker(words("en"), NumberFormats("en"), "USD")


@pytest.mark.parametrize(
    ("change", "said"),
    [(0.085, "+8.5"), (-0.0021, "−0.2"), (0.0, "0.0"), (0.0004, "0.0"), (-0.0004, "0.0"), (None, NOTHING)],
)
def test_a_difference_has_the_sign_of_what_is_shown(change: float | None, said: str) -> None:
    assert points(change, VOICE) == said
