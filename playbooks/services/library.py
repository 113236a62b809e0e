"""Starting from the playbooks that ship with the product."""

import datetime as dt
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from playbooks.changes import HEADER, Action, Level
from playbooks.code.document import LocalizationCode, PlaybookCode
from playbooks.library import shipped_playbooks
from playbooks.models import Localization, Playbook, PlaybookVersion
from playbooks.services.bases import base_for
from playbooks.services.code.storing import (
    Places,
    new_localization,
    new_playbook,
    provide_roles,
    roles_of,
)
from regions.models import Market, Region
from tenants.models import Membership
from toolkit.errors import DomainError


class PlaybookExists(DomainError):
    """The organization has a playbook with this key."""


class NotInLibrary(DomainError):
    """Nothing ships under this key."""


@dataclass(frozen=True, slots=True)
class LibraryPlaybook:
    """A shipped playbook as a leader chooses it."""

    key: str
    name: str
    motion: str
    goal: str
    steps: int
    markets: tuple[str, ...]
    """The codes of the markets that it is localized for."""
    is_adopted: bool
    """Whether the organization has a playbook with its key."""


def library_playbooks() -> list[LibraryPlaybook]:
    """Return all shipped playbooks by key, in one query."""
    taken = set(Playbook.objects.values_list("key", flat=True))
    return [
        LibraryPlaybook(
            key=code.key,
            name=code.name,
            motion=code.motion,
            goal=code.goal,
            steps=len(code.steps),
            markets=tuple(
                each.place.code for each in code.localizations if each.place.level is Level.MARKET
            ),
            is_adopted=code.key in taken,
        )
        for code in shipped_playbooks().values()
    ]


@transaction.atomic
def adopt_library_playbook(key: str, *, by: Membership | None, at: dt.datetime) -> PlaybookVersion:
    """Save a shipped playbook as a draft, localized for the places that the organization has.

    The shipped roles that it names come with it.

    :raises NotInLibrary: if nothing ships under this key.
    :raises PlaybookExists: if the organization has a playbook with it.
    """
    code = shipped_playbooks().get(key)
    if code is None:
        raise NotInLibrary(_("No playbook “%(key)s” ships with the product.") % {"key": key})
    if Playbook.objects.filter(key=key).exists():
        raise PlaybookExists(_("You have a playbook “%(key)s” already.") % {"key": key})
    own = replace(code, localizations=())
    provide_roles(role for role, _path in roles_of(own))
    version = new_playbook(code, by=by, library_key=key)
    _localize(version.playbook, code, by=by, at=at)
    return version


@transaction.atomic
def adopt_library_localizations(
    playbook: Playbook, *, by: Membership | None, at: dt.datetime
) -> list[Localization]:
    """Save what ships for places that were adopted after the playbook; return what is new.

    A place that has a localization keeps it as it is. What the playbook no longer has, or has by
    itself meanwhile, is left out.
    """
    code = shipped_playbooks().get(playbook.library_key)
    return _localize(playbook, code, by=by, at=at) if code else []


def _localize(
    playbook: Playbook, code: PlaybookCode, *, by: Membership | None, at: dt.datetime
) -> list[Localization]:
    places = Places()
    has = set(playbook.localizations.values_list("region", "market"))
    added: list[Localization] = []
    for each in sorted(code.localizations, key=lambda each: each.place.order):
        place = places.find(each.place)
        if place is None or _ids(place) in has:
            continue
        fitting = _fitting(playbook, place, each)
        if fitting.changes:
            own = replace(code, steps=(), localizations=(fitting,))
            provide_roles(role for role, _path in roles_of(own))
            added.append(new_localization(playbook, place, fitting, by=by, at=at))
    return added


def _ids(place: Market | Region) -> tuple[object, object]:
    return (place.pk, None) if isinstance(place, Region) else (None, place.pk)


def _fitting(
    playbook: Playbook, place: Market | Region, code: LocalizationCode
) -> LocalizationCode:
    """Return what of a localization concerns the steps of the version that it would rest on."""
    steps = set(base_for(playbook, place).steps.values_list("key", flat=True))
    changes = tuple(
        change
        for change in code.changes
        if change.step == HEADER or (change.step in steps) is (change.action is not Action.ADD)
    )
    return replace(code, changes=changes)
