"""How the last week went in each market, for those who lead there; set-based throughout."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Sum

from engagement.choices import FiringResult, PassState, Progress, RunStatus
from engagement.due import Todays
from engagement.models import MarketPass, Run, Task, TriggerFiring
from engagement.paces import paced
from playbooks.choices import VersionStatus
from playbooks.models import PlaybookVersion
from playbooks.services import editions_in_force
from regions.choices import MarketStatus
from regions.models import Market
from tenants.context import current_organization, tenant_cursor

LOOK_BACK = dt.timedelta(days=7)

REASONS = """
SELECT p.market_id, reason.key, sum(reason.value::int)
FROM engagement_marketpass p, jsonb_each_text(p.reasons) reason
WHERE p.organization_id = %(organization)s AND p.at >= %(since)s
  AND p.market_id = ANY(%(markets)s)
GROUP BY p.market_id, reason.key
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning did in a market."""

    planned: int = 0
    moved: int = 0
    late: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""
    failed_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class MarketWeek:
    """How a market stands: the last seven days of planning, and what waits there now."""

    market: Market
    planned: Planned
    overdue: int
    paused: int
    behind: int
    stuck: int
    lagging: int
    refused: Mapping[str, int]

    @property
    def needs_a_look(self) -> bool:
        """Whether something did not go as it should."""
        return any((self.overdue, self.paused, self.behind, self.stuck, self.lagging)) or bool(
            self.planned.failure
        )


def market_weeks(markets: Iterable[Market], *, now: dt.datetime) -> list[MarketWeek]:
    """Return how the open ones of ``markets`` stand, in a fixed number of queries.

    ``now`` is UTC; what is overdue or behind is so by each market's own day.
    """
    found = [market for market in markets if market.status == MarketStatus.OPEN]
    ids = [market.pk for market in found]
    planned = _planned(ids, now - LOOK_BACK)
    overdue = _overdue(ids, now)
    paused = dict(
        Run.objects.filter(status=RunStatus.PAUSED, market__in=ids)
        .order_by()
        .values_list("market")
        .annotate(Count("pk"))
    )
    paces = _paces(found, now)
    lagging = _lagging(ids)
    refused = _refused(ids, now - LOOK_BACK)
    return [
        MarketWeek(
            market=market,
            planned=planned.get(market.pk, Planned()),
            overdue=overdue.get(market.pk, 0),
            paused=paused.get(market.pk, 0),
            behind=paces[market.pk][Progress.BEHIND],
            stuck=paces[market.pk][Progress.STUCK],
            lagging=lagging[market.pk],
            refused=refused.get(market.pk, {}),
        )
        for market in found
    ]


def _planned(ids: Sequence[UUID], since: dt.datetime) -> dict[UUID, Planned]:
    passes = MarketPass.objects.filter(market__in=ids, at__gte=since)
    sums = (
        passes.order_by()
        .values_list("market")
        .annotate(planned=Sum("planned"), moved=Sum("moved"), late=Sum("late"))
    )
    reasons = _reasons(ids, since)
    failures = {
        record.market_id: record
        for record in passes.exclude(state=PassState.DONE)
        .order_by("market_id", "-at", "-pk")
        .distinct("market_id")
    }
    return {
        market: Planned(
            planned=planned,
            moved=moved,
            late=late,
            reasons=reasons.get(market, {}),
            failure=_why(failures[market]) if market in failures else "",
            failed_at=failures[market].at if market in failures else None,
        )
        for market, planned, moved, late in sums
    }


def _why(record: MarketPass) -> str:
    return record.failure or str(PassState(record.state).label)


def _reasons(ids: Sequence[UUID], since: dt.datetime) -> dict[UUID, dict[str, int]]:
    """Return how often planning moved something for each reason, the most frequent first."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    with tenant_cursor() as cursor:
        cursor.execute(
            REASONS, {"organization": current_organization(), "since": since, "markets": list(ids)}
        )
        for market, reason, count in sorted(cursor.fetchall(), key=lambda row: (-row[2], row[1])):
            found[market][reason] = count
    return found


def _overdue(ids: Collection[UUID], now: dt.datetime) -> dict[UUID, int]:
    tasks = Task.objects.to_do().filter(Todays.at(now).late(), account__market__in=ids)
    return dict(tasks.order_by().values_list("account__market").annotate(Count("pk")))


def _paces(markets: Sequence[Market], now: dt.datetime) -> Mapping[UUID, Counter[Progress]]:
    """Count the runs of each pace, as ``standing_of`` judges each."""
    runs = Run.objects.filter(status=RunStatus.ACTIVE, market__in=[each.pk for each in markets])
    rows = paced(runs, now=now, markets=markets).order_by().values_list("market", "pace")
    found: dict[UUID, Counter[Progress]] = defaultdict(Counter)
    for market, pace, count in rows.annotate(Count("pk")):
        found[market][Progress(pace)] = count
    return found


def _lagging(ids: Collection[UUID]) -> Counter[UUID]:
    """Count the playbooks of which a market carries out an older version than the one in force."""
    published = dict(
        PlaybookVersion.objects.filter(
            status=VersionStatus.PUBLISHED, playbook__archived_at=None
        ).values_list("playbook", "number")
    )
    editions = editions_in_force().filter(market__in=ids)
    rows = editions.values_list("market", "playbook", "playbook_version__number")
    return Counter(
        market for market, playbook, number in rows if number < published.get(playbook, 0)
    )


def _refused(ids: Collection[UUID], since: dt.datetime) -> dict[UUID, dict[str, int]]:
    """Return how often triggers started nothing for each reason, the most frequent first."""
    firings = (
        TriggerFiring.objects.filter(account__market__in=ids, at__gte=since)
        .exclude(result=FiringResult.STARTED)
        .order_by()
        .values_list("account__market", "result")
        .annotate(count=Count("pk"))
        .order_by("-count", "result")
    )
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for market, result, count in firings:
        found[market][result] = count
    return found
