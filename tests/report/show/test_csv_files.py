"""CSV files of exhibits: safe in a spreadsheet, and numbers stay numbers."""

from __future__ import annotations

import csv
import io
import math
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.report.show import csv_files


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_would_run_gets_an_apostrophe(text: str) -> None:
    assert csv_files.defuse(text) == "'" + text
    assert csv_files.defuse("a" + text) == "a" + text


def test_a_csv_keeps_numbers_and_defuses_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "=name": ["=HYPERLINK(1)", "-x", None, "广州"],
            "loss": [-5.5, 1.0, float("nan"), 2.0],
            "count": [-1, 0, 1, 2],
            "mixed": ["-1", -1, 2.5, None],
            "kind": pd.Categorical(["-a", "b", "-a", "b"]),
            "day": pd.date_range("2026-11-01", periods=4),
        }
    )
    path = tmp_path / "tables" / "x.csv"
    csv_files.write(frame, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["'=name", "loss", "count", "mixed", "kind", "day"]
    assert rows[1] == ["'=HYPERLINK(1)", "-5.5", "-1", "'-1", "'-a", "2026-11-01"]
    assert rows[2][:4] == ["'-x", "1.0", "0", "-1"]
    assert rows[4][0] == "广州"
    assert frame.columns[0] == "=name", "the frame itself is not touched"


def test_two_columns_of_one_name_do_not_mix(tmp_path: Path) -> None:
    frame = pd.DataFrame([["=a", -1]], columns=["x", "x"])
    csv_files.write(frame, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text(encoding="utf-8-sig").splitlines()[1] == "'=a,-1"


def test_fractions_lose_their_binary_noise_and_cells_their_line_breaks(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "total": [2271.0299999999997, 0.1 + 0.2, float("nan")],
            "large": [12_345_678_901.25, 1e300, float("inf")],
            "mixed": [1.1 + 2.2, "late\ndispatch", "\n=1"],
            "id": [1729200000000000001, 2, 3],
        }
    )
    csv_files.write(frame, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1] == ["2271.03", "12345678901.25", "3.3", "1729200000000000001"]
    assert rows[2] == ["0.3", "1e+300", "late dispatch", "2"]
    assert rows[3] == ["", "inf", "' =1", "3"]


def test_a_table_without_rows_has_its_header_and_one_without_columns_no_file(tmp_path: Path) -> None:
    csv_files.write(pd.DataFrame({"a": pd.Series(dtype="float64"), "b": pd.Series(dtype="str")}), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text(encoding="utf-8-sig") == "a,b\n"
    csv_files.write(pd.DataFrame(), tmp_path / "none.csv")
    assert not (tmp_path / "none.csv").exists()


def test_a_file_is_what_pandas_would_write(tmp_path: Path) -> None:
    """Every kind of column, with gaps, quotes and separators in it; nothing here needs rounding or defusing."""
    frame = pd.DataFrame(
        {
            "float": [0.25, None, 1e-7, 3.0],
            "whole": [1, -2, 3, 4],
            "flag": [True, False, True, False],
            "nullable": pd.array([1, None, -3, 4], dtype="Int64"),
            "fraction": pd.array([0.5, None, -3.25, 4], dtype="Float64"),
            "maybe": pd.array([True, None, False, True], dtype="boolean"),
            "day": pd.to_datetime(["2026-11-01", None, "2026-11-02", "2026-11-03"]),
            "time": pd.to_datetime(["2026-11-01 00:00:00", None, "2026-11-02 13:30:01", "2026-11-03 00:00:00"]),
            "zoned": pd.to_datetime(["2026-11-01 09:00", None, "2026-11-02 13:30", "2026-11-03 00:00"], utc=True),
            "date": [date(2026, 11, 1), None, date(2026, 11, 2), date(2026, 11, 3)],
            "text": ['say "a, b"', None, "x;y", ""],
            "string": pd.array(["a,b", None, "c", "d"], dtype="string"),
            "kind": pd.Categorical(["p", None, "q", "p"]),
            "mixed": ["a", 2, None, 0.5],
            "none": [None, None, None, None],
        }
    )
    csv_files.write(frame, tmp_path / "x.csv")
    frame.to_csv(tmp_path / "theirs.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    assert (tmp_path / "x.csv").read_bytes() == (tmp_path / "theirs.csv").read_bytes()
    csv_files.write(frame[["none"]], tmp_path / "one.csv")
    frame[["none"]].to_csv(tmp_path / "theirs.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "theirs.csv").read_bytes()


@given(st.lists(st.floats(width=64) | st.sampled_from([0.0, -0.0, 1.0, 0.1 + 0.2, math.nan]), min_size=1))
def test_numbers_that_come_again_are_written_as_each_alone(values: list[float]) -> None:
    file = io.StringIO()
    alone = csv.writer(file, lineterminator="\n")
    alone.writerow(["value"])
    alone.writerows(["" if math.isnan(value) else csv_files.clean(value)] for value in values)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.csv"
        csv_files.write(pd.DataFrame({"value": values}), path)
        assert path.read_text(encoding="utf-8-sig") == file.getvalue()


MOMENTS = st.one_of(
    st.datetimes(pd.Timestamp("1990-01-01").to_pydatetime(), pd.Timestamp("2060-01-01").to_pydatetime()),
    st.dates(date(1990, 1, 1), date(2060, 1, 1)).map(pd.Timestamp),
    st.just(pd.NaT),
)


@given(
    st.lists(MOMENTS, min_size=1, max_size=4),
    st.sampled_from([None, "UTC", "Asia/Bangkok", "America/Los_Angeles"]),
    st.sampled_from(["us", "s", "D"]),
)
def test_points_in_time_are_written_as_pandas_does(values: list[pd.Timestamp], zone: str | None, floor: str) -> None:
    column = pd.Series(values, dtype="datetime64[us]").dt.floor(floor)
    if zone:
        column = column.dt.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
    expected = pd.DataFrame({"at": column}).to_csv(index=False).splitlines()[1:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        csv_files.write(pd.DataFrame({"at": column}), path)
        written = path.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert [line.strip('"') for line in written] == [line.strip('"') for line in expected]
