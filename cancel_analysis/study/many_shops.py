"""All shops of a data folder, opened one after the other for the pages over all of them.

A shop whose files cannot be used becomes a failure with its cause, and the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from cancel_analysis.catalog.shops import ShopSettings, read_shop_list
from cancel_analysis.dataset.load import load_shop
from cancel_analysis.errors import CancelAnalysisError, SettingsError, describe_error
from cancel_analysis.loaders import ShopIntake
from cancel_analysis.steps import tell
from cancel_analysis.study.cut import check_covered
from cancel_analysis.study.kept import keep, read_kept
from cancel_analysis.study.one_shop import DEFAULT_PERIOD, Study, covered_days, study_shop
from cancel_analysis.study.peers import known_days
from cancel_analysis.weeks import LATEST, Week, last_whole_week, parse_day, parse_week

Made = TypeVar("Made")

_FOLDERS = re.compile(r"(?:[A-Za-z]:)?[\\/](?:[^\s'\":,\\/]+[\\/])+")
FAILURE_COLUMNS = ["shop", "name", "market", "cause"]


@dataclass(frozen=True)
class Failure:
    """A shop that could not be read, and why; `told` is all of the cause with what to do, too long for a table."""

    shop: str
    name: str
    market: str
    cause: str
    told: str = ""


@dataclass
class LoadedShops:
    """The shops that were asked for, and the last day that any of them covers.

    A shop of which the store knows that day has no tables yet: they are read when it is its turn. `studies`
    cuts all at one day, one at a time: what a page keeps of a shop is small, and its tables are let go
    before the next shop's are cut.
    """

    intakes: list[tuple[ShopSettings, ShopIntake | None] | Failure]
    covered: date | None

    def week(self, week: str = LATEST) -> Week:
        """The week written as `week`, or the last that any shop's files cover whole."""
        return last_whole_week(self._last()) if week in ("", LATEST) else parse_week(week)

    def day(self, day: str = LATEST) -> date:
        """The day written as `day`, or the last that any shop's files cover."""
        return self._last() if day in ("", LATEST) else parse_day(day)

    def studies(
        self, as_of: date, period_days: int = DEFAULT_PERIOD, *, covered: bool = False
    ) -> Iterator[Study | Failure]:
        """Each shop cut at the end of `as_of`, in the order of the settings; used up as it is read.

        With `covered`, a shop whose files end before that day is seen at its own last whole week: days that were
        not exported look like quiet ones. One whose files cover no whole week is a failure.
        """
        return self._each(lambda shop, known: _cut(shop, known, as_of, period_days, covered))

    def kept(
        self,
        name: str,
        as_of: date,
        make: Callable[[Study], Any],
        period_days: int = DEFAULT_PERIOD,
        *,
        covered: bool = False,
    ) -> Iterator[tuple[ShopSettings, Any] | Failure]:
        """What `make` gives of each shop (plain values), cut as `studies` does; used up as it is read.

        It is looked up under `name`, which must say all that it depends on but the shop and the program, and only
        what is not known is made, and kept.
        """
        return self._each(
            lambda shop, known: (shop, kept_of(shop, name, as_of, make, period_days, covered=covered, intake=known))
        )

    def _each(self, make: Callable[[ShopSettings, ShopIntake | None], Made]) -> Iterator[Made | Failure]:
        """What `make` gives of each shop in turn, whose tables are let go before the next one's are read."""
        total = len(self.intakes)
        while self.intakes:
            loaded = self.intakes.pop(0)
            tell("figures", total - len(self.intakes), total)
            if isinstance(loaded, Failure):
                yield loaded
                continue
            shop, known = loaded
            try:
                yield make(shop, known)
            except Exception as error:  # whatever it is, the other shops are shown
                yield failure_of(shop, error)

    def _last(self) -> date:
        if self.covered is None:
            causes = [one.told or one.cause for one in self.intakes if isinstance(one, Failure)]
            raise SettingsError(f"no shop could be read: {causes[0] if causes else 'there is none'}")
        return self.covered


def open_shops(data: str | Path, shops: str = "") -> LoadedShops:
    """Load the shops of the folder `data`: all, or those whose ids stand in `shops`, comma between.

    A shop's wrong settings and its unusable files are its own failure. Raises SettingsError for a name that
    no shop has, for a settings file that is wrong as a whole, and when the settings of all these shops are.
    """
    found = read_shop_list(data).named(part.strip() for part in shops.split(",") if part.strip())
    intakes: list[tuple[ShopSettings, ShopIntake | None] | Failure] = []
    covered: list[date] = []
    for number, shop in enumerate(found.shops, start=1):
        tell("files", number, len(found.shops))
        try:
            intake = None
            days = known_days(shop)
            if days is None:
                intake = load_shop(shop)
                days = covered_days(shop, intake)
            covered.append(days.last)
            intakes.append((shop, intake))
        except Exception as error:  # a broken file of one shop is no reason to show none
            intakes.append(failure_of(shop, error))
    intakes += [Failure(shop.id, shop.name, shop.market, _FOLDERS.sub("", shop.cause)) for shop in found.wrong]
    return LoadedShops(intakes, max(covered, default=None))


def kept_of(
    shop: ShopSettings,
    name: str,
    as_of: date,
    make: Callable[[Study], Any],
    period_days: int,
    *,
    covered: bool = False,
    intake: ShopIntake | None = None,
) -> Any:
    """What is kept of one shop under `name`, else what `make` gives of it, which is kept (see `LoadedShops.kept`)."""
    found = read_kept(shop, name)
    if found is None:
        found = make(_cut(shop, intake, as_of, period_days, covered))
        keep(shop, name, found)
    return found


def _cut(shop: ShopSettings, known: ShopIntake | None, as_of: date, period_days: int, covered: bool) -> Study:
    """The shop at the end of `as_of`, or with `covered` of its own last whole week; its files are read if they must."""
    intake = load_shop(shop) if known is None else known
    day = own_day(shop, intake, as_of) if covered else as_of
    return study_shop(shop, intake, as_of=day, period_days=period_days)


def own_day(shop: ShopSettings, intake: ShopIntake, as_of: date) -> date:
    """`as_of`, or the end of the last whole week that the files cover where they end before; SettingsError for none."""
    days = covered_days(shop, intake)
    sunday = last_whole_week(days.last).sunday
    if as_of <= days.last:
        return as_of
    if sunday < days.first:
        check_covered(shop, intake, as_of)
    return sunday


def failure_of(shop: ShopSettings, error: BaseException) -> Failure:
    """The failure of a shop; the cause is the first line of what may be told of the error."""
    told = describe_error(error)
    if isinstance(error, CancelAnalysisError):
        # A page that is handed on names no folder of this machine.
        told = _FOLDERS.sub("", told)
    return Failure(shop.id, shop.name, shop.market, told.splitlines()[0], told)
