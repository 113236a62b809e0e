"""The changes of a localization: read strictly, and stored with who made them and when."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from playbooks.changes import HEADER, Action, Change, Level, nested
from playbooks.documents import layer_of
from playbooks.fields import read_field, read_step
from playbooks.models import LocalChange, Localization, Step
from playbooks.models.playbook import EDITED
from playbooks.services.bases import latest_revision
from regions.models import CulturalStatement
from tenants.models import Membership
from toolkit.errors import InvalidInput

MOST_CHANGES = 500

ReadT = TypeVar("ReadT")

_TEXTS = ("action", "step", "field", "reason_kind", "reason", "evidence")


def changes_of(localization: Localization) -> tuple[Change, ...]:
    """Return what is worked on in a localization, in one query."""
    return tuple(row.change for row in localization.changes.all())


def replace_changes(
    localization: Localization,
    changes: Sequence[Mapping[str, Any]],
    *,
    by: Membership | None,
    at: dt.datetime,
) -> None:
    """Make the changes of a localization those that are given.

    :raises InvalidInput: for what cannot be taken, each by its path.
    """
    if len(changes) > MOST_CHANGES:
        raise InvalidInput(
            {"changes": _("A localization has %(most)d changes at most.") % {"most": MOST_CHANGES}}
        )
    reader = _ChangeReader(localization, changes)
    read: dict[tuple[str, str], LocalChange] = {}
    errors_found: dict[str, object] = {}
    for index, values in enumerate(changes):
        path = f"changes[{index}]"
        try:
            row = reader.read(values)
        except ValidationError as error:
            for name, said in error.message_dict.items():
                errors_found[f"{path}.{name}"] = " ".join(said)
            continue
        if (row.step, row.field) in read:
            errors_found[path] = _("This is changed already.")
        read[row.step, row.field] = row
    if errors_found:
        raise InvalidInput(errors_found)
    _write_changes(localization, read.values(), by=by, at=at)


def store_changes(
    localization: Localization,
    changes: Iterable[Change],
    *,
    by: Membership | None,
    at: dt.datetime,
) -> None:
    """Make the changes of a localization those that rebasing made of them."""
    rows = [
        LocalChange(
            localization=localization,
            action=change.action.value,
            step=change.step,
            field=change.field,
            value=change.value,
            reason_kind=change.reason.kind.value,
            reason=change.reason.text,
            evidence=change.reason.evidence,
            statement_id=UUID(change.reason.statement) if change.reason.statement else None,
        )
        for change in changes
    ]
    _write_changes(localization, rows, by=by, at=at)


def _write_changes(
    localization: Localization,
    rows: Iterable[LocalChange],
    *,
    by: Membership | None,
    at: dt.datetime,
) -> None:
    """Store changes; one that is as it was keeps its author and its time."""
    known = {(row.step, row.field): row for row in localization.changes.all()}
    fresh: list[LocalChange] = []
    kept: set[UUID] = set()
    for row in rows:
        before = known.get((row.step, row.field))
        if before and _says_the_same(before, row):
            kept.add(before.pk)
            continue
        row.localization, row.author, row.since = localization, by, at
        fresh.append(row)
    localization.changes.exclude(pk__in=kept).delete()
    LocalChange.objects.bulk_create(fresh)


def _says_the_same(one: LocalChange, other: LocalChange) -> bool:
    names = ("action", "value", "reason_kind", "reason", "evidence", "statement_id")
    return all(getattr(one, name) == getattr(other, name) for name in names)


class _ChangeReader:
    """Reads the changes of one localization, and knows the steps that they may speak of."""

    def __init__(
        self, localization: Localization, changes: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        self._localization = localization
        # Only texts: what else stands there is refused when it is read.
        self._added = {
            values["step"]
            for values in changes
            if values.get("action") == Action.ADD and isinstance(values.get("step"), str)
        }

    @cached_property
    def _steps(self) -> frozenset[str]:
        steps = self._added | set(self._localization.base.steps.values_list("key", flat=True))
        market = self._localization.market
        of_region = latest_revision(self._localization.playbook, market.region) if market else None
        for change in layer_of(Level.REGION, of_region).changes:
            steps.add(change.step)
        steps.update(self._steps_to_come())
        # What is there already stays, though its step be gone: publishing tells.
        return frozenset(steps | {row.step for row in self._localization.changes.all()} - {HEADER})

    def _steps_to_come(self) -> Iterable[str]:
        """Return the steps of the version and of the region's localization that are worked on.

        A place may prepare for them; until they are published, publishing tells of it.
        """
        playbook, market = self._localization.playbook, self._localization.market
        worked_on = Step.objects.filter(
            playbook_version__playbook=playbook, playbook_version__status__in=EDITED
        )
        yield from worked_on.values_list("key", flat=True)
        if market:
            of_region = LocalChange.objects.filter(
                localization__playbook=playbook, localization__region=market.region_id
            )
            yield from of_region.values_list("step", flat=True)

    def read(self, values: Mapping[str, Any]) -> LocalChange:
        """Return a change as a row that is not saved yet.

        :raises ValidationError: by field, for what cannot be taken.
        """
        texts = {name: values.get(name, "") for name in _TEXTS}
        for name, text in texts.items():
            if not isinstance(text, str):
                raise ValidationError({name: _("Give a text.")})
        row = LocalChange(
            localization=self._localization,
            value=values.get("value"),
            statement_id=self._statement(values.get("statement")),
            since=dt.datetime.min.replace(tzinfo=dt.UTC),
            **texts | {"reason": texts["reason"].strip()},
        )
        row.clean_fields(exclude=["localization", "statement"])
        self._check_step(row)
        row.value = self._value(row)
        return row

    def _check_step(self, row: LocalChange) -> None:
        if row.step == HEADER:
            if row.action != Action.SET:
                raise ValidationError({"step": _("Name the step.")})
        elif row.action != Action.ADD and row.step not in self._steps:
            close = get_close_matches(row.step, self._steps, n=1)
            hint = _("Did you mean “%(limit)s”?") % {"limit": close[0]} if close else ""
            said = _("There is no step “%(step)s”.") % {"step": row.step}
            raise ValidationError({"step": f"{said} {hint}".rstrip()})

    def _value(self, row: LocalChange) -> Any:
        match row.action:
            case Action.SET:
                if not row.field:
                    raise ValidationError({"field": _("Name the field that is changed.")})
                return _by_path("value", lambda: read_field(row.step, row.field, row.value))
            case Action.ADD:
                if not isinstance(row.value, dict):
                    raise ValidationError({"value": _("Give the fields of the step.")})
                written = nested(row.value)
                return _by_path("value", lambda: read_step(written))
        if row.field or row.value is not None:
            raise ValidationError({"value": _("A whole step is left out or brought back.")})
        return None

    def _statement(self, given: object) -> UUID | None:
        if not given:
            return None
        pk = str(given.pk if isinstance(given, CulturalStatement) else given)
        if pk not in self._statements:
            raise ValidationError({"statement": _("The market's profile has no such report.")})
        return UUID(pk)

    @cached_property
    def _statements(self) -> frozenset[str]:
        """The reports of the place's profiles, as texts."""
        place = self._localization
        here = Q(market=place.market_id) if place.market_id else Q(market__region=place.region_id)
        known = CulturalStatement.objects.filter(here).values_list("pk", flat=True)
        return frozenset(map(str, known))


def _by_path(path: str, read: Callable[[], ReadT]) -> ReadT:
    """Return what was read; what was refused is named below ``path``."""
    try:
        return read()
    except ValidationError as error:
        raise ValidationError(
            {f"{path}.{name}": said for name, said in error.message_dict.items()}
        ) from error
