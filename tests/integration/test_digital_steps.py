"""Digital steps: sent in time, in the contact's words, to who wants them, exactly once."""

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connections
from pytest_django import Settings

from accounts import consents
from accounts import services as accounts
from accounts.choices import ConsentState
from accounts.models import Account, Contact, WorkingAgreement
from engagement import services
from engagement.models import Run, SentMessage, Task
from engagement.services import digital
from engagement.timeline import timeline_of
from engagement.timeline_words import Happening
from outbox import services as outbox
from outbox.models import Letter
from playbooks import services as playbooks
from playbooks.models import ContactBudget
from regions import services as regions
from regions.models import Market, QuietPeriod
from tests import factories
from tests.conftest import Cast, count_queries, day
from tests.mail_server import links_in, mail_server

pytestmark = pytest.mark.django_db

# A Monday, 10:00 in Paris.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
A_DAY = dt.timedelta(days=1)
MESSAGE = (
    "Three lessons for {account_name}\n\nHello {contact_name},\n\n{csm_name} of {company_name} has "
    "chosen three lessons for you.\nTake them when you have ten minutes."
)
TRANSLATED = {
    "ar": "ثلاثة دروس\n\nمرحبا {contact_name}،\n\nاخترنا لكم ثلاثة دروس.",
    "ja": "三つのレッスン\n\n{contact_name} 様\n\n三つのレッスンをお送りします。",
}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def lessons(**values: Any) -> dict[str, Any]:
    """Return a step that sends itself on the day on which its run starts."""
    said = {language: {"message": text} for language, text in TRANSLATED.items()}
    defaults = {"kind": "digital", "channel": "email", "offset": 0, "message": MESSAGE}
    return factories.step("lessons", **{**defaults, "translations": said, **values})


def customer(cast: Cast, market: str = "FR", consent: bool = True, **values: Any) -> Account:
    """Make a digital account with a contact."""
    account = factories.account(
        name="Nordlicht", tier="tier_3", owner=cast.csm, market=factories.market(market)
    )
    person = {"name": "Camille Roy", "email": "Camille@nordlicht.example", "is_primary": True}
    contact = factories.contact(account=account, **{**person, **values})
    if consent:
        says(contact, ConsentState.GIVEN, cast)
    return account


def says(contact: Contact, state: str, cast: Cast) -> None:
    consents.note_consent(contact=contact, state=state, how="On the phone.", by=cast.csm, at=NOW)


def run_for(account: Account, cast: Cast, *steps: dict[str, Any], at: dt.datetime = NOW) -> Run:
    version = factories.published(*(steps or (lessons(),)), by=cast.leader)
    return services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=at)


def send(cast: Cast, now: dt.datetime = NOW) -> int:
    """Send what is due, as a worker does."""
    return services.send_due_messages(organization_id=cast.organization.pk, now=now)


def task_of(run: Run, key: str = "lessons") -> Task:
    return Task.objects.get(run=run, step__key=key)


def plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")


class TestTheTimeline:
    def test_tells_of_the_message_once_and_whether_it_arrived(self, acting: Cast) -> None:
        run = run_for(customer(acting), acting, lessons())
        assert send(acting) == 1
        (entry,) = timeline_of(run.account, now=NOW, kinds=["task"]).entries
        assert (entry.what, entry.outcome) == (Happening.MESSAGE_SENT, "")
        assert entry.text == f"Sent to Camille Roy: {task_of(run).work.title}"
        Letter.objects.update(parked_at=NOW)
        (entry,) = timeline_of(run.account, now=NOW, kinds=["task"]).entries
        assert entry.outcome == "It could not be delivered."


