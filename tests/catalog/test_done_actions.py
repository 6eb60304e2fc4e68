"""`actions.yaml` is read strictly: each message names file, line and the nearest right name."""

from datetime import date

import pytest

from cancel_analysis.catalog.done_actions import read_done
from cancel_analysis.catalog.shops import make_shop, read_shop_list
from cancel_analysis.errors import SettingsError

GOOD = """\
actions:
  - id: stock-1a2b3c4d
    done: 2026-11-03
    note: hourly
  - id: [price-1, price-2]
    done: 2026-11-05
"""


def read(tmp_path, text):
    path = tmp_path / "actions.yaml"
    path.write_text(text, encoding="utf-8")
    return read_done(path)


def test_entries_come_in_their_order_with_their_lines(tmp_path):
    one, two = read(tmp_path, GOOD)
    assert (one.ids, one.done, one.note, one.where) == (
        ("stock-1a2b3c4d",), date(2026, 11, 3), "hourly", "actions.yaml, line 2",
    )  # fmt: skip
    assert (two.ids, two.note, two.line) == (("price-1", "price-2"), "", 5)
    assert read(tmp_path, "") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("done: 1\n", "line 1: unknown key 'done'; known are actions"),
        ("actoins: []\n", "line 1: unknown key 'actoins'; did you mean 'actions'"),
        ("actions: nothing\n", "line 1: needs a list called 'actions'"),
        ("actions:\n  - id: stock-1\n", "line 2: 'done' is missing; write it like"),
        ("actions:\n  - done: 2026-11-03\n", "line 2: 'id' is missing"),
        ("actions:\n  - id: stock-1\n    dne: 2026-11-03\n", "line 3: unknown key 'dne'; did you mean 'done'"),
        (
            "actions:\n  - id: stock-1\n    done: 3.11.2026\n",
            "line 3: 'done' must be a day such as 2026-11-03, not '3.11",
        ),
        ("actions:\n  - id: Stock 1\n    done: 2026-11-03\n", "line 2: 'Stock 1' can be no id"),
        ("actions:\n  - id: [a, a]\n    done: 2026-11-03\n", "line 2: 'id' needs one id, or a list of different ones"),
        ("actions:\n  - id: a\n    id: b\n    done: 2026-11-03\n", "line 3: the key 'id' stands twice"),
        ("actions:\n  - id: a\n    done: 2026-11-03\n    note: " + "x" * 201 + "\n", "line 4: 'note' takes one line"),
        ("actions:\n  - id: a\n    done:\n", "'done' needs a plain value"),
        ("actions:\n  - just text\n", "line 2: must be keys with values"),
        ("actions: [\n", "is no valid YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, told):
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith("actions.yaml, line")
    assert told in str(caught.value)


def shops(tmp_path, text, actions="", where="a"):
    for name in ("a", "b"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "orders.csv").write_text("x\n")
    (tmp_path / where / "actions.yaml").write_text(actions or GOOD)
    (tmp_path / "shops.yaml").write_text(text)
    return read_shop_list(tmp_path)


def test_the_file_beside_a_shops_exports_is_its_own(tmp_path):
    found = shops(tmp_path, "shops:\n- {id: a, market: US}\n- {id: b, market: US}\n")
    assert {shop.id: shop.actions_file and shop.actions_file.parent.name for shop in found.shops} == {
        "a": "a",
        "b": None,
    }


def test_one_that_is_named_counts_and_one_beside_the_settings_is_nobodys(tmp_path):
    text = "shops:\n- {id: a, market: US, files: x.csv, actions: b/actions.yaml}\n- {id: b, market: US, files: y.csv}\n"
    (tmp_path / "actions.yaml").write_text(GOOD)
    (tmp_path / "y.csv").write_text("x\n")
    first, second = shops(tmp_path, text, where="b").shops
    assert first.actions_file.parent.name == "b"
    assert second.actions_file is None


def test_a_bad_file_is_its_own_shops_and_stops_no_other(tmp_path):
    found = shops(tmp_path, "shops:\n- {id: a, market: US}\n- {id: b, market: US}\n", "actions:\n  - idd: x\n")
    assert [shop.id for shop in found.shops] == ["b"]
    (wrong,) = found.wrong
    assert wrong.id == "a"
    assert "actions.yaml, line 2: unknown key 'idd'; did you mean 'id'" in wrong.cause


def test_a_file_that_is_named_and_not_there_or_elsewhere_is_told(tmp_path):
    with pytest.raises(SettingsError, match=r"actions.*names 'no\.yaml', but there is no such file"):
        make_shop({"id": "a", "market": "US", "actions": "no.yaml"}, tmp_path)
    found = shops(tmp_path, "shops:\n- {id: a, market: US, actions: ../x.yaml}\n- {id: b, market: US}\n")
    assert "leaves the folder" in found.wrong[0].cause
