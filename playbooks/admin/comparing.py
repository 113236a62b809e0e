"""Two markets, or two versions, side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from playbooks import services
from playbooks.admin.words import TIMING, Words, label, roles_by_code
from playbooks.changes import HEADER, TRANSLATIONS, Level, Origin, StepDocument
from playbooks.choices import REASON_KINDS
from playbooks.comparison import Difference, StepDifference, compare
from playbooks.documents import edition_contents, header_of, version_steps
from playbooks.models import Edition, Playbook, PlaybookVersion
from tenants.models import Membership

SIGNS = {
    Difference.SAME: "=",
    Difference.CHANGED: "≠",
    Difference.ONLY_LEFT: "−",
    Difference.ONLY_RIGHT: "+",
}
KINDS = dict(REASON_KINDS)


@dataclass(frozen=True, slots=True)
class Side:
    """One side: what it is called, and what it says."""

    choice: str
    title: str
    header: StepDocument
    steps: tuple[StepDocument, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """Who says so, and why; nothing for the global version."""

    level: str
    kind: str
    text: str
    evidence: str
    who: str
    since: str


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field that differs, in words."""

    label: str
    left: str
    right: str
    left_why: Why | None
    right_why: Why | None
    is_translation: bool


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step on both sides."""

    key: str
    title: str
    sign: str
    said: str
    difference: str
    left_when: str
    right_when: str
    why: Why | None
    fields: tuple[FieldLine, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, the steps of both, and what else could be chosen."""

    choices: list[tuple[str, str]]
    left: Side | None
    right: Side | None
    lines: list[StepLine]
    only: bool
    differing: int


def comparison(playbook: Playbook, asked: Mapping[str, str]) -> Comparison:
    """Return what ``left`` and ``right`` say: ``version:2`` or ``market:FR`` each."""
    versions = {f"version:{each.number}": each for each in playbook.versions.all()}
    editions = {f"market:{each.market.code}": each for each in services.editions_in_force(playbook)}
    choices = [
        *(
            (key, _("Version %(number)d") % {"number": each.number})
            for key, each in versions.items()
        ),
        *sorted(((key, str(each.market)) for key, each in editions.items()), key=lambda c: c[1]),
    ]
    left, right = (
        _side(asked.get(name, ""), versions, editions, dict(choices)) for name in ("left", "right")
    )
    only = bool(asked.get("only"))
    lines: list[StepLine] = []
    if left and right:
        sayer = _Sayer([left, right])
        found = compare((left.header, *left.steps), (right.header, *right.steps))
        lines = [sayer.line(each) for each in found]
    differing = sum(1 for line in lines if line.difference != Difference.SAME)
    if only:
        lines = [line for line in lines if line.difference != Difference.SAME]
    return Comparison(choices, left, right, lines, only, differing)


def _side(
    choice: str,
    versions: Mapping[str, PlaybookVersion],
    editions: Mapping[str, Edition],
    titles: Mapping[str, str],
) -> Side | None:
    if choice in versions:
        version = versions[choice]
        return Side(choice, titles[choice], header_of(version), version_steps(version))
    if choice in editions:
        found = edition_contents(editions[choice])
        return Side(choice, titles[choice], found.header, found.steps)
    return None


class _Sayer:
    """Puts differences into words."""

    def __init__(self, sides: Iterable[Side]) -> None:
        steps = [step for side in sides for step in side.steps]
        self._words = Words(roles_by_code(), {step.key: step.fields["title"] for step in steps})
        self.whys = Whys(origin for step in steps for origin in step.origins.values())

    def line(self, found: StepDifference) -> StepLine:
        """Return a step on both sides."""
        shown = found.left or found.right
        assert shown is not None
        alone = shown if found.left is None or found.right is None else None
        return StepLine(
            key=found.key,
            title=found.title or _("The playbook itself"),
            sign=SIGNS[found.difference],
            said=_said(found),
            difference=found.difference.value,
            left_when=self._when(found.left),
            right_when=self._when(found.right),
            why=self.whys.of(_origin_of_whole(alone)) if alone else None,
            fields=tuple(
                FieldLine(
                    label(each.name),
                    self._words.value(each.name, each.left),
                    self._words.value(each.name, each.right),
                    self.whys.of(each.left_origin),
                    self.whys.of(each.right_origin),
                    each.name.startswith(f"{TRANSLATIONS}."),
                )
                for each in found.fields
            ),
        )

    def _when(self, step: StepDocument | None) -> str:
        if step is None or step.key == HEADER:
            return ""
        return self._words.timing({name: step.fields.get(name) for name in TIMING})


class Whys:
    """Reasons in words; those who gave them are loaded once."""

    def __init__(self, origins: Iterable[Origin]) -> None:
        authors = {origin.author for origin in origins if origin.author}
        members = Membership.objects.filter(pk__in=authors) if authors else ()
        self._names = {str(member.pk): str(member) for member in members}

    def of(self, origin: Origin | None) -> Why | None:
        """Return who says so and why."""
        if origin is None or origin.level is Level.GLOBAL or origin.reason is None:
            return None
        return Why(
            level=_("Region") if origin.level is Level.REGION else _("Market"),
            kind=str(KINDS.get(origin.reason.kind.value, "")),
            text=origin.reason.text,
            evidence=origin.reason.evidence,
            who=self._names.get(origin.author, ""),
            since=origin.since[:10],
        )


def _origin_of_whole(step: StepDocument) -> Origin | None:
    origins = list(step.origins.values())
    added = origins and all(origin.level is not Level.GLOBAL for origin in origins)
    return origins[0] if added else None


def _said(found: StepDifference) -> str:
    match found.difference:
        case Difference.ONLY_LEFT:
            return _("Only on the left")
        case Difference.ONLY_RIGHT:
            return _("Only on the right")
        case Difference.SAME:
            return _("The same")
    return _("Another day, and more") if found.changes_timing else _("Differs")
