"""An edition in plain reading: its steps in the reader's words, and what is local in it and why.

Works on what is loaded; asks for no row of its own.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from playbooks.changes import HEADER, PRESENCE, Level, Origin, StepDocument
from playbooks.choices import REASON_KINDS
from playbooks.resolution import Resolved
from playbooks.sayings import Said as Said
from playbooks.sayings import say as say
from playbooks.sayings import sayings as sayings
from playbooks.services import DatedStep
from regions.offsets import Move
from workspace import explanations, formats
from workspace.step_words import TERMS, WHEN, StepWords, anchor_name, term, thing

FACTS = (
    *(WHEN, "owner_role", "kind", "stakeholders", "duration_minutes"),
    *("depends_on", "condition", "priority", "tone", "if_past"),
)
"""What is said of a step in short, in its order."""

USUAL = {"priority": "normal", "if_past": "due_now"}
"""Values that are not worth a word."""

_LEVELS = list(Level)
_REASONS = dict(REASON_KINDS)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing about a step, and whether it is as it is because of the place."""

    term: str
    text: str
    is_local: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is local: where, why, by whom and since when, and how it is elsewhere.

    ``changed`` names what differs; ``elsewhere`` is what the global version says of it.
    """

    title: str
    reason: str
    evidence: str
    kind: str
    author: str
    since: dt.date | None
    changed: list[str]
    elsewhere: list[Fact]


@dataclass(frozen=True, slots=True)
class Day:
    """When a step would fall due: a date, or why there is none, and why it is not another day."""

    date: dt.date | None
    said: str
    moves: list[str]


@dataclass(frozen=True, slots=True)
class ReadStep:
    """A step as a CSM reads it; ``local`` names the things that differ from the global version."""

    key: str
    title: Said
    outcome: Said
    instructions: Said
    checklist: Said
    message: Said
    other_messages: list[Said]
    when: str
    facts: list[Fact]
    is_required: bool
    local: frozenset[str]
    notes: list[Note]
    day: Day | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A step of the global version that is not done here."""

    title: Said
    note: Note


