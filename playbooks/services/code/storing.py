"""What files and the library write alike: a playbook, its localizations, and the roles it names."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import cached_property

from playbooks.changes import Action, Change, Level
from playbooks.code.document import LocalizationCode, Place, PlaybookCode
from playbooks.models import LocalChange, Localization, Playbook, PlaybookVersion
from playbooks.services.drafts import create_playbook
from playbooks.services.localizations import open_localization
from regions.models import Market, Region
from talent.models import Role
from talent.services import save_role
from talent.starting import starting_roles
from tenants.models import Membership


class Places:
    """The regions and markets of the organization by code, in two queries."""

    @cached_property
    def _known(self) -> Mapping[Place, Market | Region]:
        regions = {Place(Level.REGION, row.code): row for row in Region.objects.all()}
        markets = Market.objects.select_related("region")
        return regions | {Place(Level.MARKET, row.code): row for row in markets}

    def find(self, place: Place) -> Market | Region | None:
        """Return the row of a place, if the organization has it."""
        return self._known.get(place)

    def codes(self, level: Level) -> list[str]:
        """Return the codes of all regions, or of all markets."""
        return sorted(place.code for place in self._known if place.level is level)


def new_playbook(
    code: PlaybookCode, *, by: Membership | None, library_key: str = ""
) -> PlaybookVersion:
    """Save a playbook that is not there yet, as a draft without localizations.

    :raises InvalidInput: for steps that cannot be taken, each by its path.
    """
    return create_playbook(
        Playbook(key=code.key, library_key=library_key, **code.own),
        PlaybookVersion(**code.header, change_note=code.change_note),
        by=by,
        steps=step_values(code),
    )


def new_localization(
    playbook: Playbook,
    place: Market | Region,
    code: LocalizationCode,
    *,
    by: Membership | None,
    at: dt.datetime,
) -> Localization:
    """Save a localization that is not there yet.

    :raises InvalidInput: for changes that cannot be taken, each by its path.
    """
    localization = Localization(playbook=playbook, note=code.note, **place_fields(place))
    changes = [change_values(each) for each in code.changes]
    return open_localization(localization, by=by, at=at, changes=changes)


def place_fields(place: Market | Region | None) -> dict[str, Any]:
    """Return a place as the fields of a row."""
    return {
        "region": place if isinstance(place, Region) else None,
        "market": place if isinstance(place, Market) else None,
    }


def step_values(code: PlaybookCode) -> list[dict[str, Any]]:
    """Return the steps of a playbook as services take them."""
    return [{"key": step.key, **step.fields} for step in code.steps]


def change_values(change: Change, known: LocalChange | None = None) -> dict[str, Any]:
    """Return a change as services take it.

    Files name no report of a market's profile: a change that is ``known`` and says the same keeps
    its own.
    """
    same = known is not None and says_the_same(known.change, change)
    return {
        "action": change.action.value,
        "step": change.step,
        "field": change.field,
        "value": change.value,
        "reason_kind": change.reason.kind.value,
        "reason": change.reason.text,
        "evidence": change.reason.evidence,
        "statement": known.statement_id if known and same else None,
    }


def says_the_same(one: Change, other: Change) -> bool:
    """Return whether two changes differ in nothing that a file says."""
    return _said(one) == _said(other)


def _said(change: Change) -> tuple[object, ...]:
    reason = change.reason
    return (
        *(change.action, change.step, change.field, change.value),
        *(reason.kind, reason.text, reason.evidence),
    )


def roles_of(code: PlaybookCode) -> Iterable[tuple[str, str]]:
    """Return the codes of the roles that a playbook names, each with the path where it stands."""
    for index, step in enumerate(code.steps):
        yield step.fields["owner_role"], f"steps[{index}].owner_role"
    for number, localization in enumerate(code.localizations):
        for index, change in enumerate(localization.changes):
            path = f"localizations[{number}].rows[{index}].value"
            if change.action is Action.ADD:
                yield change.value["owner_role"], f"{path}.owner_role"
            elif change.field == "owner_role":
                yield change.value or "", path


def provide_roles(codes: Iterable[str]) -> list[Role]:
    """Save the shipped roles among those that the organization does not have."""
    wanted = set(codes) - known_roles()
    return [save_role(role) for role in starting_roles() if role.code in wanted]


def known_roles() -> set[str]:
    """Return the codes of all roles, archived ones included."""
    return set(Role.objects.values_list("code", flat=True))
