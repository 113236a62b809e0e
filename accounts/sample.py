"""A few made-up accounts, to look at the product before one's own data are in it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from accounts.choices import Stage, Tier
from accounts.models import Account
from regions.models import Market
from tenants.models import Membership

PREFIX = "SAMPLE-"
NOTICE_DAYS = 60


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    tier: Tier
    stage: Stage
    arr: int
    customer_since_days: int
    renewal_in_days: int


_SAMPLES = (
    _Sample("Sample: Northwind Foundry", Tier.TIER_1, Stage.ONBOARDING, 120_000, 20, 345),
    _Sample("Sample: Lindgrove Hospitals", Tier.TIER_1, Stage.VALUE, 96_000, 500, 230),
    _Sample("Sample: Ferrow Logistics", Tier.TIER_2, Stage.ADOPTION, 42_000, 120, 245),
    _Sample("Sample: Castellan Foods", Tier.TIER_2, Stage.VALUE, 38_000, 640, 90),
    _Sample("Sample: Orrin & Daughters", Tier.TIER_2, Stage.RENEWAL, 24_000, 335, 30),
    _Sample("Sample: Bluecap Studios", Tier.TIER_3, Stage.ONBOARDING, 9_000, 12, 353),
    _Sample("Sample: Harbor Street Books", Tier.TIER_3, Stage.ADOPTION, 7_500, 80, 285),
    _Sample("Sample: Millrace Tools", Tier.TIER_3, Stage.ADOPTION, 6_000, 150, 215),
    _Sample("Sample: Tallow Lane Dental", Tier.TIER_3, Stage.VALUE, 5_500, 410, 320),
    _Sample("Sample: Quarry Hill School", Tier.TIER_3, Stage.RENEWAL, 4_800, 340, 25),
)


def sample_accounts(*, market: Market, owner: Membership, today: dt.date) -> list[Account]:
    """Return the made-up accounts in a market, not saved; dates count from ``today``."""
    return [
        Account(
            market=market,
            owner=owner,
            external_id=f"{PREFIX}{number}",
            name=each.name,
            tier=each.tier,
            stage=each.stage,
            arr=Decimal(each.arr),
            currency=market.currency,
            start_date=today - dt.timedelta(days=each.customer_since_days),
            renewal_date=today + dt.timedelta(days=each.renewal_in_days),
            notice_deadline=today + dt.timedelta(days=each.renewal_in_days - NOTICE_DAYS),
        )
        for number, each in enumerate(_SAMPLES, 1)
    ]
