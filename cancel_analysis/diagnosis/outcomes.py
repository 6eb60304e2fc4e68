"""What came of an action: the rate before and after, with an interval, the rest of the shop beside it.

Lines are compared at a fixed age (lost within so many days of the order), so that the newest do not look better for
being young. Nothing is claimed that the counts do not carry: too few, too early, or a fall that the rest shares are
said to be that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cancel_analysis.catalog.done_actions import DoneAction
from cancel_analysis.diagnosis.actions import SHOP, Action, possible
from cancel_analysis.diagnosis.causes import SLOW_CAUSES, at_risk_of, in_place
from cancel_analysis.errors import SettingsError, suggest
from cancel_analysis.inference import excess_p, newcombe
from cancel_analysis.rates.lines import Lines, local_days

# Four whole weeks on either side: every weekday weighs the same.
DAYS = 28
# A cancellation comes within a week of its order, a return within a month, or hardly ever.
AGE, SLOW_AGE = 7, 30
# One-sided, as only a fall is asked for; half of the 5 % of a two-sided interval.
SURE = 0.025
# fell: less than before and less than the rest explains · fell_like_rest: less, as the rest may be · rose ·
# unclear: more or less by chance · too_few: even no loss at all would prove nothing · too_early.
STATES = ("fell", "fell_like_rest", "rose", "unclear", "too_few", "too_early")
COLUMNS = [
    "ids", "done", "note", "root_cause", "dimension", "places", "before_from", "before_to", "after_from", "after_to",
    "before_lines", "before_at_risk", "before_rate", "after_lines", "after_at_risk", "after_rate", "low", "high", "p",
    "rest_before_lines", "rest_before_at_risk", "rest_after_lines", "rest_after_at_risk", "rest_low", "rest_high",
    "against_rest_low", "against_rest_high", "state", "told_from",
]  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """Lines lost of lines at risk, before and after."""

    before: int
    before_at_risk: int
    after: int
    after_at_risk: int

    @property
    def change(self) -> float:
        """After less before; NaN where a side has no line."""
        if not self.before_at_risk or not self.after_at_risk:
            return float("nan")
        return self.after / self.after_at_risk - self.before / self.before_at_risk

    @property
    def interval(self) -> tuple[float, float]:
        """Newcombe's 95 % interval of the change."""
        low, high = newcombe(self.after, self.after_at_risk, self.before, self.before_at_risk)
        return float(low), float(high)

    @property
    def p_fall(self) -> float:
        """Fisher's exact test, one-sided: how likely so much more before than after is by chance."""
        return float(excess_p(self.before, self.before_at_risk, self.after, self.after_at_risk))

    @property
    def could_tell(self) -> bool:
        """Whether a fall to nothing would be more than chance."""
        return float(excess_p(self.before, self.before_at_risk, 0, self.after_at_risk)) <= SURE


def outcomes(orders: pd.DataFrame, items: pd.DataFrame, done: Sequence[DoneAction], as_of: date) -> pd.DataFrame:
    """A row an entry and cause and kind of place of it, in the order of the file (`COLUMNS`); rates are fractions.

    `orders` (ORDER_LINES) and `items` (AFFECTED_ITEMS) are all there are up to `as_of`; an entry of a later day is not
    seen yet. `told_from` is the first day on which a whole day after the action can be counted. Raises SettingsError
    with file and line for an id that no action of the shop can have.
    """
    seen = [entry for entry in done if entry.done <= as_of]
    if not seen:
        return pd.DataFrame(columns=COLUMNS)
    known = possible(orders)
    _check(seen, known)
    lines = Lines.of(orders, items)
    event = local_days(items["event_at"])
    rows = []
    for entry in seen:
        groups: dict[tuple[str, str], list[Action]] = {}
        for name in entry.ids:
            action = known[name]
            groups.setdefault((action.root_cause, action.dimension), []).append(action)
        rows += [_outcome(entry, group, lines, event, as_of) for group in groups.values()]
    return pd.DataFrame(rows, columns=COLUMNS)


