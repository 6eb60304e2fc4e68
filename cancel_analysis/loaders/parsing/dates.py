"""Does the day or the month come first? Decided once per file, from all of its dates.

Dates follow the interface language, not the market, and carry no zone. Two things can settle the
order: a number past 12, which is a day, and events, which never run backwards. What neither
settles is asked for, not guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Stamps = npt.NDArray[np.datetime64]

# A reading must have this share of the evidence. Odd rows exist in real files; a file whose
# evidence is more divided than this is two files pasted together.
SETTLED_SHARE = 0.9
# So many dates past the 12th need no second witness; fewer may be odd rows, and events are asked too.
CLEAR = 100
# Years outside are misread, such as the 26 of 01/07/26.
FIRST_YEAR, LAST_YEAR = 2015, 2100

OTHER = {"dmy": "mdy", "mdy": "dmy"}
NAMES = {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year-month-day"}
_PARTS = {"dmy": ("%d", "%m", "%Y"), "mdy": ("%m", "%d", "%Y"), "ymd": ("%Y", "%m", "%d")}
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
# These state the year first and so stand beside any other form; real date cells of XLSX come as the first.
ISO_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")

_DATE = re.compile(
    r"(?P<a>\d{1,4})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,4})(?P<gap>[ T])"
    r"(?P<hour>\d{1,2}):\d{2}(?P<second>:\d{2})?(?P<half> [AaPp][Mm])?"
)


@dataclass(frozen=True)
class Guess:
    """What the first rows suggest: an order, and the strptime format that most of them have."""

    order: str
    format: str


@dataclass(frozen=True)
class Decision:
    """The order that a file's dates are read in (None: nothing settled it), and on what basis."""

    order: str | None
    basis: str


def formats(order: str) -> tuple[str, ...]:
    """Every strptime format of `order`, with the year-first forms that are always understood."""
    own = tuple(
        f"{mark.join(_PARTS[order])} {clock}" for mark in ("/", "-", ".") for clock in _CLOCKS if order != "ymd"
    )
    return own + ISO_FORMATS


def guess(
    texts: Iterable[str], wish: str | None = None, order: str | None = None, glimpses: Iterable[str] = ()
) -> Guess:
    """A first guess from some raw date texts (trailing blanks count: they go into the format).

    It only makes reading fast; `decide` has the word. `wish` is the shop's own setting, `order`
    what has been decided already, `glimpses` are raw text from all over the file.
    """
    shapes: Counter[tuple[str, str, str, str]] = Counter()
    fits: Counter[str] = Counter()
    # A file says the same few hundred days over and over: each is judged once.
    glimpsed = (found.group("a", "b", "c", "gap") for text in glimpses for found in _DATE.finditer(text))
    for day, count in Counter(glimpsed).items():
        fits.update(dict.fromkeys(_orders_of(*day), count))
    for ((a, b, c, mark, gap), second, half, tail), count in Counter(_forms(texts)).items():
        fits.update(dict.fromkeys(_orders_of(a, b, c, gap), count))
        clock = "%I" if half else "%H"
        clock += ":%M" + (":%S" if second else "") + (" %p" if half else "")
        shapes[(mark, gap, clock, tail)] += count
    best = order or max(("dmy", "mdy", "ymd"), key=lambda name: (fits[name], name == wish))
    mark, gap, clock, tail = shapes.most_common(1)[0][0] if shapes else ("/", " ", "%H:%M:%S", "")
    if best != "ymd" and gap == "T":
        gap = " "
    return Guess(best, mark.join(_PARTS[best]) + gap + clock + tail)


def _forms(texts: Iterable[str]) -> Iterator[tuple[tuple[str, ...], bool, bool, str]]:
    """Of each text that is a date: its numbers and what parts them, whether it has seconds, and half days, and the
    blanks behind it."""
    for text in texts:
        bare = text.strip()
        if (found := _DATE.fullmatch(bare)) is not None:
            tail = text[len(text.rstrip()) :] if text.startswith(bare) else ""
            yield found.group("a", "b", "c", "mark", "gap"), bool(found["second"]), bool(found["half"]), tail


def possible_orders(text: str) -> tuple[str, ...]:
    """The orders in which `text` is a date; none when it is no date at all."""
    found = _DATE.fullmatch(text.strip())
    return () if found is None else _orders_of(*found.group("a", "b", "c", "gap"))


