"""What a report's notebook calls: one object a page, one method a part; language, mode and folder are given once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from cancel_analysis.exhibits.kinds import Section
from cancel_analysis.pages import brief_sections, portfolio_sections
from cancel_analysis.pages.brief import open_brief
from cancel_analysis.pages.portfolio import keep_of_report, open_portfolio
from cancel_analysis.report import page_links
from cancel_analysis.report.show import output
from cancel_analysis.sections import contents, folds, remedies, screens, verdict, why
from cancel_analysis.steps import timed
from cancel_analysis.study.cut import placed_only
from cancel_analysis.study.one_shop import DEFAULT_PERIOD, open_study
from cancel_analysis.weeks import LATEST, week_of


class _Page:
    """What pages share: how they are shown, and in which language."""

    def __init__(self, lang: str, mode: str, work: str, workbook: str = output.WORKBOOK) -> None:
        output.start(mode, work, lang, workbook)
        self.language = lang

    def show(self, *things: output.Showable) -> None:
        """Show results of a shop, sections or single exhibits; each exhibit's name may be used once a report."""
        output.show(*things)

    def _show_parts(self, subject: Any, *parts: Callable[[Any, str], Section]) -> tuple[Section, ...]:
        """Make each of `parts` from a study or what else a page is about, and show it."""
        sections = []
        for part in parts:
            with timed("figures"):
                sections.append(part(subject, self.language))
            self.show(sections[-1])
        return tuple(sections)


class ShopReport(_Page):
    """The report of one shop and week: every method shows one part, `finish` writes what machines read.

    The parameters are those of a report's notebook: `mode` is "report" (as `cancel-analysis report` runs
    it, with files written below `work`) or "lab" (shown in the notebook, nothing written). `study` has the
    tables, as `cancel_analysis.Shop(report.study)` does for an analyst.

    In a notebook::

        report = ca.ShopReport(shop, week, data=data, lang=lang, mode=mode, work=work)
        report.verdict()
        report.show(ca.Shop(report.study).rates(by="carrier"))
        report.finish()
    """

    def __init__(
        self,
        shop: str = "",
        week: str = LATEST,
        *,
        data: str,
        as_of: str = "",
        market: str = "",
        period_days: int = DEFAULT_PERIOD,
        category: str = "",
        product: str = "",
        lang: str = "en",
        mode: str = "lab",
        work: str = ".",
    ) -> None:
        super().__init__(lang, mode, work)
        study = open_study(
            data,
            shop,
            week=week,
            as_of=as_of,
            period_days=period_days,
            market=market,
            category=category,
            product=product,
        )
        self.study = study if output.writes() is None else replace(study, intake=placed_only(study.intake))
        # Neither a part of the shop nor a day of its own choice: what a page over all shops would open it as.
        self._whole = not (as_of or category or product)
        # Screen → the names of what it showed, so that the evidence does not show it again.
        self._on_screens: dict[str, set[str]] = {}

    def _screen(self, part: Callable[[Any, str], Section]) -> None:
        (section,) = self._show_parts(self.study, part)
        self._on_screens[section.name] = {exhibit.name for exhibit in section.exhibits}

    def verdict(self) -> None:
        """The first screen: the finding, where the shop stands, what to do now."""
        self._screen(verdict.verdict)

    def why(self) -> None:
        """What stands out against the rest, and the course of the rate that decides."""
        self._screen(why.why)
        if self._on_screens["why"]:
            output.fill("", folds.limits_for_paper(self.study, self.language))

    def stages(self) -> None:
        """Where items are lost, by whom, why, with which products."""
        self._screen(screens.where_and_who)

    def changes(self) -> None:
        """What changed, what it costs, what each fix is worth."""
        self._screen(screens.changed_and_worth)

    def waiting(self) -> None:
        """What waits for an answer, and the returns still to come."""
        self._screen(screens.waiting)

    def evidence(self, *, other_platforms: bool = False) -> None:
        """All rates, reasons, checks, orders and costs, folded; other platforms' limits when asked for."""
        shown = set().union(*self._on_screens.values())
        self._show_parts(self.study, partial(folds.evidence, shown=shown, other_platforms=other_platforms))
        title, exhibits = folds.evidence_for_paper(self.study, self.language, shown=shown)
        output.fill(title, exhibits, end=True)

    def appendix(self) -> None:
        """Steps of the diagnosis, definitions, settings, files: folded."""
        self._show_parts(self.study, folds.appendix)

    def finish(self) -> None:
        """Write `report.json` in report mode; the last cell of a report's notebook."""
        with timed("figures"):
            report = contents.report_contents(self.study, self.language)
            folder = output.writes()
            if folder is not None and remedies.matters(self.study):
                # The shop is open here already: its figures are made once.
                from cancel_analysis.report import remedies as beside

                report["beside"] = [beside.write(self.study, folder, self.language)]
            if folder is not None and self._whole:
                keep_of_report(self.study, self.language)
        output.finish(report)


class BriefPage(_Page):
    """The morning brief over all shops of a folder."""

    def __init__(
        self, data: str, day: str = LATEST, shops: str = "", *, lang: str = "en", mode: str = "lab", work: str = "."
    ) -> None:
        super().__init__(lang, mode, work, "brief.xlsx")
        with timed("figures"):
            self.brief = open_brief(data, day, shops, lang)

    def yesterday(self) -> None:
        """What happened yesterday over all shops, and how many need something today."""
        self._show_parts(self.brief, brief_sections.first_screen)

    def shops(self) -> None:
        """One line a shop, those that need something first."""
        links = page_links.links(output.writes(), week_of(self.brief.day))
        self._show_parts(self.brief, partial(brief_sections.shop_lines, links=links))

    def evidence(self) -> None:
        """The figures behind the lines: folded."""
        self._show_parts(self.brief, brief_sections.evidence)

    def finish(self) -> None:
        """Write `report.json` in report mode."""
        output.finish(brief_sections.brief_contents(self.brief, self.language))


class PortfolioPage(_Page):
    """All shops of a folder side by side, the worst first."""

    def __init__(
        self,
        data: str,
        week: str = LATEST,
        shops: str = "",
        period_days: int = DEFAULT_PERIOD,
        *,
        lang: str = "en",
        mode: str = "lab",
        work: str = ".",
    ) -> None:
        super().__init__(lang, mode, work, "portfolio.xlsx")
        with timed("figures"):
            self.portfolio = open_portfolio(data, week, shops, period_days, lang)

    def standings(self) -> None:
        """How many shops are over a limit, and who got worse."""
        self._show_parts(self.portfolio, portfolio_sections.first_screen)

    def shops(self) -> None:
        """One line a shop, the worst first."""
        links = page_links.links(output.writes(), self.portfolio.week)
        self._show_parts(self.portfolio, partial(portfolio_sections.shop_lines, links=links))

    def causes(self) -> None:
        """Causes across shops."""
        self._show_parts(self.portfolio, portfolio_sections.causes)

    def evidence(self) -> None:
        """What decided, who moved, causes in units and money, the funnel: folded."""
        self._show_parts(self.portfolio, portfolio_sections.evidence)

    def finish(self) -> None:
        """Write `report.json` in report mode."""
        output.finish(portfolio_sections.portfolio_contents(self.portfolio, self.language))
