"""The YAML that the page templates are filled with: whose report it is, of when, who issues it, what it links to."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from cancel_analysis.catalog.brand import Brand
from cancel_analysis.catalog.logo import Logo
from cancel_analysis.catalog.shops import slug
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report.jobs import APPENDIX
from cancel_analysis.report.show.blocks import Texts
from cancel_analysis.report.show.blocks.escape import html, inline, mark
from cancel_analysis.report.show.blocks.first_screen import shape
from cancel_analysis.report.show.blocks.text import tone

NOBODY = Brand()


def report_mark(shop_id: str, week: str) -> str:
    """The word in the metadata of every rendered file that says whose it is; `render.marks` looks for it."""
    return f"report:{slug(shop_id)}:{week}"


def front_matter(
    report: dict[str, Any],
    maker: str,
    parts: list[tuple[str, str]],
    fonts: tuple[str, ...],
    formats: tuple[str, ...] = (),
    brand: Brand = NOBODY,
) -> str:
    """The YAML that the templates are filled with; every text in it prints literally. `formats` are those made beside.

    There is no `title`: Quarto reads shortcodes in it, whatever is escaped, and the templates have their own.
    """
    texts = Texts(report["language"])
    shop, week = report["shop"], report["week"]
    # A page over all shops says itself how it is headed.
    page = report.get("page", {})
    period = page.get("period", texts("page.week", week=week))
    language, _, region = report["language"].replace("_", "-").partition("-")
    values: dict[str, Any] = {
        "lang": texts("language.tag"),
        "report-lang": mark(language),
        "report-title": inline(
            page.get("title", f"{shop['name']} · {period}")
            if page
            else texts("report.title", shop=shop["name"], week=week)
        ),
        "report-shop": inline(shop["name"]),
        "report-week": inline(period),
        "report-mark": mark(report_mark(shop["id"], week)),
        "report-maker": mark(re.sub(r"[^A-Za-z0-9 .()+-]", "", maker)),
        "report-contents": inline(texts("page.contents")),
        "report-skip": inline(texts("page.skip")),
        "report-fonts": [mark(font) for font in fonts],
    }
    if region:
        values["report-region"] = mark(region)
    day = NumberFormats(report["language"]).day(date.fromisoformat(report["as_of"]))
    subtitle = page.get("subtitle", texts("report.subtitle", day=day))
    if not page.get("headed"):
        values["report-subtitle"] = inline(subtitle)
    if not page:
        values["report-market"] = inline(shop["market"])
        values["report-verdict"] = inline(texts.judgement(report["verdict"]))
        values["report-tone"] = mark(tone(report["verdict"]))
        values["report-shape"] = f"`{shape(tone(report['verdict']))}`{{=html}}"
    if page.get("kind") == "appendix":
        values["report-dense"] = mark("dense")
    for name in ("copy", "csv", "copied"):
        values[f"report-{name}"] = inline(texts(f"page.table_{name}"))
    values["report-refused"] = inline(texts("page.table_refused", keys="Ctrl+C (⌘C)"))
    # The page's script counts.
    values["report-first"] = inline(texts("page.table_first", count="{count}"))
    values["report-top"] = inline(texts("page.top"))
    values["report-links"] = inline(texts("page.links"))
    if not page.get("alone"):
        values["report-index"] = inline(texts("page.index"))
    if page.get("beside"):
        values["report-back"] = inline(texts("page.back"))
    # Of a batch: its trend page, which is made at the end of it, and the week before, where that was reported.
    if report.get("trend"):
        values["report-history"], values["report-history-word"] = mark(report["trend"]), inline(texts("page.history"))
    if report.get("trend") and report.get("week_before"):
        values["report-before"] = mark(f"{report['week_before']}/{report['trend']}")
        values["report-before-word"] = inline(texts("page.before"))
    # One page lies beside a report at most.
    for one in report.get("beside", ())[:1]:
        values["report-beside"], values["report-beside-label"] = mark(one["file"]), inline(one["label"])
    if "appendix" in formats:
        values["report-appendix"], values["report-appendix-word"] = mark(APPENDIX), inline(texts("page.appendix"))
    for form in ("pdf", "xlsx"):
        if form in formats:
            values[f"report-{form}"] = mark(f"{page.get('kind', 'report')}.{form}")
            values[f"report-{form}-word"] = inline(texts(f"page.{form}"))
    warning = texts("report.synthetic") if shop.get("synthetic") else ""
    made_with = texts("page.made_with", maker=_makers(maker, texts))
    # The page ends with all of it; paper, which has the rest above, with what made it.
    values["report-about"] = inline(texts.sentences((texts("page.about", subtitle=subtitle), warning, made_with)))
    paper_note = "" if page else texts("page.paper_note")
    if "appendix" in formats:
        paper_note = texts("page.paper_note_appendix", file=APPENDIX)
    values["report-about-paper"] = inline(texts.sentences((paper_note, warning, made_with)))
    values |= _issuer(brand)
    if parts:
        items = "".join(f'<li><a href="#{identity}">{html(text)}</a></li>' for identity, text in parts)
        values["report-parts"] = f"`<ul>{items}</ul>`{{=html}}"
    # JSON is YAML: no text can end its string here.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["---", *lines, "---"])


def _issuer(brand: Brand) -> dict[str, Any]:
    """Who issues the report, for the templates: only what is given."""
    texts = {"issuer": brand.name, "contact": brand.contact, "footer": brand.footer, "disclaimer": brand.disclaimer}
    values = {f"report-{name}": inline(text) for name, text in texts.items() if text}
    if brand.colour:
        values |= {"report-colour": mark(brand.colour), "report-colour-dark": mark(brand.colour_dark)}
    if brand.logo is not None:
        # Both renderers put the file itself into the page.
        values["report-logo"] = mark(logo_file(brand.logo))
    return values


def logo_file(logo: Logo) -> str:
    """What the logo's file is called where reports are rendered."""
    return f"logo.{logo.form}"


def _makers(maker: str, texts: Texts) -> str:
    first, _, second = maker.partition(" and ")
    return texts("page.makers", first=first, second=second) if second else maker
