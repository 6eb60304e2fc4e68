"""The only code that knows how an exhibit is shown.

In the lab a chart is a chart and a table is a frame. In a report each is one `text/markdown`
output with a block for HTML and one for Typst, and its files are written beside the notebook:
`figures/NAME.vl.json`, `tables/NAME.csv` and, at the end, `report.json`.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from IPython.display import display

from cancel_analysis.catalog.words import BASE, words
from cancel_analysis.charts.vega_lite import rows
from cancel_analysis.errors import ReportError, SettingsError
from cancel_analysis.exhibits.kinds import (
    Cards,
    Exhibit,
    Fold,
    Picture,
    Prose,
    ShopRows,
    TableView,
    Tiles,
)
from cancel_analysis.exhibits.number_formats import NumberFormats
from cancel_analysis.report import contents
from cancel_analysis.report.show import blocks, csv_files, lab, paper, theme
from cancel_analysis.steps import timed

MODES = ("report", "lab")
WORKBOOK = "report.xlsx"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,60}")
# A page holds its charts' rows: aggregates, never order lines.
MOST_ROWS = 5000
_PACKAGES = ("cancel-analysis", "pandas", "duckdb", "altair", "papermill")


@dataclass
class _Show:
    """What `start` settled, and what has been shown since; one notebook a process, so one of these."""

    mode: str = "lab"
    folder: Path = Path()
    language: str = BASE
    workbook: str = WORKBOOK
    exhibits: list[dict[str, Any]] = field(default_factory=list)
    # Words for whoever runs the tool: files that are missing, settings that would help.
    hints: list[str] = field(default_factory=list)
    # The tables shown, by name: the sheets of the report's workbook.
    tables: dict[str, TableView] = field(default_factory=dict)


_now = _Show()


def start(mode: str, folder: str | Path = ".", language: str = BASE, workbook: str = WORKBOOK) -> None:
    """Say how exhibits are shown from here on: `mode` is "report" or "lab"; `folder` takes the files.

    `workbook` is what the report's workbook is called once it is published.

    Raises SettingsError for another mode or a language that there is not.
    """
    global _now
    if mode not in MODES:
        raise SettingsError(f"no mode {mode!r}; there are {', '.join(MODES)}")
    words(language)
    _now = _Show(mode, Path(folder).resolve(), language, workbook)
    if mode == "lab":
        lab.start()


class Shown(Protocol):
    """Anything made of exhibits: a section of the report, a result of a shop."""

    @property
    def exhibits(self) -> tuple[Exhibit, ...]: ...


Showable = Exhibit | Shown


def show(*things: Showable) -> None:
    """Show exhibits one below the other; a section is shown as its exhibits."""
    for exhibit in _flat(things):
        if _now.mode == "lab":
            lab.show(exhibit, NumberFormats(_now.language), blocks.Texts(_now.language))
        else:
            for each in (exhibit, *(exhibit.exhibits if isinstance(exhibit, Fold) else ())):
                _name(each)
            markdown = _markdown(exhibit)
            # What has nothing to say leaves no output, so that its heading goes too.
            if markdown:
                # What paper shows instead of a fold is looked up by its name.
                metadata = {paper.FOLD: exhibit.name} if isinstance(exhibit, Fold) else None
                display({"text/markdown": markdown}, metadata=metadata, raw=True)


def fill(title: str, exhibits: Sequence[TableView | Picture], *, end: bool = False) -> None:
    """Offer exhibits of folds to a printed page that would else stay more than a third empty, the most telling first.

    At the `end` of the report that is its last page, else the one before the next part. The page has them in their
    folds, and so has a notebook: they are shown nowhere else.
    """
    if _now.mode == "lab" or not exhibits:
        return
    numbers, texts = NumberFormats(_now.language), blocks.Texts(_now.language)
    given = [each.of_workbook(_now.workbook) if isinstance(each, TableView) else each for each in exhibits]
    display({"text/markdown": blocks.filler(title, given, numbers, texts, end=end)}, metadata=None, raw=True)


def writes() -> Path | None:
    """The folder that takes the report's files; None in the lab, which writes none."""
    return _now.folder if _now.mode == "report" else None


def finish(report: dict[str, Any]) -> None:
    """Write `report.json`: `report` (see `contents.KEYS`) and the exhibits that were shown.

    In the lab nothing is written, but the keys are checked all the same.
    """
    whole = {
        "versions": _versions(),
        "parameters": {},
        "renderer": "",
        **report,
        "language": _now.language,
        "exhibits": list(_now.exhibits),
        "hints": list(dict.fromkeys([*report.get("hints", ()), *_now.hints])),
    }
    # A rate without orders is NaN in a frame and null in JSON, which knows no NaN.
    text = json.dumps(whole, ensure_ascii=False, default=_plain)
    whole = json.loads(text, parse_constant=lambda constant: None if constant == "NaN" else float(constant))
    contents.check(whole)
    if _now.mode == "report":
        contents.write(_now.folder, whole)
        with timed("tables"):
            _write_workbook(whole)


def _write_workbook(report: dict[str, Any]) -> None:
    """The tables of the report as a workbook, beside them as CSV."""
    # Loaded when there is something to write.
    from cancel_analysis.report.show.workbook import Cover, write_tables

    text, shop = words(_now.language), report["shop"]
    currency = str(shop.get("currency", ""))
    day = date.fromisoformat(report["as_of"])
    about = "units" if currency else "units_alone"
    notes = [text(f"explore.workbook.{about}", currency=currency, day=NumberFormats(_now.language).day(day))]
    if shop.get("synthetic"):
        notes.append(text("report.synthetic"))
    said = dict.fromkeys((str(report["headline"]), *map(str, report["findings"])))
    title = f"{shop['name']} · {shop['market']} · {report['week']}"
    write_tables(
        _now.folder / WORKBOOK, Cover(title, tuple(said), tuple(notes), day), _now.tables, currency, _now.language
    )


