"""The leader's Monday: by market, from what planning, runs and triggers left behind."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Account
from engagement.choices import Progress, RunStatus
from engagement.models import MarketPass, Run, Task, TriggerFiring
from engagement.monday import MarketWeek, market_weeks
from engagement.services import start_run
from engagement.standing import prepare_standings, standing_of
from playbooks import services as playbooks_services
from regions.models import Assignment, Market
from tests import factories
from tests.conftest import Cast, count_queries, day, signed_in
from tests.integration.pages import a_task

pytestmark = pytest.mark.django_db

# A Monday: 10:00 in Paris, 17:00 in Tokyo.
NOW = "2026-05-18T08:00:00+00:00"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account(cast: Cast) -> Account:
    with cast.acting():
        factories.market("JP")
        found = factories.account(name="Paris Freight", owner=cast.csm)
        Assignment.objects.create(membership=cast.manager, market=found.market)
        return found


def weeks() -> dict[str, MarketWeek]:
    return {
        week.market.code: week for week in market_weeks(Market.objects.all(), now=timezone.now())
    }


def a_pass(account: Account, at: str, **values: object) -> MarketPass:
    record = MarketPass.objects.create(
        market=account.market, trigger="schedule", today=day(at[:10]), **values
    )
    MarketPass.objects.filter(pk=record.pk).update(at=dt.datetime.fromisoformat(at))
    return record


class TestNumbers:
    def test_adds_up_seven_days_of_planning(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            a_pass(account, "2026-05-11T07:59:00+00:00", planned=100, moved=100)
            for at, reasons in (
                ("2026-05-12T03:00:00+00:00", {"holiday": 2, "rest_day": 1}),
                ("2026-05-15T03:00:00+00:00", {"holiday": 1}),
            ):
                a_pass(account, at, planned=10, moved=3, late=1, reasons=reasons)
            found = weeks()
        planned = found["FR"].planned
        assert (planned.planned, planned.moved, planned.late) == (20, 6, 2)
        assert list(planned.reasons.items()) == [("holiday", 3), ("rest_day", 1)]
        assert found["JP"].planned.planned == 0
        assert not found["JP"].needs_a_look

    def test_says_why_planning_failed(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            a_pass(account, "2026-05-14T03:00:00+00:00", state="failed", failure="No calendar")
            a_pass(account, "2026-05-13T03:00:00+00:00", state="failed", failure="Older")
            assert weeks()["FR"].planned.failure == "No calendar"

    def test_counts_what_is_overdue_by_each_market(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            a_task(account, "2026-05-15")
            a_task(account, "2026-05-18")
            assert weeks()["FR"].overdue == 1

    def test_counts_markets_that_lag(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            at = timezone.now()
            version = factories.published(by=cast.leader)
            local = factories.localization(
                version, account.market, factories.change("kickoff", "offset", 4)
            )
            playbooks_services.publish_localization(local, by=cast.leader, at=at)
            assert weeks()["FR"].lagging == 0
            draft = playbooks_services.start_draft(version.playbook, by=cast.leader)
            playbooks_services.publish_version(draft, by=cast.leader, at=at)
            found = weeks()
        assert (found["FR"].lagging, found["JP"].lagging) == (1, 0)

    def test_counts_what_triggers_refused(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            version = factories.published(factories.step("call"), by=cast.leader)
            trigger = factories.trigger(version.playbook, "manual")
            for number, result in enumerate(("cool_down", "cool_down", "step_past")):
                TriggerFiring.objects.create(
                    trigger=trigger,
                    account=account,
                    occasion=str(number),
                    due_on=day("2026-05-18"),
                    day=day("2026-05-18"),
                    result=result,
                    at=timezone.now(),
                )
            assert weeks()["FR"].refused == {"cool_down": 2, "step_past": 1}


class TestPaces:
    def test_counts_runs_as_each_of_them_is_judged(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            version = factories.published(
                factories.step("call"), factories.step("mail"), by=cast.leader
            )
            for number in range(8):
                other = factories.account(name=f"Account {number}", owner=cast.csm)
                run = start_run(
                    account=other, playbook=version.playbook, by=cast.csm, at=timezone.now()
                )
                tasks = Task.objects.filter(run=run)
                first = tasks.order_by("pk")[:1].get()
                start = day("2026-05-18") - dt.timedelta(days=6 * number)
                Run.objects.filter(pk=run.pk).update(start_date=start)
                tasks.update(due_date=start)
                if number == 5:
                    at = timezone.now() - dt.timedelta(days=2)
                    Task.objects.filter(pk=first.pk).update(status="done", closed_at=at)
                if number == 6:
                    tasks.update(status="waiting")
                if number == 7:
                    Run.objects.filter(pk=run.pk).update(
                        status=RunStatus.PAUSED, paused_on=day("2026-05-18")
                    )
            runs = list(Run.objects.for_list())
            prepare_standings(runs)
            expected = Counter(standing_of(run, now=timezone.now()).progress for run in runs)
            week = weeks()["FR"]
        assert expected[Progress.STUCK] >= 2
        assert expected[Progress.BEHIND] >= 2
        assert (week.behind, week.stuck) == (
            expected[Progress.BEHIND],
            expected[Progress.STUCK],
        )
        assert week.paused == 1


class TestPage:
    def test_shows_each_number_with_its_list(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            a_pass(account, "2026-05-12T03:00:00+00:00", planned=7, moved=2, reasons={"holiday": 2})
            a_pass(account, "2026-05-14T03:00:00+00:00", state="failed", failure="No calendar")
            a_task(account, "2026-05-15")
        client = signed_in(cast.leader)
        text = client.get("/monday/").content.decode()
        for said in ("Public holiday 2", "No calendar", "1 market needs a look", "Japan"):
            assert said in text
        for address in addresses(text):
            assert client.get(address).status_code == 200, address
        overdue = next(
            each
            for each in addresses(text)
            if "group=overdue" in each and str(account.market_id) in each
        )
        assert "Paris Freight" in client.get(overdue).content.decode()

    def test_a_manager_sees_where_she_works(self, cast: Cast, account: Account) -> None:
        text = signed_in(cast.manager).get("/monday/").content.decode()
        assert "France" in text
        assert "Japan" not in text

    def test_says_when_nothing_is_open_for_her(self, cast: Cast) -> None:
        assert (
            "No market of yours is open" in signed_in(cast.manager).get("/monday/").content.decode()
        )

    def test_is_for_leads(self, cast: Cast, account: Account) -> None:
        for member in (cast.csm, cast.analyst):
            assert signed_in(member).get("/monday/").status_code == 403
            assert 'href="/monday/"' not in signed_in(member).get("/week/").content.decode()
        assert 'href="/monday/"' in signed_in(cast.manager).get("/week/").content.decode()

    def test_is_a_file_too(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            a_pass(account, "2026-05-12T03:00:00+00:00", planned=7, moved=2, reasons={"holiday": 2})
        answer = signed_in(cast.leader).get("/monday/?as=csv")
        body = b"".join(answer) if answer.streaming else answer.content
        lines = body.decode("utf-8-sig").splitlines()
        assert lines[0].startswith("Market,Planned,Moved,Why they moved")
        assert any(line.startswith("France,7,2,Public holiday 2,0") for line in lines)
        assert len(lines) == 3

    def test_another_organization_counts_nothing(
        self, cast: Cast, account: Account, outsiders: Cast
    ) -> None:
        with cast.acting():
            a_pass(account, "2026-05-12T03:00:00+00:00", planned=77)
        assert ">77<" not in signed_in(outsiders.leader).get("/monday/").content.decode()

    def test_runs_a_fixed_number_of_queries(self, cast: Cast, account: Account) -> None:
        def count() -> int:
            with cast.acting(), count_queries() as captured:
                weeks()
            return len(captured)

        count()
        few = count()
        with cast.acting():
            for code in ("DE", "US", "SA"):
                other = factories.account(name=code, market=factories.market(code))
                a_task(other, "2026-05-11")
                a_pass(other, "2026-05-14T03:00:00+00:00", state="failed", failure="Why")
        count()
        assert count() == few


def addresses(text: str) -> list[str]:
    table = text[text.index("<main") : text.index("</main")].split('href="')[1:]
    return [each.split('"')[0].replace("&amp;", "&") for each in table if each[0] == "/"]
