"""What values of a file can be, and how each is read from its node.

A scalar is read by what is wanted: where a text is, ``NO`` is Norway and ``1:30`` half past one;
a number is digits, and true and false are written so.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Protocol

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from playbooks.code.document import Mark
from playbooks.code.nodes import Items, Node, Scalar, Table
from playbooks.code.problems import MOST_PROBLEMS, CodeError, Problem, shortened, with_guess

_NUMBER = re.compile(r"[-+]?[0-9]{1,18}")
LONGEST_KEY = 100

_EMPTY = ("", "~", "null", "Null", "NULL")


class Missing(Enum):
    """What stands in for a value that is not there."""

    WRONG = "wrong"
    """It could not be read, and a problem says why."""
    REQUIRED = "required"
    """As the default of a key: there is none."""


WRONG: Final = Missing.WRONG
REQUIRED: Final = Missing.REQUIRED


@dataclass(slots=True)
class Report:
    """What reading a file found: what is wrong, and where each path stands."""

    problems: list[Problem] = field(default_factory=list)
    marks: dict[str, Mark] = field(default_factory=dict)

    def refuse(self, mark: Mark, path: str, message: str) -> Any:
        """Note a problem; return what stands in for the value.

        :raises CodeError: when there are so many that nobody reads on.
        """
        self.problems.append(Problem(mark.line, mark.column, path, message))
        if len(self.problems) >= MOST_PROBLEMS:
            raise CodeError(self.problems)
        return WRONG


class Kind(Protocol):
    """What a value can be."""

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return the value of a node, or WRONG once the report has a problem."""


def is_empty(node: Node) -> bool:
    """Return whether a node is YAML's null."""
    return isinstance(node, Scalar) and node.plain and node.value in _EMPTY


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it is written; empty in quotes."""

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return it."""
        if not isinstance(node, Scalar):
            return report.refuse(node.mark, path, _("Give a text."))
        if is_empty(node):
            return report.refuse(
                node.mark, path, _("Give a text: '' for an empty one, quotes for “null” itself.")
            )
        return node.value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words."""

    known: tuple[str, ...]

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return it."""
        value = Text().read(node, path, report)
        if value is WRONG or value in self.known:
            return value
        said = _("“%(value)s” is not one of %(known)s.") % {
            "value": shortened(value),
            "known": ", ".join(each or "''" for each in self.known),
        }
        return report.refuse(node.mark, path, with_guess(said, value, self.known))


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number, in decimal digits without quotes."""

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return it."""
        if not isinstance(node, Scalar) or not node.plain or not _NUMBER.fullmatch(node.value):
            return report.refuse(node.mark, path, _("Give a whole number, without quotes."))
        return int(node.value)


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false, written so."""

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return it."""
        if not isinstance(node, Scalar) or not node.plain or node.value not in ("true", "false"):
            return report.refuse(node.mark, path, _("Give true or false."))
        return node.value == "true"


@dataclass(frozen=True, slots=True)
class OrNull:
    """A value, or null for what is set to empty."""

    kind: Kind

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return it."""
        return None if is_empty(node) else self.kind.read(node, path, report)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of values of one kind."""

    kind: Kind

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return it, as far as it can be read."""
        if not isinstance(node, Items):
            return report.refuse(node.mark, path, _("Give a list."))
        read = []
        for index, item in enumerate(node.items):
            place = f"{path}[{index}]"
            report.marks[place] = item.mark
            read.append(self.kind.read(item, place, report))
        return WRONG if WRONG in read else read


@dataclass(frozen=True, slots=True)
class TableOf:
    """Values of one kind by names that the file chooses."""

    kind: Kind
    check: Callable[[str], None] | None = None

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return it, as far as it can be read."""
        read: dict[str, Any] = {}
        for name, key, value in entries(node, path, report):
            place = f"{path}.{name}"
            report.marks[place] = value.mark
            try:
                if self.check:
                    self.check(name)
            except ValidationError as error:
                report.refuse(key.mark, place, " ".join(error.messages))
            read[name] = self.kind.read(value, place, report)
        wrong = not isinstance(node, Table) or WRONG in read.values()
        return WRONG if wrong else read


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a record may have, and what holds where it has not."""

    name: str
    kind: Kind
    default: Any = REQUIRED


@dataclass(frozen=True, slots=True)
class Record:
    """Values of several kinds by known names.

    ``open`` are names that begin so and have anything behind it, such as ``translations.fr``.
    """

    keys: tuple[Key, ...]
    open: Mapping[str, TableOf] = field(default_factory=dict)

    def read(self, node: Node, path: str, report: Report) -> Any:
        """Return what is given; what is wrong is left out, though a problem tells of it."""
        if not isinstance(node, Table):
            return report.refuse(node.mark, path, _("Give keys with values."))
        read: dict[str, Any] = {}
        kinds = {key.name: key.kind for key in self.keys}
        for name, key, value in entries(node, path, report):
            place = f"{path}.{name}" if path else name
            report.marks[place] = value.mark
            kind = kinds.get(name) or self._open_kind(name, key, place, report)
            if kind is None:
                said = _("There is no key “%(name)s” here.") % {"name": shortened(name)}
                report.refuse(key.mark, place, with_guess(said, name, kinds))
                continue
            found = kind.read(value, place, report)
            read[name] = found
        for missing in self.keys:
            if missing.default is REQUIRED and missing.name not in read:
                said = _("“%(name)s” is missing.") % {"name": missing.name}
                report.refuse(node.mark, path, said)
        return {name: value for name, value in read.items() if value is not WRONG}

    def complete(self, read: Mapping[str, Any]) -> dict[str, Any]:
        """Return all that a record says: what is not given has its default."""
        return {key.name: read.get(key.name, key.default) for key in self.keys}

    def _open_kind(self, name: str, key: Node, path: str, report: Report) -> Kind | None:
        for prefix, table in self.open.items():
            if name.startswith(prefix):
                try:
                    if table.check:
                        table.check(name.removeprefix(prefix))
                except ValidationError as error:
                    report.refuse(key.mark, path, " ".join(error.messages))
                return table.kind
        return None


def entries(node: Node, path: str, report: Report) -> Iterable[tuple[str, Node, Node]]:
    """Return name, key and value of what stands in a table, each name once."""
    if not isinstance(node, Table):
        report.refuse(node.mark, path, _("Give keys with values."))
        return
    seen: dict[str, Mark] = {}
    for key, value in node.entries:
        if not isinstance(key, Scalar):
            report.refuse(key.mark, path, _("A key is a text."))
            continue
        if len(key.value) > LONGEST_KEY:
            said = _("A key has %(most)d characters at most.") % {"most": LONGEST_KEY}
            report.refuse(key.mark, path, said)
            continue
        if key.value in seen:
            said = _("“%(name)s” stands here twice, first in line %(line)d.")
            known = {"name": shortened(key.value), "line": seen[key.value].line}
            report.refuse(key.mark, f"{path}.{key.value}" if path else key.value, said % known)
            continue
        seen[key.value] = key.mark
        yield key.value, key, value
