"""YAML that remembers where each value stands, so that an error can name the file, the line and the key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import yaml

from cancel_analysis.catalog.yaml_file import read_nodes
from cancel_analysis.errors import SettingsError

T = TypeVar("T")
D = TypeVar("D")

# `/…/` is a regular expression; anything else is compared as a text.
_REGEX = re.compile(r"/(.*)/", re.DOTALL)
_EMPTY = "tag:yaml.org,2002:null"
_YES, _NO = ("true", "yes", "on"), ("false", "no", "off")


class Value:
    """One value of a YAML file with its place: `where` is "file, line 12, key 'orders.columns'"."""

    def __init__(self, node: yaml.Node, file: str, path: str) -> None:
        self.node, self.file, self.path = node, file, path

    @property
    def where(self) -> str:
        place = f"{self.file}, line {self.line}"
        return f"{place}, key {self.path!r}" if self.path else place

    @property
    def line(self) -> int:
        return self.node.start_mark.line + 1

    def fault(self, what: str) -> SettingsError:
        """An error at this value; `what` goes on from the place."""
        return SettingsError(f"{self.where}: {what}")

    @property
    def shown(self) -> str:
        """The value as a message shows it."""
        if isinstance(self.node, yaml.ScalarNode):
            return repr(self.node.value)
        return "a list" if isinstance(self.node, yaml.SequenceNode) else "keys with values"

    def is_empty(self) -> bool:
        return self.node.tag == _EMPTY

    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    def is_group(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    def text(self) -> str:
        """A scalar as text, as it is written: 007 stays 007."""
        if not isinstance(self.node, yaml.ScalarNode) or self.is_empty():
            raise self.fault(f"must be a text, not {'empty' if self.is_empty() else self.shown}")
        return str(self.node.value)

    def one_of(self, known: Iterable[str]) -> str:
        names = list(known)
        text = self.text()
        if text not in names:
            raise self.fault(f"must be one of {', '.join(names)}, not {self.shown}")
        return text

    def flag(self) -> bool:
        text = self.text().lower()
        if text not in _YES + _NO:
            raise self.fault(f"must be true or false, not {self.shown}")
        return text in _YES

    def whole(self, low: int, high: int) -> int:
        text = self.text()
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise self.fault(f"must be a whole number from {low} to {high}, not {self.shown}")
        return int(text)

    def items(self) -> list[Value]:
        """The values of a list; one value alone is a list of one."""
        if isinstance(self.node, yaml.SequenceNode):
            return [Value(node, self.file, self.path) for node in self.node.value]
        if isinstance(self.node, yaml.MappingNode):
            raise self.fault("must be one value or a list of values, not keys with values")
        return [] if self.is_empty() else [self]

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def entries(self) -> Iterator[tuple[Value, Value]]:
        """Each key with its value, in the order of the file; a key that stands twice is an error."""
        if self.is_empty():
            return
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fault(f"must hold keys with values, not {self.shown}")
        seen: dict[str, int] = {}
        for key_node, node in self.node.value:
            key = Value(key_node, self.file, self.path)
            name = key.text()
            key.path = f"{self.path}.{name}" if self.path else name
            if name in seen:
                raise key.fault(f"stands twice; it stands in line {seen[name]} already")
            seen[name] = key.line
            value = Value(node, self.file, key.path)
            # An empty value has no place of its own.
            if value.is_empty():
                value.node.start_mark = key_node.start_mark
            yield key, value

    def keys(self, known: Iterable[str], needed: Iterable[str] = ()) -> dict[str, Value]:
        """The values by key; a key that is not `known` and one that is `needed` and missing are errors."""
        names = list(known)
        found: dict[str, Value] = {}
        for key, value in self.entries():
            name = key.text()
            if name not in names:
                raise key.fault(f"is not known here; known are {', '.join(names)}")
            found[name] = value
        for name in needed:
            if name not in found or found[name].is_empty():
                raise self.fault(f"needs the key {name!r}")
        return found

    def is_regex(self) -> bool:
        return _REGEX.fullmatch(self.text()) is not None

    def regex(self) -> re.Pattern[str]:
        """The regular expression between two slashes; case does not count."""
        found = _REGEX.fullmatch(self.text())
        if found is None:
            raise self.fault(f"must be a regular expression between slashes, such as '/^C/', not {self.shown}")
        try:
            return re.compile(found[1], re.IGNORECASE | re.DOTALL)
        except re.error as error:
            raise self.fault(f"is no regular expression: {error}: {found[1]!r}") from error

    def optional(self, values: dict[str, Value], name: str, read: Callable[[Value], T], default: D) -> T | D:
        """`read` of the value called `name`, or `default` where it is missing or empty."""
        value = values.get(name)
        return default if value is None or value.is_empty() else read(value)


def open_yaml(path: Path, name: str) -> Value:
    """The whole content of a YAML file. Raises SettingsError with the line of what is not YAML."""
    node = read_nodes(path, name)
    if node is None or node.tag == _EMPTY:
        raise SettingsError(f"{name} is empty")
    return Value(node, name, "")
