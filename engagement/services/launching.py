"""Starting runs: for one account or for very many, in a few statements.

Dates are planned once in Python for each distinct combination of what they depend on, and joined
to the accounts by ``unnest``.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Account
from engagement import events
from engagement.choices import UNDER_WAY, RunCause
from engagement.models import Run
from engagement.run_plan import AccountFacts, RunPlan, plan_run, unmet
from engagement.services.arrays import array_of, instants, moves_as_json
from engagement.services.reading import Wanted, read_wanted
from engagement.services.refusals import Refusal, Refused, RunRefused
from engagement.services.run_budgets import Planned, launches_within_budgets
from playbooks.changes import StepDocument
from playbooks.choices import VersionStatus
from playbooks.documents import edition_contents
from playbooks.models import Edition, Playbook, PlaybookVersion
from playbooks.schedule import Anchor, timing_of
from playbooks.services import editions_in_force
from regions.calendars import CalendarRangeError
from regions.models import Market
from regions.shared_days import Availability
from regions.working_time import prepare_working_times, working_time
from talent.services import availabilities
from tenants.context import audit_covered_by, current_organization, tenant_cursor
from tenants.models import Membership

INSERT_RUNS = """
INSERT INTO engagement_run (
    id, organization_id, version, account_id, playbook_id, edition_id, market_id, status, cause,
    start_date, beside_others, anchors, anchors_by_hand, left_out, started_by_id, started_at,
    reason)
SELECT uuid7(), %(organization)s, 1, wanted.account_id, %(playbook)s, plan.edition_id,
       plan.market_id, 'active', %(cause)s, plan.start_date, %(beside_others)s, plan.anchors,
       plan.by_hand, plan.left_out, %(by)s, %(at)s, ''
FROM unnest(%(accounts)s::uuid[], %(account_plans)s::int[]) AS wanted (account_id, plan)
JOIN unnest(
    %(plans)s::int[], %(editions)s::uuid[], %(markets)s::uuid[], %(starts)s::date[],
    %(anchors)s::jsonb[], %(by_hand)s::jsonb[], %(left_out)s::jsonb[]
) AS plan (plan, edition_id, market_id, start_date, anchors, by_hand, left_out) USING (plan)
ON CONFLICT DO NOTHING
RETURNING id, account_id
"""

# Each run has an audit entry of its own, which covers its tasks.
INSERT_TASKS = """
INSERT INTO engagement_task (
    id, organization_id, version, account_id, run_id, step_id, owner_id, nominal_date, due_date,
    due_at, status, moves, needs_stand_in, is_flagged, outcome, note, reason)
SELECT uuid7(), %(organization)s, 1, started.account_id, started.run_id, task.step_id,
       started.owner_id, task.nominal, task.due_date, task.due_at, task.status, task.moves,
       task.needs_stand_in, false, '', '', ''
FROM unnest(
    %(runs)s::uuid[], %(accounts)s::uuid[], %(owners)s::uuid[], %(account_plans)s::int[]
) AS started (run_id, account_id, owner_id, plan)
JOIN unnest(
    %(task_plans)s::int[], %(steps)s::uuid[], %(nominals)s::date[], %(due_dates)s::date[],
    %(due_ats)s::timestamptz[], %(statuses)s::text[], %(moves)s::jsonb[], %(stand_ins)s::bool[]
) AS task (plan, step_id, nominal, due_date, due_at, status, moves, needs_stand_in) USING (plan)
"""


@dataclass
class Launch:
    """What starting a playbook for accounts came to; ``run_ids`` are by account."""

    refused: list[Refused]
    run_ids: dict[UUID, UUID] = field(default_factory=dict)
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What starting a playbook for accounts would come to."""

    accounts: list[UUID]
    tasks: int
    refused: list[Refused]


def start_run(
    *,
    playbook: Playbook,
    account: Account,
    by: Membership,
    at: dt.datetime,
    start: dt.date | None = None,
    anchors: Mapping[Anchor, dt.date] | None = None,
) -> Run:
    """Start a playbook for one account, in the edition of its market.

    :raises RunRefused: if it does not start, with the reason.
    """
    launch = start_runs(
        playbook=playbook,
        accounts=Account.objects.filter(pk=account.pk),
        by=by,
        at=at,
        start=start,
        anchors=anchors,
    )
    if launch.refused:
        raise RunRefused(launch.refused[0])
    return Run.objects.select_related("edition__market", "market", "playbook", "account").get(
        pk=launch.run_ids[account.pk]
    )


