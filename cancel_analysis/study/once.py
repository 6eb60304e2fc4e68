"""What more than one part of a report asks of a study is made once and kept with the study, as its own results are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from cancel_analysis.study.one_shop import Study

Result = TypeVar("Result")


def once_a_study(make: Callable[[Study], Result]) -> Callable[[Study], Result]:
    """`make`, whose result is kept with the study and ends with it; nobody may change what it gives."""
    key = (make.__module__, make.__qualname__)

    @wraps(make)
    def made(study: Study) -> Result:
        if key not in study.made:
            study.made[key] = make(study)
        result: Result = study.made[key]
        return result

    return made


def once_a_language(make: Callable[[Study, str], Result]) -> Callable[..., Result]:
    """As `once_a_study`, for what is made in a language (without one, the shop's own)."""

    @wraps(make)
    def made(study: Study, language: str = "") -> Result:
        chosen = language or study.shop.language
        key = (make.__module__, make.__qualname__, chosen)
        if key not in study.made:
            study.made[key] = make(study, chosen)
        result: Result = study.made[key]
        return result

    return made
