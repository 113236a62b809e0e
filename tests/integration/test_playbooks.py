"""Writing playbooks: drafts and their steps, alone and many at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from playbooks import services
from playbooks.choices import VersionStatus
from playbooks.documents import edition_contents
from playbooks.models import (
    Edition,
    Playbook,
    PlaybookVersion,
    Step,
)
from playbooks.rebase import Choice, Settlement
from playbooks.resolution import Resolved
from playbooks.services import Standing
from playbooks.services.drafts import MOST_STEPS
from regions.models import Market
from tests import factories
from tests.api.test_concurrent_writes import at_once
from tests.conftest import Cast, make_cast
from toolkit.errors import InvalidInput
from toolkit.storage import StaleVersion

pytestmark = pytest.mark.django_db


def keys(version: PlaybookVersion) -> list[str]:
    return [step.key for step in version.steps.all()]


def written(version: PlaybookVersion) -> list[dict[str, Any]]:
    """Return the steps of a version as they are written."""
    return [services.step_values(step) for step in version.steps.all()]


def contents(version: PlaybookVersion, market: Market) -> Resolved:
    edition = services.edition_in_force(version.playbook, market)
    assert edition
    return edition_contents(edition)


class TestCreating:
    def test_makes_the_first_draft_with_its_steps(self, acting: Cast) -> None:
        draft = factories.playbook(factories.step("kickoff"), factories.step("training"))
        assert (draft.number, draft.status) == (1, VersionStatus.DRAFT)
        assert [(step.key, step.position) for step in draft.steps.all()] == [
            ("kickoff", 10),
            ("training", 20),
        ]

    def test_refuses_a_key_that_is_taken(self, acting: Cast) -> None:
        factories.playbook(key="start")
        with pytest.raises(ValidationError) as caught:
            factories.playbook(key="start")
        assert "key" in caught.value.message_dict

    def test_names_all_that_cannot_be_taken_by_its_path_and_keeps_nothing(
        self, acting: Cast
    ) -> None:
        with pytest.raises(InvalidInput) as caught:
            factories.playbook(
                factories.step(),
                factories.step(),
                factories.step("b", offset="2", colour="red", kind="visit"),
                factories.step("c", title="", outcome=None),
                factories.step("d", anchor="step_end"),
                factories.step("e", depends_on=[1], translations={"xx-": {}}),
                {"title": "No key"},
            )
        assert set(caught.value.errors) == {
            "steps[1].key",
            "steps[2].offset",
            "steps[2].colour",
            "steps[2].kind",
            "steps[3].title",
            "steps[3].outcome",
            "steps[4].anchor_step",
            "steps[5].depends_on",
            "steps[5].translations",
            "steps[6].key",
        }
        assert not Playbook.objects.exists()

    def test_refuses_more_steps_than_anybody_follows(self, acting: Cast) -> None:
        with pytest.raises(InvalidInput):
            factories.playbook(*(factories.step(f"s{number}") for number in range(MOST_STEPS + 1)))

    def test_saves_a_draft_whose_references_are_not_in_order(self, acting: Cast) -> None:
        draft = factories.playbook(factories.step(depends_on=["later"]))
        assert [each.rule for each in services.check_version(draft, at=timezone.now())] == [
            "unknown_step"
        ]


class TestADraft:
    def test_is_saved_whole(self, acting: Cast) -> None:
        draft = factories.playbook(factories.step("a"), factories.step("b"))
        kept = draft.steps.get(key="b")
        services.save_version(draft, steps=[factories.step("b", position=20), factories.step("c")])
        assert keys(draft) == ["b", "c"]
        assert draft.steps.get(key="b").pk == kept.pk, "a step is known by its key"
        assert draft.version == 2

    def test_leaves_a_step_alone_that_did_not_change(self, acting: Cast) -> None:
        draft = factories.playbook(factories.step("a"), factories.step("b"))
        steps = written(draft)
        steps[1]["title"] = "Another"
        services.save_version(draft, steps=steps)
        assert [step.version for step in draft.steps.all()] == [1, 2]

    def test_is_not_saved_over_the_edit_of_another(self, acting: Cast) -> None:
        draft = factories.playbook()
        stale = PlaybookVersion.objects.get(pk=draft.pk)
        services.save_version(draft, steps=[factories.step("mine")])
        with pytest.raises(StaleVersion):
            services.save_version(stale, steps=[factories.step("theirs")])
        assert keys(draft) == ["mine"]

    def test_counts_the_edit_of_one_step_as_one_of_the_whole(self, acting: Cast) -> None:
        draft = factories.playbook()
        seen = PlaybookVersion.objects.get(pk=draft.pk)
        step = draft.steps.get()
        step.title = "Another"
        services.save_step(step)
        services.remove_step(services.save_step(Step(playbook_version=draft, key="b", **BARE)))
        assert PlaybookVersion.objects.get(pk=draft.pk).version == 4
        with pytest.raises(StaleVersion):
            services.save_version(seen)

    def test_is_one_at_a_time(self, acting: Cast) -> None:
        draft = factories.playbook()
        with pytest.raises(services.DraftExists):
            services.start_draft(draft.playbook, by=acting.leader)

    def test_begins_as_a_copy_of_the_newest_version(self, acting: Cast) -> None:
        step = factories.step(translations={"fr": {"title": "Appel"}}, checklist=["agenda"])
        first = factories.published(step, by=acting.leader, tiers=["tier_1"], goal="It runs well.")
        second = services.start_draft(first.playbook, by=acting.leader)
        assert (second.number, second.status, second.version) == (2, VersionStatus.DRAFT, 1)
        assert written(second) == written(first)
        assert (second.tiers, second.goal) == (["tier_1"], "It runs well.")
        assert second.change_note == ""

    def test_that_is_discarded_leaves_its_number_to_the_next(self, acting: Cast) -> None:
        first = factories.published(by=acting.leader)
        services.discard_draft(services.start_draft(first.playbook, by=acting.leader))
        assert services.start_draft(first.playbook, by=acting.leader).number == 2

    def test_that_is_discarded_takes_what_was_localized_of_it_along(self, acting: Cast) -> None:
        draft = factories.playbook()
        factories.localization(draft, factories.market("FR"), factories.change())
        services.discard_draft(draft)
        assert not Playbook.objects.exists()

    def test_of_an_archived_playbook_is_not_begun(self, acting: Cast) -> None:
        first = factories.published(by=acting.leader)
        services.archive_playbook(first.playbook, at=timezone.now())
        with pytest.raises(services.PlaybookArchived):
            services.start_draft(first.playbook, by=acting.leader)
        services.restore_playbook(first.playbook, at=timezone.now())
        assert services.start_draft(first.playbook, by=acting.leader).number == 2

    def test_of_a_restored_playbook_is_carried_out_in_markets_added_meanwhile(
        self, acting: Cast
    ) -> None:
        first = factories.published(by=acting.leader)
        services.archive_playbook(first.playbook, at=timezone.now())
        france = factories.market("FR")
        assert services.edition_in_force(first.playbook, france) is None
        services.restore_playbook(first.playbook, at=timezone.now())
        assert services.edition_in_force(first.playbook, france)

    def test_of_an_archived_playbook_is_not_published(self, acting: Cast) -> None:
        draft = factories.playbook()
        services.archive_playbook(draft.playbook, at=timezone.now())
        with pytest.raises(services.PlaybookArchived):
            services.publish_version(draft, by=acting.leader, at=timezone.now())


BARE = {"title": "Call", "outcome": "It is settled.", "kind": "call"}


class TestAnotherOrganization:
    def test_sees_nothing_and_may_use_the_same_keys(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            mine = factories.published(key="start", by=cast.leader)
            france = factories.market("FR")
        with outsiders.acting():
            assert not Playbook.objects.exists()
            theirs = factories.published(key="start", by=outsiders.leader)
            assert theirs.number == 1
            assert not Edition.objects.filter(market=france.pk).exists()
            assert services.editions_in_force(mine.playbook).count() == 0

    def test_cannot_localize_or_publish_what_is_not_its_own(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        with cast.acting():
            mine = factories.playbook()
        with outsiders.acting():
            with pytest.raises(services.NothingToLocalize):
                factories.localization(mine, factories.market("FR"))
            with pytest.raises(Playbook.DoesNotExist):
                services.publish_version(mine, by=outsiders.leader, at=timezone.now())


class TestTheWholeWay:
    def test_from_a_global_playbook_to_two_markets_on_its_second_version(
        self, acting: Cast
    ) -> None:
        now = timezone.now()
        france, spain = factories.market("FR"), factories.market("ES")
        first = factories.published(
            factories.step("kickoff", required=True),
            factories.step("training", offset=5, depends_on=["kickoff"]),
            factories.step("survey", offset=20),
            by=acting.leader,
        )
        assert [step.key for step in contents(first, france).steps] == [
            "kickoff",
            "training",
            "survey",
        ]
        of_france = factories.localization(
            first,
            france,
            factories.change("kickoff", "kind", "in_person"),
            factories.change("training", "offset", 8),
            factories.change("survey"),
        )
        services.publish_localization(of_france, by=acting.leader, at=now)
        assert [step.key for step in contents(first, france).steps] == ["kickoff", "training"]
        of_region = factories.localization(
            first, france.region, factories.change("training", "duration_minutes", 90)
        )
        services.publish_localization(of_region, by=acting.leader, at=now)
        assert [
            (fields_of(contents(first, market), "training", "offset", "duration_minutes"))
            for market in (france, spain)
        ] == [[8, 90], [5, 90]]

        second = services.start_draft(first.playbook, by=acting.leader)
        steps = written(second)
        steps[1] |= {"offset": 6, "title": "Train the first team"}
        services.save_version(second, steps=steps)
        services.publish_version(second, by=acting.leader, at=now)
        states = {each.market.code: each for each in services.market_states(first.playbook)}
        assert states["FR"].standing is Standing.BEHIND

        of_region.refresh_from_db()
        services.rebase_localization(of_region, by=acting.leader, at=now)
        with pytest.raises(services.RebaseConflicts) as caught:
            services.publish_localization(of_region, by=acting.leader, at=now)
        assert list(caught.value.conflicts) == ["FR"]
        services.publish_localization(
            of_region,
            by=acting.leader,
            at=now,
            settled={"FR": {("training", "offset"): Settlement(Choice.LOCAL)}},
        )
        assert [
            (fields_of(contents(first, market), "training", "offset", "title"))
            for market in (france, spain)
        ] == [[8, "Train the first team"], [6, "Train the first team"]]
        of_france.refresh_from_db()
        assert of_france.base_id == second.pk
        with pytest.raises(services.NothingNewer):
            services.rebase_localization(of_france, by=acting.leader, at=now)


def fields_of(resolved: Resolved, key: str, *names: str) -> list[Any]:
    step = resolved.find(key)
    assert step
    return [step.fields[name] for name in names]


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_a_hundred_writers_on_one_draft_have_one_winner_for_each_version(self) -> None:
        cast = make_cast("Alder")
        with cast.acting():
            draft = factories.playbook()

        def write(number: int) -> int | None:
            with cast.acting():
                seen = PlaybookVersion.objects.get(pk=draft.pk)
                version = seen.version
                try:
                    services.save_version(seen, steps=[factories.step(f"by-{number}")])
                except StaleVersion:
                    return None
                return version

        won = sorted(version for version in at_once(write, 100) if version is not None)
        assert won == list(range(1, 1 + len(won))), "one winner for each version, none left out"
        with cast.acting():
            stored = PlaybookVersion.objects.get(pk=draft.pk)
            assert stored.version == 1 + len(won)
            assert stored.steps.count() == 1

    def test_a_draft_is_begun_once(self) -> None:
        cast = make_cast("Alder")
        with cast.acting():
            playbook = factories.published(by=cast.leader).playbook

        def begin(_number: int) -> int | None:
            with cast.acting():
                try:
                    return services.start_draft(playbook, by=cast.leader).number
                except services.DraftExists:
                    return None

        assert [number for number in at_once(begin, 20) if number] == [2]

    def test_a_step_saved_while_its_version_is_published_is_part_of_it_or_refused(self) -> None:
        cast = make_cast("Alder")
        with cast.acting():
            draft = factories.playbook()

        def write(number: int) -> str:
            with cast.acting():
                try:
                    if number == 5:
                        seen = PlaybookVersion.objects.get(pk=draft.pk)
                        services.publish_version(seen, by=cast.leader, at=timezone.now())
                        return "published"
                    version = PlaybookVersion.objects.get(pk=draft.pk)
                    services.save_step(Step(playbook_version=version, key=f"by-{number}", **BARE))
                except (StaleVersion, services.VersionNotDraft):
                    return "refused"
                return "saved"

        answers = at_once(write, 20)
        with cast.acting():
            assert 1 + answers.count("saved") == draft.steps.count()
