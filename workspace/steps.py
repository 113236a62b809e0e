"""The steps from an empty organization to its first planned check-ins, read from its rows.

There is no record of the steps themselves: each is done when what it makes is there.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.choices import Tier
from accounts.models import Account
from playbooks.models import Cadence
from regions.choices import MarketStatus
from regions.models import Market
from tenants.models import Membership
from workspace import formats

if TYPE_CHECKING:
    from uuid import UUID

    from django.utils.functional import _StrPromise


class StepState(StrEnum):
    """Where a step stands."""

    DONE = "done"
    NEXT = "next"
    TO_DO = "to_do"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Step:
    """A step, with what it has led to so far."""

    name: str
    number: int
    title: "_StrPromise"
    said: str
    state: StepState

    @property
    def address(self) -> str:
        """The page of the step."""
        return reverse(f"workspace:start-{self.name}")


TITLES: "dict[str, _StrPromise]" = {
    "home": gettext_lazy("Set your home market"),
    "accounts": gettext_lazy("Bring your accounts"),
    "markets": gettext_lazy("Check the markets"),
    "tiers": gettext_lazy("Set the tiers"),
    "cadences": gettext_lazy("Choose the cadences"),
    "preview": gettext_lazy("See the coming fortnight"),
    "people": gettext_lazy("Invite the owners"),
    "open": gettext_lazy("Start"),
}
"""The steps in their order; a name is the end of its page's name."""

OPTIONAL = frozenset({"preview", "people"})


