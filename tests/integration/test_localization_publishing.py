"""Publishing the localizations of markets and regions."""

from __future__ import annotations

import pytest
from django.utils import timezone

from playbooks import services
from playbooks.models import Edition, Localization
from playbooks.rebase import Choice, ConflictKind, Settlement
from playbooks.wording import Flawed
from regions.models import Market
from tests import factories
from tests.conftest import Cast, count_queries
from tests.integration.localizing import fields, following, localized, publish
from toolkit.errors import InvalidInput

pytestmark = pytest.mark.django_db

VISIT = {"title": "Visit", "outcome": "They know us.", "kind": "in_person"}
LOCAL, BASE = Settlement(Choice.LOCAL), Settlement(Choice.BASE)


@pytest.fixture
def france(acting: Cast) -> Market:
    return factories.market("FR")


@pytest.fixture
def spain(france: Market) -> Market:
    return factories.market("ES", in_region=france.region)


class TestChecking:
    def test_tells_what_publishing_would_make_of_each_market(
        self, acting: Cast, france: Market, spain: Market
    ) -> None:
        first = factories.published(by=acting.leader)
        localization = factories.localization(
            first, france.region, factories.change("kickoff", "depends_on", ["nobody"])
        )
        made = services.check_localization(localization, at=timezone.now())
        assert [(each.market, [found.rule for found in each.findings]) for each in made] == [
            (spain, ["unknown_step"]),
            (france, ["unknown_step"]),
        ]
        assert Edition.objects.count() == 2, "those of the version itself"

    def test_works_on_a_draft_as_well(self, france: Market) -> None:
        localization = factories.localization(
            factories.playbook(), france, factories.change("kickoff", "offset", 4)
        )
        (made,) = services.check_localization(localization, at=timezone.now())
        step = made.resolved.find("kickoff")
        assert step
        assert step.fields["offset"] == 4
        assert not made.findings


