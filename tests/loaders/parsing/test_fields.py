"""From text to values: what stands in a cell that is no number, amount or time."""

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.catalog.mapping.forms import EMPTY_TEXTS
from cancel_analysis.loaders.parsing import dates
from cancel_analysis.loaders.parsing.columns import Field
from cancel_analysis.loaders.parsing.fields import typing_sql

BLANK = " \t\xa0"
NOTHING = st.sampled_from(EMPTY_TEXTS).flatmap(lambda text: st.sampled_from([text, text.upper(), text.title()]))
CELLS = st.lists(
    st.tuples(
        st.text(BLANK, max_size=2),
        NOTHING | st.text("a-/()#.'|…—", max_size=4) | st.just("1"),
        st.text(BLANK, max_size=2),
    ).map("".join)
    | st.none(),
    min_size=1,
    max_size=20,
)


@given(CELLS)
def test_a_cell_that_is_no_number_keeps_its_text_unless_it_says_nothing(cells: list[str | None]) -> None:
    select = typing_sql(
        [Field("quantity", "integer", ("Quantity",))], {"quantity": 0}, dates.Guess("mdy", "%m/%d/%Y"), 2
    )
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE cells (c0 VARCHAR)")
        connection.executemany("INSERT INTO cells VALUES (?)", [(cell or None,) for cell in cells])
        found = connection.sql(f"SELECT {select} FROM cells").fetchall()

    def said(cell: str | None) -> str | None:
        text = (cell or "").strip(BLANK)
        return text if text and text.lower() not in EMPTY_TEXTS else None

    assert found == [
        (1, None) if cell and cell.strip(BLANK) == "1" and "\xa0" not in cell else (None, said(cell)) for cell in cells
    ]
