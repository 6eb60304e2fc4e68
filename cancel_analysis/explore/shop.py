"""One shop, open: every figure of its report is an attribute away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from cancel_analysis.benchmarks.of_shop import verdict_limits
from cancel_analysis.benchmarks.reconcile import RECONCILED, reconcile
from cancel_analysis.diagnosis.changes import compare_weeks
from cancel_analysis.diagnosis.standouts import as_frame
from cancel_analysis.errors import SettingsError
from cancel_analysis.exhibits.kinds import Fold, Section
from cancel_analysis.explore.card import card_html, card_text
from cancel_analysis.explore.made_report import MadeReport, make_report
from cancel_analysis.explore.part import Part, part_of
from cancel_analysis.explore.rates import Rates, over_days, rates
from cancel_analysis.explore.results import Result, result_of
from cancel_analysis.rates.after_sale import after_sale_rates
from cancel_analysis.report.show.workbook import write_workbook
from cancel_analysis.sections import (
    changes,
    costs,
    diagnosis,
    method,
    order_management,
    others,
    outcomes,
    stages,
    to_come,
    verdict,
    why,
)
from cancel_analysis.sections import rates as rates_section
from cancel_analysis.sections.after_sale import after_sale
from cancel_analysis.sections.appeals import appeals
from cancel_analysis.sections.products_at_risk import at_risk
from cancel_analysis.sections.reconcile import reconciliation
from cancel_analysis.sections.scores import platform_standing
from cancel_analysis.sections.sentences import verdict_prose
from cancel_analysis.sections.stock_reasons import stock_reasons
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.cut import covered_until
from cancel_analysis.study.one_shop import Study, open_study_of, study_shop
from cancel_analysis.weeks import LATEST, Week, parse_day, parse_week

DEFAULT_WINDOW = 30


@dataclass(frozen=True, repr=False)
class Verdict(Result):
    """The verdict with what decided it; `word` is breach, watch, ok or cannot_tell."""

    word: str = "cannot_tell"


class Shop:
    """One shop at the end of one week: what its report says, as frames, sentences and pictures.

    Made by `open_shop` and `sample_shop`. Every result is computed when it is first asked for, once, and is
    what the report's own pages are made from. `lines`, `orders` and `items` are plain pandas frames.

    >>> import cancel_analysis as ca
    >>> shop = ca.sample_shop("id-toko-gadget")
    >>> shop.verdict.word
    'breach'
    """

    def __init__(self, study: Study, source: Path | None = None) -> None:
        self.study = study
        self._source = source

    # --- who and when ---------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The shop's id, as in `shops.yaml`."""
        return self.study.shop.id

    @property
    def name(self) -> str:
        """The shop's name."""
        return self.study.shop.name

    @property
    def market(self) -> str:
        """The market's code, such as ID."""
        return self.study.shop.market

    @property
    def currency(self) -> str:
        """The ISO 4217 code of all amounts."""
        return self.study.shop.currency

    @property
    def week(self) -> str:
        """The ISO week that everything is seen at the end of, such as 2026-W46."""
        return str(self.study.week)

    @property
    def as_of(self) -> date:
        """The last day that is seen: nothing that came later is counted."""
        return self.study.as_of

    # --- plain frames -----------------------------------------------------------------------------

    @property
    def lines(self) -> pd.DataFrame:
        """One row an order line, as `cancel_analysis.tables.ORDER_LINES` describes its columns."""
        return self.study.orders

    @property
    def orders(self) -> pd.DataFrame:
        """One row an order: what was known of it at the end of the week, as flags, days, units and amounts."""
        return self.study.facts

    @property
    def items(self) -> pd.DataFrame:
        """One row an affected item (`tables.AFFECTED_ITEMS`): stage, reason, responsibility, units, amount."""
        return self.study.items

    # --- rates --------------------------------------------------------------------------------------

    def rates(
        self, by: str | Sequence[str] | None = None, *, freq: str | None = None, window: int | None = None
    ) -> Rates:
        """Every rate with numerator, denominator, 95 % interval and window, by order date.

        `by` groups them: product, sku, category, carrier, region, reason, root_cause, responsibility, stage, day,
        week, month, or a list of these; `freq` ("D", "W", "M") adds days, weeks or months. `window` is how
        many days of orders count (default: 7, 15 and 30 without groups, the period with groups, all days
        over time). SettingsError names the nearest for what there is not.

        >>> import cancel_analysis as ca
        >>> found = ca.sample_shop("id-toko-gadget").rates(by="product", window=30)
        >>> found.head(1)["product"].item()
        'Power Bank 10.000 mAh Slim'
        """
        return rates(self.study, self.lines, self.items, by=by, freq=freq, window=window)

    def rate(
        self, name: str, by: str | Sequence[str] | None = None, *, freq: str | None = None, window: int | None = None
    ) -> Rates:
        """One rate: by group and over time as in `rates`; alone, over rolling windows (default 30 days), a row a day.

        >>> import cancel_analysis as ca
        >>> rate = ca.sample_shop("id-toko-gadget").rate("seller_fault_cancellation_rate", by="carrier", freq="W")
        >>> rate.by
        ('carrier', 'week')
        """
        if by is None and freq is None:
            return over_days(self.study, name, DEFAULT_WINDOW if window is None else window)
        return rates(self.study, self.lines, self.items, names=[name], by=by, freq=freq, window=window)

    def where(self, **conditions: object) -> Part:
        """The part of the shop that meets all conditions: product, sku, category, carrier, region, reason,
        root_cause, responsibility, stage (each a value or a list), since, until (days of the order).

        >>> import cancel_analysis as ca
        >>> part = ca.sample_shop("id-toko-gadget").where(reason="out_of_stock", category="Audio")
        >>> list(part.items["category"].unique())
        ['Audio']
        """
        return part_of(self.study, conditions)

    # --- results ------------------------------------------------------------------------------------

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict (`word`: breach, watch, ok, cannot_tell), what decided it, what to do first.

        >>> import cancel_analysis as ca
        >>> ca.sample_shop("id-toko-gadget").verdict.text.splitlines()[0]
        'Over a limit'
        """
        found = result_of(self._verdict, self.study.judgement.frame, self._language, name="verdict")
        return Verdict(found.name, found.frame, found.exhibits, found.language, self.study.judgement.verdict)

    @cached_property
    def limits(self) -> Result:
        """The shop against every limit that holds for it: a row a limit, with standing, signal and verdict.

        Where `gives_verdict` is false the limit is shown for orientation, decides nothing, and has no verdict.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> bool((shop.limits.frame["denominator"] > 0).all())
        True
        """
        said = verdict_prose(self.study.judgement, speaker(self.study, self._language))
        section = Section("limits", (said, *self._rates.exhibits))
        frame = self.study.judgement.frame
        frame = frame.assign(verdict=rates_section.given_verdicts(frame))
        return result_of(section, frame, self._language, only=("verdict", "limits", "limits_table"))

    @cached_property
    def standouts(self) -> Result:
        """Where causes gather (products, SKUs, carriers, regions, weeks) beyond chance: a row a place.

        Counted in orders; empty where nothing stands out. The columns are those of `diagnosis.standouts.as_frame`.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> sorted(set(shop.standouts.frame["root_cause"]))
        ['stock']
        """
        found = self.study.ranked_standouts
        shown = why.why(self.study, self._language).exhibits
        section = Section("standouts", (*shown, *why.standout_tables(self.study, self._language)))
        return result_of(section, as_frame(found), self._language, only=("findings", "standout*"))

    @cached_property
    def stages(self) -> Result:
        """Where items are lost, by whom, why and with which products; `frame` is a row a stage.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> list(shop.stages.frame["stage"])
        ['unpaid', 'cancellation', 'refund', 'return_refund']
        """
        return self._of(stages.stages(self.study, self._language), "stages")

    @cached_property
    def changes(self) -> Result:
        """The week against the one before and the eight before, and lasting changes; a row a comparison.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> list(shop.changes.frame["weeks"])
        [1, 8]
        """
        return self._of(changes.what_changed(self.study, self._language), "changes")

    def compare(self, earlier: str, later: str) -> Result:
        """What changed from one ISO week to another, taken apart exactly by reason and by product.

        >>> import cancel_analysis as ca
        >>> change = ca.sample_shop("id-toko-gadget").compare("2026-W44", "2026-W46")
        >>> bool(change.frame["rate"].iloc[0] > change.frame["rate_before"].iloc[0])
        True
        """
        found = compare_weeks(self.lines, self.items, parse_week(earlier), self._seen(parse_week(later)))
        exhibits = changes.comparison((found,), speaker(self.study, self._language), drawn=True)
        return self._of(Section("compare", tuple(exhibits)), "changes")

    @cached_property
    def statuses(self) -> Result:
        """The period's orders by status, cancelled in full or in part, by category; a row a status.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> set(shop.statuses.frame["state"]) >= {"unpaid", "shipped", "cancelled"}
        True
        """
        section = order_management.orders_by_status(self.study, self._language)
        return replace(self._of(section, "order_desk_states"), name="statuses")

    @cached_property
    def requests(self) -> Result:
        """Cancellation and return requests: what waits and until when; `frame` is a row a waiting request.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> len(shop.requests.frame)
        0
        """
        return result_of(
            order_management.requests(self.study, self._language), self.study.request_queue.waiting, self._language
        )

    @cached_property
    def appeals(self) -> Result:
        """The cancellations that count as the seller's fault in the limit's window, with the ground of an appeal.

        A row a cancellation in the order in which to file: ground, how likely it is from the files alone
        (`supported`, `possible`, `contradicted`, or ''), the times that say so, what is missing.

        >>> import cancel_analysis as ca
        >>> list(ca.sample_shop("th-siam-beauty").appeals.frame["how_likely"].unique())
        ['possible', 'contradicted']
        """
        found = self.study.appeals
        section = appeals(found, self.market, speaker(self.study, self._language))
        return Result("appeals", pd.DataFrame() if found is None else found.frame, section.exhibits, self._language)

    @cached_property
    def products_at_risk(self) -> Result:
        """Products that the platform can take down, and how many more cancellations lead there; a row a product.

        Empty where the market has no such rule.

        >>> import cancel_analysis as ca
        >>> int((ca.sample_shop("id-toko-gadget").products_at_risk.frame["crosses_at"] == 0).sum()) > 0
        True
        """
        found = self.study.products_at_risk
        section = at_risk(found, speaker(self.study, self._language))
        frame = pd.DataFrame() if found is None else found[1]
        return Result("products_at_risk", frame, section.exhibits, self._language)

    @cached_property
    def standing(self) -> Result:
        """What the platform scores and what the files can tell of it; `frame` has a row a step of its limits.

        `.tables["standing_measures"]` has a row a part of a score. What only Seller Center shows is typed into
        `shops.yaml` (`standing`), or named as missing; a score is never made up from its parts.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> shop.standing.frame.query("reached")["from_value"].tolist()
        [0.05, 0.1]
        """
        section = platform_standing(self.study, self._language)
        return Result("standing", self.study.platform_standing.steps, section.exhibits, self._language)

    @cached_property
    def diagnosis(self) -> Result:
        """The checks in their order (codes, stock, tracking, listings …) and what each explains; a row a check.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> shop.diagnosis.frame["title"].iloc[0]
        'codes'
        """
        return result_of(diagnosis.diagnosis(self.study, self._language), self.study.diagnosis.table, self._language)

    @cached_property
    def reason_against_stock(self) -> Result:
        """Orders cancelled as out of stock against the seller's own stock log; a row an item, those with stock first.

        Without a stock log every `state` is `no_record`.

        >>> import cancel_analysis as ca
        >>> set(ca.sample_shop("us-harbor-home").reason_against_stock.frame["state"])
        {'no_record'}
        """
        section = stock_reasons(self.study.reason_against_stock, speaker(self.study, self._language))
        return Result(section.name, self.study.reason_against_stock.items, section.exhibits, self._language)

    @cached_property
    def actions(self) -> Result:
        """What is advised now, a row an action and place; `id` is the same in every week (see `outcomes`).

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> bool(shop.actions.frame["id"].str.startswith("stock-").all())
        True
        """
        return result_of(outcomes.advised(self.study, self._language), self.study.advised_actions, self._language)

    @cached_property
    def outcomes(self) -> Result:
        """What came of the actions that `actions.yaml` calls done: the rate before and after, and the rest beside it.

        >>> import cancel_analysis as ca
        >>> len(ca.sample_shop("id-toko-gadget").outcomes.frame)
        0
        """
        return result_of(outcomes.outcomes(self.study, self._language), self.study.outcomes, self._language)

    @cached_property
    def returns_to_come(self) -> Result:
        """Weekly deliveries with the returns asked for so far and expected in the end; a row a week.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> len(shop.returns_to_come.frame)
        12
        """
        frame = self.study.returns_to_come.weeks
        return result_of(self._to_come, frame, self._language, name="returns_to_come", only=("returns*",))

    @cached_property
    def after_sale_rates(self) -> Result:
        """What was asked back, accepted and completed by day 7, 14 and 30 after delivery; a row a week, kind and age.

        `old_enough` says whether all of the week's orders are that old; younger weeks have intervals (`low`, `high`)
        of what will have been asked for, or completed, at that age.

        >>> import cancel_analysis as ca
        >>> found = ca.sample_shop("uk-linen-lane").after_sale_rates
        >>> found.query("age == 30 and not old_enough")["kind"].nunique()
        3
        """
        own = self.study
        found = after_sale_rates(own.facts, own.orders, own.returns, own.as_of, predict=True)
        section = after_sale(found, speaker(own, self._language))
        return Result("after_sale_rates", found.frame, section.exhibits, self._language)

    @cached_property
    def cancellations_to_come(self) -> Result:
        """Weekly orders with the cancellations so far and expected in the end; a row a week.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> bool(shop.cancellations_to_come.frame["orders"].min() > 0)
        True
        """
        frame = self.study.cancellations_to_come.weeks
        return result_of(self._to_come, frame, self._language, name="cancellations_to_come", only=("cancellations*",))

    @cached_property
    def costs(self) -> Result:
        """What the period's lost items cost, in the shop's currency; a row a cost line.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> bool(shop.costs.frame["amount"].sum() > 0)
        True
        """
        wanted = ("costs_said", "costs", "cost_*")
        return result_of(self._costs, self.study.costs.lines, self._language, name="costs", only=wanted)

    @cached_property
    def fixes(self) -> Result:
        """What a fix of each root cause is worth: rate, verdict and money a week without it; a row a cause.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> shop.fixes.frame["root_cause"].iloc[0]
        'stock'
        """
        return result_of(self._costs, self.study.fixes.frame, self._language, name="fixes", only=("fixes", "costs"))

    @cached_property
    def others(self) -> Result:
        """The shop against its own past, its cohort and other platforms' rules; `frame` is a row a rate and span.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> set(shop.others.frame["window_days"]) == {7, 30}
        True
        """
        return result_of(others.others(self.study, self._language), self.study.own_past, self._language)

    @cached_property
    def method(self) -> Result:
        """What became of every row of every file, the definitions of the rates, the settings; a row a kind of file.

        >>> import cancel_analysis as ca
        >>> shop = ca.sample_shop("id-toko-gadget")
        >>> bool(shop.method.frame["rows"].sum() > 0)
        True
        """
        return self._of(method.method(self.study, self._language), "account")

    # --- out ------------------------------------------------------------------------------------------

    def reconcile(
        self, shown: str | float, metric: str = RECONCILED, *, date: str = "", window: int | None = None
    ) -> Result:
        """Why the platform shows another figure: the definitions that give what it shows, within its rounding.

        `shown` is the percentage as it is printed there ("5.4"), `metric` the rate that it is said to be, `date`
        the day (YYYY-MM-DD) that it is of (default: the last day seen), `window` the days that the dashboard
        names. `.frame` has a row a definition, fewest differences first; `.tables["reconcile_orders"]` the orders
        that make the first one's difference.

        >>> import cancel_analysis as ca
        >>> found = ca.sample_shop("id-toko-gadget").reconcile("6.5")
        >>> found.frame["window"].iloc[0].item()
        30
        """
        own = self.study
        on = parse_day(date) if date else own.as_of
        covered = covered_until(own.intake.orders)
        seen = study_shop(own.shop, own.intake, as_of=min(on, covered), period_days=own.period_days)
        found = reconcile(
            seen.facts, seen.orders, seen.items, own.shop,
            metric=metric, shown=shown, on=on, window=window, covered_until=covered,
            limits=verdict_limits(own.shop, on),
        )  # fmt: skip
        section = reconciliation(found, speaker(own, self._language))
        return Result("reconcile", found.readings, section.exhibits, self._language)

    def at(self, week: str = LATEST, *, as_of: str = "", period_days: int | None = None) -> Shop:
        """The same files seen at the end of another week or day.

        >>> import cancel_analysis as ca
        >>> ca.sample_shop("id-toko-gadget").at("2026-W44").week
        '2026-W44'
        """
        own = self.study
        study = open_study_of(
            own.shop, own.intake, week, as_of, own.period_days if period_days is None else period_days,
            category=own.category, product=own.product, peers=own.peers,
        )  # fmt: skip
        return Shop(study, self._source)

    def report(
        self,
        out: str | Path,
        *,
        formats: Sequence[str] = ("html", "pdf"),
        renderer: str = "auto",
        appendix: bool = False,
    ) -> MadeReport:
        """Make the whole report below the folder `out`, as `cancel-analysis report` does; its files are told.

        With `appendix`, evidence and appendix become a second PDF.

        Raises ReportError when it fails, SettingsError for a format or renderer that there is not.
        """
        return make_report(self.study, self._source, Path(out), tuple(formats), renderer, appendix=appendix)

    def to_excel(self, path: str | Path) -> Path:
        """Write every table as a sheet of a workbook, formatted for people; returns its path.

        Cells hold values, never formulas, whatever a product is called.
        """
        results = {
            "rates": self.rates(), "limits": self.limits, "standouts": self.standouts, "stages": self.stages,
            "changes": self.changes, "statuses": self.statuses, "requests": self.requests,
            "diagnosis": self.diagnosis, "appeals": self.appeals, "standing": self.standing,
            "products_at_risk": self.products_at_risk, "actions": self.actions, "outcomes": self.outcomes,
            "returns_to_come": self.returns_to_come, "costs": self.costs,
            "fixes": self.fixes, "others": self.others, "method": self.method,
        }  # fmt: skip
        return write_workbook(Path(path), self.study, self.verdict.text, results)

    def __repr__(self) -> str:
        return card_text(self.study, self.rates())

    def _repr_html_(self) -> str:
        return card_html(self.study, self.rates())

    # --- inside -----------------------------------------------------------------------------------------

    @property
    def _language(self) -> str:
        return self.study.shop.language

    @cached_property
    def _verdict(self) -> Section:
        return verdict.verdict(self.study, self._language)

    @cached_property
    def _rates(self) -> Section:
        return rates_section.rates_and_limits(self.study, self._language)

    @cached_property
    def _to_come(self) -> Section:
        return to_come.still_to_come(self.study, self._language)

    @cached_property
    def _costs(self) -> Section:
        return costs.costs(self.study, self._language)

    def _of(self, section: Section, table: str) -> Result:
        """A section whose frame is that of one of its exhibits."""
        frames = {exhibit.name: exhibit.frame for exhibit in section.exhibits if not isinstance(exhibit, Fold)}
        frame = frames.get(table)
        return result_of(section, pd.DataFrame() if frame is None else frame, self._language)

    def _seen(self, week: Week) -> Week:
        """The week, which must have ended by `as_of`."""
        if week.sunday > self.as_of:
            raise SettingsError(
                f"week {week} ends after {self.as_of}, the last day that is seen here; open the shop at that week"
            )
        return week
