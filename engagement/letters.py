"""What members are written about their work: the words, in the reader's language."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement.choices import TaskStatus
from engagement.digest import Part
from engagement.models import Notice, Task
from engagement.wording import why_moved, words_of
from regions.hours import load_zone
from tenants.letters import Draft, Item, Link, Section, address, compose, hello, isolated, speaking
from toolkit import formats

MOST_ITEMS = 20
"""How many tasks of a kind a letter names; the page has them all."""
LONGEST_NOTE = 300

_HEADINGS: Mapping[Part, Promise] = {
    Part.TODAY: gettext_lazy("Today"),
    Part.OVERDUE: gettext_lazy("Overdue"),
    Part.MOVED: gettext_lazy("Moved to another day"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a letter is for, in which organization, and where she says that she wants no more."""

    to: str
    name: str
    language: str
    organization: str
    unsubscribe: str


@dataclass(frozen=True, slots=True)
class Told:
    """A task, what is told of it, and whether it has moved since the last letter."""

    task: Task
    part: Part
    has_moved: bool


def digest(reader: Reader, *, day: dt.date, told: Sequence[Told]) -> Draft:
    """Word what a member finds on the morning of her local ``day``."""
    with speaking(reader.language) as spoken:
        parts = {part: [each for each in told if each.part is part] for part in Part}
        return compose(
            to=reader.to,
            language=spoken,
            subject=_("Your work on %(day)s") % {"day": formats.day(day)},
            greeting=hello(reader.name),
            paragraphs=[
                _("This is what waits for you at %(organization)s.")
                % {"organization": isolated(reader.organization)}
            ],
            sections=[
                _section(str(_HEADINGS[part]), [_told(each) for each in found])
                for part, found in parts.items()
                if found
            ],
            link=_today(),
            closing=_(
                "You get this on mornings on which you work. Your profile says when, and whether."
            ),
            unsubscribe=reader.unsubscribe,
        )


def hand_overs(reader: Reader, given: Sequence[tuple[Notice, Task]]) -> Draft:
    """Tell a member of the tasks that others gave her."""
    with speaking(reader.language) as spoken:
        count = len(given)
        return compose(
            to=reader.to,
            language=spoken,
            subject=ngettext(
                "A task was handed over to you", "%(count)d tasks were handed over to you", count
            )
            % {"count": count},
            greeting=hello(reader.name),
            paragraphs=[
                _("From now on this is yours at %(organization)s.")
                % {"organization": isolated(reader.organization)}
            ],
            sections=[_section(str(_("Handed over")), [_given(*each) for each in given])],
            link=_today(),
            closing=_("Your profile says whether you are written about hand-overs."),
            unsubscribe=reader.unsubscribe,
        )


def mentions(reader: Reader, noted: Sequence[tuple[Notice, Task]]) -> Draft:
    """Tell a member of the notes that name her."""
    with speaking(reader.language) as spoken:
        return compose(
            to=reader.to,
            language=spoken,
            subject=_("You were mentioned in a note"),
            greeting=hello(reader.name),
            paragraphs=[
                _("Somebody at %(organization)s wants you to read this.")
                % {"organization": isolated(reader.organization)}
            ],
            sections=[_section(str(_("Notes")), [_noted(*each) for each in noted])],
            link=_account_of(task for _notice, task in noted),
            closing=_("Your profile says whether you are written about mentions."),
            unsubscribe=reader.unsubscribe,
        )


def _section(title: str, items: Sequence[Item]) -> Section:
    more = len(items) - MOST_ITEMS
    if more <= 0:
        return Section(title, items)
    rest = ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more}
    return Section(title, items[:MOST_ITEMS], rest)


def _told(told: Told) -> Item:
    detail = [_when(told.task, told.part)]
    if told.has_moved:
        detail += _why(told.task)
    return Item(_name(told.task), " ".join(detail))


def _given(notice: Notice, task: Task) -> Item:
    known = {"name": isolated(notice.by.name), "day": formats.day(task.due_date)}
    detail = [formats.sentence(_("From %(name)s, due on %(day)s.") % known)]
    if task.reason:
        detail.append(isolated(task.reason))
    return Item(_name(task), " ".join(detail))


def _noted(notice: Notice, task: Task) -> Item:
    note = Truncator(" ".join(task.note.split())).chars(LONGEST_NOTE)
    known = {"name": isolated(notice.by.name), "note": isolated(note)}
    return Item(_name(task), _("%(name)s: %(note)s") % known)


def _name(task: Task) -> str:
    """Return account and title, the title in the reader's language if it is known in that."""
    title, _benefit = words_of(task)
    return f"{isolated(task.account.name)}: {isolated(title)}"


def _when(task: Task, part: Part) -> str:
    market = task.due_market
    match part:
        case Part.OVERDUE:
            day = formats.day(task.due_date)
            return formats.sentence(_("It was due on %(day)s.") % {"day": day})
        case Part.TODAY:
            local = task.due_at.astimezone(load_zone(market.time_zone))
            known = {"time": formats.clock_time(local), "market": isolated(market.name)}
            return _("Until %(time)s in %(market)s.") % known
        case _:
            return _("It is due on %(day)s now.") % {"day": formats.day(task.due_date)}


def _why(task: Task) -> list[str]:
    if task.status == TaskStatus.SNOOZED:
        return [_("Moved by hand: %(reason)s") % {"reason": isolated(task.reason)}]
    return why_moved(task.moves)


def _today() -> Link:
    return Link(_("Go to Today"), address("today"))


def _account_of(tasks: Iterable[Task]) -> Link:
    """Return the way to the account of all of them, or to Today where they have none in common."""
    accounts = {str(task.account_id) for task in tasks}
    if len(accounts) > 1:
        return _today()
    return Link(_("Go to the account"), address("account", *accounts))
