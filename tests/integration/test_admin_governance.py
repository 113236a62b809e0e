"""Layer 1 in the admin: publishing, the form of a guardrail, the shipped set."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from governance import services
from governance.models import (
    GovernanceSettings,
    Guardrail,
    KpiDefinition,
    KpiTarget,
    Philosophy,
    Principle,
    VoiceTrait,
    VoiceVariation,
)
from regions import services as regions_services
from regions.models import Assignment
from tests import factories
from tests.admin_pages import Form, address, browser, shown_form, typed
from tests.conftest import Cast
from toolkit.tables import read_table

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
RULE = {"name": "Rule", "protects": "Nobody waits.", "severity": "error", "is_active": "on"}


def save(client: Client, url: str, **values: Any) -> Any:
    """Fill in the form at an address and send it."""
    return client.post(url, typed(shown_form(client.get(url)), **values), follow=True)


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


class TestThePhilosophy:
    def test_begins_as_the_one_that_holds(self, cast: Cast) -> None:
        client, add = browser(cast.leader), address(Philosophy, "add")
        save(client, add, text="First.")
        assert shown_form(client.get(add))["text"] == ["First."]
        save(client, add, text="Second.")
        with cast.acting():
            newest = services.current_philosophy()
            assert newest is not None
            assert (newest.number, newest.text) == (2, "Second.")
            assert newest.published_by == cast.leader

    def test_tells_who_was_slower_and_keeps_her_text(self, cast: Cast) -> None:
        client, add = browser(cast.leader), address(Philosophy, "add")
        opened: Form = typed(shown_form(client.get(add)), text="Mine.")
        with cast.acting():
            services.publish_philosophy(text="Theirs.", by=cast.admin, at=NOW)
        refused = client.post(add, opened)
        assert "Somebody published another text" in refused.content.decode()
        kept = shown_form(refused)
        assert kept["text"] == ["Mine."]
        client.post(add, kept)
        with cast.acting():
            assert list(Philosophy.objects.values_list("text", flat=True)) == ["Mine.", "Theirs."]

    def test_is_read_and_not_changed(self, cast: Cast) -> None:
        with cast.acting():
            row = services.publish_philosophy(text="We serve.", by=cast.admin, at=NOW)
        client, change = browser(cast.leader), address(Philosophy, "change", row.pk)
        assert "We serve." in client.get(change).content.decode()
        assert client.post(change, {"text": "No."}).status_code == 403


class TestTheFormOfAGuardrail:
    @pytest.mark.parametrize(
        ("kind", "typed_in", "expected"),
        [
            ("owner_role", {}, {}),
            ("first_contact", {"business_days": 2}, {"business_days": 2}),
            (
                "field_bounded",
                {"field": "channel", "allowed": "call\n video \n"},
                {"field": "channel", "allowed": ["call", "video"]},
            ),
            (
                "field_bounded",
                {"field": "priority", "minimum": "0", "maximum": "2.5", "step_kind": "call"},
                {"field": "priority", "step_kind": "call", "minimum": 0, "maximum": 2.5},
            ),
            # What another kind asks for is not looked at.
            ("owner_role", {"business_days": 2}, {}),
        ],
    )
    def test_reads_the_parameters_of_the_kind(
        self, cast: Cast, kind: str, typed_in: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        client = browser(cast.leader)
        fields = {f"parameter_{name}": value for name, value in typed_in.items()}
        save(client, address(Guardrail, "add"), kind=kind, **RULE, **fields)
        with cast.acting():
            row = Guardrail.objects.get()
        assert (row.kind, row.parameters) == (kind, expected)
        # Opened and saved again, nothing is different.
        save(client, address(Guardrail, "change", row.pk))
        with cast.acting():
            assert Guardrail.objects.get().parameters == expected

    @pytest.mark.parametrize(
        ("kind", "typed_in", "field"),
        [
            ("first_contact", {}, "parameter_business_days"),
            ("first_contact", {"business_days": 61}, "parameter_business_days"),
            ("kind_before", {"first": "call", "then": "call"}, "parameter_then"),
            ("field_bounded", {"field": "channel"}, "__all__"),
            ("step_required", {"step": "two words"}, "parameter_step"),
        ],
    )
    def test_says_beside_the_field_what_does_not_fit(
        self, cast: Cast, kind: str, typed_in: dict[str, Any], field: str
    ) -> None:
        fields = {f"parameter_{name}": value for name, value in typed_in.items()}
        page = save(browser(cast.leader), address(Guardrail, "add"), kind=kind, **RULE, **fields)
        assert list(errors(page)) == [field]

    def test_shows_only_what_the_chosen_kind_asks_for(self, cast: Cast) -> None:
        page = browser(cast.leader).get(address(Guardrail, "add")).content.decode()
        assert 'x-show="kind == &#x27;first_contact&#x27;"' in page
        assert page.count('x-show="kind == ') == 12

    def test_is_read_in_one_line_by_who_only_reads(self, cast: Cast) -> None:
        with cast.acting():
            services.adopt_starting_set(by=cast.admin, at=NOW)
            row = Guardrail.objects.get(kind="kind_before")
        page = browser(cast.analyst).get(address(Guardrail, "change", row.pk)).content.decode()
        assert "first: Business review; then: Expansion" in page
        assert "parameter_first" not in page


class TestTheShippedSet:
    @pytest.mark.parametrize("model", [Philosophy, Principle, VoiceTrait, KpiDefinition, Guardrail])
    def test_is_offered_while_something_is_missing(self, cast: Cast, model: Any) -> None:
        client = browser(cast.leader)
        offered = "Start from the shipped set"
        assert offered in client.get(address(model, "changelist")).content.decode()
        page = client.post(address(model, "adopt"), {"_form_submitted": "True"}, follow=True)
        assert "entries added." in page.content.decode()
        assert offered not in client.get(address(model, "changelist")).content.decode()

    def test_is_not_for_who_works_in_one_market(self, cast: Cast) -> None:
        client = browser(cast.manager)
        client.post(address(Guardrail, "adopt"), {"_form_submitted": "True"})
        with cast.acting():
            assert not Guardrail.objects.exists()

    @pytest.mark.parametrize("model", [Philosophy, Principle, VoiceTrait, KpiDefinition, Guardrail])
    def test_is_taken_along_as_a_file(self, cast: Cast, model: Any) -> None:
        with cast.acting():
            services.adopt_starting_set(by=cast.admin, at=NOW)
            count = model.objects.count()
        file = browser(cast.leader).get(address(model, "export"))
        assert len(list(read_table(file.content).rows())) == count


class TestWhatIsLocal:
    def test_is_written_where_one_works(self, cast: Cast) -> None:
        with cast.acting():
            france, japan = factories.market("FR"), factories.market("JP")
            regions_services.save_assignment(Assignment(membership=cast.manager, market=france))
            services.adopt_starting_set(by=cast.admin, at=NOW)
            trait = VoiceTrait.objects.get(key="formality")
            kpi = KpiDefinition.objects.get(key="nps")
        client = browser(cast.manager)
        for market in (france, japan):
            values = {"market": market.pk, "reason": "Asked for."}
            voice = {"trait": trait.pk, "wording": "Vous."}
            save(client, address(VoiceVariation, "add"), **values, **voice)
            save(client, address(KpiTarget, "add"), **values, kpi=kpi.pk, value="20")
        with cast.acting():
            assert [each.market for each in VoiceVariation.objects.all()] == [france]
            assert [each.market for each in KpiTarget.objects.all()] == [france]

    def test_offers_the_traits_that_may_vary(self, cast: Cast) -> None:
        with cast.acting():
            services.adopt_starting_set(by=cast.admin, at=NOW)
        page = browser(cast.leader).get(address(VoiceVariation, "add"))
        choices = page.context["adminform"].form.fields["trait"].queryset
        with cast.acting():
            assert [each.key for each in choices] == ["formality"]


class TestActions:
    @pytest.mark.parametrize("model", [Principle, KpiDefinition])
    def test_archive_and_restore(self, cast: Cast, model: Any) -> None:
        with cast.acting():
            services.adopt_starting_set(by=cast.admin, at=NOW)
            row = model.objects.first()
        client = browser(cast.leader)
        for action, archived in (("archive", True), ("restore", False)):
            client.post(address(model, action, row.pk), {"_form_submitted": "True"})
            with cast.acting():
                row.refresh_from_db()
            assert (row.archived_at is not None) is archived


class TestTheSettings:
    def test_are_added_once_and_changed_then(self, cast: Cast) -> None:
        client, add = browser(cast.leader), address(GovernanceSettings, "add")
        save(client, add, second_person_approves="on")
        assert client.get(add).status_code == 403
        with cast.acting():
            row = GovernanceSettings.objects.get()
            assert row.second_person_approves
        form = shown_form(client.get(address(GovernanceSettings, "change", row.pk)))
        form.pop("second_person_approves")
        client.post(address(GovernanceSettings, "change", row.pk), form)
        with cast.acting():
            assert not services.settings_in_force().second_person_approves
