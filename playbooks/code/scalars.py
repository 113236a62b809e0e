"""How single values and short lists are written in YAML, so that every reader takes them alike."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

FOLDED_FROM = 80
"""Longer texts stand in a block of their own, folded."""

_FLOW_WIDTH = 72
_FLOW_TEXT = 40

# What a reader of YAML 1.1 or 1.2 might take for something else, though PyYAML would not.
_MISREAD = re.compile(
    r"[yYnN]|0o[0-7]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+|[0-9]+(:[0-9]{1,2})+"
)
# What cannot stand in a block as it is.
_NOT_IN_BLOCKS = re.compile("[\t\r\x7f-\x9f\u2028\u2029\ufeff]| \n|^[ \n]|[ ]$|\n\n$")

_TAG = "tag:yaml.org,2002:"


def scalar(value: Any) -> yaml.Node:
    """Return the node of a text, a number, true or false, or nothing."""
    if value is None:
        return yaml.ScalarNode(f"{_TAG}null", "null")
    if isinstance(value, bool):
        return yaml.ScalarNode(f"{_TAG}bool", "true" if value else "false")
    if isinstance(value, int):
        return yaml.ScalarNode(f"{_TAG}int", str(value))
    return yaml.ScalarNode(f"{_TAG}str", str(value), style=_style(str(value)))


def _style(text: str) -> str | None:
    """Return how a text is written, None where it may stand plain if YAML reads it as one."""
    if _MISREAD.fullmatch(text):
        return "'"
    if _NOT_IN_BLOCKS.search(text) or not text.replace("\n", "").isprintable():
        return '"'
    if "\n" in text:
        return "|"
    return ">" if len(text) > FOLDED_FROM else None


def table(entries: Iterable[tuple[str, yaml.Node]], *, flow: bool = False) -> yaml.CollectionNode:
    """Return the node of keys with values."""
    pairs = [(scalar(key), node) for key, node in entries]
    return yaml.MappingNode(f"{_TAG}map", pairs, flow_style=flow)


def items(nodes: Iterable[yaml.Node], *, flow: bool = False) -> yaml.CollectionNode:
    """Return the node of a list."""
    return yaml.SequenceNode(f"{_TAG}seq", list(nodes), flow_style=flow)


def plain(value: Any) -> yaml.Node:
    """Return the node of any value; what is short stands in one line."""
    if isinstance(value, Mapping):
        flow = is_short(value)
        return table(((key, plain(each)) for key, each in value.items()), flow=flow)
    if isinstance(value, list | tuple):
        return items(map(plain, value), flow=is_short(value))
    return scalar(value)


def is_short(value: Any) -> bool:
    """Return whether a list or a table fits in one line, and reads well there."""
    return _width(value) <= _FLOW_WIDTH


def _width(value: Any) -> int:
    """Return how many characters a value takes in a line, or more than any line has."""
    if isinstance(value, Mapping):
        return sum(_width(key) + _width(each) + 4 for key, each in value.items()) + 2
    if isinstance(value, list | tuple):
        if any(_reads_as_line(each) for each in value):
            return _FLOW_WIDTH + 1
        return sum(_width(each) + 2 for each in value) + 2
    text = str(value)
    return len(text) if len(text) <= _FLOW_TEXT and text.isprintable() else _FLOW_WIDTH + 1


def _reads_as_line(value: Any) -> bool:
    """Return whether an entry of a list is a sentence, better read in a line of its own."""
    return isinstance(value, str) and " " in value
