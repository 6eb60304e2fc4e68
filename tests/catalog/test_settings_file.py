"""The settings file as a whole: what is told of it, and that no text of any kind breaks the reader."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cancel_analysis.catalog import yaml_file
from cancel_analysis.catalog.settings_model import KEYS
from cancel_analysis.catalog.shop_settings import NAMED_FILES
from cancel_analysis.catalog.shops import ShopSettings, read_shop_list
from cancel_analysis.errors import SettingsError

# 388 bytes that stand for nine to the ninth values.
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def read(folder: Path, text: str | bytes, name: str = "shops.yaml") -> list[ShopSettings]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return list(read_shop_list(path).shops)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "shops.yaml is empty; it needs a list called 'shops'"),
        ("~", "line 1: needs a list called 'shops' with at least one shop, not nothing"),
        ("hello", "line 1: needs a list called 'shops' with at least one shop, not 'hello'"),
        ("- id: a", "line 1: needs a list called 'shops' with at least one shop, not a list"),
        ("# x\nshops: []", "line 2: needs a list called 'shops'"),
        ("shops: {id: a, market: US}", "line 1: needs a list called 'shops'"),
        ("shop:\n- id: a", "line 1: unknown key 'shop'; did you mean 'shops'?"),
        ("defaults: {}\nshops: [{id: a, market: US}]\n1: x\nzz: y", "line 3: unknown key '1'"),
        ("shops: [{id: a, market: US}]\ndefaults: [market]", "line 2: 'defaults' must be keys with values, not a list"),
        ("defaults: TH\nshops: [{id: a}]", "line 1: 'defaults' must be keys with values, not 'TH'"),
        ("defaults:\n  markt: TH\nshops: [{id: a}]", "line 2: 'defaults': unknown key 'markt'; did you mean 'market'?"),
        ("defaults: {id: a}\nshops: [{market: US}]", "'id' is each shop's own"),
        ("shops: [{id: a, market: US}]\nshops: [{id: b, market: US}]", "line 2: the key 'shops' stands twice"),
        ("shops:\n\t- id: a", "line 2: is no valid YAML"),
        ("shops:\n\t- id: a", "indented with spaces, never with tabs"),
        ("shops: [", "is no valid YAML"),
        ("shops: [{id: a, market: US}]\n---\nb: 1", "line 2: holds a second document"),
        (b"shops:\n- id: \xff\xfe", "line 2: is not UTF-8 text"),
        ("shops: [{id: a,\n market: US, name: a\0b}]", "line 2: holds the sign #x0000"),
        (BOMB + "shops: *i\n", "line 2: repeats a value by its name (*a)"),
        ("shops: " + "[" * 1000 + "]" * 1000, "line 1: is nested more than 20 levels deep"),
        ("shops:\n" + "".join(" " * n + "-\n" for n in range(1000)), "line 21: is nested more than 20 levels deep"),
        ("shops: " + "{a: " * 1000 + "}" * 1000, "is nested more than 20 levels deep"),
        ("#" * 1_100_000, "is larger than 1 MB"),
        (f"? {'9' * 5000}\n: 1\n", "unknown key '9999"),
        ("? [a]\n: b\nshops: [{id: a, market: US}]", "line 1: a key must be one word, not a list"),
        ("!!set {shops, defaults}", "has the YAML tag '!!set'"),
    ],
    ids=range(27),
)
@pytest.mark.parametrize("parser", ["libyaml", "python"])
def test_what_is_wrong_with_the_file_as_a_whole_is_told(
    tmp_path: Path, text: str | bytes, told: str, parser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parser == "python":
        monkeypatch.setattr(yaml_file, "_Parser", yaml_file.yaml.SafeLoader)
    started = time.perf_counter()
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith("shops.yaml")
    assert told in str(caught.value)
    assert len(str(caught.value)) < 500
    assert time.perf_counter() - started < 5, "the bomb took 43 seconds, deep nesting more than Python's stack"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    text = "\ufeffshops:\r\n  - id: a\r\n    market: US\r\n    name: ร้าน\r\n"
    assert [shop.name for shop in read(tmp_path, text)] == ["ร้าน"]


def test_a_thousand_shops_are_read_at_once(tmp_path: Path) -> None:
    entries = "".join(
        f"- {{id: shop-{n}, market: TH, costs: {{commission: 0.06}}, files: 's{n}/*'}}\n" for n in range(1000)
    )
    assert len(read(tmp_path, f"defaults: {{synthetic: true}}\nshops:\n{entries}")) == 1000


def test_only_files_that_the_command_wrote_down_lie_anywhere(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "o.csv").write_text("x")
    (tmp_path / "own").mkdir()
    text = "shops: [{id: a, market: US, files: [../exports/o.csv]}]"
    (shop,) = read(tmp_path / "own", text, NAMED_FILES)
    assert shop.files == (tmp_path / "exports" / "o.csv",)
    with pytest.raises(SettingsError, match="leaves the folder"):
        read(tmp_path / "own", text)


# --- any text ----------------------------------------------------------------------------------

SIGNS = st.text(st.sampled_from("ab: \n-[]{}'\"#&*!|>?%@`,\t\\0129.~=<é\u202e"), max_size=60)
SCALARS = st.one_of(
    st.sampled_from(
        ["US", "a", "**", "..", "/", "~", ".nan", "1e9", "0x1F", "1:30", "2026-01-01", "yes", "''", "<<", "="]
    ),
    st.integers().map(str),
    st.floats().map(str),
    SIGNS,
)
NAMES = st.one_of(st.sampled_from(KEYS), SCALARS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(NAMES, inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        ),
    ),
    max_leaves=8,
)
ENTRIES = st.lists(st.tuples(NAMES, VALUES), max_size=4).map(
    lambda pairs: "{id: a, market: US" + "".join(f", {key}: {value}" for key, value in pairs) + "}"
)
FILES = st.one_of(
    st.text(max_size=200),
    SIGNS,
    VALUES.map(lambda value: f"shops: {value}"),
    st.tuples(VALUES, ENTRIES).map(lambda parts: f"defaults: {parts[0]}\nshops: [{parts[1]}]"),
    st.lists(ENTRIES, min_size=1, max_size=3).map(lambda entries: f"shops: [{', '.join(entries)}]"),
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("shops: [{id: a, market: US, alerts: {.nan: 1, 7: .inf}}]")
@example("shops: [{id: a, market: US, refuse_limit: 1:30, files: [[a]]}]")
@example("shops: [{id: a, market: US, name: ! 5, costs: !!map [a]}]")
@given(FILES)
def test_any_text_gives_shops_or_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    started = time.perf_counter()
    shops: list[ShopSettings] = []
    told = ""
    try:
        shops = read(tmp_path, text.encode("utf-8", "surrogatepass"))
    except SettingsError as error:
        told = str(error)
    assert bool(shops) != told.startswith("shops.yaml")
    assert all(shop.slug for shop in shops)
    assert str(tmp_path) not in told
    assert time.perf_counter() - started < 5
