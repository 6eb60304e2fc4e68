"""How the index and the trend pages say what a report said: rates, verdicts, weeks; and what fills templates."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cancel_analysis.catalog.words import BASE, languages, words
from cancel_analysis.exhibits.kinds import TONES
from cancel_analysis.exhibits.number_formats import NOTHING, NumberFormats
from cancel_analysis.exhibits.speaker import Speaker, points
from cancel_analysis.report import templates_folder
from cancel_analysis.report.show.blocks import Texts
from cancel_analysis.report.show.blocks.first_screen import shape

# The name under which two forms of one rate share a column.
SHARED = {"total_cancellation_rate": "order_cancellation_rate", "returns_in_the_end": "return_rate"}


class PageWords:
    """The words and numbers of one language, for pages that are made from many reports."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.texts, self.numbers = Texts(language), NumberFormats(language)
        # Shops have currencies of their own.
        self._speaker = Speaker(words(language), self.numbers, "")

    def __call__(self, key: str, /, **values: Any) -> str:
        return self.texts(key, **values)

    def say(self, key: str, count: int, /, **values: Any) -> str:
        """The sentence of `key`, or its form for a single thing; `count` is filled in."""
        return self._speaker.say(key, count, **values)

    def name(self, rate: dict[str, Any]) -> str:
        """What a rate is called; in the words of its report where no language has others."""
        if rate["name"] == "returns_in_the_end":
            return self("tile.returns")
        return words(self.language).get(f"rate.{rate['name']}", str(rate.get("label") or rate["name"]))

    def other_name(self, rate: dict[str, Any] | None, name: str) -> str:
        """What a rate is called that stands in a column of the rate `name`, where it is another form of it."""
        return "" if rate is None or rate.get("value") is None or rate["name"] == name else self.name(rate)

    def parts(self, rate: dict[str, Any]) -> str:
        """What a rate is made of: `41 / 1,000`; empty where its report does not say it."""
        if rate.get("denominator") is None or rate.get("numerator") is None:
            return ""
        return f"{self.numbers.count(rate['numerator'])} / {self.numbers.count(rate['denominator'])}"

    def value(self, rate: dict[str, Any] | None) -> str:
        if rate is None or rate.get("value") is None:
            return NOTHING
        limit = rate.get("limit")
        value = rate["value"]
        return self.numbers.percent(value) if limit is None else self.numbers.percent_apart(value, limit)

    def span(self, rate: dict[str, Any]) -> str:
        """The interval; empty where there is none."""
        return "" if rate.get("low") is None else self.numbers.span(rate["low"], rate.get("high"))

    def points(self, change: float) -> str:
        """A difference of two fractions in percentage points, with its sign."""
        return self("index.change_points", points=points(change, self._speaker))

    def counts(self, verdicts: Iterable[str], key: str) -> str:
        """How many of each verdict, the worst first, by the sentence `key`."""
        found = Counter(verdicts)
        return self.texts.listed(
            self(key, count=self.numbers.count(found[verdict]), verdict=self.texts.judgement(verdict))
            for verdict in TONES
            if found[verdict]
        )

    def lead(self, verdicts: Sequence[str], week: str) -> str:
        """How many shops there are in a week, and how many of each verdict."""
        return self.say("index.lead", len(verdicts), week=week, counts=self.counts(verdicts, "index.count"))

    def first(self, first: dict[str, str] | None) -> str:
        """What a report says to do first, and where; empty where it says nothing."""
        if not first:
            return ""
        if not first["where"]:
            return self("index.do", action=first["do"])
        return self("index.do_where", action=first["do"], where=first["where"])

    def tag(self, verdict: str) -> Markup:
        """A verdict as a word with its shape and colour."""
        word = Markup.escape(self.texts.judgement(verdict))
        return Markup(f'<span class="tag tone-{verdict}">{self._shapes[verdict]}{word}</span>')

    @cached_property
    def _shapes(self) -> dict[str, str]:
        return {verdict: shape(verdict) for verdict in TONES}


def column_of(name: str) -> str:
    """The name of the column that a rate stands in."""
    return SHARED.get(name, name)


def language_of(said: Iterable[dict[str, Any]]) -> str:
    """The reports' language when they share one that there is, else the base."""
    spoken = {report["language"] for report in said}
    return spoken.pop() if len(spoken) == 1 and spoken <= set(languages()) else BASE


def rank(said: dict[str, Any]) -> tuple[int, float, str]:
    """The order of the portfolio: verdict, how far the deciding rate lies beyond its limit, name."""
    of_limit = said.get("of_limit")
    closeness = -1.0 if of_limit is None else float(of_limit)
    return TONES.index(said["verdict"]), -closeness, said["shop"]["name"].lower()


def fill(template: str, **values: Any) -> str:
    """The template with its values, the common styles and the common script; nothing is loaded from elsewhere."""
    folder = templates_folder()
    return _environment(folder).get_template(template).render(**_common(folder), **values)


def compile_templates() -> None:
    """Make all templates ready, which `fill` does with the first page of each."""
    environment = _environment(templates_folder())
    for template in environment.list_templates(extensions=["jinja"]):
        environment.get_template(template)


@cache
def _environment(folder: Path) -> Environment:
    """One for all pages of a run: templates are compiled once."""
    loader = FileSystemLoader(folder)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def _common(folder: Path) -> dict[str, Markup]:
    script = (folder / "lists.js").read_text(encoding="utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    css = "".join((folder / name).read_text(encoding="utf-8") for name in ("report.css", "lists.css"))
    # A page may run this script and no other: its policy names the hash.
    return {"css": Markup(css), "script": Markup(script), "script_hash": Markup(f"sha256-{digest}")}
