"""Moving localizations to newer versions of their playbook."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance import services as governance_services
from governance.models import Guardrail
from playbooks import services
from playbooks.models import Edition, Localization
from playbooks.rebase import Choice, ConflictKind, Settlement
from playbooks.wording import Flawed
from regions.models import Market
from tests import factories
from tests.conftest import Cast
from tests.integration.localizing import fields, following, localized, publish

pytestmark = pytest.mark.django_db

VISIT = {"title": "Visit", "outcome": "They know us.", "kind": "in_person"}
LOCAL, BASE = Settlement(Choice.LOCAL), Settlement(Choice.BASE)


@pytest.fixture
def france(acting: Cast) -> Market:
    return factories.market("FR")


@pytest.fixture
def spain(france: Market) -> Market:
    return factories.market("ES", in_region=france.region)


class TestRebasing:
    def test_keeps_changes_and_follows_elsewhere(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        own = localized(first, france, acting, factories.change("kickoff", "offset", 9))
        second = following(first, acting, factories.step(title="Call them"))
        services.rebase_localization(own, by=acting.leader, at=timezone.now())
        assert own.base == second
        assert fields(first, france)["title"] == "Do kickoff", "until it is published"
        publish(own, acting)
        assert (fields(first, france)["title"], fields(first, france)["offset"]) == ("Call them", 9)

    def test_changes_nothing_while_something_is_in_conflict(
        self, acting: Cast, france: Market
    ) -> None:
        first = factories.published(factories.step(), factories.step("training"), by=acting.leader)
        own = localized(
            first,
            france,
            acting,
            factories.change("kickoff", "offset", 9),
            factories.change("training", "offset", 9),
        )
        following(first, acting, factories.step(offset=3))
        with pytest.raises(services.RebaseConflicts) as caught:
            services.rebase_localization(own, by=acting.leader, at=timezone.now())
        assert [each.kind for each in caught.value.conflicts["FR"]] == [
            ConflictKind.CHANGED_BOTH,
            ConflictKind.STEP_GONE,
        ]
        stored = Localization.objects.get(pk=own.pk)
        assert (stored.base, stored.changes.count()) == (first, 2)
        settled = {("kickoff", "offset"): Settlement(Choice.VALUE, 5), ("training", ""): BASE}
        services.rebase_localization(stored, by=acting.leader, at=timezone.now(), settled=settled)
        change = stored.changes.get()
        assert (change.value, change.author) == (5, acting.leader)

    def test_needs_a_newer_version(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        own = localized(first, france, acting)
        services.start_draft(first.playbook, by=acting.leader)
        with pytest.raises(services.NothingNewer):
            services.rebase_localization(own, by=acting.leader, at=timezone.now())

    def test_is_not_onto_a_draft_that_may_be_thrown_away(
        self, acting: Cast, france: Market
    ) -> None:
        first = factories.published(by=acting.leader)
        own = localized(first, france, acting)
        services.retire_version(first, at=timezone.now())
        draft = services.start_draft(first.playbook, by=acting.leader)
        with pytest.raises(services.NothingNewer):
            services.rebase_localization(own, by=acting.leader, at=timezone.now())
        services.discard_draft(draft)

    def test_sees_what_the_region_changed_on_the_way(self, acting: Cast, france: Market) -> None:
        first = factories.published(by=acting.leader)
        region = localized(first, france.region, acting, factories.change("kickoff", "offset", 4))
        own = factories.localization(first, france, factories.change("kickoff", "offset", 9))
        following(first, acting, factories.step(title="Call them"))
        services.rebase_localization(region, by=acting.leader, at=timezone.now())
        services.save_localization(
            region, by=None, at=timezone.now(), changes=[factories.change("kickoff", "offset", 5)]
        )
        publish(region, acting)
        own.refresh_from_db()
        with pytest.raises(services.RebaseConflicts) as caught:
            services.rebase_localization(own, by=acting.leader, at=timezone.now())
        (conflict,) = caught.value.conflicts["FR"]
        assert (conflict.before, conflict.after, conflict.local) == (4, 5, 9)


DAYS = st.sampled_from([None, 0, 1, 3, 8])
"""On which working day a version has its one contact; None for a version without it."""


def drawn(day: int | None) -> list[dict[str, Any]]:
    """Return the steps of a version."""
    prepare = factories.step("prepare", kind="internal", channel="", offset=0)
    return [prepare] if day is None else [prepare, factories.step("visit", offset=day)]


class TestEveryRebase:
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(old=DAYS, new=DAYS, local=DAYS, choice=st.sampled_from(list(Choice)), third=DAYS)
    def test_makes_no_edition_that_skipped_its_guardrails(
        self,
        acting: Cast,
        france: Market,
        old: int | None,
        new: int | None,
        local: int | None,
        choice: Choice,
        third: int | None,
    ) -> None:
        first = factories.published(*drawn(old), by=acting.leader)
        changes = [factories.change("visit", "offset", local)]
        own = localized(first, france, acting, *(changes if None not in (old, local) else ()))
        following(first, acting, *drawn(new))
        rule = governance_services.save_guardrail(
            Guardrail(
                name="Early",
                kind="first_contact",
                parameters={"business_days": 2},
                severity="error",
                protects="Nobody waits.",
            )
        )
        settled = {("visit", ""): BASE, ("visit", "offset"): Settlement(choice, third or 0)}
        before = Edition.objects.count()
        services.rebase_localization(own, by=acting.leader, at=timezone.now(), settled=settled)
        try:
            publish(own, acting)
        except Flawed:
            assert Edition.objects.count() == before
        else:
            visit = fields(first, france, "visit")
            assert visit
            assert visit["offset"] <= 2
        governance_services.remove_guardrail(rule)
