"""Authoring: playbooks, what places make of them, cadences and contact budgets."""

from playbooks.models.assumption import AssumptionDecision
from playbooks.models.budget import ContactBudget
from playbooks.models.cadence import Cadence, CadenceRevision
from playbooks.models.edition import Edition, EditionStep
from playbooks.models.localization import LocalChange, Localization, LocalizationRevision
from playbooks.models.playbook import Playbook, PlaybookVersion
from playbooks.models.step import Step

__all__ = [
    "AssumptionDecision",
    "Cadence",
    "CadenceRevision",
    "ContactBudget",
    "Edition",
    "EditionStep",
    "LocalChange",
    "Localization",
    "LocalizationRevision",
    "Playbook",
    "PlaybookVersion",
    "Step",
]
