import pytest
from hypothesis import given
from hypothesis import strategies as st

from cancel_analysis.catalog.logo import MOST_BYTES, read_logo
from cancel_analysis.errors import SettingsError
from tests.catalog.pictures import jpeg, png


def logo(folder, content, name="logo.png"):
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("content", "form", "size"), [(png(7, 9), "png", (7, 9)), (jpeg(11, 3), "jpeg", (11, 3))])
def test_a_picture_is_known_by_its_content(tmp_path, content, form, size):
    # The name says nothing: a JPEG called .png is a JPEG.
    found = read_logo(logo(tmp_path, content, "logo.gif"))
    assert (found.form, (found.width, found.height), found.content) == (form, size, content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG may hold scripts"),
        (b"GIF89a" + bytes(40), "neither a whole PNG nor a whole JPEG"),
        (png()[:-6], "neither a whole PNG"),
        (jpeg()[:-2], "neither a whole PNG nor a whole JPEG"),
        (b"", "neither a whole PNG"),
        (png(5000, 1), "5,000 by 1 pixels"),
        (png() + bytes(MOST_BYTES), "larger than 200 kB"),
    ],
)
def test_what_is_no_logo_is_refused(tmp_path, content, says):
    with pytest.raises(SettingsError, match=says):
        read_logo(logo(tmp_path, content))


def test_a_logo_that_is_not_there_is_told_by_name(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.png cannot be opened: No such file"):
        read_logo(tmp_path / "nowhere.png")


@given(st.binary(max_size=60), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_any_bytes_are_a_logo_or_a_settings_error(tmp_path_factory, tail, head):
    path = logo(tmp_path_factory.mktemp("logo"), head + tail)
    try:
        found = read_logo(path)
    except SettingsError:
        return
    assert found.width > 0
