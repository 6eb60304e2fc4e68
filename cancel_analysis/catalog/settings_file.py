"""The text of `shops.yaml` → its entries as plain values, each of which knows its line.

What is wrong with the file as a whole (no YAML, no list of shops, a key that nobody knows beside it) is an
error; what is wrong with one entry is a fault of that entry, and the others are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cancel_analysis.catalog.settings_model import KEYS, Fault, Keys, unknown_key
from cancel_analysis.catalog.shop_settings import NAMED_FILES
from cancel_analysis.catalog.yaml_file import MOST_BYTES, read_nodes
from cancel_analysis.errors import SettingsError, shorten

_TAG = "tag:yaml.org,2002:"
# Written without quotes these are dates, or signs that YAML keeps for itself; a setting means the text.
_TEXTS = ("str", "timestamp", "value", "merge")
_KINDS = {"int": "whole number", "float": "number", "bool": "true or false"}
# A number that can be meant has fewer digits; to read thousands of them takes long, or is refused by Python.
MOST_DIGITS = 40
# The command writes down each of the files that were named on it, be they a folder of API responses.
MOST_NAMED = 50 * MOST_BYTES
_LIST = "a list called 'shops' with at least one shop"


@dataclass(frozen=True)
class Setting:
    """One key of an entry with its value, and whether it stands in the entry itself or in `defaults`."""

    key: yaml.Node
    value: yaml.Node
    owner: str


@dataclass(frozen=True)
class Entry:
    """The settings of one shop as plain values. `where` names it, `number` is its place in the file's list.

    `faults` are those of the text; `line` is None for settings that do not come from a file.
    """

    where: str
    settings: dict[str, Any]
    number: int = 0
    owner: str = ""
    line: int | None = None
    nodes: dict[str, Setting] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def written(self, keys: Keys) -> str | None:
        """The value at `keys` as it is written; None where it is no single value of a file."""
        node = _follow(self.nodes, keys)
        return node.value if isinstance(node, yaml.ScalarNode) else None

    def told(self, fault: Fault) -> str:
        """A fault with its place: "shops.yaml, line 7 (shop 2, 'timezone'): must be …"."""
        # Which of a list of patterns it is, the line and the message show.
        name = ".".join(map(str, fault.keys[:1] if fault.keys[:1] == ("files",) else fault.keys))
        known = bool(fault.keys) and not fault.text.startswith("unknown key")
        if self.line is None:
            return f"{self.where}, {shorten(name)}: {fault.text}" if known else f"{self.where}: {fault.text}"
        setting = self.nodes.get(str(fault.keys[0])) if fault.keys else None
        owner = setting.owner if setting is not None else self.owner
        return (
            f"{self.where}, line {self.line_of(fault)} ({owner}{f', {shorten(name)}' if known else ''}): {fault.text}"
        )

    def text(self, key: str, most: int = 100) -> str | None:
        """The value of `key` where it is a plain text, to name the shop by."""
        value = self.settings.get(key)
        if not isinstance(value, str) or not value.strip().isprintable():
            return None
        return value.strip()[:most] or None

    def line_of(self, fault: Fault) -> int:
        """Where in the file a fault is; 0 for settings that do not come from a file."""
        return 0 if self.line is None else fault.line or self._line(fault.keys)

    def order_of(self, fault: Fault) -> tuple[bool, int]:
        """Faults go by their lines; that a key is missing comes last, for a misspelt one may be the cause."""
        return not fault.keys and fault.line is None, self.line_of(fault)

    def _line(self, keys: Keys) -> int:
        setting = self.nodes.get(str(keys[0])) if keys else None
        if setting is None:
            return self.line or 1
        node = _follow(self.nodes, keys)
        # An empty value has no place of its own, and a list begins where its key stands.
        inner = len(keys) > 1 and node is not None
        return int((node if inner and node is not None else setting.key).start_mark.line) + 1


def read_entries(path: Path) -> list[Entry]:
    """The entries of the settings file `path`, `defaults` filled in.

    Raises SettingsError with the line for what is wrong with the file as a whole.
    """
    name = path.name
    root = read_nodes(path, name, MOST_NAMED if name == NAMED_FILES else MOST_BYTES)
    if root is None:
        raise SettingsError(f"{name} is empty; it needs {_LIST}")
    if not isinstance(root, yaml.MappingNode):
        raise SettingsError(f"{name}, line {_line(root)}: needs {_LIST}, not {_kind(root)}")
    faults: list[Fault] = []
    top = dict(_settings(root, "the file", faults))
    for key, setting in top.items():
        if key not in ("shops", "defaults"):
            faults.append(Fault((key,), unknown_key(key, ("shops", "defaults")), _line(setting.key)))
    # No list of shops: said only when nothing says why ('shop:' for 'shops:').
    shops = top["shops"].value if "shops" in top else None
    if shops is None or not isinstance(shops, yaml.SequenceNode) or not shops.value:
        line = _line(top["shops"].key) if "shops" in top else _line(root)
        faults.append(Fault(("shops",), f"needs {_LIST}", line))
    elif not shops.tag.startswith(_TAG + "seq"):
        faults.append(Fault(("shops",), _strange(shops), _line(shops)))
    defaults = _defaults(top.get("defaults"), faults)
    if faults:
        raise SettingsError("\n  ".join(f"{name}, line {fault.line or 1}: {fault.text}" for fault in faults[:3]))
    assert isinstance(shops, yaml.SequenceNode)
    return [_entry(node, name, number, defaults) for number, node in enumerate(shops.value, start=1)]


def read_one(path: Path, owner: str) -> Entry:
    """The keys of a settings file that is one entry, called `owner` in messages.

    Raises SettingsError with the line for what is wrong with the file as a whole.
    """
    root = read_nodes(path, path.name)
    if root is None:
        raise SettingsError(f"{path.name} is empty; it needs keys with values, such as name: …")
    if not isinstance(root, yaml.MappingNode):
        raise SettingsError(f"{path.name}, line {_line(root)}: needs keys with values, not {_kind(root)}")
    faults: list[Fault] = []
    nodes = dict(_settings(root, owner, faults))
    return Entry(path.name, _plains(nodes, faults), 0, owner, _line(root), nodes, tuple(faults))


def _defaults(given: Setting | None, faults: list[Fault]) -> dict[str, Setting]:
    """What holds for every shop; a key that no shop has is wrong for all of them."""
    if given is None or _empty(given.value):
        return {}
    if not isinstance(given.value, yaml.MappingNode):
        told = f"'defaults' must be keys with values, not {_kind(given.value)}; write it like defaults: {{market: TH}}"
        faults.append(Fault(("defaults",), told, _line(given.key)))
        return {}
    found = dict(_settings(given.value, "defaults", faults))
    for key, setting in found.items():
        if key not in KEYS:
            faults.append(Fault((key,), f"'defaults': {unknown_key(key)}", _line(setting.key)))
    if "id" in found:
        told = "'defaults': 'id' is each shop's own; write it in the list 'shops'"
        faults.append(Fault(("id",), told, _line(found["id"].key)))
    return found


def _entry(node: yaml.Node, name: str, number: int, defaults: dict[str, Setting]) -> Entry:
    owner, line = f"shop {number}", _line(node)
    if not isinstance(node, yaml.MappingNode):
        told = f"must be keys with values such as 'id: my-shop' and 'market: US', not {_kind(node)}"
        return Entry(name, {}, number, owner, line, faults=(Fault((), told),))
    faults: list[Fault] = []
    nodes = {**defaults, **dict(_settings(node, owner, faults))}
    return Entry(name, _plains(nodes, faults), number, owner, line, nodes, tuple(faults))


def _plains(nodes: dict[str, Setting], faults: list[Fault]) -> dict[str, Any]:
    """The keys' plain values; what is none is a fault."""
    settings = {}
    for key, setting in nodes.items():
        try:
            settings[key] = _plain(setting.value, (key,))
        except _Strange as error:
            faults.append(error.fault)
    return settings


