"""How often a customer may be touched: judged over editions and cadences together."""

import pytest
from django.utils import timezone

from playbooks import services
from playbooks.models import Cadence, ContactBudget
from playbooks.wording import Flawed
from regions.models import Market
from tests import factories
from tests.conftest import Cast
from toolkit.errors import InvalidInput

pytestmark = pytest.mark.django_db

CALLS = [factories.step(f"call-{number}", offset=number) for number in range(1, 4)]


def budget(**values: object) -> ContactBudget:
    defaults = {"tier": "tier_1", "most_touches": 4, "period_days": 7, "severity": "error"}
    return services.save_budget(ContactBudget(**defaults | values))


def weekly(**values: object) -> Cadence:
    return factories.cadence(stage="onboarding", every=1, unit="weeks", **values)


@pytest.mark.parametrize("blank", ["", "  \n"])
def test_a_place_says_why_it_differs(acting: Cast, blank: str) -> None:
    france = factories.market("FR")
    for save in (budget, weekly):
        with pytest.raises(InvalidInput) as caught:
            save(market=france, reason=blank)
        assert list(caught.value.errors) == ["reason"]


class TestPublishing:
    def test_counts_the_touches_of_a_window(self, acting: Cast) -> None:
        budget(most_touches=2)
        version = factories.playbook(*CALLS)
        [finding] = services.check_version(version, at=timezone.now())
        assert (finding.rule, finding.value, finding.limit) == ("budget_exceeded", 3, [2, 7])

    def test_counts_the_cadence_beside_the_playbook(self, acting: Cast) -> None:
        budget(most_touches=3)
        version = factories.playbook(*CALLS)
        assert services.check_version(version, at=timezone.now()) == []
        weekly()
        [finding] = services.check_version(version, at=timezone.now())
        assert finding.value == 4

    def test_counts_no_internal_cadence(self, acting: Cast) -> None:
        budget(most_touches=3)
        weekly()
        place = factories.market("FR")
        weekly(market=place, benefit="", reason="Nobody is contacted here.")
        version = factories.playbook(*CALLS)
        found = services.check_version(version, at=timezone.now())
        assert [finding.market for finding in found] == [""]

    def test_obeys_the_most_specific_budget(self, acting: Cast) -> None:
        budget(most_touches=10)
        france = factories.market("FR")
        factories.market("ES")
        budget(market=france, most_touches=2, reason="Few and personal.")
        version = factories.playbook(*CALLS)
        [finding] = services.check_version(version, at=timezone.now())
        assert finding.market == "FR"

    def test_of_a_warning_goes_on_and_is_kept(self, acting: Cast) -> None:
        factories.market("FR")
        budget(most_touches=1, severity="warning")
        version = factories.playbook(*CALLS)
        [edition] = services.publish_version(version, by=acting.leader, at=timezone.now())
        assert [each["rule"] for each in edition.findings] == ["budget_exceeded"]

    def test_judges_each_tier_by_the_steps_that_are_for_it(self, acting: Cast) -> None:
        budget(tier="tier_3", most_touches=1)
        only = {"condition": {"tiers": ["tier_1"]}}
        version = factories.playbook(CALLS[0], *(each | only for each in CALLS[1:]))
        assert services.check_version(version, at=timezone.now()) == []


class TestACadence:
    def test_is_refused_where_it_exceeds_the_budget_alone(self, acting: Cast) -> None:
        factories.market("FR")
        budget(most_touches=1, period_days=30)
        with pytest.raises(Flawed, match="The cadence alone touches"):
            weekly()
        assert not Cadence.objects.exists()

    def test_is_refused_where_playbooks_leave_no_room(self, acting: Cast) -> None:
        market: Market = factories.market("FR")
        budget(most_touches=3)
        factories.published(*CALLS, by=acting.leader)
        with pytest.raises(Flawed, match="cadences included") as caught:
            weekly()
        assert [finding.market for finding in caught.value.findings] == [market.code]

    def test_is_fine_where_no_playbook_meets_it(self, acting: Cast) -> None:
        factories.market("FR")
        budget(most_touches=3)
        factories.published(*CALLS, by=acting.leader, stages=["onboarding"])
        assert factories.cadence(stage="value", every=1, unit="weeks").pk

    def test_may_only_become_calmer_where_a_later_budget_is_exceeded(self, acting: Cast) -> None:
        france = factories.market("FR")
        factories.published(*CALLS, by=acting.leader)
        cadence = weekly()
        budget(most_touches=2)
        cadence.every = 2
        assert services.save_cadence(cadence).every == 2
        for name, value in (("every", 1), ("market", france)):
            busier = Cadence.objects.get(pk=cadence.pk)
            setattr(busier, name, value)
            busier.reason = "They like it so."
            with pytest.raises(Flawed):
                services.save_cadence(busier)

    def test_keeps_every_version(self, acting: Cast) -> None:
        cadence = weekly()
        cadence.every = 2
        services.save_cadence(cadence)
        assert [row.content["every"] for row in cadence.revisions.all()] == [1, 2]