def _orders_of(first: str, second: str, third: str, gap: str) -> tuple[str, ...]:
    """The orders in which three numbers, and what parts them from the time of day, are a date."""
    middle = int(second)
    if len(first) == 4:
        return ("ymd",) if 1 <= middle <= 12 and 1 <= int(third) <= 31 else ()
    if len(third) != 4 or gap == "T":
        return ()
    readings = (("dmy", int(first), middle), ("mdy", middle, int(first)))
    return tuple(order for order, day, month in readings if 1 <= month <= 12 and 1 <= day <= 31)


def decide(
    times: Mapping[str, pa.ChunkedArray],
    unread: Sequence[str],
    order: str,
    chain: Sequence[str],
    wish: str | None = None,
) -> Decision:
    """Decide between `order`, in which `times` were read, and the other one.

    `times` are the file's time columns (naive; null where empty or unread), `unread` the texts that
    `order` does not fit, `chain` the columns whose events follow one another. `wish` is the shop's
    own setting: it settles what the file leaves open, and no more.
    """
    if order == "ymd":
        return Decision("ymd", "the year comes first")
    if not unread and all(values.null_count == len(values) for values in times.values()):
        return Decision(order, "no dates")
    days_here = sum(pc.sum(pc.greater(pc.day(values), 12)).as_py() or 0 for values in times.values())
    days_there = sum(OTHER[order] in possible_orders(text) for text in unread)
    back_here = back_there = 0
    if max(days_here, days_there) < CLEAR or not _settled(days_here, days_there):
        back_here, back_there = _backward_rows([stamps(times[name]) for name in chain if name in times])
    here, there = days_here + back_there, days_there + back_here
    if _settled(here, there):
        winner, days, back = (order, days_here, back_there) if here > there else (OTHER[order], days_there, back_here)
        basis = f"{days:,} × a day past 12" if days else f"{back:,} × events in order, which else run backwards"
        return Decision(winner, basis)
    if here + there == 0 and all(_same_either_way(stamps(values)) for values in times.values()):
        return Decision(order, "every date is the same either way")
    if wish in OTHER:
        return Decision(wish, "date_order in shops.yaml")
    return Decision(None, "the evidence is divided" if here + there else "no date has a day past 12")


def stamps(values: pa.ChunkedArray | pa.Array) -> Stamps:
    """A time column as naive numpy times; null is NaT."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return np.asarray(whole.to_numpy(zero_copy_only=False)).astype("datetime64[us]")


def _settled(here: int, there: int) -> bool:
    return here + there > 0 and max(here, there) / (here + there) >= SETTLED_SHARE


def swap(stamps: Stamps) -> Stamps:
    """The same texts read the other way round: day and month change places; NaT where that is no date."""
    months = stamps.astype("M8[M]")
    years = stamps.astype("M8[Y]")
    day = _day(stamps)
    month = (months - years.astype("M8[M]")).astype(np.int64)
    turned = years.astype("M8[M]") + np.where(day <= 12, day - 1, 0).astype("m8[M]")
    result = turned.astype("M8[D]") + month.astype("m8[D]") + (stamps - stamps.astype("M8[D]"))
    result[(day > 12) | np.isnat(stamps)] = np.datetime64("NaT")
    swapped: Stamps = result.astype(stamps.dtype)
    return swapped


def _day(stamps: Stamps) -> npt.NDArray[np.int64]:
    day = (stamps.astype("M8[D]") - stamps.astype("M8[M]").astype("M8[D]")).astype(np.int64) + 1
    return np.where(np.isnat(stamps), 0, day)


def _same_either_way(stamps: Stamps) -> bool:
    return bool((np.isnat(stamps) | (swap(stamps) == stamps)).all())


def _backward_rows(present: Sequence[Stamps]) -> tuple[int, int]:
    """In how many rows events run backwards in this reading only, and in the swapped one only."""
    if len(present) < 2:
        return 0, 0
    here = _runs_back(present)
    there = _runs_back([swap(values) for values in present])
    return int((here & ~there).sum()), int((there & ~here).sum())


def _runs_back(columns: Sequence[Stamps]) -> npt.NDArray[np.bool_]:
    back = np.zeros(len(columns[0]), dtype=bool)
    latest = columns[0].copy()
    for values in columns[1:]:
        back |= values < latest
        latest = np.fmax(latest, values)
    return back
