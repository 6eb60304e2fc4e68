import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.catalog.settings_model import ShopEntry
from cancel_analysis.catalog.shops import ShopSettings, folder_shop, make_shop, read_shop_list, read_shops, slug
from cancel_analysis.errors import SettingsError, WrongFileError
from cancel_analysis.loaders import load_shop


def write(folder, text, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    (folder / "shops.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_market_gives_currency_and_time_zone(tmp_path):
    shop = read_shops(write(tmp_path, "shops: [{id: a, market: th}]", "a/o.csv"))[0]
    assert (shop.market, shop.currency, shop.timezone, shop.name) == ("TH", "THB", "Asia/Bangkok", "a")
    assert [path.name for path in shop.files] == ["o.csv"]


def test_defaults_hold_for_every_shop_and_a_shop_may_differ(tmp_path):
    text = "defaults: {market: UK, language: en}\nshops: [{id: a}, {id: b, market: US, timezone: America/New_York}]"
    one, two = read_shops(write(tmp_path, text, "a/o.csv", "b/o.xlsx"))
    assert (one.market, two.market, two.timezone) == ("GB", "US", "America/New_York")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{id: a}", "market"),
        ("{market: US}", "'id'"),
        ("{id: a, market: XX}", "unknown market"),
        ("{id: a, market: US, colour: red}", "colour"),
        ("{id: a, market: US, timezone: Mars/Base}", "Mars/Base"),
        ("{id: a, market: US, refuse_limit: 2}", "refuse_limit"),
        ("{id: a, market: US, near_share: true}", "near_share"),
        ("{id: a, market: US, date_order: ydm}", "date_order"),
        ("{id: a, market: US, strict: yes please}", "strict"),
        ("{id: '日本', market: JP, files: 'a/*'}", "letters"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, entry, message):
    with pytest.raises(SettingsError, match=message):
        read_shops(write(tmp_path, f"shops: [{entry}]", "a/o.csv"))


def test_two_shops_never_share_a_folder(tmp_path):
    text = "shops:\n- {id: A b, market: US, files: x/*}\n- {id: a-b, market: US, files: x/*}\n- {id: c, market: US}\n"
    with pytest.raises(SettingsError, match=r"line 3 \(shop 2, 'id'\): shops 'A b' and 'a-b' would share the folder"):
        read_shops(write(tmp_path, text, "x/o.csv"))
    found = read_shop_list(tmp_path)
    assert [shop.id for shop in found.shops] == ["A b", "c"]
    assert [shop.id for shop in found.wrong] == ["shop-2"], "its report would lie where that of the first does"


def test_without_settings_the_message_shows_what_to_write(tmp_path):
    with pytest.raises(SettingsError, match="shops:"):
        read_shops(tmp_path)


def test_a_folder_can_be_a_shop(tmp_path):
    (tmp_path / "orders [1].csv").write_text("x", encoding="utf-8")
    (tmp_path / "~$orders.xlsx").write_text("x", encoding="utf-8")
    shop = folder_shop(tmp_path, "US", name="Mine")
    assert [path.name for path in shop.files] == ["orders [1].csv"]
    assert shop.name == "Mine"


def test_a_plain_file_name_with_brackets_is_no_pattern(tmp_path):
    text = "shops: [{id: a, market: US, files: 'All order[1].csv'}]"
    assert len(read_shops(write(tmp_path, text, "All order[1].csv"))[0].files) == 1


def test_a_folder_stands_for_the_files_in_it(tmp_path):
    (tmp_path / "exports" / "older").mkdir(parents=True)
    for name in ("b.csv", "a.csv", "notes.md", "older/c.csv"):
        (tmp_path / "exports" / name).write_text("x", encoding="utf-8")
    for given_as in ("exports", "exports/"):
        (shop,) = read_shops(write(tmp_path, f"shops: [{{id: a, market: US, files: [{given_as}]}}]"))
        assert [path.name for path in shop.files] == ["a.csv", "b.csv"]


@given(st.text(min_size=1))
def test_a_slug_is_always_one_plain_name(text):
    try:
        name = slug(text)
    except SettingsError:
        return
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_settings_are_data_not_objects(tmp_path):
    with pytest.raises(SettingsError, match="YAML tag '!!python/object/apply"):
        read_shops(write(tmp_path, "shops: !!python/object/apply:os.system ['true']"))
    with pytest.raises(SettingsError, match="unknown key"):
        make_shop({"id": "a", "market": "US", "decimals": 3})


def test_a_shop_without_files_is_a_shop_and_loading_it_says_what_was_looked_for(tmp_path):
    text = "shops: [{id: a, market: US, files: nothing/*}, {id: b, market: US, files: x/*}]"
    without, other = read_shops(write(tmp_path, text, "x/o.csv"))
    assert (without.files, len(other.files)) == ((), 1)
    with pytest.raises(WrongFileError, match=r"shop 'a' has no \.csv.*\n?.*nothing/\*"):
        load_shop(without)


def test_a_folder_without_files_is_no_shop(tmp_path):
    with pytest.raises(SettingsError, match=r"no \.csv"):
        folder_shop(tmp_path, "US")


# --- one wrong shop among others -------------------------------------------------------------

WRONG = """defaults:
  timezone: Asia/Bangkok
shops:
  - id: good
    market: TH
  - id: bad
    name: Bad Shop
    market: XX
    files: 'x/*'
  - id: last
    market: US
    limits: uk_2022
    mapping: nothing.yaml
  - just a text
"""


def test_one_wrong_shop_fails_alone_with_file_and_line(tmp_path):
    found = read_shop_list(write(tmp_path, WRONG))
    assert [shop.id for shop in found.shops] == ["good"]
    assert [(shop.id, shop.name, shop.market) for shop in found.wrong] == [
        ("bad", "Bad Shop", "XX"),
        ("last", "last", "US"),
        ("shop-4", "shop-4", ""),
    ]
    market, last, text = (shop.cause for shop in found.wrong)
    assert market.startswith("shops.yaml, line 8 (shop 2, 'market'): unknown market 'XX'; known are US, GB")
    assert "shops.yaml, line 12 (shop 3, 'limits'): is 'uk_2022'; for market US it must be one of official" in last
    assert "shops.yaml, line 13 (shop 3, 'mapping'): there is no mapping file 'nothing.yaml'" in last
    assert text.startswith("shops.yaml, line 14 (shop 4): must be keys with values")
    with pytest.raises(SettingsError, match=r"line 8 .*\n  .*line 12 .*\n  .*line 14"):
        read_shops(tmp_path)


def test_shops_are_named_by_id_or_folder_and_the_wrong_ones_say_why(tmp_path):
    found = read_shop_list(write(tmp_path, WRONG.replace("id: good", "id: My Good")))
    assert [shop.id for shop in found.named(["my-good"]).shops] == ["My Good"]
    both = found.named(["bad", "My Good"])
    assert ([shop.id for shop in both.shops], [shop.id for shop in both.wrong]) == (["My Good"], ["bad"])
    with pytest.raises(SettingsError, match=r"line 8 \(shop 2, 'market'\)"):
        found.named(["bad"])
    with pytest.raises(SettingsError, match=r"no shop 'goood'; did you mean 'My Good'\? there are My Good, bad, last"):
        found.named(["goood"])


def test_when_every_shop_is_wrong_the_causes_are_told_three_at_most(tmp_path):
    text = "shops:\n" + "".join(f"  - {{id: s{n}, market: XX}}\n" for n in range(5))
    with pytest.raises(SettingsError) as caught:
        read_shop_list(write(tmp_path, text))
    lines = str(caught.value).split("\n  ")
    assert [line.partition(", 'market'")[0] for line in lines[:3]] == [
        f"shops.yaml, line {n} (shop {n - 1}" for n in (2, 3, 4)
    ]
    assert lines[3:] == ["and 2 more"]


def test_a_fault_in_the_defaults_is_told_by_its_own_line_and_spares_who_says_otherwise(tmp_path):
    text = "defaults:\n  timezone: Mars/Base\nshops:\n  - {id: a, market: US}\n  - {id: b, market: US, timezone: UTC}\n"
    found = read_shop_list(write(tmp_path, text))
    assert [shop.id for shop in found.shops] == ["b"]
    assert found.wrong[0].cause.startswith("shops.yaml, line 2 (defaults, 'timezone'): 'Mars/Base' is not known")


def test_three_problems_of_a_shop_are_told_and_how_many_more(tmp_path):
    entry = "{id: a, market: XX, markt: US, refuse_limit: 2, strict: 1, name: 5}"
    with pytest.raises(SettingsError) as caught:
        read_shops(write(tmp_path, f"shops: [{entry}]"))
    assert str(caught.value).count("shops.yaml, line 1") == 3
    assert str(caught.value).endswith("; and 2 more")


# --- what was a traceback, or was taken in silence -------------------------------------------

LONG = "x" * 300
ODD = [
    ("{id: a, market: US, 1: x, zzz: y}", r"unknown key '1'.*unknown key 'zzz'"),
    ("{id: a, market: US, markt: TH}", r"\(shop 1\): unknown key 'markt'; did you mean 'market'\?"),
    ("{id: a, market: US, files: ''}", r"\(shop 1, 'files'\): is empty"),
    ("{id: a, market: US, files: []}", r"'files'\): is empty"),
    ("{id: a, market: US, files: '**x'}", r"'\*\*' \(any folders\) must stand alone"),
    ("{id: a, market: US, files: /}", "leaves the folder of the settings file"),
    ("{id: a, market: US, files: [x, ../other/*]}", r"'\.\./other/\*' leaves the folder"),
    ("{id: a, market: US, files: 'x/../../other/*'}", "leaves the folder"),
    ("{id: a, market: US, files: 'C:\\exports\\*'}", "leaves the folder"),
    ("{id: a, market: US, files: '..\\exports\\*'}", "leaves the folder"),
    ("{id: a, market: US, files: /tmp/*}", "leaves the folder"),
    ("{id: a, market: US, files: ~/*}", "leaves the folder"),
    ("{id: a, market: US, files: .}", "names a folder, and no file"),
    ("{id: a, market: US, files: {a: b}}", "must be a pattern or a list of patterns, not keys with values"),
    ("{id: a, market: US, files: [1]}", r"'files'\): must be text, not the number 1"),
    (f"{{id: a, market: US, files: {LONG}}}", "no pattern of file names"),
    ("{id: a, market: US, timezone: America}", r"such as 'America/"),
    ("{id: a, market: US, timezone: Asia/Bankok}", r"did you mean 'Asia/Bangkok'\?"),
    (f"{{id: a, market: US, timezone: {LONG}}}", r"'timezone'\): has 300 characters; at most 100"),
    (f"{{id: {LONG}, market: US}}", r"'id'\): has 300 characters"),
    (f"{{id: a, market: US, name: {LONG}}}", r"'name'\): has 300 characters; at most 200"),
    (f"{{id: a, market: US, limits: {LONG}}}", r"'limits'\): has 300 characters"),
    (f"{{id: a, market: US, mapping: {LONG}.yaml}}", r"'mapping'\): cannot be opened"),
    (f"{{id: a, market: {LONG}}}", r"'market'\): has 300 characters"),
    ("{id: [a], market: US}", r"'id'\): must be text, not a list"),
    ("{id: a, market: US, category: [Home, Beauty]}", r"'category'\): must be text, not a list"),
    ("{id: 007, market: US}", r"'id'\): must be text, not the number 007; write it in quotes: '007'"),
    ("{id: no, market: US}", r"write it in quotes: 'no'"),
    ("{id: '', market: US}", r"'id'\): is empty"),
    ("{id: a, market: US, name: '  '}", r"'name'\): is empty"),
    ('{id: a, market: US, name: "a\\tb"}', r"control character U\+0009"),
    ('{id: a, market: US, name: "a\\u202eb"}', r"control character U\+202E"),
    ("{id: a, market: US, market: TH}", "the key 'market' stands twice; it stands in line 1 already"),
    ("{id: a, market: US, alerts: {7: 0.1, 7: 0.2}}", "the key '7' stands twice"),
    ("{id: a, market: US, refuse_limit: .nan}", r"must be a number from 0 to 1, not \.nan"),
    ("{id: a, market: US, seller_weight: .inf}", r"from 0 to 100, not \.inf"),
    ("{id: a, market: US, buyer_weight: true}", "from 0 to 100, not true"),
    ("{id: a, market: US, near_share: '0.5'}", "from 0 to 1, not '0.5'"),
    (f"{{id: a, market: US, near_share: {'9' * 5000}}}", "is a number of 5,000 characters"),
    (f"{{id: {'9' * 5000}, market: US}}", "is a number of 5,000 characters"),
    ("{id: a, market: US, alerts: {14: 0.1}}", r"'alerts\.14'\): can be set for 7, 15, 30 days, not 14; write it like"),
    ("{id: a, market: US, costs: {comission: 0.1}}", r"unknown key 'comission'; did you mean 'commission'\?"),
    ("{id: a, market: US, standing: {violation_points: 3}}", r"'standing'\): 'read_on' is missing; write it like"),
    ("{id: a, market: US, standing: {read_on: 2026-13-01}}", "must be a day such as 2026-11-28, not '2026-13-01'"),
    (
        "{id: a, market: US, standing: {read_on: 2026-11-28, violation_pionts: 3}}",
        r"unknown key 'violation_pionts'; did you mean 'violation_points'\?",
    ),
    (
        "{id: a, market: US, standing: {read_on: 2026-11-28, on_time_delivery_rate: 95}}",
        r"'standing\.on_time_delivery_rate'\): must be a number from 0 to 1, not 95",
    ),
    ("{id: a, market: US, refuse_limit: !!int abc}", "is no whole number: 'abc'"),
    ("{id: !!python/name:os.system x, market: US}", "has the YAML tag '!!python/name:os.system'"),
    ("{id: a, market: US, language: xx}", "no report language 'xx'; there are en"),
    ("{id: a, market: US, limits: oficial}", r"must be one of official, .*did you mean 'official'\?"),
    ("{id: a, market: US, ? [x] : y}", "a key must be one word, not a list"),
]


@pytest.mark.parametrize(("entry", "message"), ODD, ids=[entry[:60] for entry, _ in ODD])
def test_odd_settings_are_told(tmp_path, entry, message):
    with pytest.raises(SettingsError, match=message) as caught:
        read_shops(write(tmp_path, f"shops: [{entry}]"))
    told = str(caught.value)
    assert told.startswith("shops.yaml, line 1 (shop 1")
    assert len(told) < 1000, "a message is never as long as what somebody wrote"
    assert str(tmp_path) not in told


def test_the_line_is_that_of_the_value(tmp_path):
    files, costs = "  files:\n  - x/*\n  - /etc/*\n", "  costs:\n    commission: 0.1\n    label_fee: -1\n"
    text = f"shops:\n- id: a\n  market: US\n{files}{costs}"
    with pytest.raises(SettingsError) as caught:
        read_shops(write(tmp_path, text))
    assert "line 6 (shop 1, 'files'): '/etc/*'" in str(caught.value)
    assert "line 9 (shop 1, 'costs.label_fee'): must be a number from 0 to" in str(caught.value)


def test_the_messages_in_the_documentation_are_those_that_are_told(tmp_path, project):
    page = (project / "docs" / "shops.md").read_text(encoding="utf-8")
    shown = [line for line in page.splitlines() if line.startswith("shops.yaml, line")]
    second, third = "- id: b\n  market: TH\n  timezone: Asia/Bankok\n", "- id: c\n  markt: TH\n  market: TH\n"
    text = f"shops:\n- id: a\n  market: US\n\n{second}{third}"
    assert [shop.cause for shop in read_shop_list(write(tmp_path, text)).wrong] == shown
    assert len(shown) == 2


def test_every_example_of_the_documentation_is_taken(tmp_path):
    (tmp_path / "brand.yml").write_text("name: Lim Marketplace Advisory\n")
    (tmp_path / "siam").mkdir()
    (tmp_path / "siam" / "actions.yaml").write_text("actions:\n  - {id: stock-1a2b3c4d, done: 2026-11-03}\n")
    for name, field in ShopEntry.model_fields.items():
        example = yaml.safe_load(field.json_schema_extra["example"])
        shop = make_shop({"id": "a", "market": "TH", name: example}, tmp_path)
        assert isinstance(shop, ShopSettings), name


def test_an_empty_value_stands_for_the_default(tmp_path):
    text = (
        "defaults: {category: Home, language: en}\nshops:\n- id: a\n  market: US\n  category:\n  name: ~\n  alerts:\n"
    )
    (shop,) = read_shops(write(tmp_path, text))
    assert (shop.category, shop.name, shop.alerts) == (None, "a", ())
    with pytest.raises(SettingsError, match="'market' is missing"):
        read_shops(write(tmp_path, "shops: [{id: a, market: }]"))


def test_what_looks_like_a_date_is_a_text(tmp_path):
    (shop,) = read_shops(write(tmp_path, "shops: [{id: 2026-01-05, market: US}]"))
    assert shop.id == "2026-01-05"


def test_names_of_every_script_are_kept(tmp_path):
    names = ["兰花进口", "ร้านสยาม", "👩‍👩‍👧 Family", "Täst & Söhne"]
    text = "shops:\n" + "".join(f"- {{id: s{n}, market: SG, name: '{name}'}}\n" for n, name in enumerate(names))
    assert [shop.name for shop in read_shops(write(tmp_path, text))] == names


def test_numbers_too_large_for_a_float_are_refused():
    with pytest.raises(SettingsError, match="'seller_weight': is a number too large"):
        make_shop({"id": "a", "market": "US", "seller_weight": 10**400})
