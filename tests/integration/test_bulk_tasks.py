"""Many tasks at once: an answer for each, one undo for all, a fixed number of queries."""

import datetime as dt
from typing import Any

import pytest

from engagement import services
from engagement.choices import BulkAction, Outcome, TaskStatus
from engagement.models import Enrolment, Notice, Task, TaskBatch
from engagement.services import Deed, NothingToUndo, TooManyTasks
from playbooks.models import Cadence
from tenants.models import AuditEntry
from tests import factories
from tests.conftest import Cast, count_queries, day
from tests.integration.pages import a_cadence, a_task
from toolkit.errors import InvalidInput
from toolkit.uuid7 import uuid7

pytestmark = pytest.mark.django_db

# A Tuesday, 10:00 in Paris.
NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
SOON = NOW + dt.timedelta(minutes=5)
DONE = Deed(BulkAction.COMPLETE)


def some_tasks(count: int = 3, *, code: str = "FR", **values: Any) -> list[Task]:
    """Return the check-ins of as many new accounts, due today."""
    market = factories.market(code)
    cadence = Cadence.objects.first() or a_cadence(mode="elastic")
    return [
        a_task(factories.account(market=market), "2026-11-24", cadence=cadence, **values)
        for _ in range(count)
    ]


def act(cast: Cast, tasks: list[Task], deed: Deed = DONE, **values: Any) -> TaskBatch:
    """Let the CSM do one thing with many tasks."""
    ids = [task.pk for task in tasks]
    given: dict[str, Any] = {"by": cast.csm, "at": NOW} | values
    return services.act_on_tasks(ids=ids, deed=deed, **given)


def undo(cast: Cast, batch: TaskBatch, at: dt.datetime = SOON) -> TaskBatch:
    return services.undo_batch(batch=batch, by=cast.csm, at=at)


def stored(tasks: list[Task]) -> list[dict[str, Any]]:
    """Return all that is stored of tasks, except what counts the changes."""
    rows: Any = Task.objects.filter(pk__in=[task.pk for task in tasks]).order_by("pk").values()
    return [{name: row[name] for name in row if name not in {"version", "undo"}} for row in rows]


