import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.catalog.shops import folder_shop, make_shop, read_shops, slug
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
    with pytest.raises(SettingsError, match="share"):
        read_shops(
            write(tmp_path, "shops: [{id: A b, market: US, files: x/*}, {id: a-b, market: US, files: x/*}]", "x/o.csv")
        )


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


@given(st.text(min_size=1))
def test_a_slug_is_always_one_plain_name(text):
    try:
        name = slug(text)
    except SettingsError:
        return
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_settings_are_data_not_objects(tmp_path):
    with pytest.raises(SettingsError, match="YAML"):
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
