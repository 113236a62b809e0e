"""The base of every task that works for one organization."""

from typing import Any
from uuid import UUID

from celery import Task

from tenants.context import acting_for


class MissingOrganization(RuntimeError):
    """A task that works for one organization was sent without saying for which."""


class OrganizationTask(Task):  # type: ignore[type-arg]
    """Take ``organization_id`` and put it in force; refuse to run without.

    A task that is a series of transactions sets ``one_transaction`` to False and acts itself.
    """

    abstract = True
    one_transaction = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task for its organization."""
        try:
            organization_id = UUID(kwargs["organization_id"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise MissingOrganization(self.name) from None
        if not self.one_transaction:
            return super().__call__(*args, **kwargs)
        with acting_for(organization_id, door="worker"):
            return super().__call__(*args, **kwargs)
