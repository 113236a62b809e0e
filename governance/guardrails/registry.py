"""The kinds of guardrails there are, and how one is made from what is stored."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from governance.facts import EditionFacts
from governance.findings import Finding
from governance.guardrails.parameters import (
    Parameter,
    Problem,
    UnfitParameters,
    parameter_fields,
)


class Kind(Protocol):
    """A rule with its parameters."""

    kind: ClassVar[str]

    def problems(self) -> Mapping[str, Problem]:
        """Return which parameters do not go together."""

    def judge(self, facts: EditionFacts) -> Iterator[Finding]:
        """Yield where the rule does not hold."""


@dataclass(frozen=True)
class Standalone:
    """A rule whose parameters go together whatever they are."""

    def problems(self) -> Mapping[str, Problem]:
        """Return none."""
        return {}


KindT = TypeVar("KindT", bound=type[Any])

KINDS: dict[str, type[Any]] = {}
"""Every kind by its code, in the order in which they are offered."""


def register(kind: KindT) -> KindT:
    """Make a class a kind of guardrail."""
    assert kind.kind not in KINDS, kind.kind
    KINDS[kind.kind] = kind
    return kind


def parameters_of(kind: str) -> dict[str, Parameter]:
    """Return the parameters that a kind takes, by name."""
    return {name: parameter for name, (parameter, _) in parameter_fields(KINDS[kind]).items()}


def required_parameters(kind: str) -> frozenset[str]:
    """Return the names of those that must be given."""
    fields = parameter_fields(KINDS[kind]).items()
    return frozenset(name for name, (_, required) in fields if required)


def kind_of(kind: str, parameters: Any) -> Kind:
    """Return the rule of a kind with its parameters, read strictly.

    :raises UnfitParameters: for an unknown or missing parameter, and for one of a wrong type or
        out of its range; the empty name stands for the parameters as a whole.
    :raises KeyError: for a kind that is not there.
    """
    rule_class = KINDS[kind]
    if not isinstance(parameters, Mapping):
        raise UnfitParameters({"": Problem("not_object")})
    known = parameters_of(kind)
    problems = {str(name): _unknown(name, known) for name in parameters if name not in known}
    problems |= {
        name: Problem("missing")
        for name in sorted(required_parameters(kind))
        if name not in parameters
    }
    values = {
        name: parameter.read(parameters[name])
        for name, parameter in known.items()
        if name in parameters
    }
    problems |= {name: value for name, value in values.items() if isinstance(value, Problem)}
    if problems:
        raise UnfitParameters(problems)
    rule: Kind = rule_class(**values)
    if together := rule.problems():
        raise UnfitParameters(together)
    return rule


def values_of(rule: Kind) -> dict[str, Any]:
    """Return a rule's parameters as JSON holds them, without those that were not given."""
    found: dict[str, Any] = {}
    for name in parameter_fields(type(rule)):
        value = getattr(rule, name)
        if value is not None:
            found[name] = _plain(value)
    return found


def _unknown(name: object, known: Mapping[str, Parameter]) -> Problem:
    return Problem("unknown", among=tuple(difflib.get_close_matches(str(name), known, n=1)))


def _plain(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case tuple():
            return list(value)
    return value
