"""The leaders' workshop: playbooks, localizations, contact budgets and cadences."""

from playbooks.admin.budgets import ContactBudgetAdmin
from playbooks.admin.cadences import CadenceAdmin
from playbooks.admin.editions import EditionAdmin
from playbooks.admin.localizations import LocalizationAdmin
from playbooks.admin.playbooks import PlaybookAdmin
from playbooks.admin.steps import StepAdmin
from playbooks.admin.versions import PlaybookVersionAdmin
from playbooks.admin.worklist import AssumptionDecisionAdmin

__all__ = [
    "AssumptionDecisionAdmin",
    "CadenceAdmin",
    "ContactBudgetAdmin",
    "EditionAdmin",
    "LocalizationAdmin",
    "PlaybookAdmin",
    "PlaybookVersionAdmin",
    "StepAdmin",
]
