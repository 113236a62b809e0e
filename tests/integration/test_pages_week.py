"""The week: days as its reader counts them, loads, days off, and moving without a mouse."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine

from accounts.models import Account
from engagement.models import Task
from playbooks.models import Cadence
from regions.models import Assignment
from talent.models import Leave
from tests import factories
from tests.conftest import Cast, count_queries, day, signed_in
from tests.integration.pages import a_cadence, a_task
from workspace.week import MOST_A_DAY

pytestmark = pytest.mark.django_db

# A Wednesday: 18:00 in Paris, 01:00 of Thursday in Tokyo. Thursday is Ascension Day in France.
NOW = "2026-05-13T16:00:00+00:00"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(cast: Cast) -> Account:
    with cast.acting():
        found = factories.account(name="Paris Freight", owner=cast.csm)
        Assignment.objects.create(membership=cast.csm, market=found.market)
        factories.home_market(cast.csm, found.market)
        return found


def page(cast: Cast, query: str = "") -> str:
    text: str = signed_in(cast.csm).get(f"/week/{query}").content.decode()
    return text


def days_of(text: str) -> list[str]:
    return re.findall(r'id="day-([\d-]+)"', text)


def test_shows_tasks_by_day_with_their_load(cast: Cast, account: Account) -> None:
    with cast.acting():
        a_cadence(duration_minutes=45)
        a_task(account, "2026-05-12")
        a_task(account, "2026-05-13")
        a_task(account, "2026-05-13", nominal_date=day("2026-05-10"))
        a_task(account, "2026-05-19")
        a_task(account, "2026-05-14", owner=cast.manager)
        a_task(account, "2026-05-15", status="done", closed_at=dt.datetime.now(dt.UTC))
    text = page(cast)
    assert days_of(text) == [f"2026-05-{number}" for number in range(11, 18)]
    assert "3 tasks in this week, 2 h 15 min in all." in text
    assert "1 h 30 min" in text
    assert text.count('class="of-day"') == 3
    assert text.count('class="of-day"') - page(cast, "?from=2026-05-18").count("of-day") >= 2


def test_names_days_off_and_leave(cast: Cast, account: Account) -> None:
    with cast.acting():
        factories.account(name="Sakura", owner=cast.csm, market=factories.market("JP"))
        Leave.objects.create(membership=cast.csm, start=day("2026-05-15"), end=day("2026-05-16"))
        Leave.objects.create(membership=cast.leader, start=day("2026-05-11"), end=day("2026-05-11"))
    text = page(cast)
    thursday = text[text.index('id="day-2026-05-14"') : text.index('id="day-2026-05-15"')]
    assert "Ascension Day" in thursday
    assert "France" in thursday
    assert "Japan" not in thursday
    assert text.count("You are away") == 2


def test_a_week_begins_on_sunday_where_the_member_works(cast: Cast) -> None:
    with cast.acting():
        factories.home_market(cast.csm, factories.market("SA"))
    assert days_of(page(cast))[0] == "2026-05-10"


def test_goes_to_other_weeks(cast: Cast, account: Account) -> None:
    text = page(cast, "?from=2026-05-20")
    assert days_of(text)[0] == "2026-05-18"
    assert "from=2026-05-11" in text
    assert "from=2026-05-25" in text
    assert "This week" in text
    assert days_of(page(cast, "?from=nonsense"))[0] == "2026-05-11"
    assert days_of(page(cast, "?from=2028-02-29"))[1] == "2028-02-29"


def test_moves_a_task_by_a_form(cast: Cast, account: Account) -> None:
    with cast.acting():
        task = a_task(account, "2026-05-13")
    text = page(cast)
    form = text[text.index(f"/tasks/{task.pk}/move/") :]
    assert 'value="2026-05-15"' in form
    assert 'value="2026-05-12"' not in form
    client = signed_in(cast.csm)
    values = {"until": "2026-05-15", "reason": "They asked", "seen_version": 1, "next": "/week/"}
    answer = client.post(f"/tasks/{task.pk}/move/", values, format="multipart")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/week/")
    with cast.acting():
        assert Task.objects.get(pk=task.pk).due_date == day("2026-05-15")
    # The second of two, who saw the earlier state, is told; so is who chooses a holiday.
    client.post(f"/tasks/{task.pk}/move/", {**values, "until": "2026-05-18"}, format="multipart")
    with cast.acting():
        assert Task.objects.get(pk=task.pk).due_date == day("2026-05-15")
    values |= {"until": "2026-05-14", "seen_version": 2}
    answer = client.post(f"/tasks/{task.pk}/move/", values, format="multipart")
    assert "Nobody works there" in answer.content.decode()


def test_an_analyst_reads_only(cast: Cast, account: Account) -> None:
    with cast.acting():
        a_task(account, "2026-05-13")
    text = signed_in(cast.analyst).get("/week/?show=all").content.decode()
    assert "Paris Freight" in text
    assert "/move/" not in text


def test_filters_and_parts(cast: Cast, account: Account) -> None:
    with cast.acting():
        a_task(account, "2026-05-13")
    assert "Paris Freight" not in page(cast, "?q=Lyon")
    assert "Paris Freight" not in page(cast, "?show=unowned")
    channel = a_cadence_channel(cast)
    assert "Paris Freight" in page(cast, f"?channel={channel}")
    part = signed_in(cast.csm).get("/week/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Paris Freight" in part


def a_cadence_channel(cast: Cast) -> str:
    """Return the channel of the tasks of these tests."""
    with cast.acting():
        return Cadence.objects.get().channel


def test_runs_a_fixed_number_of_queries_and_shows_so_many(cast: Cast, account: Account) -> None:
    client = signed_in(cast.csm)

    def count() -> int:
        with count_queries() as captured:
            client.get("/week/")
        return len(captured)

    with cast.acting():
        a_task(account, "2026-05-13")
    client.get("/week/")
    few = count()
    with cast.acting():
        for number in range(MOST_A_DAY + 4):
            other = factories.account(name=f"Account {number}", owner=cast.csm)
            a_task(other, "2026-05-13")
    assert count() == few
    text = page(cast)
    assert text.count('class="of-day"') == MOST_A_DAY
    assert "and 5 others" in text


def test_another_organization_sees_nothing_of_it(
    cast: Cast, account: Account, outsiders: Cast
) -> None:
    with cast.acting():
        a_task(account, "2026-05-13")
    assert "Paris Freight" not in signed_in(outsiders.leader).get("/week/").content.decode()
