"""What chats are told of the work: the words, in the channel's language."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.models import ChatChannel, Task
from engagement.wording import words_of
from outbox.chat import MOST_LINES, Message
from tenants.letters import address, speaking
from toolkit import formats


@dataclass(frozen=True, slots=True)
class RegionDay:
    """The morning of a region in figures, and whether its planning failed in part."""

    region: str
    day: dt.date
    planned: int = 0
    moved: int = 0
    late: int = 0
    due: int = 0
    overdue: int = 0
    has_failed: bool = False

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to tell."""
        figures = (self.planned, self.moved, self.late, self.due, self.overdue)
        return not (any(figures) or self.has_failed)


def summary(channel: ChatChannel, morning: RegionDay) -> Message:
    """Word the morning of a region."""
    with speaking(channel.language):
        lines = [
            _("Due today: %(count)d") % {"count": morning.due},
            _("Overdue: %(count)d") % {"count": morning.overdue},
            _("Planned since midnight: %(count)d") % {"count": morning.planned},
            _("Moved to another day in that: %(count)d") % {"count": morning.moved},
            _("Late already when planned: %(count)d") % {"count": morning.late},
        ]
        if morning.has_failed:
            lines.append(_("Planning failed in part: the admin says where and why."))
        known = {"region": morning.region, "day": formats.day(morning.day)}
        return _message(_("%(region)s, %(day)s") % known, lines)


def hand_over(channel: ChatChannel, *, by: str, to: str, tasks: Sequence[Task]) -> Message:
    """Word who gave which tasks to whom."""
    with speaking(channel.language):
        count = len(tasks)
        title = ngettext(
            "%(by)s handed a task over to %(to)s",
            "%(by)s handed %(count)d tasks over to %(to)s",
            count,
        ) % {"by": by, "to": to, "count": count}
        return _message(title, _first([_handed(task) for task in tasks], _more_tasks))


def run_starts(channel: ChatChannel, *, trigger: str, accounts: Sequence[str]) -> Message:
    """Word for which accounts a trigger started its playbook."""
    with speaking(channel.language):
        count = len(accounts)
        title = ngettext(
            "%(trigger)s: a playbook was started for an account",
            "%(trigger)s: a playbook was started for %(count)d accounts",
            count,
        ) % {"trigger": trigger, "count": count}
        return _message(title, _first(accounts, _more_accounts))


def test(channel: ChatChannel) -> Message:
    """Word a message that tells of nothing."""
    with speaking(channel.language):
        known = {"channel": channel.name}
        said = _("This is a test of the channel %(channel)s: messages arrive.") % known
        return _message(said, [])


def _handed(task: Task) -> str:
    title, _benefit = words_of(task)
    known = {"account": task.account.name, "title": title, "day": formats.day(task.due_date)}
    return _("%(account)s: %(title)s, due on %(day)s") % known


def _first(lines: Sequence[str], rest: Callable[[int], str]) -> list[str]:
    """Return the first lines of many, and in one more how many more there are."""
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], *([rest(more) % {"count": more}] if more > 0 else ())]


def _more_tasks(count: int) -> str:
    return ngettext("and %(count)d more", "and %(count)d more", count)


def _more_accounts(count: int) -> str:
    return ngettext("and %(count)d more account", "and %(count)d more accounts", count)


def _message(title: str, lines: Sequence[str]) -> Message:
    return Message(title, lines, link=_("Go to Today"), url=address("today"))
