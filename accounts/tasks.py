"""Celery entry points: ids in, one service call."""

import datetime as dt
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.imports import leases, services
from accounts.imports.leases import ImportLease
from accounts.models import AccountImport
from tenants.celery import OrganizationTask

MOST_IMPORTS_A_SWEEP = 100
FILES_ARE_KEPT = dt.timedelta(days=30)


def wake_on_commit(account_import: AccountImport) -> None:
    """Let a worker take an import that waits for one, once the caller's transaction is through.

    If nobody hears this, the next sweep finds it.
    """
    if account_import.is_running:
        transaction.on_commit(sweep_imports.delay, robust=True)


@shared_task
def sweep_imports(**_: object) -> None:
    """Lease what waits, and what a killed worker left, and send each to a worker."""
    for lease in leases.lease_waiting_imports(
        seconds=settings.IMPORT_LEASE_SECONDS, most=MOST_IMPORTS_A_SWEEP
    ):
        work_on_import.delay(
            organization_id=str(lease.organization_id),
            import_id=str(lease.import_id),
            token=lease.token,
        )


@shared_task(base=OrganizationTask, one_transaction=False)
def work_on_import(*, organization_id: str, import_id: str, token: int, **_: object) -> None:
    """Check or write one leased import; safe to run twice, and by two workers at once."""
    leases.work_on(ImportLease(UUID(organization_id), UUID(import_id), token), at=timezone.now())


@shared_task
def forget_old_imports(**_: object) -> None:
    """Remove the files of imports that are long over, organization by organization."""
    before = timezone.now() - FILES_ARE_KEPT
    for organization_id in leases.organizations_with_old_imports(before=before):
        forget_files.delay(organization_id=str(organization_id), before=before.isoformat())


@shared_task(base=OrganizationTask)
def forget_files(*, before: str, **_: object) -> None:
    """Remove the old files of one organization."""
    services.forget_files(before=dt.datetime.fromisoformat(before))