class TestActingOnMany:
    def test_does_with_each_what_is_done_with_one(self, acting: Cast) -> None:
        many, one = some_tasks(2)
        act(acting, [many], Deed(BulkAction.COMPLETE, note="All well"))
        services.complete_task(task=one, by=acting.csm, at=NOW, note="All well")
        ignored = {"id", "account_id", "enrolment_id", "planned_by_id"}
        first, second = (
            {name: value for name, value in row.items() if name not in ignored}
            for row in stored([many, one])
        )
        assert first == second
        places = Enrolment.objects.values_list("next_nominal", "next_due", "last_contact")
        assert places[0] == places[1]
        assert places[0][2] == day("2026-11-24")

    def test_answers_for_each(self, acting: Cast) -> None:
        good, closed = some_tasks(2)
        services.complete_task(task=closed, by=acting.leader, at=NOW)
        gone = Task(pk=uuid7())
        batch = act(acting, [good, closed, gone])
        assert batch.done == [str(good.pk)]
        assert "CS leader of Alder closed this" in batch.refused[str(closed.pk)]
        assert batch.refused[str(gone.pk)] == "There is no such task here."

    def test_hands_over_what_the_other_does_not_own(self, acting: Cast) -> None:
        tasks = some_tasks(2, owner=acting.csm, needs_stand_in=True)
        Task.objects.filter(pk=tasks[1].pk).update(owner=acting.leader)
        batch = act(acting, tasks, Deed(BulkAction.HAND_OVER, to=acting.leader))
        assert batch.done == [str(tasks[0].pk)]
        assert "owns this already" in batch.refused[str(tasks[1].pk)]
        tasks[0].refresh_from_db()
        assert (tasks[0].owner, tasks[0].needs_stand_in) == (acting.leader, False)

    def test_tells_who_takes_them_and_whom_the_note_names(self, acting: Cast) -> None:
        tasks = some_tasks(2, owner=acting.csm)
        act(acting, tasks, Deed(BulkAction.HAND_OVER, to=acting.leader))
        act(acting, tasks, Deed(BulkAction.COMPLETE, note=f"@{acting.manager.name} all well"))
        told = Notice.objects.values_list("membership", "kind").order_by("pk")
        assert (
            list(told)
            == [(acting.leader.pk, "hand_over")] * 2 + [(acting.manager.pk, "mention")] * 2
        )

    def test_moves_each_by_the_working_days_of_its_market(self, acting: Cast) -> None:
        # Thursday: in Riyadh the week ends, in Paris it does not.
        paris, riyadh = some_tasks(1) + some_tasks(1, code="SA")
        Task.objects.update(due_date=day("2026-11-26"))
        batch = act(acting, [paris, riyadh], Deed(BulkAction.SHIFT, days=1, reason="A fair"))
        assert batch.refused == {}
        days = {task.pk: task.due_date for task in Task.objects.all()}
        assert days == {paris.pk: day("2026-11-27"), riyadh.pk: day("2026-11-29")}

    def test_moves_to_a_day_where_it_is_worked(self, acting: Cast) -> None:
        paris, riyadh = some_tasks(1) + some_tasks(1, code="SA")
        friday = Deed(BulkAction.SNOOZE, until=day("2026-11-27"), reason="Asked for")
        batch = act(acting, [paris, riyadh], friday)
        assert batch.done == [str(paris.pk)]
        assert batch.refused == {str(riyadh.pk): "Nobody works there on this day."}
        moved = Task.objects.get(pk=paris.pk)
        assert (moved.status, moved.due_date) == (TaskStatus.SNOOZED, day("2026-11-27"))
        assert moved.due_at.astimezone(dt.UTC).date() == day("2026-11-27")

    def test_closes_as_not_applicable_and_the_rhythm_goes_on(self, acting: Cast) -> None:
        tasks = some_tasks(2)
        act(acting, tasks, Deed(BulkAction.NOT_APPLICABLE, reason="They merged"))
        assert set(Task.objects.values_list("status", "reason")) == {
            (TaskStatus.NOT_APPLICABLE.value, "They merged")
        }
        assert set(Enrolment.objects.values_list("last_contact", "next_nominal")) == {
            (None, day("2026-12-24"))
        }

    def test_leaves_what_lies_elsewhere_to_those_who_work_there(self, acting: Cast) -> None:
        here, there = some_tasks(1) + some_tasks(1, code="JP")
        batch = act(acting, [here, there], places={here.account.market_id})
        assert batch.done == [str(here.pk)]
        assert batch.refused == {str(there.pk): "You do not work in this market."}

    @pytest.mark.parametrize(
        ("deed", "fields"),
        [
            (Deed(BulkAction.COMPLETE, outcome="x"), {"outcome"}),
            (Deed(BulkAction.COMPLETE, reason="x"), {"reason"}),
            (Deed(BulkAction.HAND_OVER), {"to"}),
            (Deed(BulkAction.SNOOZE, reason="x"), {"until"}),
            (Deed(BulkAction.SNOOZE, until=day("2026-11-27")), {"reason"}),
            (Deed(BulkAction.SHIFT, reason="x"), {"days"}),
            (Deed(BulkAction.SHIFT, days=0, reason="x"), {"days"}),
            (Deed(BulkAction.SHIFT, days=61, reason="x"), {"days"}),
            (Deed(BulkAction.NOT_APPLICABLE, reason=" "), {"reason"}),
            (Deed(BulkAction.NOT_APPLICABLE, reason="x", days=1, note="x"), {"days", "note"}),
        ],
    )
    def test_says_what_is_wrong_before_anything_is_done(
        self, acting: Cast, deed: Deed, fields: set[str]
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            act(acting, some_tasks(1), deed)
        assert set(refused.value.errors) == fields
        assert not TaskBatch.objects.exists()

    def test_takes_a_thousand_at_most(self, acting: Cast) -> None:
        with pytest.raises(TooManyTasks):
            act(acting, [Task() for _ in range(1001)])

    def test_is_in_the_audit_trail_once_for_each(self, acting: Cast) -> None:
        tasks = some_tasks(3)
        before = AuditEntry.objects.filter(table="engagement_task").count()
        act(acting, tasks)
        assert AuditEntry.objects.filter(table="engagement_task").count() == before + 3

    def test_sees_nothing_of_another_organization(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            (task,) = some_tasks(1)
        with outsiders.acting():
            batch = act(outsiders, [task])
            assert batch.refused == {str(task.pk): "There is no such task here."}
        with cast.acting():
            assert Task.objects.get(pk=task.pk).status == TaskStatus.OPEN

    @pytest.mark.parametrize(
        "deed",
        [
            DONE,
            Deed(BulkAction.NOT_APPLICABLE, reason="x"),
            Deed(BulkAction.SHIFT, days=2, reason="x"),
        ],
    )
    def test_costs_the_same_queries_however_many(self, acting: Cast, deed: Deed) -> None:
        tasks = some_tasks(12)
        act(acting, tasks[:1], deed)  # builds the calendar, once per process
        with count_queries() as few:
            first = act(acting, tasks[1:3], deed)
        with count_queries() as many:
            second = act(acting, tasks[3:], deed)
        assert len(many) == len(few) <= 20
        with count_queries() as few:
            undo(acting, first)
        with count_queries() as many:
            undo(acting, second)
        assert len(many) == len(few) <= 20


class TestUndo:
    def test_forgets_the_contacts_of_a_fixed_rhythm(self, acting: Cast) -> None:
        a_cadence(mode="fixed")
        tasks = some_tasks(2)
        undo(acting, act(acting, tasks, DONE))
        assert set(Enrolment.objects.values_list("last_contact", flat=True)) == {None}

    @pytest.mark.parametrize(
        "deed",
        [
            DONE,
            Deed(BulkAction.NOT_APPLICABLE, reason="x"),
            Deed(BulkAction.SHIFT, days=2, reason="x"),
            Deed(BulkAction.SNOOZE, until=day("2026-11-27"), reason="x"),
        ],
    )
    def test_leaves_everything_as_it_was(self, acting: Cast, deed: Deed) -> None:
        known, places = stored(some_tasks(3)), list(Enrolment.objects.order_by("pk").values())
        rows = list(Task.objects.all())
        batch = act(acting, rows, deed)
        assert stored(rows) != known
        undone = undo(acting, batch)
        assert (undone.kept, undone.undone_at) == ({}, SOON)
        assert stored(rows) == known
        assert list(Enrolment.objects.order_by("pk").values()) == places

    def test_takes_two_check_ins_of_one_account_back_in_turn(self, acting: Cast) -> None:
        (first,) = some_tasks(1)
        second = a_task(first.account, "2026-11-25")
        place = Enrolment.objects.values().get()
        batch = act(acting, [first, second])
        assert len(batch.done) == 2
        undo(acting, batch)
        assert Enrolment.objects.values().get() == place
        assert set(Task.objects.values_list("status", flat=True)) == {"open"}

    def test_drops_what_was_planned_in_between(self, acting: Cast) -> None:
        (task,) = some_tasks(1)
        batch = act(acting, [task])
        planned = a_task(task.account, "2026-12-24")
        undo(acting, batch)
        assert not Task.objects.filter(pk=planned.pk).exists()

    def test_leaves_what_somebody_worked_on_since_and_says_so(self, acting: Cast) -> None:
        tasks = some_tasks(3)
        batch = act(acting, tasks, Deed(BulkAction.SHIFT, days=1, reason="x"))
        services.complete_task(task=tasks[0], by=acting.leader, at=SOON)
        undone = undo(acting, batch)
        assert undone.kept == {str(tasks[0].pk): "Somebody worked on this since."}
        statuses = dict(Task.objects.values_list("pk", "status"))
        assert statuses == {tasks[0].pk: "done", tasks[1].pk: "open", tasks[2].pk: "open"}

    def test_works_after_some_were_refused(self, acting: Cast) -> None:
        good, closed = some_tasks(2)
        services.complete_task(task=closed, by=acting.leader, at=NOW)
        undo(acting, act(acting, [good, closed]))
        assert Task.objects.get(pk=good.pk).status == TaskStatus.OPEN
        assert Task.objects.get(pk=closed.pk).status == TaskStatus.DONE

    def test_of_one_task_alone_leaves_the_others(self, acting: Cast) -> None:
        tasks = some_tasks(2)
        batch = act(acting, tasks)
        services.undo_task(task=tasks[0], by=acting.csm, at=SOON)
        assert undo(acting, batch).kept == {str(tasks[0].pk): "Somebody worked on this since."}

    @pytest.mark.parametrize("minutes", [11, 600])
    def test_is_over_after_ten_minutes(self, acting: Cast, minutes: int) -> None:
        batch = act(acting, some_tasks(1))
        with pytest.raises(NothingToUndo):
            undo(acting, batch, NOW + dt.timedelta(minutes=minutes))

    def test_happens_once(self, acting: Cast) -> None:
        batch = act(acting, some_tasks(1))
        undo(acting, batch)
        with pytest.raises(NothingToUndo):
            undo(acting, batch)

    def test_forgets_batches_after_a_day(self, acting: Cast) -> None:
        old = act(acting, some_tasks(1))
        act(acting, some_tasks(1), at=NOW + dt.timedelta(days=2))
        assert not TaskBatch.objects.filter(pk=old.pk).exists()


class TestTasksOfRuns:
    """Two first steps, a third that waits for both, and a last one that waits for the third."""

    @pytest.fixture
    def tasks(self, acting: Cast) -> dict[str, Task]:
        market = factories.market("FR")
        version = factories.published(
            factories.step("one"),
            factories.step("two", position=20),
            factories.step("both", position=30, depends_on=["one", "two"]),
            by=acting.leader,
        )
        account = factories.account(market=market, owner=acting.csm)
        run = services.start_run(playbook=version.playbook, account=account, by=acting.csm, at=NOW)
        return {task.step.key: task for task in run.tasks.select_related("step") if task.step}

    def states(self) -> dict[str, str]:
        return dict(Task.objects.values_list("step__key", "status"))

    def test_open_what_waited_for_all_of_them(self, acting: Cast, tasks: dict[str, Task]) -> None:
        assert self.states() == {"one": "open", "two": "open", "both": "waiting"}
        batch = act(acting, [tasks["one"], tasks["two"], tasks["both"]])
        assert self.states() == {"one": "done", "two": "done", "both": "open"}
        # What opens on the way was not what she saw.
        assert set(batch.refused) == {str(tasks["both"].pk)}

    def test_end_the_run_and_an_undo_takes_it_up_again(
        self, acting: Cast, tasks: dict[str, Task]
    ) -> None:
        run = tasks["one"].run
        assert run is not None
        first = act(acting, [tasks["one"], tasks["two"]])
        last = act(acting, [tasks["both"]], Deed(BulkAction.COMPLETE, outcome=Outcome.INTERNAL))
        run.refresh_from_db()
        assert run.status == "done"
        undo(acting, last)
        run.refresh_from_db()
        assert (run.status, run.ended_at) == ("active", None)
        undo(acting, first)
        assert self.states() == {"one": "open", "two": "open", "both": "waiting"}
