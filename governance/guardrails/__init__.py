"""Guardrails: what no market may break. Pure; they judge ``EditionFacts`` only.

A kind is one frozen dataclass in ``kinds`` or ``timing``, registered by its decorator.
"""

from governance.guardrails import kinds, timing
from governance.guardrails.judging import BUILT_IN, Guardrail, judge
from governance.guardrails.parameters import (
    Name,
    Number,
    OneOf,
    Parameter,
    Problem,
    UnfitParameters,
    Whole,
    Words,
)
from governance.guardrails.registry import (
    KINDS,
    Kind,
    kind_of,
    parameters_of,
    required_parameters,
    values_of,
)

__all__ = [
    "BUILT_IN",
    "KINDS",
    "Guardrail",
    "Kind",
    "Name",
    "Number",
    "OneOf",
    "Parameter",
    "Problem",
    "UnfitParameters",
    "Whole",
    "Words",
    "judge",
    "kind_of",
    "kinds",
    "parameters_of",
    "required_parameters",
    "timing",
    "values_of",
]