class TestADueStep:
    def test_is_sent_and_done_and_the_run_goes_on(self, acting: Cast) -> None:
        following = factories.step(
            "call", anchor="step_end", anchor_step="lessons", offset=3, depends_on=["lessons"]
        )
        run = run_for(customer(acting), acting, lessons(), following)
        assert send(acting) == 1
        task = task_of(run)
        assert (task.status, task.outcome, task.closed_by, task.undo) == (
            "done",
            "sent",
            None,
            None,
        )
        assert str(task_of(run, "call").due_date) == "2026-03-05"
        letter = Letter.objects.get()
        assert (letter.to, letter.subject) == (
            "Camille@nordlicht.example",
            "Three lessons for Nordlicht",
        )
        assert (letter.language, letter.reply_to) == ("en", acting.csm.email)
        assert "Hello Camille Roy,\n\nCSM of Alder of Alder has" in plain(letter.text)
        assert SentMessage.objects.get().letter == letter

    def test_is_the_last_one_ends_its_run(self, acting: Cast) -> None:
        run = run_for(customer(acting), acting)
        send(acting)
        run.refresh_from_db()
        assert run.status == "done"
        assert send(acting) == 0

    def test_waits_for_its_day(self, acting: Cast) -> None:
        run_for(customer(acting), acting, lessons(offset=1))
        assert send(acting) == 0
        assert send(acting, NOW + A_DAY) == 1

    @pytest.mark.parametrize("hour", [7, 17])
    def test_waits_for_business_hours(self, acting: Cast, hour: int) -> None:
        run_for(customer(acting), acting)
        assert send(acting, NOW.replace(hour=hour)) == 0
        assert send(acting, NOW.replace(hour=8)) == 1

    def test_keeps_to_hours_that_were_agreed(self, acting: Cast) -> None:
        account = customer(acting)
        factories.agreement(account=account, hours_from=14 * 60, hours_to=15 * 60)
        run_for(account, acting)
        assert send(acting) == 0
        assert send(acting, NOW.replace(hour=13)) == 1

    def test_is_sent_in_hours_of_the_new_clock_after_it_changed(self, acting: Cast) -> None:
        run_for(customer(acting), acting)
        # The clocks in Paris went forward on Sunday, 29 March: 09:00 is 07:00 UTC from then on.
        after = dt.datetime(2026, 3, 30, 7, tzinfo=dt.UTC)
        assert send(acting, after - dt.timedelta(minutes=1)) == 0
        assert send(acting, dt.datetime(2026, 3, 27, 7, 30, tzinfo=dt.UTC)) == 0
        assert send(acting, after) == 1

    def test_leaves_friday_and_saturday_alone_where_that_is_the_weekend(self, acting: Cast) -> None:
        thursday = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)
        account = customer(acting, "SA")
        with time_machine.travel(thursday, tick=False):
            run_for(account, acting, at=thursday)
        assert send(acting, thursday + A_DAY) == send(acting, thursday + 2 * A_DAY) == 0
        assert send(acting, thursday + 3 * A_DAY) == 1

    def test_leaves_quiet_periods_alone(self, acting: Cast) -> None:
        account = customer(acting)
        run_for(account, acting)
        days = {"start": day("2026-03-02"), "end": day("2026-03-06")}
        regions.save_part(QuietPeriod(market=account.market, name="Fair", policy="after", **days))
        assert send(acting) == 0
        assert send(acting, NOW + 7 * A_DAY) == 1

    def test_of_a_run_that_is_held_waits(self, acting: Cast) -> None:
        run = run_for(customer(acting), acting)
        services.pause_run(run, at=NOW, reason="They asked for it.")
        assert send(acting) == 0

    def test_of_an_archived_account_stays(self, acting: Cast) -> None:
        account = customer(acting)
        run = run_for(account, acting)
        accounts.archive_account(account, at=NOW)
        assert send(acting) == 0
        assert task_of(run).status == "open"

    def test_of_a_person_s_step_stays(self, acting: Cast) -> None:
        account = customer(acting)
        run_for(account, acting, lessons(channel="message"), factories.step("mail", kind="email"))
        run_for(account, acting, lessons(message="", translations={}))
        assert send(acting) == 0


