"""Filters of accounts, of what they were promised, and of what their customers see."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models

from accounts.choices import PromiseStatus, Stage
from accounts.names import prefix_range

if TYPE_CHECKING:
    from accounts.models import Account, AgreementLink, ContactConsent, Promise


def is_active(path: str = "") -> models.Q:
    """Return the condition that an account is planned; ``path`` leads there, with its ``__``."""
    return models.Q(**{f"{path}archived_at": None}) & ~models.Q(**{f"{path}stage": Stage.CHURNED})


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts of the organization in force."""

    def active(self) -> "AccountQuerySet":
        """Keep those that are planned: neither archived nor churned."""
        return self.filter(is_active())

    def named_like(self, text: str) -> "AccountQuerySet":
        """Keep those whose name begins with ``text``, whatever its case and accents."""
        start, end = prefix_range(text)
        return self.filter(search_name__gte=start, search_name__lt=end)

    def for_list(self) -> "AccountQuerySet":
        """Load all that a list shows, in one query."""
        return self.select_related("market", "owner")


class PromiseQuerySet(models.QuerySet["Promise"]):
    """Promises of the organization in force."""

    def open(self) -> "PromiseQuerySet":
        """Keep what is neither kept nor broken."""
        return self.filter(status=PromiseStatus.OPEN)

    def owned_by(self, membership_id: UUID) -> "PromiseQuerySet":
        """Keep what one member has to see to."""
        return self.filter(owner_id=membership_id)

    def for_list(self) -> "PromiseQuerySet":
        """Load all that a list shows, in two queries: promises, renegotiations."""
        return self.select_related(
            "account__market__region", "contact", "owner", "made_by", "settled_by"
        ).prefetch_related("changes__changed_by")


class AgreementLinkQuerySet(models.QuerySet["AgreementLink"]):
    """Links to agreements of the organization in force."""

    def working(self, *, at: dt.datetime) -> "AgreementLinkQuerySet":
        """Keep those that open an agreement at ``at`` (UTC): nobody ended them, in any way."""
        return self.filter(
            revoked_at=None,
            expires_at__gt=at,
            contact__isnull=False,
            account__archived_at__isnull=True,
        )

    def over(self, *, at: dt.datetime) -> "AgreementLinkQuerySet":
        """Keep those that open nothing any more at ``at`` (UTC)."""
        return self.exclude(pk__in=self.working(at=at).values("pk"))


class ContactConsentQuerySet(models.QuerySet["ContactConsent"]):
    """Consents of the organization in force."""

    def latest_of(self, addresses: Iterable[str]) -> "ContactConsentQuerySet":
        """Keep what holds for each address now: the latest that was noted, a no before a yes."""
        wanted = {address.lower() for address in addresses}
        return (
            self.filter(email__in=wanted)
            .order_by("email", "-noted_at", "-state", "-id")
            .distinct("email")
        )
