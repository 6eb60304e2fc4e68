"""How the index and the trend pages say what a report said: rates, verdicts, weeks; and what fills templates."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cancel_analysis.catalog.words import words
from cancel_analysis.exhibits.number_formats import NOTHING, NumberFormats
from cancel_analysis.report import templates_folder
from cancel_analysis.report.show.blocks import Texts
from cancel_analysis.report.show.blocks.first_screen import shape
from cancel_analysis.weeks import parse_week, week_of

# The worst first; a shop of which nothing can be told yet deserves a look before one that is well.
ORDER = ("breach", "watch", "cannot_tell", "ok")
# The name under which two forms of one rate share a column.
SHARED = {"total_cancellation_rate": "order_cancellation_rate", "returns_in_the_end": "return_rate"}


class PageWords:
    """The words and numbers of one language, for pages that are made from many reports."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.texts, self.numbers = Texts(language), NumberFormats(language)

    def __call__(self, key: str, /, **values: Any) -> str:
        return self.texts(key, **values)

    def say(self, key: str, count: int, /, **values: Any) -> str:
        """The sentence of `key`, or its form for a single thing; `count` is filled in."""
        singular = f"{key}_one"
        chosen = singular if count == 1 and singular in words(self.language).entries else key
        return self(chosen, count=self.numbers.count(count), **values)

    def name(self, rate: dict[str, Any]) -> str:
        """What a rate is called; in the words of its report where no language has others."""
        if rate["name"] == "returns_in_the_end":
            return self("tile.returns")
        return words(self.language).get(f"rate.{rate['name']}", str(rate.get("label") or rate["name"]))

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
        size = round(100 * change, 1)
        sign = "+" if size > 0 else "−" if size < 0 else "±"
        return self("index.change_points", points=sign + self.numbers.decimal(abs(size)))

    def counts(self, verdicts: Iterable[str], key: str) -> str:
        """How many of each verdict, the worst first, by the sentence `key`."""
        found = Counter(verdicts)
        return self.texts.listed(
            self(key, count=self.numbers.count(found[verdict]), verdict=self.texts.judgement(verdict))
            for verdict in ORDER
            if found[verdict]
        )

    def tag(self, verdict: str) -> Markup:
        """A verdict as a word with its shape and colour."""
        word = Markup.escape(self.texts.judgement(verdict))
        return Markup(f'<span class="tag tone-{verdict}">{self._shapes[verdict]}{word}</span>')

    @cached_property
    def _shapes(self) -> dict[str, str]:
        return {verdict: shape(verdict) for verdict in ORDER}


def calendar(first: str, last: str) -> tuple[str, ...]:
    """Every ISO week from one to another, whether something is known of it or not."""
    monday, end, found = parse_week(first).monday, parse_week(last).monday, []
    while monday <= end:
        found.append(str(week_of(monday)))
        monday += timedelta(days=7)
    return tuple(found)


def weeks_back(last: str, count: int) -> tuple[str, ...]:
    """The `count` calendar weeks that end with `last`, the oldest first."""
    monday = parse_week(last).monday
    return tuple(str(week_of(monday - timedelta(days=7 * back))) for back in range(count - 1, -1, -1))


def week_after(week: str, count: int) -> str:
    """The week that begins `count` weeks later."""
    return str(week_of(parse_week(week).monday + timedelta(days=7 * count)))


def in_a_row(verdicts: Sequence[str | None]) -> int:
    """How many weeks the newest verdict has stood, without a gap; `verdicts` by calendar week, oldest first."""
    count = 0
    for verdict in reversed(verdicts):
        if verdict is None or verdict != verdicts[-1]:
            break
        count += 1
    return count


def column_of(name: str) -> str:
    """The name of the column that a rate stands in."""
    return SHARED.get(name, name)


def day(text: str) -> date:
    return date.fromisoformat(text)


def fill(template: str, **values: Any) -> str:
    """The template with its values, the common styles and the common script; nothing is loaded from elsewhere."""
    folder = templates_folder()
    return _environment(folder).get_template(template).render(**_common(folder), **values)


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