def foresee_run(
    *,
    playbook: Playbook,
    account: Account,
    at: dt.datetime,
    start: dt.date | None = None,
    anchors: Mapping[Anchor, dt.date] | None = None,
) -> tuple[Edition, RunPlan]:
    """Return what starting a playbook for one account would make, and start nothing.

    :raises RunRefused: if it would not start, with the reason.
    """
    accounts = Account.objects.filter(pk=account.pk)
    launcher = _Launcher(playbook, accounts, at=at, start=start, anchors=anchors or {})
    if launcher.refused:
        raise RunRefused(launcher.refused[0])
    ((_wanted, number),) = launcher.wanted
    planned = launcher.planned[number]
    return planned.edition, planned.plan


@transaction.atomic
def start_runs(
    *,
    playbook: Playbook,
    accounts: QuerySet[Account],
    by: Membership | None,
    at: dt.datetime,
    start: dt.date | None = None,
    anchors: Mapping[Anchor, dt.date] | None = None,
    cause: RunCause = RunCause.HAND,
) -> Launch:
    """Start a playbook for accounts, each in the edition of its market.

    ``at`` is UTC; ``start`` is the local day of the start, today's in each market unless given.
    ``anchors`` are further dates that steps count from; those of the contract come from the
    account. An account in which the playbook is under way keeps that run, and the launch says so;
    where the playbook allows several, this holds for a run that begins on the same day.
    """
    launcher = _Launcher(
        playbook, accounts, at=at, start=start, anchors=anchors or {}, is_preview=False
    )
    launch = Launch(refused=launcher.refused)
    if launcher.wanted:
        launch.run_ids = launcher.insert_runs(by=by, cause=cause)
        launch.tasks = launcher.insert_tasks(launch.run_ids)
        events.tell_run("run.started", launch.run_ids)
        launch.refused += (
            Refused(wanted.pk, Refusal.UNDER_WAY)
            for wanted, _number in launcher.wanted
            if wanted.pk not in launch.run_ids
        )
    return launch


def foresee_runs(
    *,
    playbook: Playbook,
    accounts: QuerySet[Account],
    at: dt.datetime,
    start: dt.date | None = None,
    anchors: Mapping[Anchor, dt.date] | None = None,
) -> Foreseen:
    """Return what starting would come to, and start nothing."""
    launcher = _Launcher(playbook, accounts, at=at, start=start, anchors=anchors or {})
    return Foreseen(
        accounts=[wanted.pk for wanted, _number in launcher.wanted],
        tasks=sum(len(launcher.planned[number].plan.tasks) for _wanted, number in launcher.wanted),
        refused=launcher.refused,
    )


