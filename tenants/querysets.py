"""Queries that know one organization only."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

from tenants.context import current_organization

if TYPE_CHECKING:
    from tenants.models import Membership

ModelT = TypeVar("ModelT", bound=models.Model)


class CurrentOrganization(models.Expression):
    """The organization in force, read when the SQL is compiled; raises when there is none."""

    output_field = models.UUIDField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Return a placeholder and the organization's id."""
        return "%s", [current_organization()]


class TenantManager(models.Manager[ModelT]):
    """Adds the organization in force to every query; raises when there is none."""

    def get_queryset(self) -> models.QuerySet[ModelT]:
        """Return the rows of the organization in force."""
        return super().get_queryset().filter(organization_id=CurrentOrganization())


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Members of the organization in force."""

    def with_invitation(self) -> "MembershipQuerySet":
        """Add ``invited_at``, when the invitation that is still open was sent, in one query."""
        still_open = models.Q(invitations__accepted_at=None, invitations__withdrawn_at=None)
        return self.annotate(
            open_invitation=models.FilteredRelation("invitations", condition=still_open),
            invited_at=models.F("open_invitation__sent_at"),
        )
