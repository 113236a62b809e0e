"""The leader's Monday in the reader's words: each number with the list behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.choices import FiringResult, PassState, Progress, RunStatus, Show
from engagement.monday import MarketWeek
from regions.offsets import MoveReason
from toolkit.tables import Cell
from workspace import formats

REASONS: Mapping[str, Promise] = {
    MoveReason.REST_DAY: gettext_lazy("Day off there"),
    MoveReason.HOLIDAY: gettext_lazy("Public holiday"),
    MoveReason.CLOSURE: gettext_lazy("Closed there"),
    MoveReason.QUIET_PERIOD: gettext_lazy("Quiet period"),
    MoveReason.BEFORE_TODAY: gettext_lazy("Day was over"),
    MoveReason.OWNER_AWAY: gettext_lazy("Owner away"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the address of the list behind it, and what it is made of."""

    name: str
    count: int
    address: str
    parts: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class MarketLine:
    """A market's week."""

    week: MarketWeek
    numbers: list[Number]
    passes: str


def line_of(week: MarketWeek, shown: Show) -> MarketLine:
    """Return a market's week with addresses; ``shown`` is the list of Today to look at."""
    market = str(week.market.pk)
    planned = week.planned
    passes = _admin("marketpass", market__id__exact=market)
    runs = {"market__id__exact": market}
    behind, stuck = (
        _admin("run", pace=pace.value, **runs) for pace in (Progress.BEHIND, Progress.STUCK)
    )
    overdue = {"show": shown.value, "market": market, "group": "overdue"}
    numbers = [
        Number(_("Planned"), planned.planned, passes),
        Number(_("Moved"), planned.moved, passes, _parts(planned.reasons, REASONS)),
        Number(_("Planned late"), planned.late, passes, is_bad=planned.late > 0),
        Number(
            _("Overdue"),
            week.overdue,
            f"{reverse('workspace:today')}?{urlencode(overdue)}",
            is_bad=week.overdue > 0,
        ),
        Number(
            _("Paused playbooks"),
            week.paused,
            _admin("run", status__exact=RunStatus.PAUSED.value, **runs),
        ),
        Number(_("Behind"), week.behind, behind, is_bad=week.behind > 0),
        Number(_("Stuck"), week.stuck, stuck, is_bad=week.stuck > 0),
        Number(
            _("Playbooks on an older version"),
            week.lagging,
            f"{reverse('workspace:playbooks')}?{urlencode({'market': week.market.code})}",
            is_bad=week.lagging > 0,
        ),
        Number(
            _("Triggers that started nothing"),
            sum(week.refused.values()),
            _admin("triggerfiring", account__market__id__exact=market),
            _parts(week.refused, {each.value: each.label for each in FiringResult}),
        ),
    ]
    failed = _admin("marketpass", market__id__exact=market, state__exact=PassState.FAILED.value)
    return MarketLine(week, numbers, failed)


def titles() -> list[str]:
    """Return the titles of the file."""
    return [
        *(_("Market"), _("Planned"), _("Moved"), _("Why they moved"), _("Planned late")),
        *(_("Overdue"), _("Paused playbooks"), _("Behind"), _("Stuck")),
        *(_("Playbooks on an older version"), _("Triggers that started nothing")),
        *(_("Why not"), _("Planning failed")),
    ]


def rows(lines: list[MarketLine]) -> Iterator[list[Cell | None]]:
    """Return a row of the file for each market."""
    for line in lines:
        _planned, moved, *_others, refused = line.numbers
        counts: list[Cell | None] = []
        for number in line.numbers:
            counts.append(str(number.count))
            if number is moved or number is refused:
                counts.append(number.parts or None)
        yield [line.week.market.name, *counts, line.week.planned.failure or None]


def _parts(counts: Mapping[str, int], words: Mapping[str, Any]) -> str:
    return formats.listed([f"{words.get(name, name)} {count}" for name, count in counts.items()])


def _admin(model: str, **query: str) -> str:
    return f"{reverse(f'admin:engagement_{model}_changelist')}?{urlencode(query)}"
