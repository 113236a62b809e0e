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
from playbooks.schedule import Anchor


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account with all that its plan depends on."""

    pk: UUID
    market_id: UUID
    owner_id: UUID | None
    facts: AccountFacts
    start_date: dt.date
    renewal_date: dt.date | None
    agreed: AgreedTiming
    is_active: bool

    @property
    def dates(self) -> dict[Anchor, dt.date]:
        """The dates of the account that steps may count from."""
        dates = {Anchor.CONTRACT_START: self.start_date, Anchor.RENEWAL: self.renewal_date}
        return {anchor: day for anchor, day in dates.items() if day}


def read_wanted(accounts: QuerySet[Account]) -> Iterator[Wanted]:
    """Read accounts with all that their plans depend on, in one query."""
    rows: Any = accounts.order_by("pk").values_list(
        *("pk", "market_id", "owner_id", "tier", "stage", "complexity", "attributes"),
        *("start_date", "renewal_date", "archived_at", "market__languages"),
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
            start_date=row.start_date,
            renewal_date=row.renewal_date,
            agreed=agreed_timing([getattr(row, name) for name in AGREED_COLUMNS]),
            is_active=row.archived_at is None and row.stage != Stage.CHURNED,
        )
