"""Accounts with all that the days of their runs depend on."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.choices import Stage
from accounts.models import Account
from engagement.run_plan import AccountFacts
from engagement.services.enrolling import AGREED_COLUMNS
from engagement.timing import AgreedTiming, agreed_timing
from playbooks.schedule import DATES_OF_ACCOUNT, Anchor, dates_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account with all that its plan depends on."""

    pk: UUID
    market_id: UUID
    owner_id: UUID | None
    facts: AccountFacts
    dates: dict[Anchor, dt.date]
    agreed: AgreedTiming
    is_active: bool


def read_wanted(accounts: QuerySet[Account]) -> Iterator[Wanted]:
    """Read accounts with all that their plans depend on, in one query."""
    rows: Any = accounts.order_by("pk").values_list(
        *("pk", "market_id", "owner_id", "tier", "stage", "complexity", "attributes"),
        *(*DATES_OF_ACCOUNT.values(), "archived_at", "market__languages"),
        *("agreements__language", *AGREED_COLUMNS),
        named=True,
    )
    for row in rows:
        yield Wanted(
            pk=row.pk,
            market_id=row.market_id,
            owner_id=row.owner_id,
            facts=AccountFacts(
                tier=row.tier,
                stage=row.stage,
                complexity=row.complexity,
                language=row.agreements__language or row.market__languages[0],
                attributes=row.attributes,
            ),
            dates=dates_of(row),
            agreed=agreed_timing([getattr(row, name) for name in AGREED_COLUMNS]),
            is_active=row.archived_at is None and row.stage != Stage.CHURNED,
        )
