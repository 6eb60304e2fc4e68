"""The sample shops' files against what their maker counted while making them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cancel_analysis.catalog.shops import read_shops
from cancel_analysis.loaders import Intake, identify, load_orders, load_returns

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
SHOPS = [shop.id for shop in read_shops(SAMPLE)] if (SAMPLE / "shops.yaml").is_file() else []
COUNTS = ("rows", "description", "samples", "superseded", "refused", "used")
LOADERS = {"orders": load_orders, "returns": load_returns}
EXPORTS = [
    (shop, file)
    for shop in SHOPS
    for file in json.loads((SAMPLE / shop / "truth.json").read_text(encoding="utf-8"))["files"]
    if file["kind"] in LOADERS and file["format"] in ("csv", "xlsx")
]

pytestmark = pytest.mark.skipif(not SHOPS, reason="no sample data here")


@pytest.fixture(scope="module", params=SHOPS)
def loaded(request: pytest.FixtureRequest) -> tuple[dict[str, Intake], dict[str, Any]]:
    """A shop's exports by kind, and what is true of the shop."""
    shop = next(shop for shop in read_shops(SAMPLE) if shop.id == request.param)
    truth = json.loads((SAMPLE / shop.id / "truth.json").read_text(encoding="utf-8"))
    paths = {
        kind: [SAMPLE / s / f["name"] for s, f in EXPORTS if s == shop.id and f["kind"] == kind] for kind in LOADERS
    }
    return {kind: LOADERS[kind](found, shop) for kind, found in paths.items() if found}, truth


def test_every_file(loaded: tuple[dict[str, Intake], dict[str, Any]]) -> None:
    intakes, truth = loaded
    found = {line["file"]: line for part in intakes.values() for line in part.account.files.to_dict("records")}
    files = [file for shop, file in EXPORTS if shop == truth["shop"]]
    assert set(found) == {file["name"] for file in files}
    for file in files:
        line = found[file["name"]]
        for name in (*COUNTS, "format", "date_order"):
            assert line[name] == file[name], (file["name"], name)


def test_totals(loaded: tuple[dict[str, Intake], dict[str, Any]]) -> None:
    intakes, truth = loaded
    for kind, part in intakes.items():
        files = [file for shop, file in EXPORTS if shop == truth["shop"] and file["kind"] == kind]
        for name in COUNTS:
            assert getattr(part.account, name) == sum(file[name] for file in files), (kind, name)


def test_refused_rows(loaded: tuple[dict[str, Intake], dict[str, Any]]) -> None:
    intakes, truth = loaded
    names = {file["name"] for shop, file in EXPORTS if shop == truth["shop"]}
    found = {(line.file, line.row) for part in intakes.values() for line in part.account.refusals.itertuples()}
    assert found == {(line["file"], line["row"]) for line in truth["refusals"] if line["file"] in names}


def test_every_localized_value_is_known(loaded: tuple[dict[str, Intake], dict[str, Any]]) -> None:
    intakes, _ = loaded
    for part in intakes.values():
        assert part.account.unknown_values.empty


def test_no_word_about_buyers_comes_through(loaded: tuple[dict[str, Intake], dict[str, Any]]) -> None:
    intakes, truth = loaded
    personal = truth["personal"]
    for part in intakes.values():
        frames = (part.table, part.account.files, part.account.refusals, part.account.unknown_values)
        text = " ".join([*(frame.to_csv() for frame in frames), *part.account.notes])
        for mark in (personal["marker"], personal["phone"], personal["mail"]):
            assert mark not in text


@pytest.mark.parametrize(("shop", "file"), EXPORTS, ids=[f"{shop}-{file['name']}" for shop, file in EXPORTS])
def test_every_file_is_recognised(shop: str, file: dict[str, Any]) -> None:
    assert identify(SAMPLE / shop / file["name"]) == f"tiktok_{file['kind']}"
