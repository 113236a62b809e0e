"""The workshop of playbooks: each page by role, each action, each refusal."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.models import GovernanceSettings
from governance.services import settings_in_force
from playbooks import services
from playbooks.models import (
    AssumptionDecision,
    Cadence,
    ContactBudget,
    Edition,
    LocalChange,
    Localization,
    Playbook,
    PlaybookVersion,
    Step,
)
from regions import services as regions_services
from regions.models import Assignment, CulturalStatement, Market
from tests import factories
from tests.admin_pages import Form, address, browser, shown_form, typed
from tests.conftest import Cast, count_queries

CONFIRMED = {"_form_submitted": "True"}


def page(name: str, *arguments: object) -> str:
    """Return the address of a page beside the usual ones."""
    return reverse(f"admin:playbooks_{name}", args=arguments)


def act(client: Client, row: Any, action: str, **more: str) -> Any:
    """Answer the question of an action with yes; return the page that comes next."""
    url = page(f"{row._meta.model_name}_{action}", row.pk)
    return client.post(url, {**CONFIRMED, **more}, follow=True)


def said(response: Any) -> str:
    """Return what a page tells at its top."""
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def market(cast: Cast) -> Market:
    """Return France."""
    with cast.acting():
        return factories.market("FR")


@pytest.fixture
def draft(cast: Cast, market: Market) -> PlaybookVersion:
    """Return a draft of two steps."""
    with cast.acting():
        return factories.playbook(
            factories.step("kickoff", required=True),
            factories.step("training", offset=5, depends_on=["kickoff"]),
            key="onboarding",
            name="Onboarding",
        )


@pytest.fixture
def published(cast: Cast, draft: PlaybookVersion) -> PlaybookVersion:
    """Return a published version of two steps."""
    with cast.acting():
        services.publish_version(draft, by=cast.leader, at=timezone.now())
    return draft


@pytest.fixture
def localization(cast: Cast, published: PlaybookVersion, market: Market) -> Localization:
    """Return the localization of France: the training comes later."""
    with cast.acting():
        return factories.localization(
            published, market, factories.change("training", "offset", 8, evidence="Our figures")
        )


def editor(client: Client, localization: Localization) -> tuple[str, Form]:
    """Return the address of an editor, and what its form would send."""
    url = page("localization_editor", localization.pk)
    return url, shown_form(client.get(url))


def press(form: Form, button: str, value: str = "1", **more: Any) -> Form:
    """Return a form as a button sends it."""
    return typed(form, **{button: value}, **more)


class TestThePages:
    @pytest.mark.parametrize("role", ["admin", "leader", "manager", "analyst"])
    def test_open_for_who_enters(self, cast: Cast, localization: Localization, role: str) -> None:
        client = browser(getattr(cast, role))
        with cast.acting():
            edition = Edition.objects.get()
            version = PlaybookVersion.objects.select_related("playbook").get()
            step = Step.objects.earliest("position")
        playbook = version.playbook
        for url in (
            address(Playbook, "changelist"),
            address(Playbook, "change", playbook.pk),
            address(PlaybookVersion, "changelist"),
            address(PlaybookVersion, "change", version.pk),
            address(Step, "changelist"),
            address(Step, "change", step.pk),
            address(Localization, "changelist"),
            page("localization_editor", localization.pk),
            page("playbook_compare", playbook.pk),
            page("playbook_compare", playbook.pk) + "?left=version:1&right=market:FR&only=1",
            address(Edition, "changelist"),
            address(Edition, "change", edition.pk),
            address(AssumptionDecision, "changelist"),
            address(ContactBudget, "changelist"),
            address(Cadence, "changelist"),
        ):
            assert client.get(url).status_code == 200, url

    def test_are_closed_to_a_csm(self, cast: Cast, localization: Localization) -> None:
        client = browser(cast.csm)
        for url in (
            address(Playbook, "changelist"),
            page("localization_editor", localization.pk),
            page("playbook_library"),
        ):
            assert client.get(url, follow=True).status_code == 403


class TestBeginning:
    def test_is_from_the_library_first(self, cast: Cast, market: Market) -> None:
        client = browser(cast.leader)
        empty = client.get(address(Playbook, "changelist")).content.decode()
        assert "Begin with what works" in empty
        library = client.get(page("playbook_library"))
        assert library.content.decode().count("Start from this") == 7
        adopted = client.post(page("playbook_library"), {"key": "onboarding"}, follow=True)
        assert "is yours now" in said(adopted)
        assert "You have it" in client.get(page("playbook_library")).content.decode()
        again = client.post(page("playbook_library"), {"key": "onboarding"}, follow=True)
        assert "You have a playbook “onboarding” already." in said(again)
        with cast.acting():
            assert Localization.objects.get().market == market

    def test_of_ones_own_leads_to_the_first_draft(self, cast: Cast) -> None:
        client = browser(cast.leader)
        url = address(Playbook, "add")
        form = typed(
            shown_form(client.get(url)),
            name="Onboarding",
            key="own",
            motion="onboarding",
            goal="It runs.",
        )
        response = client.post(url, form, follow=True)
        assert response.context["original"].name == "Onboarding"
        assert response.context["original"].created_by_id == cast.leader.pk

    @pytest.mark.parametrize("role", ["manager", "analyst"])
    def test_is_for_who_answers_for_everything(self, cast: Cast, role: str) -> None:
        client = browser(getattr(cast, role))
        assert client.get(address(Playbook, "add")).status_code == 403
        assert client.post(page("playbook_library"), {"key": "renewal"}).status_code == 403
        with cast.acting():
            assert not Playbook.objects.exists()


class TestADraft:
    def test_takes_a_new_order_and_leaves_gaps_again(
        self, cast: Cast, draft: PlaybookVersion
    ) -> None:
        client = browser(cast.leader)
        url = address(PlaybookVersion, "change", draft.pk)
        # Dragging numbers steps 0, 1, 2.
        form = typed(shown_form(client.get(url)), **{"steps-0-position": 1, "steps-1-position": 0})
        assert client.post(url, form).status_code == 302
        with cast.acting():
            assert list(draft.steps.values_list("key", "position")) == [
                ("training", 10),
                ("kickoff", 20),
            ]

    def test_loses_a_step_that_is_removed(self, cast: Cast, draft: PlaybookVersion) -> None:
        client = browser(cast.leader)
        url = address(PlaybookVersion, "change", draft.pk)
        client.post(url, typed(shown_form(client.get(url)), **{"steps-1-DELETE": "on"}))
        with cast.acting():
            assert [step.key for step in draft.steps.all()] == ["kickoff"]

    def test_tells_the_second_person_and_keeps_the_input(
        self, cast: Cast, draft: PlaybookVersion
    ) -> None:
        client = browser(cast.leader)
        url = address(PlaybookVersion, "change", draft.pk)
        opened = shown_form(client.get(url))
        with cast.acting(cast.admin):
            draft.refresh_from_db()
            draft.goal = "Theirs"
            services.save_version(draft)
        told = client.post(url, typed(opened, goal="Mine"))
        text = told.content.decode()
        assert "Admin of Alder changed this" in text
        assert "<ins>Theirs</ins>" in text
        assert shown_form(told)["goal"] == ["Mine"]
        assert client.post(url, shown_form(told)).status_code == 302

    def test_is_checked_as_it_is_typed(self, cast: Cast, draft: PlaybookVersion) -> None:
        client = browser(cast.leader)
        with cast.acting():
            step = draft.steps.get(key="kickoff")
        url = address(Step, "change", step.pk)
        form = typed(shown_form(client.get(url)), message="Dear {contact_nam}", owner_role="")
        found = client.post(f"{url}?_preview=1", form).content.decode()
        assert "asks for “contact_nam”" in found
        assert "Did you mean “contact_name”?" in found
        with cast.acting():
            assert draft.steps.get(key="kickoff").message == ""

    def test_is_submitted_sent_back_and_approved(self, cast: Cast, draft: PlaybookVersion) -> None:
        author, other = browser(cast.admin), browser(cast.leader)
        assert "submitted" in said(act(author, draft, "submit"))
        url = address(PlaybookVersion, "change", draft.pk)
        assert 'name="goal"' not in author.get(url).content.decode()
        back = act(other, draft, "send_back", comment="Say what the customer gains.")
        assert "with its author again" in said(back)
        assert "Say what the customer gains." in author.get(url).content.decode()
        act(author, draft, "submit")
        assert "published" in said(act(other, draft, "approve"))
        with cast.acting():
            assert Edition.objects.count() == 1

    def test_needs_a_second_person_where_the_organization_says_so(
        self, cast: Cast, draft: PlaybookVersion
    ) -> None:
        with cast.acting():
            GovernanceSettings.objects.update_or_create(defaults={"second_person_approves": True})
            assert settings_in_force().second_person_approves
        client = browser(cast.admin)
        act(client, draft, "submit")
        refused = act(client, draft, "approve")
        assert "Somebody else than the author" in said(refused)

    def test_with_a_flaw_is_not_published(self, cast: Cast, draft: PlaybookVersion) -> None:
        with cast.acting():
            step = draft.steps.get(key="training")
            step.depends_on = ["kick-off"]
            services.save_step(step)
        client = browser(cast.leader)
        refused = act(client, draft, "publish")
        assert "needs “kick-off”" in said(refused)
        assert f"/step/{step.pk}/change/" in refused.content.decode()

    def test_is_discarded(self, cast: Cast, draft: PlaybookVersion) -> None:
        act(browser(cast.leader), draft, "discard")
        with cast.acting():
            assert not Playbook.objects.exists()


class TestAStep:
    def test_is_written_with_condition_and_translation(
        self, cast: Cast, draft: PlaybookVersion
    ) -> None:
        client = browser(cast.leader)
        url = f"{address(Step, 'add')}?version={draft.pk}"
        form = typed(
            shown_form(client.get(url)),
            key="survey",
            title="Ask how it goes",
            outcome="You are heard.",
            kind="survey",
            condition_tiers=["tier_1"],
            condition_languages="fr, de",
            checklist="Short\n\nPolite",
            depends_on=["kickoff"],
            translation_fr_title="Demander",
        )
        response = client.post(url, form)
        assert response.status_code == 302, response.context["errors"]
        with cast.acting():
            step = draft.steps.get(key="survey")
            assert step.condition == {"tiers": ["tier_1"], "languages": ["fr", "de"]}
            assert step.checklist == ["Short", "Polite"]
            assert step.translations == {"fr": {"title": "Demander"}}
            assert step.position == 30

    def test_shows_what_is_sent_in_each_language(self, cast: Cast, draft: PlaybookVersion) -> None:
        with cast.acting():
            step = draft.steps.get(key="training")
            step.kind, step.channel = "digital", "email"
            step.message = "News of {company_name}\n\nHello <{contact_name}>"
            step.translations = {"ja": {"message": "お知らせ\n\n{contact_name} 様"}}
            services.save_step(step)
        page = browser(cast.leader).get(address(Step, "change", step.pk)).content.decode()
        assert "It goes out by itself" in page
        assert "<strong>News of [company_name]</strong>" in page
        assert "Hello &lt;\u2068[contact_name]\u2069&gt;" in page
        assert '<div dir="auto" lang="ja"><p><strong>お知らせ</strong></p>' in page

    def test_sent_back_as_it_was_stays_as_it_was(self, cast: Cast, draft: PlaybookVersion) -> None:
        client = browser(cast.leader)
        with cast.acting():
            step = draft.steps.get(key="training")
            step.condition = {"health": ["red"], "attributes": {"contract": ["yearly", "monthly"]}}
            step.translations = {"ja": {"title": "研修", "checklist": ["一", "二"]}}
            services.save_step(step)
            before = services.step_values(step)
        url = address(Step, "change", step.pk)
        assert client.post(url, shown_form(client.get(url))).status_code == 302
        with cast.acting():
            assert services.step_values(Step.objects.get(pk=step.pk)) == before

    def test_of_a_published_version_is_read(self, cast: Cast, published: PlaybookVersion) -> None:
        client = browser(cast.leader)
        with cast.acting():
            step = published.steps.get(key="training")
        url = address(Step, "change", step.pk)
        shown = client.get(url).content.decode()
        assert "5 working days after the start" in shown
        assert 'name="title"' not in shown
        assert client.post(url, {"title": "Another"}).status_code == 403


class TestTheEditor:
    def test_sent_back_as_it_was_keeps_author_and_time(
        self, cast: Cast, localization: Localization
    ) -> None:
        client = browser(cast.leader)
        with cast.acting():
            before = LocalChange.objects.values().get()
        url, form = editor(client, localization)
        assert client.post(url, press(form, "_save")).status_code == 302
        with cast.acting():
            assert LocalChange.objects.values().get() == before

    def test_opens_a_field_beside_the_global_value(
        self, cast: Cast, localization: Localization
    ) -> None:
        client = browser(cast.leader)
        url, form = editor(client, localization)
        opened = client.post(url, press(form, "_open", "kickoff|kind"))
        assert "In the playbook" in opened.content.decode()
        form = press(
            shown_form(opened),
            "_save",
            **{
                "kickoff--kind-value": "in_person",
                "kickoff--kind-reason_kind": "culture",
                "kickoff--kind-reason": "A visit comes first.",
            },
        )
        assert client.post(url, form).status_code == 302
        with cast.acting():
            change = localization.changes.get(step="kickoff")
            assert (change.field, change.value, change.author_id) == (
                "kind",
                "in_person",
                cast.leader.pk,
            )

    def test_takes_the_reason_of_the_step_for_a_further_change(
        self, cast: Cast, localization: Localization
    ) -> None:
        client = browser(cast.leader)
        url, form = editor(client, localization)
        form = shown_form(client.post(url, press(form, "_open", "training|kind")))
        client.post(url, press(form, "_save", **{"training--kind-value": "training"}))
        with cast.acting():
            change = localization.changes.get(field="kind")
            assert (change.reason, change.evidence) == (
                "A visit comes before a call here.",
                "Our figures",
            )

    def test_asks_for_a_reason_and_keeps_what_is_typed(
        self, cast: Cast, localization: Localization
    ) -> None:
        client = browser(cast.leader)
        url, form = editor(client, localization)
        form = shown_form(client.post(url, press(form, "_open", "kickoff|title")))
        response = client.post(url, press(form, "_save", **{"kickoff--title-value": "Visit them"}))
        assert response.status_code == 200
        assert "Please correct what is marked." in response.content.decode()
        assert 'value="Visit them"' in response.content.decode()

    def test_drops_brings_back_and_adds_steps(self, cast: Cast, localization: Localization) -> None:
        client = browser(cast.leader)
        url, form = editor(client, localization)
        form = shown_form(client.post(url, press(form, "_drop", "training")))
        why = {"training---reason_kind": "staffing", "training---reason": "Nobody trains here."}
        form = shown_form(client.post(url, press(form, "_add", new_title="Explain the CSM", **why)))
        added = "explain-the-csm---"
        form = press(
            form,
            "_save",
            **{
                f"{added}value.outcome": "You know whom to call.",
                f"{added}value.kind": "call",
                f"{added}reason_kind": "culture",
                f"{added}reason": "The role is new here.",
            },
        )
        assert client.post(url, form).status_code == 302
        with cast.acting():
            changes = {change.step: change.action for change in localization.changes.all()}
            assert changes == {"training": "drop", "explain-the-csm": "add"}
        url, form = editor(client, localization)
        form = shown_form(client.post(url, press(form, "_close", "training|")))
        client.post(url, press(form, "_save"))
        with cast.acting():
            assert [change.step for change in localization.changes.all()] == ["explain-the-csm"]

    def test_finds_before_saving(self, cast: Cast, localization: Localization) -> None:
        client = browser(cast.leader)
        url, form = editor(client, localization)
        form = shown_form(client.post(url, press(form, "_open", "training|anchor")))
        form = typed(form, **{"training--offset-value": "1"})
        found = client.post(f"{url}?_check=1", form).content.decode()
        assert "is due before “kickoff”" in found
        with cast.acting():
            assert localization.changes.get().value == 8

    def test_names_step_and_field_of_what_cannot_be_saved(
        self, cast: Cast, localization: Localization
    ) -> None:
        client = browser(cast.leader)
        url, form = editor(client, localization)
        form = shown_form(client.post(url, press(form, "_open", "kickoff|offset")))
        form = typed(form, **{"training--offset-value": "9000"})
        found = client.post(f"{url}?_check=1", form).content.decode()
        assert "Do kickoff, Distance, Kind of reason: This field cannot be blank." in found
        assert "Do training, Distance: Give a number from -730 to 730." in found
        form = typed(form, **{"training--offset-value": "many"})
        found = client.post(f"{url}?_check=1", form).content.decode()
        assert "Do training, Distance: Enter a whole number." in found

    def test_publishes_what_it_saved(self, cast: Cast, localization: Localization) -> None:
        client = browser(cast.leader)
        url, form = editor(client, localization)
        response = client.post(url, press(form, "_publish"), follow=True)
        assert "Published: France." in said(response)
        with cast.acting():
            assert Edition.objects.count() == 2

    def test_saves_and_says_why_it_is_not_published(
        self, cast: Cast, localization: Localization
    ) -> None:
        client = browser(cast.leader)
        url, form = editor(client, localization)
        form = typed(form, **{"training--offset-value": "1"})
        response = client.post(url, press(form, "_publish"), follow=True)
        assert "It is saved, and not published" in said(response)
        with cast.acting():
            assert localization.changes.get().value == 1
            assert Edition.objects.count() == 1

    def test_brings_two_editors_together_and_loses_nothing(
        self, cast: Cast, localization: Localization
    ) -> None:
        client = browser(cast.leader)
        url, form = editor(client, localization)
        with cast.acting(cast.admin):
            localization.refresh_from_db()
            services.save_localization(
                localization,
                by=cast.admin,
                at=timezone.now(),
                changes=[
                    factories.change("training", "offset", 9),
                    factories.change("kickoff", "title", "Visit them"),
                ],
            )
        form = typed(form, **{"training--offset-value": "7"})
        told = client.post(url, press(form, "_save"))
        text = told.content.decode()
        assert "Admin of Alder changed this" in text
        assert "Taken over below" in text
        assert "yours stands below" in text
        assert client.post(url, press(shown_form(told), "_save")).status_code == 302
        with cast.acting():
            changes = {change.step: change.value for change in localization.changes.all()}
            assert changes == {"training": 7, "kickoff": "Visit them"}

    @pytest.mark.parametrize("role", ["manager", "analyst"])
    def test_is_read_by_who_works_elsewhere(
        self, cast: Cast, localization: Localization, role: str
    ) -> None:
        client = browser(getattr(cast, role))
        url, form = editor(client, localization)
        assert "_save" not in client.get(url).content.decode()
        assert client.post(url, press(form, "_save")).status_code == 403

    def test_is_written_by_the_manager_of_the_place(
        self, cast: Cast, published: PlaybookVersion, market: Market
    ) -> None:
        client = browser(cast.manager)
        asked = {"playbook": str(published.playbook_id), "market": str(market.pk)}
        refused = client.post(page("localization_open"), asked, follow=True)
        assert "You do not work there" in said(refused)
        with cast.acting():
            assert not Localization.objects.exists()
            regions_services.save_assignment(Assignment(membership=cast.manager, market=market))
        response = client.post(page("localization_open"), {**asked, "step": "kickoff"})
        assert response["Location"].endswith("/editor/?step=kickoff#step-kickoff")
        url, form = (
            response["Location"].partition("?")[0],
            shown_form(client.get(response["Location"])),
        )
        assert client.post(url, press(form, "_save")).status_code == 302


class TestANewVersion:
    @pytest.fixture
    def newer(self, cast: Cast, localization: Localization) -> PlaybookVersion:
        """Return version 2, which has the training on another day, too."""
        with cast.acting():
            services.publish_localization(localization, by=cast.leader, at=timezone.now())
            draft = services.start_draft(localization.playbook, by=cast.leader)
            steps = [services.step_values(step) for step in draft.steps.all()]
            steps[1]["offset"] = 6
            services.save_version(draft, steps=steps)
            services.publish_version(draft, by=cast.leader, at=timezone.now())
        return draft

    def test_is_behind_on_the_page_of_the_playbook(
        self, cast: Cast, newer: PlaybookVersion
    ) -> None:
        text = browser(cast.leader).get(address(Playbook, "change", newer.playbook_id))
        assert "1 version behind" in text.content.decode()

    @pytest.mark.parametrize(
        ("choice", "value", "stands"), [("local", "", 8), ("base", "", None), ("value", "7", 7)]
    )
    def test_is_settled_field_by_field(
        self,
        cast: Cast,
        newer: PlaybookVersion,
        localization: Localization,
        choice: str,
        value: str,
        stands: int | None,
    ) -> None:
        client = browser(cast.leader)
        url = page("localization_rebase", localization.pk)
        shown = client.get(url)
        text = shown.content.decode()
        assert all(f'cs-lines">{number}</dd>' in text for number in (5, 6, 8))
        undecided = client.post(url, shown_form(shown))
        assert "Decide on this." in undecided.content.decode()
        prefix = "FR--training--offset"
        form = typed(shown_form(shown), **{f"{prefix}-choice": choice, f"{prefix}-value": value})
        assert "It rests on version 2 now" in said(client.post(url, form, follow=True))
        with cast.acting():
            assert list(localization.changes.values_list("value", flat=True)) == (
                [stands] if stands else []
            )
        assert client.get(url).status_code == 404

    def test_of_a_region_is_settled_for_its_markets(
        self, cast: Cast, newer: PlaybookVersion, localization: Localization, market: Market
    ) -> None:
        client = browser(cast.leader)
        with cast.acting():
            region = factories.localization(
                newer, market.region, factories.change("kickoff", "title", "Visit them")
            )
        url, form = editor(client, region)
        settle = client.post(url, press(form, "_publish"), follow=True)
        assert settle.redirect_chain[-1][0] == page("localization_settle", region.pk)
        form = typed(shown_form(settle), **{"FR--training--offset-choice": "base"})
        done = client.post(page("localization_settle", region.pk), form, follow=True)
        assert "The localization is published." in said(done)


class TestReading:
    def test_two_sides_are_compared_with_their_reasons(
        self, cast: Cast, localization: Localization
    ) -> None:
        with cast.acting():
            services.publish_localization(localization, by=cast.leader, at=timezone.now())
        url = page("playbook_compare", localization.playbook_id)
        text = browser(cast.analyst).get(f"{url}?left=version:1&right=market:FR&only=1").content
        shown = text.decode()
        assert "1 step differs." in shown
        assert "A visit comes before a call here." in shown
        assert "Do kickoff" not in shown

    def test_an_edition_shows_days_moves_and_load(
        self, cast: Cast, localization: Localization
    ) -> None:
        with cast.acting():
            services.publish_localization(localization, by=cast.leader, at=timezone.now())
            edition = Edition.objects.latest("number")
        url = address(Edition, "change", edition.pk)
        shown = browser(cast.analyst).get(f"{url}?run_start=2026-12-23").content.decode()
        assert "moved from Dec. 28, 2026 (quiet period: Late year)" in shown
        assert "Local: Distance" in shown
        assert "Load by week" in shown
        far = browser(cast.analyst).get(f"{url}?run_start=2190-01-01").content.decode()
        assert "holidays of that year are not known" in far

    def test_an_edition_says_what_becomes_of_days_before_the_start(self, cast: Cast) -> None:
        with cast.acting():
            factories.market("FR")
            early = factories.step(
                "early", anchor="renewal", offset=-9, unit="weeks", if_past="skip"
            )
            factories.published(early, factories.step("late"), by=cast.leader)
            url = address(Edition, "change", Edition.objects.get().pk)
        asked = f"{url}?run_start=2026-12-01&renewal=2027-01-15"
        shown = browser(cast.analyst).get(asked).content.decode()
        assert shown.count("before the start of the run: Skipped") == 1
        later = browser(cast.analyst).get(asked.replace("2027-01", "2027-06")).content.decode()
        assert "before the start of the run" not in later

    def test_says_when_nothing_is_localized(self, cast: Cast, published: PlaybookVersion) -> None:
        with cast.acting():
            factories.market("DE")
        shown = browser(cast.leader).get(address(Playbook, "change", published.playbook_id))
        assert "Nothing is localized anywhere" in shown.content.decode()

    def test_cadences_show_what_a_version_changed(self, cast: Cast) -> None:
        with cast.acting():
            cadence = factories.cadence()
            cadence.title = "A call every month"
            services.save_cadence(cadence)
        shown = browser(cast.analyst).get(address(Cadence, "change", cadence.pk)).content.decode()
        assert "From version 1 to version 2" in shown
        assert "Monthly call" in shown


class TestWhatDeservesALocalization:
    @pytest.fixture
    def question(self, cast: Cast, market: Market) -> PlaybookVersion:
        """Return a version that rests on remote contact, which France's profile denies."""
        with cast.acting():
            CulturalStatement.objects.filter(market=market).delete()
            statement = CulturalStatement(
                market=market,
                dimension="meeting_style",
                side="in_person",
                text="Meetings in person are reported to come first.",
                source_title="Own interviews",
            )
            regions_services.save_part(statement)
            regions_services.confirm_statement(statement, by=cast.leader, at=timezone.now())
            return factories.published(
                factories.step("kickoff", assumption="remote"), by=cast.leader, key="onboarding"
            )

    def test_is_listed_with_the_report(self, cast: Cast, question: PlaybookVersion) -> None:
        shown = browser(cast.leader).get(address(AssumptionDecision, "changelist"))
        text = shown.content.decode()
        assert "Meetings in person are reported to come first." in text
        assert len(shown.context["open_lines"]) == 1

    def test_is_settled_by_a_reason(
        self, cast: Cast, question: PlaybookVersion, market: Market
    ) -> None:
        asked = {
            "playbook": str(question.playbook_id),
            "market": str(market.pk),
            "step": "kickoff",
            "assumption": "remote",
        }
        url = page("assumptiondecision_decide")
        client = browser(cast.leader)
        assert "cannot be blank" in said(client.post(url, {**asked, "because": " "}, follow=True))
        done = client.post(url, {**asked, "because": "They asked for video."}, follow=True)
        assert "is fine in France as it is" in said(done)
        assert done.context["open_lines"] == []
        assert browser(cast.manager).post(url, {**asked, "because": "x"}, follow=True)
        assert browser(cast.analyst).post(url, {**asked, "because": "x"}).status_code == 403
        with cast.acting():
            assert AssumptionDecision.objects.get().because == "They asked for video."

    def test_leads_to_the_editor_at_that_step(
        self, cast: Cast, question: PlaybookVersion, market: Market
    ) -> None:
        with cast.acting():
            factories.localization(question, market)
        shown = browser(cast.leader).get(address(AssumptionDecision, "changelist"))
        assert "/editor/?step=kickoff#step-kickoff" in shown.content.decode()


