"""Large files: by a worker, under a lease, all or nothing."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts import imports, tasks
from accounts.choices import ImportStatus
from accounts.imports import leases
from accounts.imports.leases import ImportLease, lease_waiting_imports, work_on
from accounts.imports.services import forget_files
from accounts.models import Account, AccountImport, ImportProblem
from regions.models import Market
from tenants.context import acting_for
from tenants.models import AuditEntry, Membership
from tests import factories
from tests.conftest import Cast, make_cast
from tests.integration.imports.files import NOW, lines, run, uploaded

HEADER = "Account ID,Name,Country,ARR"
ROWS = 2001


def a_file(rows: int = ROWS, *, bad_row: int | None = None) -> bytes:
    """Return a file that is for a worker; rows are counted as a spreadsheet does."""
    return lines(
        *(
            f"{number},Customer {number},France,{'x' if number == bad_row else number}"
            for number in range(2, rows + 2)
        ),
        header=HEADER,
    )


def leased(seconds: int = 60) -> ImportLease:
    """Lease the one import that waits."""
    (lease,) = lease_waiting_imports(seconds=seconds, most=10)
    return lease


def asked(cast: Cast, content: bytes, **options: Any) -> AccountImport:
    """Upload a large file, and ask for its check."""
    with cast.acting(cast.leader):
        made = uploaded(cast, content, **options)
        return imports.check(made, by=cast.leader, at=NOW)


def checked(cast: Cast, content: bytes, **options: Any) -> AccountImport:
    """Upload a large file, have it checked by a worker, and ask for its import."""
    made = asked(cast, content, **options)
    work_on(leased(), at=NOW)
    with cast.acting(cast.leader):
        return imports.apply(fresh(made), by=cast.leader, at=NOW)


def fresh(made: AccountImport) -> AccountImport:
    """Return an import as it is now."""
    return AccountImport.objects.get(pk=made.pk)


class TestALargeFile:
    def test_is_handed_to_a_worker(self, cast: Cast) -> None:
        made = asked(cast, a_file())
        assert made.status == ImportStatus.CHECKING
        work_on(leased(), at=NOW)
        with cast.acting():
            made = fresh(made)
        assert (made.status, made.new_rows) == (ImportStatus.CHECKED, ROWS)

    def test_is_written_by_a_worker_in_the_name_of_who_asked(self, cast: Cast) -> None:
        made = checked(cast, a_file())
        assert made.status == ImportStatus.IMPORTING
        work_on(leased(), at=NOW)
        with cast.acting():
            assert fresh(made).status == ImportStatus.DONE
            assert Account.objects.count() == ROWS
            entry = AuditEntry.objects.filter(table="accounts_account")[0]
        assert (entry.actor_id, entry.door) == (cast.leader.pk, "worker")

    def test_with_a_bad_row_near_its_end_leaves_nothing(self, cast: Cast) -> None:
        made = asked(cast, a_file(bad_row=ROWS))
        work_on(leased(), at=NOW)
        with cast.acting(cast.leader):
            made = fresh(made)
            assert (made.bad_rows, made.new_rows) == (1, ROWS - 1)
            with pytest.raises(imports.ImportNotClean):
                imports.apply(made, by=cast.leader, at=NOW)
            assert not Account.objects.exists()
            assert not Market.objects.exists()

    def test_that_turned_bad_leaves_nothing(self, cast: Cast) -> None:
        made = checked(cast, a_file())
        with cast.acting():
            factories.account(name="Customer 7")
            factories.account(name="Customer 7")
        work_on(leased(), at=NOW)
        with cast.acting():
            made = fresh(made)
            assert (made.status, made.bad_rows) == (ImportStatus.CHECKED, 1)
            assert Account.objects.count() == 2

    def test_tells_problems_in_the_language_of_who_asked(self, cast: Cast) -> None:
        from django.utils import translation

        with translation.override("de"):
            made = asked(cast, a_file(bad_row=2))
        assert made.language == "de"


class TestALease:
    def test_is_taken_once(self, cast: Cast) -> None:
        asked(cast, a_file())
        assert len(lease_waiting_imports(seconds=60, most=10)) == 1
        assert lease_waiting_imports(seconds=60, most=10) == []

    def test_that_ran_out_is_taken_again_and_fences_off_the_first(self, cast: Cast) -> None:
        made = asked(cast, a_file())
        first = leased(seconds=-1)
        second = leased()
        assert second.token == first.token + 1
        work_on(first, at=NOW)
        with cast.acting():
            assert fresh(made).status == ImportStatus.CHECKING
        work_on(second, at=NOW)
        with cast.acting():
            assert fresh(made).status == ImportStatus.CHECKED

    def test_that_ran_out_in_a_queue_is_no_attempt(self, cast: Cast) -> None:
        made = asked(cast, a_file())
        for _wait in range(leases.MOST_ATTEMPTS):
            leased(seconds=-1)
        work_on(leased(), at=NOW)
        with cast.acting():
            assert fresh(made).status == ImportStatus.CHECKED

    def test_of_what_never_ends_is_given_up(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = asked(cast, a_file())

        def lose_the_connection(*_: Any, **__: Any) -> None:
            raise OperationalError

        with monkeypatch.context() as broken:
            broken.setattr(leases, "carry_on", lose_the_connection)
            for _attempt in range(leases.MOST_ATTEMPTS):
                work_on(leased(seconds=-1), at=NOW)
        with cast.acting():
            assert fresh(made).status == ImportStatus.CHECKING
        work_on(leased(), at=NOW)
        with cast.acting():
            made = fresh(made)
        assert made.status == ImportStatus.FAILED
        assert "never came to an end" in made.failure

    def test_is_not_taken_of_what_is_over(self, cast: Cast) -> None:
        made = asked(cast, a_file())
        with cast.acting():
            imports.cancel(made)
        assert lease_waiting_imports(seconds=60, most=10) == []

    def test_reaches_every_organization(self, cast: Cast, outsiders: Cast) -> None:
        for each in (cast, outsiders):
            asked(each, a_file())
        found = {lease.organization_id for lease in lease_waiting_imports(seconds=60, most=10)}
        assert found == {cast.organization.pk, outsiders.organization.pk}


class TestWhatGoesWrong:
    def test_is_told_where_the_service_refuses(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = asked(cast, a_file())

        def refuse(*_: Any, **__: Any) -> None:
            raise imports.ImportOver("No.")

        monkeypatch.setattr(leases, "carry_on", refuse)
        work_on(leased(), at=NOW)
        with cast.acting():
            made = fresh(made)
        assert (made.status, made.failure) == (ImportStatus.FAILED, "No.")

    def test_is_not_told_in_detail_where_nobody_expected_it(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = asked(cast, a_file())

        def break_down(*_: Any, **__: Any) -> None:
            raise RuntimeError("secret")

        monkeypatch.setattr(leases, "carry_on", break_down)
        work_on(leased(), at=NOW)
        with cast.acting():
            made = fresh(made)
        assert made.status == ImportStatus.FAILED
        assert "secret" not in made.failure


class TestOldFiles:
    def test_are_removed_and_who_imported_what_stays(self, cast: Cast, outsiders: Cast) -> None:
        for each in (cast, outsiders):
            with each.acting():
                run(each, lines("Acme,France,,x,"))
                AccountImport.objects.update(created_at=NOW - dt.timedelta(days=40))
        with cast.acting():
            recent = uploaded(cast, lines("Acme,France,,5,"))
            AccountImport.objects.filter(pk=recent.pk).update(created_at=timezone.now())
        before = timezone.now() - tasks.FILES_ARE_KEPT
        found = leases.organizations_with_old_imports(before=before)
        assert set(found) == {cast.organization.pk, outsiders.organization.pk}
        with cast.acting():
            assert forget_files(before=before) == 1
            assert not ImportProblem.objects.exists()
            kept = dict(AccountImport.objects.values_list("pk", "content"))
            assert kept.pop(recent.pk)
            assert list(kept.values()) == [None]
            old = AccountImport.objects.get(content=None)
            assert (old.name, old.bad_rows) == ("accounts.csv", 1)
            with pytest.raises(imports.ImportOver):
                imports.check(old, by=cast.leader, at=NOW)
        with outsiders.acting():
            assert ImportProblem.objects.exists()


WORKER = """
import os, sys, time
import django
django.setup()
from django.db import OperationalError, connection
from django.utils import timezone
from accounts.imports import writing
from accounts.imports.leases import ImportLease, work_on
from uuid import UUID

