"""Runs moved in the admin: what would change is shown first."""

from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.utils import timezone

from engagement.models import Run
from engagement.services import start_run
from tests import factories
from tests.admin_pages import address, browser
from tests.conftest import Cast
from tests.integration.localizing import following


class TestMovingRuns:
    @pytest.fixture
    def runs(self, cast: Cast) -> list[Run]:
        """Two runs in an edition that another took the place of, and one that is in force."""
        with cast.acting():
            factories.market("FR")
            version = factories.published(factories.step(), by=cast.leader)
            other = factories.published(factories.step(), by=cast.leader)
            now = timezone.now()
            runs = [
                start_run(playbook=each.playbook, account=factories.account(), by=cast.csm, at=now)
                for each in (version, version, other)
            ]
            following(version, cast, factories.step(), factories.step("visit"))
        return runs

    def send(self, client: Any, runs: list[Run], **more: str) -> Any:
        ids = [str(run.pk) for run in runs]
        body = {"action": "move_selected", ACTION_CHECKBOX_NAME: ids, **more}
        return client.post(address(Run, "changelist"), body)

    def test_shows_what_would_change_and_moves_once_that_is_confirmed(
        self, cast: Cast, runs: list[Run]
    ) -> None:
        client = browser(cast.leader)
        listed = client.get(address(Run, "changelist"), {"left_behind": "yes"}).content.decode()
        assert [str(run.pk) in listed for run in runs] == [True, True, False]
        page = self.send(client, runs).content.decode()
        assert "Move them" in page
        assert "It is carried out in the edition in force already." in page
        with cast.acting():
            assert Run.objects.left_behind().count() == 2
        self.send(client, runs, confirmed="1")
        with cast.acting():
            assert not Run.objects.left_behind().exists()

    def test_is_for_who_writes_the_structure(self, cast: Cast, runs: list[Run]) -> None:
        for member in (cast.csm, cast.analyst):
            self.send(browser(member), runs, confirmed="1")
        assert self.send(browser(cast.manager), runs, confirmed="1").status_code in (302, 403)
        with cast.acting():
            assert Run.objects.left_behind().count() == 2
