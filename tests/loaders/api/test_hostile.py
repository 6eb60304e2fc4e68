"""Whatever stands in a field of an answer costs that object at most, and comes out as text that anything can hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cancel_analysis import tables
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import UnreadableFileError
from cancel_analysis.loaders import load_api
from tests.loaders.api_objects import answer, cancellation, cancelled, order, returned

SHOP = make_shop({"id": "s", "market": "TH", "refuse_limit": 1})
# As JSON writes them: numbers of thousands of digits, half a letter, a NUL, and things of another kind.
HOSTILE = {
    "digits": "9" * 5000,
    "minus": "-" + "9" * 5000,
    "decimals": "0." + "9" * 5000,
    "huge": "1e999",
    "digits as text": f'"{"9" * 5000}"',
    "decimals as text": f'"1.{"9" * 5000}"',
    "surrogate": '"a\\ud83d"',
    "nul": '"a\\u0000b"',
    "number and nul": '"1\\u0000"',
    "controls": '"\\u0001\\u001b[31m\\u007f\\uffff"',
    "number": "7",
    "true": "true",
    "list": "[[[]]]",
    "object": '{"a\\ud83d\\u0000": null}',
    "null": "null",
}
PLACE = "HOSTILE-PLACE"


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every field of an object, and of the objects within."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from places(item, (*path, key))


def put(value: Any, path: tuple[Any, ...]) -> Any:
    """A copy with PLACE at `path`."""
    copy = json.loads(json.dumps(value))
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = PLACE
    return copy


MAKERS: dict[str, Callable[[int], Any]] = {
    "orders": order, "cancelled orders": cancelled, "cancellations": cancellation, "return_orders": returned,
}  # fmt: skip
HEALTHY = (7, 8, 9)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("value", HOSTILE)
def test_any_value_in_any_field(tmp_path: Path, kind: str, value: str) -> None:
    make, name = MAKERS[kind], kind.removeprefix("cancelled ")
    # One object for each of its fields, with the value in that field, and some healthy ones among them.
    hostile = [put(make(number), path) for number, path in enumerate(places(make(1)), start=20)]
    text = json.dumps(answer(**{name: [*hostile, *map(make, HEALTHY)]}))
    file = tmp_path / "a.json"
    file.write_text(text.replace(f'"{PLACE}"', HOSTILE[value]), encoding="utf-8")
    intake = load_api(file, SHOP)
    found, table = {
        "orders": (intake.orders, tables.ORDER_LINES),
        "cancellations": (intake.requests, tables.CANCEL_REQUESTS),
        "return_orders": (intake.returns, tables.RETURNS),
    }[name]
    assert found is not None
    tables.check(found.table, table)
    used = set(found.table["order_id"])
    assert {make(number).get("order_id") or make(number)["id"] for number in HEALTHY} <= used
    account = found.account
    assert account.rows == account.used + account.refused + account.superseded + account.samples
    for frame in (found.table, account.refusals, account.unknown_values):
        written = frame.to_csv().encode("utf-8").decode()
        assert not set(written) & {"\x00", "\x01", "\x1b", "\uffff"}
    amounts = found.table.select_dtypes("number")
    assert not amounts.isin([float("inf"), float("-inf")]).any().any()


def test_lists_in_lists_without_end(tmp_path: Path) -> None:
    for depth in (500, 900, 5_000, 100_000):
        path = tmp_path / f"{depth}.json"
        path.write_text("[" * depth + "]" * depth, encoding="utf-8")
        if depth < 1_000:
            # Lists of nothing are an empty page.
            found = load_api(path, SHOP)
            assert (found.orders, found.returns, found.requests) == (None, None, None)
        else:
            with pytest.raises(UnreadableFileError, match="inside"):
                load_api(path, SHOP)


def test_names_of_fields_are_text_too(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    text = json.dumps(answer(orders=[order(1), order(2), order(3)])) + '\n{"a\\ud83d\\u0000": 1}\n'
    path.write_text(text, encoding="utf-8")
    intake = load_api(path, SHOP).orders
    assert intake is not None
    assert intake.account.refusals["value"].tolist() == ["fields a\ufffd\ufffd"]
    assert isinstance(intake.table, pd.DataFrame)
