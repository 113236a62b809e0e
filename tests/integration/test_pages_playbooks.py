"""The playbooks of a market in plain reading."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from playbooks.models import Localization, PlaybookVersion
from playbooks.services import (
    archive_playbook,
    open_localization,
    publish_localization,
    retire_version,
)
from regions.models import Market, Region
from regions.working_time import working_time
from talent.models import Role
from talent.services import save_role
from tenants.models import Membership, User
from tests import factories
from tests.conftest import Cast, count_queries, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel("2026-05-14T08:00:00+00:00", tick=False):
        yield


@pytest.fixture(autouse=True)
def _roles(cast: Cast) -> None:
    with cast.acting():
        save_role(Role(code="local_csm", name="CSM on the spot"))


@pytest.fixture
def france(cast: Cast) -> Market:
    with cast.acting():
        return factories.market("FR")


STEPS = (
    factories.step(
        "welcome",
        title="Say welcome",
        outcome="You know who looks after you.",
        owner_role="local_csm",
        checklist=["Name of the champion", "Day of the kickoff"],
        instructions="Ask *one* question.\n\n# Then\n\n- listen\n- <script>alert(1)</script>",
        message="Hello {contact_name},\n\nI am {csm_name} {{really}}.",
        required=True,
    ),
    factories.step(
        "kickoff",
        title="Hold the kickoff",
        kind="video",
        channel="video",
        position=20,
        offset=10,
        depends_on=["welcome"],
        stakeholders=["champion", "decision_maker"],
        duration_minutes=90,
        condition={"tiers": ["tier_1"], "health": ["red"], "languages": ["fr"]},
    ),
    factories.step(
        "review",
        title="Look back",
        position=30,
        anchor="renewal",
        offset=-6,
        unit="weeks",
        kind="internal",
        channel="",
    ),
)


def in_force(cast: Cast, *changes: dict[str, Any], place: Market | Region | None = None) -> None:
    """Publish the playbook of these tests, and what a place makes of it."""
    with cast.acting(cast.leader):
        version = factories.published(
            *STEPS, by=cast.leader, key="onboarding", name="Onboarding", goal="They work with it."
        )
        if place:
            localize(cast, version, place, *changes)


def localize(
    cast: Cast, version: PlaybookVersion, place: Market | Region, *changes: dict[str, Any]
) -> None:
    """Publish what a place makes of a playbook; the regional manager says so."""
    where = {"market": place} if isinstance(place, Market) else {"region": place}
    localization = open_localization(
        Localization(playbook=version.playbook, **where),
        by=cast.manager,
        at=timezone.now(),
        changes=changes,
    )
    publish_localization(localization, by=cast.leader, at=timezone.now())


def page(member: Membership, address: str, *, status: int = 200) -> str:
    response = signed_in(member).get(address)
    assert response.status_code == status
    return str(response.content.decode())


def speak(cast: Cast, language: str) -> None:
    """Let the CSM read another language."""
    with cast.acting():
        User.objects.filter(memberships=cast.csm).update(language=language)


class TestList:
    def test_shows_goal_and_length_of_each(self, cast: Cast, france: Market) -> None:
        in_force(cast)
        shown = page(cast.csm, "/playbooks/")
        for words in ("Onboarding", "They work with it.", "3 steps", "As everywhere"):
            assert words in shown
        assert 'href="/playbooks/onboarding/?market=FR"' in shown

    def test_shows_at_a_glance_what_is_local(self, cast: Cast, france: Market) -> None:
        added = factories.step("visit", title="Visit them", position=15)
        in_force(
            cast,
            factories.change("kickoff", "kind", "in_person"),
            factories.change("review"),
            factories.change("visit", action="add", value=_without_key(added)),
            place=france,
        )
        shown = page(cast.csm, "/playbooks/")
        for words in ("1 step changed", "1 step added", "1 step left out"):
            assert words in shown
        assert "As everywhere" not in shown

    def test_is_of_the_home_market_unless_another_is_chosen(
        self, cast: Cast, france: Market
    ) -> None:
        with cast.acting():
            saudi = factories.market("SA")
            factories.home_market(cast.csm, saudi)
        in_force(cast, factories.change("review"), place=france)
        assert "1 step left out" not in page(cast.csm, "/playbooks/")
        assert "1 step left out" in page(cast.csm, "/playbooks/?market=FR")
        assert "1 step left out" not in page(cast.csm, "/playbooks/?market=nowhere")

    def test_is_filtered_by_motion(self, cast: Cast, france: Market) -> None:
        in_force(cast)
        assert "They work with it." in page(cast.csm, "/playbooks/?motion=onboarding")
        none = page(cast.csm, "/playbooks/?motion=renewal")
        assert "They work with it." not in none
        assert "Reset the filters" in none
        assert "They work with it." in page(cast.csm, "/playbooks/?motion=nonsense")

    def test_has_none_that_is_archived_or_retired(self, cast: Cast, france: Market) -> None:
        with cast.acting(cast.leader):
            archived = factories.published(by=cast.leader, name="Archived one")
            retired = factories.published(by=cast.leader, name="Retired one")
            archive_playbook(archived.playbook, at=timezone.now())
            retire_version(retired, at=timezone.now())
        shown = page(cast.csm, "/playbooks/")
        assert "Archived one" not in shown
        assert "Retired one" not in shown
        assert "no longer in use" in page(cast.csm, f"/playbooks/{retired.playbook.key}/")

    def test_says_who_publishes_when_there_is_none(self, cast: Cast, france: Market) -> None:
        assert "A CS leader publishes playbooks" in page(cast.csm, "/playbooks/")
        led = page(cast.leader, "/playbooks/")
        assert "start from a shipped one" in led
        assert 'href="/admin/' in led

    def test_says_so_when_there_is_no_market(self, cast: Cast) -> None:
        assert "There is no market yet" in page(cast.csm, "/playbooks/")

    def test_answers_with_the_list_alone_where_filters_ask(
        self, cast: Cast, france: Market
    ) -> None:
        in_force(cast)
        response = signed_in(cast.csm).get("/playbooks/", headers={"HX-Request": "true"})
        assert "<html" not in response.content.decode()
        assert "They work with it." in response.content.decode()

    def test_the_number_of_queries_does_not_grow_with_playbooks(
        self, cast: Cast, france: Market
    ) -> None:
        client = signed_in(cast.csm)
        counts = []
        for more in (1, 4):
            with cast.acting(cast.leader):
                for _ in range(more):
                    factories.published(*STEPS, by=cast.leader)
            with count_queries() as captured:
                client.get("/playbooks/")
            counts.append(len(captured))
        assert counts[0] == counts[1]

    def test_is_of_ones_own_organization(self, cast: Cast, outsiders: Cast, france: Market) -> None:
        in_force(cast)
        with outsiders.acting():
            factories.market("FR")
        assert "They work with it." not in page(outsiders.csm, "/playbooks/")
        page(outsiders.csm, "/playbooks/onboarding/?market=FR", status=404)


class TestPlaybook:
    def test_says_when_who_how_and_for_whom(self, cast: Cast, france: Market) -> None:
        in_force(cast)
        shown = page(cast.csm, "/playbooks/onboarding/")
        for words in (
            "2 working days after the start",
            "10 working days after the start",
            "6 weeks before the renewal",
            "CSM on the spot",
            "Video call",
            "Champion, Decision maker",
            "1 h 30 min",
            "Say welcome",
            "Tier 1: high touch",
            "Health: Red",
            "French",
            "You know who looks after you.",
            "Name of the champion",
            "Owed everywhere",
        ):
            assert words in shown

    def test_shows_instructions_as_markdown_and_nothing_else(
        self, cast: Cast, france: Market
    ) -> None:
        in_force(cast)
        shown = page(cast.csm, "/playbooks/onboarding/")
        assert "<em>one</em>" in shown
        assert "<h4>Then</h4>" in shown
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(1)" in shown

    def test_names_the_blanks_of_a_message(self, cast: Cast, france: Market) -> None:
        in_force(cast)
        shown = page(cast.csm, "/playbooks/onboarding/")
        assert "Hello <mark>[<bdi>name of the contact</bdi>]</mark>," in shown
        assert "{really}" in shown
        assert "{contact_name}" not in shown

    def test_says_what_is_local_why_by_whom_and_how_it_is_elsewhere(
        self, cast: Cast, france: Market
    ) -> None:
        in_force(
            cast,
            factories.change("kickoff", "kind", "in_person", evidence="A report from Lyon"),
            place=france,
        )
        shown = page(cast.csm, "/playbooks/onboarding/")
        for words in (
            "Local in France</bdi>:",
            "A visit comes before a call here.",
            "Culture",
            "A report from Lyon",
            f"by <bdi>{cast.manager.name}</bdi>",
            "since Thu, May 14, 2026",
            "How it is elsewhere",
            "Video call",
        ):
            assert words in shown

    def test_says_what_is_left_out_and_added(self, cast: Cast, france: Market) -> None:
        added = factories.step("visit", title="Visit them", position=15)
        in_force(
            cast,
            factories.change("review", reason="Nobody renews here."),
            factories.change("visit", action="add", value=_without_key(added)),
            place=france,
        )
        shown = page(cast.csm, "/playbooks/onboarding/")
        for words in (
            "Added in France</bdi>:",
            "Left out in France",
            "Look back",
            "Nobody renews here.",
        ):
            assert words in shown

    def test_tells_the_region_from_the_market(self, cast: Cast) -> None:
        with cast.acting(cast.leader):
            region = factories.region(name="Southern Europe")
            france = factories.market("FR", in_region=region)
            version = factories.published(*STEPS, by=cast.leader, key="onboarding")
            localize(cast, version, region, factories.change("kickoff", "kind", "in_person"))
            localize(
                cast,
                version,
                france,
                factories.change(
                    "kickoff", "duration_minutes", 120, reason="They take their time."
                ),
            )
        shown = page(cast.csm, "/playbooks/onboarding/")
        assert shown.index("Local in Southern Europe</bdi>:") < shown.index(
            "Local in France</bdi>:"
        )
        assert "1 h 30 min" in shown

    def test_gives_dates_once_days_are_given(self, cast: Cast, france: Market) -> None:
        in_force(cast)
        start = page(cast.csm, "/playbooks/onboarding/?run_start=2026-07-10")
        # The fourteenth of July is a holiday, which the second working day knows.
        assert "Wed, Jul 15, 2026" in start
        assert "Not dated yet: Renewal date" in start
        both = page(cast.csm, "/playbooks/onboarding/?run_start=2026-07-10&renewal=2026-12-31")
        assert "Not dated yet" not in both
        assert "Thu, Nov 19, 2026" in both
        assert 'name="notice_deadline"' not in both

    @pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30", "soon", "%00"])
    def test_refuses_days_that_nobody_can_count_from(
        self, cast: Cast, france: Market, day: str
    ) -> None:
        in_force(cast)
        shown = page(cast.csm, f"/playbooks/onboarding/?run_start={day}")
        assert 'class="error"' in shown
        assert "<time" not in shown

    def test_refuses_days_so_late_that_a_step_falls_beyond_the_known(
        self, cast: Cast, france: Market
    ) -> None:
        in_force(cast)
        with cast.acting():
            last = working_time(france).calendar.last_day
        before = last - dt.timedelta(days=40)
        assert "<time" in page(cast.csm, f"/playbooks/onboarding/?run_start={before}")
        beyond = page(cast.csm, f"/playbooks/onboarding/?run_start={last}")
        assert "The holidays of that year are not known." in beyond

    def test_speaks_the_language_of_the_reader_where_it_is_written(
        self, cast: Cast, france: Market
    ) -> None:
        in_force(
            cast,
            factories.change(
                "welcome",
                "translations.fr",
                {"title": "Dire bienvenue", "message": "Bonjour {contact_name}"},
                reason_kind="language",
            ),
            place=france,
        )
        assert "Say welcome" in page(cast.csm, "/playbooks/onboarding/")
        speak(cast, "fr")
        shown = page(cast.csm, "/playbooks/onboarding/")
        assert '<span lang="fr" dir="auto">Dire bienvenue</span>' in shown
        # What nobody translated stays as it was written.
        assert "You know who looks after you." in shown
        assert "Bonjour" in shown
        assert "Hello" in shown

    def test_has_no_translation_of_words_that_the_place_changed(
        self, cast: Cast, france: Market
    ) -> None:
        steps = (factories.step("kickoff", translations={"fr": {"title": "Coup d’envoi"}}),)
        with cast.acting(cast.leader):
            version = factories.published(*steps, by=cast.leader, key="onboarding")
            localize(cast, version, france, factories.change("kickoff", "title", "Invite them"))
        speak(cast, "fr")
        shown = page(cast.csm, "/playbooks/onboarding/")
        assert "Invite them" in shown
        assert "Coup d’envoi" not in shown

    def test_is_not_there_for_what_nobody_knows(self, cast: Cast, france: Market) -> None:
        in_force(cast)
        page(cast.csm, "/playbooks/nothing/", status=404)
        page(cast.csm, "/playbooks/onboarding/?market=XX", status=404)

    def test_says_so_where_it_is_not_in_force(self, cast: Cast, france: Market) -> None:
        with cast.acting(cast.leader):
            factories.playbook(key="draft-only")
        assert "is not in force in France" in page(cast.csm, "/playbooks/draft-only/")

    def test_the_number_of_queries_does_not_grow_with_steps(
        self, cast: Cast, france: Market
    ) -> None:
        client = signed_in(cast.csm)
        counts = []
        for count in (2, 20):
            steps = [factories.step(f"step-{number}") for number in range(count)]
            with cast.acting(cast.leader):
                version = factories.published(*steps, by=cast.leader, key=f"of-{count}")
                changes = [factories.change(each["key"], "duration_minutes", 45) for each in steps]
                localize(cast, version, france, *changes)
            address = f"/playbooks/of-{count}/?run_start=2026-06-01"
            client.get(address)
            with count_queries() as captured:
                client.get(address)
            counts.append(len(captured))
        assert counts[0] == counts[1]

    @pytest.mark.parametrize("role", ["admin", "leader", "manager", "csm", "analyst"])
    def test_is_read_by_everybody(self, cast: Cast, france: Market, role: str) -> None:
        in_force(cast)
        member: Membership = getattr(cast, role)
        assert "Say welcome" in page(member, "/playbooks/onboarding/")


class TestLinks:
    def test_an_account_leads_to_the_playbooks_of_its_market(
        self, cast: Cast, france: Market
    ) -> None:
        with cast.acting():
            account = factories.account(market=france)
        assert 'href="/playbooks/?market=FR"' in page(cast.csm, f"/accounts/{account.pk}/")

    def test_both_pages_are_one_click_away(self, cast: Cast) -> None:
        shown = page(cast.csm, "/accounts/")
        assert 'href="/playbooks/"' in shown
        assert 'href="/philosophy/"' in shown


def _without_key(step: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in step.items() if name != "key"}
