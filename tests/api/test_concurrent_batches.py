"""Several people at the same tasks at once, over connections of their own."""

from collections import Counter
from typing import Any

import pytest
from rest_framework.test import APIClient

from engagement.models import Enrolment, Task
from engagement.services import start_run
from tests import factories
from tests.api.contract import document
from tests.api.test_concurrent_writes import at_once, program_of
from tests.conftest import make_cast
from tests.integration.pages import a_cadence, a_task

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 9


def test_every_task_is_closed_once_whoever_comes_first() -> None:
    """A third of them closes tasks one by one while the others close all, in other orders."""
    document()  # made once, before the threads ask for it
    cast = make_cast("Alder")
    program = program_of(cast)
    with cast.acting():
        market = factories.market("FR")
        cadence = a_cadence(mode="elastic")
        for _ in range(12):
            a_task(factories.account(market=market), "2026-03-02", cadence=cadence)
        steps = [factories.step(f"step-{number}", position=number) for number in range(6)]
        version = factories.published(
            *steps, factories.step("last", depends_on=["step-0", "step-5"]), by=cast.leader
        )
        account = factories.account(market=market, owner=cast.csm)
        now = Task.objects.earliest("due_at").due_at
        run = start_run(playbook=version.playbook, account=account, by=cast.csm, at=now)
        ids = [str(pk) for pk in Task.objects.to_do().values_list("pk", flat=True)]
    assert len(ids) == 18

    def act(number: int) -> list[tuple[str, bool]]:
        client = APIClient(headers=program)
        order = ids if number % 2 else ids[::-1]
        if number % 3 == 0:
            statuses = {pk: client.post(f"/api/v1/tasks/{pk}/complete/") for pk in order}
            assert {each.status_code for each in statuses.values()} <= {200, 409}
            return [(pk, each.status_code == 200) for pk, each in statuses.items()]
        answer: Any = client.post("/api/v1/tasks/bulk/", {"action": "complete", "ids": order})
        assert answer.status_code == 200, answer.content
        return [(each["task"], each["done"]) for each in answer.json()["answers"]]

    answers = [answer for answered in at_once(act, PEOPLE) for answer in answered]
    assert Counter(pk for pk, done in answers if done) == Counter(ids)
    with cast.acting():
        assert set(Task.objects.values_list("status", "version")) == {("done", 2), ("open", 2)}
        assert Task.objects.get(run=run, step__key="last").status == "open"
        assert not Enrolment.objects.filter(next_nominal=None).exists()
