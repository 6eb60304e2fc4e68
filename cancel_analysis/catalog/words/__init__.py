"""The words of a report, one file a language; `en` is the base that the others follow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from cancel_analysis.errors import SettingsError

BASE = "en"
# The parser in C reads the same ten times as fast; PyYAML has it wherever it was built with libyaml.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Words:
    """The sentences and labels of one language, by dotted key (`stage.refund`)."""

    language: str
    entries: dict[str, str]

    def __call__(self, key: str, /, **values: Any) -> str:
        """The sentence of `key` with `values` filled in; KeyError names a key that does not exist."""
        return self.entries[key].format(**values)

    def get(self, key: str, default: str) -> str:
        """The sentence of `key`, or `default` where the catalog has none (a reason's own label)."""
        return self.entries.get(key, default)


def languages() -> tuple[str, ...]:
    """All report languages, the base first."""
    found = {item.name.removesuffix(".yaml") for item in files(__name__).iterdir() if item.name.endswith(".yaml")}
    return (BASE, *sorted(found - {BASE}))


@cache
def words(language: str) -> Words:
    """The words of `language`; SettingsError lists the languages there are."""
    if language not in languages():
        raise SettingsError(f"no report language {language!r}; there are {', '.join(languages())}")
    text = files(__name__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return Words(language, dict(_flat(yaml.load(text, Loader=_LOADER))))


def _flat(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = []
    for key, value in tree.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            entries.extend(_flat(value, f"{path}."))
        else:
            entries.append((path, str(value).strip()))
    return entries