class TestItsWords:
    @pytest.mark.parametrize(("language", "market"), [("ar-SA", "SA"), ("ja-JP", "JP")])
    def test_are_the_contact_s_own(self, acting: Cast, language: str, market: str) -> None:
        run_for(customer(acting, market, language=language), acting)
        now = NOW.replace(hour=8) if market == "SA" else NOW.replace(hour=2) + A_DAY
        assert send(acting, now) == 1
        letter = Letter.objects.get()
        spoken = language.partition("-")[0]
        assert letter.language == spoken
        assert letter.subject == TRANSLATED[spoken].partition("\n")[0]
        assert f'dir="{"rtl" if spoken == "ar" else "ltr"}"' in letter.html
        assert "No more of these letters" not in letter.text

    def test_are_those_agreed_with_the_customer_else_the_market_s(self, acting: Cast) -> None:
        account = customer(acting)
        run = run_for(account, acting)
        assert look(run).message.language == ""
        agreement = factories.agreement(account=account, language="ja-JP")
        assert look(run).message.language == "ja"
        WorkingAgreement.objects.filter(pk=agreement.pk).delete()
        Account.objects.filter(pk=account.pk).update(market=factories.market("SA"))
        assert look(run).message.language == "ar"

    def test_in_a_language_that_nobody_wrote_are_those_of_the_playbook(self, acting: Cast) -> None:
        run = run_for(customer(acting, language="fi"), acting)
        assert look(run).message.subject == "Three lessons for Nordlicht"

    def test_are_seen_before_as_they_are_sent(self, acting: Cast) -> None:
        run = run_for(customer(acting), acting)
        seen = look(run)
        send(acting)
        letter = Letter.objects.get()
        assert letter.subject == seen.message.subject
        assert seen.message.text in letter.text
        assert letter.text == seen.draft_for_contact().text

    def test_that_are_not_known_are_named_and_hold_it_back(self, acting: Cast) -> None:
        run = run_for(customer(acting), acting)
        Task.objects.update(owner=None)
        Account.objects.update(owner=None)
        assert look(run).message.missing == ("csm_name",)
        assert send(acting) == 0
        assert task_of(run).hold == "words_missing"


def look(run: Run) -> Any:
    judged = services.message_of_task(task_of(run), now=NOW)
    assert judged is not None
    return judged


