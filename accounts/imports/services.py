"""Every write on imports: a file comes in, is looked at, checked whole, and written whole."""

import datetime as dt
import zlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.choices import RUNNING, ImportStatus
from accounts.imports.columns import Field
from accounts.imports.markets import MarketFinder
from accounts.imports.options import ImportOptions
from accounts.imports.plan import Plan, Planner, defaults_of, owners_by_address
from accounts.imports.progress import Step, tell
from accounts.imports.proposal import Proposal, floors_of, mapping_of, propose_for, survey_of
from accounts.imports.rows import Problem, RowReader
from accounts.imports.writing import write
from accounts.models import AccountImport, ImportProblem
from regions.access import markets_of_work
from tenants.context import audit_covered_by, current_organization
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import store
from toolkit.tables import Table, UnreadableTable, read_table, recognize

MOST_ROWS_AT_ONCE = 2000
"""What a request does itself; more is for a worker."""
PROBLEMS_AT_ONCE = 5000
LONGEST_NAME = 255


class ImportBusy(DomainError):
    """A worker has the import."""


class ImportNotChecked(DomainError):
    """What was not checked cannot be imported."""


class ImportNotClean(DomainError):
    """There are bad rows, and nobody chose to import the good ones only."""


class ImportOver(DomainError):
    """The import is done, cancelled, or its file is gone."""


@transaction.atomic
def upload(
    *, content: bytes, name: str, by: Membership, options: ImportOptions | None = None
) -> AccountImport:
    """Take a file in. What it holds is looked at when somebody asks.

    :raises UnreadableTable: if it is no table, empty, or too large.
    """
    recognize(content)
    return store(
        AccountImport(
            name=_file_name(name),
            size=len(content),
            content=zlib.compress(content, level=1),
            options=(options or ImportOptions()).as_json(),
            created_by=by,
        )
    )


def propose(account_import: AccountImport) -> Proposal:
    """Return what the file seems to hold and would become, by the options so far.

    :raises ImportOver: if the file is gone.
    """
    options = options_of(account_import)
    try:
        return propose_for(_table(account_import, options), options)
    except UnreadableTable as error:
        return Proposal(trouble=error)


@transaction.atomic
def configure(account_import: AccountImport, *, options: ImportOptions) -> AccountImport:
    """Say how the file is to be read and what its values mean; it is to be checked then.

    :raises ImportBusy: if a worker has it.
    :raises ImportOver: if there is nothing left to decide.
    """
    locked = _locked(account_import, version=account_import.version)
    locked.options = options.as_json()
    _forget_check(locked)
    return store(locked)


@transaction.atomic
def take_good_rows(account_import: AccountImport) -> AccountImport:
    """Let the good rows be enough; the check still holds.

    :raises ImportBusy: if a worker has it.
    :raises ImportOver: if there is nothing left to decide.
    """
    locked = _locked(account_import)
    locked.options = replace(options_of(locked), good_rows_only=True).as_json()
    return store(locked)


@transaction.atomic
def check(account_import: AccountImport, *, by: Membership, at: dt.datetime) -> AccountImport:
    """Check the whole file, at once or, when it is large, by a worker.

    ``at`` carries the zone of whoever asks: new accounts are customers since its day.

    :raises UnreadableTable: if something has to be told before the file can be read.
    :raises InvalidInput: if no column tells the accounts apart.
    :raises ImportBusy: if a worker has it.
    :raises ImportOver: if it is done or its file is gone.
    """
    locked = _locked(account_import)
    table = _table(locked, options_of(locked))
    _forget_check(locked)
    _ask(locked, by, at)
    if _is_large(table):
        return _hand_over(locked, ImportStatus.CHECKING)
    _note_check(locked, _plan(locked, by, lock=False), at)
    return store(locked)


