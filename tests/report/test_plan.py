"""Which reports are made, and what is refused before any is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cancel_analysis.catalog.shops import ShopSettings, WrongShop
from cancel_analysis.errors import SettingsError, WrongFileError
from cancel_analysis.report import coverage, plan
from cancel_analysis.report.coverage import Look, Seen
from cancel_analysis.report.jobs import Job
from cancel_analysis.weeks import Covered
from tests.report import samples

SHOPS = [ShopSettings(name, "US", name.title(), "USD", "America/New_York") for name in ("one", "two", "three")]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return samples.write(tmp_path / "sample.ipynb")


def test_a_job_a_shop(tmp_path: Path, notebook: Path) -> None:
    jobs = plan.plan(SHOPS, tmp_path, "2026W46", notebook=notebook, only=("two", "one"), parameters={"rows": 3})
    assert [job.key for job in jobs] == ["2026-W46/one", "2026-W46/two"], "in the order of the settings"
    assert jobs[0].formats == ("html", "pdf")
    assert not any(job.appendix for job in jobs)
    assert all(job.appendix for job in plan.plan(SHOPS, tmp_path, "2026W46", notebook=notebook, appendix=True))
    assert jobs[0].given(tmp_path / ".work" / "x") == {
        **{"shop": "one", "week": "2026-W46", "data": "../..", "lang": "en", "mode": "report", "work": "."},
        "rows": 3,
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"only": ("four",)}, "no shop 'four'; there are one, two, three"),
        ({"week": "46"}, "is no week"),
        ({"week": "2026-W60"}, "is no week"),
        ({"language": "xx"}, "no report language 'xx'"),
        ({"formats": ("docx",)}, "not docx"),
        ({"parameters": {"speed": 1}}, "unknown parameter 'speed'"),
        ({"parameters": {"rows": "many"}}, "'rows' must be of the kind"),
        ({"parameters": {"as_of": "yesterday"}}, "as_of must be a day"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, notebook: Path, settings: dict[str, object], message: str
) -> None:
    arguments: dict[str, object] = {"week": "2026-W46", "notebook": notebook, **settings}
    with pytest.raises(SettingsError, match=message):
        plan.plan(SHOPS, tmp_path, **arguments)  # type: ignore[arg-type]


def test_limits_that_do_not_exist_fail_their_shop_before_anything_is_run(tmp_path: Path, notebook: Path) -> None:
    shops = [SHOPS[0], replace(SHOPS[1], limits="strictest")]
    good, bad = plan.plan(shops, tmp_path, "2026-W46", notebook=notebook)
    assert good.fault == ""
    assert re.match(r"shop 'two': 'limits' is 'strictest'.*official", bad.fault)
    with pytest.raises(SettingsError, match=r"shop 'two': 'limits' is 'strictest'.*official"):
        plan.plan(shops[1:], tmp_path, "2026-W46", notebook=notebook)


def test_a_shop_with_wrong_settings_has_a_job_that_fails(tmp_path: Path, notebook: Path) -> None:
    wrong = [WrongShop("four", "Four", "XX", "shops.yaml, line 9 (shop 4, 'market'): unknown market 'XX'")]
    jobs = plan.plan(SHOPS, tmp_path, "2026-W46", notebook=notebook, wrong=wrong)
    assert [(job.key, job.fault) for job in jobs if job.fault] == [("2026-W46/four", wrong[0].cause)]
    assert [job.shop.id for job in plan.plan(SHOPS, tmp_path, "2026-W46", notebook=notebook, wrong=wrong, only=["one"])]
    with pytest.raises(SettingsError, match="line 9"):
        plan.plan(SHOPS, tmp_path, "2026-W46", notebook=notebook, wrong=wrong, only=["four"])


def test_no_shop_at_all_is_no_plan(tmp_path: Path, notebook: Path) -> None:
    with pytest.raises(SettingsError, match="no shop to report"):
        plan.plan([], tmp_path, "2026-W46", notebook=notebook)


def test_a_day_settles_the_week(tmp_path: Path) -> None:
    path = samples.write(tmp_path / "sample.ipynb")
    text = path.read_text(encoding="utf-8").replace("period_days = 30", 'period_days = 30\\nas_of = \\"\\"')
    path.write_text(text, encoding="utf-8")
    (job,) = plan.plan(SHOPS[:1], tmp_path, notebook=path, parameters={"as_of": "2026-11-04"})
    assert job.week == "2026-W45"


def test_without_a_week_it_is_the_last_that_each_shop_covers(
    tmp_path: Path, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = date(2026, 9, 30)
    ends = {"one": Covered(first, date(2026, 10, 14)), "two": Covered(first, date(2026, 11, 15))}

    def look_at(looks: Sequence[Look], count: int, cluster: object = None) -> list[Seen]:
        return [
            Seen(look, ends[look.shop.id])
            if look.shop.id in ends
            else Seen(look, error=WrongFileError("not an export", remedy="export it again"))
            for look in looks
        ]

    monkeypatch.setattr(coverage, "look_at", look_at)
    jobs = plan.plan(SHOPS, tmp_path, "latest", notebook=notebook)
    weeks = {job.shop.id: job.week for job in jobs}
    assert weeks["two"] == "2026-W46"
    assert weeks["one"] == "2026-W41", "a week that has not ended is not reported"
    assert weeks["three"] == "2026-W46", "planned, so that its own report can say what is wrong"
    assert not any(job.parameters for job in jobs)
    assert [job.fault for job in jobs[:2]] == ["", ""]
    assert "not an export" in jobs[2].fault, "it is not read a second time to say so"
    assert "export it again" in jobs[2].fault
    with pytest.raises(WrongFileError):
        plan.plan(SHOPS[2:], tmp_path, notebook=notebook)


def test_files_of_less_than_a_week_are_reported_up_to_their_last_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Wednesday to Friday: the last whole week ended before the first order.
    short, long = Covered(date(2026, 11, 11), date(2026, 11, 13)), Covered(date(2026, 11, 1), date(2026, 11, 13))
    monkeypatch.setattr(coverage, "look_at", lambda looks, count, cluster: [Seen(look, short) for look in looks])
    (job,) = plan.plan(SHOPS[:1], tmp_path)
    assert (job.week, job.as_of) == ("2026-W46", date(2026, 11, 13))
    assert long.latest == date(2026, 11, 8)
    assert short.latest == date(2026, 11, 13)


def test_a_name_of_a_shop_builds_no_path() -> None:
    job = Job(ShopSettings("../../etc/passwd", "US", "x", "USD", "UTC"), "2026-W46", Path())
    assert job.key == "2026-W46/etc-passwd"
