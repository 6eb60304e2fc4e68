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
