import pytest

from cancel_analysis.catalog.brand import PARTS, BrandEntry, brand_file, read_brand
from cancel_analysis.catalog.colours import DARK_PAPER, contrast
from cancel_analysis.catalog.shops import read_shop_list, read_shops
from cancel_analysis.errors import SettingsError
from tests.catalog.pictures import png

WHOLE = """\
name: Lim & Söhne
logo: img/logo.png
colour: '#0B6E4F'
contact: reports@example.com
footer: Confidential
disclaimer: For the named shop only.
note: cover.md
parts: [changes, why]
"""


def brand(folder, text, **files):
    (folder / "img").mkdir(exist_ok=True)
    (folder / "img" / "logo.png").write_bytes(png())
    (folder / "cover.md").write_text("Dear *team*", encoding="utf-8")
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    path = folder / "brand.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_brand_is_read(tmp_path):
    found = read_brand(brand(tmp_path, WHOLE))
    assert (found.name, found.contact, found.footer) == ("Lim & Söhne", "reports@example.com", "Confidential")
    assert (found.colour, found.parts, found.note) == ("#0b6e4f", ("changes", "why"), "Dear *team*")
    assert found.logo is not None
    assert found.logo.form == "png"
    assert contrast(found.colour_dark, DARK_PAPER) >= 4.5
    assert [path.name for path in found.files] == ["brand.yml", "logo.png", "cover.md"]


def test_every_key_may_be_left_out(tmp_path):
    found = read_brand(brand(tmp_path, "name: X\nlogo:\n"))
    assert (found.name, found.logo, found.colour, found.parts) == ("X", None, "", ())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nmae: X", r"brand\.yml, line 1 \(brand\): unknown key 'nmae'; did you mean 'name'\?"),
        (
            "name: X\ncolour: '#ffcc00'",
            r"line 2 \(brand, 'colour'\): #ffcc00 has a contrast of 1\.5:1 on white.*darkened",
        ),
        ("colour: red", r"line 1 \(brand, 'colour'\): must be six hexadecimal digits"),
        ("colour: 123456", r"must be text, not the number 123456; write it in quotes"),
        ("parts: [why, chnages]", r"no part 'chnages'; did you mean 'changes'\?"),
        ("parts: [why, why]", r"names 'why' twice"),
        ("parts: []", r"is empty"),
        ("logo: ../logo.png", r"line 1 \(brand, 'logo'\): '\.\./logo\.png' must lie beside brand\.yml"),
        ("logo: /etc/hostname", r"must lie beside brand\.yml"),
        ("name: X\nlogo: none.png", r"line 2 \(brand, 'logo'\): none\.png cannot be opened"),
        ("logo: cover.md", r"cover\.md cannot be used: it is neither"),
        ("note: picture.md", r"\(brand, 'note'\): picture\.md, line 1: holds a picture"),
        ("note: bytes.md", r"bytes\.md, line 2: is not UTF-8"),
        ('name: "a\\u202eb"', r"control character U\+202E"),
        ("- a", r"brand\.yml, line 1: needs keys with values, not a list"),
        ("", r"brand\.yml is empty"),
        ("name: a\nname: b", r"line 2 .*stands twice"),
        ("name: [a", r"is no valid YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, says):
    path = brand(tmp_path, text, picture_md=b"![x](y.png)", bytes_md=b"a\n\xff\xfe")
    with pytest.raises(SettingsError, match=says):
        read_brand(path)


def test_the_darkened_colour_of_the_message_is_taken(tmp_path):
    with pytest.raises(SettingsError) as told:
        read_brand(brand(tmp_path, "colour: '#ffcc00'"))
    offered = str(told.value).split("write '")[1][:7]
    assert read_brand(brand(tmp_path, f"colour: '{offered}'")).colour == offered


def test_a_shop_has_the_brand_of_its_settings(tmp_path):
    brand(tmp_path, WHOLE)
    settings = tmp_path / "shops.yaml"
    settings.write_text("defaults: {market: US, brand: brand.yml}\nshops:\n  - id: a\n  - {id: b, brand: null}\n")
    first, second = read_shops(tmp_path)
    assert (first.brand, first.brand_file) == ("brand.yml", tmp_path / "brand.yml")
    assert second.brand_file is None


def test_a_wrong_brand_fails_its_shop_alone(tmp_path):
    brand(tmp_path, "nmae: X")
    settings = tmp_path / "shops.yaml"
    settings.write_text(
        "shops:\n  - {id: a, market: US}\n  - {id: b, market: US, brand: brand.yml}\n"
        "  - {id: c, market: US, brand: b.yml}\n"
    )
    found = read_shop_list(tmp_path)
    assert [shop.id for shop in found.shops] == ["a"]
    wrong = {shop.id: shop.cause for shop in found.wrong}
    assert "shops.yaml, line 3 (shop 2, 'brand'): brand.yml, line 1 (brand): unknown key 'nmae'" in wrong["b"]
    assert "there is no such file beside the settings" in wrong["c"]


def test_only_yaml_files_are_brands(tmp_path):
    with pytest.raises(SettingsError, match=r"must be a file that ends in \.yml or \.yaml"):
        brand_file("brand.json", tmp_path)


def test_the_parts_are_those_of_the_report(project):
    notebook = (project / "notebooks" / "shop_report.ipynb").read_text(encoding="utf-8")
    assert [part for part in PARTS if f'"id": "part-{part}"' in notebook] == list(PARTS)


def test_the_page_on_brands_has_every_key(project):
    page = (project / "docs" / "brand.md").read_text(encoding="utf-8")
    for name, field in BrandEntry.model_fields.items():
        extra = field.json_schema_extra
        assert f"| `{name}` | {field.description} | {extra['type']} | `{extra['example']}` |" in page
