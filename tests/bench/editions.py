"""Editions: a playbook of forty steps resolved and judged for many markets, and published."""

import datetime as dt
import time
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.services import adopt_starting_set
from playbooks import services
from playbooks.changes import Level
from playbooks.documents import layer_of
from playbooks.models import (
    ContactBudget,
    EditionStep,
    Localization,
    LocalizationRevision,
    Playbook,
    PlaybookVersion,
)
from playbooks.services.bases import region_revisions
from regions.models import Market, Region
from talent.services import adopt_starting_roles
from tenants.context import acting_for
from tenants.models import Membership
from tests.bench.company import make_company
from tests.bench.laboratory import Laboratory, say, spread

REGIONS = 5
FEW, MANY = 40, 200
STEPS = 40

WORDS = "Read what was promised, ask what has changed, and write down who decides. " * 8
MESSAGE = "Dear {contact_name},\n\nI am {csm_name} of {company_name}. {step_outcome}\n\n" * 3
KINDS = ("internal", "call", "video", "email", "training", "in_person", "survey", "digital")


def run(laboratory: Laboratory, options: Namespace) -> None:
    """Measure few and many markets, half of them localized."""
    now = timezone.now()
    for markets in (FEW, MANY):
        with laboratory.copy("bench_editions"):
            _measure(laboratory, markets, options.rounds, now)


def _measure(laboratory: Laboratory, markets: int, rounds: int, now: dt.datetime) -> None:
    company = make_company("Editions", regions=REGIONS, markets=markets, csms=1, today=now.date())

    def as_leader(action: Callable[[Membership], object]) -> None:
        with acting_for(company.organization_id, door="command"):
            action(Membership.objects.get())

    as_leader(lambda by: _localize(_write(by, now), by, now))
    say(f"\na playbook of {STEPS} steps in {markets} markets, half of them localized")
    as_leader(lambda _by: _resolve(markets, rounds, now))
    _publish(laboratory, as_leader, rounds, now)


def _write(by: Membership, now: dt.datetime) -> PlaybookVersion:
    """Publish a playbook, with the rules that an organization starts with."""
    adopt_starting_set(by=by, at=now)
    adopt_starting_roles()
    for tier in ("tier_1", "tier_2", "tier_3"):
        services.save_budget(ContactBudget(tier=tier, most_touches=40))
    version = services.create_playbook(
        Playbook(key="onboarding", motion="onboarding"),
        PlaybookVersion(name="Onboarding", goal="The customer works with it every day."),
        by=by,
        steps=[_step(number) for number in range(STEPS)],
    )
    services.publish_version(version, by=by, at=now)
    return version


def _step(number: int) -> dict[str, Any]:
    return {
        "key": f"step-{number}",
        "title": f"Step {number}",
        "instructions": WORDS,
        "outcome": f"You know what comes {number} days from now.",
        "kind": KINDS[number % len(KINDS)],
        "owner_role": "local_csm",
        "offset": 1 + 2 * number,
        "depends_on": [f"step-{number - 1}"] if number else [],
        "checklist": ["The agenda is sent", "Everybody has the link"],
        "message": MESSAGE,
        "assumption": "direct" if number % 5 == 0 else "",
        "condition": {"tiers": ["tier_1", "tier_2"]} if number % 7 == 0 else {},
        "stakeholders": ["senior_sponsor"] if number % 9 == 0 else ["champion"],
        "translations": {
            language: {"title": f"Step {number}", "message": MESSAGE} for language in ("fr", "de")
        },
    }


def _localize(version: PlaybookVersion, by: Membership, now: dt.datetime) -> None:
    """Let every region and every second market change the playbook, each in its own way."""
    for region in Region.objects.all():
        _place(Localization(playbook=version.playbook, region=region), by, now, number=0)
    for number, market in enumerate(Market.objects.order_by("pk")):
        if number % 2:
            _place(Localization(playbook=version.playbook, market=market), by, now, number=number)


def _place(localization: Localization, by: Membership, now: dt.datetime, *, number: int) -> None:
    why = {"reason_kind": "culture", "reason": "A visit comes before a call here."}
    first = number % (STEPS - 4)
    changes: list[dict[str, Any]] = [
        {"action": "set", "step": f"step-{first}", "field": "kind", "value": "in_person"},
        {"action": "set", "step": f"step-{first + 1}", "field": "duration_minutes", "value": 90},
        {"action": "set", "step": f"step-{first + 2}", "field": "translations.es", "value": {}},
        {"action": "set", "step": f"step-{STEPS - 1}", "field": "offset", "value": 90 + number},
        {"action": "add", "step": f"own-{number}", "value": _own(number)},
    ]
    services.open_localization(
        localization, by=by, at=now, changes=[why | each for each in changes]
    )
    services.publish_localization(localization, by=by, at=now)


def _own(number: int) -> dict[str, Any]:
    step = _step(number % STEPS) | {"depends_on": [], "translations": {}}
    return {name: value for name, value in step.items() if name != "key"}


def _resolve(markets: int, rounds: int, now: dt.datetime) -> None:
    """Resolve and judge what every market carries out, and store nothing."""
    version = PlaybookVersion.objects.select_related("playbook").get()
    costs, counts = [], []
    for _ in range(rounds):
        with CaptureQueriesContext(connection) as captured:
            start = time.process_time()
            made = _make_all(version, now)
            costs.append(time.process_time() - start)
        counts.append(len(captured))
        assert len(made) == markets
        assert sum(bool(each.market_revision) for each in made) == markets // 2
    say(f"  resolved and judged            CPU {spread(costs)} s, {counts[-1]} queries")


def _make_all(version: PlaybookVersion, now: dt.datetime) -> list[services.MarketEdition]:
    press = services.Press(version, now)
    of_regions = region_revisions(version.playbook)
    of_markets = {
        revision.localization.market_id: revision
        for revision in LocalizationRevision.objects.filter(localization__market__isnull=False)
        .select_related("localization")
        .order_by("number")
    }
    return [
        press.make(
            market,
            (
                layer_of(Level.REGION, of_regions[market.region_id]),
                layer_of(Level.MARKET, of_markets.get(market.pk)),
            ),
            region_revision=of_regions[market.region_id],
            market_revision=of_markets.get(market.pk),
        )
        for market in Market.objects.all()
    ]


def _publish(
    laboratory: Laboratory,
    as_leader: Callable[[Callable[[Membership], object]], None],
    rounds: int,
    now: dt.datetime,
) -> None:
    """Publish a region with its markets, and a playbook that nobody has localized yet."""
    stored: list[int] = []

    def region(by: Membership) -> None:
        localization = Localization.objects.exclude(region=None).earliest("pk")
        before = EditionStep.objects.count()
        services.publish_localization(localization, by=by, at=now)
        stored.append(EditionStep.objects.count() - before)

    def everywhere(by: Membership) -> None:
        version = services.create_playbook(
            Playbook(key=f"again-{len(stored)}", motion="onboarding"),
            PlaybookVersion(name="Onboarding", goal="The customer works with it every day."),
            by=by,
            steps=[_step(number) for number in range(STEPS)],
        )
        before = EditionStep.objects.count()
        services.publish_version(version, by=by, at=now)
        stored.append(EditionStep.objects.count() - before)

    for name, action in (("a region published", region), ("all markets published", everywhere)):
        costs = [laboratory.measure(lambda: as_leader(action)) for _ in range(rounds)]  # noqa: B023
        say(f"  {name:30} {spread([cost.wall for cost in costs])} s,")
        say(
            f"  {stored[-1]:6} steps stored            CPU {spread([cost.cpu for cost in costs])} s"
        )
