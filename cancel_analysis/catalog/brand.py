"""Who issues a report: `brand.yml` with name, logo, colour, contact, texts and the parts of the page, read strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from cancel_analysis.catalog.colours import DARK_PAPER, LEAST_CONTRAST, PAPER, contrast, readable
from cancel_analysis.catalog.cover_note import parse_note
from cancel_analysis.catalog.logo import Logo, read_logo
from cancel_analysis.catalog.settings_fields import plain_text
from cancel_analysis.catalog.settings_file import Entry, read_one
from cancel_analysis.catalog.settings_model import Fault, faults_of
from cancel_analysis.errors import SettingsError, nearest, shorten

SUFFIXES = (".yml", ".yaml")
# The parts of the shop report after its first screen, in the order of the page.
PARTS = ("why", "stages", "changes", "waiting", "evidence", "appendix")
MOST_NOTE_BYTES = 20_000


@dataclass(frozen=True)
class Brand:
    """Who issues a report; what is not given is empty.

    `colour` can be read on white and `colour_dark` on the page's dark ground; `note` is Markdown that stands before
    the headline, from the file `note_name`; `parts` are the parts to show in this order (empty: all).
    `files` are all that it was read from.
    """

    name: str = ""
    logo: Logo | None = None
    colour: str = ""
    colour_dark: str = ""
    contact: str = ""
    footer: str = ""
    disclaimer: str = ""
    note: str = ""
    note_name: str = ""
    parts: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def _wrong(told: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{told}", {"told": told})


def _colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise _wrong(f"must be six hexadecimal digits behind a #, such as '#1f5a96', not {shorten(text)}")
    has = contrast(text, PAPER)
    if has < LEAST_CONTRAST:
        raise _wrong(
            f"{text} has a contrast of {has:.1f}:1 on white, and text needs {LEAST_CONTRAST:g}:1 (WCAG); "
            f"write {readable(text, PAPER)!r}, the same hue darkened"
        )
    return text.lower()


def _part(text: str) -> str:
    if text not in PARTS:
        near = nearest(text, PARTS)
        hint = f"; did you mean {near!r}?" if near else f"; there are {', '.join(PARTS)}"
        raise _wrong(f"no part {shorten(text)}{hint}")
    return text


def _once(parts: list[str]) -> list[str]:
    twice = next((part for part in parts if parts.count(part) > 1), None)
    if twice is not None:
        raise _wrong(f"names {twice!r} twice")
    return parts


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _text(most: int) -> Any:
    return Field(min_length=1, max_length=most)


def _key(says: str, kind: str, example: str, **more: str) -> Any:
    return Field(None, description=says, json_schema_extra={"type": kind, "example": example, **more})


class BrandEntry(BaseModel):
    """The keys of `brand.yml`; the table of them in `docs/brand.md` is made from this."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)

    name: Annotated[str, _text(80), AfterValidator(plain_text)] | None = _key(
        "who issues the reports; stands before the shop's name", "text", "Lim Marketplace Advisory"
    )
    logo: Annotated[str, _text(500), AfterValidator(plain_text)] | None = _key(
        "a PNG or JPEG file beside this one, at most 200 kB; stands before the name", "a file", "logo.png"
    )
    colour: Annotated[str, _text(20), AfterValidator(_colour)] | None = _key(
        "colour of links and of the line on top; it must be readable on white (4.5:1)", "a colour", "'#0b6e4f'"
    )
    contact: Annotated[str, _text(200), AfterValidator(plain_text)] | None = _key(
        "how to reach whoever issues them; at the end of the page", "text", "reports@example.com, +65 6000 0000"
    )
    footer: Annotated[str, _text(200), AfterValidator(plain_text)] | None = _key(
        "a line at the end of the page and on every sheet of the PDF", "text", "Confidential"
    )
    disclaimer: Annotated[str, _text(2_000), AfterValidator(plain_text)] | None = _key(
        "small print at the end", "text", "For the named shop only."
    )
    note: Annotated[str, _text(500), AfterValidator(plain_text)] | None = _key(
        "a Markdown file beside this one; stands before the headline", "a file", "cover.md"
    )
    parts: (
        Annotated[
            list[Annotated[str, AfterValidator(_part)]],
            Field(min_length=1),
            BeforeValidator(_as_list),
            AfterValidator(_once),
        ]
        | None
    ) = _key(
        f"parts of the shop report to show after its first screen, in this order: {', '.join(PARTS)}",
        "a list of parts",
        "[why, changes, evidence]",
        item="be the name of a part",
    )


def brand_file(named: str, folder: Path | None) -> Path:
    """The file that a setting of `shops.yaml` names; SettingsError where there is none, or it lies elsewhere."""
    path = (folder or Path()) / named
    if path.suffix.lower() not in SUFFIXES:
        raise SettingsError(f"is {shorten(named)}; it must be a file that ends in {' or '.join(SUFFIXES)}")
    if not _is_file(path):
        raise SettingsError(f"names {shorten(named)}, but there is no such file beside the settings")
    return path.resolve()


def read_brand(path: Path) -> Brand:
    """The checked brand of the file `path`; SettingsError with file, line and key for all that is wrong with it."""
    entry = read_one(path, "brand")
    found, faults = None, list(entry.faults)
    given = {key: value for key, value in entry.settings.items() if value is not None}
    try:
        found = BrandEntry.model_validate(given)
    except ValidationError as error:
        faults += faults_of(error, entry.written, BrandEntry.model_fields)
    logo, note = None, ""
    if found is not None and found.logo is not None:
        logo = _told(entry, faults, "logo", lambda: read_logo(_near(path, found.logo or "")))
    if found is not None and found.note is not None:
        note = _told(entry, faults, "note", lambda: _note(_near(path, found.note or ""))) or ""
    if found is None or faults:
        raise SettingsError("\n  ".join(entry.told(fault) for fault in sorted(faults, key=entry.order_of)[:3]))
    return Brand(
        name=found.name or "",
        logo=logo,
        colour=found.colour or "",
        colour_dark=readable(found.colour, DARK_PAPER) if found.colour else "",
        contact=found.contact or "",
        footer=found.footer or "",
        disclaimer=found.disclaimer or "",
        note=note,
        note_name=found.note or "",
        parts=tuple(found.parts or ()),
        files=(path, *(_near(path, name) for name in (found.logo, found.note) if name)),
    )


def _told(entry: Entry, faults: list[Fault], key: str, read: Any) -> Any:
    """What `read` gives, or None and the fault of the key whose file cannot be used."""
    try:
        return read()
    except SettingsError as error:
        faults.append(Fault((key,), str(error)))
        return None


def _near(path: Path, named: str) -> Path:
    """A file beside the brand's own; SettingsError for one that lies elsewhere."""
    found = Path(named)
    if found.is_absolute() or ".." in found.parts or named.startswith("~"):
        raise SettingsError(f"{shorten(named)} must lie beside {path.name} or below it")
    return path.parent / found


def _note(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path.name} cannot be opened: {error.strerror or type(error).__name__}") from error
    if len(content) > MOST_NOTE_BYTES:
        raise SettingsError(f"{path.name} is larger than {MOST_NOTE_BYTES // 1000} kB; a cover note is shorter")
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path.name}, line {line}: is not UTF-8 text; save the file as UTF-8") from error
    parse_note(text, path.name)
    return text


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
