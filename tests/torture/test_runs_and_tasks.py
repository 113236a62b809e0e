"""Sequences of actions on runs and tasks: after each of them the database says what the model says.

``TORTURE_SEQUENCES`` is how many (``make torture`` drives ten thousand).
"""

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Account
from engagement import services
from engagement.models import Run, Task
from engagement.services import RunRefused
from playbooks.models import Playbook
from regions import services as regions
from regions.models import Closure, Market
from tenants.models import AuditEntry, Membership
from tests import factories
from tests.conftest import Cast
from tests.torture import reference
from tests.torture.reference import ModelRun, ModelTask, Refused
from toolkit.errors import DomainError, InvalidInput

pytestmark = pytest.mark.django_db

SEQUENCES = int(os.environ.get("TORTURE_SEQUENCES", "200"))
PARTS = 4
"""Workers share the sequences."""
BEGINNING = dt.datetime(2026, 10, 25, 8, tzinfo=dt.UTC)
TIERS = ("tier_1", "tier_2")


@dataclass(frozen=True)
class World:
    """What all sequences share; what they do is rolled back."""

    playbook: Playbook
    accounts: dict[str, Account]
    members: dict[str, Membership]


@pytest.fixture
def world(acting: Cast) -> World:
    cairo = regions.save_market(
        Market(
            code="CAI",
            name="Cairo",
            country="EG",
            time_zone="Africa/Cairo",
            languages=["ar-EG"],
            region=factories.region(),
        ),
        weekdays=reference.WORKDAYS,
    )
    first, last = reference.CLOSED
    regions.save_part(Closure(market=cairo, start=first, end=last, name="Moving house"))
    version = factories.published(
        *(
            factories.step(
                key,
                offset=offset,
                depends_on=[] if key == "training" else sorted(reference.WAITS.get(key, set())),
                condition={"tiers": ["tier_1"]} if key in reference.ONLY_TIER_1 else {},
                **({"anchor": "step_end", "anchor_step": "kickoff"} if key == "training" else {}),
            )
            for key, offset in reference.OFFSETS.items()
        ),
        by=acting.leader,
    )
    return World(
        playbook=version.playbook,
        accounts={
            tier: factories.account(market=cairo, owner=acting.csm, tier=tier) for tier in TIERS
        },
        members={"csm": acting.csm, "manager": acting.manager},
    )


