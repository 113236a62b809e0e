"""What moves in a run, as a CSM reads it: before it is done, and in the history."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from engagement.models import Run, RunMove
from engagement.run_move import Fate
from engagement.services import Move, Refusal, Refused, say_refusal
from engagement.wording import say_dropped
from playbooks.models import Edition
from playbooks.schedule import Anchor
from toolkit.effects import Effect, EffectKind
from workspace import explanations, formats
from workspace.editions import Said
from workspace.runs import say_of_step
from workspace.step_words import anchor_name

STAYING = (Fate.FROZEN, Fate.SAME)


@dataclass(frozen=True, slots=True)
class ChangedTask:
    """A task with what becomes of it, and why it goes if it does."""

    title: Said
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a move makes of the tasks of a run, and how many stay as they are."""

    tasks: list[ChangedTask]
    staying: int


@dataclass(frozen=True, slots=True)
class PastMove:
    """What once moved in a run: what else changed, and what became of its tasks."""

    entry: RunMove
    facts: list[str]
    tasks: list[ChangedTask]
    restarted: str = ""


@dataclass(frozen=True, slots=True)
class RunDate:
    """A date that the steps of a run count from."""

    name: str
    day: dt.date


@dataclass(frozen=True, slots=True)
class _Words:
    """The titles of steps in the reader's language, the newer edition's first."""

    editions: Sequence[Edition]
    said: dict[str, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for edition in self.editions:
            for step in edition.steps.all():
                self.said[step.key] = say_of_step(step, "title")

    def title(self, key: str) -> Said:
        return self.said.get(key, Said(key))

    def plain(self) -> Mapping[str, str]:
        return {key: str(said.words) for key, said in self.said.items()}


def changes_of(move: Move) -> Changes:
    """Return a move in the reader's words."""
    words = _Words((move.run.edition, move.to))
    lines = [line for line in move.plan.lines if line.fate not in STAYING]
    return Changes(
        tasks=[
            _changed(words, line.fate, line.key, line.before, line.after, line.why)
            for line in lines
        ],
        staying=len(move.plan.lines) - len(lines),
    )


def history_of(run: Run) -> list[PastMove]:
    """Return what moved in a run so far, the latest first."""
    return [_past(entry, run) for entry in run.moves.all()]


def dates_of(run: Run) -> list[RunDate]:
    """Return the dates that the steps of a run count from, in the order of a contract."""
    return [
        RunDate(anchor_name(anchor), dt.date.fromisoformat(run.anchors[anchor]))
        for anchor in Anchor
        if anchor in run.anchors
    ]


def _past(entry: RunMove, run: Run) -> PastMove:
    words = _Words((entry.from_edition, run.edition))
    return PastMove(
        entry=entry,
        facts=list(_facts(entry)),
        tasks=list(_tasks(words, entry.changes)),
        restarted=entry.changes.get("restarted", ""),
    )


def _facts(entry: RunMove) -> Iterator[str]:
    if entry.from_market_id != entry.to_market_id:
        yield _("from %(before)s to %(after)s") % {
            "before": entry.from_market,
            "after": entry.to_market,
        }
    for name, (before, after) in entry.changes.get("anchors", {}).items():
        kind = EffectKind.MOVED if before else EffectKind.ADDED
        moved = Effect(kind, "", "", _day(before), _day(after))
        yield f"{anchor_name(name)}: {_said(moved)}"
    if "refused" in entry.changes:
        reason, detail = entry.changes["refused"]
        yield say_refusal(Refused(entry.run.account_id, Refusal(reason), detail))


def _tasks(words: _Words, changes: Mapping[str, Any]) -> Iterator[ChangedTask]:
    for key, before, after in changes.get("moved", ()):
        yield _changed(words, Fate.MOVED, key, _day(before), _day(after))
    for key, after in changes.get("kept", ()):
        yield _changed(words, Fate.KEPT, key, None, _day(after))
    for key, after in changes.get("added", ()):
        yield _changed(words, Fate.ADDED, key, None, _day(after))
    for key, before, reason, detail in changes.get("dropped", ()):
        yield _changed(words, Fate.DROPPED, key, _day(before), None, (reason, detail))


_KINDS = {
    Fate.MOVED: EffectKind.MOVED,
    Fate.KEPT: EffectKind.KEPT,
    Fate.ADDED: EffectKind.ADDED,
    Fate.DROPPED: EffectKind.REMOVED,
}


def _changed(
    words: _Words,
    fate: Fate,
    key: str,
    before: dt.date | None,
    after: dt.date | None,
    why: tuple[str, str] | None = None,
) -> ChangedTask:
    effect = Effect(_KINDS[fate], "", "", before, after)
    return ChangedTask(
        title=words.title(key),
        text=_said(effect),
        why=say_dropped(*why, words.plain()) if why else "",
    )


def _said(effect: Effect) -> str:
    """Return what happens, with the years: a renewal often moves by one."""
    return explanations.effect(effect, written=formats.full_day)


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
