"""Writing a playbook: its draft, step by step or whole."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from playbooks.choices import VersionStatus
from playbooks.fields import read_step
from playbooks.models import Playbook, PlaybookVersion, Step
from playbooks.models.playbook import EDITED
from playbooks.models.step import STEP_FIELDS
from playbooks.schedule import Anchor
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import store

MOST_STEPS = 100
POSITION_GAP = 10


class VersionNotDraft(DomainError):
    """Only a draft is edited: what is in review, published or retired stays as it is."""


class DraftExists(DomainError):
    """A playbook has one draft at a time."""


class PlaybookArchived(DomainError):
    """An archived playbook is not worked on."""


@transaction.atomic
def create_playbook(
    playbook: Playbook,
    version: PlaybookVersion,
    *,
    by: Membership | None,
    steps: Sequence[Mapping[str, Any]] = (),
) -> PlaybookVersion:
    """Save a new playbook with its first draft.

    :raises InvalidInput: for steps that cannot be taken, each by its path.
    """
    store(playbook)
    version.playbook, version.number, version.created_by = playbook, 1, by
    store(version)
    _replace_steps(version, steps)
    return version


def save_playbook(playbook: Playbook) -> Playbook:
    """Save a changed playbook."""
    return store(playbook)


@transaction.atomic
def archive_playbook(playbook: Playbook, *, at: dt.datetime) -> Playbook:
    """Stop working with a playbook; what runs goes on, and its editions stay."""
    playbook.archived_at = at
    return store(playbook)


@transaction.atomic
def start_draft(playbook: Playbook, *, by: Membership | None) -> PlaybookVersion:
    """Begin the next version, as a copy of the newest one.

    :raises DraftExists: if one is being worked on.
    :raises PlaybookArchived: for an archived playbook.
    """
    lock_for_work(playbook)
    if playbook.versions.filter(status__in=EDITED).exists():
        raise DraftExists(
            _("A version of %(playbook)s is being worked on already.") % {"playbook": playbook}
        )
    newest = playbook.versions.order_by("-number").first()
    number = (playbook.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    draft = PlaybookVersion(playbook=playbook, number=number, created_by=by)
    for name in ("name", "goal", "tiers", "stages", "complexities"):
        if newest:
            setattr(draft, name, getattr(newest, name))
    store(draft)
    copies = [_copy(step, draft) for step in newest.steps.all()] if newest else []
    Step.objects.bulk_create(copies)
    return draft


@transaction.atomic
def save_version(
    version: PlaybookVersion, *, steps: Sequence[Mapping[str, Any]] | None = None
) -> PlaybookVersion:
    """Save a draft, and with ``steps`` all of its steps: those that are not named go.

    :raises VersionNotDraft: if it is no draft any more.
    :raises InvalidInput: for steps that cannot be taken, each by its path.
    """
    store_draft(version)
    if steps is not None:
        _replace_steps(version, steps)
    return version


@transaction.atomic
def discard_draft(version: PlaybookVersion) -> None:
    """Throw a draft away. The first version of a playbook takes the playbook with it.

    :raises VersionNotDraft: if it is no draft any more.
    """
    lock_playbook(version.playbook)
    _require_draft(version)
    playbook = version.playbook
    alone = not playbook.versions.exclude(pk=version.pk).exists()
    playbook.localizations.filter(base=version).delete()
    version.delete()
    if alone:
        playbook.delete()


@transaction.atomic
def save_step(step: Step) -> Step:
    """Save one step of a draft.

    :raises VersionNotDraft: if its version is no draft any more.
    """
    _touch(step)
    return store(step)


@transaction.atomic
def remove_step(step: Step) -> None:
    """Remove one step of a draft.

    :raises VersionNotDraft: if its version is no draft any more.
    """
    _touch(step)
    step.delete()


def lock_playbook(playbook: Playbook) -> None:
    """Let one at a time number versions, revisions and editions of a playbook."""
    Playbook.objects.select_for_update(no_key=True).get(pk=playbook.pk)


def lock_for_work(playbook: Playbook) -> None:
    """Lock a playbook that is worked with.

    :raises PlaybookArchived: for an archived one.
    """
    lock_playbook(playbook)
    if Playbook.objects.filter(pk=playbook.pk).exclude(archived_at=None).exists():
        raise PlaybookArchived(_("%(playbook)s is archived.") % {"playbook": playbook})


def store_draft(version: PlaybookVersion) -> PlaybookVersion:
    """Save a version that is a draft, as its next edit.

    :raises VersionNotDraft: if it is no draft any more.
    """
    _require_draft(version)
    return store(version)


def step_values(step: Step) -> dict[str, Any]:
    """Return a step as it is written in a list of steps: its key and fields."""
    return {"key": step.key, **step.document}


def _touch(step: Step) -> None:
    """Count an edit of the whole by an edit of one of its steps."""
    version = step.playbook_version
    # Locked first: whoever is publishing it right now has done so before its status is read.
    locked = PlaybookVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    _require_draft(version)
    store(locked)
    version.version = locked.version


def _require_draft(version: PlaybookVersion) -> None:
    status = PlaybookVersion.objects.values_list("status", flat=True).get(pk=version.pk)
    if status != VersionStatus.DRAFT:
        raise VersionNotDraft(
            _("Version %(number)d is %(status)s: it cannot be edited. Begin a new draft.")
            % {"number": version.number, "status": VersionStatus(status).label}
        )


def _copy(step: Step, draft: PlaybookVersion) -> Step:
    return Step(playbook_version=draft, key=step.key, **step.document)


def _replace_steps(version: PlaybookVersion, steps: Sequence[Mapping[str, Any]]) -> None:
    """Make the steps of a draft those that are given; a step is known by its key.

    :raises InvalidInput: for what cannot be taken, each by its path.
    """
    wanted = _read_steps(version, steps)
    known = {step.key: step for step in version.steps.all()}
    version.steps.filter(key__in=known.keys() - wanted.keys()).delete()
    added = [step for key, step in wanted.items() if key not in known]
    changed = [
        _updated(known[key], step)
        for key, step in wanted.items()
        if key in known and known[key].document != step.document
    ]
    Step.objects.bulk_create(added)
    Step.objects.bulk_update(changed, [*STEP_FIELDS, "version"])


def _updated(known: Step, step: Step) -> Step:
    for name, value in step.document.items():
        setattr(known, name, value)
    known.version += 1
    return known


def _read_steps(version: PlaybookVersion, steps: Sequence[Mapping[str, Any]]) -> dict[str, Step]:
    if len(steps) > MOST_STEPS:
        raise InvalidInput(
            {"steps": _("A playbook has %(most)d steps at most.") % {"most": MOST_STEPS}}
        )
    read: dict[str, Step] = {}
    errors: dict[str, object] = {}
    for index, values in enumerate(steps):
        path = f"steps[{index}]"
        try:
            step = _read_step(version, values, position=(index + 1) * POSITION_GAP)
        except ValidationError as error:
            errors |= {f"{path}.{name}": said for name, said in _said(error)}
            continue
        if step.key in read:
            errors[f"{path}.key"] = _("There is a step with this key.")
        read[step.key] = step
    if errors:
        raise InvalidInput(errors)
    return read


def _read_step(version: PlaybookVersion, values: Mapping[str, Any], *, position: int) -> Step:
    given = {"position": position, **values}
    key = given.pop("key", None)
    if not isinstance(key, str):
        raise ValidationError({"key": _("A step needs this.")})
    step = Step(playbook_version=version, key=key, **read_step(given))
    step.full_clean(exclude=["playbook_version"], validate_unique=False, validate_constraints=False)
    _check_anchor(step)
    return step


def _check_anchor(step: Step) -> None:
    """Check what a constraint of the table says, without asking the database for every step.

    :raises ValidationError: if its anchor and the step that it counts from do not go together.
    """
    if (step.anchor == Anchor.STEP_END) != bool(step.anchor_step):
        raise ValidationError(
            {"anchor_step": _("Name the step that this one counts from, and only then.")}
        )


def _said(error: ValidationError) -> Iterable[tuple[str, str]]:
    for name, messages in error.message_dict.items():
        yield name, " ".join(messages)
