"""What a seller can do about the standing, as one page of its own: appeals, products at risk, standing, what was done.

A report makes the page where it matters: where the shop is at a limit on seller-fault cancellations or near it, or
has done what was advised. A shop far from its limit has nothing to appeal for, and its report costs nothing for it;
whoever wants the page asks.
"""

from __future__ import annotations

from dataclasses import replace

from cancel_analysis.benchmarks.judgement import Standing
from cancel_analysis.exhibits.kinds import Exhibit, Line, Prose, Section, TableView
from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.sections.appeals import appeals
from cancel_analysis.sections.outcomes import outcomes
from cancel_analysis.sections.products_at_risk import at_risk
from cancel_analysis.sections.scores import platform_standing
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study

# The names of the page and of its sheets, beside the report.
PAGE, SHEETS = "appeals.html", "appeals.xlsx"
# Rows on the page; all of them stand in the workbook.
MOST_ROWS = 20


def matters(study: Study) -> bool:
    """Whether a report makes the page and the sheets: something was done, or cancellations count and the limit is
    reached or near."""
    standing = study.appealed_standing
    counts = standing is not None and standing.numerator > 0 and standing.standing in ("over", "near")
    return counts or len(study.outcomes) > 0


def whole(study: Study, language: str = "") -> dict[str, Section]:
    """Heading → part of the page, with all rows, in order; a part with nothing to say is left out."""
    voice = speaker(study, language)
    parts = {"appeals": appeals(study.appeals, study.shop.market, voice)}
    if study.products_at_risk is not None:
        parts["products"] = at_risk(study.products_at_risk, voice)
    parts["standing"] = platform_standing(study, language)
    if len(study.outcomes):
        parts["outcomes"] = outcomes(study, language)
    return {voice.words(f"remedies.{name}"): section for name, section in parts.items()}


def on_page(study: Study, parts: dict[str, Section], language: str = "", sheets: str = SHEETS) -> dict[str, Section]:
    """The parts as the page shows them: as short as the report; `sheets` is the workbook that has all rows."""
    voice = speaker(study, language)
    return {heading: short(_open_ones(study, part, voice, sheets), sheets) for heading, part in parts.items()}


def _open_ones(study: Study, section: Section, voice: Speaker, sheets: str) -> Section:
    """Of the appeals those that the files support or leave open; every other row is for whoever has own proof."""
    found = study.appeals
    if section.name != "appeals" or found is None or found.frame.empty:
        return section
    open_ones = found.supported + found.possible
    if open_ones:
        rows = min(open_ones, MOST_ROWS)
        kept: list[Exhibit] = [
            replace(each, most_rows=rows) if isinstance(each, TableView) and each.name == "appeals_orders" else each
            for each in section.exhibits
        ]
    else:
        kept = [each for each in section.exhibits if not isinstance(each, TableView)]
        said = voice.say("remedies.all_rows", len(found.frame))
        kept.append(Prose("appeals_sheets", (Line(said, link=sheets, link_text=sheets),)))
    return replace(section, exhibits=tuple(kept))


def appeal_line(study: Study, voice: Speaker) -> Prose | None:
    """The one line of the first screen: how many can be appealed, and the rate if all are accepted; None where the
    shop is within its limit, or the files speak for no appeal."""
    standing: Standing | None = study.appealed_standing
    if standing is None or standing.standing != "over" or study.appeals is None:
        return None
    found, numbers = study.appeals, voice.numbers
    total = numbers.count(standing.numerator)
    if found.supported:
        after = voice.words(f"appeals.after_{found.standing_after}")
        said = voice.say(
            "remedies.line", found.supported, total=total, rate=numbers.percent(found.rate), standing=after
        )
    elif found.possible:
        said = voice.say("remedies.line_open", found.possible, total=total)
    else:
        return None
    return Prose("appeal_line", (Line(said, link=PAGE, link_text=voice.words("remedies.link")),), found.frame)


def short(section: Section, sheets: str) -> Section:
    """The section with its long tables cut to what a page shows; the rest is in the workbook."""
    return replace(section, exhibits=tuple(_cut(each, sheets) for each in section.exhibits))


def _cut(exhibit: Exhibit, sheets: str) -> Exhibit:
    if not isinstance(exhibit, TableView):
        return exhibit
    return replace(exhibit, most_rows=min(exhibit.most_rows, MOST_ROWS), whole_in=sheets, folded=False)
