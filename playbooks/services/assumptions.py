"""Which steps deserve a localization, and what somebody decided on them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from playbooks.assumptions import Question, open_questions
from playbooks.changes import StepDocument
from playbooks.documents import edition_contents
from playbooks.models import AssumptionDecision, Edition, Playbook
from playbooks.services.editions import confirmed_reports
from playbooks.services.reading import editions_in_force
from regions.models import CulturalStatement, Market
from tenants.models import Membership
from toolkit.storage import store


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A step of a market's edition that rests on what the market's profile denies."""

    market: Market
    edition: Edition
    step: StepDocument
    question: Question
    statements: tuple[CulturalStatement, ...]


@transaction.atomic
def decide_assumption(
    decision: AssumptionDecision, *, by: Membership, at: dt.datetime
) -> AssumptionDecision:
    """Note that a step is fine in a market as it is, and why."""
    decision.decided_by, decision.decided_at = by, at
    return store(decision)


def withdraw_decision(decision: AssumptionDecision) -> None:
    """Ask again about a step."""
    decision.delete()


def worklist(
    playbook: Playbook | None = None, *, now: dt.datetime, market: Market | None = None
) -> list[OpenQuestion]:
    """Return the steps that deserve a localization, by market's name.

    Of one playbook, or of all that are worked with.

    In a number of queries that does not grow with the markets.
    """
    reports = confirmed_reports(now)
    decided = _decisions(playbook)
    found: list[tuple[Edition, StepDocument, Question]] = []
    editions = editions_in_force(playbook, market).prefetch_related("steps")
    if playbook is None:
        editions = editions.filter(playbook__archived_at=None)
    for edition in editions:
        steps = {step.key: step for step in edition_contents(edition).steps}
        here = reports.get(edition.market_id, ())
        for question in open_questions(steps.values(), here, decided[_place(edition)]):
            found.append((edition, steps[question.step], question))
    statements = CulturalStatement.objects.in_bulk(
        {UUID(report.id) for _edition, _step, question in found for report in question.reports}
    )
    found.sort(key=lambda each: (each[0].market.name, each[0].playbook.key))
    return [
        OpenQuestion(
            edition.market,
            edition,
            step,
            question,
            tuple(statements[UUID(report.id)] for report in question.reports),
        )
        for edition, step, question in found
    ]


def _decisions(playbook: Playbook | None) -> Mapping[tuple[UUID, UUID], set[tuple[str, str]]]:
    """Return what was decided, by playbook and market."""
    decided: dict[tuple[UUID, UUID], set[tuple[str, str]]] = defaultdict(set)
    rows = AssumptionDecision.objects.all()
    if playbook:
        rows = rows.filter(playbook=playbook)
    for row in rows:
        decided[row.playbook_id, row.market_id].add((row.step, row.assumption))
    return decided


def _place(edition: Edition) -> tuple[UUID, UUID]:
    return edition.playbook_id, edition.market_id
