"""The organization in force: set in one place, read by managers and by row security."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper


class NoOrganization(RuntimeError):
    """A tenant-owned row was touched with no organization in force."""


@dataclass(frozen=True, slots=True)
class Acting:
    """For which organization, by which member, through which door."""

    organization_id: UUID
    membership_id: UUID | None
    door: str


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting() -> Acting:
    """Return who is acting for which organization.

    :raises NoOrganization: outside ``acting_for``.
    """
    current = _acting.get()
    if current is None:
        raise NoOrganization("No organization is in force: wrap this in acting_for().")
    return current


def current_organization() -> UUID:
    """Return the id of the organization in force.

    :raises NoOrganization: outside ``acting_for``.
    """
    return acting().organization_id


@contextmanager
def acting_for(
    organization_id: UUID, *, membership_id: UUID | None = None, door: str
) -> Iterator[None]:
    """Open a transaction in which everything belongs to one organization.

    ``door`` names the way in (page, api, admin, worker, command) for the audit trail. The
    previous organization, if any, is in force again afterwards.
    """
    inner = Acting(organization_id, membership_id, door)
    outer = _acting.get()
    token = _acting.set(inner)
    try:
        with (
            structlog.contextvars.bound_contextvars(organization=str(organization_id)),
            transaction.atomic(),
        ):
            _tell_database(inner)
            yield
            # SET LOCAL outlives a released savepoint; a rollback restores it by itself.
            if connection.savepoint_ids and not connection.needs_rollback:
                _tell_database(outer)
    finally:
        _acting.reset(token)


@contextmanager
def tenant_cursor() -> Iterator[CursorWrapper]:
    """Give a cursor for raw SQL, bound by row security to the organization in force.

    :raises NoOrganization: outside ``acting_for``, which also holds the transaction.
    """
    acting()
    if not connection.in_atomic_block:
        raise NoOrganization("Raw SQL on tenant data needs the transaction of acting_for().")
    with connection.cursor() as cursor:
        yield cursor


@contextmanager
def audit_covered_by(record_id: UUID) -> Iterator[None]:
    """Write rows that carry ``record_id``, whose own audit entry covers theirs."""
    with tenant_cursor() as cursor:
        cursor.execute("SELECT set_config('app.audit_cover', %s, true)", [str(record_id)])
        yield
        cursor.execute("SELECT set_config('app.audit_cover', '', true)")


def _tell_database(who: Acting | None) -> None:
    """Set for this transaction what policies and audit triggers read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.organization', %s, true),"
            " set_config('app.actor', %s, true), set_config('app.door', %s, true),"
            " set_config('app.request', %s, true)",
            [
                str(who.organization_id) if who else "",
                str(who.membership_id or "") if who else "",
                who.door if who else "",
                str(structlog.contextvars.get_contextvars().get("request_id", "")),
            ],
        )
