"""Tables as an Excel workbook for people: named, formatted, explained, and unable to calculate."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import xlsxwriter
from babel.numbers import get_currency_precision

from cancel_analysis.errors import ReportError
from cancel_analysis.exhibits.kinds import MOST_SHEET_ROWS, ColumnView, Exhibit, TableView
from cancel_analysis.exhibits.number_formats import NOTHING, NumberFormats, missing
from cancel_analysis.report.show.blocks.table_data import behind, tells_figure
from cancel_analysis.report.show.blocks.text import Texts, first_rows
from cancel_analysis.report.show.csv_files import FORMULA
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study

# What Excel allows in a sheet's name and in a cell.
MOST_NAME, MOST_CELL = 31, 32_767
WIDTH_OF_WEIGHT = 16
WIDEST = 60
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Cover:
    """The first sheet: a title, what is said first, and notes below the list of sheets.

    `day` is the last that is looked at; the file bears it, so that the same report gives the same file.
    """

    title: str
    lines: tuple[str, ...]
    notes: tuple[str, ...]
    day: date


def write_tables(path: Path, cover: Cover, tables: Mapping[str, TableView], currency: str, language: str) -> None:
    """Write each table that has rows as a sheet, after one that says what they are.

    Numbers stay numbers with the format of their kind; texts are written as texts, whatever they begin with.
    Raises ReportError when the file cannot be written.
    """
    shown = {name: view for name, view in tables.items() if len(view.frame)}
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    # Its parts are put together in memory, not in a file each: the cells are there anyway.
    options["in_memory"] = True
    texts = Texts(language)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with xlsxwriter.Workbook(str(path), options) as book:
            made = datetime(cover.day.year, cover.day.month, cover.day.day)
            book.set_properties({"title": cover.title, "author": "cancel_analysis", "created": made})
            formats = _formats(book, currency)
            first = texts("explore.workbook.cover")[:MOST_NAME]
            names = sheet_names(shown, first)
            _cover(book, first, cover, {names[key]: view for key, view in shown.items()}, formats, texts)
            for key, view in shown.items():
                _sheet(book, names[key], view, formats, texts)
    except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
        raise ReportError(f"{path} cannot be written: {error}; is it open in Excel?") from error


class Tables(Protocol):
    """Anything that holds exhibits: a section of the report, a result of a shop."""

    @property
    def exhibits(self) -> tuple[Exhibit, ...]: ...


def write_workbook(path: Path, study: Study, said: str, results: Mapping[str, Tables]) -> Path:
    """Write every table of a shop's `results` as `write_tables` does; `said` are the sentences of the first sheet.

    Returns the path, which gets the suffix of a workbook. Raises ReportError when the file cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        path = path.with_name(path.name + ".xlsx")
    shop, words = study.shop, speaker(study, study.shop.language).words
    notes = [words("explore.workbook.units", currency=shop.currency, day=study.as_of.isoformat())]
    if shop.synthetic:
        notes.append(words("report.synthetic"))
    title = f"{shop.name} · {shop.market} · {study.week}"
    cover = Cover(title, tuple(said.splitlines()), tuple(notes), study.as_of)
    found: dict[str, TableView] = {}
    for result in results.values():
        for exhibit in result.exhibits:
            if isinstance(exhibit, TableView):
                found.setdefault(exhibit.name, exhibit)
    write_tables(path, cover, found, shop.currency, shop.language)
    return path


def sheet_names(tables: Mapping[str, TableView], first: str = "") -> dict[str, str]:
    """Each table's sheet, called as its caption as far as a sheet's name may be; no two are the same."""
    names: dict[str, str] = {}
    for key, view in tables.items():
        whole = " ".join(_NOT_IN_NAMES.sub(" ", _plain(view.caption)).split()).strip("'") or key
        name, number = _short(whole, MOST_NAME), 2
        taken = {first.casefold(), "history", *(other.casefold() for other in names.values())}
        while name.casefold() in taken:
            name = f"{_short(whole, MOST_NAME - 4)} {number}"
            number += 1
        names[key] = name
    return names


