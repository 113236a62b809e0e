"""Moving a localization to a newer version, and what is in conflict there."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from playbooks.changes import Level
from playbooks.documents import layer_of
from playbooks.fields import read_field
from playbooks.models import Localization, PlaybookVersion
from playbooks.rebase import Choice, Conflict, Rebased, Settlement, rebase
from playbooks.resolution import Resolved
from playbooks.services.bases import latest_revision, newer_base
from playbooks.services.editions import resolve_version
from playbooks.services.local_changes import changes_of, store_changes
from playbooks.wording import say_conflict
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import store

Settled: TypeAlias = Mapping[tuple[str, str], Settlement]
"""What a person decided, by step and field."""

SettledMarkets: TypeAlias = Mapping[str, Settled]
"""The same by the code of a market."""


class NothingNewer(DomainError):
    """The localization rests on the newest version that it could rest on."""


class RebaseConflicts(DomainError):
    """The new version and localizations changed the same things; a person settles them.

    ``conflicts`` are by place: the code of a market, or of the region itself.
    """

    def __init__(self, conflicts: Mapping[str, Sequence[Conflict]]) -> None:
        self.conflicts = conflicts
        found = [(place, each) for place, several in conflicts.items() for each in several]
        self.extensions = {"conflicts": [conflict_record(place, each) for place, each in found]}
        super().__init__(" ".join(f"{place}: {say_conflict(each)}" for place, each in found))


def conflict_record(place: str, conflict: Conflict) -> dict[str, object]:
    """Return a conflict as answers carry it."""
    return {
        "place": place,
        "kind": conflict.kind.value,
        "step": conflict.step,
        "field": conflict.field,
        "before": conflict.before,
        "after": conflict.after,
        "local": conflict.local,
        "detail": say_conflict(conflict),
    }


@transaction.atomic
def rebase_localization(
    localization: Localization,
    *,
    by: Membership,
    at: dt.datetime,
    settled: Settled | None = None,
) -> Localization:
    """Move a localization to the newest version that it can rest on. It is published separately.

    Untouched fields follow, changed ones stay, and what is in conflict is settled by ``settled``.

    :raises NothingNewer: if it rests on that version already.
    :raises RebaseConflicts: if something is in conflict and not settled; then nothing changes.
    :raises InvalidInput: if a settlement's value cannot be taken.
    """
    onto = newer_base(localization)
    if onto is None:
        raise NothingNewer(
            _("This localization rests on version %(number)d, the newest that it can rest on.")
            % {"number": localization.base.number}
        )
    rebased = rebase_onto(
        localization, onto, settled=checked_settlements(settled or {}, by=by, at=at)
    )
    if rebased.conflicts:
        raise RebaseConflicts({localization.place.code: rebased.conflicts})
    localization.base = onto
    store(localization)
    store_changes(localization, rebased.changes, by=by, at=at)
    return localization


def rebase_onto(
    localization: Localization,
    onto: PlaybookVersion,
    *,
    settled: Settled | None = None,
) -> Rebased:
    """Return what becomes of the changes of a localization on another version.

    A market's rest on what its region published on either version.
    """
    return rebase(
        changes_of(localization),
        before=_resolved_base(localization, localization.base),
        after=_resolved_base(localization, onto),
        settled=settled,
    )


def _resolved_base(localization: Localization, version: PlaybookVersion) -> Resolved:
    """Return a version as a localization finds it before its own changes."""
    market = localization.market
    if market is None:
        return resolve_version(version)
    of_region = latest_revision(localization.playbook, market.region, base=version)
    return resolve_version(version, layer_of(Level.REGION, of_region))


def checked_settlements(settled: Settled, *, by: Membership | None, at: dt.datetime) -> Settled:
    """Return settlements with the values that people gave, checked and signed.

    :raises InvalidInput: if one cannot be taken.
    """
    checked = dict(settled)
    for (step, field), settlement in settled.items():
        if settlement.choice is not Choice.VALUE:
            continue
        try:
            value = read_field(step, field, settlement.value)
        except ValidationError as error:
            said = {f"{step}.{name}": " ".join(each) for name, each in error.message_dict.items()}
            raise InvalidInput(said) from error
        checked[step, field] = Settlement(
            Choice.VALUE,
            value,
            author=str(by.pk) if by else "",
            since=at.astimezone(dt.UTC).isoformat(),
        )
    return checked
