"""From text to a tree of nodes: the syntax of YAML, within limits that no file of people exceeds.

The tree is built from the parser's events, so that nothing is built deeper or larger than allowed,
and no value is taken for something else: what a scalar is depends on what is wanted of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml
from django.utils.translation import gettext as _

from playbooks.code.document import Mark
from playbooks.code.problems import refusal

MOST_BYTES = 5_000_000
DEEPEST = 20
MOST_ALIASED = 50_000
"""How many nodes all aliases of a file may stand for."""
MOST_NODES = 300_000
"""How many nodes a file may have by itself."""

START = Mark(1, 1)

# What YAML lets stand in a file as it is: https://yaml.org/spec/1.2.2/#51-character-set
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER_STORED = re.compile("[\x00\ud800-\udfff]")

# The parser in C is sixty times as fast; both tell the same events.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Scalar:
    """A single value as it is written; ``plain`` without quotes and not as a block."""

    mark: Mark
    value: str
    plain: bool = False
    size: int = 1


@dataclass(slots=True)
class Items:
    """A list. ``size`` counts the nodes in it, those that aliases stand for each time."""

    mark: Mark
    items: list["Node"] = field(default_factory=list)
    size: int = 1


@dataclass(slots=True)
class Table:
    """Keys with values, in their order, repeated ones included."""

    mark: Mark
    entries: list[tuple["Node", "Node"]] = field(default_factory=list)
    size: int = 1


Node: TypeAlias = Scalar | Items | Table


def parse(text: str | bytes) -> Node:
    """Return the tree of a file.

    :raises CodeError: for what is no YAML, or exceeds a limit.
    """
    return _Composer().compose(_decoded(text))


def _decoded(text: str | bytes) -> str:
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(content) > MOST_BYTES:
        raise refusal(START, _("A file has %(most)d bytes at most.") % {"most": MOST_BYTES})
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        raise refusal(_end_of(before), _("The file is not written in UTF-8.")) from error
    text = text.removeprefix("\ufeff")
    unprintable = _UNPRINTABLE.search(text)
    if unprintable:
        raise refusal(
            _end_of(text[: unprintable.start()]),
            _("The character U+%(code)04X cannot stand here.") % {"code": ord(unprintable[0])},
        )
    return text


def _end_of(text: str) -> Mark:
    """Return where the character after a text stands."""
    return Mark(text.count("\n") + 1, len(text) - text.rfind("\n"))


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1) if mark else START


class _Composer:
    """Builds the tree. Open lists and tables lie on a stack, with the key that has no value yet."""

    def __init__(self) -> None:
        self._anchors: dict[str, Node | None] = {}
        self._open: list[tuple[Items | Table, str | None]] = []
        self._keys: list[Node | None] = []
        self._root: Node | None = None
        self._aliased = 0
        self._documents = 0
        self._nodes = 0

    def compose(self, text: str) -> Node:
        """Return the root of the only document."""
        for event in _events(text):
            self._take(event)
        if self._root is None:
            raise refusal(START, _("The file is empty."))
        return self._root

    def _take(self, event: yaml.Event) -> None:
        mark = _mark(event.start_mark)
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise refusal(mark, _("A file has one document."))
            case yaml.AliasEvent():
                self._put(self._aliased_node(str(event.anchor), mark), None)
            case yaml.ScalarEvent():
                self._refuse_tag(event, mark)
                self._put(self._scalar(event, mark), event.anchor)
            case yaml.SequenceStartEvent():
                self._refuse_tag(event, mark)
                self._begin(Items(mark), event.anchor)
            case yaml.MappingStartEvent():
                self._refuse_tag(event, mark)
                self._begin(Table(mark), event.anchor)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                node, anchor = self._open.pop()
                self._keys.pop()
                self._put(node, anchor)

    def _scalar(self, event: Any, mark: Mark) -> Scalar:
        if _NEVER_STORED.search(event.value):
            raise refusal(mark, _("This text has a character that cannot be stored."))
        # The parser in C has an empty style where that in Python has none.
        return Scalar(mark, event.value, plain=not event.style)

    def _begin(self, node: Items | Table, anchor: str | None) -> None:
        if len(self._open) >= DEEPEST:
            raise refusal(
                node.mark, _("Nothing stands more than %(most)d deep.") % {"most": DEEPEST}
            )
        if anchor:
            self._anchors[anchor] = None
        self._open.append((node, anchor))
        self._keys.append(None)

    def _put(self, node: Node, anchor: str | None) -> None:
        """Put a finished node where it belongs."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise refusal(
                node.mark, _("A file has %(most)d values at most.") % {"most": MOST_NODES}
            )
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent = self._open[-1][0]
        parent.size += node.size
        if isinstance(parent, Items):
            parent.items.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = node
        else:
            parent.entries.append((self._keys[-1], node))
            self._keys[-1] = None

    def _aliased_node(self, name: str, mark: Mark) -> Node:
        if name not in self._anchors:
            raise refusal(mark, _("There is no anchor “%(name)s”.") % {"name": name})
        node = self._anchors[name]
        if node is None:
            raise refusal(mark, _("“%(name)s” would contain itself.") % {"name": name})
        self._aliased += node.size
        if self._aliased > MOST_ALIASED:
            raise refusal(
                mark, _("Aliases stand for %(most)d values at most.") % {"most": MOST_ALIASED}
            )
        return node

    def _refuse_tag(self, event: Any, mark: Mark) -> None:
        if event.tag is not None:
            raise refusal(mark, _("Tags are not read: what a value is, its key says."))


def _events(text: str) -> Iterator[Any]:
    """Tell the events of a text.

    :raises CodeError: where it is no YAML.
    """
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        said = ", ".join(filter(None, (error.context, error.problem)))
        mark = _mark(error.problem_mark or error.context_mark)
        raise refusal(mark, _("This is no YAML: %(said)s.") % {"said": said}) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise refusal(START, _("This is no YAML.")) from error
