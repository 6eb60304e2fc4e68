"""What may stand in an entry of `shops.yaml`: each key with its type, bounds, default and example, once.

The model checks what can be seen from the values alone; what needs the market, the folder or another file
is checked in `shops`. The table of keys in `docs/shops.md` is made from the same descriptions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, cast
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from cancel_analysis.catalog.markets import market, markets
from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.catalog.shop_settings import (
    COSTS,
    DEFAULT_BUYER_WEIGHT,
    DEFAULT_NEAR_SHARE,
    DEFAULT_REFUSE_LIMIT,
    DEFAULT_SELLER_WEIGHT,
    LOWEST_ALERT,
    slug,
)
from cancel_analysis.catalog.words import BASE, languages
from cancel_analysis.errors import SettingsError, nearest, shorten, suggest

T = TypeVar("T")
Keys = tuple[str | int, ...]
# How a value was written in the file (007, not 7); None where it is only known as a value.
Written = Callable[[Keys], str | None]
# Characters that no name needs and that garble a line or turn it round: controls, line ends, bidi overrides.
_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one setting: the way of keys to it, and the sentence that goes on from its place.

    `line` is where in the file, when it is not the line of `keys`.
    """

    keys: Keys
    text: str
    line: int | None = None


def _wrong(told: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{told}", {"told": told})


def plain_text(text: str) -> str:
    """The text; a setting with control characters is wrong."""
    for sign in text:
        if unicodedata.category(sign) in _CONTROLS or _TURNS.match(sign):
            raise _wrong(f"holds the control character U+{ord(sign):04X}; write it without")
    return text


def _identity(text: str) -> str:
    try:
        slug(text)
    except SettingsError as error:
        raise _wrong(f"cannot name a folder: {error}") from error
    return text


def _market(text: str) -> str:
    try:
        return market(text).code
    except SettingsError as error:
        raise _wrong(f"{error}{_did_you_mean(text, markets())}") from error


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise _wrong(f"must be a three-letter code such as USD, not {shorten(text)}")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    # A KeyError for what is not known, and an OSError for a folder of the database ("America").
    except (LookupError, ValueError, OSError) as error:
        zones = _zones()
        inside = next((zone for zone in sorted(zones) if zone.startswith(f"{text}/")), None)
        near = f"; did you mean a place in it, such as {inside!r}?" if inside else _did_you_mean(text, zones)
        raise _wrong(f"{shorten(text)} is not known; write it like Asia/Bangkok{near}") from error
    return text


def _language(text: str) -> str:
    if text not in languages():
        raise _wrong(f"no report language {shorten(text)}{suggest(text, languages())}")
    return text


def _did_you_mean(text: str, known: Any) -> str:
    near = nearest(text, known)
    return f"; did you mean {near!r}?" if near is not None else ""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _pattern(text: str) -> str:
    """A pattern that `Path.glob` can follow to an end."""
    parts = re.split(r"[\\/]", text)
    if all(part in ("", ".") for part in parts):
        raise _wrong(f"{shorten(text)} names a folder, and no file; write it like 'exports/*.xlsx'")
    if any("**" in part and part != "**" for part in parts) or parts.count("**") > 1:
        raise _wrong(
            f"{shorten(text)}: '**' (any folders) must stand alone between slashes, and once, as in '**/*.csv'"
        )
    return text


def _days(days: int) -> int:
    if days not in WINDOWS:
        raise _wrong(f"can be set for {', '.join(map(str, WINDOWS))} days, not {days}")
    return days


def _text(most: int) -> Any:
    return Field(min_length=1, max_length=most)


Word = Annotated[str, _text(100), AfterValidator(plain_text)]
Pattern = Annotated[str, _text(2_000), AfterValidator(plain_text), AfterValidator(_pattern)]
Rate = Annotated[float, Field(ge=LOWEST_ALERT, lt=1, allow_inf_nan=False)]


def _key(default: Any, says: str, kind: str, example: str, **more: str) -> Any:
    """A field: what it says, its type in words, an example as it is written; `otherwise` is its default in words."""
    return Field(default, description=says, json_schema_extra={"type": kind, "example": example, **more})


def _number(default: float | None, high: float, says: str, example: str, **more: str) -> Any:
    kind = f"a number from 0 to {high:,.0f}"
    extra: dict[str, Any] = {"type": kind, "example": example, **more}
    return Field(default, description=says, ge=0, le=high, allow_inf_nan=False, json_schema_extra=extra)


class CostEntry(BaseModel):
    """The keys below `costs`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    commission: float | None = _number(None, COSTS["commission"], "the platform's share of the sale", "0.06")
    label_fee: float | None = _number(None, COSTS["label_fee"], "a shipping label that was bought in vain", "4.5")
    return_freight: float | None = _number(None, COSTS["return_freight"], "the way back of a parcel", "6.0")
    traffic_loss: float | None = _number(None, COSTS["traffic_loss"], "share of orders lost while over a limit", "0.1")


class ShopEntry(BaseModel):
    """One entry of the list `shops`, or what `defaults` gives it."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)

    id: Annotated[Word, AfterValidator(_identity)] = _key(
        ...,
        "the shop's short name; reports lie in a folder of this name",
        "text",
        "siam-beauty",
        otherwise="must be given",
    )
    market: Annotated[Word, AfterValidator(_market)] | None = _key(
        None, f"where it sells: {', '.join(markets())} (UK for GB)", "a market", "TH", otherwise="must be given"
    )
    name: Annotated[str, _text(200), AfterValidator(plain_text)] | None = _key(
        None, "the title of its reports", "text", "Siam Beauty", otherwise="the id"
    )
    files: Annotated[list[Pattern], Field(min_length=1), BeforeValidator(_as_list)] | None = _key(
        None,
        "exports, saved API responses, stock and tracking files: names or patterns below this file's folder",
        "a pattern or a list of patterns",
        '["siam/*.xlsx", "siam/api/*.json"]',
        otherwise="`<id>/*`",
    )
    currency: Annotated[Word, AfterValidator(_currency)] | None = _key(
        None, "amounts in another currency are refused", "three letters", "THB", otherwise="the market's"
    )
    timezone: Annotated[Word, AfterValidator(_timezone)] | None = _key(
        None, "the shop's days and weeks follow it", "a time zone", "Asia/Bangkok", otherwise="the market's"
    )
    language: Annotated[Word, AfterValidator(_language)] = _key(
        BASE, f"[language](languages.md) of the reports: {', '.join(languages())}", "text", "zh"
    )
    category: Word | None = _key(
        None,
        "what the shop sells; its cohort are shops of the same market and category",
        "text",
        "Beauty",
        otherwise="none",
    )
    limits: Word = _key(
        "official",
        "the pack of limits that gives the verdict (below), or a CSV file of your own",
        "a pack, or a .csv file",
        "order_cancellation_sea",
    )
    cross_border: bool = _key(False, "true for a shop that sells into the market from abroad", "true or false", "true")
    date_order: Literal["dmy", "mdy", "ymd"] | None = _key(
        None, "only where a file leaves it open", "dmy, mdy or ymd", "dmy", otherwise="the file decides"
    )
    refuse_limit: float = _number(
        DEFAULT_REFUSE_LIMIT, 1, "largest share of rows that may be refused before a report stops", "0.02"
    )
    near_share: float = _number(DEFAULT_NEAR_SHARE, 1, "from which share of a limit a rate counts as near it", "0.9")
    seller_weight: float = _number(
        DEFAULT_SELLER_WEIGHT, 100, "what a seller's cancellation counts in the weighted rate (unverified)", "2.3"
    )
    buyer_weight: float = _number(
        DEFAULT_BUYER_WEIGHT, 100, "what a buyer's cancellation counts in the weighted rate (unverified)", "1"
    )
    strict: bool = _key(False, "true: a reason that no catalog has is an error", "true or false", "true")
    alerts: dict[Annotated[int, AfterValidator(_days)], Rate] | None = _key(
        None,
        f"order cancellation rates from which the brief warns, by days; from {LOWEST_ALERT:g} up, below 1",
        f"rates for {', '.join(map(str, WINDOWS))} days",
        "{7: 0.05, 15: 0.04, 30: 0.03}",
        otherwise="the limits",
        must="give a rate to a number of days",
        item=f"be a rate from {LOWEST_ALERT:g} ({LOWEST_ALERT:.1%}) up, below 1",
    )
    costs: CostEntry | None = _key(
        None,
        "what a cancellation costs besides the sale: `commission` and `traffic_loss` (shares), `label_fee` and "
        "`return_freight` (amounts); see [costs](costs.md)",
        "numbers by name",
        "{commission: 0.06, label_fee: 4.5}",
        otherwise="not known",
        must="give a number to a name",
    )
    brand: Annotated[str, _text(500), AfterValidator(plain_text)] | None = _key(
        None,
        "who issues the reports: a file beside this one; see [brand](brand.md)",
        "a .yml file",
        "brand.yml",
        otherwise="nobody is named",
    )
    mapping: Annotated[str, _text(500), AfterValidator(plain_text)] | None = _key(
        None,
        "how files of another platform are read; see [mappings](files.md)",
        "the name of a mapping or a .yaml file",
        "shopee-id",
        otherwise="TikTok Shop",
    )
    synthetic: bool = _key(False, "true: the report says that its data are made up", "true or false", "true")


KEYS = tuple(ShopEntry.model_fields)


def check_entry(
    settings: Mapping[str, Any], written: Written, refused: Iterable[str] = ()
) -> tuple[ShopEntry | None, list[Fault]]:
    """The checked entry, or None and what is wrong with it. A key whose value is None takes its default.

    Keys that are `refused` were there, but could not be read as a value: they are wrong, not missing.
    """
    given = {key: value for key, value in settings.items() if value is not None}
    # A number of 400 digits is no float, and asking for one is an OverflowError.
    faults = [Fault(keys, "is a number too large to be meant") for keys in _too_large(given)]
    there = {*given, *refused}
    missing = [key for key in ("id", "market") if key not in there and (key == "id" or "mapping" not in there)]
    entry = None
    if not any(fault.keys for fault in faults):
        try:
            entry = ShopEntry.model_validate(given)
        except ValidationError as error:
            faults += faults_of(error, written, ShopEntry.model_fields)
    # Last: a misspelt key tells more than that the right one is missing.
    faults += [Fault((), missing_key(key)) for key in missing]
    return (entry, []) if entry is not None and not faults else (None, faults)


def missing_key(key: str) -> str:
    return f"{key!r} is missing; a shop needs at least 'id' and 'market'"


def unknown_key(key: object, known: Any = KEYS) -> str:
    """The message for a key that is not known: the nearest one that is, or all of them."""
    near = nearest(str(key), known)
    return f"unknown key {shorten(key)}" + (f"; did you mean {near!r}?" if near else f"; known are {', '.join(known)}")


def _too_large(value: Any, keys: Keys = ()) -> Iterator[Keys]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _too_large(inner, (*keys, key))
    elif isinstance(value, int) and abs(value) > 10**18:
        yield keys


def faults_of(error: ValidationError, written: Written, fields: Mapping[str, FieldInfo]) -> list[Fault]:
    """Pydantic's errors as sentences, but for keys that are missing; `fields` are those of the model."""
    details = error.errors(include_url=False)
    return [_fault(one, written, fields) for one in details if one["type"] != "missing"]


def _fault(error: ErrorDetails, written: Written, fields: Mapping[str, FieldInfo]) -> Fault:
    """One of pydantic's errors as a sentence that says what the value may be and what it is."""
    # What a union or a key adds to the way of keys is no key of the file.
    keys = tuple(key for key in error["loc"] if key != "[key]")
    field = fields.get(str(keys[0]))
    if field is None or error["type"] == "extra_forbidden":
        known = tuple(CostEntry.model_fields) if len(keys) > 1 else tuple(fields)
        return Fault(keys, unknown_key(keys[-1], known) + _form(field, keys[0]))
    value, kind = error["input"], error["type"]
    shown = show(value, written(keys))
    if kind == "setting":
        told = error["msg"]
    elif "[key]" in error["loc"]:
        told = f"can be set for {', '.join(map(str, WINDOWS))} days, not {shown}"
    elif kind in ("string_too_short", "too_short"):
        rest = f"write {_extra(field, 'type')}, or leave the key out"
        told = f"is empty; {'a shop needs it' if keys[0] in ('id', 'market') else rest}"
    elif kind == "string_too_long":
        told = f"has {len(value):,} characters; at most {error['ctx']['max_length']:,} are taken"
    elif kind == "string_type" and isinstance(value, int | float):
        what = f"{shown}, which is yes or no to YAML" if isinstance(value, bool) else f"the number {shown}"
        told = f"must be text, not {what}; write it in quotes: '{shown}'"
    else:
        told = f"must {_must(field, keys)}, not {shown}"
    return Fault(keys, told + _form(field, keys[0]))


def _must(field: FieldInfo, keys: Keys) -> str:
    """What the setting at `keys` must do or be."""
    if keys[0] == "costs" and len(keys) > 1 and str(keys[1]) in CostEntry.model_fields:
        return f"be {_extra(CostEntry.model_fields[str(keys[1])], 'type')}"
    whole = _extra(field, "must") or f"be {_extra(field, 'type')}"
    if len(keys) > 1:
        return _extra(field, "item") or "be text"
    return whole


def _form(field: FieldInfo | None, key: object) -> str:
    """How a setting that has parts is written."""
    if field is None or not _extra(field, "must"):
        return ""
    return f"; write it like {key}: {_extra(field, 'example')}"


def _extra(field: FieldInfo, name: str) -> str:
    return str(cast(dict[str, Any], field.json_schema_extra).get(name, ""))


def show(value: object, written: str | None = None) -> str:
    """A value as a message shows it: as it is written where that is known, never long."""
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, Mapping):
        return "keys with values"
    if isinstance(value, bool):
        return written or str(value).lower()
    if isinstance(value, int | float):
        text = written or str(value)
        return text if len(text) <= 40 else f"{text[:40]}…"
    return shorten(value)
