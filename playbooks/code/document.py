"""What a file of playbooks says. Pure values, every default filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from playbooks.changes import Change, Fields, Level

FORMAT = 1
"""The version of the format that is read and written."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a text; lines and columns count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Place:
    """A region or a market, by its code."""

    level: Level
    code: str

    @property
    def order(self) -> tuple[bool, str]:
        """Where it stands among others: regions first."""
        return self.level is not Level.REGION, self.code


@dataclass(frozen=True, slots=True)
class StepCode:
    """A step of the global version: its stable key and all of its fields."""

    key: str
    fields: Fields

    @property
    def order(self) -> tuple[int, str]:
        """Where it stands: by position, ties by key."""
        return self.fields["position"], self.key


@dataclass(frozen=True, slots=True)
class LocalizationCode:
    """What a place changes: each change by itself, though a file may write several together."""

    place: Place
    note: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaybookCode:
    """A playbook with its newest version, and what places change in it."""

    key: str
    name: str
    motion: str
    goal: str
    tiers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    complexities: tuple[str, ...] = ()
    allows_several: bool = False
    on_market_move: str = "go_on"
    change_note: str = ""
    steps: tuple[StepCode, ...] = ()
    localizations: tuple[LocalizationCode, ...] = ()

    @property
    def own(self) -> dict[str, Any]:
        """What the playbook says whatever its version, by the names of its fields."""
        return {
            "motion": self.motion,
            "allows_several": self.allows_several,
            "on_market_move": self.on_market_move,
        }

    @property
    def header(self) -> dict[str, Any]:
        """What its version says beside the steps, by the names of its fields."""
        return {
            "name": self.name,
            "goal": self.goal,
            "tiers": list(self.tiers),
            "stages": list(self.stages),
            "complexities": list(self.complexities),
        }


@dataclass(frozen=True, slots=True)
class RuleCode:
    """A cadence or a contact budget: where it holds (None: everywhere) and its other fields."""

    place: Place | None
    fields: Fields

    @property
    def identity(self) -> tuple[str, str, Place | None]:
        """What there is one of: tier, stage (of a cadence), and place."""
        return self.fields["tier"], self.fields.get("stage", ""), self.place


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file; what is None does not stand in it."""

    playbooks: tuple[PlaybookCode, ...] | None = None
    cadences: tuple[RuleCode, ...] | None = None
    contact_budgets: tuple[RuleCode, ...] | None = None


Marks: TypeAlias = Mapping[str, Mark]
"""Where the value of each path of a document stands, such as ``playbooks[0].steps[3].title``."""


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file that could be read: what it says, and where each of it stands."""

    document: Document
    marks: Marks = field(default_factory=dict)

    def where(self, path: str) -> Mark:
        """Return where a path stands, or the nearest thing around it that the file has."""
        while path not in self.marks and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.marks.get(path, Mark(1, 1))
