"""Every language says all that a CSM reads, and fills in the same blanks."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import time_machine
from babel.messages import Catalog, mofile, pofile
from django.conf import settings
from django.utils import timezone

from accounts import consents, promises, sharing
from accounts.models import Account, AgreementProposal, Contact, Promise
from engagement.choices import LetterKind
from engagement.models import Meeting, Run, Task
from engagement.services import WayOut, log_meeting, move_anchors, start_run
from governance import services as governance_services
from governance.models import Principle, VoiceTrait, VoiceVariation
from playbooks import services as playbooks_services
from playbooks.schedule import Anchor
from regions.models import Assignment, Market
from regions.services import save_assignment
from tenants.models import User
from tests import factories
from tests.conftest import Cast, day, signed_in
from tests.integration.localizing import following
from tests.integration.pages import a_task

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]

Forms = tuple[str, ...]
"""A text, or one for each plural."""

BLANK = re.compile(r"%\(\w+\)[a-z]|\{\w*\}")

HOLIDAY = {"from": "2026-05-18", "to": "2026-05-20", "reason": "holiday", "names": []}

# What English pages say, in words that no other language shares.
ENGLISH = {
    "login/": ("Sign in", "what your customers need"),
    "": (
        "Overdue",
        "Promises",
        "today there",
        "Next days",
        "Unowned",
        "My region",
        "Hand over",
        "Not applicable",
        "Needs a stand-in",
        "is a public holiday there: moved to",
        "14:00 there",
        "Due by",
        "Any market",
        "Name begins with",
        "Skip to the content",
        "Show these keys",
        "Sign out",
        "By day",
        "Choose this whole list",
        "Take the list along",
        "Why this order?",
        "compared within one currency only",
        "Keep this list under a name",
        "With the chosen tasks",
        "Move by working days",
        "Choose: ",
    ),
    "?by=motion": ("By occasion",),
    "?q=nobody": ("No task matches", "Reset the filters"),
    "accounts/": ("Customer success", "Any stage", "Nobody"),
    "accounts/{account}/": (
        "every 3 weeks",
        "Tier 1: high touch",
        "Working day today",
        "Upcoming",
        "Missed",
        "First to turn to",
        "prefers: E-mail",
        "How often",
        "to 11:00, their time",
        "Change the agreement",
        "Promises",
        "Another day",
        "Broken",
        "Moved from",
        "Escalate",
        "for escalations in this market",
        "Playbooks under way",
        "On track",
        "0 of 1 tasks closed",
        "Next:",
        "Start a playbook",
        "Not confirmed: check",
        "No check-in was near enough",
        "Log a meeting",
        "waiting, normal here",
        "Last contact:",
        "proposed a correction on",
        "Needs a person:",
        "No consent is known",
        "See the message",
        "Not asked yet",
    ),
    "accounts/{account}/timeline/": (
        "What happened with this customer",
        "Look at the playbook",
        "Promised by",
        "Playbook started",
        "Missed on",
        "Meeting on",
        "A working agreement was noted",
        "The account was added",
        "The account itself",
    ),
    "accounts/{account}/timeline/?last=2020-01-01": ("Nothing matches these filters",),
    "week/?show=region": (
        "Each is on the day of its customer",
        "in this week",
        "Previous week",
        "Next week",
        "Reason",
        "Nothing is due",
    ),
    "week/?from=2026-05-20": ("This week", "Needs a stand-in"),
    "monday/": (
        "Your markets:",
        "needs a look",
        "Planned late",
        "Paused playbooks",
        "Playbooks on an older version",
        "Triggers that started nothing",
        "By market",
    ),
    "accounts/{account}/meeting/": (
        "Log a meeting",
        "half a rhythm before",
        "Held on",
        "Who else was there",
        "Log it",
    ),
    "accounts/{account}/share/": (
        "Share with the customer",
        "With whom",
        "Write to this person",
        "Make the link",
        "Links that work",
        "Revoke",
    ),
    "agreement-proposals/{proposal}/": (
        "A correction is proposed",
        "proposed this on",
        "so far:",
        "What follows in the plan:",
        "Show what follows",
        "Decline",
    ),
    "accounts/{account}/agreement/": (
        "beats the cadence",
        "On which days",
        "Monday",
        "Their local time.",
        "How to escalate",
        "Save",
    ),
    "team/": (
        "Workload",
        "Any region",
        "What you own: hours",
        "Overdue tasks are in no day",
        "Your next seven days",
        "Your quarter, by week",
        "All of these figures",
    ),
    "playbooks/?market=JP": ("Any occasion", "1 step changed", "1 step left out"),
    "playbooks/?motion=risk": ("No playbook is in force for this", "Reset the filters"),
    "playbooks/?market=SA": ("As everywhere", "4 steps"),
    "playbooks/words/?market=JP&run_start=2026-05-14": (
        "Start of the run",
        "Show the dates",
        "All steps at a glance",
        "2 working days after the start",
        "6 weeks before the renewal",
        "Not dated yet",
        "Video call",
        "Senior sponsor",
        "Waits for",
        "Only for",
        "How it is done well",
        "Message to the customer",
        "name of the contact",
        "Owed everywhere",
        "Local in",
        "Left out in",
        "since",
        "Differs here",
        "How it is elsewhere",
    ),
    "philosophy/?market=JP": (
        "What we stand for",
        "Published by",
        "Principles that hold",
        "How we sound",
        "Because:",
        "It holds in every market.",
    ),
    "accounts/00000000-0000-0000-0000-000000000000/": ("There is nothing here", "Go to Today"),
    "accounts/{account}/start/?playbook=next": (
        "Show the dates",
        "What would be planned",
        "Left out for this customer",
        "It is for other accounts",
        "Start it",
    ),
    "accounts/{account}/start/?playbook=event": ("It does not start:", "is not known:"),
    "me/": (
        "Your letters",
        "Letter of the morning",
        "In the morning at",
        "Letters about hand-overs",
        "those of ten minutes",
        "Letters about mentions",
        "in the note of a task",
        "Save your letters",
        "beside invitations and passwords",
        "Your calendar",
        "Calendar programs read",
        "Make an address",
    ),
    "letters/{way_out}/": (
        "The letter of the morning",
        "They come from",
        "No more of these letters",
        "All your letters are on your profile",
    ),
    "letters/nonsense/": ("This link does not work", "This link is not one of ours."),
    "tasks/{digital}/message/": (
        "Message to the customer",
        "Needs a person:",
        "No consent is known",
        "As the playbook was written",
        "Below it stands who writes",
        "Send me a test",
    ),
    "contacts/{contact}/consent/": (
        "Automatic messages",
        "over all accounts",
        "In this market they go",
        "She wants them",
        "How she said so",
        "on the form of the fair",
        "Note it",
        "What was noted",
    ),
    "messages/{no_more}/": (
        "Automatic messages",
        "Do you want no more of them",
        "No more of these messages",
    ),
    "messages/nonsense/": ("This link does not work", "This link is not one of ours."),
    "runs/{run}/": ("Hold", "Behind:", "0 of 1", "State"),
    "runs/{run}/hold/": ("Hold the playbook", "leave the lists", "Hold it", "Reason"),
    "runs/{run}/cancel/": ("End the playbook", "What was done stays done", "End it"),
    "tasks/{task}/done/": (
        "Done, with a note",
        "Outcome",
        "We talked",
        "Not stated",
        "How did they feel",
        "Next step on",
        "the next day on which they work",
    ),
    "tasks/{task}/promise/": ("Promise something", "What we promise", "By when"),
    "accounts/{account}/promise/": ("To whom", "The customer as a whole"),
    "promises/{promise}/break/": ("This promise was broken", "Broken"),
    "promises/{promise}/renegotiate/": ("Agree on another day", "New day", "Renegotiated"),
    "runs/{moved}/": (
        "Another edition of this playbook is in force here.",
        "Counted from",
        "What moved so far",
        "A date that steps count from",
    ),
    "runs/{moved}/move/": (
        "Move to the edition in force",
        "What is done stays",
        "What would change",
        "does not have this step",
        "Move it",
    ),
    "runs/{run}/move/": ("It does not move:", "in the edition in force already"),
    "runs/{run}/dates/?run_start=2026-06-15": (
        "Change the dates",
        "Dates that its steps count from",
        "planned anew",
        "See what would change",
        "Change them",
    ),
    "tasks/{task}/move/": ("Move to another day", "Reason"),
    "tasks/{task}/not-applicable/": ("Not applicable this time",),
    "tasks/{task}/hand-over/": ("Hand over to somebody else",),
}
WORDS = {(address, each) for address, words in ENGLISH.items() for each in words}


def forms(text: str | Iterable[str] | None) -> Forms:
    """Return a text, or its plurals, in one shape."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def blanks(text: str) -> set[str]:
    """Return the placeholders of a text."""
    return set(BLANK.findall(text))


