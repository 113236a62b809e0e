"""The starting set that ships with the product: philosophy, principles, voice, KPIs, guardrails."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from governance.models import Guardrail, KpiDefinition, Principle, VoiceTrait

FILE = Path(__file__).with_name("starting_set.toml")


def starting_philosophy() -> str:
    """Return the text, in Markdown."""
    return str(starting_set()["philosophy"]).strip()


def starting_principles() -> list[Principle]:
    """Return the principles in their order, not saved yet."""
    rows = enumerate(starting_set()["principles"], start=1)
    return [Principle(position=number * 10, **row) for number, row in rows]


def starting_voice() -> list[VoiceTrait]:
    """Return the traits of the brand voice, not saved yet."""
    return [VoiceTrait(**row) for row in starting_set()["voice_traits"]]


def starting_kpis() -> list[KpiDefinition]:
    """Return the definitions of KPIs, not saved yet."""
    return [KpiDefinition(**row) for row in starting_set()["kpis"]]


def starting_guardrails() -> list[Guardrail]:
    """Return the guardrails, not saved yet."""
    return [Guardrail(**row) for row in starting_set()["guardrails"]]


@cache
def starting_set() -> dict[str, Any]:
    """Return the set as the file has it."""
    return tomllib.loads(FILE.read_text("utf-8"))
