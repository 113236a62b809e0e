"""What people do with tasks, two of them at once included."""

import datetime as dt

import pytest

from engagement import services
from engagement.choices import Outcome, TaskStatus
from engagement.models import Enrolment, Task
from regions.models import Market
from tenants.models import AuditEntry
from tests import factories
from tests.conftest import Cast, day
from toolkit.errors import InvalidInput

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def france(acting: Cast) -> Market:
    return factories.market("FR")


def check_in(market: Market, *, nominal: str = "2026-11-23", **cadence: object) -> Task:
    """Return the open check-in of a new account."""
    factories.cadence(**{"mode": "elastic"} | cadence)
    account = factories.account(market=market)
    Task.objects.all().delete()
    Enrolment.objects.update(
        origin=day(nominal), next_nominal=day(nominal), next_due=day(nominal), last_contact=None
    )
    services.plan_market(market=market, now=NOW)
    return Task.objects.to_do().get(account=account)


class TestCompleteTask:
    def test_restarts_an_elastic_rhythm_from_the_local_date_of_the_contact(
        self, acting: Cast
    ) -> None:
        japan = factories.market("JP")
        task = check_in(japan)
        late_evening = dt.datetime(2026, 11, 24, 15, 30, tzinfo=dt.UTC)  # the 25th in Tokyo
        services.complete_task(task=task, by=acting.csm, at=late_evening)
        enrolment = Enrolment.objects.get()
        assert enrolment.last_contact == day("2026-11-25")
        assert enrolment.next_nominal == day("2026-12-25")

    def test_without_contact_counts_from_the_nominal_date(
        self, acting: Cast, france: Market
    ) -> None:
        task = check_in(france)
        services.complete_task(task=task, by=acting.csm, at=NOW, outcome=Outcome.NO_ANSWER)
        enrolment = Enrolment.objects.get()
        assert enrolment.last_contact is None
        assert enrolment.next_nominal == day("2026-12-23")

    def test_keeps_who_when_what_and_the_note(self, acting: Cast, france: Market) -> None:
        task = check_in(france)
        services.complete_task(task=task, by=acting.csm, at=NOW, note="All well")
        task.refresh_from_db()
        assert (task.status, task.closed_by, task.closed_at, task.note, task.outcome) == (
            TaskStatus.DONE,
            acting.csm,
            NOW,
            "All well",
            Outcome.CONVERSATION,
        )

    def test_tells_the_second_person_who_did_it_and_when(
        self, acting: Cast, france: Market
    ) -> None:
        task = check_in(france)
        services.complete_task(task=task, by=acting.csm, at=NOW)
        with pytest.raises(services.TaskAlreadyClosed, match="CSM of Alder") as caught:
            services.complete_task(task=task, by=acting.manager, at=NOW)
        assert "11/24/2026 9 a.m. (UTC)" in str(caught.value)
        assert Task.objects.get().closed_by == acting.csm

    def test_refuses_an_unknown_outcome(self, acting: Cast, france: Market) -> None:
        with pytest.raises(InvalidInput):
            services.complete_task(
                task=check_in(france), by=acting.csm, at=NOW, outcome="telepathy"
            )

    def test_is_audited(self, acting: Cast, france: Market) -> None:
        task = check_in(france)
        services.complete_task(task=task, by=acting.csm, at=NOW)
        entry = AuditEntry.objects.filter(table="engagement_task", action="update").latest("id")
        assert entry.row_id == task.pk
        assert entry.before is not None
        assert entry.after is not None
        assert (entry.before["status"], entry.after["status"]) == ("open", "done")
        assert entry.actor_id == acting.admin.pk


class TestSnoozeTask:
    def test_moves_due_date_and_instant(self, acting: Cast, france: Market) -> None:
        task = check_in(france)
        moved = services.snooze_task(
            task=task, by=acting.csm, at=NOW, until=day("2026-11-30"), reason="They asked"
        )
        assert moved.status == TaskStatus.SNOOZED
        assert moved.due_at == dt.datetime(2026, 11, 30, 17, 0, tzinfo=dt.UTC)

    @pytest.mark.parametrize(
        ("until", "message"),
        [
            ("2026-11-23", "over where the customer is"),
            ("2026-12-25", "Nobody works there"),
            ("2026-11-28", "Nobody works there"),
            ("2999-01-05", "not known"),
        ],
    )
    def test_refuses_days_on_which_nobody_works(
        self, acting: Cast, france: Market, until: str, message: str
    ) -> None:
        with pytest.raises(InvalidInput, match=message):
            services.snooze_task(
                task=check_in(france), by=acting.csm, at=NOW, until=day(until), reason="Later"
            )

    def test_needs_a_reason(self, acting: Cast, france: Market) -> None:
        with pytest.raises(InvalidInput, match="Say why"):
            services.snooze_task(
                task=check_in(france), by=acting.csm, at=NOW, until=day("2026-11-30"), reason=" "
            )


class TestHandOverTask:
    def test_gives_it_to_another_member(self, acting: Cast, france: Market) -> None:
        task = services.hand_over_task(
            task=check_in(france), by=acting.csm, at=NOW, to=acting.manager
        )
        assert task.owner == acting.manager

    def test_refuses_an_inactive_member(self, acting: Cast, france: Market) -> None:
        acting.manager.is_active = False
        with pytest.raises(InvalidInput, match="not active"):
            services.hand_over_task(task=check_in(france), by=acting.csm, at=NOW, to=acting.manager)


class TestUndoTask:
    def test_puts_task_and_rhythm_back(self, acting: Cast, france: Market) -> None:
        task = check_in(france)
        before = Enrolment.objects.values().get()
        services.complete_task(task=task, by=acting.csm, at=NOW)
        services.plan_market(market=france, now=NOW + dt.timedelta(minutes=5))
        undone = services.undo_task(task=task, by=acting.csm, at=NOW + dt.timedelta(minutes=9))
        assert undone.status == TaskStatus.OPEN
        assert undone.closed_at is None
        assert undone.closed_by is None
        assert Enrolment.objects.values().get() == before
        assert Task.objects.to_do().count() == 1

    def test_is_refused_after_ten_minutes(self, acting: Cast, france: Market) -> None:
        task = check_in(france)
        services.complete_task(task=task, by=acting.csm, at=NOW)
        with pytest.raises(services.NothingToUndo):
            services.undo_task(task=task, by=acting.csm, at=NOW + dt.timedelta(minutes=11))

    def test_is_refused_twice(self, acting: Cast, france: Market) -> None:
        task = check_in(france)
        services.snooze_task(
            task=task, by=acting.csm, at=NOW, until=day("2026-11-30"), reason="They asked"
        )
        services.undo_task(task=task, by=acting.csm, at=NOW)
        with pytest.raises(services.NothingToUndo):
            services.undo_task(task=task, by=acting.csm, at=NOW)


class TestElasticCadence:
    def test_keeps_one_open_check_in(self, acting: Cast, france: Market) -> None:
        check_in(france, every=1, unit="weeks")
        for days in range(30):
            services.plan_market(market=france, now=NOW + dt.timedelta(days=days))
        assert Task.objects.to_do().count() == 1

    def test_goes_on_after_not_applicable(self, acting: Cast, france: Market) -> None:
        task = check_in(france, every=1, unit="weeks")
        services.mark_not_applicable(task=task, by=acting.csm, at=NOW, reason="They merged")
        services.plan_market(market=france, now=NOW)
        following = Task.objects.to_do().get()
        assert following.nominal_date == day("2026-11-30")
