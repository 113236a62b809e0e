"""A hundred writes at once, over connections of their own."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from accounts.models import Account
from playbooks.models import PlaybookVersion
from tenants import services
from tenants.choices import Scope
from tenants.models import AuditEntry
from tests import factories
from tests.conftest import Cast, make_cast

WRITERS = 100
AT_ONCE = 20

pytestmark = pytest.mark.django_db(transaction=True)


def program_of(cast: Cast) -> dict[str, str]:
    """Return the header of a program that acts as the leader."""
    with cast.acting():
        _key, text = services.create_api_key(membership=cast.leader, name="CRM", scope=Scope.WRITE)
    return {"Authorization": f"Bearer {text}"}


def at_once(send: Any, count: int) -> list[Any]:
    """Call ``send`` so often, from threads with connections of their own."""

    def one(number: int) -> Any:
        try:
            return send(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(count)))


class TestAHundredUpdatesOfOneRow:
    def test_have_one_winner_for_each_version(self) -> None:
        cast = make_cast("Alder")
        program = program_of(cast)
        with cast.acting():
            account = factories.account()
        address = f"/api/v1/accounts/{account.pk}/"

        def update(number: int) -> tuple[int, str, dict[str, Any]]:
            client = APIClient(headers=program)
            seen = client.get(address).headers["ETag"]
            body = {"city": f"City {number}"}
            answer = client.patch(address, body, headers={"If-Match": seen})
            return answer.status_code, seen, answer.json()

        answers = at_once(update, WRITERS)
        assert {status for status, *_ in answers} == {200, 412}
        won = [
            (json.loads(seen.strip('"')), body) for status, seen, body in answers if status == 200
        ]
        versions = sorted(version for version, _body in won)
        assert versions == list(range(1, 1 + len(won))), "one winner for each version"
        with cast.acting():
            stored = Account.objects.get(pk=account.pk)
            assert stored.version == 1 + len(won)
            # Nobody's change was lost unseen: the trail has each winner's, and no other.
            changes = AuditEntry.objects.filter(row_id=account.pk, action="update")
            cities = [entry.after["city"] for entry in changes.order_by("id") if entry.after]
        assert cities == [body["city"] for _version, body in sorted(won, key=lambda each: each[0])]
        assert stored.city == cities[-1]
        lost = [body for status, _seen, body in answers if status == 412]
        assert {body["changed_by"] for body in lost} == {"CS leader of Alder"}

    def test_that_saw_the_same_version_have_one_winner(self) -> None:
        cast = make_cast("Alder")
        program = program_of(cast)
        with cast.acting():
            account = factories.account()

        def update(number: int) -> int:
            answer = APIClient(headers=program).patch(
                f"/api/v1/accounts/{account.pk}/",
                {"city": f"City {number}"},
                headers={"If-Match": '"1"'},
            )
            return int(answer.status_code)

        statuses = at_once(update, WRITERS)
        assert sorted(statuses) == [200] + [412] * (WRITERS - 1)

    def test_in_bulk_and_crosswise_do_not_wait_for_each_other_for_ever(self) -> None:
        cast = make_cast("Alder")
        program = program_of(cast)
        with cast.acting():
            accounts = [factories.account() for _ in range(10)]

        def update(number: int) -> list[int]:
            rows = accounts if number % 2 else accounts[::-1]
            operations = [
                {
                    "action": "update",
                    "id": str(row.pk),
                    "version": 1,
                    "values": {"city": f"City {number}"},
                }
                for row in rows
            ]
            answer = APIClient(headers=program).post(
                "/api/v1/accounts/bulk/", {"operations": operations}
            )
            assert answer.status_code == 200
            return [result["status"] for result in answer.json()["results"]]

        statuses = [status for answer in at_once(update, AT_ONCE) for status in answer]
        assert statuses.count(200) == len(accounts)
        assert statuses.count(412) == len(accounts) * (AT_ONCE - 1)


class TestAHundredWritersOfOneDraft:
    def test_have_one_winner_for_each_version_of_the_whole(self) -> None:
        """The version counts edits of the draft and its steps together, so that none is undone."""
        cast = make_cast("Alder")
        program = program_of(cast)
        with cast.acting():
            draft = factories.playbook()
        address = f"/api/v1/playbook-versions/{draft.pk}/"

        def update(number: int) -> tuple[int, str, dict[str, Any]]:
            client = APIClient(headers=program)
            seen = client.get(address).headers["ETag"]
            steps = [factories.step("kickoff", title=f"Title {number}")]
            answer = client.patch(address, {"steps": steps}, headers={"If-Match": seen})
            return answer.status_code, seen, answer.json()

        answers = at_once(update, WRITERS)
        assert {status for status, *_ in answers} == {200, 412}
        won = {json.loads(seen.strip('"')): body for status, seen, body in answers if status == 200}
        assert sorted(won) == list(range(1, 1 + len(won))), "one winner for each version"
        assert [won[seen]["version"] for seen in sorted(won)] == list(range(2, 2 + len(won)))
        with cast.acting():
            stored = PlaybookVersion.objects.get(pk=draft.pk)
            (step,) = stored.steps.all()
            changes = AuditEntry.objects.filter(row_id=step.pk, action="update")
            titles = [entry.after["title"] for entry in changes.order_by("id") if entry.after]
        assert stored.version == 1 + len(won)
        assert titles == [won[seen]["steps"][0]["title"] for seen in sorted(won)]
        assert step.title == titles[-1]
        lost = [body for status, _seen, body in answers if status == 412]
        assert {body["changed_by"] for body in lost} == {"CS leader of Alder"}