def _short(name: str, most: int) -> str:
    if len(name) <= most:
        return name
    cut = name[: most - 1]
    # Between words, where the name has such a place near its end.
    return (cut[: cut.rindex(" ")] if " " in cut[most // 2 :] else cut).rstrip(" ,;，、：'") + "…"


def _formats(book: Any, currency: str) -> dict[str, Any]:
    places = get_currency_precision(currency) if currency else 0
    money = "#,##0" + ("." + "0" * places if places else "")
    plain = {"valign": "top", "font_size": 10}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({**plain, "bold": True, "bottom": 1, "text_wrap": True}),
        "text": book.add_format({**plain, "text_wrap": True}),
        # Stays a text when somebody edits the cell.
        "quoted": book.add_format({**plain, "text_wrap": True, "quote_prefix": True}),
        "integer": book.add_format({**plain, "num_format": "#,##0"}),
        "decimal": book.add_format({**plain, "num_format": "#,##0.0"}),
        "percent": book.add_format({**plain, "num_format": "0.0%"}),
        "money": book.add_format({**plain, "num_format": money}),
        "points": book.add_format({**plain, "num_format": "+0.0;-0.0;0.0"}),
        "moment": book.add_format({**plain, "num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        "date": book.add_format({**plain, "num_format": "yyyy-mm-dd", "align": "left"}),
        "link": book.add_format({**plain, "font_color": "#2f5d8c", "underline": 1}),
    }


def _cover(
    book: Any, name: str, cover: Cover, sheets: Mapping[str, TableView], formats: dict[str, Any], texts: Texts
) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, _plain(cover.title), formats["title"])
    row = 2
    for line in cover.lines:
        _write_text(sheet, row, 1, line, formats)
        row += 1
    row += 1
    sheet.write_string(row, 0, texts("explore.workbook.sheet"), formats["head"])
    sheet.write_string(row, 1, texts("explore.workbook.holds"), formats["head"])
    for each, view in sheets.items():
        row += 1
        place = each.replace("'", "''")
        sheet.write_url(row, 0, f"internal:'{place}'!A1", formats["link"], each)
        about = (texts("page.about", subtitle=view.caption), view.note, _cut_told(view, texts))
        _write_text(sheet, row, 1, texts.sentences(about), formats)
    for number, note in enumerate(cover.notes, start=2):
        _write_text(sheet, row + number, 1, note, formats)


def _cut_told(view: TableView, texts: Texts) -> str:
    """How many rows a sheet has of all; nothing where it has them all."""
    if len(view.frame) <= MOST_SHEET_ROWS:
        return ""
    numbers = NumberFormats(texts.language)
    return texts("explore.workbook.cut", rows=numbers.count(MOST_SHEET_ROWS), all=numbers.count(len(view.frame)))


def _sheet(book: Any, name: str, view: TableView, formats: dict[str, Any], texts: Texts) -> None:
    sheet = book.add_worksheet(name)
    view = replace(view, frame=first_rows(view.frame, MOST_SHEET_ROWS))
    columns = [part for column in view.columns for part in _columns(view, column, texts)]
    for position, column in enumerate(columns):
        sheet.write_string(0, position, column.label, formats["head"])
        form = formats.get(column.kind, formats["text"])
        sheet.set_column(position, position, min(WIDEST, max(10, column.weight * WIDTH_OF_WEIGHT)), form)
        for row, (value, kind) in enumerate(column.cells, start=1):
            _write(sheet, row, position, value, kind, formats, texts)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(view.frame), len(columns) - 1)


@dataclass(frozen=True)
class _Column:
    """A column of a sheet: its heading, the kind of most of its cells, its width, each cell with its own kind."""

    label: str
    kind: str
    weight: float
    cells: list[tuple[Any, str]]


def _columns(view: TableView, column: ColumnView, texts: Texts) -> Iterable[_Column]:
    """A column as it is shown; words for values give way to columns of these, in which a workbook can calculate.

    Words without a figure ("still growing") stand where the first value would.
    """
    words = view.frame[column.name].tolist()
    if not column.data:
        yield _Column(column.label, column.kind, column.weight, [(each, column.kind) for each in words])
        return
    units = view.frame[column.unit].tolist() if column.unit else [""] * len(words)
    for number, (name, label) in enumerate(behind(column, texts)):
        values = view.frame[name].tolist()
        kind = _kind(column.data_kind, [value for value in values if not missing(value)])
        cells = [
            (value, _kind_in(unit, view.currency, kind, value))
            if tells_figure(said)
            else (None if number or said in ("", NOTHING) else said, "text")
            for said, value, unit in zip(words, values, units, strict=True)
        ]
        yield _Column(label, kind, column.weight / len(column.data), cells)
    if column.unit:
        yield _Column(texts("page.unit"), "text", 0.6, [(unit, "text") for unit in units])


def _kind_in(unit: str, currency: str, kind: str, value: Any) -> str:
    """The kind of one cell of a column of `kind`, in which every row may have its own unit."""
    if not unit or missing(value):
        return kind
    return "money" if unit == currency else _kind("decimal", [value])


def _kind(kind: str, values: list[Any]) -> str:
    """The kind of a column's cells: whole numbers have no decimals, moments have their time."""
    if kind == "decimal" and all(float(value).is_integer() for value in values):
        return "integer"
    if kind == "date" and any(isinstance(value, datetime) and value.time() != time() for value in values):
        return "moment"
    return kind


def _write(sheet: Any, row: int, position: int, value: Any, kind: str, formats: dict[str, Any], texts: Texts) -> None:
    """One cell: a number, a day, or a text that nothing will calculate; what is not known stays empty."""
    if missing(value):
        return
    if kind == "verdict":
        sheet.write_string(row, position, texts.judgement(value), formats["text"])
    elif kind == "date" and isinstance(value, date | datetime):
        day = pd.Timestamp(value).tz_localize(None).normalize()
        sheet.write_datetime(row, position, day.to_pydatetime(), formats["date"])
    elif kind == "moment" and isinstance(value, datetime):
        sheet.write_datetime(row, position, pd.Timestamp(value).tz_localize(None).to_pydatetime(), formats[kind])
    elif kind in ("integer", "decimal", "percent", "money", "points") and math.isfinite(float(value)):
        # A difference of two fractions is told in points.
        sheet.write_number(row, position, 100 * float(value) if kind == "points" else float(value), formats[kind])
    else:
        _write_text(sheet, row, position, value, formats)


def _write_text(sheet: Any, row: int, position: int, value: Any, formats: dict[str, Any]) -> None:
    text = _plain(value)
    sheet.write_string(row, position, text, formats["quoted" if text.startswith(FORMULA) else "text"])


def _plain(value: Any) -> str:
    """Text as a cell can hold it: on one line, without characters that no workbook may have."""
    text = str(value)
    if text.isprintable():
        return text[:MOST_CELL]
    text = " ".join(text.splitlines())
    return "".join(sign for sign in text if sign.isprintable() or sign == " ")[:MOST_CELL]