def source(language: str) -> Catalog:
    """Read what people translated."""
    with (settings.LOCALE_PATHS[0] / language / "LC_MESSAGES/django.po").open("rb") as file:
        return pofile.read_po(file, abort_invalid=True)


def compiled(language: str) -> Catalog:
    """Read what the platform speaks."""
    with (settings.LOCALE_PATHS[0] / language / "LC_MESSAGES/django.mo").open("rb") as file:
        catalog = mofile.read_mo(file)
    for each in catalog:
        context: object = each.context
        if isinstance(context, bytes):  # as Babel leaves it
            each.context = context.decode()
    return catalog


def translated(catalog: Catalog) -> dict[tuple[Forms, str | None], Forms]:
    """Return the translations of a catalog by what they translate."""
    return {
        (forms(each.id), each.context): forms(each.string)
        for each in catalog
        if each.id and any(forms(each.string))
    }


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalog:
    def test_the_compiled_one_says_what_the_source_says(self, language: str) -> None:
        assert translated(compiled(language)) == translated(source(language))

    def test_no_entry_is_a_guess(self, language: str) -> None:
        assert [each.id for each in source(language) if each.fuzzy] == []

    def test_a_translation_has_the_blanks_of_its_original(self, language: str) -> None:
        wrong = {
            original: said
            for (original, _context), said in translated(source(language)).items()
            # The last plural is the general one; “one task” needs no number.
            if blanks(said[-1]) != blanks(original[-1])
            or any(blanks(each) - blanks(original[-1]) for each in said)
        }
        assert wrong == {}

    def test_a_plural_has_all_its_forms(self, language: str) -> None:
        catalog = source(language)
        plurals = [
            (original, said)
            for (original, _context), said in translated(catalog).items()
            if len(original) > 1
        ]
        assert plurals
        for original, said in plurals:
            assert (original, len(said), all(said)) == (original, catalog.num_plurals, True)


