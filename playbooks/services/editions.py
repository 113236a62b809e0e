"""Resolving a version for many markets, judging what comes out, and keeping it.

All that is needed is loaded once, in a number of queries that does not grow with the markets.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from django.db.models import Max

from accounts.models import AccountAttribute
from governance.facts import StepFacts
from governance.findings import Finding
from governance.guardrails import Guardrail, judge
from governance.services import guardrails_for
from governance.vocabulary import Motion
from playbooks.assumptions import Report
from playbooks.changes import Layer, StepDocument
from playbooks.checks import check_steps
from playbooks.documents import header_of, version_steps
from playbooks.facts import edition_facts, step_facts
from playbooks.fields import empty_step
from playbooks.models import (
    Edition,
    EditionStep,
    LocalizationRevision,
    Playbook,
    PlaybookVersion,
)
from playbooks.records import origin_record, origin_records
from playbooks.resolution import Resolved, resolve
from playbooks.services.budgets import ContactRules
from playbooks.wording import finding_record
from regions.dimensions import Side
from regions.library import Scope
from regions.models import CulturalStatement, Market
from regions.models.profile import CONFIRMATION_HOLDS_DAYS
from talent.models import Role
from tenants.context import audit_covered_by
from toolkit.uuid7 import uuid7


@dataclass(frozen=True, slots=True)
class MarketEdition:
    """What one market would carry out, from what it is made, and what is wrong with it."""

    market: Market
    resolved: Resolved
    findings: tuple[Finding, ...]
    region_revision: LocalizationRevision | None = None
    market_revision: LocalizationRevision | None = None


@dataclass(frozen=True)
class Press:
    """Makes the editions of one version. Judges are loaded when the first one is judged."""

    version: PlaybookVersion
    now: dt.datetime

    @cached_property
    def playbook(self) -> Playbook:
        """The playbook whose version it is."""
        return self.version.playbook

    @cached_property
    def global_steps(self) -> tuple[StepDocument, ...]:
        """The steps as the version has them."""
        return version_steps(self.version)

    def resolve(self, *layers: Layer) -> Resolved:
        """Return what layers make of the version."""
        return resolve(header_of(self.version), self.global_steps, layers, empty=empty_step())

    def judge_version(self) -> list[Finding]:
        """Return what is wrong with the version itself, before any market."""
        return self._judge(self.resolve(), None)

    def make(
        self,
        market: Market,
        layers: Sequence[Layer] = (),
        *,
        region_revision: LocalizationRevision | None = None,
        market_revision: LocalizationRevision | None = None,
    ) -> MarketEdition:
        """Resolve and judge what one market would carry out."""
        resolved = self.resolve(*layers)
        findings = tuple(self._judge(resolved, market))
        return MarketEdition(market, resolved, findings, region_revision, market_revision)

    def _judge(self, resolved: Resolved, market: Market | None) -> list[Finding]:
        """Return all that is wrong: in itself, by the guardrails, and by the contact budget."""
        code = market.code if market else ""
        in_itself = [*resolved.misfits, *self._check(resolved.steps)]
        facts = edition_facts(
            resolved.steps,
            playbook=self.playbook.key,
            motion=Motion(self.playbook.motion),
            base=self._base,
            market=code,
            sides=(report.side for report in self.reports[market.pk]) if market else (),
        )
        return [
            *(replace(finding, market=code) for finding in in_itself),
            *judge(facts, self._guardrails),
            *self._contact_rules.judge(
                facts, market, tiers=self.version.tiers, stages=self.version.stages
            ),
        ]

    def _check(self, steps: Sequence[StepDocument]) -> tuple[Finding, ...]:
        return check_steps(steps, roles=self._roles, attributes=self._attributes)

    @cached_property
    def _base(self) -> Mapping[str, StepFacts]:
        return {facts.key: facts for facts in step_facts(self.global_steps)}

    @cached_property
    def _guardrails(self) -> list[Guardrail]:
        return guardrails_for(self.playbook.motion, self.playbook.key)

    @cached_property
    def _roles(self) -> frozenset[str]:
        return frozenset(Role.objects.filter(archived_at=None).values_list("code", flat=True))

    @cached_property
    def _attributes(self) -> frozenset[str]:
        known = AccountAttribute.objects.filter(archived_at=None)
        return frozenset(known.values_list("key", flat=True))

    @cached_property
    def _contact_rules(self) -> ContactRules:
        return ContactRules()

    @cached_property
    def reports(self) -> Mapping[UUID, list[Report]]:
        """What the profile of each market says, as far as its local team stands behind it."""
        return confirmed_reports(self.now)


def resolve_version(version: PlaybookVersion, *layers: Layer) -> Resolved:
    """Return what layers make of a version, in one query."""
    return resolve(header_of(version), version_steps(version), layers, empty=empty_step())


def confirmed_reports(now: dt.datetime) -> Mapping[UUID, list[Report]]:
    """Return the reports about customers that local teams confirmed within a year, by market."""
    since = now - dt.timedelta(days=CONFIRMATION_HOLDS_DAYS)
    statements = CulturalStatement.objects.filter(
        withdrawn_at=None, confirmed_at__gte=since, scope=Scope.CUSTOMERS
    ).exclude(side="")
    found: dict[UUID, list[Report]] = defaultdict(list)
    for pk, market, side in statements.values_list("pk", "market_id", "side"):
        found[market].append(Report(str(pk), Side(side)))
    return found


def keep_editions(press: Press, made: Iterable[MarketEdition]) -> list[Edition]:
    """Store editions, each as the next of its market. The caller holds the playbook's lock."""
    made = list(made)
    last = dict(
        Edition.objects.filter(playbook=press.playbook)
        .values_list("market")
        .annotate(last=Max("number"))
        .order_by()
    )
    editions = [
        Edition(
            pk=uuid7(),
            playbook=press.playbook,
            market=each.market,
            number=last.get(each.market.pk, 0) + 1,
            playbook_version=press.version,
            region_revision=each.region_revision,
            market_revision=each.market_revision,
            header=_header_record(each.resolved),
            dropped={
                key: {"title": step.fields["title"], "origin": origin_record(origin)}
                for key, (step, origin) in each.resolved.dropped.items()
            },
            findings=[finding_record(finding) for finding in each.findings],
        )
        for each in made
    ]
    Edition.objects.bulk_create(editions)
    rows = [
        EditionStep(
            edition=edition,
            key=step.key,
            position=step.fields["position"],
            fields=dict(step.fields),
            origins=origin_records(step),
        )
        for edition, each in zip(editions, made, strict=True)
        for step in each.resolved.steps
    ]
    # Each edition has an audit entry of its own, which covers its steps.
    with audit_covered_by(press.version.pk):
        EditionStep.objects.bulk_create(rows, batch_size=2000)
    return editions


def _header_record(resolved: Resolved) -> dict[str, object]:
    return {"fields": dict(resolved.header.fields), "origins": origin_records(resolved.header)}