def _flat(things: Iterable[Showable]) -> Iterable[Exhibit]:
    for thing in things:
        if isinstance(thing, Exhibit):
            yield thing
        elif hasattr(thing, "exhibits"):
            yield from thing.exhibits
        else:
            raise ReportError(f"show takes exhibits and sections, not {type(thing).__name__}")


def _name(exhibit: Exhibit) -> None:
    """Refuse a name that is no plain file name, or that an earlier exhibit has (its files would be lost)."""
    if not _NAME.fullmatch(exhibit.name):
        raise ReportError(f"exhibit name {exhibit.name!r}: use lower-case letters, digits, '-' and '_' only")
    if any(entry["name"] == exhibit.name for entry in _now.exhibits):
        raise ReportError(f"two exhibits are called {exhibit.name!r}; each needs a name of its own")


def _markdown(exhibit: Exhibit) -> str:
    """The exhibit's two blocks; its files are written and its entry of `report.json` is kept."""
    numbers, texts = NumberFormats(_now.language), blocks.Texts(_now.language)
    if isinstance(exhibit, Fold):
        _keep(exhibit, title=exhibit.title, holds=[part.name for part in exhibit.exhibits])
        specs = {part.name: _files_of_picture(part) for part in exhibit.exhibits if isinstance(part, Picture)}
        for part in exhibit.exhibits:
            _keep_plain(part)
        paper.keep(exhibit, _now.folder, numbers, texts)
        inside = tuple(
            part.of_workbook(_now.workbook) if isinstance(part, TableView) else part for part in exhibit.exhibits
        )
        return blocks.fold(replace(exhibit, exhibits=inside), numbers, texts, specs)
    if isinstance(exhibit, Tiles):
        _keep(exhibit, tiles=[asdict(tile) for tile in exhibit.tiles])
        return blocks.tiles(exhibit)
    if isinstance(exhibit, Cards):
        _keep(exhibit, title=exhibit.title, cards=[asdict(card) for card in exhibit.cards])
        return blocks.cards(exhibit)
    if isinstance(exhibit, ShopRows):
        _keep(exhibit, heads=exhibit.heads)
        return blocks.shops(exhibit, numbers, texts)
    _keep_plain(exhibit)
    if isinstance(exhibit, Prose):
        return blocks.prose(exhibit)
    if isinstance(exhibit, TableView):
        return blocks.table(exhibit.of_workbook(_now.workbook), numbers, texts)
    return blocks.picture(exhibit, _files_of_picture(exhibit))


def _keep_plain(exhibit: Prose | TableView | Picture) -> None:
    if isinstance(exhibit, Prose):
        _keep(exhibit, text="\n".join(line.text for line in blocks.visible(exhibit.lines)))
        _now.hints += [line.text for line in exhibit.lines if line.kind == "hint"]
    elif isinstance(exhibit, TableView):
        _keep(exhibit, caption=exhibit.caption)
        _now.tables[exhibit.name] = exhibit
    else:
        _keep(exhibit, caption=exhibit.caption, alternative=exhibit.alternative)


def _keep(exhibit: Exhibit, **said: Any) -> None:
    """The exhibit's entry of `report.json`, and its frame as a file of `tables/`."""
    entry = {"name": exhibit.name, "kind": type(exhibit).__name__.lower().removesuffix("view"), **said}
    frame: pd.DataFrame | None = None if isinstance(exhibit, Fold) else exhibit.frame
    if frame is not None and len(frame.columns):
        file = f"tables/{exhibit.name}.csv"
        csv_files.write(frame, _now.folder / file)
        entry["file"] = file
    _now.exhibits.append(entry)


def _files_of_picture(exhibit: Picture) -> dict[str, Any]:
    """Write the picture's charts, the live one and the one that is printed; the live one is returned."""
    with timed("charts"):
        spec = _spec(lab.as_spec(exhibit.chart), exhibit.alternative)
        # The one that is drawn first: charts are drawn as they come.
        if exhibit.still is not None:
            _write_figure(f"{exhibit.name}.still.vl.json", _spec(lab.as_spec(exhibit.still), exhibit.alternative))
        _write_figure(f"{exhibit.name}.vl.json", spec)
    return spec


def _spec(chart: Any, alternative: str) -> dict[str, Any]:
    """The chart as JSON has it; what a screen reader says of the live chart is what it says of the still one."""
    if sum(1 for _ in rows(chart)) > MOST_ROWS:
        raise ReportError("a chart of a report shows aggregated figures, not thousands of rows")
    return {**theme.themed(chart), "description": alternative}


def _write_figure(name: str, spec: dict[str, Any]) -> None:
    folder = _now.folder / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    # Whoever draws charts as they come finds a whole one or none.
    unfinished = folder / f"{name}.unfinished"
    unfinished.write_text(json.dumps(spec, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    unfinished.replace(folder / name)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _plain(value: Any) -> Any:
    """numpy and pandas values as JSON has them; a missing value is null."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, pd.DataFrame):
        return json.loads(value.to_json(orient="records", date_format="iso", force_ascii=False))
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, Path):
        return value.name
    raise TypeError(f"report.json cannot hold a {type(value).__name__}")