@dataclass(frozen=True)
class Reading:
    """Reads an edition for one person.

    ``elsewhere`` holds the steps of the global version by key, the playbook's own fields under
    the empty key. ``places`` are names by level, ``authors`` and ``roles`` by id and code.
    """

    contents: Resolved
    elsewhere: Mapping[str, StepDocument]
    places: Mapping[Level, str]
    authors: Mapping[str, str]
    roles: Mapping[str, str]
    language: str
    days: Mapping[str, DatedStep]

    @property
    def name(self) -> Said:
        """What the playbook is called."""
        return say(self.contents.header, "name", self.language)

    @property
    def goal(self) -> Said:
        """What the customer has at the end of it."""
        return say(self.contents.header, "goal", self.language)

    @property
    def notes(self) -> list[Note]:
        """What is local of name and goal."""
        return list(self._notes(self.contents.header))

    @cached_property
    def steps(self) -> list[ReadStep]:
        """The steps, in their order."""
        return [self._step(step) for step in self.contents.steps]

    @property
    def left_out(self) -> list[LeftOut]:
        """The steps that are not done here, each with the reason."""
        return [
            LeftOut(
                say(self.elsewhere.get(key, step), "title", self.language),
                self._note(_("Left out in %(place)s"), origin, [], []),
            )
            for key, (step, origin) in self.contents.dropped.items()
        ]

    @cached_property
    def _words(self) -> StepWords:
        known = [*self.elsewhere.values(), *self.contents.steps]
        titles = {
            step.key: str(say(step, "title", self.language).words)
            for step in known
            if step.key != HEADER
        }
        return StepWords(self.roles, titles)

    def _step(self, step: StepDocument) -> ReadStep:
        message = say(step, "message", self.language)
        return ReadStep(
            key=step.key,
            title=say(step, "title", self.language),
            outcome=say(step, "outcome", self.language),
            instructions=say(step, "instructions", self.language),
            checklist=say(step, "checklist", self.language),
            message=message,
            other_messages=[each for each in sayings(step, "message") if each != message],
            when=self._words.when(step.fields),
            facts=list(self._facts(step)),
            is_required=step.fields["required"],
            local=_local(step),
            notes=list(self._notes(step)),
            day=self._day(step.key),
        )

    def _facts(self, step: StepDocument) -> Iterator[Fact]:
        local = _local(step)
        for name in FACTS:
            value = step.fields.get(name)
            # A change that leads back to what is usual is worth one.
            if name in USUAL and value == USUAL[name] and name not in local:
                continue
            if text := self._how(step) if name == "kind" else self._words.say(name, step.fields):
                is_local = name in local or (name == "kind" and "channel" in local)
                yield Fact(term(name), text, is_local)

    def _how(self, step: StepDocument) -> str:
        """Return the kind of a step, and its channel where that says more."""
        said = [self._words.say(name, step.fields) for name in ("kind", "channel")]
        return formats.listed(list(dict.fromkeys(filter(None, said))))

    def _notes(self, step: StepDocument) -> Iterator[Note]:
        """Return what is local of a step, what has one origin together."""
        base = self.elsewhere.get(step.key)
        by_origin: dict[Origin, list[str]] = defaultdict(list)
        for name, origin in _local_origins(step):
            by_origin[origin].append(name)
        added = _who_added(step) if base is None else None
        for origin, names in sorted(by_origin.items(), key=_from_wide_to_narrow):
            if origin == added:
                yield self._note(_("Added in %(place)s"), origin, [], [])
                continue
            if PRESENCE in names:
                yield self._note(_("Brought back in %(place)s"), origin, [], [])
            things = _in_order({thing(name) for name in names if name != PRESENCE})
            if things:
                elsewhere = [self._elsewhere(name, base) for name in things] if base else []
                changed = [term(name) for name in things]
                yield self._note(_("Local in %(place)s"), origin, changed, elsewhere)

    def _elsewhere(self, name: str, base: StepDocument) -> Fact:
        return Fact(term(name), self._words.say(name, base.fields) or _("nothing is said"))

    def _note(self, title: str, origin: Origin, changed: list[str], elsewhere: list[Fact]) -> Note:
        reason = origin.reason
        return Note(
            title=title % {"place": self.places[origin.level]},
            reason=reason.text if reason else "",
            evidence=reason.evidence if reason else "",
            kind=str(_REASONS[reason.kind]) if reason else "",
            author=self.authors.get(origin.author, ""),
            since=_day_of(origin.since),
            changed=changed,
            elsewhere=elsewhere,
        )

    def _day(self, key: str) -> Day | None:
        dated = self.days.get(key)
        if dated is None:
            return None
        moves = explanations.why_moved(map(_as_mapping, dated.scheduled.moves))
        return Day(dated.scheduled.date, self._without_date(dated), moves)

    def _without_date(self, dated: DatedStep) -> str:
        scheduled = dated.scheduled
        if scheduled.date:
            return ""
        if not scheduled.missing:
            return _("No contact this time")
        if scheduled.missing in self._words.titles:
            return _("When “%(step)s” is over") % {"step": self._words.titles[scheduled.missing]}
        return _("Not dated yet: %(event)s") % {"event": anchor_name(scheduled.missing)}


def authors_of(contents: Resolved) -> set[str]:
    """Return the ids of the members who made an edition what it is."""
    steps = (contents.header, *contents.steps)
    origins = [origin for step in steps for origin in step.origins.values()]
    origins += [origin for _step, origin in contents.dropped.values()]
    return {origin.author for origin in origins} - {""}


def _local_origins(step: StepDocument) -> list[tuple[str, Origin]]:
    return [
        (name, origin) for name, origin in step.origins.items() if origin.level is not Level.GLOBAL
    ]


def _local(step: StepDocument) -> frozenset[str]:
    return frozenset(thing(name) for name, _origin in _local_origins(step))


def _who_added(step: StepDocument) -> Origin | None:
    """Return the origin of a step that a localization added: that of most of its fields."""
    origins = _local_origins(step)
    if not origins:
        return None
    widest = min(_LEVELS.index(origin.level) for _name, origin in origins)
    counted = Counter(each for _name, each in origins if _LEVELS.index(each.level) == widest)
    return counted.most_common(1)[0][0]


def _from_wide_to_narrow(item: tuple[Origin, Sequence[str]]) -> tuple[int, str, str]:
    origin, names = item
    return _LEVELS.index(origin.level), origin.since, min(names)


def _in_order(names: Iterable[str]) -> list[str]:
    order = list(TERMS)
    return sorted(names, key=lambda name: (order.index(name) if name in order else 99, name))


def _day_of(instant: str) -> dt.date | None:
    """Return the day of an instant, written in ISO 8601, in the reader's zone."""
    return timezone.localtime(dt.datetime.fromisoformat(instant)).date() if instant else None


def _as_mapping(move: Move) -> Mapping[str, Any]:
    return {
        "from": move.from_date.isoformat(),
        "to": move.to_date.isoformat() if move.to_date else None,
        "reason": move.reason,
        "names": move.names,
    }