class RunsAndTasks(RuleBasedStateMachine):
    """Two people and three accounts; every action is tried in every state."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGINNING
        self.runs: dict[str, ModelRun] = {}
        self.ids: dict[str, Any] = {}
        self._taken_back = transaction.atomic()
        self._taken_back.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._taken_back.__exit__(None, None, None)

    @initialize(hours=st.integers(0, 48))
    def begin(self, hours: int) -> None:
        self.now = BEGINNING + dt.timedelta(hours=hours)

    @rule(minutes=st.sampled_from([1, 9, 11, 180, 1440, 5760]))
    def let_time_pass(self, minutes: int) -> None:
        self.now += dt.timedelta(minutes=minutes)

    @rule(tier=st.sampled_from(TIERS))
    def start(self, tier: str) -> None:
        known = self.runs.get(tier)
        account = self.world.accounts[tier]

        def really() -> Run:
            return services.start_run(
                playbook=self.world.playbook,
                account=account,
                by=self.world.members["csm"],
                at=self.now,
            )

        if known and known.status in {"active", "paused"}:
            with pytest.raises(RunRefused, match="under way"):
                really()
            return
        self.runs[tier] = reference.start(tier, "csm", self.now)
        self.ids[tier] = really().pk

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), status=st.sampled_from(["done", "not_applicable"]))
    def close(self, data: st.DataObject, status: str) -> None:
        def really(task: Task) -> None:
            by = self.world.members["csm"]
            if status == "done":
                services.complete_task(task=task, by=by, at=self.now)
            else:
                services.mark_not_applicable(task=task, by=by, at=self.now, reason="No use.")

        self._both(
            data, lambda run, key: reference.close(run, key, status, self.now), _is_to_do, really
        )

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), days=st.integers(0, 6))
    def snooze(self, data: st.DataObject, days: int) -> None:
        until = reference.shift(reference.local(self.now), days)
        self._both(
            data,
            lambda run, key: reference.snooze(run, key, until, self.now),
            _is_to_do,
            lambda task: services.snooze_task(
                task=task,
                by=self.world.members["csm"],
                at=self.now,
                until=until,
                reason="They asked for it.",
            ),
        )

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), to=st.sampled_from(["csm", "manager"]))
    def hand_over(self, data: st.DataObject, to: str) -> None:
        member = self.world.members[to]
        self._both(
            data,
            lambda run, key: reference.hand_over(run, key, to, self.now),
            _is_to_do,
            lambda task: services.hand_over_task(task=task, by=member, at=self.now, to=member),
        )

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        self._both(
            data,
            lambda run, key: reference.undo(run, key, self.now),
            _was_touched,
            lambda task: services.undo_task(task=task, by=self.world.members["csm"], at=self.now),
        )

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def pause(self, data: st.DataObject) -> None:
        self._on_run(
            data,
            lambda run: reference.pause(run, self.now),
            lambda run: services.pause_run(run, at=self.now, reason="They are closed."),
        )

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        self._on_run(
            data,
            lambda run: reference.resume(run, self.now),
            lambda run: services.resume_run(run, at=self.now),
        )

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self._on_run(
            data,
            reference.cancel,
            lambda run: services.cancel_run(run, at=self.now, reason="They left."),
        )

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        owners = {member.pk: name for name, member in self.world.members.items()}
        for tier, model in self.runs.items():
            run = Run.objects.get(pk=self.ids[tier])
            rows = run.tasks.values_list("step__key", "status", "due_date", "owner", "due_at")
            found = {key: (status, due, owners[owner]) for key, status, due, owner, _at in rows}
            wanted = {key: (task.status, task.due, task.owner) for key, task in model.tasks.items()}
            assert (run.status, found) == (model.status, wanted)
            assert all(at == reference.due_at(due) for _k, _s, due, _o, at in rows)
            assert (run.ended_at is None) == (model.status in {"active", "paused"})

    def _both(
        self,
        data: st.DataObject,
        model: Callable[[ModelRun, str], None],
        likely: Callable[[ModelTask], bool],
        really: Callable[[Task], object],
    ) -> None:
        """Act on a task in the model and in the database; both refuse, or both do it.

        Every second time it is one with which it should work out, where there is one.
        """
        tasks = [(tier, key) for tier, run in self.runs.items() for key in run.tasks]
        good = [(tier, key) for tier, key in tasks if likely(self.runs[tier].tasks[key])]
        tier, key = data.draw(st.sampled_from(good or tasks) | st.sampled_from(tasks))
        task = Task.objects.get(run=self.ids[tier], step__key=key)
        self._agree(tier, lambda run: model(run, key), lambda: really(task))

    def _on_run(
        self,
        data: st.DataObject,
        model: Callable[[ModelRun], None],
        really: Callable[[Run], object],
    ) -> None:
        tier = data.draw(st.sampled_from(sorted(self.runs)))
        run = Run.objects.select_related("edition__market").get(pk=self.ids[tier])
        self._agree(tier, model, lambda: really(run))

    def _agree(
        self, tier: str, model: Callable[[ModelRun], None], really: Callable[[], object]
    ) -> None:
        try:
            model(self.runs[tier])
        except Refused as refused:
            reason = str(refused)
        else:
            known = AuditEntry.objects.count()
            really()
            assert AuditEntry.objects.count() > known
            return
        with pytest.raises((DomainError, InvalidInput)) as error, transaction.atomic():
            really()
        assert error.type.__name__ == reason


def _is_to_do(task: ModelTask) -> bool:
    return task.status in reference.TO_DO


def _was_touched(task: ModelTask) -> bool:
    return task.touched_at is not None


@pytest.mark.parametrize("part", range(PARTS))
def test_runs_and_tasks_do_what_the_model_says(
    world: World, part: int, request: pytest.FixtureRequest
) -> None:
    machine = type("Machine", (RunsAndTasks,), {"world": world})
    # Each part has a seed of its own, so that none drives what another drove.
    run_state_machine_as_test(
        seed(f"{request.config.getoption('hypothesis_seed')}/{part}")(machine),
        settings=settings(
            max_examples=SEQUENCES // PARTS,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
