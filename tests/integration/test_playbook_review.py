"""From a draft to the published version, and the editions that follow at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from governance import services as governance_services
from governance.models import Guardrail
from playbooks import services
from playbooks.changes import Level
from playbooks.choices import VersionStatus
from playbooks.documents import edition_contents
from playbooks.models import ContactBudget, Edition, Playbook, PlaybookVersion
from playbooks.wording import Flawed
from regions.models import Market
from tests import factories
from tests.api.test_concurrent_writes import at_once
from tests.conftest import Cast, count_queries, make_cast
from toolkit.errors import InvalidInput
from toolkit.storage import StaleVersion

pytestmark = pytest.mark.django_db

FIRST_AND_LAST = (factories.step("kickoff"), factories.step("review", offset=30))
SOME = 2
MORE = 6


def publish(version: PlaybookVersion, cast: Cast) -> list[Edition]:
    return services.publish_version(version, by=cast.leader, at=timezone.now())


def ask_for_two() -> None:
    settings = governance_services.settings_in_force()
    settings.second_person_approves = True
    governance_services.save_settings(settings)


def markets(count: int) -> list[Market]:
    region = factories.region()
    return [factories.handmade_market(region=region) for _ in range(count)]


class TestChecking:
    def test_finds_nothing_wrong_with_a_playbook_in_order(self, acting: Cast) -> None:
        factories.market("FR")
        assert services.check_version(factories.playbook(), at=timezone.now()) == []

    def test_finds_everything_at_once_and_changes_nothing(self, acting: Cast) -> None:
        governance_services.save_guardrail(
            Guardrail(
                name="Short",
                kind="total_length",
                parameters={"most_days": 5},
                severity="error",
                protects="Nobody waits for ever.",
            )
        )
        draft = factories.playbook(
            factories.step("kickoff", depends_on=["nobody"]),
            factories.step("training", offset=30, message="Dear {name}"),
        )
        found = {each.rule for each in services.check_version(draft, at=timezone.now())}
        assert {"unknown_step", "unknown_placeholder", "total_length"} <= found
        assert draft.version == PlaybookVersion.objects.get(pk=draft.pk).version

    def test_tells_once_what_is_wrong_everywhere(self, acting: Cast) -> None:
        markets(SOME)
        draft = factories.playbook(factories.step(depends_on=["nobody"]))
        assert len(services.check_version(draft, at=timezone.now())) == 1

    def test_finds_a_distance_that_no_calendar_covers(self, acting: Cast) -> None:
        draft = factories.playbook(factories.step(offset=730, unit="months"))
        with pytest.raises(Flawed) as caught:
            publish(draft, acting)
        assert [each.rule for each in caught.value.findings] == ["too_far"]


class TestSubmitting:
    def test_hands_a_draft_in_which_then_stays_as_it_is(self, acting: Cast) -> None:
        draft = factories.playbook()
        services.submit_version(draft, by=acting.leader, at=timezone.now())
        assert (draft.status, draft.submitted_by) == (VersionStatus.IN_REVIEW, acting.leader)
        with pytest.raises(services.VersionNotDraft):
            services.save_version(draft)
        with pytest.raises(services.VersionNotDraft):
            services.submit_version(draft, by=acting.leader, at=timezone.now())
        with pytest.raises(services.DraftExists):
            services.start_draft(draft.playbook, by=acting.leader)

    def test_refuses_what_could_not_be_published(self, acting: Cast) -> None:
        draft = factories.playbook(factories.step(depends_on=["nobody"]))
        with pytest.raises(Flawed):
            services.submit_version(draft, by=acting.leader, at=timezone.now())
        assert PlaybookVersion.objects.get(pk=draft.pk).status == VersionStatus.DRAFT

    def test_refuses_what_somebody_changed_since_it_was_read(self, acting: Cast) -> None:
        draft = factories.playbook()
        stale = PlaybookVersion.objects.get(pk=draft.pk)
        services.save_version(draft)
        with pytest.raises(StaleVersion):
            services.submit_version(stale, by=acting.leader, at=timezone.now())


class TestRejecting:
    def test_sends_it_back_with_a_comment(self, acting: Cast) -> None:
        draft = factories.playbook()
        services.submit_version(draft, by=acting.leader, at=timezone.now())
        with pytest.raises(InvalidInput):
            services.reject_version(draft, by=acting.admin, comment="  ")
        services.reject_version(draft, by=acting.admin, comment="Say why.")
        assert (draft.status, draft.decision_comment) == (VersionStatus.DRAFT, "Say why.")
        services.save_version(draft)

    def test_asks_for_a_version_in_review(self, acting: Cast) -> None:
        with pytest.raises(services.NotInReview):
            services.reject_version(factories.playbook(), by=acting.admin, comment="No")


class TestPublishing:
    def test_gives_every_market_without_a_localization_its_edition(self, acting: Cast) -> None:
        two = markets(SOME)
        editions = publish(factories.playbook(), acting)
        assert {each.market for each in editions} == set(two)
        assert {each.number for each in editions} == {1}

    def test_leaves_localized_markets_where_they_are(self, acting: Cast) -> None:
        france, other = factories.market("FR"), factories.market("US")
        spain = factories.market("ES")
        first = factories.published(by=acting.leader)
        for place, change in (
            (france, factories.change("kickoff", "offset", 9)),
            (other.region, factories.change("kickoff", "offset", 4)),
        ):
            services.publish_localization(
                factories.localization(first, place, change), by=acting.leader, at=timezone.now()
            )
        editions = publish(services.start_draft(first.playbook, by=acting.leader), acting)
        assert {each.market for each in editions} == {spain}

    def test_ignores_a_localization_that_was_never_published(self, acting: Cast) -> None:
        france = factories.market("FR")
        draft = factories.playbook()
        factories.localization(draft, france, factories.change("kickoff", "offset", 9))
        assert [each.market for each in publish(draft, acting)] == [france]

    def test_retires_the_version_before(self, acting: Cast) -> None:
        first = factories.published(by=acting.leader)
        second = services.start_draft(first.playbook, by=acting.leader)
        publish(second, acting)
        first.refresh_from_db()
        assert (first.status, second.status) == (VersionStatus.RETIRED, VersionStatus.PUBLISHED)
        assert first.retired_at

    def test_refuses_what_is_published_already(self, acting: Cast) -> None:
        first = factories.published(by=acting.leader)
        with pytest.raises(services.VersionNotDraft):
            publish(first, acting)

    def test_refuses_what_somebody_changed_since_it_was_read(self, acting: Cast) -> None:
        draft = factories.playbook()
        stale = PlaybookVersion.objects.get(pk=draft.pk)
        services.save_step(draft.steps.get())
        with pytest.raises(StaleVersion):
            publish(stale, acting)
        assert not Edition.objects.exists()

    def test_keeps_nothing_of_what_breaks_a_rule(self, acting: Cast) -> None:
        factories.market("FR")
        draft = factories.playbook(factories.step(owner_role="chief"))
        with pytest.raises(Flawed) as caught:
            publish(draft, acting)
        (finding,) = caught.value.findings
        assert (finding.rule, finding.step, finding.value) == ("unknown_role", "kickoff", "chief")
        assert not Edition.objects.exists()
        assert PlaybookVersion.objects.get(pk=draft.pk).status == VersionStatus.DRAFT

    def test_refuses_what_is_an_error_in_one_market_and_a_warning_elsewhere(
        self, acting: Cast
    ) -> None:
        france = factories.market("FR")
        factories.market("US")
        calls = [factories.step(f"call-{day}", offset=day) for day in range(1, 4)]
        for values in (
            {"severity": "warning"},
            {"severity": "error", "market": france, "reason": "They asked for quiet."},
        ):
            services.save_budget(
                ContactBudget(tier="tier_1", most_touches=2, period_days=7, **values)
            )
        with pytest.raises(Flawed) as caught:
            publish(factories.playbook(*calls), acting)
        assert [(each.rule, each.market) for each in caught.value.findings] == [
            ("budget_exceeded", "FR")
        ]

    def test_keeps_warnings_with_the_edition(self, acting: Cast) -> None:
        factories.market("FR")
        governance_services.save_guardrail(
            Guardrail(
                name="Short",
                kind="total_length",
                parameters={"most_days": 5},
                severity="warning",
                protects="Nobody waits for ever.",
            )
        )
        (edition,) = publish(factories.playbook(*FIRST_AND_LAST), acting)
        assert [each["rule"] for each in edition.findings] == ["total_length"]

    def test_asks_as_often_for_many_markets_as_for_few(self, acting: Cast) -> None:
        counts = []
        for count in (SOME, MORE):
            markets(count)
            draft = factories.playbook(factories.step("a"), factories.step("b"))
            with count_queries() as queries:
                publish(draft, acting)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestASecondPerson:
    def test_is_asked_for_where_the_organization_wants_one(self, acting: Cast) -> None:
        ask_for_two()
        draft = factories.playbook()
        with pytest.raises(services.SecondPersonNeeded):
            publish(draft, acting)
        services.submit_version(draft, by=acting.leader, at=timezone.now())
        with pytest.raises(services.SecondPersonNeeded):
            publish(draft, acting)
        services.publish_version(draft, by=acting.admin, at=timezone.now())
        assert (draft.decided_by, draft.status) == (acting.admin, VersionStatus.PUBLISHED)

    def test_is_not_the_author_either(self, acting: Cast) -> None:
        ask_for_two()
        draft = services.create_playbook(
            Playbook(key="start", motion="onboarding"),
            PlaybookVersion(name="Start", goal="It runs."),
            by=acting.admin,
            steps=[factories.step()],
        )
        services.submit_version(draft, by=acting.leader, at=timezone.now())
        with pytest.raises(services.SecondPersonNeeded):
            services.publish_version(draft, by=acting.admin, at=timezone.now())


class TestANewMarket:
    def test_gets_an_edition_of_every_published_playbook(self, acting: Cast) -> None:
        first = factories.published(by=acting.leader)
        factories.playbook()
        archived = factories.published(by=acting.leader)
        services.archive_playbook(archived.playbook, at=timezone.now())
        market = factories.market("FR")
        assert [each.playbook for each in services.editions_in_force(market=market)] == [
            first.playbook
        ]

    def test_gets_that_of_its_region_on_the_version_that_the_region_rests_on(
        self, acting: Cast
    ) -> None:
        first = factories.published(by=acting.leader)
        region = factories.market("FR").region
        services.publish_localization(
            factories.localization(first, region, factories.change("kickoff", "offset", 9)),
            by=acting.leader,
            at=timezone.now(),
        )
        publish(services.start_draft(first.playbook, by=acting.leader), acting)
        spain = factories.market("ES", in_region=region)
        edition = services.edition_in_force(first.playbook, spain)
        assert edition
        assert edition.playbook_version == first
        (step,) = edition_contents(edition).steps
        assert (step.fields["offset"], step.origins["offset"].level) == (9, Level.REGION)
        (state,) = [each for each in services.market_states(first.playbook) if each.market == spain]
        assert state.standing is services.Standing.BEHIND

    def test_gets_none_that_would_break_a_rule(self, acting: Cast) -> None:
        first = factories.published(by=acting.leader)
        governance_services.save_guardrail(
            Guardrail(
                name="Training",
                kind="step_required",
                parameters={"step": "training"},
                severity="error",
                protects="Nobody starts alone.",
            )
        )
        assert services.edition_in_force(first.playbook, factories.market("FR")) is None
        states = services.market_states(first.playbook)
        assert [each.standing for each in states] == [services.Standing.NONE]

    def test_gets_each_once(self, acting: Cast) -> None:
        factories.published(by=acting.leader)
        france = factories.market("FR")
        assert services.provide_editions([france], at=timezone.now()) == []


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_publish_one_version_once(self) -> None:
        cast = make_cast("Alder")
        with cast.acting():
            market = factories.market("FR")
            draft = factories.playbook()

        def publish_it(_number: int) -> bool:
            with cast.acting():
                try:
                    publish(PlaybookVersion.objects.get(pk=draft.pk), cast)
                except (services.VersionNotDraft, StaleVersion):
                    return False
                return True

        assert at_once(publish_it, 20).count(True) == 1
        with cast.acting():
            assert Edition.objects.filter(market=market).count() == 1

    def test_give_a_market_dense_numbers(self) -> None:
        cast = make_cast("Alder")
        with cast.acting():
            france = factories.market("FR")
            first = factories.published(by=cast.leader)
            local = [
                factories.localization(first, place, factories.change("kickoff", "offset", 4))
                for place in (france, france.region)
            ]

        def publish_it(number: int) -> Any:
            with cast.acting():
                mine = local[number % 2]
                mine = type(mine).objects.get(pk=mine.pk)
                try:
                    return services.publish_localization(mine, by=cast.leader, at=timezone.now())
                except StaleVersion:
                    return None

        published = [each for each in at_once(publish_it, 20) if each]
        with cast.acting():
            numbers = Edition.objects.order_by("number").values_list("number", flat=True)
            assert list(numbers) == list(range(1, 2 + len(published)))
