"""What is published never changes again, whoever asks and whichever way."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from playbooks import services
from playbooks.models import (
    Edition,
    EditionStep,
    LocalizationRevision,
    PlaybookVersion,
    Step,
)
from tenants.context import tenant_cursor
from tests import factories
from tests.conftest import Cast
from toolkit.storage import store

pytestmark = pytest.mark.django_db

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
