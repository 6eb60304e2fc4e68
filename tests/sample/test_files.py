"""The committed sample is what the generator writes, and no more than a checkout can bear."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import pytest
import yaml

from cancel_analysis.catalog.shops import read_shops
from cancel_analysis.sample import make_sample

from .raw import SAMPLE, SHOPS, truth

STALE, OWN = f"{SHOPS[0]}/All order-of-last-year.csv", "my-own-shop/orders.csv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """A folder that held a file of an older sample and one of the user's own, and what was written into it."""
    folder = tmp_path_factory.mktemp("sample")
    for name in (STALE, OWN):
        (folder / name).parent.mkdir()
        (folder / name).write_text("old")
    return folder, make_sample(folder)


@pytest.fixture(scope="module")
def fresh(made: tuple[Path, list[Path]]) -> Path:
    return made[0]


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def _unpacked(content: bytes) -> list[tuple[str, tuple[int, ...], bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(entry.filename, entry.date_time, archive.read(entry)) for entry in archive.infolist()]


def test_the_same_files_are_written_again(fresh: Path) -> None:
    assert [name for name in _files(fresh) if name != OWN] == list(_files(SAMPLE))


def test_every_byte_is_written_again(fresh: Path) -> None:
    # Another zlib packs the same sheet into other bytes; what is inside must be equal all the same.
    other_zlib = "ng" in zlib.ZLIB_RUNTIME_VERSION
    for name, path in _files(fresh).items():
        if name == OWN:
            continue
        made, committed = path.read_bytes(), (SAMPLE / name).read_bytes()
        if other_zlib and name.endswith(".xlsx"):
            assert _unpacked(made) == _unpacked(committed), name
        else:
            assert made == committed, f"{name} is not what make_sample writes; run `make sample`"


def test_it_returns_what_it_wrote_and_clears_what_is_old(made: tuple[Path, list[Path]]) -> None:
    folder, written = made
    assert not (folder / STALE).exists()
    assert (folder / OWN).read_text() == "old"
    assert written == sorted(path for path in _files(folder).values() if path != folder / OWN)


def test_it_is_small_enough() -> None:
    assert sum(path.stat().st_size for path in _files(SAMPLE).values()) <= 6_000_000


def test_it_says_that_it_is_invented() -> None:
    assert "synthetic" in (SAMPLE / "README.md").read_text(encoding="utf-8").splitlines()[0]
    settings = yaml.safe_load((SAMPLE / "shops.yaml").read_text(encoding="utf-8"))
    assert settings["defaults"]["synthetic"] is True


def test_the_settings_are_accepted_and_name_every_file() -> None:
    shops = read_shops(SAMPLE)
    assert [shop.id for shop in shops] == list(SHOPS)
    assert all(shop.synthetic for shop in shops)
    for shop in shops:
        assert {path.name for path in shop.files} == {file["name"] for file in truth(shop.id)["files"]}
    cross_border = [shop for shop in shops if shop.cross_border]
    assert [(shop.id, shop.limits) for shop in cross_border] == [("sg-orchid-import", "cross_border")]
