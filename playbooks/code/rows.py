"""From rows to what a file says of them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Prefetch

from playbooks.changes import HEADER, Action, Change, Level
from playbooks.code.document import LocalizationCode, Place, PlaybookCode, RuleCode, StepCode
from playbooks.code.schema import CADENCE, CONTACT_BUDGET
from playbooks.code.values import Record
from playbooks.models import (
    Cadence,
    ContactBudget,
    LocalChange,
    Localization,
    Playbook,
    PlaybookVersion,
)


def newest_versions(playbooks: Iterable[Playbook]) -> list[PlaybookVersion]:
    """Return the newest version of each playbook, whatever its status, in three queries.

    Steps and localizations are loaded with it.
    """
    localizations = Localization.objects.select_related("market", "region")
    localizations = localizations.prefetch_related("changes")
    return list(
        PlaybookVersion.objects.filter(playbook__in=[each.pk for each in playbooks])
        .select_related("playbook")
        .prefetch_related("steps", Prefetch("playbook__localizations", localizations))
        .order_by("playbook_id", "-number")
        .distinct("playbook_id")
    )


def playbook_code(version: PlaybookVersion) -> PlaybookCode:
    """Return a version as a file has it, with the localizations that are worked on."""
    playbook = version.playbook
    return PlaybookCode(
        key=playbook.key,
        name=version.name,
        motion=playbook.motion,
        goal=version.goal,
        tiers=tuple(version.tiers),
        stages=tuple(version.stages),
        complexities=tuple(version.complexities),
        allows_several=playbook.allows_several,
        on_market_move=playbook.on_market_move,
        change_note=version.change_note,
        steps=tuple(StepCode(step.key, step.document) for step in version.steps.all()),
        localizations=tuple(map(localization_code, playbook.localizations.all())),
    )


def localization_code(localization: Localization) -> LocalizationCode:
    """Return a localization as a file has it."""
    return LocalizationCode(
        place=place_code(localization),
        note=localization.note,
        changes=tuple(change_code(row) for row in localization.changes.all()),
    )


def change_code(row: LocalChange) -> Change:
    """Return a change without what a file does not say: its author, its time, and the id of a
    report in the profile, which is another one in every organization.
    """
    change = row.change
    return replace(change, reason=replace(change.reason, statement=""), author="", since="")


def cadence_code(cadence: Cadence) -> RuleCode:
    """Return a cadence as a file has it."""
    return _rule(cadence, CADENCE)


def budget_code(budget: ContactBudget) -> RuleCode:
    """Return a contact budget as a file has it."""
    return _rule(budget, CONTACT_BUDGET)


def place_code(row: Localization | Cadence | ContactBudget) -> Place:
    """Return the place of a row that has one."""
    if row.region:
        return Place(Level.REGION, row.region.code)
    assert row.market is not None
    return Place(Level.MARKET, row.market.code)


def _rule(row: Cadence | ContactBudget, record: Record) -> RuleCode:
    names = [key.name for key in record.keys if key.name not in (Level.REGION, Level.MARKET)]
    fields: dict[str, Any] = {name: getattr(row, name) for name in names}
    return RuleCode(place_code(row) if row.region or row.market else None, fields)


def exportable(code: LocalizationCode, steps: Iterable[str]) -> LocalizationCode:
    """Return what of a localization speaks of steps that are there, or are added by a place."""
    known = {HEADER, *steps}
    changes = tuple(
        each for each in code.changes if each.step in known or each.action is Action.ADD
    )
    return replace(code, changes=changes)
