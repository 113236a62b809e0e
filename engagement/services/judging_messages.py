"""What is known of the people whom digital steps write to: whether they are, when, and what."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from accounts.choices import ConsentState
from accounts.consents import WayOut, consents_of
from accounts.models import Account, Contact, ContactConsent, WorkingAgreement
from engagement.choices import TaskStatus
from engagement.customer_messages import draft
from engagement.models import SentMessage, Task
from engagement.querysets import TO_DO
from engagement.sending import (
    Hold,
    Recipient,
    first_day_with_room,
    hold_of,
    is_open_at,
)
from engagement.services.budgeting import Allowances, taken_days
from engagement.timing import agreed_with
from playbooks.documents import edition_step
from playbooks.messages import Message, message_of, template_for
from playbooks.sayings import say
from regions.market_time import MarketTime
from regions.working_time import prepare_working_times, working_time
from tenants.context import current_organization
from tenants.letters import FALLBACK_LANGUAGE, Draft, speaking
from tenants.models import Organization
from toolkit import formats

LONGEST_PERIOD = 366
"""The days in which touches may count: no budget asks for more."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A digital step, its message, and whether it may go now.

    ``day`` is the first local day on which it may; None while that is not known. Without a
    contact the message is worded all the same, for who looks at it.
    """

    task: Task
    contact: Contact | None
    language: str
    message: Message
    hold: Hold | None
    day: dt.date | None
    may_go: bool
    organization: Organization

    def draft_for(self, to: str, *, unsubscribe: str = "", is_test: bool = False) -> Draft:
        """Word it as a letter to an address; whoever has the task gets the answer."""
        writer = self.task.owner or self.task.account.owner
        return draft(
            self.message,
            to=to,
            organization=self.organization.name,
            account=self.task.account.name,
            reply_to=writer.email if writer and writer.is_active else "",
            unsubscribe=unsubscribe,
            is_test=is_test,
        )

    def draft_for_contact(self) -> Draft:
        """Word it for its reader, with her way out."""
        assert self.contact is not None
        email = self.contact.email
        way_out = WayOut(self.organization.pk, self.task.account_id, email.lower())
        return self.draft_for(email, unsubscribe=way_out.address())


@dataclass
class MessageJudge:
    """Judges digital steps; what it has to know is read at once for all of them.

    ``tasks`` are loaded by ``TaskQuerySet.for_messages``; ``now`` is UTC. The number of queries
    does not grow with them. ``leave_out`` is a task that counts as no touch: the one being sent.
    """

    tasks: Sequence[Task]
    now: dt.datetime
    leave_out: UUID | None = None
    _times: dict[UUID, MarketTime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        prepare_working_times(task.account.market for task in self.tasks)

    def judge(self, task: Task) -> Judged:
        """Return what is to be done with one of them."""
        contact, time = _first_contact(task.account), self._time(task.account)
        today = time.today(self.now)
        due = max(task.due_date, today)
        message = self._message(task, contact, due)
        hold = hold_of(self._recipient(task, contact, message))
        open_on = first_day_with_room(due, None, time)
        allowance = self._allowances.of(task.account.market, task.account.tier)
        touched = self._touches.get(task.account_id, ()) if allowance else ()
        day = first_day_with_room(due, allowance, time, touched_on=touched)
        if hold is None and day != open_on:
            hold = Hold.BUDGET
        return Judged(
            task=task,
            contact=contact,
            language=_reader(task.account, contact),
            message=message,
            hold=hold,
            day=day,
            may_go=hold is None and day == today and is_open_at(self.now, time),
            organization=self._organization,
        )

    def time_of(self, task: Task) -> MarketTime:
        """Return when the customer of a task can be reached."""
        return self._time(task.account)

    def _time(self, account: Account) -> MarketTime:
        if account.pk not in self._times:
            time = working_time(account.market)
            self._times[account.pk] = agreed_with(account).applied_to_market(time)
        return self._times[account.pk]

    def _message(self, task: Task, contact: Contact | None, day: dt.date) -> Message:
        assert task.step is not None
        account, step = task.account, edition_step(task.step)
        template = template_for(step, _reader(account, contact))
        language = template.language or FALLBACK_LANGUAGE
        with speaking(language):
            written = formats.full_day(day)
        writer = task.owner or account.owner
        return message_of(
            template,
            {
                "contact_name": contact.name if contact else "",
                "account_name": account.name,
                "csm_name": writer.name if writer else "",
                "company_name": self._organization.name,
                "market_name": account.market.name,
                "date": written,
                "step_outcome": str(say(step, "outcome", language).words),
            },
        )

    def _recipient(self, task: Task, contact: Contact | None, message: Message) -> Recipient:
        if contact is None:
            return Recipient(has_contact=False)
        agreement = _agreement(task.account)
        consent = self._consents.get(contact.email.lower())
        return Recipient(
            has_contact=True,
            has_address=bool(contact.email),
            channel=contact.preferred_channel or (agreement.channel if agreement else ""),
            gave_consent=consent is not None and consent.state == ConsentState.GIVEN,
            opted_out=consent is not None and consent.state == ConsentState.WITHDRAWN,
            consent_is_needed=task.account.market.needs_consent,
            was_refused=task.pk in self._sent,
            words_are_missing=bool(message.missing),
        )

    @cached_property
    def _organization(self) -> Organization:
        return Organization.objects.get(pk=current_organization())

    @cached_property
    def _allowances(self) -> Allowances:
        return Allowances()

    @cached_property
    def _consents(self) -> Mapping[str, ContactConsent]:
        contacts = (_first_contact(task.account) for task in self.tasks)
        return consents_of(contact.email for contact in contacts if contact)

    @cached_property
    def _sent(self) -> set[UUID]:
        sent = SentMessage.objects.filter(task__in=[task.pk for task in self.tasks])
        return set(sent.values_list("task", flat=True))

    @cached_property
    def _touches(self) -> Mapping[UUID, Sequence[dt.date]]:
        """The local days on which each customer heard from us, ascending.

        A try without an answer counts, since it touches as well.
        """
        return taken_days(
            {task.account_id: task.account.market for task in self.tasks},
            first=self.now.date() - dt.timedelta(days=LONGEST_PERIOD),
            last=None,
            leave_out=[self.leave_out] if self.leave_out else (),
        )


def foresee_holds(tasks: Iterable[Task], *, now: dt.datetime) -> None:
    """Say on digital steps to come, as objects alone, what stands in their way as things are now.

    What is stored is what stood in their way when their day came. A budget is let be: by then it
    may have room. ``now`` is UTC. A fixed number of queries, none where no step sends itself.
    """
    coming = {
        task.pk: task
        for task in tasks
        if task.status in (TaskStatus.WAITING, *TO_DO) and task.sends_itself
    }
    if not coming:
        return
    judge = MessageJudge(list(Task.objects.for_messages().filter(pk__in=coming)), now)
    for each in judge.tasks:
        hold = judge.judge(each).hold
        if hold != Hold.BUDGET:
            coming[each.pk].hold = hold.value if hold else ""


def _first_contact(account: Account) -> Contact | None:
    """Return who is the first to turn to; loaded with the account."""
    return next((each for each in account.contacts.all() if each.is_primary), None)


def _agreement(account: Account) -> WorkingAgreement | None:
    return next(iter(account.agreements.all()), None)


def _reader(account: Account, contact: Contact | None) -> str:
    """Return the language to write in: contact beats agreement beats market."""
    agreement = _agreement(account)
    spoken = (contact and contact.language) or (agreement and agreement.language)
    return spoken or account.market.languages[0]
