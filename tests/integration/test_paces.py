"""Runs by their pace: a filter keeps the very runs that Monday counts, as each alone is judged."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from accounts.models import Account
from accounts.services import save_account
from engagement.choices import Progress
from engagement.models import Run, Task
from engagement.monday import market_weeks
from engagement.paces import paced
from engagement.progress import idle_since
from engagement.services import cancel_run, pause_run, start_run, start_runs
from engagement.standing import prepare_standings, standing_of
from playbooks.models import Playbook
from regions.models import Market
from regions.services import save_market
from regions.working_time import working_time
from tests import factories
from tests.admin_pages import address, browser
from tests.conftest import Cast, count_queries, day, signed_in
from toolkit.tables import read_table

pytestmark = pytest.mark.django_db

# 07:30 on the 14th in Tokyo; 15:30 on the 13th in Los Angeles.
NOW = dt.datetime(2026, 5, 13, 22, 30, tzinfo=dt.UTC)
RUNS = "/api/v1/runs/"
STATUSES = ("open", "open", "snoozed", "waiting", "waiting", "done", "not_applicable", "cancelled")


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def markets(cast: Cast) -> list[Market]:
    with cast.acting():
        west = factories.market("US")
        west.time_zone = "America/Los_Angeles"
        return [factories.market("JP"), save_market(west)]


@pytest.fixture
def playbook(cast: Cast, markets: list[Market]) -> Playbook:
    with cast.acting():
        version = factories.published(
            factories.step("call"), factories.step("mail"), by=cast.leader
        )
        Playbook.objects.update(on_market_move="finish")
        return version.playbook


def a_run(playbook: Playbook, market: Market, cast: Cast) -> Run:
    account = factories.account(market=market, owner=cast.csm)
    return start_run(account=account, playbook=playbook, by=cast.csm, at=NOW)


def set_up(run: Run, *, start: dt.date, **values: Any) -> None:
    Run.objects.filter(pk=run.pk).update(start_date=start)
    run.tasks.update(**values)


@pytest.fixture
def runs(cast: Cast, markets: list[Market], playbook: Playbook) -> None:
    """Runs of every kind, on the days and at the hours at which one becomes another."""
    draw = random.Random(7)
    with cast.acting():
        for number in range(32):
            market = markets[number % 2]
            factories.account(name=f"Account {number:02}", market=market, owner=cast.csm)
        start_runs(playbook=playbook, accounts=Account.objects.all(), by=cast.csm, at=NOW)
        for number, run in enumerate(Run.objects.for_list().order_by("account__name")):
            time = working_time(run.market)
            edge = idle_since(time.today(NOW), time.calendar)
            set_up(run, start=edge + dt.timedelta(days=draw.choice([-9, 0, 1, 1])))
            for task in run.tasks.order_by("step__key"):
                status = draw.choice(STATUSES)
                closed = dt.datetime.combine(edge, dt.time(draw.choice([4, 12, 23])), time.zone)
                Task.objects.filter(pk=task.pk).update(
                    status=status,
                    due_date=time.today(NOW) + dt.timedelta(days=draw.choice([-1, -1, 0])),
                    closed_at=closed + dt.timedelta(hours=draw.choice([-2, 2]))
                    if status in ("done", "not_applicable")
                    else None,
                )
            if number % 9 == 0:
                run.account.market = markets[run.market == markets[0]]
                save_account(run.account)
            if number % 11 == 0:
                pause_run(Run.objects.get(pk=run.pk), at=NOW, reason="They move.")
            if number % 13 == 0:
                cancel_run(Run.objects.get(pk=run.pk), at=NOW, reason="They left.")


def judged() -> dict[Run, Progress | None]:
    """Return the pace of each run, as it is judged alone."""
    found = list(Run.objects.for_list().order_by("pk"))
    prepare_standings(found)
    return {run: standing_of(run, now=NOW).progress for run in found}


class TestTheRule:
    def test_is_that_of_each_run_alone(self, acting: Cast, runs: None) -> None:
        alone = judged()
        together = dict(paced(Run.objects.all(), now=NOW).values_list("pk", "pace"))
        assert together == {run.pk: pace for run, pace in alone.items()}
        counts = Counter((run.market.code, pace) for run, pace in alone.items())
        assert len(counts) == 8
        assert min(counts.values()) > 1

    @pytest.mark.parametrize(
        ("code", "closed", "pace"),
        [
            # The last instant of the day that ten working days follow, and the first of the next.
            ("JP", "2026-04-26T14:59:59Z", "stuck"),
            ("JP", "2026-04-26T15:00:00Z", "behind"),
            ("US", "2026-04-30T06:59:59Z", "stuck"),
            ("US", "2026-04-30T07:00:00Z", "behind"),
        ],
    )
    def test_counts_from_the_local_day_of_the_last_closing(
        self, acting: Cast, playbook: Playbook, code: str, closed: str, pace: str
    ) -> None:
        run = a_run(playbook, Market.objects.get(code=code), acting)
        set_up(run, start=day("2026-04-01"), due_date=day("2026-05-11"))
        done = run.tasks.order_by("pk")[:1].get()
        Task.objects.filter(pk=done.pk).update(
            status="done", closed_at=dt.datetime.fromisoformat(closed)
        )
        assert paced(Run.objects.all(), now=NOW).get().pace == pace
        assert list(judged().values()) == [pace]

    def test_takes_no_more_queries_for_more_runs(
        self, acting: Cast, markets: list[Market], playbook: Playbook
    ) -> None:
        def count() -> int:
            with count_queries() as captured:
                list(paced(Run.objects.all(), now=NOW).filter(pace="stuck"))
            return len(captured)

        count()
        few = count()
        for market in markets:
            set_up(a_run(playbook, market, acting), start=day("2026-03-02"), status="waiting")
        assert count() == few == 2


class TestMonday:
    def test_counts_the_runs_of_its_links_and_their_file(self, cast: Cast, runs: None) -> None:
        with cast.acting():
            weeks = market_weeks(Market.objects.all(), now=NOW)
        text = signed_in(cast.leader).get("/monday/").content.decode().replace("&amp;", "&")
        client = browser(cast.leader)
        for week in weeks:
            for pace, count in ((Progress.BEHIND, week.behind), (Progress.STUCK, week.stuck)):
                query = f"pace={pace.value}&market__id__exact={week.market.pk}"
                link = f"{address(Run, 'changelist')}?{query}"
                assert f'href="{link}"' in text
                assert len(client.get(link).context["cl"].result_list) == count > 1
                file = client.get(f"{address(Run, 'export')}?{query}&_as=csv").content
                assert len(list(read_table(file).rows())) == count


class TestTheApi:
    def test_keeps_the_runs_of_a_pace_page_by_page(
        self, cast: Cast, outsiders: Cast, runs: None
    ) -> None:
        with cast.acting():
            expected = judged()
        client = signed_in(cast.leader)
        for pace in Progress:
            found: list[str] = []
            link = f"{RUNS}?pace={pace.value}&page_size=3"
            while link:
                with count_queries() as captured:
                    body = client.get(link).json()
                assert {row["progress"]["pace"] for row in body["results"]} == {pace.value}
                found += [row["id"] for row in body["results"]]
                link = body["next"]
            assert found == [str(run.pk) for run, known in expected.items() if known == pace][::-1]
            assert len(found) > 3
            with count_queries() as at_once:
                assert len(client.get(RUNS, {"pace": pace.value}).json()["results"]) == len(found)
            assert len(at_once) == len(captured)
            assert signed_in(outsiders.leader).get(RUNS, {"pace": pace}).json()["results"] == []

    def test_refuses_a_pace_that_there_is_not(self, cast: Cast) -> None:
        assert signed_in(cast.leader).get(RUNS, {"pace": "slow"}).status_code == 400