@transaction.atomic
def apply(account_import: AccountImport, *, by: Membership, at: dt.datetime) -> AccountImport:
    """Write what was checked, whole or not at all, at once or, when it is large, by a worker.

    The rows are judged again by the accounts as they are now. If that makes rows bad that were
    not, and the good ones are not enough, it goes back to being checked.

    :raises ImportNotChecked: if it was not checked since it was configured.
    :raises ImportNotClean: if it has bad rows and the good ones are not enough.
    :raises ImportBusy: if a worker has it.
    :raises ImportOver: if it is done or its file is gone.
    """
    locked = _locked(account_import)
    if locked.status != ImportStatus.CHECKED:
        raise ImportNotChecked(_("Check the file before you import it."))
    if not locked.can_be_applied:
        raise ImportNotClean(
            _("There are bad rows. Mend them, or choose to import the good rows only.")
        )
    _ask(locked, by, at)
    if (locked.rows or 0) > MOST_ROWS_AT_ONCE:
        return _hand_over(locked, ImportStatus.IMPORTING)
    _apply(locked, by, at)
    return store(locked)


@transaction.atomic
def run_now(
    account_import: AccountImport, *, by: Membership, at: dt.datetime, only_check: bool = False
) -> AccountImport:
    """Check a file and write it if nothing speaks against it, here and now however large it is.

    :raises UnreadableTable: if something has to be told before the file can be read.
    :raises InvalidInput: if no column tells the accounts apart.
    """
    locked = _locked(account_import)
    _ask(locked, by, at)
    if only_check:
        _note_check(locked, _plan(locked, by, lock=False), at)
    else:
        _apply(locked, by, at)
    return store(locked)


@transaction.atomic
def cancel(account_import: AccountImport) -> AccountImport:
    """Give an import up before anything is written.

    :raises ImportBusy: if it is being written right now.
    :raises ImportOver: if it is done.
    """
    locked = _locked(account_import, even_if_running=True)
    locked.status = ImportStatus.CANCELLED
    locked.leased_until = None
    return store(locked)


def carry_on(account_import: AccountImport, *, by: Membership, at: dt.datetime) -> None:
    """Do what a worker was asked to do with an import; the caller holds its row."""
    if account_import.status == ImportStatus.CHECKING:
        _note_check(account_import, _plan(account_import, by, lock=False), at)
    else:
        _apply(account_import, by, at)
    account_import.leased_until = None
    store(account_import)


def options_of(account_import: AccountImport) -> ImportOptions:
    """Return the options of an import."""
    return ImportOptions.from_json(account_import.options)


@transaction.atomic
def forget_files(*, before: dt.datetime) -> int:
    """Remove files and problems of imports older than ``before``; return of how many.

    Who imported what, when, and how many rows that were stays.
    """
    old = AccountImport.objects.filter(created_at__lt=before, content__isnull=False).exclude(
        status__in=RUNNING
    )
    found = list(old.defer("content").select_for_update(of=("self",), skip_locked=True))
    for account_import in found:
        _remove_problems(account_import)
        AccountImport.objects.filter(pk=account_import.pk).update(content=None)
    return len(found)


