"""What is in force where: editions, how far they are, what they deserve, and their dates."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from playbooks import services
from playbooks.changes import Level
from playbooks.documents import edition_contents
from playbooks.models import AssumptionDecision, Edition, PlaybookVersion
from playbooks.schedule import Anchor
from playbooks.services import Standing
from regions.models import CulturalStatement, Market
from regions.services import confirm_statement, withdraw_statement
from tests import factories
from tests.conftest import Cast, count_queries, day
from toolkit.errors import InvalidInput

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def localize(version: PlaybookVersion, place: object, cast: Cast, *changes: object) -> None:
    localization = factories.localization(version, place, *changes)  # type: ignore[arg-type]
    services.publish_localization(localization, by=cast.leader, at=timezone.now())


def in_force(version: PlaybookVersion, market: Market) -> Edition:
    edition = services.edition_in_force(version.playbook, market)
    assert edition
    return edition


class TestAnEdition:
    def test_is_read_as_it_was_resolved(self, acting: Cast) -> None:
        france = factories.market("FR")
        first = factories.published(
            factories.step(translations={"de": {"title": "Anruf"}}),
            factories.step("training"),
            factories.step("survey"),
            by=acting.leader,
        )
        localize(first, france.region, acting, factories.change("survey"))
        localization = factories.localization(
            first,
            france,
            factories.change("kickoff", "translations.fr", {"title": "Appel"}),
            factories.change("kickoff", "checklist", None),
            factories.change("training"),
            factories.change("survey", action="restore"),
            factories.change("", "name", "Accueil"),
        )
        (made,) = services.check_localization(localization, at=timezone.now())
        services.publish_localization(localization, by=acting.leader, at=timezone.now())
        kept = edition_contents(in_force(first, france))
        assert (kept.header, kept.steps) == (made.resolved.header, made.resolved.steps)
        assert kept.dropped.keys() == made.resolved.dropped.keys() == {"training"}
        assert kept.dropped["training"][1] == made.resolved.dropped["training"][1]

    def test_says_why_a_step_was_brought_back(self, acting: Cast) -> None:
        france = factories.market("FR")
        first = factories.published(factories.step(), factories.step("b"), by=acting.leader)
        localize(first, france.region, acting, factories.change("b"))
        localize(first, france, acting, factories.change("b", action="restore", reason="Wanted."))
        step = edition_contents(in_force(first, france)).find("b")
        assert step
        assert step.origins[""].level is Level.MARKET
        assert step.origins[""].reason
        assert step.origins[""].reason.text == "Wanted."

    def test_that_is_newest_is_in_force(self, acting: Cast) -> None:
        france = factories.market("FR")
        first = factories.published(by=acting.leader)
        other = factories.published(by=acting.leader)
        localize(first, france, acting, factories.change("kickoff", "offset", 4))
        assert {
            (edition.playbook, edition.number)
            for edition in services.editions_in_force(market=france)
        } == {(first.playbook, 2), (other.playbook, 1)}


class TestTheStateOfAMarket:
    def test_is_current_behind_or_moved(self, acting: Cast) -> None:
        france = factories.market("FR")
        spain = factories.market("ES", in_region=france.region)
        first = factories.published(by=acting.leader)

        def standing() -> dict[str, tuple[Standing, int]]:
            return {
                each.market.code: (each.standing, each.versions_behind)
                for each in services.market_states(first.playbook)
            }

        assert standing() == {"FR": (Standing.CURRENT, 0), "ES": (Standing.CURRENT, 0)}
        localize(first, france, acting, factories.change("kickoff", "offset", 4))
        for _ in range(2):
            draft = services.start_draft(first.playbook, by=acting.leader)
            services.publish_version(draft, by=acting.leader, at=timezone.now())
        services.start_draft(first.playbook, by=acting.leader)
        assert standing() == {"FR": (Standing.BEHIND, 2), "ES": (Standing.CURRENT, 0)}
        assert spain.code == "ES"

    def test_tells_of_a_market_that_came_into_another_region(self, acting: Cast) -> None:
        france, other = factories.market("FR"), factories.market("US")
        first = factories.published(by=acting.leader)
        localize(first, other.region, acting, factories.change("kickoff", "offset", 4))
        france.region = other.region
        france.save()
        states = {
            each.market.code: each.standing for each in services.market_states(first.playbook)
        }
        assert states == {"FR": Standing.REGION_MOVED, "US": Standing.CURRENT}

    def test_shows_both_traps_at_a_glance(self, acting: Cast) -> None:
        france, other = factories.market("FR"), factories.market("US")
        first = factories.published(factories.step(), factories.step("b"), by=acting.leader)
        localize(
            first, france, acting, factories.change("b"), factories.change("kickoff", "offset", 4)
        )
        drifts = {each.market: each.drift for each in services.market_states(first.playbook)}
        everything, nothing = drifts[france], drifts[other]
        assert everything
        assert nothing
        assert (everything.share, everything.dropped, everything.timing) == (1, 1, 1)
        assert nothing.share == 0

    def test_is_told_in_as_many_queries_for_many_as_for_few(self, acting: Cast) -> None:
        counts = []
        first = factories.published(by=acting.leader)
        region = factories.region()
        for count in (2, 4):
            for _ in range(count):
                factories.handmade_market(region=region)
            with count_queries() as queries:
                assert services.market_states(first.playbook)
            counts.append(len(queries))
        assert counts[0] == counts[1]


def against(market: Market, cast: Cast) -> CulturalStatement:
    """Let the profile of a market say the opposite of direct, confirmed by its team."""
    statement = CulturalStatement(
        market=market,
        dimension="communication_pattern",
        side="indirect",
        text="A no is said between the lines.",
        source_title="Interviews",
    )
    return confirm_statement(statement, by=cast.manager, at=NOW)


class TestTheWorklist:
    @pytest.fixture
    def market(self, acting: Cast) -> Market:
        return factories.handmade_market()

    @pytest.fixture
    def version(self, acting: Cast, market: Market) -> PlaybookVersion:
        return factories.published(
            factories.step(assumption="direct"), factories.step("b"), by=acting.leader
        )

    def asked(self, version: PlaybookVersion, now: dt.datetime = NOW) -> list[tuple[str, str]]:
        return [
            (each.market.code, each.step.key)
            for each in services.worklist(version.playbook, now=now)
        ]

    def test_has_each_step_that_the_profile_speaks_against(
        self, acting: Cast, market: Market, version: PlaybookVersion
    ) -> None:
        factories.handmade_market()
        assert self.asked(version) == []
        statement = against(market, acting)
        (found,) = services.worklist(version.playbook, now=NOW, market=market)
        assert (found.market, found.step.key, found.statements) == (
            market,
            "kickoff",
            (statement,),
        )

    def test_forgets_what_the_team_no_longer_stands_behind(
        self, acting: Cast, market: Market, version: PlaybookVersion
    ) -> None:
        statement = against(market, acting)
        assert self.asked(version, NOW + dt.timedelta(days=365)) == [(market.code, "kickoff")]
        assert self.asked(version, NOW + dt.timedelta(days=366)) == []
        withdraw_statement(statement, at=NOW)
        assert self.asked(version) == []

    def test_is_settled_by_a_published_localization(
        self, acting: Cast, market: Market, version: PlaybookVersion
    ) -> None:
        against(market, acting)
        change = factories.change("kickoff", "kind", "in_person")
        localization = factories.localization(version, market, change)
        assert self.asked(version), "a draft settles nothing"
        services.publish_localization(localization, by=acting.leader, at=timezone.now())
        assert self.asked(version) == []

    def test_is_settled_by_a_decision_until_that_is_withdrawn(
        self, acting: Cast, market: Market, version: PlaybookVersion
    ) -> None:
        against(market, acting)
        values = {
            "playbook": version.playbook,
            "market": market,
            "step": "kickoff",
            "assumption": "direct",
        }
        with pytest.raises(ValidationError):
            services.decide_assumption(
                AssumptionDecision(**values, because=""), by=acting.manager, at=NOW
            )
        decision = services.decide_assumption(
            AssumptionDecision(**values, because="They asked for it."), by=acting.manager, at=NOW
        )
        assert (decision.decided_by, decision.decided_at) == (acting.manager, NOW)
        assert self.asked(version) == []
        with pytest.raises(ValidationError):
            services.decide_assumption(
                AssumptionDecision(**values, because="Again."), by=acting.manager, at=NOW
            )
        services.withdraw_decision(decision)
        assert self.asked(version)

    def test_asks_as_often_for_many_markets_as_for_few(
        self, acting: Cast, market: Market, version: PlaybookVersion
    ) -> None:
        counts = []
        against(market, acting)
        for count in (1, 4):
            for _ in range(count):
                against(factories.handmade_market(region=market.region), acting)
            with count_queries() as queries:
                assert self.asked(version)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestTheDatesOfAnEdition:
    def dated(self, version: PlaybookVersion, market: Market, **anchors: str) -> list[object]:
        given = {Anchor(name): day(text) for name, text in anchors.items()}
        found = services.date_edition(in_force(version, market), anchors=given, now=NOW)
        return [str(each.scheduled.date or each.scheduled.missing) for each in found]

    def test_are_those_of_its_market(self, acting: Cast) -> None:
        france, emirates = factories.market("FR"), factories.market("AE")
        version = factories.published(
            factories.step(offset=4), factories.step("b", offset=60, unit="days"), by=acting.leader
        )
        assert self.dated(version, france, run_start="2026-03-02") == ["2026-03-06", "2026-05-04"]
        assert self.dated(version, emirates, run_start="2026-03-02")[1] == "2026-05-01"

    def test_name_the_event_that_is_missing(self, acting: Cast) -> None:
        france = factories.market("FR")
        version = factories.published(
            factories.step(anchor="renewal", offset=-90, unit="days"), by=acting.leader
        )
        assert self.dated(version, france, run_start="2026-03-02") == ["renewal"]
        assert self.dated(version, france, renewal="2026-12-31") == ["2026-10-02"]

    def test_have_the_instant_at_which_the_market_begins_its_day(self, acting: Cast) -> None:
        version = factories.published(factories.step(offset=4), by=acting.leader)
        france = factories.market("FR")
        anchors = {Anchor.RUN_START: day("2026-03-02")}
        (dated,) = services.date_edition(in_force(version, france), anchors=anchors, now=NOW)
        assert dated.due_at
        assert dated.due_at.date() == dated.scheduled.date
        assert dated.due_at.tzinfo is dt.UTC

    def test_beyond_the_known_holidays_are_refused(self, acting: Cast) -> None:
        version = factories.published(by=acting.leader)
        with pytest.raises(InvalidInput) as caught:
            self.dated(version, factories.market("FR"), run_start="2999-01-01")
        assert list(caught.value.errors) == ["run_start"]