class TestPublishingAMarket:
    def test_makes_its_next_edition_and_leaves_others_alone(
        self, acting: Cast, france: Market, spain: Market
    ) -> None:
        first = factories.published(by=acting.leader)
        localization = factories.localization(
            first, france, factories.change("kickoff", "offset", 4)
        )
        (edition,) = publish(localization, acting)
        assert (edition.market, edition.number, edition.playbook_version) == (france, 2, first)
        assert edition.market_revision
        assert (edition.market_revision.number, edition.region_revision) == (1, None)
        assert (fields(first, france)["offset"], fields(first, spain)["offset"]) == (4, 2)

    def test_waits_for_the_version_that_it_rests_on(self, acting: Cast, france: Market) -> None:
        draft = factories.playbook()
        localization = factories.localization(draft, france)
        with pytest.raises(services.BaseNotPublished):
            publish(localization, acting)
        services.publish_version(draft, by=acting.leader, at=timezone.now())
        assert publish(Localization.objects.get(pk=localization.pk), acting)

    def test_refuses_all_that_breaks_a_rule_at_once(self, acting: Cast, france: Market) -> None:
        first = factories.published(
            factories.step("kickoff", required=True),
            factories.step("training", required=True, offset=5),
            factories.step("survey", depends_on=["kickoff"], offset=9),
            by=acting.leader,
        )
        localization = factories.localization(
            first,
            france,
            factories.change("kickoff"),
            factories.change("training", "required", False),
            factories.change("training", "message", "Dear {name}"),
        )
        with pytest.raises(Flawed) as caught:
            publish(localization, acting)
        found = {(each.rule, each.step, each.market) for each in caught.value.findings}
        assert found == {
            ("step_dropped", "kickoff", "FR"),
            ("step_made_optional", "training", "FR"),
            ("unknown_step", "survey", "FR"),
            ("unknown_placeholder", "training", "FR"),
        }
        assert not localization.revisions.exists()
        assert Edition.objects.count() == 1

    def test_never_changes_an_outcome(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        localization = factories.localization(first, france)
        change = factories.change("kickoff", "outcome", "Something else.")
        services.save_localization(localization, by=None, at=timezone.now(), changes=[change])
        with pytest.raises(Flawed) as caught:
            publish(localization, acting)
        assert [each.rule for each in caught.value.findings] == ["outcome_changed"]

    def test_is_refused_where_the_region_rests_on_another_version(
        self, acting: Cast, france: Market
    ) -> None:
        first = factories.published(by=acting.leader)
        localization = factories.localization(first, france)
        second = following(first, acting, factories.step(title="Call them"))
        localized(second, france.region, acting, factories.change("kickoff", "offset", 4))
        with pytest.raises(services.RegionRestsElsewhere):
            publish(localization, acting)
        services.rebase_localization(localization, by=acting.leader, at=timezone.now())
        publish(localization, acting)
        assert fields(first, france)["title"] == "Call them"

    def test_never_goes_back_to_an_older_version(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        of_market = factories.localization(first, france)
        of_region = factories.localization(first, france.region)
        following(first, acting, factories.step(title="Call them"))
        for localization in (of_market, of_region):
            with pytest.raises(services.MarketsAhead, match=str(france)):
                publish(localization, acting)
        assert fields(first, france)["title"] == "Call them"
        services.rebase_localization(of_market, by=acting.leader, at=timezone.now())
        assert publish(of_market, acting)

    def test_may_mend_a_version_that_lags(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        localization = localized(first, france, acting, factories.change("kickoff", "offset", 4))
        following(first, acting, factories.step(title="Call them"))
        services.save_localization(localization, by=None, at=timezone.now(), changes=[])
        publish(localization, acting)
        assert fields(first, france)["title"] == "Do kickoff"

    def test_of_an_archived_playbook_is_refused(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        localization = factories.localization(first, france)
        services.archive_playbook(first.playbook, at=timezone.now())
        with pytest.raises(services.PlaybookArchived):
            publish(localization, acting)


class TestPublishingARegion:
    def test_makes_editions_for_all_its_markets_and_no_other(
        self, acting: Cast, france: Market, spain: Market
    ) -> None:
        other = factories.market("US")
        first = factories.published(by=acting.leader)
        localized(first, france, acting, factories.change("kickoff", "tone", "formal"))
        localized(first, france.region, acting, factories.change("kickoff", "offset", 4))
        assert fields(first, france)["tone"] == "formal"
        assert [fields(first, each)["offset"] for each in (france, spain, other)] == [4, 4, 2]

    def test_is_all_or_nothing(self, acting: Cast, france: Market, spain: Market) -> None:
        first = factories.published(factories.step(), factories.step("training"), by=acting.leader)
        localized(first, france, acting, factories.change("kickoff", "depends_on", ["training"]))
        localization = factories.localization(first, france.region, factories.change("training"))
        with pytest.raises(Flawed) as caught:
            publish(localization, acting)
        assert {each.market for each in caught.value.findings} == {"FR"}
        assert fields(first, spain, "training"), "Spain has not moved either"

    def test_lets_a_market_bring_back_what_its_region_left_out(
        self, acting: Cast, france: Market, spain: Market
    ) -> None:
        first = factories.published(factories.step(), factories.step("training"), by=acting.leader)
        localized(first, france.region, acting, factories.change("training"))
        assert fields(first, france, "training") is None
        localized(first, france, acting, factories.change("training", action="restore"))
        assert fields(first, france, "training")
        assert fields(first, spain, "training") is None

    def test_lets_a_market_change_what_its_region_added(
        self, acting: Cast, france: Market, spain: Market
    ) -> None:
        first = factories.published(by=acting.leader)
        added = factories.change("visit", action="add", value=VISIT)
        localized(first, france.region, acting, added)
        localized(first, france, acting, factories.change("visit", "offset", 9))
        assert [fields(first, each, "visit")["offset"] for each in (france, spain)] == [9, 0]

    def test_asks_how_its_markets_settle_what_they_changed_too(
        self, acting: Cast, france: Market, spain: Market
    ) -> None:
        first = factories.published(by=acting.leader)
        for market in (france, spain):
            localized(first, market, acting, factories.change("kickoff", "offset", 9))
        region = factories.localization(
            first, france.region, factories.change("kickoff", "offset", 4)
        )
        with pytest.raises(services.RebaseConflicts) as caught:
            publish(region, acting)
        assert {
            code: [each.kind for each in found] for code, found in caught.value.conflicts.items()
        } == {
            "FR": [ConflictKind.CHANGED_BOTH],
            "ES": [ConflictKind.CHANGED_BOTH],
        }
        place = ("kickoff", "offset")
        publish(region, acting, FR={place: LOCAL}, ES={place: BASE})
        assert [fields(first, each)["offset"] for each in (france, spain)] == [9, 4]

    def test_writes_a_third_value_into_the_markets_localization_signed(
        self, acting: Cast, france: Market
    ) -> None:
        first = factories.published(by=acting.leader)
        own = localized(first, france, acting, factories.change("kickoff", "offset", 9))
        region = factories.localization(
            first, france.region, factories.change("kickoff", "offset", 4)
        )
        third = Settlement(Choice.VALUE, 6)
        publish(region, acting, FR={("kickoff", "offset"): third})
        assert fields(first, france)["offset"] == 6
        change = own.changes.get()
        assert (change.value, change.author) == (6, acting.leader)
        publish(own, acting)
        assert fields(first, france)["offset"] == 6, "what was settled is not undone"
        edition = services.edition_in_force(first.playbook, france)
        assert edition
        step = edition.steps.get()
        assert step.origins["offset"]["author"] == str(acting.leader.pk)

    def test_refuses_a_third_value_that_cannot_be_taken(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        localized(first, france, acting, factories.change("kickoff", "offset", 9))
        region = factories.localization(
            first, france.region, factories.change("kickoff", "offset", 4)
        )
        with pytest.raises(InvalidInput):
            publish(region, acting, FR={("kickoff", "offset"): Settlement(Choice.VALUE, "soon")})

    def test_leaves_what_is_worked_on_in_a_market_to_its_people(
        self, acting: Cast, france: Market
    ) -> None:
        first = factories.published(by=acting.leader)
        own = localized(first, france, acting, factories.change("kickoff", "offset", 9))
        services.save_localization(
            own, by=None, at=timezone.now(), changes=[factories.change("kickoff", "offset", 7)]
        )
        second = following(first, acting, factories.step(offset=3))
        region = factories.localization(second, france.region)
        publish(region, acting, FR={("kickoff", "offset"): LOCAL})
        assert fields(first, france)["offset"] == 9
        own.refresh_from_db()
        assert (own.base, own.changes.get().value) == (first, 7)
        with pytest.raises(services.RebaseConflicts):
            services.rebase_localization(own, by=acting.leader, at=timezone.now())

    def test_asks_as_often_for_many_markets_as_for_few(self, acting: Cast) -> None:
        counts = []
        for count in (2, 6):
            first = factories.published(by=acting.leader)
            region = factories.region()
            for _ in range(count):
                market = factories.handmade_market(region=region)
                localized(first, market, acting, factories.change("kickoff", "offset", 9))
            local = factories.localization(
                first, region, factories.change("kickoff", "tone", "formal")
            )
            local.refresh_from_db()
            with count_queries() as queries:
                services.publish_localization(local, by=acting.leader, at=timezone.now())
            counts.append(len(queries))
        assert counts[0] == counts[1]