@pytest.mark.django_db
class TestPages:
    @pytest.fixture(autouse=True)
    def _clock(self) -> Iterator[None]:
        """A Thursday: 14:00 in Tokyo."""
        with time_machine.travel("2026-05-14T05:00:00+00:00", tick=False):
            yield

    @pytest.fixture
    def rows(self, cast: Cast) -> dict[str, object]:
        """Tasks of each kind, for an account with people and an agreement."""
        with cast.acting():
            account: Account = factories.account(market=factories.market("JP"), owner=cast.csm)
            contact = factories.contact(
                account=account, is_primary=True, preferred_channel="email", email="c@x.example"
            )
            factories.agreement(
                account=account,
                every=3,
                unit="weeks",
                weekdays=[1, 4],
                hours_from=540,
                hours_to=660,
                agreed_with=contact,
            )
            a_task(account, "2026-04-10", status="missed")
            a_task(account, "2026-05-12")
            a_task(account, "2026-05-20", moves=[HOLIDAY], needs_stand_in=True)
            task = a_task(account, "2026-05-14")
            proposal = self.make_proposal(cast, contact)
            log_meeting(
                Meeting(account=account, held_on=day("2026-05-01"), channel="call"),
                by=cast.csm,
                at=timezone.now(),
            )
            factories.account(market=account.market, owner=None)
            run = self.run_of(cast, account)
            promise = self.promise(cast, account)
            moved = self.moved_run(cast, account)
            digital = self.digital_task(cast, account)
            self.make_playbook(cast, account.market)
            self.make_philosophy(cast, account.market)
        way_out = WayOut(cast.organization.pk, cast.csm.pk, LetterKind.DIGEST).token()
        return {
            "account": account.pk,
            "task": task.pk,
            "run": run.pk,
            "moved": moved.pk,
            "proposal": proposal.pk,
            "promise": promise.pk,
            "way_out": way_out,
            "digital": digital.pk,
            "contact": contact.pk,
            "no_more": consents.WayOut(cast.organization.pk, account.pk, contact.email).token(),
        }

    def make_proposal(self, cast: Cast, contact: Contact) -> AgreementProposal:
        """Let the customer propose a correction."""
        now = timezone.now()
        ticket = sharing.share_agreement(contact=contact, by=cast.csm, at=now)
        link = sharing.find_link(ticket, at=now)
        return sharing.propose_correction(
            link, values={"every": 2}, remark="", seen_version=1, at=now
        )

    def run_of(self, cast: Cast, account: Account) -> Run:
        """Start a playbook, where another waits and a third lacks a date."""
        save_assignment(Assignment(membership=cast.csm, market=account.market))
        version = factories.published(by=cast.leader)
        elsewhere = factories.step("visit", condition={"tiers": ["tier_3"]})
        factories.published(factories.step(), elsewhere, by=cast.leader, key="next")
        factories.published(factories.step(anchor="event"), by=cast.leader, key="event")
        now = timezone.now()
        return start_run(playbook=version.playbook, account=account, by=cast.csm, at=now)

    def promise(self, cast: Cast, account: Account) -> Promise:
        """Promise something for today there, after it was promised for another day."""
        now, today = timezone.now(), dt.date(2026, 5, 14)
        known: dict[str, Any] = {"by": cast.csm, "at": now}
        promise = promises.make_promise(
            account=account, what="…", due_date=today + dt.timedelta(days=1), **known
        )
        return promises.renegotiate_promise(promise, due_date=today, reason="…", **known)

    def moved_run(self, cast: Cast, account: Account) -> Run:
        """Start a run whose dates moved, and publish an edition without one of its steps."""
        version = factories.published(
            factories.step(), factories.step("survey"), by=cast.leader, key="moved"
        )
        now = timezone.now()
        run = start_run(playbook=version.playbook, account=account, by=cast.csm, at=now)
        move_anchors(run, {Anchor.RUN_START: day("2026-06-15")}, at=now, by=cast.csm)
        following(version, cast, factories.step())
        return run

    def digital_task(self, cast: Cast, account: Account) -> Task:
        """Start a playbook with a step that sends itself, and is held back."""
        step = factories.step("lessons", kind="digital", channel="email", message="Hello")
        version = factories.published(step, by=cast.leader, key="lessons")
        now = timezone.now()
        run = start_run(playbook=version.playbook, account=account, by=cast.csm, at=now)
        return run.tasks.get()

    def make_playbook(self, cast: Cast, market: Market) -> None:
        """Publish a playbook in which every kind of thing is said and done."""
        factories.market("SA")
        version = factories.published(
            factories.step(
                "first",
                message="{contact_name}",
                instructions="…",
                checklist=["…"],
                stakeholders=["senior_sponsor"],
                condition={"health": ["red"]},
                required=True,
            ),
            factories.step("second", anchor="renewal", offset=-6, unit="weeks"),
            factories.step("third", position=20),
            factories.step("fourth", depends_on=["first"], position=30),
            by=cast.leader,
            key="words",
        )
        localized = factories.localization(
            version,
            market,
            factories.change("first", "kind", "video"),
            factories.change("third"),
        )
        playbooks_services.publish_localization(localized, by=cast.leader, at=timezone.now())

    def make_philosophy(self, cast: Cast, market: Market) -> None:
        """Write down what this organization stands for, and how a market sounds."""
        governance_services.publish_philosophy(text="…", by=cast.leader, at=timezone.now())
        governance_services.save_principle(Principle(title="…", text="…"))
        traits = [
            governance_services.save_voice_trait(
                VoiceTrait(key=key, name="…", description="…", is_local=is_local)
            )
            for key, is_local in (("a", True), ("b", False))
        ]
        governance_services.save_voice_variation(
            VoiceVariation(trait=traits[0], market=market, wording="…", reason="…")
        )

    def page(self, cast: Cast, language: str, address: str) -> str:
        """Return a page as the CSM reads it in her language, the sign-in before she is known."""
        with cast.acting():
            User.objects.filter(memberships=cast.csm).update(language=language)
        reader = cast.leader if address == "/monday/" else cast.csm
        User.objects.filter(email=reader.email).update(language=language)
        client = signed_in(reader)
        if address == "/login/":
            client.logout()
        response = client.get(address, headers={"Accept-Language": language})
        assert response.headers["Content-Language"] == language
        return str(response.content.decode())

    def spoken(self, cast: Cast, rows: dict[str, object], language: str) -> set[tuple[str, str]]:
        """Return which of the English words the pages say in a language, with their page."""
        pages = {
            address: self.page(cast, language, "/" + address.format(**rows)) for address in ENGLISH
        }
        return {(address, each) for address, each in WORDS if each in pages[address]}

    def test_say_these_words_in_english(self, cast: Cast, rows: dict[str, object]) -> None:
        assert WORDS - self.spoken(cast, rows, "en") == set()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_say_none_of_them_in_another_language(
        self, cast: Cast, rows: dict[str, object], language: str
    ) -> None:
        assert self.spoken(cast, rows, language) == set()

    @pytest.mark.parametrize("language", ["en", *LANGUAGES])
    def test_tell_in_the_language_of_the_reader_what_was_done_or_refused(
        self, cast: Cast, rows: dict[str, object], language: str
    ) -> None:
        self.page(cast, language, "/")
        client = signed_in(cast.csm)
        for words, role in (("Done:", "status"), ("closed this on", "alert")):
            client.post(f"/tasks/{rows['task']}/done/", format="multipart")
            page = client.get("/accounts/").content.decode()
            assert f'role="{role}"' in page
            assert (words in page) == (language == "en")
