"""Writing very many accounts in a few statements, inside the caller's transaction."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

import orjson

from accounts import events
from accounts.imports.plan import Owner, Plan, Write
from accounts.models import Account
from accounts.signals import accounts_changed, contract_dates_changed
from regions.choices import MarketStatus
from regions.services import adopt_market
from tenants.choices import Role
from tenants.context import current_organization, tenant_cursor
from tenants.services import Person, prepare_members
from toolkit.conditions import one_of
from toolkit.uuid7 import uuid7

CHUNK = 5000

ROWS = """
json_to_recordset(%(rows)s::json) AS row (
    id uuid, market_id uuid, owner_id uuid, name text, search_name text, external_id text,
    tier text, stage text, city text, start_date date, renewal_date date, notice_deadline date,
    arr numeric, currency text)
"""

INSERT = f"""
INSERT INTO accounts_account (
    id, organization_id, version, market_id, owner_id, name, search_name, external_id, tier,
    stage, city, start_date, renewal_date, notice_deadline, arr, currency)
SELECT id, %(organization)s, 1, market_id, owner_id, name, search_name, external_id, tier, stage,
       city, start_date, renewal_date, notice_deadline, arr, currency
FROM {ROWS}
"""  # noqa: S608  # put together from our own texts

UPDATE = f"""
UPDATE accounts_account a
SET version = a.version + 1, market_id = row.market_id, owner_id = row.owner_id, name = row.name,
    search_name = row.search_name, external_id = row.external_id, tier = row.tier,
    stage = row.stage, city = row.city, start_date = row.start_date,
    renewal_date = row.renewal_date, notice_deadline = row.notice_deadline, arr = row.arr,
    currency = row.currency
FROM {ROWS}
WHERE a.organization_id = %(organization)s AND a.id = row.id
"""  # noqa: S608

Report = Callable[[int], None]


def write(plan: Plan, report: Report) -> None:
    """Adopt markets, prepare members, write the accounts, and tell who plans by them.

    ``report`` is told how many accounts are written.
    """
    markets = {
        code: adopt_market(code=code, status=MarketStatus.PREPARING).pk
        for code in plan.markets_to_adopt()
    }
    members = _prepare(plan.members_to_prepare().values())
    follow: list[UUID] = []
    done = 0
    for statement, writes, tell in (
        (INSERT, plan.new, events.created),
        (UPDATE, plan.changed, events.updated),
    ):
        rows = (_row(each, markets, members, follow) for each in writes.values())
        for chunk in _chunks(rows):
            with tenant_cursor() as cursor:
                cursor.execute(
                    statement,
                    {
                        "organization": current_organization(),
                        "rows": orjson.dumps(chunk, default=str).decode(),
                    },
                )
            tell([row["id"] for row in chunk])
            done += len(chunk)
            report(done)
    dated = [each.values["id"] for each in plan.changed.values() if each.contract_dates]
    if dated:
        contract_dates_changed.send(
            sender=Account, accounts=Account.objects.filter(one_of("pk", dated))
        )
    if follow:
        accounts_changed.send(sender=Account, accounts=Account.objects.filter(one_of("pk", follow)))


def _prepare(owners: Iterable[Owner]) -> dict[str, UUID]:
    people = [Person(owner.email, owner.name, Role.CSM) for owner in owners]
    return {email: member.pk for email, member in prepare_members(people).items()}


def _row(
    each: Write, markets: dict[str, UUID], members: dict[str, UUID], follow: list[UUID]
) -> dict[str, Any]:
    row = dict(each.values)
    row.setdefault("id", uuid7())
    row.pop("archived_at", None)
    if each.place:
        row["market_id"] = each.place.market_id or markets[each.place.code]
    if each.owner:
        row["owner_id"] = each.owner.member_id or members[each.owner.email]
    if each.planning:
        follow.append(row["id"])
    return row


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
