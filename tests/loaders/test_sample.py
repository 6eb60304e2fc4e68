"""The sample shops' files against what their maker counted while making them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cancel_analysis.loaders import Account, Intake, ShopIntake, identify, load_shop
from cancel_analysis.shops import read_shops

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
SHOPS = [shop.id for shop in read_shops(SAMPLE)] if (SAMPLE / "shops.yaml").is_file() else []
COUNTS = ("rows", "description", "samples", "superseded", "refused", "used")

pytestmark = pytest.mark.skipif(not SHOPS, reason="no sample data here")


@pytest.fixture(scope="module", params=SHOPS)
def loaded(request: pytest.FixtureRequest) -> tuple[ShopIntake, dict[str, Any]]:
    shop = next(shop for shop in read_shops(SAMPLE) if shop.id == request.param)
    truth = json.loads((SAMPLE / shop.id / "truth.json").read_text(encoding="utf-8"))
    return load_shop(shop), truth


def parts(intake: ShopIntake) -> list[Intake]:
    return [part for part in (intake.orders, intake.returns) if part is not None]


def counts(account: Account) -> dict[str, int]:
    return {name: getattr(account, name) for name in COUNTS}


def test_accounts(loaded: tuple[ShopIntake, dict[str, Any]]) -> None:
    intake, truth = loaded
    assert {part.account.kind: counts(part.account) for part in parts(intake)} == truth["accounts"]


def test_every_file(loaded: tuple[ShopIntake, dict[str, Any]]) -> None:
    intake, truth = loaded
    found = {line["file"]: line for part in parts(intake) for line in part.account.files.to_dict("records")}
    for file in truth["files"]:
        line = found[file["name"]]
        for name in (*COUNTS, "format", "date_order"):
            assert line[name] == file[name], (file["name"], name)


def test_refused_rows(loaded: tuple[ShopIntake, dict[str, Any]]) -> None:
    intake, truth = loaded
    found = {(line.file, line.row) for part in parts(intake) for line in part.account.refusals.itertuples()}
    assert found == {(line["file"], line["row"]) for line in truth["refusals"]}


def test_every_localized_value_is_known(loaded: tuple[ShopIntake, dict[str, Any]]) -> None:
    intake, _ = loaded
    for part in parts(intake):
        assert part.account.unknown_values.empty


def test_no_word_about_buyers_comes_through(loaded: tuple[ShopIntake, dict[str, Any]]) -> None:
    intake, truth = loaded
    personal = truth["personal"]
    for part in parts(intake):
        frames = (part.table, part.account.files, part.account.refusals, part.account.unknown_values)
        text = " ".join([*(frame.to_csv() for frame in frames), *part.account.notes])
        for mark in (personal["marker"], personal["phone"], personal["mail"]):
            assert mark not in text


@pytest.mark.parametrize("path", sorted(SAMPLE.glob("*/*.*")), ids=lambda path: f"{path.parent.name}-{path.suffix}")
def test_every_file_is_recognised(path: Path) -> None:
    if path.suffix in (".csv", ".xlsx"):
        assert identify(path) == ("tiktok_returns" if path.name.startswith("Return") else "tiktok_orders")
