"""A large customer of ours: markets, people, cadences, and as many accounts as it takes."""

import datetime as dt
from dataclasses import dataclass
from itertools import product
from uuid import UUID

import psycopg

from accounts.choices import Stage, Tier
from engagement.choices import PassTrigger
from engagement.models import MarketPass
from playbooks.choices import CadenceMode
from playbooks.models import Cadence
from playbooks.services import save_cadence
from regions.library import load_library
from regions.models import Market, Region
from regions.services import adopt_market, save_market, save_region
from talent.models import Leave, WorkProfile
from talent.services import save_leave, save_work_profile
from tenants.choices import Role
from tenants.context import acting_for
from tenants.models import Organization
from tenants.services import add_member, create_organization, settle_in

# Where a market of the library is adopted again: a branch elsewhere, with other clocks.
ZONES = (
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Pacific/Auckland",
    "Europe/Lisbon",
)

PERSON_ON_LEAVE = 20
"""One CSM of so many is away in the days that are planned."""

RHYTHMS: dict[tuple[Tier, Stage], tuple[int, str, CadenceMode]] = {
    (Tier.TIER_1, Stage.ONBOARDING): (1, "weeks", CadenceMode.FIXED),
    (Tier.TIER_1, Stage.ADOPTION): (2, "weeks", CadenceMode.FIXED),
    (Tier.TIER_1, Stage.VALUE): (1, "months", CadenceMode.ELASTIC),
    (Tier.TIER_1, Stage.RENEWAL): (1, "weeks", CadenceMode.FIXED),
    (Tier.TIER_2, Stage.ONBOARDING): (2, "weeks", CadenceMode.ELASTIC),
    (Tier.TIER_2, Stage.ADOPTION): (1, "months", CadenceMode.FIXED),
    (Tier.TIER_2, Stage.VALUE): (6, "weeks", CadenceMode.ELASTIC),
    (Tier.TIER_2, Stage.RENEWAL): (2, "weeks", CadenceMode.FIXED),
    (Tier.TIER_3, Stage.ONBOARDING): (1, "months", CadenceMode.ELASTIC),
    (Tier.TIER_3, Stage.ADOPTION): (3, "months", CadenceMode.ELASTIC),
    (Tier.TIER_3, Stage.VALUE): (3, "months", CadenceMode.ELASTIC),
    (Tier.TIER_3, Stage.RENEWAL): (1, "months", CadenceMode.FIXED),
}

# A tenth is due: the horizon of this morning has just reached them. Of the others, those of an
# elastic cadence wait for their open check-in, and the rest lie beyond the horizon.
ACCOUNTS = """
INSERT INTO accounts_account (
    id, organization_id, version, market_id, owner_id, name, search_name, tier, stage, city,
    start_date, currency)
SELECT uuid7(), %(organization)s, 1, (%(markets)s::uuid[])[1 + number %% %(market_count)s],
       CASE WHEN owned > 0.95 THEN NULL
            WHEN owned > 0.85 THEN (%(csms)s::uuid[])[1 + floor(who * %(csm_count)s)::int]
            ELSE (%(csms)s::uuid[])[
                1 + (number %% %(market_count)s + %(market_count)s * floor(who * 3)::int)
                    %% %(csm_count)s] END,
       'Account ' || number, 'account ' || number,
       (ARRAY['tier_1', 'tier_2', 'tier_2', 'tier_3', 'tier_3', 'tier_3'])[
           1 + floor(tier * 6)::int],
       (ARRAY['onboarding', 'adoption', 'value', 'value', 'renewal'])[1 + floor(stage * 5)::int],
       '', %(today)s::date - 30 - floor(age * 1065)::int, 'USD'
FROM (SELECT number, random() AS owned, random() AS who, random() AS tier, random() AS stage,
             random() AS age
      FROM generate_series(1, %(accounts)s) AS number) AS drawn
"""

AGREEMENTS = """
INSERT INTO accounts_workingagreement (
    id, organization_id, version, account_id, weekdays, unit, channel, language, decides,
    escalation, hours_from, hours_to)
SELECT uuid7(), organization_id, 1, id, '{}', '', '', '', '', '', 600, 960
FROM accounts_account WHERE random() < 0.01
"""

ENROLMENTS = """
INSERT INTO engagement_enrolment (
    id, organization_id, account_id, market_id, cadence_id, origin, next_nominal, next_due,
    is_active)
SELECT uuid7(), organization_id, account_id, market_id, cadence_id,
       CASE WHEN unit = 'months'
            THEN nominal - make_interval(months => every * (nominal - start_date) / (31 * every))
            ELSE nominal - (nominal - start_date) / (7 * every) * (7 * every) END,
       CASE WHEN is_due OR NOT waits THEN nominal END,
       CASE WHEN is_due THEN %(today)s::date + 14 WHEN NOT waits THEN nominal END,
       true
FROM (
    SELECT a.organization_id, a.id AS account_id, a.market_id, a.start_date, c.id AS cadence_id,
           c.every, c.unit, is_due, NOT is_due AND c.mode = 'elastic' AS waits,
           %(today)s::date + CASE WHEN is_due THEN 8 + floor(random() * 4)::int
                                  ELSE 20 + floor(random() * 40)::int END AS nominal
    FROM (SELECT *, random() < 0.1 AS is_due FROM accounts_account) a
    JOIN playbooks_cadence c ON c.tier = a.tier AND c.stage = a.stage
) AS place
ORDER BY market_id  -- as planning enrols them
"""

