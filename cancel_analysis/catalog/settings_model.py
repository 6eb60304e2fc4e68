"""What may stand in an entry of `shops.yaml`: each key with its type, bounds, default and example, once.

The model checks what can be seen from the values alone; what needs the market, the folder or another file
is checked in `shops`. The table of keys in `docs/shops.md` is made from the same descriptions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, cast
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from cancel_analysis.catalog.markets import market, markets
from cancel_analysis.catalog.rates import WINDOWS
from cancel_analysis.catalog.settings_fields import BLOCKS as BLOCKS
from cancel_analysis.catalog.settings_fields import (
    CostEntry,
    StandingEntry,
    Word,
    number_setting,
    plain_text,
    setting,
    text_of,
    wrong,
)
from cancel_analysis.catalog.shop_settings import (
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


@dataclass(frozen=True)
class Fault:
    """What is wrong with one setting: the way of keys to it, and the sentence that goes on from its place.

    `line` is where in the file, when it is not the line of `keys`.
    """

    keys: Keys
    text: str
    line: int | None = None


def _identity(text: str) -> str:
    try:
        slug(text)
    except SettingsError as error:
        raise wrong(f"cannot name a folder: {error}") from error
    return text


def _market(text: str) -> str:
    try:
        return market(text).code
    except SettingsError as error:
        raise wrong(str(error)) from error


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise wrong(f"must be a three-letter code such as USD, not {shorten(text)}")
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
        raise wrong(f"{shorten(text)} is not known; write it like Asia/Bangkok{near}") from error
    return text


def _language(text: str) -> str:
    if text not in languages():
        raise wrong(f"no report language {shorten(text)}{suggest(text, languages())}")
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
        raise wrong(f"{shorten(text)} names a folder, and no file; write it like 'exports/*.xlsx'")
    if any("**" in part and part != "**" for part in parts) or parts.count("**") > 1:
        raise wrong(f"{shorten(text)}: '**' (any folders) must stand alone between slashes, and once, as in '**/*.csv'")
    return text


def _days(days: int) -> int:
    if days not in WINDOWS:
        raise wrong(f"can be set for {', '.join(map(str, WINDOWS))} days, not {days}")
    return days


Pattern = Annotated[str, text_of(2_000), AfterValidator(plain_text), AfterValidator(_pattern)]
Rate = Annotated[float, Field(ge=LOWEST_ALERT, lt=1, allow_inf_nan=False)]


class ShopEntry(BaseModel):
    """One entry of the list `shops`, or what `defaults` gives it."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)

    id: Annotated[Word, AfterValidator(_identity)] = setting(
        ...,
        "the shop's short name; reports lie in a folder of this name",
        "text",
        "siam-beauty",
        otherwise="must be given",
    )
    market: Annotated[Word, AfterValidator(_market)] | None = setting(
        None, f"where it sells: {', '.join(markets())} (UK for GB)", "a market", "TH", otherwise="must be given"
    )
    name: Annotated[str, text_of(200), AfterValidator(plain_text)] | None = setting(
        None, "the title of its reports", "text", "Siam Beauty", otherwise="the id"
    )
    files: Annotated[list[Pattern], Field(min_length=1), BeforeValidator(_as_list)] | None = setting(
        None,
        "exports, saved API responses, stock and tracking files: names, folders or patterns below this file's folder",
        "a pattern or a list of patterns",
        '["siam/*.xlsx", "siam/api/*.json"]',
        otherwise="`<id>/*`",
    )
    currency: Annotated[Word, AfterValidator(_currency)] | None = setting(
        None, "amounts in another currency are refused", "three letters", "THB", otherwise="the market's"
    )
    timezone: Annotated[Word, AfterValidator(_timezone)] | None = setting(
        None, "the shop's days and weeks follow it", "a time zone", "Asia/Bangkok", otherwise="the market's"
    )
    language: Annotated[Word, AfterValidator(_language)] = setting(
        BASE, f"[language](languages.md) of the reports: {', '.join(languages())}", "text", "zh"
    )
    category: Word | None = setting(
        None,
        "what the shop sells; its cohort are shops of the same market and category",
        "text",
        "Beauty",
        otherwise="none",
    )
    limits: Word = setting(
        "official",
        "the pack of limits that gives the verdict (below), or a CSV file of your own",
        "a pack, or a .csv file",
        "order_cancellation_sea",
    )
    cross_border: bool = setting(
        False, "true for a shop that sells into the market from abroad", "true or false", "true"
    )
    date_order: Literal["dmy", "mdy", "ymd"] | None = setting(
        None, "only where a file leaves it open", "dmy, mdy or ymd", "dmy", otherwise="the file decides"
    )
    refuse_limit: float = number_setting(
        DEFAULT_REFUSE_LIMIT, 1, "largest share of rows that may be refused before a report stops", "0.02"
    )
    near_share: float = number_setting(
        DEFAULT_NEAR_SHARE, 1, "from which share of a limit a rate counts as near it", "0.9"
    )
    seller_weight: float = number_setting(
        DEFAULT_SELLER_WEIGHT, 100, "what a seller's cancellation counts in the weighted rate (unverified)", "2.3"
    )
    buyer_weight: float = number_setting(
        DEFAULT_BUYER_WEIGHT, 100, "what a buyer's cancellation counts in the weighted rate (unverified)", "1"
    )
    strict: bool = setting(False, "true: a reason that no catalog has is an error", "true or false", "true")
    alerts: dict[Annotated[int, AfterValidator(_days)], Rate] | None = setting(
        None,
        f"order cancellation rates from which the brief warns, by days; from {LOWEST_ALERT:g} up, below 1",
        f"rates for {', '.join(map(str, WINDOWS))} days",
        "{7: 0.05, 15: 0.04, 30: 0.03}",
        otherwise="the limits",
        must="give a rate to a number of days",
        item=f"be a rate from {LOWEST_ALERT:g} ({LOWEST_ALERT:.1%}) up, below 1",
    )
    costs: CostEntry | None = setting(
        None,
        "what a cancellation costs besides the sale: `commission` and `traffic_loss` (shares), `label_fee` and "
        "`return_freight` (amounts); see [costs](costs.md)",
        "numbers by name",
        "{commission: 0.06, label_fee: 4.5}",
        otherwise="not known",
        must="give a number to a name",
    )
    standing: StandingEntry | None = setting(
        None,
        "what Seller Center shows and no export tells, with the day it was read (`read_on`): `shop_performance_score`, "
        "`account_health_rating`, `violation_points`, `negative_review_rate`, `on_time_delivery_rate`, "
        "`chat_dissatisfaction_rate` (shares), `after_sales_hours`; see [standing](standing.md)",
        "a day, and numbers by name",
        "{read_on: 2026-11-28, violation_points: 10}",
        otherwise="not known",
        must="give a number to a name",
    )
    actions: Annotated[str, text_of(500), AfterValidator(plain_text)] | None = setting(
        None,
        "which advised actions were done, and when; see [what came of it](outcomes.md)",
        "a .yaml file below this file's folder",
        "siam/actions.yaml",
        otherwise="`actions.yaml` beside the shop's files",
    )
    brand: Annotated[str, text_of(500), AfterValidator(plain_text)] | None = setting(
        None,
        "who issues the reports: a file beside this one; see [brand](brand.md)",
        "a .yml file",
        "brand.yml",
        otherwise="nobody is named",
    )
    mapping: Annotated[str, text_of(500), AfterValidator(plain_text)] | None = setting(
        None,
        "how files of another platform are read; see [mappings](files.md)",
        "the name of a mapping or a .yaml file",
        "shopee-id",
        otherwise="TikTok Shop",
    )
    synthetic: bool = setting(False, "true: the report says that its data are made up", "true or false", "true")


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
    """Pydantic's errors as sentences, but for missing keys of the model itself; `fields` are those of the model."""
    details = error.errors(include_url=False)
    # The keys that a block of settings needs are told here.
    return [_fault(one, written, fields) for one in details if one["type"] != "missing" or len(one["loc"]) > 1]


def _fault(error: ErrorDetails, written: Written, fields: Mapping[str, FieldInfo]) -> Fault:
    """One of pydantic's errors as a sentence that says what the value may be and what it is."""
    # What a union or a key adds to the way of keys is no key of the file.
    keys = tuple(key for key in error["loc"] if key != "[key]")
    field = fields.get(str(keys[0]))
    if field is None or error["type"] == "extra_forbidden":
        block = BLOCKS.get(str(keys[0])) if len(keys) > 1 else None
        known = tuple(fields if block is None else block.model_fields)
        return Fault(keys, unknown_key(keys[-1], known) + _form(field, keys[0]))
    value, kind = error["input"], error["type"]
    shown = show(value, written(keys))
    if kind == "missing":
        return Fault(keys[:-1], f"{keys[-1]!r} is missing{_form(field, keys[0])}")
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
    block = BLOCKS.get(str(keys[0]))
    if block is not None and len(keys) > 1 and str(keys[1]) in block.model_fields:
        return f"be {_extra(block.model_fields[str(keys[1])], 'type')}"
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
