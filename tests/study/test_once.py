"""What several parts of a report ask of a study is made once, and never another study's."""

from __future__ import annotations

from dataclasses import replace

from cancel_analysis.sections import stages, verdict
from cancel_analysis.study.once import once_a_language, once_a_study
from cancel_analysis.study.one_shop import Study, open_study
from tests.conftest import PROJECT


def study(**settings: str) -> Study:
    return open_study(PROJECT / "data" / "sample", "sg-orchid-import", **settings)


def test_a_result_is_kept_with_its_study() -> None:
    made = []

    @once_a_study
    def days(study: Study) -> list[int]:
        made.append(study)
        return [study.days_covered]

    first, second = study(), study(week="2026-W45")
    assert days(first) is days(first)
    assert days(second) is not days(first)
    assert made == [first, second]
    # The same tables with other peers are another study.
    days(replace(first, peers=()))
    assert len(made) == 3


def test_a_language_has_its_own_and_none_is_the_shop_s() -> None:
    asked = []

    @once_a_language
    def said(study: Study, language: str = "") -> str:
        asked.append(language)
        return f"{study.shop.id} {language}"

    one = study()
    assert said(one) == said(one, one.shop.language) == f"{one.shop.id} {one.shop.language}"
    assert said(one, "xx") == f"{one.shop.id} xx"
    assert asked == [one.shop.language, "xx"]


def test_sections_of_a_report_are_made_once() -> None:
    one = study()
    assert stages.stages(one) is stages.stages(one, "en")
    assert verdict.told_since(one) is verdict.told_since(one)
    assert verdict.headline(one, "en") == verdict.headline(study(), "en")