def _file_name(name: str) -> str:
    """Return the last part of a name, without what cannot be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[:LONGEST_NAME] or "accounts"


def _locked(
    account_import: AccountImport, *, version: int | None = None, even_if_running: bool = False
) -> AccountImport:
    rows = AccountImport.objects.select_for_update(of=("self",), skip_locked=True)
    locked = rows.filter(pk=account_import.pk).first()
    # A worker that is at it holds the row; one that was killed does not.
    if locked is None or (locked.is_running and not even_if_running):
        raise ImportBusy(_("This import is being worked on."))
    if version is not None:
        locked.version = version
    if locked.status in (ImportStatus.DONE, ImportStatus.CANCELLED) or locked.content is None:
        raise ImportOver(_("This import is over: upload the file again."))
    return locked


def _table(account_import: AccountImport, options: ImportOptions) -> Table:
    if account_import.content is None:
        raise ImportOver(_("The file was removed: upload it again."))
    return read_table(zlib.decompress(account_import.content), **options.reading)


def _is_large(table: Table) -> bool:
    return len(list(islice(table.rows(), MOST_ROWS_AT_ONCE + 1))) > MOST_ROWS_AT_ONCE


def _ask(account_import: AccountImport, by: Membership, at: dt.datetime) -> None:
    account_import.asked_by = by
    account_import.day = at.date()
    account_import.language = get_language() or ""


def _hand_over(account_import: AccountImport, status: ImportStatus) -> AccountImport:
    account_import.status = status
    account_import.leased_until = None
    account_import.attempts = 0
    return store(account_import)


def _forget_check(account_import: AccountImport) -> None:
    _remove_problems(account_import)
    account_import.status = ImportStatus.UPLOADED
    account_import.rows = account_import.new_rows = account_import.changed_rows = None
    account_import.unchanged_rows = account_import.left_out_rows = None
    account_import.bad_rows = account_import.checked_at = None
    account_import.additions = {}
    account_import.failure = ""


def _plan(account_import: AccountImport, by: Membership, *, lock: bool) -> Plan:
    """Judge every row, by the options and the accounts as they are now."""
    options = options_of(account_import)
    table = _table(account_import, options)
    mapping = mapping_of(table, options).columns
    if not mapping.keys() & {Field.ID, Field.EXTERNAL_ID, Field.NAME}:
        raise InvalidInput({"columns": _("Say which column holds the names of the accounts.")})
    tell(account_import, Step.READING, 0, 0)
    survey = survey_of(table, mapping, options)
    finder = MarketFinder(options.countries)
    assert account_import.day is not None
    planner = Planner(
        RowReader(table, mapping, options.formats),
        finder=finder,
        defaults=defaults_of(options, finder, floors_of(survey, options), account_import.day),
        owners=owners_by_address(survey.owners, survey.owner_names),
        allowed=markets_of_work(by),
        lock=lock,
    )
    return planner.plan(lambda done: tell(account_import, Step.JUDGING, done, survey.rows))


def _note_check(account_import: AccountImport, plan: Plan, at: dt.datetime) -> None:
    _note_counts(account_import, plan)
    _remove_problems(account_import)
    _keep_problems(account_import, plan.problems)
    account_import.status = ImportStatus.CHECKED
    account_import.checked_at = at


def _apply(account_import: AccountImport, by: Membership, at: dt.datetime) -> None:
    _wait_for_others()
    was_clean = account_import.is_clean
    plan = _plan(account_import, by, lock=True)
    if plan.bad and not options_of(account_import).good_rows_only:
        _note_check(account_import, plan, at)
        if was_clean:
            account_import.failure = _("The accounts changed since the check: look at it again.")
        return
    total = len(plan.new) + len(plan.changed)
    write(
        plan,
        lambda done: tell(
            account_import, Step.PLANNING if done == total else Step.WRITING, done, total
        ),
    )
    _note_check(account_import, plan, at)
    account_import.failure = ""
    account_import.status = ImportStatus.DONE
    account_import.finished_at = at


def _wait_for_others() -> None:
    """Let the imports of one organization follow one another; ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"import accounts {current_organization()}"],
        )


def _note_counts(account_import: AccountImport, plan: Plan) -> None:
    account_import.rows = plan.rows
    account_import.new_rows = len(plan.new)
    account_import.changed_rows = len(plan.changed)
    account_import.unchanged_rows = len(plan.unchanged)
    account_import.left_out_rows = plan.left_out
    account_import.bad_rows = len(plan.bad)
    account_import.additions = {
        "markets": plan.markets_to_adopt(),
        "members": sorted(plan.members_to_prepare()),
    }


def _keep_problems(account_import: AccountImport, problems: Iterable[Problem]) -> None:
    # The import's own entry in the audit trail counts them.
    with audit_covered_by(account_import.pk):
        ImportProblem.objects.bulk_create(
            (
                ImportProblem(
                    account_import=account_import,
                    number=number,
                    row=problem.row,
                    column=problem.column[:200],
                    value=problem.value[:200],
                    reason=problem.reason[:500],
                )
                for number, problem in enumerate(problems, 1)
            ),
            batch_size=PROBLEMS_AT_ONCE,
        )


def _remove_problems(account_import: AccountImport) -> None:
    problems = ImportProblem.objects.filter(account_import=account_import)
    with audit_covered_by(account_import.pk):
        problems._raw_delete(problems.db)  # no row points to a problem
