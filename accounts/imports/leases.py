"""Large imports in the background: leased, so that one of a killed worker is taken again."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.choices import RUNNING, ImportStatus
from accounts.imports.services import carry_on
from accounts.models import AccountImport
from tenants.context import acting_for
from toolkit.errors import DomainError

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class ImportLease:
    """The right to work on one import until the lease runs out."""

    organization_id: UUID
    import_id: UUID
    token: int


def lease_waiting_imports(*, seconds: int, most: int) -> list[ImportLease]:
    """Take what waits, of every organization, and what a killed worker left; oldest first.

    By the database's clock; two workers never get the same import.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM lease_waiting_imports(%s, %s)", [seconds, most])
        return [ImportLease(*row) for row in cursor.fetchall()]


def organizations_with_old_imports(*, before: dt.datetime) -> list[UUID]:
    """Return the organizations that keep files from before an instant."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM organizations_with_old_imports(%s)", [before])
        return [organization_id for (organization_id,) in cursor.fetchall()]


def work_on(lease: ImportLease, *, at: dt.datetime) -> None:
    """Check or write a leased import in one transaction; call this outside of one.

    While it runs it holds the import's row, so that nobody else leases it; when it is killed the
    database rolls back, and the lease runs out. What cannot be done is kept for people to read.
    """
    try:
        with acting_for(lease.organization_id, door="worker"):
            # Kept whatever happens next: what kills its worker is not tried for ever.
            if not _held(lease).update(attempts=F("attempts") + 1):
                return
            asked_by = _held(lease).values_list("asked_by_id", flat=True).get()
        with acting_for(lease.organization_id, membership_id=asked_by, door="worker"):
            _carry_on(lease, at)
    except (OperationalError, InterfaceError):
        # Only the connection failed, or two transactions stood in each other's way.
        log.exception("an import was interrupted", account_import=str(lease.import_id))
    except IntegrityError:
        # Somebody else made in between what this was about to make: judge the rows again.
        log.exception("an import was overtaken", account_import=str(lease.import_id))
        _give_back(lease)
    except DomainError as error:
        _fail(lease, str(error), at)
    except Exception:
        log.exception("an import failed", account_import=str(lease.import_id))
        _fail(lease, _("This was not expected. It is in the log under the import's id."), at)


def _carry_on(lease: ImportLease, at: dt.datetime) -> None:
    held = _held(lease).select_for_update(of=("self",)).select_related("asked_by").first()
    if held is None:
        return
    assert held.asked_by is not None
    with translation.override(held.language or None):
        if held.attempts > MOST_ATTEMPTS:
            held.status = ImportStatus.FAILED
            held.failure = _("It was tried several times and never came to an end.")
            held.leased_until = None
            held.save(force_update=True)
            return
        carry_on(held, by=held.asked_by, at=at)


def _held(lease: ImportLease) -> QuerySet[AccountImport]:
    return AccountImport.objects.filter(
        pk=lease.import_id, lease_token=lease.token, status__in=RUNNING
    )


def _give_back(lease: ImportLease) -> None:
    with acting_for(lease.organization_id, door="worker"):
        _held(lease).update(leased_until=None)


def _fail(lease: ImportLease, reason: str, at: dt.datetime) -> None:
    with acting_for(lease.organization_id, door="worker"):
        _held(lease).update(
            status=ImportStatus.FAILED, failure=reason, leased_until=None, finished_at=at
        )