class TestConsent:
    def test_is_needed_unless_the_market_says_otherwise(self, acting: Cast) -> None:
        account = customer(acting, consent=False)
        run = run_for(account, acting)
        assert send(acting) == 0
        assert task_of(run).hold == "no_consent"
        account.market.needs_consent = False
        account.market.consent_source = "Checked by our lawyer in 2026."
        account.market.save()
        assert send(acting) == 1

    def test_that_is_given_later_lets_it_go(self, acting: Cast) -> None:
        account = customer(acting, consent=False)
        run = run_for(account, acting)
        send(acting)
        says(account.contacts.get(), ConsentState.GIVEN, acting)
        assert send(acting) == 1
        assert task_of(run).hold == ""

    def test_that_was_withdrawn_holds_it_back_wherever_it_is_not_needed(self, acting: Cast) -> None:
        account = customer(acting)
        run = run_for(account, acting)
        Market.objects.update(needs_consent=False, consent_source="Checked.")
        says(account.contacts.get(), ConsentState.WITHDRAWN, acting)
        assert send(acting) == 0
        assert task_of(run).hold == "opted_out"

    def test_belongs_to_the_address(self, acting: Cast) -> None:
        account = customer(acting)
        contact = account.contacts.get()
        says(contact, ConsentState.WITHDRAWN, acting)
        accounts.remove_contact(contact)
        factories.contact(
            account=account, email="camille@NORDLICHT.example", is_primary=True, name="C. Roy"
        )
        run = run_for(account, acting)
        send(acting)
        assert task_of(run).hold == "opted_out"
        changed = account.contacts.get()
        changed.email = "camille@other.example"
        accounts.save_contact(changed)
        send(acting)
        assert task_of(run).hold == "no_consent"

    def test_withdrawn_between_planning_and_sending_counts(
        self, acting: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = customer(acting)
        run = run_for(account, acting)
        really = digital.send_message

        def said_no_meanwhile(task_id: Any, *, now: dt.datetime) -> bool:
            says(account.contacts.get(), ConsentState.WITHDRAWN, acting)
            return bool(really(task_id, now=now))

        monkeypatch.setattr("engagement.services.digital.send_message", said_no_meanwhile)
        assert send(acting) == 0
        assert (task_of(run).status, Letter.objects.count()) == ("open", 0)

    def test_withdrawn_while_it_waits_in_the_outbox_stops_it(self, acting: Cast) -> None:
        account = customer(acting)
        run = run_for(account, acting)
        send(acting)
        says(account.contacts.get(), ConsentState.WITHDRAWN, acting)
        assert Letter.objects.waiting().count() == 0
        send(acting)
        task = task_of(run)
        assert (task.status, task.hold, task.outcome) == ("open", "opted_out", "")

    @pytest.mark.parametrize(
        ("values", "hold"),
        [
            ({"is_primary": False}, "no_contact"),
            ({"email": ""}, "no_address"),
            ({"preferred_channel": "call"}, "other_channel"),
        ],
    )
    def test_is_not_all_that_is_needed(
        self, acting: Cast, values: dict[str, Any], hold: str
    ) -> None:
        run = run_for(customer(acting, consent=False, **values), acting)
        assert send(acting) == 0
        assert task_of(run).hold == hold

    def test_of_another_organization_is_none(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting():
            customer(outsiders)
        with cast.acting():
            run = run_for(customer(cast, consent=False), cast)
        assert send(outsiders) == send(cast) == 0
        with cast.acting():
            assert task_of(run).hold == "no_consent"


class TestTheBudget:
    def test_lets_it_wait_for_the_first_day_with_room(self, acting: Cast) -> None:
        account = customer(acting)
        first, second = (run_for(account, acting) for _ in range(2))
        # Decided since: what is started within a budget finds its day at once.
        playbooks.save_budget(ContactBudget(tier="tier_3", most_touches=1, period_days=7))
        assert send(acting) == 1
        (late,) = (task for task in map(task_of, (first, second)) if task.status == "open")
        assert (str(late.due_date), late.hold) == ("2026-03-02", "")
        assert send(acting) == 0
        late.refresh_from_db()
        assert (str(late.due_date), late.hold) == ("2026-03-09", "budget")
        assert send(acting, NOW + 6 * A_DAY) == 0
        assert send(acting, NOW + 7 * A_DAY) == 1


class TestDelivery:
    def test_reaches_the_contact_with_a_way_out(self, acting: Cast, settings: Settings) -> None:
        run_for(customer(acting), acting)
        send(acting)
        with mail_server() as mailbox:
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            outbox.send_letter(
                organization_id=acting.organization.pk, letter_id=Letter.objects.get().pk
            )
        (arrived,) = mailbox.letters
        assert arrived["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert arrived["Reply-To"] == acting.csm.email
        body = arrived.get_body(("plain",))
        assert body is not None
        (link,) = links_in(body.get_content())
        assert link.startswith("/messages/")
        assert link in arrived["List-Unsubscribe"]

    def test_that_is_refused_asks_for_a_person(self, acting: Cast, settings: Settings) -> None:
        run = run_for(customer(acting), acting)
        send(acting)
        with mail_server() as mailbox:
            mailbox.answer_to_recipient = "550 no such mailbox"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            outbox.send_letter(
                organization_id=acting.organization.pk, letter_id=Letter.objects.get().pk
            )
        assert send(acting) == 0
        task = task_of(run)
        run.refresh_from_db()
        assert (task.status, task.hold, run.status) == ("open", "refused", "active")
        assert send(acting, NOW + A_DAY) == 0

    def test_takes_a_fixed_number_of_queries_to_judge(self, acting: Cast) -> None:
        def judged(count: int) -> int:
            for _ in range(count):
                run_for(customer(acting, consent=False), acting)
            with count_queries() as captured:
                send(acting)
            return len(captured)

        judged(1)
        assert judged(1) == judged(4)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_once(cast: Cast) -> None:
    with cast.acting():
        run_for(customer(cast), cast)
    sent: list[int] = []
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            sent.append(send(cast))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [0, 1]
    with cast.acting():
        assert Letter.objects.count() == SentMessage.objects.count() == 1