class _Launcher:
    """The accounts of a launch, and one plan for each distinct combination of dates."""

    def __init__(
        self,
        playbook: Playbook,
        accounts: QuerySet[Account],
        *,
        at: dt.datetime,
        start: dt.date | None,
        anchors: Mapping[Anchor, dt.date],
        is_preview: bool = True,
    ) -> None:
        self.playbook = playbook
        self.wanted: list[tuple[Wanted, int]] = []
        self.refused: list[Refused] = []
        self.planned: list[Planned] = []
        self._at = at
        self._start = start
        self._anchors = anchors
        self._editions = {
            edition.market_id: edition
            for edition in editions_to_start(playbook).prefetch_related("steps")
        }
        self._steps = {
            edition.pk: edition_contents(edition).steps for edition in self._editions.values()
        }
        self._asked = {pk: _asked(steps) for pk, steps in self._steps.items()}
        self._numbers: dict[tuple[Any, ...], int | Refused] = {}
        prepare_working_times(edition.market for edition in self._editions.values())
        rows = list(read_wanted(accounts))
        self._owners = availabilities({row.owner_id for row in rows if row.owner_id})
        self._under_way = _under_way(playbook)
        for row in rows:
            self._consider(row)
        self.wanted = launches_within_budgets(
            self.wanted,
            self.planned,
            steps=self._steps,
            owners=self._owners,
            is_preview=is_preview,
        )

    def insert_runs(self, *, by: Membership | None, cause: RunCause) -> dict[UUID, UUID]:
        """Insert the runs; return their ids by account, without accounts that have one."""
        numbers = range(len(self.planned))
        with tenant_cursor() as cursor:
            cursor.execute(
                INSERT_RUNS,
                {
                    "organization": current_organization(),
                    "playbook": self.playbook.pk,
                    "cause": cause.value,
                    "beside_others": self.playbook.allows_several,
                    "by": by.pk if by else None,
                    "at": self._at,
                    "accounts": array_of(wanted.pk for wanted, _number in self.wanted),
                    "account_plans": array_of(number for _wanted, number in self.wanted),
                    "plans": array_of(numbers),
                    "editions": array_of(each.edition.pk for each in self.planned),
                    "markets": array_of(each.edition.market_id for each in self.planned),
                    "starts": array_of(each.start for each in self.planned),
                    "anchors": [_json(each.anchors) for each in self.planned],
                    "by_hand": [orjson.dumps(each.by_hand).decode() for each in self.planned],
                    "left_out": [_json(each.plan.left_out) for each in self.planned],
                },
            )
            return {account: run for run, account in cursor.fetchall()}

    def insert_tasks(self, run_ids: Mapping[UUID, UUID]) -> int:
        """Insert the tasks of the runs that were inserted; return how many."""
        started = [(wanted, number) for wanted, number in self.wanted if wanted.pk in run_ids]
        if not started:
            return 0
        tasks = [
            (number, self._step_ids[planned.edition.pk][task.key], task)
            for number, planned in enumerate(self.planned)
            for task in planned.plan.tasks
        ]
        parameters: dict[str, Any] = {
            "organization": current_organization(),
            "runs": array_of(run_ids[wanted.pk] for wanted, _number in started),
            "accounts": array_of(wanted.pk for wanted, _number in started),
            "owners": array_of(wanted.owner_id for wanted, _number in started),
            "account_plans": array_of(number for _wanted, number in started),
            "task_plans": array_of(number for number, _step, _task in tasks),
            "steps": array_of(step for _number, step, _task in tasks),
            "nominals": array_of(task.nominal for _number, _step, task in tasks),
            "due_dates": array_of(task.due_date for _number, _step, task in tasks),
            "due_ats": instants(task.due_at for _number, _step, task in tasks),
            "statuses": array_of(task.start for _number, _step, task in tasks),
            "moves": [moves_as_json(task.moves) for _number, _step, task in tasks],
            "stand_ins": array_of(task.needs_stand_in for _number, _step, task in tasks),
        }
        with audit_covered_by(next(iter(run_ids.values()))), tenant_cursor() as cursor:
            cursor.execute(INSERT_TASKS, parameters)
            return int(cursor.rowcount)

    @cached_property
    def _step_ids(self) -> Mapping[UUID, Mapping[str, UUID]]:
        return {
            edition.pk: {step.key: step.pk for step in edition.steps.all()}
            for edition in self._editions.values()
        }

    def _consider(self, row: Wanted) -> None:
        """Give an account its plan, or the reason why it has none."""
        edition = self._editions.get(row.market_id)
        if not row.is_active:
            self.refused.append(Refused(row.pk, Refusal.NOT_ACTIVE))
        elif edition is None:
            self.refused.append(Refused(row.pk, Refusal.NO_EDITION))
        elif self._is_under_way(row, edition.market):
            self.refused.append(Refused(row.pk, Refusal.UNDER_WAY))
        elif audience := _not_for(edition.playbook_version, row.facts):
            self.refused.append(Refused(row.pk, Refusal.NOT_FOR_IT, audience))
        else:
            found = self._number(row, edition)
            if isinstance(found, Refused):
                self.refused.append(replace(found, account_id=row.pk))
            else:
                self.wanted.append((row, found))

    def _is_under_way(self, row: Wanted, market: Market) -> bool:
        """Return whether the account has a run; where several may be, one that begins that day."""
        starts = self._under_way.get(row.pk, set())
        if not self.playbook.allows_several:
            return bool(starts)
        return (self._start or working_time(market).today(self._at)) in starts

    def _number(self, row: Wanted, edition: Edition) -> int | Refused:
        """Return the number of the plan for an account; accounts alike share one."""
        anchors = self._anchors_of(row, edition)
        owner = self._owners.get(row.owner_id) if row.owner_id else None
        key = (
            edition.pk,
            *anchors.items(),
            self._given_by_hand(row, anchors),
            _answers(self._asked[edition.pk], row.facts),
            owner and (id(owner.calendar), owner.leave),
            (row.agreed.hours_from, row.agreed.hours_to),
        )
        if key not in self._numbers:
            self._numbers[key] = self._plan(row, edition, anchors, owner)
        return self._numbers[key]

    def _plan(
        self,
        row: Wanted,
        edition: Edition,
        anchors: Mapping[Anchor, dt.date],
        owner: Availability | None,
    ) -> int | Refused:
        time = working_time(edition.market)
        try:
            plan = plan_run(
                self._steps[edition.pk],
                facts=row.facts,
                anchors=anchors,
                market=row.agreed.applied_to_market(time),
                owner=owner,
                today=time.today(self._at),
            )
        except CalendarRangeError:
            return Refused(row.pk, Refusal.CALENDAR_ENDS)
        if plan.missing:
            return Refused(row.pk, Refusal.ANCHOR_MISSING, ", ".join(plan.missing))
        if plan.past:
            titles = {step.key: step.fields["title"] for step in self._steps[edition.pk]}
            return Refused(row.pk, Refusal.STEP_PAST, ", ".join(plan.past), titles)
        if not plan.tasks:
            return Refused(row.pk, Refusal.NOTHING_TO_DO)
        by_hand = self._given_by_hand(row, anchors)
        self.planned.append(Planned(edition, anchors[Anchor.RUN_START], anchors, by_hand, plan))
        return len(self.planned) - 1

    def _anchors_of(self, row: Wanted, edition: Edition) -> dict[Anchor, dt.date]:
        """Return the dates that the steps of an account count from; what is given wins."""
        today = working_time(edition.market).today(self._at)
        known = {
            Anchor.RUN_START: self._start or today,
            **row.dates,
            **self._anchors,
        }
        used = self._asked[edition.pk].anchors | {Anchor.RUN_START}
        return {anchor: day for anchor, day in known.items() if anchor in used}

    def _given_by_hand(self, row: Wanted, anchors: Mapping[Anchor, dt.date]) -> tuple[str, ...]:
        """Return the dates that were given and are not those of the account anyway."""
        return tuple(
            anchor.value
            for anchor in self._anchors
            if anchor in anchors and anchors[anchor] != row.dates.get(anchor)
        )


