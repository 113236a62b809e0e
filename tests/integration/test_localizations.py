"""Localizing a playbook: changes with reasons, which are read strictly and kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils import timezone

from playbooks import services
from playbooks.models import LocalChange, Localization
from playbooks.services.local_changes import MOST_CHANGES
from regions.models import CulturalStatement, Market
from tests import factories
from tests.conftest import Cast
from tests.integration.localizing import fields, following, localized, publish
from toolkit.errors import InvalidInput
from toolkit.storage import StaleVersion

pytestmark = pytest.mark.django_db

VISIT = {"title": "Visit", "outcome": "They know us.", "kind": "in_person"}
UNTITLED = VISIT | {"title": ""}


@pytest.fixture
def france(acting: Cast) -> Market:
    return factories.market("FR")


@pytest.fixture
def spain(france: Market) -> Market:
    return factories.market("ES", in_region=france.region)


class TestOpening:
    def test_rests_on_the_published_version(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        services.start_draft(first.playbook, by=acting.leader)
        localization = factories.localization(first, france, factories.change())
        assert localization.base == first

    def test_rests_on_the_draft_before_there_is_one(self, france: Market) -> None:
        draft = factories.playbook()
        assert factories.localization(draft, france).base == draft

    def test_rests_on_what_its_region_rests_on(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        localized(first, france.region, acting, factories.change("kickoff", "offset", 4))
        following(first, acting, factories.step())
        assert factories.localization(first, france).base == first

    def test_needs_a_version_to_rest_on(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        services.retire_version(first, at=timezone.now())
        with pytest.raises(services.NothingToLocalize):
            factories.localization(first, france)

    def test_happens_once_for_a_place(self, france: Market) -> None:
        draft = factories.playbook()
        factories.localization(draft, france)
        with pytest.raises(ValidationError):
            factories.localization(draft, france)

    def test_is_for_a_region_or_a_market(self, france: Market) -> None:
        draft = factories.playbook()
        both = Localization(playbook=draft.playbook, region=france.region, market=france)
        with pytest.raises(ValidationError):
            services.open_localization(both, by=None, at=timezone.now())


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("an unknown step", factories.change("kick-off", "offset", 3), "step"),
    ("an unknown field", factories.change("kickoff", "ofset", 3), "value.ofset"),
    ("a value of another type", factories.change("kickoff", "offset", "3"), "value.offset"),
    ("a list of lists", factories.change("kickoff", "checklist", [[]]), "value.checklist"),
    ("nothing for what cannot be empty", factories.change("kickoff", "title"), "value.title"),
    ("all translations at once", factories.change("kickoff", "translations", {}), "value.transl"),
    ("a language nobody has", factories.change("kickoff", "translations.x", {}), "value.transl"),
    ("no reason", factories.change(reason=" "), "reason"),
    ("an unknown kind of reason", factories.change(reason_kind="habit"), "reason_kind"),
    ("an unknown action", factories.change(action="move"), "action"),
    ("no field to set", factories.change(action="set"), "field"),
    ("a field to drop", factories.change(action="drop", field="offset"), "value"),
    ("a step without its fields", factories.change("new", action="add", value=[]), "value"),
    (
        "a step without a title",
        factories.change("new", action="add", value=VISIT | {"title": ""}),
        "value.title",
    ),
    ("a key that is none", factories.change("Né w", action="add", value={}), "step"),
    ("the playbook itself to drop", factories.change(""), "step"),
    ("an empty name", factories.change("", "name", ""), "value.name"),
    ("a report that nobody made", factories.change(statement="7"), "statement"),
    ("a list for a step", factories.change() | {"step": []}, "step"),
    ("an object for a field", factories.change(action="set") | {"field": {}}, "field"),
    ("a number for a reason", factories.change(reason=7), "reason"),
    ("a list as evidence", factories.change(evidence=[]), "evidence"),
]


class TestSaving:
    @pytest.mark.parametrize(
        ("change", "path"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
    )
    def test_refuses(self, france: Market, change: dict[str, Any], path: str) -> None:
        localization = factories.localization(factories.playbook(), france)
        with pytest.raises(InvalidInput) as caught:
            services.save_localization(
                localization, by=None, at=timezone.now(), changes=[factories.change(), change]
            )
        (found,) = caught.value.errors
        assert found.startswith(f"changes[1].{path}")
        assert not localization.changes.exists(), "nothing is kept where something is refused"

    def test_refuses_to_change_one_thing_twice(self, france: Market) -> None:
        with pytest.raises(InvalidInput) as caught:
            factories.localization(
                factories.playbook(), france, factories.change(), factories.change()
            )
        assert list(caught.value.errors) == ["changes[1]"]

    def test_refuses_more_changes_than_anybody_reads(self, france: Market) -> None:
        many = [factories.change()] * (MOST_CHANGES + 1)
        with pytest.raises(InvalidInput):
            factories.localization(factories.playbook(), france, *many)

    def test_takes_a_step_that_is_added_and_changed_at_once(self, france: Market) -> None:
        localization = factories.localization(
            factories.playbook(),
            france,
            factories.change("visit", "translations.fr", {"title": "Visite"}),
            factories.change("visit", action="add", value=VISIT),
        )
        assert localization.changes.count() == 2

    def test_takes_a_report_of_the_markets_own_profile_only(
        self, france: Market, spain: Market
    ) -> None:
        own, foreign = (
            CulturalStatement.objects.filter(market=market).first() for market in (france, spain)
        )
        assert own
        assert foreign
        localization = factories.localization(
            factories.playbook(), france, factories.change(statement=str(own.pk))
        )
        assert localization.changes.get().statement == own
        with pytest.raises(InvalidInput):
            services.save_localization(
                localization,
                by=None,
                at=timezone.now(),
                changes=[factories.change(statement=foreign)],
            )

    def test_keeps_author_and_time_of_what_stays_as_it_is(
        self, acting: Cast, france: Market
    ) -> None:
        draft = factories.playbook(factories.step(), factories.step("training"))
        stays, goes = factories.change("kickoff", "offset", 4), factories.change("training")
        localization = factories.localization(draft, france, stays, goes)
        before = localization.changes.get(step="kickoff")
        comes = factories.change("kickoff", "tone", "formal")
        services.save_localization(
            localization, by=acting.manager, at=timezone.now(), changes=[comes, stays]
        )
        by_field = {row.field: row for row in localization.changes.all()}
        assert by_field.keys() == {"offset", "tone"}
        assert (by_field["offset"].author, by_field["offset"].since) == (None, before.since)
        assert by_field["tone"].author == acting.manager

    def test_is_not_done_over_the_edit_of_another(self, acting: Cast, france: Market) -> None:
        localization = factories.localization(factories.playbook(), france)
        stale = Localization.objects.get(pk=localization.pk)
        services.save_localization(localization, by=None, at=timezone.now(), changes=[])
        with pytest.raises(StaleVersion):
            services.save_localization(
                stale, by=None, at=timezone.now(), changes=[factories.change()]
            )
        with pytest.raises(StaleVersion):
            services.publish_localization(stale, by=acting.leader, at=timezone.now())


class TestRemoving:
    def test_takes_away_what_was_never_published(self, france: Market) -> None:
        localization = factories.localization(factories.playbook(), france, factories.change())
        services.remove_localization(localization)
        assert not LocalChange.objects.exists()

    def test_is_refused_once_it_is_published(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        localization = localized(first, france, acting, factories.change("kickoff", "offset", 4))
        with pytest.raises(ProtectedError):
            services.remove_localization(localization)
        services.save_localization(localization, by=None, at=timezone.now(), changes=[])
        publish(localization, acting)
        assert fields(first, france)["offset"] == 2


class TestAnotherOrganization:
    def test_does_not_see_a_localization(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            own = factories.localization(factories.playbook(), factories.market("FR"))
        with outsiders.acting():
            assert not Localization.objects.exists()
            with pytest.raises(Localization.DoesNotExist):
                publish(own, outsiders)