def _settings(node: yaml.MappingNode, owner: str, faults: list[Fault]) -> Iterator[tuple[str, Setting]]:
    """The keys of a mapping, each as it is written; one that stands twice, or is no word, is a fault."""
    if node.tag != _TAG + "map":
        faults.append(Fault((), _strange(node), _line(node)))
    seen: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            faults.append(Fault((), f"a key must be one word, not {_kind(key)}", _line(key)))
        elif key.value in seen:
            told = f"the key {shorten(key.value)} stands twice; it stands in line {seen[key.value]} already"
            faults.append(Fault((), told, _line(key)))
        else:
            seen[key.value] = _line(key)
            yield key.value, Setting(key, value, owner)


class _Strange(Exception):
    """Raised where a value is none that settings have."""

    def __init__(self, keys: Keys, told: str, node: yaml.Node) -> None:
        self.fault = Fault(keys, told, _line(node))
        super().__init__(told)


def _plain(node: yaml.Node, keys: Keys) -> Any:
    """A node as texts, numbers, booleans, lists and dictionaries."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, keys)
    if node.tag not in (_TAG + "seq", _TAG + "map"):
        raise _Strange(keys, _strange(node), node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*keys, number)) for number, item in enumerate(node.value)]
    found: dict[Any, Any] = {}
    for key_node, value in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise _Strange(keys, f"a key must be one word, not {_kind(key_node)}", key_node)
        key = _scalar(key_node, keys)
        if key in found:
            raise _Strange(keys, f"the key {shorten(key_node.value)} stands twice", key_node)
        found[key] = _plain(value, (*keys, key_node.value))
    return found


def _scalar(node: yaml.ScalarNode, keys: Keys) -> Any:
    kind, text = node.tag.removeprefix(_TAG), str(node.value)
    if kind in _TEXTS:
        return text
    if kind == "null":
        return None
    if kind in ("int", "float") and len(text) > MOST_DIGITS:
        raise _Strange(keys, f"is a number of {len(text):,} characters; write it in quotes if it is a text", node)
    read = getattr(yaml.constructor.SafeConstructor(), f"construct_yaml_{kind}", None)
    if node.tag == f"{_TAG}{kind}" and kind in _KINDS and read is not None:
        try:
            return read(node)
        except (ValueError, KeyError, IndexError) as error:
            raise _Strange(keys, f"is no {_KINDS[kind]}: {shorten(text)}", node) from error
    raise _Strange(keys, _strange(node), node)


def _strange(node: yaml.Node) -> str:
    return f"has the YAML tag {shorten(node.tag.replace(_TAG, '!!'))}, which no setting has; write the plain value"


def _follow(nodes: dict[str, Setting], keys: Keys) -> yaml.Node | None:
    """The value at `keys`, or the last on the way to it that there is."""
    setting = nodes.get(str(keys[0])) if keys else None
    node: yaml.Node | None = setting.value if setting is not None else None
    for key in keys[1:]:
        if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
        elif isinstance(node, yaml.MappingNode):
            same = [value for name, value in node.value if str(name.value) == str(key)]
            node = same[0] if same else node
    return node


def _empty(node: yaml.Node) -> bool:
    return bool(node.tag == _TAG + "null")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return "nothing" if _empty(node) else shorten(node.value)
    return "a list" if isinstance(node, yaml.SequenceNode) else "keys with values"
