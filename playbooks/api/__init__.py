"""The API of layer 2: playbooks, what places make of them, cadences and contact budgets."""

from playbooks.api.assumptions import AssumptionDecisionViewSet
from playbooks.api.budgets import ContactBudgetViewSet
from playbooks.api.cadences import CadenceRevisionViewSet, CadenceViewSet
from playbooks.api.editions import EditionViewSet
from playbooks.api.library import LibraryPlaybookViewSet
from playbooks.api.localizations import LocalizationViewSet
from playbooks.api.playbooks import PlaybookViewSet
from playbooks.api.revisions import LocalizationRevisionViewSet
from playbooks.api.versions import PlaybookVersionViewSet

__all__ = [
    "AssumptionDecisionViewSet",
    "CadenceRevisionViewSet",
    "CadenceViewSet",
    "ContactBudgetViewSet",
    "EditionViewSet",
    "LibraryPlaybookViewSet",
    "LocalizationRevisionViewSet",
    "LocalizationViewSet",
    "PlaybookVersionViewSet",
    "PlaybookViewSet",
]
