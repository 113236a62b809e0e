"""The parameters of a guardrail, read strictly: what JSON holds is taken as it is or refused."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

LONGEST_NAME = 60
LONGEST_WORD = 200
MOST_WORDS = 50
GREATEST = 1_000_000_000

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_METADATA = "parameter"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a parameter is not taken: a code, and what it needs to be said in words."""

    code: str
    least: float | None = None
    most: float | None = None
    among: tuple[str, ...] = ()


class UnfitParameters(ValueError):
    """Parameters that a kind cannot take, each with its problem."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        self.problems = dict(problems)
        super().__init__(", ".join(f"{name}: {each.code}" for name, each in problems.items()))


class Parameter(Protocol):
    """One kind of value."""

    def read(self, value: Any) -> Any:
        """Return the value as the rule keeps it, or the problem with it."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two others, both included."""

    least: int
    most: int

    def read(self, value: Any) -> int | Problem:
        """Return the number."""
        if not isinstance(value, int) or isinstance(value, bool):
            return Problem("not_whole")
        if not self.least <= value <= self.most:
            return Problem("out_of_range", least=self.least, most=self.most)
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """A number, with a fraction or without."""

    def read(self, value: Any) -> int | float | Problem:
        """Return the number."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return Problem("not_number")
        if not abs(value) <= GREATEST:  # so that what is no number fails, too
            return Problem("out_of_range", least=-GREATEST, most=GREATEST)
        return value


@dataclass(frozen=True, slots=True)
class Name:
    """The key of a step, or the name of one of its fields."""

    def read(self, value: Any) -> str | Problem:
        """Return the name."""
        if not isinstance(value, str):
            return Problem("not_text")
        if len(value) > LONGEST_NAME or not _NAME.fullmatch(value):
            return Problem("not_name", most=LONGEST_NAME)
        return value


@dataclass(frozen=True, slots=True)
class Words:
    """A list of different texts."""

    def read(self, value: Any) -> tuple[str, ...] | Problem:
        """Return the texts in their order."""
        if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
            return Problem("not_list_of_text")
        if not 1 <= len(value) <= MOST_WORDS:
            return Problem("wrong_count", least=1, most=MOST_WORDS)
        if not all(1 <= len(word) <= LONGEST_WORD and word.isprintable() for word in value):
            return Problem("word_unfit", most=LONGEST_WORD)
        if len(set(value)) < len(value):
            return Problem("twice")
        return tuple(value)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a closed set of codes."""

    options: type[StrEnum]

    def read(self, value: Any) -> StrEnum | Problem:
        """Return the member of the set."""
        among = tuple(option.value for option in self.options)
        if not isinstance(value, str) or value not in among:
            return Problem("not_among", among=among)
        return self.options(value)


def taken(parameter: Parameter, default: Any = dataclasses.MISSING) -> Any:
    """Return a dataclass field that holds a parameter; without a default it must be given."""
    return dataclasses.field(default=default, metadata={_METADATA: parameter})


def parameter_fields(of: type[Any]) -> dict[str, tuple[Parameter, bool]]:
    """Return a kind's parameters by name, each with whether it must be given."""
    return {
        field.name: (field.metadata[_METADATA], field.default is dataclasses.MISSING)
        for field in dataclasses.fields(of)
    }
