"""Every write on contact budgets."""

from playbooks.models import ContactBudget
from toolkit.storage import store


def save_budget(budget: ContactBudget) -> ContactBudget:
    """Save a new or changed contact budget; playbooks are judged by it from now on."""
    return store(budget)


def remove_budget(budget: ContactBudget) -> None:
    """Remove a contact budget; the next wider one holds instead."""
    budget.delete()
