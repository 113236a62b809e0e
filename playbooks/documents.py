"""From rows to the values that the pure rules work on."""

from collections.abc import Iterable

from playbooks.changes import HEADER, HEADER_FIELDS, Layer, Level, StepDocument, global_step
from playbooks.models import Edition, EditionStep, LocalizationRevision, PlaybookVersion, Step
from playbooks.records import change_of, origin_of, step_of
from playbooks.resolution import Resolved


def header_of(version: PlaybookVersion) -> StepDocument:
    """Return what a version says of the playbook itself."""
    return global_step(HEADER, {name: getattr(version, name) for name in HEADER_FIELDS})


def steps_of(steps: Iterable[Step]) -> tuple[StepDocument, ...]:
    """Return the steps of a version in their order."""
    documents = (global_step(step.key, step.document) for step in steps)
    return tuple(sorted(documents, key=lambda step: step.position))


def version_steps(version: PlaybookVersion) -> tuple[StepDocument, ...]:
    """Return the steps of a version, in one query."""
    return steps_of(version.steps.all())


def layer_of(level: Level, revision: LocalizationRevision | None) -> Layer:
    """Return what a published localization changes; nothing without one."""
    return Layer(level, tuple(map(change_of, revision.changes)) if revision else ())


def edition_contents(edition: Edition) -> Resolved:
    """Return an edition as it was resolved, in one query."""
    return Resolved(
        header=step_of(HEADER, edition.header["fields"], edition.header["origins"]),
        steps=tuple(map(edition_step, edition.steps.all())),
        dropped={
            key: (StepDocument(key, {"title": record["title"]}), origin_of(record["origin"]))
            for key, record in edition.dropped.items()
        },
    )


def edition_step(step: EditionStep) -> StepDocument:
    """Return a step of an edition as it was resolved."""
    return step_of(step.key, step.fields, step.origins)
