"""The tables of a shop as an Excel workbook for people: named, formatted, explained, and unable to calculate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import xlsxwriter
from babel.numbers import get_currency_precision

from cancel_analysis.errors import ReportError
from cancel_analysis.exhibits.kinds import Exhibit, TableView
from cancel_analysis.report.show.blocks.text import Texts
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study

# What Excel allows in a sheet's name and in a cell.
MOST_NAME, MOST_CELL = 31, 32_767
WIDTH_OF_WEIGHT = 16
WIDEST = 60


class Tables(Protocol):
    """Anything that holds exhibits: a section of the report, a result of a shop."""

    @property
    def exhibits(self) -> tuple[Exhibit, ...]: ...


def write_workbook(path: Path, study: Study, said: str, results: Mapping[str, Tables]) -> Path:
    """Write every table of `results` as a sheet, after one that says what they are; returns the path.

    `said` are the sentences of the first sheet.

    Numbers stay numbers with the format of their kind; texts are written as texts. Raises ReportError when
    the file cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        path = path.with_name(path.name + ".xlsx")
    tables = _tables(results)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with xlsxwriter.Workbook(str(path), options) as book:
            book.set_properties({"title": f"{study.shop.name} · week {study.week}", "author": "cancel_analysis"})
            formats = _formats(book, study.shop.currency)
            names = _sheet_names(tables)
            _cover(book, study, said, {names[key]: view for key, view in tables.items()}, formats)
            for key, view in tables.items():
                _sheet(book, names[key], view, formats, Texts(study.shop.language))
    except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
        raise ReportError(f"{path} cannot be written: {error}; is it open in Excel?") from error
    return path


def _tables(results: Mapping[str, Tables]) -> dict[str, TableView]:
    """Each table once, by its name, in the order of the results."""
    found: dict[str, TableView] = {}
    for result in results.values():
        for exhibit in result.exhibits:
            if isinstance(exhibit, TableView) and len(exhibit.frame):
                found.setdefault(exhibit.name, exhibit)
    return found


def _sheet_names(tables: Mapping[str, TableView]) -> dict[str, str]:
    names: dict[str, str] = {}
    for key in tables:
        plain = key.replace("_", " ").capitalize()[:MOST_NAME]
        taken = {name.casefold() for name in names.values()}
        number = 2
        while plain.casefold() in taken:
            plain = f"{plain[: MOST_NAME - 3]} {number}"
            number += 1
        names[key] = plain
    return names


def _formats(book: Any, currency: str) -> dict[str, Any]:
    places = get_currency_precision(currency)
    money = "#,##0" + ("." + "0" * places if places else "")
    plain = {"valign": "top", "font_size": 10}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({**plain, "bold": True, "bottom": 1, "text_wrap": True}),
        "text": book.add_format({**plain, "text_wrap": True}),
        "integer": book.add_format({**plain, "num_format": "#,##0"}),
        "decimal": book.add_format({**plain, "num_format": "#,##0.0"}),
        "percent": book.add_format({**plain, "num_format": "0.0%"}),
        "money": book.add_format({**plain, "num_format": money}),
        "date": book.add_format({**plain, "num_format": "yyyy-mm-dd", "align": "left"}),
        "link": book.add_format({**plain, "font_color": "#2f5d8c", "underline": 1}),
    }


def _cover(book: Any, study: Study, said: str, sheets: Mapping[str, TableView], formats: dict[str, Any]) -> None:
    """The first sheet: whose figures these are, the verdict in words, and what each sheet holds."""
    words = speaker(study, study.shop.language).words
    sheet = book.add_worksheet(words("explore.workbook.cover")[:MOST_NAME])
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, f"{study.shop.name} · {study.shop.market} · {study.week}", formats["title"])
    row = 2
    for line in said.splitlines():
        sheet.write_string(row, 1, _plain(line), formats["text"])
        row += 1
    row += 1
    sheet.write_string(row, 0, words("explore.workbook.sheet"), formats["head"])
    sheet.write_string(row, 1, words("explore.workbook.holds"), formats["head"])
    for name, view in sheets.items():
        row += 1
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats["link"], name)
        sheet.write_string(row, 1, _about(view), formats["text"])
    notes = [words("explore.workbook.units", currency=study.shop.currency, day=study.as_of.isoformat())]
    if study.shop.synthetic:
        notes.append(words("report.synthetic"))
    for number, note in enumerate(notes, start=2):
        sheet.write_string(row + number, 1, note, formats["text"])


def _plain(value: Any) -> str:
    """Text as a cell can hold it: on one line, without characters that no workbook may have."""
    text = " ".join(str(value).splitlines())
    return "".join(sign for sign in text if sign.isprintable() or sign == " ")[:MOST_CELL]


def _about(view: TableView) -> str:
    return _plain(f"{view.caption}. {view.note}" if view.note else view.caption)


def _sheet(book: Any, name: str, view: TableView, formats: dict[str, Any], texts: Texts) -> None:
    sheet = book.add_worksheet(name)
    for position, column in enumerate(view.columns):
        sheet.write_string(0, position, column.label, formats["head"])
        form = formats.get(column.kind, formats["text"])
        sheet.set_column(position, position, min(WIDEST, max(10, column.weight * WIDTH_OF_WEIGHT)), form)
        for row, value in enumerate(view.frame[column.name], start=1):
            _write(sheet, row, position, value, column.kind, form, texts)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(view.frame), len(view.columns) - 1)


def _write(sheet: Any, row: int, position: int, value: Any, kind: str, form: Any, texts: Texts) -> None:
    """One cell: a number, a day, or a text that nothing will calculate; what is not known stays empty."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return
    if kind == "verdict":
        sheet.write_string(row, position, texts.judgement(value), form)
    elif kind == "date" and isinstance(value, date | datetime):
        day = pd.Timestamp(value).tz_localize(None).normalize()
        sheet.write_datetime(row, position, day.to_pydatetime(), form)
    elif kind in ("integer", "decimal", "percent", "money") and math.isfinite(float(value)):
        sheet.write_number(row, position, float(value), form)
    else:
        sheet.write_string(row, position, _plain(value), form)