class TestThePagesAsk:
    """A fixed number of queries, however many markets and steps there are."""

    def asked(self, client: Client, url: str) -> int:
        """Return how many queries a page takes."""
        client.get(url)
        with count_queries() as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    @pytest.mark.parametrize("role", ["leader", "manager"])
    def test_the_same_for_many_markets(
        self, cast: Cast, localization: Localization, role: str
    ) -> None:
        client = browser(getattr(cast, role))
        urls = (
            address(Playbook, "changelist"),
            address(Playbook, "change", localization.playbook_id),
            address(Localization, "changelist"),
            address(AssumptionDecision, "changelist"),
        )
        few = [self.asked(client, url) for url in urls]
        with cast.acting():
            version = localization.base
            for code in ("DE", "ES", "GB", "US"):
                factories.localization(version, factories.market(code))
        assert [self.asked(client, url) for url in urls] == few

    def test_the_same_for_many_steps(self, cast: Cast, market: Market) -> None:
        client = browser(cast.leader)
        counts = []
        for number in (2, 12):
            with cast.acting():
                steps = [factories.step(f"step-{at}", offset=at) for at in range(number)]
                version = factories.playbook(*steps)
                services.publish_version(version, by=cast.leader, at=timezone.now())
                localization = factories.localization(
                    version,
                    market,
                    *(factories.change(step["key"], "title", "x") for step in steps),
                )
                edition = Edition.objects.filter(playbook=version.playbook).get()
            draft = self._draft(cast, version)
            urls = (
                page("localization_editor", localization.pk),
                address(Edition, "change", edition.pk),
                address(PlaybookVersion, "change", version.pk),
                address(PlaybookVersion, "change", draft.pk),
                page("playbook_compare", version.playbook_id) + "?left=version:1&right=market:FR",
            )
            counts.append([self.asked(client, url) for url in urls])
        assert counts[0] == counts[1]

    def _draft(self, cast: Cast, version: PlaybookVersion) -> PlaybookVersion:
        with cast.acting():
            return services.start_draft(version.playbook, by=cast.leader)


def test_markets_that_came_later_get_what_ships_for_them(cast: Cast, market: Market) -> None:
    with cast.acting():
        draft = services.adopt_library_playbook("onboarding", by=cast.leader, at=timezone.now())
        factories.market("DE")
    response = act(browser(cast.leader), draft.playbook, "adopt_localizations")
    assert "What ships for your markets is there" in said(response)
    with cast.acting():
        places = Localization.objects.values_list("market__code", flat=True)
        assert set(places) == {"FR", "DE"}