def editions_to_start(playbook: Playbook) -> QuerySet[Edition]:
    """Return the editions that may be started: none of a playbook that is out of use."""
    published = playbook.versions.filter(status=VersionStatus.PUBLISHED)
    if playbook.archived_at or not published.exists():
        return Edition.objects.none()
    return editions_in_force(playbook)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the steps of an edition ask of an account."""

    anchors: frozenset[Anchor]
    conditions: tuple[Mapping[str, Any], ...]


def _asked(steps: Sequence[StepDocument]) -> _Asked:
    return _Asked(
        anchors=frozenset(timing_of(step).anchor for step in steps),
        conditions=tuple(step.fields["condition"] for step in steps if step.fields["condition"]),
    )


def _answers(asked: _Asked, facts: AccountFacts) -> tuple[str | None, ...]:
    """Return how an account answers each condition: alike answers leave out the same steps."""
    return tuple(unmet(condition, facts) for condition in asked.conditions)


def _not_for(version: PlaybookVersion, facts: AccountFacts) -> str:
    """Return the part of a playbook's audience that an account is not in."""
    audience = {
        "tiers": version.tiers,
        "stages": version.stages,
        "complexities": version.complexities,
    }
    return unmet(audience, facts) or ""


def _under_way(playbook: Playbook) -> dict[UUID, set[dt.date]]:
    """Return on which days the runs began that have not ended, by account."""
    runs = Run.objects.filter(playbook=playbook, status__in=UNDER_WAY)
    found: dict[UUID, set[dt.date]] = defaultdict(set)
    for account, start in runs.values_list("account_id", "start_date"):
        found[account].add(start)
    return found


def _json(value: Mapping[Any, Any]) -> str:
    return orjson.dumps(dict(value), option=orjson.OPT_NON_STR_KEYS).decode()
