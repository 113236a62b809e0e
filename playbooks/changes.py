"""What a region or a market changes in a playbook, and why. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

HEADER = ""
"""The key under which a playbook's own fields, its name and its goal, stand beside its steps."""

HEADER_FIELDS = ("name", "goal")

PRESENCE = ""
"""The field under which a whole step stands: that it is left out, brought back or in conflict."""

TRANSLATIONS = "translations"
"""A translation is a field of its own for every language: ``translations.fr``."""

Fields: TypeAlias = Mapping[str, Any]
"""The fields of a step by name, with values as JSON knows them."""


class Level(StrEnum):
    """Whose word a field is; a later one wins."""

    GLOBAL = "global"
    REGION = "region"
    MARKET = "market"


class Action(StrEnum):
    """What a localization does with a step."""

    SET = "set"
    ADD = "add"
    DROP = "drop"
    RESTORE = "restore"


class ReasonKind(StrEnum):
    """What a local difference comes from."""

    CULTURE = "culture"
    LAW = "law"
    LANGUAGE = "language"
    STAFFING = "staffing"
    PRODUCT = "product"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something differs here. ``statement`` is the id of a report in the market's profile."""

    kind: ReasonKind
    text: str
    evidence: str = ""
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one step, with its reason, who made it (a member's id) and when (ISO, UTC).

    ``field`` names what SET sets and is empty otherwise; ``value`` is what SET sets it to, None
    for empty, and the whole new step for ADD.
    """

    action: Action
    step: str
    reason: Reason
    field: str = ""
    value: Any = None
    author: str = ""
    since: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """What of the playbook it concerns: nothing is changed twice in one localization."""
        return self.step, self.field


@dataclass(frozen=True, slots=True)
class Layer:
    """The changes of one localization; their order does not matter."""

    level: Level
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Who says what a field is: the global version, or the localization of a region or market."""

    level: Level = Level.GLOBAL
    reason: Reason | None = None
    author: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class StepDocument:
    """A step under its stable key; every field has an origin.

    The origin of ``PRESENCE`` says who brought back a step that was left out.
    """

    key: str
    fields: Fields
    origins: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_local(self) -> bool:
        """Whether anything of it differs from the global version on purpose."""
        return any(origin.level is not Level.GLOBAL for origin in self.origins.values())

    @property
    def position(self) -> tuple[int, str]:
        """Where it stands: by position, ties by key."""
        return self.fields.get("position", 0), self.key


def global_step(key: str, fields: Fields) -> StepDocument:
    """Return a step as the global version has it."""
    flat = flattened(fields)
    return StepDocument(key, flat, dict.fromkeys(flat, Origin()))


def flattened(fields: Fields) -> dict[str, Any]:
    """Return fields with each translation as a field of its own."""
    flat = {name: value for name, value in fields.items() if name != TRANSLATIONS}
    for language, words in (fields.get(TRANSLATIONS) or {}).items():
        flat[f"{TRANSLATIONS}.{language}"] = words
    return flat


def nested(fields: Fields) -> dict[str, Any]:
    """Return fields with all translations in one, as steps are written: ``flattened`` undone."""
    written: dict[str, Any] = {}
    translations: dict[str, Any] = {}
    for name, value in fields.items():
        language = name.removeprefix(f"{TRANSLATIONS}.")
        if language == name:
            written[name] = value
        elif value:
            translations[language] = value
    if translations:
        written[TRANSLATIONS] = dict(sorted(translations.items()))
    return written
