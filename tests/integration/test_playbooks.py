"""Writing playbooks: drafts, steps, and what never changes again."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from playbooks import services
from playbooks.choices import VersionStatus
from playbooks.documents import edition_contents
from playbooks.fields import empty_step, read_change, read_step
from playbooks.models import (
    Edition,
    EditionStep,
    LocalizationRevision,
    Playbook,
    PlaybookVersion,
    Step,
)
from playbooks.models.step import STEP_FIELDS
from playbooks.rebase import Choice, Settlement
from playbooks.resolution import Resolved
from playbooks.services import Standing
from playbooks.services.drafts import MOST_STEPS
from regions.models import Market
from tenants.context import tenant_cursor
from tenants.models import VersionedTenantModel
from tests import factories
from tests.api.test_concurrent_writes import at_once
from tests.conftest import Cast, make_cast
from toolkit.errors import InvalidInput
from toolkit.storage import StaleVersion, store

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
        services.restore_playbook(first.playbook)
        assert services.start_draft(first.playbook, by=acting.leader).number == 2

    def test_of_an_archived_playbook_is_not_published(self, acting: Cast) -> None:
        draft = factories.playbook()
        services.archive_playbook(draft.playbook, at=timezone.now())
        with pytest.raises(services.PlaybookArchived):
            services.publish_version(draft, by=acting.leader, at=timezone.now())


BARE = {"title": "Call", "outcome": "It is settled.", "kind": "call"}


class TestAPublishedVersion:
    @pytest.fixture
    def published(self, acting: Cast) -> PlaybookVersion:
        factories.market("FR")
        version = factories.published(factories.step(), by=acting.leader)
        localization = factories.localization(
            version, factories.market("FR"), factories.change("kickoff", "offset", 4)
        )
        services.publish_localization(localization, by=acting.leader, at=timezone.now())
        return version

    def test_is_not_changed_by_any_service(self, acting: Cast, published: PlaybookVersion) -> None:
        step, now = published.steps.get(), timezone.now()
        refused: list[Any] = [
            lambda: services.save_version(published),
            lambda: services.save_version(published, steps=[]),
            lambda: services.save_step(step),
            lambda: services.save_step(Step(playbook_version=published, key="b", **BARE)),
            lambda: services.remove_step(step),
            lambda: services.discard_draft(published),
            lambda: services.publish_version(published, by=acting.leader, at=now),
            lambda: services.submit_version(published, by=acting.leader, at=now),
        ]
        for change in refused:
            with pytest.raises(services.VersionNotDraft):
                change()
        with pytest.raises(services.NotInReview):
            services.reject_version(published, by=acting.leader, comment="No")

    def test_is_not_changed_by_the_models(self, published: PlaybookVersion) -> None:
        step = published.steps.get()
        self.refuses(lambda: PlaybookVersion.objects.update(name="Another"))
        self.refuses(lambda: PlaybookVersion.objects.update(status="draft"))
        self.refuses(lambda: PlaybookVersion.objects.update(status="retired", name="Another"))
        self.refuses(lambda: store(published))
        self.refuses(lambda: Step.objects.update(title="Another"))
        self.refuses(lambda: Step.objects.all().delete())
        self.refuses(lambda: Step.objects.create(playbook_version=published, key="b", **BARE))
        self.refuses(lambda: step.delete())
        self.refuses(lambda: Edition.objects.update(number=9))
        self.refuses(lambda: EditionStep.objects.all().delete())
        self.refuses(lambda: LocalizationRevision.objects.update(changes=[]))

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE playbooks_playbookversion SET name = 'Another'",
            "UPDATE playbooks_playbookversion SET status = 'draft'",
            "UPDATE playbooks_playbookversion SET version = version + 1",
            "DELETE FROM playbooks_playbookversion",
            "UPDATE playbooks_step SET title = 'Another'",
            "UPDATE playbooks_step SET playbook_version_id = NULL",
            "DELETE FROM playbooks_step",
            "UPDATE playbooks_localizationrevision SET changes = '[]'",
            "DELETE FROM playbooks_localizationrevision",
            "UPDATE playbooks_edition SET findings = '[]'",
            "DELETE FROM playbooks_edition",
            "UPDATE playbooks_editionstep SET fields = '{}'",
            "DELETE FROM playbooks_editionstep",
        ],
    )
    def test_is_not_changed_by_raw_sql(self, published: PlaybookVersion, sql: str) -> None:
        def change() -> None:
            with tenant_cursor() as cursor:
                cursor.execute(sql)

        self.refuses(change)

    def test_is_not_joined_by_the_step_of_a_draft(
        self, acting: Cast, published: PlaybookVersion
    ) -> None:
        draft = services.start_draft(published.playbook, by=acting.leader)
        moved = draft.steps.all()
        self.refuses(lambda: moved.update(playbook_version=published, key="smuggled"))

    def test_may_be_retired_and_nothing_else_then(self, published: PlaybookVersion) -> None:
        services.retire_version(published, at=timezone.now())
        self.refuses(lambda: PlaybookVersion.objects.update(status="published"))
        with pytest.raises(services.NotPublished):
            services.retire_version(published, at=timezone.now())

    def refuses(self, change: Any) -> None:
        before = list(PlaybookVersion.objects.values()), list(Step.objects.values())
        with pytest.raises(IntegrityError, match="never change|null value"), transaction.atomic():
            change()
        assert before == (list(PlaybookVersion.objects.values()), list(Step.objects.values()))

    def test_is_kept_by_triggers_of_the_migrations(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname || ' ' || tgname FROM pg_trigger JOIN pg_class ON tgrelid ="
                " pg_class.oid WHERE tgenabled = 'O' AND tgname IN ('keep_published', 'immutable')"
                " AND relname LIKE 'playbooks_%'"
            )
            found = {row[0] for row in cursor.fetchall()}
        assert found == {
            "playbooks_playbookversion keep_published",
            "playbooks_step keep_published",
            "playbooks_localizationrevision immutable",
            "playbooks_edition immutable",
            "playbooks_editionstep immutable",
            "playbooks_cadencerevision immutable",
        }


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


class TestTheFieldsOfAStep:
    def test_are_those_of_its_model(self) -> None:
        general = {field.name for field in VersionedTenantModel._meta.get_fields()}
        own = {field.name for field in Step._meta.local_fields} - general
        own -= {"id", "organization", "version"}
        assert own == {*STEP_FIELDS, "key", "playbook_version"}
        assert set(empty_step()) == set(STEP_FIELDS) - {"translations"}

    def test_are_read_as_the_model_stores_them(self, acting: Cast) -> None:
        draft = factories.playbook(factories.step())
        step = draft.steps.get()
        assert read_step(step.document) == step.document
        step.full_clean()

    @pytest.mark.parametrize("name", STEP_FIELDS)
    @pytest.mark.parametrize("value", ["x" * 30_000, True, 1.5, 10**30, [[]], {"x": 1}, None])
    def test_are_read_or_refused_whatever_is_given(self, name: str, value: Any) -> None:
        for read in (
            lambda: read_step({**BARE, name: value}),
            lambda: read_change("kickoff", {name: value}),
        ):
            try:
                found = set(read())
            except ValidationError as error:
                found = {refused.partition(".")[0] for refused in error.message_dict}
            assert name in found


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
