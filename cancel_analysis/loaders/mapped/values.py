"""Texts of a mapped file → times, amounts, whole numbers, statuses and reasons; each distinct text is read once.

What cannot be read comes back with its reason; nothing is guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import pandas_dtype

from cancel_analysis.catalog.mapping.forms import Money, Rule
from cancel_analysis.catalog.values import plain_value
from cancel_analysis.loaders.parsing import dates
from cancel_analysis.loaders.parsing.money import NO_DECIMALS, NOT_MONEY, MoneyError, parse_money

FIRST_YEAR, LAST_YEAR = 1995, 2100
WRONG_YEAR = f"is outside the years {FIRST_YEAR}–{LAST_YEAR}"
NOT_A_DATE = "fits no form of dates that the mapping names"
NOT_WHOLE = "is no whole number"
LOST_OR_NOT = "is a number below 1000, and whether a spreadsheet took zeros from it cannot be told"
THOUSAND = 1000
# So many dates that only one form reads give a range; so many moments make days without any between them odd.
FEWEST_SURE, FEWEST_MOMENTS = 30, 50
# A shop may be closed for so many days; from so many on, days lie a month apart.
LONGEST_BREAK, SHORTEST_MONTH = 5, 28

# The mark between the parts of a date, and how many digits the year has.
_SHAPE_OF_DATE = r"^\d{1,2}([/.-])\d{1,2}[/.-](?:(\d{4})|\d{2})(?!\d)"
_WHOLE = re.compile(r"([+-]?\d{1,9})(?:[.,]0+)?")
_AMOUNT = re.compile(r"(?P<before>[^\d.,+-]*)(?P<sign>[+-]?)(?P<number>[\d.,' ]*\d)(?P<after>[^\d.,+-]*)")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")


def distinct(texts: pd.Series) -> list[str]:
    """Every text of a column once; empty cells are none."""
    # As a whole: asked for one by one, each text is a call into Arrow.
    return [str(text) for text in texts.dropna().unique().tolist()]


def spread(texts: pd.Series, values: Mapping[str, Any], dtype: str) -> pd.Series:
    """The value of every cell from the values of the distinct texts; empty where there is none."""
    codes, uniques = pd.factorize(texts)
    found: pd.Series = pd.Series([*map(values.get, uniques.tolist()), None]).astype(pandas_dtype(dtype))
    result: pd.Series = found.iloc[codes].set_axis(texts.index)
    return result


def spread_times(texts: pd.Series, times: pd.Series) -> pd.Series:
    """The time of every cell from `times` by distinct text; NaT where there is none."""
    codes, uniques = pd.factorize(texts)
    moments = np.append(times.reindex(uniques.astype(object)).to_numpy(), np.datetime64("NaT", "us"))
    return pd.Series(moments[codes].astype("datetime64[us]"), index=texts.index)


# --- times -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """Times without a zone by distinct text, those that fit nothing with the reason, and texts a form read.

    `undecided` are texts that two forms read differently, where nothing in the file settles it.
    """

    values: pd.Series
    reasons: dict[str, str]
    forms: dict[str, int]
    basis: str
    undecided: tuple[str, ...] = ()


def strptime_forms(form: str) -> tuple[str, ...]:
    """The strptime formats of one form: itself, or all those of `dmy`, `mdy` or `ymd`."""
    if form not in dates.NAMES:
        return (form,)
    parts = {"dmy": ("%d", "%m", "%Y"), "mdy": ("%m", "%d", "%Y"), "ymd": ("%Y", "%m", "%d")}[form]
    clocked = dates.ISO_FORMATS if form == "ymd" else dates.formats(form)[: -len(dates.ISO_FORMATS)]
    whole = (*clocked, *(mark.join(parts) for mark in "/-."))
    # A year of two digits can only stand last: 10-12-01 would be anything.
    return whole if form == "ymd" else (*whole, *(text.replace("%Y", "%y") for text in whole))


def read_times(texts: Sequence[str], forms: Sequence[str], timezone: str, wish: str | None = None) -> Times:
    """Read texts in the forms of a mapping; dates that state the year first are always understood.

    Where two forms read texts differently, the one holds that reads nearly all texts of the same look that
    only one of them can read; else the one that the mapping writes out for that look; else what all texts of
    the file say; else the one whose days lie among those that are sure; else the one whose days follow one
    another, where the other's lie a month apart. `wish` is the shop's `date_order`.
    """
    bare = pd.Series([text.strip() for text in texts], dtype="str")
    looks = _Looks(bare)
    columns = {form: _read(looks, strptime_forms(form), timezone) for form in dict.fromkeys((*forms, "ymd"))}
    table = pd.DataFrame(columns)
    first = table.bfill(axis="columns").iloc[:, 0] if len(table) else pd.Series(dtype="datetime64[us]")
    split = table.notna().sum(axis="columns").gt(1) & table.max(axis="columns").ne(table.min(axis="columns"))
    basis = ", ".join(form for form in columns if table[form].notna().any()) or "no dates"
    undecided: tuple[str, ...] = ()
    if split.any():
        orders = _by_order(table)
        shapes = _look(bare)
        for shape in dict.fromkeys(shapes[split]):
            here = (shapes == shape) & split
            best, why = _settle(orders, shapes == shape, here, _written_out(forms, bare[here]), wish)
            if best is None:
                undecided = (*undecided, *bare[here].head(3))
                continue
            basis = why
            first = first.mask(here, orders[best].fillna(first))
    years = first.dt.year
    wrong = first.notna() & ((years < FIRST_YEAR) | (years > LAST_YEAR))
    good = first.notna() & ~wrong
    keys = np.array(texts, dtype=object)
    return Times(
        values=pd.Series(first[good].to_numpy(dtype="datetime64[us]"), index=pd.Index(keys[good])),
        reasons={text: WRONG_YEAR if off else NOT_A_DATE for text, off in zip(keys[~good], wrong[~good], strict=True)},
        forms={form: int((table[form] == first).sum()) for form in columns if (table[form] == first).any()},
        basis=basis,
        undecided=undecided,
    )


def _look(texts: pd.Series) -> pd.Series:
    """The mark and the length of the year of each date: texts that were written by one program look alike."""
    parts = texts.str.extract(_SHAPE_OF_DATE)
    return parts[0].fillna("") + parts[1].notna().map({True: "4", False: "2"})


def _written_out(forms: Sequence[str], texts: pd.Series) -> str | None:
    """The order of day and month of the only strptime format of the mapping that all `texts` have the look of."""
    fitting = {order_of(form) for form in forms if form not in dates.NAMES and texts.str.fullmatch(_shape(form)).all()}
    return next(iter(fitting)) if len(fitting) == 1 else None


def _settle(
    orders: pd.DataFrame, alike: pd.Series, split: pd.Series, written: str | None, wish: str | None
) -> tuple[str | None, str]:
    """Which order holds for the dates in `split`, and why; None where nothing settles it.

    `alike` are the texts written alike, `written` the order that the mapping itself gives for them.
    """
    rivals = [form for form in map(str, orders.columns) if orders.loc[split, form].notna().any()]
    alone = orders[rivals].notna().sum(axis="columns").eq(1)
    for among in (alike, None):
        if among is None and written in rivals:
            return written, f"{written}, as the mapping writes it out"
        asked = alone if among is None else alone & among
        counts = {form: int((asked & orders[form].notna()).sum()) for form in rivals}
        best = max(rivals, key=lambda form: counts[form])
        if counts[best] and counts[best] >= dates.SETTLED_SHARE * sum(counts.values()):
            return best, f"{best}: {counts[best]:,} texts that only it reads"
    by_days = _by_days(orders[split][rivals], orders[orders.notna().sum(axis="columns").eq(1)])
    if by_days is not None and wish in (None, by_days[0]):
        return by_days
    return (str(wish), "date_order in shops.yaml") if wish in rivals else (None, "")


def order_of(form: str) -> str:
    """In which order a form has day, month and year: `dmy`, `mdy` or `ymd`; something else for other forms."""
    signs = re.findall("%[dmyY]", form)
    return form if form in dates.NAMES else "".join(signs).replace("%", "").casefold()


def _by_order(table: pd.DataFrame) -> pd.DataFrame:
    """What the forms read, those of one order of day, month and year together: they never differ."""
    groups: dict[str, list[str]] = {}
    for form in map(str, table.columns):
        groups.setdefault(order_of(form), []).append(form)
    return pd.DataFrame({order: table[forms].bfill(axis="columns").iloc[:, 0] for order, forms in groups.items()})


def _by_days(split: pd.DataFrame, sure: pd.DataFrame) -> tuple[str, str] | None:
    """The form that the days themselves speak for, with why; None where they do not.

    `split` has what each rival makes of the texts that are read differently, `sure` the other texts.
    """
    known = sure.bfill(axis="columns").iloc[:, 0].dropna() if len(sure) else pd.Series(dtype="datetime64[us]")
    if len(known) >= FEWEST_SURE:
        # Of whole months: where days past the 12th are the sure ones, a month's first days are not among them.
        first, last = known.min().to_period("M").start_time, known.max().to_period("M").end_time
        inside = {form: float(split[form].between(first, last).mean()) for form in map(str, split.columns)}
        fitting = [form for form, share in inside.items() if share >= dates.SETTLED_SHARE]
        if len(fitting) == 1:
            return fitting[0], f"{fitting[0]}: its days lie between {first.date()} and {last.date()}, as the others do"
    if len(split) < FEWEST_MOMENTS:
        return None
    gaps = {
        form: split[form].dropna().dt.normalize().drop_duplicates().sort_values().diff().dt.days
        for form in map(str, split.columns)
    }
    dense = [form for form, days in gaps.items() if len(days) > 1 and days.max() <= LONGEST_BREAK]
    sparse = [form for form, days in gaps.items() if len(days) > 1 and days.min() >= SHORTEST_MONTH]
    if len(dense) == 1 and len(dense) + len(sparse) == len(gaps):
        return dense[0], f"{dense[0]}: its days follow one another, in the other order they lie a month apart"
    return None


class _Looks:
    """Distinct texts with their looks, every digit a 9: a file has few, so each format is held against few."""

    def __init__(self, texts: pd.Series) -> None:
        self.texts = texts
        codes, looks = pd.factorize(texts.str.replace(r"\d", "9", regex=True))
        self._codes, self._looks = codes, looks.tolist()

    def fit(self, form: str) -> npt.NDArray[np.bool_]:
        """Which texts a strptime format may read."""
        shape = re.compile(_shape(form))
        return np.array([*(shape.fullmatch(look) is not None for look in self._looks), False])[self._codes]


def _read(looks: _Looks, forms: Iterable[str], timezone: str) -> pd.Series:
    """What one of several strptime formats reads, the first that fits."""
    result = pd.Series(pd.NaT, index=looks.texts.index, dtype="datetime64[us]")
    for form in forms:
        # Looking at the shape first is ten times as fast as letting strptime fail.
        fits = looks.fit(form)
        if not fits.any():
            continue
        left = looks.texts[fits & result.isna().to_numpy()]
        if left.empty:
            continue
        if "%z" in form or "%Z" in form:
            times = pd.to_datetime(left, format=form, errors="coerce", utc=True)
            times = times.dt.tz_convert(timezone).dt.tz_localize(None)
        else:
            times = pd.to_datetime(left, format=form, errors="coerce")
        result = result.fillna(times.astype("datetime64[us]"))
    return result


_SHAPES = {
    "%Y": r"\d{4}", "%y": r"\d{2}", "%p": r"[AaPp]\.?[Mm]\.?", "%f": r"\d{1,9}",
    **dict.fromkeys(("%d", "%m", "%H", "%I", "%M", "%S"), r"\d{1,2}"), "%j": r"\d{1,3}",
}  # fmt: skip


@cache
def _shape(form: str) -> str:
    """What texts of a strptime format look like; anything where it has parts that are names or zones."""
    parts = re.split(r"(%[A-Za-z%])", form)
    return "".join(_SHAPES.get(part, r".*") if part.startswith("%") else re.escape(part) for part in parts)


# --- numbers ---------------------------------------------------------------------------------


def read_whole(texts: Iterable[str]) -> tuple[dict[str, int], dict[str, str]]:
    """Whole numbers (a minus is allowed), and the reason for each text that is none."""
    values, reasons = {}, {}
    for text in texts:
        found = _WHOLE.fullmatch(_SPACES.sub("", text.replace("\N{MINUS SIGN}", "-")))
        if found is None:
            reasons[text] = NOT_WHOLE
        else:
            values[text] = int(found[1])
    return values, reasons


def read_amounts(
    texts: Iterable[str], form: Money | None, currency: str, decimals: int
) -> tuple[dict[str, float], dict[str, str]]:
    """Amounts in `currency`, and the reason for each text that is none; without a form the currency decides."""
    values, reasons = {}, {}
    for text in texts:
        try:
            values[text] = (
                parse_money(text, currency, decimals) if form is None else _amount(text, form, currency, decimals)
            )
        except MoneyError as error:
            reasons[text] = str(error)
    return values, reasons


def _amount(text: str, form: Money, currency: str, decimals: int) -> float:
    bare = _SPACES.sub(" ", text.replace("\N{MINUS SIGN}", "-")).strip()
    bracketed = bare.startswith("(") and bare.endswith(")")
    if bracketed:
        bare = bare[1:-1].strip()
    leading = bare.startswith("-")
    found = _AMOUNT.fullmatch(bare.removeprefix("-"))
    if found is None or (leading and found["sign"]):
        raise MoneyError(NOT_MONEY)
    before, after = found["before"].strip(), found["after"].strip()
    # The marks are judged where those of exports are: another currency is refused.
    parse_money(f"{before}1{after}", currency, decimals)
    number = found["number"].strip()
    value = _lost_zeros(number, form) if form.lost_zeros else _grouped(number, form)
    if not decimals and value != int(value):
        raise MoneyError(NO_DECIMALS)
    return -value if bracketed or leading or found["sign"] == "-" else value


def _grouped(number: str, form: Money) -> float:
    whole, mark, fraction = number.partition(form.decimal) if form.decimal else (number, "", "")
    if mark and not fraction.isdecimal():
        raise MoneyError(NOT_MONEY)
    return float(f"{_joined(whole, form.thousands)}.{fraction or '0'}")


def _joined(whole: str, mark: str) -> str:
    first, *groups = whole.split(mark) if mark else [whole]
    fits = all(len(group) == 3 and group.isdecimal() for group in groups)
    if not first.isdecimal() or not fits or (groups and len(first) > 3):
        raise MoneyError(NOT_MONEY)
    return first + "".join(groups)


def _lost_zeros(number: str, form: Money) -> float:
    """`38.300`, `38.3` and `38.30` are 38 300; `10.0` is 10 000; `1.234.5` is 1 234 500; `599` is 599."""
    whole, _, fraction = number.partition(form.decimal) if form.decimal else (number, "", "")
    if fraction.strip("0"):
        raise MoneyError(NO_DECIMALS)
    *groups, last = whole.split(form.thousands)
    if groups:
        # A spreadsheet's number has more zeros than a group; they mean nothing.
        if len(last) > 3 and not last[3:].strip("0"):
            last = last[:3]
        last = last.ljust(3, "0")
    return float(_joined(form.thousands.join([*groups, last]), form.thousands))


# --- values that rules explain ---------------------------------------------------------------


@dataclass
class Told:
    """What rules make of the distinct texts of one column; `unknown` are those that no rule fits."""

    outcomes: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def get(self, name: str) -> dict[str, str]:
        """The value of one canonical column by text."""
        return {text: outcome[name] for text, outcome in self.outcomes.items() if outcome.get(name)}


def tell(texts: Iterable[str], rules: Sequence[Rule], same: Callable[[str], str] = plain_value) -> Told:
    """Ask the rules for each text; the first that fits tells. Named groups of its pattern are outcomes too."""
    told = Told()
    plain = {same(rule.written): rule for rule in reversed(rules) if rule.pattern is None}
    for text in texts:
        for rule in rules:
            if rule.pattern is None:
                if plain.get(same(text)) is not rule:
                    continue
                told.outcomes[text] = rule.outcome
                break
            found = rule.pattern.search(text)
            if found is not None:
                groups = {name: part.strip() for name, part in found.groupdict().items() if part}
                told.outcomes[text] = {**rule.outcome, **groups}
                break
        else:
            told.unknown.append(text)
    return told


def number_cells(cells: Sequence[Any]) -> tuple[np.ndarray, bool]:
    """Which cells of a spreadsheet column are whole numbers from 1 to 999, and whether the column says what they are.

    Of 150.000 and of 150 a spreadsheet may make the same number. A column in which whole numbers of a thousand
    and more stand and none with a fraction (38.3 was 38.300) was written without points: 150 is 150.
    """
    numbers = [float(c) if isinstance(c, int | float) and not isinstance(c, bool) else math.nan for c in cells]
    sizes = np.abs(np.array(numbers, dtype=np.float64))
    whole = np.isfinite(sizes) & (np.floor(sizes) == sizes)
    fraction = np.isfinite(sizes) & ~whole
    doubtful = whole & (sizes > 0) & (sizes < THOUSAND)
    return doubtful, bool((whole & (sizes >= THOUSAND)).any() and not fraction.any())
