"""Which steps deserve a localization: those that rest on what a market's profile denies. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from playbooks.changes import TRANSLATIONS, Level, StepDocument
from regions.dimensions import Side, contradicts


@dataclass(frozen=True, slots=True)
class Report:
    """A confirmed report of a market's profile: its id, and the side that it takes."""

    id: str
    side: Side


@dataclass(frozen=True, slots=True)
class Question:
    """A step that assumes one side where the market's profile reports another."""

    step: str
    assumption: Side
    reports: tuple[Report, ...]


def open_questions(
    steps: Iterable[StepDocument],
    reports: Iterable[Report],
    decided: Collection[tuple[str, str]] = (),
) -> tuple[Question, ...]:
    """Return the steps that still deserve a localization in one market.

    One is settled by a localization of the step that does more than translate it, or by being
    in ``decided``: (step, assumption) that somebody found fine as it is.
    """
    reports = tuple(reports)
    found = []
    for step in steps:
        if not step.fields["assumption"] or _is_localized(step):
            continue
        assumption = Side(step.fields["assumption"])
        against = tuple(each for each in reports if contradicts(assumption, each.side))
        if against and (step.key, assumption.value) not in decided:
            found.append(Question(step.key, assumption, against))
    return tuple(found)


def _is_localized(step: StepDocument) -> bool:
    return any(
        origin.level is not Level.GLOBAL and not name.startswith(f"{TRANSLATIONS}.")
        for name, origin in step.origins.items()
    )