class Checklist:
    """How far the organization in force is: five queries, however large it is."""

    @cached_property
    def markets(self) -> list[Market]:
        """All markets, by name."""
        return list(Market.objects.select_related("region"))

    @cached_property
    def home(self) -> Market | None:
        """The market that the organization comes from."""
        return next((market for market in self.markets if market.is_home), None)

    @property
    def preparing(self) -> list[Market]:
        """The markets in which nothing is planned yet."""
        return [market for market in self.markets if market.status != MarketStatus.OPEN]

    @property
    def is_started(self) -> bool:
        """Whether check-ins are planned anywhere."""
        return any(market.status == MarketStatus.OPEN for market in self.markets)

    @cached_property
    def accounts_by_cell(self) -> dict[tuple[str, str], int]:
        """How many active accounts there are of each tier and stage."""
        counted: dict[tuple[str, str], int] = defaultdict(int)
        for (tier, stage, _market), count in self._accounts.items():
            counted[tier, stage] += count
        return counted

    @cached_property
    def accounts_by_market(self) -> "dict[UUID, int]":
        """How many active accounts each market has."""
        counted: dict[UUID, int] = defaultdict(int)
        for (_tier, _stage, market), count in self._accounts.items():
            counted[market] += count
        return counted

    @property
    def accounts(self) -> int:
        """How many active accounts there are."""
        return sum(self._accounts.values())

    @cached_property
    def cadences(self) -> list[Cadence]:
        """The cadences that hold, the global ones first."""
        found = Cadence.objects.filter(archived_at=None).select_related("region", "market")
        return sorted(found, key=lambda each: (each.market_id or each.region_id) is not None)

    @property
    def cells_without_cadence(self) -> list[tuple[str, str]]:
        """The tiers and stages that have accounts and nothing that holds for all of them."""
        covered = {
            (each.tier, each.stage)
            for each in self.cadences
            if each.market_id is None and each.region_id is None
        }
        return [cell for cell in self.accounts_by_cell if cell not in covered]

    @cached_property
    def waiting_members(self) -> int:
        """How many members have not joined yet."""
        return Membership.objects.filter(user=None, is_active=True).count()

    @cached_property
    def steps(self) -> list[Step]:
        """The steps; the first that is required and not done is the next one."""
        return list(self._steps())

    @property
    def can_start(self) -> bool:
        """Whether all that planning needs is there."""
        return all(
            step.state is StepState.DONE
            for step in self.steps
            if step.name not in OPTIONAL and step.name != "open"
        )

    @cached_property
    def _accounts(self) -> "dict[tuple[str, str, UUID], int]":
        rows = Account.objects.active().order_by().values_list("tier", "stage", "market_id")
        return {(tier, stage, pk): count for tier, stage, pk, count in rows.annotate(Count("pk"))}

    def _steps(self) -> Iterator[Step]:
        is_next = True
        readings = {
            "home": self._read_home,
            "accounts": self._read_accounts,
            "markets": self._read_markets,
            "tiers": self._read_tiers,
            "cadences": self._read_cadences,
            "preview": self._read_preview,
            "people": self._read_people,
            "open": self._read_open,
        }
        for number, (name, read) in enumerate(readings.items(), 1):
            done, said = read()
            if done:
                state = StepState.DONE
            elif name in OPTIONAL:
                state = StepState.OPTIONAL
            else:
                state = StepState.NEXT if is_next else StepState.TO_DO
                is_next = False
            yield Step(name, number, TITLES[name], said, state)

    def _read_home(self) -> tuple[bool, str]:
        if self.home is None:
            return False, _("Where your organization comes from; the library knows its calendar.")
        known = {"market": self.home, "region": self.home.region}
        return True, _("%(market)s, in %(region)s") % known

    def _read_accounts(self) -> tuple[bool, str]:
        if not self.accounts:
            return False, _("From a file of your CRM, by hand, or a few made-up ones to look at.")
        return True, self.said_accounts

    @property
    def said_accounts(self) -> str:
        """How many accounts there are, and in how many markets."""
        accounts, markets = self.accounts, len(self.accounts_by_market)
        return formats.listed(
            [
                ngettext("%(count)d account", "%(count)d accounts", accounts) % {"count": accounts},
                ngettext("%(count)d market", "%(count)d markets", markets) % {"count": markets},
            ]
        )

    def _read_markets(self) -> tuple[bool, str]:
        if not self.accounts:
            return False, _("Those of your accounts, with their weekends and holidays.")
        preparing = len(self.preparing)
        return True, formats.listed(
            [
                ngettext("%(count)d in preparation", "%(count)d in preparation", preparing)
                % {"count": preparing},
                _("%(count)d open") % {"count": len(self.markets) - preparing},
            ]
        )

    def _read_tiers(self) -> tuple[bool, str]:
        if not self.accounts:
            return False, _("Which accounts get how much attention, by their revenue.")
        counted = {
            tier: sum(
                count for (found, _stage), count in self.accounts_by_cell.items() if found == tier
            )
            for tier in Tier
        }
        return True, formats.listed([f"{tier.label} ({counted[tier]})" for tier in Tier])

    def _read_cadences(self) -> tuple[bool, str]:
        missing = len(self.cells_without_cadence)
        if not self.accounts or missing == len(self.accounts_by_cell):
            return False, _("How often each tier hears from you, through what, and what it gains.")
        if missing:
            return False, ngettext(
                "%(count)d tier and stage of your accounts has none yet",
                "%(count)d tiers and stages of your accounts have none yet",
                missing,
            ) % {"count": missing}
        count = len(self.cadences)
        own = sum(each.market_id is not None for each in self.cadences)
        said = [ngettext("%(count)d cadence", "%(count)d cadences", count) % {"count": count}]
        if own:
            said.append(
                ngettext("%(count)d for one market", "%(count)d for one market each", own)
                % {"count": own}
            )
        return True, formats.listed(said)

    def _read_preview(self) -> tuple[bool, str]:
        return False, _("Who would have how much to do on which day, and what moves for a holiday.")

    def _read_people(self) -> tuple[bool, str]:
        if not self.waiting_members:
            return False, _("Those who look after accounts; you can do this later, too.")
        return False, ngettext(
            "%(count)d member has not joined yet",
            "%(count)d members have not joined yet",
            self.waiting_members,
        ) % {"count": self.waiting_members}

    def _read_open(self) -> tuple[bool, str]:
        if not self.is_started:
            return False, _("Nothing is planned before.")
        waiting = [each for each in self.preparing if self.accounts_by_market.get(each.pk)]
        if waiting:
            return False, ngettext(
                "%(count)d market with accounts is not open yet",
                "%(count)d markets with accounts are not open yet",
                len(waiting),
            ) % {"count": len(waiting)}
        return True, _("Check-ins are planned every morning.")