TASKS = """
INSERT INTO engagement_task (
    id, organization_id, version, account_id, enrolment_id, cadence_id, owner_id, planned_by_id,
    nominal_date, due_date, due_at, status, needs_stand_in, is_flagged, outcome, note, reason)
SELECT uuid7(), e.organization_id, 1, e.account_id, e.id, e.cadence_id, a.owner_id, p.id,
       day, day, day + time '17:00', 'open', false, false, '', '', ''
FROM engagement_enrolment e
JOIN accounts_account a ON a.id = e.account_id
JOIN engagement_marketpass p ON p.market_id = e.market_id
CROSS JOIN LATERAL (SELECT %(today)s::date - 3 + (hashtext(e.id::text) & 15) AS day) AS drawn
"""
WAITING_ONLY = "WHERE e.next_nominal IS NULL"


@dataclass(frozen=True, slots=True)
class Company:
    """An organization with all that accounts need."""

    organization_id: UUID
    region_ids: list[UUID]
    market_ids: list[UUID]
    csm_ids: list[UUID]


def make_company(name: str, *, regions: int, markets: int, csms: int, today: dt.date) -> Company:
    """Make an organization through the services: regions, markets, people and cadences."""
    organization = create_organization(name=name)
    with acting_for(organization.pk, door="command"):
        region_rows = [
            save_region(Region(code=f"region-{number}", name=f"Region {number}"))
            for number in range(regions)
        ]
        market_rows = _adopt_markets(markets, region_rows)
        csm_ids = _hire(csms, organization, market_rows, today)
        for (tier, stage), (every, unit, mode) in RHYTHMS.items():
            save_cadence(
                Cadence(
                    tier=tier,
                    stage=stage,
                    title=f"{tier.label}, {stage.label}",
                    # Without a benefit it is internal, as most digital work is.
                    benefit="" if (tier, stage) == (Tier.TIER_3, Stage.ADOPTION) else "Progress.",
                    every=every,
                    unit=unit,
                    mode=mode,
                )
            )
        MarketPass.objects.bulk_create(
            MarketPass(market=market, trigger=PassTrigger.COMMAND, today=today)
            for market in market_rows
        )
    return Company(
        organization.pk,
        [region.pk for region in region_rows],
        [market.pk for market in market_rows],
        csm_ids,
    )


def add_accounts(
    connection: "psycopg.Connection[tuple[object, ...]]",
    company: Company,
    *,
    accounts: int,
    today: dt.date,
    a_task_each: bool = False,
) -> None:
    """Fill the tables by SQL: accounts, agreements, enrolments, and the check-ins open so far.

    ``connection`` is the superuser's. Neither audited nor checked: this stands for years of work.
    """
    values = {
        "organization": company.organization_id,
        "markets": company.market_ids,
        "market_count": len(company.market_ids),
        "csms": company.csm_ids,
        "csm_count": len(company.csm_ids),
        "accounts": accounts,
        "today": today,
    }
    connection.execute("SET session_replication_role = replica")
    connection.execute("SELECT setseed(0.5)")
    connection.execute(ACCOUNTS, values)
    connection.execute(AGREEMENTS)
    connection.execute("ANALYZE accounts_account")
    connection.execute(ENROLMENTS, values)
    connection.execute(TASKS if a_task_each else f"{TASKS} {WAITING_ONLY}", values)
    connection.execute("SET session_replication_role = DEFAULT")
    connection.execute("VACUUM (ANALYZE, FREEZE)")


def _adopt_markets(wanted: int, regions: list[Region]) -> list[Market]:
    codes = list(load_library())
    adopted: list[Market] = []
    for number, (branch, code) in zip(range(wanted), product(range(wanted), codes), strict=False):
        market = adopt_market(code=code, region=regions[number % len(regions)])
        # The library's code is free again for the next branch.
        market.code = f"{code}-{branch}"
        if branch:
            market.time_zone = ZONES[number % len(ZONES)]
        adopted.append(save_market(market))
    return adopted


def _hire(
    wanted: int, organization: Organization, markets: list[Market], today: dt.date
) -> list[UUID]:
    hired: list[UUID] = []
    for number in range(wanted):
        member = add_member(
            email=f"csm-{number}@{organization.slug}.example",
            name=f"Person {number}",
            role=Role.CSM,
        )
        home = markets[number % len(markets)]
        save_work_profile(WorkProfile(membership=member, home_market=home))
        if number % PERSON_ON_LEAVE == 0:
            start = today + dt.timedelta(days=10)
            save_leave(Leave(membership=member, start=start, end=start + dt.timedelta(days=4)))
        settle_in(membership_id=member.pk, at=member.organization.created_at)
        hired.append(member.pk)
    return hired
