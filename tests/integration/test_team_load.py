"""Who has how much to do: read from real rows, and who may see it."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
import time_machine

from engagement.models import Task
from engagement.services import start_run
from engagement.team_load import Load, Sight, TeamLoad, read_team_load, sight_of
from governance import services as governance_services
from governance.models import GovernanceSettings
from regions.models import Assignment, Market, Region
from regions.services import save_assignment
from talent.models import Leave, WorkProfile
from talent.services import save_leave, save_work_profile
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, count_queries, day, signed_in
from tests.integration.pages import a_task

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 18, 8, tzinfo=dt.UTC)  # a Monday
EVERYTHING = Sight(markets=None, people=True)


def read(sight: Sight = EVERYTHING, **values: Any) -> TeamLoad:
    return read_team_load(sight=sight, now=NOW, first=NOW.date(), **values)


def of(load: TeamLoad, subject: Membership | Market | Region | None) -> Load:
    everything: list[Load] = [*(load.people or ()), *(load.markets or ()), *(load.regions or ())]
    [found] = [
        each
        for each in everything
        if getattr(each.subject, "pk", None) == getattr(subject, "pk", None)
    ]
    return found


def switch_on() -> None:
    governance_services.save_settings(GovernanceSettings(figures_about_people=True))


class TestReadTeamLoad:
    def test_adds_up_by_person_market_and_region(self, acting: Cast) -> None:
        france, japan = factories.market("FR"), factories.market("JP")
        for market, owner in ((france, acting.csm), (japan, acting.csm), (japan, None)):
            a_task(factories.account(market=market, owner=owner), "2026-05-20")
        load = read()
        assert of(load, acting.csm).outlook.days[2].tasks == 2
        assert of(load, acting.csm).outlook.days[2].minutes == 60
        assert of(load, None).outlook.weeks[0].tasks == 1
        assert of(load, france).outlook.weeks[0].tasks == 1
        assert of(load, japan).outlook.weeks[0].minutes == 60
        assert of(load, japan.region).outlook.weeks[0].tasks == 2

    def test_counts_what_is_late_apart(self, acting: Cast) -> None:
        account = factories.account(market=factories.market("FR"), owner=acting.csm)
        a_task(account, "2026-05-15")
        found = of(read(), acting.csm)
        assert (found.overdue, found.overdue_minutes) == (1, 30)
        assert found.outlook.weeks[0].tasks == 0

    def test_counts_steps_of_runs_and_those_that_wait(self, acting: Cast) -> None:
        france = factories.market("FR")
        account = factories.account(market=france, owner=acting.csm)
        version = factories.published(
            factories.step("call", offset=2, duration_minutes=45),
            factories.step("review", offset=3, duration_minutes=60, depends_on=["call"]),
            by=acting.leader,
        )
        start_run(playbook=version.playbook, account=account, by=acting.leader, at=NOW)
        assert Task.objects.filter(status="waiting").exists()
        assert of(read(), acting.csm).outlook.weeks[0].minutes == 105

    def test_capacity_is_that_of_her_calendar_less_leave(self, acting: Cast) -> None:
        france = factories.market("FR")
        profile = factories.home_market(acting.csm, france)
        profile.minutes_a_day = 240
        save_work_profile(profile)
        save_leave(Leave(membership=acting.csm, start=day("2026-05-21"), end=day("2026-05-22")))
        account = factories.account(market=france, owner=acting.csm)
        a_task(account, "2026-05-20")
        found = of(read(), acting.csm).outlook
        assert [each.capacity for each in found.days] == [240, 240, 240, 0, 0, 0, 0]
        # Whit Monday is a holiday in France.
        assert [week.capacity for week in found.weeks[:2]] == [720, 960]

    def test_without_a_home_nobody_knows_what_fits(self, acting: Cast) -> None:
        a_task(factories.account(market=factories.market("FR"), owner=acting.csm), "2026-05-20")
        found = of(read(), acting.csm).outlook
        assert WorkProfile.objects.count() == 0
        assert {week.capacity for week in found.weeks} == {None}

    def test_foresees_what_the_rhythms_bring(self, acting: Cast) -> None:
        france = factories.market("FR")
        with time_machine.travel(NOW, tick=False):
            factories.cadence(every=2, unit="weeks", duration_minutes=30)
            # Where its rhythm begins depends on its id.
            factories.account(market=france, owner=acting.csm, id=UUID(int=1))
        found = of(read(), acting.csm).outlook
        planned = sum(week.tasks for week in found.weeks)
        expected = sum(week.expected for week in found.weeks)
        assert planned == 1
        # August is quiet in France.
        assert expected >= 4
        assert found.minutes == 30 * (planned + expected)

    def test_is_kept_to_a_region_or_market(self, acting: Cast) -> None:
        france, japan = factories.market("FR"), factories.market("JP")
        for market in (france, japan):
            a_task(factories.account(market=market, owner=acting.csm), "2026-05-20")
        kept: list[dict[str, Any]] = [{"market": france.pk}, {"region": france.region_id}]
        for values in kept:
            load = read(**values)
            assert of(load, acting.csm).outlook.weeks[0].tasks == 1
            assert [each.subject for each in load.markets or ()] == [france]

    def test_takes_as_many_queries_for_many_as_for_few(self, acting: Cast) -> None:
        def queries() -> int:
            with count_queries() as captured:
                read()
            return len(captured)

        def fill(code: str, owner: Membership, accounts: int) -> None:
            market = factories.market(code)
            factories.home_market(owner, market)
            for _ in range(accounts):
                factories.account(market=market, owner=owner)

        factories.cadence(every=1, unit="weeks")
        fill("FR", acting.csm, 1)
        read()
        few = queries()
        fill("JP", acting.manager, 5)
        fill("SA", acting.leader, 5)
        read()
        assert queries() == few <= 12


class TestSight:
    def test_people_are_hidden_until_the_organization_says_so(self, acting: Cast) -> None:
        a_task(factories.account(market=factories.market("FR"), owner=acting.csm), "2026-05-20")
        assert read(sight_of(acting.leader)).people is None
        switch_on()
        assert read(sight_of(acting.leader)).people
        assert read(sight_of(acting.analyst)).people is None

    def test_a_csm_sees_herself_alone(self, acting: Cast) -> None:
        france = factories.market("FR")
        for owner in (acting.csm, acting.manager, None):
            a_task(factories.account(market=france, owner=owner), "2026-05-20")
        load = read(sight_of(acting.csm))
        assert [each.subject for each in load.people or ()] == [acting.csm]
        assert load.markets is load.regions is None
        assert of(load, acting.csm).outlook.weeks[0].tasks == 1

    def test_a_regional_manager_sees_where_she_works(self, acting: Cast) -> None:
        switch_on()
        france, japan = factories.market("FR"), factories.market("JP")
        save_assignment(Assignment(membership=acting.manager, market=japan))
        for market in (france, japan):
            a_task(factories.account(market=market, owner=acting.csm), "2026-05-20")
        load = read(sight_of(acting.manager))
        assert [each.subject for each in load.markets or ()] == [japan]
        assert of(load, acting.csm).outlook.weeks[0].tasks == 1

    def test_nothing_of_another_organization_counts(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting():
            account = factories.account(market=factories.market("FR"), owner=outsiders.csm)
            a_task(account, "2026-05-20")
        with cast.acting():
            load = read()
            assert (load.people, load.markets, load.regions) == ([], [], [])


class TestApi:
    URL = "/api/v1/team-load/"

    @pytest.fixture(autouse=True)
    def place(self, cast: Cast) -> None:
        with cast.acting(), time_machine.travel(NOW, tick=False):
            market = factories.market("FR")
            a_task(factories.account(market=market, owner=cast.csm), "2026-05-20")

    def get(self, member: Membership, **values: Any) -> dict[str, Any]:
        with time_machine.travel(NOW, tick=False):
            answer = signed_in(member).get(self.URL, values)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def test_tells_who_leads_of_regions_and_markets(self, cast: Cast) -> None:
        found = self.get(cast.leader, weeks=2)
        assert (found["from"], found["people"]) == ("2026-05-18", None)
        [market] = found["markets"]
        assert market["name"] == "France"
        assert len(market["weeks"]) == 2
        assert market["days"][2] == {
            "start": "2026-05-20",
            "days": 1,
            "tasks": 1,
            "expected": 0,
            "minutes": 30,
            "capacity": None,
            "is_over": False,
        }

    def test_tells_a_csm_of_herself(self, cast: Cast) -> None:
        found = self.get(cast.csm)
        [person] = found["people"]
        assert person["member"] == str(cast.csm.pk)
        assert found["markets"] is None

    def test_a_foreign_region_finds_what_a_missing_one_finds(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        with outsiders.acting():
            foreign = factories.region(name="Away")
        missing = UUID(int=1)
        for name in ("region", "market"):
            answers = [self.get(cast.leader, **{name: pk}) for pk in (foreign.pk, missing)]
            assert answers[0] == answers[1]
            assert answers[0]["markets"] == []

    @pytest.mark.parametrize(
        "values",
        [
            {"from": "2026-05-17"},
            {"from": "2027-05-20"},
            {"from": "yesterday"},
            {"weeks": 0},
            {"weeks": 27},
            {"region": "EMEA"},
            {"person": "1"},
        ],
    )
    def test_refuses_what_it_cannot_read(self, cast: Cast, values: dict[str, Any]) -> None:
        with time_machine.travel(NOW, tick=False):
            answer = signed_in(cast.leader).get(self.URL, values)
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["path"] == next(iter(values))


class TestPage:
    @pytest.fixture(autouse=True)
    def place(self, cast: Cast) -> None:
        with cast.acting(), time_machine.travel(NOW, tick=False):
            market = factories.market("FR")
            factories.home_market(cast.csm, market)
            for _ in range(14):
                a_task(factories.account(market=market, owner=cast.csm), "2026-05-20")

    def page(self, member: Membership, address: str = "/team/") -> str:
        with time_machine.travel(NOW, tick=False):
            answer = signed_in(member).get(address)
        assert answer.status_code == 200
        return str(answer.content.decode())

    def test_says_how_to_switch_on_and_names_nobody(self, cast: Cast) -> None:
        page = self.page(cast.leader)
        assert "Figures about single people are off" in page
        assert cast.csm.name not in page
        assert "Markets: the quarter, by week" in page

    def test_shows_people_once_switched_on(self, cast: Cast) -> None:
        with cast.acting():
            switch_on()
        page = self.page(cast.leader)
        assert cast.csm.name in page
        assert "(too full)" in page
        assert "of 6 h" in page

    def test_a_csm_sees_her_own(self, cast: Cast) -> None:
        page = self.page(cast.csm)
        assert "Your quarter, by week" in page
        assert "Markets:" not in page
        assert "are off" not in page

    def test_an_analyst_sees_markets(self, cast: Cast) -> None:
        page = self.page(cast.analyst)
        assert cast.csm.name not in page
        assert "Markets: the quarter, by week" in page

    def test_the_file_holds_what_the_reader_may_see(self, cast: Cast) -> None:
        file = self.page(cast.leader, "/team/export/?as=csv")
        assert "market,France,week,2026-05-18,2026-05-24,14,0,420," in file
        assert "person" not in file
        own = self.page(cast.csm, "/team/export/")
        assert f"person,{cast.csm.name},day,2026-05-20,2026-05-20,14,0,420,360" in own
