"""A YAML file that somebody else wrote → its nodes, each with its line; never objects, never without end.

YAML can name a value and repeat it (`&a`, `*a`): nine lines of that stand for a thousand million values.
No setting needs it, so a repeated value is refused, and size and depth are bounded before anything is built.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import yaml

from cancel_analysis.errors import SettingsError

# Some 7,000 shops; a larger file is something else that was named by mistake.
MOST_BYTES = 1_000_000
# Settings are four levels deep, mappings six.
MOST_LEVELS = 20
# libyaml where PyYAML was built with it: ten times as fast, the same events.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = yaml.resolver.Resolver()


def read_nodes(path: Path, name: str, most: int = MOST_BYTES) -> yaml.Node | None:
    """The content of a YAML file, called `name` in messages; None where it holds nothing.

    Raises SettingsError with the line for what cannot be opened, is no YAML, or is too large or too deep.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise SettingsError(f"{name} cannot be opened: {error.strerror or type(error).__name__}") from error
    if len(content) > most:
        raise SettingsError(f"{name} is larger than {most / 1e6:g} MB; no settings are, so it is another file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SettingsError(f"{name}, line {line}: is not UTF-8 text; save the file as UTF-8") from error
    return compose(text, name)


def compose(text: str, name: str) -> yaml.Node | None:
    """The nodes of a YAML text; raises SettingsError as `read_nodes` does."""
    try:
        return _compose(text, name)
    except yaml.reader.ReaderError as error:
        where = f"{name}, line {_line_of_sign(text)}"
        raise SettingsError(
            f"{where}: holds the sign #x{_code(error):04x}, which YAML cannot hold; remove it"
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        lines = text.splitlines() or [""]
        # libyaml places what is missing at the end into the line after the last.
        number = min(mark.line, len(lines) - 1) if mark is not None else 0
        problem = error.problem or error.context or "it cannot be read"
        tab = "; YAML is indented with spaces, never with tabs" if lines[number].lstrip(" ").startswith("\t") else ""
        raise SettingsError(f"{name}, line {number + 1}: is no valid YAML: {problem}{tab}") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{name}: is no valid YAML: {error}") from error


def _compose(text: str, name: str) -> yaml.Node | None:
    """Nodes from events with a list instead of recursion: a deep text ends at its first level too many."""
    root: yaml.Node | None = None
    # Collections that are open; a mapping's key waits in `keys` for its value.
    opened: list[Any] = []
    keys: list[yaml.Node | None] = []
    event: Any
    for event in yaml.parse(text, Loader=_Parser):
        mark = event.start_mark
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            _fail(name, mark, "holds a second document ('---'); write everything in one")
        elif isinstance(event, yaml.AliasEvent):
            _fail(name, mark, f"repeats a value by its name (*{str(event.anchor)[:40]}); write the value itself")
        elif isinstance(event, yaml.CollectionEndEvent):
            opened.pop().end_mark = event.end_mark
            keys.pop()
        elif isinstance(event, yaml.NodeEvent):
            if len(opened) >= MOST_LEVELS:
                _fail(name, mark, f"is nested more than {MOST_LEVELS} levels deep; no setting is")
            node = _node(event)
            if not opened:
                root = node
            elif isinstance(opened[-1], yaml.SequenceNode):
                opened[-1].value.append(node)
            elif keys[-1] is None:
                keys[-1] = node
            else:
                opened[-1].value.append((keys[-1], node))
                keys[-1] = None
            if isinstance(node, yaml.CollectionNode):
                opened.append(node)
                keys.append(None)
    return root


def _node(event: Any) -> yaml.Node:
    """The node that an event begins, its tag resolved as PyYAML's own composer does."""
    start: Any = event.start_mark
    end: Any = event.end_mark
    if isinstance(event, yaml.ScalarEvent):
        tag = event.tag
        if tag is None or tag == "!":
            tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, event.implicit)
        return yaml.ScalarNode(tag, event.value, start, end, style=event.style)
    kind = yaml.SequenceNode if isinstance(event, yaml.SequenceStartEvent) else yaml.MappingNode
    tag = event.tag
    if tag is None or tag == "!":
        tag = _RESOLVER.resolve(kind, None, event.implicit)
    return kind(tag, [], start, end, flow_style=event.flow_style)


def _fail(name: str, mark: Any, what: str) -> NoReturn:
    raise SettingsError(f"{name}, line {mark.line + 1}: {what}")


def _line_of_sign(text: str) -> int:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    return text.count("\n", 0, found.start() if found else 0) + 1


def _code(error: yaml.reader.ReaderError) -> int:
    sign = error.character
    return ord(sign) if isinstance(sign, str) else int(sign)
