"""Writing, publishing and localizing playbooks."""

import pytest
from django.utils import timezone

from playbooks import services
from playbooks.documents import edition_contents
from playbooks.rebase import Choice, Settlement
from playbooks.services import Standing
from playbooks.wording import Flawed
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def contents(version, market):
    edition = services.edition_in_force(version.playbook, market)
    assert edition
    return edition_contents(edition)


class TestOneWay:
    def test_whole(self, acting: Cast) -> None:
        now = timezone.now()
        france, spain = factories.market("FR"), factories.market("ES")
        v1 = factories.published(
            factories.step("kickoff", required=True),
            factories.step("training", offset=5, depends_on=["kickoff"]),
            factories.step("survey", offset=20),
            by=acting.leader,
        )
        assert [s.key for s in contents(v1, france).steps] == ["kickoff", "training", "survey"]
        loc = factories.localization(
            v1, france,
            factories.change("kickoff", "kind", "in_person"),
            factories.change("training", "offset", 8),
            factories.change("survey"),
        )
        services.publish_localization(loc, by=acting.leader, at=now)
        resolved = contents(v1, france)
        assert [s.key for s in resolved.steps] == ["kickoff", "training"]
        assert resolved.find("kickoff").fields["kind"] == "in_person"
        region = factories.localization(
            v1, france.region, factories.change("training", "duration_minutes", 90)
        )
        services.publish_localization(region, by=acting.leader, at=now)
        assert contents(v1, france).find("training").fields["duration_minutes"] == 90
        assert contents(v1, spain).find("training").fields["duration_minutes"] == 90
        assert contents(v1, france).find("training").fields["offset"] == 8

        v2 = services.start_draft(v1.playbook, by=acting.leader)
        steps = [services.step_values(step) for step in v2.steps.all()]
        steps[1]["offset"] = 6
        steps[1]["title"] = "Train the first team"
        services.save_version(v2, steps=steps)
        services.publish_version(v2, by=acting.leader, at=now)
        states = {s.market.code: s for s in services.market_states(v1.playbook)}
        assert states["FR"].standing is Standing.BEHIND
        region.refresh_from_db()
        services.rebase_localization(region, by=acting.leader, at=now)
        with pytest.raises(services.RebaseConflicts) as caught:
            services.publish_localization(region, by=acting.leader, at=now)
        print(caught.value)
        services.publish_localization(region, by=acting.leader, at=now, settled={"FR": {("training","offset"): Settlement(Choice.LOCAL)}})
        assert contents(v1, france).find("training").fields["title"] == "Train the first team"
        assert contents(v1, france).find("training").fields["offset"] == 8
        assert contents(v1, spain).find("training").fields["offset"] == 6
        loc.refresh_from_db()
        assert loc.base_id == v2.pk
        # the market settles first? its region rests on version 1 still
        with pytest.raises(services.NothingNewer):
            services.rebase_localization(loc, by=acting.leader, at=now)

    def test_flaws(self, acting: Cast) -> None:
        france = factories.market("FR")
        v1 = factories.published(factories.step(required=True), factories.step("b", depends_on=["kickoff"]), by=acting.leader)
        loc = factories.localization(v1, france, factories.change("kickoff"))
        with pytest.raises(Flawed) as caught:
            services.publish_localization(loc, by=acting.leader, at=timezone.now())
        print(caught.value)
