"""What is late goes by one day everywhere: that of the run's market, else of the account's."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from accounts.services import save_account
from engagement import services
from engagement.due import Todays
from engagement.models import ChatChannel, Run, Task
from engagement.monday import market_weeks
from engagement.ordering import ranked
from engagement.team_load import Sight, read_team_load
from outbox.models import Letter, WebhookDelivery
from playbooks.models import Playbook
from regions.models import Market
from regions.services import save_market
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, count_queries, day, signed_in
from tests.integration.pages import a_task
from workspace.forms.tasks import MoveForm
from workspace.rows import RowMaker

pytestmark = pytest.mark.django_db

# 07:30 on the 14th in Tokyo; 15:30 on the 13th in Los Angeles, whose hours are over here.
NOW = dt.datetime(2026, 5, 13, 22, 30, tzinfo=dt.UTC)
DUE, DUE_AT = day("2026-05-13"), NOW - dt.timedelta(minutes=30)

LATE = {"Run of Tokyo", "Check-in in Tokyo"}
DUE_TODAY = {"Run of Los Angeles", "Check-in in Los Angeles"}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _tasks(cast: Cast) -> None:
    """Due on the 13th: two of runs that finish where the account was, and a check-in in each."""
    with cast.acting():
        tokyo, west = factories.market("JP"), factories.market("US")
        west.time_zone = "America/Los_Angeles"
        save_market(west)
        version = factories.published(by=cast.leader)
        Playbook.objects.update(on_market_move="finish")
        for name, begins, ends in (
            ("Run of Tokyo", tokyo, west),
            ("Run of Los Angeles", west, tokyo),
        ):
            account = factories.account(name=name, market=begins, owner=cast.csm)
            services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=NOW)
            account.market = ends
            save_account(account)
            Task.objects.filter(account=account).update(due_date=DUE, due_at=DUE_AT)
        for name, market in (("Check-in in Tokyo", tokyo), ("Check-in in Los Angeles", west)):
            account = factories.account(name=name, market=market, owner=cast.csm)
            a_task(account, str(DUE), due_at=DUE_AT)
        assert Run.objects.filter(stays=True).count() == 2


def task_of(name: str) -> Task:
    return Task.objects.for_list().get(account__name=name)


def names(tasks: Any) -> set[str]:
    return set(tasks.values_list("account__name", flat=True))


def named_in(text: str) -> set[str]:
    return {name for name in LATE | DUE_TODAY if name in text}


def get(member: Membership, address: str) -> str:
    answer = signed_in(member).get(address)
    assert answer.status_code == 200
    return (b"".join(answer) if answer.streaming else answer.content).decode()


def late_on_today(cast: Cast) -> set[str]:
    text = get(cast.csm, "/")
    found = re.findall(r'<section aria-labelledby="(\w+)".*?</section>', text, re.DOTALL)
    assert found == ["overdue", "today", "next"]
    overdue, today, _next = text.split('<section aria-labelledby="')[1:4]
    assert named_in(today) == DUE_TODAY
    return named_in(overdue)


def marked_in_rows(cast: Cast) -> set[str]:
    with cast.acting():
        rows = RowMaker(NOW).rows(list(Task.objects.for_list()))
        return {row.task.account.name for row in rows if row.is_overdue}


def in_the_file(cast: Cast) -> set[str]:
    return named_in(get(cast.csm, "/today/export/?group=overdue"))


def divided(cast: Cast) -> set[str]:
    return named_in(get(cast.csm, "/?by=account&group=overdue"))


def in_the_api(cast: Cast) -> set[str]:
    others = named_in(get(cast.csm, "/api/v1/tasks/?overdue=false"))
    assert others == DUE_TODAY
    return named_in(get(cast.csm, "/api/v1/tasks/?overdue=true"))


def in_the_letter(cast: Cast) -> set[str]:
    services.write_member_letters(organization_id=cast.organization.pk, now=NOW)
    with cast.acting():
        text = Letter.objects.get().text
    today, overdue = text.split("Overdue\n")
    assert named_in(today) == DUE_TODAY
    return named_in(overdue)


DOORS = [
    *(late_on_today, marked_in_rows, in_the_file, divided, in_the_api, in_the_letter),
]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: str(door.__name__))
def test_is_late_when_the_day_is_over_by_which_it_goes(
    cast: Cast, door: Callable[[Cast], set[str]]
) -> None:
    assert door(cast) == LATE


class TestTodays:
    def test_divide_tasks_into_late_today_and_to_come(self, acting: Cast) -> None:
        todays = Todays.at(NOW)
        assert names(Task.objects.filter(todays.late())) == LATE
        assert names(Task.objects.filter(todays.today())) == DUE_TODAY
        Task.objects.update(due_date=DUE + dt.timedelta(days=15))
        assert names(Task.objects.filter(todays.within(14))) == LATE
        Task.objects.update(due_date=DUE + dt.timedelta(days=1))
        assert names(Task.objects.filter(todays.within(14))) == DUE_TODAY

    def test_without_a_market_find_nothing(self, acting: Cast) -> None:
        assert not Task.objects.filter(Todays({}).late()).exists()

    def test_take_one_query_and_its_tasks_another(self, acting: Cast) -> None:
        with count_queries() as captured:
            list(Task.objects.filter(Todays.at(NOW).late()))
        assert len(captured) == 2


class TestCounts:
    def test_of_the_week_are_those_behind_their_links(self, cast: Cast) -> None:
        with cast.acting():
            Task.objects.filter(pk=task_of("Check-in in Los Angeles").pk).delete()
            weeks = market_weeks(Market.objects.all(), now=NOW)
        # In the United States, it is the run of Tokyo of an account that is there now.
        assert {week.market.code: week.overdue for week in weeks} == {"JP": 1, "US": 1}
        for week in weeks:
            text = get(cast.leader, f"/?show=all&group=overdue&market={week.market.pk}")
            assert len(named_in(text)) == week.overdue

    def test_of_a_lead(self, cast: Cast) -> None:
        assert "2 overdue tasks" in get(cast.leader, "/overdue/")

    def test_of_the_load(self, acting: Cast) -> None:
        everything = Sight(markets=None, people=True)
        load = read_team_load(sight=everything, now=NOW, first=DUE)
        assert load.people is not None
        assert [each.overdue for each in load.people] == [2]
        assert load.people[0].outlook.days[0].tasks == 2

    def test_of_a_chat(self, cast: Cast) -> None:
        with cast.acting():
            channel = ChatChannel(name="#cs", kind="slack")
            channel.url = "https://hooks.slack.example/services/T0/B0/secret"
            services.save_channel(channel)
            assert services.write_due_summaries(now=NOW)
            (posted,) = WebhookDelivery.objects.all()
        # In Tokyo, the morning has not come.
        assert posted.payload["text"].splitlines()[:3] == [
            "*Americas, Wed, May 13*",
            "• Due today: 1",
            "• Overdue: 1",
        ]


class TestOneTask:
    def test_is_at_risk_while_its_run_is_late(self, acting: Cast) -> None:
        found = ranked(Task.objects.filter(run__isnull=False), todays=Todays.at(NOW))
        calm = {task.account.name: task.calm for task in found}  # type: ignore[attr-defined]
        assert calm == {"Run of Tokyo": 0, "Run of Los Angeles": 1}

    def test_moves_to_days_that_it_goes_by(self, acting: Cast) -> None:
        form = MoveForm(task=task_of("Run of Tokyo"), now=NOW)
        assert form.today == day("2026-05-14")
        form = MoveForm(task=task_of("Run of Los Angeles"), now=NOW)
        assert form.today == DUE
        choices: Any = form.fields["day"]
        assert choices.choices[0][0] == "2026-05-14"

    def test_says_until_when_on_the_clock_it_goes_by(self, cast: Cast) -> None:
        services.write_member_letters(organization_id=cast.organization.pk, now=NOW)
        with cast.acting():
            text = Letter.objects.get().text
        plain = text.replace("\u2068", "").replace("\u2069", "")
        assert "Run of Los Angeles: Do kickoff\n  Until 15:00 in United States." in plain
