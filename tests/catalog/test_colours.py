import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.catalog.colours import DARK_PAPER, LEAST_CONTRAST, PAPER, contrast, readable

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    # Published values: black on white by definition, the others from WebAIM's contrast checker.
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48),
     ("#767676", "#ffffff", 4.54), ("#0000ff", "#ffffff", 8.59), ("#ff0000", "#ffffff", 4.00)],
)  # fmt: skip
def test_contrast_is_that_of_wcag(first, second, ratio):
    assert contrast(first, second) == pytest.approx(ratio, abs=0.005)
    assert contrast(second, first) == contrast(first, second)


@given(COLOURS, st.sampled_from([PAPER, DARK_PAPER]))
def test_what_is_made_readable_can_be_read(colour, ground):
    assert contrast(readable(colour, ground), ground) >= LEAST_CONTRAST


@given(COLOURS)
def test_a_colour_that_can_be_read_stays(colour):
    if contrast(colour, PAPER) >= LEAST_CONTRAST:
        assert readable(colour, PAPER) == colour
