"""The database sorts tasks as the pure rule does."""

import datetime as dt
import random
from decimal import Decimal

import pytest

from engagement.due import Todays
from engagement.models import Task
from engagement.ordering import ranked
from engagement.priority import BY_DAY, BY_WEIGHT, Facts, Part, rank_of
from engagement.services import start_run
from playbooks.models import Playbook
from tests import factories
from tests.conftest import Cast
from tests.integration.pages import a_task

pytestmark = pytest.mark.django_db

# A Tuesday in Paris.
NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def tasks(acting: Cast) -> dict[object, Facts]:
    """Tasks of every kind, with what is known of each, by id."""
    draw = random.Random(5)
    market = factories.market("FR")
    factories.published(factories.step(required=True), by=acting.leader, key="goal")
    for motion in ("risk", "renewal"):
        factories.published(factories.step(), by=acting.leader, key=motion)
        Playbook.objects.filter(key=motion).update(motion=motion)
    known: dict[object, Facts] = {}
    for _ in range(40):
        account = factories.account(
            market=market,
            tier=draw.choice(["tier_1", "tier_2", "tier_3"]),
            arr=draw.choice([None, 0, 10, Decimal("99.50")]),
            currency=draw.choice(["EUR", "JPY"]),
        )
        kind = draw.choice(["", "goal", "risk", "renewal"])
        day = dt.date(2026, 11, draw.choice([24, 25, 26]))
        away = draw.random() < 0.3
        if kind:
            playbook = Playbook.objects.get(key=kind)
            run = start_run(playbook=playbook, account=account, by=acting.csm, at=NOW)
            task = run.tasks.get()
        else:
            task = a_task(account, day.isoformat())
        at = dt.datetime(2026, 11, day.day, 17, tzinfo=dt.UTC)
        Task.objects.filter(pk=task.pk).update(due_date=day, due_at=at, needs_stand_in=away)
        known[task.pk] = Facts(
            due_date=day,
            tier=account.tier,
            currency=account.currency,
            arr=None if account.arr is None else Decimal(account.arr),
            is_required=kind == "goal",
            motion="risk" if kind == "risk" else "",
            needs_stand_in=away,
        )
    return known


@pytest.mark.parametrize("order", [BY_WEIGHT, BY_DAY])
def test_as_the_pure_rule(tasks: dict[object, Facts], order: tuple[Part, ...]) -> None:
    found = list(
        ranked(Task.objects.all(), todays=Todays.at(NOW)).order_by(*(part.value for part in order))
    )
    ranks = [rank_of(tasks[task.pk], order) for task in found]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 20


def test_a_playbook_is_behind_while_something_of_it_is_overdue(
    tasks: dict[object, Facts],
) -> None:
    later = Todays.at(NOW + dt.timedelta(days=3))
    risks = ranked(Task.objects.filter(run__isnull=False), todays=later)
    assert {task.calm for task in risks} == {0}  # type: ignore[attr-defined]
    calm = Task.objects.filter(run=None, needs_stand_in=False)
    assert {task.calm for task in ranked(calm, todays=later)} == {1}  # type: ignore[attr-defined]
