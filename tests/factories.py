"""Rows to test with, made through the services where a service exists.

All of them need an organization in force: see ``Cast.acting``.
"""

import datetime as dt
from itertools import count
from typing import Any

from django.utils import timezone

from accounts import services as accounts_services
from accounts.models import Account, Contact, WorkingAgreement
from engagement import services as engagement_services
from engagement.models import Trigger
from playbooks import services as playbooks_services
from playbooks.models import Cadence, Localization, Playbook, PlaybookVersion
from regions import services as regions_services
from regions.models import Market, Region
from talent import services as talent_services
from talent.models import WorkProfile
from tenants.models import Membership

_numbers = count(1)


def region(**values: Any) -> Region:
    """Make a region."""
    number = next(_numbers)
    return regions_services.save_region(
        Region(**{"code": f"region-{number}", "name": f"Region {number}"} | values)
    )


def market(code: str = "FR", *, in_region: Region | None = None) -> Market:
    """Adopt a market of the library, once."""
    found = Market.objects.filter(code=code).first()
    return found or regions_services.adopt_market(code=code, region=in_region)


def handmade_market(**values: Any) -> Market:
    """Make a market that the library lacks."""
    number = next(_numbers)
    defaults = {
        "code": f"M{number}",
        "name": f"Market {number}",
        "country": "EG",
        "time_zone": "Africa/Cairo",
        "languages": ["ar-EG"],
    }
    if "region" not in values:
        values["region"] = region()
    return regions_services.save_market(Market(**defaults | values))


def account(**values: Any) -> Account:
    """Make an account, in France unless told otherwise."""
    number = next(_numbers)
    if "market" not in values:
        values["market"] = market("FR")
    defaults = {
        "name": f"Account {number}",
        "tier": "tier_1",
        "stage": "value",
        "start_date": dt.date(2025, 1, 6),
    }
    return accounts_services.save_account(Account(**defaults | values))


def contact(**values: Any) -> Contact:
    """Make a contact."""
    if "account" not in values:
        values["account"] = account()
    return accounts_services.save_contact(Contact(**{"name": "Camille Roy"} | values))


def agreement(**values: Any) -> WorkingAgreement:
    """Make a working agreement."""
    if "account" not in values:
        values["account"] = account()
    return accounts_services.save_agreement(WorkingAgreement(**values))


def cadence(**values: Any) -> Cadence:
    """Make a cadence: a call every month."""
    defaults = {
        "tier": "tier_1",
        "stage": "value",
        "title": "Monthly call",
        "benefit": "Open questions are answered before they become problems.",
        "every": 1,
        "unit": "months",
        "mode": "fixed",
        "channel": "call",
    }
    return playbooks_services.save_cadence(Cadence(**defaults | values))


def home_market(membership: Membership, home: Market) -> WorkProfile:
    """Give a member a home market."""
    return talent_services.save_work_profile(WorkProfile(membership=membership, home_market=home))


def step(key: str = "kickoff", **values: Any) -> dict[str, Any]:
    """Return a step as it is written: a call two working days after the start."""
    defaults = {
        "key": key,
        "title": f"Do {key}",
        "outcome": f"You have {key} behind you.",
        "kind": "call",
        "channel": "call",
        "offset": 2,
    }
    return defaults | values


def playbook(*steps: dict[str, Any], key: str = "", **values: Any) -> PlaybookVersion:
    """Make a playbook for onboarding, as a draft."""
    key = key or f"playbook-{next(_numbers)}"
    return playbooks_services.create_playbook(
        Playbook(key=key, motion="onboarding"),
        PlaybookVersion(**{"name": f"Playbook {key}", "goal": "It runs."} | values),
        by=None,
        steps=steps or (step(),),
    )


def published(
    *steps: dict[str, Any], by: Membership, at: dt.datetime | None = None, **values: Any
) -> PlaybookVersion:
    """Make a playbook and publish it."""
    version = playbook(*steps, **values)
    playbooks_services.publish_version(version, by=by, at=at or timezone.now())
    return version


def change(
    step: str = "kickoff", field: str = "", value: Any = None, **values: Any
) -> dict[str, Any]:
    """Return a change of a localization as it is written, with a reason."""
    defaults = {
        "action": "set" if field else "drop",
        "step": step,
        "field": field,
        "value": value,
        "reason_kind": "culture",
        "reason": "A visit comes before a call here.",
    }
    return defaults | values


def localization(
    version: PlaybookVersion, place: Market | Region, *changes: dict[str, Any], **values: Any
) -> Localization:
    """Make a localization of a playbook for a market or a region."""
    where = {"market": place} if isinstance(place, Market) else {"region": place}
    return playbooks_services.open_localization(
        Localization(playbook=version.playbook, **where, **values),
        by=None,
        at=timezone.now(),
        changes=changes,
    )


def trigger(playbook: Playbook, kind: str, **values: Any) -> Trigger:
    """Make a trigger, switched on."""
    defaults = {"name": f"Trigger {next(_numbers)}", "is_active": True}
    return engagement_services.save_trigger(
        Trigger(playbook=playbook, kind=kind, **defaults | values)
    )
