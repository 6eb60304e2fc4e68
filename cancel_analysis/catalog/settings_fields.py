"""What the fields of the settings share, and the blocks of them that have keys of their own."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from cancel_analysis.catalog.scores import TYPED
from cancel_analysis.catalog.shop_settings import COSTS
from cancel_analysis.errors import shorten

# Characters that no name needs and that garble a line or turn it round: controls, line ends, bidi overrides.
_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def wrong(told: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{told}", {"told": told})


def plain_text(text: str) -> str:
    for sign in text:
        if unicodedata.category(sign) in _CONTROLS or _TURNS.match(sign):
            raise wrong(f"holds the control character U+{ord(sign):04X}; write it without")
    return text


def text_of(most: int) -> Any:
    return Field(min_length=1, max_length=most)


Word = Annotated[str, text_of(100), AfterValidator(plain_text)]


def setting(default: Any, says: str, kind: str, example: str, **more: str) -> Any:
    """A field: what it says, its type in words, an example as it is written; `otherwise` is its default in words."""
    return Field(default, description=says, json_schema_extra={"type": kind, "example": example, **more})


def number_setting(default: float | None, high: float, says: str, example: str, **more: str) -> Any:
    kind = f"a number from 0 to {high:,.0f}"
    extra: dict[str, Any] = {"type": kind, "example": example, **more}
    return Field(default, description=says, ge=0, le=high, allow_inf_nan=False, json_schema_extra=extra)


class CostEntry(BaseModel):
    """The keys below `costs`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    commission: float | None = number_setting(None, COSTS["commission"], "the platform's share of the sale", "0.06")
    label_fee: float | None = number_setting(
        None, COSTS["label_fee"], "a shipping label that was bought in vain", "4.5"
    )
    return_freight: float | None = number_setting(None, COSTS["return_freight"], "the way back of a parcel", "6.0")
    traffic_loss: float | None = number_setting(
        None, COSTS["traffic_loss"], "share of orders lost while over a limit", "0.1"
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise wrong(f"must be a day such as 2026-11-28, not {shorten(text)}") from error


def _text_of_day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


class StandingEntry(BaseModel):
    """The keys below `standing`: what Seller Center shows and no export tells, and the day it was read."""

    model_config = ConfigDict(extra="forbid", strict=True)

    read_on: Annotated[Word, BeforeValidator(_text_of_day), AfterValidator(_day)] = setting(
        ..., "the day on which the figures were read", "a day", "2026-11-28", otherwise="must be given"
    )
    shop_performance_score: float | None = number_setting(None, TYPED["shop_performance_score"], "0 to 5", "4.1")
    account_health_rating: float | None = number_setting(None, TYPED["account_health_rating"], "0 to 1,000", "200")
    violation_points: float | None = number_setting(None, TYPED["violation_points"], "points on the account", "10")
    negative_review_rate: float | None = number_setting(None, 1, "share of orders", "0.006")
    on_time_delivery_rate: float | None = number_setting(None, 1, "share of orders", "0.95")
    chat_dissatisfaction_rate: float | None = number_setting(None, 1, "share of chats", "0.1")
    after_sales_hours: float | None = number_setting(None, TYPED["after_sales_hours"], "hours", "30")


# Settings that have keys of their own.
BLOCKS: dict[str, type[BaseModel]] = {"costs": CostEntry, "standing": StandingEntry}
