"""The list of Today: in which order, in which groups, page by page."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from engagement.choices import Grouping, Show
from engagement.due import Todays
from engagement.models import Task
from engagement.ordering import grouped, ranked
from engagement.priority import BY_DAY, BY_WEIGHT, Part
from engagement.querysets import TaskQuerySet
from governance.choices import MOTIONS
from workspace.paging import BY_DUE_DATE, SEPARATOR, Key, Page, page_of, quoted

_BY_PERSON = {Show.MINE, Show.MY_REGION}
"""The lists that are short enough to be sorted by weight before the day."""

_PARSERS: dict[Part, Callable[[str], Any]] = {
    Part.WEIGHT: int,
    Part.DAY: dt.date.fromisoformat,
    Part.RISK: int,
    Part.TIER: str,
    Part.CURRENCY: str,
    Part.REVENUE: Decimal,
}
_KEYS = {part: Key(part.value, parse) for part, parse in _PARSERS.items()}
_GROUP_KEYS = {
    Grouping.ACCOUNT: (Key("account_group", str), Key("account_id", UUID)),
    Grouping.MARKET: (Key("market_group", str),),
    Grouping.MOTION: (Key("motion_group", str),),
}


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Tasks of one account, market or occasion, as far as this page shows them."""

    title: str
    tasks: list[Task]
    is_continued: bool


def by_weight_first(shown: Show) -> bool:
    """Return whether a list is sorted by weight before the day."""
    return shown in _BY_PERSON


def page_by_priority(
    tasks: TaskQuerySet, shown: Show, *, todays: Todays, after: str = ""
) -> Page[Task]:
    """Return a page of tasks in the order of ``engagement.priority``."""
    order = BY_WEIGHT if by_weight_first(shown) else BY_DAY
    return page_of(ranked(tasks, todays=todays), *(_KEYS[part] for part in order), after=after)


def page_by_group(tasks: TaskQuerySet, grouping: Grouping, *, after: str = "") -> Page[Task]:
    """Return a page of tasks divided by ``grouping``, by the day within each group."""
    return page_of(grouped(tasks), *_GROUP_KEYS[grouping], BY_DUE_DATE, after=after)


def groups_of(page: Page[Task], grouping: Grouping, *, after: str) -> Iterator[TaskGroup]:
    """Yield the groups of a page; the first goes on where the page before ended, if it did."""
    keys = _GROUP_KEYS[grouping]
    before = after.rsplit(SEPARATOR, 2)[0] if after else None
    for number, (_key, found) in enumerate(
        groupby(page.rows, key=lambda task: [getattr(task, key.column) for key in keys])
    ):
        rows = list(found)
        yield TaskGroup(
            _title(rows[0], grouping),
            rows,
            is_continued=not number and before == _place(rows[0], grouping),
        )


def _place(task: Task, grouping: Grouping) -> str:
    """Return the part of a cursor that stands for the group of a task."""
    return SEPARATOR.join(quoted(getattr(task, key.column)) for key in _GROUP_KEYS[grouping])


def _title(task: Task, grouping: Grouping) -> str:
    match grouping:
        case Grouping.ACCOUNT:
            return task.account.name
        case Grouping.MARKET:
            return task.account.market.name
        case _:
            motion = str(task.motion_group)  # type: ignore[attr-defined]  # an annotation
            return str(dict(MOTIONS)[motion]) if motion else _("Check-ins")
