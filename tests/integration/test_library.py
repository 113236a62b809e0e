"""Starting from the playbooks that ship with the product."""

import datetime as dt

import pytest
from django.utils import timezone

from governance import services as governance
from playbooks import services
from playbooks.library import shipped_playbooks
from playbooks.models import Localization, Playbook
from playbooks.services.library import (
    NotInLibrary,
    PlaybookExists,
    adopt_library_localizations,
    adopt_library_playbook,
    library_playbooks,
)
from talent.models import Role
from tests import factories
from tests.conftest import Cast, count_queries

pytestmark = pytest.mark.django_db

MARKETS = ("FR", "DE", "GB", "JP", "ES", "AE", "US")
KEYS = (
    *("adoption-rescue", "business-review", "escalation", "expansion", "new-sponsor"),
    *("onboarding", "renewal"),
)
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


class TestLibraryPlaybooks:
    def test_are_the_shipped_ones_with_what_a_leader_wants_to_know(self, acting: Cast) -> None:
        found = library_playbooks()
        assert [each.key for each in found] == list(KEYS)
        onboarding = found[-2]
        assert onboarding.name == "Onboarding, first 90 days"
        assert onboarding.motion == "onboarding"
        assert onboarding.goal.startswith("After 90 days")
        assert onboarding.steps == len(shipped_playbooks()["onboarding"].steps)
        assert set(onboarding.markets) == set(MARKETS)
        assert not onboarding.is_adopted

    def test_say_which_the_organization_has(self, acting: Cast) -> None:
        adopt_library_playbook("renewal", by=acting.leader, at=NOW)
        assert [each.key for each in library_playbooks() if each.is_adopted] == ["renewal"]

    def test_take_one_query(self, acting: Cast) -> None:
        with count_queries() as queries:
            library_playbooks()
        assert len(queries) == 1


class TestAdoptLibraryPlaybook:
    @pytest.mark.parametrize("key", KEYS)
    def test_makes_what_can_be_published_in_every_market_it_knows(
        self, acting: Cast, key: str
    ) -> None:
        governance.adopt_starting_set(by=acting.leader, at=NOW)
        for code in MARKETS:
            factories.market(code)
        version = adopt_library_playbook(key, by=acting.leader, at=NOW)
        assert version.number == 1
        assert version.created_by == acting.leader
        assert version.playbook.library_key == key
        services.publish_version(version, by=acting.leader, at=timezone.now())
        localizations = Localization.objects.filter(playbook=version.playbook)
        shipped = {each.place.code for each in shipped_playbooks()[key].localizations}
        assert {each.place.code for each in localizations} == shipped
        for localization in localizations:
            made = services.publish_localization(localization, by=acting.leader, at=timezone.now())
            assert [edition.market.code for edition in made] == [localization.place.code]

    def test_leaves_out_places_that_the_organization_has_not(self, acting: Cast) -> None:
        factories.market("FR")
        version = adopt_library_playbook("onboarding", by=acting.leader, at=NOW)
        assert [each.place.code for each in version.playbook.localizations.all()] == ["FR"]

    def test_brings_the_roles_it_names_and_no_other(self, acting: Cast) -> None:
        assert not Role.objects.exists()
        version = adopt_library_playbook("onboarding", by=acting.leader, at=NOW)
        named = set(version.steps.values_list("owner_role", flat=True)) - {""}
        known = set(Role.objects.values_list("code", flat=True))
        assert named <= known
        assert "renewals_manager" not in known - named

    def test_refuses_a_key_that_is_taken(self, acting: Cast) -> None:
        factories.playbook(key="renewal")
        with pytest.raises(PlaybookExists):
            adopt_library_playbook("renewal", by=acting.leader, at=NOW)

    def test_refuses_a_key_that_nothing_ships_under(self, acting: Cast) -> None:
        with pytest.raises(NotInLibrary):
            adopt_library_playbook("renewals", by=acting.leader, at=NOW)


class TestAdoptLibraryLocalizations:
    def test_adds_what_is_missing_and_leaves_the_rest(self, acting: Cast) -> None:
        factories.market("FR")
        playbook = adopt_library_playbook("onboarding", by=acting.leader, at=NOW).playbook
        france = playbook.localizations.get()
        services.save_localization(france, by=acting.leader, at=NOW, changes=[])
        factories.market("DE")
        added = adopt_library_localizations(playbook, by=acting.leader, at=NOW)
        assert [each.place.code for each in added] == ["DE"]
        assert not france.changes.exists()
        assert adopt_library_localizations(playbook, by=acting.leader, at=NOW) == []

    def test_leaves_out_changes_of_steps_that_are_gone(self, acting: Cast) -> None:
        version = adopt_library_playbook("onboarding", by=acting.leader, at=NOW)
        steps = [services.step_values(step) for step in version.steps.all()]
        services.save_version(version, steps=[each for each in steps if each["key"] != "kickoff"])
        factories.market("FR")
        (added,) = adopt_library_localizations(version.playbook, by=acting.leader, at=NOW)
        assert added.changes.exists()
        assert not added.changes.filter(step="kickoff").exists()

    def test_does_nothing_for_a_playbook_of_ones_own(self, acting: Cast) -> None:
        factories.market("FR")
        own: Playbook = factories.playbook(key="own").playbook
        assert adopt_library_localizations(own, by=acting.leader, at=NOW) == []
