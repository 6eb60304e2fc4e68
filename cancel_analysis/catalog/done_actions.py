"""`actions.yaml`: which of the advised actions a seller has done, and when; what is not understood is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from cancel_analysis.catalog.yaml_file import read_nodes
from cancel_analysis.errors import SettingsError, nearest, shorten

FILE = "actions.yaml"
KEYS = ("id", "done", "note")
# A note is a reminder for a table's cell.
LONGEST_NOTE = 200
EXAMPLE = (
    "write it like\n  actions:\n    - id: stock-1a2b3c4d\n      done: 2026-11-03\n      note: stock sent every hour"
)
_ID = re.compile(r"[a-z][a-z0-9-]{0,60}")


@dataclass(frozen=True)
class DoneAction:
    """One entry: the ids of what was done together, the day, the seller's own note, and where in the file it stands."""

    ids: tuple[str, ...]
    done: date
    note: str
    file: str
    line: int

    @property
    def where(self) -> str:
        return f"{self.file}, line {self.line}"


def read_done(path: Path) -> tuple[DoneAction, ...]:
    """The entries of an `actions.yaml`, in its order; an empty file has none.

    Raises SettingsError with file and line for what cannot be read: no YAML, another key than `KEYS`, an id that can
    be none, a day that is none. Which ids there are is for whoever knows the shop to say.
    """
    root = read_nodes(path, path.name)
    if root is None:
        return ()
    top = dict(_pairs(root, path.name, ("actions",)))
    if "actions" not in top or not isinstance(top["actions"], yaml.SequenceNode):
        raise SettingsError(f"{path.name}, line {_line(root)}: needs a list called 'actions'; {EXAMPLE}")
    return tuple(_entry(node, path.name) for node in top["actions"].value)


def _entry(node: yaml.Node, name: str) -> DoneAction:
    found = dict(_pairs(node, name, KEYS))
    for key in ("id", "done"):
        if key not in found:
            raise SettingsError(f"{name}, line {_line(node)}: {key!r} is missing; {EXAMPLE}")
    ids = tuple(_text(one, name, "id") for one in _listed(found["id"]))
    for one in ids:
        if not _ID.fullmatch(one):
            raise SettingsError(
                f"{name}, line {_line(found['id'])}: {shorten(one)} can be no id; copy it from the report's card "
                "or from shop.actions"
            )
    if not ids or len(set(ids)) < len(ids):
        raise SettingsError(f"{name}, line {_line(found['id'])}: 'id' needs one id, or a list of different ones")
    day = _text(found["done"], name, "done")
    try:
        done = date.fromisoformat(day)
    except ValueError as error:
        raise SettingsError(
            f"{name}, line {_line(found['done'])}: 'done' must be a day such as 2026-11-03, not {shorten(day)}"
        ) from error
    note = _text(found["note"], name, "note") if "note" in found else ""
    if len(note) > LONGEST_NOTE or not note.isprintable():
        raise SettingsError(
            f"{name}, line {_line(found['note'])}: 'note' takes one line of at most {LONGEST_NOTE} characters"
        )
    return DoneAction(ids, done, note, name, _line(node))


def _pairs(node: yaml.Node, name: str, known: tuple[str, ...]) -> Iterator[tuple[str, yaml.Node]]:
    """The keys of a mapping, each known and once."""
    if not isinstance(node, yaml.MappingNode):
        raise SettingsError(f"{name}, line {_line(node)}: must be keys with values; {EXAMPLE}")
    seen: set[str] = set()
    for key, value in node.value:
        text = key.value if isinstance(key, yaml.ScalarNode) else ""
        if text not in known:
            near = nearest(text, known)
            hint = f"; did you mean {near!r}?" if near else f"; known are {', '.join(known)}"
            raise SettingsError(f"{name}, line {_line(key)}: unknown key {shorten(text)}{hint}")
        if text in seen:
            raise SettingsError(f"{name}, line {_line(key)}: the key {text!r} stands twice")
        seen.add(text)
        yield text, value


def _listed(node: yaml.Node) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]


def _text(node: yaml.Node, name: str, key: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        raise SettingsError(f"{name}, line {_line(node)}: {key!r} needs a plain value; {EXAMPLE}")
    return str(node.value).strip()


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
