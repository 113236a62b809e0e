"""What a row of a list shows of a task; reads only what ``TaskQuerySet.for_list`` loads."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from accounts.choices import Channel
from accounts.models import Contact, WorkingAgreement
from engagement.models import Task
from engagement.querysets import TO_DO
from engagement.services import UNDO_WITHIN, foresee_holds
from engagement.timing import AgreedTiming
from playbooks.documents import edition_step
from regions.models import Market
from regions.working_time import prepare_working_times, today_in, working_time
from workspace import explanations
from workspace.clock import Clock, read_clock
from workspace.editions import Said, say
from workspace.runs import name_of
from workspace.silences import Hush, hush_of


@dataclass(frozen=True, slots=True)
class Row:
    """A task as a person needs it to act on it.

    Contact beats agreement beats cadence for the channel; contact beats agreement beats market
    for the language. ``link`` is where the channel leads, empty when there is nothing to follow.
    """

    task: Task
    contact: Contact | None
    language: str
    channel: str
    link: str
    clock: Clock
    today: dt.date
    why: list[str]
    agreement: WorkingAgreement | None
    can_undo: bool
    title: Said
    benefit: Said
    playbook: Said | None
    instructions: Said
    checklist: Said
    hush: Hush | None

    @property
    def is_to_do(self) -> bool:
        """Whether there is something left to do."""
        return self.task.status in TO_DO

    @property
    def is_internal(self) -> bool:
        """Whether nobody is contacted."""
        return not self.task.work.is_contact

    @property
    def is_overdue(self) -> bool:
        """Whether its day is over where it goes by, which the customer may have left."""
        return self.is_to_do and self.task.due_date < self.today

    @property
    def hours(self) -> str:
        """How long the customer can still be reached."""
        return explanations.opening_hours(self.clock)

    @property
    def explained(self) -> list[tuple[str, str]]:
        """Why this customer, why on this day, why this way, and what the customer gains."""
        return explanations.explained(self.task, self.contact, self.agreement)

    @property
    def what_happened(self) -> str:
        """What the last action made of the task."""
        return explanations.what_happened(self.task)


class RowMaker:
    """Makes the rows of one page; each market's clock is read once, at ``now`` (UTC)."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self._clocks: dict[tuple[object, ...], Clock] = {}

    def _row(self, task: Task) -> Row:
        account = task.account
        # The first of both is what `Meta.ordering` and the unique constraint make it.
        contact = next(iter(account.contacts.all()), None)
        agreement = next(iter(account.agreements.all()), None)
        channel = (
            (contact and contact.preferred_channel)
            or (agreement and agreement.channel)
            or task.work.channel
        )
        return Row(
            task=task,
            contact=contact,
            language=(contact and contact.language)
            or (agreement and agreement.language)
            or account.market.languages[0],
            channel=str(Channel(channel).label) if channel else "",
            link=_link(channel, contact),
            clock=self._clock(task, agreement),
            today=today_in(task.due_market, self._now),
            why=explanations.why_moved(task.moves),
            agreement=agreement,
            can_undo=bool(
                task.undo and task.touched_at and self._now - task.touched_at <= UNDO_WITHIN
            ),
            hush=hush_of(
                task.enrolment,
                task.cadence,
                agreement,
                working_time(account.market),
                self._now,
            ),
            **_words(task),
        )

    def rows(self, tasks: list[Task]) -> list[Row]:
        """Return the rows of ``tasks``, in their order."""
        prepare_working_times(task.account.market for task in tasks)
        foresee_holds(tasks, now=self._now)
        return [self._row(task) for task in tasks]

    def _clock(self, task: Task, agreement: WorkingAgreement | None) -> Clock:
        """Return the clock where the customer is; most customers of a market share one."""
        market = task.account.market
        key = (market.pk, agreement and (agreement.hours_from, agreement.hours_to))
        if key not in self._clocks:
            self._clocks[key] = clock_at(market, agreement, self._now)
        return self._clocks[key]


def clock_at(market: Market, agreement: WorkingAgreement | None, now: dt.datetime) -> Clock:
    """Return the clock where a customer is; agreed hours beat those of the market."""
    time = working_time(market)
    if agreement:
        agreed = AgreedTiming(hours_from=agreement.hours_from, hours_to=agreement.hours_to)
        time = agreed.applied_to_market(time)
    return read_clock(time, now)


def _words(task: Task) -> dict[str, Any]:
    """Return what is to be done: what a step says, in the reader's language if it can."""
    if task.step is None or task.run is None:
        nothing = Said("")
        return {
            "title": Said(task.work.title),
            "benefit": Said(task.work.benefit),
            "playbook": None,
            "instructions": nothing,
            "checklist": nothing,
        }
    step = edition_step(task.step)
    parts = {"title": "title", "benefit": "outcome"} | {
        name: name for name in ("instructions", "checklist")
    }
    language = get_language() or "en"
    said = {name: say(step, part, language) for name, part in parts.items()}
    return {**said, "playbook": name_of(task.run.edition)}


def _link(channel: str, contact: Contact | None) -> str:
    if contact is None:
        return ""
    if channel == Channel.EMAIL and contact.email:
        return f"mailto:{contact.email}"
    if channel == Channel.CALL and contact.phone:
        return "tel:" + "".join(char for char in contact.phone if char.isdigit() or char == "+")
    return ""
