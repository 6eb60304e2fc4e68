"""`report.json`: what a report says, for machines; the index page is made from these alone."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from pathlib import Path
from typing import Any

from cancel_analysis.errors import ReportError
from cancel_analysis.exhibits.kinds import TONES

FILE = "report.json"
# Key → the type of its value and what it says.
KEYS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "shop": (dict, "id, name, market (and what else is known)"),
    "week": (str, "ISO week, 2026-W46"),
    "as_of": (str, "last day of the week, 2026-11-15"),
    "language": (str, "language of the report"),
    "verdict": (str, f"one of {', '.join(TONES)}"),
    "headline": (str, "the sentence that explains the verdict"),
    "rates": (list, "a dictionary a rate: name, label, value, numerator, denominator, and more"),
    "findings": (list, "the report's sentences in order of weight"),
    "exhibits": (list, "name, kind, caption and file of each exhibit"),
    "parameters": (dict, "what the notebook was run with"),
    "versions": (dict, "name → version of what made the figures"),
    "renderer": (str, "what made the page; empty until it is made"),
}
RATE_KEYS = ("name", "label", "value", "numerator", "denominator")
_WEEK = re.compile(r"\d{4}-W\d{2}")


def check(report: dict[str, Any]) -> None:
    """Raise ReportError, naming the first few problems, unless `report` has all of `KEYS` as they must be."""
    problems = [f"no {key!r} ({says})" for key, (_, says) in KEYS.items() if key not in report]
    problems += [
        f"{key!r} is a {type(report[key]).__name__}: {says}"
        for key, (kind, says) in KEYS.items()
        if key in report and not isinstance(report[key], kind)
    ]
    if not problems:
        problems = _contents(report)
    if problems:
        rest = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
        raise ReportError(f"{FILE} is not complete: " + "; ".join(problems[:3]) + rest)


def _contents(report: dict[str, Any]) -> list[str]:
    problems = [f"shop has no {key!r}" for key in ("id", "name", "market") if not report["shop"].get(key)]
    if report["verdict"] not in TONES:
        problems.append(f"verdict {report['verdict']!r} is none of {', '.join(TONES)}")
    if not _WEEK.fullmatch(report["week"]):
        problems.append(f"week {report['week']!r} is not of the form 2026-W46")
    try:
        date.fromisoformat(report["as_of"])
    except ValueError:
        problems.append(f"as_of {report['as_of']!r} is not a day of the form 2026-11-15")
    for rate in report["rates"]:
        missing = [key for key in RATE_KEYS if not isinstance(rate, dict) or key not in rate]
        if missing:
            problems.append(f"a rate has no {missing[0]!r}: {rate!r:.60}")
    problems += [f"{path} is not a finite number" for path in _not_finite(report)]
    return problems


def _not_finite(value: Any, path: str = "report") -> list[str]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in _not_finite(item, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for number, item in enumerate(value) for found in _not_finite(item, f"{path}[{number}]")]
    return [path] if isinstance(value, float) and not math.isfinite(value) else []


def read(folder: Path) -> dict[str, Any]:
    """The checked `report.json` of a report's folder; ReportError when there is none or it is broken."""
    path = folder / FILE
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReportError(
            f"the notebook wrote no {FILE}: its last cell must call finish(...) in report mode"
        ) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ReportError(f"{path.name} of {folder.name} cannot be read: {error}") from error
    if not isinstance(report, dict):
        raise ReportError(f"{path.name} of {folder.name} must hold one object")
    check(report)
    return report


def write(folder: Path, report: dict[str, Any]) -> None:
    check(report)
    text = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")
