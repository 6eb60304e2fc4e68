"""The words of a report, one file a language; `en` is the base that the others follow.

A complete language has every entry of the base. One that is partial falls back to English entry by entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from cancel_analysis.errors import SettingsError

BASE = "en"
# Languages that say everything; the tests hold them to it.
COMPLETE = (BASE, "zh")
# The form of a sentence for a single thing.
SINGULAR = "_one"
# Sentences of the catalogs (what the platform does at a limit, what a rate counts) by their English text.
SAID = "said."
# What stands between sentences, names and parts may be nothing but a space.
_JOINS = "join."
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

    def said(self, text: str) -> str:
        """A sentence or name of a catalog or of a row account in this language; as it stands where it has none."""
        known = self.entries.get(SAID + text)
        if known is not None:
            return known
        for pattern, form in _forms(self.language):
            found = pattern.fullmatch(text)
            if found is not None:
                return form.format(**{name: self.said(value) for name, value in found.groupdict().items()})
        return text

    def sentences(self, said: Iterable[str]) -> str:
        """Sentences one behind the other; empty ones are left out."""
        return self.entries["join.sentences"].join(sentence for sentence in said if sentence)

    def listed(self, names: Iterable[str]) -> str:
        """Short names as a list: `stock, tracking`."""
        return self.entries["join.list"].join(names)

    def parts(self, parts: Iterable[str]) -> str:
        """Longer parts, which may hold commas: `Blue, L; Red, M`."""
        return self.entries["join.parts"].join(parts)


def languages() -> tuple[str, ...]:
    """All report languages, the base first."""
    found = {item.name.removesuffix(".yaml") for item in files(__name__).iterdir() if item.name.endswith(".yaml")}
    return (BASE, *sorted(found - {BASE}))


@cache
def words(language: str) -> Words:
    """The words of `language`, in English what it lacks; SettingsError lists the languages there are."""
    if language not in languages():
        raise SettingsError(f"no report language {language!r}; there are {', '.join(languages())}")
    own = own_entries(language)
    return Words(language, own if language == BASE else _filled(own, own_entries(BASE), language))


@cache
def own_entries(language: str) -> dict[str, str]:
    """What the file of `language` itself says, by dotted key."""
    text = files(__name__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return dict(_flat(yaml.load(text, Loader=_LOADER)))


def missing(language: str) -> tuple[str, ...]:
    """The entries of the base that `language` says in English; forms for a single thing only where it has such."""
    own = own_entries(language)
    return tuple(key for key in own_entries(BASE) if key not in own and _plural_of(key, own, language) is None)


@cache
def _forms(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Sentences of row accounts that hold values: a pattern for the English one, and how this language says it."""
    found = []
    for key, form in own_entries(language).items():
        if key.startswith(SAID) and "{" in key:
            parts = re.split(r"\{(\w+)\}", key.removeprefix(SAID))
            pattern = "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
            found.append((re.compile(pattern, re.DOTALL), form))
    return tuple(found)


def _filled(own: dict[str, str], base: dict[str, str], language: str) -> dict[str, str]:
    entries = {}
    for key, text in base.items():
        plural = _plural_of(key, own, language)
        entries[key] = own.get(key, text if plural is None else own[plural])
    return entries | own


def _plural_of(key: str, own: dict[str, str], language: str) -> str | None:
    """The entry that serves for `key`, the form for a single thing: a language of one form has it for any number."""
    plural = key.removesuffix(SINGULAR)
    return plural if plural != key and plural in own and _has_one_form(language) else None


@cache
def _has_one_form(language: str) -> bool:
    """Whether nouns are the same for one and for many, by Babel's plural rules (none but `other`)."""
    # Loaded only where a language needs it: every command knows the languages there are.
    from babel import Locale

    return not Locale.parse(language).plural_form.tags


def _flat(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = []
    for key, value in tree.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            entries.extend(_flat(value, f"{path}."))
        else:
            entries.append((path, str(value) if path.startswith(_JOINS) else str(value).strip()))
    return entries
