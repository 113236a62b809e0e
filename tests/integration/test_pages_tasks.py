"""Actions on a task: with and without script, by one person and by two."""

import datetime as dt
from collections.abc import Iterator
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from accounts.models import Account
from engagement.choices import Outcome, TaskStatus
from engagement.models import Task
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, day, signed_in
from tests.integration.pages import a_task

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true", "HX-Current-URL": "http://testserver/?show=mine"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """A Wednesday afternoon in Paris."""
    with time_machine.travel("2026-05-13T12:00:00+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def task(cast: Cast) -> Task:
    with cast.acting():
        account: Account = factories.account(name="Lenoir", owner=cast.csm)
        return a_task(account, "2026-05-13")


def stored(cast: Cast, task: Task) -> Task:
    with cast.acting():
        return Task.objects.select_related("owner", "closed_by").get(pk=task.pk)


class TestDone:
    def test_one_key_is_enough(self, cast: Cast, task: Task) -> None:
        response = signed_in(cast.csm).post(f"/tasks/{task.pk}/done/", headers=SCRIPT)
        page = response.content.decode()
        assert response.status_code == 200
        assert f'id="task-{task.pk}"' in page
        assert f"/tasks/{task.pk}/undo/" in page
        done = stored(cast, task)
        assert (done.status, done.closed_by_id) == (TaskStatus.DONE, cast.csm.pk)

    def test_a_note_and_an_outcome_are_kept(self, cast: Cast, task: Task) -> None:
        signed_in(cast.csm).post(
            f"/tasks/{task.pk}/done/",
            {"outcome": "no_answer", "note": "Rang twice."},
            format="multipart",
            headers=SCRIPT,
        )
        done = stored(cast, task)
        assert (done.outcome, done.note) == (Outcome.NO_ANSWER, "Rang twice.")

    def test_without_script_it_leads_back_with_a_message(self, cast: Cast, task: Task) -> None:
        client = signed_in(cast.csm)
        response = client.post(
            f"/tasks/{task.pk}/done/", {"next": "/?show=mine&tier=tier_1"}, format="multipart"
        )
        assert response.status_code == 302
        assert response.headers["Location"] == "/?show=mine&tier=tier_1"
        page = client.get("/").content.decode()
        assert "Lenoir" in page
        assert "Just now" in page
        assert f"/tasks/{task.pk}/undo/" in page

    @pytest.mark.parametrize(
        "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:1"]
    )
    def test_it_never_leads_to_another_site(self, cast: Cast, task: Task, elsewhere: str) -> None:
        response = signed_in(cast.csm).post(
            f"/tasks/{task.pk}/done/", {"next": elsewhere}, format="multipart"
        )
        assert response.headers["Location"] == "/"


class TestSecondOfTwo:
    def test_is_told_who_did_it_and_when(self, cast: Cast, task: Task) -> None:
        signed_in(cast.leader).post(f"/tasks/{task.pk}/done/", headers=SCRIPT)
        response = signed_in(cast.csm).post(f"/tasks/{task.pk}/done/", headers=SCRIPT)
        page = response.content.decode()
        assert response.status_code == 409
        assert "CS leader of Alder" in page
        assert "05/13/2026 noon" in page
        assert "/done/" not in page
        assert stored(cast, task).closed_by_id == cast.leader.pk

    def test_is_told_without_script_too(self, cast: Cast, task: Task) -> None:
        signed_in(cast.leader).post(f"/tasks/{task.pk}/done/", headers=SCRIPT)
        client = signed_in(cast.csm)
        assert client.post(f"/tasks/{task.pk}/done/").status_code == 302
        assert "CS leader of Alder" in client.get("/").content.decode()

    def test_acts_on_no_task_that_moved_since_she_saw_it(self, cast: Cast, task: Task) -> None:
        signed_in(cast.leader).post(
            f"/tasks/{task.pk}/move/",
            {"until": "2026-05-20", "reason": "Trade fair"},
            format="multipart",
            headers=SCRIPT,
        )
        response = signed_in(cast.csm).post(
            f"/tasks/{task.pk}/done/",
            {"seen_version": task.version},
            format="multipart",
            headers=SCRIPT,
        )
        page = response.content.decode()
        assert response.status_code == 409
        assert "Somebody else changed this" in page
        assert "Wed, May 20" in page
        assert stored(cast, task).status == TaskStatus.SNOOZED


class TestMove:
    def test_suggests_the_next_working_days(self, cast: Cast, task: Task) -> None:
        page = signed_in(cast.csm).get(f"/tasks/{task.pk}/move/", headers=SCRIPT).content.decode()
        # Thursday 14 May 2026 is Ascension Day in France, Monday 25 May Whit Monday.
        assert 'value="2026-05-14"' not in page
        assert 'value="2026-05-15"' in page
        assert 'value="2026-05-18"' in page

    def test_moves_to_a_day_chosen_or_entered(self, cast: Cast, task: Task) -> None:
        client = signed_in(cast.csm)
        response = client.post(
            f"/tasks/{task.pk}/move/",
            {"day": "2026-05-15", "reason": "Asked for it"},
            format="multipart",
            headers=SCRIPT,
        )
        assert "Moved to Fri, May 15" in response.content.decode()
        assert stored(cast, task).due_date == day("2026-05-15")
        # A reloaded page shows it once: as what was just done, not among what comes next.
        assert client.get("/").content.decode().count(f'id="task-{task.pk}"') == 1
        client.post(
            f"/tasks/{task.pk}/move/",
            {"day": "2026-05-18", "until": "2026-05-19", "reason": "Asked again"},
            format="multipart",
            headers=SCRIPT,
        )
        assert stored(cast, task).due_date == day("2026-05-19")

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"reason": "r"}, "Choose a day."),
            ({"day": "2026-05-15"}, "required"),
            ({"until": "2026-05-12", "reason": "r"}, "This day is over"),
            ({"until": "2026-05-14", "reason": "r"}, "Nobody works there"),
            ({"until": "9999-05-14", "reason": "r"}, "not known"),
            ({"until": "nonsense", "reason": "r"}, "valid date"),
            ({"day": "2026-05-15", "reason": "\0"}, "Null characters"),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(
        self, cast: Cast, task: Task, values: dict[str, str], message: str
    ) -> None:
        response = signed_in(cast.csm).post(
            f"/tasks/{task.pk}/move/", values, format="multipart", headers=SCRIPT
        )
        assert response.status_code == 422
        assert response.headers["HX-Retarget"] == f"#panel-{task.pk}"
        assert message in response.content.decode()
        assert stored(cast, task).status == TaskStatus.OPEN


