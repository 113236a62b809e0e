"""Tiers by revenue: where they begin, and what they hold.

Source: "A Practical View of Your Customers": customers in descending order of revenue, the first
tenth with a CSM of their own, the next fifth with a lower touch that is still personal, the rest
digital.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Count,
    DecimalField,
    F,
    Max,
    Min,
    Q,
    Sum,
    Value,
    When,
)

from accounts.choices import Tier
from accounts.models import Account
from accounts.querysets import AccountQuerySet

FIRST_TENTH, FIRST_THREE_TENTHS = 0.1, 0.3


@dataclass(frozen=True, slots=True)
class Floors:
    """The ARR, in one currency, from which an account is in tier 1, and from which in tier 2."""

    tier_1: Decimal
    tier_2: Decimal


FloorsByCurrency = Mapping[str, Floors]


@dataclass(frozen=True, slots=True)
class Segment:
    """What a tier holds in one currency, and its share of the revenue there in per cent."""

    tier: Tier
    accounts: int
    arr: Decimal
    share: int


def accounts_with_arr() -> AccountQuerySet:
    """Return the active accounts whose revenue is known."""
    return Account.objects.active().filter(arr__isnull=False).order_by()


def propose_floors() -> dict[str, Floors]:
    """Return floors by currency, such that a tenth is in tier 1 and the next fifth in tier 2."""
    rows = (
        accounts_with_arr()
        .values_list("currency")
        .annotate(tier_1=_arr_of(FIRST_TENTH), tier_2=_arr_of(FIRST_THREE_TENTHS))
        .order_by("currency")
    )
    return {currency: Floors(tier_1, tier_2) for currency, tier_1, tier_2 in rows}


def floors_in_force() -> dict[str, Floors]:
    """Return the floors that the accounts' tiers follow, for the currencies in which they do."""
    spans: dict[str, dict[str, tuple[Decimal, Decimal]]] = defaultdict(dict)
    rows = accounts_with_arr().values_list("currency", "tier")
    for currency, tier, least, most in rows.annotate(least=Min("arr"), most=Max("arr")):
        spans[currency][tier] = least, most
    return {
        currency: Floors(found[Tier.TIER_1][0], found[Tier.TIER_2][0])
        for currency, found in spans.items()
        if _descend([found[tier] for tier in Tier if tier in found])
        and {Tier.TIER_1, Tier.TIER_2} <= found.keys()
    }


def segments(floors: FloorsByCurrency | None = None) -> dict[str, list[Segment]]:
    """Return what each tier holds by currency: as it is, or as ``floors`` would have it."""
    tier = F("tier") if floors is None else tier_by(floors)
    rows = (
        accounts_with_arr()
        .annotate(segment=tier)
        .values_list("currency", "segment")
        .annotate(accounts=Count("pk"), revenue=Sum("arr"))
    )
    found: dict[str, dict[str, tuple[int, Decimal]]] = defaultdict(dict)
    for currency, segment, accounts, revenue in rows:
        found[currency][segment] = accounts, revenue
    return {currency: _segments(found[currency]) for currency in sorted(found)}


def moved_by(floors: FloorsByCurrency) -> AccountQuerySet:
    """Return the accounts whose tier ``floors`` would change, with the ``new_tier``."""
    accounts = accounts_with_arr().filter(currency__in=list(floors))
    return accounts.annotate(new_tier=tier_by(floors)).exclude(tier=F("new_tier"))


def tier_by(floors: FloorsByCurrency) -> Case:
    """Return the tier of an account by its revenue; in a currency without floors it stays."""
    cases = []
    for currency, floor in floors.items():
        here = Q(currency=currency)
        cases += [
            When(here & Q(arr__gte=floor.tier_1), then=Value(Tier.TIER_1.value)),
            When(here & Q(arr__gte=floor.tier_2), then=Value(Tier.TIER_2.value)),
            When(here, then=Value(Tier.TIER_3.value)),
        ]
    return Case(*cases, default=F("tier"), output_field=CharField())


class _ArrOf(Aggregate):
    function = "PERCENTILE_DISC"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s DESC)"


def _arr_of(fraction: float) -> Aggregate:
    """Return the least ARR among the given fraction of accounts with the most."""
    return _ArrOf("arr", fraction=fraction, output_field=DecimalField())


def _descend(spans: list[tuple[Decimal, Decimal]]) -> bool:
    """Tell whether each span lies above the one that follows."""
    return all(least > most for (least, _), (_, most) in zip(spans, spans[1:], strict=False))


def _segments(found: Mapping[str, tuple[int, Decimal]]) -> list[Segment]:
    total = sum((revenue for _, revenue in found.values()), Decimal())
    return [
        Segment(tier, accounts, revenue, round(100 * revenue / total) if total else 0)
        for tier in Tier
        for accounts, revenue in [found.get(tier, (0, Decimal()))]
    ]