def _check(done: Iterable[DoneAction], known: dict[str, Action]) -> None:
    for entry in done:
        for name in entry.ids:
            if name not in known:
                # Ids are alike by their cause; the list of all would fill a screen.
                alike = [one for one in known if one.partition("-")[0] == name.partition("-")[0]] or list(known)
                hint = suggest(name, alike).partition("? there are")[0].partition("; there are")[0]
                asked = f"{hint}?" if hint else ""
                raise SettingsError(
                    f"{entry.where}: no action of this shop has the id {name!r}{asked}; ids stand in the report's "
                    "cards and in shop.actions"
                )


def _outcome(
    entry: DoneAction, group: list[Action], lines: Lines, event: np.ndarray, as_of: date
) -> tuple[object, ...]:
    cause, dimension = group[0].root_cause, group[0].dimension
    age = SLOW_AGE if cause in SLOW_CAUSES else AGE
    before_from, before_to = entry.done - timedelta(days=DAYS), entry.done - timedelta(days=1)
    after_from = entry.done + timedelta(days=1)
    after_to = min(entry.done + timedelta(days=DAYS), as_of - timedelta(days=age))
    own = lines.item_is("root_cause", cause)
    young = (event - lines.item_day).astype("int64") <= age
    lost, at_risk = lines.lost(own & young), at_risk_of(lines, cause)
    inside = np.ones(len(lost), dtype=bool)
    if dimension != SHOP:
        inside = in_place(lines.orders, dimension, [action.place for action in group])
    periods = [_between(lines.day, before_from, before_to), _between(lines.day, after_from, after_to)]

    def counts(where: np.ndarray) -> Counts:
        found = [int((at_risk & where & days & gone).sum()) for days in periods for gone in (lost, np.True_)]
        return Counts(*found)

    here, rest = counts(inside), counts(~inside)
    low, high = here.interval
    rest_low, rest_high = rest.interval if dimension != SHOP else (float("nan"), float("nan"))
    against = _against(here, rest) if dimension != SHOP else (float("nan"), float("nan"))
    state = "too_early" if after_to < after_from else state_of(here, against)
    return (
        ", ".join(action.id for action in group), entry.done, entry.note,
        cause, dimension, tuple(action.place for action in group), before_from, before_to, after_from, after_to,
        here.before, here.before_at_risk, _rate(here.before, here.before_at_risk), here.after, here.after_at_risk,
        _rate(here.after, here.after_at_risk), low, high, here.p_fall, rest.before, rest.before_at_risk, rest.after,
        rest.after_at_risk, rest_low, rest_high, *against, state, after_from + timedelta(days=age),
    )  # fmt: skip


def state_of(here: Counts, against_rest: tuple[float, float]) -> str:
    """What can be concluded of the counts (`STATES` without `too_early`); `against_rest` is NaN without a rest."""
    low, high = here.interval
    if low > 0:
        return "rose"
    if high < 0 and here.p_fall <= SURE:
        # Without a rest there is nothing that could explain the fall, nor rule anything out.
        return "fell_like_rest" if not np.isnan(against_rest[1]) and against_rest[1] >= 0 else "fell"
    return "unclear" if here.could_tell else "too_few"


def _against(here: Counts, rest: Counts) -> tuple[float, float]:
    """The 95 % interval of the place's change less the rest's: the two intervals' halves squared and added, as
    Newcombe's own method does with those of two rates (MOVER, Zou and Donner 2008)."""
    (low, high), (rest_low, rest_high) = here.interval, rest.interval
    change, other = here.change, rest.change
    if np.isnan(change) or np.isnan(other):
        return float("nan"), float("nan")
    difference = change - other
    down = np.hypot(change - low, rest_high - other)
    up = np.hypot(high - change, other - rest_low)
    return float(difference - down), float(difference + up)


def _between(day: np.ndarray, first: date, last: date) -> np.ndarray:
    return np.asarray((day >= np.datetime64(first)) & (day <= np.datetime64(last)))


def _rate(lines: int, at_risk: int) -> float:
    return lines / at_risk if at_risk else float("nan")