class TestNotApplicable:
    def test_needs_a_reason(self, cast: Cast, task: Task) -> None:
        client = signed_in(cast.csm)
        address = f"/tasks/{task.pk}/not-applicable/"
        assert client.post(address, headers=SCRIPT).status_code == 422
        values = {"reason": "They met us at the fair."}
        assert client.post(address, values, format="multipart", headers=SCRIPT).status_code == 200
        closed = stored(cast, task)
        assert (closed.status, closed.reason) == (TaskStatus.NOT_APPLICABLE, values["reason"])


class TestHandOver:
    def test_offers_members_who_work_but_not_its_owner(
        self, cast: Cast, outsiders: Cast, task: Task
    ) -> None:
        page = (
            signed_in(cast.csm).get(f"/tasks/{task.pk}/hand-over/", headers=SCRIPT).content.decode()
        )
        assert "CS leader of Alder" in page
        for nobody in (cast.csm, cast.analyst, outsiders.csm):
            assert str(nobody.pk) not in page

    def test_gives_it_to_another_member(self, cast: Cast, task: Task) -> None:
        response = signed_in(cast.csm).post(
            f"/tasks/{task.pk}/hand-over/",
            {"to": str(cast.manager.pk), "reason": "Speaks French"},
            format="multipart",
            headers=SCRIPT,
        )
        assert "Handed over to Regional manager of Alder" in response.content.decode()
        assert stored(cast, task).owner_id == cast.manager.pk

    def test_knows_nobody_of_another_organization(
        self, cast: Cast, outsiders: Cast, task: Task
    ) -> None:
        answers = [
            signed_in(cast.csm)
            .post(
                f"/tasks/{task.pk}/hand-over/", {"to": str(pk)}, format="multipart", headers=SCRIPT
            )
            .content.decode()
            .partition("csrfmiddlewaretoken")[2][100:]
            .replace(str(pk), "")
            for pk in (outsiders.csm.pk, uuid4())
        ]
        assert answers[0] == answers[1]
        assert stored(cast, task).owner_id == cast.csm.pk


class TestUndo:
    def test_brings_the_row_back(self, cast: Cast, task: Task) -> None:
        client = signed_in(cast.csm)
        client.post(f"/tasks/{task.pk}/done/", headers=SCRIPT)
        page = client.post(f"/tasks/{task.pk}/undo/", headers=SCRIPT).content.decode()
        assert f"/tasks/{task.pk}/done/" in page
        assert stored(cast, task).status == TaskStatus.OPEN
        assert "Just now" not in client.get("/").content.decode()

    def test_is_over_after_ten_minutes(
        self, cast: Cast, task: Task, clock: time_machine.Traveller
    ) -> None:
        client = signed_in(cast.csm)
        client.post(f"/tasks/{task.pk}/done/", headers=SCRIPT)
        clock.shift(dt.timedelta(minutes=10, seconds=1))
        response = client.post(f"/tasks/{task.pk}/undo/", headers=SCRIPT)
        assert response.status_code == 409
        assert stored(cast, task).status == TaskStatus.DONE
        assert "Just now" not in client.get("/").content.decode()


ACTIONS = ["done", "move", "not-applicable", "hand-over", "undo"]


class TestRefusals:
    @pytest.mark.parametrize("action", ACTIONS)
    def test_an_analyst_acts_on_nothing(self, cast: Cast, task: Task, action: str) -> None:
        response = signed_in(cast.analyst).post(f"/tasks/{task.pk}/{action}/")
        assert response.status_code == 403
        assert stored(cast, task).version == task.version

    @pytest.mark.parametrize("action", ACTIONS)
    def test_a_foreign_task_is_a_missing_one(
        self, cast: Cast, outsiders: Cast, task: Task, action: str
    ) -> None:
        client = signed_in(outsiders.csm)
        foreign, missing = (
            client.post(f"/tasks/{pk}/{action}/", {"reason": "r"}) for pk in (task.pk, uuid4())
        )
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert foreign.content == missing.content

    def test_a_page_left_open_while_the_session_ended_reloads(self, task: Task) -> None:
        response = Client().post(f"/tasks/{task.pk}/done/", headers=SCRIPT)
        assert response.headers["HX-Refresh"] == "true"


def test_every_form_works_as_a_page_without_script(cast: Cast, task: Task) -> None:
    member: Membership = cast.csm
    for action in ACTIONS[:4]:
        page = signed_in(member).get(f"/tasks/{task.pk}/{action}/?next=/accounts/")
        assert page.status_code == 200
        assert "<h1>" in page.content.decode()
        assert 'name="next" value="/accounts/"' in page.content.decode()
