"""Layer 1: what is published stays, what is local has a reason, which guardrails are in force."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from governance import services
from governance.guardrails import KINDS
from governance.models import (
    GovernanceSettings,
    Guardrail,
    KpiDefinition,
    KpiTarget,
    Philosophy,
    PhilosophyIsPublished,
    Principle,
    VoiceTrait,
    VoiceVariation,
)
from governance.vocabulary import Motion, Severity
from tests import factories
from tests.conftest import Cast, count_queries, make_cast
from toolkit.errors import InvalidInput
from toolkit.storage import StaleVersion

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def publish(cast: Cast, text: str = "We serve.", **values: Any) -> Philosophy:
    return services.publish_philosophy(text=text, by=cast.leader, at=NOW, **values)


def guardrail(**values: Any) -> Guardrail:
    defaults = {"name": "Owners", "kind": "owner_role", "protects": "Nobody waits."}
    return services.save_guardrail(Guardrail(**defaults | values))


def trait(**values: Any) -> VoiceTrait:
    defaults = {"key": "formality", "name": "Formality", "description": "Polite.", "is_local": True}
    return services.save_voice_trait(VoiceTrait(**defaults | values))


def variation(of: VoiceTrait) -> VoiceVariation:
    return services.save_voice_variation(
        VoiceVariation(
            trait=of, market=factories.market("FR"), wording="Vous.", reason="They asked for it."
        )
    )


class TestThePhilosophy:
    def test_is_numbered_and_the_newest_holds(self, acting: Cast) -> None:
        assert services.current_philosophy() is None
        assert [publish(acting, text).number for text in ("One.", "Two.")] == [1, 2]
        newest = services.current_philosophy()
        assert newest is not None
        assert (newest.text, newest.published_by) == ("Two.", acting.leader)

    def test_is_not_changed_once_it_is_published(self, acting: Cast) -> None:
        published = publish(acting)
        published.text = "Something else."
        with pytest.raises(PhilosophyIsPublished):
            published.save()
        assert Philosophy.objects.get().text == "We serve."

    def test_is_not_published_over_somebody_elses(self, acting: Cast) -> None:
        publish(acting, after=0)
        with pytest.raises(services.NewerPhilosophy):
            publish(acting, "Mine.", after=0)
        assert publish(acting, "Ours.", after=1).number == 2

    def test_needs_words(self, acting: Cast) -> None:
        with pytest.raises(ValidationError):
            publish(acting, "")

    @pytest.mark.django_db(transaction=True)
    def test_has_no_number_twice_and_none_missing(self) -> None:
        cast = make_cast("Elm")

        def writer(number: int) -> int:
            try:
                with cast.acting():
                    return publish(cast, f"Text {number}").number
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            numbers = list(pool.map(writer, range(12)))
        assert sorted(numbers) == list(range(1, 13))


class TestPrinciplesAndKpis:
    def test_are_archived_and_brought_back(self, acting: Cast) -> None:
        principle = services.save_principle(Principle(title="Value first", text="Always."))
        services.archive_principle(principle, at=NOW)
        assert Principle.objects.get().archived_at == NOW
        services.restore_principle(principle)
        assert Principle.objects.get().archived_at is None

    def test_are_not_saved_over_somebody_elses(self, acting: Cast) -> None:
        kpi = services.save_kpi(KpiDefinition(key="nrr", name="NRR", unit="percent", formula="…"))
        mine = KpiDefinition.objects.get()
        kpi.target = Decimal("105")
        services.save_kpi(kpi)
        with pytest.raises(StaleVersion):
            services.archive_kpi(mine, at=NOW)

    def test_have_one_target_in_a_market_with_its_reason(self, acting: Cast) -> None:
        kpi = services.save_kpi(KpiDefinition(key="nps", name="NPS", unit="points", formula="…"))
        market = factories.market("JP")
        values: dict[str, Any] = {"kpi": kpi, "market": market, "value": Decimal("-5")}
        with pytest.raises(ValidationError, match="reason"):
            services.save_kpi_target(KpiTarget(**values))
        services.save_kpi_target(KpiTarget(**values, reason="Its own baseline."))
        with pytest.raises(ValidationError, match="has a target"):
            services.save_kpi_target(KpiTarget(**values, reason="Once more."))


class TestTheVoice:
    def test_varies_where_it_may(self, acting: Cast) -> None:
        assert variation(trait()).pk

    def test_does_not_vary_where_it_holds_everywhere(self, acting: Cast) -> None:
        everywhere = trait(is_local=False)
        with pytest.raises(InvalidInput, match="holds everywhere"), transaction.atomic():
            variation(everywhere)
        assert not VoiceVariation.objects.exists()

    def test_does_not_end_to_vary_while_a_market_does(self, acting: Cast) -> None:
        local = trait()
        varied = variation(local)
        local.is_local = False
        with pytest.raises(services.TraitVaries), transaction.atomic():
            services.save_voice_trait(local)
        with pytest.raises(services.TraitVaries):
            services.remove_voice_trait(local)
        services.remove_voice_variation(varied)
        services.remove_voice_trait(local)
        assert not VoiceTrait.objects.exists()


class TestAGuardrail:
    def test_has_parameters_that_its_kind_takes(self, acting: Cast) -> None:
        with pytest.raises(InvalidInput) as refused:
            guardrail(kind="expansion_share", parameters={"most_percents": 3})
        assert set(refused.value.errors) == {"parameters.most_percents", "parameters.most_percent"}
        assert "most_percent?" in refused.value.errors["parameters.most_percents"]

    @pytest.mark.parametrize("kind", ["", "unheard_of"])
    def test_has_a_kind_that_is_there(self, acting: Cast, kind: str) -> None:
        with pytest.raises(ValidationError, match="kind"):
            guardrail(kind=kind)

    def test_says_what_it_protects(self, acting: Cast) -> None:
        with pytest.raises(ValidationError, match="protects"):
            guardrail(protects="")

    def test_holds_for_a_motion_or_a_playbook_not_both(self, acting: Cast) -> None:
        with pytest.raises(ValidationError, match="not both"):
            guardrail(motion="renewal", playbook_key="ours")

    def test_is_in_force_where_its_scope_says_so(self, acting: Cast) -> None:
        guardrail(name="all")
        guardrail(name="motion", motion="renewal")
        guardrail(name="playbook", playbook_key="ours", severity="error")
        guardrail(name="off", is_active=False)

        def names(motion: str, key: str) -> list[str]:
            found = services.guardrails_for(motion, key)
            by_id = dict(Guardrail.objects.values_list("pk", "name"))
            return [by_id[each.id] for each in found if each.id]

        assert names("renewal", "ours") == ["all", "motion", "playbook"]
        assert names("onboarding", "theirs") == ["all"]

    def test_is_read_in_one_query_as_what_it_is(self, acting: Cast) -> None:
        row = guardrail(kind="first_contact", parameters={"business_days": 2}, motion="onboarding")
        guardrail(name="another")
        with count_queries() as queries:
            found = {each.id: each for each in services.guardrails_for("onboarding", "x")}
        assert len(queries) == 1
        pure = found[row.pk]
        assert (pure.rule.kind, pure.severity) == ("first_contact", Severity.WARNING)
        assert (pure.motion, pure.playbook) == (Motion.ONBOARDING, "")
        assert pure.protects == "Nobody waits."


class TestTheSettings:
    def test_are_the_defaults_until_somebody_decides(self, acting: Cast) -> None:
        assert services.settings_in_force().second_person_approves is False
        assert not GovernanceSettings.objects.exists()

    def test_are_there_once(self, acting: Cast) -> None:
        services.save_settings(GovernanceSettings(second_person_approves=True))
        assert services.settings_in_force().second_person_approves is True
        with pytest.raises(ValidationError, match="already"):
            services.save_settings(GovernanceSettings())


class TestTheStartingSet:
    def adopt(self, cast: Cast) -> services.Adopted:
        return services.adopt_starting_set(by=cast.leader, at=NOW)

    def test_is_added_once(self, acting: Cast) -> None:
        assert services.lacks_starting_set()
        added = self.adopt(acting)
        assert added.philosophy
        assert {kpi.key for kpi in added.kpis} == set(
            ["nrr", "grr", "ttv", "adoption", "nps", "csat", "ces", "bgp", "cse", "cds"]
        )
        assert [each.key for each in added.voice_traits if each.is_local] == ["formality"]
        assert all(principle.source for principle in added.principles)
        assert all(kpi.source for kpi in added.kpis)
        assert not services.lacks_starting_set()
        assert len(self.adopt(acting)) == 0

    def test_leaves_alone_what_is_there(self, acting: Cast) -> None:
        publish(acting, "Our own.")
        own = services.save_kpi(KpiDefinition(key="nrr", name="Ours", unit="days", formula="…"))
        services.archive_kpi(own, at=NOW)
        added = self.adopt(acting)
        assert added.philosophy is None
        assert "nrr" not in {kpi.key for kpi in added.kpis}
        assert KpiDefinition.objects.get(key="nrr").name == "Ours"

    def test_stops_publishing_only_where_it_is_no_matter_of_taste(self, acting: Cast) -> None:
        guardrails = self.adopt(acting).guardrails
        grave = {each.kind for each in guardrails if each.severity == "error" and each.is_active}
        assert grave == {"owner_role", "kind_before"}
        assert {each.kind for each in guardrails if not each.is_active} == {
            "total_length",
            "field_bounded",
        }
        assert {each.kind for each in guardrails} < set(KINDS)
        assert all(each.protects.endswith(".") for each in guardrails)
