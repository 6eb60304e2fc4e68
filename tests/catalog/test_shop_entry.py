import pytest

from cancel_analysis.catalog.shops import read_shops
from cancel_analysis.errors import SettingsError
from tests.catalog.test_shops import write


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