connection.settings_dict["NAME"] = sys.argv[1]
real = writing._chunks

def slow(rows):
    for number, chunk in enumerate(real(rows)):
        if number == 1:
            print("half", flush=True)
            time.sleep(60)
        yield chunk

writing.CHUNK = 1000
writing._chunks = slow
work_on(ImportLease(UUID(sys.argv[2]), UUID(sys.argv[3]), int(sys.argv[4])), at=timezone.now())
"""


@pytest.fixture
def company(transactional_db: None) -> Cast:
    """A company whose rows other connections see."""
    return make_cast("Alder")


class TestAWorker:
    @pytest.mark.chaos
    def test_that_is_killed_half_way_leaves_nothing_and_the_next_one_finishes(
        self, company: Cast
    ) -> None:
        made = checked(company, a_file())
        lease = leased(seconds=1)
        worker = subprocess.Popen(
            [
                sys.executable,
                "-c",
                WORKER,
                connection.settings_dict["NAME"],
                str(lease.organization_id),
                str(lease.import_id),
                str(lease.token),
            ],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "cs_platform.settings.test"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "half\n"
            time.sleep(1.2)
            # Its lease ran out, but it holds the row: nobody else gets at it.
            assert lease_waiting_imports(seconds=60, most=10) == []
            with company.acting(), pytest.raises(imports.ImportBusy):
                imports.cancel(fresh(made))
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            if worker.stdout:
                worker.stdout.close()
        with company.acting():
            assert not Account.objects.exists()
            assert not Market.objects.exists()
            assert fresh(made).status == ImportStatus.IMPORTING
        again = _leased_soon()
        assert again.token == lease.token + 1
        work_on(again, at=timezone.now())
        with company.acting():
            assert fresh(made).status == ImportStatus.DONE
            assert Account.objects.count() == ROWS


def _leased_soon() -> ImportLease:
    """Lease the import of a killed worker, once the database has noticed."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := lease_waiting_imports(seconds=60, most=10):
            return found[0]
        time.sleep(0.1)
    raise AssertionError("nobody can take the import")


def test_a_worker_acts_for_the_organization_of_its_lease(cast: Cast, outsiders: Cast) -> None:
    made = checked(cast, a_file())
    work_on(leased(), at=NOW)
    with outsiders.acting():
        assert not Account.objects.exists()
        assert not Membership.objects.filter(user=None).exists()
    with acting_for(cast.organization.pk, door="test"):
        assert fresh(made).status == ImportStatus.DONE
